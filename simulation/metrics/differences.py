"""Two scenarios on the same customers: by how much each metric differs, and what may be concluded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from simulation.metrics.kpi import Better, Metric
from simulation.metrics.measure import Measures, Segment, estimate, unit_of
from simulation.statistics.intervals import Interval
from simulation.statistics.paired import Estimate, difference, interval, joint_critical_value, variance_left

MATTERS_SHARE, MATTERS_RELATIVE = 0.01, 0.05
"""The least difference that matters: of shares in absolute terms, of all else as a part of the base's value."""
Wanted = tuple[Metric, Segment]


class Change(StrEnum):
    """What a difference shows, at the joint level."""

    better = "better"
    worse = "worse"
    more = "more"
    less = "less"
    same = "no difference"
    undecided = "undecided"


@dataclass(frozen=True)
class Difference:
    """A metric of a scenario against the base's, over the same customers.

    `change` is other - base with an interval that holds jointly with those of all differences of the comparison;
    `reduction` is the share of its variance that common random numbers have taken away (nan: nothing varies).
    """

    scenario: str
    metric: Metric
    segment: Segment
    unit: str
    base: float
    other: float
    change: Interval
    reduction: float
    verdict: Change


def verdict(change: Interval, better: Better, matters: float) -> Change:
    """Better or worse (or more or less, of what is neither) if zero lies outside the interval; no difference if all of it
    lies within what does not matter; else undecided."""
    if change.low > 0 or change.high < 0:
        up = change.low > 0
        if not better:
            return Change.more if up else Change.less
        return Change.better if up == (better == "higher") else Change.worse
    small = max(abs(change.low), abs(change.high)) <= matters
    return Change.same if small else Change.undecided


def least(metric: Metric, base: float, share: float = MATTERS_SHARE, relative: float = MATTERS_RELATIVE) -> float:
    """The least difference of a metric that matters, in its unit."""
    return share if metric.unit == "share" else relative * abs(base)


def differences(
    base: Sequence[Measures],
    others: Mapping[str, Sequence[Measures]],
    wanted: Iterable[Wanted],
    money: str,
    level: float,
    chance: np.random.Generator,
) -> list[Difference]:
    """Every wanted metric of every other scenario against the base, replication by replication, at one joint level.

    Metrics of which one of the two has no data are left out. `ValueError` if there are not as many replications of each.
    """
    found: list[tuple[str, Wanted, Estimate, Estimate]] = []
    keys = list(wanted)
    for name, measures in others.items():
        if len(measures) != len(base):
            raise ValueError("a comparison needs the same replications of each scenario")
        for key in keys:
            first, other = (estimate(key[0], [one.get(key) for one in each]) for each in (base, measures))
            if not (np.isnan(first.value) or np.isnan(other.value)):
                found.append((name, key, first, other))
    apart = [difference(other, first) for _, _, first, other in found]
    critical = joint_critical_value(apart, level, chance)
    return [
        _difference(name, key, (first, other), interval(one, level, critical), money)
        for (name, key, first, other), one in zip(found, apart, strict=True)
    ]


def _difference(name: str, key: Wanted, pair: tuple[Estimate, Estimate], change: Interval, money: str) -> Difference:
    first, other = pair
    metric, segment = key
    if first.value == other.value and np.array_equal(first.influence, other.influence) and first.n > 1:
        change = Interval(0.0, 0.0, 0.0, change.level, change.n)  # the very same: nothing is left to chance
    return Difference(
        name,
        metric,
        segment,
        unit_of(metric, money),
        first.value,
        other.value,
        change,
        1 - variance_left(other, first),
        verdict(change, metric.better, least(metric, first.value)),
    )
