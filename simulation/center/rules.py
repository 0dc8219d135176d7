"""The decisions of the model: numbers in, numbers out. No SimPy, no objects, no randomness of their own.

`u` is always one uniform number of (0, 1) that belongs to the case, contact, leg and purpose.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Answer(IntEnum):
    """How a leg with an agent or a bot ends for the case."""

    SOLVED = 0
    ESCALATED = 1
    WRONG = 2


def answer(difficulty: float, reach: float, accuracy: float, u_accuracy: float, sees: bool) -> Answer:
    """What comes of a case of the given difficulty with a handler of the given reach.

    Within reach the answer is right with probability `accuracy`. Beyond it the handler escalates if it *sees*
    that the case is too hard and somebody is above it; otherwise the answer is wrong (and the customer will
    find out).
    """
    if difficulty < reach:
        return Answer.SOLVED if u_accuracy < accuracy else Answer.WRONG
    return Answer.ESCALATED if sees else Answer.WRONG


def tries_again(u: float, probability: float, tries: int, most: int | None) -> bool:
    """Whether a customer redials, or returns, after `tries` earlier ones."""
    return u < probability and (most is None or tries < most)


def handling_time(base: float, speed: float) -> float:
    """Seconds that an agent of the given speed needs for work of `base` seconds."""
    return base / speed


def pace(throughput: float, chats: int) -> float:
    """Work done per second on each of `chats` conversations that an agent holds at once.

    Processor sharing with slowdown: the agent's total throughput is shared equally.
    """
    return throughput / chats


def satisfaction(
    base: float,
    response: Array,
    expected: Array,
    contacts: Array,
    legs: Array,
    solved: Array,
    weights: tuple[float, float, float, float],
) -> Array:
    """Probability that a customer is satisfied, by case (an assumption of the model, first form).

    logit(p) = logit(base) - late * max(0, log2(response / expected)) - contact * (contacts - 1)
    - transfer * (legs - contacts) - unsolved * [not solved]. `response` and `expected` in seconds, the response NaN
    where there was none; doublings count up to 10; `weights` = (late, contact, transfer, unsolved).
    """
    if not 0 < base < 1:
        return np.full(len(response), base)
    late, contact, transfer, unsolved = weights
    with np.errstate(divide="ignore", invalid="ignore"):
        doublings = np.log2(np.where(np.isnan(response), np.inf, response) / expected)
    score = np.log(base / (1 - base)) - late * np.clip(np.nan_to_num(doublings, posinf=10.0), 0.0, 10.0)
    score -= contact * (contacts - 1) + transfer * np.maximum(legs - contacts, 0) + unsolved * ~solved
    return 1 / (1 + np.exp(-np.clip(score, -700.0, 700.0)))
