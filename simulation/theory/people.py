"""Exact answers for agents who are not alike: servers of unequal speed, learning curves, spread between persons."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from math import inf, log

import numpy as np

from simulation.theory.erlang import UnstableQueueError, require_positive, require_share


@dataclass(frozen=True)
class UnequalServers:
    """A queue before servers of unequal speed: probability of waiting, mean wait, and by server the share of customers that
    it serves and the share of time that it is busy."""

    waiting: float
    mean_wait: float
    served: tuple[float, ...]
    busy: tuple[float, ...]


def longest_idle(arrival_rate: float, rates: Sequence[float]) -> UnequalServers:
    """M/M/n with exponential servers of the given ``rates``, where the one idle for longest takes who comes (n up to 6).

    A Markov chain over the orders in which servers became idle; while all are busy the queue is geometric with ratio
    arrival_rate / sum(rates), so it needs no states of its own (the flow over each of its levels balances).
    """
    require_positive(arrival_rate=arrival_rate, **{f"rates[{i}]": rate for i, rate in enumerate(rates)})
    total, n = sum(rates), len(rates)
    if arrival_rate >= total:
        raise UnstableQueueError(f"arrivals ({arrival_rate:g}) must be fewer than the servers can take ({total:g})")
    states = [idle for k in range(n + 1) for idle in permutations(range(n), k)]
    number = {idle: i for i, idle in enumerate(states)}
    flow = np.zeros((len(states), len(states)))
    for idle in states:
        if idle:
            flow[number[idle], number[idle[1:]]] += arrival_rate
        for server in set(range(n)) - set(idle):
            flow[number[idle], number[(*idle, server)]] += rates[server]
    share = _stationary(flow)
    ratio = arrival_rate / total
    share[number[()]] /= 1 - ratio  # all states in which everybody is busy
    share /= share.sum()
    waiting = float(share[number[()]])
    busy = [1 - sum(float(share[number[idle]]) for idle in states if server in idle) for server in range(n)]
    served = tuple(one * rate / arrival_rate for one, rate in zip(busy, rates, strict=True))
    return UnequalServers(waiting, waiting / (total - arrival_rate), served, tuple(busy))


def _stationary(flow: np.ndarray) -> np.ndarray:
    """The stationary distribution of a Markov chain with these rates between its states."""
    balance = flow.T - np.diag(flow.sum(axis=1))
    balance[0] = 1.0
    wanted = np.zeros(len(flow))
    wanted[0] = 1.0
    found: np.ndarray = np.linalg.solve(balance, wanted)
    return found


def learned_on_average(starts_at: float, half_life: float, since: float, until: float) -> float:
    """Mean of the learning curve 1 - (1 - starts_at) * 2^(-t / half_life) from tenure ``since`` to ``until`` (s):
    1 - (1 - starts_at) * h * (2^(-since / half_life) - 2^(-until / half_life)) / (until - since), h = half_life / ln 2."""
    require_share(starts_at=starts_at)
    require_positive(half_life=half_life, span=until - since)
    left = 2 ** (-since / half_life) - 2 ** (-until / half_life)
    return 1 - (1 - starts_at) * half_life / log(2) * left / (until - since)


def learned_with_tenure(starts_at: float, half_life: float, mean_tenure: float) -> float:
    """Mean of the learning curve over persons whose tenure is exponential: 1 - (1 - starts_at) / (1 + mean * ln 2 / half_life).

    The tenure of a team in steady state is exponential where everybody is equally likely to leave at any time.
    """
    require_share(starts_at=starts_at)
    require_positive(half_life=half_life)
    return 1 - (1 - starts_at) / (1 + mean_tenure * log(2) / half_life) if mean_tenure < inf else 1.0
