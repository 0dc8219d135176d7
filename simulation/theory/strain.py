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


def filled_share(stays: float, empty: float) -> float:
    """Share of time in which a place is filled whose persons stay so long on average, with such gaps between them: an
    alternating renewal process (Ross, Stochastic Processes, 2nd ed. 1996, theorem 3.4.4). With rate r of leaving and mean
    lead L it is (1 / r) / (1 / r + L)."""
    return stays / (stays + empty)


def filled_by(time: float, rate: float, empty: float) -> float:
    """Probability that a place is filled after a `time` at whose start it was: 1 - r L / (1 + r L) (1 - exp(-(r + 1 / L) t)), of a
    Markov chain with two states, with rate r of leaving and a mean lead L. Exact for exponential times; in the long run it
    is `filled_share`, whatever their law."""
    if not empty:
        return 1.0
    return 1 - rate * empty / (1 + rate * empty) * (1 - exp(-(rate + 1 / empty) * time))


def past_induction(time: float, rate: float, empty: float, training: float) -> float:
    """Share of the persons in places filled after a `time` who are through with `training`, or were there at the start:
    exp(-r min(T, t - L)) where newcomers are there at all (t > L). Exact where places are filled at once (L = 0) and persons stay for
    exponential times: the age of the person is then more than T with probability exp(-r T)."""
    return exp(-rate * min(training, max(time - empty, 0.0)))


def shifts_worked(rate: float, first: float, between: float) -> float:
    """Mean number of shifts that a person works who may leave at the end of each only: the hazard of `first` (the first
    shift) and then of `between` ends of shifts adds up at `rate`, all in one unit of time.

    1 + the sum over n of the probability to stay after n shifts, exp(-rate * (first + between * (n - 1))).
    """
    return 1 + exp(-rate * first) / (1 - exp(-rate * between))


def mean_shifts_before(rate: float, first: float, between: float) -> float:
    """Shifts that the persons in a place have worked before the one at hand, averaged over all shifts worked in the long run:
    the mean age of a renewal process, the sum of n P(more than n shifts) over that of P(more than n shifts)."""
    stays, left = exp(-rate * first), exp(-rate * between)
    return stays / (1 - left) ** 2 / shifts_worked(rate, first, between)
