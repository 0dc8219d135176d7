"""What customers think of it, what they say when asked, whether they stay, and their complaints."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from simulation.scenario.duration_spec import RandomDuration
from simulation.scenario.model import Model
from simulation.scenario.schema.base import FromOne, Selection, Urgency
from simulation.units import Duration, Factor, Money, Share

Weight = Annotated[float, Field(ge=0, le=1e6)]


class Recommendation(Model):
    """How likely the customer is to recommend the center, 0 to 10: zero + slope * opinion, rounded."""

    zero: Annotated[float, Field(ge=0, le=10)] = 6.0
    """The answer of a customer who is neither satisfied nor dissatisfied."""
    slope: Weight = 1.0
    """Points of the answer for each point of opinion."""


class Effort(Model):
    """How hard it was for the customer, from 1 (not at all) to 7: weights that add to 1."""

    contact: Weight = 1.0
    """Weight of each further contact."""
    repeat: Weight = 0.5
    """Weight of each contact made because the case was not solved, on top of it."""
    transfer: Weight = 0.5
    """Weight of each further leg of a contact."""
    wait: Weight = 0.5
    """Weight of each doubling of (1 + time in queues on live and concurrent channels / expected first response)."""
    unsolved: Weight = 2.0
    """Weight of a case that was not solved."""


class Churn(Model):
    """The probability that a customer leaves for good over a case."""

    satisfied: Share = 0.0
    """Of those who are satisfied."""
    unsatisfied: Share
    """Of the others."""


class Opinion(Model):
    """The customer's satisfaction: a logistic score with a weight for all that can go wrong (see docs/explanation.md)."""

    satisfied: Share = 0.95
    """Share of positive answers when everything goes well."""
    expected: dict[str, Duration] = {}
    """First response that customers expect, by channel."""
    late: Annotated[float, Field(ge=0)] = 0.5
    """Weight of each doubling of the first response beyond the expectation."""
    contact: Annotated[float, Field(ge=0)] = 1.0
    """Weight of each further contact."""
    transfer: Annotated[float, Field(ge=0)] = 0.2
    """Weight of each further leg."""
    unsolved: Annotated[float, Field(ge=0)] = 4.0
    """Weight of a case that was not solved."""
    courtesy: Weight = 1.0
    """Weight of the courtesy of the agents met: taken away for none, added for 100 %; 50 % is neutral."""
    promise_kept: Weight = 0.2
    """Added for each announced wait that was kept."""
    promise_broken: Weight = 0.8
    """Weight of each announced wait that was not kept."""
    misled: Weight = 0.5
    """Weight of each time that a bot or an article seemed to solve the case and did not."""
    anger: Weight = 0.0
    """Weight of anger: 1 for each failed contact before the last, fading with time."""
    anger_half_life: Annotated[Duration, Field(gt=0)] = 259_200.0
    """Time in which anger fades to a half."""
    trust: Share = 0.5
    """How far an announced wait moves the expectation: 0 % not at all, 100 % all the way to what was announced."""
    acknowledged: Annotated[Factor, Field(ge=1)] = 1.5
    """Multiplies the expected first response of a contact that was acknowledged."""
    stars: Annotated[list[float], Field(min_length=3, max_length=3)] = [-2.0, -1.0, 2.0]
    """Opinion from which on a customer gives 2, 3 and 5 stars of 5, e.g. [-2, -1, 2]; 4 from 0 on: the satisfied give 4 or 5."""
    recommend: Recommendation = Recommendation()
    """The answer behind the net promoter score."""
    effort: Effort = Effort()
    """The customer effort score."""
    churn: Churn | None = None
    """Who leaves for good; without it nobody is counted."""
    value: Money | None = None
    """What a customer is worth, e.g. 120 EUR: the worth of those who leave is the value at risk."""

    @model_validator(mode="after")
    def _stars_ascend(self) -> Self:
        two, three, five = self.stars
        if not all(low <= high for low, high in pairwise((two, three, 0.0, five))):
            raise ValueError("stars must ascend around 0, where four stars begin; write e.g. [-2, -1, 2]")
        return self


class Answers(Model):
    """How many of those who are asked answer."""

    satisfied: Share
    """Of satisfied customers."""
    unsatisfied: Share
    """Of the others, who usually answer more readily."""


class Survey(Model):
    """A survey after the case: who is asked, and who answers."""

    asked: Share = 1.0
    """The share of cases after which the customer is asked."""
    answers: Answers
    """How many of them answer."""
    channels: Selection = "all"
    """The channels of first contact after which the survey goes out, or all."""


class Complaints(Model):
    """A dissatisfied customer opens a case of its own kind about the case; nobody complains about a complaint."""

    topic: str
    """The topic of complaints: its urgency, handling, reach and routes are theirs."""
    channel: str = "same"
    """The channel on which they come; same for that of the case."""
    probability: Share
    """The share of customers who complain once they have reason to: they give up, or the contacts below have failed."""
    after_failures: FromOne | None = None
    """So many failed contacts of a case are a reason too, as soon as the customer tries again; only giving up by default."""
    after: RandomDuration | None = None
    """How much later the complaint comes; at once by default."""
    urgency: Urgency | None = None
    """The urgency of all complaints; by the topic's shares by default."""
