"""Turnover: agents leave for good at the end of a shift; the place is empty until a newcomer comes, and learns.

Each person has a number of its own that says how much hazard it bears: the person leaves at the end of the first shift at
which the hazard of all its time here has reached it. So hiring one more, or more calls, changes nobody else's luck, and
who leaves under a mild hazard leaves no later under a stronger one.
"""

from __future__ import annotations

from bisect import bisect_left
from math import exp, inf, log
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simulation.center.clock import DUTY
from simulation.center.fatigue import busy_until
from simulation.center.people import People, Person, Scene
from simulation.chance import stream
from simulation.record.strain import Gap, vacated
from simulation.routing.routes import selects
from simulation.scenario.schema import DAY
from simulation.scenario.schema import Turnover as Spec
from simulation.scenario.timeline import Span, Timeline

if TYPE_CHECKING:
    from simulation.center.desk import Agent

YEAR = 365 * DAY
POINTS = 0.1
"""Of occupancy: the step for which `occupancy.factor` is given."""
Array = npt.NDArray[np.float64]


def hazard(per_year: float, overload: float, at_night: float) -> float:
    """The rate (per s) at which an agent leaves: per_year * overload * at_night / year.

    Proportional hazards (Cox 1972, "Regression models and life-tables", JRSS B 34: 187-220).
    """
    return per_year * overload * at_night / YEAR


def overload(sustained: float, normal: float, factor: float) -> float:
    """What the rate is multiplied by at an occupancy sustained over weeks: factor ^ ((sustained - normal) / 0.1) (an assumption
    of the model; that strain drives agents away: Deery, Iverson and Walsh 2002, J. Management Studies 39: 471-496)."""
    return float(factor ** ((sustained - normal) / POINTS))


def sustained(before: float, shift: float, elapsed: float, memory: float) -> float:
    """Occupancy over the past weeks, after a shift with occupancy `shift` that ended `elapsed` seconds after the one before:
    before + (1 - exp(-elapsed / memory)) * (shift - before)."""
    return before + (1 - exp(-elapsed / memory)) * (shift - before)


def night_work(share: float, factor: float) -> float:
    """What the rate is multiplied by for an agent with such a share of working hours at night, or at hours that the agent
    dislikes: 1 + (factor - 1) * share (an assumption of the model: in proportion)."""
    return 1 + (factor - 1) * share


def bears(u: float) -> float:
    """How much hazard a person bears before leaving: -log(u), so that at a constant rate r the time here is exponential with
    mean 1 / r."""
    return -log(u)


class Seat:
    """An agent's place: its shifts, and what the person in it has borne."""

    def __init__(self, agent: Agent, shifts: list[Span], burdens: list[float]) -> None:
        self.agent = agent
        self.starts = [start for start, _ in shifts]
        self.ends = [end for _, end in shifts]
        self.burdens = burdens
        self.borne = self.at = self.busy = self.on = 0.0
        self.sustained = self.limit = self.lead = 0.0
        self.gap: int | None = None
        """The latest of the gaps in which nobody was on the floor in this place."""


class Turnover:
    """Who leaves, when, and who follows."""

    def __init__(self, scene: Scene, people: People, spec: Spec) -> None:
        self.clock, self.people, self.spec = scene.clock, people, spec
        self.seed, self.replication = scene.seed, scene.replication
        self.duration = scene.plan.timeline.duration
        self.hire_after = spec.hire_after.build()
        self.gaps: list[Gap] = []
        timeline, at_night = scene.plan.timeline, spec.nights
        night = None if at_night is None else nights(timeline, at_night.start, at_night.end)
        teams = list(scene.plan.scenario.teams)
        for agent, planned in zip(scene.staff.agents, scene.staff.shifts, strict=True):
            if planned and selects(spec.teams, teams[agent.team.index]):
                shifts, disliked = sorted(planned), scene.staff.disliked.get(agent, [])
                seat = Seat(agent, shifts, self._burdens(shifts, night, disliked))
                self._sits_down(seat, agent.person, 0.0)
                self._waits_for(seat, 0)

    def _burdens(self, shifts: list[Span], night: Hours | None, disliked: list[Span]) -> list[float]:
        """What the hours of each shift multiply the rate by."""
        factors = [1.0] * len(shifts)
        if night is not None and self.spec.nights is not None:
            factors = [night_work(share, self.spec.nights.factor) for share in night.shares(shifts)]
        if disliked and self.spec.disliked != 1:
            shares = Hours(sorted(disliked)).shares(shifts)
            factors = [
                before * night_work(share, self.spec.disliked) for before, share in zip(factors, shares, strict=True)
            ]
        return factors

    @classmethod
    def of(cls, scene: Scene, people: People | None) -> Turnover | None:
        """Turnover, where anybody may leave."""
        spec = scene.plan.scenario.strain.turnover
        return None if spec is None or people is None else cls(scene, people, spec)

    def _sits_down(self, seat: Seat, person: Person, now: float) -> None:
        u, v = stream(self.seed, self.replication, f"turnover/{person.key}").random(2).tolist()
        seat.limit, seat.lead = bears(1 - u), float(self.hire_after.ppf(v))
        seat.borne, seat.at = 0.0, now
        seat.sustained = 0.0 if self.spec.occupancy is None else self.spec.occupancy.normal
        seat.busy, seat.on = self._worked(seat.agent)

    def _waits_for(self, seat: Seat, shift: int) -> None:
        """The end of a shift is when the person may leave."""
        if shift < len(seat.ends):
            delay = max(seat.ends[shift] - self.clock._now, 0.0)
            self.clock.call(delay, DUTY + seat.agent.index, self._shift_over, (seat, shift))

    def _shift_over(self, who: tuple[Seat, int]) -> None:
        seat, shift = who
        now = self.clock._now
        rate = hazard(self.spec.per_year, self._overload(seat, now), seat.burdens[shift])
        seat.borne, seat.at = seat.borne + rate * (now - seat.at), now
        if seat.borne >= seat.limit:
            self._leaves(seat, shift, now)
        else:
            self._waits_for(seat, shift + 1)

    def _overload(self, seat: Seat, now: float) -> float:
        spec = self.spec.occupancy
        if spec is None:
            return 1.0
        busy, on = self._worked(seat.agent)
        if on > seat.on:
            seat.sustained = sustained(seat.sustained, (busy - seat.busy) / (on - seat.on), now - seat.at, spec.memory)
        seat.busy, seat.on = busy, on
        return overload(seat.sustained, spec.normal, spec.factor)

    def _worked(self, agent: Agent) -> tuple[float, float]:
        """Seconds in which an agent's place has been busy, and on the floor, until now."""
        now = self.clock._now
        return busy_until(agent, now), agent.on_seconds + (now - agent.on_since if agent.signed_in else 0.0)

    def _leaves(self, seat: Seat, shift: int, now: float) -> None:
        """The place is empty until the first shift after a newcomer is found, who then may have to learn off the floor."""
        self.people.leave(seat.agent, now)
        first = bisect_left(seat.starts, now + seat.lead, shift + 1)
        comes = seat.starts[first] if first < len(seat.starts) else inf
        ready = bisect_left(seat.starts, comes + self.spec.training, first)
        serves = seat.starts[ready] if ready < len(seat.starts) else inf
        seat.agent.off_until = serves
        self._ends_gap(seat, seat.ends[shift])
        seat.gap = len(self.gaps)
        self.gaps.append((seat.agent.index, seat.ends[shift], comes, serves))
        if comes < inf:
            self.clock.call(comes - now, seat.agent.index, self._comes, (seat, first))

    def _ends_gap(self, seat: Seat, left: float) -> None:
        """Who leaves while still learning off the floor never serves: the gap before ends there, and the next one begins."""
        if seat.gap is not None:
            agent, since, comes, serves = self.gaps[seat.gap]
            self.gaps[seat.gap] = (agent, since, comes, min(serves, left))

    def _comes(self, who: tuple[Seat, int]) -> None:
        seat, shift = who
        now = self.clock._now
        self._sits_down(seat, self.people.hire(seat.agent, now), now)
        self._waits_for(seat, shift)

    def settled(self, duties: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
        """What agents did, of what was planned for all places as if they were filled."""
        return vacated(duties, self.gaps, self.duration)


class Hours:
    """Some hours, such as the nights of a year."""

    def __init__(self, spans: list[Span]) -> None:
        self.moments = np.array(spans or [(0.0, 0.0)], dtype=float).ravel()
        self.passed = np.concatenate([[0.0], np.repeat(np.cumsum(self.moments[1::2] - self.moments[::2]), 2)[:-1]])

    def shares(self, shifts: list[Span]) -> list[float]:
        """How much of each shift lies within them."""
        starts, ends = np.array(shifts).T
        seconds: Array = np.interp(ends, self.moments, self.passed) - np.interp(starts, self.moments, self.passed)
        return (seconds / (ends - starts)).tolist()


def nights(timeline: Timeline, start: float, end: float) -> Hours:
    """The hours from `start` to `end` by the clock (s after midnight) of each night."""
    length = (end - start) % DAY or DAY
    dates = [day.date for day in timeline.days(before=2)]
    return Hours([(timeline.at(date, start), timeline.at(date, start + length)) for date in dates])
