"""A number of replications that was chosen beforehand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulation.statistics import Interval, mean_interval, order_statistic_interval, quantile_interval, ratio_interval
from simulation.statistics.paired import difference, interval, joint_level, mean_estimate
from tests.coverage import models
from tests.coverage.registry import at_least, covers

FIXED = "1. With a chosen number of replications"
MANY = 4000


def holds(value: float, found: Interval) -> bool:
    """Whether an interval covers a value."""
    return found.low <= value <= found.high


@covers(FIXED)
def normal_means(chance: np.random.Generator) -> Iterator[bool]:
    """Mean of normal figures, 5 replications."""
    return (holds(3, mean_interval(chance.normal(3, 2, 5))) for _ in range(MANY))


@covers(FIXED)
def skewed_means(chance: np.random.Generator) -> Iterator[bool]:
    """Mean of skewed figures (gamma, skewness 1), 20 replications."""
    return (holds(1, mean_interval(models.skewed(chance, 20))) for _ in range(MANY))


@covers(FIXED)
def waits_of_a_queue(chance: np.random.Generator) -> Iterator[bool]:
    """Mean wait in M/M/1 at 60 % load, 20 replications of 300 customers."""
    days = models.lindley(chance, 20 * 2000, 300, 0.6).reshape(2000, 20)
    return (holds(1.5, mean_interval(day)) for day in days)


@covers(FIXED)
def ratios(chance: np.random.Generator) -> Iterator[bool]:
    """Ratio of sums (share in time, worse on busier days), 20 replications."""
    return (holds(models.RATIO, ratio_interval(*models.shares(chance, 20))) for _ in range(MANY))


@covers(FIXED)
def quantiles(chance: np.random.Generator) -> Iterator[bool]:
    """90 % quantile by replication, 20 replications."""
    return (holds(models.QUANTILE, quantile_interval(models.quantiles(chance, 20))) for _ in range(MANY))


@at_least(FIXED, 0.95)
def quantiles_of_independent_data(chance: np.random.Generator) -> Iterator[bool]:
    """90 % quantile of 200 independent observations by order statistics (never too narrow)."""
    return (holds(np.log(10), order_statistic_interval(chance.exponential(1, 200), 0.9)) for _ in range(MANY))


@covers(FIXED)
def paired_differences(chance: np.random.Generator) -> Iterator[bool]:
    """Paired difference of skewed figures, 10 replications."""
    for _ in range(MANY):
        one, other = models.paired(chance, 10, 0.1)
        yield holds(0.1, interval(difference(mean_estimate(other), mean_estimate(one)), 0.95))


@covers(FIXED)
def simultaneous_differences(chance: np.random.Generator) -> Iterator[bool]:
    """Twelve correlated paired differences, all of them at once, 10 replications."""
    changes = np.linspace(-0.5, 0.5, 12)
    for _ in range(1000):
        pairs = zip(*models.many_paired(chance, 10, changes), strict=True)
        apart = [difference(mean_estimate(other), mean_estimate(one)) for one, other in pairs]
        single = joint_level(apart, 0.95, chance, draws=1000)
        yield all(holds(change, interval(one, 0.95, single)) for one, change in zip(apart, changes, strict=True))


@covers(FIXED)
def two_replications(chance: np.random.Generator) -> Iterator[bool]:
    """Thirty independent differences, all of them at once, 2 replications."""
    for _ in range(1000):
        apart = [mean_estimate(values) for values in chance.normal(0, 1, (30, 2))]
        single = joint_level(apart, 0.95, chance, draws=100)
        yield all(holds(0, interval(one, 0.95, single)) for one in apart)


@covers(FIXED)
def rare_figures(chance: np.random.Generator) -> Iterator[bool]:
    """Mean handling time of rare contacts (one in four replications on average; gamma, skewness 1), 100 replications."""
    for _ in range(1000):
        counts = chance.poisson(0.25, 100)
        sums = np.where(counts > 0, chance.gamma(4 * np.maximum(counts, 1)) / 4, 0.0)
        yield holds(1, ratio_interval(sums, counts))
