"""What customers hear before they wait, and what they may do then: leave, be called back, or take another channel."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulation.scenario.duration_spec import RandomDuration
from simulation.scenario.model import Model
from simulation.scenario.schema.base import Count
from simulation.units import Duration, Factor, Share


class Predictor(StrEnum):
    """From what the wait of who joins the queue is predicted."""

    last_waiter = "last_waiter"
    head_of_line = "head_of_line"
    queue_length = "queue_length"
    queue_length_abandoning = "queue_length_abandoning"
    historic = "historic"


class Announcement(Model):
    """The wait that customers are told when they begin to wait."""

    predictor: Predictor = Predictor.head_of_line
    """From what the wait is predicted: last_waiter, head_of_line, queue_length, queue_length_abandoning or historic."""
    above: Duration = 0.0
    """Announced where it is longer than this; otherwise nothing is said."""
    margin: Annotated[Factor, Field(gt=0, le=1000)] = 1.0
    """What the prediction is multiplied by before it is told, e.g. x 1.2 to be on the safe side."""
    rounding: Duration = 0.0
    """Told in steps of this, rounded up, e.g. 1 min; 0 s for to the second."""
    leeway: Annotated[Share, Field(le=1)] = 0.2
    """The announced wait counts as kept while the real one is at most this share longer."""
    patience: Annotated[Factor, Field(le=1000)] = 1.0
    """What the patience of those is multiplied by who hear an announced wait and stay, e.g. x 1.5."""


class Balking(Model):
    """Leaving at once instead of waiting."""

    tolerance: RandomDuration | None = None
    """The longest announced wait that a customer puts up with; who hears of a longer one leaves."""
    probability: Share | None = None
    """The share of those who would have to wait that leaves, whatever is announced; instead of tolerance."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.tolerance is None) == (self.probability is None):
            raise ValueError(
                "needs either tolerance or probability; write e.g. tolerance: {exponential: {mean: 4 min}}"
            )
        return self


class Callback(Model):
    """The offer to be called back instead of waiting on the line."""

    above: Duration | None = None
    """Offered where the predicted wait is longer than this (the channel's `announces` says how it is predicted)."""
    queue: Count | None = None
    """Offered where at least so many wait already, instead of above; 0 offers it to all who would have to wait."""
    accepts: Share
    """The share of customers that takes the offer."""
    place: Literal["keeps", "priority", "behind"] = "keeps"
    """Where the callback stands in line: keeps the customer's place, before all who wait on the line, or behind them."""
    reserve: Count = 0
    """For place: behind: called only while more than so many agents of the team are free, the one who calls included."""
    earliest: Duration = 0.0
    """Not called before so long after the request; the callback joins the queue then."""
    promised: Duration | None = None
    """Promised to be called within so long of the request; without it, the announced wait is the promise."""
    reached: Share = 1.0
    """The share of calls that the customer answers."""
    dialling: Duration = 0.0
    """Agent's time until the customer answers, or the agent gives up."""
    attempts: Annotated[int, Field(ge=1, le=100, strict=True)] = 1
    """Calls made until the customer is reached, at most; who is missed by all of them may try again as after hanging up."""
    retry_after: Duration = 1800.0
    """How long after a call in vain the next one is due."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.above is None) == (self.queue is None):
            raise ValueError("needs either above or queue; write e.g. above: 2 min")
        if self.reserve and self.place != "behind":
            raise ValueError(f"a callback that {_STANDS[self.place]} cannot leave agents free; write place: behind")
        if self.promised is not None and self.promised <= self.earliest:
            raise ValueError("promises a call before the earliest one; write a longer promised or a shorter earliest")
        return self


_STANDS = {"keeps": "keeps the place in line", "priority": "comes before all others", "behind": "waits behind"}


class Instead(Model):
    """Who goes to another channel at once, before making contact on this one."""

    when_closed: Share = 0.0
    """The share of those who find this channel closed."""
    when_wait_above: Duration | None = None
    """Some who see that the predicted wait is longer than this go too (`announces` says how it is predicted)."""
    share: Share | None = None
    """The share of those who see such a wait."""

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.when_wait_above is None) != (self.share is None):
            raise ValueError("when_wait_above and share go together; write e.g. when_wait_above: 5 min, share: 30 %")
        return self
