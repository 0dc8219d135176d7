"""A run on the terminal: targets first, then the main KPIs with their intervals, then where the rest is."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from rich import box
from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from simulation.experiments.result import Result
from simulation.metrics import KPIS, Verdict
from simulation.metrics.cost import currency
from simulation.metrics.measure import EVERYTHING, Segment, Summary
from simulation.metrics.targets import Judgement
from simulation.reports import seconds_text, value_text
from simulation.statistics import Interval
from simulation.statistics.intervals import t_quantile

CUSTOMERS = (
    "contacts", "service_level", "asa.mean", "abandonment", "blocking", "first_response_time.mean", "deadline_met",
    "resolution_time.mean", "solved", "fcr", "csat", "containment", "contacts_per_case", "backlog",
)  # fmt: skip
"""What customers meet: the rows of the first table."""
AGENTS = ("agents", "occupancy", "utilization", "handling_time.mean", "overtime", "paid_hours")
COST = ("cost", "cost_per_contact", "cost_per_solved_case")
MARKS = {Verdict.met: ("✓", "green"), Verdict.missed: ("✗", "bold red"), Verdict.undecided: ("?", "yellow")}
PLAIN = {"✓": "+", "✗": "x", "○": "o"}
"""For terminals that cannot show the others."""
CARRIED = ("share", "s")
"""Units that are said with every number; the others stand beside the metric."""
GLUED = {0xA0: " ", 0x202F: " "}
"""Spaces at which no line may break."""
MOST_REPLICATIONS = 10_000
LISTED = ("report.html", "kpis.csv", "tables", "summary.json", "scenario.yaml")


class PlainConsole(Console):
    """A console that leaves a broken pipe to its caller."""

    def on_broken_pipe(self) -> NoReturn:
        """Pass the error on, which is being handled when this is called."""
        raise


class Row(NamedTuple):
    """A metric on everything and on each part; None where there is no data."""

    label: Text
    whole: Summary
    parts: list[Summary | None]


def show(console: Console, result: Result, folder: Path) -> None:
    """Print all about a run."""
    console.print(_headline(result), "", sep="\n")
    for block in (*targets_block(result, console), *kpi_blocks(result, console)):
        console.print(block)
    for line in closing_lines(result, folder):
        console.print(line, soft_wrap=True)


def _headline(result: Result) -> Text:
    scenario = result.scenario
    many = "1 replication" if result.replications == 1 else f"{result.replications:,} replications"
    days = (scenario.horizon - scenario.warm_up) / 86_400
    return Text.assemble((scenario.name, "bold"), f": {many} of {days:,.3g} {'day' if days == 1 else 'days'}, seed {scenario.seed}")


# -- targets ----------------------------------------------------------------------------------------


def targets_block(result: Result, console: Console) -> Iterator[RenderableType]:
    """The verdict on each target with what was observed, and what would decide the undecided ones."""
    if not result.judgements:
        yield Text("The scenario has no targets.\n")
        return
    yield Text(_verdicts_in_words(result.judgements), "bold")
    table = _targets_table(result, console)
    yield table if _fits(table, console) else _targets_table(result, console, narrow=True)
    yield from map(Text, hints(result.judgements, result.replications))
    yield Text()


def _verdicts_in_words(judgements: Sequence[Judgement]) -> str:
    counts = {verdict: sum(one.verdict is verdict for one in judgements) for verdict in MARKS}
    return "Targets: " + ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items() if count)


def _targets_table(result: Result, console: Console, narrow: bool = False) -> Table:
    """Verdict, name, expression, what was observed; the expression below the name on a narrow console."""
    marks = stand_ins(console.encoding)
    table = new_table("", *(["target"] if narrow else ["target", ""]), ">observed", "95 % interval")
    for one in result.judgements:
        mark, style = MARKS[one.verdict]
        unit = KPIS[one.target.metric.kpi].unit.replace("money", currency(result.scenario))
        verdict = Text(f"{marks.get(mark, mark)} {one.verdict.value}", style)
        target = [f"{one.target.name}\n{one.target.text}"] if narrow else [one.target.name, one.target.text]
        between = Text(compact(one.interval.low, one.interval.high, unit), "dim")
        table.add_row(verdict, *target, spoken(one.interval.mean, unit), between)
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
    """Replications, to two digits, after which the interval might leave the bound out; None where nothing can be said.

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
    found = {(_name(one), one.segment): one for one in result.summaries}
    channels, teams = list(result.scenario.channels), list(result.scenario.teams)
    yield from _block("Customers", rows_of(found, CUSTOMERS, "channel", channels), channels, console)
    yield from _block("Agents and cost", rows_of(found, AGENTS + COST, "team", teams), teams, console)


def rows_of(found: dict[tuple[str, Segment], Summary], names: Iterable[str], dimension: str, labels: list[str]) -> list[Row]:
    """The rows of those KPIs that the run has."""
    rows = []
    for name in names:
        whole = found.get((name, EVERYTHING))
        if whole is not None:
            parts = [found.get((name, ((dimension, label),))) for label in labels]
            rows.append(Row(_label(whole), whole, parts))
    return rows


def _name(one: Summary) -> str:
    return re.sub(r"\(.*?\)", "", str(one.metric))


def _block(title: str, rows: list[Row], labels: list[str], console: Console) -> Iterator[RenderableType]:
    """One table if it fits the console; else everything first and the parts, as many as fit, below."""
    parts = labels if len(labels) > 1 else []
    whole = _kpi_table(title, rows, parts)
    if _fits(whole, console):
        yield from (whole, Text())
        return
    yield from (_kpi_table(title, rows, []), Text())
    yield from _parts(rows, parts, console)


def _parts(rows: list[Row], labels: list[str], console: Console) -> Iterator[RenderableType]:
    rows = [row for row in rows if any(row.parts)]
    shown = len(labels)
    while shown > 1 and not _fits(_parts_table(rows, labels[:shown]), console):
        shown -= 1
    yield _parts_table(rows, labels[:shown])
    if shown < len(labels):
        yield Text(f"In kpis.csv as well: {', '.join(labels[shown:])}", "dim")
    yield Text()


def _kpi_table(title: str, rows: list[Row], labels: list[str]) -> Table:
    table = new_table(title, ">all", "95 % interval", *(f">{label}" for label in labels))
    for row in rows:
        seen = row.whole.interval
        between = Text(_bare(compact(seen.low, seen.high, row.whole.unit), row.whole.unit), "dim")
        cells = [_value(row.whole), between, *(_value(part) for part in row.parts[: len(labels)])]
        table.add_row(row.label, *cells)
    return table


def _parts_table(rows: list[Row], labels: list[str]) -> Table:
    table = new_table("", *(f">{label}" for label in labels))
    for row in rows:
        table.add_row(row.label, *(_value(part) for part in row.parts[: len(labels)]))
    return table


def _value(part: Summary | None) -> str:
    return "" if part is None else _bare(spoken(part.interval.mean, part.unit), part.unit)


def _label(one: Summary) -> Text:
    """The metric as a target would name it, with its unit unless the numbers carry it."""
    unit = "" if one.unit in CARRIED else _unit_words(one.unit).removeprefix("h ")
    return Text.assemble(str(one.metric).removesuffix(".mean"), (f" {unit}" if unit else "", "dim"))


def _bare(text: str, unit: str) -> str:
    """A number or interval without the unit that the row's label states."""
    return text if unit in CARRIED else text.removesuffix(f" {_unit_words(unit)}")


def _unit_words(unit: str) -> str:
    return spoken(1.0, unit).partition(" ")[2]


def compact(low: float, high: float, unit: str) -> str:
    """An interval, cut at what is possible, with its unit said once: 38.9–46.0 %; empty where there is none."""
    if math.isnan(low) or math.isnan(high):
        return ""
    first = spoken(max(low, 0.0), unit)
    second = spoken(max(0.0, min(high, 1.0) if unit == "share" else high), unit)
    number, _, said = first.partition(" ")
    same = number == "0" or not said or second.endswith(f" {said}")
    return f"{number}–{second}" if same else f"{first} – {second}"


def spoken(value: float, unit: str) -> str:
    """A value with its unit, e.g. 74.4 %."""
    return plain(value_text(value, unit))


def plain(text: str) -> str:
    """A text with common spaces only, as tools that read the output expect."""
    return text.translate(GLUED)


# -- the rest ---------------------------------------------------------------------------------------


def closing_lines(result: Result, folder: Path) -> Iterator[Text]:
    """How long it took, and where everything is."""
    rate = result.simulated / max(result.wall_seconds, 1e-9)
    contacts = f"{result.simulated:,} contacts in {plain(seconds_text(result.wall_seconds))} ({rate:,.0f} a second)"
    yield Text(f"Simulated {contacts}.")
    there = ", ".join(name + "/" * (folder / name).is_dir() for name in LISTED if (folder / name).exists())
    yield Text.assemble("Results: ", (f"{folder}/", "bold"), f" ({there})")


def stand_ins(encoding: str) -> dict[str, str]:
    """What to write for the marks that an encoding does not have."""
    return {mark: plain for mark, plain in PLAIN.items() if not _has(encoding, mark)}


def _has(encoding: str, mark: str) -> bool:
    try:
        mark.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def new_table(*headings: str) -> Table:
    """A table without frame; a heading that begins with > is of a column of numbers."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for index, heading in enumerate(headings):
        number = heading.startswith(">")
        table.add_column(
            heading.removeprefix(">"), justify="right" if number else "left", no_wrap=number or not index,
            overflow="fold", vertical="top",
        )  # fmt: skip
    return table


def _fits(table: Table, console: Console) -> bool:
    return Measurement.get(console, console.options.update(max_width=10_000), table).maximum <= console.width

