"""Clocks that run out while contacts wait: a higher tier may then take them too, or they come first."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from simulation.center.clock import OVERFLOW
from simulation.center.leg import Leg
from simulation.center.rules import clock_runs_out
from simulation.record.recorder import Cause
from simulation.routing import Stage
from simulation.routing.routes import selects
from simulation.scenario.schema import URGENCIES
from simulation.scenario.schema import Overdue as Spec

if TYPE_CHECKING:
    from simulation.center.desk import Desk
    from simulation.center.plan import Plan


def tier_above(plan: Plan, tier: int, channel: int, topic: int, to: str | None) -> int:
    """The tier that contacts of a place are passed up to: the named one, or the next with a team for them; -1 for none."""
    path = plan.tiers
    tiers = range(tier + 1, len(path)) if to is None else [index for index in [path.index(to)] if index > tier]
    return next((upper for upper in tiers if plan.stages[plan.place(upper, channel, topic)]), -1)


def late_stages(plan: Plan) -> dict[int, list[Stage]]:
    """Teams of a higher tier that may take contacts of a place once their clock has run out, by place."""
    spec = plan.scenario.escalation.overdue
    if spec is None or spec.to == "front":
        return {}
    found = {}
    for place, tier, channel, topic in plan.places():
        above = tier_above(plan, tier, channel, topic, None if spec.to == "next" else spec.to)
        if above >= 0 and selects(spec.channels, plan.channel_names[channel]):
            found[place] = plan.stages[plan.place(above, channel, topic)]
    return found


class Overdue:
    """Starts a clock for each contact that begins to wait."""

    def __init__(self, desk: Desk, plan: Plan, spec: Spec) -> None:
        self.desk = desk
        self.clock = desk.clock
        self.before_due = spec.before_due
        self.most = [spec.after.get(level, inf) for level in URGENCIES]
        self.concerned = [selects(spec.channels, name) for name in plan.channel_names]
        if spec.to != "front":
            self.moves = set(desk.late)
        else:
            self.moves = {place for place, *_ in plan.places()}

    def starts(self, leg: Leg) -> None:
        """A contact begins to wait."""
        if leg.called or not self.concerned[leg.channel] or leg.place not in self.moves:
            return
        most, before = self.most[leg.urgency], self.before_due
        at = clock_runs_out(leg.queued, most, inf if before is None else leg.due, before or 0.0)
        if at < inf:
            self.clock.call(at - leg.queued, OVERFLOW + leg.tag, self._runs_out, leg)

    def _runs_out(self, leg: Leg) -> None:
        if leg.waiting == leg.tag:
            self.desk.recorder.passed_up(leg, Cause.CLOCK)
            self.desk.hurry(leg)
