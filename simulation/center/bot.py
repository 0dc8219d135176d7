"""The automated first line: many sessions at once, up to a limit."""

from __future__ import annotations

from collections.abc import Callable

from simulation.center.clock import DONE, Clock
from simulation.center.leg import Leg
from simulation.center.plan import BotPlan


class BotDesk:
    """A bot's sessions. `session_over` is told by the journey."""

    def __init__(self, clock: Clock, handler: int, plan: BotPlan, session_over: Callable[[Leg], None]) -> None:
        self.clock = clock
        self.handler = handler
        self.plan = plan
        self.session_over = session_over
        self.sessions: dict[int, Leg] = {}

    def takes(self, leg: Leg, length: float) -> bool:
        """Start a session of `length` seconds, unless all are taken."""
        if len(self.sessions) >= self.plan.sessions:
            return False
        leg.queued = leg.answered = self.clock._now
        self.sessions[leg.tag] = leg
        self.clock.call(length, DONE + leg.tag, self._over, leg)
        return True

    def _over(self, leg: Leg) -> None:
        del self.sessions[leg.tag]
        leg.released = self.clock._now
        self.session_over(leg)
