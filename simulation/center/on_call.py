"""Agents on call: at home until they are called in, on the way, at work, and home again.

Whether one is called is asked whenever a contact begins to wait or has waited for the time that the rule names, and when one
who was called has come. Whether one may go is asked when the agent has finished a contact, when the least stay is over,
and for an idle one when fewer wait.
"""

from __future__ import annotations

from collections.abc import Generator
from math import inf

import numpy as np
import simpy

from simulation.center.clock import DUTY, Clock, Due
from simulation.center.desk import Agent, Desk, Team
from simulation.center.rules import calls_in, goes_home
from simulation.center.watch import TINY, Asks, Watch
from simulation.record.recorder import Duty, Recorder
from simulation.scenario.schema import OnCall as OnCallSpec
from simulation.scenario.timeline import Span


class OnCall:
    """Agents of a team who are on call: at `home`, `coming`, or `here`, each since when (s).

    `chance` are their own generators, by agent, of how long they take to come.
    """

    def __init__(self, clock: Clock, desk: Desk, team: Team, spec: OnCallSpec, asks: Asks, recorder: Recorder) -> None:
        self.clock = clock
        self.desk = desk
        self.spec = spec
        self.asks = asks
        self.recorder = recorder
        self.watch = Watch(desk, team, spec.channels)
        self.over = inf if spec.over is None else spec.over
        self.wait = inf if spec.wait is None else spec.wait
        self.delay = None if spec.delay is None else spec.delay.build()
        self.chance: dict[Agent, np.random.Generator] = {}
        self.home: dict[Agent, float] = {}
        self.coming: dict[Agent, float] = {}
        self.here: dict[Agent, float] = {}

    def duty(self, agent: Agent, spans: list[Span]) -> Generator[simpy.Event, None, None]:
        """The process of an agent who is on call in some spans of time."""
        for start, end in spans:
            yield Due(self.clock, max(0.0, start - self.clock._now), DUTY + agent.index)
            self.home[agent] = self.clock._now
            self._looks()
            yield Due(self.clock, max(0.0, end - self.clock._now), DUTY + agent.index)
            leaving = self._off_call(agent)
            if leaving is not None:
                yield leaving

    def _off_call(self, agent: Agent) -> simpy.Event | None:
        """The agent is no longer on call: leaves at once (None), or when what it holds is finished (the event)."""
        if agent in self.here:
            del self.here[agent]
            del self.asks[agent]
            return self.desk.ask_to_leave(agent)
        self.cut_off(agent)
        return None

    def cut_off(self, agent: Agent) -> None:
        """Note what an agent off the floor has been doing; that is over now."""
        now = self.clock._now
        for since, duty in (
            (self.home.pop(agent, None), Duty.ON_CALL),
            (self.coming.pop(agent, None), Duty.ON_THE_WAY),
        ):
            if since is not None:
                self.recorder.duty(agent.index, duty, since, now)

    # -- calling in ---------------------------------------------------------------------------------

    def changed(self, change: int) -> None:
        """So many more contacts wait (fewer: below zero) that the team has a skill for."""
        if change < 0:
            for agent in [one for one in self.here if not one.load]:
                self.clock.call(0.0, DUTY + agent.index, self._may_go, agent)
            return
        if self.wait < inf:
            self.clock.call(self.wait, DUTY, lambda _: self._looks(), None)
        self._looks()

    def _looks(self) -> None:
        """Call in as many as there is reason for."""
        while self.home and self._is_needed():
            agent = min(self.home, key=lambda agent: agent.index)
            self.cut_off(agent)
            self.coming[agent] = now = self.clock._now
            delay = 0.0 if self.delay is None else self.delay.ppf(self.chance[agent].random())
            self.clock.call(delay, DUTY + agent.index, self._comes, (agent, now))

    def _is_needed(self) -> bool:
        oldest = self._oldest() if not self.coming else -inf
        return calls_in(self.watch.waiting(), oldest, self.over, self.spec.each, self.wait, len(self.coming))

    def _oldest(self) -> float:
        return self.watch.oldest() + TINY if self.wait < inf else -inf

    def _comes(self, who: tuple[Agent, float]) -> None:
        """Who was called is there, unless no longer on call."""
        agent, called = who
        if self.coming.get(agent) != called:
            return
        self.cut_off(agent)
        self.here[agent] = self.clock._now
        self.desk.sign_in(agent)
        self.asks[agent] = self._goes_now
        self._looks()
        self.clock.call(self.spec.at_least, DUTY + agent.index, self._may_go, agent)

    # -- going home ---------------------------------------------------------------------------------

    def _may_go(self, agent: Agent) -> None:
        """An agent who may be idle is asked."""
        if agent in self.here and not agent.load:
            self._goes_now(agent)

    def _goes_now(self, agent: Agent) -> bool:
        """Whether an agent who has finished a contact goes."""
        stayed = self.clock._now - self.here[agent] + TINY
        waiting, oldest = self.watch.waiting(), self._oldest()
        if agent.load or not goes_home(waiting, oldest, self.spec.until, self.wait, stayed, self.spec.at_least):
            return False
        del self.here[agent], self.asks[agent]
        self.desk.sign_off(agent)
        self.home[agent] = self.clock._now
        return True
