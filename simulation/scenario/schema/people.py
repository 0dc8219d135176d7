"""Agents as persons: how they differ from their team's figures."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulation.scenario.model import Model
from simulation.units import Share

Spread = Annotated[Share, Field(le=3)]


class TeamPeople(Model):
    """How the agents of a team differ; the team's figures are their mean."""

    speed_spread: Spread = 0.0
    """Coefficient of variation of handling time between agents: with 20 % two thirds lie within about a fifth of the mean."""
