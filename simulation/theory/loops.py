"""Loops of weeks in closed form: coaching after errors that a review found, training, and articles."""

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


@dataclass(frozen=True)
class Trained:
    """Share of a gap that is ``left`` after a time of training, and its mean over that time (``left_on_the_way``)."""

    left: float
    left_on_the_way: float


def trained(pace: float, most: float, scale: float, time: float) -> Trained:
    """Training spread evenly over a time, at ``pace`` (seconds of training per second), of which nothing is forgotten.

    ``left`` is 1 - most * (1 - exp(-x)) with x = pace * time / scale, its mean 1 - most * (1 - (1 - exp(-x)) / x).
    """
    require_positive(pace=pace, scale=scale, time=time)
    require_share(most=most)
    x = pace * time / scale
    return Trained(1 - most * -math.expm1(-x), 1 - most * (1 + math.expm1(-x) / x))


def hours_remembered(pace: float, half_life: float, time: float = math.inf) -> float:
    """Seconds of training not forgotten after a time of training at ``pace``, where half is forgotten in ``half_life``:
    pace * half_life / ln 2 * (1 - 2^(-time / half_life))."""
    require_positive(pace=pace, half_life=half_life)
    return pace * half_life / math.log(2) * (1 - 2 ** (-time / half_life))


def freshness(rate: float, points: int, writing: float, life: float) -> float:
    """Mean share of articles that are true, where all are renewed after so many Poisson events (of ``rate``) and a time of
    ``writing`` (events in which count for nothing), and each goes out of date at rate 1 / ``life`` (s).

    Renewal reward: E[integral of exp(-t / life) over a cycle] / E[cycle] with cycle = Gamma(points, rate) + writing, so
    life * (1 - (rate / (rate + 1 / life))^points * exp(-writing / life)) / (points / rate + writing).
    """
    require_positive(rate=rate, life=life)
    kept = (rate / (rate + 1 / life)) ** points * math.exp(-writing / life)
    return life * (1 - kept) / (points / rate + writing)
