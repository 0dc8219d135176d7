"""Two scenarios on the same customers: by how much each metric differs, and what may be concluded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from simulation.metrics.batches import batch_estimate
from simulation.metrics.kpi import Better, Metric
from simulation.metrics.measure import Measures, Segment, counted, estimate, metric_text, unit_of
from simulation.statistics.batch_means import batch_interval
from simulation.statistics.intervals import Interval
from simulation.statistics.paired import (
    Estimate,
    difference,
    interval,
    joint_level,
    variance_left,
)
from simulation.statistics.sequential import Followed, Unsettled, never_seen, unseen

MATTERS_SHARE, MATTERS_RELATIVE = 0.01, 0.05
"""The least difference that matters: of shares in absolute terms, of all else as a part of the base's value."""
ROUNDING = 1e-9
"""The part of what matters that may come of sums in another order."""
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
    `reduction` is the share of its variance that common random numbers have taken away (nan: nothing varies). `correlated`:
    the interval is from batches that hang together.
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
    correlated: bool = False


class Sample(NamedTuple):
    """The measures of a scenario by replication and, of a steady state, those of the batches of each."""

    whole: Sequence[Measures]
    parts: Sequence[Sequence[Measures]] = ()

    def estimate(self, key: Wanted) -> Estimate:
        """A metric as an estimate that remembers its replications, or its batches."""
        if self.parts:
            return batch_estimate(key, self.whole, self.parts)
        return estimate(key[0], [one.get(key) for one in self.whole])


def verdict(change: Interval, better: Better, matters: float) -> Change:
    """Better or worse (or more or less, of what is neither) if zero lies outside the interval by more than numbers are rounded;
    no difference if all of it lies within what does not matter; else undecided."""
    reach = max(abs(change.low), abs(change.high))
    if reach > ROUNDING * matters and (change.low > 0 or change.high < 0):
        up = change.low > 0
        if not better:
            return Change.more if up else Change.less
        return Change.better if up == (better == "higher") else Change.worse
    return Change.same if reach <= matters else Change.undecided


def least(metric: Metric, base: float, share: float = MATTERS_SHARE, relative: float = MATTERS_RELATIVE) -> float:
    """The least difference of a metric that matters, in its unit."""
    return share if metric.unit == "share" else relative * abs(base)


def differences(
    base: Sample,
    others: Mapping[str, Sample],
    wanted: Iterable[Wanted],
    money: str,
    level: float,
    chance: np.random.Generator,
) -> list[Difference]:
    """Every wanted metric of every other scenario against the base, replication by replication, at one joint level.

    Of steady states batch by batch: the same time on the same customers. Metrics of which one of the two has no data are left out.
    `ValueError` if there are not as many replications of each.
    """
    found = _pairs(base, others, list(wanted))
    apart = [difference(other, first) for _, _, first, other in found]
    single = joint_level(apart, level, chance)
    rows = [_few_rows(key, base.whole, (first, other), single) for _, key, first, other in found]
    return [
        _difference(name, key, (first, other), _joint(one, level, single, len(base.parts), few), money)
        for (name, key, first, other), one, few in zip(found, apart, rows, strict=True)
    ]


def _joint(apart: Estimate, level: float, single: float, runs: int, rows: float) -> tuple[Interval, bool]:
    """An interval that holds jointly, and whether it is from batches (of so many runs) that hang together; `rows` of a share
    that never varied (see `_few_rows`)."""
    if rows and apart.n > 1:
        return replace(never_seen(apart, single, -rows), level=level), False
    if not runs:
        return interval(apart, level, single), False
    found = batch_interval(apart, runs, single)
    return replace(found.interval, level=level), found.correlated


def _pairs(
    base: Sample, others: Mapping[str, Sample], wanted: Sequence[Wanted]
) -> list[tuple[str, Wanted, Estimate, Estimate]]:
    """Every wanted metric of every other scenario, with the base's and its own estimate."""
    found: list[tuple[str, Wanted, Estimate, Estimate]] = []
    for name, sample in others.items():
        if len(sample.whole) != len(base.whole):
            raise ValueError("a comparison needs the same replications of each scenario")
        for key in wanted:
            first, other = base.estimate(key), sample.estimate(key)
            if not (np.isnan(first.value) or np.isnan(other.value)):
                found.append((name, key, first, other))
    return found


class OpenDifferences:
    """Differences that are looked at again and again while replications go on, until each is decided; at one joint level over
    all of them and all looks. `chance` gives the generator for the joint level, the same at each look."""

    def __init__(
        self, wanted: Iterable[Wanted], money: str, level: float, chance: Callable[[], np.random.Generator]
    ) -> None:
        self.wanted = list(wanted)
        self.money = money
        self.level = level
        self.chance = chance
        self._followed: dict[tuple[str, Wanted], Followed[Change]] = {}
        self._seen: dict[tuple[str, Wanted], _Seen] = {}

    def look(self, base: Sample, others: Mapping[str, Sample], part: float) -> None:
        """Look at all replications so far; `part` of the error may be spent up to here."""
        pairs = _pairs(base, others, self.wanted)
        apart = [difference(other, first) for _, _, first, other in pairs]
        single = joint_level(apart, self.level, self.chance())
        for (name, key, first, other), one in zip(pairs, apart, strict=True):
            followed = self._followed.setdefault((name, key), Followed(0.0))
            if followed.verdict is None:
                seen = _Seen(first, other, key[0].better, least(key[0], first.value), single)
                rows = _few_rows(key, base.whole, (first, other), single)
                followed.look(one, single, part, seen.verdict, seen.matters, -rows)
                self._seen[name, key] = seen

    @property
    def open(self) -> list[Unsettled]:
        """Those without a verdict: scenario, metric and segment."""
        return [
            followed.unsettled(
                f"{name}: {metric_text(*key)}", unit_of(key[0], self.money), self._seen[name, key].matters
            )
            for (name, key), followed in self._followed.items()
            if followed.verdict is None
        ]

    def found(self) -> list[Difference]:
        """Every difference as it was at the look that settled it, or else at the last one."""
        return [self._found(*what) for what in self._followed]

    def _found(self, name: str, key: Wanted) -> Difference:
        seen, followed = self._seen[name, key], self._followed[name, key]
        change = replace(followed.interval(seen.level, seen.verdict), level=self.level)
        metric, segment = key
        reduction = 1 - variance_left(seen.other, seen.base)
        unit, final = unit_of(metric, self.money), followed.verdict or Change.undecided
        return Difference(name, metric, segment, unit, seen.base.value, seen.other.value, change, reduction, final)


def _few_rows(key: Wanted, measures: Sequence[Measures], pair: tuple[Estimate, Estimate], level: float) -> float:
    """Of a share that was 0 or 1 in all of so few rows (days, say), in both scenarios, that a difference which matters may have
    stayed unseen, how many there are; else 0."""
    if not counted(key[0]) or any(one.influence.any() for one in pair):
        return 0.0
    rows = sum(one[key].over for one in measures if key in one)
    return rows if rows >= 1 and unseen(rows, level) > least(key[0], pair[0].value) else 0.0


class _Seen(NamedTuple):
    """A difference at a look: both estimates, the better direction, what matters, and the level of its own."""

    base: Estimate
    other: Estimate
    better: Better
    matters: float
    level: float

    def verdict(self, change: Interval) -> Change | None:
        found = verdict(change, self.better, self.matters)
        return None if found is Change.undecided else found


def _difference(
    name: str, key: Wanted, pair: tuple[Estimate, Estimate], found: tuple[Interval, bool], money: str
) -> Difference:
    first, other = pair
    metric, segment = key
    change, correlated = found
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
        correlated,
    )
