"""The measured rows of a replication, as KPIs see them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from functools import cached_property, wraps
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.demand.outages import outages
from simulation.record.recorder import ContactKind, Outcome
from simulation.record.spans import spread
from simulation.record.tables import WEEKDAYS, Record, Table
from simulation.scenario.schema import DAY, Scenario, Team
from simulation.scenario.timeline import Timeline

Array = npt.NDArray[Any]
DIMENSIONS: dict[str, tuple[str, ...]] = {
    "cases": ("channel", "topic", "segment", "urgency", "source", "weekday", "hour"),
    "contacts": ("channel", "topic", "segment", "urgency", "weekday", "hour"),
    "legs": (
        "channel",
        "topic",
        "segment",
        "urgency",
        "team",
        "tier",
        "site",
        "employer",
        "shift_hour",
        "weekday",
        "hour",
    ),
    "sessions": ("channel", "topic", "segment", "urgency", "bot", "weekday", "hour"),
    "before_bots": ("channel", "topic", "segment", "urgency", "bot", "weekday", "hour"),
    "bot_hours": ("bot", "weekday", "hour"),
    "staffing": ("team", "site", "employer", "weekday", "hour"),
    "tasks": ("team", "topic", "weekday", "hour"),
    "agents": ("team", "site", "employer"),
    "sites": ("site",),
    "prevented": ("channel", "topic", "segment", "urgency", "source", "weekday", "hour"),
    "all_contacts": ("channel", "topic", "segment", "urgency"),
    "all_legs": ("channel", "topic", "segment", "urgency", "tier"),
}
"""By what each table can be sliced; weekday and hour are the center's local time of arrival (or of the hour worked);
`shift_hour` counts from the start of the agent's shift, from 1, where agents tire."""

OF_TEAMS: dict[str, tuple[Callable[[Scenario], Iterable[str]], Callable[[Team], str | None]]] = {
    "site": (lambda scenario: scenario.sites, lambda team: team.site),
    "employer": (lambda scenario: scenario.employers, lambda team: team.employer),
}
"""Dimensions that are a team's: their labels, and a team's label."""

PAST_BOTS = (ContactKind.CALLBACK, ContactKind.CHASER, ContactKind.REOPEN)


class Periods(NamedTuple):
    """Periods of measured time: the one of each interval of the record (-1: not measured), and the measured seconds of each."""

    of: Array
    seconds: Array

    @property
    def many(self) -> int:
        """How many there are."""
        return len(self.seconds)


class View:
    """Tables with only those rows that were measured (warm-up and run-out left out)."""

    def __init__(self, record: Record, scenario: Scenario) -> None:
        self.record = record
        self.scenario = scenario
        self._codes: dict[tuple[str, str], Array] = {}
        self._periods: dict[str, Periods] = {}
        self.known: dict[Callable[[View], Array], Array] = {}

    @cached_property
    def days(self) -> float:
        """Measured days."""
        return self.seconds / DAY

    @cached_property
    def seconds(self) -> float:
        """Measured seconds."""
        start, end = self.record.measured
        return end - start

    @cached_property
    def cases(self) -> Table:
        """Measured cases."""
        return self._measured("cases")

    @cached_property
    def contacts(self) -> Table:
        """Measured contacts."""
        return self._measured("contacts")

    @cached_property
    def legs(self) -> Table:
        """Measured legs."""
        return self._measured("legs")

    @cached_property
    def sessions(self) -> Table:
        """Measured legs with a bot, and which."""
        legs, teams = self.legs, len(self.scenario.teams)
        mine = legs["handler"] >= teams
        rows = {column: values[mine] for column, values in legs.items()}
        return {**rows, "bot": rows["handler"] - teams}

    @cached_property
    def before_bots(self) -> Table:
        """First legs, with a bot or not, of measured contacts that a bot is there for, and which; callbacks and contacts
        about a case in hand meet none."""
        legs, bots = self.legs, list(self.scenario.bots)
        its = np.array([-1 if one.bot is None else bots.index(one.bot) for one in self.scenario.channels.values()])
        bot = its[legs["channel"]]
        mine = (bot >= 0) & (legs["leg"] == 0) & ~np.isin(legs["kind"], PAST_BOTS)
        return {**{column: values[mine] for column, values in legs.items()}, "bot": bot[mine]}

    @cached_property
    def bot_hours(self) -> Table:
        """Measured hours of each bot: seconds of sessions `held`, and of the `places` for them, outages apart."""
        legs, edges, bots = self.all_legs, self.record.edges, list(self.scenario.bots)
        mine = legs["handler"] >= len(self.scenario.teams)
        held = (legs["handler"][mine] - len(self.scenario.teams), legs["answered"][mine], legs["ended"][mine])
        spans = [(n, *span) for n, name in enumerate(bots) for span in outages(self.scenario, "bots", name)]
        out = np.array(spans, dtype=float).reshape(-1, 3).T
        most = np.array([bot.sessions for bot in self.scenario.bots.values()], dtype=float)
        up = np.diff(edges) - spread(out[0].astype(np.int64), out[1], out[2], len(bots), edges)
        bot, interval = np.nonzero(np.ones((len(bots), 1)) * self._measured_hours)
        columns = {"held": spread(*held, len(bots), edges), "places": most[:, None] * up}
        return {"bot": bot, "interval": interval, **{name: rows[bot, interval] for name, rows in columns.items()}}

    @property
    def _measured_hours(self) -> Array:
        """Whether each interval of the record lies within the measured time."""
        middle = (self.record.edges[:-1] + self.record.edges[1:]) / 2
        return (middle > self.record.measured[0]) & (middle < self.record.measured[1])

    @cached_property
    def staffing(self) -> Table:
        """Measured hours of agents."""
        return self._measured("staffing")

    @cached_property
    def tasks(self) -> Table:
        """Work beside contacts done within the measured time."""
        return self._measured("tasks")

    @cached_property
    def agents(self) -> Table:
        """The scorecards of all agents, of measured time."""
        from simulation.metrics.scorecards import cards

        table = cards(self)
        return table | {"interval": np.zeros(len(table["agent"]), dtype=np.int64)}

    @cached_property
    def sites(self) -> Table:
        """Places of work."""
        n = len(self.scenario.sites)
        return {"site": np.arange(n), "interval": np.zeros(n, dtype=np.int64)}

    @cached_property
    def prevented(self) -> Table:
        """Cases that a notice kept from arising within the measured time."""
        return self._measured("prevented")

    @property
    def all_contacts(self) -> Table:
        """All contacts, for what may reach into the measured time from before it."""
        return self.record.contacts

    @property
    def all_legs(self) -> Table:
        """All legs, for what may reach into the measured time from before it."""
        return self.record.legs

    def overlap(self, start: Array, end: Array) -> Array:
        """Seconds of spans that lie within the measured time; an end that is NaN is the end of the simulation."""
        first, last = self.record.measured
        until = np.where(np.isnan(end), self.scenario.duration, end)
        return np.clip(until, first, last) - np.clip(start, first, last)

    def _measured(self, name: str) -> Table:
        table = self.record.tables[name]
        inside = table["measured"]
        return table if inside.all() else {column: values[inside] for column, values in table.items()}

    @cached_property
    def first(self) -> Array:
        """Legs that are their contact's first stay in a queue for agents, calls by the center apart: the offered contacts."""
        first = self.legs["first"] & (self.legs["outcome"] != Outcome.OPEN) | self.legs["first"] & self.answered
        return first & ~self.calls

    @cached_property
    def answered(self) -> Array:
        """Legs in which customer and agent spoke."""
        spoken = ~np.isnan(self.legs["answered"]) & (self.legs["tier"] >= 0)
        return spoken & (self.legs["outcome"] != Outcome.UNREACHED)

    @cached_property
    def calls(self) -> Array:
        """Legs that are calls by the center, which nobody waits for on the line."""
        return calls_of(self.legs)

    @cached_property
    def abandoned(self) -> Array:
        """Legs whose customer hung up."""
        return self.legs["outcome"] == Outcome.ABANDONED

    @cached_property
    def left(self) -> Array:
        """Legs whose customer hung up, balked or left a number: gone without an answer, of their own accord."""
        outcome = self.legs["outcome"]
        return self.abandoned | (outcome == Outcome.BALKED) | (outcome == Outcome.CALLBACK)

    @cached_property
    def by_customers(self) -> Array:
        """Contacts made by customers, not by the center."""
        return self.contacts["kind"] != ContactKind.CALLBACK

    @cached_property
    def waited(self) -> Array:
        """Seconds that each contact waited for its first agent; NaN if it met none."""
        legs, waited = self.record.legs, np.full(len(self.contacts["case"]), np.nan)
        rows = np.flatnonzero(legs["first"] & ~np.isnan(legs["answered"]))
        if len(rows) and len(waited):
            contact, leg = (
                (table["case"].astype(np.int64) << 32) + table["contact"] for table in (self.contacts, legs)
            )
            at = np.minimum(np.searchsorted(contact, leg[rows]), len(contact) - 1)
            mine = contact[at] == leg[rows]
            waited[at[mine]] = legs["wait"][rows[mine]]
        return waited

    @cached_property
    def calendar(self) -> tuple[Array, Array]:
        """Local weekday and hour of day of each interval of the record."""
        return np.array([wall.weekday() for wall in self.walls]), np.array([wall.hour for wall in self.walls])

    @cached_property
    def walls(self) -> list[dt.datetime]:
        """The local time at which each interval of the record begins."""
        timeline = Timeline.of(self.scenario)
        return [timeline.wall(float(start)) for start in self.record.edges[:-1]]

    def periods(self, kind: str) -> Periods:
        """The measured days of the center's calendar, or the measured hours."""
        if kind not in self._periods:
            self._periods[kind] = self._divided(kind)
        return self._periods[kind]

    def _divided(self, kind: str) -> Periods:
        seconds = np.diff(np.clip(self.record.edges, *self.record.measured))
        counts = seconds > 0
        number = np.arange(len(seconds)) if kind == "hours" else np.array([wall.toordinal() for wall in self.walls])
        of = np.full(len(seconds), -1)
        of[counts] = np.unique(number[counts], return_inverse=True)[1]
        return Periods(of, np.bincount(of[counts], seconds[counts]))

    def labels(self, dimension: str) -> list[str]:
        """The values that a dimension can take."""
        if dimension == "weekday":
            return list(WEEKDAYS)
        if dimension == "hour":
            return [str(hour) for hour in range(24)]
        if dimension == "shift_hour":
            return [str(hour + 1) for hour in range(24)] if self.scenario.strain.fatigue else []
        if dimension == "bot":
            return list(self.scenario.bots)
        if dimension in OF_TEAMS:
            return list(OF_TEAMS[dimension][0](self.scenario))
        return self.record.names[dimension]

    def codes(self, table: str, dimension: str) -> Array:
        """The value of a dimension for each row of a table, as positions in `labels` (-1: none)."""
        if (table, dimension) not in self._codes:
            self._codes[table, dimension] = self._code(table, dimension)
        return self._codes[table, dimension]

    def _code(self, table: str, dimension: str) -> Array:
        rows: Table = getattr(self, table)
        if dimension in ("weekday", "hour"):
            weekday, hour = self.calendar
            made: Array = (weekday if dimension == "weekday" else hour)[rows["interval"]]
            return made
        if dimension in OF_TEAMS and dimension not in rows:
            return self._of_team(dimension)[self.codes(table, "team")]
        if dimension == "segment" and dimension not in rows:
            return self.record.cases[dimension][rows["case"]]
        if table == "legs" and dimension == "team":
            return np.where(rows["tier"] >= 0, rows["handler"], -1)
        return rows[dimension]

    def _of_team(self, dimension: str) -> Array:
        """The code of each team's site or employer, then -1 for no team."""
        names, label = self.labels(dimension), OF_TEAMS[dimension][1]
        its = [label(team) for team in self.scenario.teams.values()]
        return np.array([*(-1 if name is None else names.index(name) for name in its), -1])


def once(work_out: Callable[[View], Array]) -> Callable[[View], Array]:
    """What several KPIs work out alike of a view is worked out once."""

    @wraps(work_out)
    def found(view: View) -> Array:
        if work_out not in view.known:
            view.known[work_out] = work_out(view)
        return view.known[work_out]

    return found


def calls_of(legs: Table) -> Array:
    """Legs that are calls by the center, not stays after them: nobody waits for them on the line."""
    return (legs["kind"] == ContactKind.CALLBACK) & (legs["leg"] == 0)
