"""Training: what agents have learned in the hours that it takes from the floor."""

from __future__ import annotations

from math import inf, prod
from typing import TYPE_CHECKING

from simulation.center.people import NEUTRAL, Factors, Person, Scene
from simulation.center.rules import accuracy_factor, hours_kept, share_gained, training_left
from simulation.routing.routes import selects
from simulation.scenario.schema import Training as Spec
from simulation.scenario.schema import TrainingKind

if TYPE_CHECKING:
    from simulation.center.desk import Agent
    from simulation.center.leg import Leg


class Trained:
    """How long a person has trained: seconds not forgotten from sessions that are over, as they were at a time (s)."""

    __slots__ = ("at", "over", "seconds")

    def __init__(self, before: float) -> None:
        self.seconds = before
        self.at = 0.0
        self.over = 0
        """How many sessions of the seat are over."""


class Training:
    """The influence of the hours of training that a person has had."""

    def __init__(self, scene: Scene, spec: Spec) -> None:
        self.before = spec.before
        self.half_life = spec.fades or inf
        plan = scene.plan
        self.kinds = [self._kinds(spec, topic) for topic in plan.topics]
        self.concerned = [selects(spec.teams, team.name) for team in plan.teams]
        self.courtesy = [team.courtesy for team in plan.scenario.teams.values()]
        self.trained: dict[Person, Trained] = {}

    @classmethod
    def of(cls, scene: Scene) -> Training | None:
        """The influence, where the scenario says what training does."""
        spec = scene.plan.scenario.loops.training
        return None if spec is None else cls(scene, spec)

    @staticmethod
    def _kinds(spec: Spec, topic: str) -> list[TrainingKind]:
        return [kind for kind in spec.kinds.values() if selects(kind.topics, topic)]

    def on(self, agent: Agent, leg: Leg, now: float) -> Factors:
        """What an agent has learned for a leg's topic."""
        team = agent.team
        topic = leg.place % len(self.kinds)
        if not self.concerned[team.index] or not self.kinds[topic]:
            return NEUTRAL
        seconds = self.seconds(agent, now)
        accuracy, reach, courtesy = (self._left(topic, what, seconds) for what in ("accuracy", "reach", "courtesy"))
        return Factors(
            reach=share_gained(team.plan.reach[topic], reach),
            accuracy=accuracy_factor(team.plan.accuracy, accuracy),
            courtesy=share_gained(self.courtesy[team.index], courtesy),
        )

    def _left(self, topic: int, what: str, seconds: float) -> float:
        return prod(
            training_left(seconds * kind.share, getattr(kind, what), kind.hours)
            for kind in self.kinds[topic]
            if getattr(kind, what)
        )

    def seconds(self, agent: Agent, now: float) -> float:
        """Seconds of training that the person in an agent's seat has had and not forgotten."""
        person, sessions = agent.person, agent.trained
        known = self.trained.get(person)
        if known is None:
            known = self.trained[person] = Trained(0.0 if person.number else self.before)
        known.seconds *= 1.0 if self.half_life == inf else 2 ** ((known.at - now) / self.half_life)
        known.at = now
        while known.over < len(sessions) and sessions[known.over][1] <= now:
            known.seconds += self._of(person, sessions[known.over], now)
            known.over += 1
        under_way = sum(self._of(person, session, now) for session in sessions[known.over :])
        return known.seconds + under_way

    def _of(self, person: Person, session: tuple[float, float], now: float) -> float:
        """What is left of a session; nothing if another person was there then."""
        since = max(session[0], person.hired_at) if person.number else session[0]
        return hours_kept(since, session[1], now, self.half_life) if since < min(session[1], now) else 0.0
