"""The measured hours of the wall clock, and the time that teams have in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.center.appointments import Appointments
from simulation.center.headcounts import headcounts
from simulation.center.lateness import mean_lateness
from simulation.center.nights import DislikedHours, mean_absence
from simulation.center.plan import Plan
from simulation.center.roster import as_planned
from simulation.center.rota import Seat, seats
from simulation.record.recorder import Duty
from simulation.routing.routes import selects
from simulation.scenario.schema import Team
from simulation.scenario.timeline import Timeline
from simulation.theory.strain import filled_by, past_induction

Array = npt.NDArray[Any]
HOUR, YEAR = 3600.0, 365 * 86_400.0
Span = tuple[float, float, float]
"""Start, end (s) and how many."""


@dataclass(frozen=True)
class Hours:
    """The measured hours of the wall clock: start and end (s since the start), hour of the day, date."""

    start: Array
    end: Array
    clock: Array
    dates: list[dt.date]

    @classmethod
    def of(cls, plan: Plan) -> Hours:
        """The hours of a scenario, cut where measuring begins and ends."""
        edges, clock, dates = plan.timeline.grid(HOUR)
        cut = np.clip(edges, plan.scenario.warm_up, plan.scenario.horizon)
        kept = np.flatnonzero(np.diff(cut) > 0)
        return cls(cut[:-1][kept], cut[1:][kept], clock[kept], [dates[index] for index in kept])

    def __len__(self) -> int:
        return len(self.start)

    @property
    def seconds(self) -> Array:
        """The length of each hour (s)."""
        return self.end - self.start

    @property
    def days(self) -> float:
        """Measured days."""
        return float(self.seconds.sum()) / (24 * HOUR)

    def sums(self, times: Array, running: Array) -> Array:
        """By hour, the growth of a running total that is `running` at `times` and linear between."""
        made: Array = np.interp(self.end, times, running) - np.interp(self.start, times, running)
        return made

    def covered(self, spans: Sequence[Span]) -> Array:
        """Seconds of each hour within the spans, times how many."""
        if not spans:
            return np.zeros(len(self))
        start, end, many = np.asarray(spans, dtype=float).T
        times, change = np.concatenate([start, end]), np.concatenate([many, -many])
        order = np.argsort(times, kind="stable")
        level, times = np.cumsum(change[order]), times[order]
        return self.sums(times, np.concatenate([[0.0], np.cumsum(level[:-1] * np.diff(times))]))


@dataclass(frozen=True)
class Staff:
    """A team's agent-seconds by hour: scheduled, paid, on the floor (net of breaks, shrinkage, absence)."""

    planned: Array
    paid: Array
    floor: Array


def staff_of(name: str, plan: Plan, hours: Hours) -> Staff:
    """A team's time as it is planned, and what is left of it on average."""
    team, timeline = plan.scenario.teams[name], plan.timeline
    if team.headcount is not None:
        planned = hours.covered(_headcount_spans(team, timeline))
        floor = planned * (1 - team.shrinkage)
        return Staff(planned, floor, floor)
    spans = _spans(team, timeline, Appointments.of_team(plan, name))
    planned, unpaid, floor = (hours.covered(spans[duty]) for duty in (Duty.SHIFT, Duty.UNPAID_BREAK, Duty.ON))
    floor = np.maximum(floor - hours.covered(spans[Duty.LATE]), 0.0)  # sums of parts of an hour round
    filled, able = _places_filled(name, plan, hours)
    return Staff(planned, (planned - unpaid) * filled, floor * (1 - team.shrinkage) * filled * able)


def _places_filled(name: str, plan: Plan, hours: Hours) -> tuple[Array, Array]:
    """By hour the share of places in which somebody is expected, and that of these persons who are past their induction; by the
    rate of a random moment, without what load and nights do to it."""
    spec = plan.scenario.strain.turnover
    if spec is None or not spec.per_year or not selects(spec.teams, name):
        return np.ones(len(hours)), np.ones(len(hours))
    rate, lead, middle = spec.per_year / YEAR, spec.hire_after.build().mean, (hours.start + hours.end) / 2
    filled = [filled_by(time, rate, lead) for time in middle.tolist()]
    able = [past_induction(time, rate, lead, spec.training) for time in middle.tolist()]
    return np.array(filled), np.array(able)


def _headcount_spans(team: Team, timeline: Timeline) -> list[Span]:
    steps = headcounts(team.model_copy(update={"shrinkage": 0.0}), timeline)
    ends = [time for time, _ in steps[1:]] + [timeline.duration]
    return [(time, end, count) for (time, count), end in zip(steps, ends, strict=True)]


def _spans(team: Team, timeline: Timeline, appointments: Appointments) -> dict[Duty, list[Span]]:
    """What all agents of a team are to do when, by duty; those who always do the same are made one.

    But for planned shifts, they are as many as come on average. Lateness is told as agents who are all late by the mean,
    as many as are late.
    """
    disliked = DislikedHours.of(team.nights, timeline, 0, 0)
    spans: dict[Duty, list[Span]] = {duty: [] for duty in Duty}
    alike: dict[tuple[int, int], tuple[Seat, int]] = {}
    for seat in seats(team, timeline):
        key = id(seat.turns), seat.place % rounds(team, seat)
        alike[key] = seat, alike.get(key, (seat, 0))[1] + 1
    for seat, many in alike.values():
        for turn in seat.turns:
            come = many * (1 - mean_absence(team.absence, disliked, turn))
            for duty, start, end in as_planned(seat, turn, appointments):
                spans[duty].append((start, end, many if duty is Duty.SHIFT else come))
            spans[Duty.LATE] += [(a, b, share * come) for a, b, share in mean_lateness(team, seat, turn)]
    return spans


def rounds(team: Team, seat: Seat) -> int:
    """After how many agents of a crew the times at which they are away repeat."""
    if team.training_hours is not None:
        return seat.place + 1
    waves = {turn.hours.waves for turn in seat.turns} | {meeting.waves for meeting in team.meetings.values()}
    return lcm(*waves)
