"""Handling that is not one contact at a time."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

from simulation.center.clock import DONE, Clock
from simulation.center.leg import Leg
from simulation.center.rules import pace


class Board:
    """An agent's conversations side by side, each slowed by the others.

    All of them advance at the same pace, so one clock of work done (`done`, seconds of work per conversation)
    tells when each ends: when it reaches the clock's reading at its start plus its own work.
    """

    def __init__(self, clock: Clock, rates: tuple[float, ...]) -> None:
        self.clock = clock
        self.rates = rates
        self.done = 0.0
        self.read_at = 0.0
        self.chats: list[tuple[float, int, Leg, Callable[[Leg], None]]] = []
        self.timer: object = None

    def add(self, leg: Leg, work: float, wakes: Callable[[Leg], None]) -> None:
        """Another conversation (or its wrap-up) of `work` seconds at full pace; `wakes` is called when it is over."""
        self._read()
        heappush(self.chats, (self.done + work, leg.tag, leg, wakes))
        self._set_timer()

    def _read(self) -> None:
        now = self.clock._now
        if self.chats:
            self.done += (now - self.read_at) * pace(self.rates[len(self.chats) - 1], len(self.chats))
        self.read_at = now

    def _set_timer(self) -> None:
        if not self.chats:
            self.timer = None
            return
        over, tag, _, _ = self.chats[0]
        speed = pace(self.rates[len(self.chats) - 1], len(self.chats))
        self.timer = object()
        self.clock.call(max(0.0, over - self.done) / speed, DONE + tag, self._over, self.timer)

    def _over(self, timer: object) -> None:
        if timer is not self.timer:
            return  # the pace has changed meanwhile
        over, _, leg, wakes = heappop(self.chats)
        self.done, self.read_at = over, self.clock._now
        self._set_timer()
        wakes(leg)
