"""The simulation clock: SimPy's environment, with events in one canonical order.

Simultaneous events happen by kind, then by case (or agent, or channel), never by who scheduled first. SimPy
breaks ties of time by priority, so the order is written into the priority.

The kinds, in order: agents come and go before anything else; doors open and close; a freed agent takes waiting
contacts before new ones arrive; overflow; and a customer whose patience ends in the very moment in which an
agent gets free is served. Follow-ups without delay that SimPy schedules itself come before all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

import simpy

DUTY = 1 << 60
DOOR = 2 << 60
DONE = 3 << 60
ARRIVAL = 4 << 60
OVERFLOW = 5 << 60
PATIENCE = 6 << 60

SERIAL_BITS = 20
"""A case's own simultaneous events are told apart by a serial number of so many bits."""


class Due(simpy.Event):
    """An event that will happen after `delay` seconds, with its place among simultaneous ones.

    `subject` is what it is about. To cancel it is to ignore it: whoever wakes up checks whether it still matters.
    A process may yield it; conditions (`&`, `|`) are not for it.
    """

    _ok = True
    _value = None

    def __init__(
        self,
        clock: Clock,
        delay: float,
        priority: int,
        wakes: Callable[[Any], None] | None = None,
        subject: Any = None,
    ) -> None:
        # What Event.__init__ and Environment.schedule do, in one step: most of a run's time goes by here.
        self.callbacks = [] if wakes is None else [wakes]
        self.subject = subject
        heappush(clock._queue, (clock._now + delay, priority, next(clock._eid), self))  # type: ignore[misc]


class Clock(simpy.Environment):
    """SimPy's environment with a tighter loop. Any SimPy process and event works in it."""

    def run_until(self, end: float) -> None:
        """Let everything happen that is due before `end` (s); the clock then shows `end`."""
        queue = self._queue
        while queue and queue[0][0] < end:
            self._now, _, _, event = heappop(queue)
            callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
            for callback in callbacks:
                callback(event)
            if not event._ok and not hasattr(event, "_defused"):
                raise event._value  # a process has failed
        self._now = end
