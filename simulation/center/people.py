"""Agents are people: what makes the one who serves differ from the team's plain figures.

An *influence* (a person's own proficiency, fatigue, training …) answers for an agent and a leg with `Factors`; those of all
influences are combined, noted with the leg, and used for its work, its reach and its accuracy. Each influence has a file
of its own, and a line in `influences.py`. Without any there are no `People`, and nothing is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import TYPE_CHECKING, NamedTuple, Protocol

from simulation.center.rules import adjusted_accuracy, adjusted_share, handling_time
from simulation.chance import stream

if TYPE_CHECKING:
    from simulation.center.clock import Clock
    from simulation.center.desk import Agent, Desk
    from simulation.center.leg import Leg
    from simulation.center.plan import Plan
    from simulation.center.staff import Staff
    from simulation.record.recorder import Recorder

Work = Callable[["Leg", int], float]


class Factors(NamedTuple):
    """What makes an agent differ, for a leg that begins now, from the team's plain figures.

    Handling and after-contact work are divided by `pace`; `reach` is added to the team's reach, `courtesy` to its courtesy
    (both kept within 0 and 1); the share of right answers is multiplied by `accuracy` (1 at most).
    """

    pace: float = 1.0
    reach: float = 0.0
    accuracy: float = 1.0
    courtesy: float = 0.0


NEUTRAL = Factors()


class Influence(Protocol):
    """One thing that acts on agents."""

    def on(self, agent: Agent, leg: Leg, now: float) -> Factors:
        """What it does to an agent who begins to serve a leg now (s). Asked once for each stay with an agent."""


class Person:
    """Who sits in an agent's seat, since when (s; below zero: before the start) and, if gone, until when. `number` counts the
    persons of the seat from 0; `key` names the person for streams of chance: no other person's chance depends on it."""

    __slots__ = ("hired_at", "key", "left_at", "number")

    def __init__(self, seat: str, number: int, hired_at: float) -> None:
        self.key = f"{seat}/{number}" if number else seat
        self.number = number
        self.hired_at = hired_at
        self.left_at = inf


class Scene(NamedTuple):
    """All that an influence may need to know of a run."""

    plan: Plan
    clock: Clock
    desk: Desk
    staff: Staff
    recorder: Recorder
    seed: int
    replication: int


Maker = Callable[[Scene], Influence | None]
"""Makes an influence for a run, or none where the scenario has nothing of it."""


class People:
    """The persons of a run, and all that acts on them. Stands between the desk and those who tell it the work of a leg."""

    def __init__(self, scene: Scene, influences: Sequence[Influence]) -> None:
        self.clock = scene.clock
        self.recorder = scene.recorder
        self.influences = influences
        self.all = [(agent, agent.person) for agent in scene.staff.agents]

    @classmethod
    def of(cls, scene: Scene, makers: Sequence[Maker]) -> People | None:
        """The people of a run, or None where all agents of a team are alike at all times."""
        for agent in scene.staff.agents:
            agent.person = Person(seat_key(agent), 0, -tenure(scene, agent))
        influences = [made for make in makers if (made := make(scene)) is not None]
        changing = scene.plan.scenario.strain.turnover is not None
        return cls(scene, influences) if influences or changing else None

    def hire(self, agent: Agent, now: float) -> Person:
        """A newcomer takes an agent's seat."""
        self.leave(agent, now)
        agent.person = Person(seat_key(agent), agent.person.number + 1, now)
        self.all.append((agent, agent.person))
        return agent.person

    @staticmethod
    def leave(agent: Agent, now: float) -> None:
        """Who sits in an agent's seat leaves for good; the seat may be empty for a while."""
        agent.person.left_at = min(agent.person.left_at, now)

    # -- between the desk and the work of a leg ---------------------------------------------------------

    def noting(self, work_of: Work) -> Work:
        """Work of which note is taken by whom it is done; this comes before anything asks for an agent's pace."""

        def noted(leg: Leg, team: int) -> float:
            factors = self.factors(leg.agent, leg)
            leg.factors, leg.pace = factors, factors.pace
            if factors != NEUTRAL:
                self.recorder.served(leg, factors)
            return work_of(leg, team)

        return noted

    def paced(self, work_of: Work) -> Work:
        """Work at the agent's pace; the rest of a conversation that another has begun is worked out there."""

        def at_pace(leg: Leg, team: int) -> float:
            seconds = work_of(leg, team)
            if leg.pace == 1 or leg.talk is not None:
                return seconds
            leg.wrap_up = handling_time(leg.wrap_up, leg.pace)
            return handling_time(seconds, leg.pace)

        return at_pace

    def factors(self, agent: Agent, leg: Leg) -> Factors:
        """All influences combined: pace and accuracy multiply, reach and courtesy add."""
        now = self.clock._now
        pace, reach, accuracy, courtesy = NEUTRAL
        for influence in self.influences:
            one = influence.on(agent, leg, now)
            pace, reach = pace * one.pace, reach + one.reach
            accuracy, courtesy = accuracy * one.accuracy, courtesy + one.courtesy
        return Factors(pace, reach, accuracy, courtesy)

    @staticmethod
    def answers(reach: float, accuracy: float, leg: Leg) -> tuple[float, float]:
        """Reach and accuracy of the agent who serves a leg, where the team's would be these."""
        factors = leg.factors
        return adjusted_share(reach, factors.reach), adjusted_accuracy(accuracy, factors.accuracy)


def tenure(scene: Scene, agent: Agent) -> float:
    """How long (s) an agent has been here at the start; for ever where the team says nothing."""
    people = list(scene.plan.scenario.teams.values())[agent.team.index].people
    if people is None or people.tenure is None:
        return inf
    u = stream(scene.seed, scene.replication, f"tenure/{seat_key(agent)}").random()
    return float(people.tenure.build().ppf(u))


def seat_key(agent: Agent) -> str:
    """The name of an agent's seat for streams of chance: team and shift quoted, as names may hold a slash, and number."""
    team = agent.team.plan.name
    shift, _, number = agent.name[len(team) + 1 :].rpartition("/")
    return f"{team!r}/{shift!r}/{number}"
