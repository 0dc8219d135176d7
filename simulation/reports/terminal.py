"""A run on the terminal: targets first, then the main KPIs with their intervals, then where the rest is."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from simulation.experiments.result import Batches, Result
from simulation.metrics import Verdict
from simulation.metrics.cost import KINDS
from simulation.metrics.industry import Comparison, Reading
from simulation.metrics.kpi import Metric
from simulation.metrics.measure import EVERYTHING, Segment, Summary
from simulation.metrics.targets import Judgement
from simulation.reports import seconds_text
from simulation.reports.console import compact, fits, length_text, new_table, plain, spoken
from simulation.reports.stopping import ending
from simulation.scenario.prices import currency
from simulation.statistics import Interval
from simulation.statistics.intervals import t_quantile

CUSTOMERS = (
    "contacts", "prevented", "deflection", "deflection_claimed", "service_level", "asa.mean", "abandonment", "balking",
    "callback_share", "callback_delay.mean", "promises_kept", "blocking", "first_response_time.mean", "deadline_met",
    "reply_time", "resolution_time.mean", "solved", "fcr", "fcr_measured", "csat", "csat_measured", "retention",
    "complaint_rate", "complaints_in_time", "escalations_for_anger", "escalations_by_clock", "containment", "containment_claimed", "silent_failures", "chasers",
    "misclassified", "contacts_per_case", "backlog",
)  # fmt: skip
"""What customers meet: the rows of the first table."""
AGENTS = (
    "agents", "occupancy", "focus", "utilization", "adherence", "handling_time.mean", "quality", "overtime", "overtime_hours", "time_off_hours",
    "call_ins", "called_in_hours", "standby_hours", "disliked_hours", "quality_reviewed", "review_hours", "coaching_hours",
    "writing_hours", "fatigue.mean", "vacancies", "turnover", "tenure", "paid_hours",
)  # fmt: skip
COST = (
    "cost", *KINDS, "overtime_cost", "on_call_cost", "time_off_saved", "staff_cost_per_stay", "staff_cost_per_resolution",
    "cost_per_contact", "cost_per_solved_case", "cost_in_time", "value_at_risk",
)  # fmt: skip
MARKS = {Verdict.met: ("✓", "green"), Verdict.missed: ("✗", "bold red"), Verdict.undecided: ("?", "yellow")}
READINGS = {
    Reading.better: "green", Reading.worse: "bold red", Reading.above: "", Reading.below: "", Reading.open: "dim",
}  # fmt: skip
CARRIED = ("share", "s")
"""Units that are said with every number; the others stand beside the metric."""
MOST_REPLICATIONS = 10_000
MOST_NAMED = 6
"""Metrics that a warning names."""
Found = dict[tuple[str, Segment], Summary]
LEAST = -1
LAYOUTS = [
    (False, True, 2),
    (False, True, 1),
    *((narrow, False, days) for narrow in (False, True) for days in (2, 1, 0)),
    (True, False, LEAST),
]
"""Of the targets, the first that fits: whether it is narrow, has others' figures, and what it says of the days on which they
held: the share with its interval, the share, nothing; in the least the interval stands below what was observed."""
LISTED = ("report.html", "kpis.csv", "targets.csv", "industry.csv", "tables", "summary.json", "scenario.yaml")


class Row(NamedTuple):
    """A metric on everything, and on those parts (channels, teams) that have data."""

    whole: Summary
    parts: dict[str, Summary]


def show(console: Console, result: Result, folder: Path) -> None:
    """Print all about a run."""
    console.print(_headline(result), *batches_lines(result.batches), "", sep="\n")
    for block in (*targets_block(result, console), *industry_block(result, console), *kpi_blocks(result, console)):
        console.print(block)
    for line in closing_lines(result, folder):
        console.print(line, soft_wrap=True)


def _headline(result: Result) -> Text:
    scenario = result.scenario
    many = "1 replication" if result.replications == 1 else f"{result.replications:,} replications"
    span = length_text(scenario.horizon - scenario.warm_up)
    return Text.assemble((scenario.name, "bold"), f": {many} of {span}, seed {scenario.seed}")


def batches_lines(batches: Batches | None) -> Iterator[Text]:
    """What the intervals of a steady state come from, and whether they can be trusted."""
    if batches is None:
        return
    yield Text(f"Steady state: intervals from {batches.count} batches of {plain(seconds_text(batches.seconds))}")
    if batches.correlated:
        yield Text(hanging_together(batches.correlated), "yellow")


def hanging_together(metrics: Sequence[str]) -> str:
    """The warning of autocorrelation between batches."""
    names = list(dict.fromkeys(re.sub(r"\.(mean|max|p\d+)", "", name) for name in metrics))
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    said = f"Batches hang together (autocorrelation) in {', '.join(names[:MOST_NAMED])}{more}: "
    return f"{said}these intervals may be too narrow; make the horizon longer."


# -- targets ----------------------------------------------------------------------------------------


def targets_block(result: Result, console: Console) -> Iterator[RenderableType]:
    """The verdict on each target with what was observed, and what would decide the undecided ones."""
    if not result.judgements:
        yield Text("The scenario has no targets.\n")
        if result.ended is not None:
            yield Text("\n".join([*ending(result.ended), ""]))
        return
    yield Text(_verdicts_in_words(result.judgements), "bold")
    yield _first_that_fits(
        console,
        *(_targets_table(result, narrow, others, days) for narrow, others, days in LAYOUTS),
    )
    if result.ended is not None:
        yield from map(Text, ending(result.ended, result.settled_after))
    elif result.batches is None:
        yield from map(Text, hints(result.judgements, result.replications))
    elif any(one.verdict is Verdict.undecided for one in result.judgements):
        yield Text("A longer horizon might decide what is undecided.")
    yield Text()


def _verdicts_in_words(judgements: Sequence[Judgement]) -> str:
    counts = {verdict: sum(one.verdict is verdict for one in judgements) for verdict in MARKS}
    return "Targets: " + ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items() if count)


def _first_that_fits(console: Console, *tables: Table) -> Table:
    """The first table that fits the console, or else the last."""
    return next((table for table in tables if fits(table, console)), tables[-1])


def _targets_table(result: Result, narrow: bool, others: bool, days: int) -> Table:
    """Verdict, name, expression, what was observed, days on which it held, others' figures; the expression below the name on
    a narrow console."""
    beside = _beside(result) if others else {}
    theirs = list(dict.fromkeys(whose for whose, *_ in beside))
    table = new_table(
        "",
        *(["target"] if narrow else ["target", ""]),
        *([">observed\n95 % interval"] if days == LEAST else [">observed", "95 % interval"]),
        *(["held on days"] if days > 0 else []),
        *theirs,
    )
    for one in result.judgements:
        mark, style = MARKS[one.verdict]
        unit = one.target.metric.unit.replace("money", currency(result.scenario))
        verdict = Text(f"{mark} {one.verdict.value}", style)
        target = [f"{one.target.name}\n{one.target.text}"] if narrow else [one.target.name, one.target.text]
        between = Text(compact(one.interval.low, one.interval.high, unit), "dim")
        said = [beside.get((whose, one.target.metric, one.target.segment), Text()) for whose in theirs]
        held = [_held(one.days, days)] if days > 0 else []
        observed = Text(spoken(one.interval.mean, unit))
        seen = [observed.append("\n").append(between)] if days == LEAST else [observed, between]
        table.add_row(verdict, *target, *seen, *held, *said)
    return table


def _held(days: Interval | None, much: int) -> Text:
    """On which share of days a target was met."""
    if days is None:
        return Text()
    between = compact(days.low, days.high, "share")
    return Text.assemble(spoken(days.mean, "share"), (f"  {between}", "dim") if much > 1 and between else "")


def _beside(result: Result) -> dict[tuple[str, Metric, Segment], Text]:
    """Others' figures of the metrics of targets, with how they were read."""
    asked = {(one.target.metric, one.target.segment) for one in result.judgements}
    figures = ((one, one.figure.target) for one in result.comparisons)
    return {
        (one.figure.whose, their.metric, their.segment): comparison_words(one)
        for one, their in figures
        if (their.metric, their.segment) in asked
    }


def comparison_words(one: Comparison, between: str = ", ") -> Text:
    """A figure of others and how ours compares: 70 %, better."""
    return Text.assemble(one.figure.value, (f"{between}{one.reading.value}", READINGS[one.reading]))


def industry_block(result: Result, console: Console) -> Iterator[RenderableType]:
    """Our figures beside all of others', and where these come from."""
    if not result.comparisons:
        return
    yield _first_that_fits(console, *(_industry_table(result, between) for between in (", ", "\n")))
    for whose, their in result.scenario.industry.items():
        if their.source:
            yield Text(f"{whose}: {their.source}", "dim")
    yield Text()


def _industry_table(result: Result, between_words: str) -> Table:
    others = list(result.scenario.industry)
    table = new_table("Beside others", ">observed", "95 % interval", *others)
    metrics = dict.fromkeys((one.figure.target.metric, one.figure.target.segment) for one in result.comparisons)
    for metric, segment in metrics:
        mine = [
            one
            for one in result.comparisons
            if (one.figure.target.metric, one.figure.target.segment) == (metric, segment)
        ]
        unit = metric.unit.replace("money", currency(result.scenario))
        said = {one.figure.whose: comparison_words(one, between_words) for one in mine}
        interval = mine[0].interval
        between = Text(compact(interval.low, interval.high, unit), "dim")
        cells = [said.get(whose, Text()) for whose in others]
        table.add_row(mine[0].figure.text, spoken(interval.mean, unit), between, *cells)
    return table


def hints(judgements: Iterable[Judgement], replications: int) -> Iterator[str]:
    """How many replications might decide the undecided targets."""
    undecided = [one for one in judgements if one.verdict is Verdict.undecided]
    if undecided and replications == 1:
        yield "Undecided: one replication gives no interval; try --replications 10."
        return
    needed = {one.target.name: replications_for(one.interval, one.target.bound) for one in undecided}
    said = [f"{number:,} for {name}" for name, number in needed.items() if number]
    if said:
        yield f"More replications might decide: about {', '.join(said)}."


def replications_for(seen: Interval, bound: float) -> int | None:
    """Replications, to two digits, after which the bound might lie outside the interval; None if unknown.

    The half-width shrinks as t(n - 1) / sqrt(n) (Student, 1908) while the mean stays where it is.
    """
    distance = abs(seen.mean - bound)
    if not (distance > 0 and seen.half_width > 0):
        return None
    deviation = seen.half_width * math.sqrt(seen.n) / t_quantile(seen.level, seen.n - 1)
    needed = 10.0
    for _ in range(5):
        needed = max(10.0, (t_quantile(seen.level, needed - 1) * deviation / distance) ** 2)
    step = 10.0 ** max(1, math.floor(math.log10(needed)) - 1)
    return math.ceil(needed / step) * int(step) if needed <= MOST_REPLICATIONS else None


# -- KPIs -------------------------------------------------------------------------------------------


def kpi_blocks(result: Result, console: Console) -> Iterator[RenderableType]:
    """What customers met, by channel, and what agents did, by team, with their cost."""
    found = by_name(result.summaries)
    customers = rows_of(found, CUSTOMERS, "channel", result.scenario.channels)
    yield from _block("Customers", customers, console)
    yield from _block("Agents and cost", rows_of(found, AGENTS + COST, "team", result.scenario.teams), console)


def by_name(summaries: Iterable[Summary]) -> Found:
    """Summaries by KPI and segment: of a KPI that targets ask for with other parameters too, all are of its own one."""
    own: dict[str, Metric] = {}
    return {(_name(one), one.segment): one for one in summaries if one.metric == own.setdefault(_name(one), one.metric)}


def rows_of(found: Found, names: Iterable[str], dimension: str, labels: Iterable[str]) -> list[Row]:
    """The rows of those KPIs that the run has."""
    segments = {label: ((dimension, label),) for label in labels}
    return [
        Row(
            found[name, EVERYTHING],
            {label: found[name, one] for label, one in segments.items() if (name, one) in found},
        )
        for name in names
        if (name, EVERYTHING) in found
    ]


def _name(one: Summary) -> str:
    return re.sub(r"\(.*?\)", "", str(one.metric))


def _block(title: str, rows: list[Row], console: Console) -> Iterator[RenderableType]:
    """One table if it fits the console; else everything first and the parts, as many as fit, below."""
    labels = list(dict.fromkeys(label for row in rows for label in row.parts))
    parts = labels if len(labels) > 1 else []
    whole = _kpi_table(title, rows, parts)
    if fits(whole, console):
        yield from (whole, Text())
        return
    yield from (_kpi_table(title, rows, []), Text())
    yield from _parts(rows, parts, console)


def _parts(rows: list[Row], labels: list[str], console: Console) -> Iterator[RenderableType]:
    shown = len(labels)
    while shown > 1 and not fits(_parts_table(rows, labels[:shown]), console):
        shown -= 1
    yield _parts_table(rows, labels[:shown])
    if shown < len(labels):
        yield Text(f"In kpis.csv as well: {', '.join(labels[shown:])}", "dim")
    yield Text()


def _kpi_table(title: str, rows: list[Row], labels: list[str]) -> Table:
    table = new_table(title, ">all", "95 % interval", *(f">{label}" for label in labels))
    for row in rows:
        table.add_row(_label(row.whole), _value(row.whole), _between(row.whole), *_values(row, labels))
    return table


def _parts_table(rows: list[Row], labels: list[str]) -> Table:
    table = new_table("", *(f">{label}" for label in labels))
    for row in rows:
        if row.parts:
            table.add_row(_label(row.whole), *_values(row, labels))
    return table


def _values(row: Row, labels: list[str]) -> list[str]:
    return [_value(row.parts[label]) if label in row.parts else "" for label in labels]


def _value(one: Summary) -> str:
    return _bare(spoken(one.interval.mean, one.unit), one.unit)


def _between(one: Summary) -> Text:
    return Text(_bare(compact(one.interval.low, one.interval.high, one.unit), one.unit), "dim")


def _label(one: Summary) -> Text:
    """The metric as a target would name it, with its unit unless the numbers carry it."""
    unit = "" if one.unit in CARRIED else _unit_words(one.unit).removeprefix("h ")
    return Text.assemble(str(one.metric).removesuffix(".mean"), (f" {unit}" if unit else "", "dim"))


def _bare(text: str, unit: str) -> str:
    """A number or interval without the unit that the row's label states."""
    return text if unit in CARRIED else text.removesuffix(f" {_unit_words(unit)}")


def _unit_words(unit: str) -> str:
    return spoken(1.0, unit).partition(" ")[2]


# -- the rest ---------------------------------------------------------------------------------------


def closing_lines(result: Result, folder: Path) -> Iterator[Text]:
    """How long it took, and where everything is."""
    rate = result.simulated / max(result.wall_seconds, 1e-9)
    took = plain(seconds_text(result.wall_seconds))
    yield Text(f"Simulated {result.simulated:,} contacts in {took} ({rate:,.0f} a second).")
    there = ", ".join(name + "/" * (folder / name).is_dir() for name in LISTED if (folder / name).exists())
    yield Text.assemble("Results: ", (f"{folder}/", "bold"), f" ({there})")
