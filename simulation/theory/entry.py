"""Queues whose customers hear the wait: who stays, how good the announcement is, whether it is kept; overflow traffic.

Rates are per unit of time; times are in that unit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import exp

import numpy as np
import numpy.typing as npt

from simulation.theory.erlang import (
    birth_death,
    blocking,
    require_positive,
    require_servers,
    require_share,
    require_stable,
)

Array = npt.NDArray[np.float64]
Staying = Callable[[int], float]
"""Share of customers who stay, by how many they find waiting."""
_ROOM = 4000
_NEGLIGIBLE = 1e-14


@dataclass(frozen=True)
class BalkingQueue:
    """M/M/n(+M) with balking by the number that wait.

    `p_wait`, `p_balk` and `p_abandon` are over all offered, `wait` is the mean time in queue of all offered, who
    balks counted with nothing; `queue` is the mean number waiting, `probabilities` the chance of 0, 1, … inside.
    """

    p_wait: float
    p_balk: float
    p_abandon: float
    wait: float
    queue: float
    utilization: float
    probabilities: Array = field(repr=False, compare=False)


def balking_queue(
    rate: float, service_rate: float, servers: int, stays: Staying, abandon_rate: float = 0.0
) -> BalkingQueue:
    """A customer who finds all busy and k others waiting joins with probability ``stays(k)``. Exact: birth and death.

    Ancker & Gafarian 1963, "Some queuing problems with balking and reneging", Operations Research 11:88-100.
    """
    require_positive(rate=rate, service_rate=service_rate)
    require_servers(servers)
    births = [rate] * servers
    while stays(len(births) - servers) > _NEGLIGIBLE and len(births) < servers + _ROOM:
        births.append(rate * stays(len(births) - servers))
    states = np.arange(len(births) + 1, dtype=float)
    waiting = np.maximum(states - servers, 0.0)
    deaths = np.minimum(states, servers) * service_rate + waiting * abandon_rate
    probabilities = birth_death(np.array(births), deaths[1:])
    leaves = np.array([0.0] * servers + [1 - stays(k) for k in range(len(states) - servers)])
    queue = float(probabilities @ waiting)
    return BalkingQueue(
        p_wait=float(probabilities[servers:].sum()),
        p_balk=float(probabilities @ leaves),
        p_abandon=abandon_rate * queue / rate,
        wait=queue / rate,
        queue=queue,
        utilization=float(probabilities @ np.minimum(states, servers)) / servers,
        probabilities=probabilities,
    )


def tolerates(service_rate: float, servers: int, tolerance: float) -> Staying:
    """Who stays when (k + 1) / (n mu) is announced to customers with exponential tolerances of that mean."""
    require_positive(service_rate=service_rate, tolerance=tolerance)
    return lambda ahead: exp(-(ahead + 1) / (servers * service_rate * tolerance))


def promise_kept(rate: float, service_rate: float, servers: int, leeway: float) -> float:
    """The share of announced waits (k + 1) / (n mu) in M/M/n that are exceeded by no more than a share ``leeway``.

    Who finds k waiting waits for an Erlang time of k + 1 phases; k is geometric where all are busy.
    """
    from scipy.special import gammainc

    require_positive(rate=rate, service_rate=service_rate)
    load = rate / service_rate
    require_stable(load, servers)
    rho = load / servers
    ahead = np.arange(int(np.log(_NEGLIGIBLE) / np.log(rho)) + 1)
    return float(np.sum((1 - rho) * rho**ahead * gammainc(ahead + 1, (ahead + 1) * (1 + leeway))))


@dataclass(frozen=True)
class AnnouncementErrors:
    """Mean squared errors (time squared) of announced waits in M/M/n, over all who have to wait."""

    queue_length: float
    head_of_line: float


def announcement_errors(rate: float, service_rate: float, servers: int) -> AnnouncementErrors:
    """By queue length 1 / ((1 - rho) (n mu)^2), and twice that by the wait of the first in line, whatever the load.

    Where all are busy the number K waiting is geometric. By queue length (K + 1) / (n mu) is announced, and the wait is
    Erlang with K + 1 phases: the squared error is E[K + 1] / (n mu)^2. Where K > 0 the first in line has waited for an
    exponential time H of rate n mu - lambda, during which Poisson(lambda H) others came; the wait then has
    Poisson(lambda H) + 2 phases. (Ibrahim & Whitt 2009, "Real-time delay estimation based on delay history",
    M&SOM 11:397-415, have the ratio c_a^2 + 1 in heavy traffic.)
    """
    require_positive(rate=rate, service_rate=service_rate)
    load = rate / service_rate
    require_stable(load, servers)
    least = 1 / ((1 - load / servers) * (servers * service_rate) ** 2)
    return AnnouncementErrors(least, 2 * least)


def wait_behind_head(waited: Array, rate: float, service_rate: float, servers: int) -> tuple[Array, Array]:
    """Mean and variance in M/M/n of the wait of who comes when the first in line has waited for so long.

    Poisson(lambda waited) others stand between them: the wait has so many phases and two more.
    """
    drain = servers * service_rate
    between = rate * np.asarray(waited, dtype=float)
    return (between + 2) / drain, (2 * between + 2) / drain**2


@dataclass(frozen=True)
class Overflow:
    """Calls in progress on lines without limit that take what others turn away: mean and variance."""

    mean: float
    variance: float


def overflow(load: float, servers: int, share: float = 1.0) -> Overflow:
    """The traffic that a loss system of ``servers`` lines turns away, of which a ``share`` comes (same mean holding time).

    Kosten's system: mean M = a B and variance M (1 - M + a / (n + 1 - a + M)) (Riordan, in Wilkinson 1956, "Theories for
    toll traffic engineering in the U.S.A.", Bell System Technical Journal 35:421-514). Thinned, the factorial moments
    of the number in progress are multiplied by the share and its square.
    """
    require_share(share=share)
    mean = load * blocking(load, servers)
    variance = mean * (1 - mean + load / (servers + 1 - load + mean))
    pairs = variance - mean + mean**2
    return Overflow(share * mean, share**2 * pairs + share * mean - (share * mean) ** 2)
