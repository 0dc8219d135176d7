"""The page of a run: one HTML file that opens offline, made from the results folder alone.

Everything that comes from the scenario is escaped. A content security policy that names the page's own two scripts by
their hash and allows no address at all keeps anything else from running and the page from asking the network.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin

import numpy as np
from pydantic import BaseModel

from simulation.metrics import KPIS
from simulation.reports import (
    GLUE,
    NOTHING,
    definition,
    figures,
    interval_text,
    kpi_of,
    metric_title,
    seconds_text,
    share_text,
    statistic_words,
    target_words,
    value_text,
)
from simulation.reports.figures import Curves, Drawing
from simulation.scenario.duration_spec import KINDS
from simulation.scenario.schema import Scenario
from simulation.scenario.timeline import Timeline
from simulation.units import parse_duration

NAME = "report.html"
TEMPLATE = Path(__file__).with_name("page.html.j2")
HEADLINES = ("contacts", "first_response_time.mean", "abandonment", "fcr", "csat", "occupancy", "cost")
KEY = (
    "contacts", "answered", "first_response_time.mean", "first_response_time.p90", "asa.mean", "wait.p90", "service_level",
    "deadline_met", "abandonment", "blocking", "closed_door", "handling_time.mean", "solved", "fcr", "contacts_per_case",
    "resolution_time.mean", "containment", "csat", "backlog", "cost", "cost_per_contact", "cost_per_solved_case",
)  # fmt: skip
"""The metrics of the first table, in its order (a KPI with a parameter by its name alone)."""
OF_TEAMS = ("agents", "occupancy", "utilization", "shrinkage", "handling_time.mean", "paid_hours", "wages")
OF_TOPICS = ("cases", "solved", "fcr", "resolution_time.mean", "escalations", "csat")
SYMBOLS = {"missed": "✗", "undecided": "?", "met": "✓"}
"""Verdicts, the worst first."""
MANY_ROWS = 12
"""Longer tables are folded."""
TOO_MANY_ROWS = 100
"""Still longer ones stay folded on paper."""
LONG = 15 * 86_400.0
"""A longer measured time (s) is shown as a typical week, and by day."""
FEW_BINS = 3
"""A time with fewer hours is not drawn."""
PARTS = {
    "demand": "Demand", "channels": "Channels", "topics": "Topics", "bots": "Bots", "teams": "Teams", "routing": "Routing",
    "escalation": "Escalation", "opinion": "Customers' opinion", "cost": "Prices",
}  # fmt: skip
SHIFT = ("days", "start", "end", "headcount")


class Cell(NamedTuple):
    """A value of a table, with what stands below it in small letters."""

    text: str
    below: str = ""

    @property
    def parts(self) -> tuple[str, str]:
        """Number and unit."""
        number, _, unit = self.text.partition(GLUE)
        return number, unit


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

    @property
    def printed(self) -> bool:
        """Whether it is unfolded on paper."""
        return len(self.rows) <= TOO_MANY_ROWS


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
        named = [
            json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
            for name in ("summary", "manifest", "curves")
        ]
        return cls(named[0], named[1], YAML(typ="safe", pure=True).load(text), text, named[2])

    @cached_property
    def rows(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        """Rows of KPIs by metric and segment."""
        return {(row["metric"], row["segment"]): row for row in self.summary["kpis"]}

    @cached_property
    def metrics(self) -> list[str]:
        """All metrics measured on everything, in their order."""
        return [
            metric
            for metric, segment in self.rows
            if not segment and self.rows[metric, ""]["mean"] is not None
        ]

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
        widths = {
            "hours": len(lists["channels"]),
            "staff": len(lists["teams"]),
            "waits": len(lists["channels"]),
        }
        sums = {
            name: np.reshape(curve, (-1, widths[name.partition("/")[0]]))
            for name, curve in lists["curves"].items()
        }
        waits = np.array([np.inf if edge is None else edge for edge in lists["wait_edges"]], dtype=float)
        return Curves(
            edges, walls, self.measured, lists["channels"], lists["teams"], waits, lists["replications"], sums
        )

    def cell(self, metric: str, segment: str = "") -> Cell:
        """A metric on a segment with its interval."""
        row = self.rows.get((metric, segment))
        if row is None or row["mean"] is None:
            return Cell(NOTHING)
        ends = (
            ""
            if row["low"] is None or row["low"] == row["high"]
            else interval_text(row["low"], row["high"], row["unit"])
        )
        return Cell(value_text(row["mean"], row["unit"]), ends)


def write_report(folder: Path) -> None:
    """Write report.html into a results folder, from what it holds; FileNotFoundError where it lacks a file."""
    (folder / NAME).write_text(page(Run.read(folder)), encoding="utf-8")


def page(run: Run) -> str:
    """The page of a run as HTML."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(TEMPLATE.parent)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["sha256"] = _sha256
    return environment.get_template(TEMPLATE.name).render(**_content(run))


def _content(run: Run) -> dict[str, Any]:
    """What the template shows."""
    verdicts = _verdicts(run)
    return {
        "run": run,
        "facts": _facts(run),
        "verdicts": verdicts,
        "outcome": _outcome(verdicts, run.summary["replications"]),
        "state": next((word for word in SYMBOLS if any(one.word == word for one in verdicts)), "none"),
        "level": _level(run),
        "headlines": _headlines(run),
        "key": _key_table(run),
        "shown": list(_shown(run)),
        "topics": _segment_table(run, "topic", run.scenario["topics"], OF_TOPICS, "By topic"),
        "metrics": _all_metrics(run),
        "assumptions": list(_assumptions(run.scenario)),
        "audit": _audit(run.summary["audit"]),
        "library": figures.library(),
        "config": _in_script(json.dumps(figures.CONFIG)),
        "font": figures.FONT,
    }


def _sha256(text: str) -> str:
    """The hash of a script as a content security policy names it."""
    return base64.b64encode(hashlib.sha256(str(text).encode()).digest()).decode()


def _in_script(text: str) -> str:
    """JSON that can stand in a script element: nothing in it can close the element."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


# Headline and targets


class Judged(NamedTuple):
    """A target as the page shows it."""

    name: str
    text: str
    what: str
    asked: str
    word: str
    symbol: str
    observed: Cell


def _verdicts(run: Run) -> list[Judged]:
    """All targets, the missed ones first."""
    judged = [_judged(run, row) for row in run.summary["targets"]]
    return sorted(judged, key=lambda one: list(SYMBOLS).index(one.word))


def _judged(run: Run, row: Mapping[str, Any]) -> Judged:
    what, asked = target_words(row["target"])
    unit = _unit(run, row["target"])
    observed = Cell(value_text(row["observed"], unit), interval_text(row["low"], row["high"], unit))
    return Judged(row["name"], row["target"], what, asked, row["verdict"], SYMBOLS[row["verdict"]], observed)


def _unit(run: Run, target: str) -> str:
    """The unit of a target's metric, with the currency of the run."""
    kpi = kpi_of(target)
    units = (row["unit"] for (metric, _), row in run.rows.items() if kpi_of(metric) == kpi)
    return next(units, KPIS[kpi].unit if kpi in KPIS else "")


def _outcome(verdicts: Sequence[Judged], replications: int) -> str:
    """How the targets fared, in plain words."""
    if not verdicts:
        return "The scenario sets no targets; the figures below say what happened."
    if replications == 1:
        return f"A single replication cannot decide targets. {_named('Observed', verdicts)}"
    met = sum(one.word == "met" for one in verdicts)
    head = f"{met} of {len(verdicts)} {'target' if len(verdicts) == 1 else 'targets'} met."
    rest = (
        _named(word.capitalize(), [one for one in verdicts if one.word == word])
        for word in ("missed", "undecided")
    )
    return " ".join([head, *filter(None, rest)])


def _named(word: str, verdicts: Sequence[Judged], most: int = 4) -> str:
    """A few targets in a sentence; empty without any."""
    found = [f"{one.what} – {one.observed.text}, asked {one.asked}" for one in verdicts]
    more = f"; and {len(found) - most} more" if len(found) > most else ""
    return f"{word}: {'; '.join(found[:most])}{more}." if found else ""


def _level(run: Run) -> str:
    """The confidence of the intervals, e.g. 95 %."""
    return f"{100 * max((row['level'] for row in run.summary['kpis']), default=0.95):g} %"


def _facts(run: Run) -> list[tuple[str, str]]:
    """What was simulated: labels and values."""
    start, end = run.measured
    first, last = (run.timeline.wall(moment).replace(tzinfo=None) for moment in (start, end))
    facts = [
        ("Simulated time", f"{_period(first, last)} ({_span(end - start)})"),
        ("Clock", f"local time, {run.timeline.zone}"),
    ]
    if start:
        facts.append(("Warm-up", f"the first {_span(start)} of the simulation are not counted"))
    copies = run.summary["replications"]
    facts.append(
        (
            "Replications",
            f"{copies:,}" + (" (the same period, each time with other chance)" if copies > 1 else ""),
        )
    )
    facts.append(("Contacts simulated", f"{run.summary['contacts']:,}"))
    return facts


def _period(first: dt.datetime, last: dt.datetime) -> str:
    """Two local times as a period; whole days without their midnights."""
    if first.time() == last.time() == dt.time() and last > first:
        last -= dt.timedelta(days=1)
        return _date(first) if last.date() == first.date() else f"{_date(first)} to {_date(last)}"
    ends = f"{last:%H:%M}" if first.date() == last.date() else f"{_date(last)}, {last:%H:%M}"
    return f"{_date(first)}, {first:%H:%M} to {ends}"


def _date(moment: dt.datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%B %Y}"


def _span(seconds: float) -> str:
    """A length of time in its largest unit."""
    for size, word in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return f"{seconds / size:,.4g} {word}{'' if seconds == size else 's'}"
    return seconds_text(seconds)


# Tables of metrics


def _headlines(run: Run) -> list[tuple[str, str, Cell]]:
    """A few metrics to begin with: metric, title and value."""
    present = [metric for metric in HEADLINES if metric in run.metrics]
    return [(metric, metric_title(metric), run.cell(metric)) for metric in present]


def _key_table(run: Run) -> Table:
    """The key metrics, overall and by channel."""
    channels = run.lists["channels"]
    metrics = [metric for name in KEY for metric in run.metrics if name in (metric, kpi_of(metric))]
    rows = [
        (
            Cell(metric_title(metric), metric),
            [run.cell(metric), *(run.cell(metric, f"channel={name}") for name in channels)],
        )
        for metric in dict.fromkeys(metrics)
    ]
    return Table("Key figures, overall and by channel", ["Figure", "Overall", *channels], rows)


def _segment_table(
    run: Run, dimension: str, labels: Iterable[str], metrics: Iterable[str], caption: str
) -> Table:
    """Metrics (columns) by the values of a dimension (rows)."""
    shown = [metric for metric in metrics if metric in run.metrics]
    rows = [(Cell(label), [run.cell(metric, f"{dimension}={label}") for metric in shown]) for label in labels]
    return Table(caption, [dimension.capitalize(), *map(metric_title, shown)], rows)


class Explained(NamedTuple):
    """A KPI with its definition and what was found: statistics and values."""

    name: str
    title: str
    definition: str
    values: list[tuple[str, Cell]]


def _all_metrics(run: Run) -> list[Explained]:
    """Every metric of the run with its definition."""
    found: dict[str, Explained] = {}
    for metric in run.metrics:
        name = metric.partition(".")[0]
        one = found.setdefault(name, Explained(kpi_of(metric), metric_title(name), definition(metric), []))
        one.values.append((statistic_words(metric.partition(".")[2]).removesuffix(" of"), run.cell(metric)))
    return sorted(found.values(), key=lambda one: one.title.lower())


# Figures


def _shown(run: Run) -> Iterator[Shown]:
    """The figures that this run has data for."""
    curves = run.curves
    yield from _through_time(curves)
    if _any(curves, "waits"):
        reading = "How many of the answered contacts had an agent within the time below. A line that rises early is a short wait."
        table = _distribution_table(curves)
        yield Shown(
            "distribution", "How long customers waited", reading, figures.distribution(curves), tables=[table]
        )
    yield from _occupancy(run)


def _through_time(curves: Curves) -> Iterator[Shown]:
    hourly = figures.by_hour(curves)
    if len(hourly.starts) < FEW_BINS:
        return
    if curves.measured[1] - curves.measured[0] <= LONG:
        yield from _by_axis(curves, hourly, hourly, "")
        return
    week, days = figures.by_hour_of_week(curves), figures.by_day(curves)
    yield from _by_axis(curves, week, days, " A typical week: the mean of all weeks.")


def _by_axis(curves: Curves, hours: figures.Axis, calendar: figures.Axis, typical: str) -> Iterator[Shown]:
    """Figures over a week's hours, and over the calendar (the same thing in a short run)."""
    reading = f"Agents who work on a contact (area) and agents signed in (line). Where they touch, everybody is busy and customers wait.{typical}"
    if _any(curves, "staff/signed_in"):
        yield Shown("load", "Load against staff", reading, figures.load(curves, hours), "Team")
    if _any(curves, "hours/answered"):
        reading = "Mean time from joining the queue to an agent's answer, by the hour of joining. Scales differ between channels."
        yield Shown("waits", "Waits by hour", reading + typical, figures.waits(curves, hours), "Channel")
        if calendar is not hours:
            yield Shown(
                "waits-by-day", "Waits by day", "The same by day.", figures.waits(curves, calendar), "Channel"
            )
    if _any(curves, "hours/offered"):
        reading = "Contacts that joined the queue for an agent, and what became of them."
        yield Shown(
            "volume", "What came and what became of it", reading, figures.volume(curves, calendar), "Channel"
        )
    of_day = figures.by_hour_of_day(curves)
    if _any(curves, "hours/abandoned") and len(of_day.starts) >= FEW_BINS:
        reading = "Share of the contacts in the queue whose customer hung up before an agent answered; all days together."
        table = _hours_table(curves, of_day)
        drawing = figures.abandonment(curves, of_day)
        yield Shown("abandonment", "Hung up, by hour of the day", reading, drawing, tables=[table])


def _any(curves: Curves, name: str) -> bool:
    return bool(curves.sums[name].any())


def _occupancy(run: Run) -> Iterator[Shown]:
    """Occupancy by team, with the table of teams."""
    rows = [(team, run.rows.get(("occupancy", f"team={team}"))) for team in run.curves.teams]
    known = [(team, row) for team, row in rows if row is not None and row["mean"] is not None]
    if not known:
        return
    drawing = figures.occupancy(
        [team for team, _ in known], *([row[part] for _, row in known] for part in ("mean", "low", "high"))
    )
    few = f" The {figures.MOST_BARS} busiest teams of {len(known)}." if len(known) > figures.MOST_BARS else ""
    reading = f"Share of the time signed in that agents work on contacts; the rest is waiting for one.{few}"
    table = _segment_table(run, "team", [team for team, _ in known], OF_TEAMS, "By team")
    yield Shown("occupancy", "How busy the teams are", reading, drawing, tables=[table])


def _distribution_table(curves: Curves) -> Table:
    within = figures.cumulative(curves.sums["waits"])
    labels = figures.wait_labels(curves.wait_edges)[:-1]
    rows = [
        (Cell(label), [_share(share) for share in row]) for label, row in zip(labels, within, strict=False)
    ]
    return Table(
        "Share of answered contacts answered within a time", ["Answered within", *curves.channels], rows
    )


def _hours_table(curves: Curves, axis: figures.Axis) -> Table:
    """Mean wait and share hung up by hour of the day and channel."""
    offered, answered, abandoned, waited = (
        axis.sum(curves.sums[f"hours/{name}"]) for name in ("offered", "answered", "abandoned", "waited")
    )
    rows = [
        (Cell(axis.say(hour)), [
            cell
            for n in range(len(curves.channels))
            for cell in (_seconds(waited[hour, n], answered[hour, n]), _share(_ratio(abandoned[hour, n], offered[hour, n])))
        ])
        for hour in range(len(axis.starts))
    ]  # fmt: skip
    columns = [text for name in curves.channels for text in (f"{name}: mean wait", f"{name}: hung up")]
    return Table("Mean wait and share hung up, by hour of the day", ["Hour", *columns], rows)


def _ratio(above: float, below: float) -> float:
    return above / below if below else float("nan")


def _share(share: float) -> Cell:
    return Cell(NOTHING if np.isnan(share) else share_text(min(float(share), 1.0)))


def _seconds(waited: float, answered: float) -> Cell:
    return Cell(seconds_text(waited / answered) if answered else NOTHING)


# Assumptions and the books


class Assumed(NamedTuple):
    """A part of the scenario: entries by name, each as (what, how much) in words, and what the words mean."""

    title: str
    entries: list[tuple[str, list[tuple[str, str]]]]
    words: dict[str, str]

    @property
    def folded(self) -> bool:
        """Whether it is too long to stand open."""
        return len(self.entries) > MANY_ROWS

    @property
    def printed(self) -> bool:
        """Whether it is unfolded on paper."""
        return len(self.entries) <= TOO_MANY_ROWS


def _assumptions(scenario: Mapping[str, Any]) -> Iterator[Assumed]:
    """What the scenario says, part by part; defaults are not in it."""
    for part, title in PARTS.items():
        words = dict(_glossary(Scenario, {part: scenario.get(part)}))
        said = dict(scenario.get(part) or {})
        said.pop("profiles", None)
        entries = {**said.pop("sources", {}), **said} if part == "demand" else said
        if entries:
            yield Assumed(title, [(str(name), _lines(value)) for name, value in entries.items()], words)


def _glossary(
    model: type[BaseModel], data: Mapping[str, Any], above: tuple[str, ...] = ()
) -> Iterator[tuple[str, str]]:
    """What the schema says of the entries that a scenario uses, each under its name and those above it."""
    for name, value in data.items():
        found = model.model_fields.get(name)
        if found is None or name == "profiles":
            continue
        shown = model is not Scenario and name != "sources"
        trail = (*above, _plain(name)) if shown else above
        if shown and found.description:
            yield ", ".join(trail), found.description
        for inner, part in _inside(found.annotation, value):
            yield from _glossary(inner, part, trail)


def _inside(kind: Any, value: Any) -> Iterator[tuple[type[BaseModel], Mapping[str, Any]]]:
    """The models that a field of this type holds, each with its data."""
    if isinstance(kind, type) and issubclass(kind, BaseModel) and isinstance(value, Mapping):
        yield kind, value
    elif get_origin(kind) is dict and isinstance(value, Mapping):
        for one in value.values():
            yield from _inside(get_args(kind)[1], one)
    else:
        for other in get_args(kind):
            yield from _inside(other, value)


def _lines(value: Any) -> list[tuple[str, str]]:
    """An entry line by line."""
    return (
        [(_plain(name), phrase(inner)) for name, inner in value.items()]
        if isinstance(value, Mapping)
        else [("", phrase(value))]
    )


def phrase(value: Any, deep: bool = False) -> str:
    """A part of a scenario in words; what belongs together deeper down stands in brackets."""
    if isinstance(value, Mapping):
        entries = (
            _entry(str(name), inner, deep)
            for name, inner in value.items()
            if not (name in SHIFT and _is_shift(value))
        )
        return _drawn(value) or (", " if deep else "; ").join([*_shift(value), *entries]) or "as by default"
    if isinstance(value, list):
        return (
            ", ".join(phrase(one, True) for one in value)
            if len(value) <= MANY_ROWS
            else f"{len(value)} values"
        )
    words = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    return re.sub(r"(?<=\d)T(\d\d:\d\d):00$", r" \1", words)


def _is_shift(value: Mapping[str, Any]) -> bool:
    return all(name in value for name in SHIFT)


def _shift(value: Mapping[str, Any]) -> Iterator[str]:
    """Days, hours and headcount of a shift in short."""
    if _is_shift(value):
        yield f"{value['days']} {value['start']}–{value['end']} {value['headcount']} agents"


def _drawn(value: Mapping[str, Any]) -> str:
    """A random duration in words, e.g. "mean 5 min, cv 0.8 (lognormal)"; empty if it is none."""
    kind, *others = value or ("",)
    parameters = value.get(kind)
    if others or kind not in KINDS or not isinstance(parameters, Mapping):
        return ""
    return phrase(parameters["value"]) if kind == "constant" else f"{phrase(parameters, True)} ({kind})"


def _entry(name: str, value: Any, deep: bool) -> str:
    if name == "file":
        return f"file {Path(str(value)).name}"
    if isinstance(value, Mapping):
        return f"{_plain(name)} ({phrase(value, True)})" if deep else f"{_plain(name)}: {phrase(value, True)}"
    return f"{_plain(name)} {phrase(value, True)}"


def _plain(name: Any) -> str:
    return str(name).replace("_", " ")


def _audit(audit: Mapping[str, Any]) -> str:
    """What the self-audit of the run found."""
    counts = {
        name: f"{audit[name]:,.0f}" for name in ("cases", "solved", "given_up", "open") if name in audit
    }
    verdict = (
        "The books balance in every replication"
        if audit.get("balanced")
        else "The books do NOT balance: do not use these figures"
    )
    if len(counts) < 4:
        return f"{verdict}."
    return (
        f"{verdict}: {counts['cases']} cases arrived = {counts['solved']} solved + {counts['given_up']} given up + "
        f"{counts['open']} still open; waits agree with queue lengths (Little's law), and agents' time adds up."
    )
