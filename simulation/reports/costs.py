"""What a center costs, kind by kind: rows of a table that add up, and a waterfall of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import plotly.graph_objects as go

from simulation.metrics.cost import KINDS, WITHIN
from simulation.reports import figures, metric_title, value_text
from simulation.reports.figures import Drawing

READING = (
    "What a day costs, kind by kind, up to all of it. An answer in time is a contact whose first answer came by its deadline "
    "or, where its channel has none, within {within}; all cost is spread over those, so what came late makes them dearer."
)
Rows = Mapping[tuple[str, str], Mapping[str, Any]]
"""Rows of kpis.csv by metric and segment."""


class Kind(NamedTuple):
    """A kind of cost: its metric, title, and amounts a day, of all cost (share), per contact and per case truly solved."""

    metric: str
    title: str
    per_day: float
    share: float
    per_contact: float | None
    per_solved: float | None
    part: bool = False
    """Contained in the kind above it."""


def kinds(rows: Rows) -> list[Kind]:
    """The kinds that the run has, parts of a kind below it; none without any cost."""
    total = _mean(rows, "cost")
    return list(_kinds(rows, total)) if total else []


def _kinds(rows: Rows, total: float) -> Iterator[Kind]:
    for kind in KINDS:
        for metric in (kind, *WITHIN.get(kind, ())):
            amount = _mean(rows, metric)
            if amount:
                share = amount / total
                contact, solved = (
                    _times(share, _mean(rows, f"cost_per_{what}")) for what in ("contact", "solved_case")
                )
                yield Kind(metric, metric_title(metric), amount, share, contact, solved, metric != kind)


def waterfall(found: list[Kind], total: float, unit: str) -> Drawing:
    """Kinds one on top of the other up to their sum."""
    shown = [kind for kind in found if not kind.part]
    names = [figures.shown_name(kind.title, 24) for kind in shown]
    amounts = [kind.per_day for kind in shown]
    bars = go.Waterfall(
        y=[*names, "All cost"], x=[*amounts, total], measure=["relative"] * len(shown) + ["total"], orientation="h",
        text=[value_text(amount, unit.partition("/")[0]) for amount in (*amounts, total)], textposition="outside",
        increasing={"marker": {"color": figures.BUSY}}, totals={"marker": {"color": figures.BUSY_LINE}},
        connector={"line": {"color": figures.GRID}}, hoverinfo="skip", constraintext="none", cliponaxis=False,
    )  # fmt: skip
    figure = go.Figure([bars], figures.plain_layout(28 + figures.BOTTOM + 32 * (len(shown) + 1)))
    figure.update_layout(showlegend=False, hovermode=False)
    figure.update_xaxes(range=[0, 1.3 * total], title=None)
    figure.update_yaxes(autorange="reversed", showgrid=False, zeroline=False)
    said = (f"{kind.title} {value_text(kind.per_day, unit)} ({100 * kind.share:.0f} %)" for kind in shown)
    return Drawing(figure, figures.joined([*said, f"all cost {value_text(total, unit)}"]))


def _mean(rows: Rows, metric: str) -> float:
    return float(rows.get((metric, ""), {}).get("mean") or 0.0)


def _times(share: float, each: float) -> float | None:
    return share * each if each else None
