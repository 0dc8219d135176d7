"""Agents as persons: how they differ from their team's figures, and how they learn."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulation.scenario.duration_spec import RandomDuration
from simulation.scenario.model import Model
from simulation.scenario.schema.base import FromOne, Shares
from simulation.units import Duration, Factor, Money, Share


class Proficiency(Model):
    """What some of the agents are better, or worse, at."""

    share: Share = 1.0
    """Share of the team's agents whom it holds for; who they are is drawn agent by agent."""
    speed: Annotated[Factor, Field(gt=0)] = 1.0
    """What their speed is multiplied by for such contacts, e.g. 120 %."""
    reach: Share = 0.0
    """Share of the gap between the tier's reach and 100 % that they close for such contacts."""
    reach_lost: Share = 0.0
    """Share of the tier's reach that they lack for such contacts."""
    accuracy: Factor = 1.0
    """What their share of right answers is multiplied by for such contacts (100 % at most in the end), e.g. 95 %."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.reach and self.reach_lost:
            raise ValueError("reaches both further and less far; write reach or reach_lost")
        if not self.model_fields_set - {"share"}:
            raise ValueError("changes nothing; write e.g. speed: 120 %, reach: 20 % or accuracy: 95 %")
        return self


class Curve(Model):
    """A learning curve: from what a newcomer can do to all that the team's figures say."""

    starts_at: Share
    """What a newcomer has of the team's figure, e.g. 60 %."""
    half_life: Duration
    """After so long on the job half of what is missing is learnt, after twice as long three quarters …; 30 d to 90 d are usual."""


class Learning(Model):
    """What agents learn on the job."""

    speed: Curve | None = None
    """Speed, as a share of the agent's own in the end."""
    accuracy: Curve | None = None
    """Share of right answers, as a share of the agent's own in the end."""
    reach: Curve | None = None
    """Reach, as a share of the tier's."""

    @model_validator(mode="after")
    def _gets_on(self) -> Self:
        if self.speed is not None and not self.speed.starts_at and self.speed.half_life:
            raise ValueError("a newcomer without any speed would never finish; write e.g. starts_at: 60 %")
        return self


class PerformancePlan(Model):
    """What is asked of each agent, judged by the scorecard; what is not given is not asked."""

    handling_time: Duration | None = None
    """The most that a stay may take on average, after-contact work included."""
    right: Share | None = None
    """The least share of right answers."""
    fcr: Share | None = None
    """The least share of cases solved by their first contact, of those first handled."""
    csat: Share | None = None
    """The least share of satisfied customers, of the cases first handled."""
    occupancy: Share | None = None
    """The least share of the time on the floor that is spent with contacts."""
    adherence: Share | None = None
    """The least share of the time of shifts in which the agent does what is planned (see adherence of the team)."""
    cost_per_stay: Money | None = None
    """The most that a stay may cost in wages, premiums and fees."""
    least: FromOne = 30
    """Agents with fewer stays are not judged: chance says more of them than they do."""

    def bounds(self) -> dict[str, float]:
        """The bounds that are given, by figure."""
        given = {name: getattr(self, name) for name in type(self).model_fields if name != "least"}
        return {
            name: bound.amount if isinstance(bound, Money) else bound
            for name, bound in given.items()
            if bound is not None
        }

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.bounds():
            raise ValueError("asks nothing; write e.g. right: 85 % or handling_time: 6 min")
        return self


class Interpreter(Model):
    """Help for agents who do not speak the customer's language."""

    slows: Factor = 0.5
    """How much longer handling takes then, e.g. 50 %."""
    accuracy: Share = 1.0
    """What the share of right answers is multiplied by then."""


class TeamPeople(Model):
    """How the agents of a team differ; the team's figures are their mean."""

    speed_spread: Share = 0.0
    """Coefficient of variation of speed between agents: with 20 % two thirds of them lie within a fifth of the mean."""
    accuracy_spread: Share = 0.0
    """Standard deviation between agents of the share of right answers, in points, e.g. 3 %."""
    courtesy_spread: Share = 0.0
    """Standard deviation of courtesy between agents, in points."""
    proficiency: dict[str, Proficiency] = {}
    """By skill of the team: what a share of its agents is better or worse at."""
    tenure: RandomDuration | None = None
    """How long each agent has been here when the simulation starts; without it all are past learning."""
    learning: Learning = Learning()
    """What newcomers learn on the job."""
    languages: Shares = {}
    """Languages of customers (see customers) with the share of the agents who speak each, e.g. {latvian: 100 %, russian: 60 %}; all, without it."""
    interpreter: Interpreter | None = None
    """Who speaks not the customer's language takes the contact all the same, through an interpreter."""
    plan: PerformancePlan | None = None

    @property
    def differ(self) -> bool:
        """Whether agents differ by what they are, tenure apart."""
        return bool(self.speed_spread or self.accuracy_spread or self.courtesy_spread or self.proficiency)
