"""KPIs week by week, of runs over three weeks and more: sums per replication and week, then intervals over replications.

Weeks are those of the calendar, Monday to Sunday by the center's clock; the first and the last may be measured in part.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.metrics.kpi import KPIS, Amount, Metric
from simulation.metrics.measure import EVERYTHING, Measures, Segment, Summary, Sums, parts, summarize
from simulation.metrics.view import View
from simulation.scenario.schema import DAY, Scenario

Array = npt.NDArray[Any]
LEAST = 21 * DAY
"""Measured seconds from which a run is rolled up by week."""
BY = ("channel", "team")
"""Dimensions by which weeks are sliced besides everything together."""


class Week(NamedTuple):
    """A week of one replication: its Monday, the days of it that were measured, and every metric."""

    starts: dt.date
    days: float
    measures: Measures


class WeekSummary(NamedTuple):
    """A metric of a week over all replications."""

    starts: dt.date
    days: float
    summary: Summary


def weekly(view: View, metrics: Sequence[Metric]) -> list[Week]:
    """The ratios and means among the metrics, by calendar week; nothing of a run shorter than three weeks.

    A row belongs to the week of its hour: of the arrival of a case or contact, the begin of a wait, the hour worked.
    """
    if view.seconds < LEAST:
        return []
    mondays, of, seconds = _weeks(view)
    found: list[Measures] = [{} for _ in mondays]
    for metric in metrics:
        if metric.statistic in ("", "mean") and "hour" in KPIS[metric.kpi].dimensions:
            for segment, values, overs, fixed in _sums(view, metric, of, seconds):
                for week, (value, over) in enumerate(zip(values.tolist(), overs.tolist(), strict=True)):
                    if not segment or (value if fixed else over):
                        found[week][metric, segment] = Sums(value, over, fixed)
    lengths = (seconds / DAY).tolist()
    return [Week(start, days, one) for start, days, one in zip(mondays, lengths, found, strict=True)]


def _weeks(view: View) -> tuple[list[dt.date], Array, Array]:
    """Mondays, the number of the week of each interval of the record, and measured seconds by week."""
    monday = np.array([wall.toordinal() - wall.weekday() for wall in view.walls])
    measured = np.diff(np.clip(view.record.edges, *view.record.measured))
    first = int(monday[measured > 0][0])
    of = np.clip((monday - first) // 7, 0, int((monday[measured > 0][-1] - first) // 7))
    seconds = np.bincount(of, measured)
    return [dt.date.fromordinal(first + 7 * week) for week in range(len(seconds))], of, seconds


def _sums(view: View, metric: Metric, of: Array, seconds: Array) -> Iterator[tuple[Segment, Array, Array, bool]]:
    """By segment what stands above and below the line of a metric in each week, and whether the latter is a constant."""
    above, below, constant = parts(KPIS[metric.kpi].of(view, metric.parameter))
    per_week = constant * seconds / view.seconds
    for dimension in (None, *(name for name in BY if name in KPIS[metric.kpi].dimensions)):
        labels = [] if dimension is None else view.labels(dimension)
        value = sum(_grid(view, part, dimension, of, len(seconds)) for part in above)
        over = sum(_grid(view, part, dimension, of, len(seconds)) for part in below)
        for number, segment in enumerate([((dimension, label),) for label in labels] if dimension else [EVERYTHING]):
            yield segment, value[:, number], over[:, number] if below else per_week, not below


def _grid(view: View, part: Amount, dimension: str | None, of: Array, weeks: int) -> Any:
    """Sums of an amount by week (rows) and label of a dimension (columns; a single one without)."""
    week = of[view.codes(part.table, "interval")]
    if dimension is None:
        return np.bincount(week, part.values, minlength=weeks)[:, None]
    n = len(view.labels(dimension)) + 1  # the first for rows that have none
    flat = week * n + view.codes(part.table, dimension) + 1
    return np.bincount(flat, part.values, minlength=weeks * n).reshape(weeks, n)[:, 1:]


def summarize_weeks(
    replications: Sequence[Sequence[Week]], scenario: Scenario, level: float = 0.95, single: float | None = None
) -> list[WeekSummary]:
    """Every metric of every week with its interval over replications; levels as in `summarize`."""
    return [
        WeekSummary(same[0].starts, same[0].days, summary)
        for same in zip(*replications, strict=True)
        for summary in summarize([week.measures for week in same], scenario, level, single)
    ]
