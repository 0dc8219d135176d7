"""What a call log says about demand, patience, service and staffing, in numbers that a scenario can use.

Nothing here knows a vendor: an adapter turns its log into a `CallLog`, and every function below reads that.
Times are seconds, days run from midnight to midnight on the log's own clock, weekdays are 0 (Monday) to 6.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]

ANSWERED, ABANDONED = "answered", "abandoned"
COLUMNS = ("arrived", "wait", "outcome", "handled", "agent")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CIVIL_WEEK = {"mon-fri": (0, 1, 2, 3, 4), "sat": (5,), "sun": (6,)}
DAY, HOUR, MINUTE = 86400.0, 3600.0, 60.0
CLOSED_AFTER = 2 * HOUR


@dataclass(frozen=True)
class CallLog:
    """Calls to agents, one row each, in order of arrival.

    `calls` has the columns `arrived` (naive local datetime of joining the queue or, without a queue, of
    meeting the agent), `wait` (s), `outcome` ("answered" or "abandoned"), `handled` (s; NaN where unknown, as
    for every abandoned call) and `agent` (a name or missing); an adapter may add more. `report` counts what
    was dropped or is odd, and why. `week` groups the weekdays that are staffed alike. ValueError on a
    malformed frame.
    """

    calls: pd.DataFrame
    report: Mapping[str, int] = field(default_factory=dict)
    citation: str = ""
    week: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: dict(CIVIL_WEEK))

    def __post_init__(self) -> None:
        missing = [name for name in COLUMNS if name not in self.calls]
        if missing:
            raise ValueError(f"call log: the frame lacks {', '.join(missing)}; give it {', '.join(COLUMNS)}")
        for wrong, message in _defects(self.calls):
            if wrong:
                raise ValueError(f"call log: {message}")

    @cached_property
    def midnight(self) -> pd.Timestamp:
        """Midnight before the first call, from which seconds are counted."""
        return pd.Timestamp(self.calls["arrived"].iloc[0]).normalize()

    @cached_property
    def arrived(self) -> Array:
        """Seconds from `midnight` to each arrival."""
        return _seconds(self.calls["arrived"] - self.midnight)

    @cached_property
    def wait(self) -> Array:
        """Seconds in the queue."""
        return self.calls["wait"].to_numpy(dtype=float)

    @cached_property
    def handled(self) -> Array:
        """Seconds of service; NaN where unknown."""
        return self.calls["handled"].to_numpy(dtype=float)

    @cached_property
    def abandoned(self) -> npt.NDArray[np.bool_]:
        """Whether the caller hung up in the queue."""
        return (self.calls["outcome"] == ABANDONED).to_numpy(dtype=bool)

    @cached_property
    def dates(self) -> pd.DatetimeIndex:
        """Every date from the first to the last arrival."""
        return pd.date_range(self.midnight, self.calls["arrived"].iloc[-1].normalize(), freq="D")

    def group_of(self, weekday: int) -> str:
        """The name of the group of weekdays that a weekday belongs to."""
        return next((name for name, days in self.week.items() if weekday in days), WEEKDAYS[weekday])


def _defects(calls: pd.DataFrame) -> list[tuple[bool, str]]:
    outcome, wait, handled = calls["outcome"], calls["wait"], calls["handled"]
    return [
        (calls.empty, "no call is left; check that the file covers opening hours"),
        (
            not calls["arrived"].is_monotonic_increasing,
            "not in order of arrival; sort the frame by 'arrived'",
        ),
        (not outcome.isin([ANSWERED, ABANDONED]).all(), f"an outcome is neither {ANSWERED} nor {ABANDONED}"),
        (not (wait >= 0).all(), "a wait is missing or below zero; drop or repair that row"),
        (bool((handled < 0).any()), "a handling time is below zero; drop or repair that row"),
        (
            bool(handled[outcome == ABANDONED].notna().any()),
            "an abandoned call has a handling time; blank it",
        ),
    ]


def _seconds(deltas: Any) -> Array:
    seconds: Array = (deltas / pd.Timedelta(seconds=1)).to_numpy(dtype=float)
    return seconds


# ---------------------------------------------------------------------------------------------- quantiles


def _quantile_table(cumulative: Callable[[Array], Array], levels: int) -> pd.DataFrame:
    """The mean of each 1/levels share of a distribution, from the integral of its quantile function."""
    edges = np.arange(levels + 1) / levels
    seconds = np.diff(cumulative(edges)) * levels
    return pd.DataFrame({"level": (edges[:-1] + edges[1:]) / 2, "seconds": seconds})


def empirical_quantiles(values: Array, levels: int = 200) -> pd.DataFrame:
    """`levels` equally likely values that stand for a sample, as columns `level` (0..1) and `seconds`.

    Each is the mean of its 1/levels share of the sorted sample, so the table has the sample's mean, which a
    table of plain quantiles has not (it cuts the tail).
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    share = np.arange(len(ordered) + 1) / len(ordered)
    integral = np.concatenate([[0.0], np.cumsum(ordered)]) / len(ordered)
    return _quantile_table(lambda level: np.interp(level, share, integral), levels)


# ----------------------------------------------------------------------------------------------- patience


def kaplan_meier(seconds: Array, ended: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Survival function of durations some of which are cut short (Kaplan & Meier 1958, JASA 53:457-481).

    `ended` is False where the duration was cut short (for patience: by service); one cut in the same second
    as another ends was still at risk. Returns one row per distinct duration: `seconds`, `at_risk`, `events`,
    `survival` (the share that lasts beyond `seconds`) and its `variance` (Greenwood 1926).
    """
    times, index = np.unique(np.asarray(seconds, dtype=float), return_inverse=True)
    events = np.bincount(index, weights=np.asarray(ended, dtype=float), minlength=len(times))
    at_risk = len(index) - np.concatenate([[0], np.cumsum(np.bincount(index))[:-1]])
    survival = np.cumprod(1 - events / at_risk)
    left = np.maximum(at_risk - events, 1)
    return pd.DataFrame(
        {
            "seconds": times,
            "at_risk": at_risk,
            "events": events,
            "survival": survival,
            "variance": survival**2 * np.cumsum(events / (at_risk * left)),
        }
    )


@dataclass(frozen=True)
class Patience:
    """How long callers are willing to wait: Kaplan-Meier up to `tail_from` seconds, exponential beyond.

    `curve` is the whole Kaplan-Meier table; `tail_mean` the mean further patience (s) of those still waiting.
    """

    curve: pd.DataFrame
    tail_from: float
    tail_mean: float

    @cached_property
    def _body(self) -> pd.DataFrame:
        return self.curve[(self.curve["seconds"] <= self.tail_from) & (self.curve["events"] > 0)]

    @cached_property
    def _survival(self) -> Array:
        return np.concatenate([[1.0], self._body["survival"].to_numpy()])

    def survival(self, seconds: float) -> float:
        """The share of callers who would wait longer than `seconds`."""
        if seconds > self.tail_from:
            return float(self._survival[-1] * np.exp(-(seconds - self.tail_from) / self.tail_mean))
        passed = int(np.searchsorted(self._body["seconds"].to_numpy(), seconds, side="right"))
        return float(self._survival[passed])

    @property
    def mean(self) -> float:
        """Mean patience, s."""
        return float(self._integral(np.ones(1))[0])

    def quantiles(self, levels: int = 200) -> pd.DataFrame:
        """`levels` equally likely patiences with the mean of the fit, as `empirical_quantiles` makes them."""
        return _quantile_table(self._integral, levels)

    def _integral(self, level: Array) -> Array:
        """The quantile function integrated from 0 to each level."""
        seconds = self._body["seconds"].to_numpy()
        mass = np.concatenate([[0.0], np.cumsum(seconds * -np.diff(self._survival))])
        left, tail = self._survival[-1], 1 - np.asarray(level, dtype=float)
        beyond = np.minimum(left, tail)
        with np.errstate(divide="ignore", invalid="ignore"):
            excess = np.where(beyond > 0, beyond * (1 + np.log(left / beyond)), 0.0)
        in_tail = (left - beyond) * self.tail_from + (left - excess) * self.tail_mean
        integral: Array = np.interp(1 - np.maximum(tail, left), 1 - self._survival, mass) + in_tail
        return integral


def patience(log: CallLog, reliable: int = 50) -> Patience:
    """Patience of the callers, censored by service.

    The curve is trusted while `reliable` callers or more are at risk. The mean of the exponential tail is
    waiting time over hang-ups (the maximum-likelihood estimate), of what lies beyond the time when four times
    as many were at risk. ValueError where nobody hung up.
    """
    if not log.abandoned.any():
        raise ValueError(
            "patience: nobody hung up in this log; state a patience, or let callers wait for ever"
        )
    curve = kaplan_meier(log.wait, log.abandoned)
    tail_from = _last_time(curve, reliable)
    return Patience(curve, tail_from, _mean_beyond(log, _last_time(curve, 4 * reliable)))


def _last_time(curve: pd.DataFrame, at_risk: int) -> float:
    enough = curve.loc[curve["at_risk"] >= at_risk, "seconds"]
    return float(enough.max()) if len(enough) else 0.0


def _mean_beyond(log: CallLog, since: float) -> float:
    late = log.abandoned & (log.wait > since)
    if not late.any():
        return float(log.wait.sum() / log.abandoned.sum())
    return float(np.maximum(log.wait - since, 0).sum() / late.sum())


# ------------------------------------------------------------------------------------------------ service


@dataclass(frozen=True)
class Service:
    """Handling times of answered calls: the sample, and a lognormal fitted to it.

    `mean` (s) and `cv` are the sample's; `short_share` is the share under `short` seconds. `lognormal_mean`
    and `lognormal_cv` are the maximum-likelihood fit to the others.
    """

    values: Array
    short: float
    short_share: float
    lognormal_mean: float
    lognormal_cv: float

    @property
    def mean(self) -> float:
        """Sample mean, s."""
        return float(self.values.mean())

    @property
    def cv(self) -> float:
        """Sample standard deviation over mean."""
        return float(self.values.std(ddof=1) / self.values.mean()) if len(self.values) > 1 else 0.0

    def quantiles(self, levels: int = 200) -> pd.DataFrame:
        """`levels` equally likely handling times with the sample's mean."""
        return empirical_quantiles(self.values, levels)


def service(log: CallLog, short: float = 10.0) -> Service:
    """Handling times above zero, and the lognormal of those of `short` seconds or more.

    Services of a few seconds are hang-ups of callers or agents, a group apart that would inflate the
    lognormal's spread (Brown et al. 2005, JASA 100:36-50, section 4). ValueError where no handling time is
    known.
    """
    values = log.handled[log.handled > 0]
    proper = np.log(values[values >= short])
    if not len(proper):
        raise ValueError(f"service: no handling time of {short:g} s or more is known; state one")
    spread = proper.var(ddof=1) if len(proper) > 1 else 0.0
    return Service(
        values=values,
        short=short,
        short_share=float((values < short).mean()),
        lognormal_mean=float(np.exp(proper.mean() + spread / 2)),
        lognormal_cv=float(np.sqrt(np.expm1(spread))),
    )


# ------------------------------------------------------------------------------------------------- volume


def _weekday(index: pd.Index[Any]) -> npt.NDArray[np.int64]:
    return pd.DatetimeIndex(index).day_of_week.to_numpy(dtype=np.int64)


def interval_counts(log: CallLog, minutes: int = 30) -> pd.DataFrame:
    """Calls per date (rows) and interval of the day (columns, seconds from midnight), zeros included."""
    day, within = np.divmod(log.arrived, DAY)
    length = minutes * MINUTE
    shape = (len(log.dates), round(DAY / length))
    cell = day.astype(int) * shape[1] + (within // length).astype(int)
    counts = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    return pd.DataFrame(counts, index=log.dates, columns=np.arange(shape[1]) * length)


def special_days(daily: pd.Series[Any]) -> pd.DatetimeIndex:
    """Dates that say nothing of an ordinary week: holidays, and days that the log lacks.

    Those without a call while the same weekday has calls in other weeks, and those under half the median of
    their weekday where three or more are known. `daily` holds calls per date (its index).
    """
    volume = daily.to_numpy(dtype=float)
    taken = pd.Series(np.where(volume > 0, volume, np.nan)).groupby(_weekday(daily.index))
    usual, known = taken.transform("median").to_numpy(), taken.transform("count").to_numpy()
    empty = (volume == 0) & (known > 0)
    low = (volume < usual / 2) & (known >= 3)
    return pd.DatetimeIndex(daily.index[empty | low])


def _ordinary(counts: pd.DataFrame) -> pd.DataFrame:
    return counts.drop(index=special_days(counts.sum(axis=1)))


def weekly_profile(log: CallLog, minutes: int = 30) -> pd.DataFrame:
    """Mean calls per interval of the week: columns `weekday` (mon ... sun), `time` (HH:MM) and `calls`.

    Special days are left out; a weekday that the log lacks altogether has no rows.
    """
    counts = _ordinary(interval_counts(log, minutes))
    means = counts.groupby(_weekday(counts.index)).mean()
    time = [
        f"{int(since // HOUR):02d}:{int(since % HOUR // MINUTE):02d}"
        for since in counts.columns.astype(float)
    ]
    return pd.DataFrame(
        {
            "weekday": np.repeat([WEEKDAYS[number] for number in means.index], len(time)),
            "time": np.tile(time, len(means)),
            "calls": means.to_numpy().ravel().round(4),
        }
    )


@dataclass(frozen=True)
class _Residuals:
    """Counts less the mean of their weekday; `freedom` is 1 - 1/n for a weekday seen n times."""

    counts: Array
    mean: Array
    freedom: Array

    @classmethod
    def of(cls, counts: pd.DataFrame) -> _Residuals:
        weekday = _weekday(counts.index)
        size = pd.Series(1, index=counts.index).groupby(weekday).transform("sum").to_numpy(dtype=float)
        mean = counts.groupby(weekday).transform("mean").to_numpy(dtype=float)
        return cls(counts.to_numpy(dtype=float), mean, (1 - 1 / size)[:, None])

    @property
    def excess(self) -> float:
        """Squared CV of what multiplies the Poisson rate: variance less Poisson noise, over mean squared."""
        noise = ((self.counts - self.mean) ** 2).sum() - (self.freedom * self.mean).sum()
        return float(_ratio(noise, (self.freedom * self.mean**2).sum()))

    def covariance(self, days: int, intervals: int) -> float:
        """Covariance, over the product of means, of counts so many days and intervals apart."""
        here, there = self._shifted(days, intervals)
        off = ((here.counts - here.mean) * (there.counts - there.mean)).sum()
        return float(_ratio(off, (np.sqrt(here.freedom * there.freedom) * here.mean * there.mean).sum()))

    def _shifted(self, days: int, intervals: int) -> tuple[_Residuals, _Residuals]:
        rows, columns = self.counts.shape
        parts = (
            (slice(0, rows - days), slice(0, columns - intervals)),
            (slice(days, rows), slice(intervals, columns)),
        )
        first, second = (_Residuals(self.counts[p], self.mean[p], self.freedom[p[0]]) for p in parts)
        return first, second


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")


@dataclass(frozen=True)
class Busyness:
    """The factor that a whole day's volume is multiplied by, beyond weekday and Poisson noise.

    `cv` is 0 where days vary no more than Poisson, NaN where no weekday is seen twice; `lag1`, the
    correlation of consecutive days, is NaN without variation. `days` are those used: under some thirty both
    are rough.
    """

    cv: float
    lag1: float
    days: int


def busyness(daily: pd.Series[Any]) -> Busyness:
    """Day factor from calls per date (the index), special days and closed weekdays left out.

    Moments of N ~ Poisson(weekday mean x factor), with degrees of freedom for the estimated means.
    Consecutive means consecutive among the dates used. Source of the model: Avramidis, Deslauriers & L'Ecuyer
    2004, Management Science 50:896-908.
    """
    used = daily[daily > 0].drop(index=special_days(daily), errors="ignore")
    residuals = _Residuals.of(used.to_frame())
    cv2 = residuals.excess
    if not cv2 > 0:
        return Busyness(cv2 if np.isnan(cv2) else 0.0, float("nan"), len(used))
    lag1 = float(np.clip(residuals.covariance(1, 0) / cv2, -1, 1)) if len(used) > 2 else float("nan")
    return Busyness(float(np.sqrt(cv2)), lag1, len(used))


@dataclass(frozen=True)
class Dispersion:
    """How counts per interval vary from week to week, split into a day's factor and an interval's factor.

    `variance_to_mean` is 1 for Poisson counts. `day_cv` is the CV of what intervals hours apart share,
    `interval_cv` that of what is left within the day, `interval_lag1` its correlation with the next interval.
    """

    minutes: int
    variance_to_mean: float
    day_cv: float
    interval_cv: float
    interval_lag1: float


def dispersion(counts: pd.DataFrame, minutes: int = 30, far_hours: float = 3.0) -> Dispersion:
    """Over-dispersion of counts per date (rows) and interval (columns) around the mean of that weekday.

    With day factor A and interval factor G, the covariance of two counts of a day over the product of their
    means is (1 + var A)(1 + cov G) - 1. Pairs of intervals `far_hours` or more apart give var A (cov G = 0),
    an interval with itself, less Poisson noise, gives var G, adjacent ones give its first autocorrelation.
    """
    residuals = _Residuals.of(_ordinary(counts))
    spread = ((residuals.counts - residuals.mean) ** 2).sum()
    day = max(_far_covariance(residuals, round(far_hours * 60 / minutes)), 0.0)
    own = max((1 + residuals.excess) / (1 + day) - 1, 0.0)
    adjacent = (1 + residuals.covariance(0, 1)) / (1 + day) - 1
    return Dispersion(
        minutes=minutes,
        variance_to_mean=float(_ratio(spread, (residuals.freedom * residuals.mean).sum())),
        day_cv=float(np.sqrt(day)),
        interval_cv=float(np.sqrt(own)),
        interval_lag1=float(np.clip(adjacent / own, -1, 1)) if own > 0 else float("nan"),
    )


def _far_covariance(residuals: _Residuals, apart: int) -> float:
    """Covariance over the product of means, of pairs of intervals of a day that are `apart` or more apart."""
    off, mean = residuals.counts - residuals.mean, residuals.mean
    later_off = np.cumsum(off[:, ::-1], axis=1)[:, ::-1][:, apart:]
    later_mean = np.cumsum(mean[:, ::-1], axis=1)[:, ::-1][:, apart:]
    pairs = residuals.freedom * mean[:, : mean.shape[1] - apart] * later_mean
    return _ratio((off[:, : off.shape[1] - apart] * later_off).sum(), pairs.sum())


# ----------------------------------------------------------------------------------------------- staffing


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
    `peak`. Intervals cover whole days, from that of the first call to that of the last event.
    """
    length = minutes * MINUTE
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


# ------------------------------------------------------------------------------------------------ exports


def _iso(times: pd.Series[Any]) -> pd.Series[Any]:
    text: pd.Series[Any] = times.dt.round("s").dt.strftime("%Y-%m-%dT%H:%M:%S")
    return text


def replay_frame(log: CallLog) -> pd.DataFrame:
    """What a simulator replays: `arrived` (ISO local time) and `handled_s` (empty where unknown)."""
    return pd.DataFrame({"arrived": _iso(log.calls["arrived"]), "handled_s": log.calls["handled"]})


def staffing_frame(log: CallLog, minutes: int = 30, part_minutes: int = 10) -> pd.DataFrame:
    """Whole headcounts that a simulator can use: `from` (ISO local time) and `headcount`, until the next row.

    `part_minutes` divides `minutes`; a row stands wherever the headcount changes, and a 0 at the end.
    """
    if minutes % part_minutes:
        raise ValueError(f"staffing: {part_minutes} min do not divide {minutes} min; write e.g. {minutes}")
    inferred = staffing(log, minutes)
    headcount = whole_headcounts(inferred["agents"].to_numpy(), minutes // part_minutes)
    start = log.midnight + pd.to_timedelta(np.arange(len(headcount) + 1) * part_minutes, unit="min")
    frame = pd.DataFrame({"from": _iso(pd.Series(start)), "headcount": np.append(headcount, 0)})
    return frame[frame["headcount"].diff() != 0].reset_index(drop=True)


def observed_by_hour(
    log: CallLog, weekdays: Collection[int] = range(7), clock: str = "arrived"
) -> pd.DataFrame:
    """What a simulation of the log should reproduce, by hour of the day, over the dates on these weekdays.

    Columns: `hour`, `calls` (mean per date), `abandonment` (share), `wait_s` (mean of all), `wait_served_s`,
    `mean_service_s` (handling times above zero) and `busy_agents` (mean in service at a time, by the overlap
    of services with the hour). `clock` names the column of datetimes that puts a call in its hour and date.
    Hours without calls have no row.
    """
    calls = log.calls.assign(
        hour=log.calls[clock].dt.hour,
        hung_up=log.abandoned,
        served=np.where(log.abandoned, np.nan, log.wait),
        service=np.where(log.handled > 0, log.handled, np.nan),
    )
    dates = sum(date.weekday() in weekdays for date in log.dates)
    by_hour = calls[calls[clock].dt.day_of_week.isin(list(weekdays))].groupby("hour")
    return (
        pd.DataFrame(
            {
                "calls": by_hour.size() / max(dates, 1),
                "abandonment": by_hour["hung_up"].mean(),
                "wait_s": by_hour["wait"].mean(),
                "wait_served_s": by_hour["served"].mean(),
                "mean_service_s": by_hour["service"].mean(),
                "busy_agents": _busy_by_hour(log, weekdays),
            }
        )
        .dropna(subset="calls")
        .rename_axis("hour")
        .reset_index()
    )


def _busy_by_hour(log: CallLog, weekdays: Collection[int]) -> pd.Series[Any]:
    inferred = staffing(log, minutes=60)
    used = inferred["from"].dt.day_of_week.isin(list(weekdays)) & _on(inferred["from"], log.dates)
    busy: pd.Series[Any] = inferred[used].groupby(inferred["from"].dt.hour)["busy"].mean()
    return busy


def _on(times: pd.Series[Any], dates: pd.DatetimeIndex) -> pd.Series[Any]:
    on: pd.Series[Any] = times.dt.normalize().isin(dates)
    return on


def staff_by_hour(log: CallLog, minutes: int = 30) -> pd.DataFrame:
    """Mean effective headcount by group of weekdays and hour: columns `days`, `hour` and `agents`.

    A part of an hour that is closed counts as 0. Special days are left out. `minutes` is the interval over
    which headcount is inferred.
    """
    inferred = staffing(log, minutes)
    used = inferred[_on(inferred["from"], pd.DatetimeIndex(_ordinary(interval_counts(log)).index))]
    days = pd.Categorical(
        [log.group_of(n) for n in used["from"].dt.day_of_week], list(log.week), ordered=True
    )
    agents = (used["agents"] * used["open"]).groupby([pd.Series(days, used.index), used["from"].dt.hour])
    means = agents.mean().round(2).rename_axis(["days", "hour"]).rename("agents")
    return means.dropna().reset_index()


# ------------------------------------------------------------------------------------------ derived facts


def facts(log: CallLog) -> dict[str, float]:
    """Headline numbers of a log: volume, waits, patience, service and how much volume varies."""
    willing, served = patience(log), service(log)
    counts = interval_counts(log)
    day, spread = busyness(counts.sum(axis=1)), dispersion(counts)
    return {
        "dates": len(log.dates),
        "calls": len(log.calls),
        "abandonment": float(log.abandoned.mean()),
        "mean wait, s": float(log.wait.mean()),
        "mean wait of the answered, s": float(log.wait[~log.abandoned].mean()),
        "patience: share beyond 60 s": willing.survival(60.0),
        "patience: share beyond 300 s": willing.survival(300.0),
        "patience: curve trusted until, s": willing.tail_from,
        "patience: mean beyond that, s": willing.tail_mean,
        "patience: mean, s": willing.mean,
        "service: mean, s": served.mean,
        "service: cv": served.cv,
        f"service: share under {served.short:g} s": served.short_share,
        f"service: lognormal mean of the others ({served.short:g} s and more), s": served.lognormal_mean,
        f"service: lognormal cv of the others ({served.short:g} s and more)": served.lognormal_cv,
        "busyness: cv of the day factor": day.cv,
        "busyness: correlation of consecutive days": day.lag1,
        "half hours: variance over mean": spread.variance_to_mean,
        "half hours: cv that a whole day shares": spread.day_cv,
        "half hours: cv of the rest": spread.interval_cv,
        "half hours: correlation of the rest with the next": spread.interval_lag1,
    }


_README = """\
# Derived facts

Made by `simulation.calibration.derive(log, folder)` from the log below; no row of it is in here. To make them
again, read the log with its adapter in `simulation/calibration/` and call `derive`.

Source: {citation}

{first} to {last}, {calls} calls to agents.

- `patience_quantiles.csv` (level, seconds): how long callers are willing to wait, the Kaplan-Meier (1958)
  estimate with answered calls censored, and an exponential tail beyond {tail:g} s. {levels} equally likely
  values, each the mean of its share of the distribution.
- `service_quantiles.csv` (level, seconds): handling times above zero. {levels} equally likely values, each
  the mean of its share, so that the mean is that of the log.
- `profile.csv` (weekday, time, calls): mean calls per half hour, at the time when the caller joins the queue
  or, without a queue, meets the agent. Holidays and dates without data are left out.
- `staff_by_hour.csv` (days, hour, agents): effective headcount. While somebody waits, all who are there are
  busy, so the mean number in service then is the headcount; where nobody waits, at least as many were there
  as were busy. Inferred by date and half hour, then averaged over the dates.

What to keep in mind:

- There are no log-in data. Agents here are *effective* ones, who take the next call at once; the persons on
  duty were more, by their pauses between calls.
- Patience is estimated as if it did not depend on how busy the day was, and everybody as if patient alike.
- The staff is a mean over dates. On the day it followed the volume more or less, which a mean staff under a
  varying volume does not.

| number | value |
|---|---|
{numbers}

Rows of the log:

| rows | count |
|---|---|
{rows}
"""


def derive(log: CallLog, folder: str | Path, levels: int = 200) -> list[Path]:
    """Write the facts that may be shipped (no raw rows) as CSV files and a README into `folder`.

    Returns the paths. `levels` is the number of rows of the quantile tables.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    tables = {
        "patience_quantiles.csv": patience(log).quantiles(levels).round({"level": 5, "seconds": 2}),
        "service_quantiles.csv": service(log).quantiles(levels).round({"level": 5, "seconds": 2}),
        "profile.csv": weekly_profile(log),
        "staff_by_hour.csv": staff_by_hour(log),
    }
    for name, table in tables.items():
        table.to_csv(target / name, index=False, lineterminator="\n")
    (target / "README.md").write_text(_readme(log, levels), encoding="utf-8")
    return [target / name for name in [*tables, "README.md"]]


def _readme(log: CallLog, levels: int) -> str:
    numbers = facts(log)
    return _README.format(
        citation=log.citation or "not stated",
        first=log.dates[0].date(),
        last=log.dates[-1].date(),
        calls=len(log.calls),
        tail=numbers["patience: curve trusted until, s"],
        levels=levels,
        numbers="\n".join(
            f"| {name} | {value:{'.0f' if value >= 1000 else '.4g'}} |" for name, value in numbers.items()
        ),
        rows="\n".join(f"| {name} | {count} |" for name, count in log.report.items()),
    )
