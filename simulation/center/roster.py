"""When the agents of weekly shifts and rotations are to be on the floor, planned before the run: shifts cut by breaks,
meetings, training, lateness and shrinkage, but for those on which the agent is absent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from math import ceil

from simulation.center.absence import absent_turns
from simulation.center.appointments import Appointments
from simulation.center.lateness import Lateness
from simulation.center.nights import DislikedHours
from simulation.center.plan import Plan
from simulation.center.rota import Seat, Turn, seats
from simulation.center.rules import absence_on_a_day
from simulation.center.stretches import HOUR, Stretch, clipped, cut, delayed, in_order, shrunk, worked
from simulation.chance import stream
from simulation.record.recorder import Duty


@dataclass(frozen=True)
class AgentPlan:
    """One agent's weeks: stretches on the floor with the gaps between them, and spans of planned time."""

    name: str
    stretches: list[Stretch]
    planned: list[tuple[Duty, float, float]]


def roster(
    team: str, plan: Plan, seed: int, replication: int, loads: Mapping[dt.date, float] | None = None
) -> list[AgentPlan]:
    """The agents of a team that works shifts. Each agent's chance is its own: hiring one more changes no other.

    `loads` says how busy days are, as a multiple of the usual; a day that is not there is as usual.
    """
    maker = _Maker(team, plan, seed, replication, loads or {})
    return [maker.agent(seat) for seat in seats(maker.spec, plan.timeline)]


class _Maker:
    """Makes the plans of a team's agents."""

    def __init__(self, team: str, plan: Plan, seed: int, replication: int, loads: Mapping[dt.date, float]) -> None:
        self.team = team
        self.loads = loads
        self.spec = plan.scenario.teams[team]
        self.timeline = plan.timeline
        self.chance = seed, replication
        self.appointments = Appointments.of_team(plan, team)
        self.nights = DislikedHours.of(self.spec.nights, plan.timeline, seed, replication)

    def agent(self, seat: Seat) -> AgentPlan:
        """The plan of the agent in a seat."""
        key = f"{self.team!r}/{seat.group!r}/{seat.number}"  # quoted, as names may hold a slash
        made = AgentPlan(f"{self.team}/{seat.group}/{seat.number}", [], [])
        nights = self.nights if self.nights is not None and self.nights.trouble(key) else None
        rates = [self._absence(turn, nights) for turn in seat.turns]
        absent = absent_turns(self.spec, self.team, key, seat, self.timeline, self.chance, rates)
        late = Lateness.of(self.spec.adherence, key, self.chance)
        away, further = (stream(*self.chance, f"{what}/{key}") for what in ("shrinkage", "further shrinkage"))
        for turn, missed in zip(seat.turns, absent, strict=True):
            offsets = away.random(ceil((turn.end - turn.start) / HOUR) + len(turn.hours.breaks) + 1)
            delays = [] if late is None else late.draw(turn)
            if turn.end > 0 and turn.start < self.timeline.duration:
                made.planned.append((Duty.SHIFT, *self._inside(turn.start, turn.end)))
                if nights is not None and not missed:
                    made.planned.extend((Duty.DISLIKED, *span) for span in nights.within(turn))
                numbers = chain(offsets.tolist(), iter(lambda: float(further.random()), None))
                day = (
                    [Stretch(turn.end, turn.end, Duty.ABSENT)]
                    if missed
                    else self._day(made, seat, turn, delays, numbers)
                )
                made.stretches.extend(clipped(in_order(day, turn.start, turn.end), self.timeline.duration))
        return made

    def _absence(self, turn: Turn, nights: DislikedHours | None) -> float:
        """The probability that an agent misses a turn."""
        usual, by_load = self.spec.absence, self.spec.absence_by_load
        if by_load is not None:
            decides = turn.day.date - dt.timedelta(days=by_load.days_after)
            usual = absence_on_a_day(usual, self.loads.get(decides, 1.0), by_load.strength)
        return usual if nights is None else nights.absence(usual, turn)

    def _day(
        self, made: AgentPlan, seat: Seat, turn: Turn, delays: list[float], numbers: Iterator[float]
    ) -> Iterable[Stretch]:
        """A turn that is worked; notes what was planned where agents may be late."""
        day = list(cut(worked(turn, seat.place), self.appointments.of(seat, turn)))
        if delays:
            floor = (self._inside(one.start, one.end) for one in in_order(day, turn.start, turn.end))
            made.planned.extend((Duty.PLANNED, *span) for span in floor if span[0] < span[1])
            day = list(delayed(day, delays[0], iter(delays[1:])))
        return shrunk(day, self.spec.shrinkage, numbers) if self.spec.shrinkage else day

    def _inside(self, start: float, end: float) -> tuple[float, float]:
        """A span as far as it is simulated."""
        return max(start, 0.0), min(end, self.timeline.duration)


def as_planned(seat: Seat, turn: Turn, appointments: Appointments) -> Iterator[tuple[Duty, float, float]]:
    """What an agent is to do in a turn, if it comes and nothing delays it: duty, start and end."""
    yield Duty.SHIFT, turn.start, turn.end
    for stretch in in_order(cut(worked(turn, seat.place), appointments.of(seat, turn)), turn.start, turn.end):
        if stretch.gap is not None:
            yield stretch.gap, stretch.since, stretch.start
        yield Duty.ON, stretch.start, stretch.end
