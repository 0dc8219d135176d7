"""How tired agents are from hour to hour of their shift: a figure and a table."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from simulation.reports import figures, share_text
from simulation.reports.figures import Drawing

READING = (
    "How tired agents are when they begin a contact, by hour of their shift: 0 % is fresh, 100 % exhausted. The bars "
    "show the {level} interval."
)
Point = tuple[int, float, float, float]
"""Hour of the shift (from 1), mean and interval."""


def drawing(points: Sequence[Point]) -> Drawing:
    """Mean tiredness by hour of the shift."""
    hours, means, lows, highs = zip(*points, strict=True)
    above = [high - mean for high, mean in zip(highs, means, strict=True)]
    below = [mean - low for low, mean in zip(lows, means, strict=True)]
    line = go.Scatter(
        x=hours, y=means, mode="lines+markers", line={"color": figures.COLOURS[0], "width": 2},
        error_y={"array": above, "arrayminus": below, "symmetric": False, "color": figures.FAINT, "thickness": 1.2},
        hovertemplate="hour %{x}: %{y:.1%}<extra></extra>",
    )  # fmt: skip
    figure = go.Figure([line], figures.layout(280, top=28))
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title=figures.axis_title("hour of the shift"), dtick=1)
    figure.update_yaxes(tickformat=".0%")
    first, last = points[0], max(points, key=lambda point: point[1])
    says = f"{share_text(first[1])} in hour {first[0]} of the shift; most in hour {last[0]}, {share_text(last[1])}."
    return Drawing(figure, says)
