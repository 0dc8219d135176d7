"""Practices on flat arrays: which of them help with which service, and what they change.

A *lever* is a practice, or what an agent knows of a case handled before (`routing.sticky`). Which levers help
with a service is one number, a bit for each in the scenario's order: what a practice covers is drawn with the
case, the rest follows from team, channel, topic, and from what has happened to the case.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.center.rules import answer_accuracy, gap_closed, handling_left, is_covered, kept_after
from simulation.demand.births import Births
from simulation.routing.routes import selects
from simulation.scenario.schema import Practice, Scenario

Array = npt.NDArray[Any]


class Left(NamedTuple):
    """Shares of handling time and after-contact work that are left."""

    handling: float
    wrap_up: float


class Scope(NamedTuple):
    """Levers (bits) that a team uses for a channel and topic: always if the case is covered, on `repeats` only, and
    where the agent `knows` the case."""

    always: int
    repeats: int
    knows: int


@dataclass(frozen=True)
class Lever:
    """A practice with its shares of cases by topic."""

    name: str
    spec: Practice
    covers: tuple[float, ...]

    def helps(self, team: str, channel: str, topic: str) -> bool:
        """Whether it is used by a team for a channel and topic."""
        spec = self.spec
        return selects(spec.teams, team) and selects(spec.channels, channel) and selects(spec.topics, topic)

    def covered(self, births: Births) -> Array:
        """Which cases it covers."""
        share = np.array(self.covers)[births.topic]
        u = births.draw(f"practice/{self.name!r}")
        return is_covered(u, births.difficulty, share, self.spec.found, self.spec.which == "easiest")


class Practices:
    """All levers of a scenario. `left` and `answers` are asked again and again for the same: they remember."""

    def __init__(self, scenario: Scenario) -> None:
        self.topics = list(scenario.topics)
        self.sticky = scenario.routing.sticky
        self.levers = [
            Lever(name, spec, tuple(spec.share_covered(topic) for topic in self.topics))
            for name, spec in scenario.practices.items()
        ]
        self.knowing = 1 << len(self.levers)
        self.saves = [lever.spec.saves.shares() for lever in self.levers]
        self.saves += [] if self.sticky is None else [self.sticky.saves.shares()]
        self.steps = [scenario.steps(topic).shares() for topic in scenario.topics]
        self._left: dict[tuple[int, int, float], Left] = {}
        self._answers: dict[tuple[float, float, int], tuple[float, float]] = {}

    @classmethod
    def of(cls, scenario: Scenario) -> Practices | None:
        """The levers, or None where handling depends on none."""
        told = any(bot.hand_over is not None and bot.hand_over.saves for bot in scenario.bots.values())
        return cls(scenario) if scenario.practices or scenario.routing.sticky is not None or told else None

    @property
    def on_repeats(self) -> bool:
        """Whether any lever asks whether the case was handled in an earlier contact."""
        return any(lever.spec.contacts == "repeats" for lever in self.levers)

    def scope(self, team: str, channel: str, topic: str) -> Scope:
        """Levers that a team uses for a channel and topic."""
        used = [(1 << bit, lever) for bit, lever in enumerate(self.levers) if lever.helps(team, channel, topic)]
        always = sum(bit for bit, lever in used if lever.spec.contacts == "all")
        knows = self.knowing if self.sticky is not None and selects(self.sticky.channels, channel) else 0
        return Scope(always, sum(bit for bit, _ in used) - always, knows)

    def covered(self, births: Births) -> Array:
        """Levers (bits) that cover each case."""
        bits = np.zeros(len(births), dtype=np.int64)
        for bit, lever in enumerate(self.levers):
            bits |= lever.covered(births).astype(np.int64) << bit
        return bits

    def left(self, topic: int, bits: int, saved: float = 0.0) -> Left:
        """What some levers leave of the work on a topic, when a share `saved` of the analysis came with the contact."""
        key = (topic, bits, saved)
        if key not in self._left:
            savings = [self.saves[bit] for bit in _ones(bits)]
            *steps, wrap_up = (kept_after([one[step] for one in savings]) for step in range(5))
            steps[0] *= kept_after([saved])
            self._left[key] = Left(handling_left(self.steps[topic], steps), wrap_up)
        return self._left[key]

    def answers(self, reach: float, accuracy: float, bits: int) -> tuple[float, float]:
        """Reach and accuracy of a handler helped by some levers."""
        key = (reach, accuracy, bits)
        if key not in self._answers:
            used = [self.levers[bit].spec for bit in _ones(bits & (self.knowing - 1))]
            right = gap_closed(accuracy, [one.accuracy for one in used])
            fresh = kept_after([one.stale for one in used])
            self._answers[key] = gap_closed(reach, [one.reach for one in used]), answer_accuracy(right, fresh)
        return self._answers[key]

    def lefts(self, topic: Array, bits: Array) -> tuple[Array, Array]:
        """`left` for many services at once: handling, after-contact work."""
        kinds, of = np.unique((topic << 32) | bits, return_inverse=True)
        found = [self.left(int(kind) >> 32, int(kind) & 0xFFFFFFFF) for kind in kinds]
        return np.array([one.handling for one in found])[of], np.array([one.wrap_up for one in found])[of]


def _ones(bits: int) -> Iterable[int]:
    return (bit for bit in range(bits.bit_length()) if bits >> bit & 1)
