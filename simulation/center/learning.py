"""Learning on the job: newcomers are slower, err more and reach less far than they will."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.center.people import NEUTRAL, Factors, Scene
from simulation.center.rules import learned
from simulation.scenario.schema import Curve
from simulation.scenario.schema import Learning as LearningSpec

if TYPE_CHECKING:
    from simulation.center.desk import Agent
    from simulation.center.leg import Leg


class Learning:
    """The influence of the time that a person has been here."""

    def __init__(self, scene: Scene) -> None:
        self.topics = len(scene.plan.topics)
        teams = scene.plan.scenario.teams.values()
        self.curves = [
            None if team.people is None or _is_empty(team.people.learning) else team.people.learning for team in teams
        ]

    @classmethod
    def of(cls, scene: Scene) -> Learning | None:
        """The influence, where the agents of any team learn."""
        made = cls(scene)
        return made if any(made.curves) else None

    def on(self, agent: Agent, leg: Leg, now: float) -> Factors:
        """What the person has learnt by now."""
        curves = self.curves[agent.team.index]
        if curves is None:
            return NEUTRAL
        tenure = now - agent.person.hired_at
        reach = 0.0
        if curves.reach is not None:
            reach = (_has(curves.reach, tenure) - 1) * agent.team.plan.reach[leg.place % self.topics]
        return Factors(_has(curves.speed, tenure), reach, _has(curves.accuracy, tenure))


def _has(curve: Curve | None, tenure: float) -> float:
    return 1.0 if curve is None else learned(tenure, curve.starts_at, curve.half_life)


def _is_empty(learning: LearningSpec) -> bool:
    return learning == LearningSpec()
