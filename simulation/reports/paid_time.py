"""What the paid time of teams goes to: stacked bars and a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from simulation.reports import figures, share_text
from simulation.reports.figures import Drawing

READING = (
    "What each team is paid for, in the order of the legend. Unpaid breaks are left out; overtime counts. Other paid time is "
    "reviews, coaching, articles, and the way in of agents on call."
)
PARTS = {
    "utilization": ("handling contacts", "#9fc6e2"),
    "paid_idle": ("idle", "#e3e7eb"),
    "other": ("other paid time", "#5b8f5f"),
    "paid_training": ("training", "#8fbf8f"),
    "paid_meetings": ("meetings", "#c9dfb4"),
    "paid_induction": ("induction", "#e6d9a0"),
    "paid_breaks": ("breaks", "#d9c9e3"),
    "paid_elsewhere": ("plain shrinkage", "#b39bc8"),
    "paid_lateness": ("late", "#e0a070"),
    "paid_absence": ("absent", "#b5573a"),
}
"""KPIs that together are all of the paid time, their words and colours; other paid time is what is left."""
AWAY = (
    "paid_training",
    "paid_meetings",
    "paid_induction",
    "paid_breaks",
    "paid_elsewhere",
    "paid_lateness",
    "paid_absence",
)
BUTTONS = 26
"""Height of the buttons of a figure (pixels): the legend is long and stands below them."""
LITTLE = 0.0005
"""A part below this share is left out."""
Split = Mapping[str, Mapping[str, float]]
"""Shares of paid time by team and part."""


def split(rows: Mapping[tuple[str, str], Mapping[str, Any]], teams: Sequence[str]) -> dict[str, dict[str, float]]:
    """The shares of teams of which anything but contacts is known; nothing where no team does anything else."""
    found: dict[str, dict[str, float]] = {}
    for team in teams:
        means = {part: rows.get((part, f"team={team}"), {}).get("mean") for part in PARTS}
        shares = {part: float(mean) for part, mean in means.items() if mean is not None}
        if "utilization" in shares:
            rest = 1 - sum(shares.values())
            found[team] = shares | ({"other": rest} if rest > LITTLE else {})
    return found if any(shares.get(part, 0.0) > LITTLE for shares in found.values() for part in AWAY) else {}


def parts_of(found: Split) -> list[str]:
    """The parts that any team has."""
    return [part for part in PARTS if any(shares.get(part, 0.0) > LITTLE for shares in found.values())]


def drawing(found: Split) -> Drawing:
    """One bar a team; of many teams the first."""
    teams = list(found)[: figures.MOST_BARS]
    rows = list(range(len(teams)))
    bars = [
        go.Bar(
            y=rows, x=[found[team].get(part, 0.0) for team in teams], name=PARTS[part][0], orientation="h", width=0.64,
            marker_color=PARTS[part][1], customdata=teams,
            hovertemplate="%{customdata}: " + PARTS[part][0] + " %{x:.1%}<extra></extra>",
        )
        for part in parts_of(found)
    ]  # fmt: skip
    figure = go.Figure(
        bars, figures.layout(figures.HEAD + 28 + figures.BOTTOM + 32 * len(teams), top=figures.HEAD + 28)
    )
    below_the_buttons = 1 - BUTTONS / figure.layout.height
    figure.update_layout(barmode="stack", hovermode="closest", legend_traceorder="normal", legend_y=below_the_buttons)
    figure.update_xaxes(tickformat=".0%", range=[0, 1.001])
    names = [figures.shown_name(team, 22) for team in teams]
    figures.name_rows(figure, names)
    said = (f"{team}: {', '.join(_said(found[team]))}" for team in teams)
    return Drawing(figure, figures.joined(said))


def _said(shares: Mapping[str, float]) -> list[str]:
    return [f"{PARTS[part][0]} {share_text(shares[part])}" for part in PARTS if shares.get(part, 0.0) > LITTLE]
