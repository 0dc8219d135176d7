"""Exact answers for deferred work: pauses, wrong queues, questions for news and the backlog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulation.theory.erlang import ErlangC, erlang_c, require_positive, require_share


@dataclass(frozen=True)
class PausedWork:
    """Work in parts: ``visit`` is one stay with the servers, ``visits`` their mean number per contact.

    ``paused`` is the mean number of contacts that wait for others, ``resolution`` the mean time from arrival to end.
    """

    visit: ErlangC
    visits: float
    paused: float
    resolution: float


def paused_work(
    rate: float, service_rate: float, servers: int, probabilities: Sequence[float], lasts: Sequence[float]
) -> PausedWork:
    """Contacts of which a share pauses for each cause (mean time ``lasts``) and comes back to the same servers.

    Every part takes an exponential time of the same mean, whatever came before; a pause takes any time. Then the network
    has a product form (Baskett, Chandy, Muntz & Palacios 1975): the servers are an M/M/n of all visits, the pauses an
    M/G/inf each.
    """
    require_share(**{f"probabilities[{i}]": share for i, share in enumerate(probabilities)})
    visits = 1 + sum(probabilities)
    visit = erlang_c(rate * visits, service_rate, servers)
    away = sum(share * time for share, time in zip(probabilities, lasts, strict=True))
    return PausedWork(visit, visits, rate * away, visits * visit.sojourn + away)


def misfiled(
    rates: Sequence[float], accuracy: float, service_rate: float, servers: Sequence[int]
) -> tuple[ErlangC, ...]:
    """Teams of which each takes one topic: a contact comes to its own with probability ``accuracy``, else to another one
    (evenly), which works in vain and hands it over.

    Work in vain and work proper take an exponential time of the same mean. Then the network has a product form, and team
    i is an M/M/n with the rate of its own topic and of all that is filed with it by mistake.
    """
    require_share(accuracy=accuracy)
    own = np.asarray(rates, dtype=float)
    astray = (1 - accuracy) * (own.sum() - own) / (len(own) - 1)
    stations = zip(own + astray, servers, strict=True)
    return tuple(erlang_c(float(rate), service_rate, count) for rate, count in stations)


def questions(ask_rate: float, resolution_rate: float, probability: float, most: int, prevented: float = 0.0) -> float:
    """Mean number of questions for news per case, asked while it is open.

    Both clocks are exponential and start anew with each question: the next one is asked with the probability that its
    clock rings first, r = probability * ask_rate / (ask_rate + resolution_rate), so the mean is the sum of r^k up to
    ``most``, for the share of customers whom notices do not keep from asking.
    """
    require_positive(ask_rate=ask_rate, resolution_rate=resolution_rate)
    require_share(probability=probability, prevented=prevented)
    first = probability * ask_rate / (ask_rate + resolution_rate)
    return (1 - prevented) * sum(first**k for k in range(1, most + 1))


def mean_age(mean: float, scv: float) -> float:
    """Mean age of what is open at a moment, where it stays open for a time of that mean and squared coefficient of
    variation: E[T^2] / (2 E[T]), the mean age of a renewal process."""
    return mean * (1 + scv) / 2
