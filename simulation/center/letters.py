"""What deferred work adds to the story of a case: the way in, work in parts, and questions beside it."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING

from simulation.center.chasers import Chasers
from simulation.center.clock import ARRIVAL
from simulation.center.desk import Desk
from simulation.center.intake import Intake
from simulation.center.leg import Leg
from simulation.center.pauses import Pauses
from simulation.record.recorder import ContactKind, Outcome

if TYPE_CHECKING:
    from simulation.center.journey import Journey


class Letters:
    """Takes part in the journey where the scenario has any of it; else it is not there."""

    def __init__(self, journey: Journey) -> None:
        self.journey = journey
        self.plan = journey.plan.letters
        self.intake = Intake(self)
        self.pauses = Pauses(self)
        self.chasers = Chasers(self)
        self.usual_work: Callable[[Leg, int], float]
        self.usual_end: Callable[[Leg], None]
        self.registering: dict[int, tuple[Leg, float]] = {}

    def stands_between(self, desk: Desk) -> None:
        """Between the desk and those who would otherwise tell it the work of a leg, and what follows."""
        self.usual_work, self.usual_end = desk.work_of, desk.talk_over
        desk.work_of, desk.talk_over = self.work_of, self.talk_over

    # -- coming -------------------------------------------------------------------------------------

    def comes(self, leg: Leg) -> None:
        """A contact is through the door: it is filed, and the customer begins to wait."""
        if leg.kind in (ContactKind.CHASER, ContactKind.REOPEN):
            return self._known(leg)
        delay = 0.0
        intake = self.plan.intake[leg.channel]
        if intake is not None:
            delay = self.intake.files(leg, intake)
        leg.due = self.due(leg)
        self.chasers.begins(leg)
        if delay == 0:
            return self.journey.meets(leg)
        self.registering[leg.tag] = leg, self.journey.clock._now
        return self.journey.clock.call(delay, ARRIVAL + leg.tag, self._registered, leg)

    def _known(self, leg: Leg) -> None:
        """About a case that is known: to the agents at once, as a bot could not answer."""
        leg.due = self.due(leg)
        if leg.kind == ContactKind.REOPEN:
            self.chasers.begins(leg)
        self.journey.desk.join(leg)

    def _registered(self, leg: Leg) -> None:
        del self.registering[leg.tag]
        self.journey.meets(leg)

    def due(self, leg: Leg) -> float:
        """When the answer to a contact that comes now is due (s since the start)."""
        allowed = self.journey.plan.channels[leg.channel].deadline[leg.urgency]
        return self._later(leg.channel, allowed)

    def due_after_pause(self, leg: Leg, lasts: float) -> float:
        """When the answer is due if the clock stands still for so many seconds from now on."""
        clock = self.plan.clocks[leg.channel]
        if clock is None:
            return leg.due + lasts
        now = self.journey.clock._now
        return clock.after(now + lasts, clock.read(leg.due) - clock.read(now))

    def _later(self, channel: int, seconds: float) -> float:
        now, clock = self.journey.clock._now, self.plan.clocks[channel]
        return now + seconds if clock is None or seconds == inf else clock.after(now, seconds)

    # -- with an agent ------------------------------------------------------------------------------

    def work_of(self, leg: Leg, team: int) -> float:
        """Seconds of handling: in vain, a part of the work, or all of it."""
        if leg.truth is not None:
            in_vain = self.intake.finds_out(leg, team)
            if in_vain is not None:
                return in_vain
        if leg.parts is not None:
            return self.pauses.next_part(leg, team)
        return self.pauses.first_part(leg, team, self.usual_work(leg, team))

    def talk_over(self, leg: Leg) -> None:
        """A stay is over: what was to happen then happens, or the story goes on as usual."""
        if leg.then is not None:
            leg.released = self.journey.clock._now
            leg.then(leg)
            return
        self.usual_end(leg)
        if leg.outcome == Outcome.SOLVED:
            self.chasers.ends(leg)

    def over(self, leg: Leg) -> None:
        """A contact has come to its end."""
        if leg.kind != ContactKind.CHASER:
            self.chasers.ends(leg)

    # -- the end of the run -------------------------------------------------------------------------

    def cut_off(self) -> None:
        """Note the contacts that have come, but stand in no queue yet."""
        for leg, arrived in self.registering.values():
            self.journey.recorder.turned_away(leg, Outcome.OPEN, arrived)
