"""Customers who ask for news of an open contact: "where is my ticket?"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.center.clock import ARRIVAL, SERIAL_BITS
from simulation.center.leg import Leg
from simulation.center.letters_plan import ChasersPlan
from simulation.center.pauses import all_of
from simulation.center.rules import asks_for_news, is_kept_informed
from simulation.record.recorder import ASKING, ContactKind, Outcome

if TYPE_CHECKING:
    from simulation.center.letters import Letters

CHASER = 39
"""What a draw is for, beside those of the journey; its leg says more:"""
ASKS, AFTER, HANDLING, INFORMED = range(4)
SERIALS = 1 << SERIAL_BITS - 1
"""Where the serial numbers of questions begin: the case's other legs go on beside them."""
CONTACT_BITS, WAIT_BITS = 8, 7
"""A question's number is made of its contact's, of the wait in it (up to 2), and of the questions before it (up to 100)."""


class Chasers:
    """Has customers ask for news as long as their contact is open.

    A customer waits for one thing at a time: `expecting` has, by case, the number of the question that will be asked
    when the wait ends. Questions are contacts of the case, with numbers of their own (from `ASKING` on: by contact, by
    wait and then one by one), so that the case's other contacts keep their luck, and questions that of each other.
    """

    def __init__(self, letters: Letters) -> None:
        self.letters = letters
        self.journey = letters.journey
        self.plan = letters.plan.chasers
        self.expecting: dict[int, int] = {}

    def begins(self, leg: Leg, wait: int = 0) -> None:
        """The customer of a contact expects an answer, and may ask for it one day; `wait` counts such waits in it."""
        plan = self.plan[leg.channel]
        if plan is None:
            return
        if not is_kept_informed(self._draw(leg.case, 0, INFORMED), plan.prevented):
            self._expects(leg, plan, (leg.contact << CONTACT_BITS | wait << WAIT_BITS) % SERIALS, 0)

    def ends(self, leg: Leg) -> None:
        """There is nothing to ask for any more, or nothing for now."""
        self.expecting.pop(leg.case, None)

    def _expects(self, leg: Leg, plan: ChasersPlan, first: int, asked: int) -> None:
        case, number = leg.case, first + asked
        if asks_for_news(self._draw(case, ASKING + number, ASKS), plan.probability, asked, plan.most):
            self.expecting[case] = number
            delay = plan.after.ppf(self._draw(case, ASKING + number, AFTER))
            tag = case << SERIAL_BITS | SERIALS + number
            self.journey.clock.call(delay, ARRIVAL + tag, self._asks, (leg, plan, first, asked))

    def _asks(self, what: tuple[Leg, ChasersPlan, int, int]) -> None:
        """The wait has ended, and the contact is still open (unless the customer no longer expects anything)."""
        leg, plan, first, asked = what
        if self.expecting.get(leg.case) != first + asked:
            return
        self.journey.enter(self._question(leg, plan, first + asked))
        self._expects(leg, plan, first, asked + 1)

    def _question(self, about: Leg, plan: ChasersPlan, number: int) -> Leg:
        case, channel = about.case, plan.channel
        journey = self.journey
        place = journey.plan.place(0, channel, journey.topic[case])
        leg = Leg(case, case << SERIAL_BITS | SERIALS + number, channel, place)
        leg.serial, leg.contact, leg.kind = SERIALS + number, ASKING + number, ContactKind.CHASER
        leg.urgency, leg.shared = journey.urgency[case], journey.plan.channels[channel].shared
        leg.patience = journey._patience(leg)
        leg.then = self._answered
        leg.parts = all_of(plan.handling.ppf(self._draw(case, leg.contact, HANDLING)))
        return leg

    def _answered(self, leg: Leg) -> None:
        leg.outcome = Outcome.INFORMED
        self.journey._leaves(leg)

    def _draw(self, case: int, contact: int, what: int) -> float:
        return self.journey.later.uniform(self.journey.key[case], contact, what, CHASER)
