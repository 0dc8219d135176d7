"""Who may take a contact of a channel, topic and tier, and after which wait."""

from __future__ import annotations

from typing import Literal, NamedTuple

from simulation.scenario.schema import Route, Scenario, Skill, Team

Selection = Literal["all"] | list[str]


class Stage(NamedTuple):
    """A team that may help after a wait (seconds), with the skill that it uses."""

    team: str
    after: float
    skill: Skill


def selects(selection: Selection, name: str) -> bool:
    """Whether a selection of names holds one."""
    return selection == "all" or name in selection


def skill_for(team: Team, channel: str, topic: str) -> Skill | None:
    """The team's skill of the first priority that fits a channel and topic."""
    fitting = [s for s in team.skills.values() if selects(s.channels, channel) and selects(s.topics, topic)]
    return min(fitting, key=lambda skill: skill.priority, default=None)


def route_for(scenario: Scenario, channel: str, topic: str, tier: str) -> Route | None:
    """The first route that fits."""
    for route in scenario.routing.routes.values():
        at = route.tier or scenario.escalation.path[0]
        if at == tier and selects(route.channels, channel) and selects(route.topics, topic):
            return route
    return None


def candidates(scenario: Scenario, channel: str, topic: str, tier: str) -> list[Stage]:
    """Teams for a contact, by wait and in the route's order; without a route all skilled teams of the tier."""
    route = route_for(scenario, channel, topic, tier)
    waits = route.teams if route else {name: 0.0 for name, team in scenario.teams.items() if team.tier == tier}
    found = [(name, after, skill_for(scenario.teams[name], channel, topic)) for name, after in waits.items()]
    stages = [Stage(name, after, skill) for name, after, skill in found if skill is not None]
    return sorted(stages, key=lambda stage: stage.after)
