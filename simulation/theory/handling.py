"""Exact answers on handling in steps: what practices that help with a part of the cases leave of it.

Numbers in, numbers out. A handling time is base * factor, where the base has any distribution and the factor is
sum over steps of share * prod over practices of (1 - saving * [helps]), independent of the base.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from simulation.theory.erlang import require_positive, require_share


class Help(NamedTuple):
    """A practice: the probability that it helps with a case (independent of others), and its saving of each step."""

    probability: float
    savings: tuple[float, ...]


@dataclass(frozen=True)
class Moments:
    """Mean and mean square; `scv` is variance / mean squared."""

    mean: float
    square: float

    @property
    def scv(self) -> float:
        """Squared coefficient of variation."""
        return self.square / self.mean**2 - 1

    def times(self, mean: float, scv: float) -> Moments:
        """Moments of the product with an independent number of that mean and squared coefficient of variation."""
        return Moments(self.mean * mean, self.square * mean**2 * (1 + scv))


def step_factor(steps: Sequence[float], helps: Sequence[Help]) -> Moments:
    """Moments of the factor by which practices change a handling time; `steps` are shares that sum to 1.

    Steps add and practices are independent, so the mean is sum_s share_s * prod_l (1 - p_l * a_ls), and the mean
    square sums over pairs of steps share_s * share_t * prod_l (1 - p_l * (a_ls + a_lt - a_ls * a_lt)).
    """
    require_positive(sum_of_steps=sum(steps))
    for one in helps:
        require_share(probability=one.probability)
    numbers = range(len(steps))
    mean = sum(steps[s] * prod(1 - one.probability * one.savings[s] for one in helps) for s in numbers)
    square = sum(steps[s] * steps[t] * prod(_both(one, s, t) for one in helps) for s in numbers for t in numbers)
    return Moments(mean, square)


def _both(one: Help, s: int, t: int) -> float:
    """Mean product of what is left of two steps."""
    a, b = one.savings[s], one.savings[t]
    return 1 - one.probability * (a + b - a * b)


def fixed_share(share: float, helps: Sequence[tuple[float, float]]) -> float:
    """A share (of cases solved, of answers right) when practices, each helping with probability p, close a share g of
    the gap to 1: 1 - (1 - share) * prod (1 - p * g). `helps` are pairs (p, g), independent of each other."""
    require_share(share=share)
    return 1 - (1 - share) * prod(1 - probability * gain for probability, gain in helps)


def right_first_time(reach: float, accuracy: float, helps: Sequence[tuple[float, float, float, float]]) -> float:
    """Share of cases solved by their first answer, one tier, no escalation: reach times accuracy, both with practices.

    `helps` are (p, gain of reach, gain of accuracy, stale share): what helps with a case helps it reach the answer and
    be right at once, so the mean is over all combinations of practices, not a product of means.
    """
    if not helps:
        return reach * accuracy
    total = 0.0
    for helping in range(1 << len(helps)):
        used = [one for bit, one in enumerate(helps) if helping >> bit & 1]
        weight = prod(one[0] if helping >> bit & 1 else 1 - one[0] for bit, one in enumerate(helps))
        within = 1 - (1 - reach) * prod(1 - one[1] for one in used)
        right = (1 - (1 - accuracy) * prod(1 - one[2] for one in used)) * prod(1 - one[3] for one in used)
        total += weight * within * right
    return total
