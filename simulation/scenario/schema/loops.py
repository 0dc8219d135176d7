"""What passes a contact up besides want of competence."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulation.scenario.model import Model
from simulation.scenario.schema.base import FromOne, Selection, Urgency
from simulation.units import Duration, Share


class Angry(Model):
    """Customers who ask for somebody higher up, and whom the agent then passes on; sensible: 1 % to 5 % in all."""

    always: Share = 0.0
    """Share of customers who ask whatever has happened: difficult customers."""
    per_failure: Share = 0.0
    """Share of the others who ask after one failed contact of the case, and again of those left for each further one."""
    half_life: Annotated[Duration, Field(gt=0)] = 259_200.0
    """Time in which a failure is half forgotten; 3 d by default."""
    after_failures: FromOne | None = None
    """From so many failed contacts of a case on everybody asks."""
    complaints: Share = 0.0
    """Share of those who complain about a case (see complaints) who ask, on top."""
    to: str | None = None
    """The tier that they are passed to; by default the next one up that has a team for it."""
    after: Share = 0.3
    """Share of the handling (and of the after-contact work) that the agent has done until then."""

    @model_validator(mode="after")
    def _somebody_asks(self) -> Self:
        if not self.model_fields_set & {"always", "per_failure", "after_failures", "complaints"}:
            raise ValueError("nobody asks; write e.g. per_failure: 30 %, after_failures: 3, complaints or always")
        return self


class Overdue(Model):
    """A clock that runs out while a contact waits: then a higher tier may take it too, or it comes first."""

    after: dict[Urgency, Duration] = {}
    """How long a contact waits at most, by urgency, e.g. {high: 5 min, critical: 1 min}; the others have no such clock."""
    before_due: Duration | None = None
    """The clock of those that have a deadline runs out so long before it, e.g. 30 min."""
    channels: Selection = "all"
    """Channels, or all."""
    to: str = "next"
    """The tier that may then take it: a name, or next for the next one up that has a team for it; front leaves it to its own tier, before all others of the same skill priority."""

    @model_validator(mode="after")
    def _has_a_clock(self) -> Self:
        if not self.after and self.before_due is None:
            raise ValueError("has no clock; write e.g. after: {high: 5 min} or before_due: 30 min")
        return self
