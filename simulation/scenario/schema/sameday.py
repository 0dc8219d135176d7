"""What is decided during the day by what is going on: who stays on, goes home early or is called in."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulation.scenario.model import Model
from simulation.scenario.schema.base import Count, FromOne, Selection
from simulation.units import Duration, Share

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
