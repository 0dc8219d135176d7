"""How a problem is handled: four steps, and what makes them shorter or the answer better."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, TypeAdapter, WithJsonSchema, model_validator

from simulation.scenario.model import Model
from simulation.scenario.schema.base import Selection
from simulation.units import Duration, Money, Share

STEPS = ("analysis", "solution", "verification", "informing")
AFTER = "wrap_up"


class Steps(Model):
    """What handling consists of: four steps with their shares of the handling time (after-contact work apart)."""

    analysis: Share = 0.0
    """Finding out what the problem is, and what is known of the customer."""
    solution: Share = 0.0
    """Finding and making the solution."""
    verification: Share = 0.0
    """Making sure that it works."""
    informing: Share = 0.0
    """Telling the customer."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = sum(self.shares())
        if abs(total - 1) > 1e-6:
            raise ValueError(f"the shares of the steps sum to {100 * total:g} %; make them sum to 100 %")
        return self

    def shares(self) -> tuple[float, ...]:
        """Shares of the steps in their order."""
        return tuple(getattr(self, step) for step in STEPS)


USUAL_STEPS = Steps.model_validate(
    {"analysis": "30 %", "solution": "45 %", "verification": "10 %", "informing": "15 %"}
)
"""An assumption of the model, where a scenario says nothing."""


class Saves(Model):
    """What is saved of each step, and of after-contact work."""

    analysis: Share = 0.0
    """Share of the time for analysis."""
    solution: Share = 0.0
    """Share of the time for the solution."""
    verification: Share = 0.0
    """Share of the time for verification."""
    informing: Share = 0.0
    """Share of the time for informing."""
    wrap_up: Share = 0.0
    """Share of after-contact work."""

    def shares(self) -> tuple[float, ...]:
        """Savings of the steps in their order, then of after-contact work."""
        return tuple(getattr(self, step) for step in (*STEPS, AFTER))


class PracticeCost(Model):
    """What a practice costs; what is given adds up."""

    per_day: Money | None = None
    """Price of a day."""
    per_agent_hour: Money | None = None
    """Price of an hour of an agent of its teams on the floor (a licence)."""
    per_use: Money | None = None
    """Price of a stay with an agent that it helps with."""

    def prices(self) -> list[Money]:
        """The prices that are given."""
        return [price for price in (self.per_day, self.per_agent_hour, self.per_use) if price is not None]


_SHARE = TypeAdapter(Share).json_schema()


def _for_any(value: Any) -> Any:
    return value if isinstance(value, dict) else {"any": value}


Coverage = Annotated[
    dict[str, Share],
    BeforeValidator(_for_any),
    WithJsonSchema({"anyOf": [_SHARE, {"type": "object", "additionalProperties": _SHARE}]}),
]
"""A share of cases, for all topics or by topic (`any` for those not named)."""


class Practice(Model):
    """Templates, CRM, knowledge base, integration …: what makes steps of the handling shorter or answers better."""

    topics: Selection = "all"
    """Topics that it helps with, or all."""
    channels: Selection = "all"
    """Channels on which it is used, or all."""
    teams: Selection = "all"
    """Teams that use it, or all."""
    contacts: Literal["all", "repeats"] = "all"
    """All contacts, or only repeats: those of a case that an agent has handled in an earlier contact."""
    covers: Coverage = {"any": 1.0}
    """Share of cases that it helps with: 60 %, or by topic: {payments: 20 %, any: 60 %}."""
    which: Literal["random", "easiest"] = "random"
    """Which cases it covers: any, whatever their difficulty, or the easiest of the topic."""
    found: Share = 1.0
    """How often, among cases covered, agents find what it offers."""
    saves: Saves = Saves()
    reach: Share = 0.0
    """Share of the gap between a tier's reach and 100 % that it closes, for cases that it helps with."""
    accuracy: Share = 0.0
    """Share of the wrong answers that it prevents, for cases that it helps with."""
    stale: Share = 0.0
    """Share of the answers given with its help that are wrong because it is out of date."""
    cost: PracticeCost = PracticeCost()

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not self.model_fields_set & {"saves", "reach", "accuracy", "stale", "cost"}:
            raise ValueError("changes nothing; write e.g. saves: {informing: 50 %}, reach, accuracy or cost")
        return self

    def share_covered(self, topic: str) -> float:
        """Share of a topic's cases that it covers."""
        return self.covers.get(topic, self.covers.get("any", 0.0))


class Sticky(Model):
    """Who comes back meets the agent who knows the case, if that agent is on the floor and may take the contact."""

    wait: Duration = 0.0
    """How long the contact waits for that agent alone, if the agent is busy; then anybody may take it."""
    channels: Selection = "all"
    """Channels, or all."""
    saves: Saves = Saves()
