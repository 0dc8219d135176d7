"""Deferred work: intake, waiting for others, customers who ask for news, and what keeps them informed."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulation.scenario.duration_spec import RandomDuration
from simulation.scenario.model import Model
from simulation.scenario.schema.base import Selection, Shares
from simulation.units import Duration, Money, Share

DeadlineClock = Literal["elapsed", "opening_hours"]


class Acknowledgement(Model):
    """An automatic note that the message has come in: it sets expectations and is no answer."""

    after: Duration = 0.0
    """How long after the arrival."""


class Chasers(Model):
    """Customers who ask for news of what is still open ("where is my ticket?")."""

    after: RandomDuration
    """How long a customer waits before asking: from the arrival, from the last question, or from the customer's own last answer."""
    probability: Share = 1.0
    """The share of customers who ask (again), if the contact is open for so long."""
    channel: str | None = None
    """Where they ask; by default on the channel itself."""
    handling: RandomDuration
    """What it takes to tell how things stand."""
    most: Annotated[int, Field(ge=1, le=100, strict=True)] = 1
    """At most so many times while a contact waits."""


class StatusNotices(Model):
    """Automatic news of what is still open, to the customer."""

    prevents: Share
    """The share of customers who then do not ask for news."""
    cost: Money | None = None
    """Price of the notices of a contact."""


class Reopening(Model):
    """A wrong answer is found out, and the customer writes again on the same thread."""

    within: Duration
    """Who comes back on the channel within this time reopens the thread; later it is a new one."""


class Pause(Model):
    """The work stops until somebody else has answered. Nobody is kept busy meanwhile."""

    probability: Share
    """The share of contacts in which it happens (once)."""
    lasts: RandomDuration
    """How long the answer takes."""
    after: Share = 0.5
    """The share of the handling that is done before."""
    resume: RandomDuration | None = None
    """Further work on the return, such as reading the case again."""
    stops_deadline: bool = False
    """Whether the clocks of the channel's deadlines stand still meanwhile."""
    channels: Selection | None = None
    """On these deferred channels; on all of them by default."""


class Pauses(Model):
    """Whom the work may have to wait for."""

    customer: Pause | None = None
    """The agent asks the customer a question (which is a first answer), and waits for the reply."""
    third_party: Pause | None = None
    """The agent needs something from elsewhere (a supplier, a bank); the customer does not hear of it."""

    @model_validator(mode="after")
    def _one_after_the_other(self) -> Self:
        if self.customer and self.third_party and self.customer.after == self.third_party.after:
            raise ValueError(
                "both pauses come after the same share of the work; write another `after`, e.g. "
                "customer: {after: 30 %, ...} and third_party: {after: 60 %, ...}"
            )
        return self


class Intake(Model):
    """Registration and classification of new contacts."""

    channels: Selection | None = None
    """Channels whose contacts are registered and classified; the deferred ones by default."""
    registration: RandomDuration | None = None
    """From arrival to standing in the queue: the contact is registered meanwhile, and keeps nobody busy."""
    topic_accuracy: Share = 1.0
    """The share of contacts that come under the right topic; the others are queued, and routed, under a wrong one."""
    urgency_accuracy: Share = 1.0
    """The share of contacts whose urgency is seen rightly; the others are taken for one level more or less urgent."""
    confusions: dict[str, Shares] = {}
    """What a misclassified topic is taken for, e.g. {delivery: {returns: 80 %}}; the rest is spread over the channel's other topics."""
    loss: Share | RandomDuration = 0.0
    """Work that a team without the skill for the true topic does in vain before it hands over: a share of the
    handling that it had expected, or a random duration."""

    @model_validator(mode="after")
    def _no_more_than_all(self) -> Self:
        for topic, shares in self.confusions.items():
            total = sum(shares.values())
            if total > 1 + 1e-9:
                raise ValueError(
                    f"the confusions of '{topic}' sum to {100 * total:g} %; write shares that sum to 100 % or less"
                )
            if topic in shares:
                raise ValueError(f"'{topic}' taken for '{topic}' is no confusion; name another topic")
        return self
