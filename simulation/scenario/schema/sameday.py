"""What is decided during the day by what is going on: who stays on, goes home early or is called in."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulation.scenario.duration_spec import RandomDuration
from simulation.scenario.hours import OpeningHours
from simulation.scenario.model import Model
from simulation.scenario.schema.base import Count, FromOne, Selection
from simulation.units import Duration, Factor, Share

Look = Annotated[Duration, Field(ge=60)]
"""How often is looked: a minute or more."""


class Overtime(Model):
    """Who is on the floor at the end of a shift stays on while much waits."""

    over: Count | None = None
    """They stay while more than so many contacts wait that the team has a skill for."""
    wait: Duration | None = None
    """They stay while such a contact has waited longer than this; with over, either is enough."""
    most: Duration = 7200.0
    """They stay so long at most, then finish what they hold (1 to 4 h)."""
    every: Look = 900.0
    """They are asked again when they finish a contact, and at least so often."""
    agents: FromOne | None = None
    """At most so many of the team stay on at once; without it, all."""
    channels: Selection = "all"
    """Only contacts on these channels count as waiting, or all."""
    premium: Share = 0.5
    """Extra share of the wage for the time that they stay on (25 to 100 %)."""

    @model_validator(mode="after")
    def _has_reason(self) -> Self:
        if self.over is None and self.wait is None:
            raise ValueError("nobody would ever stay; write over: 10 (contacts waiting), or wait: 30 min")
        return self


class OnCall(Model):
    """Agents at home who are called in while much waits, and go home again when little does."""

    agents: FromOne
    """So many are on call."""
    hours: OpeningHours = OpeningHours.always()
    """When they are on call, e.g. {daily: 22:00-07:00}; who is in at the end finishes what is in hand, and leaves."""
    over: Count | None = None
    """One is called in while more than so many contacts wait that the team has a skill for."""
    each: FromOne = 1
    """Another is called in for each so many more who wait, while others are on the way."""
    wait: Duration | None = None
    """One is called in while such a contact has waited so long and nobody is on the way; with over, either is enough."""
    delay: RandomDuration | None = None
    """From the call until the agent is at work; at once without it (5 to 60 min)."""
    at_least: Duration = 0.0
    """Who has come stays at least so long (30 min to 3 h)."""
    until: Count = 0
    """Then the agent goes home after a contact if so many or fewer wait, and none has waited as long as `wait` says."""
    channels: Selection = "all"
    """Only contacts on these channels count as waiting, or all."""
    standby: Share = 0.2
    """Pay at home, as a share of the wage (10 to 50 %)."""
    premium: Share = 0.0
    """Extra share of the wage from the call until the agent leaves, the way included (0 to 100 %)."""

    @model_validator(mode="after")
    def _has_reason(self) -> Self:
        if self.over is None and self.wait is None:
            raise ValueError("nobody would ever be called in; write over: 5 (contacts waiting), or wait: 10 min")
        if self.over is not None and self.until > self.over:
            raise ValueError(f"until must be at most over, {self.over}: who has come would go at once; write until: 0")
        if self.over is None and self.until:
            raise ValueError("until goes with over; write over: 5, or remove until")
        if not self.hours.ever():
            raise ValueError("the hours never come; write e.g. hours: {daily: 22:00-07:00}")
        return self


class TimeOff(Model):
    """Idle agents are sent home in lulls, without pay or with a part of it. Nobody is called back."""

    idle: Count | None = None
    """Agents who idle beyond so many are sent home while nobody waits."""
    occupancy: Annotated[Share, Field(gt=0)] | None = None
    """Only if the team's occupancy since the last look was below this (40 to 70 %); without idle, one is sent at each look."""
    every: Look = 900.0
    """How often is looked."""
    lasts: Annotated[Duration, Field(ge=60)] | None = None
    """They come back after so long; without it, they are off for the rest of the shift."""
    at_least: Duration = 1800.0
    """Only who has to work for so long yet is sent home."""
    agents: FromOne | None = None
    """At most so many of the team have time off at once; without it, any number."""
    keep: Count = 1
    """So many of the team stay on the floor in any case."""
    channels: Selection = "all"
    """Only contacts on these channels count as waiting, or all."""
    paid: Share = 0.0
    """Pay for time off, as a share of the wage."""

    @model_validator(mode="after")
    def _has_reason(self) -> Self:
        if self.idle is None and self.occupancy is None:
            raise ValueError("nobody would ever go home; write idle: 2 (agents), or occupancy: 50 %")
        return self


class Nights(Model):
    """Hours that some agents dislike to work: nights, unless `hours` says otherwise."""

    dislike: Share
    """Share of the agents who dislike them; who that is, chance decides for each agent."""
    hours: OpeningHours = OpeningHours.parse({"daily": "22:00-06:00"})
    """The hours, e.g. {mon-fri: 22:00-06:00, sat-sun: open}."""
    absence: Factor = 1.0
    """How much more often an agent who dislikes them is absent from a shift wholly within them (1 to 3); in part, as the share of the shift is."""
