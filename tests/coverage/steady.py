"""Steady states: intervals from batches of one long run, and warnings where it is too short."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
from scipy.signal import lfilter

from simulation.metrics.differences import Sample, differences
from simulation.metrics.kpi import Metric
from simulation.metrics.measure import EVERYTHING, Segment, Sums
from simulation.statistics.batch_means import BatchInterval, batch_interval
from simulation.statistics.paired import mean_estimate, ratio_estimate
from tests.coverage.models import Array
from tests.coverage.registry import at_least, at_most, covers

STEADY = "8. Steady state: batches of one long run"
MANY, BATCHES = 1000, 64


def queue(load: float) -> Callable[[np.random.Generator, int], Array]:
    """Waits of customers in M/M/1 less their exact mean, by Lindley's recursion from a stationary start; the mean service is 1."""

    def draw(chance: np.random.Generator, customers: int) -> Array:
        first = chance.exponential(1 / (1 - load)) if chance.random() < load else 0.0
        steps = chance.exponential(size=customers - 1) - chance.exponential(1 / load, customers - 1)
        walk = np.concatenate([[0.0], np.cumsum(steps)])
        return np.maximum(walk + first, walk - np.minimum.accumulate(walk)) - load / (1 - load)

    return draw


def autoregression(slope: float) -> Callable[[np.random.Generator, int], Array]:
    """A stationary autoregressive process of order one with mean 0."""

    def draw(chance: np.random.Generator, n: int) -> Array:
        shocks = chance.standard_normal(n)
        shocks[0] /= math.sqrt(1 - slope**2)
        return np.asarray(lfilter([1.0], [1.0, -slope], shocks))

    return draw


def studies(
    chance: np.random.Generator, draw: Callable[[np.random.Generator, int], Array], n: int
) -> Iterator[BatchInterval]:
    for _ in range(MANY):
        yield batch_interval(mean_estimate(draw(chance, n).reshape(BATCHES, -1).mean(axis=1)), 1, 0.95)


def cover(found: Iterator[BatchInterval]) -> Iterator[bool]:
    return (one.interval.low <= 0.0 <= one.interval.high for one in found)


@covers(STEADY)
def a_queue_at_50(chance: np.random.Generator) -> Iterator[bool]:
    """The mean wait in M/M/1 at 50 % load, from 16,000 customers"""
    return cover(studies(chance, queue(0.5), 16_000))


@covers(STEADY)
def a_queue_at_80(chance: np.random.Generator) -> Iterator[bool]:
    """At 80 % load, from 64,000"""
    return cover(studies(chance, queue(0.8), 64_000))


@covers(STEADY)
def a_queue_at_90(chance: np.random.Generator) -> Iterator[bool]:
    """At 90 % load, from 128,000"""
    return cover(studies(chance, queue(0.9), 128_000))


@covers(STEADY)
def an_autoregression(chance: np.random.Generator) -> Iterator[bool]:
    """The mean of an autoregressive process of order one (slope 0.9), from 6,400 values"""
    return cover(studies(chance, autoregression(0.9), 6400))


@covers(STEADY)
def a_ratio_of_batches(chance: np.random.Generator) -> Iterator[bool]:
    """A mean wait over customers who come in clumps, as a ratio of batches of time"""
    for _ in range(MANY):
        mood = autoregression(0.8)(chance, 6400)
        counts = chance.poisson(np.exp(0.3 * mood)).astype(float)
        sums = counts * (5.0 + chance.standard_normal(6400))
        parts = (part.reshape(BATCHES, -1).sum(axis=1) for part in (sums, counts))
        found = batch_interval(ratio_estimate(*parts), 1, 0.95).interval
        yield found.low <= 5.0 <= found.high


@covers(STEADY)
def a_difference_of_steady_states(chance: np.random.Generator) -> Iterator[bool]:
    """The differences of the mean wait in M/M/1 at 80 % load from servers that are 10 and 20 % faster, on the same customers, both at once"""
    speeds = (1.0, 1.1, 1.2)
    exact = [load / (speed * (1 - load)) for speed in speeds for load in (0.8 / speed,)]
    wait = (Metric("asa"), EVERYTHING)
    for _ in range(MANY):
        services, gaps = chance.exponential(size=34_000), chance.exponential(1 / 0.8, 34_000)
        base, *others = (
            _sample(wait, _from_empty(services / speed - gaps)[2000:].reshape(BATCHES, -1)) for speed in speeds
        )
        named = {str(number): other for number, other in enumerate(others)}
        found = differences(base, named, [wait], "", 0.95, chance)
        truth = (value - exact[0] for value in exact[1:])
        yield all(one.change.low <= value <= one.change.high for one, value in zip(found, truth, strict=True))


def _from_empty(steps: Array) -> Array:
    """Waits by Lindley's recursion in a system that is empty at first."""
    walk = np.concatenate([[0.0], np.cumsum(steps[1:])])
    return np.asarray(walk - np.minimum.accumulate(walk))


def _sample(key: tuple[Metric, Segment], batches: Array) -> Sample:
    """Waits of one run in batches, shape (batches, customers)."""
    whole, *parts = ({key: Sums(float(rows.sum()), float(rows.size))} for rows in (batches, *batches))
    return Sample([whole], [parts])


@at_least(STEADY, 0.85)
def too_short_a_queue_is_warned_about(chance: np.random.Generator) -> Iterator[bool]:
    """A warning of autocorrelation in M/M/1 at 90 % load from 6,400 customers, where intervals cover in 87 % only"""
    return (one.correlated for one in studies(chance, queue(0.9), 6400))


@at_least(STEADY, 0.85)
def too_short_an_autoregression_is_warned_about(chance: np.random.Generator) -> Iterator[bool]:
    """A warning for the autoregressive process from 640 values"""
    return (one.correlated for one in studies(chance, autoregression(0.9), 640))


@at_most(STEADY, 0.05)
def long_enough_is_not_warned_about(chance: np.random.Generator) -> Iterator[bool]:
    """A warning where there is no correlation"""
    return (one.correlated for one in studies(chance, autoregression(0.0), 640))
