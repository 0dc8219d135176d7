"""Models whose exact answers are known, drawn by replication."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
QUANTILE_OF = 200
QUANTILE = float(
    np.interp(0.9 * (QUANTILE_OF - 1), np.arange(QUANTILE_OF), np.cumsum(1 / np.arange(QUANTILE_OF, 0, -1.0)))
)
"""The mean of the 90 % quantile (linear between order statistics) of 200 standard exponentials: those have the means
1/n, 1/n + 1/(n-1) … (Rényi 1953)."""
RATIO = 0.799
"""E[N p(N)] / E[N] of `shares`: 0.8 - 0.001 Var(N) / E[N]."""


def skewed(chance: np.random.Generator, n: int) -> Array:
    """Gamma of shape 4 with mean 1 (skewness 1): a mean wait, by day."""
    return chance.gamma(4.0, 0.25, n)


def shares(chance: np.random.Generator, n: int) -> tuple[Array, Array]:
    """Contacts answered in time and contacts, by day: the busier the day, the worse its share."""
    counts = chance.poisson(100, n)
    return chance.binomial(counts, 0.8 - 0.001 * (counts - 100)).astype(float), counts.astype(float)


def quantiles(chance: np.random.Generator, n: int) -> Array:
    """The 90 % quantile of each day's waits."""
    return np.quantile(chance.exponential(1.0, (n, QUANTILE_OF)), 0.9, axis=1)


def paired(chance: np.random.Generator, n: int, change: float) -> tuple[Array, Array]:
    """A day's figure in two scenarios with common random numbers (correlation 0.8), both skewed; the second is more by `change`."""
    common, one, other = chance.gamma(4.0, 0.25, n), chance.gamma(1.0, 0.25, n), chance.gamma(1.0, 0.25, n)
    return common + one, common + other + change


def many_paired(chance: np.random.Generator, n: int, changes: Array) -> tuple[Array, Array]:
    """As many figures as there are changes, in two scenarios, shape (figures, n): figures of a day are correlated."""
    day, k = chance.standard_normal(n), len(changes)
    base = day + chance.standard_normal((k, n))
    return base, base + changes[:, None] + 0.5 * chance.standard_normal(n) + 0.5 * chance.standard_normal((k, n))


def lindley(chance: np.random.Generator, n: int, customers: int, load: float) -> Array:
    """The mean wait of some customers of M/M/1 with service rate 1, by day; the first one meets the stationary queue, so
    that the exact mean is load / (1 - load)."""
    wait = np.where(chance.random(n) < load, chance.exponential(1 / (1 - load), n), 0.0)
    total = np.zeros(n)
    steps = chance.exponential(1.0, (customers, n)) - chance.exponential(1 / load, (customers, n))
    for step in steps:
        total += wait
        wait = np.maximum(wait + step, 0.0)
    return total / customers
