"""KPIs of a steady state: intervals from batches of the measured time, put together until they no longer hang together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulation.metrics.kpi import Metric
from simulation.metrics.measure import (
    Measures,
    Segment,
    Summary,
    Sums,
    all_or_none,
    estimate,
    possible_interval,
    unit_of,
)
from simulation.scenario.prices import currency
from simulation.scenario.schema import Scenario
from simulation.statistics.batch_means import batch_interval
from simulation.statistics.paired import Estimate


def summarize_batches(
    whole: Sequence[Measures], parts: Sequence[Sequence[Measures]], scenario: Scenario, level: float = 0.95
) -> list[Summary]:
    """Every metric over the measured time of all replications, with its interval from batches (`parts`, by replication).

    What is asked at the end of the measured time (`backlog_at_end`) is the mean over the ends of the batches.
    """
    money = currency(scenario)
    found = []
    for metric, segment in dict.fromkeys(key for one in whole for key in one):
        seen = batch_interval(batch_estimate((metric, segment), whole, parts), len(parts), level)
        unit = unit_of(metric, money)
        every = [one.get((metric, segment)) for one in whole]
        interval = possible_interval(metric, unit, all_or_none(metric, every, seen.interval))
        found.append(Summary(metric, segment, unit, interval, seen.correlated))
    return found


def batch_estimate(
    key: tuple[Metric, Segment], whole: Sequence[Measures], parts: Sequence[Sequence[Measures]]
) -> Estimate:
    """The value over the whole time, and what each batch adds to its error; the batches of all replications one after the other."""
    metric = key[0]
    every = [one.get(key) for one in whole]
    batches = [one.get(key) for replication in parts for one in replication]
    found = estimate(metric, batches)
    if _at_a_moment(every, batches):
        return found
    value = estimate(metric, every).value
    return Estimate(value, np.zeros_like(found.influence) if np.isnan(found.value) else found.influence, found.n)


def _at_a_moment(whole: Sequence[Sums | None], batches: Sequence[Sums | None]) -> bool:
    """Whether it is neither a rate nor a ratio, nor a statistic: batches do not add up to the whole time."""
    known = [one for one in whole if one is not None]
    if not known or not known[0].fixed:
        return False
    together = sum(one.over for one in batches if one is not None)
    return together > sum(one.over for one in known) * 1.5
