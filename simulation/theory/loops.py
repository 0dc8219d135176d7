"""Loops of weeks in closed form: coaching after errors that a review found."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simulation.theory.erlang import require_positive, require_share


@dataclass(frozen=True)
class Coached:
    """What coaching has done after a time: mean share of the errors that is `left` then, its mean over the time before
    (`left_on_the_way`), and the mean number of `coachings`."""

    left: float
    left_on_the_way: float
    coachings: float


def coached(rate: float, gain: float, time: float) -> Coached:
    """An agent who is coached at once after each error found, and then errs less by the share ``gain``.

    Errors are found at ``rate`` (per second) at first, and after k coachings at rate * (1 - gain)^k: a pure birth
    process. Its forward equations are solved by the matrix exponential. As coachings come at rate * left, the mean of
    what is left over the time is the mean number of coachings / (rate * time).
    """
    require_positive(rate=rate, time=time)
    require_share(gain=gain)
    from scipy.linalg import expm

    most = math.ceil(rate * time + 12 * math.sqrt(rate * time) + 12)
    left = (1 - gain) ** np.arange(most + 1)
    flow = np.diag(-rate * left) + np.diag(rate * left[:-1], 1)
    flow[-1, -1] = 0.0
    states = expm(flow * time)[0]
    coachings = float(states @ np.arange(most + 1))
    return Coached(float(states @ left), coachings / (rate * time), coachings)
