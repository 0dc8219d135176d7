"""What passes a contact up besides want of competence, and what changes the center over weeks."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulation.scenario.duration_spec import RandomDuration
from simulation.scenario.hours import OpeningHours
from simulation.scenario.model import Model
from simulation.scenario.schema.base import Count, FromOne, Name, Selection, Urgency
from simulation.units import Duration, Share


class Angry(Model):
    """Customers who ask for somebody higher up, and whom the agent then passes on (from a live channel only while anybody is there); sensible: 1 % to 5 % in all."""

    always: Share = 0.0
    """Share of customers who ask whatever has happened: difficult customers."""
    per_failure: Share = 0.0
    """Share of the others who ask after one failed contact of the case, and again of those left for each further one."""
    half_life: Annotated[Duration, Field(gt=0)] = 259_200.0
    """Time in which a failure is half forgotten; 3 d by default."""
    after_failures: FromOne | None = None
    """From so many failed contacts of a case on everybody asks."""
    complaints: Share = 0.0
    """Share of those who complain about a case (see complaints) who ask, on top."""
    to: str | None = None
    """The tier that they are passed to; by default the next one up that has a team for it."""
    after: Share = 0.3
    """Share of the handling (and of the after-contact work) that the agent has done until then."""

    @model_validator(mode="after")
    def _somebody_asks(self) -> Self:
        if not self.model_fields_set & {"always", "per_failure", "after_failures", "complaints"}:
            raise ValueError("nobody asks; write e.g. per_failure: 30 %, after_failures: 3, complaints or always")
        return self


class Overdue(Model):
    """A clock that runs out while a contact waits: then a higher tier may take it too, or it comes first."""

    after: dict[Urgency, Duration] = {}
    """How long a contact waits at most, by urgency, e.g. {high: 5 min, critical: 1 min}; the others have no such clock."""
    before_due: Duration | None = None
    """The clock of those that have a deadline runs out so long before it, e.g. 30 min."""
    channels: Selection = "all"
    """Channels, or all."""
    to: str = "next"
    """The tier that may then take it: a name, or next for the next one up that has a team for it; front leaves it to its own tier, before all others of the same skill priority."""

    @model_validator(mode="after")
    def _has_a_clock(self) -> Self:
        if not self.after and self.before_due is None:
            raise ValueError("has no clock; write e.g. after: {high: 5 min} or before_due: 30 min")
        return self


class Coaching(Model):
    """What follows errors that a review has found: the reviewer prepares it, then the agent takes it, when each has time."""

    after: FromOne = 1
    """So many errors found with an agent, since the last coaching, lead to one."""
    takes: RandomDuration
    """Time that it takes of the agent, and as long again of the reviewer."""
    accuracy: Share = 0.0
    """Share of the agent's wrong answers that are missing from then on; sensible: 5 % to 20 %."""
    courtesy: Share = 0.0
    """Share of the gap between the agent's courtesy and 100 % that it closes."""
    fades: Annotated[Duration | None, Field(gt=0)] = None
    """Time in which half of what was learned is forgotten; by default nothing is."""
    reserve: Count = 0
    """Agents take it only while so many others of their team are free."""


class Review(Model):
    """A sample of the answers that agents gave is looked at again, and what is found wrong leads to coaching."""

    team: str
    """The reviewers; they do it when they have time, and are busy meanwhile."""
    share: Share = 0.0
    """Share of the answers that are looked at; sensible: 1 % to 5 %."""
    per_week: Annotated[float, Field(ge=0, le=1000)] = 0.0
    """Answers of each agent looked at in a week, on top, e.g. 4: the first after so many random moments of the week."""
    teams: Selection = "all"
    """Teams whose answers are looked at, or all but the reviewers' own."""
    channels: Selection = "all"
    """Channels, or all."""
    takes: RandomDuration
    """Time that a review takes."""
    finds: Share = 1.0
    """How often a wrong answer is found out; a right one is never taken for wrong."""
    gives_way: bool = False
    """Whether reviewers and agents leave a review or coaching for a contact and go on later; else they finish it first."""
    reserve: Count = 0
    """Reviews are done only while so many others of the reviewers' team are free."""
    hours: OpeningHours = OpeningHours.always()
    """Reviews are begun at these hours only, e.g. {mon-fri: 14:00-16:00}."""
    coaching: Coaching | None = None

    def looks_at(self, team: str) -> bool:
        """Whether answers of a team are looked at."""
        return team != self.team if self.teams == "all" else team in self.teams

    @model_validator(mode="after")
    def _samples_something(self) -> Self:
        if not self.share and not self.per_week and not self.model_fields_set & {"share", "per_week"}:
            raise ValueError("looks at nothing; write e.g. share: 3 % or per_week: 4")
        return self


class TrainingKind(Model):
    """What a kind of training is about (the product, soft skills, hard cases …), and what it can do."""

    share: Share = 1.0
    """Share of the hours of training that is given to it."""
    topics: Selection = "all"
    """Topics whose answers it betters, or all."""
    accuracy: Share = 0.0
    """Share of an agent's wrong answers that it can take away at most."""
    reach: Share = 0.0
    """Share of the gap between an agent's reach and 100 % that it can close at most."""
    courtesy: Share = 0.0
    """Share of the gap between an agent's courtesy and 100 % that it can close at most."""
    hours: Annotated[Duration, Field(gt=0)] = 72_000.0
    """Hours of it after which 63 % of all that is reached, 20 h by default: the first hours do the most; sensible: 10 h to 60 h."""

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not self.model_fields_set & {"accuracy", "reach", "courtesy"}:
            raise ValueError("betters nothing; write e.g. accuracy: 40 %, reach or courtesy")
        return self


class Training(Model):
    """What agents learn in their hours of training (see teams.*.training_hours)."""

    kinds: dict[Name, TrainingKind]
    """Kinds of training by name, e.g. product, soft_skills, hard_cases."""
    teams: Selection = "all"
    """Teams that learn, or all."""
    before: Duration = 0.0
    """Hours that each agent has had before the start, e.g. 48 h after a year of 4 h a month."""
    fades: Annotated[Duration | None, Field(gt=0)] = None
    """Time in which half of the hours are forgotten; by default none are."""

    @model_validator(mode="after")
    def _within_whole(self) -> Self:
        if not self.kinds:
            raise ValueError("names no kind of training; write e.g. product: {accuracy: 40 %}")
        total = sum(kind.share for kind in self.kinds.values())
        if total > 1 + 1e-6:
            raise ValueError(f"the shares of the kinds sum to {100 * total:g} %; make them 100 % at most")
        return self


class Signals(Model):
    """What counts towards an article on a topic."""

    returned: Annotated[float, Field(ge=0)] = 1.0
    """Points for a customer who returns with an unsolved case."""
    escalated: Annotated[float, Field(ge=0)] = 1.0
    """Points for an escalation for want of competence."""
    gave_up: Annotated[float, Field(ge=0)] = 0.0
    """Points for a customer who gives a case up."""
    unhappy: Annotated[float, Field(ge=0)] = 0.0
    """Points for a customer who answers the survey, and is unhappy."""
    complained: Annotated[float, Field(ge=0)] = 0.0
    """Points for a complaint about a case, counted for the topic of that case."""
    found_wrong: Annotated[float, Field(ge=0)] = 0.0
    """Points for an answer that a review finds wrong."""


class Articles(Model):
    """What is not solved leads to articles for customers, for agents, or both; they go out of date."""

    team: str
    """The authors; they write when they have time."""
    takes: RandomDuration
    """Time that an article takes; sensible: 1 h to 8 h."""
    counts: Signals = Signals()
    after: Annotated[float, Field(gt=0)] = 20.0
    """Points of a topic, since its last article, that lead to the next."""
    topics: Selection = "all"
    """Topics that articles are written on, or all."""
    customers: bool = True
    """Whether articles go into the customers' knowledge base (see self_service.knowledge_base and topics.*.article)."""
    practice: str | None = None
    """The agents' knowledge base, one of `practices`: its `covers` and `stale` are those of the start."""
    coverage: Share = 0.1
    """Share of a topic's cases without an article that the next one covers; sensible: 5 % to 20 %."""
    renews: Share = 1.0
    """Share of what is out of date on the topic that is made true again at the same time."""
    stale_after: Annotated[Duration | None, Field(gt=0)] = None
    """Mean time after which what an article says is no longer true; without it articles stay as they are."""
    gives_way: bool = False
    """Whether authors leave an article for a contact and go on later; else they finish it first."""
    reserve: Count = 0
    """Articles are begun only while so many others of the authors' team are free."""
    hours: OpeningHours = OpeningHours.always()
    """Articles are begun at these hours only."""


class Loops(Model):
    """What changes the center over weeks and months; each is off unless it is written."""

    review: Review | None = None
    training: Training | None = None
    articles: Articles | None = None
