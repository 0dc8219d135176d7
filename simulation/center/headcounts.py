"""How many agents of a team without shifts are on the floor, from each change on."""

from __future__ import annotations

import numpy as np

from simulation.demand.rates import moments
from simulation.scenario.files import read_column, read_numbers
from simulation.scenario.schema import DAY, Headcount
from simulation.scenario.schema import Team as TeamSpec
from simulation.scenario.timeline import Timeline

HOUR = 3600.0
MOST = 100_000


def headcounts(spec: TeamSpec, timeline: Timeline) -> list[tuple[float, int]]:
    """(time, agents on the floor) of a team without shifts, from each change on.

    With shrinkage, fractions of an agent are carried from interval to interval, so that the mean is kept.
    """
    plan = spec.headcount
    assert plan is not None
    times, counts = _headcounts(plan, timeline)
    if spec.shrinkage:
        times, counts = _by_hour(times, counts, timeline)
        owed = np.cumsum(np.asarray(counts) * (1 - spec.shrinkage))
        counts = np.diff(np.floor(owed + 1e-9), prepend=0.0).astype(int).tolist()
    return [(max(time, 0.0), count) for time, count in zip(times, counts, strict=True)]


def _by_hour(times: list[float], counts: list[int], timeline: Timeline) -> tuple[list[float], list[int]]:
    """The same headcounts with a step at every hour, for fractions to be carried."""
    edges = np.union1d(timeline.grid(HOUR)[0][:-1], np.maximum(times, 0.0))
    held = np.concatenate([[0], np.asarray(counts, dtype=int)])
    return edges.tolist(), held[np.searchsorted(np.maximum(times, 0.0), edges, side="right")].tolist()


def _headcounts(plan: Headcount, timeline: Timeline) -> tuple[list[float], list[int]]:
    if plan.constant is not None:
        return [0.0], [plan.constant]
    if plan.dated is not None:
        times = moments(read_column(plan.dated.file, plan.dated.time), plan.dated.file, timeline)
        numbers = read_numbers(plan.dated.file, plan.dated.headcount)
        if len(numbers) != len(times) or (numbers < 0).any() or (numbers % 1).any() or (numbers > MOST).any():
            raise ValueError(
                f"the file {plan.dated.file} needs a whole number of agents, from 0 to {MOST:,}, in every row"
            )
        if len(np.unique(times)) < len(times):
            raise ValueError(f"the file {plan.dated.file} has two rows for one time; write one row for each")
        order = np.argsort(times, kind="stable")
        started = max(0, int(np.searchsorted(times[order], 0.0, side="right")) - 1)
        rows = [row for row in order[started:] if times[row] < timeline.duration]
        if not numbers[rows].any():
            raise ValueError(
                f"the file {plan.dated.file} puts nobody on the floor at any simulated time; write other rows"
            )
        return [float(times[row]) for row in rows], [int(numbers[row]) for row in rows]
    edges, slots, dates = timeline.grid(plan.interval)
    weekly = {day: counts for days, counts in plan.weekly.items() for day in days}
    empty = [0] * round(DAY / plan.interval)
    return edges[:-1].tolist(), [
        weekly.get(date.weekday(), empty)[slot] for date, slot in zip(dates, slots, strict=True)
    ]
