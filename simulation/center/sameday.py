"""What is decided during the day by what is going on, and stands for that between the desk and its agents.

`SameDay` exists only where a team has such a rule. It is asked whenever an agent is through with a contact, in place of the
desk's own look at what waits: who is to go then goes, all others look as ever. So a threshold that is never reached
changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from math import inf

import simpy

from simulation.center.clock import DUTY, Clock
from simulation.center.desk import Agent, Desk, Team
from simulation.center.plan import Plan
from simulation.center.rules import stays_on
from simulation.record.recorder import Duty, Recorder
from simulation.routing.routes import selects
from simulation.scenario.schema import Overtime as OvertimeSpec
from simulation.scenario.schema import Selection

GoesNow = Callable[[Agent], bool]
TINY = 1e-9
"""Seconds by which a moment that was worked out may miss its time."""


class Watch:
    """What waits that a team has a skill for, on some channels."""

    def __init__(self, desk: Desk, team: Team, channels: Selection) -> None:
        self.desk = desk
        self.team = team
        chosen = {index for index, name in enumerate(desk.plan.channel_names) if selects(channels, name)}
        self.places = [place for place, _, way, _ in desk.plan.places() if place in team.plan.skills and way in chosen]
        self.channels = chosen

    def waiting(self) -> int:
        """Contacts that wait for a skill that holds now."""
        return sum(self.desk.queue[place] for place in self.places if self.desk.holds(self.team, place))

    def oldest(self) -> float:
        """How long the one of them that the team may take has waited that has waited longest (s); 0 without any."""
        since = [
            leg.queued
            for line in self.team.lines
            for _, tag, leg in line.waiting
            if leg.waiting == tag and leg.channel in self.channels
        ]
        return self.desk.clock._now - min(since, default=self.desk.clock._now)


class Overtime:
    """Who of a team stays on after the shift, since when (s)."""

    def __init__(self, clock: Clock, desk: Desk, team: Team, spec: OvertimeSpec, asks: dict[Agent, GoesNow]) -> None:
        self.clock = clock
        self.watch = Watch(desk, team, spec.channels)
        self.spec = spec
        self.asks = asks
        self.over = inf if spec.over is None else spec.over
        self.wait = inf if spec.wait is None else spec.wait
        self.most = inf if spec.agents is None else spec.agents
        self.since: dict[Agent, float] = {}
        self.going: dict[Agent, simpy.Event] = {}

    def stays(self, agent: Agent, until: float) -> Generator[simpy.Event, None, None]:
        """An agent at the end of the shift, who must be gone by the time `until`: returns when it is to leave."""
        now = self.clock._now
        limit = min(now + self.spec.most, until)
        if limit <= now or len(self.since) >= self.most or not self._is_needed():
            return
        self.since[agent], self.going[agent] = now, self.clock.event()
        self.asks[agent] = self._goes_now
        self._asked_later((agent, now, limit))
        yield self.going[agent]

    def left(self, agent: Agent, recorder: Recorder) -> None:
        """The agent has left the floor, or the simulation ends."""
        since = self.since.pop(agent, None)
        if since is not None:
            recorder.duty(agent.index, Duty.OVERTIME, since, self.clock._now)

    def _is_needed(self) -> bool:
        oldest = self.watch.oldest() if self.wait < inf else 0.0
        return stays_on(self.watch.waiting(), oldest, self.over, self.wait)

    def _goes_now(self, agent: Agent) -> bool:
        """Whether an agent who has finished a contact goes."""
        if self._is_needed():
            return False
        self._let_go(agent)
        return True

    def _asked_later(self, who: tuple[Agent, float, float]) -> None:
        agent, _, limit = who
        delay = min(self.spec.every, limit - self.clock._now)
        self.clock.call(delay, DUTY + agent.index, self._asked_again, who)

    def _asked_again(self, who: tuple[Agent, float, float]) -> None:
        agent, since, limit = who
        if self.since.get(agent) != since or agent not in self.asks:
            return
        if self.clock._now >= limit - TINY or not self._is_needed():
            self._let_go(agent)
        else:
            self._asked_later(who)

    def _let_go(self, agent: Agent) -> None:
        del self.asks[agent]
        self.going.pop(agent).succeed()


class TeamDay:
    """The rules of a team."""

    def __init__(self, overtime: Overtime | None, recorder: Recorder) -> None:
        self.overtime = overtime
        self.recorder = recorder

    def shift_ends(self, agent: Agent, until: float) -> Generator[simpy.Event, None, None]:
        """The end of an agent's shift, who has the next one from `until` on: returns when the agent is to leave."""
        if self.overtime is not None:
            yield from self.overtime.stays(agent, until)

    def left(self, agent: Agent) -> None:
        """An agent has left the floor."""
        if self.overtime is not None:
            self.overtime.left(agent, self.recorder)

    def cut_off(self) -> None:
        """Note what is under way when the simulation ends."""
        for agent in list(self.overtime.since) if self.overtime is not None else ():
            self.left(agent)


class SameDay:
    """The rules of all teams that have any; `asks` are the agents who may go when they have finished a contact."""

    def __init__(self, clock: Clock, plan: Plan, desk: Desk, recorder: Recorder) -> None:
        self.asks: dict[Agent, GoesNow] = {}
        self.teams: dict[Team, TeamDay] = {}
        for team, spec in zip(desk.teams, plan.scenario.teams.values(), strict=True):
            if spec.overtime is not None:
                overtime = Overtime(clock, desk, team, spec.overtime, self.asks)
                self.teams[team] = TeamDay(overtime, recorder)
        self.plain_look = desk._look
        desk._look = self.look  # type: ignore[method-assign]

    @classmethod
    def of(cls, clock: Clock, plan: Plan, desk: Desk, recorder: Recorder) -> SameDay | None:
        """None where no team has a rule."""
        if all(team.overtime is None for team in plan.scenario.teams.values()):
            return None
        return cls(clock, plan, desk, recorder)

    def look(self, agent: Agent) -> None:
        """An agent who can take contacts goes, or takes those that wait."""
        asked = self.asks.get(agent)
        if asked is None or not asked(agent):
            self.plain_look(agent)

    def cut_off(self, desk: Desk) -> None:
        """Note what is under way when the simulation ends, and let go of the desk."""
        for day in self.teams.values():
            day.cut_off()
        del desk._look
