"""Fatigue: agents tire while they handle contacts, and recover while they do not.

One number says how tired an agent is, from 0 (fresh) to 1 (exhausted). It is worked out when the agent begins to serve
someone, from the time since it was last: how much of it was spent handling, waiting on the floor, and away. Reviewing,
coaching, writing, meetings and training rest agents from contacts (an assumption of the model).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import TYPE_CHECKING

from simulation.center.people import NEUTRAL, Factors, Scene
from simulation.routing.routes import selects
from simulation.scenario.schema import Fatigue as Spec

if TYPE_CHECKING:
    from simulation.center.desk import Agent
    from simulation.center.leg import Leg


def tired(before: float, busy: float, builds: float) -> float:
    """How tired an agent is after `busy` seconds of handling, who was `before` (0 to 1): 1 - (1 - before) * exp(-busy / builds).

    Jaber, Givi and Neumann 2013, "Incorporating human fatigue and recovery into the learning-forgetting process", Applied
    Mathematical Modelling 37: 7287-7299: the solution of dF/dt = (1 - F) / builds, what is left of earlier work included.
    """
    return 1 - (1 - before) * exp(-busy / builds)


def rested(before: float, idle: float, recovers: float) -> float:
    """How tired an agent still is after `idle` seconds without a contact: before * exp(-idle / recovers).

    The same source: the solution of dF/dt = -F / recovers. With `recovers` 0 nothing is left.
    """
    return before * exp(-idle / recovers) if recovers else 0.0


def tired_pace(level: float, slows: float) -> float:
    """The pace of an agent who is tired by `level`: 1 - slows * level (an assumption of the model: in proportion)."""
    return 1 - slows * level


def tired_accuracy(level: float, errs: float) -> float:
    """What a tired agent's share of right answers is multiplied by: 1 - errs * level (an assumption of the model)."""
    return 1 - errs * level


class State:
    """How tired an agent was at a moment (s), and how long until then it had been busy and on the floor in all (s)."""

    __slots__ = ("at", "busy", "level", "on")

    def __init__(self) -> None:
        self.at = self.busy = self.on = self.level = 0.0


class Fatigue:
    """The influence of tiredness, and its book."""

    def __init__(self, scene: Scene, spec: Spec) -> None:
        self.recorder = scene.recorder
        self.builds, self.recovers = spec.builds, spec.recovers
        self.rests = spec.recovers if spec.rests is None else spec.rests
        self.slows, self.errs = spec.slows, spec.errs
        teams = scene.plan.scenario.teams
        concerned = [selects(spec.teams, name) for name in teams]
        self.states: Sequence[State | None] = [
            State() if concerned[agent.team.index] else None for agent in scene.staff.agents
        ]

    @classmethod
    def of(cls, scene: Scene) -> Fatigue | None:
        """The influence, where anybody tires."""
        spec = scene.plan.scenario.strain.fatigue
        return cls(scene, spec) if spec is not None and spec.recovers else None

    def on(self, agent: Agent, leg: Leg, now: float) -> Factors:
        """What tiredness does to an agent who begins to serve a leg now."""
        state = self.states[agent.index]
        if state is None:
            return NEUTRAL
        level = self._now(state, agent, now)
        self.recorder.tired(leg, level)
        return Factors(pace=tired_pace(level, self.slows), accuracy=tired_accuracy(level, self.errs))

    def _now(self, state: State, agent: Agent, now: float) -> float:
        """Bring a state up to date: since it was last, the agent has handled (first), waited, and been away."""
        busy, on = busy_until(agent, now), agent.on_seconds + now - agent.on_since
        handled, there, passed = busy - state.busy, on - state.on, now - state.at
        level = tired(state.level, handled, self.builds)
        level = rested(level, max(there - handled, 0.0), self.recovers)
        if agent.on_since > state.at:
            level = rested(level, max(passed - there, 0.0), self.rests)
        state.at, state.busy, state.on, state.level = now, busy, on, level
        return level


def busy_until(agent: Agent, now: float) -> float:
    """Seconds in which an agent has held a contact, until now."""
    return agent.busy_seconds + (now - agent.busy_since if agent.load else 0.0)
