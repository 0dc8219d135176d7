"""What `explain` says of conversations by turns."""

from __future__ import annotations

from collections.abc import Iterator

from simulation.reports import seconds_text
from simulation.reports.attention import attention_of, attention_share, with_returns
from simulation.reports.console import plain
from simulation.reports.expected import Expectation
from simulation.scenario.schema import Channel, Scenario
from simulation.units import duration_text, share_text


def turns_words(scenario: Scenario) -> Iterator[str]:
    """How conversations on each channel go."""
    for name, one in scenario.channels.items():
        if one.turns is not None:
            many = f"{one.turns.mean:g} replies on average" if one.turns.mean > 1 else "one reply"
            yield f"Conversations on {name} go by turns: {'; '.join([many, *_ways(one)])}."


def _ways(one: Channel) -> Iterator[str]:
    if one.think is not None:
        yield f"customers think for {plain(seconds_text(float(one.think.build().mean)))} on average"
    if one.idle_timeout is not None:
        yield f"after {duration_text(one.idle_timeout)} the slot is free, and a later message reopens the thread"
    if one.walks_off:
        yield f"{share_text(one.walks_off)} of the messages never come"
    if one.catch_up:
        yield f"another agent reads up for {duration_text(one.catch_up)}"


def attention_words(found: Expectation, name: str) -> str:
    """How much of a team's attention conversations take; empty if it has none."""
    slots = found.plan.scenario.teams[name].concurrency.slots
    taken = [
        (share_text(round(full, 2)), channel + (f" ({share_text(round(one, 2))} with one)" if slots > 1 else ""))
        for channel, one, full in _taken(found, name)
    ]
    if not taken:
        return ""
    (share, where), *others = taken
    hold = (
        f"up to {slots} conversations at once, which then take"
        if slots > 1
        else "one conversation at a time, which takes"
    )
    rest = "".join(f", {share} on {where}" for share, where in others)
    return f"Agents of {name} hold {hold} {share} of their attention on {where}{rest}."


def _taken(found: Expectation, name: str) -> Iterator[tuple[str, float, float]]:
    """By channel, the share of attention that is taken with one slot taken, and with all."""
    plan, team = found.plan, found.plan.teams[found.plan.team_index[name]]
    for index, channel in enumerate(plan.channels):
        cases = found.cases[:, index].sum(axis=0).tolist()
        its = {plan.place(team.tier, index, topic): many for topic, many in enumerate(cases) if many}
        its = {place: many for place, many in its.items() if place in team.work}
        if channel.turns is None or not its:
            continue
        attention = sum(many * attention_of(team, place) for place, many in its.items()) / sum(its.values())
        one = attention_share(channel.turns, 1, attention)
        yield (
            channel.name,
            one,
            attention_share(channel.turns, team.slots, with_returns(channel.turns, team, attention)),
        )
