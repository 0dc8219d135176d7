"""The resolved scenario in words and tables, with the work that it brings held against its staff."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from simulation.reports import number_text, seconds_text, target_words
from simulation.reports.by_hour import LEAN, OVER, day_types, hour_tables
from simulation.reports.expected import HOUR, Expectation, expect
from simulation.reports.second_look import closed_shares, findings
from simulation.reports.terminal import new_table, plain
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
Blocks = Iterator[RenderableType]


def explanation(scenario: Scenario, width: int, marks: Mapping[str, str]) -> list[RenderableType]:
    """All that is said about a scenario, to be printed one below the other; `marks` are stand-ins for symbols."""
    found = expect(scenario)
    parts = (_head(scenario), _demand(found), _channels(found), _topics(found), _staff(found), _targets(scenario))
    return [*(block for part in parts for block in part), *_by_hour(found, width, marks)]


# -- what, when -------------------------------------------------------------------------------------


def _head(scenario: Scenario) -> Blocks:
    yield Text(scenario.name, "bold")
    if scenario.description:
        yield Text(" ".join(scenario.description.split()))
    yield Text()
    yield _pairs(_facts(scenario))
    yield Text()


def _pairs(rows: Iterator[tuple[str, str]]) -> Table:
    """Two columns; what does not fit goes on below its own column."""
    table = Table.grid(padding=(0, 1))
    for label, words in rows:
        table.add_row(label, words)
    return table


def _facts(scenario: Scenario) -> Iterator[tuple[str, str]]:
    yield "Time:", f"{duration_text(scenario.horizon - scenario.warm_up)} from {_start(scenario)} ({scenario.calendar.time_zone})"
    around = (("warm-up before", scenario.warm_up), ("run-out after", scenario.run_out))
    if any(length for _, length in around):
        yield "Not measured:", " and ".join(f"{duration_text(length)} of {what} it" for what, length in around if length)
    holidays = _holidays(scenario)
    if holidays:
        yield "Holidays:", ", ".join(f"{date_words(day)} ({name})" for day, name in holidays)
    yield "Runs:", f"{scenario.replications} replication{'s' * (scenario.replications > 1)}, seed {scenario.seed}"


def _start(scenario: Scenario) -> str:
    moment = dt.datetime.combine(scenario.calendar.start, dt.time()) + dt.timedelta(seconds=scenario.warm_up)
    return date_words(moment) + (f" {moment:%H:%M}" if moment.time() != dt.time() else "")


def _holidays(scenario: Scenario) -> list[tuple[dt.date, str]]:
    """Those within the simulated days."""
    dates = {day.date for day in Timeline.of(scenario).days()}
    return [(day, name) for day, name in sorted(scenario.calendar.holidays.items()) if day in dates]


def date_words(day: dt.date) -> str:
    """A date as people write it: Mon 2 March 2026."""
    return f"{day:%a} {day.day} {day:%B %Y}"


# -- demand -----------------------------------------------------------------------------------------


def _demand(found: Expectation) -> Blocks:
    scenario = found.plan.scenario
    cases = found.cases.sum(axis=0).T / found.hours.days
    table = new_table("Cases a day", *(f">{name}" for name in scenario.channels), ">all")
    for name, row in zip(scenario.topics, cases, strict=True):
        table.add_row(name, *map(_count, [*row, row.sum()]))
    if len(scenario.topics) > 1:
        table.add_row("all", *map(_count, [*cases.sum(axis=0), cases.sum()]), style="bold")
    yield table
    yield Text("First contacts; redials and repeats come on top.", "dim")
    yield from map(Text, _swings(scenario))
    yield Text()


def _count(value: float) -> str:
    return number_text(value) if value > 0 else NONE


def _swings(scenario: Scenario) -> Iterator[str]:
    demand = scenario.demand
    if demand.busyness is not None and demand.busyness.cv:
        yield f"Days vary by a common factor with a coefficient of variation of {share_text(demand.busyness.cv)}."
    for name, event in demand.events.items():
        what = ", ".join(f"{topic} x {factor:g}" for topic, factor in event.topics.items())
        yield f"Event {name}: {what} for {duration_text(event.lasts)} from {date_words(event.starts)} {event.starts:%H:%M}."


def _channels(found: Expectation) -> Blocks:
    closed = closed_shares(found)
    heads = ["Channel", "mode", "open", ">come when\nclosed", ">mean\npatience", "due within", "bot"]
    rows = [
        [name, channel.mode.value, _opening(channel), _percent(closed[name]), _mean(channel.patience), _due(channel), channel.bot or NONE]
        for name, channel in found.plan.scenario.channels.items()
    ]
    yield _without_empty(heads, rows)
    yield Text()


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share else NONE


def _due(channel: Channel) -> str:
    """Deadlines by urgency, one below the other."""
    return "\n".join(f"{duration_text(limit)} ({level.value})" for level, limit in channel.deadline.items()) or NONE


def _opening(channel: Channel) -> str:
    written: Any = channel.open.written
    if not isinstance(written, dict):
        return str(written)
    spans = {days: ", ".join(map(str, span)) if isinstance(span, list) else span for days, span in written.items()}
    return "\n".join(f"{days} {span}" for days, span in spans.items())


def _mean(spec: Any) -> str:
    return NONE if spec is None else plain(seconds_text(float(spec.build().mean)))


def _without_empty(headings: list[str], rows: list[list[str]]) -> Table:
    """A table without the columns in which no row says anything."""
    kept = [column for column in range(len(headings)) if any(row[column] != NONE for row in rows)]
    table = new_table(*(headings[column] for column in kept))
    for row in rows:
        table.add_row(*(row[column] for column in kept))
    return table


# -- work -------------------------------------------------------------------------------------------


def _topics(found: Expectation) -> Blocks:
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
    yield from map(Text, _bots(found))
    yield Text()


def _work(found: Expectation, topic: int) -> str:
    """Mean work of the first tier on one contact at a time: one number, or the range over channels."""
    plan = found.plan
    used = [index for index in range(len(plan.channels)) if found.cases[:, index, topic].sum() > 0]
    seconds = [mean_work(plan, plan.place(0, index, topic), index, slots=False) for index in used]
    ends = [plain(seconds_text(end)) for end in (min(seconds, default=0.0), max(seconds, default=0.0))]
    return (ends[0] if ends[0] == ends[1] else f"{ends[0]}\nto {ends[1]}") if used else NONE


def _bots(found: Expectation) -> Iterator[str]:
    plan = found.plan
    for number, (name, bot) in enumerate(plan.scenario.bots.items()):
        pairs = [(c, t) for c, channel in enumerate(plan.channels) if channel.bot == number for t in range(len(plan.topics))]
        came = [float(found.let_in[:, channel, topic].sum()) for channel, topic in pairs]
        solved = sum(many * bot_reach(plan, *pair) for many, pair in zip(came, pairs, strict=True))
        share = f"{100 * solved / sum(came):.1f} %" if sum(came) else "none"
        peak = found.bots[name].max(initial=0.0)
        yield f"Bot {name}: solves {share} of its contacts; {peak:.1f} of {bot.sessions} sessions at the peak."


# -- staff ------------------------------------------------------------------------------------------


def _staff(found: Expectation) -> Blocks:
    weekly = found.hours.days >= WEEK_DAYS
    factor = (WEEK_DAYS / found.hours.days if weekly else 1.0) / HOUR
    rows = []
    for name, staff in found.staff.items():
        team = found.plan.scenario.teams[name]
        hours = [number_text(float(part.sum()) * factor) for part in (staff.planned, staff.paid, staff.floor)]
        rows.append([name, team.tier, _works_on(found, name), *hours, str(team.wage or NONE)])
    yield _without_empty(["Team", "tier", "works on", ">planned", ">paid", ">on the\nfloor", ">wage"], rows)
    span = "a week" if weekly else f"in {duration_text(float(found.hours.seconds.sum()))}"
    yield Text(f"Hours {span}; on the floor is net of breaks, shrinkage and absence.", "dim")
    yield from map(Text, _side_by_side(found))
    yield Text()


def _works_on(found: Expectation, team: str) -> str:
    """The channels whose contacts come to a team."""
    plan = found.plan
    places = plan.teams[plan.team_index[team]].work
    used = np.argwhere(found.cases.sum(axis=0) > 0).tolist()
    channels = {c for c, t in used for tier in range(len(plan.tiers)) if plan.place(tier, c, t) in places}
    return "all channels" if len(channels) == len(plan.channels) > 1 else ", ".join(plan.channel_names[c] for c in sorted(channels))


def _side_by_side(found: Expectation) -> Iterator[str]:
    for name, team in found.plan.scenario.teams.items():
        slots, rates = team.concurrency.slots, team.concurrency.rates()
        if slots > 1:
            yield f"Agents of {name} hold up to {slots} chats at once, and then do the work of {rates[-1]:g}."


# -- targets, hours ---------------------------------------------------------------------------------


def _targets(scenario: Scenario) -> Blocks:
    if not scenario.targets:
        yield Text("No targets.\n")
        return
    table = new_table("Target", "on", "asks for")
    for name, text in scenario.targets.items():
        table.add_row(name, *map(plain, target_words(text)))
    yield table
    yield Text()


def _by_hour(found: Expectation, width: int, marks: Mapping[str, str]) -> Blocks:
    types = day_types(found)
    yield Text("Work and agents by hour of the day", "bold")
    yield Text(LEGEND.format(over=marks.get(OVER, OVER), lean=marks.get(LEAN, LEAN)) + _patient(found.plan.scenario), "dim")
    yield Text()
    yield from hour_tables(found, types, width, marks)
    noted = list(findings(found, types))
    yield Text("Worth a look" if noted else "No hour has more live work than agents, and none leaves them idle.", "bold")
    if noted:
        yield _pairs((marks.get(mark, mark), words) for mark, words in noted)


def _patient(scenario: Scenario) -> str:
    letters = [name for name, channel in scenario.channels.items() if channel.mode is Mode.deferred]
    return f" Contacts on {' and '.join(letters)} can wait: they are work, but not live." if letters else ""
