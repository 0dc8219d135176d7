"""From records to KPI values: sums per replication, then intervals over replications."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.metrics.cost import currency
from simulation.metrics.kpi import KPIS, Amount, Metric, Ratio, Values
from simulation.metrics.view import View
from simulation.scenario.schema import Scenario
from simulation.statistics import Interval, mean_interval, ratio_interval

Array = npt.NDArray[Any]
Segment = tuple[tuple[str, str], ...]
EVERYTHING: Segment = ()
FINE = ("weekday", "hour")
"""Dimensions with so many values that quantiles are left out."""


class Sums(NamedTuple):
    """A metric of one replication and segment: a ratio's parts, or a statistic (over = NaN)."""

    value: float
    over: float


Measures = dict[tuple[Metric, Segment], Sums]


@dataclass(frozen=True)
class Summary:
    """A metric over all replications."""

    metric: Metric
    segment: Segment
    unit: str
    interval: Interval


def segment_text(segment: Segment) -> str:
    """A segment as in a target: channel=phone,urgency=high; empty for everything."""
    return ",".join(f"{dimension}={label}" for dimension, label in segment)


def measure(view: View, metrics: Sequence[Metric], extra: Iterable[tuple[Metric, Segment]] = ()) -> Measures:
    """Every metric on everything and on each value of each dimension, and some on segments of their own."""
    found: Measures = {}
    evaluated: dict[tuple[str, float | None], Ratio | Values] = {}
    for metric in metrics:
        definition = _evaluated(view, metric, evaluated)
        found.update(_all_segments(view, metric, definition))
    for metric, segment in extra:
        if (metric, segment) not in found:
            found[metric, segment] = _one_segment(view, metric, _evaluated(view, metric, evaluated), segment)
    return found


def _evaluated(view: View, metric: Metric, evaluated: dict[tuple[str, float | None], Ratio | Values]) -> Ratio | Values:
    key = (metric.kpi, metric.parameter)
    if key not in evaluated:
        evaluated[key] = KPIS[metric.kpi].of(view, metric.parameter)
    return evaluated[key]


def _all_segments(view: View, metric: Metric, definition: Ratio | Values) -> Iterator[tuple[tuple[Metric, Segment], Sums]]:
    whole = _one_segment(view, metric, definition, EVERYTHING)
    yield (metric, EVERYTHING), whole
    quantile = metric.statistic not in ("", "mean")
    for dimension in KPIS[metric.kpi].dimensions:
        labels = view.labels(dimension)
        if quantile and dimension in FINE:
            continue
        sums = _by_label(view, metric, definition, dimension, len(labels))
        for label, one in zip(labels, sums, strict=True):
            if one is not None:
                yield (metric, ((dimension, label),)), one


def _by_label(view: View, metric: Metric, definition: Ratio | Values, dimension: str, n: int) -> list[Sums | None]:
    """Sums for each label of a dimension; None where there is no data."""
    if isinstance(definition, Values) and metric.statistic != "mean":
        codes = view.codes(definition.table, dimension)
        groups = (definition.values[codes == code] for code in range(n))
        return [_statistic(group, metric.statistic) for group in groups]
    above, below = _parts(definition)
    value = _label_sums(view, above, dimension, n)
    over = _label_sums(view, below, dimension, n) if below else np.full(n, _constant(definition))
    there = over != 0 if below else _label_sums(view, [Amount(a.table, a.values != 0) for a in above], dimension, n) > 0
    return [Sums(float(v), float(o)) if has else None for v, o, has in zip(value, over, there, strict=True)]


def _parts(definition: Ratio | Values) -> tuple[list[Amount], list[Amount]]:
    """A mean is a ratio too: the sum of the values over their number."""
    if isinstance(definition, Ratio):
        return definition.numerator, definition.denominator
    known = ~np.isnan(definition.values)
    total = np.where(known, definition.values, 0.0)
    return [Amount(definition.table, total)], [Amount(definition.table, known)]


def _constant(definition: Ratio | Values) -> float:
    return definition.over if isinstance(definition, Ratio) else 1.0


def _label_sums(view: View, amounts: list[Amount], dimension: str, n: int) -> Array:
    total = np.zeros(n)
    for amount in amounts:
        codes = view.codes(amount.table, dimension)
        total += np.bincount(codes + 1, amount.values, minlength=n + 1)[1:]
    return total


def _one_segment(view: View, metric: Metric, definition: Ratio | Values, segment: Segment) -> Sums:
    if isinstance(definition, Values) and metric.statistic != "mean":
        return _statistic(definition.values[_mask(view, definition.table, segment)], metric.statistic) or Sums(np.nan, np.nan)
    above, below = _parts(definition)
    value = sum(float(amount.values[_mask(view, amount.table, segment)].sum()) for amount in above)
    over = sum(float(amount.values[_mask(view, amount.table, segment)].sum()) for amount in below)
    return Sums(value, over if below else _constant(definition))


def _mask(view: View, table: str, segment: Segment) -> Any:
    mask: Any = slice(None)
    for dimension, label in segment:
        here = view.codes(table, dimension) == view.labels(dimension).index(label)
        mask = here if isinstance(mask, slice) else mask & here
    return mask


def _statistic(values: Array, name: str) -> Sums | None:
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return None
    value = known.max() if name == "max" else np.quantile(known, int(name[1:]) / 100)
    return Sums(float(value), np.nan)


def summarize(measures: Sequence[Measures], scenario: Scenario, level: float = 0.95) -> list[Summary]:
    """Intervals over replications: ratios by the delta method, statistics by Student's t.

    A segment that had no data in a replication counts there as zero over zero.
    """
    keys = list(dict.fromkeys(key for one in measures for key in one))
    return [_summary(metric, segment, [one.get((metric, segment)) for one in measures], scenario, level) for metric, segment in keys]


def _summary(metric: Metric, segment: Segment, sums: list[Sums | None], scenario: Scenario, level: float) -> Summary:
    unit = KPIS[metric.kpi].unit.replace("money", currency(scenario))
    known = [one for one in sums if one is not None]
    if all(np.isnan(one.over) for one in known):
        interval = mean_interval([one.value for one in known], level)
    else:
        filled = [one or Sums(0.0, _missing(known)) for one in sums]
        interval = ratio_interval([one.value for one in filled], [one.over for one in filled], level)
    return Summary(metric, segment, unit, interval)


def _missing(known: list[Sums]) -> float:
    """The denominator of a replication without data: the constant where it is one (a rate per day), else zero."""
    overs = {one.over for one in known}
    return overs.pop() if len(overs) == 1 and len(known) > 1 else 0.0
