"""How a run over several weeks went: a few figures week by week, with their intervals over replications."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from simulation.reports import figures, metric_title, possible, value_text
from simulation.reports.figures import Axis, Drawing

Array = npt.NDArray[Any]
FILE = "weeks.csv"
HALF_A_WEEK = 3.5
WEEK = dt.timedelta(days=7)
LINE, BAND = "#0072b2", "rgba(0, 114, 178, 0.18)"
GROUPS = {
    "people": ("Staff week by week", ("agents", "vacancies", "tenure", "occupancy", "fatigue.mean", "overtime")),
    "quality": ("Quality week by week", ("quality", "answer_accuracy", "fcr", "csat", "retention")),
    "work": ("Work, waits and cost week by week", ("contacts", "asa.mean", "service_level", "abandonment", "cost")),
}
"""What is drawn together: the metrics of each figure, those of a KPI with a parameter by its name alone."""
READING = (
    "One point a week (from Monday; a week of which less than half was measured is left out), with its {level} interval "
    "over replications. The axes need not begin at zero, and differ."
)


class Point(NamedTuple):
    """A metric in a week: its Monday, mean, and interval (as wide as nothing where there is none)."""

    week: dt.date
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Trend:
    """A metric over the weeks."""

    metric: str
    unit: str
    points: list[Point]


def read(folder: Path) -> list[Mapping[str, str]]:
    """The rows of the weekly roll-up of a results folder, of everything together; none where a run was too short."""
    file = folder / FILE
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        return [row for row in csv.DictReader(lines) if not row["segment"]]


def trends(rows: Iterable[Mapping[str, str]]) -> dict[str, Trend]:
    """Metrics over weeks that were measured at least in half."""
    found: dict[str, Trend] = {}
    for row in rows:
        if row["mean"] and float(row["days"]) >= HALF_A_WEEK:
            mean = float(row["mean"])
            ends = (float(row[end]) if row[end] else mean for end in ("low", "high"))
            trend = found.setdefault(row["metric"], Trend(row["metric"], row["unit"], []))
            trend.points.append(Point(dt.date.fromisoformat(row["week"]), mean, *ends))
    return found


def drawings(rows: Sequence[Mapping[str, str]]) -> Iterable[tuple[str, str, Drawing]]:
    """Anchor, title and drawing of each group of which there are two weeks or more to be seen."""
    known = {name: trend for name, trend in trends(rows).items() if len(trend.points) > 1}
    for anchor, (title, names) in GROUPS.items():
        shown = [known[metric] for name in names for metric in known if metric.partition("(")[0] == name]
        shown = [trend for trend in shown if any(point.mean for point in trend.points)]
        if shown:
            yield f"trend-{anchor}", title, _drawing(shown)


def _drawing(shown: Sequence[Trend]) -> Drawing:
    """One panel a metric, all over the same weeks."""
    weeks = sorted({point.week for trend in shown for point in trend.points})
    axis = _axis(weeks)
    units = [_scale(trend) for trend in shown]

    def traces(number: int) -> list[go.Scatter]:
        return _band(shown[number], units[number][0])

    names = [metric_title(trend.metric) for trend in shown]
    drawing = figures.panels(
        names, traces, axis, [word for _, word in units], figures.joined(map(_says, shown)), legend=False
    )
    drawing.figure.update_layout({f"yaxis{n or ''}": {"rangemode": "normal"} for n in (0, *range(2, len(names) + 1))})
    return drawing


def _axis(weeks: Sequence[dt.date]) -> Axis:
    starts = [dt.datetime.combine(week, dt.time()) for week in weeks]
    ticks = {"type": "date", "tickformatstops": figures.BY_DATE, "hoverformat": "week of %-d %b %Y"}
    return Axis(starts, WEEK, np.zeros(0, dtype=int), np.zeros(len(starts)), ticks, "%d %B %Y")


def _scale(trend: Trend) -> tuple[float, str]:
    """By what values are divided to read well, and the unit then."""
    if trend.unit == "share":
        return 0.01, "%"
    if trend.unit == "s":
        return figures.time_unit(max(point.mean for point in trend.points))
    return 1.0, trend.unit


def _band(trend: Trend, size: float) -> list[go.Scatter]:
    """The interval as a band, and the mean as a line."""
    weeks, means, lows, highs = (np.array(column) for column in zip(*trend.points, strict=True))
    x = figures.as_dates([dt.datetime.combine(week, dt.time()) + WEEK / 2 for week in weeks])
    cut = np.vectorize(lambda end: possible(end, trend.unit))
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    said = f"{metric_title(trend.metric)}: %{{y:.4~g}}<extra></extra>"
    style = {"mode": "lines+markers", "line": {"color": LINE, "width": 1.8}, "marker": {"size": 4}}
    return [
        go.Scatter(x=x, y=_thin(cut(lows) / size), **edge),
        go.Scatter(x=x, y=_thin(cut(highs) / size), fill="tonexty", fillcolor=BAND, **edge),
        go.Scatter(x=x, y=_thin(means / size), hovertemplate=said, **style),
    ]


def _thin(values: Array) -> Array:
    return values.astype(np.float32)


def _says(trend: Trend) -> str:
    """From where a metric came, and where it went."""
    first, last = trend.points[0], trend.points[-1]
    ends = (f"{value_text(point.mean, trend.unit)} in the week of {_day(point.week)}" for point in (first, last))
    return f"{metric_title(trend.metric)}: {' and '.join(ends)}"


def _day(date: dt.date) -> str:
    return f"{date.day} {date:%B}"
