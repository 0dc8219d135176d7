"""How many agents were there, inferred from the calls alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from simulation.calibration.call_log import DAY, HOUR, MINUTE, Array, CallLog
from simulation.calibration.volume import interval_counts, ordinary

CLOSED_AFTER = 2 * HOUR


@dataclass(frozen=True)
class _Crowd:
    """How many waited and how many were in service, step by step; steps are cut at interval edges."""

    interval: npt.NDArray[np.int64]
    lasts: Array
    waiting: Array
    busy: Array

    @cached_property
    def open(self) -> Array:
        """1, but 0 in stretches of `CLOSED_AFTER` or longer with nobody waiting or in service."""
        empty = (self.waiting == 0) & (self.busy == 0)
        stretch = np.cumsum(np.diff(empty, prepend=empty[0]))
        long = np.bincount(stretch, weights=self.lasts)[stretch] >= CLOSED_AFTER
        return np.where(empty & long, 0.0, 1.0)

    def total(self, values: Array, intervals: int) -> Array:
        """The integral over time of `values`, by interval."""
        return np.bincount(self.interval, values * self.lasts, intervals).astype(float)

    def highest(self, values: Array, intervals: int) -> Array:
        """The largest of `values`, by interval."""
        peak = np.zeros(intervals)
        np.maximum.at(peak, self.interval, np.where(self.lasts > 0, values, 0))
        return peak


def _crowd(log: CallLog, length: float, intervals: int) -> _Crowd:
    left = log.arrived + log.wait
    served = ~np.isnan(log.handled)
    edges = np.arange(intervals + 1) * length
    times = np.concatenate([log.arrived, left, left[served], (left + log.handled)[served], edges])
    calls, services = len(left), int(served.sum())
    waiting = np.repeat([1.0, -1.0, 0.0], [calls, calls, 2 * services + len(edges)])
    busy = np.repeat([0.0, 1.0, -1.0, 0.0], [2 * calls, services, services, len(edges)])
    order = np.argsort(times, kind="stable")
    since = np.minimum(times[order], edges[-1])
    return _Crowd(
        interval=np.minimum((since // length).astype(np.int64), intervals - 1),
        lasts=np.diff(since, append=edges[-1]),
        waiting=np.cumsum(waiting[order]),
        busy=np.cumsum(busy[order]),
    )


def staffing(log: CallLog, minutes: int = 30, memory: float = 30.0) -> pd.DataFrame:
    """Effective headcount by interval, inferred from the calls alone, as a fraction.

    While anybody waits, all who are there to answer are busy, so the mean number in service during that time
    is the headcount less pauses between calls: the number of tireless agents with the same throughput. An
    interval with little waiting leans (as if on `memory` seconds of waiting) on its neighbours, and those in
    the same way on the same time of like days; where nobody waits, at least as many were there as were busy.
    Without any waiting the peak is all that is known: a lower bound, which reproduces the log.

    Columns: `from`, `agents` (mean while open), `open` (the share of the interval outside stretches of
    `CLOSED_AFTER` or more without any call), `waiting_s` (time with somebody in the queue), `busy` (mean) and
    `peak`. Intervals cover whole days, from that of the first call to that of the last event. ValueError where
    `minutes` do not divide a day.
    """
    length = minutes * MINUTE
    if minutes < 1 or DAY % length:
        raise ValueError(f"staffing: {minutes} min do not divide a day; write e.g. 30")
    intervals = round(DAY / length) * _days_touched(log)
    crowd = _crowd(log, length, intervals)
    open_s = crowd.total(crowd.open, intervals)
    present = crowd.total(_present(log, crowd, length, intervals, memory) * crowd.open, intervals)
    return pd.DataFrame(
        {
            "from": log.midnight + pd.to_timedelta(np.arange(intervals) * length, unit="s"),
            "agents": present / np.maximum(open_s, 1.0),
            "open": open_s / length,
            "waiting_s": crowd.total((crowd.waiting > 0).astype(float), intervals),
            "busy": crowd.total(crowd.busy, intervals) / length,
            "peak": crowd.highest(crowd.busy, intervals),
        }
    )


def _days_touched(log: CallLog) -> int:
    last = float(np.max(log.arrived + log.wait + np.nan_to_num(log.handled)))
    return int(last // DAY) + 1


def _present(log: CallLog, crowd: _Crowd, length: float, intervals: int, memory: float) -> Array:
    """How many agents are taken to be there at each step of the crowd."""
    queued = (crowd.waiting > 0).astype(float)
    waiting_s, work = crowd.total(queued, intervals), crowd.total(crowd.busy * queued, intervals)
    expected = _shrunk(work, waiting_s, _prior(log, work, waiting_s, length, memory), memory)
    unqueued_peak = crowd.highest(crowd.busy * (1 - queued), intervals)
    # the less waiting there was, the more the peak that was served without any counts
    expected += memory / (waiting_s + memory) * np.maximum(unqueued_peak - expected, 0)
    return np.where(queued > 0, crowd.busy, np.maximum(crowd.busy, expected[crowd.interval]))


def _shrunk(work: Array, seconds: Array, prior: Array, memory: float) -> Array:
    return (work + memory * prior) / (seconds + memory)


def _prior(log: CallLog, work: Array, waiting_s: Array, length: float, memory: float) -> Array:
    """The headcount expected of an interval by its neighbours, and of those by the same time of like days."""
    usual = _usual(log, work, waiting_s, length)
    near_work, near_s = (np.convolve(values, [1.0, 0.0, 1.0], "same") for values in (work, waiting_s))
    return _shrunk(near_work, near_s, usual, memory)


def _usual(log: CallLog, work: Array, waiting_s: Array, length: float) -> Array:
    """The headcount seen at this time of day over all days of the same group; 0 where nobody ever waited."""
    day, slot = np.divmod(np.arange(len(work)), round(DAY / length))
    group = [log.group_of(int(log.midnight.weekday() + number) % 7) for number in day]
    sums = pd.DataFrame({"work": work, "s": waiting_s}).groupby([pd.Series(group), pd.Series(slot)])
    total = sums.transform("sum")
    usual: Array = total["work"].to_numpy(dtype=float) / np.maximum(total["s"].to_numpy(dtype=float), 1e-9)
    return usual


def whole_headcounts(agents: Array, parts: int) -> npt.NDArray[np.int64]:
    """Fractional headcounts of equal intervals as whole ones of `parts` equal parts each, by error diffusion.

    The running total is never more than half an agent in one part off (Floyd & Steinberg 1976, in one
    dimension); an interval of zero stays zero and forgets what was left over.
    """
    whole, owed = [], 0.0
    for wanted in np.repeat(np.asarray(agents, dtype=float), parts):
        owed = owed + wanted if wanted > 0 else 0.0
        whole.append(max(int(np.floor(owed + 0.5)), 0))
        owed -= whole[-1]
    return np.array(whole, dtype=np.int64)


def on_dates(times: pd.Series[Any], dates: pd.DatetimeIndex) -> pd.Series[Any]:
    """Which times fall on these dates."""
    on: pd.Series[Any] = times.dt.normalize().isin(dates)
    return on


def agent_hours(log: CallLog, minutes: int = 30) -> pd.Series[Any]:
    """Effective agent-hours by date (the index): inferred headcount over the time that the center is open."""
    inferred = staffing(log, minutes)
    hours = inferred["agents"] * inferred["open"] * minutes * MINUTE / HOUR
    by_date: pd.Series[Any] = hours.groupby(inferred["from"].dt.normalize()).sum()
    return by_date.reindex(log.dates)


def staff_by_hour(log: CallLog, minutes: int = 30) -> pd.DataFrame:
    """Mean effective headcount by group of weekdays and hour: columns `days`, `hour` and `agents`.

    A part of an hour that is closed counts as 0. Special days are left out. `minutes` is the interval over
    which headcount is inferred.
    """
    inferred = staffing(log, minutes)
    used = inferred[on_dates(inferred["from"], pd.DatetimeIndex(ordinary(interval_counts(log)).index))]
    days = pd.Categorical([log.group_of(n) for n in used["from"].dt.day_of_week], list(log.week), ordered=True)
    agents = (used["agents"] * used["open"]).groupby([pd.Series(days, used.index), used["from"].dt.hour])
    means = agents.mean().round(2).rename_axis(["days", "hour"]).rename("agents")
    return means.dropna().reset_index()
