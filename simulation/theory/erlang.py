"""Erlang's formulas and their descendants: loss, delay, finite room and abandonment.

Numbers in, numbers out. Any unit of time will do as long as all rates and durations share it:

* ``rate``: arrivals a time unit (Poisson),
* ``service_rate``: contacts one busy server finishes a time unit (1 / mean handling time),
* ``servers``: whole number of servers,
* ``abandon_rate``: 1 / mean patience of exponential patience.

Probabilities and shares lie in 0..1. Impossible input raises ``ValueError``; a queue that would grow
without bound raises its subclass ``UnstableQueueError``.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Survival = Callable[[Array], Array]
ServiceLevelFormula = Literal[
    "offered_less_early_abandons",
    "offered",
    "served",
    "served_plus_late_abandons",
    "early_abandons_count_as_good",
]
Order = Literal["fcfs", "lcfs", "random"]

_NODES_A_PANEL = 16
_NEGLIGIBLE_LOG = 46.0  # exp(-46) = 1e-20


class UnstableQueueError(ValueError):
    """More work arrives than the servers can ever do."""


def require_positive(**values: float) -> None:
    """Raise ``ValueError`` naming each of ``values`` that is not a finite number above 0."""
    for name, value in values.items():
        if not (value > 0 and math.isfinite(value)):
            raise ValueError(f"{name} is {value}, but must be a finite number above 0.")


def require_share(**values: float) -> None:
    """Raise ``ValueError`` naming each of ``values`` outside 0..1."""
    for name, value in values.items():
        if not 0 <= value <= 1:
            raise ValueError(f"{name} is {value}, but must be a share between 0 and 1.")


def require_quantile(share: float) -> None:
    """Raise ``ValueError`` unless 0 <= ``share`` < 1, as the quantile of a wait needs."""
    if not 0 <= share < 1:
        raise ValueError(f"share is {share}, but the quantile of a wait needs a share in 0..1, below 1.")


def require_servers(servers: int) -> None:
    """Raise ``ValueError`` unless ``servers`` is a whole number of at least 1."""
    if servers != int(servers) or servers < 1:
        raise ValueError(f"servers is {servers}, but must be a whole number of at least 1.")


def require_stable(load: float, servers: int) -> None:
    """Raise ``UnstableQueueError`` unless the offered ``load`` (erlangs) is below ``servers``."""
    if load >= servers:
        raise UnstableQueueError(
            f"An offered load of {load:g} erlangs needs more than {servers} servers: where nobody abandons,"
            f" the queue grows without bound. Give at least {math.floor(load) + 1}, or let customers abandon."
        )


# ---------------------------------------------------------------------------------------------- loss


@dataclass(frozen=True)
class ErlangB:
    """M/G/n/n: no waiting room. ``carried_load`` is the mean number of busy servers."""

    load: float
    servers: int
    p_block: float
    carried_load: float
    utilization: float


def erlang_b(rate: float, service_rate: float, servers: int) -> ErlangB:
    """Erlang's loss formula (Erlang 1917), exact for any service law of mean 1 / ``service_rate``."""
    require_positive(rate=rate, service_rate=service_rate)
    require_servers(servers)
    load = rate / service_rate
    p_block = blocking(load, servers)
    carried = load * (1 - p_block)
    return ErlangB(load, servers, p_block, carried, carried / servers)


def blocking(load: float, servers: int) -> float:
    """Share of arrivals lost by ``servers`` servers without a queue under ``load`` erlangs."""
    return 1 / inverse_blocking(load, servers)


def inverse_blocking(load: float, servers: int) -> float:
    """1 / B(n, a) by the recursion 1/B(n) = 1 + n / (a B(n-1)); only grows, so it loses no digits."""
    inverse = 1.0
    for count in range(1, servers + 1):
        inverse = 1 + inverse * count / load
    return inverse


# --------------------------------------------------------------------------------------------- delay


@dataclass(frozen=True)
class ErlangC:
    """M/M/n, first come first served: everybody waits for as long as it takes.

    ``wait`` is the mean over all contacts, ``wait_if_waiting`` over those that wait, ``queue`` the mean
    number waiting, ``sojourn`` the mean wait plus service, ``system`` the mean number waiting or served.
    """

    rate: float
    service_rate: float
    servers: int
    p_wait: float
    wait: float
    wait_if_waiting: float
    queue: float
    sojourn: float
    system: float
    utilization: float

    def wait_exceeds(self, time: float) -> float:
        """P(wait > ``time``)."""
        return 1.0 if time < 0 else self.p_wait * math.exp(-time / self.wait_if_waiting)

    def service_level(self, time: float) -> float:
        """P(wait <= ``time``)."""
        return 1 - self.wait_exceeds(time)

    def wait_quantile(self, share: float) -> float:
        """The shortest time within which at least ``share`` (below 1) of the contacts are answered."""
        require_quantile(share)
        return max(0.0, self.wait_if_waiting * math.log(self.p_wait / (1 - share))) if self.p_wait else 0.0

    def wait_variance(self, order: Order = "fcfs") -> float:
        """Variance of the wait when the queue is served in the given ``order``; the mean is the same in all.

        Kingman (1962): E[W^2] grows by 1 / (1 - u) last come first served and by 1 / (1 - u / 2) in random
        order, u being the utilization. He has one server; all n busy, M/M/n is an M/M/1 n times as fast.
        """
        stretch = {"fcfs": 1.0, "lcfs": 1 - self.utilization, "random": 1 - self.utilization / 2}[order]
        return 2 * self.p_wait * self.wait_if_waiting**2 / stretch - self.wait**2


def erlang_c(rate: float, service_rate: float, servers: int) -> ErlangC:
    """Erlang's delay formula (Erlang 1917). Raises ``UnstableQueueError`` at or above full load."""
    require_positive(rate=rate, service_rate=service_rate)
    require_servers(servers)
    load = rate / service_rate
    require_stable(load, servers)
    lost = blocking(load, servers)
    p_wait = lost / (1 - load / servers * (1 - lost))
    wait_if_waiting = 1 / (service_rate * (servers - load))
    wait = p_wait * wait_if_waiting
    return ErlangC(
        rate=rate,
        service_rate=service_rate,
        servers=servers,
        p_wait=p_wait,
        wait=wait,
        wait_if_waiting=wait_if_waiting,
        queue=rate * wait,
        sojourn=wait + 1 / service_rate,
        system=rate * wait + load,
        utilization=load / servers,
    )


# -------------------------------------------------------------------------------------- service level


def service_level_ratio(
    formula: ServiceLevelFormula,
    *,
    offered: float,
    served: float,
    served_within: float,
    abandoned: float,
    abandoned_within: float,
) -> float:
    """The service level from five counts (or shares), by one of the usual formulas.

    * ``offered_less_early_abandons``: served within / (offered - abandoned within),
    * ``offered``: served within / offered,
    * ``served``: served within / served,
    * ``served_plus_late_abandons``: served within / (served + abandoned later). The same as the first unless
      some contacts are blocked or unfinished,
    * ``early_abandons_count_as_good``: (served within + abandoned within) / offered.

    Nan where the denominator is 0.
    """
    good = served_within
    if formula == "early_abandons_count_as_good":
        good += abandoned_within
    base = {
        "offered_less_early_abandons": offered - abandoned_within,
        "offered": offered,
        "served": served,
        "served_plus_late_abandons": served + abandoned - abandoned_within,
        "early_abandons_count_as_good": offered,
    }[formula]
    return good / base if base > 0 else math.nan


# ---------------------------------------------------------------------------------------- abandonment


@dataclass(frozen=True)
class _Panels:
    """Gauss-Legendre nodes on consecutive panels, with the survival S and its integral at every node."""

    time: Array
    weight: Array
    survival: Array
    area: Array


@lru_cache(maxsize=1)
def _legendre() -> tuple[Array, Array, Array]:
    """Nodes and weights on [-1, 1], and the matrix that integrates node values from -1 up to each node."""
    polynomials = np.polynomial.legendre
    nodes, weights = (np.asarray(values) for values in polynomials.leggauss(_NODES_A_PANEL))
    to_coefficients = np.linalg.inv(polynomials.legvander(nodes, _NODES_A_PANEL - 1))
    integrals = polynomials.legint(to_coefficients, lbnd=-1, axis=0)
    return nodes, weights, np.asarray(polynomials.legvander(nodes, _NODES_A_PANEL) @ integrals)


def _panels(edges: Array, survival: Survival) -> _Panels:
    nodes, weights, running = _legendre()
    half = np.diff(edges)[:, None] / 2
    time = edges[:-1, None] + half * (1 + nodes)
    alive = np.asarray(survival(time), dtype=float)
    whole = np.sum(half * weights * alive, axis=1)
    before = np.concatenate(([0.0], np.cumsum(whole)[:-1]))
    area = before[:, None] + half * (alive @ running.T)
    return _Panels(time.ravel(), (half * weights).ravel(), alive.ravel(), area.ravel())


@dataclass(frozen=True)
class OfferedWait:
    """The wait that a customer of endless patience would meet, given that it is above 0, in M/M/n+G.

    Its density is proportional to exp(rate H(x) - drain x), with H the integral of the survival function of
    patience and ``drain`` = servers x service rate (Baccelli & Hebuterne 1981). It has one peak, as S falls.
    """

    rate: float
    drain: float
    survival: Survival
    edges: Array

    @staticmethod
    def locate(rate: float, drain: float, survival: Survival, kinks: Sequence[float]) -> "OfferedWait":
        """Find where the density lives and lay panels there: even ones across it, finer ones towards 0."""
        low, high = _density_range(rate, drain, survival, kinks)
        return OfferedWait(rate, drain, survival, _edges(low, high, kinks))

    @cached_property
    def panels(self) -> _Panels:
        """The integration grid with survival and its integral."""
        return _panels(self.edges, self.survival)

    @cached_property
    def log_peak(self) -> float:
        """Logarithm of the greatest value of the unscaled density, which is 1 at time 0."""
        return max(0.0, float(np.max(self._log_density(self.panels))))

    @cached_property
    def mass(self) -> float:
        """Integral of the density scaled to a peak of 1 (the J of Zeltyn & Mandelbaum 2005, scaled)."""
        return self._integral(self.panels, np.ones_like(self.panels.time))

    def mean(self, values: Array) -> float:
        """Mean of ``values``, given at the nodes of ``panels``."""
        return self._integral(self.panels, values) / self.mass

    def split_at(self, time: float) -> tuple[float, float, float]:
        """P(V <= time, patience > V), P(V <= time, patience <= V) and P(V > time) of the offered wait V."""
        edges = np.union1d(self.edges, [min(time, self.edges[-1])])
        panels = _panels(edges, self.survival)
        early = panels.time <= time
        served = self._integral(panels, early * panels.survival)
        lost = self._integral(panels, early * (1 - panels.survival))
        late = self._integral(panels, np.where(early, 0.0, 1.0))
        return served / self.mass, lost / self.mass, late / self.mass

    def _log_density(self, panels: _Panels) -> Array:
        return self.rate * panels.area - self.drain * panels.time

    def _integral(self, panels: _Panels, values: Array) -> float:
        return float(np.sum(panels.weight * values * np.exp(self._log_density(panels) - self.log_peak)))


def _edges(low: float, high: float, kinks: Sequence[float]) -> Array:
    even = np.linspace(low, high, 49)
    towards_zero = high * np.geomspace(1e-10, 1, 41)
    inside = [kink for kink in kinks if 0 < kink < high]
    return np.unique(np.concatenate(([0.0], towards_zero, even, inside)))


def _density_range(rate: float, drain: float, survival: Survival, kinks: Sequence[float]) -> tuple[float, float]:
    """First and last time at which the density is more than 1e-20 of its peak, or a little beyond."""
    high = _NEGLIGIBLE_LOG / drain
    for _ in range(120):
        panels = _panels(_edges(0.0, high, kinks), survival)
        log_density = rate * panels.area - drain * panels.time
        floor = max(0.0, float(np.max(log_density))) - _NEGLIGIBLE_LOG
        if log_density[-1] < floor:
            alive = np.flatnonzero(log_density >= floor)
            first, last = max(alive[0] - 1, 0), min(alive[-1] + 1, len(log_density) - 1)
            return float(panels.time[first]), float(panels.time[last])
        high *= 2
    raise UnstableQueueError(
        f"Of {rate:g} arrivals a time unit more than {drain:g} never give up, and that is all the servers"
        " can do: the queue grows without bound. Add servers or let everybody's patience end."
    )


@dataclass(frozen=True)
class ImpatientQueue:
    """M/M/n+G, first come first served: a customer leaves when patience ends before service begins.

    ``p_wait`` is P(all servers busy on arrival), balking customers included; ``wait`` the mean over all
    customers, ``wait_served`` and ``wait_abandoned`` over those who were served and those who left;
    ``queue`` the mean number waiting, ``busy`` the mean number of busy servers, ``throughput`` the contacts
    served a time unit.
    """

    rate: float
    service_rate: float
    servers: int
    p_wait: float
    p_abandon: float
    wait: float
    wait_served: float
    wait_abandoned: float
    queue: float
    busy: float
    utilization: float
    throughput: float
    offered_wait: OfferedWait = field(repr=False, compare=False)

    def wait_exceeds(self, time: float) -> float:
        """P(wait > ``time``), whether service or departure ends the wait."""
        if time < 0:
            return 1.0
        return self.p_wait * self.offered_wait.split_at(time)[2] * self._patience_exceeds(time)

    def served_within(self, time: float) -> float:
        """P(served, after a wait of at most ``time``)."""
        return 0.0 if time < 0 else 1 - self.p_wait + self.p_wait * self.offered_wait.split_at(time)[0]

    def abandoned_within(self, time: float) -> float:
        """P(abandoned, after a wait of at most ``time``)."""
        if time < 0:
            return 0.0
        _, lost, late = self.offered_wait.split_at(time)
        return self.p_wait * (lost + late * (1 - self._patience_exceeds(time)))

    def service_level(self, time: float, formula: ServiceLevelFormula = "offered_less_early_abandons") -> float:
        """Service level for the threshold ``time``; ``service_level_ratio`` explains the formulas."""
        return service_level_ratio(
            formula,
            offered=1,
            served=1 - self.p_abandon,
            served_within=self.served_within(time),
            abandoned=self.p_abandon,
            abandoned_within=self.abandoned_within(time),
        )

    def wait_quantile(self, share: float) -> float:
        """The shortest time by which at least ``share`` (below 1) of the customers have stopped waiting."""
        require_quantile(share)
        low, high = 0.0, float(self.offered_wait.edges[-1])
        if self.wait_exceeds(low) <= 1 - share:
            return low
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (low, middle) if self.wait_exceeds(middle) <= 1 - share else (middle, high)
        return high

    def _patience_exceeds(self, time: float) -> float:
        return float(self.offered_wait.survival(np.array([time], dtype=float))[0])


def mmn_g(
    rate: float, service_rate: float, servers: int, survival: Survival, kinks: Sequence[float] = ()
) -> ImpatientQueue:
    """M/M/n+G for any law of patience (Baccelli & Hebuterne 1981; Zeltyn & Mandelbaum 2005).

    ``survival`` maps an array of times (at least 0) to P(patience > time), so that 1 - survival(0) is the
    share who balk when they would have to wait. ``kinks`` are the times at which it jumps or bends: exactness
    hangs on them.
    Raises ``UnstableQueueError`` when those who never give up are too many.
    """
    require_positive(rate=rate, service_rate=service_rate)
    require_servers(servers)
    drain = servers * service_rate
    offered = OfferedWait.locate(rate, drain, survival, kinks)
    grid = offered.panels
    free = inverse_blocking(rate / service_rate, servers - 1) * math.exp(-offered.log_peak)
    p_wait = rate * offered.mass / (free + rate * offered.mass)
    left = offered.mean(1 - grid.survival)
    wait_of_served = offered.mean(grid.time * grid.survival)
    wait = offered.mean(grid.area)
    p_abandon = p_wait * left
    busy = min(servers, rate * (1 - p_abandon) / service_rate)  # rounding must not exceed the whole
    return ImpatientQueue(
        rate=rate,
        service_rate=service_rate,
        servers=servers,
        p_wait=p_wait,
        p_abandon=p_abandon,
        wait=p_wait * wait,
        wait_served=p_wait * wait_of_served / (1 - p_abandon),
        wait_abandoned=max(0.0, wait - wait_of_served) / left if left > 0 else 0.0,
        queue=rate * p_wait * wait,
        busy=busy,
        utilization=busy / servers,
        throughput=busy * service_rate,
        offered_wait=offered,
    )


def erlang_a(rate: float, service_rate: float, servers: int, abandon_rate: float) -> ImpatientQueue:
    """Erlang A, M/M/n+M: exponential patience of mean 1 / ``abandon_rate`` (Palm 1957)."""
    require_positive(abandon_rate=abandon_rate)
    return mmn_g(rate, service_rate, servers, exponential_patience(abandon_rate))


def exponential_patience(abandon_rate: float) -> Survival:
    """Survival function of exponential patience with mean 1 / ``abandon_rate``."""
    return lambda time: np.asarray(np.exp(-abandon_rate * time))


def fixed_patience(length: float) -> Survival:
    """Survival function of a patience that always ends at ``length``; pass ``kinks=[length]`` with it."""
    return lambda time: np.where(time < length, 1.0, 0.0)


def with_balking(p_balk: float, survival: Survival) -> Survival:
    """Survival function when a share ``p_balk`` balks at any wait and the others follow ``survival``."""
    require_share(p_balk=p_balk)
    return lambda time: (1 - p_balk) * survival(time)


# ----------------------------------------------------------------------------------------- finite room


def birth_death(births: Array, deaths: Array) -> Array:
    """Stationary probabilities of states 0..K from up-rates of 0..K-1 and down-rates of 1..K."""
    log_weights = np.concatenate(([0.0], np.cumsum(np.log(births) - np.log(deaths))))
    weights = np.exp(log_weights - np.max(log_weights))
    return np.asarray(weights / np.sum(weights))


@dataclass(frozen=True)
class WaitingLine:
    """What becomes of a customer who finds all servers busy and ``ahead`` others waiting (array or number).

    All have exponential patience, of rate theta = ``abandon_rate``. So the offered wait V is a sum of
    exponentials of rates drain + i theta and exp(-theta V) a beta variable; with theta = 0, V is Erlang.
    """

    drain: float
    abandon_rate: float

    def served(self, ahead: Array) -> Array:
        """P(served)."""
        return self.drain / (self.drain + (ahead + 1) * self.abandon_rate)

    def wait(self, ahead: Array) -> Array:
        """Mean wait until service or departure."""
        return (ahead + 1) / (self.drain + (ahead + 1) * self.abandon_rate)

    def wait_times_served(self, ahead: Array) -> Array:
        """E[wait; served]: the mean wait if served, times P(served)."""
        longest = int(np.max(ahead, initial=0))
        steps = 1 / (self.drain + np.arange(1, longest + 2) * self.abandon_rate)
        return np.asarray(self.served(ahead) * np.cumsum(steps)[ahead.astype(int)])

    def served_within(self, ahead: Array, time: float) -> Array:
        """P(served, after a wait of at most ``time``)."""
        from scipy.special import betainc, gammainc

        if self.abandon_rate == 0:
            return np.asarray(gammainc(ahead + 1, self.drain * time))
        shape = self.drain / self.abandon_rate
        gone = -math.expm1(-self.abandon_rate * time)
        return np.asarray(self.served(ahead) * betainc(ahead + 1, shape + 1, gone))

    def still_waiting(self, ahead: Array, time: float) -> Array:
        """P(wait > ``time``)."""
        from scipy.special import betainc, gammaincc

        if self.abandon_rate == 0:
            return np.asarray(gammaincc(ahead + 1, self.drain * time))
        alive = math.exp(-self.abandon_rate * time)
        return np.asarray(alive * betainc(self.drain / self.abandon_rate, ahead + 1, alive))


@dataclass(frozen=True)
class FiniteQueue:
    """M/M/n/K(+M): at most K contacts inside, waiting or in service; the next gets a busy signal.

    ``p_wait_accepted`` and ``wait_accepted`` are over the contacts let in, ``p_abandon`` over all offered,
    ``system`` is the mean number inside, ``probabilities`` the chance of 0..K contacts inside.
    """

    rate: float
    servers: int
    p_block: float
    p_wait_accepted: float
    p_abandon: float
    wait_accepted: float
    wait_served: float
    queue: float
    system: float
    busy: float
    utilization: float
    line: WaitingLine = field(repr=False)
    probabilities: Array = field(repr=False, compare=False)

    def served_within(self, time: float) -> float:
        """P(served, after a wait of at most ``time``) of a contact offered."""
        return self._answered_at_once + float(self._waiting @ self.line.served_within(self._ahead, time))

    def abandoned_within(self, time: float) -> float:
        """P(abandoned, after a wait of at most ``time``) of a contact offered."""
        inside = 1 - self.p_block - float(self._waiting @ self.line.still_waiting(self._ahead, time))
        return max(0.0, inside - self.served_within(time))

    def service_level(self, time: float, formula: ServiceLevelFormula = "offered_less_early_abandons") -> float:
        """Service level for the threshold ``time``; blocked contacts are offered and never served."""
        return service_level_ratio(
            formula,
            offered=1,
            served=1 - self.p_block - self.p_abandon,
            served_within=self.served_within(time),
            abandoned=self.p_abandon,
            abandoned_within=self.abandoned_within(time),
        )

    @property
    def _answered_at_once(self) -> float:
        return float(np.sum(self.probabilities[: self.servers]))

    @property
    def _waiting(self) -> Array:
        return self.probabilities[self.servers : -1]

    @property
    def _ahead(self) -> Array:
        return np.arange(len(self._waiting), dtype=float)


def mmck(rate: float, service_rate: float, servers: int, capacity: int, abandon_rate: float = 0.0) -> FiniteQueue:
    """M/M/n/K by birth and death; ``capacity`` = K counts the contacts in service (at least ``servers``).

    With ``abandon_rate`` above 0 it is M/M/n/K+M, a centre with trunks and impatient customers.
    """
    require_positive(rate=rate, service_rate=service_rate)
    require_servers(servers)
    if capacity < servers:
        raise ValueError(f"capacity is {capacity}, but counts the contacts in service: give at least {servers}.")
    inside = np.arange(capacity + 1, dtype=float)
    waiting = np.maximum(inside - servers, 0)
    deaths = np.minimum(inside, servers) * service_rate + waiting * abandon_rate
    probabilities = birth_death(np.full(capacity, rate), deaths[1:])
    line = WaitingLine(servers * service_rate, abandon_rate)
    p_block, queue = float(probabilities[-1]), float(probabilities @ waiting)
    busy = float(probabilities @ np.minimum(inside, servers))
    queued = probabilities[servers:-1]
    waited = float(queued @ line.wait_times_served(np.arange(len(queued), dtype=float)))
    return FiniteQueue(
        rate=rate,
        servers=servers,
        p_block=p_block,
        p_wait_accepted=float(np.sum(queued)) / (1 - p_block),
        p_abandon=abandon_rate * queue / rate,
        wait_accepted=queue / (rate * (1 - p_block)),
        wait_served=waited / (busy * service_rate / rate),
        queue=queue,
        system=queue + busy,
        busy=busy,
        utilization=busy / servers,
        line=line,
        probabilities=probabilities,
    )


# ------------------------------------------------------------------------------- many-server limits


def normal_density(x: float) -> float:
    """Density of the standard normal law."""
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def normal_hazard(x: float) -> float:
    """Hazard rate of the standard normal law, density / P(Z > x)."""
    if x > 25:  # erfc runs out of digits; the asymptotic series does not
        return x + 1 / x - 2 / x**3
    return normal_density(x) / (0.5 * math.erfc(x / math.sqrt(2)))


def halfin_whitt_p_wait(beta: float) -> float:
    """Limit of P(wait) in M/M/n with load + beta sqrt(load) servers, beta > 0 (Halfin & Whitt 1981)."""
    require_positive(beta=beta)
    return 1 / (1 + beta / normal_hazard(-beta))


@dataclass(frozen=True)
class QedApproximation:
    """Approximate answers for Erlang A in the quality-and-efficiency-driven regime."""

    beta: float
    p_wait: float
    p_abandon: float
    wait: float


def garnett(rate: float, service_rate: float, servers: int, abandon_rate: float) -> QedApproximation:
    """Square-root approximation of Erlang A (Garnett, Mandelbaum & Reiman 2002).

    ``beta`` = (servers - load) / sqrt(load) may be negative. The error shrinks as 1 / sqrt(servers).
    """
    require_positive(rate=rate, service_rate=service_rate, abandon_rate=abandon_rate)
    require_servers(servers)
    load = rate / service_rate
    beta = (servers - load) / math.sqrt(load)
    patience_ratio = math.sqrt(abandon_rate / service_rate)
    p_wait = garnett_p_wait(beta, abandon_rate / service_rate)
    excess = normal_hazard(beta / patience_ratio) - beta / patience_ratio
    p_abandon = p_wait * patience_ratio * excess / math.sqrt(servers)
    return QedApproximation(beta, p_wait, p_abandon, p_abandon / abandon_rate)


def garnett_p_wait(beta: float, patience_ratio: float) -> float:
    """Limit of P(wait) in Erlang A (Garnett et al. 2002); ``patience_ratio``: abandon / service rate."""
    require_positive(patience_ratio=patience_ratio)
    root = math.sqrt(patience_ratio)
    return 1 / (1 + root * normal_hazard(beta / root) / normal_hazard(-beta))
