"""Events in one canonical order.

Simultaneous events happen by kind, then by case (or agent, or channel), never by who scheduled first. SimPy
breaks ties of time by priority, so the order is written into the priority.

The kinds, in order: agents come and go before anything else; doors open and close; a freed agent takes waiting
contacts before new ones arrive; overflow; and a customer whose patience ends in the very moment in which an
agent gets free is served. Follow-ups without delay that SimPy schedules itself come before all of them.
"""

from __future__ import annotations

from collections.abc import Callable
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
    """

    def __init__(
        self,
        env: simpy.Environment,
        delay: float,
        priority: int,
        wakes: Callable[[Any], None] | None = None,
        subject: Any = None,
    ) -> None:
        self.env = env
        self.callbacks = [] if wakes is None else [wakes]
        self._ok = True
        self._value = None
        self.subject = subject
        env.schedule(self, priority, delay)  # type: ignore[arg-type]
