"""Which agent for which contact, and the way up."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from simulation.scenario.duration_spec import RandomDuration
from simulation.scenario.model import Model
from simulation.scenario.schema.base import Selection, Urgency
from simulation.scenario.schema.handling import Sticky
from simulation.scenario.schema.loops import Angry, Overdue
from simulation.units import Duration, Share


class Discipline(StrEnum):
    """Which waiting contact comes first, within the same skill priority."""

    fifo = "fifo"
    lifo = "lifo"
    urgency = "urgency"
    deadline = "deadline"
    score = "score"


class AgentChoice(StrEnum):
    """Which of several equally loaded free agents of a team takes a contact."""

    longest_idle = "longest_idle"
    least_busy = "least_busy"
    lowest_number = "lowest_number"


class Score(Model):
    """Weights of the score discipline: the waiting contact with the highest score comes first."""

    age: Annotated[float, Field(ge=0)] = 1.0
    """Points per hour waited."""
    deadline: Annotated[float, Field(ge=0)] = 0.0
    """Points per hour by which the deadline is nearer."""
    urgency: dict[Urgency, float] = {}
    """Points by urgency."""


class Route(Model):
    """Where contacts of some channels and topics may go, and after which wait."""

    channels: Selection = "all"
    """Channels, or all."""
    topics: Selection = "all"
    """Topics, or all."""
    tier: str | None = None
    """The tier at which the route holds; the first by default."""
    teams: dict[str, Duration]
    """Teams in order, each with the wait after which it may help: {north: 0 s, overflow: 2 min}."""
    discipline: Discipline | None = None
    """The order of these waiting contacts; that of routing by default."""


class Routing(Model):
    """Which free agent for this contact, which waiting contact for this agent."""

    discipline: Discipline = Discipline.fifo
    """The order of waiting contacts."""
    agent: AgentChoice = AgentChoice.longest_idle
    """Which of several equally loaded free agents of a team (the least loaded always come first)."""
    score: Score = Score()
    """Weights of the score discipline."""
    routes: dict[str, Route] = {}
    """Routes by name; the first that fits holds. Contacts without a route go to every skilled team of their tier at once."""
    sticky: Sticky | None = None


class Escalation(Model):
    """The way up: for want of competence, for angry customers, and when a clock runs out."""

    path: Annotated[list[str], Field(min_length=1)] = ["tier1"]
    """Tiers from the first to the last."""
    recognition: Share = 1.0
    """How often an agent sees that a case is beyond the tier's reach, and escalates; otherwise the answer is wrong."""
    patience: dict[str, RandomDuration] = {}
    """Patience while waiting for a tier, drawn anew; without one, that of the channel. Nobody hangs up a letter."""
    angry: Angry | None = None
    overdue: Overdue | None = None
