"""Whom the expected work falls to: mean work of a contact, its way through bot and tiers, who does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.center.plan import Plan
from simulation.center.rules import difficulty_factor
from simulation.demand.births import Births
from simulation.reports.attention import done_at_once
from simulation.reports.first_line import Way, straight, ways
from simulation.reports.helped import mean_left, reach_with

Array = npt.NDArray[Any]
Stages = tuple[tuple[int, ...], ...]
ROUNDS = 60
"""Steps of levelling; two teams that share all their work then differ by less than a per mille."""
TINY = 1e-12


class Flow(NamedTuple):
    """Work that the same teams may do: team numbers by wait, whether it can wait, Erlangs by hour."""

    stages: Stages
    letters: bool
    load: Array


def shares_by_tier(reaches: Sequence[float | None], bot: float, recognition: float) -> list[float]:
    """The share of contacts that comes to each tier, when a bot solves the easiest `bot` of them.

    `reaches` says what share of all cases each tier can solve; None is a tier with nobody for the contact.
    What is beyond it goes up if the agent sees it (`recognition`), as in `center.rules.answer`.
    """
    shares, solved, coming = [0.0] * len(reaches), bot, 1.0 - bot
    for tier, reach in enumerate(reaches):
        if reach is not None:
            shares[tier] = coming
            beyond = (1 - max(solved, reach)) / (1 - solved) if solved < 1 else 0.0
            coming, solved = coming * beyond * recognition, max(solved, reach)
    return shares


def stages_of(plan: Plan, place: int) -> Stages:
    """The teams (by number) that may take a contact of a place: at once, after the shortest wait, …"""
    waits = sorted({stage.after for stage in plan.stages[place]})
    return tuple(tuple(plan.team_index[s.team] for s in plan.stages[place] if s.after == after) for after in waits)


def mean_work(
    plan: Plan,
    place: int,
    channel: int,
    replayed: tuple[float, float] = (0.0, 0.0),
    slots: bool = True,
    coming: Sequence[Way] | None = None,
) -> float:
    """Mean agent-seconds that a contact takes of the teams that it comes to first, at their speed.

    `replayed` is the share of contacts whose handling time a log knows, and its mean (s). With `slots`, chats
    count with the work that an agent with all slots taken gets done. `coming` are the ways in which contacts come,
    by default those of the channel.
    """
    topic, tier = place % len(plan.topics), place // (len(plan.channels) * len(plan.topics))
    found = ways(plan, channel, topic) if coming is None else coming
    shares = [way_share(plan, tier, channel, topic, way) for way in found]
    if not sum(shares):
        return 0.0
    work = [_work(plan, place, channel, way, replayed, slots) for way in found]
    return float(np.average(work, weights=shares))


def way_share(plan: Plan, tier: int, channel: int, topic: int, way: Way) -> float:
    """The share of all contacts that comes to a tier on a way."""
    return way.share * shares_by_tier(_reaches(plan, channel, topic), way.solved, plan.recognition)[tier]


def _work(plan: Plan, place: int, channel: int, way: Way, replayed: tuple[float, float], slots: bool) -> float:
    """Mean agent-seconds of the contacts that come on one way."""
    known, logged = replayed
    seconds, topic = [], place % len(plan.topics)
    tier = place // (len(plan.channels) * len(plan.topics))
    solved = solved_before(plan, tier, channel, topic, way.solved)
    harder = remaining_factor(plan, topic, solved)
    for team in (plan.teams[index] for index in stages_of(plan, place)[0]):
        work = team.work[place]
        handling = work.handling.mean * harder * (1 - known) + logged * known
        after = 0.0 if work.wrap_up is None else work.wrap_up.mean
        left = mean_left(plan, team.name, channel, topic, solved, 0.0 if tier else way.saved)
        told = 0.0 if tier else way.retells
        alone = (handling * left.handling + after * left.wrap_up) / team.speed + told
        seconds.append(alone / (done_at_once(plan.channels[channel], team, alone) if slots else 1.0))
    return float(np.mean(seconds))


def remaining_factor(plan: Plan, topic: int, solved: float) -> float:
    """Mean factor of handling for difficulty, when the easiest share of the cases is `solved`."""
    hardest = plan.scenario.topics[plan.topics[topic]].hardest_takes
    return difficulty_factor((1 + solved) / 2, hardest)


def solved_before(plan: Plan, tier: int, channel: int, topic: int, bot: float) -> float:
    """The share of cases, from the easiest, that the bot and the tiers below can solve."""
    below = [reach for reach in _reaches(plan, channel, topic)[:tier] if reach is not None]
    return max([bot, *below])


def flows_of(plan: Plan, let_in: Array, seconds: Array, births: Births | None, out: Array) -> list[Flow]:
    """All work of contacts `let_in` (by hour, channel, topic), joined where the same teams may do it.

    `out` is the share of each hour in which a channel's bot is out of order, by hour and channel.
    """
    found: dict[tuple[Stages, bool], Array] = {}
    for place, tier, channel, topic in plan.places():
        came = let_in[:, channel, topic]
        if plan.stages[place] and came.any():
            logged = logged_times(births, channel, topic) if tier == 0 else (0.0, 0.0)
            usual, broken = (
                _work_a_contact(plan, place, tier, channel, coming, logged)
                for coming in (ways(plan, channel, topic), straight(plan, topic))
            )
            work = usual * (1 - out[:, channel]) + broken * out[:, channel]
            key = (stages_of(plan, place), plan.channels[channel].deferred)
            found[key] = found.get(key, 0.0) + came * work / seconds
    return [Flow(stages, letters, load) for (stages, letters), load in found.items()]


def _work_a_contact(
    plan: Plan, place: int, tier: int, channel: int, coming: Sequence[Way], logged: tuple[float, float]
) -> float:
    """Mean agent-seconds at a place for each contact that gets in, those that do not come so far included."""
    share = sum(way_share(plan, tier, channel, place % len(plan.topics), way) for way in coming)
    return share * mean_work(plan, place, channel, logged, coming=coming)


def _reaches(plan: Plan, channel: int, topic: int) -> list[float | None]:
    """Mean reach of the first teams of each tier for a channel and topic, practices included; None where there are
    none."""
    stages = [stages_of(plan, plan.place(tier, channel, topic)) for tier in range(len(plan.tiers))]
    return [
        float(np.mean([_reach(plan, team, channel, topic) for team in those[0]])) if those else None for those in stages
    ]


def _reach(plan: Plan, team: int, channel: int, topic: int) -> float:
    its = plan.teams[team]
    return reach_with(plan, its.name, channel, topic, its.reach[topic])


def logged_times(births: Births | None, channel: int, topic: int) -> tuple[float, float]:
    """The share of contacts with a handling time from a log, and its mean (s)."""
    if births is None:
        return 0.0, 0.0
    times = births.handling[(births.channel == channel) & (births.topic == topic)]
    known = times[~np.isnan(times)]
    return (len(known) / len(times), float(known.mean())) if len(known) else (0.0, 0.0)


# -- who does it ------------------------------------------------------------------------------------


def share_out(flows: Sequence[Flow], floor: Array, used: Array) -> Array:
    """Erlangs by team and hour: those who share work are kept equally busy, overflow helps with the excess.

    `floor` is agents on the floor and `used` what keeps them busy already, both of shape (teams, hours). Work
    for which nobody is on the floor falls to those who would do it first.
    """
    taken = np.zeros_like(floor)
    carry = np.array([flow.load for flow in flows]) if flows else np.zeros((0, floor.shape[1]))
    for level in range(max((len(flow.stages) for flow in flows), default=0)):
        parts = _level(carry, _members(flows, level, len(floor)), floor, used + taken)
        back = parts * _excess(parts, floor, used + taken) * _helped(flows, level, floor)[:, None, :]
        taken += (parts - back).sum(axis=0)
        carry = back.sum(axis=1)
    return taken


def _members(flows: Sequence[Flow], level: int, teams: int) -> Array:
    """Which teams stand at a level of each flow's stages, shape (flows, teams)."""
    return np.array(
        [[level < len(flow.stages) and team in flow.stages[level] for team in range(teams)] for flow in flows]
    )


def _helped(flows: Sequence[Flow], level: int, floor: Array) -> Array:
    """Whether somebody of a later stage is on the floor, shape (flows, hours)."""
    later = [[team for stage in flow.stages[level + 1 :] for team in stage] for flow in flows]
    return np.array([floor[teams].sum(axis=0) > 0 for teams in later])


def _excess(parts: Array, floor: Array, used: Array) -> Array:
    """The share of new work for which a team has no agents, shape (teams, hours)."""
    new = parts.sum(axis=0)
    return np.clip((used + new - floor) / np.maximum(new, TINY), 0.0, 1.0)


def _level(load: Array, members: Array, floor: Array, used: Array) -> Array:
    """Each flow's load split over its members to keep them equally busy; shape (flows, teams, hours)."""
    weights = members[:, :, None] * floor
    nobody = weights.sum(axis=1, keepdims=True) == 0
    weights = np.where(nobody, members[:, :, None] * (floor.mean(axis=1)[:, None] + TINY), weights)
    for _ in range(ROUNDS):
        weights /= np.maximum(weights.sum(axis=1, keepdims=True), TINY)
        busy = (used + (load[:, None, :] * weights).sum(axis=0)) / np.maximum(floor, TINY)
        weights /= np.sqrt(busy + TINY)
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), TINY)
    split: Array = load[:, None, :] * weights
    return split


def written(pressing: Array, letters: Array, floor: Array, seconds: Array, allowed: Array | float = 1.0) -> Array:
    """Deferred work by hour (Erlangs), done as soon as nothing presses: the backlog as a fluid. `allowed` is the share of
    each hour in which it may be done."""
    allowed = np.broadcast_to(allowed, seconds.shape)
    done, backlog = np.zeros(len(seconds)), 0.0
    for hour, length in enumerate(seconds):
        backlog += letters[hour] * length
        done[hour] = min(backlog, max(0.0, floor[hour] - pressing[hour]) * length * allowed[hour]) / length
        backlog -= done[hour] * length
    return done
