"""A queue whose arrivals and servers change from interval to interval: M_t/M/s_t + M, and how to staff it for a flat delay.

Under the conventions of ``erlang``: any unit of time, rates a time unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from scipy.stats import poisson

from simulation.theory.erlang import Array, require_positive, require_share

_ROUNDS = 6
"""Where plans alternate, servers are only added from here on."""


@dataclass(frozen=True)
class ChangingQueue:
    """A cycle of intervals that repeats for ever: in each, arrivals at a rate and a number of servers, both constant.

    ``inside`` is the distribution of the number of customers inside, averaged over each interval, shape
    (intervals, states). Servers who leave hand their customers back to the queue, which for exponential services is all
    but the same as finishing first.
    """

    staff: tuple[int, ...]
    inside: Array

    @property
    def p_wait(self) -> Array:
        """Share of the arrivals of each interval who find all servers taken."""
        return np.array([row[servers:].sum() for row, servers in zip(self.inside, self.staff, strict=True)])


def changing_queue(
    rates: Sequence[float], staff: Sequence[int], interval: float, service_rate: float, abandon_rate: float
) -> ChangingQueue:
    """Solve the forward equations of M_t/M/s_t + M interval by interval until the cycle repeats itself."""
    require_positive(interval=interval, service_rate=service_rate, abandon_rate=abandon_rate)
    most = _most_inside(rates, service_rate, abandon_rate)
    state, inside = np.eye(most + 1)[0], np.empty((len(rates), most + 1))
    while True:
        began = state
        for index, (rate, servers) in enumerate(zip(rates, staff, strict=True)):
            numbers = np.arange(most + 1)
            leaving = np.minimum(numbers, servers) * service_rate + np.maximum(numbers - servers, 0) * abandon_rate
            state, inside[index] = _after(state, rate, leaving, interval)
        if abs(state - began).sum() < 1e-8:
            return ChangingQueue(tuple(staff), inside)


def _after(state: Array, rate: float, leaving: Array, time: float) -> tuple[Array, Array]:
    """The distribution after some time, and its mean over that time, by uniformization (Jensen 1953): a Poisson number of
    jumps of a chain in discrete time."""
    pace = rate + leaving[-1]
    most = int(pace * time + 9 * np.sqrt(pace * time) + 20)
    jumps = poisson.pmf(np.arange(most), pace * time)
    left = poisson.sf(np.arange(most), pace * time) / (pace * time)
    after, mean = np.zeros(len(state)), np.zeros(len(state))
    for jump, more in zip(jumps.tolist(), left.tolist(), strict=True):
        after += jump * state
        mean += more * state
        stays = state * (1 - (rate + leaving) / pace)
        stays[-1] += state[-1] * rate / pace  # who would come to the last state stays out
        stays[1:] += state[:-1] * (rate / pace)
        stays[:-1] += state[1:] * (leaving[1:] / pace)
        state = stays
    return after, mean


def _most_inside(rates: Sequence[float], service_rate: float, abandon_rate: float) -> int:
    """A number inside that is all but never reached: that of a queue in which all leave at the slower of the two rates."""
    load = max(rates) / min(service_rate, abandon_rate)
    return int(load + 10 * np.sqrt(load) + 20)


def isa_staffing(
    rates: Sequence[float], interval: float, service_rate: float, abandon_rate: float, p_wait: float
) -> tuple[int, ...]:
    """Fewest servers in each interval of a cycle for a share ``p_wait`` of arrivals who wait, at most, in each.

    The iterative staffing algorithm of Feldman, Mandelbaum, Massey & Whitt (2008): begin with servers for everybody; take
    for each interval the smallest number that is exceeded or met by those inside with probability ``p_wait`` at most; work
    out who is inside with these servers; go on until nothing changes.
    """
    require_share(p_wait=p_wait)
    most = _most_inside(rates, service_rate, abandon_rate)
    staff: tuple[int, ...] = (most,) * len(rates)
    for round_ in count():
        inside = changing_queue(rates, staff, interval, service_rate, abandon_rate).inside
        tails = np.cumsum(inside[:, ::-1], axis=1)[:, ::-1]
        needed = tuple(int(np.argmax(tail <= p_wait)) for tail in tails)
        if round_ > _ROUNDS:
            needed = tuple(map(max, needed, staff))
        if needed == staff:
            break
        staff = needed
    return staff
