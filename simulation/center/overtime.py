"""Overtime by rule: agents at the end of their shift stay on while much waits."""

from __future__ import annotations

from collections.abc import Generator
from math import inf

import simpy

from simulation.center.clock import DUTY, Clock
from simulation.center.desk import Agent, Desk, Team
from simulation.center.rules import stays_on
from simulation.center.watch import TINY, Asks, Watch
from simulation.record.recorder import Duty, Recorder
from simulation.scenario.schema import Overtime as OvertimeSpec


class Overtime:
    """Who of a team stays on after the shift, `since` when and `until` when it may last (s): to the next shift."""

    def __init__(self, clock: Clock, desk: Desk, team: Team, spec: OvertimeSpec, asks: Asks) -> None:
        self.clock = clock
        self.watch = Watch(desk, team, spec.channels)
        self.spec = spec
        self.asks = asks
        self.over = inf if spec.over is None else spec.over
        self.wait = inf if spec.wait is None else spec.wait
        self.most = inf if spec.agents is None else spec.agents
        self.since: dict[Agent, float] = {}
        self.until: dict[Agent, float] = {}
        self.going: dict[Agent, simpy.Event] = {}

    def stays(self, agent: Agent, until: float) -> Generator[simpy.Event, None, None]:
        """An agent at the end of the shift, who must be gone by the time `until`: returns when it is to leave."""
        now = self.clock._now
        limit = min(now + self.spec.most, until)
        if limit <= now or len(self.since) >= self.most or not self._is_needed():
            return
        self.since[agent], self.until[agent], self.going[agent] = now, until, self.clock.event()
        self.asks[agent] = self._goes_now
        self._asked_later((agent, now, limit))
        yield self.going[agent]

    def left(self, agent: Agent, recorder: Recorder) -> None:
        """The agent has left the floor, or the simulation ends."""
        since = self.since.pop(agent, None)
        if since is not None:
            recorder.duty(agent.index, Duty.OVERTIME, since, min(self.clock._now, self.until.pop(agent)))

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
