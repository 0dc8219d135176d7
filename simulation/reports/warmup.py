"""How long a warm-up takes, on the terminal and on a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulation.experiments.warmup import Followed, WarmUp
from simulation.metrics.measure import segment_text
from simulation.reports import figures, metric_title
from simulation.reports.console import length_text, new_table, spoken
from simulation.reports.figures import COLOURS, FAINT, INK, Drawing
from simulation.reports.markup import Shown
from simulation.reports.sheet import NAME, Section, table, write_sheet
from simulation.scenario.schema import DAY
from simulation.statistics.warmup import moving_average

WINDOW = 2
"""Welch's moving average takes so many spans on each side."""
READING = (
    "Each point is a span of {span}, over all replications; the line is Welch's moving average of five. Where the dashed line "
    "stands, the rule begins to measure; where the dotted one stands, the scenario does."
)


def show(console: Console, found: WarmUp, folder: Path) -> None:
    """Print all about a warm-up."""
    console.print(Text.assemble((found.scenario.name, "bold"), f": {_circumstances(found)}"), "", sep="\n")
    console.print(_table(found))
    console.print(Text(), *(Text(line, "bold" if not n else "") for n, line in enumerate(outcome(found))), sep="\n")
    console.print(f"Plots and series: {folder}", soft_wrap=True)


def _circumstances(found: WarmUp) -> str:
    scenario = found.scenario
    many = "1 replication" if scenario.replications == 1 else f"{scenario.replications:,} replications"
    return f"{many} of {length_text(found.bounds[-1])} from an empty center, in spans of {_span(found)}"


def _span(found: WarmUp) -> str:
    return length_text(found.bounds[1] - found.bounds[0])


def _table(found: WarmUp) -> Table:
    shown = new_table("", ">at first", ">after the cut", ">cut")
    for one in found.series:
        shown.add_row(*_row(one, found))
    return shown


def _row(one: Followed, found: WarmUp) -> tuple[str, str, str, str]:
    """Metric, value of the first span, mean of those after the cut, and the cut."""
    known = one.values[~np.isnan(one.values)]
    if one.cut is None or not len(known):
        return title(one), "", "", "too little data"
    later = one.values[one.cut.at :]
    mean = float(later[~np.isnan(later)].mean())
    cut = "not settled" if one.cut.late else length_text(found.bounds[one.cut.at]) if one.cut.at else "none"
    return title(one), spoken(float(known[0]), one.unit), spoken(mean, one.unit), cut


def title(one: Followed) -> str:
    """The metric as a target would say it."""
    segment = segment_text(one.segment)
    return str(one.metric).removesuffix(".mean") + (f"{{{segment}}}" if segment else "")


def outcome(found: WarmUp) -> Iterator[str]:
    """What came of it, and what to do, in sentences."""
    own, suggested = found.scenario.warm_up, found.suggested
    if suggested is None and not found.late:
        yield "Too little data to tell: no metric has it in ten spans; make the horizon longer, or let more replications run."
        return
    if suggested is None:
        names = ", ".join(map(title, found.late))
        yield f"Not settled: {names} still changes in the second half of the run."
        yield "The run is too short to tell, or there is more work than the agents can do; make the horizon longer."
        return
    if not suggested:
        yield "No warm-up is needed: no metric is shown to differ at the start."
    elif found.enough:
        yield f"The scenario's warm-up of {length_text(own)} is enough; {length_text(suggested)} would do."
    else:
        had = f"is {length_text(own)}" if own else "is none"
        yield f"Leave out the first {length_text(suggested)}: warm_up: {length_text(suggested)} (in the scenario it {had})."
    if not own and suggested:
        yield "If the center really starts empty (it opens in the morning), that start is part of the question: keep it."
    yield from _rhythm(found)


def _rhythm(found: WarmUp) -> Iterator[str]:
    """What the rhythm of the work has to do with it."""
    word = "day" if found.cycle == DAY else "week"
    length = found.bounds[1] - found.bounds[0]
    if found.cycle and length % found.cycle:
        yield f"The work repeats every {word}, and the spans are no whole {word}s: some of what changes is the {word} itself."
    elif found.cycle:
        yield f"The work repeats every {word}, so whole {word}s are looked at; a shorter warm-up shows in shorter spans (--every)."


# -- the page -----------------------------------------------------------------------------------------


def write_page(found: WarmUp) -> Callable[[Path], None]:
    """What writes the page of a warm-up into a folder."""

    def write(folder: Path) -> None:
        cuts = table(
            "Where to begin", ["metric", "at first", "after the cut", "cut"], [_row(one, found) for one in found.series]
        )
        reading = READING.format(span=_span(found))
        shown = [
            Shown(f"series-{number}", f"{title(one)}: {metric_title(str(one.metric))}", reading, _drawing(one, found))
            for number, one in enumerate(found.series)
        ]
        first, *others = outcome(found)
        facts = {"Simulated": _circumstances(found), "Rule": "MSER-5 over the mean of the replications"}
        parts = [Section("Where to begin", others, [], [cuts]), Section("Over time", [], shown)]
        again = "Written by supportsim warmup; scenario.yaml beside it has all that is needed."
        write_sheet(folder / NAME, "Warm-up", found.scenario.name, first, parts, again, facts)

    return write


def _drawing(one: Followed, found: WarmUp) -> Drawing:
    """A metric over time, its moving average, and where it is cut."""
    size, unit = _scale(one)
    time_size, time_word = figures.time_unit(found.bounds[-1])
    middle = (np.array(found.bounds[:-1]) + np.array(found.bounds[1:])) / 2 / time_size
    known = np.flatnonzero(~np.isnan(one.values))
    smooth = moving_average(one.values[known], WINDOW) / size
    dots = {"mode": "markers", "marker": {"size": 4, "color": FAINT}, "hovertemplate": "%{y:.4~g}"}
    line = {"mode": "lines", "line": {"color": COLOURS[0], "width": 2}, "hovertemplate": "%{y:.4~g}"}
    figure = go.Figure(
        [
            go.Scatter(x=middle[known], y=(one.values[known] / size).astype(np.float32), name="span", **dots),
            go.Scatter(x=middle[known[: len(smooth)]], y=smooth.astype(np.float32), name="moving average", **line),
        ],
        figures.layout(300, top=figures.HEAD),
    )
    if one.cut is not None and not one.cut.late:
        figure.add_vline(found.bounds[one.cut.at] / time_size, line={"dash": "dash", "color": COLOURS[1], "width": 2})
    figure.add_vline(found.scenario.warm_up / time_size, line={"dash": "dot", "color": INK, "width": 1.5})
    figure.update_xaxes(title=figures.axis_title(f"{time_word} since the start"), rangemode="tozero")
    figure.update_yaxes(title=figures.axis_title(unit))
    return Drawing(figure, f"{title(one)}: cut: {_row(one, found)[3]}.")


def _scale(one: Followed) -> tuple[float, str]:
    if one.unit == "share":
        return 0.01, "%"
    if one.unit == "s":
        return figures.time_unit(float(np.nanmax(one.values)))
    return 1.0, one.unit
