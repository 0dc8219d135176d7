"""What is decided during the day by what is going on, and stands for that between the desk and its agents.

`SameDay` exists only where a team has such a rule. It is asked whenever an agent is through with a contact, in place of the
desk's own look at what waits: who is to go then goes, all others look as ever. And it is told whenever more or fewer
wait. So a threshold that is never reached changes nothing.
"""

from __future__ import annotations

from collections.abc import Generator

import simpy

from simulation.center.clock import Clock
from simulation.center.desk import Agent, Desk, Team
from simulation.center.on_call import OnCall
from simulation.center.overtime import Overtime
from simulation.center.plan import Plan
from simulation.center.time_off import TimeOff
from simulation.center.watch import Asks
from simulation.record.recorder import Duty, Recorder
from simulation.scenario.schema import Team as TeamSpec


class TeamDay:
    """The rules of a team."""

    def __init__(self, clock: Clock, desk: Desk, team: Team, spec: TeamSpec, asks: Asks, recorder: Recorder) -> None:
        self.desk = desk
        self.recorder = recorder
        self.time_off = None if spec.time_off is None else TimeOff(clock, desk, team, spec.time_off, recorder)
        self.overtime = None if spec.overtime is None else Overtime(clock, desk, team, spec.overtime, asks)
        self.on_call = None if spec.on_call is None else OnCall(clock, desk, team, spec.on_call, asks, recorder)

    def comes(self, agent: Agent, over: float) -> None:
        """A stretch on the floor begins, in a shift that is over then: the agent comes, or has time off."""
        if self.time_off is None:
            self.desk.sign_in(agent)
        else:
            self.time_off.comes(agent, over)

    def away(self, agent: Agent, duty: Duty, since: float, until: float) -> None:
        """Note what an agent does between two stretches on the floor."""
        if self.time_off is None:
            agent.spends(self.recorder, duty, since, until)
        else:
            self.time_off.away(agent, duty, since, until)

    def shift_ends(self, agent: Agent, until: float) -> Generator[simpy.Event, None, None]:
        """The end of an agent's shift, who has the next one from `until` on: returns when the agent is to leave."""
        if self.overtime is not None and agent.signed_in:
            yield from self.overtime.stays(agent, until)

    def left(self, agent: Agent) -> None:
        """A stretch on the floor is over, and the agent has left it."""
        if self.overtime is not None:
            self.overtime.left(agent, self.recorder)
        if self.time_off is not None:
            self.time_off.left(agent)

    def cut_off(self, agents: list[Agent]) -> None:
        """Note what is under way when the simulation ends."""
        for agent in agents:
            self.left(agent)
            if self.on_call is not None:
                self.on_call.cut_off(agent)


class SameDay:
    """The rules of all teams that have any; `asks` are the agents who may go when they have finished a contact."""

    def __init__(self, clock: Clock, plan: Plan, desk: Desk, recorder: Recorder) -> None:
        self.asks: Asks = {}
        self.teams = {
            team: TeamDay(clock, desk, team, spec, self.asks, recorder)
            for team, spec in zip(desk.teams, plan.scenario.teams.values(), strict=True)
            if spec.decides_on_the_day
        }
        self.watching: dict[int, list[OnCall]] = {}
        for day in self.teams.values():
            for place in day.on_call.watch.places if day.on_call is not None else ():
                self.watching.setdefault(place, []).append(day.on_call)  # type: ignore[arg-type]
        self.plain_look, self.plain_count = desk._look, desk._count
        desk._look = self.look  # type: ignore[method-assign]
        if self.watching:
            desk._count = self.count  # type: ignore[method-assign]

    @classmethod
    def of(cls, clock: Clock, plan: Plan, desk: Desk, recorder: Recorder) -> SameDay | None:
        """None where no team has a rule."""
        if not any(team.decides_on_the_day for team in plan.scenario.teams.values()):
            return None
        return cls(clock, plan, desk, recorder)

    def look(self, agent: Agent) -> None:
        """An agent who can take contacts goes, or takes those that wait."""
        asked = self.asks.get(agent)
        if asked is None or not asked(agent):
            self.plain_look(agent)

    def count(self, place: int, change: int, now: float) -> None:
        """More or fewer wait."""
        self.plain_count(place, change, now)
        for on_call in self.watching.get(place, ()):
            on_call.changed(change)

    def cut_off(self, desk: Desk) -> None:
        """Note what is under way when the simulation ends, and let go of the desk."""
        for team, day in self.teams.items():
            day.cut_off(team.agents)
        for name in ("_look", "_count"):
            vars(desk).pop(name, None)
