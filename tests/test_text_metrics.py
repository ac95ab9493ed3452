"""Texts alike and unlike, by hand-counted cases and by the packages that define BLEU and ROUGE."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.errors import UsageError
from neurosym.metrics.text import bleu, exact_match, rouge, squad_words, token_f1, words

TEXT = st.text(alphabet="ab -.1\n", max_size=30)


@pytest.mark.parametrize(
    ("said", "reference", "same", "f1"),
    [
        ("the cat sat", "the cat sat", True, 1.0),
        ("cat  the\nsat", "the cat sat", False, 1.0),
        ("x = -1", "x = 1", False, 2 / 3),
        ("a b", "a c", False, 0.5),
        ("a a a b", "a", False, 2 * 0.25 / 1.25),
        ("a", "b", False, 0.0),
        ("", "b", False, 0.0),
        ("a", "", False, 0.0),
        ("", " \n", True, 1.0),
    ],
)
def test_words_as_they_stand(said, reference, same, f1):
    assert exact_match(said, reference) is same
    assert token_f1(said, reference) == pytest.approx(f1)


def test_prose_as_squad_compares_it():
    assert squad_words("The Cat, an  owl & a dog!") == ["cat", "owl", "dog"]
    assert exact_match("the Eiffel Tower.", "Eiffel tower", squad_words)
    assert not exact_match("the Eiffel Tower.", "Eiffel tower")
    # The precision is 2 of 3, the recall 2 of 2.
    assert token_f1("in the Eiffel Tower", "Eiffel tower", squad_words) == pytest.approx(0.8)
    assert token_f1("the", "a", squad_words) == 1 and token_f1("the", "cat", squad_words) == 0


def test_signs_are_why_formal_answers_are_not_compared_as_prose():
    assert token_f1("-1 2", "1 -2", squad_words) == 1 and token_f1("-1 2", "1 -2") == 0


@settings(max_examples=200, deadline=None, derandomize=True)
@given(TEXT, TEXT)
def test_likeness_is_symmetric_and_bounded(said, reference):
    for split in (words, squad_words):
        f1 = token_f1(said, reference, split)
        assert 0 <= f1 <= 1 and f1 == token_f1(reference, said, split)
        assert f1 == 1 or not exact_match(said, reference, split)
        assert token_f1(said, said, split) == 1 and exact_match(said, said, split)


def test_a_megabyte_is_no_trouble():
    assert token_f1("the a " * 200_000, "b", squad_words) == 0


SAID = ["pick up block a and put it on block b", "the plan moves two trucks"]
REFERENCES = ["pick up the block a and put it on block c", "the plan moves two trucks"]


def test_bleu_is_sacrebleus():
    sacrebleu = pytest.importorskip("sacrebleu")
    assert bleu(SAID, REFERENCES) == sacrebleu.BLEU().corpus_score(SAID, [REFERENCES]).score
    assert bleu(REFERENCES, REFERENCES) == pytest.approx(100) and bleu([], []) is None
    assert bleu(["x"], ["a b c d e"]) == 0


def test_rouge_by_hand():
    pytest.importorskip("rouge_score")
    found = rouge(["a b c"], ["a c d e"])
    assert found == pytest.approx({"rouge1": 4 / 7, "rouge2": 0, "rougeL": 4 / 7})
    assert rouge(["a b c", "x"], ["a c d e", "x"])["rouge1"] == pytest.approx((4 / 7 + 1) / 2)
    assert rouge([], []) is None


@pytest.mark.parametrize(("measure", "package"), [(bleu, "sacrebleu"), (rouge, "rouge_score.rouge_scorer")])
def test_a_missing_package_is_one_line_that_says_what_to_install(monkeypatch, measure, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=r"pip install 'neurosym-engine\[text-metrics\]'"):
        measure(["a"], ["a"])


@pytest.mark.parametrize("measure", [bleu, rouge])
def test_each_text_has_its_reference(measure):
    with pytest.raises(ValueError, match="2 texts and 1 references"):
        measure(["a", "b"], ["a"])
