"""Exact answers for conversations by turns: replies take an agent's attention, customers think in between.

Numbers in, numbers out, under the conventions of ``erlang``. An agent whose slots are always taken is the machine
repairman of the textbooks: the conversations are the machines, a reply is a repair, thinking is running.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulation.theory.erlang import birth_death, require_positive, require_servers
from simulation.theory.queues import Counts, Moves, poisson_room, shifted, stationary


@dataclass(frozen=True)
class ClosedQueue:
    """Customers who go round between servers and thinking: ``utilization`` of a server, rounds a time unit in all,
    and the mean ``response`` from asking to being served."""

    utilization: float
    throughput: float
    response: float


def machine_repairman(customers: int, service: float, think: float, servers: int = 1) -> ClosedQueue:
    """M/M/c//K: ``customers`` think for a mean time, then queue for service of a mean time (Palm 1947).

    Service is exponential. Thinking may have any law, and a share of it may be zero: the delay station of a network of
    product form is insensitive (Baskett, Chandy, Muntz & Palacios 1975).
    """
    require_positive(service=service)
    require_servers(servers)
    if customers < 1 or think < 0:
        raise ValueError(f"Write one customer or more and a think time of 0 or more, not {customers} and {think}.")
    inside = np.arange(customers + 1)
    if think > 0:
        weights = birth_death(inside[:0:-1] / think, np.minimum(inside[1:], servers) / service)
    else:
        weights = np.where(inside == customers, 1.0, 0.0)
    busy = float(weights @ np.minimum(inside, servers))
    throughput = busy / service
    return ClosedQueue(busy / servers, throughput, customers / throughput - think)


def full_slots(slots: int, attention: float, replies: float, think: float) -> ClosedQueue:
    """An agent who always holds ``slots`` conversations of mean ``attention`` in all, a geometric number of ``replies``
    of exponential length on average, and a mean ``think`` time after each but the last.

    A conversation that ends makes room for the next at once, so a share 1 / replies of the thinking lasts no time. The
    throughput counts replies, the response is the mean time from message to reply.
    """
    return machine_repairman(slots, attention / replies, think * (1 - 1 / replies))


def throughputs(slots: int, attention: float, replies: float, think: float) -> list[float]:
    """What an agent gets done with 1, 2, … slots taken, in conversations done one at a time.

    The ``concurrency.throughput`` of the form without turns, whose handling time is then that of a conversation alone:
    attention + think * (replies - 1).
    """
    done = [full_slots(held, attention, replies, think).throughput for held in range(1, slots + 1)]
    return [rate / done[0] for rate in done]


@dataclass(frozen=True)
class TurnsQueue:
    """Steady state of agents with conversations by turns; times, numbers and shares of an agent's time are means."""

    p_wait: float
    p_abandon: float
    wait: float
    queue: float
    attention_share: float
    busy_share: float
    slots: float
    reply_time: float


def turns_queue(
    rate: float, agents: int, slots: int, reply: float, replies: float, think: float, abandon_rate: float
) -> TurnsQueue:
    """Conversations come at ``rate``, go to the agent with the fewest (the first of several), else wait with
    exponential patience; replies and thinking are exponential of a mean time, the number of replies geometric.

    Exact, as a chain of (asking for a reply, thinking) by agent and the number waiting.
    """
    require_positive(rate=rate, reply=reply, replies=replies, think=think, abandon_rate=abandon_rate)
    require_servers(agents)
    room = poisson_room(rate / abandon_rate)
    ends = 1 / replies
    surplus = max(0.0, rate - agents / (reply * replies))
    likely = (*((slots if surplus else 0, 0) * agents), min(room, round(surplus / abandon_rate)))
    chain = stationary(
        likely,
        lambda state: _turn_moves(state, slots, (rate, 1 / reply, ends, 1 / think, abandon_rate), room),
    )
    asking = chain.mean(lambda state: sum(state[:-1:2]))
    held = chain.mean(lambda state: sum(state[:-1]))
    attending = chain.mean(lambda state: sum(one > 0 for one in state[:-1:2]))
    queue = chain.mean(lambda state: state[-1])
    return TurnsQueue(
        p_wait=chain.mean(lambda state: sum(state[:-1]) == agents * slots),
        p_abandon=abandon_rate * queue / rate,
        wait=queue / rate,
        queue=queue,
        attention_share=attending / agents,
        busy_share=chain.mean(lambda state: sum(load > 0 for load in _loads(state))) / agents,
        slots=held / agents,
        reply_time=asking * reply / attending,
    )


def _loads(state: Counts) -> Counts:
    """Conversations held by each agent."""
    return tuple(asking + thinking for asking, thinking in zip(state[:-1:2], state[1:-1:2], strict=True))


def _turn_moves(state: Counts, slots: int, rates: Sequence[float], room: int) -> Moves[Counts]:
    coming, replying, ends, writing, leaving = rates
    waiting, queue, loads = state[-1], len(state) - 1, _loads(state)
    if min(loads) < slots:
        yield coming, shifted(state, (2 * loads.index(min(loads)), 1))
    elif waiting < room:
        yield coming, shifted(state, (queue, 1))
    for agent in range(len(loads)):
        asks, thinks = 2 * agent, 2 * agent + 1
        if state[asks]:
            yield replying * ends, shifted(state, (queue, -1)) if waiting else shifted(state, (asks, -1))
            yield replying * (1 - ends), shifted(state, (asks, -1), (thinks, 1))
        if state[thinks]:
            yield state[thinks] * writing, shifted(state, (thinks, -1), (asks, 1))
    yield waiting * leaving, shifted(state, (queue, -1))
