"""The resolved scenario in words and tables, with the work that it brings held against its staff."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from simulation import reports
from simulation.reports.by_hour import LEAN, OVER, day_types, hour_tables
from simulation.reports.expected import HOUR, Expectation, expect
from simulation.reports.second_look import closed_shares, findings
from simulation.reports.terminal import new_table, said
from simulation.reports.workload import bot_reach, mean_work
from simulation.scenario.schema import Channel, Mode, Scenario
from simulation.scenario.timeline import Timeline
from simulation.units import duration_text, share_text

WEEK_DAYS = 7
NONE = "–"
LEGEND = (
    "Load in Erlangs (agents kept busy by the work that comes in) / agents on the floor. "
    "{over} more live work than agents on some day, {lean} less than 30 % busy."
)


def explanation(scenario: Scenario, width: int, marks: dict[str, str] | None = None) -> list[RenderableType]:
    """All that is said about a scenario, to be printed one below the other; `marks` are stand-ins for symbols."""
    found = expect(scenario)
    parts = (_head(scenario), _demand(found), _channels(found), _topics(found), _staff(found), _targets(scenario))
    blocks = [block for part in parts for block in part]
    return [*blocks, *_by_hour(found, width, marks or {})]


# -- what, when -------------------------------------------------------------------------------------


def _head(scenario: Scenario) -> Iterator[RenderableType]:
    yield Text(scenario.name, "bold")
    if scenario.description:
        yield Text(" ".join(scenario.description.split()))
    yield Text()
    table = Table.grid(padding=(0, 2))
    for label, words in _facts(scenario):
        table.add_row(Text(label, "bold"), words)
    yield table
    yield Text()


def _facts(scenario: Scenario) -> Iterator[tuple[str, str]]:
    yield "Time", f"{duration_text(scenario.horizon - scenario.warm_up)} from {_start(scenario)} ({scenario.calendar.time_zone})"
    around = (("warm-up before", scenario.warm_up), ("run-out after", scenario.run_out))
    if any(length for _, length in around):
        yield "Not measured", " and ".join(f"{duration_text(length)} of {what} it" for what, length in around if length)
    holidays = _holidays(scenario)
    if holidays:
        yield "Holidays", ", ".join(f"{_date(day)} ({name})" for day, name in holidays)
    yield "Runs", f"{scenario.replications} replication{'s' * (scenario.replications > 1)}, seed {scenario.seed}"


def _holidays(scenario: Scenario) -> list[tuple[dt.date, str]]:
    """Those within the simulated days."""
    dates = {day.date for day in Timeline.of(scenario).days()}
    return [(day, name) for day, name in sorted(scenario.calendar.holidays.items()) if day in dates]


def _start(scenario: Scenario) -> str:
    moment = dt.datetime.combine(scenario.calendar.start, dt.time()) + dt.timedelta(seconds=scenario.warm_up)
    return _date(moment) + (f" {moment:%H:%M}" if moment.time() != dt.time() else "")


def _date(day: dt.date) -> str:
    return f"{day:%a} {day.day} {day:%B %Y}"


# -- demand -----------------------------------------------------------------------------------------


def _demand(found: Expectation) -> Iterator[RenderableType]:
    scenario = found.plan.scenario
    cases = found.cases.sum(axis=0).T / found.hours.days
    table = new_table("Cases a day", *(f">{name}" for name in scenario.channels), ">all")
    for name, row in zip(scenario.topics, cases, strict=True):
        table.add_row(name, *map(_count, row), _count(row.sum()))
    if len(scenario.topics) > 1:
        table.add_row("all", *map(_count, cases.sum(axis=0)), _count(cases.sum()))
    yield table
    yield Text("First contacts; redials and repeats come on top.", "dim")
    yield from (Text(line) for line in _swings(scenario))
    yield Text()


def _count(value: float) -> str:
    return reports.number_text(value) if value > 0 else NONE


def _swings(scenario: Scenario) -> Iterator[str]:
    demand = scenario.demand
    if demand.busyness is not None and demand.busyness.cv:
        yield f"Days vary by a common factor with a coefficient of variation of {share_text(demand.busyness.cv)}."
    for name, event in demand.events.items():
        what = ", ".join(f"{topic} x {factor:g}" for topic, factor in event.topics.items())
        yield f"Event {name}: {what} for {duration_text(event.lasts)} from {_date(event.starts)} {event.starts:%H:%M}."


def _channels(found: Expectation) -> Iterator[RenderableType]:
    closed = closed_shares(found)
    rows = [
        [name, channel.mode.value, _opening(channel), said(reports.share_text(closed[name]) if closed[name] else NONE,
         _mean(channel.patience), _due(channel), channel.bot or NONE]
        for name, channel in found.plan.scenario.channels.items()
    ]  # fmt: skip
    yield _without_empty(["Channel", "mode", "open", ">come when\nclosed", ">mean\npatience", "due within", "bot"], rows)
    yield Text()


def _due(channel: Channel) -> str:
    limits = {level.value: duration_text(limit) for level, limit in channel.deadline.items()}
    return ", ".join(f"{limit} ({level})" for level, limit in limits.items()) or NONE


def _opening(channel: Channel) -> str:
    written: Any = channel.open.written
    if not isinstance(written, dict):
        return str(written)
    return "; ".join(f"{days} {', '.join(map(str, span)) if isinstance(span, list) else span}" for days, span in written.items())


def _mean(spec: Any) -> str:
    return NONE if spec is None else reports.seconds_text(float(spec.build().mean))


def _without_empty(headings: list[str], rows: list[list[str]]) -> Table:
    """A table without the columns in which no row says anything."""
    said = [any(row[column] != NONE for row in rows) for column in range(len(headings))]
    table = new_table(*(heading for heading, kept in zip(headings, said, strict=True) if kept))
    for row in rows:
        table.add_row(*(cell for cell, kept in zip(row, said, strict=True) if kept))
    return table


# -- work -------------------------------------------------------------------------------------------


def _topics(found: Expectation) -> Iterator[RenderableType]:
    """What each topic takes of the first tier, and what share of its cases each bot and tier can solve."""
    scenario = found.plan.scenario
    solvers = {**dict.fromkeys(scenario.bots, 0.0), **dict.fromkeys(found.plan.tiers, 1.0)}
    rows = []
    for index, (name, topic) in enumerate(scenario.topics.items()):
        reach = [share_text(topic.reach.get(solver, usual)) for solver, usual in solvers.items()]
        back = NONE if topic.repeat is None else share_text(topic.repeat.probability)
        rows.append([name, _work(found, index), *reach, back])
    heads = [f">{solver}\nsolves" for solver in solvers]
    yield _without_empty(["Topic", ">handling\nand wrap-up", *heads, ">come back\nif not solved"], rows)
    yield from (Text(line) for line in _bots(found))
    yield Text()


def _work(found: Expectation, topic: int) -> str:
    """Mean work of the first tier by the clock of a single contact: one number, or the range over channels."""
    plan = found.plan
    used = [index for index in range(len(plan.channels)) if found.cases[:, index, topic].sum() > 0]
    seconds = [mean_work(plan, plan.place(0, index, topic), index, slots=False) for index in used]
    if not seconds:
        return NONE
    low, high = reports.seconds_text(min(seconds)), reports.seconds_text(max(seconds))
    return low if low == high else f"{low}\nto {high}"


def _bots(found: Expectation) -> Iterator[str]:
    plan = found.plan
    for number, (name, bot) in enumerate(plan.scenario.bots.items()):
        pairs = [(c, t) for c, channel in enumerate(plan.channels) if channel.bot == number for t in range(len(plan.topics))]
        came = np.array([found.let_in[:, c, t].sum() for c, t in pairs])
        solved = sum(n * bot_reach(plan, c, t) for n, (c, t) in zip(came, pairs, strict=True)) / max(came.sum(), 1e-9)
        most = found.bots[name].max(initial=0.0)
        yield f"Bot {name}: solves {said(reports.share_text(float(solved))} of its contacts; {most:.1f} of {bot.sessions} sessions at the peak."


# -- staff ------------------------------------------------------------------------------------------


def _staff(found: Expectation) -> Iterator[RenderableType]:
    weekly = found.hours.days >= WEEK_DAYS
    factor = WEEK_DAYS / found.hours.days if weekly else 1.0
    rows = []
    for name, staff in found.staff.items():
        team = found.plan.scenario.teams[name]
        parts = (staff.planned, staff.paid, staff.floor)
        hours = [reports.number_text(float(part.sum()) / HOUR * factor) for part in parts]
        rows.append([name, team.tier, _works_on(found, name), *hours, str(team.wage or NONE)])
    yield _without_empty(["Team", "tier", "works on", ">planned", ">paid", ">on the\nfloor", ">wage"], rows)
    span = "a week" if weekly else f"in {duration_text(float(found.hours.seconds.sum()))}"
    yield Text(f"Hours {span}; on the floor is net of breaks, shrinkage and absence.", "dim")
    yield from (Text(line) for line in _side_by_side(found))
    yield Text()


def _works_on(found: Expectation, team: str) -> str:
    """The channels whose contacts come to a team."""
    plan = found.plan
    index = plan.team_index[team]
    channels = {channel for place, _, channel, topic in plan.places() if place in plan.teams[index].work and found.cases[:, channel, topic].any()}
    return ", ".join(plan.channel_names[channel] for channel in sorted(channels))


def _side_by_side(found: Expectation) -> Iterator[str]:
    for name, team in found.plan.scenario.teams.items():
        slots, rates = team.concurrency.slots, team.concurrency.rates()
        if slots > 1:
            yield f"Agents of {name} hold up to {slots} chats at once and then do the work of {rates[-1]:g}."


# -- targets, hours ---------------------------------------------------------------------------------


def _targets(scenario: Scenario) -> Iterator[RenderableType]:
    if not scenario.targets:
        yield Text("No targets.\n")
        return
    table = new_table("Target", "on", "asks for")
    for name, text in scenario.targets.items():
        table.add_row(name, *reports.target_words(text))
    yield table
    yield Text()


def _by_hour(found: Expectation, width: int, marks: dict[str, str]) -> Iterator[RenderableType]:
    types = day_types(found)
    yield Text("Work and agents by hour of the day", "bold")
    yield Text(LEGEND.format(over=marks.get(OVER, OVER), lean=marks.get(LEAN, LEAN)) + _patient(found.plan.scenario), "dim")
    yield Text()
    yield from hour_tables(found, types, width, marks)
    noted = list(findings(found, types))
    yield Text("Worth a look" if noted else "No hour has more live work than agents, and none leaves them idle.", "bold")
    table = Table.grid(padding=(0, 1))
    for mark, words in noted:
        table.add_row(marks.get(mark, mark), words)
    if noted:
        yield table


def _patient(scenario: Scenario) -> str:
    letters = [name for name, channel in scenario.channels.items() if channel.mode is Mode.deferred]
    return f" Contacts on {' and '.join(letters)} can wait: they are work, but not live." if letters else ""
