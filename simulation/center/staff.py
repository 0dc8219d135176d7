"""Agents come and go: those on shifts by their roster, those without persons by the headcount of the interval."""

from __future__ import annotations

from collections.abc import Generator
from math import inf

import simpy

from simulation.center.clock import DUTY, Clock, Due
from simulation.center.desk import Agent, Desk, Team
from simulation.center.headcounts import headcounts
from simulation.center.plan import Plan
from simulation.center.roster import AgentPlan, roster
from simulation.center.sameday import SameDay, TeamDay
from simulation.center.stretches import Stretch
from simulation.chance import stream
from simulation.demand.births import Births
from simulation.demand.load import day_loads
from simulation.record.recorder import Duty, Recorder
from simulation.scenario.schema import OnCall as OnCallSpec
from simulation.scenario.timeline import Span, Timeline


def works(
    clock: Clock, desk: Desk, agent: Agent, stretches: list[Stretch], recorder: Recorder, day: TeamDay | None
) -> Generator[simpy.Event, None, None]:
    """The process of an agent on shifts: comes, works, finishes what it holds, leaves.

    A break that starts late keeps its length; other time away ends when planned, and all of it when the shift does. What
    the agent does in each gap is noted when it leaves the floor: every second of a shift is told of. `day` are the team's
    rules on what is decided during the day.
    """
    left = back = -inf
    told = 0.0
    for stretch, following in zip(stretches, [*stretches[1:], None], strict=False):
        back = min(max(back, left + stretch.keeps), stretch.over)
        start = max(stretch.start, back, clock.now)
        if stretch.gap is not None:
            told = _away(recorder, agent, stretch.gap, max(stretch.since, told), min(start, stretch.over), day)
        if start >= stretch.end:
            continue
        yield Due(clock, start - clock.now, DUTY + agent.index)
        if agent.off_until > clock.now:
            continue
        if day is None:
            desk.sign_in(agent)
        else:
            day.comes(agent, stretch.over)
        yield Due(clock, stretch.end - clock.now, DUTY + agent.index)
        if day is not None and stretch.end == stretch.over:
            yield from day.shift_ends(agent, inf if following is None else following.since)
        finishing = desk.ask_to_leave(agent) if agent.signed_in else None  # who is not has time off
        if finishing is not None:
            yield finishing
        left = told = clock.now
        if day is not None:
            day.left(agent)


def _away(
    recorder: Recorder, agent: Agent, duty: Duty, since: float, until: float, day: TeamDay | None = None
) -> float:
    """Note what an agent does off the floor; returns until when its time is told of."""
    if agent.off_until > since:
        pass  # nobody is there
    elif until > since and day is not None:
        day.away(agent, duty, since, until)
    elif until > since:
        agent.spends(recorder, duty, since, until)
    return max(since, until)


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

    def __init__(self, clock: Clock, plan: Plan, desk: Desk, recorder: Recorder, births: Births) -> None:
        seed, replication = births.seed, births.replication
        loads = day_loads(plan.demand, births) if plan.absence_by_load else None
        self.clock = clock
        self.desk = desk
        self.recorder = recorder
        self.day = SameDay.of(clock, plan, desk, recorder)
        self.names: list[str] = []
        self.disliked: dict[Agent, list[Span]] = {}
        """The hours of its shifts that an agent who comes dislikes (s); agents who dislike none are not there."""
        self.agents: list[Agent] = []
        self.shifts: list[list[tuple[float, float]]] = []
        """Planned shifts by agent; none of agents without persons."""
        for team, (name, spec) in zip(desk.teams, plan.scenario.teams.items(), strict=True):
            if spec.headcount is None:
                self._on_shifts(team, roster(name, plan, seed, replication, loads))
                if spec.on_call is not None:
                    self._on_call(team, spec.on_call, plan.timeline, (seed, replication))
            else:
                self._by_headcount(name, team, headcounts(spec, plan.timeline))

    def _on_shifts(self, team: Team, plans: list[AgentPlan]) -> None:
        day = None if self.day is None else self.day.teams.get(team)
        for number, plan in enumerate(plans, start=1):
            agent = self._hire(plan.name, number, team)
            self.shifts[-1] += [(start, end) for duty, start, end in plan.planned if duty == Duty.SHIFT]
            for duty, start, end in plan.planned:
                self.recorder.duty(agent.index, duty, start, end)
                if duty is Duty.DISLIKED:
                    self.disliked.setdefault(agent, []).append((start, end))
            self.clock.process(works(self.clock, self.desk, agent, plan.stretches, self.recorder, day))

    def _on_call(self, team: Team, spec: OnCallSpec, timeline: Timeline, run: tuple[int, int]) -> None:
        on_call = None if self.day is None else self.day.teams[team].on_call
        assert on_call is not None
        spans = timeline.open_spans(spec.hours)
        for number in range(1, spec.agents + 1):
            agent = self._hire(f"{team.plan.name}/on_call/{number}", len(team.agents) + 1, team)
            on_call.chance[agent] = stream(*run, f"on_call/{team.plan.name!r}/{number}")
            self.clock.process(on_call.duty(agent, spans))

    def _by_headcount(self, name: str, team: Team, steps: list[tuple[float, int]]) -> None:
        for number in range(1, max((count for _, count in steps), default=0) + 1):
            self._hire(f"{name}/{number}", number, team)
        self.clock.process(keeps_headcount(self.clock, self.desk, team, steps))

    def _hire(self, name: str, number: int, team: Team) -> Agent:
        agent = Agent(len(self.agents), name, number, team, self.clock)
        self.names.append(name)
        self.agents.append(agent)
        self.shifts.append([])
        team.agents.append(agent)
        return agent

    def cut_off(self) -> None:
        """Note who is still on the floor when the simulation ends."""
        if self.day is not None:
            self.day.cut_off(self.desk)
        if self.desk.beside is not None:
            self.desk.beside.cut_off()
        for agent in self.agents:
            if agent.signed_in:
                self.recorder.duty(agent.index, Duty.ON, agent.on_since, self.clock.now)
            if agent.load:
                agent.busy_seconds += self.clock.now - agent.busy_since
