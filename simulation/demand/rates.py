"""Expected demand as a step function of time, per stream (a source's topic, or the extra cases of an event)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from simulation.scenario.files import read_column, read_numbers
from simulation.scenario.schema import DAY, MONTHS, Demand, DemandEvent, Profile, Source
from simulation.scenario.timeline import Timeline

Array = npt.NDArray[np.float64]
WEEK = 7 * DAY
YEAR = 365
"""Days."""


@dataclass(frozen=True)
class Steps:
    """A step function: `rates[i]` (per second) holds from `edges[i]` to `edges[i + 1]` (seconds)."""

    edges: Array
    rates: Array

    def refined(self, cuts: Array) -> Steps:
        """The same function with more edges."""
        inner = cuts[(cuts > self.edges[0]) & (cuts < self.edges[-1])]
        edges = np.union1d(self.edges, inner)
        return Steps(edges, self.rates[np.searchsorted(self.edges, edges[:-1], side="right") - 1])

    def times(self, factors: Array) -> Steps:
        """Multiplied step by step."""
        return replace(self, rates=self.rates * factors)

    def expected(self) -> Array:
        """Expected cases in each step."""
        return self.rates * np.diff(self.edges)

    def index_at(self, edges: Array) -> npt.NDArray[np.int64]:
        """The step in which each of `edges` begins."""
        return np.searchsorted(self.edges, edges, side="right") - 1


def source_rate(source: Source, demand: Demand, timeline: Timeline) -> Steps:
    """Expected cases per second of a source, without events and random factors; zero for a replay."""
    steps = _own_rate(source, demand, timeline)
    return steps if demand.volume == 1 else steps.times(np.full(len(steps.rates), demand.volume))


def _own_rate(source: Source, demand: Demand, timeline: Timeline) -> Steps:
    if source.replay is not None:
        return Steps(np.array([0.0, timeline.duration]), np.zeros(1))
    if source.counts is not None:
        return _counted(source, timeline)
    profile = demand.profiles[source.profile] if source.profile else _FLAT
    edges, slots, dates = timeline.grid(profile.interval, source.time_zone)
    weights = _week_weights(profile, source)
    scale = (source.volume or 0.0) * WEEK / (weights.sum() * profile.interval)
    holiday = np.array([source.holidays if date in timeline.holidays else 1.0 for date in dates])
    weekdays = np.array([date.weekday() for date in dates])
    steps = Steps(edges, scale * weights[weekdays, slots] * holiday)
    return steps.times(_season(source, dates, timeline.start)) if source.months or source.trend != 1 else steps


def _season(source: Source, dates: list[dt.date], start: dt.date) -> Array:
    """What the volume is multiplied by on some dates: trend ^ (years since the start) * the factor of the month."""
    years = np.array([(date - start).days for date in dates]) / YEAR
    month = np.array([source.months.get(name, 1.0) for name in MONTHS])  # type: ignore[call-overload]
    grown: Array = source.trend**years * month[[date.month - 1 for date in dates]]
    return grown


_FLAT = Profile.model_construct(interval=3600.0, weights={(0, 1, 2, 3, 4, 5, 6): [1.0] * 24})


def _week_weights(profile: Profile, source: Source) -> Array:
    """Relative demand by weekday and interval, shape (7, intervals of a day)."""
    weights = np.zeros((7, round(DAY / profile.interval)))
    for days, values in profile.weights.items():
        weights[list(days)] = values
    for days, factor in source.weekdays.items():
        weights[list(days)] *= factor
    if not np.isfinite(weights.sum()):
        raise ValueError("its weights and weekday factors are too large; write smaller numbers")
    if not weights.any():
        raise ValueError("its profile and weekdays leave no demand in the week; write a weekday factor above zero")
    return weights


def _counted(source: Source, timeline: Timeline) -> Steps:
    counts = source.counts
    assert counts is not None
    numbers = read_numbers(counts.file, counts.count, blank=0.0)
    starts = moments(read_column(counts.file, counts.time), counts.file, timeline, once=True)
    if len(starts) == 0 or starts.max() + counts.interval <= 0 or starts.min() >= timeline.duration:
        raise ValueError(
            f"the file {counts.file} has no interval within the simulated time; write another calendar.start"
        )
    if (numbers < 0).any():
        raise ValueError(f"the file {counts.file} has a negative count; write counts of zero or more")
    order = np.argsort(starts, kind="stable")
    starts, numbers = starts[order], numbers[order]
    if (np.diff(starts) == 0).any():
        raise ValueError(f"the file {counts.file} has two rows for one interval; write one row for each")
    ends = np.minimum(starts + counts.interval, np.append(starts[1:], np.inf))
    edges = np.union1d(np.concatenate([starts, ends, [0.0, timeline.duration]]), [])
    at = np.searchsorted(starts, edges[:-1], side="right") - 1
    inside = (at >= 0) & (edges[:-1] < ends[np.maximum(at, 0)])
    rates = np.where(inside, numbers[np.maximum(at, 0)] / counts.interval, 0.0)
    holiday = np.array([source.holidays if timeline.wall(t).date() in timeline.holidays else 1.0 for t in edges[:-1]])
    keep = (edges[:-1] >= 0) & (edges[:-1] < timeline.duration)
    return Steps(np.append(edges[:-1][keep], timeline.duration), (rates * holiday)[keep])


def moments(cells: list[str], file: str, timeline: Timeline, *, once: bool = False) -> Array:
    """Local ISO times of a CSV column as seconds since the start; ValueError with the line of a bad one.

    With `once`, a time that a file has twice is that of the hour that comes twice in autumn, where it is in one.
    """
    seconds = np.empty(len(cells))
    seen: set[float] = set()
    for row, cell in enumerate(cells):
        try:
            wall = dt.datetime.fromisoformat(cell.strip())
            seconds[row] = timeline.at_moment(wall)
            if once and seconds[row] in seen:
                seconds[row] = timeline.at_moment(wall.replace(fold=1))
            seen.add(float(seconds[row]))
        except ValueError:
            raise ValueError(f"{file} line {row + 2}: '{cell}' is not a time; write e.g. 2026-03-04 10:00") from None
    return seconds


def event_span(event: DemandEvent, timeline: Timeline) -> tuple[float, float]:
    """Start and end of an incident or campaign in seconds since the start."""
    start = timeline.at_moment(event.starts)
    return start, start + event.lasts


def within(steps: Steps, span: tuple[float, float]) -> Steps:
    """The function cut to a span (zero elsewhere)."""
    cut = steps.refined(np.asarray(span))
    inside = (cut.edges[:-1] >= span[0]) & (cut.edges[:-1] < span[1])
    return cut.times(inside.astype(float))
