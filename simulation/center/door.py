"""The door of a channel: opening hours and trunks."""

from __future__ import annotations

from collections.abc import Callable, Generator

from simulation.center.clock import DOOR, Clock, Due
from simulation.center.plan import ChannelPlan


class Door:
    """Whether a contact gets in. `closes` is called with the channel's number at closing time."""

    def __init__(self, clock: Clock, index: int, plan: ChannelPlan, closes: Callable[[int], None]) -> None:
        self.clock = clock
        self.index = index
        self.plan = plan
        self.closes = closes
        self.is_open = plan.spans is None
        self.trunks = plan.trunks
        self.guarded = plan.spans is not None or plan.trunks is not None
        self.inside = 0
        if plan.spans is not None:
            clock.process(self._hours(plan.spans))

    @property
    def full(self) -> bool:
        """Whether all trunks are taken."""
        return self.trunks is not None and self.inside >= self.trunks

    def _hours(self, spans: list[tuple[float, float]]) -> Generator[Due, None, None]:
        for opens, shuts in spans:
            yield self._at(opens)
            self.is_open = True
            yield self._at(shuts)
            self.is_open = False
            self.closes(self.index)

    def _at(self, moment: float) -> Due:
        return Due(self.clock, moment - self.clock._now, DOOR + self.index)
