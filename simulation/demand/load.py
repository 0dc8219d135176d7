"""How busy the days of a run are, against what is usual."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt

from simulation.demand.births import Births, DemandPlan
from simulation.scenario.schema import DAY

Array = npt.NDArray[np.float64]


def day_loads(plan: DemandPlan, births: Births) -> dict[dt.date, float]:
    """Cases that arise on each day ÷ cases that usually do: expected by profile, trend and season, without events and the
    days' random busyness. Of a replayed log, the mean of the days that are the same day of the week is usual. A day on which
    usually none arise is not there."""
    edges, _, dates = plan.timeline.grid(DAY)
    arisen = births.arrived if births.parent is None else births.arrived[births.parent < 0]
    came = np.histogram(arisen, edges)[0].astype(float)
    usual = sum((_expected(edges, steps.edges, steps.rates) for steps in plan.usual()), np.zeros(len(dates)))
    for _, arrived in plan.replays():
        usual += _like_weekdays(np.histogram(arrived, edges)[0], dates)
    return {day: float(came[index] / usual[index]) for index, day in enumerate(dates) if usual[index] > 0}


def _expected(edges: Array, steps: Array, rates: Array) -> Array:
    """The integral of a step function over each day."""
    until = np.concatenate([[0.0], np.cumsum(rates * np.diff(steps))])
    return np.diff(np.interp(edges, steps, until))


def _like_weekdays(counts: npt.NDArray[np.int64], dates: list[dt.date]) -> Array:
    """Each day's mean count over all days of the same weekday."""
    weekdays = np.array([day.weekday() for day in dates])
    means = np.bincount(weekdays, counts, 7) / np.maximum(np.bincount(weekdays, minlength=7), 1)
    found: Array = means[weekdays]
    return found
