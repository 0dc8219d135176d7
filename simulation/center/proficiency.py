"""What persons are by themselves: how fast, how accurate and how courteous each is, and at which skills the better."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulation.center.people import NEUTRAL, Factors, People, Person, Scene
from simulation.center.plan import TeamPlan
from simulation.center.rules import gap_closed, is_proficient, own_share, own_speed
from simulation.chance import stream
from simulation.record.tables import Table
from simulation.scenario.schema import Proficiency as Skilled
from simulation.scenario.schema import Team as TeamSpec

if TYPE_CHECKING:
    from simulation.center.desk import Agent
    from simulation.center.leg import Leg


class Traits(NamedTuple):
    """A person: the plain factors, and the skills (by name) at which the person differs."""

    plain: Factors
    skills: dict[str, Skilled]


class Proficiency:
    """The influence of what a person is, drawn when the person is first asked for."""

    def __init__(self, scene: Scene) -> None:
        self.seed, self.replication = scene.seed, scene.replication
        self.topics = len(scene.plan.topics)
        self.teams: Sequence[TeamSpec] = list(scene.plan.scenario.teams.values())
        self.skill_at = [_skill_names(team, spec) for team, spec in zip(scene.plan.teams, self.teams, strict=True)]
        self.drawn: dict[Person, Traits] = {}

    @classmethod
    def of(cls, scene: Scene) -> Proficiency | None:
        """The influence, where the agents of any team differ."""
        teams = scene.plan.scenario.teams.values()
        return cls(scene) if any(team.people is not None and team.people.differ for team in teams) else None

    def on(self, agent: Agent, leg: Leg, now: float) -> Factors:
        """What the person is, for the skill that the contact asks for."""
        if self.teams[agent.team.index].people is None:
            return NEUTRAL
        plain, skills = self.traits(agent.team.index, agent.person)
        if not skills:
            return plain
        better = skills.get(self.skill_at[agent.team.index].get(leg.place, ""))
        if better is None:
            return plain
        reach = agent.team.plan.reach[leg.place % self.topics]
        gain = gap_closed(reach, [better.reach]) - reach - reach * better.reach_lost
        return Factors(plain.pace * better.speed, plain.reach + gain, plain.accuracy * better.accuracy, plain.courtesy)

    def traits(self, team: int, person: Person) -> Traits:
        """What a person of a team is."""
        if person not in self.drawn:
            self.drawn[person] = self._draw(self.teams[team], person)
        return self.drawn[person]

    def _draw(self, team: TeamSpec, person: Person) -> Traits:
        people = team.people
        if people is None:
            return Traits(NEUTRAL, {})
        pace = own_speed(self._chance("speed", person), people.speed_spread)
        right = own_share(self._chance("accuracy", person), team.accuracy, people.accuracy_spread)
        courtesy = own_share(self._chance("courtesy", person), team.courtesy, people.courtesy_spread)
        accuracy = right / team.accuracy if team.accuracy else 1.0
        better = {
            name: skill
            for name, skill in people.proficiency.items()
            if is_proficient(self._chance(f"proficiency/{name!r}", person), skill.share)
        }
        return Traits(Factors(pace, 0.0, accuracy, courtesy - team.courtesy), better)

    def _chance(self, trait: str, person: Person) -> float:
        return float(stream(self.seed, self.replication, f"{trait}/{person.key}").random())


def note_people(people_table: Table, people: People) -> None:
    """Fill the table of persons: who they are, and since when."""
    own = next((one for one in people.influences if isinstance(one, Proficiency)), None)
    everybody = sorted(people.all, key=lambda one: (one[0].index, one[1].number))
    plain = [NEUTRAL if own is None else own.traits(agent.team.index, person).plain for agent, person in everybody]
    times = [(person.hired_at, person.left_at) for _, person in everybody]
    hired, left = (np.where(np.isfinite(column), column, np.nan) for column in np.array(times).reshape(-1, 2).T)
    people_table |= {
        "agent": np.array([agent.index for agent, _ in everybody], dtype=np.int32),
        "team": np.array([agent.team.index for agent, _ in everybody], dtype=np.int32),
        "person": np.array([person.number for _, person in everybody], dtype=np.int32),
        "hired": hired,
        "left": left,
        "speed": np.array([one.pace for one in plain]),
        "accuracy": np.array([one.accuracy for one in plain]),
        "courtesy": np.array([one.courtesy for one in plain]),
    }


def _skill_names(team: TeamPlan, spec: TeamSpec) -> dict[int, str]:
    """The skill by which a team takes the contacts of a place."""
    names = {id(skill): name for name, skill in spec.skills.items()}
    return {place: names[id(skill)] for place, skill in team.skills.items()}
