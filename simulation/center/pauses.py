"""Waiting for somebody else's answer: the work on a contact is cut in parts, with time between them."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, NamedTuple

from simulation.center.clock import ARRIVAL
from simulation.center.leg import Leg
from simulation.center.letters_plan import PausePlan
from simulation.center.rules import handling_time, must_wait, part_of_work
from simulation.record.recorder import CAUSES, Outcome

if TYPE_CHECKING:
    from simulation.center.letters import Letters

PAUSE, PAUSE_LASTS, RESUME = range(36, 39)
"""What a draw is for, beside those of the journey; its leg is the number of the cause."""
CUSTOMER = CAUSES.index("customer")


class Parts(NamedTuple):
    """Work that is cut in parts: seconds in all (at speed 1), the share done, further work on the return, and what
    is left to wait for."""

    work: float
    wrap_up: float
    done: float
    resume: float
    waits: tuple[PausePlan, ...]


def all_of(work: float) -> Parts:
    """Work in one part, without a wait."""
    return Parts(work, 0.0, 0.0, 0.0, ())


class Pauses:
    """Cuts the work of contacts that have to wait, and brings them back. Each contact waits for each cause at most once,
    in its first handling."""

    def __init__(self, letters: Letters) -> None:
        self.letters = letters
        self.journey = letters.journey
        self.plan = letters.plan.pauses
        self.handled: dict[int, int] = {}

    def first_part(self, leg: Leg, team: int, work: float) -> float:
        """Seconds of work until the first pause: all of it, if there is none."""
        waits = self._waits(leg)
        if not waits:
            return work
        speed = self.journey.plan.teams[team].speed * leg.pace
        leg.parts = Parts(work * speed, leg.wrap_up * speed, 0.0, 0.0, waits)
        return self.next_part(leg, team)

    def _waits(self, leg: Leg) -> tuple[PausePlan, ...]:
        plans = self.plan.get((leg.channel, self.journey.topic[leg.case]), ())
        if not plans or self.handled.get(leg.case) == leg.contact:
            return ()
        self.handled[leg.case] = leg.contact
        return tuple(plan for plan in plans if must_wait(self._draw(leg, plan, PAUSE), plan.probability))

    def next_part(self, leg: Leg, team: int) -> float:
        """Seconds of work until the next pause, or to the end."""
        parts = leg.parts
        assert parts is not None
        until = parts.waits[0].after if parts.waits else 1.0
        speed = self.journey.plan.teams[team].speed * leg.pace
        leg.wrap_up = 0.0 if parts.waits else handling_time(parts.wrap_up, speed)
        if parts.waits:
            leg.then = self._pauses
        return handling_time(part_of_work(parts.work, parts.done, until) + parts.resume, speed)

    def _pauses(self, leg: Leg) -> None:
        """The work stops; the contact comes back later."""
        assert leg.parts is not None
        leg.outcome = Outcome.PAUSED
        wait, *others = leg.parts.waits
        lasts = wait.lasts.ppf(self._draw(leg, wait, PAUSE_LASTS))
        resume = 0.0 if wait.resume is None else wait.resume.ppf(self._draw(leg, wait, RESUME))
        journey, now = self.journey, self.journey.clock._now
        journey.recorder.paused(leg, wait.cause, now + lasts)
        if wait.cause == CUSTOMER:
            self.letters.chasers.ends(leg)
        back = journey._next_leg(leg, leg.place, leg.tier)
        back.parts = leg.parts._replace(done=wait.after, resume=resume, waits=tuple(others))
        back.helped = leg.helped
        if wait.stops_deadline and now < leg.due < inf:
            back.due = self.letters.due_after_pause(leg, lasts)
        journey.clock.call(lasts, ARRIVAL + back.tag, self._returns, (back, wait.cause))

    def _returns(self, who: tuple[Leg, int]) -> None:
        back, cause = who
        if cause == CUSTOMER:
            self.letters.chasers.begins(back, wait=1)
        self.journey.desk.join(back)

    def _draw(self, leg: Leg, plan: PausePlan, purpose: int) -> float:
        return self.journey.later.uniform(self.journey.key[leg.case], leg.contact, plan.cause, purpose)
