"""Kinds of problems: what they take and who can solve them."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulation.scenario.duration_spec import RandomDuration
from simulation.scenario.model import Model
from simulation.scenario.schema.base import FromOne, Shares, Urgency, within_whole
from simulation.scenario.schema.handling import Steps
from simulation.scenario.schema.letters import Pauses
from simulation.scenario.schema.self_service import Article
from simulation.units import Factor, Share


class Repeat(Model):
    """The customer's return with a case that was believed solved but was not."""

    probability: Share
    """The share that comes back; the others give up."""
    after: RandomDuration
    """How much later."""
    most: FromOne | None = None
    """At most so many returns per case; unlimited by default."""
    channels: Shares = {}
    """The share of returns that come on another channel, e.g. {phone: 30 %}; the rest come on the last one used."""

    @model_validator(mode="after")
    def _within_whole(self) -> Self:
        return within_whole(self, self.channels)


class Topic(Model):
    """A kind of problem: what it takes and who can solve it."""

    handling: dict[str, RandomDuration] = {}
    """Handling time by channel, or `any` for all others; a team's skill may state its own."""
    hardest_takes: Annotated[Factor, Field(ge=1, le=2)] = 1.0
    """Handling of the hardest case, as a multiple of the mean: at x 1.3 the easiest takes x 0.7, the others in between; x 1 by default."""
    wrap_up: dict[str, RandomDuration] = {}
    """After-contact work by channel, or `any`."""
    steps: Steps | None = None
    """Shares of the steps in its handling time; by default those of handling_steps."""
    urgency: dict[Urgency, Share] = {Urgency.normal: 1.0}
    """Shares of urgency."""
    reach: dict[str, Share] = {}
    """The share of cases, from the easiest, that each tier, bot, the knowledge_base or the community can solve (tiers: 100 % by default, all others: 0 %)."""
    article: Article | None = None
    """How well the knowledge base covers the topic; by default there is a true article for every case."""
    repeat: Repeat | None = None
    """Return when not solved; without it the customer gives up."""
    pauses: Pauses = Pauses()
    """Waiting for the answer of the customer or of somebody else, on deferred channels."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if abs(sum(self.urgency.values()) - 1) > 1e-6:
            raise ValueError(
                f"the shares of urgency sum to {100 * sum(self.urgency.values()):g} %; make them sum to 100 %"
            )
        return self
