"""Confidence intervals over replications: of a mean, of a ratio of sums, of a quantile.

A replication is one number (or one pair), and replications are independent; so Student's t applies
whatever the correlation inside a replication. `nan` means that a replication has no such figure (the
mean wait of nobody): it is left out, and `n` counts the others.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

Values = Sequence[float] | npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """An estimate with its two-sided confidence interval.

    `mean` is the estimate, in the unit of the data; `low` and `high` are nan where the data cannot
    say (fewer than two replications, or infinite values). `level` is the confidence, e.g. 0.95, and
    `n` the number of replications (or observations) that went in.
    """

    mean: float
    low: float
    high: float
    level: float
    n: int

    @property
    def half_width(self) -> float:
        """Half of the interval's length, in the unit of the data; nan if there is no interval."""
        return (self.high - self.low) / 2


def mean_interval(values: Values, level: float = 0.95) -> Interval:
    """The mean over replications with Student's t interval of n - 1 degrees of freedom (Student, 1908).

    `values` is one number a replication. `ValueError` if `level` is not inside (0, 1).
    """
    _require_share("level", level)
    known = _one_dimensional("values", values)
    known = known[~np.isnan(known)]
    mean = _mean(known)
    if known.size < 2 or not math.isfinite(mean):
        return Interval(mean, math.nan, math.nan, level, known.size)
    return _student(mean, _deviation(known), level, known.size)


def ratio_interval(numerators: Values, denominators: Values, level: float = 0.95) -> Interval:
    """The ratio of sums over replications, sum(x) / sum(y), with its interval by the delta method.

    The variance of r = sum(x) / sum(y) is s² / (n · mean(y)²), where s² is that of the residuals
    x_i - r · y_i with n - 1 degrees of freedom (Cochran, Sampling Techniques, 1977, chapter 6). A
    replication of zero over zero tells nothing of the ratio and is left out: counted, it would pass for a
    residual of 0, and the interval be too narrow. An x over y = 0 counts. All y zero gives nan; a single
    one above zero gives the ratio without bounds.

    `ValueError` if the lengths differ, a denominator is negative, or `level` is not inside (0, 1).
    """
    _require_share("level", level)
    x, y = _telling_pairs(numerators, denominators)
    total = float(np.sum(y))
    if total == 0.0:
        return Interval(math.nan, math.nan, math.nan, level, x.size)
    with np.errstate(invalid="ignore"):
        ratio = float(np.sum(x)) / total
    if np.count_nonzero(y) < 2 or not (math.isfinite(ratio) and math.isfinite(total)):
        return Interval(ratio, math.nan, math.nan, level, x.size)
    return _student(ratio, _root_mean_square(x - ratio * y) / (total / x.size), level, x.size)


def quantile_interval(per_replication_quantiles: Values, level: float = 0.95) -> Interval:
    """The mean of one quantile per replication, with Student's t interval.

    For data correlated inside a replication (waits in a queue). A quantile of few observations is
    biased, and replications do not average that away: let each replication hold many.
    """
    return mean_interval(per_replication_quantiles, level)


def order_statistic_interval(sample: Values, p: float, level: float = 0.95) -> Interval:
    """The `p` quantile of independent observations with a distribution-free interval.

    The bounds are order statistics; the number of observations up to the quantile is Binomial(n, p)
    (Conover, Practical Nonparametric Statistics, 1999, section 3.2). Each side errs with a probability
    of at most (1 - level) / 2; a side that the sample is too small for is -inf or inf. `mean` is the
    sample quantile, the observation of rank ceil(n · p).

    `ValueError` if `p` or `level` is not inside (0, 1).
    """
    _require_share("p", p)
    _require_share("level", level)
    known = _one_dimensional("sample", sample)
    ordered = np.sort(known[~np.isnan(known)])
    n = ordered.size
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, level, 0)
    estimate = float(ordered[_rank(n, p) - 1])
    if n < 2:
        return Interval(estimate, math.nan, math.nan, level, n)
    low, high = _order_ranks(n, p, level)
    padded = np.concatenate(([-np.inf], ordered, [np.inf]))
    return Interval(estimate, float(padded[low]), float(padded[high]), level, n)


def all_or_none_interval(share: float, observed: float, level: float = 0.95) -> Interval:
    """The interval of a share of which all of so many `observed` things, or none, were seen: one end is the share, the other
    that of Clopper and Pearson (1934, Biometrika 26:404-413), which takes them as independent of each other.

    `ValueError` if the share is neither 0 nor 1, `level` is not inside (0, 1) or nothing was observed.
    """
    _require_share("level", level)
    if share not in (0.0, 1.0) or not observed > 0:
        raise ValueError(f"`share` must be 0 or 1 of at least one thing, got {share!r} of {observed!r}")
    far = ((1.0 - level) / 2.0) ** (1.0 / observed)
    low, high = (far, 1.0) if share else (0.0, 1.0 - far)
    return Interval(share, low, high, level, round(observed))


@lru_cache(maxsize=1024)
def t_quantile(level: float, df: float) -> float:
    """The two-sided critical value: Student's t with `df` degrees lies within ± it with probability `level`.

    `ValueError` if `level` is not inside (0, 1) or `df` is not positive.
    """
    _require_share("level", level)
    if not df > 0:
        raise ValueError(f"`df` must be above 0, got {df!r}")
    return float(_special().stdtrit(df, (1.0 + level) / 2.0))


def t_share(value: float, df: float) -> float:
    """The probability that Student's t with `df` degrees of freedom is at most `value`."""
    return float(_special().stdtr(df, value))


def _student(estimate: float, deviation: float, level: float, n: int) -> Interval:
    half = t_quantile(level, n - 1) * deviation / math.sqrt(n)
    return Interval(estimate, estimate - half, estimate + half, level, n)


def _mean(values: npt.NDArray[np.float64]) -> float:
    if values.size == 0:
        return math.nan
    if values.min() == values.max():
        return float(values[0])  # exactly: a sum of equal numbers rounds
    with np.errstate(invalid="ignore"):
        return float(np.mean(values))


def _deviation(values: npt.NDArray[np.float64]) -> float:
    return 0.0 if values.min() == values.max() else float(np.std(values, ddof=1))


def _root_mean_square(residuals: npt.NDArray[np.float64]) -> float:
    """The deviation of residuals whose mean is 0 by construction, with n - 1 degrees of freedom."""
    return math.sqrt(float(residuals @ residuals) / (residuals.size - 1))


def _telling_pairs(numerators: Values, denominators: Values) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The pairs of which both are known, and not both zero."""
    x, y = _one_dimensional("numerators", numerators), _one_dimensional("denominators", denominators)
    if x.size != y.size:
        raise ValueError(f"a ratio needs one denominator a numerator, got {x.size} and {y.size}")
    known = ~(np.isnan(x) | np.isnan(y))
    if (y[known] < 0.0).any():
        raise ValueError("denominators must not be negative: they are counts, durations or amounts")
    telling = known & ((x != 0.0) | (y != 0.0))
    return x[telling], y[telling]


def _one_dimensional(name: str, values: Values) -> npt.NDArray[np.float64]:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"`{name}` must be one row of numbers, got an array of shape {array.shape}")
    return array


def _rank(n: int, p: float) -> int:
    # The allowance keeps n · p a whole number where rounding made it a little more (0.07 · 100).
    return min(max(math.ceil(n * p - 1e-9 * n), 1), n)


def _order_ranks(n: int, p: float, level: float) -> tuple[int, int]:
    """The ranks of the bounds, 1 … n, or 0 and n + 1 where no observation is far enough out."""
    tail = (1.0 - level) / 2.0

    def up_to(successes: int) -> float:
        return float(_special().bdtr(successes, n, p))

    return bisect_right(range(n + 1), tail, key=up_to), bisect_left(range(n), 1.0 - tail, key=up_to) + 1


def _require_share(name: str, value: float) -> None:
    if not 0.0 < value < 1.0:
        raise ValueError(f"`{name}` must lie between 0 and 1, for example 0.95, got {value!r}")


@cache
def _special() -> Any:
    """`scipy.special`, imported on first use; `scipy.stats` would take many times longer."""
    return import_module("scipy.special")
