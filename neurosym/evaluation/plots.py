"""The plots of an evaluation's page, drawn by matplotlib as SVG that stands inside HTML.

Contract: evaluations are plain dicts, as evaluation.json holds them, under names that the caller has made unique and
short; what one lacks is not drawn, and a plot that nobody has data for is left out. The same input gives the same
bytes. Letters are drawn as paths, so that a page looks the same everywhere and no name is markup. Nothing global is
changed.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil, log10
from typing import Any, NamedTuple

from neurosym.errors import UsageError
from neurosym.evaluation.fields import LONGEST_NAME, Share, dicts, is_number, items, share_under, under, visible
from neurosym.metrics.proportions import wilson

COLOURS = ("#1f6fb4", "#c95c00", "#1a7f4b", "#a23b9b", "#6b5b4d", "#00808a", "#c1272d", "#7d6400")
MARKERS = "osD^vPX*"
ORACLE = "#4a5058"
STATUSES = {
    "proved": "#1a7f4b",
    "correct, not proved": "#8fc7a6",
    "wrong": "#c1272d",
    "malformed": "#e0a030",
    "undecided": "#a9b0b8",
}
DARK_STATUSES = ("proved", "wrong")
TEXT, LINE, GRID = "#1b1f24", "#8b939c", "#dfe3e8"
STYLE = {
    "svg.fonttype": "path",
    "svg.hashsalt": "neurosym",
    "text.parse_math": False,
    "font.size": 10,
    "text.color": TEXT,
    "axes.labelcolor": TEXT,
    "axes.edgecolor": LINE,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "grid.color": GRID,
    "xtick.color": TEXT,
    "ytick.color": TEXT,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "legend.handlelength": 1.2,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "figure.constrained_layout.use": True,
}
MOST_POINTS = 200
"""Points of one line; more cannot be told apart."""


@dataclass(frozen=True)
class Plot:
    """A drawing: its heading, how to read it, the same figures in words for who cannot see it, and the SVG element."""

    title: str
    caption: str
    words: str
    svg: str


@dataclass(frozen=True, eq=False)
class _Model:
    """An evaluation with the look that its model has in every plot."""

    name: str
    found: Mapping[str, Any]
    colour: str
    marker: str


class _Drawn(NamedTuple):
    title: str
    caption: str
    words: Iterable[str]
    figure: Any


def plots(evaluations: Mapping[str, Mapping[str, Any]]) -> list[Plot]:
    """Every plot that the evaluations, by the names of their models, have data for.

    Names are drawn as they are: `visible` and short.
    Raises UsageError where matplotlib is not installed.
    """
    looks = [(COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)]) for place in range(len(evaluations))]
    models = [_Model(name, found, *look) for (name, found), look in zip(evaluations.items(), looks, strict=True)]
    made = []
    with _style():
        for number, draw in enumerate(_PLOTS):
            drawn = draw(models)
            if drawn is not None:
                svg = _svg(drawn.figure, f"plot{number}-")
                made.append(Plot(drawn.title, drawn.caption, "; ".join(drawn.words), svg))
    return made


@contextmanager
def _style() -> Iterator[None]:
    """Our style whatever the user's own settings of matplotlib are, and these again afterwards."""
    try:
        import matplotlib
    except ImportError:
        raise UsageError("a page with plots needs matplotlib: pip install 'neurosym-engine[train]'") from None
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


def _svg(figure: Any, prefix: str) -> str:
    """The figure as an SVG element whose ids start with `prefix`, without comments, because these hold texts."""
    sink = io.StringIO()
    figure.savefig(sink, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = re.sub(r"<!--.*?-->", "", sink.getvalue(), flags=re.DOTALL)
    text = text[text.index("<svg") :]
    text = re.sub(r"\bid=\"", f'id="{prefix}', text)
    text = re.sub(r"href=\"#", f'href="#{prefix}', text)
    text = text.replace("url(#", f"url(#{prefix}")
    return re.sub(r"\s*\n\s*", "\n", text).strip()


def _proved(models: Sequence[_Model]) -> _Drawn | None:
    groups: dict[str, list[tuple[_Model, Share]]] = {}
    for model in models:
        domains = items(model.found.get("by_domain"))
        together = [("all", model.found.get("validity"))] if len(domains) != 1 else []
        for name, figures in together + domains:
            if found := share_under(figures):
                groups.setdefault(visible(name, LONGEST_NAME), []).append((model, found))
    if not groups:
        return None
    bars = sum(map(len, groups.values()))
    figure, axes = _figure(height=1.2 + 0.28 * bars + 0.2 * len(groups))
    place = 0.0
    ticks = []
    for bars_of_group in groups.values():
        ticks.append(place + (len(bars_of_group) - 1) / 2)
        for model, found in bars_of_group:
            axes.barh(place, 100 * found.value, color=model.colour, height=0.8)
            axes.plot([100 * found.low, 100 * found.high], [place, place], color=TEXT, linewidth=1.2)
            axes.text(100 * found.high + 1.2, place, f"{100 * found.value:.1f}", va="center", fontsize=9)
            place += 1
        place += 0.7
    axes.set_yticks(ticks, list(groups))
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    _percent(axes, "x", "% proved")
    axes.set_xlim(0, 112)
    _patches(figure, {model.name: model.colour for model in models} if len(models) > 1 else {})
    return _Drawn(
        "Proved answers",
        "The share of all answers that a checker proved. Thin lines are 95% intervals.",
        (f"{name}: {_list(f'{model.name} {found}' for model, found in held)}" for name, held in groups.items()),
        figure,
    )


def _what_became(models: Sequence[_Model]) -> _Drawn | None:
    rows = {model.name: shares for model in models if (shares := _statuses(model.found))}
    if not rows:
        return None
    figure, axes = _figure(height=1.3 + 0.4 * len(rows))
    for place, shares in enumerate(rows.values()):
        left = 0.0
        for status, part in shares.items():
            axes.barh(place, part, left=left, color=STATUSES[status], height=0.66, edgecolor="white")
            if part >= 7:
                colour = "white" if status in DARK_STATUSES else TEXT
                axes.text(left + part / 2, place, f"{part:.0f}", ha="center", va="center", color=colour)
            left += part
    _rows(axes, list(rows))
    _percent(axes, "x", "% of all answers")
    _patches(figure, {name: colour for name, colour in STATUSES.items() if any(row.get(name) for row in rows.values())})
    return _Drawn(
        "What became of every answer",
        "Over the full denominator: malformed and undecided answers count, and only what is proved is taken as right.",
        (
            f"{name}: {_list(f'{part:.1f}% {status}' for status, part in row.items() if part)}"
            for name, row in rows.items()
        ),
        figure,
    )


def _by_difficulty(models: Sequence[_Model]) -> _Drawn | None:
    domains: dict[str, dict[tuple[int, int], dict[str, Share]]] = {}
    for model in models:
        for level in dicts(model.found.get("by_difficulty")):
            low, high, found = under(level, "low"), under(level, "high"), share_under(level, "validity")
            if is_number(low) and is_number(high) and found:
                bins = domains.setdefault(visible(str(level.get("domain", "")), LONGEST_NAME), {})
                bins.setdefault((int(low), int(high)), {})[model.name] = found
    if not domains:
        return None
    columns = min(len(domains), 2)
    rows = -(-len(domains) // columns)
    figure, panels = _figure(height=0.8 + 2.6 * rows, rows=rows, columns=columns)
    flat = list(panels.flat) if len(domains) > 1 else [panels]
    words = []
    for axes, (domain, bins) in zip(flat, sorted(domains.items()), strict=False):
        places = sorted(bins)
        for number, model in enumerate(models):
            nudge = 0.08 * (number - (len(models) - 1) / 2)
            held = [(place, bins[span][model.name]) for place, span in enumerate(places) if model.name in bins[span]]
            if held:
                _line(axes, model, [place + nudge for place, _ in held], [found for _, found in held])
                said = _list(f"{_span(places[place])}: {found}" for place, found in held)
                words.append(f"{domain}, {model.name}: {said}")
        axes.set_xticks(range(len(places)), map(_span, places), fontsize=8)
        axes.set(title=domain, xlabel="difficulty, in the oracle's own steps")
        _percent(axes, "y", "% proved")
    for axes in flat[len(domains) :]:
        axes.remove()
    _legend(figure, flat[: len(domains)], models)
    return _Drawn(
        "Proved answers by difficulty",
        "Each domain's problems in bins of about equally many, from the easiest for its oracle to the hardest.",
        words,
        figure,
    )


def _pass_at_k(models: Sequence[_Model]) -> _Drawn | None:
    lines = {}
    for model in models:
        points = [(int(k), found) for k, figures in items(model.found.get("pass_at"))
                  if k.isdecimal() and (found := share_under(figures))]  # fmt: skip
        if len(points) > 1:
            lines[model] = sorted(points)
    if not lines:
        return None
    figure, axes = _figure()
    for model, points in lines.items():
        ks = [k for k, _ in points]
        axes.plot(
            ks, [100 * found.value for _, found in points], color=model.colour, marker=model.marker, label=model.name
        )
        ends = [100 * found.low for _, found in points], [100 * found.high for _, found in points]
        axes.fill_between(ks, *ends, color=model.colour, alpha=0.15, linewidth=0)
    most = max(points[-1][0] for points in lines.values())
    shown = [2**power for power in range(most.bit_length())]
    axes.set_xscale("log", base=2)
    axes.set_xticks(shown, map(str, shown))
    axes.set_xlabel("k answers")
    _percent(axes, "y", "% of problems with a proved answer")
    _legend(figure, [axes], models)
    return _Drawn(
        "pass@k",
        "The chance that at least one of k answers is proved: what a user gets who lets the checker choose among them.",
        (
            f"{model.name}: {_list(f'k={k} {found}' for k, found in points if k in shown or k == points[-1][0])}"
            for model, points in lines.items()
        ),
        figure,
    )


def _risk_coverage(models: Sequence[_Model]) -> _Drawn | None:
    lines = {}
    for model in models:
        points = [(100 * coverage, 100 * risk) for point in dicts(under(model.found, "calibration", "risk_coverage"))
                  if is_number(coverage := point.get("coverage")) and is_number(risk := point.get("risk"))]  # fmt: skip
        if points:
            lines[model] = [points[place * (len(points) - 1) // (MOST_POINTS - 1)] for place in range(MOST_POINTS)]
    if not lines:
        return None
    figure, axes = _figure()
    words = []
    for model, points in lines.items():
        axes.plot(*zip(*points, strict=True), color=model.colour, label=model.name)
        axes.plot(*points[-1], color=model.colour, marker=model.marker)
        area = under(model.found, "calibration", "area_under_risk_coverage")
        said = f"{model.name}: {points[-1][1]:.1f}% not proved where everything is answered"
        words.append(f"{said}, area {area:.3f}" if is_number(area) else said)
    _percent(axes, "x", "% answered, the surest first")
    _percent(axes, "y", "% of these not proved")
    _legend(figure, [axes], models)
    return _Drawn(
        "Risk and coverage",
        "If the model answered only where it is surest: how many of these answers would not be proved. Lower is "
        "better; on a level line its confidence says nothing.",
        words,
        figure,
    )


def _reliability(models: Sequence[_Model]) -> _Drawn | None:
    lines = {}
    for model in models:
        bins = [(sure, right, count) for held in dicts(under(model.found, "calibration", "reliability"))
                if is_number(sure := held.get("confidence")) and is_number(right := held.get("accuracy"))
                and isinstance(count := held.get("count"), int) and count > 0]  # fmt: skip
        if bins:
            lines[model] = bins
    if not lines:
        return None
    figure, axes = _figure()
    axes.plot([0, 100], [0, 100], color=LINE, linestyle="--", linewidth=1)
    words = []
    for model, bins in lines.items():
        across, total = [100 * sure for sure, _, _ in bins], sum(count for _, _, count in bins)
        shares = [Share(right, *wilson(round(right * count), count), count) for _, right, count in bins]
        _line(axes, model, across, shares)
        heights, sizes = [100 * share.value for share in shares], [20 + 150 * share.of / total for share in shares]
        axes.scatter(across, heights, sizes, color=model.colour, marker=model.marker)
        error = under(model.found, "calibration", "expected_error")
        said = _list(f"{100 * sure:.0f}% sure, {100 * right:.0f}% proved" for sure, right, _ in bins)
        words.append(
            f"{model.name}: {said}" + (f"; expected calibration error {error:.3f}" if is_number(error) else "")
        )
    _percent(axes, "x", "the model's confidence, %")
    _percent(axes, "y", "% proved")
    _legend(figure, [axes], models)
    return _Drawn(
        "Reliability",
        "Of the answers of one confidence, how many are proved. On the dashed line the model knows how good it is, "
        "below it is too sure of itself. Larger marks hold more answers; thin lines are 95% intervals.",
        words,
        figure,
    )


def _time(models: Sequence[_Model]) -> _Drawn | None:
    rows: list[tuple[str, str, Any]] = []
    for model in models:
        if under(model.found, "effort", "model") is not None:
            rows.append((model.name, model.colour, under(model.found, "effort", "model", "per_proved")))
    told = [under(model.found, "effort", "oracle", "per_proved") for model in models]
    rows += [("the oracle", ORACLE, value) for value in told if is_number(value)][:1]
    known = [value for _, _, value in rows if is_number(value) and value > 0]
    if not known:
        return None
    left, right = min(known) / 4, max(known) * 8
    tens = [10.0**power for power in range(ceil(log10(left)), ceil(log10(right)))]
    figure, axes = _figure(height=1.0 + 0.4 * len(rows))
    for place, (_, colour, value) in enumerate(rows):
        if is_number(value) and value > 0:
            axes.plot([left, value], [place, place], color=colour, linewidth=2)
            axes.plot(value, place, color=colour, marker="o", markersize=8)
            axes.text(value * 1.4, place, seconds_in_words(value), va="center", fontsize=9)
        else:
            axes.text(left * 1.1, place, seconds_in_words(value), va="center", fontsize=9, style="italic")
    axes.set(xscale="log", xlim=(left, right), xlabel="time for each proved answer (logarithmic)")
    axes.set_xticks(tens, map(seconds_in_words, tens))
    axes.minorticks_off()
    _rows(axes, [name for name, _, _ in rows])
    return _Drawn(
        "Time for each proved answer",
        "All the time spent, on wrong answers too, over the answers proved, on the machine that ran this.",
        (f"{name}: {seconds_in_words(value)}" for name, _, value in rows),
        figure,
    )


_PLOTS: tuple[Callable[[Sequence[_Model]], _Drawn | None], ...] = (
    _proved,
    _what_became,
    _by_difficulty,
    _pass_at_k,
    _time,
    _risk_coverage,
    _reliability,
)


def seconds_in_words(value: Any) -> str:
    """A time for each proved answer, to three figures, with its unit; None is the time where nothing was proved."""
    if not is_number(value):
        return "none proved"
    if value >= 1000:
        return f"{value:,.0f} s"
    unit, size = ("s", 1.0) if value >= 1 else ("ms", 1e-3) if value >= 1e-3 else ("µs", 1e-6)
    return f"{value / size:.3g} {unit}" if value >= 1e-6 else "under 1 µs"


def _statuses(found: Mapping[str, Any]) -> dict[str, float]:
    """What became of all answers, in percent, with the correct ones that are not proved apart."""
    shares = {
        name: 100 * share.value for name, figures in items(found.get("counts")) if (share := share_under(figures))
    }
    if not shares:
        return {}
    correct, validity = shares.get("correct", 0.0), share_under(found, "validity")
    proved = min(100 * validity.value, correct) if validity else correct
    split = shares | {"proved": proved, "correct, not proved": correct - proved}
    return {status: split[status] for status in STATUSES if status in split}


def _figure(height: float = 3.6, rows: int = 1, columns: int = 1) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, height))
    return figure, figure.subplots(rows, columns)


def _line(axes: Any, model: _Model, across: Sequence[float], shares: Sequence[Share]) -> None:
    """A model's shares with their intervals."""
    axes.plot(
        across, [100 * share.value for share in shares], color=model.colour, marker=model.marker, label=model.name
    )
    for place, share in zip(across, shares, strict=True):
        axes.plot([place, place], [100 * share.low, 100 * share.high], color=model.colour, linewidth=1, alpha=0.7)


def _rows(axes: Any, names: Sequence[str]) -> None:
    """Name horizontal rows, the first at the top."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")


def _percent(axes: Any, axis: str, label: str) -> None:
    axes.set(**{f"{axis}lim": (-3, 103) if axis == "y" else (0, 103), f"{axis}label": label})
    axes.set(**{f"{axis}ticks": range(0, 101, 20)})


def _legend(figure: Any, panels: Sequence[Any], models: Sequence[_Model]) -> None:
    """The models that have a line, where there is more than one model."""
    found = {label: handle for axes in panels for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    names = [model.name for model in models if model.name in found]
    if len(models) > 1:
        figure.legend([found[name] for name in names], names, loc="outside upper left", ncols=_columns(names))


def _patches(figure: Any, colours: Mapping[str, str]) -> None:
    """What colours mean, where they mean anything."""
    from matplotlib.patches import Patch

    if colours:
        handles = [Patch(color=colour, label=name) for name, colour in colours.items()]
        figure.legend(handles=handles, loc="outside upper left", ncols=_columns(list(colours)))


def _columns(names: Sequence[str]) -> int:
    """How many names stand beside each other in a legend as wide as a figure."""
    widest = max(map(len, names), default=0)
    return max(min(len(names), 85 // (widest + 6)), 1)


def _span(ends: tuple[int, int]) -> str:
    return str(ends[0]) if ends[0] == ends[1] else f"{ends[0]}–{ends[1]}"


def _list(parts: Iterable[str]) -> str:
    return ", ".join(parts)
