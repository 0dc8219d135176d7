"""Voluntary time off: in lulls idle agents go home, for the rest of the shift or for some time. Nobody is called back."""

from __future__ import annotations

from collections.abc import Generator
from math import inf

from simulation.center.clock import DUTY, Clock, Due
from simulation.center.desk import Agent, Desk, Team
from simulation.center.rules import sent_home
from simulation.center.watch import TINY, Watch
from simulation.record.recorder import Duty, Recorder
from simulation.scenario.schema import TimeOff as TimeOffSpec

LATE = 1 << 58
"""Looks come after all agents who come and go in the same moment."""


class TimeOff:
    """Agents of a team who have time off: `until` when, `since` when in the stretch on the floor that they now miss.

    `shift` is until when each agent on the floor by the plan has to work, `had` the time off that agents have had (s).
    """

    def __init__(self, clock: Clock, desk: Desk, team: Team, spec: TimeOffSpec, recorder: Recorder) -> None:
        self.clock = clock
        self.desk = desk
        self.team = team
        self.spec = spec
        self.recorder = recorder
        self.watch = Watch(desk, team, spec.channels)
        self.shift: dict[Agent, float] = {}
        self.until: dict[Agent, float] = {}
        self.since: dict[Agent, float] = {}
        self.had: dict[Agent, float] = {}
        self.seen = (0.0, 0.0)
        clock.process(self._looks())

    # -- the plan of an agent -----------------------------------------------------------------------

    def comes(self, agent: Agent, over: float) -> None:
        """A stretch on the floor begins, in a shift that is over then."""
        self.shift[agent] = over
        if self.clock._now < self.until.get(agent, -inf):
            self.since[agent] = self.clock._now
        else:
            self.desk.sign_in(agent)

    def left(self, agent: Agent) -> None:
        """The stretch is over and the agent has left the floor, or the simulation ends."""
        self.shift.pop(agent, None)
        since = self.since.pop(agent, None)
        if since is not None:
            self._note(agent, Duty.TIME_OFF, since, self.clock._now)

    def away(self, agent: Agent, duty: Duty, since: float, until: float) -> None:
        """Between two stretches the agent does something, or has time off for a part of it; a break that is not paid stays one."""
        off = since if duty is Duty.UNPAID_BREAK else min(max(self.until.get(agent, -inf), since), until)
        self._note(agent, Duty.TIME_OFF, since, off)
        self._note(agent, duty, off, until)

    def _note(self, agent: Agent, duty: Duty, since: float, until: float) -> None:
        if until > since:
            agent.spends(self.recorder, duty, since, until)
            if duty is Duty.TIME_OFF:
                self.had[agent] = self.had.get(agent, 0.0) + until - since

    # -- lulls --------------------------------------------------------------------------------------

    def _looks(self) -> Generator[Due, None, None]:
        """The process of the looks."""
        while True:
            yield Due(self.clock, self.spec.every, DUTY + LATE + self.team.index)
            self._look(self._occupancy())

    def _look(self, occupancy: float) -> None:
        spec, now = self.spec, self.clock._now
        idle = [agent for agent in self.team.free[0] if self.shift.get(agent, now) >= now + max(spec.at_least, TINY)]
        stay = len(idle) - 1 if spec.idle is None else spec.idle
        below = inf if spec.occupancy is None else spec.occupancy
        number = sent_home(self.watch.waiting(), len(idle), stay, occupancy, below)
        number = max(0, min(number, self._room(now), self.team.present - spec.keep))
        for agent in sorted(idle, key=lambda agent: (self.had.get(agent, 0.0), agent.index))[:number]:
            self._sends(agent)

    def _room(self, now: float) -> int:
        """How many more may have time off now."""
        most = len(self.team.agents) if self.spec.agents is None else self.spec.agents
        return most - sum(end > now for end in self.until.values())

    def _occupancy(self) -> float:
        """Handling ÷ time on the floor of the team since the last look; 1 if nobody was there."""
        now, busy, on = self.clock._now, 0.0, 0.0
        for agent in self.team.agents:
            busy += agent.busy_seconds + (now - agent.busy_since if agent.load else 0.0)
            on += agent.on_seconds + (now - agent.on_since if agent.signed_in else 0.0)
        (busy_before, on_before), self.seen = self.seen, (busy, on)
        return (busy - busy_before) / (on - on_before) if on > on_before else 1.0

    def _sends(self, agent: Agent) -> None:
        now, over = self.clock._now, self.shift[agent]
        until = over if self.spec.lasts is None else min(over, now + self.spec.lasts)
        self.desk.sign_off(agent)
        self.until[agent], self.since[agent] = until, now
        if until < over:
            self.clock.call(until - now, DUTY + agent.index, self._back, agent)

    def _back(self, agent: Agent) -> None:
        """The time off is over; who has a break just now, or another time off, comes later."""
        since = self.since.get(agent)
        if since is not None and self.clock._now >= self.until[agent]:
            del self.since[agent]
            self._note(agent, Duty.TIME_OFF, since, self.clock._now)
            self.desk.sign_in(agent)
