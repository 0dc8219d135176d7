"""What each factor of a sweep does: alone (a tornado), or as a share of the variance (Sobol' indices)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simulation.chance import stream
from simulation.metrics.differences import Difference, Sample, differences
from simulation.metrics.kpi import Metric
from simulation.metrics.measure import Segment, segment_text, unit_of
from simulation.scenario.factors import Factor
from simulation.scenario.prices import currency
from simulation.statistics.paired import Estimate
from simulation.statistics.sensitivity import Observed, Sensitivity, sensitivity

if TYPE_CHECKING:
    import pandas as pd

    from simulation.experiments.sweep import Sweep

Key = tuple[Metric, Segment]


@dataclass(frozen=True)
class Effect:
    """What a factor alone does to a metric: its values, each with the paired difference from the scenario as it is. The
    intervals of all differences of a sweep hold at one joint level."""

    metric: Metric
    segment: Segment
    factor: Factor
    moves: list[tuple[Any, Difference]]

    @property
    def swing(self) -> float:
        """How far apart the metric is brought by the values, the scenario as it is being one of them."""
        changes = [0.0, *(one.change.mean for _, one in self.moves)]
        return max(changes) - min(changes)


@dataclass(frozen=True)
class Shares:
    """Which factor brings how much of the variance of a metric over the ranges."""

    metric: Metric
    segment: Segment
    unit: str
    mean: float
    found: Sensitivity

    @property
    def deviation(self) -> float:
        """The standard deviation over the ranges, in the unit of the metric, freed from noise."""
        return self.found.variance**0.5


def effects(sweep: Sweep) -> list[Effect]:
    """All effects, by metric in the order shown, and the largest first."""
    if sweep.design.kind != "one-at-a-time":
        return []
    base, *others = sweep.points
    chance = stream(sweep.scenario.seed, 0, "joint")
    measures = {str(one.number): Sample(one.measures) for one in others}
    found = differences(Sample(base.measures), measures, sweep.shown, currency(sweep.scenario), sweep.level, chance)
    by_place = {(one.scenario, (one.metric, one.segment)): one for one in found}
    every = []
    for metric, segment in sweep.shown:
        mine = []
        for factor in sweep.factors:
            set_by = [one for one in others if factor.path in one.values]
            seen = [(one.values[factor.path], by_place.get((str(one.number), (metric, segment)))) for one in set_by]
            moves = [(value, change) for value, change in seen if change is not None]
            mine += [Effect(metric, segment, factor, moves)] if moves else []
        every += sorted(mine, key=lambda one: -one.swing)
    return every


def shares(sweep: Sweep) -> list[Shares]:
    """Indices of every metric shown that has data at all points."""
    if sweep.design.kind != "sobol":
        return []
    money = currency(sweep.scenario)
    found = []
    for metric, segment in sweep.shown:
        estimates = [point.estimates.get((metric, segment)) for point in sweep.points]
        known = [one for one in estimates if one is not None and not np.isnan(one.value)]
        if len(known) == len(estimates):
            values = np.array([_by_replication(one) for one in known])
            chance = stream(sweep.scenario.seed, 0, "rows")
            indices = sensitivity(_observed(values, sweep), sweep.level, chance)
            mean = float(np.mean([one.value for one in known]))
            found.append(Shares(metric, segment, unit_of(metric, money), mean, indices))
    return found


def _by_replication(one: Estimate) -> npt.NDArray[np.float64]:
    """A number of each replication whose mean is the estimate (for a ratio, to first order)."""
    return one.value + one.by_replication


def _observed(values: npt.NDArray[np.float64], sweep: Sweep) -> Observed:
    """Values by point, shape (points, replications), as those of a Sobol' design."""
    rows, factors = sweep.design.sampled, len(sweep.factors)
    blocks = values[sweep.design.rows].reshape(factors + 2, rows, -1).transpose(2, 0, 1)
    return Observed(blocks[:, 0], blocks[:, 1], blocks[:, 2:])


def effects_frame(sweep: Sweep) -> pd.DataFrame:
    """A row a factor's value and metric: metric, segment, unit, factor, value, base, other, change, low, high, level, verdict."""
    import pandas as pd

    rows = [
        (str(one.metric), segment_text(one.segment), by.unit, one.factor.name, str(value), by.base, by.other,
         by.change.mean, by.change.low, by.change.high, sweep.level, by.verdict.value)
        for one in sweep.tornado
        for value, by in one.moves
    ]  # fmt: skip
    columns = ["metric", "segment", "unit", "factor", "value", "base", "other", "change", "low", "high", "level"]
    return pd.DataFrame(rows, columns=[*columns, "verdict"])


def shares_frame(sweep: Sweep) -> pd.DataFrame:
    """A row a factor and metric: metric, segment, unit, factor, first, first_low, first_high, total, total_low, total_high,
    level, deviation, noise."""
    import pandas as pd

    rows = [
        (str(one.metric), segment_text(one.segment), one.unit, factor.name, by.first.mean, by.first.low, by.first.high,
         by.total.mean, by.total.low, by.total.high, sweep.level, one.deviation, one.found.noise)
        for one in sweep.sensitivity
        for factor, by in zip(sweep.factors, one.found.indices, strict=True)
    ]  # fmt: skip
    columns = ["metric", "segment", "unit", "factor", "first", "first_low", "first_high", "total", "total_low"]
    return pd.DataFrame(rows, columns=[*columns, "total_high", "level", "deviation", "noise"])


def by_metric(found: Sequence[Effect]) -> dict[Key, list[Effect]]:
    """Effects by metric."""
    grouped: dict[Key, list[Effect]] = {}
    for one in found:
        grouped.setdefault((one.metric, one.segment), []).append(one)
    return grouped
