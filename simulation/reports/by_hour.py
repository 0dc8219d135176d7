"""Expected work against the agents on the floor by hour of the day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import RenderableType
from rich.text import Text

from simulation.reports.console import new_table
from simulation.reports.expected import Expectation, Load
from simulation.reports.staff_hours import HOUR, Array
from simulation.units import days_text

IDLE = 0.3
"""Agents who are busy for a smaller share of an hour are called idle."""
NOTABLE = 0.05
"""Load and agents below this (Erlangs) are taken for none."""
DIFFERENT = 0.25
"""Days whose work or staff differ by a larger share, summed over the hours, are different."""
OVER, LEAN = "✗", "○"
HOLIDAY = 7
PER_DAY = 24
NARROWEST = 12


@dataclass(frozen=True)
class DayType:
    """The mean day of some kind. Arrays are by hour of the day (of those that were measured), and by team.

    `contacts` per hour; `load`, `busy` and `floor` in agents, shape (teams, hours); `over` counts the days on
    which the pressing work of that hour was above the agents on the floor; `worst` is both on the worst day,
    shape (2, teams, hours).
    """

    days: tuple[int, ...]
    dates: int
    clock: Array
    contacts: Array
    load: Array
    busy: Array
    floor: Array
    over: Array
    worst: Array

    @property
    def name(self) -> str:
        """Its weekdays, or holidays."""
        weekdays = tuple(day for day in self.days if day < HOLIDAY)
        parts = [days_text(weekdays)] if weekdays else []
        return " and ".join([*parts, "holidays"] if HOLIDAY in self.days else parts)

    def idle(self) -> Array:
        """Whether the agents there are idle, shape (teams, hours)."""
        return (self.floor >= NOTABLE) & (self.busy < IDLE * self.floor)


def day_types(found: Expectation) -> list[DayType]:
    """Weekdays, and holidays, that occur; those that are alike are made one, such as workdays."""
    holidays = found.plan.timeline.holidays
    kinds = np.array([HOLIDAY if date in holidays else date.weekday() for date in found.hours.dates])
    made: list[DayType] = []
    for kind in sorted(set(kinds.tolist())):
        made = _with(found, kinds, made, _day_type(found, kinds, (kind,)))
    return made


def _with(found: Expectation, kinds: Array, made: list[DayType], one: DayType) -> list[DayType]:
    for index, other in enumerate(made):
        if _alike(other, one):
            return [*made[:index], _day_type(found, kinds, (*other.days, *one.days)), *made[index + 1 :]]
    return [*made, one]


def _alike(one: DayType, other: DayType) -> bool:
    """Whether a planner would take two days for the same: in common hours, work and staff differ little."""
    common, mine, its = np.intersect1d(one.clock, other.clock, return_indices=True)
    pairs = ((one.load[:, mine], other.load[:, its]), (one.floor[:, mine], other.floor[:, its]))
    return len(common) > 0 and all(float(abs(a - b).sum()) <= DIFFERENT * max(a.sum(), b.sum()) for a, b in pairs)


def _day_type(found: Expectation, kinds: Array, days: Sequence[int]) -> DayType:
    mine = np.flatnonzero(np.isin(kinds, list(days)))
    clock, seconds = found.hours.clock[mine], found.hours.seconds[mine]
    length = np.bincount(clock, seconds, PER_DAY)
    there = np.flatnonzero(length)

    def mean(values: Array) -> Array:
        made: Array = (np.bincount(clock, values[mine] * seconds, PER_DAY) / np.maximum(length, 1.0))[there]
        return made

    def of_teams(what: Callable[[Load], Array]) -> Array:
        return np.array([mean(what(load)) for load in found.loads])

    return DayType(
        days=tuple(sorted(set(kinds[mine].tolist()))),
        dates=len({found.hours.dates[index] for index in mine}),
        clock=there,
        contacts=mean(found.let_in.sum(axis=(1, 2)) * HOUR / found.hours.seconds),
        load=of_teams(lambda load: load.all),
        busy=of_teams(lambda load: load.busy),
        floor=of_teams(lambda load: load.floor),
        over=np.array([np.bincount(clock, _above(load)[mine], PER_DAY)[there] for load in found.loads]),
        worst=_worst(found, mine, there),
    )


def _above(load: Load) -> Array:
    """Whether the pressing work of each hour is above the agents on the floor."""
    return (load.pressing > load.floor * 1.001) & (load.pressing >= NOTABLE)


def _worst(found: Expectation, mine: Array, there: Array) -> Array:
    """Pressing work and agents of the day on which most agents are lacking, shape (2, teams, hours)."""
    worst = np.zeros((2, len(found.loads), len(there)))
    for team, load in enumerate(found.loads):
        for column, hour in enumerate(there):
            same = mine[found.hours.clock[mine] == hour]
            most = same[np.argmax(load.pressing[same] - load.floor[same])]
            worst[:, team, column] = load.pressing[most], load.floor[most]
    return worst


# -- tables -----------------------------------------------------------------------------------------


def hour_tables(found: Expectation, types: Sequence[DayType], width: int) -> Iterator[RenderableType]:
    """A table for each type of day (several where the teams do not fit side by side)."""
    widest = max([NARROWEST, *(len(load.team) + 2 for load in found.loads)])
    columns = max(1, (width - 20) // (widest + 1))
    for kind in types:
        for first in range(0, len(found.loads), columns):
            yield _table(found, kind, range(first, min(first + columns, len(found.loads))))
            yield Text()


def _table(found: Expectation, kind: DayType, teams: range) -> RenderableType:
    table = new_table(kind.name, ">contacts/h", *(f">{found.loads[team].team}  " for team in teams))
    for first, last, cells in _runs(kind, teams):
        table.add_row(span(kind, first, last), *cells)
    hours = [f"{number(kind.load[team].sum())} / {number(kind.floor[team].sum())}  " for team in teams]
    table.add_row("in all", number(kind.contacts.sum()), *hours, style="bold")
    return table


def _runs(kind: DayType, teams: range) -> list[tuple[int, int, list[str]]]:
    """Rows of the table: first and last hour, and cells; neighbours that look alike are made one."""
    runs: list[tuple[int, int, list[str]]] = []
    for hour in range(len(kind.clock)):
        cells = [number(kind.contacts[hour]), *(_cell(kind, team, hour) for team in teams)]
        if runs and runs[-1][2] == cells and kind.clock[hour] == kind.clock[hour - 1] + 1:
            runs[-1] = (runs[-1][0], hour, cells)
        else:
            runs.append((hour, hour, cells))
    return runs


def _cell(kind: DayType, team: int, hour: int) -> str:
    load, floor = kind.load[team, hour], kind.floor[team, hour]
    mark = OVER if kind.over[team, hour] else LEAN if kind.idle()[team, hour] else ""
    return f"{number(load)} / {number(floor)} {mark:1}" if max(load, floor) >= NOTABLE or mark else "–  "


def span(kind: DayType, first: int, last: int) -> str:
    """A stretch of hours: 08–10 is from 08:00 to 10:00."""
    return f"{kind.clock[first]:02}–{kind.clock[last] + 1:02}"


def number(value: float) -> str:
    """Contacts, agents or Erlangs with one decimal, none above 100; 0 for what is too little to notice."""
    return f"{value:,.0f}" if value >= 99.95 else f"{value:.1f}" if value >= NOTABLE else "0"
