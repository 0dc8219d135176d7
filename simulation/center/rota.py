"""Who of a team is to work on which day: the seats of weekly shifts and of rotations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from simulation.scenario.schema import Rotation, Shift, WorkingHours
from simulation.scenario.schema import Team as TeamSpec
from simulation.scenario.timeline import Day, Timeline

OFF = "off"


class Turn(NamedTuple):
    """One time that an agent is to work: the day on which it begins, start and end (s since the start of the run)."""

    day: Day
    hours: WorkingHours
    start: float
    end: float


class Rota(NamedTuple):
    """The working days of a weekly shift, or of a crew of a rotation."""

    shift: Shift | None
    rotation: Rotation | None
    crew: int = 0

    def hours(self, day: Day, first: dt.date) -> WorkingHours | None:
        """What is worked on a day; `first` is when the calendar starts."""
        if self.shift is not None:
            works = day.weekday in self.shift.days and (self.shift.on_holidays or not day.holiday)
            return self.shift if works else None
        assert self.rotation is not None
        name = self.rotation.cycle[cycle_day(self.rotation, self.crew, day.date, first)]
        return self.rotation.shifts[name] if name != OFF and (self.rotation.on_holidays or not day.holiday) else None

    def turn(self, day: Day, timeline: Timeline) -> Turn | None:
        """The turn that begins on a day; none where a change of clocks leaves no time for it."""
        hours = self.hours(day, timeline.start)
        if hours is None:
            return None
        start, end = timeline.at(day.date, hours.start), timeline.at(day.date, hours.start + hours.length)
        return Turn(day, hours, start, end) if start < end else None

    def turns(self, timeline: Timeline) -> list[Turn]:
        """All turns of the simulated time, one that began on the day before it included."""
        found = (self.turn(day, timeline) for day in timeline.days(before=1))
        return [turn for turn in found if turn is not None]


class Seat(NamedTuple):
    """An agent's place: the shift or rotation, its number there from 1, its number in the crew from 0, and what it works."""

    group: str
    number: int
    place: int
    rota: Rota
    turns: list[Turn]


def cycle_day(rotation: Rotation, crew: int, date: dt.date, first: dt.date) -> int:
    """The day of the cycle, from 0, on which a crew (from 0) is on a date."""
    begins = rotation.begins or first - dt.timedelta(days=first.weekday())
    return ((date - begins).days - crew * rotation.days_apart) % len(rotation.cycle)


def seats(team: TeamSpec, timeline: Timeline) -> Iterator[Seat]:
    """The seats of a team. Numbers go round the crews: one more in each crew comes after all who are there."""
    for name, shift in sorted(team.shifts.items()):
        weekly = Rota(shift, None)
        turns = weekly.turns(timeline)
        for number in range(1, shift.headcount + 1):
            yield Seat(name, number, number - 1, weekly, turns)
    for name, rotation in sorted(team.rotations.items()):
        crews = [Rota(None, rotation, crew) for crew in range(rotation.crew_count)]
        worked = [crew.turns(timeline) for crew in crews]
        for number in range(1, rotation.agents + 1):
            place, crew = divmod(number - 1, len(crews))
            yield Seat(name, number, place, crews[crew], worked[crew])
