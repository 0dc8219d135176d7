"""Exact answers for queues beyond Erlang's: general service, priorities, returns, chats, skills, time.

Numbers in, numbers out, under the conventions of ``erlang``: any unit of time, rates a time unit, Poisson
arrivals, first come first served and exponential service unless said otherwise. What has a closed form is
computed by it; the rest is a small Markov chain, written as its moves and solved by one sparse linear system.
"""

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from simulation.theory.erlang import (
    Array,
    ErlangC,
    ServiceLevelFormula,
    WaitingLine,
    erlang_c,
    require_positive,
    require_servers,
    require_share,
    require_stable,
    service_level_ratio,
)

IntArray = NDArray[np.int64]
_LARGEST_CHAIN = 300_000
_NEGLIGIBLE_SHARE = 1e-11

# -------------------------------------------------------------------------------------- general service


@dataclass(frozen=True)
class Delay:
    """Steady state of a queue in which nobody leaves unserved; times and numbers are means."""

    p_wait: float
    wait: float
    queue: float
    sojourn: float
    utilization: float


def _delay(rate: float, mean_service: float, servers: int, p_wait: float, wait: float) -> Delay:
    return Delay(p_wait, wait, rate * wait, wait + mean_service, rate * mean_service / servers)


def mg1(rate: float, mean_service: float, scv: float) -> Delay:
    """M/G/1 (Pollaczek 1930, Khinchine 1932); ``scv`` = variance / mean squared of the service time."""
    require_positive(rate=rate, mean_service=mean_service)
    load = rate * mean_service
    require_stable(load, 1)
    return _delay(rate, mean_service, 1, load, load * mean_service * (1 + scv) / (2 * (1 - load)))


def mdc(rate: float, service_time: float, servers: int) -> Delay:
    """M/D/c, every service exactly ``service_time`` (Crommelin 1932).

    Over one service time all in service leave and a Poisson number arrives, so the generating function of the
    number inside hangs on the roots of z^c = exp(load (z - 1)) within the unit circle. Lambert's W gives
    them: z exp(-u z) = exp(-u) times a c-th root of one, u being the utilization. Absolute error about 1e-12.
    """
    require_positive(rate=rate, service_time=service_time)
    require_servers(servers)
    load = rate * service_time
    require_stable(load, servers)
    from scipy.special import lambertw

    u = load / servers
    unit_roots = np.exp(2j * np.pi * np.arange(1, servers) / servers)
    gaps = 1 + lambertw(-u * math.exp(-u) * unit_roots) / u
    free = servers - load
    inside = float(np.sum(1 / gaps).real) + (servers - free**2) / (2 * free)
    p_no_wait = (1 - u) * float(np.exp(np.sum(np.log((1 - unit_roots) / gaps))).real)
    wait = max(0.0, inside - load) / rate
    return _delay(rate, service_time, servers, max(0.0, 1 - p_no_wait), wait)


def mgc_lee_longton(rate: float, mean_service: float, scv: float, servers: int) -> Delay:
    """Approximation of M/G/c: the M/M/c wait, (1 + scv) / 2 times (Lee & Longton 1959).

    Exact for scv 1 and for one server.
    """
    delay = erlang_c(rate, 1 / mean_service, servers)
    return _delay(rate, mean_service, servers, delay.p_wait, delay.wait * (1 + scv) / 2)


def mgc_kimura(rate: float, mean_service: float, scv: float, servers: int) -> Delay:
    """Approximation of M/G/c from the exact M/M/c and M/D/c waits (Kimura 1986). Exact for scv 0 or 1.

    P(wait) is that of M/M/c, itself an approximation.
    """
    delay = erlang_c(rate, 1 / mean_service, servers)
    fixed = mdc(rate, mean_service, servers)
    wait = (1 + scv) * delay.wait * fixed.wait / (2 * scv * fixed.wait + (1 - scv) * delay.wait)
    return _delay(rate, mean_service, servers, delay.p_wait, wait)


# -------------------------------------------------------------------------------------------- priorities


def priority_waits(rates: Sequence[float], service_rate: float, servers: int) -> tuple[float, ...]:
    """Mean wait of each class, first class first served, nobody interrupted; one service rate for all.

    Cobham (1954); Kella & Yechiali (1985).
    """
    base = erlang_c(sum(rates), service_rate, servers).p_wait / (servers * service_rate)
    return _head_of_line(base, [rate / (servers * service_rate) for rate in rates])


def priority_waits_mg1(
    rates: Sequence[float], mean_services: Sequence[float], scvs: Sequence[float]
) -> tuple[float, ...]:
    """Mean wait of each class in M/G/1, nobody interrupted, with a service law per class (Cobham 1954)."""
    loads = [rate * mean for rate, mean in zip(rates, mean_services, strict=True)]
    require_stable(sum(loads), 1)
    laws = zip(loads, mean_services, scvs, strict=True)
    residual = sum(load * mean * (1 + scv) / 2 for load, mean, scv in laws)
    return _head_of_line(residual, loads)


def _head_of_line(residual: float, loads: Sequence[float]) -> tuple[float, ...]:
    above = [0.0, *np.cumsum(loads)]
    return tuple(float(residual / ((1 - a) * (1 - b))) for a, b in pairwise(above))


def preemptive_sojourns(rates: Sequence[float], service_rate: float, servers: int) -> tuple[float, ...]:
    """Mean wait plus service of each class when a higher class interrupts a lower, which later resumes.

    With one service rate for all, classes 1..k together are an M/M/c that does not see the others.
    """
    sojourns, below_total, below_rate = [], 0.0, 0.0
    for rate in rates:
        total = erlang_c(below_rate + rate, service_rate, servers).system
        sojourns.append((total - below_total) / rate)
        below_rate, below_total = below_rate + rate, total
    return tuple(sojourns)


# ---------------------------------------------------------------------------------------------- networks


def jackson_network(
    outside_rates: Sequence[float],
    routing: Sequence[Sequence[float]],
    service_rates: Sequence[float],
    servers: Sequence[int],
) -> tuple[ErlangC, ...]:
    """Stations between which contacts wander: station i sends a finished contact to j with ``routing[i][j]``.

    Each station is an M/M/c with its total rate (Jackson 1957), returns included.
    """
    onward = np.asarray(routing, dtype=float)
    totals = np.linalg.solve(np.eye(len(onward)) - onward.T, np.asarray(outside_rates, dtype=float))
    stations = zip(totals, service_rates, servers, strict=True)
    return tuple(erlang_c(float(total), service_rate, count) for total, service_rate, count in stations)


@dataclass(frozen=True)
class Escalation:
    """A chain of tiers: each tier's steady state, and the mean time of a contact in all of them."""

    tiers: tuple[ErlangC, ...]
    sojourn: float


def escalation_tandem(
    rate: float, escalation_probs: Sequence[float], service_rates: Sequence[float], servers: Sequence[int]
) -> Escalation:
    """Tiers in a row; tier i passes a contact on with ``escalation_probs[i]`` (one fewer than tiers).

    What leaves an M/M/c is Poisson (Burke 1956), so each tier is an M/M/c of its own.
    """
    require_share(**{f"escalation_probs[{i}]": prob for i, prob in enumerate(escalation_probs)})
    reach = np.cumprod([1.0, *escalation_probs])
    stations = zip(reach, service_rates, servers, strict=True)
    tiers = tuple(erlang_c(float(rate * share), speed, count) for share, speed, count in stations)
    sojourn = sum(share * tier.sojourn for share, tier in zip(reach, tiers, strict=True))
    return Escalation(tiers, float(sojourn))


@dataclass(frozen=True)
class ErlangR:
    """Customers who come back for more: ``visit`` is one stay with the servers, ``visits`` their mean number.

    ``needy`` and ``content`` are the mean numbers of customers with the servers and between two visits.
    """

    visit: ErlangC
    visits: float
    content: float
    needy: float
    total_time_needy: float


def erlang_r(rate: float, service_rate: float, servers: int, return_prob: float, return_rate: float) -> ErlangR:
    """Steady state of Erlang-R (Yom-Tov & Mandelbaum 2014).

    After a service a customer returns with ``return_prob`` (below 1) after a mean of 1 / ``return_rate``.
    Product form (Jackson 1957): the servers see an M/M/n of all visits, those away are an M/M/inf.
    """
    require_share(return_prob=return_prob)
    require_positive(return_rate=return_rate, final_share=1 - return_prob)
    visits = 1 / (1 - return_prob)
    visit = erlang_c(rate * visits, service_rate, servers)
    content = return_prob * rate * visits / return_rate
    return ErlangR(visit, visits, content, visit.system, visits * visit.sojourn)


# ----------------------------------------------------------------------------------- small Markov chains

State = TypeVar("State", bound=Hashable)
Moves = Iterator[tuple[float, State]]
Counts = tuple[int, ...]
Pair = tuple[int, int]
Triple = tuple[int, int, int]


class ChainTooLargeError(ValueError):
    """More states than can be solved in seconds."""


@dataclass(frozen=True)
class Chain(Generic[State]):
    """The stationary law of a Markov chain in continuous time."""

    states: list[State]
    probabilities: Array

    def mean(self, value: Callable[[State], float]) -> float:
        """Mean of ``value(state)``."""
        return float(sum(p * value(state) for state, p in zip(self.states, self.probabilities, strict=True)))


def stationary(start: State, moves: Callable[[State], Moves[State]]) -> Chain[State]:
    """Solve the chain whose ``moves(state)`` yield (rate, next state); all states lead back to ``start``.

    Raises ``ChainTooLargeError`` when more states can be reached than a sparse solver should be given.
    """
    from scipy.sparse import csc_array, diags_array
    from scipy.sparse.linalg import splu

    states, sources, targets, rates = _explore(start, moves)
    size = len(states)
    inflow = csc_array((rates, (targets, sources)), shape=(size, size))
    balance = csc_array(inflow - diags_array(np.bincount(sources, weights=rates, minlength=size)))
    ratios = splu(balance[1:, 1:]).solve(-balance[1:, [0]].toarray().ravel())  # start has weight 1
    weights = np.concatenate(([1.0], np.maximum(ratios, 0.0)))
    return Chain(states, weights / np.sum(weights))


def _explore(start: State, moves: Callable[[State], Moves[State]]) -> tuple[list[State], IntArray, IntArray, Array]:
    """All states that ``start`` leads to, and every move as (number of source, number of target, rate)."""
    number, states = {start: 0}, [start]
    found: list[tuple[int, int, float]] = []
    for source, state in enumerate(states):  # the list grows while it is read
        for rate, target in moves(state):
            if rate > 0 and target != state:
                if target not in number:
                    number[target] = len(states)
                    states.append(target)
                found.append((source, number[target], rate))
        if len(states) > _LARGEST_CHAIN:
            raise ChainTooLargeError(
                f"This model has more than {_LARGEST_CHAIN} states, too many to solve exactly."
                " Take fewer servers, slots or phases, or simulate it."
            )
    sources, targets, rates = zip(*found, strict=True)
    return states, np.array(sources), np.array(targets), np.array(rates)


def _solve_with_room(
    start: State,
    moves_for: Callable[[int], Callable[[State], Moves[State]]],
    waiting: Callable[[State], int],
) -> Chain[State]:
    """Solve with room for 64 waiting and double it until the last place is (almost) never taken."""
    room = 64
    while True:
        chain = stationary(start, moves_for(room))
        at_limit = np.array([waiting(state) >= room for state in chain.states])
        if np.sum(chain.probabilities[at_limit]) < _NEGLIGIBLE_SHARE:
            return chain
        room *= 2


def poisson_room(mean: float) -> int:
    """The number that a Poisson count of this mean (almost) never exceeds."""
    from scipy.stats import poisson

    return int(poisson.isf(_NEGLIGIBLE_SHARE, mean)) + 1


def shifted(state: Counts, *changes: tuple[int, int]) -> tuple[int, ...]:
    """``state`` with each (position, step) of ``changes`` added."""
    new = list(state)
    for position, step in changes:
        new[position] += step
    return tuple(new)


# --------------------------------------------------------------------------- phase-type service, patience


@dataclass(frozen=True)
class Phases:
    """A service time made of exponential phases.

    It begins with phase i with probability ``start[i]``; phase i ends at ``rates[i]`` and goes on to phase j
    with ``onward[i][j]``; what lacks to 1 is the end of the service.
    """

    start: tuple[float, ...]
    rates: tuple[float, ...]
    onward: tuple[tuple[float, ...], ...]


def erlang_phases(phases: int, mean: float) -> Phases:
    """Erlang's law: ``phases`` equal phases in a row, scv 1 / ``phases``; one phase is exponential."""
    steps = range(phases)
    onward = tuple(tuple(float(j == i + 1) for j in steps) for i in steps)
    return Phases(tuple(float(i == 0) for i in steps), (phases / mean,) * phases, onward)


def hyperexponential_phases(mean: float, scv: float) -> Phases:
    """One of two exponential laws, each bringing half of the mean; ``scv`` at least 1."""
    if scv < 1:
        raise ValueError(f"scv is {scv}, but a hyperexponential law needs at least 1.")
    share = (1 + math.sqrt((scv - 1) / (scv + 1))) / 2
    return Phases((share, 1 - share), (2 * share / mean, 2 * (1 - share) / mean), ((0.0, 0.0), (0.0, 0.0)))


@dataclass(frozen=True)
class PhaseQueue:
    """Steady state of M/PH/n(+M); ``wait`` is over all contacts."""

    p_wait: float
    p_abandon: float
    wait: float
    queue: float
    utilization: float


def mphn(rate: float, service: Phases, servers: int, abandon_rate: float = 0.0) -> PhaseQueue:
    """M/PH/n, with exponential patience M/PH/n+M, as a chain of (busy servers by phase, number waiting)."""
    require_positive(rate=rate)
    require_servers(servers)
    load = rate * _mean_of(service)
    if abandon_rate == 0:
        require_stable(load, servers)
    phases = len(service.rates)

    def moves_for(room: int) -> Callable[[Counts], Moves[Counts]]:
        return lambda state: _phase_moves(state, rate, service, servers, abandon_rate, room)

    start = (0,) * (phases + 1)
    if abandon_rate > 0:
        chain = stationary(start, moves_for(poisson_room(rate / abandon_rate)))
    else:
        chain = _solve_with_room(start, moves_for, lambda state: state[-1])
    queue = chain.mean(lambda state: state[-1])
    return PhaseQueue(
        p_wait=chain.mean(lambda state: sum(state[:-1]) == servers),
        p_abandon=abandon_rate * queue / rate,
        wait=queue / rate,
        queue=queue,
        utilization=chain.mean(lambda state: sum(state[:-1])) / servers,
    )


def _phase_moves(
    state: Counts, rate: float, service: Phases, servers: int, abandon_rate: float, room: int
) -> Moves[Counts]:
    waiting, queue = state[-1], len(state) - 1
    if sum(state[:-1]) < servers:
        for phase, share in enumerate(service.start):
            yield rate * share, shifted(state, (phase, 1))
    elif waiting < room:
        yield rate, shifted(state, (queue, 1))
    for phase, (busy, speed) in enumerate(zip(state, service.rates, strict=False)):
        for target, share in enumerate(service.onward[phase]):
            yield busy * speed * share, shifted(state, (phase, -1), (target, 1))
        ending = busy * speed * (1 - sum(service.onward[phase]))
        if waiting:
            for target, share in enumerate(service.start):
                yield ending * share, shifted(state, (phase, -1), (queue, -1), (target, 1))
        else:
            yield ending, shifted(state, (phase, -1))
    yield waiting * abandon_rate, shifted(state, (queue, -1))


def _mean_of(service: Phases) -> float:
    onward = np.asarray(service.onward, dtype=float)
    visits = np.linalg.solve(np.eye(len(onward)) - onward.T, np.asarray(service.start, dtype=float))
    return float(np.sum(visits / np.asarray(service.rates)))


# ---------------------------------------------------------------------------------- retrials and redials


@dataclass(frozen=True)
class RetrialQueue:
    """No waiting room: who finds all servers busy tries again later, until served.

    ``orbit`` is the mean number of those who will try again, ``wait`` the mean time until service begins.
    """

    p_block: float
    orbit: float
    wait: float
    utilization: float


def retrial_queue(rate: float, service_rate: float, servers: int, retrial_rate: float) -> RetrialQueue:
    """M/M/c/c with retrials; each blocked customer tries again at ``retrial_rate`` (Falin & Templeton 1997).

    One server has a closed form; more are a chain of (busy, orbit).
    """
    require_positive(rate=rate, service_rate=service_rate, retrial_rate=retrial_rate)
    require_servers(servers)
    load = rate / service_rate
    require_stable(load, servers)
    if servers == 1:
        orbit = load / (1 - load) * (load + rate / retrial_rate)
        return RetrialQueue(load, orbit, orbit / rate, load)

    def moves_for(room: int) -> Callable[[Pair], Moves[Pair]]:
        def moves(state: Pair) -> Moves[Pair]:
            busy, orbit = state
            yield busy * service_rate, (busy - 1, orbit)
            if busy < servers:
                yield rate, (busy + 1, orbit)
                yield orbit * retrial_rate, (busy + 1, orbit - 1)
            elif orbit < room:
                yield rate, (busy, orbit + 1)

        return moves

    chain = _solve_with_room((0, 0), moves_for, lambda state: state[1])
    orbit = chain.mean(lambda state: state[1])
    return RetrialQueue(chain.mean(lambda state: state[0] == servers), orbit, orbit / rate, load / servers)


@dataclass(frozen=True)
class RedialQueue:
    """Erlang A whose abandoners may call again; ``p_abandon`` and ``wait`` are those of one call.

    ``p_lost`` is the chance of a customer to give up in the end.
    """

    call_rate: float
    redial_rate: float
    p_wait: float
    p_abandon: float
    p_lost: float
    wait: float
    utilization: float


def redial_queue(
    rate: float,
    service_rate: float,
    servers: int,
    abandon_rate: float,
    redial_prob: float,
    return_rate: float,
) -> RedialQueue:
    """Erlang A with redials, exactly, as a chain of (in system, about to redial); cf. Aguir et al. (2004).

    Who abandons redials with ``redial_prob`` (below 1) after a mean of 1 / ``return_rate``, patient anew.
    ``p_wait`` is the share of time in which all servers are busy.
    """
    require_positive(rate=rate, service_rate=service_rate, abandon_rate=abandon_rate, return_rate=return_rate)
    require_share(redial_prob=redial_prob)
    require_positive(giving_up_share=1 - redial_prob)
    require_servers(servers)
    # were nobody ever served, both numbers would be Poisson (infinite servers in tandem): an upper bound
    all_abandon = rate / (1 - redial_prob)
    queue_room = poisson_room(all_abandon / abandon_rate)
    pool_room = poisson_room(all_abandon * redial_prob / return_rate)

    def moves(state: Pair) -> Moves[Pair]:
        inside, pool = state
        leaving = max(inside - servers, 0) * abandon_rate
        if inside < servers + queue_room:
            yield rate, (inside + 1, pool)
            yield pool * return_rate, (inside + 1, pool - 1)
        yield min(inside, servers) * service_rate, (inside - 1, pool)
        yield leaving * (1 - redial_prob), (inside - 1, pool)
        if pool < pool_room:
            yield leaving * redial_prob, (inside - 1, pool + 1)

    chain = stationary((0, 0), moves)
    redials = return_rate * chain.mean(lambda state: state[1])
    queue = chain.mean(lambda state: max(state[0] - servers, 0))
    abandoning = abandon_rate * queue
    return RedialQueue(
        call_rate=rate + redials,
        redial_rate=redials,
        p_wait=chain.mean(lambda state: state[0] >= servers),
        p_abandon=abandoning / (rate + redials),
        p_lost=abandoning * (1 - redial_prob) / rate,
        wait=queue / (rate + redials),
        utilization=chain.mean(lambda state: min(state[0], servers)) / servers,
    )


@dataclass(frozen=True)
class CallbackQueue:
    """Erlang A with an offer to be called back; ``wait_inbound`` is over those who did not take the offer."""

    p_wait: float
    callback_share: float
    p_abandon: float
    wait_inbound: float
    callback_backlog: float
    callback_delay: float
    utilization: float


def callback_queue(
    rate: float,
    service_rate: float,
    servers: int,
    abandon_rate: float,
    accept_prob: float,
    offer_from_queue: int = 0,
    idle_reserve: int = 0,
) -> CallbackQueue:
    """A callback is offered when all are busy and ``offer_from_queue`` or more wait; ``accept_prob`` take it.

    A freed server takes a waiting caller first, else a callback if more than ``idle_reserve`` servers, itself
    included, are idle. Callbacks never abandon. Exact, as a chain of (busy, waiting, callbacks).
    """
    require_positive(rate=rate, service_rate=service_rate, abandon_rate=abandon_rate)
    require_share(accept_prob=accept_prob)
    require_servers(servers)
    queue_room = poisson_room(rate / abandon_rate)

    def moves_for(room: int) -> Callable[[Triple], Moves[Triple]]:
        def moves(state: Triple) -> Moves[Triple]:
            busy, waiting, callbacks = state
            accepting = rate * accept_prob if waiting >= offer_from_queue else 0.0
            if busy < servers:
                yield rate, (busy + 1, waiting, callbacks)
            else:
                yield accepting * (callbacks < room), (busy, waiting, callbacks + 1)
                yield (rate - accepting) * (waiting < queue_room), (busy, waiting + 1, callbacks)
            yield waiting * abandon_rate, (busy, waiting - 1, callbacks)
            if waiting:
                yield busy * service_rate, (busy, waiting - 1, callbacks)
            elif callbacks and servers - busy + 1 > idle_reserve:
                yield busy * service_rate, (busy, waiting, callbacks - 1)
            else:
                yield busy * service_rate, (busy - 1, waiting, callbacks)

        return moves

    chain = _solve_with_room((0, 0, 0), moves_for, lambda state: state[2])
    share = accept_prob * chain.mean(lambda state: state[0] == servers and state[1] >= offer_from_queue)
    waiting, backlog = chain.mean(lambda state: state[1]), chain.mean(lambda state: state[2])
    return CallbackQueue(
        p_wait=chain.mean(lambda state: state[0] == servers),
        callback_share=share,
        p_abandon=abandon_rate * waiting / rate,
        wait_inbound=waiting / (rate * (1 - share)),
        callback_backlog=backlog,
        callback_delay=backlog / (rate * share) if share else 0.0,
        utilization=chain.mean(lambda state: state[0]) / servers,
    )


# -------------------------------------------------------------------------------------------------- chats


@dataclass(frozen=True)
class ChatQueue:
    """Agents who hold several chats at once.

    ``chats`` is the mean number held by all agents together, ``duration`` the mean of one chat once begun.
    """

    p_wait: float
    p_abandon: float
    wait: float
    queue: float
    chats: float
    duration: float
    busy_share: float
    concurrency_when_busy: float


def chat_queue(rate: float, agents: int, completion_rates: Sequence[float], abandon_rate: float) -> ChatQueue:
    """Chats go to the agent with the fewest; one with k chats finishes ``completion_rates[k]`` a time unit.

    ``completion_rates`` starts with 0 chats (rate 0) and ends with the most that an agent may hold. Patience
    in the queue is exponential. Exact, as a chain of (agents by number of chats, number waiting); where the
    rates are proportional to k it equals Erlang A with agents x slots servers.
    """
    require_positive(rate=rate, abandon_rate=abandon_rate)
    require_servers(agents)
    slots = len(completion_rates) - 1
    room = poisson_room(rate / abandon_rate)
    chain = stationary(
        (agents, *(0,) * (slots + 1)),
        lambda state: _chat_moves(state, rate, completion_rates, abandon_rate, room),
    )
    chats = chain.mean(lambda state: sum(load * count for load, count in enumerate(state[:-1])))
    queue = chain.mean(lambda state: state[-1])
    busy = agents - chain.mean(lambda state: state[0])
    p_abandon = abandon_rate * queue / rate
    return ChatQueue(
        p_wait=chain.mean(lambda state: state[slots] == agents),
        p_abandon=p_abandon,
        wait=queue / rate,
        queue=queue,
        chats=chats,
        duration=chats / (rate * (1 - p_abandon)),
        busy_share=busy / agents,
        concurrency_when_busy=chats / busy,
    )


def _chat_moves(
    state: Counts, rate: float, completion_rates: Sequence[float], abandon_rate: float, room: int
) -> Moves[Counts]:
    slots, waiting, queue = len(completion_rates) - 1, state[-1], len(state) - 1
    least = next(load for load in range(slots + 1) if state[load])
    if least < slots:
        yield rate, shifted(state, (least, -1), (least + 1, 1))
    elif waiting < room:
        yield rate, shifted(state, (queue, 1))
    for load in range(1, slots + 1):
        done = shifted(state, (queue, -1)) if waiting else shifted(state, (load, -1), (load - 1, 1))
        yield state[load] * completion_rates[load], done
    yield waiting * abandon_rate, shifted(state, (queue, -1))


# ------------------------------------------------------------------------------------------------- skills


@dataclass(frozen=True)
class SkillQueue:
    """Answers by contact type, ``utilization`` by group of agents.

    ``group_time[g][t]`` is the share of group g's time that goes to type t.
    """

    p_wait: tuple[float, ...]
    p_abandon: tuple[float, ...]
    wait: tuple[float, ...]
    utilization: tuple[float, ...]
    group_time: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class SkillCenter:
    """Groups of agents with skills. ``service_rates[g][t]`` is 0 where group g cannot do type t.

    An arrival of type t tries the groups of ``groups_of_type[t]`` in order; a freed agent of group g takes
    the contact that waits longest of the first type in ``types_of_group[g]`` with any. Patience: exponential.
    """

    rates: tuple[float, ...]
    service_rates: tuple[tuple[float, ...], ...]
    abandon_rates: tuple[float, ...]
    servers: tuple[int, ...]
    groups_of_type: tuple[tuple[int, ...], ...]
    types_of_group: tuple[tuple[int, ...], ...]
    skills: tuple[tuple[int, int], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        rows = enumerate(self.service_rates)
        skills = tuple((group, kind) for group, row in rows for kind, rate in enumerate(row) if rate > 0)
        object.__setattr__(self, "skills", skills)

    def busy(self, state: Counts, group: int) -> int:
        """Busy agents of ``group`` in a state (busy agents by skill, then waiting contacts by type)."""
        return sum(count for (g, _), count in zip(self.skills, state, strict=False) if g == group)

    def free_group(self, state: Counts, kind: int) -> int | None:
        """The first group with a free agent for an arrival of type ``kind``."""
        return next((g for g in self.groups_of_type[kind] if self.busy(state, g) < self.servers[g]), None)

    def moves(self, state: Counts, rooms: Sequence[int]) -> Moves[Counts]:
        """All moves out of ``state``, with at most ``rooms[t]`` contacts of type t waiting."""
        first_queue = len(self.skills)
        for kind, rate in enumerate(self.rates):
            group, queue = self.free_group(state, kind), first_queue + kind
            if group is not None:
                yield rate, shifted(state, (self.skills.index((group, kind)), 1))
            elif state[queue] < rooms[kind]:
                yield rate, shifted(state, (queue, 1))
            yield state[queue] * self.abandon_rates[kind], shifted(state, (queue, -1))
        for skill, (group, kind) in enumerate(self.skills):
            taken = next((t for t in self.types_of_group[group] if state[first_queue + t]), None)
            freed = shifted(state, (skill, -1))
            if taken is not None and state[skill]:
                freed = shifted(freed, (first_queue + taken, -1), (self.skills.index((group, taken)), 1))
            yield state[skill] * self.service_rates[group][kind], freed


def skill_queue(center: SkillCenter) -> SkillQueue:
    """Exact steady state of a small centre of V, N, I, W or other design (Gans, Koole & Mandelbaum 2003)."""
    require_positive(**{f"abandon_rates[{i}]": rate for i, rate in enumerate(center.abandon_rates)})
    types, first_queue = range(len(center.rates)), len(center.skills)
    # who waits is at most who would be there if nobody were ever served
    rooms = [poisson_room(center.rates[t] / center.abandon_rates[t]) for t in types]
    chain = stationary((0,) * (first_queue + len(types)), lambda state: center.moves(state, rooms))
    means = chain.probabilities @ np.array(chain.states, dtype=float)
    queues = [float(mean) for mean in means[first_queue:]]
    times = [[0.0] * len(types) for _ in center.servers]
    for (group, kind), busy in zip(center.skills, means, strict=False):
        times[group][kind] = float(busy) / center.servers[group]
    all_busy = np.array([[center.free_group(state, t) is None for t in types] for state in chain.states])
    return SkillQueue(
        p_wait=tuple(float(share) for share in chain.probabilities @ all_busy),
        p_abandon=tuple(center.abandon_rates[t] * queues[t] / center.rates[t] for t in types),
        wait=tuple(queues[t] / center.rates[t] for t in types),
        utilization=tuple(sum(row) for row in times),
        group_time=tuple(tuple(row) for row in times),
    )


# ------------------------------------------------------------------------------------------------- over time


@dataclass(frozen=True)
class Moment:
    """The state of a queue at one ``time``: mean number waiting, P(all busy), mean busy servers."""

    time: float
    queue: float
    p_wait: float
    busy: float


def transient_mmn(
    rate: float,
    service_rate: float,
    servers: int,
    times: Sequence[float],
    abandon_rate: float = 0.0,
    start: int = 0,
) -> tuple[Moment, ...]:
    """M/M/n(+M) at each of ``times``, with ``start`` contacts inside at time 0; overload is welcome."""
    births, deaths = _rates_up_to(rate, service_rate, servers, max(times), abandon_rate, start)
    inside = np.arange(len(births), dtype=float)
    moments = []
    for time in times:
        now, _ = uniformized(births, deaths, start, time)
        queue = float(now @ np.maximum(inside - servers, 0))
        busy = float(now @ np.minimum(inside, servers))
        moments.append(Moment(time, queue, float(np.sum(now[servers:])), busy))
    return tuple(moments)


def _rates_up_to(
    rate: float, service_rate: float, servers: int, horizon: float, abandon_rate: float, start: int
) -> tuple[Array, Array]:
    """Birth and death rates of all numbers of contacts that are reached before ``horizon``."""
    require_positive(rate=rate, service_rate=service_rate)
    require_servers(servers)
    most = max(start, servers) + poisson_room(rate * horizon)
    if abandon_rate > 0:
        most = min(most, start + servers + poisson_room(rate / abandon_rate))
    load_per_server = rate / (servers * service_rate)
    if load_per_server < 1:
        most = min(most, start + servers + math.ceil(math.log(1e-13) / math.log(load_per_server)))
    inside = np.arange(most + 1, dtype=float)
    deaths = np.minimum(inside, servers) * service_rate + np.maximum(inside - servers, 0) * abandon_rate
    births = np.full(most + 1, float(rate))
    births[-1] = 0.0
    return births, deaths


def uniformized(births: Array, deaths: Array, start: int, time: float) -> tuple[Array, Array]:
    """(law at ``time``, expected time spent in each state until then) of a birth-death chain (Jensen 1953).

    ``births`` and ``deaths`` are the rates out of states 0..K; the last birth and the first death rate are 0.
    """
    from scipy.stats import poisson

    speed = float(np.max(births + deaths))
    steps = np.arange(int(poisson.isf(1e-15, speed * time)) + 2)
    at_step, after_step = poisson.pmf(steps, speed * time), poisson.sf(steps, speed * time)
    up, down, stay = births / speed, deaths / speed, 1 - (births + deaths) / speed
    law = np.zeros(len(births))
    law[start] = 1.0
    now, spent = np.zeros_like(law), np.zeros_like(law)
    for weight, remaining in zip(at_step, after_step, strict=True):
        now += weight * law
        spent += remaining * law
        following = stay * law
        following[1:] += (up * law)[:-1]
        following[:-1] += (down * law)[1:]
        law = following
    return now, spent / speed


@dataclass(frozen=True)
class Day:
    """What a finite day of M/M/n(+M) brings on average; all who came in time are waited for.

    ``arrivals``, ``served`` and ``abandoned`` are mean counts; ``occupancy`` is over the day itself.
    """

    arrivals: float
    served: float
    abandoned: float
    wait: float
    wait_served: float
    occupancy: float
    line: WaitingLine = field(repr=False)
    answered_at_once: float = field(repr=False)
    ahead_on_arrival: Array = field(repr=False, compare=False)

    def served_within(self, time: float) -> float:
        """Mean count of contacts served after a wait of at most ``time``."""
        ahead = np.arange(len(self.ahead_on_arrival), dtype=float)
        waited = float(self.ahead_on_arrival @ self.line.served_within(ahead, time))
        return self.arrivals * (self.answered_at_once + waited)

    def abandoned_within(self, time: float) -> float:
        """Mean count of contacts that abandoned after a wait of at most ``time``."""
        ahead = np.arange(len(self.ahead_on_arrival), dtype=float)
        late = float(self.ahead_on_arrival @ self.line.still_waiting(ahead, time))
        return self.arrivals * (1 - late) - self.served_within(time)

    def service_level(self, time: float, formula: ServiceLevelFormula = "offered_less_early_abandons") -> float:
        """Ratio of mean counts for the threshold ``time``; ``service_level_ratio`` explains the formulas."""
        return service_level_ratio(
            formula,
            offered=self.arrivals,
            served=self.served,
            served_within=self.served_within(time),
            abandoned=self.abandoned,
            abandoned_within=self.abandoned_within(time),
        )


def mmn_day(
    rate: float, service_rate: float, servers: int, length: float, abandon_rate: float = 0.0, start: int = 0
) -> Day:
    """A day of ``length`` with ``start`` contacts at its opening; then arrivals stop and the queue drains.

    Arrivals see time averages and later arrivals do not touch who already waits, so every mean count follows
    from the expected time in each state and the fate of a customer behind so many others.
    """
    births, deaths = _rates_up_to(rate, service_rate, servers, length, abandon_rate, start)
    seen = uniformized(births, deaths, start, length)[1] / length
    line = WaitingLine(servers * service_rate, abandon_rate)
    behind = np.arange(len(seen) - servers, dtype=float)
    waiting = seen[servers:]
    at_once = float(np.sum(seen[:servers]))
    served = at_once + float(waiting @ line.served(behind))
    return Day(
        arrivals=rate * length,
        served=rate * length * served,
        abandoned=rate * length * (1 - served),
        wait=float(waiting @ line.wait(behind)),
        wait_served=float(waiting @ line.wait_times_served(behind)) / served,
        occupancy=float(seen @ np.minimum(np.arange(len(seen)), servers)) / servers,
        line=line,
        answered_at_once=at_once,
        ahead_on_arrival=waiting,
    )


# ------------------------------------------------------------------------------------------------- counts


@dataclass(frozen=True)
class CountLaw:
    """Mean and variance of a number of arrivals."""

    mean: float
    variance: float

    @property
    def dispersion(self) -> float:
        """Variance / mean: 1 for Poisson counts."""
        return self.variance / self.mean


def busy_day_counts(mean: float, busyness_mean: float, busyness_variance: float) -> CountLaw:
    """Poisson counts whose ``mean`` a random busyness multiplies (Avramidis, Deslauriers & L'Ecuyer 2004)."""
    expected = mean * busyness_mean
    return CountLaw(expected, expected + mean**2 * busyness_variance)
