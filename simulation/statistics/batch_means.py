"""Intervals from batches of a steady state: within a long run, neighbours hang together, and a batch is what comes near to an
independent observation."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.statistics.intervals import Interval, t_quantile, t_share
from simulation.statistics.paired import Estimate

Array = npt.NDArray[np.float64]
FEWEST = 8
"""Batches that there must be for an interval."""
APART, WARNED = 0.10, 0.01
"""Levels of the test on correlation between batches: of batches that are put together, and of those that are warned about."""
MOST_CORRELATED = 0.9
MOST_SKEW = 0.125
"""Skewness of a mean (divided by six) times the quantile up to which Willink's correction is used."""


class BatchInterval(NamedTuple):
    """An interval from batches; into how many they were put together, and whether the first, smallest ones hang together so
    clearly that the run may be too short for the interval to be trusted."""

    interval: Interval
    batches: int
    correlated: bool


def batch_interval(estimate: Estimate, runs: int, level: float) -> BatchInterval:
    """The interval of a mean, a ratio or what else has an estimate over batches, of `runs` independent runs one after the other.

    Neighbouring batches are put together until von Neumann's ratio no longer shows that they are correlated, or eight are
    left; the interval is Student's t of those, with what correlation is left taken into account as in a first-order
    autoregression, variance · (1 + ρ) / (1 - ρ), and with Willink's correction for skewness that is beyond chance; batches
    without data add no degrees of freedom. These are the rules of Skart, on a fixed number of observations (Tafazzoli, Steiger and Wilson 2011, N-Skart, IEEE Transactions on Automatic Control 56:254-264;
    Law 2015, section 9.5.3; Schmeiser 1982, Operations Research 30:556-568 on why some 10 to 30 batches do).
    """
    first = estimate.influence
    if estimate.n < 2 or len(first) < FEWEST:
        bounds = (math.nan, math.nan) if first.any() or estimate.n < 2 else (estimate.value, estimate.value)
        return BatchInterval(Interval(estimate.value, *bounds, level, estimate.n), len(first), False)
    if not first.any():
        return BatchInterval(
            Interval(estimate.value, estimate.value, estimate.value, level, estimate.n), len(first), False
        )
    rows = estimate.by_replication.reshape(runs, -1)
    warned = evidence(rows) < WARNED
    while evidence(rows) < APART and rows.shape[1] > 1 and not rows.shape[1] % 2 and rows.size >= 2 * FEWEST:
        rows = (rows[:, ::2] + rows[:, 1::2]) / 2
    many = rows.size
    correlation = min(max(lag_one(rows), 0.0), MOST_CORRELATED)
    error = float(rows.std(ddof=1)) / math.sqrt(many) * math.sqrt((1 + correlation) / (1 - correlation))
    skew = _beyond_chance(skewness(first), len(first)) / (6 * math.sqrt(len(first)))
    reach = t_quantile(level, min(many, estimate.n) - 1)
    low, high = (estimate.value - corrected(side * reach, skew) * error for side in (1, -1))
    return BatchInterval(Interval(estimate.value, low, high, level, many), many, warned)


def lag_one(rows: Array) -> float:
    """The correlation of neighbours within rows, one less von Neumann's ratio; zero on average where there is none."""
    runs, length = rows.shape
    apart = rows - rows.mean()
    square = float((apart**2).sum())
    if length < 2 or not square:
        return 0.0
    ends = float((apart[:, 0] ** 2 + apart[:, -1] ** 2).sum()) / 2
    found = (float((apart[:, :-1] * apart[:, 1:]).sum()) + ends) / square
    return found - (runs - 1) / (rows.size - 1)


def evidence(rows: Array) -> float:
    """The probability of as much positive correlation of neighbours as there is, or more, where there is none (von Neumann
    1941; normal approximation)."""
    runs, length = rows.shape
    pairs = runs * (length - 1)
    if pairs < 2:
        return 1.0
    return 1 - t_share(lag_one(rows) / math.sqrt((pairs - 1) / (rows.size**2 - 1)), math.inf)


def skewness(values: Array) -> float:
    """The skewness of a sample, without bias for normal values; 0 for values without spread."""
    n, apart = len(values), values - values.mean()
    spread = float(values.std(ddof=1))
    if n < 3 or not spread:
        return 0.0
    return n / ((n - 1) * (n - 2)) * float(((apart / spread) ** 3).sum())


def _beyond_chance(skew: float, n: int) -> float:
    """A sample's skewness less what normal values show by chance (variance about 6 / n), as by James and Stein."""
    return skew * max(0.0, 1 - 6 / (n * skew**2)) if skew else 0.0


def corrected(t: float, skew: float) -> float:
    """A quantile of Student's t for a mean of skew values (Willink 2005, Communications in Statistics 34:85-98); `skew` is
    the skewness divided by six roots of their number.

    The correction is an expansion for small skewness: it is held to where its cube root stays away from zero, beyond which
    an interval would reach without end to one side.
    """
    most = MOST_SKEW / max(abs(t), 1.0)
    skew = min(max(skew, -most), most)
    if abs(skew) < 1e-3:
        return t
    return (math.cbrt(1 + 6 * skew * (t - skew)) - 1) / (2 * skew)
