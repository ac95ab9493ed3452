"""Two evaluations of the same problems, matched by id; of other problems, refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from neurosym.core import Reason, Trust, Verdict
from neurosym.errors import UsageError
from neurosym.evaluation.compare import compare, compare_folders, read_asked, read_figures
from neurosym.evaluation.judged import Answer, Asked, to_line
from neurosym.evaluation.scores import score
from neurosym.metrics import paired

PROVED, WRONG = Verdict.correct(), Verdict.wrong()
UNDECIDED = Verdict.undecided(Reason.TIMEOUT)


def asked(name: str, *verdicts: Verdict, form: str = "") -> Asked:
    """A problem with its judged answers."""
    return Asked(name, form or f"form {name}", "d", None, None, False, tuple(Answer(verdict) for verdict in verdicts))


def results(text: str) -> list[Asked]:
    """One problem for each letter: y where it was proved."""
    return [asked(f"{place:03}", PROVED if letter == "y" else WRONG) for place, letter in enumerate(text)]


def test_problems_are_matched_by_id_and_not_by_place():
    first, second = results("yyynnnnn"), results("yynyyyyn")
    found = compare(first, list(reversed(second)), ("A", "B"))
    assert found.answers == compare(first, second, ("A", "B")).answers
    assert (found.answers.both, found.answers.only_first, found.answers.only_second) == (2, 1, 4)
    assert str(found) == paired.sentence(found.answers, "A", "B") and found.best_of is None
    assert str(found).startswith("B proves 37.5 points more than A, which may be chance (95% interval")


def test_what_is_not_proved_does_not_count_whatever_the_reason():
    verdicts = [UNDECIDED, Verdict.malformed(), WRONG, Verdict.correct(trust=Trust.AGREED)]
    first = [asked(str(place), verdict) for place, verdict in enumerate(verdicts)]
    second = [asked(str(place), PROVED) for place in range(4)]
    found = compare(first, second, ("A", "B")).answers
    assert (found.problems, found.only_second) == (4, 4)


def test_renamings_of_a_form_count_once():
    first = [asked(str(place), WRONG, form=str(place // 4)) for place in range(40)]
    second = [asked(str(place), PROVED, form=str(place // 4)) for place in range(40)]
    found = compare(first, second, ("A", "B"))
    assert (found.answers.problems, found.answers.forms) == (40, 10)
    assert found.answers.exact_p == pytest.approx(2 / 2**10)
    assert "sign test by form" in str(found) and "40 problems of 10 forms" in str(found)


def test_the_best_of_k_where_both_have_several_answers():
    first = [asked(str(place), WRONG, WRONG, PROVED) for place in range(20)]
    second = [asked(str(place), WRONG, PROVED) for place in range(20)]
    found = compare(first, second, ("A", "B"))
    assert found.k == 2 and found.answers.neither == 20 and found.best_of.only_second == 20
    assert found.sentences[1].startswith("B, best of 2, proves 100.0 points more than A, best of 2 (95% interval")
    assert compare(results("yn"), results("ny"), ("A", "B")).best_of is None


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("yynn", "yynnyy", "A was asked 4 problems and B 6, and they share 4 of them"),
        ("yynn", "y", "A was asked 4 problems and B 1, and they share 1 of them"),
        ("", "", "A was asked 0 problems and B 0, and they share 0 of them"),
    ],
)
def test_other_problems_are_refused_with_how_many_are_shared(first, second, said):
    with pytest.raises(UsageError, match=said):
        compare(results(first), results(second), ("A", "B"))


def test_equally_many_other_problems_are_refused():
    with pytest.raises(UsageError, match="they share 2 of them"):
        compare(results("yyy"), [*results("yy"), asked("x", PROVED)], ("A", "B"))


def test_a_problem_asked_twice_or_of_two_forms_is_refused():
    with pytest.raises(UsageError, match="B was asked one problem 2 times"):
        compare(results("y"), results("y") * 2, ("A", "B"))
    with pytest.raises(UsageError, match="two canonical forms"):
        compare(results("y"), [asked("000", PROVED, form="other")], ("A", "B"))


def write(folder: Path, model: str, found: list[Asked]) -> Path:
    """The files of a finished evaluation that a comparison reads."""
    folder.mkdir()
    (folder / "evaluation.json").write_text(score(model, "some questions", found).to_json())
    (folder / "verdicts.jsonl").write_text("".join(map(to_line, found)))
    return folder


def test_two_folders(tmp_path):
    before, after = results("nnnnnyyy" * 5), results("yyyynyyy" * 5)
    found = compare_folders(write(tmp_path / "a", "base", before), write(tmp_path / "b", "tuned", after))
    assert found == compare(before, after, ("base", "tuned"))
    assert str(found).startswith("tuned proves 50.0 points more than base (95% interval")


def test_two_runs_of_one_model_are_told_apart(tmp_path):
    folders = write(tmp_path / "a", "m", results("yn")), write(tmp_path / "b", "m", results("yy"))
    found = compare_folders(*folders)
    assert (found.first, found.second) == tuple(f"m ({folder})" for folder in folders)


@pytest.mark.parametrize("damage", ["", "{", "[]", "nonsense", "[" * 100_000, "\udcff"])
def test_a_folder_without_a_finished_evaluation_is_one_line(tmp_path, damage):
    folder = write(tmp_path / "a", "m", results("y"))
    for name in ("evaluation.json", "verdicts.jsonl"):
        whole = (folder / name).read_bytes()
        (folder / name).write_text(damage or "\n", errors="surrogateescape")
        with pytest.raises(UsageError, match=r"evaluat|judged answers") as error:
            (read_figures if name == "evaluation.json" else read_asked)(folder)
        assert "\n" not in str(error.value) and len(str(error.value)) < 500
        (folder / name).write_bytes(whole)
    with pytest.raises(UsageError, match="no such file"):
        compare_folders(folder, tmp_path / "nowhere")
