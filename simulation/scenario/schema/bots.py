"""The automated first line."""

from __future__ import annotations

from simulation.scenario.duration_spec import RandomDuration
from simulation.scenario.model import Model
from simulation.scenario.schema.base import Count
from simulation.units import Money


class Bot(Model):
    """An automated first line: takes many sessions at once, hands over what is beyond its reach."""

    sessions: Count
    """Sessions at once; further contacts go straight to the agents."""
    session: RandomDuration
    """How long a session lasts, solved or handed over."""
    cost: Money | None = None
    """Price of a session."""
