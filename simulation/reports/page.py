"""The page of a run: one HTML file that opens offline, made from the results folder alone."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin

import numpy as np
from pydantic import BaseModel

from simulation.metrics import KPIS
from simulation.metrics.scorecards import FIGURES
from simulation.reports import (
    NOTHING,
    by_day_of,
    costs,
    definition,
    figures,
    interval_text,
    kpi_of,
    metric_of,
    metric_title,
    paid_time,
    scorecards,
    seconds_text,
    standards,
    statistic_words,
    target_words,
    tiredness,
    trends,
    value_text,
)
from simulation.reports.figures import Axis, Curves
from simulation.reports.markup import MANY_ROWS, TOO_MANY_ROWS, Cell, Shown, Table, render
from simulation.reports.stopping import ending_words
from simulation.scenario.duration_spec import KINDS
from simulation.scenario.schema import Scenario
from simulation.scenario.standards import Standard
from simulation.scenario.standards import reading as checked
from simulation.scenario.timeline import Timeline
from simulation.units import parse_duration

NAME = "report.html"
HEADLINES = ("contacts", "first_response_time.mean", "abandonment", "fcr", "csat", "occupancy", "cost")
KEY = (
    "contacts", "prevented", "deflection", "deflection_claimed", "answered", "first_response_time.mean",
    "first_response_time.p90", "asa.mean", "wait.p90", "service_level", "deadline_met", "abandonment", "balking",
    "callback_share", "callback_delay.mean", "promises_kept", "blocking", "closed_door", "reply_time",
    "handling_time.mean", "solved", "fcr", "fcr_measured", "contacts_per_case", "chasers", "misclassified",
    "resolution_time.mean", "containment", "containment_claimed", "csat", "csat_measured", "nps", "effort.mean",
    "retention", "value_at_risk", "complaint_rate", "complaints_in_time", "escalations_for_anger", "escalations_by_clock", "quality_reviewed", "articles", "backlog", "cost", "tool_cost",
    "cost_per_contact", "cost_per_solved_case", "cost_in_time",
)  # fmt: skip
"""The metrics of the first table, in its order (a KPI with a parameter by its name alone)."""
OF_TEAMS = (
    "agents", "occupancy", "focus", "utilization", "shrinkage", "adherence", "handling_time.mean", "quality", "overtime_hours",
    "time_off_hours", "called_in_hours", "quality_reviewed", "review_hours", "coaching_hours", "writing_hours", "paid_hours", "fatigue.mean", "vacancies", "tenure",
)  # fmt: skip
OF_PLACES = (
    "agents", "occupancy", "handling_time.mean", "quality", "staff_cost", "staff_cost_per_stay", "staff_cost_per_resolution",
)  # fmt: skip
"""Of sites and employers (and, in the section of cost, of teams)."""
OF_SHIFT_HOURS = ("fatigue.mean", "handling_time.mean", "resolution_rate", "answered")
OF_TOPICS = ("cases", "deflection", "solved", "fcr", "resolution_time.mean", "escalations", "csat")
OF_SEGMENTS = ("cases", "asa.mean", "abandonment", "solved", "fcr", "resolution_time.mean", "deflection", "csat")
OF_BOTS = (
    "bot_sessions", "containment", "containment_claimed", "silent_failures", "hand_overs", "session_time.mean",
    "bot_utilization", "bot_cost",
)  # fmt: skip
SYMBOLS = {"missed": "✗", "undecided": "?", "met": "✓"}
"""Verdicts, the worst first."""
LONG = 15 * 86_400.0
"""A longer measured time (s) is shown as a typical week, and by day."""
FEW_BINS = 3
"""A time with fewer hours is not drawn."""
PARTS = {
    "demand": "Demand", "customers": "Customers", "self_service": "Self-service", "channels": "Channels", "topics": "Topics", "bots": "Bots", "teams": "Teams",
    "sites": "Sites", "employers": "Employers", "intake": "Intake", "handling_steps": "Steps of the handling time", "practices": "Practices",
    "strain": "Strain on agents", "routing": "Routing", "escalation": "Escalation", "loops": "Loops of weeks", "opinion": "Customers' opinion",
    "survey": "Survey", "complaints": "Complaints", "cost": "Prices", "industry": "Others' figures", "standards": "Standards",
}  # fmt: skip
SHIFT = ("days", "start", "end", "headcount")
LOAD = (
    "Agents who work on a contact (area) and agents signed in (line). Where they touch, everybody is busy "
    "and customers wait."
)
WAITS = "Mean time from joining the queue to an agent's answer, by the hour of joining. Scales differ between channels."
BACKLOG = "Letters that have had no answer yet, whether in the queue, with an agent or waiting for a third party. Scales differ between channels."
VOLUME = "Contacts that joined the queue for an agent, and what became of them."
HUNG_UP = "Share of contacts in the queue whose customer hung up before an agent answered; all days together."
WITHIN = (
    "How many of the answered contacts had an agent within the time below. A line that rises early means short waits."
)
OCCUPANCY = "Share of the time signed in that agents work on contacts; the rest is waiting for one."
TYPICAL = " A typical week: the mean of all weeks."


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
    weeks: Sequence[Mapping[str, str]] = ()
    """Rows of weeks.csv, of everything together."""
    cards: Sequence[Mapping[str, str]] = ()
    """Rows of scorecards.csv."""

    @classmethod
    def read(cls, folder: Path) -> Run:
        """Read a results folder; FileNotFoundError where it lacks a file."""
        from ruamel.yaml import YAML

        text = (folder / "scenario.yaml").read_text(encoding="utf-8")
        files = [folder / f"{name}.json" for name in ("summary", "manifest", "curves")]
        summary, manifest, lists = (json.loads(file.read_text(encoding="utf-8")) for file in files)
        return cls(
            summary,
            manifest,
            YAML(typ="safe", pure=True).load(text),
            text,
            lists,
            trends.read(folder),
            scorecards.read(folder),
        )

    @cached_property
    def rows(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        """Rows of KPIs by metric and segment; those without data are left out."""
        known = (row for row in self.summary["kpis"] if row["mean"] is not None)
        return {(row["metric"], row["segment"]): row for row in known}

    @property
    def others(self) -> Sequence[Mapping[str, Any]]:
        """Others' figures with how they were read; none in folders of earlier versions."""
        rows: Sequence[Mapping[str, Any]] = self.summary.get("industry", ())
        return rows

    @cached_property
    def metrics(self) -> list[str]:
        """All metrics known of everything, in their order."""
        return [metric for metric, segment in self.rows if not segment]

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
        channels, teams, copies = (self.lists[name] for name in ("channels", "teams", "replications"))
        edges = np.asarray(self.lists["hours"], dtype=float)
        walls = [self.timeline.wall(float(edge)).replace(tzinfo=None) for edge in edges[:-1]]
        columns = {"hours": len(channels), "staff": len(teams), "waits": len(channels)}
        lists = self.lists["curves"].items()
        sums = {name: np.reshape(curve, (-1, columns[name.partition("/")[0]])) for name, curve in lists}
        waits = np.array([np.inf if edge is None else edge for edge in self.lists["wait_edges"]], dtype=float)
        return Curves(edges, walls, self.measured, channels, teams, waits, copies, sums)

    def cell(self, metric: str, segment: str = "") -> Cell:
        """A metric on a segment with its interval, if that has a width."""
        row = self.rows.get((metric, segment))
        if row is None:
            return Cell(NOTHING)
        wide = None not in (row["low"], row["high"]) and row["low"] < row["high"]
        ends = between(row["low"], row["high"], row["unit"]) if wide else ""
        return Cell(value_text(row["mean"], row["unit"]), ends)


def between(low: float | None, high: float | None, unit: str) -> str:
    """An interval that says its unit once where it can: 10.8 – 38.2 %."""
    first, _, second = interval_text(low, high, unit).partition(" – ")
    number, _, of_first = first.partition(" ")
    same = second.partition(" ")[2] == of_first
    return f"{number if same else first} – {second}" if second else first


def write_report(folder: Path) -> None:
    """Write report.html into a results folder, from what it holds; FileNotFoundError if it lacks a file."""
    (folder / NAME).write_text(page(Run.read(folder)), encoding="utf-8")


def page(run: Run) -> str:
    """The page of a run as HTML."""
    return render("page.html.j2", **_content(run))


def _content(run: Run) -> dict[str, Any]:
    """What the template shows."""
    verdicts = _verdicts(run)
    return {
        "run": run,
        "facts": _facts(run),
        "verdicts": verdicts,
        "outcome": _outcome(verdicts, _single(run)),
        "single": _single(run),
        "batches": run.summary.get("batches"),
        "ended": " ".join(ending_words(run.summary["ended"])) if "ended" in run.summary else "",
        "correlated": [metric_title(name) for name in run.summary.get("batches", {}).get("correlated", ())],
        "state": next((word for word in SYMBOLS if any(one.word == word for one in verdicts)), "none"),
        "level": _level(run),
        "others": _beside_targets(run),
        "industry": list(_industry(run)),
        "sources": [
            (whose, str(their["source"]))
            for whose, their in run.scenario.get("industry", {}).items()
            if their.get("source")
        ],
        "headlines": _headlines(run),
        "key": _key_table(run),
        "shown": list(_shown(run)),
        "costs": list(_costs(run)),
        "checklist": _standards(run),
        "topics": _segment_table(run, "topic", run.scenario["topics"], OF_TOPICS, "By topic"),
        "segments": _segment_table(run, "segment", run.scenario.get("customers", ()), OF_SEGMENTS, "By segment"),
        "bots": _segment_table(run, "bot", _bots_used(run.scenario), OF_BOTS, "By bot"),
        "metrics": _all_metrics(run),
        "cards": list(_scorecards(run)),
        "assumptions": list(_assumptions(run.scenario)),
        "audit": _audit(run.summary["audit"]),
    }


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
    days: Cell
    others: Sequence[Cell] = ()


def _verdicts(run: Run) -> list[Judged]:
    """All targets, the missed ones first."""
    judged = [_judged(run, row) for row in run.summary["targets"]]
    return sorted(judged, key=lambda one: list(SYMBOLS).index(one.word))


def _judged(run: Run, row: Mapping[str, Any]) -> Judged:
    what, asked = target_words(row["target"])
    unit = _unit(run, row["target"])
    observed = Cell(value_text(row["observed"], unit), between(row["low"], row["high"], unit))
    others = [_other(run, whose, row["target"]) for whose in _beside_targets(run)]
    days = run.cell(*by_day_of(row["target"]))
    return Judged(
        row["name"], row["target"], what, asked, row["verdict"], SYMBOLS[row["verdict"]], observed, days, others
    )


def _beside_targets(run: Run) -> list[str]:
    """Whose figures stand beside targets: those that have a figure of a target's metric."""
    asked = {metric_of(row["target"]) for row in run.summary["targets"]}
    return list(dict.fromkeys(row["whose"] for row in run.others if (row["metric"], row["segment"]) in asked))


def _other(run: Run, whose: str, target: str) -> Cell:
    """Somebody's figure of a target's metric, and how ours compares."""
    what = (whose, *metric_of(target))
    rows = (row for row in run.others if (row["whose"], row["metric"], row["segment"]) == what)
    return next((Cell(row["figure"], row["reading"]) for row in rows), Cell(NOTHING))


def _industry(run: Run) -> Iterator[Table]:
    """Our figures beside all of others'."""
    whose = list(dict.fromkeys(row["whose"] for row in run.others))
    rows = []
    for what in dict.fromkeys((row["metric"], row["segment"]) for row in run.others):
        mine = {row["whose"]: row for row in run.others if (row["metric"], row["segment"]) == what}
        theirs = [
            Cell(mine[name]["figure"], mine[name]["reading"]) if name in mine else Cell(NOTHING) for name in whose
        ]
        title = ", ".join(
            part for part in (metric_title(what[0]), what[1].replace("=", " ").replace(",", ", ")) if part
        )
        rows.append((Cell(title), [run.cell(*what), *theirs]))
    if rows:
        yield Table("Our figures beside others'", ["Figure", "Observed", *whose], rows)


def _unit(run: Run, target: str) -> str:
    """The unit of a target's metric, with the currency of the run."""
    kpi, row = kpi_of(target), run.rows.get(metric_of(target))
    return KPIS[kpi].unit if row is None and kpi in KPIS else "" if row is None else row["unit"]


def _single(run: Run) -> bool:
    """Whether a single replication is all there is, and no batches of it."""
    return run.summary["replications"] == 1 and "batches" not in run.summary


def _outcome(verdicts: Sequence[Judged], single: bool) -> str:
    """How the targets fared, in plain words."""
    if not verdicts:
        return "The scenario sets no targets; the figures below say what happened."
    if single:
        return f"A single replication cannot decide targets. {_named('Observed', verdicts)}"
    met = sum(one.word == "met" for one in verdicts)
    head = f"{met} of {len(verdicts)} {'target' if len(verdicts) == 1 else 'targets'} met."
    by_word = {word: [one for one in verdicts if one.word == word] for word in ("missed", "undecided")}
    return " ".join([head, *(_named(word.capitalize(), found) for word, found in by_word.items() if found)])


def _named(word: str, verdicts: Sequence[Judged], most: int = 4) -> str:
    """The first few targets in a sentence."""
    found = [f"{one.what} – {one.observed.text}, asked {one.asked}" for one in verdicts]
    more = f"; and {len(found) - most} more" if len(found) > most else ""
    return f"{word}: {'; '.join(found[:most])}{more}."


def _level(run: Run) -> str:
    """The confidence of the intervals, e.g. 95 %."""
    return f"{100 * max((row['level'] for row in run.summary['kpis']), default=0.95):g} %"


def _facts(run: Run) -> list[tuple[str, str]]:
    """What was simulated: labels and values."""
    start, end = run.measured
    first, last = (run.timeline.wall(moment).replace(tzinfo=None) for moment in (start, end))
    copies = run.summary["replications"]
    several = " (the same period, each time with other chance)" if copies > 1 else ""
    warm_up = [("Warm-up", f"{_span(start)} before that, simulated but not counted")] if start else []
    return [
        ("Simulated time", f"{_period(first, last)} ({_span(end - start)})"),
        *warm_up,
        ("Clock", f"local time, {run.timeline.zone}"),
        ("Replications", f"{copies:,}{several}"),
        *_batches(run.summary.get("batches")),
        ("Contacts simulated", f"{run.summary['contacts']:,}"),
    ]


def _batches(batches: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    if batches is None:
        return []
    return [("Steady state", f"intervals from {batches['count']} batches of {_span(batches['seconds'])} each")]


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
    segments = ["", *(f"channel={name}" for name in channels)]
    metrics = [metric for name in KEY for metric in run.metrics if name in (metric, kpi_of(metric))]
    rows = [
        (Cell(metric_title(metric), kpi_of(metric)), [run.cell(metric, segment) for segment in segments])
        for metric in dict.fromkeys(metrics)
    ]
    return Table("Key figures, overall and by channel", ["Figure", "Overall", *channels], rows)


def _segment_table(run: Run, dimension: str, labels: Iterable[str], metrics: Iterable[str], caption: str) -> Table:
    """Metrics (columns) by the values of a dimension (rows)."""
    shown = [metric for metric in metrics if metric in run.metrics]
    rows = [(Cell(label), [run.cell(metric, f"{dimension}={label}") for metric in shown]) for label in labels]
    return Table(caption, [dimension.capitalize().replace("_", " "), *map(metric_title, shown)], rows)


def _bots_used(scenario: Mapping[str, Any]) -> list[str]:
    """Bots that answer on a channel."""
    used = {channel.get("bot") for channel in scenario["channels"].values()}
    return [name for name in scenario.get("bots", ()) if name in used]


def _scorecards(run: Run) -> Iterator[Table]:
    """What teams and agents have done, and how far agents differ; no more than the teams where nobody is a person."""
    money = scorecards.currency_of(run.summary)
    whole = scorecards.groups(run.cards)
    if not whole:
        return
    yield _cards("Teams and places of work", "Of", whole, money)
    heads = [scorecards.TITLES[name].capitalize() for name in scorecards.SPREAD]
    differ = [
        (Cell(team), [Cell(_range(its, figure)) for figure in scorecards.SPREAD])
        for team, its in scorecards.by_team(run.cards).items()
    ]
    yield Table("How far agents differ: where eight in ten of a team lie", ["Team", *heads], differ)
    its = scorecards.agents(run.cards)
    yield _cards(f"Each agent ({len(its)})", "Agent", its, money)


def _range(agents: Sequence[Mapping[str, str]], figure: str) -> str:
    """Where eight in ten agents lie in a figure."""
    low, _, high = scorecards.spread(agents, figure)
    return NOTHING if np.isnan(low) else between(low, high, FIGURES[figure][0])


def _cards(caption: str, what: str, rows: Sequence[Mapping[str, str]], money: str) -> Table:
    shown = scorecards.known(rows)
    heads = [scorecards.TITLES[name].capitalize() for name in shown]
    cells = [(Cell(row["name"] or "All"), [Cell(scorecards.cell(row, one, money)) for one in shown]) for row in rows]
    return Table(caption, [what, *heads], cells)


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
        if " " in metric:  # shares of days stand beside the targets
            continue
        name = metric.partition(".")[0]
        one = found.setdefault(name, Explained(kpi_of(metric), metric_title(name), definition(metric), []))
        one.values.append((statistic_words(metric.partition(".")[2]).removesuffix(" of"), run.cell(metric)))
    return sorted(found.values(), key=lambda one: one.title.lower())


# Figures


def _shown(run: Run) -> Iterator[Shown]:
    """The figures that this run has data for."""
    curves = run.curves
    hourly = figures.by_hour(curves)
    if len(hourly.starts) >= FEW_BINS:
        yield from _through_time(curves, hourly)
        yield from _hung_up(curves)
    if curves.sums["waits"].any():
        tables, drawing = [_distribution_table(curves)], figures.distribution(curves)
        yield Shown("distribution", "How long customers waited", WITHIN, drawing, tables=tables)
    yield from _occupancy(run)
    yield from _paid_time(run)
    yield from _tiredness(run)
    for anchor, title, drawing in trends.drawings(run.weeks):
        yield Shown(anchor, title, trends.READING.format(level=_level(run)), drawing)


def _through_time(curves: Curves, hourly: Axis) -> Iterator[Shown]:
    """Figures by the hour: of a short run its own hours, of a long one those of a typical week, and days."""
    long = curves.measured[1] - curves.measured[0] > LONG
    hours = figures.by_hour_of_week(curves) if long else hourly
    calendar = figures.by_day(curves) if long else hourly
    typical = TYPICAL if long else ""
    if curves.sums["staff/signed_in"].any():
        yield Shown("load", "Load against staff", LOAD + typical, figures.load(curves, hours), "Team")
    if curves.sums["hours/answered"].any():
        yield Shown("waits", "Waits by hour", WAITS + typical, figures.waits(curves, hours), "Channel")
        if long:
            drawing = figures.waits(curves, calendar)
            yield Shown("waits-by-day", "Waits by day", "The same by the day of joining.", drawing, "Channel")
    if curves.sums.get("hours/backlog", np.zeros(1)).any():
        yield Shown("backlog", "The backlog", BACKLOG + typical, figures.backlog(curves, hours), "Channel")
    if curves.sums["hours/offered"].any():
        drawing = figures.volume(curves, calendar)
        yield Shown("volume", "What came and what became of it", VOLUME, drawing, "Channel")


def _hung_up(curves: Curves) -> Iterator[Shown]:
    axis = figures.by_hour_of_day(curves)
    if curves.sums["hours/abandoned"].any() and len(axis.starts) >= FEW_BINS:
        tables, drawing = [_hours_table(curves, axis)], figures.abandonment(curves, axis)
        yield Shown("abandonment", "Hung up, by hour of the day", HUNG_UP, drawing, tables=tables)


def _occupancy(run: Run) -> Iterator[Shown]:
    """Occupancy by team, with the table of teams."""
    rows = {team: run.rows.get(("occupancy", f"team={team}")) for team in run.lists["teams"]}
    known = {team: (row["mean"], row["low"], row["high"]) for team, row in rows.items() if row is not None}
    if known:
        few = f" The {figures.MOST_BARS} busiest of {len(known)}." if len(known) > figures.MOST_BARS else ""
        table = _segment_table(run, "team", known, OF_TEAMS, "By team")
        drawing = figures.occupancy(known)
        yield Shown("occupancy", "How busy the teams are", OCCUPANCY + few, drawing, tables=[table], opened=True)


def _paid_time(run: Run) -> Iterator[Shown]:
    """What paid time goes to, by team."""
    found = paid_time.split(run.rows, run.lists["teams"])
    if found:
        parts = paid_time.parts_of(found)
        rows = [(Cell(team), [_share(shares.get(part, 0.0)) for part in parts]) for team, shares in found.items()]
        table = Table("Share of paid time by team", ["Team", *(paid_time.PARTS[part][0] for part in parts)], rows)
        yield Shown("paid-time", "What paid time goes to", paid_time.READING, paid_time.drawing(found), tables=[table])


def _costs(run: Run) -> Iterator[Shown]:
    """All cost by kind, and that of agents by employer, site and team."""
    found = costs.kinds(run.rows)
    if found:
        total = run.rows["cost", ""]
        within = next((metric for metric in run.metrics if kpi_of(metric) == "cost_in_time"), "cost_in_time(20s)")
        reading = costs.READING.format(within=metric_title(within).partition("(")[2].rstrip(")"))
        drawing = costs.waterfall(found, total["mean"], total["unit"])
        tables = [_kinds_table(run, found, within), *_places(run)]
        yield Shown("costs", "Cost by kind", reading, drawing, tables=tables, opened=True)


class Checklist(NamedTuple):
    """The checklist of standards as the page shows it."""

    reading: list[str]
    tables: list[Table]


def _standards(run: Run) -> Checklist:
    """The checklist by group; none of folders of earlier versions."""
    found = standards.standards_of(run.summary.get("standards", ()))
    said = [checked(found), standards.achieved_words(run.summary), standards.published_words(run.summary)]
    groups = [
        (group, [one for one in found if one.group == group]) for group in dict.fromkeys(one.group for one in found)
    ]
    columns = ["In place", "In this scenario", "In this run"]
    tables = [Table(group, [group, *columns], [_standard(run, one) for one in mine]) for group, mine in groups]
    return Checklist([words for words in said if words], tables)


def _standard(run: Run, one: Standard) -> tuple[Cell, Sequence[Cell]]:
    """What is asked, whether it is in place, what was found and what came of it."""
    how = standards.state(one)
    mark = Cell(f"{standards.MARKS[how][0]} {standards.WORDS[how]}")
    return Cell(standards.name_words(one).capitalize(), one.asks), [
        mark, Cell(standards.found_words(one)), Cell(standards.shown_words(one, run.summary) or NOTHING),
    ]  # fmt: skip


def _kinds_table(run: Run, found: Sequence[costs.Kind], within: str) -> Table:
    """Kinds add up to all cost; what customers who may leave are worth stands beside it."""
    unit = run.rows["cost", ""]["unit"].partition("/")[0]
    rows = [
        (
            Cell(f"of which {kind.title.lower()}" if kind.part else kind.title),
            [run.cell(kind.metric), _share(kind.share), *(Cell(value_text(part, unit)) for part in kind[4:6])],
        )
        for kind in found
    ]
    each = [run.cell(f"cost_per_{what}") for what in ("contact", "solved_case")]
    rows.append((Cell("All cost"), [run.cell("cost"), _share(1.0), *each]))
    nothing = [Cell(NOTHING)] * 2
    rows.append(
        (
            Cell(f"{metric_title(within)}: all cost ÷ contacts answered in time"),
            [Cell(NOTHING)] * 2 + [run.cell(within), Cell(NOTHING)],
        )
    )
    if ("value_at_risk", "") in run.rows:
        rows.append(
            (Cell("Beside it: value of customers at risk"), [run.cell("value_at_risk"), *nothing, Cell(NOTHING)])
        )
    return Table("Cost by kind", ["Kind", "A day", "Of all cost", "Per contact", "Per case solved"], rows)


def _places(run: Run) -> Iterator[Table]:
    """What agents do and cost, by employer, site and team."""
    for dimension, labels in (
        ("employer", run.scenario.get("employers", ())),
        ("site", run.scenario.get("sites", ())),
        ("team", run.lists["teams"]),
    ):
        there = [label for label in labels if ("staff_cost", f"{dimension}={label}") in run.rows]
        if there:
            yield _segment_table(run, dimension, there, OF_PLACES, f"Agents and their cost, by {dimension}")


def _tiredness(run: Run) -> Iterator[Shown]:
    """How tired agents are by hour of their shift, with what comes of it."""
    known = [(hour, run.rows.get(("fatigue.mean", f"shift_hour={hour}"))) for hour in range(1, 25)]
    points = [(hour, row["mean"], *_ends(row)) for hour, row in known if row is not None]
    if len(points) > 1:
        table = _segment_table(
            run, "shift_hour", [str(hour) for hour, *_ in points], OF_SHIFT_HOURS, "By hour of the shift"
        )
        reading = tiredness.READING.format(level=_level(run))
        yield Shown("fatigue", "How tired agents are", reading, tiredness.drawing(points), tables=[table])


def _ends(row: Mapping[str, Any]) -> tuple[float, float]:
    """The interval of a row; as wide as nothing where there is none."""
    low, high = (row["mean"] if row[end] is None else row[end] for end in ("low", "high"))
    return low, high


def _distribution_table(curves: Curves) -> Table:
    within = figures.cumulative(curves.sums["waits"])[:-1]
    labels = figures.wait_labels(curves.wait_edges)[:-1]
    rows = [(Cell(label), [_share(one) for one in row]) for label, row in zip(labels, within, strict=True)]
    return Table("Share of answered contacts by time", ["Answered within", *curves.channels], rows)


def _hours_table(curves: Curves, axis: Axis) -> Table:
    """Mean wait and share hung up by hour of the day and channel."""
    names = ("waited", "answered", "abandoned", "offered")
    waited, answered, abandoned, offered = (axis.sum(curves.sums[f"hours/{name}"]) for name in names)
    wait, hung_up = figures.over(waited, answered), figures.over(abandoned, offered)
    rows = [(Cell(axis.say(hour)), _pairs(wait[hour], hung_up[hour])) for hour in range(len(wait))]
    columns = [f"{name}: {what}" for name in curves.channels for what in ("mean wait", "hung up")]
    return Table("Mean wait and share hung up, by hour of the day", ["Hour", *columns], rows)


def _pairs(waits: Iterable[float], shares: Iterable[float]) -> list[Cell]:
    """A time and a share in turn."""
    return [cell for one, two in zip(waits, shares, strict=True) for cell in (_time(one), _share(two))]


def _share(share: float) -> Cell:
    return Cell(value_text(min(float(share), 1.0), "share"))


def _time(seconds: float) -> Cell:
    return Cell(value_text(float(seconds), "s"))


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
    if not isinstance(value, Mapping):
        return [("", phrase(value))]
    return [(_plain(name), phrase(inner)) for name, inner in value.items()]


def phrase(value: Any, deep: bool = False) -> str:
    """A part of a scenario in words; what belongs together deeper down stands in brackets."""
    if isinstance(value, Mapping):
        return _drawn(value) or _listed(value, deep) or "as by default"
    if isinstance(value, list):
        return _items(value)
    words = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    return re.sub(r"(?<=\d)T(\d\d:\d\d):00$", r" \1", words)


def _listed(value: Mapping[str, Any], deep: bool) -> str:
    said = SHIFT if _is_shift(value) else ()
    entries = [_entry(str(name), inner, deep) for name, inner in value.items() if name not in said]
    return (", " if deep else "; ").join([*_shift(value), *entries])


def _items(value: Sequence[Any]) -> str:
    many = len(value) > MANY_ROWS
    return f"{len(value)} values" if many else ", ".join(phrase(one, True) for one in value)


def _is_shift(value: Mapping[str, Any]) -> bool:
    return all(name in value for name in SHIFT)


def _shift(value: Mapping[str, Any]) -> Iterator[str]:
    """Days, hours and headcount of a shift in short."""
    if _is_shift(value):
        many = "1 agent" if value["headcount"] == 1 else f"{value['headcount']} agents"
        yield f"{value['days']} {value['start']}–{value['end']} {many}"


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
    if not audit.get("balanced"):
        return "The books do NOT balance: do not use these figures."
    names = ("cases", "solved", "given_up", "open")
    cases, solved, given_up, still = (f"{audit[name]:,.0f}" for name in names)
    return (
        f"The books balance in every replication: {cases} cases arrived = {solved} solved + {given_up} given "
        f"up + {still} still open; waits agree with queue lengths (Little's law), and agents' time adds up."
    )
