"""Sobol indices of a noisy model: which factor brings how much of the variance of a figure.

The figure at a point is a mean over replications, and all points have the same replications (common random numbers). So
replication r gives a whole surface of its own, and the surface of the means has, beside the variance sought, 1/R of the
variance of what the replications disagree on. A product of two numbers that are unbiased replication by replication is freed
from that by subtracting their covariance over replications ÷ R (what is left is the mean of products of *different*
replications, a U-statistic); sums of such products are exact in expectation for every R >= 2.

`scipy.stats.sobol_indices` uses the same estimators, but knows nothing of noise: on a model of chance it counts the noise
among the interactions, so that every total index is too large.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.statistics.intervals import Interval, t_quantile

Array = npt.NDArray[np.float64]
RESAMPLES = 200
"""Bootstrap samples of rows; the standard error that they give is itself known to some 5 %."""

ROUNDING = 1e-12
"""The part of a figure that is lost to rounding."""


class Indices(NamedTuple):
    """What a factor brings: `first` alone, `total` with all interactions it is part of; shares of the variance."""

    first: Interval
    total: Interval


class Sensitivity(NamedTuple):
    """Indices by factor; `variance` of the figure over the ranges, freed from noise, and the share of the variance of the
    observed means that is `noise` (0 without chance)."""

    indices: list[Indices]
    variance: float
    noise: float


class Observed(NamedTuple):
    """The figure by replication: `a` and `b` of shape (replications, rows), `ab` of shape (replications, factors, rows)."""

    a: Array
    b: Array
    ab: Array


class _Moments(NamedTuple):
    """By row: what the variance (shape (rows,)) and the first and total variances (shape (factors, rows)) are means of."""

    variance: Array
    first: Array
    total: Array

    def indices(self) -> Array:
        """First then total indices, shape (2, factors); nan where nothing varies."""
        return self.at(np.ones((1, self.variance.size)))[0]

    def at(self, weights: Array) -> Array:
        """Indices under weights of rows, shape (samples, 2, factors), from weights of shape (samples, rows)."""
        below = weights @ self.variance
        with np.errstate(divide="ignore", invalid="ignore"):
            both = [np.where(below[:, None] > 0, weights @ one.T / below[:, None], np.nan) for one in self[1:]]
        return np.stack(both, axis=1)


def sensitivity(observed: Observed, level: float, chance: np.random.Generator) -> Sensitivity:
    """First-order indices (Saltelli et al. 2010, table 2 b) and total ones (Jansen 1999, Analysis of variance designs for
    model output, Computer Physics Communications 117:35-43), freed from noise, with intervals.

    An interval adds up two sources of error: which rows were drawn (a bootstrap over rows, conservative for a Sobol' sequence,
    whose rows are better spread than independent ones) and which replications (a jackknife over them; nothing without chance),
    with the degrees of freedom of such a sum (Satterthwaite 1946). `ValueError` unless there are two rows or more, as many of
    each sample, and one replication (a model without chance) or three or more.
    """
    replications, rows = observed.a.shape
    if observed.a.shape != observed.b.shape or rows < 2:
        raise ValueError("indices need two rows or more, as many of each sample")
    if replications == 2:
        raise ValueError("indices need three replications or more, or a single one of a model without chance")
    centred = _without_rounding(_centred(observed), float(np.abs(observed.a).max()))
    found = _moments(centred)
    parts = np.array([_over_rows(found, chance), _over_replications(centred)])
    return Sensitivity(_intervals(found.indices(), parts, level, rows, replications), *_variance(found, centred))


def _centred(observed: Observed) -> Observed:
    """Each replication less its own mean: what all points have in common is no effect of a factor, and the products of first
    indices vary less around zero."""
    middle = (observed.a.mean(axis=1) + observed.b.mean(axis=1)) / 2
    return Observed(observed.a - middle[:, None], observed.b - middle[:, None], observed.ab - middle[:, None, None])


def _without_rounding(centred: Observed, size: float) -> Observed:
    """Exact zeros for what sums in another order make of them: a figure that is the same everywhere has no shares to divide."""
    return Observed(*(np.where(np.abs(one) > ROUNDING * size, one, 0.0) for one in centred))


def _moments(of: Observed) -> _Moments:
    apart = of.ab - of.a[:, None]
    variance = (_product(of.a, of.a) + _product(of.b, of.b)) / 2
    return _Moments(variance, _product(of.b[:, None], apart), _product(apart, apart) / 2)


def _product(x: Array, y: Array) -> Array:
    """The product of two expectations, from replications (the first axis) of both; plain for a single one."""
    x, y = np.broadcast_arrays(x, y)
    many = x.shape[0]
    product: Array = x.mean(axis=0) * y.mean(axis=0)
    if many > 1:
        product = product - ((x - x.mean(axis=0)) * (y - y.mean(axis=0))).sum(axis=0) / (many * (many - 1))
    return product


def _over_rows(found: _Moments, chance: np.random.Generator) -> Array:
    """The variance of indices as rows are drawn anew (Archer, Saltelli and Sobol' 1997; Efron and Tibshirani 1993)."""
    rows = found.variance.size
    weights = chance.multinomial(rows, np.full(rows, 1 / rows), RESAMPLES).astype(np.float64)
    drawn = found.at(weights)
    known = (~np.isnan(drawn)).sum(axis=0) > 1
    spread = np.full(known.shape, np.nan)
    spread[known] = np.nanvar(drawn[:, known], axis=0, ddof=1) * rows / (rows - 1)
    return spread


def _over_replications(of: Observed) -> Array:
    """The variance of indices as replications are drawn anew: the jackknife."""
    many = of.a.shape[0]
    if many == 1:
        return np.zeros((2, of.ab.shape[1]))
    without = [Observed(*(np.delete(one, each, axis=0) for one in of)) for each in range(many)]
    left = np.array([_moments(one).indices() for one in without])
    spread: Array = ((left - left.mean(axis=0)) ** 2).sum(axis=0) * (many - 1) / many
    return spread


def _variance(found: _Moments, of: Observed) -> tuple[float, float]:
    """The variance freed from noise, and what share of that of the means is noise."""
    free, plain = float(found.variance.mean()), float((of.a.mean(axis=0) ** 2 + of.b.mean(axis=0) ** 2).mean() / 2)
    return max(free, 0.0), min(max(1 - free / plain, 0.0), 1.0) if plain else 0.0


def _intervals(values: Array, parts: Array, level: float, rows: int, replications: int) -> list[Indices]:
    """Intervals of indices, shape (2, factors), from the two parts of their variances, shape (2, 2, factors)."""

    def interval(kind: int, factor: int) -> Interval:
        value, (by_row, by_replication) = float(values[kind, factor]), map(float, parts[:, kind, factor])
        spread = by_row + by_replication
        if not math.isfinite(spread + value):
            return Interval(value, math.nan, math.nan, level, rows)
        apart = by_row**2 / (rows - 1) + by_replication**2 / max(replications - 1, 1)
        half = t_quantile(level, spread**2 / apart) * math.sqrt(spread) if apart else 0.0
        return Interval(value, min(max(value - half, 0.0), 1.0), max(min(value + half, 1.0), 0.0), level, rows)

    return [Indices(interval(0, factor), interval(1, factor)) for factor in range(values.shape[1])]


def of_function(function: Callable[[Array], Array], a: Array, b: Array, ab: Array) -> Observed:
    """A function without chance at the points of a design, as one replication."""
    return Observed(function(a)[None], function(b)[None], np.array([function(one) for one in ab])[None])
