"""The automated first line: chatbots, voice menus (IVR), AI agents."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from simulation.scenario.duration_spec import RandomDuration
from simulation.scenario.model import Model
from simulation.scenario.schema.base import Count, FromOne, Shares
from simulation.scenario.schema.topics import Repeat
from simulation.units import Duration, Money, Share


def _share_of_any(value: Any) -> Any:
    """A plain share is that of any topic."""
    return value if isinstance(value, dict) else {"any": value}


SharesByTopic = Annotated[
    Shares,
    BeforeValidator(_share_of_any),
    WithJsonSchema(
        {
            "anyOf": [{"type": ["string", "number"]}, {"type": "object", "additionalProperties": {"type": "string"}}],
            "examples": ["85 %", {"delivery": "90 %", "any": "80 %"}],
        }
    ),
]


class Latency(Model):
    """How long a bot takes for an answer; the more sessions run, the longer."""

    at_rest: Duration = 0.0
    """Time for an answer to the only customer, e.g. 1 s."""
    full: Duration
    """Time for an answer with all sessions taken, e.g. 8 s."""
    turns: FromOne = 1
    """Answers in a session; each takes so long."""
    slows_from: Annotated[Share, Field(lt=1)] = 0.0
    """The load up to which answers are as fast as at rest; from there to full they slow down evenly."""

    @model_validator(mode="after")
    def _slower_when_full(self) -> Self:
        if self.full < self.at_rest:
            raise ValueError("a full bot is no faster than one at rest; write a longer full or a shorter at_rest")
        return self


class HandOver(Model):
    """What the agent who takes over from a bot is told."""

    context: Share = 1.0
    """The share of hand-overs that carry what was said; after an outage none does."""
    saves: Share = 0.0
    """The share of the first agent's analysis (see handling_steps) that context saves."""
    repeats_story: Duration = 0.0
    """Time that the customer takes to tell everything again without context."""


class Return(Repeat):
    """The return of a customer who left the bot believing the case solved."""

    asks_for_human: Share | None = None
    """The share of further contacts of the case that skip the bot; asks_for_human of the bot by default."""


class Bot(Model):
    """An automated first line: takes many sessions at once, hands over what it does not solve."""

    sessions: Count
    """Sessions at once; further contacts go straight to the agents."""
    session: RandomDuration
    """How long a session lasts, solved or handed over; the bot's own time for answers (latency) comes on top."""
    latency: Latency | None = None
    """Time that the bot takes for its answers, longer under load; none by default."""
    understanding: SharesByTopic = {"any": 1.0}
    """Share of contacts whose matter the bot understands: one for all, or by topic and `any` (100 % where none is given). The others it cannot solve."""
    asks_for_human: Share = 0.0
    """The share of contacts that skip the bot and go straight to the agents."""
    silent_failure: Share = 0.0
    """Of contacts that the bot does not solve, the share that leaves believing it did; the others are handed over."""
    returns: Return | None = None
    """The return of those who left believing it solved; the topic's repeat by default."""
    hand_over: HandOver | None = None
    """What the agent is told who takes over, and what that saves; without it nothing is saved or lost."""
    cost: Money | None = None
    """Price of a session."""
    cost_per_minute: Money | None = None
    """Price of a minute of session."""

    @model_validator(mode="after")
    def _somebody_returns(self) -> Self:
        if self.returns is not None and not self.silent_failure:
            raise ValueError("nobody returns without silent_failure; write e.g. silent_failure: 5 %, or remove returns")
        return self

    def understands(self, topic: str) -> float:
        """Share of contacts of a topic whose matter it understands."""
        return self.understanding.get(topic, self.understanding.get("any", 1.0))
