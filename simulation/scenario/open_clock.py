"""A clock that goes only while a door is open."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from itertools import accumulate
from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.scenario.hours import OpeningHours
from simulation.scenario.schema import DAY, Scenario
from simulation.scenario.timeline import Span, Timeline

Array = npt.NDArray[Any]
SOON, LATEST = 64 * DAY, 8192 * DAY


class OpenClock:
    """Shows the seconds of opening time since the start, and tells when it will show so many.

    `spans` are apart and in order. Past the last one the clock stands still, and later readings never come (inf).
    """

    def __init__(self, spans: list[Span]) -> None:
        self.opens = [start for start, _ in spans]
        self.shown = list(accumulate((end - start for start, end in spans), initial=0.0))

    @classmethod
    def reaching(cls, timeline: Timeline, hours: OpeningHours, further: float) -> OpenClock:
        """A clock that goes on for `further` seconds of opening time after the end of the simulation (if ever)."""
        margin = SOON
        while True:
            clock = cls(replace(timeline, duration=timeline.duration + margin).open_spans(hours))
            if clock.shown[-1] - clock.read(timeline.duration) >= further or margin >= LATEST:
                return clock
            margin *= 2

    def read(self, at: float) -> float:
        """What it shows at a moment."""
        span = bisect_right(self.opens, at) - 1
        return 0.0 if span < 0 else min(self.shown[span] + at - self.opens[span], self.shown[span + 1])

    def after(self, at: float, seconds: float) -> float:
        """The first moment from `at` on at which so many more seconds of opening time have passed."""
        if seconds <= 0:
            return at
        reading = self.read(at) + seconds
        span = bisect_left(self.shown, reading, lo=1) - 1
        return inf if span >= len(self.opens) else max(at, self.opens[span] + reading - self.shown[span])

    def afters(self, at: Array, seconds: Array) -> Array:
        """`after` of arrays."""
        opens, shown = np.asarray([*self.opens, inf]), np.asarray(self.shown)
        reading = self.reads(at) + seconds
        span = np.searchsorted(shown[1:], reading, side="left")
        with np.errstate(invalid="ignore"):
            due = np.where(span >= len(self.opens), inf, np.maximum(at, opens[span] + reading - shown[span]))
        return np.where(seconds > 0, due, at)

    def reads(self, at: Array) -> Array:
        """`read` of an array."""
        if not self.opens:
            return np.zeros(len(at))
        shown = np.asarray(self.shown)
        span = np.searchsorted(self.opens, at, side="right") - 1
        known = np.minimum(shown[span] + at - np.asarray(self.opens)[span], shown[span + 1])
        return np.where(span < 0, 0.0, known)


def deadline_clocks(scenario: Scenario) -> list[OpenClock | None]:
    """By channel, the clock of deadlines that run in opening hours only; None where they run all the time."""
    timeline = Timeline.of(scenario)
    return [
        OpenClock.reaching(timeline, channel.open, max(limits))
        if limits and channel.deadline_clock == "opening_hours" and channel.open.written != "always"
        else None
        for channel in scenario.channels.values()
        for limits in ([*channel.deadline.values(), *channel.solution_deadline.values()],)
    ]
