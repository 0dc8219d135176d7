"""Exact answers for agents who are called in when many wait, and leave when nobody does.

Numbers in, numbers out, under the conventions of ``erlang``: Poisson arrivals, exponential service and patience, first come
first served. The threshold is that of Yadin & Naor (1963, "Queueing systems with a removable service station").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulation.theory.erlang import require_positive
from simulation.theory.queues import Moves, Triple, _solve_with_room


@dataclass(frozen=True)
class OnCallQueue:
    """Steady state with agents on call; ``wait`` is the mean over all who come, numbers are means.

    ``here``, ``coming`` and ``at_home`` are agents on call; ``call_rate`` is how often one is called in.
    """

    wait: float
    queue: float
    p_abandon: float
    here: float
    coming: float
    at_home: float
    call_rate: float


def n_policy_wait(rate: float, service_rate: float, over: int, delay: float = 0.0, delay_squared: float = 0.0) -> float:
    """Mean wait for a single server who is called when more than ``over`` wait, comes after a delay and leaves when
    nobody is there; ``delay`` and ``delay_squared`` are its first two moments (Medhi & Templeton 1992).

    The wait of M/M/1, and with n = over + 1: (n (n - 1) + 2 n rate delay + rate^2 delay_squared) / (2 rate (n + rate delay)).
    """
    require_positive(rate=rate, service_rate=service_rate, idle=service_rate - rate)
    n, came = over + 1, rate * delay
    gathered = n * (n - 1) + 2 * n * came + rate**2 * delay_squared
    return rate / (service_rate * (service_rate - rate)) + gathered / (2 * rate * (n + came))


def on_call_queue(
    rate: float,
    service_rate: float,
    servers: int,
    on_call: int,
    over: int,
    each: int = 1,
    mean_delay: float = 0.0,
    abandon_rate: float = 0.0,
    until: int = 0,
) -> OnCallQueue:
    """``servers`` always there, ``on_call`` who are called in one by one while more than ``over + each * coming`` wait.

    They come after an exponential delay (0: at once), take who waits, and go home when they finish with ``until`` or fewer
    waiting. Exact, as a chain of (with or for the regular servers, coming, here).
    """
    require_positive(rate=rate, service_rate=service_rate)

    def called(inside: int, coming: int, here: int) -> Triple:
        """The state after as many calls as there is reason for."""
        while inside - servers > over + each * coming and coming + here < on_call:
            coming += 1
            if not mean_delay:
                inside, coming, here = inside - 1, coming - 1, here + 1
        return inside, coming, here

    def moves_for(room: int) -> Callable[[Triple], Moves[Triple]]:
        def moves(state: Triple) -> Moves[Triple]:
            inside, coming, here = state
            waiting = max(inside - servers, 0)
            if waiting < room:
                yield rate, called(inside + 1, coming, here)
            yield min(inside, servers) * service_rate + waiting * abandon_rate, (inside - 1, coming, here)
            stays = (inside - 1, coming, here) if waiting > until else (inside, coming, here - 1)
            yield here * service_rate, stays
            if coming and waiting:
                yield coming / mean_delay, called(inside - 1, coming - 1, here + 1)
            elif coming:
                yield coming / mean_delay, (inside, coming - 1, here)

        return moves

    chain = _solve_with_room((0, 0, 0), moves_for, lambda state: state[0] - servers)
    queue = chain.mean(lambda state: max(state[0] - servers, 0))
    coming, here = chain.mean(lambda state: state[1]), chain.mean(lambda state: state[2])
    called_now = chain.mean(lambda state: sum(called(state[0] + 1, state[1], state[2])[1:]) - state[1] - state[2])
    return OnCallQueue(
        wait=queue / rate,
        queue=queue,
        p_abandon=abandon_rate * queue / rate,
        here=here,
        coming=coming,
        at_home=on_call - coming - here,
        call_rate=coming / mean_delay if mean_delay else rate * called_now,
    )
