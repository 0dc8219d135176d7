"""Who the customers are."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from simulation.scenario.model import Model
from simulation.scenario.schema.base import Shares
from simulation.scenario.schema.opinion import Churn
from simulation.units import Factor, Money, Share


class Segment(Model):
    """A part of the customers who have ways of their own."""

    share: Share
    """Its share of the cases, where a source does not state its own; the shares of all segments sum to 100 %."""
    channels: Shares = {}
    """The share of each channel of first contact, instead of the source's (a source of one channel keeps it)."""
    looks: Share | None = None
    """The share that looks into the knowledge base first; that of self_service by default."""
    language: str | None = None
    """The language that they speak; agents who do not speak it (see teams.*.people.languages) are not asked. Everybody understands them, without it."""
    patience: Factor = 1.0
    """What the patience of its customers is multiplied by."""
    expects: Factor = 1.0
    """What the first response that its customers expect is multiplied by."""
    churn: Churn | None = None
    """Who of them leaves for good, instead of opinion.churn."""
    value: Money | None = None
    """What such a customer is worth, instead of opinion.value."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.channels and abs(sum(self.channels.values()) - 1) > 1e-6:
            raise ValueError(
                f"the shares of channels sum to {100 * sum(self.channels.values()):g} %; make them sum to 100 %"
            )
        return self
