"""Formulas of the customer's opinion: arrays by case in, arrays by case out. All are assumptions of the model.

One latent number says it all: the *opinion*, a score plus the customer's mood, above zero where the customer is
satisfied. Stars, the likelihood to recommend and churn follow from it (an ordered logit: McCullagh 1980, Regression
models for ordinal data, JRSS B 42:109-142). `u` is always one uniform number of (0, 1) that belongs to the case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
MOST_DOUBLINGS = 10.0
MOST_LOGIT = 700.0
EASIEST, HARDEST = 1.0, 7.0


def expectation(usual: Array, announced: Array, trust: float, acknowledged: Array, factor: float) -> Array:
    """Seconds in which a customer expects the first response.

    usual^(1 - trust) * announced^trust where a wait was announced (`announced` in s, at least 1; NaN: none was),
    times `factor` where the contact was `acknowledged`. A channel of which nothing is expected (`usual` infinite) stays so.
    """
    heard = ~np.isnan(announced) & np.isfinite(usual)
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = np.where(usual > 0, usual, 1.0) ** (1 - trust) * np.maximum(announced, 1.0) ** trust
    return np.where(heard, moved, usual) * np.where(acknowledged, factor, 1.0)


def lateness(response: Array, expected: Array) -> Array:
    """Doublings of the first response beyond the expectation: max(0, log2(response / expected)), at most 10.

    Both in seconds; a `response` of NaN never came.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        doublings = np.log2(np.where(np.isnan(response), np.inf, response) / expected)
    return np.clip(np.nan_to_num(doublings, posinf=MOST_DOUBLINGS), 0.0, MOST_DOUBLINGS)


def anger(failed_at: Iterable[float], now: float, half_life: float) -> float:
    """What a customer carries over from failed contacts: each counts 1 when it fails, and fades to a half in every
    `half_life` (all in seconds): the sum of 2^(-(now - failed_at) / half_life)."""
    return float(sum(faded(now - moment, half_life) for moment in failed_at))


def faded(elapsed: Any, half_life: float) -> Any:
    """What is left of anger after `elapsed` seconds: 2^(-elapsed / half_life); a float or an array."""
    return 2.0 ** (-elapsed / half_life)


def score(satisfied: float, weights: Mapping[str, float], burdens: Mapping[str, Array]) -> Array:
    """Logit of the probability that a customer is satisfied.

    logit(satisfied) - sum of weight * burden. `satisfied` is the share of positive answers when everything goes well.
    The burdens, each by case: late (doublings of the first response beyond the expectation), contact (further
    contacts), transfer (further legs), unsolved (0 or 1), courtesy (1 - 2 * mean courtesy of the agents met, from -1 to
    1), promise_kept (-1 for each), promise_broken, misled (times a bot or an article seemed to solve it), anger.
    """
    cases = len(next(iter(burdens.values())))
    if not 0 < satisfied < 1:
        return np.full(cases, np.inf if satisfied else -np.inf)
    found = np.full(cases, np.log(satisfied / (1 - satisfied)))
    with np.errstate(over="ignore"):
        for name, burden in burdens.items():
            found = found - weights[name] * burden
    return found


def satisfaction(score: Array) -> Array:
    """Probability that a customer is satisfied: 1 / (1 + exp(-score))."""
    return 1 / (1 + np.exp(-np.clip(score, -MOST_LOGIT, MOST_LOGIT)))


def opinion(score: Array, u: Array) -> Array:
    """The latent opinion: score - logit(u). It is above zero with the probability of satisfaction, where `u` is below it."""
    return score - np.log(u / (1 - u))


def stars(opinion: Array, satisfied: Array, steps: tuple[float, float, float]) -> Array:
    """Stars of 5 that a customer would give: `steps` are the opinions from which on 2, 3 and 5 stars are given.

    The satisfied give 4 or 5, the others 1 to 3: 1 + [opinion >= steps[0]] + [opinion >= steps[1]] for them.
    """
    two, three, five = steps
    return np.where(satisfied, 4 + (opinion >= five), 1 + (opinion >= two) + (opinion >= three))


def recommends(opinion: Array, zero: float, slope: float) -> Array:
    """Likelihood to recommend, 0 to 10: zero + slope * opinion, rounded. 9 and 10 are promoters, 0 to 6 detractors
    (Reichheld 2003, The one number you need to grow, HBR 81(12))."""
    with np.errstate(invalid="ignore"):
        answer = np.nan_to_num(zero + slope * opinion, nan=zero, posinf=10.0, neginf=0.0)
    return np.clip(np.floor(answer + 0.5), 0.0, 10.0)


def effort(weights: Mapping[str, float], burdens: Mapping[str, Array]) -> Array:
    """Customer effort from 1 (none) to 7: 1 + sum of weight * burden, at most 7.

    The burdens, each by case: contact (further contacts), repeat (contacts because it was not solved), transfer (further
    legs), wait (doublings: log2(1 + time in queues / expected first response), at most 10), unsolved (0 or 1).
    """
    with np.errstate(over="ignore"):
        total = sum(weights[name] * burden for name, burden in burdens.items())
    return np.clip(EASIEST + np.asarray(total), EASIEST, HARDEST)


def waiting(waited: Array, expected: Array) -> Array:
    """Doublings of waiting: log2(1 + waited / expected), at most 10; both in seconds."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.clip(np.nan_to_num(np.log2(1 + waited / expected), posinf=MOST_DOUBLINGS), 0.0, MOST_DOUBLINGS)


def answers(u: Array, satisfied: Array, of_satisfied: float, of_unsatisfied: float) -> Array:
    """Whether a customer who is asked answers: the unhappy are usually readier, so measured and true shares differ."""
    return u < np.where(satisfied, of_satisfied, of_unsatisfied)


def churn(satisfied: Array, of_satisfied: Any, of_unsatisfied: Any) -> Array:
    """Probability that a customer leaves for good over a case."""
    return np.where(satisfied, of_satisfied, of_unsatisfied)
