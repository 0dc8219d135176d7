"""What persons are by themselves: how fast each is, against the team's mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulation.center.people import NEUTRAL, Factors, Person, Scene
from simulation.center.rules import own_handling
from simulation.chance import stream
from simulation.scenario.schema import TeamPeople

if TYPE_CHECKING:
    from simulation.center.desk import Agent
    from simulation.center.leg import Leg


class Proficiency:
    """The influence of what a person is, drawn when the person is first met."""

    def __init__(self, scene: Scene, teams: Sequence[TeamPeople | None]) -> None:
        self.seed, self.replication = scene.seed, scene.replication
        self.teams = teams
        self.drawn: dict[Person, Factors] = {}

    @classmethod
    def of(cls, scene: Scene) -> Proficiency | None:
        """The influence, where any team's agents differ."""
        teams = [team.people for team in scene.plan.scenario.teams.values()]
        return cls(scene, teams) if any(teams) else None

    def on(self, agent: Agent, leg: Leg, now: float) -> Factors:
        """What the person is."""
        spec = self.teams[agent.team.index]
        if spec is None:
            return NEUTRAL
        person = agent.person
        if person not in self.drawn:
            self.drawn[person] = self._draw(spec, person)
        return self.drawn[person]

    def _draw(self, spec: TeamPeople, person: Person) -> Factors:
        pace = 1 / own_handling(self._chance("speed", person), spec.speed_spread)
        return Factors(pace=pace)

    def _chance(self, trait: str, person: Person) -> float:
        return float(stream(self.seed, self.replication, f"{trait}/{person.key}").random())
