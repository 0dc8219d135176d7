"""Which of several equally loaded free agents takes a contact: the one with the smallest key, ties by idle time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from simulation.scenario.schema import AgentChoice


class FreeAgent(Protocol):
    """What a choice may know of an agent."""

    number: int
    busy_seconds: float


def least_busy(agent: FreeAgent) -> float:
    """The agent who has handled for the shortest time so far, to the microsecond: sums of equal times are equal."""
    return round(agent.busy_seconds, 6)


def lowest_number(agent: FreeAgent) -> float:
    """The first agents of the team are kept busy, the last ones help at peaks."""
    return agent.number


AGENT_CHOICES: dict[AgentChoice, Callable[[FreeAgent], float] | None] = {
    AgentChoice.longest_idle: None,  # free agents stand in the order in which they became free
    AgentChoice.least_busy: least_busy,
    AgentChoice.lowest_number: lowest_number,
}
