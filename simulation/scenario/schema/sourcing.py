"""Where agents work and who employs them: sites, and outsourcers with what they are paid."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from simulation.scenario.model import Model
from simulation.scenario.schema.base import TimeZone
from simulation.units import Factor, Money, Wage


class SiteCost(Model):
    """What a place of work costs besides wages; what is given adds up."""

    per_day: Money | None = None
    """Price of a day (rent …)."""
    per_agent_hour: Money | None = None
    """Price of an hour of an agent on the floor (desk, energy, IT)."""


class Site(Model):
    """A place of work."""

    time_zone: TimeZone | None = None
    """Premiums go by this clock, e.g. Asia/Manila; the center's without it. Shifts are always written on the center's clock."""
    wages: Factor = 1.0
    """Level of the wages: a factor on those of its teams, e.g. 55 %."""
    cost: SiteCost = SiteCost()
    notes: str = ""
    """Anything worth knowing."""


class Pay(Model):
    """What an outsourcer is paid for its teams; what is given adds up."""

    per_hour: Wage | None = None
    """Price of an agent's hour (see `hours`)."""
    hours: Literal["floor", "paid"] = "floor"
    """Which hours are billed: on the floor (breaks and absence are the outsourcer's risk), or paid as for agents of our own."""
    premiums: bool = False
    """Whether the premiums of `cost.premiums` are due on the price per hour too."""
    per_contact: Money | None = None
    """Price of a contact in which its agents answered, once for each contact."""
    per_minute: Money | None = None
    """Price of a minute of handling, after-contact work included; chats side by side count each."""
    per_resolution: Money | None = None
    """Price of a resolution (see `resolution`)."""
    resolution: Literal["true", "claimed"] = "true"
    """What a resolution is: a case truly solved, or each contact that ended as if it were (wrong answers included)."""
    per_month: Money | None = None
    """Fixed fee of a month (a twelfth of 365.25 days)."""
    minimum: Money | None = None
    """The least that hours, minutes, contacts and resolutions come to in a month; what they lack is paid on top."""

    def given(self) -> dict[str, Money]:
        """The prices that are given, by key."""
        names = ("per_hour", "per_contact", "per_minute", "per_resolution", "per_month", "minimum")
        return {name: price for name in names if (price := getattr(self, name)) is not None}

    @model_validator(mode="after")
    def _pays_something(self) -> Self:
        if not self.given():
            raise ValueError("pays nothing; write e.g. per_contact: 3.50 EUR")
        if (self.hours != "floor" or self.premiums) and self.per_hour is None:
            what = "premiums" if self.premiums else "hours"
            raise ValueError(f"{what} is about a price per hour; write e.g. per_hour: 11 EUR/h")
        if self.resolution != "true" and self.per_resolution is None:
            raise ValueError("resolution is about a price per resolution; write e.g. per_resolution: 6 EUR")
        return self


class Employer(Model):
    """Who employs agents: we ourselves (without `pay`: wages are our cost), or an outsourcer."""

    pay: Pay | None = None
    """What the outsourcer is paid; the wages of its teams are then its own affair, whatever they are."""
    notes: str = ""
    """Anything worth knowing."""
