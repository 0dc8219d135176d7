"""The tables of `explain`: demand, channels, topics with who solves them, and staff."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from simulation.reports import number_text, seconds_text
from simulation.reports.before_contact import words as words_before
from simulation.reports.console import length_text, new_table, plain
from simulation.reports.expected import Expectation
from simulation.reports.explain_entry import entry_words
from simulation.reports.explain_sameday import sameday_words
from simulation.reports.explain_time import time_words
from simulation.reports.explain_turns import attention_words, turns_words
from simulation.reports.explain_words import spans_words
from simulation.reports.first_line import words
from simulation.reports.second_look import closed_shares
from simulation.reports.staff_hours import HOUR
from simulation.reports.workload import mean_work
from simulation.scenario.prices import employer_of
from simulation.scenario.schema import Article, Channel, DemandEvent, Scenario, Team
from simulation.units import duration_text, share_text

WEEK_DAYS = 7
NONE = "–"
Blocks = Iterator[RenderableType]


def date_words(day: dt.date) -> str:
    """A date as people write it: Mon 2 March 2026."""
    return f"{day:%a} {day.day} {day:%B %Y}"


def without_empty(headings: list[str], rows: list[list[str]]) -> Table:
    """A table without the columns in which no row says anything."""
    kept = [column for column in range(len(headings)) if any(row[column] != NONE for row in rows)]
    table = new_table(*(headings[column] for column in kept))
    for row in rows:
        table.add_row(*(row[column] for column in kept))
    return table


# -- demand -----------------------------------------------------------------------------------------


def demand(found: Expectation) -> Blocks:
    """Expected cases a day by topic and channel, and what makes them vary."""
    scenario = found.plan.scenario
    cases = found.cases.sum(axis=0).T / found.hours.days
    table = new_table("Cases a day", *(f">{name}" for name in scenario.channels), ">all")
    for name, row in zip(scenario.topics, cases, strict=True):
        table.add_row(name, *map(_count, [*row, row.sum()]))
    if len(scenario.topics) > 1:
        table.add_row("all", *map(_count, [*cases.sum(axis=0), cases.sum()]), style="bold")
    yield table
    service = list(words_before(found.plan, found.cases.sum(axis=(0, 1))))
    yield from map(Text, service)
    yield Text(f"{'The others make f' if service else 'F'}irst contacts; redials and repeats come on top.", "dim")
    yield from map(Text, _segments(scenario))
    yield from map(Text, _swings(scenario))
    yield Text()


def _count(value: float) -> str:
    return number_text(value) if value > 0 else NONE


def _segments(scenario: Scenario) -> Iterator[str]:
    for name, segment in scenario.customers.items():
        shares = ", ".join(f"{share_text(share)} {channel}" for channel, share in segment.channels.items())
        factors = {"patience": segment.patience, "expected response": segment.expects}
        ways = [f"{what} x {factor:g}" for what, factor in factors.items() if factor != 1]
        ways += [f"first contacts {shares}"] * bool(shares)
        yield f"Segment {name}, {share_text(segment.share)} of cases: {'; '.join(ways) or 'as all others'}."


def _swings(scenario: Scenario) -> Iterator[str]:
    if scenario.demand.volume != 1:
        yield f"The volume of every source is multiplied by {number_text(scenario.demand.volume)} (demand.volume)."
    busyness = scenario.demand.busyness
    if busyness is not None and busyness.cv:
        yield f"Days vary by a common factor with a coefficient of variation of {share_text(busyness.cv)}."
    for name, event in scenario.demand.events.items():
        start = f"{date_words(event.starts)} {event.starts:%H:%M}"
        yield f"Event {name}: {', '.join(_happens(event))} for {duration_text(event.lasts)} from {start}{_told(event)}."


def _happens(event: DemandEvent) -> Iterator[str]:
    """What an event does, in words."""
    yield from (f"{topic} x {factor:g}" for topic, factor in event.topics.items())
    down = [*event.channels, *event.bots]
    if down:
        yield f"{' and '.join(down)} out of order"


def _told(event: DemandEvent) -> str:
    """What the notice of an event does, in words."""
    if event.notice is None:
        return ""
    after = f"{duration_text(event.notice.after)} later " if event.notice.after else ""
    return f"; a notice {after}prevents {share_text(event.notice.prevents)} of the extra cases"


# -- channels ---------------------------------------------------------------------------------------


def channels(found: Expectation) -> Blocks:
    """Mode, hours, patience, deadlines and bot of each channel."""
    closed = closed_shares(found)
    heads = ["Channel", "mode", "open", ">come when\nclosed", ">mean\npatience", "due within", "bot"]
    rows = [[name, *_channel(one, closed[name])] for name, one in found.plan.scenario.channels.items()]
    yield without_empty(heads, rows)
    yield from map(Text, entry_words(found.plan.scenario))
    yield from map(Text, turns_words(found.plan.scenario))
    yield Text()


def _channel(one: Channel, closed: float) -> list[str]:
    turned_away = f"{100 * closed:.1f} %" if closed else NONE
    return [one.mode.value, _opening(one), turned_away, _mean(one.patience), _due(one), one.bot or NONE]


def _due(channel: Channel) -> str:
    """Deadlines by urgency, one below the other."""
    limits = channel.deadline.items()
    return "\n".join(f"{duration_text(limit)} ({level.value})" for level, limit in limits) or NONE


def _opening(channel: Channel) -> str:
    written: Any = channel.open.written
    return "\n".join(spans_words(written)) if isinstance(written, dict) else str(written)


def _mean(spec: Any) -> str:
    return NONE if spec is None else plain(seconds_text(float(spec.build().mean)))


# -- work -------------------------------------------------------------------------------------------


def topics(found: Expectation) -> Blocks:
    """What each topic takes of the first tier, and what share of its cases each bot and tier can solve; a table of its own
    for what self-service can."""
    scenario, rows = found.plan.scenario, []
    for index, (name, topic) in enumerate(scenario.topics.items()):
        bots = [_share(topic.reach.get(bot, 0.0) * spec.understands(name)) for bot, spec in scenario.bots.items()]
        tiers = [share_text(topic.reach.get(tier, 1.0)) for tier in found.plan.tiers]
        back = NONE if topic.repeat is None else share_text(topic.repeat.probability)
        hardest = NONE if topic.hardest_takes == 1 else f"x {topic.hardest_takes:g}"
        rows.append([name, _work(found, index), hardest, *bots, *tiers, back])
    heads = [f">{solver}\nsolves" for solver in (*scenario.bots, *found.plan.tiers)]
    table = ["Topic", ">handling\nand wrap-up", ">hardest\ncase", *heads, ">come back\nif not solved"]
    yield without_empty(table, rows)
    yield from map(Text, _bots(found))
    yield Text()
    yield from _before(scenario)


def _before(scenario: Scenario) -> Blocks:
    """What share of each topic's cases self-service can solve, and how well articles cover them."""
    if scenario.self_service is None:
        return
    parts, rows = scenario.self_service.names(), []
    for name, topic in scenario.topics.items():
        if any(topic.reach.get(part) for part in parts):
            article = (topic.article or Article()) if topic.reach.get("knowledge_base") else None
            known = [NONE, NONE] if article is None else [share_text(article.coverage), share_text(article.stale)]
            rows.append([name, *(share_text(topic.reach.get(part, 0.0)) for part in parts), *known])
    heads = [f">{part.replace('_', ' ')}\ncan solve" for part in parts]
    yield without_empty(["Topic", *heads, ">with an\narticle", ">out of\ndate"], rows)
    yield Text()


def _share(part: float) -> str:
    return f"{100 * part:.3g} %"


def _work(found: Expectation, topic: int) -> str:
    """Mean work of the first tier on one contact at a time: one number, or the range over channels."""
    plan = found.plan
    used = [index for index in range(len(plan.channels)) if found.cases[:, index, topic].sum() > 0]
    seconds = [mean_work(plan, plan.place(0, index, topic), index, slots=False) for index in used]
    ends = [plain(seconds_text(end)) for end in (min(seconds, default=0.0), max(seconds, default=0.0))]
    return (ends[0] if ends[0] == ends[1] else f"{ends[0]}\nto {ends[1]}") if used else NONE


def _bots(found: Expectation) -> Iterator[str]:
    plan = found.plan
    for number, name in enumerate(plan.scenario.bots):
        mine = [index for index, channel in enumerate(plan.channels) if channel.bot == number]
        came = found.let_in[:, mine, :].sum(axis=(0, 1))
        yield from words(plan, name, came, float(found.bots[name].max(initial=0.0)))


# -- staff ------------------------------------------------------------------------------------------


def staff(found: Expectation) -> Blocks:
    """Hours of each team: planned, paid, and on the floor."""
    weekly = found.hours.days >= WEEK_DAYS
    factor = (WEEK_DAYS / found.hours.days if weekly else 1.0) / HOUR
    rows = []
    for name, its in found.staff.items():
        team = found.plan.scenario.teams[name]
        hours = [number_text(float(part.sum()) * factor) for part in (its.planned, its.paid, its.floor)]
        rows.append([name, team.tier, _works_on(found, name), *hours, _pay(found.plan.scenario, team)])
    yield without_empty(["Team", "tier", "works on", ">planned", ">paid", ">on the\nfloor", ">wage"], rows)
    span = "a week" if weekly else f"in {length_text(float(found.hours.seconds.sum()))}"
    empty = ", and of empty places and newcomers in training" if found.plan.scenario.strain.turnover else ""
    yield Text(f"Hours {span}; on the floor is net of breaks, shrinkage and absence{empty}.", "dim")
    yield from map(Text, time_words(found.plan.scenario))
    yield from map(Text, _side_by_side(found))
    yield from map(Text, _at_some_hours(found.plan.scenario))
    yield from map(Text, sameday_words(found.plan.scenario))
    yield Text()


def _pay(scenario: Scenario, team: Team) -> str:
    return "outsourced" if employer_of(scenario, team) is not None else str(team.wage or NONE)


def _works_on(found: Expectation, team: str) -> str:
    """The channels whose contacts come to a team."""
    plan = found.plan
    places = plan.teams[plan.team_index[team]].work
    used = np.argwhere(found.cases.sum(axis=0) > 0).tolist()
    its = {c for c, t in used for tier in range(len(plan.tiers)) if plan.place(tier, c, t) in places}
    names = [plan.channel_names[index] for index in sorted(its)]
    return "all channels" if len(names) == len(plan.channels) > 1 else ", ".join(names)


def _at_some_hours(scenario: Scenario) -> Iterator[str]:
    for name, team in scenario.teams.items():
        for skill in team.skills.values():
            if skill.hours.written != "always":
                what = "all contacts" if skill.channels == "all" else " and ".join(skill.channels)
                yield f"Agents of {name} take {what} only {', '.join(spans_words(skill.hours.written))}."


def _side_by_side(found: Expectation) -> Iterator[str]:
    for name, team in found.plan.scenario.teams.items():
        slots, rates = team.concurrency.slots, team.concurrency.rates()
        taken = attention_words(found, name)
        if taken:
            yield taken
        elif slots > 1:
            yield f"Agents of {name} hold up to {slots} chats at once, and then do the work of {rates[-1]:g}."
