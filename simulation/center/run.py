"""One replication of a scenario."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from simulation.center.afterwards import judge
from simulation.center.clock import Clock
from simulation.center.desk import Desk
from simulation.center.handling import note_practices
from simulation.center.influences import MAKERS
from simulation.center.journey import Journey
from simulation.center.languages import desk_for
from simulation.center.people import People, Scene
from simulation.center.plan import Plan, draw
from simulation.center.proficiency import note_people
from simulation.center.staff import Staff
from simulation.center.turnover import Turnover
from simulation.demand.births import Births
from simulation.demand.complaints import with_complaints
from simulation.record import Record, Recorder, build
from simulation.record.audit import Counters
from simulation.record.tables import with_cases_that_came


def simulate(plan: Plan, seed: int, replication: int) -> Record:
    """Draw the birth table, run the model over it, and return what happened.

    The result depends on the plan, the seed and the replication only.
    """
    births, visits = births_of(plan, seed, replication), None
    if plan.self_service is not None:
        visits = plan.self_service.visits(births)
        births = replace(births, channel=visits.channel)
    clock, recorder = Clock(), Recorder()
    desk = desk_for(clock, plan, recorder, births)
    staff = Staff(clock, plan, desk, recorder, births)
    drawn = draw(plan, births)
    scene = Scene(plan, clock, desk, staff, recorder, seed, replication)
    people = People.of(scene, MAKERS)
    turnover = Turnover.of(scene, people)
    journey = Journey(clock, plan, births, drawn, desk, recorder, visits, people)
    clock.drive(journey.arrivals())
    with _without_collector():
        clock.run_until(plan.timeline.duration)
        journey.cut_off()
        staff.cut_off()
    teams = [agent.team.index for agent in staff.agents]
    if journey.complaints is not None:
        births = journey.complaints.noted(births)
    rows = recorder.rows()
    if turnover is not None:
        rows["duties"] = turnover.settled(rows["duties"])
    record = build(plan.scenario, births, visits, rows, staff.names, teams, _counters(desk, staff, clock.now))
    if journey.handling is not None:
        note_practices(record.legs, plan, drawn, journey.handling.unusual)
    if people is not None:
        note_people(record.tables["people"], people)
    judge(record, births, plan.scenario)
    desk.disconnect()
    return record if journey.complaints is None else with_cases_that_came(record)


def births_of(plan: Plan, seed: int, replication: int) -> Births:
    """The birth table of a replication, with every complaint that may be made."""
    births, complaints = plan.demand.births(seed, replication), plan.scenario.complaints
    return births if complaints is None else with_complaints(births, plan.demand, complaints)


def _counters(desk: Desk, staff: Staff, now: float) -> Counters:
    area = [
        area + n * (now - since) for area, n, since in zip(desk.queue_area, desk.queue, desk.queue_since, strict=True)
    ]
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
