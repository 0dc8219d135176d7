"""Between the door and the queue: what customers see and hear of the wait, and what they do about it.

A contact that an agent can take at once passes through. Who would have to wait may hear how long, may leave a number
to be called back, may leave at once, or waits.
"""

from __future__ import annotations

from math import inf, nan
from typing import TYPE_CHECKING

from simulation.center.callbacks import Callbacks
from simulation.center.leg import Leg
from simulation.center.plan import EntryPlan
from simulation.center.predictors import PREDICTORS
from simulation.center.queues import Queues, Seen
from simulation.center.rules import (
    announced_wait,
    balks,
    leaves_at_once,
    offers_callback,
    one_of,
    promised_by,
    takes_callback,
)
from simulation.record.recorder import ContactKind, Outcome
from simulation.scenario.schema import Instead

if TYPE_CHECKING:
    from simulation.center.journey import Journey

BALK, TOLERANCE, INSTEAD, ACCEPT = 12, 13, 14, 16
ABOUT_KNOWN = (ContactKind.CHASER, ContactKind.REOPEN)
"""Contacts about a case in hand, which keep to their thread."""


class Lobby:
    """What happens to contacts of all channels before they wait."""

    def __init__(self, journey: Journey) -> None:
        """Stands between the desk and those who would otherwise tell it the work of a leg, and what follows."""
        self.journey = journey
        self.desk = desk = journey.desk
        self.usual_work, self.usual_end = desk.work_of, desk.talk_over
        desk.work_of, desk.talk_over = self.work_of, self.talk_over
        self.clock = journey.clock
        self.recorder = journey.recorder
        self.entries = [channel.entry for channel in journey.plan.channels]
        self.queues = Queues(journey.desk, journey.plan)
        self.callbacks = Callbacks(journey, self.queues, self.usual_work)

    # -- before making contact ----------------------------------------------------------------------

    def chooses(self, leg: Leg) -> None:
        """A customer who sees a closed door or a long wait may take another channel at once."""
        entry = self.entries[leg.channel]
        if entry is None or not entry.instead or leg.kind in ABOUT_KNOWN:
            return
        shares = self._shares_elsewhere(leg, entry)
        way = one_of(self.journey._later(leg, INSTEAD), shares) if any(shares) else -1
        if way >= 0:
            self.journey._moves(leg, entry.instead[way])

    def _shares_elsewhere(self, leg: Leg, entry: EntryPlan) -> list[float]:
        """The shares of customers that go to each of the other channels, as things are now."""
        if not self.journey.doors[leg.channel].is_open:
            return [other.when_closed for other in entry.others]
        seen = self.queues.seen[leg.place]
        wait = self._predicted(entry, seen) if self.desk.must_wait(leg) else 0.0
        return [_share_above(other, wait) for other in entry.others]

    # -- into the queue -----------------------------------------------------------------------------

    def enter(self, leg: Leg) -> None:
        """A contact wants an agent, and hears what is to be heard if it would have to wait (but for a thread that goes on
        above the first tier)."""
        entry = self.entries[leg.channel]
        if entry is None or leg.tier or not self.desk.must_wait(leg):
            return self.desk.join(leg)
        seen = self.queues.seen[leg.place]
        wait = self._predicted(entry, seen)
        if self._takes_callback(leg, entry, wait, seen):
            return self.callbacks.request(leg)
        told = self._tells(leg, entry, wait)
        if self._leaves_at_once(leg, entry, told):
            leg.queued = self.clock._now
            return self.journey._gone_unserved(leg, Outcome.BALKED)
        usual = leg.patience
        if entry.announces is not None and told >= 0:
            leg.patience *= entry.announces.patience
        self.desk.join(leg)
        leg.patience = usual  # another time the customer may hear nothing
        return None

    def _predicted(self, entry: EntryPlan, seen: Seen) -> float:
        """The wait (s) that would be announced; NaN where nothing predicts it."""
        told = entry.announces
        if told is None:
            return nan
        return announced_wait(PREDICTORS[told.predictor](seen), told.margin, told.rounding)

    def _tells(self, leg: Leg, entry: EntryPlan, wait: float) -> float:
        """The wait (s) that the customer is told; NaN if nothing is said, as where nobody is there to answer."""
        told = entry.announces
        if told is None or not told.above < wait < inf:
            return nan
        self.recorder.promised(leg, wait, promised_by(self.clock._now, wait, told.leeway))
        return wait

    def _takes_callback(self, leg: Leg, entry: EntryPlan, wait: float, seen: Seen) -> bool:
        """Whether the customer is offered a callback and takes it; what was promised then is noted."""
        offer = entry.callback
        if offer is None or not offers_callback(wait, seen.ahead, offer.above, offer.queue):
            return False
        if not takes_callback(self.journey._later(leg, ACCEPT), offer.accepts):
            return False
        now, leeway = self.clock._now, 0.0 if entry.announces is None else entry.announces.leeway
        by = promised_by(now, wait, leeway) if offer.promised is None else now + offer.promised
        if now <= by < inf:
            self.recorder.promised(leg, wait if wait < inf else nan, by)
        return True

    def _leaves_at_once(self, leg: Leg, entry: EntryPlan, told: float) -> bool:
        if entry.tolerance is not None:
            return told >= 0 and balks(told, entry.tolerance.ppf(self.journey._later(leg, TOLERANCE)))
        return entry.balks > 0 and leaves_at_once(self.journey._later(leg, BALK), entry.balks)

    # -- with an agent ------------------------------------------------------------------------------

    def work_of(self, leg: Leg, team: int) -> float:
        """Seconds of work of a leg with a team, of whose wait note is taken."""
        if leg.called:
            return self.callbacks.work_of(leg, team)
        self.queues.answered(leg)
        return self.usual_work(leg, team)

    def talk_over(self, leg: Leg) -> None:
        """The customer's part of a leg is over, or nobody answered the call."""
        if leg.reached:
            self.usual_end(leg)
        else:
            self.callbacks.in_vain(leg)


def _share_above(other: Instead, wait: float) -> float:
    """The share of those who see a wait (s) that goes to another channel."""
    seen = other.when_wait_above is not None and wait > other.when_wait_above
    return (other.share or 0.0) if seen else 0.0
