"""Conversations by turns: replies take the agent's attention, one at a time; the customers think in between.

An agent holds as many conversations as there are slots, and attends to one: the replies that are asked for (and
after-contact work) are done first come, first served. While a customer thinks, the slot stays taken. Who thinks for
longer than the channel's time-out loses it; the later message reopens the thread, as another contact of the case.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import islice
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from simulation.center.clock import ARRIVAL, DONE, Clock
from simulation.center.leg import Leg
from simulation.center.plan import Plan, TurnsPlan
from simulation.center.rules import between_replies, reply_work, resumed, times_out, with_switching
from simulation.chance import Later
from simulation.record.recorder import Duty, Recorder

if TYPE_CHECKING:
    from simulation.center.desk import Agent, Desk

REPLY, THINK, WALK_OFF = 25, 26, 27
"""What a draw is for; part of its key."""


class Talk:
    """A conversation, over all contacts that it lasts: replies still to come, the customer's thinking after each.

    `speed` is that of the agent for whom `replies` (s of attention) were worked out. The sums are those of one leg.
    """

    __slots__ = ("asked", "attention", "leg", "mind", "replies", "reply_time", "sent", "speed", "thinks")

    def __init__(self, leg: Leg, replies: list[float], thinks: list[float], speed: float) -> None:
        self.leg = leg
        self.replies = replies[::-1]
        self.thinks = thinks[::-1]
        self.speed = speed
        self.mind: Mind  # of the agent who holds it
        self.asked = 0.0
        self.sent = 0
        self.attention = 0.0
        self.reply_time = 0.0


class Mind:
    """An agent's attention: the task at hand, and those that wait for it."""

    __slots__ = ("agent", "busy_since", "last", "since", "switching", "task", "waiting")

    def __init__(self, agent: int, switching: float) -> None:
        self.agent = agent
        self.switching = switching
        self.last: Talk | None = None
        self.task: Task | None = None
        self.since = 0.0
        self.busy_since = 0.0
        self.waiting: deque[Task] = deque()


Task = tuple[Talk, float, Callable[[Talk], None]]
"""Whose, seconds of attention, and what follows."""


class Turns:
    """All conversations by turns of a run. `timed_out` tells the journey that a customer did not write in time, and
    after which further time the next message comes (infinite: never)."""

    def __init__(
        self,
        clock: Clock,
        plan: Plan,
        desk: Desk,
        recorder: Recorder,
        draws: tuple[Later, list[int]],
        timed_out: Callable[[Leg, float], None],
    ) -> None:
        self.clock = clock
        self.desk = desk
        self.recorder = recorder
        self.later, self.key = draws
        self.timed_out = timed_out
        self.teams = plan.teams
        self.channels = [channel.turns for channel in plan.channels]
        self.open: dict[int, Talk] = {}
        self.minds: dict[int, Mind] = {}

    # -- a conversation -----------------------------------------------------------------------------

    def begin(self, leg: Leg, work: float) -> None:
        """An agent takes a conversation that needs `work` seconds of attention."""
        talk = leg.talk
        if talk is None:
            talk = leg.talk = self._new(leg, work)
        else:
            self._taken_up(talk, leg)
        talk.asked = self.clock._now
        talk.mind = self._mind(leg.agent)
        self.open[leg.tag] = talk
        self._asks(talk, talk.replies.pop(), self._replied)

    def _new(self, leg: Leg, work: float) -> Talk:
        plan: TurnsPlan = self.channels[leg.channel]  # type: ignore[assignment]
        team = leg.agent.team.plan
        speed = team.speed * leg.pace
        between = between_replies(team.work[leg.place].handling.mean / speed, plan.mean)
        replies = [work] if leg.then is not None else self._replies(leg, work, between)
        return Talk(leg, replies, self._thinks(leg, len(replies) - 1, plan), speed)

    def _replies(self, leg: Leg, work: float, between: float) -> list[float]:
        """Seconds of attention of each reply; together they make up the work."""
        if between == inf:
            return [work]
        replies, rest = [], work
        for u in self.later.uniforms(self.key[leg.case], leg.contact, leg.number, REPLY):
            replies.append(reply_work(u, rest, between))
            rest -= replies[-1]
            if rest <= 0:
                break
        return replies

    def _thinks(self, leg: Leg, many: int, plan: TurnsPlan) -> list[float]:
        """How long the customer takes after each reply but the last; for ever if the customer walks off."""
        if not many or plan.think is None:
            return []
        key = self.key[leg.case], leg.contact, leg.number
        thinks: list[float] = plan.think.ppf(np.array([*islice(self.later.uniforms(*key, THINK), many)])).tolist()
        if plan.walks_off:
            leaves = islice(self.later.uniforms(*key, WALK_OFF), many)
            thinks = [inf if u < plan.walks_off else think for u, think in zip(leaves, thinks, strict=True)]
        return thinks

    def _taken_up(self, talk: Talk, leg: Leg) -> None:
        """A reopened thread goes on with the rest, at the pace of the agent who takes it up."""
        speed, plan = leg.agent.team.plan.speed * leg.pace, self.channels[leg.channel]
        if leg.agent is not talk.leg.agent:
            talk.replies[-1] += plan.catch_up / talk.speed  # type: ignore[union-attr]
        talk.replies = [resumed(reply, talk.speed, speed) for reply in talk.replies]
        leg.wrap_up = resumed(leg.wrap_up, talk.speed, speed)
        talk.leg, talk.speed = leg, speed
        talk.sent, talk.attention, talk.reply_time = 0, 0.0, 0.0

    def _replied(self, talk: Talk) -> None:
        """A reply is sent: it was the last, or the customer thinks."""
        now = self.clock._now
        talk.sent += 1
        talk.reply_time += now - talk.asked
        leg = talk.leg
        if not talk.replies:
            self.desk.talk_over(leg)
            if leg.wrap_up:
                self._asks(talk, leg.wrap_up, self._over)
            else:
                self._over(talk)
            return
        think, timeout = talk.thinks.pop(), self.channels[leg.channel].timeout  # type: ignore[union-attr]
        if times_out(think, timeout):
            self.clock.call(timeout, DONE + leg.tag, self._times_out, (talk, think - timeout))
        else:
            self.clock.call(think, ARRIVAL + leg.tag, self._writes, talk)

    def _writes(self, talk: Talk) -> None:
        talk.asked = self.clock._now
        self._asks(talk, talk.replies.pop(), self._replied)

    def _times_out(self, whose: tuple[Talk, float]) -> None:
        talk, later = whose
        self.timed_out(talk.leg, later)
        self._over(talk)

    def _over(self, talk: Talk) -> None:
        """The agent is through with the leg."""
        del self.open[talk.leg.tag]
        self.recorder.conversation(talk.leg, talk.sent, talk.attention, talk.reply_time)
        self.desk.finish(talk.leg)

    # -- the agent's attention ----------------------------------------------------------------------

    def _asks(self, talk: Talk, seconds: float, follows: Callable[[Talk], None]) -> None:
        """Something wants the agent's attention: now, or when those that came before are done."""
        mind = talk.mind
        if mind.task is not None:
            mind.waiting.append((talk, seconds, follows))
            return
        mind.busy_since = self.clock._now
        self._attend(mind, (talk, seconds, follows))

    def _attend(self, mind: Mind, task: Task) -> None:
        talk, seconds, follows = task
        if mind.switching:
            seconds = with_switching(seconds, mind.switching, talk.sent > 0, talk is mind.last)
            task, mind.last = (talk, seconds, follows), talk
        mind.task, mind.since = task, self.clock._now
        self.clock.call(seconds, DONE + talk.leg.tag, self._attended, mind)

    def _attended(self, mind: Mind) -> None:
        """A task is done; the next one follows before the agent takes anything new."""
        talk, seconds, follows = mind.task  # type: ignore[misc]
        talk.attention += seconds
        if mind.waiting:
            self._attend(mind, mind.waiting.popleft())
        else:
            mind.task = None
            self.recorder.duty(mind.agent, Duty.ATTENTION, mind.busy_since, self.clock._now)
        follows(talk)

    def _mind(self, agent: Agent) -> Mind:
        if agent.index not in self.minds:
            self.minds[agent.index] = Mind(agent.index, agent.team.plan.switching)
        return self.minds[agent.index]

    # -- the end of the run -------------------------------------------------------------------------

    def cut_off(self) -> None:
        """Note what conversations under way have taken so far."""
        now = self.clock.now
        for mind in self.minds.values():
            if mind.task is not None:
                mind.task[0].attention += now - mind.since
                self.recorder.duty(mind.agent, Duty.ATTENTION, mind.busy_since, now)
        for talk in self.open.values():
            self.recorder.conversation(talk.leg, talk.sent, talk.attention, talk.reply_time)
