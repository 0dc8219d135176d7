"""What a scenario leads one to expect, hour by hour, before anything is simulated: contacts, work and agents.

Means only: no chance, no queue, no redials and no repeats. Work is counted in Erlangs: a load of 5 keeps five
agents busy all the time (contacts per hour x mean handling in hours, after-contact work included).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulation.center.plan import Plan
from simulation.demand.births import Births
from simulation.demand.rates import Steps
from simulation.reports.before_contact import arriving
from simulation.reports.first_line import sessions_at_once
from simulation.reports.staff_hours import Array, Hours, Staff, staff_of
from simulation.reports.workload import flows_of, share_out, written
from simulation.scenario.customers import channel_shares
from simulation.scenario.schema import Scenario


@dataclass(frozen=True)
class Load:
    """A team's work by hour in Erlangs, against the agents on the floor.

    `pressing` is work of live and concurrent contacts, which cannot wait; `letters` is deferred work where it
    comes in, and `written` where the agents have time for it.
    """

    team: str
    pressing: Array
    letters: Array
    written: Array
    floor: Array

    @property
    def all(self) -> Array:
        """All work, where it comes in."""
        return self.pressing + self.letters

    @property
    def busy(self) -> Array:
        """Agents at work."""
        return np.minimum(self.pressing, self.floor) + self.written


@dataclass(frozen=True)
class Expectation:
    """All that can be expected.

    `cases`, the first `contacts` that self-service leaves of them, and those `let_in` by hour, channel and topic; staff and loads by team; sessions at once by bot.
    """

    plan: Plan
    hours: Hours
    cases: Array
    contacts: Array
    let_in: Array
    staff: dict[str, Staff]
    loads: list[Load]
    bots: dict[str, Array]


def expect(scenario: Scenario) -> Expectation:
    """Work out what to expect of a scenario."""
    plan = Plan(scenario)
    hours = Hours.of(plan)
    births = _replayed_births(plan)
    cases = expected_cases(plan, hours, births)
    contacts, is_open = cases * arriving(plan), open_share(plan, hours)[:, :, None]
    going, coming = elsewhere(plan, contacts * (1 - is_open))
    let_in, contacts = (contacts + coming) * is_open, contacts - going + coming
    staff = {name: staff_of(name, plan, hours) for name in scenario.teams}
    out = bots_out(plan, hours)
    bots = {name: _bot_load(plan, index, let_in, hours, out) for index, name in enumerate(scenario.bots)}
    return Expectation(
        plan, hours, cases, contacts, let_in, staff, _loads(plan, let_in, staff, hours, births, out), bots
    )


def _loads(
    plan: Plan, let_in: Array, staff: dict[str, Staff], hours: Hours, births: Births | None, out: Array
) -> list[Load]:
    floor = np.array([one.floor / hours.seconds for one in staff.values()])
    flows = flows_of(plan, let_in, hours.seconds, births, out)
    pressing = share_out([flow for flow in flows if not flow.letters], floor, np.zeros_like(floor))
    allowed = letter_hours(plan, hours)
    letters = share_out([flow for flow in flows if flow.letters], floor * allowed, pressing * allowed)
    done = [written(pressing[n], letters[n], floor[n], hours.seconds, allowed[n]) for n in range(len(plan.teams))]
    return [Load(name, pressing[n], letters[n], done[n], floor[n]) for n, name in enumerate(plan.scenario.teams)]


def letter_hours(plan: Plan, hours: Hours) -> Array:
    """The share of each hour in which the skills of a team let it work on letters; shape (teams, hours)."""
    deferred = [place for place, _, channel, _ in plan.places() if plan.channels[channel].deferred]
    shares = np.ones((len(plan.teams), len(hours)))
    for index, team in enumerate(plan.teams):
        its = [place for place in deferred if place in team.skills]
        if its and all(place in team.hours for place in its):
            spans = {team.hours[place] for place in its}
            covered = [hours.covered([(*span, 1.0) for span in one]) / hours.seconds for one in spans]
            shares[index] = np.max(covered, axis=0)
    return shares


def _bot_load(plan: Plan, bot: int, let_in: Array, hours: Hours, out: Array) -> Array:
    mine = [index for index, channel in enumerate(plan.channels) if channel.bot == bot]
    coming = (let_in.sum(axis=2) * (1 - out))[:, mine].sum(axis=1) / hours.seconds
    return sessions_at_once(plan.bots[bot], coming)


def bots_out(plan: Plan, hours: Hours) -> Array:
    """The share of each hour in which the bot of each channel is out of order; shape (hours, channels)."""
    spans = [plan.bots[channel.bot].outages if channel.bot >= 0 else [] for channel in plan.channels]
    return np.stack([hours.covered([(*span, 1.0) for span in one]) / hours.seconds for one in spans], axis=1)


# -- demand -----------------------------------------------------------------------------------------


def expected_cases(plan: Plan, hours: Hours, births: Births | None = None) -> Array:
    """Cases by hour, channel and topic; what a replayed log does not say of its cases is split by shares."""
    cases = np.zeros((len(hours), len(plan.channels), len(plan.topics)))
    sources = list(plan.scenario.demand.sources.values())
    for source, topic, steps in plan.demand.expected():
        shares = _vector(channel_shares(plan.scenario, sources[source]), plan.channel_names)
        cases[:, :, topic] += np.outer(_cases_of(steps, hours), shares)
    if births is not None:
        cases += sum(_replayed(plan, source, births, hours) for source, _ in plan.demand.replays())
    return cases


def _vector(shares: dict[str, float], names: list[str]) -> Array:
    return np.array([shares.get(name, 0.0) for name in names])


def _cases_of(steps: Steps, hours: Hours) -> Array:
    return hours.sums(steps.edges, np.concatenate([[0.0], np.cumsum(steps.expected())]))


def _replayed_births(plan: Plan) -> Births | None:
    """A birth table where a log is replayed: what the log says is the same in every replication."""
    replays = any(source.replay for source in plan.scenario.demand.sources.values())
    return plan.demand.births(plan.scenario.seed, 0) if replays else None


def _replayed(plan: Plan, source: int, births: Births, hours: Hours) -> Array:
    spec = list(plan.scenario.demand.sources.values())[source]
    assert spec.replay is not None
    mine = (births.source == source) & (births.arrived >= hours.start[0]) & (births.arrived < hours.end[-1])
    channels, topics = births.channel[mine], births.topic[mine]
    channel = (
        _vector(channel_shares(plan.scenario, spec), plan.channel_names)
        if spec.replay.channel is None
        else _one_of(channels, plan.channels)
    )
    topic = _vector(spec.topic_shares(), plan.topics) if spec.replay.topic is None else _one_of(topics, plan.topics)
    cases = np.zeros((len(hours), len(plan.channels), len(plan.topics)))
    hour = np.searchsorted(hours.start, births.arrived[mine], side="right") - 1
    np.add.at(
        cases,
        hour,
        np.broadcast_to(channel[..., :, None] * topic[..., None, :], (len(hour), *cases.shape[1:])),
    )
    return cases


def _one_of(codes: Array, things: Sequence[Any]) -> Array:
    """A one where the code says, zeros elsewhere; shape (codes, things)."""
    return np.eye(len(things))[codes]


def elsewhere(plan: Plan, shut_out: Array) -> tuple[Array, Array]:
    """Of contacts that find a channel closed those that go to another, by hour, channel that they leave and topic; and
    the same by channel to which they come. Who sees a long wait is not foreseen."""
    going, coming = np.zeros_like(shut_out), np.zeros_like(shut_out)
    for channel, name in enumerate(plan.channel_names):
        for other, who in plan.scenario.channels[name].instead.items():
            going[:, channel] += shut_out[:, channel] * who.when_closed
            coming[:, plan.channel_names.index(other)] += shut_out[:, channel] * who.when_closed
    return going, coming


def open_share(plan: Plan, hours: Hours) -> Array:
    """The share of each hour in which each channel lets contacts in; shape (hours, channels). Letters get in, if late."""
    shares = [
        np.ones(len(hours))
        if channel.spans is None or channel.deferred
        else hours.covered([(*span, 1.0) for span in channel.spans]) / hours.seconds
        for channel in plan.channels
    ]
    return np.stack(shares, axis=1)
