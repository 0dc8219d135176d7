"""Customers who have left a number: they wait without a line, and an agent calls them.

A request ends the contact and frees its trunk. The call is a contact of its own; it joins the queue where
the plan says (virtual hold, first of all, or in the lulls) and takes a line while it lasts. A call in vain costs the
agent the dialling, and is made again until there have been enough.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulation.center.clock import ARRIVAL
from simulation.center.leg import Leg, first_patience
from simulation.center.queues import Queues
from simulation.center.rules import is_reached
from simulation.record.recorder import ContactKind, Outcome
from simulation.scenario.schema import Callback

if TYPE_CHECKING:
    from simulation.center.journey import Journey

REACHED = 15


class Callbacks:
    """Calls that the center owes its customers."""

    def __init__(self, journey: Journey, queues: Queues, work_of: Callable[[Leg, int], float]) -> None:
        self.journey = journey
        self.handling = work_of
        self.desk = journey.desk
        self.clock = journey.clock
        self.queues = queues
        self.plans = [None if channel.entry is None else channel.entry.callback for channel in journey.plan.channels]

    def request(self, leg: Leg) -> None:
        """The customer leaves a number and the line."""
        now = self.clock._now
        leg.queued = leg.released = now
        leg.outcome = Outcome.CALLBACK
        self.journey.recorder.leg(leg, -1, -1, leg.tier, now)
        self.journey._leaves(leg)
        self._due(self._call_after(leg), self._plan(leg).earliest)

    def _plan(self, leg: Leg) -> Callback:
        plan = self.plans[leg.channel]
        assert plan is not None
        return plan

    def _call_after(self, leg: Leg) -> Leg:
        """The next call to the customer, which is due when the contact was that asked for it."""
        call = self.journey._next_contact(leg, leg.channel, ContactKind.CALLBACK)
        call.called = True
        call.first_patience = first_patience(leg)
        call.saved, call.retells = leg.saved, leg.retells
        call.due = leg.due if leg.truth is None else leg.truth[2]
        return call

    def _due(self, call: Leg, delay: float) -> None:
        """The call joins the queue after a delay (s), at once if there is none."""
        if delay > 0:
            self.clock.call(delay, ARRIVAL + call.tag, self._join, call)
        else:
            self._join(call)

    def _join(self, call: Leg) -> None:
        """Into the queue, or once the channel is open again."""
        closed = self.journey.doors[call.channel].opens_in()
        if closed > 0:
            self._due(call, closed)
            return
        if self._plan(call).place == "behind":
            self.queues.behind[call.place] += 1
        self.desk.join(call, self.desk.aside.get(call.place))

    # -- the call ---------------------------------------------------------------------------------------

    def work_of(self, call: Leg, team: int) -> float:
        """Seconds that the agent spends: dialling, and handling if the customer is reached."""
        plan = self._plan(call)
        if plan.place == "behind":
            self.queues.behind[call.place] -= 1
        elif plan.place == "keeps":
            self.queues.answered(call)
        self.journey._comes_in(call)
        call.reached = is_reached(self.journey._later(call, REACHED), plan.reached)
        return plan.dialling + (self.handling(call, team) if call.reached else 0.0)

    def in_vain(self, call: Leg) -> None:
        """Nobody answered: another call later, or it is left to the customer to try again."""
        call.released, call.outcome = self.clock._now, Outcome.UNREACHED
        self.journey._leaves(call)
        plan = self._plan(call)
        if call.attempt < plan.attempts:
            again = self._call_after(call)
            again.attempt = call.attempt + 1
            self._due(again, plan.retry_after)
        else:
            self.journey._redial(call)
