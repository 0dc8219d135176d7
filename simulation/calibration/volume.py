"""How many calls come: the shape of the week, and how much days and intervals vary beyond chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from simulation.calibration.call_log import DAY, HOUR, MINUTE, WEEKDAYS, Array, CallLog


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


def ordinary(counts: pd.DataFrame) -> pd.DataFrame:
    """Counts per date (rows) without the special days."""
    return counts.drop(index=special_days(counts.sum(axis=1)))


def weekly_profile(log: CallLog, minutes: int = 30) -> pd.DataFrame:
    """Mean calls per interval of the week: columns `weekday` (mon ... sun), `time` (HH:MM) and `calls`.

    Special days are left out; a weekday that the log lacks altogether has no rows.
    """
    counts = ordinary(interval_counts(log, minutes))
    means = counts.groupby(_weekday(counts.index)).mean()
    time = [f"{int(since // HOUR):02d}:{int(since % HOUR // MINUTE):02d}" for since in counts.columns.astype(float)]
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
    residuals = _Residuals.of(ordinary(counts))
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
