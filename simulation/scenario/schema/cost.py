"""Prices."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from simulation.scenario.model import Model
from simulation.scenario.schema.base import DAY
from simulation.units import ClockTime, Days, Money, Share, Wage

ALL_DAYS = (0, 1, 2, 3, 4, 5, 6)


class Premium(Model):
    """Extra pay on the wage at some hours."""

    share: Share
    """The extra share of the wage."""
    days: Days = ALL_DAYS
    """On these weekdays."""
    holidays: bool = False
    """On public holidays only, whatever their weekday, instead of `days`."""
    start: ClockTime = 0.0
    """From this time of day."""
    end: ClockTime = DAY
    """To this time; at or before the start means the next day."""

    @model_validator(mode="after")
    def _days_or_holidays(self) -> Self:
        if self.holidays and self.days != ALL_DAYS:
            raise ValueError("is on holidays or on weekdays; remove days, or write a premium for each")
        return self


class ChannelCost(Model):
    """What a channel costs besides wages."""

    per_contact: Money | None = None
    """Price of a contact."""
    per_minute: Money | None = None
    """Price of a minute of conversation, waiting included (telephony)."""


class Cost(Model):
    """Prices besides wages and bot sessions."""

    premiums: dict[str, Premium] = {}
    """Night, weekend … premiums; where several hold, they add up."""
    channels: dict[str, ChannelCost] = {}
    """Prices by channel."""
    training: Wage | None = None
    """Price of an agent's hour of training (trainers, courses), e.g. 12 EUR/h; the hours are paid as wages besides."""
