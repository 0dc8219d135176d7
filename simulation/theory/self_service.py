"""Exact answers for help before the agents: who is left, how hard the rest is, and how many wait for a community.

Difficulty is uniform on (0, 1). A *layer* (knowledge base, community, bot) takes a share of the cases below its reach,
whatever their difficulty, and none above; layers are independent of each other. What is left of a Poisson stream is
Poisson again, since each case is kept or taken by itself (Kingman 1993, Poisson Processes, section 5.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import NamedTuple

from simulation.theory.erlang import require_positive, require_share


class Layer(NamedTuple):
    """Takes a `share` of the cases with a difficulty below its `reach`."""

    reach: float
    share: float


def left_within(reach: float, layers: Sequence[Layer]) -> float:
    """The share of all cases that is below `reach` and that no layer takes.

    The integral of prod(1 - share_i * [d < reach_i]) over d from 0 to `reach`: a step function.
    """
    require_share(reach=reach)
    edges = sorted({0.0, reach, *(min(layer.reach, reach) for layer in layers)})
    return sum(
        (end - start) * prod(1 - layer.share for layer in layers if layer.reach > start)
        for start, end in pairwise(edges)
    )


def left(layers: Sequence[Layer]) -> float:
    """The share of all cases that no layer takes: what arrives at the agents."""
    return left_within(1.0, layers)


def solvable(reach: float, layers: Sequence[Layer]) -> float:
    """The share of what arrives at the agents that a tier of that `reach` can solve: its first-contact resolution.

    With one layer that takes all cases below its reach r this is (reach - r) / (1 - r): the selection effect.
    """
    arrives = left(layers)
    require_positive(arrives=arrives)
    return left_within(reach, layers) / arrives


@dataclass(frozen=True)
class Deflection:
    """Shares of all cases: truly solved before any contact, misled, and the two together (claimed)."""

    true: float
    misled: float

    @property
    def claimed(self) -> float:
        """What visits without a contact make one believe."""
        return self.true + self.misled


def deflection(tries: float, met: float, right: float, reach: float) -> Deflection:
    """What a part of self-service does by itself: `tries` * `met` * `reach` believe that they are helped, and `right` of
    these are. For a knowledge base `met` = coverage * findability and `right` = 1 - stale."""
    require_share(tries=tries, met=met, right=right, reach=reach)
    believed = tries * met * reach
    return Deflection(believed * right, believed * (1 - right))


def open_questions(rate: float, mean_delay: float) -> float:
    """Mean (and variance) of the questions that wait for an answer of the community, asked at `rate`, answered after a
    `mean_delay`, whatever its law: M/G/infinity is Poisson (Takács 1962, Introduction to the Theory of Queues, ch. 3)."""
    require_positive(rate=rate)
    return rate * mean_delay
