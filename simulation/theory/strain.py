"""Exact answers on tiring agents and on vacant seats."""

from __future__ import annotations

from math import exp, inf


def tiredness(hours: float, occupancy: float, builds: float, recovers: float) -> float:
    """How tired (0 to 1) an agent is after so long on the floor, fresh at the start, busy for a share `occupancy` of each moment.

    dF/dt = occupancy (1 - F) / builds - (1 - occupancy) F / recovers, so F = F* (1 - exp(-t / T)) with
    1 / T = occupancy / builds + (1 - occupancy) / recovers and F* = T occupancy / builds. All times in one unit; with
    `recovers` 0 nobody tires. Exact in the limit of short contacts.
    """
    if not recovers and occupancy < 1:
        return 0.0
    pace = occupancy / builds + ((1 - occupancy) / recovers if occupancy < 1 else 0.0)
    return occupancy / builds / pace * (1 - exp(-hours * pace)) if pace else 0.0


def mean_pace(time: float, builds: float, slows: float) -> float:
    """Mean pace over a `time` in which an agent is always busy, fresh at its start: 1 - slows * (1 - builds / time * (1 -
    exp(-time / builds))), the mean of 1 - slows * F with F(t) = 1 - exp(-t / builds)."""
    return 1 - slows * (1 - builds / time * (1 - exp(-time / builds)))


def tiredness_when_called(rate: float, handling: float, builds: float, recovers: float) -> float:
    """Mean tiredness of a lone agent when a contact begins, in the long run: Poisson contacts (`rate`) that find the agent
    busy are lost, and handling is exponential with mean `handling`, whatever the tiredness.

    The agent's state is a Markov chain, busy (mean `handling`) and idle (mean 1 / rate) by turns, and F follows a linear
    equation in each. With b and i for E[F; busy] and E[F; idle], and p = rate handling / (1 + rate handling) for the share busy:
    (p - b) / builds - b / handling + rate i = 0 and -i / recovers - rate i + b / handling = 0. Contacts find the idle agent
    as it is on average (Poisson arrivals): the answer is i / (1 - p).
    """
    if not rate:
        return 0.0
    busy = rate * handling / (1 + rate * handling)
    per_busy = (1 / recovers + rate) * handling if recovers else inf
    idle = busy / builds / (per_busy * (1 / builds + 1 / handling) - rate)
    return idle / (1 - busy)
