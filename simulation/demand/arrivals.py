"""Arrival times of a non-homogeneous Poisson process by inversion of its cumulative rate.

Event *i* of the unit-rate process is the same in every scenario, so with more volume the same cases only
arrive earlier (and further ones follow): Çinlar 1975, Introduction to Stochastic Processes, ch. 4.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.demand.rates import Steps

Array = npt.NDArray[np.float64]


def unit_events(generator: np.random.Generator, until: float) -> Array:
    """Event times of a unit-rate Poisson process before `until`; a longer `until` only adds events."""
    draws = generator.standard_exponential(_first_guess(until))
    times = np.cumsum(draws)
    while times[-1] < until:
        draws = np.concatenate([draws, generator.standard_exponential(len(draws))])
        times = np.cumsum(draws)
    return times[: int(np.searchsorted(times, until))]


def _first_guess(until: float) -> int:
    return int(until + 6 * np.sqrt(until) + 16)


def arrival_times(steps: Steps, generator: np.random.Generator) -> Array:
    """Arrival times (seconds, ascending) of a Poisson process with the given step rates."""
    cumulative = np.concatenate([[0.0], np.cumsum(steps.expected())])
    if cumulative[-1] == 0:
        return np.empty(0)
    events = unit_events(generator, float(cumulative[-1]))
    step = np.minimum(np.searchsorted(cumulative, events, side="right") - 1, len(steps.rates) - 1)
    times: Array = steps.edges[step] + (events - cumulative[step]) / steps.rates[step]
    return np.minimum(times, np.nextafter(steps.edges[-1], 0))
