"""What a scenario is held against: others' figures, and a checklist of standards."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulation.scenario.model import Model
from simulation.scenario.schema.base import Name
from simulation.units import Share


class Figures(Model):
    """Figures of others: a median of an industry, the best quarter of it, a competitor."""

    figures: dict[str, str]
    """Metrics as in targets, each with its figure in the metric's unit, e.g. {fcr: 70 %, 'asa.mean{channel=phone}': 28 s}."""
    source: str = ""
    """Where the figures come from."""


class Line(Model):
    """A standard of the center's own, which no key of the scenario can tell."""

    says: str
    """What it asks for, in a sentence."""
    kept: Share = 1.0
    """The share of it that is in place."""
    target: str | None = None
    """One of `targets`: after a run its verdict says whether the standard is achieved."""


class Standards(Model):
    """The checklist of standards (see `supportsim standards`): weights, and further lines."""

    weights: dict[str, Annotated[float, Field(ge=0, le=1000)]] = {}
    """Weights of standards and lines, 1 by default; 0 leaves one out."""
    lines: dict[Name, Line] = {}
    """Further standards by name."""
