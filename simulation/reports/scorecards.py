"""Scorecards of agents, teams and sites, from the table in a results folder: for the terminal and for the report page."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from simulation.errors import InputError, Problem
from simulation.metrics.scorecards import FIGURES, LEVELS
from simulation.reports import value_text
from simulation.reports.console import fits, new_table
from simulation.units import nearest

FILE = "scorecards.csv"
TITLES = {
    "stays": "stays", "handling_time": "handling", "right": "right", "fcr": "solved at first", "csat": "satisfied",
    "occupancy": "occupied", "utilization": "utilized", "adherence": "adherent", "cost_per_stay": "cost a stay", "on_plan": "on plan",
}  # fmt: skip
NARROW = {
    "stays": "stays", "handling_time": "handling", "right": "right", "fcr": "solved\nfirst", "csat": "satis-\nfied",
    "occupancy": "occu-\npied", "adherence": "adhe-\nrent", "cost_per_stay": "cost\na stay", "on_plan": "on\nplan",
}  # fmt: skip
"""Headings on a terminal, and what is shown there."""
SPREAD = ("handling_time", "right", "fcr", "csat", "occupancy")
"""Figures of which it is shown how far agents differ."""
REDRAWN = "Persons are drawn anew in each replication: these are those of replication {number}."
Row = Mapping[str, str]


def currency_of(summary: Mapping[str, Any]) -> str:
    """The currency of a run's prices; empty without prices."""
    units = (row["unit"] for row in summary["kpis"] if row["metric"] == "staff_cost_per_stay")
    return str(next(units, ""))


def read(folder: Path) -> list[Row]:
    """The rows of a results folder's scorecards; none where it has no such file."""
    file = folder / FILE
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def cards_of(folder: Path) -> tuple[list[Row], str]:
    """Rows of a results folder's scorecards, and the currency. InputError where it is none."""
    rows, summary = read(folder), folder / "summary.json"
    if not rows or not summary.exists():
        raise _wrong(f"{folder} is no results folder with scorecards; write that of a run (see supportsim run --out)")
    return rows, currency_of(json.loads(summary.read_text(encoding="utf-8")))


def groups(rows: Iterable[Row]) -> list[Row]:
    """Rows of everything together, of employers, sites and teams."""
    return [row for row in rows if row["level"] != "agent"]


def agents(rows: Iterable[Row], replication: int = 0) -> list[Row]:
    """Rows of the agents of a replication."""
    return [row for row in rows if row["level"] == "agent" and int(float(row["replication"])) == replication]


def number(row: Row, figure: str) -> float:
    """A figure of a row; NaN where there is none."""
    return float(row[figure] or "nan")


def text(value: float, figure: str, currency: str) -> str:
    """A figure as people write it."""
    if figure == "stays":
        return f"{value:,.0f}"
    return value_text(value, FIGURES[figure][0].replace("money", currency))


def cell(row: Row, figure: str, currency: str) -> str:
    """A figure of a row; of an agent's plan, what is missed."""
    value = number(row, figure)
    if figure == "on_plan" and row["level"] == "agent" and not np.isnan(value):
        return "yes" if value else ", ".join(TITLES[name] for name in row["misses"].split())
    return text(value, figure, currency)


def known(rows: Sequence[Row]) -> list[str]:
    """Figures of which any row has a number that says something."""
    return [name for name in FIGURES if any(number(row, name) > 0 for row in rows) or _planned(rows, name)]


def _planned(rows: Sequence[Row], figure: str) -> bool:
    return figure == "on_plan" and any(row[figure] for row in rows)


def spread(rows: Iterable[Row], figure: str) -> tuple[float, float, float]:
    """The 10th percentile, the median and the 90th percentile of a figure over agents."""
    values = np.array([number(row, figure) for row in rows])
    values = values[~np.isnan(values)]
    if not len(values):
        return (np.nan,) * 3
    low, middle, high = np.quantile(values, (0.1, 0.5, 0.9)).tolist()
    return low, middle, high


def by_team(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Agents of all replications by team."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row["level"] == "agent":
            found.setdefault(row["team"], []).append(row)
    return found


# -- the terminal -----------------------------------------------------------------------------------


def shown(
    rows: Sequence[Row],
    currency: str,
    by: str,
    sort: str | None,
    most: int | None,
    team: str | None,
    replication: int,
    console: Console,
) -> Iterator[RenderableType]:
    """A table of the cards asked for, with as many figures as fit. InputError where there is none, or the figure is not known."""
    wanted = _wanted(rows, by, team, replication)
    figures = [name for name in known(wanted) if name in NARROW]
    if sort is not None:
        if sort not in FIGURES:
            raise _wrong(f"there is no figure '{sort}'; write e.g. --sort {nearest(sort, FIGURES) or 'right'}")
        wanted = sorted(wanted, key=lambda row: (np.isnan(number(row, sort)), -number(row, sort)))
    left: list[str] = []
    while not fits(table := _table(_ends(wanted, most), by, figures, currency, team), console):
        spare = [name for name in figures[1:] if name not in ("on_plan", sort)]
        if not spare:
            break
        figures.remove(spare[-1])
        left.insert(0, spare[-1])
    yield table
    if left:
        yield Text(f"In {FILE} as well: {', '.join(TITLES[name] for name in left)}", "dim")
    if by == "agent":
        yield Text(REDRAWN.format(number=replication), "dim")


def _table(rows: Iterable[Row | None], by: str, figures: Sequence[str], currency: str, team: str | None) -> Table:
    """Cards by row, with the currency in the heading."""
    heads = [f"{NARROW[name]}\n{currency}" if name == "cost_per_stay" else NARROW[name] for name in figures]
    table = new_table(
        by, *(head if name == "on_plan" else f">{head}" for name, head in zip(figures, heads, strict=True))
    )
    for row in rows:
        cells = ["…"] * len(figures) if row is None else [cell(row, one, currency) for one in figures]
        table.add_row("…" if row is None else _name(row, team), *(one.removesuffix(f" {currency}") for one in cells))
    return table


def _name(row: Row, team: str | None) -> str:
    """An agent of the only team that is shown goes by shift and number."""
    return row["name"].removeprefix(f"{team}/") if row["level"] == "agent" else row["name"] or "all"


def _wanted(rows: Sequence[Row], by: str, team: str | None, replication: int) -> list[Row]:
    if team is not None and team not in by_team(rows):
        teams = list(by_team(rows))
        raise _wrong(f"there is no team '{team}'; write e.g. --team {nearest(team, teams) or ', '.join(teams)}")
    if by == "agent":
        found = [row for row in agents(rows, replication) if team in (None, row["team"])]
    else:
        found = [row for row in rows if row["level"] == by and team in (None, row["name"])]
    if not found:
        there = [level for level in LEVELS if any(row["level"] == level for row in rows)]
        raise _wrong(f"the results have no {by}s to show (replication {replication}); there are: {', '.join(there)}")
    return found


def _wrong(message: str) -> InputError:
    return InputError([Problem("", "", message)])


def _ends(rows: Sequence[Row], most: int | None) -> list[Row | None]:
    """The first and the last rows, so many of each, with None for those in between."""
    if most is None or len(rows) <= 2 * most:
        return list(rows)
    return [*rows[:most], None, *rows[-most:]]
