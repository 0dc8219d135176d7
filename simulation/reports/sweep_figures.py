"""Figures of sweeps: curves, heat maps, tornadoes, shares of variance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from simulation.experiments.effects import Effect, Key, Shares
from simulation.experiments.sweep import Point, Sweep
from simulation.metrics.measure import unit_of
from simulation.metrics.targets import Target
from simulation.reports.console import spoken
from simulation.reports.figures import (
    BUSY,
    COLOURS,
    FAINT,
    INK,
    Drawing,
    axis_title,
    layout,
    name_rows,
    shown_name,
    time_unit,
)
from simulation.reports.sweep import labels, share_cells, values_text
from simulation.scenario.factors import Factor
from simulation.scenario.prices import currency

LOW, HIGH = COLOURS[0], COLOURS[1]
SCALE = [[0.0, "#f2f5f7"], [1.0, "#0072b2"]]
ROW = 34


def curve(sweep: Sweep, key: Key, target: Target | None) -> Drawing:
    """A metric along the one factor, with its intervals and the bound of a target."""
    factor, size, word = sweep.factors[0], *scale_of(sweep, key)
    known = [point for point in sweep.points if key in point.estimates]
    where, ticks = places(factor, [point.values[factor.path] for point in known])
    found = [next(one.interval for one in point.summaries if (one.metric, one.segment) == key) for point in known]
    mean, low, high = (np.array([getattr(one, part) for one in found]) / size for part in ("mean", "low", "high"))
    order = np.argsort(where)
    band = {"array": (high - mean)[order], "arrayminus": (mean - low)[order], "symmetric": False}
    line = go.Scatter(
        x=np.array(where)[order], y=mean[order], error_y={**band, "color": FAINT, "thickness": 1.2, "width": 3},
        mode="lines+markers", line={"color": COLOURS[0]}, hovertemplate="%{y:.4~g}<extra></extra>",
    )  # fmt: skip
    figure = go.Figure([line], layout(300, top=28))
    figure.update_layout(showlegend=False, hovermode="closest")
    figure.update_xaxes(title=axis_title(labels(sweep.factors)[factor.path]), **ticks)
    figure.update_yaxes(title=axis_title(word), **({"tickformat": ".0%"} if word == "share" else {}))
    if target is not None:
        figure.add_hline(y=target.bound / size, line={"color": COLOURS[1], "dash": "dash", "width": 1.5})
    return Drawing(figure, _says(sweep, key, known))


def heat_map(sweep: Sweep, key: Key) -> Drawing:
    """A metric over the two factors of a grid."""
    size, word = scale_of(sweep, key)
    first, second = sweep.factors
    rows, columns = ([str(level) for level in factor.levels] for factor in (first, second))
    values, texts = np.full((len(rows), len(columns)), np.nan), [[""] * len(columns) for _ in rows]
    unit = unit_of(key[0], currency(sweep.scenario))
    for point in sweep.points:
        row, column = rows.index(str(point.values[first.path])), columns.index(str(point.values[second.path]))
        if key in point.estimates:
            values[row, column] = point.estimates[key].value / size
            texts[row][column] = spoken(point.estimates[key].value, unit)
    map_ = go.Heatmap(
        z=values, x=list(range(len(columns))), y=list(range(len(rows))), text=texts, colorscale=SCALE, hoverinfo="text",
        texttemplate="%{text}" if len(columns) <= 8 else None, colorbar={"title": {"text": word}, "thickness": 12},
    )  # fmt: skip
    figure = go.Figure([map_], layout(max(220, 90 + ROW * len(rows)), top=28))
    names = labels(sweep.factors)
    figure.update_layout(hovermode="closest")
    figure.update_xaxes(
        title=axis_title(names[second.path]),
        tickvals=list(range(len(columns))),
        ticktext=[shown_name(one, 16) for one in columns],
    )
    figure.update_yaxes(
        title=axis_title(names[first.path]),
        tickvals=list(range(len(rows))),
        ticktext=[shown_name(one, 16) for one in rows],
    )
    figure.update_yaxes(showgrid=False, zeroline=False)
    return Drawing(figure, _says(sweep, key, sweep.points))


def cloud(sweep: Sweep, key: Key, target: Target | None) -> Drawing:
    """A metric against cost, a dot a point: what money buys."""
    from simulation.experiments.sweep import COST

    size, word = scale_of(sweep, key)
    known = [point for point in sweep.points if key in point.estimates and COST in point.estimates]
    dots = go.Scatter(
        x=[point.cost for point in known], y=[point.estimates[key].value / size for point in known], mode="markers",
        marker={"size": 8, "color": [COLOURS[2] if point.meets_all else BUSY for point in known], "line": {"color": INK, "width": 0.6}},
        text=[shown_name(values_text(point.values, sweep.factors), 120) for point in known], hoverinfo="text",
    )  # fmt: skip
    figure = go.Figure([dots], layout(320, top=28))
    figure.update_layout(showlegend=False, hovermode="closest")
    figure.update_xaxes(title=axis_title(f"cost ({unit_of(COST[0], currency(sweep.scenario))})"))
    figure.update_yaxes(title=axis_title(word), **({"tickformat": ".0%"} if word == "share" else {}))
    if target is not None:
        figure.add_hline(y=target.bound / size, line={"color": COLOURS[1], "dash": "dash", "width": 1.5})
    return Drawing(figure, _says(sweep, key, known))


def tornado(effects: Sequence[Effect], sweep: Sweep) -> Drawing:
    """What each factor does to a metric, the largest effect on top, each end with its interval."""
    names = labels(sweep.factors)
    unit = effects[0].moves[0][1].unit
    size, word = (
        (0.01, "percentage points")
        if unit == "share"
        else _scale(unit, [abs(by.change.mean) for one in effects for _, by in one.moves])
    )
    figure = go.Figure(layout=layout(70 + ROW * len(effects), top=28))
    for index, which in enumerate(("the least value", "the largest value")):
        ends = [(row, one.moves[0 if index == 0 else -1]) for row, one in enumerate(effects)]
        mean = np.array([by.change.mean for _, (_, by) in ends]) / size
        more = np.array([by.change.high - by.change.mean for _, (_, by) in ends]) / size
        figure.add_bar(
            y=[row for row, _ in ends], x=mean, orientation="h", name=which, marker_color=(LOW, HIGH)[index],
            error_x={"array": np.nan_to_num(more), "color": INK, "thickness": 1.2, "width": 3}, width=0.62, opacity=0.85,
            hoverinfo="skip",
        )  # fmt: skip
    figure.update_layout(barmode="overlay", hovermode="closest")
    figure.update_xaxes(title=axis_title(f"change ({word})"), zeroline=True, zerolinecolor=INK)
    ticks = [shown_name(f"{names[one.factor.path]} ({one.moves[0][0]} … {one.moves[-1][0]})", 40) for one in effects]
    name_rows(figure, ticks)
    return Drawing(figure, f"The largest effect: {names[effects[0].factor.path]}.")


def shares(one: Shares, sweep: Sweep) -> Drawing:
    """First and total indices by factor with their intervals."""
    names = labels(sweep.factors)
    rows = sorted(zip(sweep.factors, one.found.indices, strict=True), key=lambda row: -np.nan_to_num(row[1].total.mean))
    figure = go.Figure(layout=layout(90 + 2 * ROW * len(rows), top=40))
    for index, kind in enumerate(("alone", "with interactions")):
        found = [by[index] for _, by in rows]
        mean = np.clip(np.nan_to_num([each.mean for each in found]), 0, 1)
        whiskers = {"array": np.nan_to_num([max(each.high - at, 0) for each, at in zip(found, mean, strict=True)]),
                    "arrayminus": np.nan_to_num([max(at - each.low, 0) for each, at in zip(found, mean, strict=True)])}  # fmt: skip
        figure.add_bar(
            y=list(range(len(rows))), x=mean, orientation="h", name=kind, marker_color=(COLOURS[0], BUSY)[index],
            error_x={**whiskers, "symmetric": False, "color": INK, "thickness": 1.2, "width": 3},
        )  # fmt: skip
    figure.update_layout(barmode="group", bargap=0.3, hovermode=False)
    figure.update_xaxes(tickformat=".0%", range=[0, 1.04])
    ticks = [shown_name(names[factor.path], 26) for factor, _ in rows]
    name_rows(figure, ticks)
    first = rows[0]
    return Drawing(
        figure, f"{names[first[0].path]} brings the most, {share_cells(first[1].total)[0]} with all its interactions."
    )


def places(factor: Factor, values: Sequence[Any]) -> tuple[list[float], dict[str, Any]]:
    """Where values stand on an axis, and its ticks: in order, as they are written."""
    order = [str(level) for level in factor.levels]
    where = [
        float(order.index(str(value))) if str(value) in order else float(number) for number, value in enumerate(values)
    ]
    step = max(len(order) // 12, 1)
    return where, {
        "tickvals": list(range(0, len(order), step)),
        "ticktext": [shown_name(one, 14) for one in order[::step]],
    }


def scale_of(sweep: Sweep, key: Key) -> tuple[float, str]:
    """By what to divide a metric, and what it is then called."""
    unit = unit_of(key[0], currency(sweep.scenario))
    return _scale(unit, [abs(point.estimates[key].value) for point in sweep.points if key in point.estimates])


def _scale(unit: str, values: Sequence[float]) -> tuple[float, str]:
    known = [value for value in values if value == value]
    return time_unit(max(known, default=1.0)) if unit == "s" else (1.0, unit)


def _says(sweep: Sweep, key: Key, points: Sequence[Point]) -> str:
    """The least and the largest, and where."""
    unit = unit_of(key[0], currency(sweep.scenario))
    known = sorted((point for point in points if key in point.estimates), key=lambda one: one.estimates[key].value)
    if not known:
        return "No data."
    ends = [
        f"{spoken(one.estimates[key].value, unit)} at {values_text(one.values, sweep.factors)}"
        for one in (known[0], known[-1])
    ]
    return f"From {ends[0]} to {ends[1]}."
