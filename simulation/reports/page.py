"""The page of a run: one HTML file that opens offline, made from the results folder alone.

Everything that comes from the scenario is escaped. A content security policy that names the page's own two scripts by
their hash and allows no address at all keeps anything else from running and the page from asking the network.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from simulation.metrics import KPIS
from simulation.reports import (
    NOTHING,
    definition,
    figures,
    interval_text,
    kpi_of,
    metric_title,
    number_text,
    seconds_text,
    share_text,
    statistic_words,
    target_words,
    value_text,
)
from simulation.reports.figures import Curves, Drawing
from simulation.scenario.timeline import Timeline
from simulation.units import parse_duration

NAME = "report.html"
TEMPLATE = Path(__file__).with_name("page.html.j2")
HEADLINES = ("contacts", "asa.mean", "abandonment", "fcr", "csat", "occupancy", "cost", "first_response_time.mean")
MOST_HEADLINES = 6
KEY = (
    "contacts", "answered", "first_response_time.mean", "first_response_time.p90", "asa.mean", "wait.p90", "service_level",
    "deadline_met", "abandonment", "blocking", "closed_door", "handling_time.mean", "solved", "fcr", "contacts_per_case",
    "resolution_time.mean", "containment", "csat", "backlog", "cost", "cost_per_contact", "cost_per_solved_case",
)  # fmt: skip
"""The metrics of the first table, in its order (a KPI with a parameter by its name alone)."""
OF_TEAMS = ("agents", "occupancy", "utilization", "shrinkage", "overtime", "handling_time.mean", "paid_hours", "wages")
OF_TOPICS = ("cases", "solved", "fcr", "resolution_time.mean", "escalations", "csat")
SYMBOLS = {"missed": "✗", "undecided": "?", "met": "✓"}
"""Verdicts, the worst first."""
MANY_ROWS = 12
"""Longer tables are folded."""
LONG = 15 * 86_400.0
"""A longer measured time (s) is shown as a typical week, and by day."""
FEW_BINS = 3
"""A time with fewer hours is not drawn."""
PARTS = {
    "demand": "Demand", "channels": "Channels", "topics": "Topics", "bots": "Bots", "teams": "Teams", "routing": "Routing",
    "escalation": "Escalation", "opinion": "Customers' opinion", "cost": "Prices",
}  # fmt: skip


class Cell(NamedTuple):
    """A value of a table, with what stands below it in small letters."""

    text: str
    below: str = ""


@dataclass(frozen=True)
class Table:
    """A table: its caption, the headers of its columns, and rows that begin with their own header."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[tuple[Cell, Sequence[Cell]]]

    @property
    def folded(self) -> bool:
        """Whether it is too long to stand open."""
        return len(self.rows) > MANY_ROWS


@dataclass(frozen=True)
class Shown:
    """A figure on the page: its anchor, title, how to read it, and tables of what it shows."""

    anchor: str
    title: str
    reading: str
    drawing: Drawing
    chooser: str = ""
    tables: Sequence[Table] = field(default_factory=list)

    @property
    def script(self) -> str:
        """Data and layout as JSON that no text in it can end early."""
        return _in_script(self.drawing.json())


@dataclass(frozen=True)
class Run:
    """What a results folder says of a run."""

    summary: Mapping[str, Any]
    manifest: Mapping[str, Any]
    scenario: Mapping[str, Any]
    text: str
    """The scenario file as it stands."""
    lists: Mapping[str, Any]
    """curves.json"""

    @classmethod
    def read(cls, folder: Path) -> Run:
        """Read a results folder; FileNotFoundError where it lacks a file."""
        from ruamel.yaml import YAML

        text = (folder / "scenario.yaml").read_text(encoding="utf-8")
        named = [json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in ("summary", "manifest", "curves")]
        return cls(named[0], named[1], YAML(typ="safe", pure=True).load(text), text, named[2])

    @cached_property
    def rows(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        """Rows of KPIs by metric and segment."""
        return {(row["metric"], row["segment"]): row for row in self.summary["kpis"]}

    @cached_property
    def metrics(self) -> list[str]:
        """All metrics measured on everything, in their order."""
        return [metric for metric, segment in self.rows if not segment and self.rows[metric, ""]["mean"] is not None]

    @cached_property
    def timeline(self) -> Timeline:
        """The calendar of the run."""
        calendar = self.scenario["calendar"]
        start = dt.date.fromisoformat(str(calendar["start"])[:10])
        return Timeline(start, calendar.get("time_zone", "UTC"), float(self.lists["hours"][-1]), frozenset())

    @cached_property
    def measured(self) -> tuple[float, float]:
        """Start and end of what counts (s)."""
        return parse_duration(self.scenario.get("warm_up", 0)), parse_duration(self.scenario["horizon"])

    @cached_property
    def curves(self) -> Curves:
        """Sums over replications, ready to be drawn."""
        lists = self.lists
        edges = np.asarray(lists["hours"], dtype=float)
        walls = [self.timeline.wall(float(edge)).replace(tzinfo=None) for edge in edges[:-1]]
        widths = {"hours": len(lists["channels"]), "staff": len(lists["teams"]), "waits": len(lists["channels"])}
        sums = {name: np.reshape(curve, (-1, widths[name.partition("/")[0]])) for name, curve in lists["curves"].items()}
        waits = np.array([np.inf if edge is None else edge for edge in lists["wait_edges"]], dtype=float)
        return Curves(edges, walls, self.measured, lists["channels"], lists["teams"], waits, lists["replications"], sums)

    def cell(self, metric: str, segment: str = "") -> Cell:
        """A metric on a segment with its interval."""
        row = self.rows.get((metric, segment))
        if row is None or row["mean"] is None:
            return Cell(NOTHING)
        ends = interval_text(row["low"], row["high"], row["unit"])
        return Cell(value_text(row["mean"], row["unit"]), "" if ends == NOTHING else ends)


def write_report(folder: Path) -> None:
    """Write report.html into a results folder, from what it holds; FileNotFoundError where it lacks a file."""
    (folder / NAME).write_text(page(Run.read(folder)), encoding="utf-8")


def page(run: Run) -> str:
    """The page of a run as HTML."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(TEMPLATE.parent)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    library, script = figures.library(), environment.get_template("page.js.j2").render()
    template = environment.get_template(TEMPLATE.name)
    return template.render(**_content(run), library=library, script=script, hashes=[_hash(library), _hash(script)])


def _content(run: Run) -> dict[str, Any]:
    verdicts = _verdicts(run)
    return {
        "run": run,
        "facts": _facts(run),
        "verdicts": verdicts,
        "outcome": _outcome(run, verdicts),
        "level": _level(run),
        "headlines": _headlines(run),
        "key": _key_table(run),
        "shown": list(_shown(run)),
        "short": _too_short(run),
        "topics": _table(run, "topic", OF_TOPICS, "By topic"),
        "teams": _table(run, "team", OF_TEAMS, "By team"),
        "metrics": _all_metrics(run),
        "assumptions": list(_assumptions(run.scenario)),
        "audit": _audit(run.summary["audit"]),
        "config": _in_script(json.dumps(figures.CONFIG)),
    }
