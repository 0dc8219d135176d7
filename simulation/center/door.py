"""The door of a channel: opening hours, outages and trunks."""

from __future__ import annotations

from collections.abc import Callable, Generator
from math import inf

from simulation.center.clock import DOOR, Clock, Due
from simulation.center.leg import Leg
from simulation.center.plan import ChannelPlan
from simulation.scenario.timeline import Span


class Door:
    """Whether a contact gets in; letters that find it closed lie `outside` until it opens.

    `closes` is told the channel's number and whether it breaks down, at closing time and when an outage begins;
    `lets_in` takes the letters.
    """

    def __init__(
        self,
        clock: Clock,
        index: int,
        plan: ChannelPlan,
        closes: Callable[[int, bool], None],
        lets_in: Callable[[Leg], None],
    ) -> None:
        self.clock = clock
        self.index = index
        self.plan = plan
        self.closes = closes
        self.lets_in = lets_in
        self.is_open = plan.spans is None
        self.trunks = plan.trunks
        self.guarded = plan.spans is not None or plan.trunks is not None
        self.inside = 0
        self.outside: list[Leg] = []
        if plan.spans is not None:
            clock.process(self._hours(plan.spans, {start for start, _ in plan.outages}))

    @property
    def full(self) -> bool:
        """Whether all trunks are taken."""
        return self.trunks is not None and self.inside >= self.trunks

    def opens_in(self) -> float:
        """Seconds until the door is open: 0 if it is, infinite if it will not be again."""
        if self.is_open or self.plan.spans is None:
            return 0.0
        now = self.clock._now
        return min((opens - now for opens, _ in self.plan.spans if opens > now), default=inf)

    def _hours(self, spans: list[Span], broken: set[float]) -> Generator[Due, None, None]:
        shutting = (
            {shuts for _, shuts in spans} | self.plan.closings | broken
        )  # some while it is shut or broken already
        changes = [(opens, True) for opens, _ in spans] + [(shuts, False) for shuts in shutting]
        for moment, opens in sorted(changes):
            yield Due(self.clock, moment - self.clock._now, DOOR + self.index)
            self.is_open = opens
            if opens:
                self._let_in()
            else:
                self.closes(self.index, moment in broken)

    def _let_in(self) -> None:
        letters, self.outside = self.outside, []
        for letter in letters:
            self.lets_in(letter)
