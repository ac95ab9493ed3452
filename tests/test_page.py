"""The page of evaluations: whole, self-contained, the same every time, and deaf to hostile text."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from math import log
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.core import Reason, Verdict
from neurosym.errors import UsageError
from neurosym.evaluation.examples import Example, Said, examples
from neurosym.evaluation.fields import dicts, is_number, items, share_under, under
from neurosym.evaluation.judged import Answer, Asked, judge_outputs, to_line
from neurosym.evaluation.page import page, sentences, visible, write_page
from neurosym.evaluation.plots import plots, seconds_in_words
from neurosym.evaluation.scores import score
from neurosym.metrics.costs import seconds_per_proved
from neurosym.models import Output
from neurosym.models.saved import to_line as outputs_line
from neurosym.rows import to_table

matplotlib = pytest.importorskip("matplotlib")

HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "--></style></title></svg><svg onload=alert(1)>",
    "]]>&lt;b&gt;<!--",
    "$\\frac{1}{$ $x^2$ {curly} %s",
    "\x00\x1b[31m\u202egnp.exe\ud800\x85",
    "javascript:alert(1)",
)
"""What a model may say to become more than text."""


def answers(rate: int, samples: int, seconds: float = 0.5) -> list[Asked]:
    """Forty problems of two domains, of which about `rate` in ten are proved, with confidences that tell a little."""
    found = []
    for place in range(40):
        said = []
        for sample in range(samples):
            draw = (place * 7 + sample * 3) % 10
            wrong = (Verdict.wrong(), Verdict.malformed(), Verdict.undecided(Reason.TIMEOUT))[draw % 3]
            verdict = Verdict.correct() if draw < rate else wrong
            sure = 0.9 - 0.05 * draw
            said.append(Answer(verdict, exact=draw < 2, f1=0.5, cost=8 if verdict.proved else None, tokens=10,
                               seconds=seconds, logprob=10 * log(sure)))  # fmt: skip
        domain = ("blocksworld", "random_ksat")[place % 2]
        confirmed = True if any(answer.verdict.proved for answer in said) and samples > 1 else None
        found.append(Asked(f"{place:03}", f"form {place}", domain, place, 6, True, tuple(said), confirmed))
    return found


def evaluation(model: str, rate: int, samples: int = 4, seconds: float = 0.5) -> dict[str, object]:
    """evaluation.json of a model that proves about `rate` in ten."""
    made = json.loads(score(model, "forty problems", answers(rate, samples, seconds)).to_json())
    made["effort"]["oracle"] = {"answers": 20, "proved": 20, "seconds": 0.2, "per_answer": 0.01, "per_proved": 0.01}
    return made


BEFORE, AFTER = evaluation("base", 0), evaluation("tuned", 7)


@cache
def whole() -> str:
    """A page with everything."""
    said = Said("base", "No idea", "malformed", "line 1")
    shown = Example("blocksworld", "Which plan?", "(pick-up a)", (said,))
    return page("Before and after", [BEFORE, AFTER], ["tuned proves 70.0 points more than base"], [shown])


HTML_TAGS = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "ul", "li", "div", "table",
             "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "article", "details", "summary",
             "pre", "span", "b"}  # fmt: skip
SVG_TAGS = {"svg", "g", "path", "defs", "use", "clippath", "rect", "style"}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "scope", "role", "aria-label"}


class Reader(HTMLParser):
    """What a browser would find: elements, attributes, and the text outside styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.labels: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, "an element is not closed"

    def handle_starttag(self, tag, attributes):
        in_svg = tag == "svg" or "svg" in self.open
        assert tag in (SVG_TAGS if in_svg else HTML_TAGS), tag
        for name, value in attributes:
            assert not name.startswith("on")
            assert in_svg or name in ATTRIBUTES, (tag, name)
            if name.endswith("href"):
                assert value.startswith("#")
            if name == "id":
                self.ids.append(value)
            if name == "aria-label":
                self.labels.append(value)
        if tag not in ("meta",) and not self.get_starttag_text().endswith("/>"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            assert self.get_starttag_text().endswith("/>"), f"</{tag}> closes nothing"

    def handle_data(self, data):
        if "style" not in self.open and data.strip():
            self.words.append(data.strip())

    def handle_comment(self, data):
        raise AssertionError("comments hold texts that may end them")


def test_the_page_is_whole_and_self_contained():
    found = Reader(whole())
    assert len(found.ids) == len(set(found.ids)) > 20
    assert len(found.labels) == 7 and all(len(label) > 40 for label in found.labels)
    addresses = set(re.findall(r"https?://[^\s\"'<>]+", whole()))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}, "names of XML, never fetched"
    assert "@import" not in whole() and "url(http" not in whole() and "default-src 'none'" in whole()
    assert len(whole()) < 600_000


def test_every_drawing_is_well_formed():
    drawings = re.findall(r"<svg.*?</svg>", whole(), flags=re.DOTALL)
    assert len(drawings) == 7
    for drawing in drawings:
        ElementTree.fromstring(drawing)


def test_the_table_says_what_was_measured():
    words = Reader(whole()).words
    for found in (BEFORE, AFTER):
        validity = share_under(found, "validity")
        assert f"{found['counts']['correct']['value'] * 160:.0f} of 160: {validity}" in words
    assert [words[words.index(metric) + 1] for metric in ("problems", "pass@1", "pass@4")] == [
        "40, 4 answers to each", str(share_under(BEFORE, "pass_at", "1")), str(share_under(BEFORE, "pass_at", "4")),
    ]  # fmt: skip
    metric = words.index("best of 4: proved when judged anew")
    assert words[metric + 1 : metric + 3] == ["–", str(share_under(AFTER, "best_of", "precision"))]
    assert "cost over the oracle's" in words and "1.333, 1.333 at worst" in words
    assert words[words.index("time for each proved answer") + 1] == "none proved"
    assert seconds_in_words(seconds_per_proved(80, 112)) in words
    assert "tuned proves 70.0 points more than base." in words and "timeout" in " ".join(words)


def test_the_drawings_are_also_in_words():
    labels = {label.partition(".")[0]: label for label in Reader(whole()).labels}
    assert list(labels) == [
        "Proved answers", "What became of every answer", "Proved answers by difficulty", "pass@k",
        "Time for each proved answer", "Risk and coverage", "Reliability",
    ]  # fmt: skip
    assert f"all: base 0.0% ({100 * share_under(BEFORE, 'validity').low:.1f}–" in labels["Proved answers"]
    assert "base: " in labels["What became of every answer"] and "% malformed" in labels["What became of every answer"]
    for k in (1, 2, 4):
        assert f"k={k} {share_under(AFTER, 'pass_at', str(k))}" in labels["pass@k"]
    assert "base: none proved; tuned: 714 ms; the oracle: 10 ms" in labels["Time for each proved answer"]
    area = under(AFTER, "calibration", "area_under_risk_coverage")
    assert f"not proved where everything is answered, area {area:.3f}" in labels["Risk and coverage"]
    assert "90% sure, 100% proved" in labels["Reliability"]


def hostile(text: str) -> tuple[dict[str, object], Example]:
    """An evaluation and an example in which everything that others wrote is `text`."""
    found = evaluation(text, 5) | {"questions": text, "reasons": {text: 3}}
    found["by_domain"] = {text: found["by_domain"]["blocksworld"], "other": found["by_domain"]["random_ksat"]}
    found["by_difficulty"] = [level | {"domain": text} for level in found["by_difficulty"]]
    return found, Example(text, text, text, (Said(text, text, text, text), Said(text, text, "wrong", text)))


def test_planted_markup_stays_text():
    found, shown = zip(*map(hostile, HOSTILE), strict=True)
    made = page("".join(HOSTILE), [*found, AFTER], HOSTILE, shown)
    read = Reader(made)
    assert len(read.labels) == 7
    assert "<script" not in made and "<img" not in made and "<svg onload" not in made
    for text in HOSTILE:
        assert sum(visible(text) in words for words in read.words) >= 8
    assert {char for char in made if not char.isprintable()} == {"\n"}
    made.encode()


def test_a_megabyte_is_cut():
    shown = Example("d", "p" * 2**20, "r", (Said("m", "<" * 2**20, "wrong", "[" * 2**20),))
    made = page("t", [evaluation("n" * 2**20, 5) | {"questions": "q" * 2**20}], ["s" * 2**20], [shown])
    assert len(made) < 500_000 and "… (1,048,576 characters)" in made


def test_models_of_one_name_are_told_apart():
    words = Reader(page("t", [AFTER, BEFORE | {"model": "tuned"}, AFTER | {"model": " "}])).words
    place = words.index("tuned")
    assert words[place : place + 3] == ["tuned", "tuned #2", "unnamed"]


def test_the_same_input_gives_the_same_bytes_in_another_process(tmp_path):
    code = "import test_page, sys; sys.stdout.buffer.write(test_page.whole().encode())"
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent)}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, check=True
        )
        assert done.stdout.decode() == whole()


def test_the_users_own_style_neither_shows_nor_changes():
    own = {"font.size": 30.0, "svg.fonttype": "none", "axes.facecolor": "black", "text.parse_math": True}
    with matplotlib.rc_context(own):
        drawn = plots({"base": BEFORE, "tuned": AFTER})
        assert {name: matplotlib.rcParams[name] for name in own} == own
    assert all(plot.svg in whole() for plot in drawn)


@pytest.mark.parametrize("found", [{}, {"model": "m"}, {"model": None, "counts": {}, "validity": None}])
def test_an_evaluation_without_figures_has_no_plots(found):
    assert "<h2>Plots" not in page("t", [found]) and "<h2>In words" not in page("t", [found])
    assert plots({}) == [] and Reader(page("t", []))


@pytest.mark.parametrize("missing", sorted(AFTER))
def test_a_table_leaves_out_what_an_evaluation_lacks(monkeypatch, missing):
    monkeypatch.setattr("neurosym.evaluation.page.plots", lambda named: [])
    lacking = {key: value for key, value in AFTER.items() if key != missing}
    assert len(Reader(page("t", [lacking])).words) > 30
    Reader(page("t", [lacking, AFTER | {missing: None}, BEFORE | {missing: [{}]}]))


@pytest.mark.parametrize("missing", ["by_domain", "counts", "by_difficulty", "pass_at", "calibration", "effort"])
def test_a_plot_leaves_out_what_an_evaluation_lacks(missing):
    lacking = {key: value for key, value in AFTER.items() if key != missing}
    drawn = plots({"whole": BEFORE, "lacking": lacking, "none": AFTER | {missing: None}})
    assert len(drawn) == 7
    without = [plot for plot in drawn if "lacking" not in plot.words and "none:" not in plot.words]
    assert len(without) == {"calibration": 2, "by_domain": 0}.get(missing, 1)
    assert len(plots({"lacking": lacking})) == 7 - len(without)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["value", "low", "high", "of", "x"]), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(JUNK)
def test_no_value_under_a_key_raises(value):
    share = share_under({"a": value}, "a")
    assert share is None or is_number(share.value)
    assert isinstance(dicts(value), list) and isinstance(items(value), list)
    assert under(value, "value", "low", "x") is None or isinstance(value, dict)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "none proved"),
        (0.0, "under 1 µs"),
        (2.5e-6, "2.5 µs"),
        (0.0123, "12.3 ms"),
        (1.0, "1 s"),
        (9876, "9,876 s"),
    ],
)
def test_times_in_words(value, said):
    assert seconds_in_words(value) == said


def test_without_matplotlib_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError, match=r"pip install 'neurosym-engine\[train\]'"):
        page("t", [AFTER])


@pytest.fixture(scope="module")
def folders(lake, tmp_path_factory) -> list[Path]:
    """Two finished evaluations of twelve problems: one model says hostile things, the other the oracle's answers."""
    from pyarrow import parquet

    records = list(lake.records("random_ksat"))[:12]
    made = []
    for model in ("liar", "good"):
        folder = tmp_path_factory.mktemp("evaluations") / model
        folder.mkdir()
        judged, lines = [], b""
        for place, record in enumerate(records):
            texts = {"good": record.completion, "liar": HOSTILE[place % len(HOSTILE)]}
            outputs = (Output(texts[model], 5, 0.1, -1.0),)
            if model == "liar" and place == 3:
                outputs = (Output("", error="503 <script>"),)
            if model == "liar" and place == 4:
                outputs = (Output(record.completion, 5, 0.1, -1.0),)
            judged.append(judge_outputs(record, outputs))
            lines += outputs_line(record.problem.id, outputs)
        (folder / "evaluation.json").write_text(score(model, "twelve problems", judged).to_json())
        (folder / "verdicts.jsonl").write_text("".join(map(to_line, judged)))
        (folder / "outputs.jsonl").write_bytes(lines)
        parquet.write_table(to_table(records), folder / "problems.parquet")
        made.append(folder)
    return made


def test_the_page_of_two_folders(folders):
    path = write_page(folders[1], folders[0])
    assert path == folders[1] / "evaluation.html"
    found = Reader(path.read_text())
    assert sentences(folders)[0].startswith("good proves 91.7 points more than liar (95% interval")
    assert f"{sentences(folders)[0]}." in found.words and "Evaluation of liar, good" in found.words
    assert write_page(folders[1], folders[0]).read_text() == path.read_text()
    alone = Reader(write_page(folders[0]).read_text())
    assert "<script>alert(1)</script>" in alone.words and "In words" not in alone.words


def test_a_sample_has_one_of_each_status_and_every_model(folders):
    found = examples(list(reversed(folders)), most=4)
    assert len(found) == 4 and all([said.model for said in one.said] == ["good", "liar"] for one in found)
    assert {one.said[0].status for one in found} == {"proved"}
    assert {one.said[1].status for one in found} == {"proved", "malformed"}
    assert all(one.prompt.startswith("Find truth values") and one.reference for one in found)
    assert found == examples(list(reversed(folders)), most=4)
    errors = [one.said[1].detail for one in examples(list(reversed(folders)), most=12)]
    assert "no answer: 503 <script>" in errors


def test_folders_of_other_problems_are_shown_and_not_compared(folders, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "evaluation.json").write_text(json.dumps(AFTER))
    (other / "verdicts.jsonl").write_text("".join(map(to_line, answers(7, 4))))
    (said,) = sentences([folders[0], other])
    assert "they share 0 of them" in said


def test_a_folder_without_problems_is_one_line(folders, tmp_path):
    (folder := tmp_path / "torn").mkdir()
    for name in ("evaluation.json", "verdicts.jsonl", "outputs.jsonl"):
        (folder / name).write_bytes((folders[0] / name).read_bytes())
    for content in (None, b"PAR1 torn"):
        if content:
            (folder / "problems.parquet").write_bytes(content)
        with pytest.raises(UsageError, match=r"problems\.parquet cannot be read"):
            write_page(folder)
    with pytest.raises(UsageError, match="no finished evaluation"):
        write_page(tmp_path)
