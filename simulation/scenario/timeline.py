"""From wall clocks in time zones to seconds since the start of the simulation, and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from simulation.scenario.hours import OpeningHours, merged
from simulation.scenario.schema import DAY, Scenario

Array = npt.NDArray[np.float64]
Span = tuple[float, float]


@dataclass(frozen=True)
class Day:
    """A calendar day of the center."""

    date: dt.date
    weekday: int
    holiday: bool


@dataclass(frozen=True)
class Timeline:
    """The scenario's calendar as a line of seconds from the first midnight."""

    start: dt.date
    zone: str
    duration: float
    holidays: frozenset[dt.date]

    @classmethod
    def of(cls, scenario: Scenario) -> Timeline:
        """The timeline of a scenario, run-out included."""
        calendar = scenario.calendar
        return cls(calendar.start, calendar.time_zone, scenario.duration, frozenset(calendar.holidays))

    def at(self, date: dt.date, seconds: float = 0.0, zone: str | None = None) -> float:
        """Seconds since the start of the wall-clock time `seconds` after midnight of `date` in `zone`.

        A time that the spring change of clocks skips is the moment of the change plus the excess.
        """
        wall = dt.datetime.combine(date, dt.time()) + dt.timedelta(seconds=seconds)
        return wall.replace(tzinfo=ZoneInfo(zone or self.zone)).timestamp() - _origin(self.start, self.zone)

    def at_moment(self, moment: dt.datetime) -> float:
        """Seconds since the start of a local time on the center's clock (or of a time with its own zone)."""
        aware = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(self.zone), fold=moment.fold)
        return aware.timestamp() - _origin(self.start, self.zone)

    def wall(self, seconds: float) -> dt.datetime:
        """The center's wall-clock time at `seconds` since the start."""
        return dt.datetime.fromtimestamp(_origin(self.start, self.zone) + seconds, ZoneInfo(self.zone))

    def days(self, before: int = 0) -> Iterator[Day]:
        """The days that the duration touches, and so many before the start."""
        offset = -before
        while offset <= 0 or self.at(self.start + dt.timedelta(days=offset)) < self.duration:
            date = self.start + dt.timedelta(days=offset)
            yield Day(date, date.weekday(), date in self.holidays)
            offset += 1

    def open_spans(self, hours: OpeningHours) -> list[Span]:
        """When a door with these hours is open, as spans within the duration."""
        spans = [
            (max(0.0, self.at(day.date, start)), min(self.duration, self.at(day.date, end)))
            for day in self.days(before=1)
            for start, end in hours.of_day(day.weekday, day.holiday)
        ]
        return merged(span for span in spans if span[0] < span[1])

    def grid(self, interval: float, zone: str | None = None) -> tuple[Array, npt.NDArray[np.int64], list[dt.date]]:
        """Edges of wall-clock intervals that cover the duration, each one's number within its day, and its date.

        The arrays have shapes (n + 1,), (n,) and length n; `interval` (seconds) divides a day.
        """
        return _grid(self, interval, zone)


@lru_cache(maxsize=64)
def _origin(start: dt.date, zone: str) -> float:
    return dt.datetime.combine(start, dt.time(), ZoneInfo(zone)).timestamp()


@lru_cache(maxsize=64)
def _grid(timeline: Timeline, interval: float, zone: str | None) -> tuple[Array, npt.NDArray[np.int64], list[dt.date]]:
    edges, slots, dates = [], [], []
    day = timeline.start - dt.timedelta(days=2)
    while timeline.at(day, 0.0, zone) < timeline.duration:
        for slot in range(round(DAY / interval)):
            edges.append(timeline.at(day, slot * interval, zone))
            slots.append(slot)
            dates.append(day)
        day += dt.timedelta(days=1)
    edges.append(timeline.at(day, 0.0, zone))
    grown = np.maximum.accumulate(np.asarray(edges, dtype=float))
    inside = (grown[1:] > 0) & (grown[:-1] < timeline.duration) & (grown[1:] > grown[:-1])
    first, last = int(np.argmax(inside)), len(inside) - int(np.argmax(inside[::-1]))
    kept = np.clip(grown[first : last + 1], 0.0, timeline.duration)
    return kept, np.asarray(slots[first:last], dtype=np.int64), dates[first:last]
