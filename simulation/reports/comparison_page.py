"""A comparison as a page: targets by scenario, the differences of each metric as a figure, and every number in tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import plotly.graph_objects as go

from simulation.experiments.compare import Comparison
from simulation.metrics.differences import Change, Difference
from simulation.metrics.kpi import Metric
from simulation.metrics.measure import Segment
from simulation.metrics.targets import Judgement
from simulation.reports import NOTHING, metric_title, segment_words, within
from simulation.reports.comparison import LOOKS, by_importance
from simulation.reports.console import length_text, signed, spoken
from simulation.reports.figures import (
    COLOURS,
    FAINT,
    INK,
    Drawing,
    axis_title,
    layout,
    name_rows,
    shown_name,
    time_unit,
)
from simulation.reports.markup import GLUE, Shown, Table
from simulation.reports.sheet import NAME, Section, table, write_sheet
from simulation.reports.stopping import ending
from simulation.reports.terminal import MARKS, hanging_together

MOST_SCENARIOS, MOST_FIGURES, FEW = 40, 16, 3
"""Scenarios in a figure; figures; scenarios that the first sentences speak of one by one."""
COLOUR = {Change.better: "#00795a", Change.worse: "#c14a00", Change.more: COLOURS[0], Change.less: COLOURS[0]}
UNSURE = "#7d868e"
READING = (
    "By how much each scenario differs from {base}, with its interval. Green is better, orange worse, blue neither; grey is not shown "
    "to differ. {sorted}"
)


def write_page(folder: Path, found: Comparison, again: str) -> None:
    """Write report.html into a folder."""
    base = found.base.scenario
    facts = {
        "Base": base.name,
        "Compared with it": ", ".join(one.scenario.name for one in found.others),
        "Replications": f"{found.base.replications:,} of {length_text(base.horizon - base.warm_up)} each",
        "Seed": f"{base.seed}{'' if found.other_times else ', the same customers in all scenarios'}",
        "Certainty": f"{100 * found.level:g} %, of all intervals of differences at once",
    }
    if (batches := found.batches) is not None:
        facts["Intervals"] = f"from {batches.count} batches of {length_text(batches.seconds)}"
    title = f"{base.name} against {shown_name(found.others[0].scenario.name) if len(found.others) == 1 else f'{len(found.others)} scenarios'}"
    sections = [*_targets(found), _differences(found), _all(found), _how(found)]
    write_sheet(folder / NAME, "Comparison", title, _lead(found), sections, again, facts)


def _lead(found: Comparison) -> str:
    """What is shown, in a few sentences."""
    if len(found.others) <= FEW:
        return " ".join(_sentence(one.scenario.name, _of(found, one.scenario.name)) for one in found.others)
    shown = {one.scenario for one in found.found if one.verdict in COLOUR}
    better = {one.scenario for one in found.found if one.verdict is Change.better}
    same = len(found.others) - len(shown)
    are = ["is" if many == 1 else "are" for many in (len(better), same)]
    return (
        f"Of {len(found.others)} scenarios, {len(better)} {are[0]} shown to be better than {found.base.scenario.name} in something, "
        f"and {same} {are[1]} not shown to differ."
    )


def _sentence(name: str, found: Sequence[Difference]) -> str:
    sides = {way: [one for one in found if one.verdict is way][:FEW] for way in (Change.better, Change.worse)}
    parts = [
        f"{way.value}: {', '.join(f'{within(_words(one))} {signed(one.change.mean, one.unit)}' for one in some)}"
        for way, some in sides.items()
        if some
    ]
    return f"{name} is {'; '.join(parts)}." if parts else f"{name} is not shown to be better or worse in anything."


def _of(found: Comparison, name: str) -> list[Difference]:
    """The differences of a scenario, those that are asked for most first."""
    return by_importance([one for one in found.found if one.scenario == name])


def _words(one: Difference) -> str:
    segment = segment_words(one.segment)
    return metric_title(str(one.metric)) + (f", {segment}" if segment else "")


def _targets(found: Comparison) -> Iterator[Section]:
    names = list(dict.fromkeys(name for one in found.results for name in one.verdicts()))
    if names:
        rows = []
        for result in found.results:
            judged = {one.target.name: one for one in result.judgements}
            units = {(one.metric, one.segment): one.unit for one in result.summaries}
            rows.append(
                [result.scenario.name, *(_judged(judged[name], units) if name in judged else NOTHING for name in names)]
            )
        said = "✓ met, ✗ missed, ? undecided: whether the whole interval of the scenario lies on one side of what is asked."
        yield Section("Targets", [said], tables=[table("Verdicts and observed values", ["Scenario", *names], rows)])


def _judged(one: Judgement, units: Mapping[tuple[Metric, Segment], str]) -> str:
    mark = MARKS[one.verdict][0]
    return f"{mark}{GLUE}{spoken(one.interval.mean, units[one.target.metric, one.target.segment])}"


def _differences(found: Comparison) -> Section:
    """A figure for each metric."""
    keys = by_importance(found.found)[:MOST_FIGURES]
    shown = []
    for number, key in enumerate(keys):
        those = [one for one in found.found if (one.metric, one.segment) == (key.metric, key.segment)]
        ordered = sorted(those, key=lambda one: one.change.mean) if len(found.others) > FEW else those
        left = len(ordered) - MOST_SCENARIOS
        if left > 0:  # the middle is the least telling
            half = MOST_SCENARIOS // 2
            ordered = [*ordered[:half], *ordered[-half:]]
        order = f"The {left} in the middle are left out." if left > 0 else ""
        reading = "" if number and left <= 0 else READING.format(base=found.base.scenario.name, sorted=order).strip()
        title = f"{_words(key)} ({spoken(key.base, key.unit)} in {found.base.scenario.name})"
        shown.append(Shown(f"difference-{number}", title, reading, forest(ordered)))
    apart = found.other_times
    texts = [f"Measured at another time, so with other customers: {', '.join(apart)}."] if apart else []
    if found.batches is not None and found.batches.correlated:
        texts.append(hanging_together(found.batches.correlated))
    texts += [] if found.ended is None else [" ".join(ending(found.ended))]
    return Section("Differences", texts, shown)


def forest(rows: Sequence[Difference]) -> Drawing:
    """Differences of one metric below each other, with their intervals."""
    unit = rows[0].unit
    ends = [abs(end) for one in rows for end in (one.change.mean, one.change.low, one.change.high) if end == end]
    size, word = (
        time_unit(max(ends, default=0.0))
        if unit == "s"
        else (0.01, "percentage points")
        if unit == "share"
        else (1.0, unit)
    )
    places = list(range(len(rows)))
    error = {
        "array": [(one.change.high - one.change.mean) / size for one in rows],
        "arrayminus": [(one.change.mean - one.change.low) / size for one in rows],
        "symmetric": False, "color": INK, "thickness": 1.2, "width": 4,
    }  # fmt: skip
    marks = go.Scatter(
        x=[one.change.mean / size for one in rows], y=places, mode="markers", error_x=error, hoverinfo="skip",
        marker={"size": 9, "color": [COLOUR.get(one.verdict, UNSURE) for one in rows], "symbol": "diamond"},
    )  # fmt: skip
    figure = go.Figure(marks, layout(100 + 26 * len(rows), top=28))
    labels = [f"{shown_name(one.scenario, 34)}  {signed(one.change.mean, unit)}" for one in rows]
    figure.update_layout(showlegend=False, hovermode=False)
    name_rows(figure, labels)
    figure.update_xaxes(zeroline=True, zerolinecolor=FAINT, zerolinewidth=2, title=axis_title(word))
    told = [one for one in rows if one.verdict in COLOUR]
    said = "; ".join(f"{one.scenario} {signed(one.change.mean, unit)} ({one.verdict.value})" for one in told[:FEW])
    more = f", and {len(told) - FEW} more" if len(told) > FEW else ""
    return Drawing(figure, f"Shown to differ: {said}{more}." if told else "No scenario is shown to differ.")


def _all(found: Comparison) -> Section:
    tables = [_table(one.scenario.name, _of(found, one.scenario.name), found) for one in found.others]
    return Section("All differences", tables=tables)


def _table(name: str, rows: Sequence[Difference], found: Comparison) -> Table:
    columns = ["Metric", found.base.scenario.name, name, "Change", "Interval", "Reading", "Variance taken away"]
    looked = found.ended is not None and found.ended.rule.settled
    columns += ["Replications"] * looked
    body = [(*_row(one), *[f"{one.change.n:,}"] * looked) for one in rows]
    return table(f"{name} against {found.base.scenario.name}", columns, body)


def _row(one: Difference) -> tuple[str, ...]:
    known = one.change.low == one.change.low
    ends = f"{signed(one.change.low, one.unit)} … {signed(one.change.high, one.unit)}" if known else NOTHING
    taken = f"{100 * one.reduction:.0f} %" if one.reduction == one.reduction else NOTHING
    reading = f"{LOOKS[one.verdict][0]} {one.verdict.value}"
    return (
        _words(one),
        spoken(one.base, one.unit),
        spoken(one.other, one.unit),
        signed(one.change.mean, one.unit),
        ends,
        reading,
        taken,
    )


def _how(found: Comparison) -> Section:
    return Section(
        "How to read it",
        [
            "All scenarios meet the same customers, replication by replication, so that chance is the same for all and differences "
            "show what the scenarios do. “Variance taken away” is what that saves: at 90 %, one replication tells as much of the "
            "difference as ten with customers of their own would.",
            f"With {100 * found.level:g} % certainty all intervals of differences on this page hold at once. Better or worse: the whole "
            "interval lies on one side of zero. No difference: it holds zero, and all of it is smaller than what matters (one percentage point of shares, "
            "5 % of the base of all else). Undecided: more replications would tell.",
        ],
    )
