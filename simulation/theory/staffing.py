"""How many servers: for one interval at constant load, and for a load that changes with time.

Under the conventions of ``erlang``: any unit of time, rates a time unit, loads in erlangs (rate / service
rate).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from simulation.theory.erlang import (
    Array,
    ErlangC,
    ImpatientQueue,
    ServiceLevelFormula,
    erlang_a,
    erlang_c,
    garnett_p_wait,
    halfin_whitt_p_wait,
    require_positive,
    require_share,
)

_MOST_SERVERS = 1_000_000


# -------------------------------------------------------------------------------------- one interval


@dataclass(frozen=True)
class Goal:
    """Bounds that must all hold; None asks nothing.

    * ``service_level``: least share answered within ``within``, by ``formula`` where customers abandon,
    * ``wait``: greatest mean wait of answered contacts (ASA),
    * ``p_wait``: greatest P(all servers busy on arrival),
    * ``abandonment``: greatest share of abandoned contacts,
    * ``occupancy``: greatest share of time that a server is busy.
    """

    service_level: float | None = None
    within: float = 0.0
    wait: float | None = None
    p_wait: float | None = None
    abandonment: float | None = None
    occupancy: float | None = None
    formula: ServiceLevelFormula = "offered_less_early_abandons"

    def __post_init__(self) -> None:
        shares = ("service_level", "p_wait", "abandonment", "occupancy")
        asked = {name: getattr(self, name) for name in shares if getattr(self, name) is not None}
        require_share(**asked)

    def is_met_by(self, queue: ErlangC | ImpatientQueue) -> bool:
        """Whether a queue in steady state keeps every bound."""
        if isinstance(queue, ErlangC):
            wait, abandonment = queue.wait, 0.0
        else:
            wait, abandonment = queue.wait_served, queue.p_abandon
        return (
            _at_most(wait, self.wait)
            and _at_most(queue.p_wait, self.p_wait)
            and _at_most(abandonment, self.abandonment)
            and _at_most(queue.utilization, self.occupancy)
            and (self.service_level is None or self._level(queue) >= self.service_level)
        )

    def _level(self, queue: ErlangC | ImpatientQueue) -> float:
        if isinstance(queue, ErlangC):
            return queue.service_level(self.within)
        return queue.service_level(self.within, self.formula)


def _at_most(value: float, bound: float | None) -> bool:
    return bound is None or value <= bound


def servers_needed(rate: float, service_rate: float, goal: Goal, abandon_rate: float = 0.0) -> int:
    """Fewest servers that meet ``goal``, under Erlang C, or Erlang A where ``abandon_rate`` is above 0.

    Every measure of a ``Goal`` improves with each server, so bisection finds the answer. Raises
    ``ValueError`` when no number of servers can meet the goal.
    """
    require_positive(rate=rate, service_rate=service_rate)
    load = rate / service_rate
    if abandon_rate > 0:
        return fewest(lambda servers: goal.is_met_by(erlang_a(rate, service_rate, servers, abandon_rate)), 1, load)
    return fewest(lambda servers: goal.is_met_by(erlang_c(rate, service_rate, servers)), math.floor(load) + 1, load)


def fewest(is_enough: Callable[[int], bool], least: int, guess: float = 1.0) -> int:
    """The smallest whole number from ``least`` on for which ``is_enough``, which must stay true once it is.

    Raises ``ValueError`` when not even a million are enough.
    """
    low, high = least - 1, max(least, math.ceil(guess))
    step = max(1, math.ceil(math.sqrt(guess)))
    while not is_enough(high):
        if high > _MOST_SERVERS:
            raise ValueError(
                "No number of servers meets the goal. Loosen it: shares of exactly 0 or 1 are never reached."
            )
        low, high, step = high, high + step, 2 * step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def square_root_staffing(load: float, beta: float) -> int:
    """load + ``beta`` sqrt(load), rounded up (Erlang 1924; Halfin & Whitt 1981)."""
    require_positive(load=load)
    return math.ceil(load + beta * math.sqrt(load))


def halfin_whitt_beta(p_wait: float) -> float:
    """The beta of square-root staffing for a limiting P(wait) without abandonment (Halfin & Whitt 1981)."""
    return _falling_root(halfin_whitt_p_wait, p_wait, 1e-12, 40.0)


def garnett_beta(p_wait: float, patience_ratio: float) -> float:
    """The same with abandonment (Garnett et al. 2002); ``patience_ratio`` = abandon rate / service rate."""
    return _falling_root(lambda beta: garnett_p_wait(beta, patience_ratio), p_wait, -35.0, 35.0)


def _falling_root(function: Callable[[float], float], value: float, low: float, high: float) -> float:
    require_share(p_wait=value)
    if not 0 < value < 1:
        raise ValueError(f"p_wait is {value}, but square-root staffing needs one above 0 and below 1.")
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) > value else (low, middle)
    return high


# ------------------------------------------------------------------------------------ loads that change


@dataclass(frozen=True)
class Wave:
    """The rate ``mean`` + ``amplitude`` sin(``frequency`` t + ``phase``), in radians (a time unit)."""

    mean: float
    amplitude: float
    frequency: float
    phase: float = 0.0

    def __post_init__(self) -> None:
        require_positive(frequency=self.frequency)

    def at(self, time: float) -> float:
        """The value at ``time``."""
        return self.mean + self.amplitude * math.sin(self.frequency * time + self.phase)

    def integral(self, start: float, end: float) -> float:
        """Integral from ``start`` to ``end``: the mean (and variance) of the Poisson number of arrivals."""
        turn = math.cos(self.frequency * start + self.phase) - math.cos(self.frequency * end + self.phase)
        return self.mean * (end - start) + self.amplitude * turn / self.frequency


def wave_load(rate: Wave, service_rate: float) -> Wave:
    """Mean number of busy servers of M_t/M/inf, itself a wave: damped and late (Eick, Massey & Whitt 1993).

    The number is Poisson, so this is its variance as well.
    """
    require_positive(service_rate=service_rate)
    damping = math.hypot(service_rate, rate.frequency)
    delay = math.atan2(rate.frequency, service_rate)
    return Wave(rate.mean / service_rate, rate.amplitude / damping, rate.frequency, rate.phase - delay)


def erlang_r_wave_loads(rate: Wave, service_rate: float, return_prob: float, return_rate: float) -> tuple[Wave, Wave]:
    """Offered loads (with the servers, between two visits) of Erlang-R under a wave of arrivals.

    The linear equations of the (M_t/M/inf)^2 network of Yom-Tov & Mandelbaum (2014), solved at the wave's
    frequency.
    """
    require_positive(service_rate=service_rate, return_rate=return_rate, final_share=1 - return_prob)
    flow = np.array([[service_rate, -return_rate], [-return_prob * service_rate, return_rate]])
    level = np.linalg.solve(flow, [rate.mean, 0.0])
    swing = np.linalg.solve(flow + 1j * rate.frequency * np.eye(2), [rate.amplitude + 0j, 0.0])
    needy, content = (
        Wave(float(mean), abs(turn), rate.frequency, rate.phase + float(np.angle(turn)))
        for mean, turn in zip(level, swing, strict=True)
    )
    return needy, content


def interval_loads(rates: Sequence[float], interval: float, service_rate: float, start: float | None = None) -> Array:
    """Mean busy servers of M_t/M/inf, averaged over each interval, for rates constant within intervals.

    ``start`` is the mean number busy at the beginning; None takes the rates as a cycle that repeats for ever.
    """
    require_positive(interval=interval, service_rate=service_rate)
    targets = np.asarray(rates, dtype=float) / service_rate
    kept = math.exp(-service_rate * interval)
    if start is None:
        weights = kept ** np.arange(len(targets) - 1, -1, -1)
        start = float((1 - kept) * weights @ targets / -math.expm1(-service_rate * interval * len(targets)))
    loads, busy = np.empty(len(targets)), start
    for i, target in enumerate(targets):
        loads[i] = target + (busy - target) * (1 - kept) / (service_rate * interval)
        busy = target + (busy - target) * kept
    return loads


def servers_over_time(
    loads: Sequence[float], service_rate: float, p_wait: float, abandon_rate: float = 0.0
) -> tuple[int, ...]:
    """Fewest servers at each of several times for P(wait) of at most ``p_wait``, by modified offered load.

    At each time the load of M_t/M/inf takes the place of the load of a stationary Erlang A, or Erlang C where
    ``abandon_rate`` is 0 (Jennings, Mandelbaum, Massey & Whitt 1996). With ``abandon_rate`` equal to
    ``service_rate`` the number inside is Poisson and the answer exact, as Feldman et al. (2008) iterate to.
    """
    goal = Goal(p_wait=p_wait)
    return tuple(servers_needed(load * service_rate, service_rate, goal, abandon_rate) for load in loads)
