"""Rows and records are inverse to each other; splits follow the canonical form."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.core import Claim, Problem, Reason, Record, Verdict, digest
from neurosym.rows import SPLITS, records, row_digest, split_of, table_digest, to_row, to_table

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(st.none() | st.booleans() | st.integers() | TEXT, lambda j: st.lists(j, max_size=3), max_leaves=6)
VERDICTS = st.sampled_from(
    [Verdict.correct(), Verdict.wrong("x"), Verdict.malformed("é"), *map(Verdict.undecided, Reason)]
)
RECORDS = st.builds(
    Record,
    problem=st.builds(Problem, TEXT, TEXT, st.dictionaries(TEXT, JSON, max_size=3)),
    prompt=TEXT,
    completion=TEXT,
    claim=st.builds(Claim, JSON, JSON, st.dictionaries(TEXT, st.integers(), max_size=3)),
    verdict=VERDICTS,
    canonical_id=TEXT,
    oracle=TEXT,
    oracle_version=TEXT,
    seed_path=TEXT,
    difficulty=st.none() | st.integers(0, 2**62),
)


@settings(deadline=None, derandomize=True)
@given(st.lists(RECORDS, max_size=5))
def test_a_table_gives_back_its_records(made):
    assert list(records(to_table(made))) == made


def test_every_column_counts_in_the_digest():
    record = Record(Problem("d", "k", {}), "p", "c", Claim(1), Verdict.correct(), digest("x"), "o", "1", "[]", 3)
    (row,) = to_table([record]).to_pylist()
    assert row == to_row(record)
    seen = {row_digest(row)}
    for column in row:
        seen.add(row_digest({**row, column: "changed"}))
    assert len(seen) == len(row) + 1


def test_the_digest_of_a_table_does_not_depend_on_how_it_is_stored():
    import pyarrow as pa

    made = [
        Record(Problem("d", "k", {"n": n}), "p", "c", Claim(n), Verdict.correct(), digest("x"), "o", "1", "[]", n)
        for n in range(5)
    ]
    pieces = pa.concat_tables([to_table(made[:2]), to_table(made[2:])])
    assert table_digest(pieces) == table_digest(to_table(made)) != table_digest(to_table(made[::-1]))


def test_splits_are_eight_to_one_to_one():
    shares = Counter(split_of(digest(str(n))) for n in range(10_000))
    assert set(shares) == set(SPLITS)
    assert 7_800 < shares["train"] < 8_200 and 850 < shares["test"] < 1_150 and 850 < shares["validation"] < 1_150
