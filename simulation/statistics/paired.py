"""Estimates that remember their replications, differences of paired ones, and intervals that hold for many at once.

An estimate of a mean, a ratio or a function of one is, to first order, its value plus the mean of one number per
replication: its *influence* (the delta method). So the difference of two estimates from the same replications, with
common random numbers, has the difference of their influences; and many differences have one covariance matrix.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.statistics.intervals import Interval, Values, _special, t_quantile

Array = npt.NDArray[np.float64]
DRAWS, EFFORT, AT_ONCE = (2_000, 20_000), 2_000_000, 250
"""Least and most draws by which a joint level is found, the numbers drawn for it, and how many draws are held at once."""
MOST_DRAWN, FAR = 30, 1e3
"""Degrees of freedom from which what more of them change is worked out instead of drawn; where Student's law ends in practice."""


class Estimate(NamedTuple):
    """A value and what each replication adds to its error, shape (replications,): mean zero; zero where a replication knows
    nothing. `n` is the number of replications that know something."""

    value: float
    influence: Array
    n: int

    @property
    def by_replication(self) -> Array:
        """What each replication adds to the error of the plain mean of all of them, those that know nothing included."""
        return self.influence * (len(self.influence) / self.n) if self.n else self.influence

    @property
    def error(self) -> float:
        """The standard error; nan for fewer than two replications."""
        if self.n < 2:
            return math.nan
        spread = float(self.influence @ self.influence) / (self.n * (self.n - 1))
        return math.sqrt(spread)


def mean_estimate(values: Values) -> Estimate:
    """The mean over replications of one number each; nan is no number."""
    given = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(given)
    n = int(known.sum())
    if n == 0:
        return Estimate(math.nan, np.zeros(len(given)), 0)
    held = given[known]
    mean = float(held[0]) if held.min() == held.max() else float(held.mean())
    with np.errstate(invalid="ignore"):
        return Estimate(mean, np.where(known, given - mean, 0.0), n)


def ratio_estimate(numerators: Values, denominators: Values) -> Estimate:
    """The ratio of sums over replications; influence (x - r y) / mean(y) (Cochran 1977, chapter 6). Zero over zero tells
    nothing."""
    x, y = np.asarray(numerators, dtype=np.float64), np.asarray(denominators, dtype=np.float64)
    known = ~(np.isnan(x) | np.isnan(y))
    x, y = np.where(known, x, 0.0), np.where(known, y, 0.0)
    n, total = int(((x != 0.0) | (y != 0.0)).sum()), float(y.sum())
    if not total:
        return Estimate(math.nan, np.zeros(len(x)), 0)
    with np.errstate(invalid="ignore"):
        ratio = float(x.sum()) / total
        return Estimate(ratio, (x - ratio * y) * n / total, n if np.count_nonzero(y) > 1 else 1)


def root(estimate: Estimate) -> Estimate:
    """The square root of an estimate of what is not negative, by the delta method.

    Near zero the root is steep, and at zero it has no slope: there the slope is that to a point one standard error up, so
    that an estimate of nothing is not one without error.
    """
    if not math.isfinite(estimate.value):
        return estimate
    seen = estimate.error if estimate.n > 1 else 0.0
    steep = math.sqrt(max(estimate.value, seen / 4))
    slope = 0.5 / steep if steep else 0.0
    return Estimate(math.sqrt(max(estimate.value, 0.0)), estimate.influence * slope, estimate.n)


def difference(other: Estimate, base: Estimate) -> Estimate:
    """How much more `other` is than `base`, both from the same replications."""
    return Estimate(other.value - base.value, other.influence - base.influence, min(other.n, base.n))


def variance_left(other: Estimate, base: Estimate) -> float:
    """Variance of a paired difference ÷ what it would be with independent replications: the variance reduction that common
    random numbers reach is one less this (Law 2015, section 11.2). nan where neither varies."""
    apart = float(other.influence @ other.influence + base.influence @ base.influence)
    paired = other.influence - base.influence
    return float(paired @ paired) / apart if apart else math.nan


def interval(estimate: Estimate, level: float, single: float | None = None) -> Interval:
    """Student's t interval of an estimate; of no width where nothing varies. `single` is the level of one interval where many
    are to hold with `level` at once (see `joint_level`)."""
    if estimate.n < 2:
        half = math.nan
    elif not estimate.error:
        half = 0.0
    else:
        half = t_quantile(single or level, estimate.n - 1) * estimate.error
    return Interval(estimate.value, estimate.value - half, estimate.value + half, level, estimate.n)


def joint_level(
    estimates: Sequence[Estimate], level: float, chance: np.random.Generator, draws: int | None = None
) -> float:
    """On which level each single interval must be so that with probability `level` all of them hold at once.

    By the quantile of the largest absolute value of Student's statistics that have the correlations that the replications
    show (Hothorn, Bretz and Westfall 2008, Simultaneous inference in general parametric models, Biometrical Journal
    50:346-363), each with a standard error of its own, by simulation; never below `level` itself, nor above Bonferroni's. As
    few replications show correlations by chance, what they show is shrunk towards none (Schäfer and Strimmer 2005, Statistical
    Applications in Genetics and Molecular Biology 4:32); two show none, as any two numbers lie on a line. Each interval has the degrees of freedom of its own, so one of which
    few replications know something makes no other wider. Estimates without spread take no part. `draws`: by default as many as
    make the critical value's own error about a per cent.
    """
    lively = [one for one in estimates if one.n > 1 and one.error > 0]
    if len(lively) < 2:
        return level
    fewer = min(sorted(one.n for one in lively)[len(lively) // 2] - 1, MOST_DRAWN)
    scaled = _scaled(lively)
    draws = draws or int(np.clip(EFFORT / (len(lively) * (fewer + 1)), *DRAWS))
    found = float(np.quantile(_largest(scaled, fewer + 1, draws, chance), level))
    bonferroni = 1 - (1 - level) / len(lively)
    return min(max(within(found, fewer), level), bonferroni) if found < FAR else bonferroni


def _scaled(estimates: Sequence[Estimate]) -> Array:
    """Influences as rows of unit length, whose products are correlations; of two replications in a column of its own."""
    rows = np.array([one.influence / np.linalg.norm(one.influence) for one in estimates])
    few = [number for number, one in enumerate(estimates) if one.n < 3]
    if not few:
        return rows
    rows[few] = 0.0
    own = np.zeros((len(rows), len(few)))
    own[few, range(len(few))] = 1.0
    return np.hstack([rows, own])


def _largest(scaled: Array, n: int, draws: int, chance: np.random.Generator) -> Array:
    """Draws of the largest absolute statistic of estimates (rows of unit length), each of n replications."""
    kept = 1 - _shrunk(scaled)
    rows, largest, factor = len(scaled), np.empty(draws), _factor(scaled)
    for start in range(0, draws, AT_ONCE):
        many = min(AT_ONCE, draws - start)
        common = chance.standard_normal((factor.shape[1], n * many), dtype=np.float32)
        own = chance.standard_normal((rows, n * many), dtype=np.float32)
        drawn = (math.sqrt(kept) * factor @ common + math.sqrt(1 - kept) * own).reshape(rows, many, n)
        statistics = np.abs(drawn.mean(axis=2)) / (drawn.std(axis=2, ddof=1) / math.sqrt(n))
        largest[start : start + many] = statistics.max(axis=0)
    return largest


def _factor(scaled: Array) -> npt.NDArray[np.float32]:
    """Rows with the same products as those given, no longer than they are many (the symmetric root: the same on every machine)."""
    if scaled.shape[1] <= len(scaled):
        return scaled.astype(np.float32)
    values, vectors = np.linalg.eigh(scaled @ scaled.T)
    return (vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T).astype(np.float32)


def _shrunk(scaled: Array) -> float:
    """The part of the correlations that is put down to chance: their sampling variance over their mean square."""
    seen = (scaled @ scaled.T)[np.triu_indices(len(scaled), 1)]
    chance = (1 - np.minimum(seen**2, 1.0)) ** 2 / (scaled.shape[1] - 1)
    return float(min(chance.sum() / max((seen**2).sum(), 1e-12), 1.0))


def within(critical: float, df: int) -> float:
    """The level of a single interval with that critical value."""
    return 1 - 2 * float(_special().stdtr(df, -critical))
