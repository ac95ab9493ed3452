"""The order of training: a function of records, settings and step, whoever asks for which step when."""

from __future__ import annotations

from collections import Counter

import pytest

import neurosym as ns
from neurosym.errors import UsageError
from neurosym.training.order import Epoch, Order
from neurosym.training.packing import Pack
from neurosym.training.settings import settings_of

pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def records(tmp_path_factory) -> list[ns.Record]:
    return list(ns.annotate(ns.domain("blocksworld", blocks=4), count=40, seed=3))


@pytest.fixture(scope="module")
def tokenizer(records):
    from neurosym.models import nano

    return nano.new([text for record in records for text in (record.prompt, record.completion)], seed=0)[1]


@pytest.fixture
def order(records, tokenizer, request):
    made = []

    def of(context: int = 10**6, **settings) -> Order:
        chosen = {"lake": "lake", "steps": 40, "batch_tokens": 600, "pack_length": 300, **settings}
        made.append(Order(records, tokenizer, context, settings_of(chosen)))
        return made[-1]

    yield of
    for each in made:
        each.close()


def seen(order: Order, step: int) -> list[tuple[int, ...]]:
    return [example.tokens for pack in order.of_step(step) for example in pack.examples]


@pytest.mark.parametrize("packing", [True, False])
def test_an_epoch_sees_every_record_once_and_the_next_under_other_names(order, records, packing):
    made = order(packing=packing)
    assert made.steps_an_epoch > 2
    epochs = []
    for epoch in range(3):
        steps = range(epoch * made.steps_an_epoch, (epoch + 1) * made.steps_an_epoch)
        epochs.append(Counter(tokens for step in steps for tokens in seen(made, step)))
        assert epochs[-1].total() == len(records)
    assert not epochs[0] & epochs[1] and not epochs[1] & epochs[2]


def test_without_renaming_epochs_differ_in_their_order_alone(order):
    made = order(rename=False)
    first, second = (
        [tokens for step in range(made.steps_an_epoch) for tokens in seen(made, epoch * made.steps_an_epoch + step)]
        for epoch in range(2)
    )
    assert Counter(first) == Counter(second) and first != second


def test_a_step_is_the_same_whichever_was_asked_for_before(order):
    whole, asked = order(), order()
    expected = [seen(whole, step) for step in range(40)]
    for step in (39, 0, 17, 17, 5, 38, 1):
        assert seen(asked, step) == expected[step]
    assert [seen(order(seed=1), step) for step in range(2)] != expected[:2]


def test_steps_have_about_as_many_tokens_as_were_asked_for(order):
    made = order(batch_tokens=900, pack_length=300)
    tokens = [sum(pack.length for pack in made.of_step(step)) for step in range(made.steps_an_epoch)]
    assert all(600 <= count <= 1500 for count in tokens)
    assert made.tokens == pytest.approx(40 * sum(tokens) / len(tokens), rel=0.01)


def test_epochs_give_the_number_of_steps(order):
    made = order(steps=0, epochs=2.5)
    assert made.steps == round(2.5 * made.steps_an_epoch)
    assert order(steps=0, epochs=0.0001).steps == 1


def test_a_pack_larger_than_a_step_is_a_step(order):
    made = order(batch_tokens=16, pack_length=16, packing=False)
    assert all(len(made.of_step(step)) >= 1 for step in range(40))
    assert sum(len(made.of_step(step)) for step in range(made.steps_an_epoch)) == 40


def test_no_part_of_an_epoch_is_empty():
    from neurosym.training.examples import Example

    packs = [Pack((Example(tuple(range(size)), 1),)) for size in (2, 90, 3, 2, 2)]
    epoch = Epoch(0, packs, 0)
    for parts in (1, 2, 5, 9):
        assert all(len(epoch.part(number, parts)) >= 1 for number in range(parts))
    assert epoch.part(0, 1) == packs


def test_the_next_epoch_is_made_meanwhile_and_only_if_there_is_one(order):
    made = order(steps=100)
    made.of_step(0)
    assert made._next is not None and made._next.result(timeout=60).number == 1
    last = order(steps=3)
    assert last.steps_an_epoch >= 3
    last.of_step(0)
    assert last._next is None


def test_what_breaks_in_the_thread_is_raised_to_whoever_asks(order, monkeypatch):
    made = order(steps=100)
    real = made._made

    def broken(number):
        if number:
            raise MemoryError
        return real(number)

    monkeypatch.setattr(made, "_made", broken)
    made.of_step(0)
    with pytest.raises(MemoryError):
        made.of_step(made.steps_an_epoch)


def test_without_a_thread_the_order_is_the_same(order, monkeypatch):
    expected = [seen(order(), step) for step in range(0, 40, 7)]
    monkeypatch.setattr("threading.Thread.start", lambda thread: (_ for _ in ()).throw(RuntimeError("no thread")))
    made = order()
    assert [seen(made, step) for step in range(0, 40, 7)] == expected and made._next is None


def test_nothing_that_fits_is_refused(order):
    with pytest.raises(UsageError, match="every record is longer than the context of 9 tokens"):
        order(context=9)
