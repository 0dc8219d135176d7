"""The simulation clock: SimPy's environment, with events in one canonical order.

Simultaneous events happen by kind, then by case (or agent, or channel), never by who scheduled first. SimPy
breaks ties of time by priority, so the order is written into the priority.

The kinds, in order: agents come and go before anything else; doors open and close; a freed agent takes waiting
contacts before new ones arrive; overflow; and a customer whose patience ends in the very moment in which an
agent gets free is served. Follow-ups without delay that SimPy schedules itself come before all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    """For a process to wait for: `delay` seconds from now, with its place among simultaneous events."""

    def __init__(self, clock: Clock, delay: float, priority: int) -> None:
        super().__init__(clock)
        self._ok = True
        self._value = None
        clock.schedule(self, priority, delay)  # type: ignore[arg-type]


class Clock(simpy.Environment):
    """SimPy's environment, which also takes plain calls besides events. Any SimPy process and event works in it.

    Most of a run are steps of contacts, for which nobody but one method waits: a call costs a third of an event.
    """

    def call(self, delay: float, priority: int, method: Callable[[Any], None], subject: Any) -> None:
        """Call `method(subject)` after `delay` seconds, in its place among simultaneous events.

        To cancel a call is to ignore it: the method checks whether it still matters.
        """
        heappush(self._queue, (self._now + delay, priority, next(self._eid), (method, subject)))  # type: ignore[misc]

    def drive(self, process: Iterator[tuple[float, int]]) -> None:
        """Run a process that yields (moment, priority) to be woken then: one that waits for nothing but time."""
        queue, number = self._queue, self._eid

        def wake(_: None) -> None:
            for moment, priority in process:
                heappush(queue, (moment, priority, next(number), (wake, None)))  # type: ignore[misc]
                return

        wake(None)

    def run_until(self, end: float) -> None:
        """Let everything happen that is due before `end` (s); the clock then shows `end`."""
        queue: list[Any] = self._queue
        stop = simpy.Event(self)
        heappush(queue, (end, -1, -1, stop))
        while True:
            self._now, _, _, due = heappop(queue)
            if type(due) is tuple:
                due[0](due[1])
            elif due is stop:
                return
            else:
                _happens(due)

    def step(self) -> None:
        """The next event or call, for SimPy's own `run`."""
        queue: list[Any] = self._queue
        if queue and type(queue[0][3]) is tuple:
            self._now, _, _, (method, subject) = heappop(queue)
            method(subject)
        else:
            super().step()

    def pending(self, kind: int) -> list[Any]:
        """Subjects of the calls of a kind that have not been made yet, in the order in which they would."""
        kinds = range(kind, kind + (1 << 60))
        queue: list[Any] = sorted(self._queue)
        return [due[1] for _, priority, _, due in queue if priority in kinds and type(due) is tuple]


def _happens(event: simpy.Event) -> None:
    """What `Environment.step` does with an event."""
    callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
    for callback in callbacks:
        callback(event)
    if not event._ok and not hasattr(event, "_defused"):
        raise event._value  # a process has failed
