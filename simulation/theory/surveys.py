"""What a survey says of customers whose opinion is known, and the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import exp, inf


def measured_share(share: float, of_satisfied: float, of_unsatisfied: float) -> float:
    """The share of positive answers where the satisfied and the others answer with different probabilities.

    p * a / (p * a + (1 - p) * b): Bayes' rule. nan where nobody answers.
    """
    happy, unhappy = share * of_satisfied, (1 - share) * of_unsatisfied
    return happy / (happy + unhappy) if happy + unhappy else float("nan")


def true_share(measured: float, of_satisfied: float, of_unsatisfied: float) -> float:
    """The share of satisfied customers behind a measured one: the inverse of `measured_share`."""
    happy, unhappy = measured * of_unsatisfied, (1 - measured) * of_satisfied
    return happy / (happy + unhappy) if happy + unhappy else float("nan")


def logistic(value: float) -> float:
    """1 / (1 + exp(-value))."""
    return 1 / (1 + exp(-value)) if value > -700 else 0.0


def ordered_logit(score: float, thresholds: Sequence[float]) -> list[float]:
    """Probabilities of the grades 0, 1, … of an ordered logit: a grade begins at each threshold, ascending.

    P(grade >= k) = logistic(score - thresholds[k - 1]) (McCullagh 1980).
    """
    above = [1.0, *(logistic(score - limit) if limit < inf else 0.0 for limit in thresholds), 0.0]
    return [here - beyond for here, beyond in pairwise(above)]


def net_promoter(score: float, zero: float, slope: float) -> float:
    """Net promoter score (-1 to 1) where answers are zero + slope * (score + logistic noise), rounded: the share of 9
    and 10 less that of 0 to 6."""
    if not slope:
        return float(zero >= 8.5) - float(zero < 6.5)
    return logistic(score - (8.5 - zero) / slope) - (1 - logistic(score - (6.5 - zero) / slope))
