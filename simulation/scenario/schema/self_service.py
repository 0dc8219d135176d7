"""What customers try before they contact anybody."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from simulation.scenario.duration_spec import RandomDuration
from simulation.scenario.model import Model
from simulation.units import Share


class KnowledgeBase(Model):
    """Articles for customers: help where one exists, is found, is still true and the case is within its reach."""

    looks: Share
    """The share of customers who look there before they contact anybody."""
    findability: Share = 1.0
    """How often an article that exists is found."""
    reading: RandomDuration
    """How long a customer searches and reads, helped or not."""


class Community(Model):
    """Other customers: answer after a while, or never."""

    asks: Share
    """The share of customers, among those whom the knowledge base did not help, who ask there before they contact anybody."""
    answers: Share = 1.0
    """The share of questions that are ever answered."""
    after: RandomDuration
    """How much later the answer comes; without an answer, how long the customer waits for one."""
    patience: RandomDuration | None = None
    """How long a customer waits for an answer at most; without it, as long as it takes."""
    accuracy: Share = 1.0
    """The share of answers that are right, for cases within reach."""


class SelfService(Model):
    """What customers try before they contact anybody; whoever it helps never does."""

    knowledge_base: KnowledgeBase | None = None
    """Articles for customers."""
    community: Community | None = None
    """Other customers."""

    @model_validator(mode="after")
    def _has_something(self) -> Self:
        if self.knowledge_base is None and self.community is None:
            raise ValueError(
                "has neither a knowledge_base nor a community; write e.g. knowledge_base: {looks: 30 %, reading: {lognormal: {mean: 4 min, cv: 1}}}"
            )
        return self

    def names(self) -> list[str]:
        """The parts that there are, as topics name them in `reach`."""
        return [name for name in ("knowledge_base", "community") if getattr(self, name) is not None]


class Article(Model):
    """How well the knowledge base covers a topic."""

    coverage: Share = 1.0
    """How often there is an article for a case."""
    stale: Share = 0.0
    """The share of articles that are no longer true: they mislead those whom they would have helped."""
