"""Registration and classification of new contacts, and the way back from a wrong queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.center.leg import Leg
from simulation.center.letters_plan import IntakePlan
from simulation.center.rules import handling_time, is_mistaken, misjudged, one_of, work_in_vain
from simulation.record.recorder import Outcome
from simulation.scenario.schema import URGENCIES

if TYPE_CHECKING:
    from simulation.center.letters import Letters

MISTAKEN, TAKEN_FOR, MISJUDGED, JUDGED_AS, LOSS, REGISTRATION = range(30, 36)
"""What a draw is for, beside those of the journey."""
MOST_URGENT = len(URGENCIES) - 1


class Intake:
    """Files new contacts, some of them wrongly, and sends those that stand in a wrong queue to the right one."""

    def __init__(self, letters: Letters) -> None:
        self.letters = letters
        self.journey = letters.journey
        self.plan = letters.journey.plan

    def files(self, leg: Leg, plan: IntakePlan) -> float:
        """File a contact: it may get a wrong place and urgency. Returns the seconds that registration takes."""
        later, journey = self.journey._later, self.journey
        topic = filed = journey.topic[leg.case]
        if is_mistaken(later(leg, MISTAKEN), plan.topic_accuracy) and (leg.channel, topic) in plan.confusions:
            others, shares = plan.confusions[leg.channel, topic]
            filed = others[one_of(later(leg, TAKEN_FOR), shares)]
        urgency = leg.urgency
        if is_mistaken(later(leg, MISJUDGED), plan.urgency_accuracy):
            urgency = misjudged(later(leg, JUDGED_AS), urgency, MOST_URGENT)
        if filed != topic or urgency != leg.urgency:
            leg.truth = leg.place, leg.urgency, self.letters.due(leg)
            leg.place, leg.urgency = self.plan.place(leg.tier, leg.channel, filed), urgency
        delay = 0.0 if plan.registration is None else plan.registration.ppf(later(leg, REGISTRATION))
        if leg.truth is not None or delay > 0:
            journey.recorder.filed(leg, filed, urgency, journey.clock._now)
        return delay

    def finds_out(self, leg: Leg, team: int) -> float | None:
        """An agent takes a contact that was filed wrongly. Returns the seconds of work in vain if it is not the team's,
        or None if the team can go on with it at once."""
        assert leg.truth is not None
        work = self.plan.teams[team].work
        if leg.truth[0] in work:
            leg.place, leg.urgency, leg.due = leg.truth
            leg.truth = None
            return None
        leg.then = self._transfers
        plan = self.letters.plan.intake[leg.channel]
        assert plan is not None
        u, believed = self.journey._later(leg, LOSS), work[leg.place]
        speed = believed.speed * leg.pace
        if isinstance(plan.loss, float):
            return work_in_vain(handling_time(believed.handling.ppf(u), speed), plan.loss)
        return handling_time(plan.loss.ppf(u), speed)

    def _transfers(self, leg: Leg) -> None:
        """The wrong team hands over to the right one."""
        assert leg.truth is not None
        leg.outcome = Outcome.TRANSFERRED
        there = self.journey._next_leg(leg, leg.truth[0], leg.tier)
        there.place, there.urgency, there.due = leg.truth
        there.truth = None
        there.saved, there.retells = leg.saved, leg.retells
        there.patience = self.journey._patience(there)
        self.journey.desk.join(there)
