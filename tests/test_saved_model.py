"""Saved outputs: both forms are read, and whatever else is in the file is left out, counted and named by its line."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.errors import UsageError
from neurosym.models import Output, Sampling, saved
from neurosym.models.saved import Saved, read_outputs, to_line

ONE, TWO = Sampling(), Sampling(samples=2, temperature=1.0)


def asked(*ids: str) -> list[SimpleNamespace]:
    """Records as far as a file of outputs needs them."""
    return [SimpleNamespace(problem=SimpleNamespace(id=name)) for name in ids]


def answers(file, ids: str, sampling: Sampling = ONE) -> dict[str, tuple[Output, ...]]:
    return {ids[place]: outputs for place, outputs in Saved(file).answer(asked(*ids), sampling)}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "outputs.jsonl"


def test_both_forms_are_read(file):
    file.write_text(
        '{"id": "b", "text": "two", "tokens": 3, "seconds": 0.5, "logprob": -1.5, "who": "ignored"}\n\n'
        '{"id": "a", "outputs": [{"text": "one", "error": null}, {"text": "uno", "error": "cut off"}]}\n'
    )
    found = answers(file, "ab", TWO)
    assert found["a"] == (Output("one"), Output("uno", error="cut off"))
    assert found["b"][0] == Output("two", 3, 0.5, -1.5)
    assert found["b"][1].error == "only 1 of 2 outputs saved"
    assert answers(file, "a") == {"a": (Output("one"),)}, "more outputs than are asked for"


def test_what_is_missing_is_an_error(file):
    file.write_text('{"id": "a", "text": ""}\n{"id": "b", "outputs": []}\n')
    found = answers(file, "abc")
    assert found["a"] == (Output(""),), "an empty text is an answer"
    assert found["b"][0].error and found["c"] == (Output("", error="no output saved"),)


BAD = {
    b"{": "not JSON",
    b'{"id": "a", "text": "cut o': "not JSON",
    b'{"id": "a", "text": "\xff"}': "not UTF-8",
    b"\x00\x01": "not JSON",
    b"[" * 100_000: "nested too deeply",
    b'["a", "text"]': "not an object",
    b'{"text": "x"}': "id of a record",
    b'{"id": 7, "text": "x"}': "id of a record",
    b'{"id": "a"}': "without a text",
    b'{"id": "a", "text": 7}': "without a text",
    b'{"id": "a", "outputs": "x"}': "not a list",
    b'{"id": "a", "outputs": [{"text": "x"}, 7]}': "without a text",
    b'{"id": "a", "text": "x", "tokens": -1}': "out of range",
    b'{"id": "a", "text": "x", "tokens": 1.5}': "not of type int",
    b'{"id": "a", "text": "x", "tokens": true}': "not of type int",
    b'{"id": "a", "text": "x", "tokens": 1' + b"0" * 400 + b"}": "out of range",
    b'{"id": "a", "text": "x", "tokens": 1' + b"0" * 5000 + b"}": "digits",
    b'{"id": "a", "text": "x", "seconds": NaN}': "out of range",
    b'{"id": "a", "text": "x", "seconds": 1e999}': "out of range",
    b'{"id": "a", "text": "x", "seconds": "1"}': "not of type float",
    b'{"id": "a", "text": "x", "logprob": -Infinity}': "out of range",
    b'{"id": "a", "text": "x", "error": 7}': "not of type str",
    b'{"id": "z", "text": "x"}': "was not asked",
    b'{"id": "good", "text": "another"}': "on an earlier line",
}


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_a_bad_line_is_left_out_and_named(file, bad, capsys):
    good = b'{"id": "good", "text": "fine"}\n'
    file.write_bytes(good + bad + b'\n{"id": "last", "text": "fine too"}\n')
    model = Saved(file)
    found = dict(model.answer(asked("a", "good", "last"), Sampling()))
    assert found[1] == (Output("fine"),) and found[2] == (Output("fine too"),) and found[0][0].error
    ((number, why),) = [(line.number, line.error) for line in model.left_out]
    assert number == 2 and BAD[bad] in why
    said, missing = capsys.readouterr().err.splitlines()
    assert "1 lines left out: line 2" in said and len(said) < 500
    assert "no output for 1 of 3 problems" in missing


def test_a_torn_last_line_and_a_long_one_are_left_out(file, monkeypatch):
    monkeypatch.setattr(saved, "LONGEST_LINE", 100)
    long = json.dumps({"id": "a", "text": "x" * 1000}).encode()
    file.write_bytes(long + b'\n{"id": "b", "text": "fine"}\n{"id": "c", "te')
    model = Saved(file)
    found = dict(model.answer(asked("a", "b", "c"), Sampling()))
    assert found[1] == (Output("fine"),) and found[0][0].error and found[2][0].error
    assert [(line.number, line.error[:11]) for line in model.left_out] == [(1, "longer than"), (3, "not JSON (U")]


def test_a_megabyte_of_text_is_read_at_once(file):
    file.write_bytes(b"".join(to_line(name, [Output("(" * (1 << 20))]) for name in "abcd"))
    start = time.thread_time()
    assert all(len(output.text) == 1 << 20 for (output,) in answers(file, "abcd").values())
    assert time.thread_time() - start < 1


def test_many_bad_lines_are_counted_in_one_line(file, capsys):
    file.write_text("junk\n" * 1000)
    answers(file, "a")
    said, _ = capsys.readouterr().err.splitlines()
    assert "1000 lines left out" in said and "line 5" in said and "line 6" not in said


def test_no_file_is_one_clear_line(tmp_path):
    with pytest.raises(UsageError, match="no file of outputs"):
        Saved(tmp_path / "nothing")
    with pytest.raises(UsageError, match="no file of outputs"):
        Saved(tmp_path)


surrogates = st.text(st.characters() | st.characters(categories=["Cs"]))
outputs = st.builds(
    Output,
    surrogates,
    st.integers(0, 10**9),
    st.floats(0, 1e9),
    st.none() | st.floats(-1e9, 1e9),
    surrogates,
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.dictionaries(surrogates, st.lists(outputs, max_size=3), max_size=3))
def test_what_is_written_is_read(tmp_path_factory, said):
    file = tmp_path_factory.getbasetemp() / "written.jsonl"
    file.write_bytes(b"".join(to_line(name, each) for name, each in said.items()))
    assert {line.id: list(line.outputs) for line in read_outputs(file)} == said


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.binary(max_size=60) | st.sampled_from(sorted(BAD, key=len)[:20]), max_size=5))
def test_no_file_at_all_ends_the_reading(tmp_path_factory, parts):
    file = tmp_path_factory.getbasetemp() / "junk.jsonl"
    file.write_bytes(b"\n".join(parts) + b'\n{"id": "last", "text": "fine"}\n')
    *_, last = read_outputs(file)
    assert (last.id, last.outputs) == ("last", (Output("fine"),))
