"""Which of several changes brought how much: Shapley values of estimates, with intervals.

A *coalition* is a set of changes that are made together, written as a bit mask (0: none of them). Its value v(S) is an
estimate from the same replications as all others'. The Shapley value of a change is the mean, over all orders in which
the changes can be made one after the other, of what it adds when its turn comes (Shapley 1953, A value for n-person games,
Contributions to the Theory of Games II:307-317). It is the only division of v(all) - v(none) that adds up, gives
nothing to a change that never does anything, treats alike what acts alike, and is linear in v; being linear, its error is
that of a linear combination of estimates. On its use for the effects of inputs of a simulation: Owen 2014, Sobol' indices
and Shapley value, SIAM/ASA Journal on Uncertainty Quantification 2:245-251; Song, Nelson and Staum 2016, Shapley effects
for global sensitivity analysis, the same journal 4:1060-1083.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import NamedTuple

import numpy as np

from simulation.statistics.paired import Array, Estimate

Values = Mapping[int, Estimate]
LEAST_PAIRS = 6
"""Pairs of orders that are drawn at least: their spread tells the error of drawing."""


class Step(NamedTuple):
    """What a change adds to a coalition, and how much it counts."""

    weight: float
    without: int
    together: int


@dataclass(frozen=True)
class Design:
    """Which coalitions are asked for: the steps of each of `players` changes. Where orders were drawn, the steps of each
    change in each pair of orders apart; where all coalitions are there, one list of steps a change."""

    players: int
    steps: list[list[list[Step]]]

    @property
    def exact(self) -> bool:
        """Whether all orders are taken into account."""
        return len(self.steps) == 1

    @property
    def coalitions(self) -> list[int]:
        """All that are to be known, none and all of the changes first, then those of few changes: each change alone and all
        but one are always among them."""
        whole = (1 << self.players) - 1
        single = [1 << one for one in range(self.players)]
        asked = {*single, *(whole ^ one for one in single)}
        asked |= {mask for pair in self.steps for steps in pair for _, *both in steps for mask in both}
        return [0, whole, *sorted(asked - {0, whole}, key=lambda mask: (mask.bit_count(), mask))]


def exact(players: int) -> Design:
    """All coalitions of so many changes; the weight of a step to a coalition of s others is s! (k - s - 1)! / k!."""
    weights = [factorial(s) * factorial(players - s - 1) / factorial(players) for s in range(players)]
    return Design(players, [[_all_steps(one, players, weights) for one in range(players)]])


def _all_steps(one: int, players: int, weights: Sequence[float]) -> list[Step]:
    bit = 1 << one
    return [Step(weights[mask.bit_count()], mask, mask | bit) for mask in range(1 << players) if not mask & bit]


def sampled(players: int, pairs: int, chance: np.random.Generator) -> Design:
    """So many random orders, each with its reverse (Castro, Gómez and Tejada 2009, Polynomial calculation of the Shapley value
    based on sampling, Computers & Operations Research 36:1726-1730; antithetic: Mitchell et al. 2022, Sampling permutations
    for Shapley value estimation, Journal of Machine Learning Research 23:1-46). A pair is exact where no more than two changes
    interact."""
    return Design(players, [_pair(chance.permutation(players).tolist()) for _ in range(pairs)])


def _pair(order: list[int]) -> list[list[Step]]:
    steps: list[list[Step]] = [[] for _ in order]
    for way in (order, order[::-1]):
        mask = 0
        for one in way:
            steps[one].append(Step(0.5, mask, mask | 1 << one))
            mask |= 1 << one
    return steps


def design(players: int, most: int, chance: np.random.Generator) -> Design:
    """All coalitions where there are no more than `most` of them; else as many pairs of orders as fit, but six at least."""
    if 1 << players <= most:
        return exact(players)
    fixed, by_pair = 2 + 2 * players, 2 * (players - 1)
    return sampled(players, max(LEAST_PAIRS, (most - fixed) // by_pair), chance)


def shapley(design: Design, values: Values) -> list[Estimate]:
    """What each change brought. The values sum to v(all) - v(none)."""
    by_pair = [[_combined(values, steps) for steps in pair] for pair in design.steps]
    if design.exact:
        return by_pair[0]
    return [_of_pairs([pair[one] for pair in by_pair]) for one in range(design.players)]


def _of_pairs(found: list[Estimate]) -> Estimate:
    """The mean over pairs of orders. The error of drawing them comes on top of that of the replications: as further terms of
    the influence, one a pair. `n` is one more than the degrees of freedom of both together (Satterthwaite 1946)."""
    pairs, n = len(found), min(one.n for one in found)
    values = np.array([one.value for one in found])
    value = float(values[0]) if values.min() == values.max() else float(values.mean())
    inner = np.mean([one.influence for one in found], axis=0)
    if n < 2:
        return Estimate(value, np.concatenate([inner, np.zeros(pairs)]), n)
    within = float(inner @ inner) / (n * (n - 1))
    among = float(((values - value) ** 2).sum()) / (pairs * (pairs - 1))
    total = within + among
    free = total**2 / (within**2 / (n - 1) + among**2 / (pairs - 1)) if total else n - 1
    held = max(int(free), 1) + 1
    outer = (values - value) / np.sqrt(pairs * (pairs - 1))
    both = np.concatenate([inner / np.sqrt(n * (n - 1)), outer])
    return Estimate(value, both * np.sqrt(held * (held - 1)), held)


def whole(design: Design, values: Values) -> Estimate:
    """v(all) - v(none), as an estimate beside those of `shapley`."""
    found = _combined(values, [Step(1.0, 0, (1 << design.players) - 1)])
    return found if design.exact else _widened(found, len(design.steps))


def alone(design: Design, values: Values) -> list[Estimate]:
    """What each change brings when it is the only one."""
    return [_one(design, values, 0, 1 << one) for one in range(design.players)]


def last_in(design: Design, values: Values) -> list[Estimate]:
    """What each change brings when all others are made already."""
    every = (1 << design.players) - 1
    return [_one(design, values, every ^ (1 << one), every) for one in range(design.players)]


def together(design: Design, values: Values) -> Estimate:
    """What all changes bring beyond the sum of what each brings alone: above zero they help each other, below zero they do
    in part the same."""
    every = (1 << design.players) - 1
    steps = [Step(1.0, 0, every), *(Step(-1.0, 0, 1 << one) for one in range(design.players))]
    found = _combined(values, steps)
    return found if design.exact else _widened(found, len(design.steps))


def interactions(design: Design, values: Values) -> dict[tuple[int, int], Estimate]:
    """What each two changes bring together beyond both apart, over all coalitions of the others: the Shapley interaction
    index, weights s! (k - s - 2)! / (k - 1)! (Grabisch and Roubens 1999, An axiomatic approach to the concept of interaction
    among players in cooperative games, International Journal of Game Theory 28:547-565). Empty where orders were drawn."""
    pairs = combinations(range(design.players), 2) if design.exact else []
    return {pair: _combined(values, _interaction(*pair, design.players)) for pair in pairs}


def _interaction(first: int, second: int, players: int) -> list[Step]:
    one, other = 1 << first, 1 << second
    steps = []
    for mask in range(1 << players):
        if not mask & (one | other):
            s = mask.bit_count()
            weight = factorial(s) * factorial(players - s - 2) / factorial(players - 1)
            steps += [Step(weight, mask | other, mask | one | other), Step(-weight, mask, mask | one)]
    return steps


def _one(design: Design, values: Values, without: int, with_it: int) -> Estimate:
    found = _combined(values, [Step(1.0, without, with_it)])
    return found if design.exact else _widened(found, len(design.steps))


def _combined(values: Values, steps: Sequence[Step]) -> Estimate:
    """A weighted sum of differences: of nothing but zeros exactly zero."""
    value, influence = 0.0, np.zeros(len(next(iter(values.values())).influence))
    for weight, without, together in steps:
        value += weight * (values[together].value - values[without].value)
        influence += weight * (values[together].influence - values[without].influence)
    return Estimate(value, influence, min(values[mask].n for _, *both in steps for mask in both))


def _widened(estimate: Estimate, by: int) -> Estimate:
    """The same estimate beside others whose influence has further terms."""
    influence: Array = np.concatenate([estimate.influence, np.zeros(by)])
    return estimate._replace(influence=influence)
