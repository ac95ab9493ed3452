"""One self-contained HTML page of one or more evaluations: a table, plots, paired comparisons and a sample of answers.

Contract: the page needs no network and no script, and forbids both. Whatever a model, a problem or a file says is
text: it is escaped here, at the one place where text becomes HTML, and characters that cannot be seen are spelled out.
What an evaluation lacks is left out. The same input gives the same bytes.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from neurosym.errors import UsageError
from neurosym.evaluation.compare import compare_folders, read_figures
from neurosym.evaluation.examples import Example, examples
from neurosym.evaluation.fields import LONGEST_NAME, LONGEST_TEXT, Share, is_number, items, share_under, under, visible
from neurosym.evaluation.plots import plots, seconds_in_words
from neurosym.storage import Folder

STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1f24; background: #fff; margin: 2rem auto; max-width: 1180px;
  padding: 0 1.2rem; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 0 0 .3rem; }
.note, figcaption { color: #4a5058; font-size: .9rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
caption { text-align: left; color: #4a5058; font-size: .9rem; padding-bottom: .5rem; }
th, td { padding: .3rem .9rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #dfe3e8; }
thead th { border-bottom: 2px solid #8b939c; } tbody th { font-weight: 400; } td { font-variant-numeric: tabular-nums; }
tr.main th, tr.main td { font-weight: 600; }
.said li { margin: .3rem 0; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 500px), 1fr)); gap: 2rem; }
figure { margin: 0; } figure svg { width: 100%; height: auto; max-width: 620px; }
article { border: 1px solid #dfe3e8; border-radius: 6px; padding: .7rem 1rem; margin: .8rem 0; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; max-height: 18rem; overflow-y: auto; background: #f5f6f8;
  padding: .6rem; margin: .4rem 0; font-size: .85rem; }
.status { display: inline-block; padding: 0 .5rem; border-radius: 4px; color: #fff; background: #4a5058; }
summary { cursor: pointer; }
.proved { background: #1a7f4b; } .wrong { background: #c1272d; } .malformed { background: #8a5a00; }
"""

POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write_page(folder: Path, *before: Path) -> Path:
    """Write evaluation.html into a finished evaluation's folder, with the evaluations `before` beside it; its path.

    Raises UsageError where one of them is not finished, or matplotlib is not installed.
    """
    folders = [*before, folder]
    evaluations = [read_figures(one) for one in folders]
    title = f"Evaluation of {', '.join(_names(evaluations))}"
    made = page(title, evaluations, sentences(folders), examples(folders))
    path = folder / "evaluation.html"
    Folder(folder).write(path.name, made.encode())
    return path


def sentences(folders: Sequence[Path]) -> list[str]:
    """How each evaluation differs from the first, or why they cannot be compared."""
    said: list[str] = []
    for other in folders[1:]:
        try:
            said += compare_folders(folders[0], other).sentences
        except UsageError as error:
            said.append(str(error))
    return said


def page(
    title: str,
    evaluations: Sequence[Mapping[str, Any]],
    said: Sequence[str] = (),
    shown: Sequence[Example] = (),
) -> str:
    """The page of some evaluations, each as evaluation.json holds it, in the order given.

    `said` are the plain sentences of paired comparisons, or whatever else is to be read first; `shown` is a sample of
    answers. Raises UsageError where matplotlib is not installed.
    """
    named = dict(zip(_names(evaluations), evaluations, strict=True))
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{_text(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{_text(title)}</h1>",
            *_asked(evaluations),
            *_sentences(said),
            *_table(named),
            *_plots(named),
            *_examples(shown),
            "</body>\n</html>\n",
        ]
    )


def _asked(evaluations: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What was asked, once for each different set of questions."""
    questions = dict.fromkeys(str(found["questions"]) for found in evaluations if found.get("questions"))
    for asked in questions:
        yield f'<p class="note">Asked: {_text(asked)}.</p>'
    yield (
        '<p class="note">Every answer was judged by the checker that proved the problems\' own answers. Shares are of '
        "all answers, with 95% intervals; what is malformed, undecided or no answer at all counts.</p>"
    )


def _sentences(said: Sequence[str]) -> Iterator[str]:
    if said:
        yield '<h2>In words</h2>\n<ul class="said">'
        yield from (f"<li>{_text(sentence.rstrip('.'))}.</li>" for sentence in said)
        yield "</ul>"


def _table(named: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Metrics down, models across; a metric that no model has is left out."""
    columns = [dict(_metrics(found)) for found in named.values()]
    yield '<h2>Figures</h2>\n<div class="scroll"><table>'
    yield "<caption>Intervals, in brackets, are at 95% and count renamings of one problem as one draw.</caption>"
    yield (
        "<thead><tr><td></td>"
        + "".join(f'<th scope="col">{_text(name)}</th>' for name in named)
        + "</tr></thead>\n<tbody>"
    )
    for metric in _merged(columns):
        kind = ' class="main"' if metric == "proved" else ""
        cells = "".join(f"<td>{_text(column.get(metric, '–'))}</td>" for column in columns)
        yield f'<tr{kind}><th scope="row">{_text(metric)}</th>{cells}</tr>'
    yield "</tbody></table></div>"


def _plots(named: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    drawn = plots(named)
    if drawn:
        yield '<h2>Plots</h2>\n<div class="plots">'
        for plot in drawn:
            described = f"{plot.title}. {plot.words}"
            yield f'<figure>\n<h3>{_text(plot.title)}</h3>\n<div role="img" aria-label="{_text(described, 20_000)}">'
            yield f"{plot.svg}</div>\n<figcaption>{_text(plot.caption)}</figcaption>\n</figure>"
        yield "</div>"


def _examples(shown: Sequence[Example]) -> Iterator[str]:
    if shown:
        yield "<h2>A sample of answers</h2>"
    for example in shown:
        yield f"<article>\n<h3>{_text(example.domain)}</h3>"
        yield f"<details><summary>The question</summary><pre>{_text(example.prompt)}</pre></details>"
        yield f"<details><summary>The oracle's answer</summary><pre>{_text(example.reference)}</pre></details>"
        for said in example.said:
            kind = said.status if said.status in ("proved", "wrong", "malformed") else "undecided"
            yield f'<p><span class="status {kind}">{_text(said.status)}</span> <b>{_text(said.model, LONGEST_NAME)}</b>'
            yield f'<span class="note">{_text(said.detail)}</span></p>\n<pre>{_text(said.text) or "(nothing)"}</pre>'
        yield "</article>"


def _metrics(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The metrics that an evaluation has, each with its figures in words."""
    yield from _counted(found)
    for k in sorted(int(name) for name, _ in items(found.get("pass_at")) if name.isdecimal()):
        if k.bit_count() == 1 and (share := share_under(found, "pass_at", str(k))):
            yield f"pass@{k}", str(share)
    if best := found.get("best_of"):
        k = under(best, "k")
        yield from _shares(best, {"coverage": f"best of {k}, by the checker: answered",
                                  "precision": f"best of {k}: proved when judged anew"})  # fmt: skip
    if share := share_under(found, "optimality", "share"):
        yield "as cheap as the oracle's optimal plan", f"{_of(share)}, of proved plans"
    mean, worst = under(found, "cost_ratio", "mean"), under(found, "cost_ratio", "worst")
    if is_number(mean):
        yield "cost over the oracle's", f"{mean:.3f}" + (f", {worst:.3f} at worst" if is_number(worst) else "")
    yield from _shares(
        found, {"exact_match": "the oracle's very words", "token_f1": "token F1 with the oracle's words"}
    )
    for key, metric in {"expected_error": "expected calibration error", "brier": "Brier score",
                        "area_under_risk_coverage": "area under risk-coverage"}.items():  # fmt: skip
        if is_number(value := under(found, "calibration", key)):
            yield metric, f"{value:.3f}"
    if is_number(value := found.get("perplexity")):
        yield "perplexity of its own answers", f"{value:.3f}"
    if is_number(value := found.get("tokens")) and value:
        yield "tokens", f"{value:,}"
    if is_number(value := under(found, "effort", "model", "per_answer")):
        yield "time for each answer", seconds_in_words(value)
    for who, metric in {"model": "time for each proved answer", "oracle": "the oracle's, here"}.items():
        if under(found, "effort", who) is not None:
            yield metric, seconds_in_words(under(found, "effort", who, "per_proved"))


def _counted(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Problems, and the four counts with what is behind them."""
    problems, forms, samples = found.get("problems"), found.get("forms"), found.get("samples")
    if is_number(problems):
        parts = [f"{problems} of {forms} forms" if is_number(forms) and forms < problems else f"{problems}"]
        parts += [f"{samples} answers to each"] if is_number(samples) and samples > 1 else []
        parts += [f"{found['left_out']} left out: trained on"] if found.get("left_out") else []
        yield "problems", ", ".join(parts)
    if share := share_under(found, "validity"):
        yield "proved", _of(share)
    reasons = ", ".join(f"{count} {reason}" for reason, count in items(found.get("reasons")))
    behind = {
        "undecided": reasons,
        "malformed": f"{found['no_answer']} no answer at all" if found.get("no_answer") else "",
    }
    for status in ("correct", "wrong", "malformed", "undecided"):
        if share := share_under(found, "counts", status):
            why = behind.get(status)
            yield status, f"{_of(share)}; {why}" if why else _of(share)


def _merged(columns: Iterable[Iterable[str]]) -> list[str]:
    """All metrics of the columns, each where the first column that has it has it."""
    rows: list[str] = []
    for column in columns:
        place = 0
        for metric in column:
            if metric not in rows:
                rows.insert(place, metric)
            place = rows.index(metric) + 1
    return rows


def _shares(found: Any, metrics: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, metric in metrics.items():
        if share := share_under(found, key):
            yield metric, str(share)


def _of(share: Share) -> str:
    return f"{round(share.value * share.of)} of {share.of}: {share}" if share.of else str(share)


def _names(evaluations: Iterable[Mapping[str, Any]]) -> list[str]:
    """The models' names, short, visible and different."""
    names: list[str] = []
    for found in evaluations:
        name = visible(str(found.get("model", "")).strip() or "unnamed", LONGEST_NAME)
        others = (f"{name} #{number}" for number in count(2))
        names.append(name if name not in names else next(other for other in others if other not in names))
    return names


def _text(text: str, longest: int = LONGEST_TEXT) -> str:
    """A text as HTML, good inside an element and inside a quoted attribute: the one place where text becomes HTML."""
    return html.escape(visible(text, longest))
