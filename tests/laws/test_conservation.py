"""What holds in every run, whatever was simulated: nothing is lost, nobody idles beside work, the order is kept.

Random small centers with many simultaneous events. Each law is checked from outside, on the recorded tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from math import inf, isnan
from typing import Any

import pytest
from hypothesis import given

from simulation.demand.outages import outages
from simulation.record.recorder import CaseStatus, ContactKind, Duty, Outcome, SelfService
from simulation.scenario.hours import OpeningHours
from simulation.scenario.schema import Chasers, Mode
from tests.laws.books import EPSILON, Books, Contact, Leg, joined, observe
from tests.laws.strategies import deep, quick, scenarios

TURNED_AWAY = {Outcome.BLOCKED, Outcome.CLOSED}
RETURNS = {ContactKind.REPEAT, ContactKind.REOPEN}
UNSERVED = TURNED_AWAY | {Outcome.ABANDONED, Outcome.DISCONNECTED, Outcome.BALKED, Outcome.UNREACHED}
FOLLOWING = {
    **{outcome: {ContactKind.REDIAL} for outcome in UNSERVED},
    Outcome.UNREACHED: {ContactKind.CALLBACK, ContactKind.REDIAL},
    Outcome.CALLBACK: {ContactKind.CALLBACK},
    Outcome.WRONG: RETURNS,
    Outcome.TIMED_OUT: {ContactKind.REOPEN},
}
"""Why the next contact may be made, by the outcome of the last one."""
UNDECIDED = {
    Outcome.OPEN, Outcome.TIMED_OUT, Outcome.UNREACHED, Outcome.PAUSED, Outcome.TRANSFERRED, Outcome.INFORMED,
}  # fmt: skip
"""Outcomes of legs that say nothing of the answer."""


# -- nothing is lost ----------------------------------------------------------------------------------------


def cases_are_conserved(books: Books) -> None:
    """Arrived = solved + given up + open, and each status is that of the last contact (questions for news apart)."""
    last = {one.case: one for one in own_contacts(books)}
    for case, status in enumerate(books.statuses):
        if case not in last:
            self_service_kept(books, case, status)
            continue
        outcome = last[case].outcome
        assert (status is CaseStatus.SOLVED) == (outcome is Outcome.SOLVED), f"case {case}: {status}, {outcome}"
        if status is CaseStatus.GIVEN_UP:
            assert outcome in UNSERVED | {Outcome.WRONG, Outcome.TIMED_OUT}, f"case {case}: given up after {outcome}"


def own_contacts(books: Books) -> list[Contact]:
    """Contacts on the cases' own way: without questions for news."""
    return [one for one in books.contacts if one.kind is not ContactKind.CHASER]


def self_service_kept(books: Books, case: int, status: CaseStatus) -> None:
    """A case without a contact has come to its end before it, or is still there, or its customer was misled."""
    came_of = SelfService(books.record.cases["self_service"][case])
    assert status in {
        SelfService.SOLVED: {CaseStatus.SOLVED},
        SelfService.MISLED: {CaseStatus.GIVEN_UP, CaseStatus.OPEN},
        SelfService.OPEN: {CaseStatus.OPEN},
    }.get(came_of, set()), f"case {case}: {status} after {came_of}"


def contacts_follow_each_other(books: Books) -> None:
    """After hanging up or being turned away comes a redial, after a wrong answer a return, to a thread that has timed
    out a message, after a number left a call."""
    for before, after in pairwise(own_contacts(books)):
        if after.case != before.case:
            assert (after.contact, after.kind) == (0, ContactKind.FIRST)
            continue
        assert after.contact > before.contact and after.kind in FOLLOWING[before.outcome]
        if before.outcome is Outcome.WRONG:
            found = is_reopened(books, before, after)
            diverted = any(channel.instead for channel in books.scenario.channels.values())
            delayed = any(end == after.arrived for _, end in outages(books.scenario, "channels", after.channel))
            assert found == (after.kind is ContactKind.REOPEN) or (found and diverted) or delayed
        assert after.channel == before.channel or after.channel in channels_after(books, before, after)
        assert after.arrived >= before.ended - EPSILON


def is_reopened(books: Books, before: Contact, after: Contact) -> bool:
    """Whether a customer who comes back after a wrong answer goes on with the same thread."""
    window = books.scenario.channels[before.channel].reopening
    return (
        before.channel == after.channel
        and window is not None
        and after.arrived - before.ended <= window.within + EPSILON
    )


def questions_follow_open_contacts(books: Books) -> None:
    """Who asks for news has an open contact on a channel whose customers ask, waits for it long enough, and asks so often
    at most; the question is answered, given up or turned away, and changes nothing."""
    for case, asked in of_cases(one for one in books.contacts if one.kind is ContactKind.CHASER).items():
        own = [one for one in own_contacts(books) if one.case == case]
        waits = len(own) + sum(leg.outcome is Outcome.PAUSED for leg in books.legs if leg.case == case)
        assert len(asked) <= waits * max(spec.most for spec in asks_of(books))
        for one in asked:
            about = [other for other in own if other.arrived <= one.arrived and not other.ended < one.arrived]
            specs = [books.scenario.channels[other.channel].chasers for other in about]
            assert any(
                spec is not None and (spec.channel or other.channel) == one.channel
                for spec, other in zip(specs, about, strict=True)
            ), str(one)
            assert one.outcome in UNSERVED | {Outcome.INFORMED, Outcome.OPEN}
            assert one.legs <= 1


def asks_of(books: Books) -> list[Chasers]:
    """What the scenario says of questions for news."""
    return [channel.chasers for channel in books.scenario.channels.values() if channel.chasers is not None]


def of_cases(contacts: Iterable[Contact]) -> dict[int, list[Contact]]:
    """Contacts by case."""
    found: dict[int, list[Contact]] = {}
    for one in contacts:
        found.setdefault(one.case, []).append(one)
    return found


def channels_after(books: Books, before: Contact, after: Contact) -> set[str]:
    """The other channels on which a customer may come after a contact that was not answered, or wrongly."""
    wrong = before.outcome is Outcome.WRONG
    topic, channel = books.scenario.topics[topic_of(books, before.case)], books.scenario.channels[before.channel]
    retry = topic.repeat if wrong else channel.redial
    bot = books.scenario.bots.get(str(books.of_contact[before.case, before.contact][-1].handler)) if wrong else None
    retry = (bot and bot.returns) or retry
    if retry is None or after.kind is ContactKind.CALLBACK:
        return set()
    chosen = {before.channel, *(name for name, share in retry.channels.items() if share)}
    return chosen | {name for one in chosen for name in books.scenario.channels[one].instead}


def calls_are_limited(books: Books) -> None:
    """No more calls in a row than attempts, each next one no sooner than agreed, and none without a number left."""
    calls = 0
    for before, after in pairwise(books.contacts):
        calls = calls + 1 if after.kind is ContactKind.CALLBACK else 0
        if calls:
            offer = books.scenario.channels[after.channel].callback
            assert offer is not None and calls <= offer.attempts and before.case == after.case
            due = before.ended + (offer.earliest if calls == 1 else offer.retry_after)
            assert after.arrived >= due - EPSILON


def tries_are_limited(books: Books) -> None:
    """Redials in a row and returns per case stay within `most`."""
    in_a_row, returns, wrong = 0, 0, False
    for one in own_contacts(books):
        first = one.kind is ContactKind.FIRST
        in_a_row = in_a_row + 1 if one.kind is ContactKind.REDIAL else 0
        returns = 0 if first else returns + wrong
        wrong = one.outcome is Outcome.WRONG
        redials = [channel.redial for channel in books.scenario.channels.values()]
        repeats = [books.scenario.topics[topic_of(books, one.case)].repeat]
        if books.record.cases["misled"][one.case]:
            repeats += [bot.returns for bot in books.scenario.bots.values()]
        assert in_a_row <= max(redial.most or inf if redial else 0 for redial in redials)
        assert returns <= max(repeat.most or inf if repeat else 0 for repeat in repeats)


def topic_of(books: Books, case: int) -> str:
    """The topic of a case."""
    return books.record.names["topic"][int(books.record.cases["topic"][case])]


def legs_make_up_contacts(books: Books) -> None:
    """A contact's legs are seamless from its arrival to its end, and the last one's outcome is the contact's."""
    for one in books.contacts:
        legs = books.of_contact[one.case, one.contact]
        assert len(legs) == one.legs and [leg.leg for leg in legs] == list(range(one.legs))
        if not legs:
            unheard = one.outcome is Outcome.OPEN and isnan(one.ended)  # being registered, or outside in an outage
            assert unheard or (one.outcome in TURNED_AWAY and one.ended == one.arrived)
            continue
        assert one.outcome not in TURNED_AWAY
        assert legs[0].queued >= one.arrived - EPSILON
        if books.scenario.intake.registration is None:
            assert legs[0].queued <= one.arrived + EPSILON
        if legs[-1].outcome is Outcome.PAUSED:
            assert one.outcome is Outcome.OPEN and isnan(one.ended)
        else:
            assert legs[-1].outcome is one.outcome
            assert same(legs[-1].released, one.ended)
        for before, after in pairwise(legs):
            assert before.outcome in {Outcome.ESCALATED, Outcome.TRANSFERRED, Outcome.PAUSED}
            assert after.queued == before.released or before.outcome is Outcome.PAUSED


def work_pauses_as_it_must(books: Books) -> None:
    """A case waits for each cause at most once a contact; the parts of constant work and the waits make up the time."""
    for legs in books.of_contact.values():
        paused = [leg for leg in legs if leg.outcome is Outcome.PAUSED]
        assert len(paused) <= 2
        for leg in paused:
            assert books.scenario.channels[leg.channel].mode is Mode.deferred
        for before, after in pairwise(legs):
            if before.outcome is Outcome.PAUSED:
                spec = books.scenario.topics[before.topic].pauses
                lasts = [pause.lasts for pause in (spec.customer, spec.third_party) if pause is not None]
                waits = [one.constant.value for one in lasts if "constant" in one.kinds()]
                found = any(after.queued - before.released == pytest.approx(wait, abs=EPSILON) for wait in waits)
                assert found or len(waits) < len(lasts), str(before)


def same(left: float, right: float) -> bool:
    """Equal, or both unknown."""
    return left == right or (isnan(left) and isnan(right))


def misfiled_work_is_handed_over(books: Books) -> None:
    """Handed over is what stood under a wrong topic with a team that has no skill for the true one, and only that."""
    for leg in books.legs:
        if leg.handler is None or leg.tier is None or leg.outcome is Outcome.OPEN:
            assert leg.outcome is not Outcome.TRANSFERRED
            continue
        entitled = leg.handler in {stage.team for stage in books.stages(leg._replace(filed_topic=leg.topic))}
        assert (leg.outcome is Outcome.TRANSFERRED) == (leg.filed_topic != leg.topic and not entitled), str(leg)


# -- who may do what ----------------------------------------------------------------------------------------


def agents_hold_no_more_than_allowed(books: Books) -> None:
    """One call or letter and nothing beside it, or as many chats as there are slots."""
    for agent in range(len(books.agents)):
        for leg in books.of_agent[agent]:
            beside = [
                one for one in books.of_agent[agent] if one.answered <= leg.answered < one.over and one is not leg
            ]
            if leg.over == leg.answered:
                continue
            beside = [one for one in beside if one.over > one.answered]
            if not books.shared(leg):
                assert not beside, f"{leg} beside {beside}"
            assert all(books.shared(one) for one in beside), f"{leg} beside {beside}"
            assert len(beside) < books.slots(books.team_of(agent)), f"{leg} beside {beside}"


def handlers_are_entitled(books: Books) -> None:
    """The team has the skill, belongs to the leg's stages, and its wait has passed."""
    for leg in books.legs:
        if leg.human and leg.served:
            waits = {stage.team: stage.after for stage in books.entitled(leg, leg.answered)}
            assert leg.handler == books.team_of(leg.agent) and leg.handler in waits, str(leg)
            assert leg.until - leg.queued >= waits[leg.handler] - EPSILON, str(leg)


def tiers_go_up(books: Books) -> None:
    """A contact starts at the bot or the first tier, or where its thread timed out; each escalation leads to a higher tier."""
    path = books.scenario.escalation.path
    tier_of: dict[int, str | None] = {}
    for one in own_contacts(books):
        legs = books.of_contact[one.case, one.contact]
        stays = [leg for leg in legs if leg.outcome not in {Outcome.TRANSFERRED, Outcome.PAUSED}]
        tiers = [-1 if leg.tier is None else path.index(leg.tier) for leg in stays]
        assert tiers == sorted(set(tiers)), str(legs)
        if one.kind is ContactKind.REOPEN:
            assert not legs or legs[0].tier == (tier_of[one.case] or path[0]), str(legs)
        else:
            assert tiers[:1] in ([], [-1], [0]), str(legs)
            if tiers[:1] == [-1]:
                assert tiers[1:2] in ([], [0])
        tier_of[one.case] = legs[-1].tier if legs else None


def answers_follow_from_difficulty(books: Books) -> None:
    """Solved only within reach; within reach and with perfect accuracy always; nothing wrong that is escalated."""
    own = zip(books.legs, books.record.legs["reach"], books.record.legs["accuracy"], strict=True)
    for leg, further, factor in own:
        if leg.handler is None or leg.outcome in UNDECIDED:
            continue
        easy = books.births.difficulty[leg.case] < min(max(reach(books, leg) + further, 0.0), 1.0)
        team = books.scenario.teams.get(leg.handler)
        if team is None:
            bot_answers_follow(books, leg, easy)
        elif leg.outcome is Outcome.SOLVED:
            assert easy, str(leg)
        elif leg.angry:
            assert leg.outcome is Outcome.ESCALATED, str(leg)
        elif team.accuracy * factor >= 1 or leg.outcome is Outcome.ESCALATED:
            assert not easy, str(leg)


def bot_answers_follow(books: Books, leg: Leg, easy: bool) -> None:
    """Solved only if easy and understood; else handed over or silently wrong; in an outage always handed over."""
    bot = books.scenario.bots[str(leg.handler)]
    understanding = bot.understands(leg.topic)
    if is_out(books, str(leg.handler), leg.released):
        assert leg.outcome is Outcome.ESCALATED, str(leg)
    elif leg.outcome is Outcome.SOLVED:
        assert easy and understanding > 0, str(leg)
    else:
        assert not easy or understanding < 1, str(leg)
        wrong = {0.0: [False], 1.0: [True]}.get(bot.silent_failure, [False, True])
        assert (leg.outcome is Outcome.WRONG) in wrong, str(leg)


def reach(books: Books, leg: Leg) -> float:
    """The share of cases that the leg's handler can solve: a bot by its name, a team by its own tier."""
    known = books.scenario.topics[leg.topic].reach
    team = books.scenario.teams.get(str(leg.handler))
    return known.get(str(leg.handler), 0.0) if team is None else known.get(team.tier, 1.0)


def patience_is_kept(books: Books) -> None:
    """With a constant patience nobody waits longer on a leg, and who hangs up has waited just as long."""
    for leg in books.legs:
        spec = None if books.is_call(leg) else patience_of(books, leg)
        if spec is None:
            assert leg.outcome is not Outcome.ABANDONED, str(leg)
        elif "constant" in spec.kinds() and leg.human:
            waited = min(leg.until, books.scenario.duration) - leg.queued
            patience = spec.constant.value * factor_of(books, leg.case)
            assert waited <= patience + EPSILON, str(leg)
            assert leg.outcome is not Outcome.ABANDONED or waited >= patience - EPSILON, str(leg)


def factor_of(books: Books, case: int) -> float:
    """What the patience of a case's customer is multiplied by."""
    segment = int(books.record.cases["segment"][case])
    return 1.0 if segment < 0 else list(books.scenario.customers.values())[segment].patience


def patience_of(books: Books, leg: Leg) -> Any:
    """How long the customer waits for the leg's tier, as the scenario says it; None: for ever."""
    channel = books.scenario.channels[leg.channel]
    above = books.scenario.escalation.patience.get(str(leg.tier))
    return None if channel.mode is Mode.deferred else above or channel.patience


# -- doors, trunks and bots ---------------------------------------------------------------------------------


def doors_are_kept(books: Books) -> None:
    """A live or chat contact gets in exactly when the channel is open; at closing time a strict one is cleared."""
    for one in books.contacts:
        channel = books.scenario.channels[one.channel]
        if channel.mode is not Mode.deferred:
            lets_in = is_open(channel.open, one.arrived) and not down(books, one.channel, one.arrived)
            assert (one.outcome is Outcome.CLOSED) != lets_in, str(one)
    for leg in books.legs:
        channel = books.scenario.channels[leg.channel]
        waits = leg.human and channel.mode is not Mode.deferred and not books.is_call(leg)
        if waits and channel.at_close == "disconnect":
            closings = [end for _, end in channel.open.of_day(0, False) if leg.queued < end < leg.until]
            assert (
                not closings or closings[0] >= books.scenario.duration or not is_shut_at(channel.open, closings[0])
            ), str(leg)

        if waits:
            fails = [start for start, _ in outages(books.scenario, "channels", leg.channel)]
            assert not any(leg.queued < start < leg.until for start in fails), str(leg)


def down(books: Books, channel: str, at: float) -> bool:
    """Whether a channel is out of order."""
    return any(start <= at < end for start, end in outages(books.scenario, "channels", channel))


def is_open(hours: OpeningHours, at: float) -> bool:
    """Whether the first day's hours hold a time."""
    return any(start <= at < end for start, end in hours.of_day(0, False))


def is_shut_at(hours: OpeningHours, at: float) -> bool:
    """Whether a span ends and none begins there."""
    return not is_open(hours, at)


def trunks_are_kept(books: Books) -> None:
    """Never more inside than trunks; a busy signal only when they are all taken."""
    for name, channel in books.scenario.channels.items():
        if channel.trunks is None:
            continue
        came = [one for one in books.contacts if one.channel == name and one.legs]
        inside = [one for one in came if one.kind is not ContactKind.CALLBACK]
        for scene in books.scenes:
            assert sum(one.arrived < scene.at and not one.ended < scene.at for one in inside) <= channel.trunks
        lines = [(since(books, one), one.ended) for one in came]
        for one in books.contacts:
            if one.channel == name and one.outcome is Outcome.BLOCKED:
                there = [start for start, end in lines if start <= one.arrived and not end < one.arrived]
                assert len(there) >= channel.trunks, str(one)


def since(books: Books, one: Contact) -> float:
    """From when on a contact has a line: a call by the center only once an agent dials."""
    leg = books.of_contact[one.case, one.contact][0]
    return leg.until if books.is_call(leg) else one.arrived


def sessions_are_kept(books: Books) -> None:
    """A bot never holds more sessions than it may nor any in an outage, and is passed by only then, if unwanted, or by a
    thread that is reopened."""
    for name, bot in books.scenario.bots.items():
        sessions = [leg for leg in books.legs if leg.handler == name]
        for scene in books.scenes:
            there = sum(leg.answered < scene.at and not leg.ended < scene.at for leg in sessions)
            assert there <= (0 if is_out(books, name, scene.at) else bot.sessions)
        unwanted = bot.asks_for_human or (bot.returns and bot.returns.asks_for_human)
        for one in books.contacts:
            legs = books.of_contact[one.case, one.contact]
            known = one.kind in {ContactKind.REOPEN, ContactKind.CALLBACK, ContactKind.CHASER}
            met = legs and not known and books.scenario.channels[one.channel].bot == name
            if met and legs[0].handler != name:
                came = legs[0].queued
                inside = [leg for leg in sessions if leg.answered <= came and not leg.ended < came]
                assert len(inside) >= bot.sessions or unwanted or is_out(books, name, came), str(legs[0])


def is_out(books: Books, bot: str, at: float) -> bool:
    """Whether the bot is out of order."""
    return any(start <= at < end for start, end in outages(books.scenario, "bots", bot))


# -- agents' time -------------------------------------------------------------------------------------------


def agents_handle_on_the_floor_only(books: Books) -> None:
    """From the answer to the end of after-contact work the agent is signed in."""
    for agent, legs in enumerate(books.of_agent):
        for leg in legs:
            end = min(leg.over, books.scenario.duration)
            spans = books.on[agent]
            assert any(on <= leg.answered + EPSILON and end <= off + EPSILON for on, off in spans), f"{leg} {spans}"


def shifts_and_breaks_are_kept(books: Books) -> None:
    """Nobody signs in before the shift; who stays longer than planned finishes a contact; breaks are taken in full."""
    for agent in range(len(books.agents)):
        team = books.scenario.teams[books.team_of(agent)]
        if team.headcount is None:
            shifts = books.spans(agent, Duty.SHIFT)
            absent = books.spans(agent, Duty.ABSENT)
            for on, off in books.on[agent]:
                mine = [(start, end) for start, end in shifts if start - EPSILON <= on < end]
                assert mine and mine[0] not in absent, f"{books.agents[agent]} came at {on}: {shifts} {absent}"
                late = off > mine[0][1] + EPSILON and off < books.scenario.duration
                assert not late or any(leg.over == off for leg in books.of_agent[agent]), books.agents[agent]


def planned_stretches(books: Books, agent: int) -> list[tuple[float, float]]:
    """Time on the floor of an agent by the plan: shifts cut by the breaks of its wave (no shrinkage)."""
    team, name, number = books.agents[agent].split("/")
    shift = books.scenario.teams[team].shifts[name]
    wave = (int(number) - 1) % shift.waves
    cut: list[tuple[float, float]] = []
    for day in (-1, 0):
        begin = day * 86400 + shift.start
        end = begin + shift.length
        for pause in sorted(shift.breaks.values(), key=lambda pause: pause.after):
            leaves = day * 86400 + shift.start + pause.after + wave * pause.lasts
            cut.append((begin, leaves))
            begin = leaves + pause.lasts
        cut.append((begin, end))
    duration = books.scenario.duration
    return [(max(0.0, a), min(b, duration)) for a, b in cut if b > 0 and a < duration and b > a]


def idle_agents_are_there_as_planned(books: Books) -> None:
    """An agent without contacts is on the floor exactly when the plan says so, a late break's length apart."""
    for agent in range(len(books.agents)):
        team = books.scenario.teams[books.team_of(agent)]
        if team.headcount is not None or team.shrinkage or team.absence:
            continue
        if not books.of_agent[agent]:
            planned = planned_stretches(books, agent)
            merged = joined(planned)
            assert len(merged) == len(books.on[agent]), f"{books.agents[agent]}: {merged} {books.on[agent]}"
            for (a, b), (c, d) in zip(merged, books.on[agent], strict=True):
                assert abs(a - c) < EPSILON and abs(b - d) < EPSILON


def headcounts_are_kept(books: Books) -> None:
    """At least as many agents as planned are on the floor; more only while they finish what they hold."""
    for name, team in books.scenario.teams.items():
        if team.headcount is None or team.shrinkage:
            continue
        hourly = next(iter(team.headcount.weekly.values()), None)
        for scene in books.scenes:
            wanted = team.headcount.constant or 0 if hourly is None else hourly[int(scene.at // 3600)]
            there = sum(books.team_of(agent) == name for agent in scene.there)
            idle = sum(books.team_of(agent) == name for agent in scene.idle())
            assert there >= wanted, f"{there} of {name} at {scene.at}, planned {wanted}"
            most = wanted if team.concurrency.slots > 1 or there == wanted else 0  # chats end in their own order
            assert idle <= most, f"{there} of {name} at {scene.at}, {idle} idle, planned {wanted}"


def agents_too_many_take_nothing_new(books: Books) -> None:
    """In an hour with a planned headcount no more agents than planned answer anything."""
    for name, team in books.scenario.teams.items():
        if team.headcount is None or not team.headcount.weekly or team.shrinkage:
            continue
        answering: dict[int, set[int]] = {}
        for leg in books.legs:
            if leg.handler == name:
                answering.setdefault(int(leg.answered // 3600), set()).add(leg.agent)
        hourly = next(iter(team.headcount.weekly.values()))
        for hour, agents in answering.items():
            assert len(agents) <= hourly[hour], f"{name} in hour {hour}: {agents}, planned {hourly[hour]}"


# -- the queue ----------------------------------------------------------------------------------------------


def nobody_waits_beside_a_free_agent(books: Books) -> None:
    """At no time does anybody wait whom an idle agent on the floor may take."""
    for scene in books.scenes:
        free = Counter(books.team_of(agent) for agent in scene.idle())
        for leg in scene.waiting if free else ():
            for stage in books.entitled(leg, scene.at):
                entitled = leg.queued + stage.after < scene.at and free[stage.team] > stage.skill.reserve
                assert not entitled, f"{leg} waits at {scene.at} while {free[stage.team]} of {stage.team} are free"


def reserves_are_kept(books: Books) -> None:
    """An idle agent takes a contact with a reserve only if more than so many of the team may have been free."""
    for leg in books.legs:
        stage = next((stage for stage in books.stages(leg) if stage.team == leg.handler), None)
        if stage is not None and stage.skill.reserve and leg.served:
            team = [agent for agent in range(len(books.agents)) if books.team_of(agent) == leg.handler]
            others = (one for one in books.of_agent[leg.agent] if one is not leg)
            beside = any(one.answered <= leg.answered <= one.over for one in others)
            free = sum(may_be_free(books, agent, leg.answered) for agent in team)
            assert beside or free > stage.skill.reserve, f"{leg}: {free} of {leg.handler} were free"


def may_be_free(books: Books, agent: int, at: float) -> bool:
    """Whether an agent was on the floor at a moment, and held nothing all through it."""
    there = any(start <= at <= end for start, end in books.on[agent])
    return there and not any(leg.answered < at < leg.over for leg in books.of_agent[agent])


def nobody_waits_beside_a_free_slot(books: Books) -> None:
    """At no time does a chat wait while an agent with chats (of a team that is always there) has a slot free."""
    for scene in books.scenes:
        roomy = {books.team_of(agent) for agent, held in scene.held.items() if has_room(books, agent, held)}
        for leg in scene.waiting if roomy else ():
            for stage in books.entitled(leg, scene.at) if books.shared(leg) else ():
                room = stage.team in roomy and not stage.skill.reserve and leg.queued + stage.after < scene.at
                assert not room, f"{leg} waits at {scene.at} while an agent of {stage.team} has a slot free"


def has_room(books: Books, agent: int, held: list[Leg]) -> bool:
    """Whether an agent of a team of constant size could hold another chat."""
    team = books.team_of(agent)
    plan, shrinkage = books.scenario.teams[team].headcount, books.scenario.teams[team].shrinkage
    always = plan is not None and plan.constant is not None and not shrinkage
    return always and all(map(books.shared, held)) and len(held) < books.slots(team)


def the_order_of_the_queue_is_kept(books: Books) -> None:
    """Whom an agent takes comes before all whom it could have taken: by priority, discipline, then arrival."""
    for leg in books.legs:
        if not (leg.human and leg.served):
            continue
        for other in passed_over(books, leg):
            mine, theirs = (rank(books, one, str(leg.handler), leg.answered) for one in (leg, other))
            assert mine < theirs, f"{leg} {mine} was taken before {other} {theirs}"


def passed_over(books: Books, leg: Leg) -> Iterator[Leg]:
    """Legs that waited before and after `leg` was taken, and that the same agent could have taken instead."""
    taken = leg.answered
    beside = [one for one in books.of_agent[leg.agent] if one.answered <= taken <= one.over and one is not leg]
    for other in books.legs:
        if other.human and other.queued < taken - EPSILON and other.until > taken + EPSILON:
            ready = any(
                stage.team == leg.handler and other.queued + stage.after < taken - EPSILON and not stage.skill.reserve
                for stage in books.entitled(other, taken)
            )
            if ready and (books.shared(other) or not beside):
                yield other


def rank(books: Books, leg: Leg, team: str, at: float) -> tuple[float, ...]:
    """Priority, key and tie-break of a waiting leg in the eyes of a team, at a time."""
    stage = next(stage for stage in books.stages(leg) if stage.team == team)
    return (stage.skill.priority, round(books.key(leg, at), 7), leg.case, leg.contact, leg.leg)


LAWS: list[Callable[[Books], None]] = [
    cases_are_conserved,
    contacts_follow_each_other,
    tries_are_limited,
    calls_are_limited,
    questions_follow_open_contacts,
    legs_make_up_contacts,
    work_pauses_as_it_must,
    misfiled_work_is_handed_over,
    agents_hold_no_more_than_allowed,
    handlers_are_entitled,
    tiers_go_up,
    answers_follow_from_difficulty,
    patience_is_kept,
    doors_are_kept,
    trunks_are_kept,
    sessions_are_kept,
    agents_handle_on_the_floor_only,
    shifts_and_breaks_are_kept,
    idle_agents_are_there_as_planned,
    headcounts_are_kept,
    agents_too_many_take_nothing_new,
    nobody_waits_beside_a_free_agent,
    reserves_are_kept,
    nobody_waits_beside_a_free_slot,
    the_order_of_the_queue_is_kept,
]


@quick(120)
@given(scenarios())
def test_every_law_holds_in_random_centers(data: dict[str, Any]) -> None:
    books = observe(data)
    for law in LAWS:
        law(books)


@pytest.mark.slow
@deep(1000)
@given(scenarios())
def test_every_law_holds_in_many_random_centers(data: dict[str, Any]) -> None:
    books = observe(data)
    for law in LAWS:
        law(books)
