"""Agents come and go: weekly shifts with breaks, shrinkage and absence, or plain headcounts per interval."""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from math import inf

import numpy as np
import numpy.typing as npt
import simpy

from simulation.center.clock import DUTY, Clock, Due
from simulation.center.desk import Agent, Desk, Team
from simulation.center.plan import Plan
from simulation.chance import stream
from simulation.demand.rates import moments
from simulation.record.recorder import Duty, Recorder
from simulation.scenario.files import read_column, read_numbers
from simulation.scenario.schema import DAY, Headcount, Shift
from simulation.scenario.schema import Team as TeamSpec
from simulation.scenario.timeline import Timeline

HOUR = 3600.0
MOST = 100_000


@dataclass(frozen=True)
class Stretch:
    """Time on the floor, and the gap before it (what the agent did, for how long if it keeps its length)."""

    start: float
    end: float
    gap: Duty | None = None
    keeps: float = 0.0


@dataclass(frozen=True)
class AgentPlan:
    """One agent's weeks: stretches on the floor, and spans of planned shifts and absence."""

    name: str
    stretches: list[Stretch]
    planned: list[tuple[Duty, float, float]]


def shift_spans(shift: Shift, timeline: Timeline) -> list[tuple[dt.date, float, float]]:
    """Date, start and end (seconds since the start) of each time the shift is worked."""
    return [
        (day.date, timeline.at(day.date, shift.start), timeline.at(day.date, shift.start + shift.length))
        for day in timeline.days(before=1)
        if day.weekday in shift.days and (shift.on_holidays or not day.holiday)
    ]


def roster(team: str, spec: TeamSpec, timeline: Timeline, seed: int, replication: int) -> list[AgentPlan]:
    """The agents of a team that works shifts. Each agent's chance is its own: hiring one more changes no other."""
    agents = []
    for name, shift in sorted(spec.shifts.items()):
        spans = shift_spans(shift, timeline)
        for number in range(1, shift.headcount + 1):
            key = f"{team!r}/{name!r}/{number}"  # quoted, as names may hold a slash
            chance = stream(seed, replication, f"absence/{key}").random(len(spans))
            away = stream(seed, replication, f"shrinkage/{key}")
            agent = f"{team}/{name}/{number}"
            agents.append(_agent(agent, spec, shift, number, spans, chance, away, timeline.duration))
    return agents


def _agent(
    name: str,
    spec: TeamSpec,
    shift: Shift,
    number: int,
    spans: list[tuple[dt.date, float, float]],
    chance: npt.NDArray[np.float64],
    away: np.random.Generator,
    duration: float,
) -> AgentPlan:
    stretches: list[Stretch] = []
    planned: list[tuple[Duty, float, float]] = []
    for (_, start, end), u in zip(spans, chance, strict=True):
        offsets = away.random(int(np.ceil((end - start) / HOUR)) + len(shift.breaks) + 1)
        if end <= 0 or start >= duration:
            continue
        planned.append((Duty.SHIFT, max(start, 0.0), min(end, duration)))
        if u < spec.absence:
            planned.append((Duty.ABSENT, max(start, 0.0), min(end, duration)))
            continue
        stretches += _clipped(_shrunk(_worked(shift, number, start, end), spec.shrinkage, offsets), duration)
    return AgentPlan(name, stretches, planned)


def _worked(shift: Shift, number: int, start: float, end: float) -> list[Stretch]:
    """A shift cut by the breaks of the agent's wave."""
    wave = (number - 1) % shift.waves
    stretches, since, gap, length = [], start, None, 0.0
    for pause in sorted(shift.breaks.values(), key=lambda pause: pause.after):
        begins = max(since, start + pause.after + wave * pause.lasts)
        if begins >= end:
            break  # a night that the clock change has shortened
        stretches.append(Stretch(since, begins, gap, length))
        since, gap, length = begins + pause.lasts, Duty.BREAK if pause.paid else Duty.UNPAID_BREAK, pause.lasts
    return [*stretches, Stretch(since, end, gap, length)]


def _shrunk(stretches: list[Stretch], share: float, offsets: npt.NDArray[np.float64]) -> list[Stretch]:
    """In each hour on the floor, the share of it is spent away, at a random time within the hour."""
    if not share:
        return stretches
    chance = iter(offsets.tolist())
    shrunk: list[Stretch] = []
    for stretch in stretches:
        since, gap, keeps = stretch.start, stretch.gap, stretch.keeps
        hour = stretch.start
        while hour < stretch.end:
            block = min(HOUR, stretch.end - hour)
            leaves = hour + next(chance) * (1 - share) * block
            shrunk.append(Stretch(since, leaves, gap, keeps))
            since, gap, keeps = leaves + share * block, Duty.SHRINKAGE, 0.0
            hour += block
        shrunk.append(Stretch(since, stretch.end, gap, keeps))
    return shrunk


def _clipped(stretches: list[Stretch], duration: float) -> Iterator[Stretch]:
    for stretch in stretches:
        if stretch.end > 0 and stretch.start < duration and stretch.end > stretch.start:
            yield Stretch(
                max(stretch.start, 0.0), stretch.end, stretch.gap if stretch.start > 0 else None, stretch.keeps
            )


def works(
    clock: Clock, desk: Desk, agent: Agent, stretches: list[Stretch], recorder: Recorder
) -> Generator[simpy.Event, None, None]:
    """The process of an agent on shifts: comes, works, finishes what it holds, leaves.

    A break that starts late keeps its length; other time away ends when planned.
    """
    left = back = -inf
    for stretch in stretches:
        back = max(back, left + stretch.keeps)
        start = max(stretch.start, back, clock.now)
        if start >= stretch.end:
            continue
        if stretch.gap is not None and left > -inf and start > left:
            recorder.duty(agent.index, stretch.gap, left, start)
        yield Due(clock, start - clock.now, DUTY + agent.index)
        desk.sign_in(agent)
        yield Due(clock, stretch.end - clock.now, DUTY + agent.index)
        finishing = desk.ask_to_leave(agent)
        if finishing is not None:
            yield finishing
        left = clock.now


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


def keeps_headcount(
    clock: Clock, desk: Desk, team: Team, steps: list[tuple[float, int]]
) -> Generator[simpy.Event, None, None]:
    """The process of a team without shifts: the first agents are in; who idles leaves first, else the next to finish."""
    for time, count in steps:
        if time > clock.now:
            yield Due(clock, time - clock.now, DUTY + (team.agents[0].index if team.agents else 0))
        _adjust(desk, team, count)


def _adjust(desk: Desk, team: Team, count: int) -> None:
    present = [agent for agent in team.agents if agent.signed_in and not agent.leaving]
    change = count - (len(present) - team.surplus)
    if change > 0:
        _more(desk, team, change)
        return
    least_loaded = sorted(present, key=lambda agent: (agent.load, -agent.number))[:-change]
    idle = [agent for agent in least_loaded if not agent.load]
    for agent in idle:
        desk.sign_off(agent)
    if team.plan.slots == 1:
        team.surplus += -change - len(idle)  # whoever finishes next
        return
    for agent in least_loaded[len(idle) :]:
        desk.ask_to_leave(agent)


def _more(desk: Desk, team: Team, change: int) -> None:
    """Those who were about to leave stay; then the first who are away come."""
    stays = min(change, team.surplus)
    team.surplus -= stays
    leaving = [agent for agent in team.agents if agent.leaving][: change - stays]
    for agent in leaving:
        desk.stay(agent)
    away = [agent for agent in team.agents if not agent.signed_in]
    for agent in away[: change - stays - len(leaving)]:
        desk.sign_in(agent)


class Staff:
    """Brings all agents on the floor of a replication."""

    def __init__(self, clock: Clock, plan: Plan, desk: Desk, recorder: Recorder, seed: int, replication: int) -> None:
        self.clock = clock
        self.desk = desk
        self.recorder = recorder
        self.names: list[str] = []
        self.agents: list[Agent] = []
        for team, (name, spec) in zip(desk.teams, plan.scenario.teams.items(), strict=True):
            if spec.headcount is None:
                self._on_shifts(team, roster(name, spec, plan.timeline, seed, replication))
            else:
                self._by_headcount(name, team, headcounts(spec, plan.timeline))

    def _on_shifts(self, team: Team, plans: list[AgentPlan]) -> None:
        for number, plan in enumerate(plans, start=1):
            agent = self._hire(plan.name, number, team)
            for duty, start, end in plan.planned:
                self.recorder.duty(agent.index, duty, start, end)
            self.clock.process(works(self.clock, self.desk, agent, plan.stretches, self.recorder))

    def _by_headcount(self, name: str, team: Team, steps: list[tuple[float, int]]) -> None:
        for number in range(1, max((count for _, count in steps), default=0) + 1):
            self._hire(f"{name}/{number}", number, team)
        self.clock.process(keeps_headcount(self.clock, self.desk, team, steps))

    def _hire(self, name: str, number: int, team: Team) -> Agent:
        agent = Agent(len(self.agents), number, team, self.clock)
        self.names.append(name)
        self.agents.append(agent)
        team.agents.append(agent)
        return agent

    def cut_off(self) -> None:
        """Note who is still on the floor when the simulation ends."""
        for agent in self.agents:
            if agent.signed_in:
                self.recorder.duty(agent.index, Duty.ON, agent.on_since, self.clock.now)
            if agent.load:
                agent.busy_seconds += self.clock.now - agent.busy_since
