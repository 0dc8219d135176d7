"""What practices lead one to expect: the mean work and the reach that they leave."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from simulation.center.plan import Plan
from simulation.center.practices import Left, Lever
from simulation.theory.handling import Help, fixed_share, step_factor


def levers_of(plan: Plan, team: str, channel: int, topic: int) -> list[Lever]:
    """Practices that help with first contacts."""
    if plan.practices is None:
        return []
    bits = plan.practices.scope(team, plan.channel_names[channel], plan.topics[topic]).always
    return [lever for bit, lever in enumerate(plan.practices.levers) if bits >> bit & 1]


def mean_left(plan: Plan, team: str, channel: int, topic: int, solved: float, saved: float = 0.0) -> Left:
    """Mean shares of handling time and after-contact work that practices leave of first services; others have
    `solved` the easiest share of the cases before, and `saved` a share of the analysis."""
    levers = levers_of(plan, team, channel, topic)
    if not (levers or saved) or solved >= 1:
        return Left(1.0, 1.0)
    steps = plan.scenario.steps(plan.topics[topic]).shares()
    ends = sorted({solved, 1.0} | {end for lever in levers if solved < (end := lever.covers[topic]) < 1})
    parts = [_mean_left(steps, levers, topic, (low + high) / 2, saved) for low, high in pairwise(ends)]
    handling, wrap_up = np.average(parts, axis=0, weights=np.diff(ends)).tolist()
    return Left(handling, wrap_up)


def _mean_left(steps: Sequence[float], levers: Sequence[Lever], topic: int, difficulty: float, saved: float) -> Left:
    """The same for cases of one difficulty."""
    helps = [Help(1.0, (saved, 0.0, 0.0, 0.0, 0.0))] * bool(saved) + [
        Help(chance(lever, topic, difficulty), lever.spec.saves.shares()) for lever in levers
    ]
    of_steps = step_factor(steps, [Help(one.probability, one.savings[:4]) for one in helps]).mean
    return Left(of_steps, step_factor([1.0], [Help(one.probability, one.savings[4:]) for one in helps]).mean)


def chance(lever: Lever, topic: int, difficulty: float) -> float:
    """How likely a practice helps with a case of a topic and difficulty."""
    covers, found = lever.covers[topic], lever.spec.found
    if lever.spec.which == "easiest":
        return found if difficulty < covers else 0.0
    return covers * found


def reach_with(plan: Plan, team: str, channel: int, topic: int, reach: float) -> float:
    """A team's reach with its practices, as a mean over cases."""
    levers = [lever for lever in levers_of(plan, team, channel, topic) if lever.spec.reach]
    return fixed_share(reach, [(_chance_in_gap(lever, topic, reach), lever.spec.reach) for lever in levers])


def _chance_in_gap(lever: Lever, topic: int, reach: float) -> float:
    """How likely a practice helps with those cases beyond reach that it brings within."""
    if lever.spec.which == "random" or reach >= 1:
        return lever.covers[topic] * lever.spec.found
    brought = (1 - reach) * lever.spec.reach
    return float(np.clip((lever.covers[topic] - reach) / brought, 0, 1)) * lever.spec.found
