"""From records to KPI values: sums per replication, then intervals over replications."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.metrics.kpi import KPIS, Amount, Held, Metric, Ratio, Values
from simulation.metrics.view import DIMENSIONS, Periods, View
from simulation.scenario.prices import currency
from simulation.scenario.schema import Scenario
from simulation.statistics import Interval, all_or_none_interval, mean_interval, ratio_interval
from simulation.statistics.paired import Estimate, mean_estimate, ratio_estimate, root

Array = npt.NDArray[Any]
Segment = tuple[tuple[str, str], ...]
EVERYTHING: Segment = ()
FINE = ("weekday", "hour")
"""Dimensions with so many values that quantiles are left out; in the order of `View.calendar`."""
MANY_CODES = 10_000_000


class Sums(NamedTuple):
    """A metric of one replication and segment: a ratio's parts, or a statistic (over = NaN).

    `fixed` where what stands below the line is a constant, such as measured days.
    """

    value: float
    over: float
    fixed: bool = False


Measures = dict[tuple[Metric, Segment], Sums]


@dataclass(frozen=True)
class Summary:
    """A metric over all replications; `correlated` if its interval is from batches that hang together."""

    metric: Metric
    segment: Segment
    unit: str
    interval: Interval
    correlated: bool = False


def segment_text(segment: Segment) -> str:
    """A segment as in a target: channel=phone,urgency=high; empty for everything."""
    return ",".join(f"{dimension}={label}" for dimension, label in segment)


def metric_text(metric: Metric, segment: Segment) -> str:
    """A metric on a segment as in a target: service_level(20s){channel=phone}."""
    return str(metric) + (f"{{{segment_text(segment)}}}" if segment else "")


def measure(view: View, metrics: Sequence[Metric], extra: Iterable[tuple[Metric, Segment]] = ()) -> Measures:
    """Every metric on everything and on each value of each dimension, and some on segments of their own."""
    slicer = Slicer(view)
    found: Measures = {}
    for metric in metrics:
        found.update(slicer.everywhere(metric))
    for metric, segment in extra:
        if (metric, segment) not in found:
            found[metric, segment] = slicer.on(metric, segment)
    return found


class Slicer:
    """Evaluates metrics on segments of one replication; remembers what several of them share."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._definitions: dict[tuple[str, float | None], Ratio | Values] = {}
        self._parts: dict[int, tuple[list[Amount], list[Amount]]] = {}
        self._sums: dict[tuple[int, str, str], Array] = {}
        self._sorted: dict[int, Array] = {}
        self._grouped: dict[tuple[int, str], list[Array]] = {}
        self._cell_of: dict[str, tuple[Array, dict[str, Array]]] = {}
        self._alive: list[Array] = []

    def everywhere(self, metric: Metric) -> Iterator[tuple[tuple[Metric, Segment], Sums]]:
        """The metric on everything, then on each value of each dimension that has data."""
        yield (metric, EVERYTHING), self.on(metric, EVERYTHING)
        definition = self._definition(metric)
        quantile = isinstance(definition, Values) and metric.statistic != "mean"
        for dimension in KPIS[metric.kpi].dimensions:
            if (quantile and dimension in FINE) or not self.view.labels(dimension):
                continue
            sums = self._quantiles(metric, definition, dimension) if quantile else self._ratios(definition, dimension)
            for label, one in zip(self.view.labels(dimension), sums, strict=True):
                if one is not None:
                    yield (metric, ((dimension, label),)), one

    def on(self, metric: Metric, segment: Segment) -> Sums:
        """The metric on one segment."""
        if metric.held is not None:
            return self._held(metric, metric.held, segment)
        definition = self._definition(metric)
        if isinstance(definition, Values) and metric.statistic != "mean":
            rows = definition.values
            known = self._in_order(rows) if not segment else _ordered(rows[self._mask(definition.table, segment)])
            return _statistic(known, metric.statistic) or Sums(np.nan, np.nan)
        above, below = self._amounts(definition)
        value, over = (sum(self._total(part, segment) for part in parts) for parts in (above, below))
        return Sums(value, over if below else _constant(definition), not below)

    def _held(self, metric: Metric, held: Held, segment: Segment) -> Sums:
        """The periods in which a metric keeps to a bound, and those in which it has data."""
        definition, periods = self._definition(metric), self.view.periods(held.periods)
        if isinstance(definition, Values) and metric.statistic != "mean":
            of = self._period_of(definition.table, segment, periods)
            order = np.argsort(of, kind="stable")
            groups = np.split(definition.values[order], np.searchsorted(of[order], np.arange(periods.many)))[1:]
            known = (_statistic(_ordered(group), metric.statistic) for group in groups)
            found = np.array([np.nan if one is None else one.value for one in known])
        else:
            above, below = (self._by_period(parts, segment, periods) for parts in self._amounts(definition))
            over = (
                below if self._amounts(definition)[1] else _constant(definition) * periods.seconds / self.view.seconds
            )
            found = np.divide(above, over, out=np.full(periods.many, np.nan), where=over != 0)
        found = np.sqrt(found) if KPIS[metric.kpi].root else found
        known = ~np.isnan(found)
        return Sums(float(held(found[known]).sum()), float(known.sum()))

    def _by_period(self, parts: list[Amount], segment: Segment, periods: Periods) -> Array:
        """Sums of amounts by period."""
        found = np.zeros(periods.many + 1)
        for part in parts:
            of = self._period_of(part.table, segment, periods)
            found += np.bincount(of + 1, part.values, minlength=len(found))
        return found[1:]

    def _period_of(self, table: str, segment: Segment, periods: Periods) -> Array:
        """The period of each row of a table; -1 for one that is not on the segment."""
        of = periods.of[self.view.codes(table, "interval")]
        return np.where(self._mask(table, segment), of, -1) if segment else of

    def _definition(self, metric: Metric) -> Ratio | Values:
        key = (metric.kpi, metric.parameter)
        if key not in self._definitions:
            self._definitions[key] = KPIS[metric.kpi].of(self.view, metric.parameter)
        return self._definitions[key]

    def _amounts(self, definition: Ratio | Values) -> tuple[list[Amount], list[Amount]]:
        """Above and below the line."""
        if id(definition) not in self._parts:
            self._parts[id(definition)] = parts(definition)[:2]
        return self._parts[id(definition)]

    def _ratios(self, definition: Ratio | Values, dimension: str) -> list[Sums | None]:
        """Sums for each label of a dimension; None where there is no data."""
        above, below = self._amounts(definition)
        n = len(self.view.labels(dimension))
        value = sum((self._by_label(part, dimension, n) for part in above), np.zeros(n))
        if below:
            over = sum((self._by_label(part, dimension, n) for part in below), np.zeros(n))
            there = over != 0
        else:
            over, there = np.full(n, _constant(definition)), value != 0
        return [
            Sums(float(v), float(o), not below) if has else None for v, o, has in zip(value, over, there, strict=True)
        ]

    def _quantiles(self, metric: Metric, definition: Ratio | Values, dimension: str) -> list[Sums | None]:
        assert isinstance(definition, Values)
        return [_statistic(group, metric.statistic) for group in self._groups(definition, dimension)]

    def _groups(self, definition: Values, dimension: str) -> list[Array]:
        """The known values of each label in ascending order."""
        key = (id(definition.values), dimension)
        if key not in self._grouped:
            codes = self.view.codes(definition.table, dimension)
            labels = range(len(self.view.labels(dimension)))
            if len(codes) and (codes == codes[0]).all():
                whole = self._in_order(definition.values)
                self._grouped[key] = [whole if code == codes[0] else whole[:0] for code in labels]
            else:
                self._grouped[key] = [_ordered(definition.values[codes == code]) for code in labels]
        return self._grouped[key]

    def _in_order(self, rows: Array) -> Array:
        if id(rows) not in self._sorted:
            self._alive.append(rows)
            self._sorted[id(rows)] = _ordered(rows)
        return self._sorted[id(rows)]

    def _total(self, part: Amount, segment: Segment) -> float:
        return float((part.values[self._mask(part.table, segment)] if segment else part.values).sum())

    def _by_label(self, part: Amount, dimension: str, n: int) -> Array:
        """Sums of an amount by label, gathered from sums by interval or by cell."""
        key = (id(part.values), part.table, dimension)
        if key not in self._sums:
            self._alive.append(part.values)
            if dimension in FINE:
                labels, sums = self.view.calendar[FINE.index(dimension)], self._by_interval(part)
            else:
                labels, sums = self._cells(part.table)[1][dimension], self._by_cell(part)
            self._sums[key] = np.bincount(labels + 1, sums, minlength=n + 1)[1:]
        return self._sums[key]

    def _by_interval(self, part: Amount) -> Array:
        key = (id(part.values), part.table, "interval")
        if key not in self._sums:
            intervals = len(self.view.record.edges) - 1
            self._sums[key] = np.bincount(self.view.codes(part.table, "interval"), part.values, minlength=intervals)
        return self._sums[key]

    def _by_cell(self, part: Amount) -> Array:
        key = (id(part.values), part.table, "cell")
        if key not in self._sums:
            of, labels = self._cells(part.table)
            self._sums[key] = np.bincount(of, part.values, minlength=len(next(iter(labels.values()))))
        return self._sums[key]

    def _cells(self, table: str) -> tuple[Array, dict[str, Array]]:
        """A table's rows by combination of all coarse dimensions: the cell of each row, each cell's labels (-1: none)."""
        if table not in self._cell_of:
            dimensions = [name for name in DIMENSIONS[table] if name not in FINE]
            joint = np.zeros(len(self.view.codes(table, "interval")), dtype=np.int64)
            for name in dimensions:
                joint = joint * (len(self.view.labels(name)) + 1) + self.view.codes(table, name) + 1
            present, of = _present(joint)
            labels = {}
            for name in reversed(dimensions):
                present, labels[name] = np.divmod(present, len(self.view.labels(name)) + 1)
            self._cell_of[table] = of, {name: codes - 1 for name, codes in labels.items()}
        return self._cell_of[table]

    def _mask(self, table: str, segment: Segment) -> Array:
        masks = [
            self.view.codes(table, dimension) == self.view.labels(dimension).index(label)
            for dimension, label in segment
        ]
        return np.logical_and.reduce(masks)


def parts(definition: Ratio | Values) -> tuple[list[Amount], list[Amount], float]:
    """Above and below the line, and the constant below it if nothing else is. A mean is a ratio too: the sum of the values
    over their number."""
    if isinstance(definition, Ratio):
        return definition.numerator, definition.denominator, definition.over
    known = ~np.isnan(definition.values)
    total = Amount(definition.table, np.where(known, definition.values, 0.0))
    return [total], [Amount(definition.table, known)], 1.0


def _present(codes: Array) -> tuple[Array, Array]:
    """Codes that occur, ascending, and each row's position among them (np.unique, without sorting small codes)."""
    if len(codes) == 0 or codes.max() > MANY_CODES:
        return np.unique(codes, return_inverse=True)
    occurs = np.bincount(codes) > 0
    return np.flatnonzero(occurs), (np.cumsum(occurs) - 1)[codes]


def _constant(definition: Ratio | Values) -> float:
    return definition.over if isinstance(definition, Ratio) else 1.0


def _ordered(rows: Array) -> Array:
    """The known values in ascending order."""
    return np.sort(rows[~np.isnan(rows)])


def _statistic(ordered: Array, name: str) -> Sums | None:
    """A quantile (linear between order statistics) or the maximum of values in ascending order."""
    if len(ordered) == 0:
        return None
    at = (len(ordered) - 1) * (1.0 if name == "max" else int(name[1:]) / 100)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return Sums(float(ordered[below] + (at - below) * (ordered[above] - ordered[below])), np.nan)


def summarize(
    measures: Sequence[Measures], scenario: Scenario, level: float = 0.95, single: float | None = None
) -> list[Summary]:
    """Intervals over replications: ratios by the delta method, statistics by Student's t.

    `single` is the level of one look where the data is looked at more than once, so that all of them have `level`.
    A segment that had no data in a replication counts there as zero over zero.
    """
    return summarize_in(measures, currency(scenario), level, single)


def summarize_in(
    measures: Sequence[Measures], money: str, level: float = 0.95, single: float | None = None
) -> list[Summary]:
    """The same, with amounts in a currency."""
    keys = list(dict.fromkeys(key for one in measures for key in one))
    return [
        _summary(metric, segment, [one.get((metric, segment)) for one in measures], money, single or level, level)
        for metric, segment in keys
    ]


def _summary(
    metric: Metric, segment: Segment, sums: list[Sums | None], money: str, single: float, level: float
) -> Summary:
    interval = interval_of(metric, sums, single)
    return Summary(metric, segment, unit_of(metric, money), replace(interval, level=level))


def interval_of(metric: Metric, sums: Sequence[Sums | None], level: float) -> Interval:
    """A metric over replications with its interval; None: no data in that replication."""
    x, y = _filled(sums)
    found = mean_interval(x, level) if y is None else ratio_interval(x, y, level)
    found = all_or_none(metric, sums, _root(found) if metric.root else found)
    return possible_interval(metric, unit_of(metric, ""), found)


def all_or_none(metric: Metric, sums: Sequence[Sums | None], found: Interval) -> Interval:
    """The interval of a share of which all or none were seen (days that held, contacts that were answered in time), and which so
    has no width over replications (or batches): that of the days and contacts themselves."""
    if not counted(metric) or found.low != found.high or found.mean not in (0.0, 1.0):
        return found
    return all_or_none_interval(found.mean, sum(one.over for one in sums if one is not None), found.level)


def counted(metric: Metric) -> bool:
    """Whether it is a share of things that are counted, and none of time."""
    of_time = {"staffing", "bot_hours"}.intersection(KPIS[metric.kpi].tables)
    return metric.held is not None or (metric.unit == "share" and not metric.root and not of_time)


def possible_interval(metric: Metric, unit: str, interval: Interval) -> Interval:
    """The interval without values that the metric cannot take."""
    return _possible(interval, *_limits(metric, unit))


def unit_of(metric: Metric, money: str) -> str:
    """The unit of a metric, where amounts are in that currency."""
    return metric.unit.replace("money", money)


def estimate(metric: Metric, sums: Sequence[Sums | None]) -> Estimate:
    """A metric over replications as an estimate that remembers them; None: no data in that replication."""
    x, y = _filled(sums)
    found = mean_estimate(x) if y is None else ratio_estimate(x, y)
    return root(found) if metric.root else found


def _filled(sums: Sequence[Sums | None]) -> tuple[list[float], list[float] | None]:
    """Numbers by replication: what stands above and below the line, or a statistic alone."""
    known = [one for one in sums if one is not None]
    if all(np.isnan(one.over) for one in known):
        return [one.value if one is not None else np.nan for one in sums], None
    filled = [one or Sums(0.0, _missing(known)) for one in sums]
    return [one.value for one in filled], [one.over for one in filled]


def _root(squares: Interval) -> Interval:
    """The interval of a standard deviation, from that of a variance (an estimate of which may lie below zero)."""
    mean, low, high = (float(np.sqrt(max(one, 0.0))) for one in (squares.mean, squares.low, squares.high))
    return replace(squares, mean=mean, low=low, high=high)


def _bounded(metric: Metric) -> bool:
    """Shares of rows lie below 1; shares of time (overtime, shrinkage …) need not."""
    return metric.held is not None or "staffing" not in KPIS[metric.kpi].tables


def _limits(metric: Metric, unit: str) -> tuple[float, float]:
    """The least and the most that a metric can be; only points (of a net score) can be negative."""
    if unit == "points":
        return -100.0, 100.0
    return 0.0, 1.0 if unit == "share" and _bounded(metric) else np.inf


def _possible(interval: Interval, least: float, most: float) -> Interval:
    """The interval without values that the metric cannot take."""
    return replace(interval, low=min(max(interval.low, least), most), high=max(min(interval.high, most), least))


def _missing(known: list[Sums]) -> float:
    """The denominator of a replication without data: the constant where it is one (a rate per day), else zero."""
    return known[0].over if known and known[0].fixed else 0.0
