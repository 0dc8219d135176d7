"""Complaints: cases that dissatisfied customers open about their cases, and that travel like any other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from simulation.center.clock import ARRIVAL, SERIAL_BITS, Clock
from simulation.center.leg import Leg
from simulation.center.plan import ComplaintPlan
from simulation.center.rules import has_reason
from simulation.demand.births import Births


class Complaints:
    """Who would complain, and who has. `comes` is told by the journey: it leads the first contact on its way."""

    def __init__(
        self, clock: Clock, plan: ComplaintPlan, births: Births, comes: Callable[[int, int, Leg], None]
    ) -> None:
        self.clock = clock
        self.comes = comes
        self.plan = plan
        rows = np.arange(births.arisen, len(births))
        parents = births.parent[rows].tolist() if births.parent is not None else []
        delays = (
            [0.0] * len(rows) if plan.after is None else plan.after.ppf(births.draw("complains after")[rows]).tolist()
        )
        self.would: dict[int, tuple[int, float]] = {
            parent: (case, delay) for parent, case, delay in zip(parents, rows.tolist(), delays, strict=True)
        }
        self.made: list[tuple[int, float, int]] = []

    def gives_up(self, leg: Leg) -> None:
        """The customer gives a case up: a reason to complain."""
        self._reason(leg, 0.0)

    def tries_again(self, again: Leg, delay: float) -> None:
        """The customer tries again after `delay` seconds, after so many failed contacts: perhaps a reason."""
        if has_reason(len(again.failed_at), self.plan.after_failures):
            self._reason(again, delay)

    def _reason(self, leg: Leg, delay: float) -> None:
        """The first reason makes those complain who would."""
        complaint = self.would.pop(leg.case, None)
        if complaint is not None:
            case, after = complaint
            self.clock.call(delay + after, ARRIVAL + (case << SERIAL_BITS), self._comes, (case, leg))

    def _comes(self, what: tuple[int, Leg]) -> None:
        case, about = what
        channel = about.channel if self.plan.channel < 0 else self.plan.channel
        self.made.append((case, self.clock._now, channel))
        self.comes(case, channel, about)

    def noted(self, births: Births) -> Births:
        """The birth table with arrival and channel of the complaints that have come."""
        arrived, channels = births.arrived.copy(), births.channel.copy()
        for case, at, channel in self.made:
            arrived[case], channels[case] = at, channel
        return replace(births, arrived=arrived, channel=channels)
