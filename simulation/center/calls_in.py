"""Angry customers, whom the agent passes to somebody higher up."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING

from simulation.center.leg import Leg
from simulation.center.opinion import anger
from simulation.center.overdue import tier_above
from simulation.center.rules import asks_for_supervisor, has_reason
from simulation.record.recorder import Cause, ContactKind, Outcome
from simulation.scenario.schema import Angry

if TYPE_CHECKING:
    from simulation.center.journey import Journey

TEMPER = 80
"""What the draw is for; part of its key."""


class CallsIn:
    """Stands between the desk and those who would otherwise tell it the work of a leg, and what follows.

    `all_work` tells the work of a leg that is not cut in parts: an angry customer waits for nobody's answer.
    """

    def __init__(self, journey: Journey, spec: Angry, all_work: Callable[[Leg, int], float]) -> None:
        self.journey = journey
        self.spec = spec
        self.most = inf if spec.after_failures is None else spec.after_failures
        self.all_work = all_work
        desk = journey.desk
        self.usual_work, self.usual_end = desk.work_of, desk.talk_over
        desk.work_of, desk.talk_over = self.work_of, self.talk_over
        births = journey.births
        self.complains = [] if births.parent is None else (births.parent >= 0).tolist()
        self.above = self._above()

    def _above(self) -> dict[int, tuple[int, int]]:
        """Where angry customers of a place are passed to: place -> (place, tier)."""
        plan, found = self.journey.plan, {}
        for place, tier, channel, topic in plan.places():
            upper = tier_above(plan, tier, channel, topic, self.spec.to)
            if upper >= 0:
                found[place] = plan.place(upper, channel, topic), upper
        return found

    def work_of(self, leg: Leg, team: int) -> float:
        """Seconds of handling of a leg with a team, until the customer is passed on or to the end."""
        if not self._asks(leg):
            return self.usual_work(leg, team)
        leg.angry = True
        seconds = self.all_work(leg, team)
        leg.wrap_up *= self.spec.after
        return seconds * self.spec.after

    def _asks(self, leg: Leg) -> bool:
        """Whether the customer wants somebody higher up, and there is anybody; in new work only, and in the right queue."""
        known = leg.passed_on or leg.parts is not None or leg.talk is not None or leg.then is not None
        if known or leg.truth is not None or leg.kind == ContactKind.CHASER:
            return False
        above = self.above.get(self.journey._place_of_team(leg))
        if above is None or not self._is_there(leg, above[0]):
            return False
        if has_reason(len(leg.failed_at), self.most):
            return True
        left = anger(leg.failed_at, self.journey.clock._now, self.spec.half_life)
        complains = self.spec.complaints if self.complains and self.complains[leg.case] else 0.0
        u = self.journey.later.uniform(self.journey.key[leg.case], 0, 0, TEMPER)
        return asks_for_supervisor(u, left, self.spec.always, self.spec.per_failure, complains)

    def _is_there(self, leg: Leg, place: int) -> bool:
        """Whether anybody is on the floor to whom a customer on the line could be passed; letters can wait."""
        if self.journey.plan.channels[leg.channel].deferred:
            return True
        stages = self.journey.desk.stages[place]
        return any(team.present > 0 for stage in stages for team, _, _ in stage.members)

    def talk_over(self, leg: Leg) -> None:
        """A stay is over: an angry customer is passed on, the others' story goes on as usual."""
        if not leg.angry:
            return self.usual_end(leg)
        journey = self.journey
        leg.released, leg.outcome = journey.clock._now, Outcome.ESCALATED
        journey.recorder.passed_up(leg, Cause.ANGER)
        upper = journey._next_leg(leg, *self.above[journey._place_of_team(leg)])
        upper.patience, upper.passed_on = journey._patience_above(upper), True
        return journey.desk.join(upper)
