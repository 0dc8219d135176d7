"""After what time the work and the staff of a scenario repeat, and the batches that a steady state is cut into."""

from __future__ import annotations

from simulation.scenario.schema import DAY, Demand, Experiment, Scenario, Source, Team
from simulation.statistics.batch_means import FEWEST

WEEK = 7 * DAY
BATCHES = 64
"""Batches of all replications together, to begin with: powers of two, so that neighbours can be put together."""


def cycle_of(scenario: Scenario) -> float:
    """A week in seconds, or a day where all days are alike, or 0 where all hours are; what comes once (events, holidays, a
    trend) is left aside."""
    doors = [channel.open.week for channel in scenario.channels.values()]
    rhythms = [_rhythm(source, scenario.demand) for source in scenario.demand.sources.values()]
    rhythms += [_staffed(team) for team in scenario.teams.values()]
    rhythms += [DAY if len(set(week)) == 1 else WEEK for week in doors if any(day != ((0.0, DAY),) for day in week)]
    return max(rhythms, default=0.0)


def _rhythm(source: Source, demand: Demand) -> float:
    if source.counts is not None or source.replay is not None or source.weekdays:
        return WEEK
    if source.profile is None:
        return 0.0
    weights = demand.profiles[source.profile].weights
    return DAY if any(len(days) == 7 for days in weights) else WEEK


def _staffed(team: Team) -> float:
    if team.rotations or team.meetings or team.training_hours is not None:
        return WEEK
    if team.headcount is not None and team.headcount.constant is not None and not team.shifts:
        return 0.0
    weekly = [] if team.headcount is None or team.headcount.constant is not None else [*team.headcount.weekly] or [()]
    return DAY if all(len(days) == 7 for days in (*weekly, *(shift.days for shift in team.shifts.values()))) else WEEK


def batch_bounds(scenario: Scenario) -> list[float]:
    """Where the batches of one replication of a steady state begin and end, s since the start; none of a terminating experiment,
    nor where there is no room for eight over all replications.

    As many as make about 64 over all replications (a power of two), each a whole number of cycles where the work repeats; what
    is left over goes to the first.
    """
    if scenario.experiment is not Experiment.steady_state:
        return []
    measured = scenario.horizon - scenario.warm_up
    cycle = cycle_of(scenario)
    room = min(BATCHES // scenario.replications, int(measured / cycle + 1e-9) if cycle else BATCHES)
    many = 1 << (max(room, 1).bit_length() - 1)
    if many * scenario.replications < FEWEST:
        return []
    length = int(measured / cycle / many + 1e-9) * cycle if cycle else measured / many
    inner = [scenario.horizon - (many - number) * length for number in range(1, many)]
    return [scenario.warm_up, *inner, scenario.horizon]
