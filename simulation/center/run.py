"""One replication of a scenario."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import simpy

from simulation.center.desk import Desk
from simulation.center.journey import Journey
from simulation.center.plan import Plan, draw
from simulation.center.staff import Staff
from simulation.record import Record, Recorder, build
from simulation.record.audit import Counters


def simulate(plan: Plan, seed: int, replication: int) -> Record:
    """Draw the birth table, run the model over it, and return what happened.

    The result depends on the plan, the seed and the replication only.
    """
    births = plan.demand.births(seed, replication)
    env, recorder = simpy.Environment(), Recorder()
    desk = Desk(env, plan, recorder)
    staff = Staff(env, plan, desk, recorder, seed, replication)
    journey = Journey(env, plan, births, draw(plan, births), desk, recorder)
    env.process(journey.arrivals())
    with _without_collector():
        env.run(until=plan.timeline.duration)
    journey.cut_off()
    staff.cut_off()
    return build(plan.scenario, births, recorder.rows(), staff.names, [a.team.index for a in staff.agents], _counters(desk, staff, env.now))


def _counters(desk: Desk, staff: Staff, now: float) -> Counters:
    area = [area + n * (now - since) for area, n, since in zip(desk.queue_area, desk.queue, desk.queue_since, strict=True)]
    return Counters(queue_area=area, busy_seconds=[agent.busy_seconds for agent in staff.agents])


@contextmanager
def _without_collector() -> Iterator[None]:
    """A run makes millions of small objects and no cycles worth looking for."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
