"""Meetings and training: what takes the agents of a team from the floor at planned times."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from simulation.center.plan import Plan
from simulation.center.rota import Seat, Turn
from simulation.center.stretches import HOUR, Appointment, cut, worked
from simulation.demand.rates import Steps
from simulation.record.recorder import Duty
from simulation.routing.routes import selects
from simulation.scenario.customers import channel_shares
from simulation.scenario.schema import DAY, Meeting, Team, TrainingHours
from simulation.scenario.timeline import Day, Timeline

Busy = npt.NDArray[np.float64]
"""Cases that are expected an hour, by weekday and hour of the day; shape (7, 24)."""
QUARTER = 900.0
QUIETEST = 3
"""Training is placed in the quietest third of the times at which it fits, agents in turn."""
WEEK = 7


class Appointments:
    """Meetings and training of the agents of a team. An agent's depend on its own number and shift only."""

    def __init__(self, spec: Team, timeline: Timeline, busy: Busy) -> None:
        self.spec = spec
        self.timeline = timeline
        self.busy = busy
        self._known: dict[tuple[str, int, dt.date], dict[dt.date, list[Appointment]]] = {}

    @classmethod
    def of_team(cls, plan: Plan, name: str) -> Appointments:
        """Those of a team of a scenario."""
        spec = plan.scenario.teams[name]
        sought = spec.training_hours is not None and spec.training_hours.at is None
        return cls(spec, plan.timeline, expected_by_hour(plan, spec) if sought else np.zeros((WEEK, 24)))

    def of(self, seat: Seat, turn: Turn) -> list[Appointment]:
        """What takes an agent from the floor in a turn."""
        return [*self._meetings(turn, seat.place), *self._training(seat, turn.day.date)]

    def _meetings(self, turn: Turn, place: int) -> Iterator[Appointment]:
        for meeting in self.spec.meetings.values():
            yield from self.attended(meeting, turn, place)

    def attended(self, meeting: Meeting, turn: Turn, place: int) -> Iterator[Appointment]:
        """When an agent attends a meeting in a turn."""
        first = self.timeline.start - dt.timedelta(days=self.timeline.start.weekday())
        for date in (turn.day.date, turn.day.date + dt.timedelta(days=1)):
            held = date.weekday() in meeting.days and (date - first).days // WEEK % meeting.every == 0
            if held and date not in self.timeline.holidays:
                start = self.timeline.at(date, meeting.at + place % meeting.waves * meeting.lasts)
                if turn.start <= start and start + meeting.lasts <= turn.end:
                    yield start, start + meeting.lasts, Duty.MEETING

    def _training(self, seat: Seat, date: dt.date) -> list[Appointment]:
        training = self.spec.training_hours
        if training is None:
            return []
        begins, days = period(date, training.per)
        key = (seat.group, seat.number, begins)
        if key not in self._known:
            self._known[key] = self._sessions(training, seat, [begins + dt.timedelta(days=day) for day in range(days)])
        return self._known[key].get(date, [])

    def _sessions(self, training: TrainingHours, seat: Seat, dates: list[dt.date]) -> dict[dt.date, list[Appointment]]:
        """Sessions of a period on working days as far apart as can be, agents a day after each other."""
        days = (Day(date, date.weekday(), date in self.timeline.holidays) for date in dates)
        turns = [turn for day in days if (turn := seat.rota.turn(day, self.timeline)) is not None]
        found: dict[dt.date, list[Appointment]] = {}
        lengths = training.lengths()
        for number, length in enumerate(lengths):
            for step in range(len(turns)):
                turn = turns[(seat.place + number * len(turns) // len(lengths) + step) % len(turns)]
                taken = found.setdefault(turn.day.date, [])
                start = self._start(training, seat, turn, taken, length)
                if start is not None:
                    taken.append((start, start + length, Duty.TRAINING))
                    break
        return found

    def unplaced(self, seat: Seat) -> float:
        """Seconds of training for which there is no place in an agent's shifts, of the first period that is simulated."""
        training = self.spec.training_hours
        if training is None:
            return 0.0
        self._training(seat, self.timeline.start)
        begins, _ = period(self.timeline.start, training.per)
        held = (end - start for day in self._known[seat.group, seat.number, begins].values() for start, end, _ in day)
        return training.each - sum(held)

    def _start(
        self, training: TrainingHours, seat: Seat, turn: Turn, taken: list[Appointment], length: float
    ) -> float | None:
        """When in a turn a session of some length begins; None where it fits nowhere."""
        free = cut(worked(turn, seat.place), [*self._meetings(turn, seat.place), *taken])
        starts = [
            start
            for stretch in free
            for start in np.arange(stretch.start, stretch.end - length + 1e-6, QUARTER).tolist()
            if training.at is None or self._allowed(training, turn, start, length)
        ]
        if training.at is None:
            starts.sort(key=lambda start: (self._load(turn, start, length), start))
            starts = starts[: -(-len(starts) // QUIETEST)]
        return starts[seat.place % len(starts)] if starts else None

    def _allowed(self, training: TrainingHours, turn: Turn, start: float, length: float) -> bool:
        assert training.at is not None
        begins = _clock(turn, start)
        for days, day in enumerate((turn.day.weekday, (turn.day.weekday + 1) % WEEK)):
            since = begins - days * DAY
            if any(a <= since and since + length <= b for a, b in training.at.of_day(day, turn.day.holiday)):
                return True
        return False

    def _load(self, turn: Turn, start: float, length: float) -> float:
        """Cases that are expected an hour during a session."""
        quarters = _clock(turn, start) + np.arange(0.0, length, QUARTER)
        days = ((turn.day.weekday + quarters // DAY) % WEEK).astype(int)
        return round(float(self.busy[days, (quarters % DAY // HOUR).astype(int)].mean()), 6)


def period(date: dt.date, per: str) -> tuple[dt.date, int]:
    """The first day of the week or month in which a date lies, and how many days that has."""
    if per == "week":
        return date - dt.timedelta(days=date.weekday()), WEEK
    return date.replace(day=1), monthrange(date.year, date.month)[1]


def _clock(turn: Turn, moment: float) -> float:
    """Seconds by the clock from the midnight before a turn."""
    return turn.hours.start + moment - turn.start


def expected_by_hour(plan: Plan, team: Team) -> Busy:
    """Mean cases an hour that are expected on the channels and topics of a team's skills; an hour of the week that is not
    simulated is taken for the mean of that hour on the other days."""
    sources = list(plan.scenario.demand.sources.values())
    edges, slots, dates = plan.timeline.grid(HOUR)
    cases = np.zeros(len(slots))
    for source, topic, steps in plan.demand.expected():
        shares = channel_shares(plan.scenario, sources[source])
        mine = sum(share for name, share in shares.items() if _takes(team, name, plan.topics[topic]))
        cases += mine * _cases(steps, edges)
    days = np.array([date.weekday() for date in dates])
    hours, found = np.zeros((WEEK, 24)), np.zeros((WEEK, 24))
    np.add.at(hours, (days, slots), np.diff(edges) / HOUR)
    np.add.at(found, (days, slots), cases)
    usual = found.sum(axis=0) / np.maximum(hours.sum(axis=0), 1e-9)
    made: Busy = np.where(hours > 0, found / np.maximum(hours, 1e-9), usual)
    return made


def _takes(team: Team, channel: str, topic: str) -> bool:
    return any(selects(skill.channels, channel) and selects(skill.topics, topic) for skill in team.skills.values())


def _cases(steps: Steps, edges: Busy) -> Busy:
    """Expected cases of a stream in each interval."""
    made: Busy = np.diff(np.interp(edges, steps.edges, np.concatenate([[0.0], np.cumsum(steps.expected())])))
    return made
