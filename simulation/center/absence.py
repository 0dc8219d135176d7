"""On which of its shifts an agent is absent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.center.rota import Seat
from simulation.chance import stream
from simulation.scenario.schema import DAY, Team
from simulation.scenario.timeline import Timeline

Array = npt.NDArray[Any]


def absent_turns(
    spec: Team, team: str, key: str, seat: Seat, timeline: Timeline, chance: tuple[int, int], rates: Sequence[float]
) -> npt.NDArray[np.bool_]:
    """Whether the agent `key` is absent in each of its turns, for which `rates` are the probabilities; shape (turns,).

    Where absence comes in spells, or together, what a rate has beyond the team's comes on top, each turn for itself.
    """
    numbers = stream(*chance, f"absence/{key}").random(len(seat.turns))
    wanted = np.asarray(rates, dtype=float)
    dates = [turn.day.date.toordinal() for turn in seat.turns]
    first = timeline.start.toordinal() - 1
    days, at = 1 + max(dates, default=first) - first, np.asarray(dates, dtype=int) - first
    if spec.absence_spells is not None:
        sick = spells(stream(*chance, f"spells/{key}").random(days), spec.absence, spec.absence_spells / DAY)
        made: npt.NDArray[np.bool_] = sick[at] | (numbers < _beyond(wanted, spec.absence))
    elif spec.absence_together:
        common = stream(*chance, f"absence of the day/{team!r}").random(days)
        usual = day_rates(common, spec.absence, spec.absence_together)[at]
        made = numbers < usual + (1 - usual) * _beyond(wanted, spec.absence)
    else:
        made = numbers < wanted
    return made


def _beyond(rates: Array, usual: float) -> Array:
    """The probability that makes up a rate beside the usual one."""
    return np.clip((rates - usual) / (1 - usual), 0.0, 1.0) if usual < 1 else np.zeros(len(rates))


def spells(numbers: Array, absence: float, days: float) -> npt.NDArray[np.bool_]:
    """Whether an agent is sick on each of some days, one uniform number each.

    A Markov chain of two states: a spell goes on to the next day with probability 1 - 1 / `days`, so that its length is
    geometric with mean `days`; a healthy agent falls ill with probability absence / (days (1 - absence)), so that the share
    of sick days is `absence`. The first day is in steady state. (An assumption of the model; Markov chains of two states are
    the usual way to give a share of days a memory.)
    """
    if absence == 1:
        return np.ones(len(numbers), dtype=bool)
    goes_on, falls_ill = 1 - 1 / days, min(1.0, absence / (days * (1 - absence)))
    sick = np.zeros(len(numbers), dtype=bool)
    chance = absence
    for day, number in enumerate(numbers.tolist()):
        sick[day] = number < chance
        chance = goes_on if sick[day] else falls_ill
    return sick


def day_rates(numbers: Array, absence: float, together: float) -> Array:
    """The probability of absence on each of some days, one uniform number each: beta-distributed with mean `absence` and
    such that the absences of two agents of the team on one day correlate by `together`. The number of absent agents is
    then beta-binomial (Skellam 1948)."""
    if absence in (0.0, 1.0):
        return np.full(len(numbers), absence)
    if together == 1:
        return (numbers < absence).astype(float)
    from scipy.special import betaincinv  # slow to import, and rarely needed

    spread = (1 - together) / together
    made: Array = betaincinv(absence * spread, (1 - absence) * spread, numbers)
    return made
