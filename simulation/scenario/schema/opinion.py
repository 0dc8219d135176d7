"""What customers think of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulation.scenario.model import Model
from simulation.units import Duration, Share


class Opinion(Model):
    """The customer's satisfaction, first form: a logistic score (see docs/reference/rules.md)."""

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
