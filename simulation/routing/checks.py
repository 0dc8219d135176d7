"""Does every contact find a team, and every team a contact?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simulation.routing.routes import Stage, candidates, route_for, selects
from simulation.scenario.checks import Finding
from simulation.scenario.customers import channel_shares
from simulation.scenario.schema import Scenario, Team

LOOSE_END = "add a skill for it to a team, or take the demand away"
Pair = tuple[str, str]
"""Channel and topic."""
Why = tuple[tuple[str, ...], str]
"""Where the scenario says that there may be contacts of a pair (empty: in the demand), and what they are."""


def check_routing(scenario: Scenario) -> Iterator[Finding]:
    """Unreachable topics, missing handling times, teams without work, lines of mixed discipline."""
    wanted = demanded(scenario)
    questions = asked(scenario, wanted)
    served = {stage.team for pair in questions for stage in candidates(scenario, *pair, scenario.escalation.path[0])}
    for (channel, topic), (cause, told) in sorted(wanted.items()):
        stages = candidates(scenario, channel, topic, scenario.escalation.path[0])
        served |= {stage.team for stage in stages}
        for tier in scenario.escalation.path[1:]:
            above = candidates(scenario, channel, topic, tier)
            served |= {stage.team for stage in above}
            yield from _no_times(scenario, channel, topic, above)
        if not stages:
            yield cause or ("topics", topic), f"no team can take {told} on {channel}; {LOOSE_END}"
        yield from _no_times(scenario, channel, topic, stages)
    served |= beside(scenario)
    for name, team in scenario.teams.items():
        if name not in served:
            yield ("teams", name), "has no work: no demand reaches it; widen its skills or a route, or remove the team"
        elif not staffed(team):
            yield ("teams", name), "has no agents at any time; write a headcount above zero, or remove the team"
        for skill, spec in team.skills.items():
            yield from _too_many_free(("teams", name, "skills", skill, "reserve"), spec.reserve, team)
        if team.time_off is not None and "keep" in team.time_off.model_fields_set:
            yield from _too_many_free(("teams", name, "time_off", "keep"), team.time_off.keep, team, "on the floor")
    yield from _tasks_that_nobody_begins(scenario)
    yield from _reserved_for_callers(scenario, wanted)
    yield from _unused_practices(scenario, wanted)
    yield from _mixed_disciplines(scenario, {*wanted, *questions})


def _too_many_free(path: tuple[str, ...], free: int, team: Team, what: str = "free") -> Iterator[Finding]:
    """A number of agents to be kept free, or there, that is never exceeded."""
    if free >= most_agents(team) > 0:
        yield (
            path,
            f"keeps {free} agents {what}, but the team never has more than {most_agents(team)}; write at most {most_agents(team) - 1}",
        )


def _tasks_that_nobody_begins(scenario: Scenario) -> Iterator[Finding]:
    """Reviews, coaching and articles for which more agents are to be free than there ever are."""
    review, articles, teams = scenario.loops.review, scenario.loops.articles, scenario.teams
    for key, one in (("review", review), ("articles", articles)):
        if one is not None and one.team in teams:
            yield from _too_many_free(("loops", key, "reserve"), one.reserve, teams[one.team])
    if review is not None and review.coaching is not None:
        coached = [team for name, team in teams.items() if review.looks_at(name)]
        largest = max(coached, key=most_agents, default=None)
        if largest is not None and all(most_agents(team) for team in coached):
            yield from _too_many_free(("loops", "review", "coaching", "reserve"), review.coaching.reserve, largest)


def _reserved_for_callers(scenario: Scenario, wanted: Iterable[Pair]) -> Iterator[Finding]:
    """Callbacks that no team is ever large enough to make."""
    for name, channel in scenario.channels.items():
        reserve = channel.callback.reserve if channel.callback else 0
        stages = [candidates(scenario, *pair, scenario.escalation.path[0]) for pair in wanted if pair[0] == name]
        most = max((most_agents(scenario.teams[stage.team]) for found in stages for stage in found), default=0)
        if reserve >= most > 0:
            yield (
                ("channels", name, "callback", "reserve"),
                f"keeps {reserve} agents free, but no team on {name} ever has more than {most}; write at most {most - 1}",
            )


def _unused_practices(scenario: Scenario, wanted: Iterable[Pair]) -> Iterator[Finding]:
    """Practices of which no team has any work with the channels and topics; an empty list is meant to be nobody."""
    path = scenario.escalation.path
    work = [(s.team, *pair) for pair in wanted for tier in path for s in candidates(scenario, *pair, tier)]
    for name, one in scenario.practices.items():
        scope = (one.teams, one.channels, one.topics)
        if all(scope) and not any(all(map(selects, scope, place)) for place in work):
            yield (
                ("practices", name),
                "helps nobody: its teams get no contacts of its topics on its channels; widen teams, channels or topics",
            )


def beside(scenario: Scenario) -> set[str]:
    """Teams that have work beside contacts."""
    return {one.team for one in (scenario.loops.review, scenario.loops.articles) if one is not None}


def demanded(scenario: Scenario, first: set[Pair] | None = None) -> dict[Pair, Why]:
    """(channel, topic) pairs for which there may be contacts, first ones (or only `first`) or later ones that change
    channel."""
    pairs: dict[Pair, Why] = {
        pair: ((), "its contacts") for pair in (first_contacts(scenario) if first is None else first)
    }
    new = list(pairs)
    while new:
        further = {pair: why for old in new for pair, why in changes(scenario, *old) if pair not in pairs}
        pairs |= further
        new = list(further)
    return pairs


def asked(scenario: Scenario, wanted: Iterable[Pair]) -> set[Pair]:
    """(channel, topic) pairs on which customers may ask for news of an open case."""
    pairs = ((scenario.channels[channel].chasers, channel, topic) for channel, topic in wanted)
    found = {(spec.channel or channel, topic) for spec, channel, topic in pairs if spec is not None}
    return {(channel, topic) for channel, topic in found if channel in scenario.channels}


def changes(scenario: Scenario, channel: str, topic: str) -> Iterator[tuple[Pair, Why]]:
    """Where customers of a channel and topic may come next, on another channel."""
    redial, repeat = scenario.channels[channel].redial, scenario.topics[topic].repeat
    bot = scenario.channels[channel].bot
    back = scenario.bots[bot].returns if bot in scenario.bots else None
    for other, share in redial.channels.items() if redial else ():
        if share and other in scenario.channels:
            yield (other, topic), (("channels", channel, "redial", "channels", other), f"redials about {topic}")
    for name, instead in scenario.channels[channel].instead.items():
        if (instead.when_closed or instead.share) and name in scenario.channels:
            yield (name, topic), (("channels", channel, "instead", name), f"those who avoid {channel} about {topic}")
    for other, share in repeat.channels.items() if repeat else ():
        if share and other in scenario.channels:
            yield (other, topic), (("topics", topic, "repeat", "channels", other), f"returns about {topic}")
    for other, share in back.channels.items() if back else ():
        if share and other in scenario.channels:
            yield (other, topic), (("bots", str(bot), "returns", "channels", other), f"returns about {topic}")


def first_contacts(scenario: Scenario) -> set[Pair]:
    """(channel, topic) pairs for which there may be first contacts."""
    pairs: set[Pair] = set()
    for source in scenario.demand.sources.values():
        topics = {topic for topic, share in source.topic_shares().items() if share}
        channels = {channel for channel, share in channel_shares(scenario, source).items() if share}
        if source.replay is not None and source.replay.topic is not None:
            topics = set(scenario.topics)
        if source.replay is not None and source.replay.channel is not None:
            channels = set(scenario.channels)
        pairs |= {(channel, topic) for channel in channels for topic in topics}
    return pairs | _complained(scenario, pairs)


def _complained(scenario: Scenario, pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Where the complaints about cases come in."""
    complaints = scenario.complaints
    if complaints is None or not complaints.probability:
        return set()
    same = {channel for channel, topic in pairs if topic != complaints.topic}
    return {(channel, complaints.topic) for channel in (same if complaints.channel == "same" else {complaints.channel})}


def staffed(team: Team) -> bool:
    """Whether anybody is ever on the floor."""
    if team.headcount is None:
        weekly = any(shift.headcount and shift.days for shift in team.shifts.values())
        return weekly or team.on_call is not None or any(rotation.per_crew for rotation in team.rotations.values())
    plan = team.headcount
    return bool(plan.constant or plan.dated or any(any(counts) for counts in plan.weekly.values()))


def agents_on_shifts(team: Team) -> int:
    """Persons of a team that works shifts, those on call included."""
    weekly = sum(shift.headcount for shift in team.shifts.values()) + (team.on_call.agents if team.on_call else 0)
    return weekly + sum(rotation.agents for rotation in team.rotations.values())


def most_agents(team: Team) -> int:
    """An upper bound of the agents on the floor at once (0: not known before a file is read)."""
    plan = team.headcount
    if plan is None:
        return agents_on_shifts(team)
    return plan.constant or max((max(counts, default=0) for counts in plan.weekly.values()), default=0)


def _no_times(scenario: Scenario, channel: str, topic: str, stages: list[Stage]) -> Iterator[Finding]:
    times = scenario.topics[topic].handling
    if channel not in times and "any" not in times and any(stage.skill.handling is None for stage in stages):
        yield (
            ("topics", topic, "handling")
            if "handling" in scenario.topics[topic].model_fields_set
            else ("topics", topic),
            (f"has no handling time for {channel}; write e.g. {channel}: {{lognormal: {{mean: 6 min, cv: 0.9}}}}"),
        )


def _mixed_disciplines(scenario: Scenario, wanted: Iterable[Pair]) -> Iterator[Finding]:
    """Contacts that a team sees with one priority must be ordered by one discipline."""
    seen: dict[tuple[str, int], tuple[str, str]] = {}
    for channel, topic in sorted(wanted):
        for tier in scenario.escalation.path:
            route = route_for(scenario, channel, topic, tier)
            discipline = str((route and route.discipline) or scenario.routing.discipline)
            for stage in candidates(scenario, channel, topic, tier):
                first = seen.setdefault((stage.team, stage.skill.priority), (discipline, f"{channel}/{topic}"))
                if first[0] != discipline:
                    yield (
                        ("routing",),
                        (
                            f"team '{stage.team}' would compare {first[1]} ({first[0]}) with {channel}/{topic} ({discipline}) "
                            f"at priority {stage.skill.priority}; write one discipline for both, or give the skills different priorities"
                        ),
                    )
                    return
