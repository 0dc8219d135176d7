"""What a center hears in its surveys while it runs: which customers, when their case ends, answer that they are unhappy.

The score is that of afterwards.py, from what is known at that moment; announced waits, promises and misleading bots and
articles, which need the whole record, are left aside.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import numpy as np

from simulation.center import opinion as formulas
from simulation.center.rules import adjusted_share
from simulation.record.recorder import ContactKind
from simulation.routing.routes import selects
from simulation.scenario.schema import Opinion, Scenario, Survey

if TYPE_CHECKING:
    from simulation.center.journey import Journey
    from simulation.center.leg import Leg


class Met:
    """What a case has met so far: first answer (s), further stays, agents and the sum of their courtesy."""

    __slots__ = ("agents", "answered", "courtesy", "further")

    def __init__(self, answered: float) -> None:
        self.answered = answered
        self.further = 0
        self.agents = 0
        self.courtesy = 0.0


class Hears:
    """Keeps in mind what cases have met, and asks those who would answer."""

    def __init__(self, journey: Journey, opinion: Opinion, survey: Survey) -> None:
        self.journey = journey
        self.opinion, self.answers = opinion, survey.answers
        scenario, births = journey.plan.scenario, journey.births
        here = np.array([selects(survey.channels, name) for name in scenario.channels])[births.channel]
        most = max(survey.answers.satisfied, survey.answers.unsatisfied)
        self.answer, self.mood = births.draw("answer"), births.draw("mood")
        self.asked = here & (births.draw("survey") < survey.asked) & (self.answer < most)
        self.expected = np.array([_expected(opinion, name, scenario) for name in scenario.channels])[births.channel]
        if scenario.customers:
            self.expected = (
                self.expected * np.array([one.expects for one in scenario.customers.values()])[births.segment]
            )
        self.entered = births.arrived if journey.visits is None else journey.visits.enters
        self.courtesy = [team.courtesy for team in scenario.teams.values()]
        self.met: dict[int, Met] = {}

    def stays(self, leg: Leg) -> None:
        """A stay with an agent is over."""
        case = leg.case
        if not self.asked[case] or leg.kind == ContactKind.CHASER:
            return
        deferred = self.journey.plan.channels[leg.channel].deferred
        met = self.met.get(case)
        if met is None:
            met = self.met[case] = Met(self.journey.clock._now if deferred else leg.answered)
        met.further += leg.number > 0 and leg.parts is None
        met.agents += 1
        usual = self.courtesy[leg.agent.team.index]
        met.courtesy += usual if self.journey.people is None else adjusted_share(usual, leg.factors.courtesy)

    def unhappy(self, leg: Leg, solved: bool) -> bool:
        """Whether the customer of a case that has come to its end answers, and is unhappy."""
        case = leg.case
        if not self.asked[case]:
            return False
        met = self.met.pop(case, None) or Met(np.nan)
        score = formulas.score(self.opinion.satisfied, dict(self.opinion), self._burdens(leg, met, solved))
        satisfied = self.mood[case] < formulas.satisfaction(score)
        readiness = self.answers.satisfied, self.answers.unsatisfied
        return bool(~satisfied[0] & formulas.answers(self.answer[case], satisfied, *readiness)[0])

    def _burdens(self, leg: Leg, met: Met, solved: bool) -> dict[str, np.ndarray]:
        case, now = leg.case, self.journey.clock._now
        mean = met.courtesy / met.agents if met.agents else 0.5
        burdens = {
            "contact": leg.contact,
            "transfer": met.further,
            "unsolved": not solved,
            "courtesy": 1 - 2 * mean,
            "anger": formulas.anger(leg.failed_at, now, self.opinion.anger_half_life),
        }
        response = np.array([met.answered - self.entered[case]])
        late = formulas.lateness(response, self.expected[case : case + 1])
        return {"late": late, **{name: np.array([float(value)]) for name, value in burdens.items()}}


def _expected(opinion: Opinion, channel: str, scenario: Scenario) -> float:
    """Seconds in which the first response on a channel is expected; of who hears at once that the letter has come in, later."""
    told = scenario.channels[channel].acknowledgement is not None
    return opinion.expected.get(channel, inf) * (opinion.acknowledged if told else 1.0)
