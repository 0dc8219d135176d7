"""The automated first line: many sessions at once, up to a limit, and how they end."""

from __future__ import annotations

from collections.abc import Callable, Generator

from simulation.center.clock import DONE, DOOR, Clock, Due
from simulation.center.leg import Leg
from simulation.center.plan import BotPlan
from simulation.center.rules import (
    asks_for_human,
    bot_answer_time,
    carries_context,
    fails_silently,
    is_understood,
    session_time,
    within_reach,
)
from simulation.record.recorder import Outcome

# What a draw after birth is for; part of its key (see journey).
UNDERSTANDING, HUMAN, SILENCE, CONTEXT = range(20, 24)
OUTAGE = DOOR + (1 << 40)
"""Bots fail and come back just after doors open and close."""


class BotDesk:
    """A bot's sessions. `session_over` is told by the journey; `draw` gives a leg's uniform number for a purpose."""

    def __init__(
        self,
        clock: Clock,
        handler: int,
        plan: BotPlan,
        draw: Callable[[Leg, int], float],
        session_over: Callable[[Leg], None],
    ) -> None:
        self.clock = clock
        self.handler = handler
        self.plan = plan
        self.draw = draw
        self.session_over = session_over
        self.sessions: dict[int, Leg] = {}
        self.out = False
        if plan.outages:
            clock.process(self._outages())

    # -- coming -------------------------------------------------------------------------------------

    def takes(self, leg: Leg, length: float, misled: bool) -> bool:
        """Start a session of `length` seconds and the bot's answers; not if it is full, out of order or unwanted."""
        if len(self.sessions) >= self.plan.sessions or self.out or self._unwanted(leg, misled):
            return False
        leg.queued = leg.answered = self.clock._now
        if self.plan.latency is not None:
            length = self._slowed(length)
        self.sessions[leg.tag] = leg
        self.clock.call(length, DONE + leg.tag, self._over, leg)
        return True

    def _unwanted(self, leg: Leg, misled: bool) -> bool:
        share = self.plan.asks_for_human_again if misled else self.plan.asks_for_human
        return share > 0 and asks_for_human(self.draw(leg, HUMAN), share)

    def _slowed(self, length: float) -> float:
        slow, others = self.plan.latency, len(self.sessions)
        assert slow is not None
        answer = bot_answer_time(slow.at_rest, slow.full, slow.slows_from, others, self.plan.sessions)
        return session_time(length, slow.turns, answer)

    # -- going --------------------------------------------------------------------------------------

    def _over(self, leg: Leg) -> None:
        if self.sessions.pop(leg.tag, None) is not None:  # else an outage has cut it short
            leg.released = self.clock._now
            self.session_over(leg)

    def outcome(self, leg: Leg, topic: int, difficulty: float) -> Outcome:
        """How a session ends: solved, handed over, or believed solved."""
        plan = self.plan
        if self.out:
            return Outcome.ESCALATED
        understanding = plan.understanding[topic]
        if within_reach(difficulty, plan.reach[topic]) and (
            understanding == 1 or is_understood(self.draw(leg, UNDERSTANDING), understanding)
        ):
            return Outcome.SOLVED
        silent = plan.silent_failure
        return Outcome.WRONG if silent and fails_silently(self.draw(leg, SILENCE), silent) else Outcome.ESCALATED

    def passed_on(self, leg: Leg) -> tuple[float, float]:
        """Of a hand-over: the share of the agent's analysis that is saved, and seconds in which the story is retold."""
        told = self.plan.hand_over
        if told is None:
            return 0.0, 0.0
        context = not self.out and (told.context == 1 or carries_context(self.draw(leg, CONTEXT), told.context))
        return (told.saves, 0.0) if context else (0.0, told.repeats_story)

    # -- outages ------------------------------------------------------------------------------------

    def _outages(self) -> Generator[Due, None, None]:
        for fails, works in self.plan.outages:
            yield self._at(fails)
            self.out = True
            self._break_off()
            yield self._at(works)
            self.out = False

    def _at(self, moment: float) -> Due:
        return Due(self.clock, moment - self.clock._now, OUTAGE + self.handler)

    def _break_off(self) -> None:
        """Running sessions are handed over, in canonical order."""
        broken = [self.sessions[tag] for tag in sorted(self.sessions)]
        self.sessions.clear()
        for leg in broken:
            leg.released = self.clock._now
            self.session_over(leg)
