"""A comparison on the terminal: verdicts on targets by scenario, then what differs from the base, with joint intervals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from simulation.experiments.compare import Comparison
from simulation.metrics.differences import Change, Difference
from simulation.metrics.measure import EVERYTHING, segment_text
from simulation.metrics.targets import Verdict
from simulation.reports.console import fits, length_text, new_table, signed, spoken
from simulation.reports.stopping import ending
from simulation.reports.terminal import MARKS, batches_lines

LOOKS = {
    Change.better: ("▲", "green"), Change.worse: ("▼", "bold red"), Change.more: ("↑", ""), Change.less: ("↓", ""),
    Change.same: ("=", "dim"), Change.undecided: ("?", "yellow"),
}  # fmt: skip
SHOWN = (Change.better, Change.worse, Change.more, Change.less)
Thing = TypeVar("Thing")
NARROW = 14
"""Letters of a scenario's name in a line where it is folded."""
MANY = 12
"""Scenarios from which only what differs is listed."""
BESIDE = 4
"""Scenarios that stand side by side, one column each; more, or where these do not fit, stand one below the other."""
FIRST = (
    "cost", "service_level", "asa", "abandonment", "first_response_time", "resolution_time", "fcr", "csat", "quality",
    "occupancy", "cost_per_solved_case",
)  # fmt: skip
"""Which metrics are shown first where not all fit."""


def show(console: Console, comparison: Comparison, folder: Path) -> None:
    """Print all about a comparison."""
    console.print(_headline(comparison), "", sep="\n")
    for block in (*_targets(comparison, console), *_differences(comparison, console)):
        console.print(block)
    lines: list[RenderableType] = [*batches_lines(comparison.batches)]
    lines += [] if comparison.ended is None else ending(comparison.ended)
    for line in lines:
        console.print(line)
    if apart := comparison.other_times:
        console.print(f"Measured at another time, so with other customers: {', '.join(apart)}")
    console.print(f"All differences and results: {folder}", soft_wrap=True)


def _headline(comparison: Comparison) -> Text:
    base = comparison.base
    many = "1 replication" if base.replications == 1 else f"{base.replications:,} replications"
    span = length_text(base.scenario.horizon - base.scenario.warm_up)
    others = f"{len(comparison.others)} scenario{'s' if len(comparison.others) > 1 else ''}"
    alike = "" if comparison.other_times else ", the same customers in all"
    said = f" against {others}: {many} of {span}{' each' * bool(alike)}, seed {base.scenario.seed}{alike}"
    return Text.assemble((base.scenario.name, "bold"), said)


# -- targets ----------------------------------------------------------------------------------------


def _targets(comparison: Comparison, console: Console) -> Iterator[RenderableType]:
    names = list(dict.fromkeys(name for one in comparison.results for name in one.verdicts()))
    if not names:
        return
    yield Text("Targets", "bold")
    if len(comparison.others) > MANY:
        yield from _other_verdicts(comparison)
    else:
        forms = (False, True) if len(comparison.results) <= BESIDE else ()
        beside = [_targets_beside(comparison, names, fold) for fold in forms]
        fitting = next((table for table in beside if fits(table, console)), None)
        yield from [fitting] if fitting else _in_parts(names, console, lambda few: _marks(comparison, few))
    yield Text()


def _other_verdicts(comparison: Comparison) -> Iterator[RenderableType]:
    """The verdicts on the base, and of all others those that are not the same."""
    base = comparison.base.verdicts()
    table = new_table("", "verdicts")
    table.add_row(comparison.base.scenario.name, _by_verdict(base))
    alike = []
    for one in comparison.others:
        apart = {name: verdict for name, verdict in one.verdicts().items() if base.get(name) is not verdict}
        if apart:
            table.add_row(one.scenario.name, _by_verdict(apart))
        else:
            alike.append(one.scenario.name)
    yield table
    name = comparison.base.scenario.name
    yield Text(
        f"Of the others only verdicts that are not those of {name}."
        + (f" All as in {name}: {', '.join(alike)}." if alike else "")
    )


def _by_verdict(verdicts: Mapping[str, Verdict]) -> Text:
    """Names of targets behind the mark of their verdict: ✓ fast, cheap  ✗ kind."""
    found = Text()
    for verdict, (mark, style) in MARKS.items():
        names = [name for name, one in verdicts.items() if one is verdict]
        if names:
            found.append("  " if found else "").append(mark, style).append(f" {', '.join(names)}")
    return found


def _in_parts(
    things: Sequence[Thing], console: Console, table: Callable[[Sequence[Thing]], Table]
) -> Iterator[RenderableType]:
    """Tables below each other, each of as many of the things as fit."""
    left = list(things)
    while left:
        many = next(n for n in range(len(left), 0, -1) if n == 1 or fits(table(left[:n]), console))
        yield table(left[:many])
        left = left[many:]
        if left:
            yield Text()


def _folded(name: str) -> str:
    """A name in lines of a column's width, broken behind hyphens and underscores where it has any."""
    lines = [""]
    for part in re.findall(r"[^-_]*[-_]|[^-_]+", name):
        if lines[-1] and len(lines[-1]) + len(part) > NARROW:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _targets_beside(comparison: Comparison, names: Sequence[str], fold: bool) -> Table:
    table = new_table("", *(_folded(one.scenario.name) if fold else one.scenario.name for one in comparison.results))
    for name in names:
        table.add_row(name, *(_judged(comparison, index, name) for index in range(len(comparison.results))))
    return table


def _marks(comparison: Comparison, names: Sequence[str]) -> Table:
    """A row a scenario, with the verdicts on some targets."""
    table = new_table("", *names)
    for index, one in enumerate(comparison.results):
        table.add_row(one.scenario.name, *(_judged(comparison, index, name, short=True) for name in names))
    return table


def _judged(comparison: Comparison, index: int, name: str, short: bool = False) -> Text:
    result = comparison.results[index]
    found = next((one for one in result.judgements if one.target.name == name), None)
    if found is None:
        return Text("–", "dim")
    mark, style = MARKS[found.verdict]
    unit = next(
        one.unit for one in result.summaries if (one.metric, one.segment) == (found.target.metric, found.target.segment)
    )
    return Text(mark if short else f"{mark} {spoken(found.interval.mean, unit)}", style)


# -- differences ------------------------------------------------------------------------------------


def _differences(comparison: Comparison, console: Console) -> Iterator[RenderableType]:
    level = f"{100 * comparison.level:g} %"
    yield Text.assemble(
        ("Differences", "bold"),
        f" from {comparison.base.scenario.name}; all intervals hold at once with {level} certainty",
    )
    keys = by_importance(comparison.found)
    by_name = {one.scenario.name: _of(comparison, one.scenario.name) for one in comparison.others}
    forms = (("  ", False), ("\n", False), ("\n", True), ("", True)) if len(by_name) < BESIDE else ()
    beside = [_beside(by_name, keys, between, fold) for between, fold in forms]
    fitting = next((table for table in beside if fits(table, console)), None)
    first = [key for key in keys if key.metric.kpi in FIRST and key.segment == EVERYTHING] or keys
    if len(by_name) > MANY:
        yield from _most_important(by_name, first, console)
    else:
        yield from [fitting] if fitting else _in_parts(first, console, lambda few: _rows(by_name, few))
    yield Text(_legend(comparison.found), "dim")
    yield Text()


def _most_important(
    by_name: Mapping[str, Mapping[Key, Difference]], keys: Sequence[Difference], console: Console
) -> Iterator[RenderableType]:
    """Of as many metrics as fit, the scenarios that are shown to differ in any."""
    apart = {name: found for name, found in by_name.items() if any(one.verdict in SHOWN for one in found.values())}
    yield next(_in_parts(keys, console, lambda few: _rows(apart, few)))
    if alike := [name for name in by_name if name not in apart]:
        yield Text(f"Not shown to differ in anything: {', '.join(alike)}.")


Key = tuple[str, str]


def _key(one: Difference) -> Key:
    return str(one.metric), segment_text(one.segment)


def _of(comparison: Comparison, name: str) -> dict[Key, Difference]:
    return {_key(one): one for one in comparison.found if one.scenario == name}


def by_importance(found: Sequence[Difference]) -> list[Difference]:
    """One difference for each metric and segment, those that are asked for most first."""
    each = list({_key(one): one for one in found}.values())
    order = {kpi: rank for rank, kpi in enumerate(FIRST)}
    return sorted(each, key=lambda one: (one.segment != EVERYTHING, order.get(one.metric.kpi, len(order))))


def _title(one: Difference) -> str:
    """The metric as a target would say it."""
    segment = segment_text(one.segment)
    return str(one.metric).removesuffix(".mean") + (f"{{{segment}}}" if segment else "")


def _beside(by_name: dict[str, dict[Key, Difference]], keys: Sequence[Difference], between: str, fold: bool) -> Table:
    """A column a scenario; `between` the change and its interval, which is left out without it; `fold` names in two lines."""
    table = new_table("", ">base", *(_folded(name) if fold else name for name in by_name))
    for key in keys:
        table.add_row(
            _title(key).replace("{", "\n{") if fold else _title(key),
            spoken(key.base, key.unit),
            *(_cell(found.get(_key(key)), between) for found in by_name.values()),
        )
    return table


def _rows(by_name: Mapping[str, Mapping[Key, Difference]], keys: Sequence[Difference]) -> Table:
    """A row a scenario, with its changes of some metrics."""
    table = new_table("", *(_title(key) for key in keys))
    table.add_row("(base)", *(Text(spoken(key.base, key.unit), "dim") for key in keys))
    for name, found in by_name.items():
        table.add_row(name, *(_cell(found.get(_key(key))) for key in keys))
    return table


def _cell(one: Difference | None, between: str = "") -> Text:
    """The change, and its interval if it is to stand anywhere."""
    if one is None:
        return Text("–", "dim")
    mark, style = LOOKS[one.verdict]
    by = _signed(one.change.mean, one)
    if not between or one.change.low == one.change.high:
        return Text(f"{mark} {by}", style)
    return Text.assemble(
        (f"{mark} {by}", style), (f"{between}{_signed(one.change.low, one)} … {_signed(one.change.high, one)}", "dim")
    )


def _signed(value: float, one: Difference) -> str:
    return signed(value, one.unit)


def _legend(found: Sequence[Difference]) -> str:
    words = {
        Change.better: "better", Change.worse: "worse", Change.more: "more", Change.less: "less",
        Change.same: "no difference that matters", Change.undecided: "undecided: more replications would tell",
    }  # fmt: skip
    seen = {one.verdict for one in found}
    return ", ".join(f"{LOOKS[change][0]} {text}" for change, text in words.items() if change in seen)
