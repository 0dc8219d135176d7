"""Which segments a source has, by which channels its customers come first, who leaves and what it is worth."""

from __future__ import annotations

from simulation.scenario.schema import Churn, Scenario, Shares, Source
from simulation.units import Money


def segment_shares(scenario: Scenario, source: Source) -> Shares:
    """The share of each segment in a source's cases; empty where the scenario has none."""
    return source.segments or {name: segment.share for name, segment in scenario.customers.items()}


def channels_of(scenario: Scenario, source: Source, segment: str | None) -> Shares:
    """The share of each channel of first contact in a segment of a source; empty where a replayed log names it."""
    own = {} if segment is None or not source.channels else scenario.customers[segment].channels
    return own or source.channel_shares()


def channel_shares(scenario: Scenario, source: Source) -> Shares:
    """The share of each channel of first contact in all cases of a source; empty where a replayed log names it."""
    mixed: Shares = {}
    segments: list[tuple[str | None, float]] = [*segment_shares(scenario, source).items()]
    for segment, part in segments or [(None, 1.0)]:
        for channel, share in channels_of(scenario, source, segment).items():
            mixed[channel] = mixed.get(channel, 0.0) + part * share
    return mixed


def churns(scenario: Scenario) -> list[Churn | None]:
    """Who leaves for good, by segment (one entry where customers are all alike)."""
    usual = scenario.opinion.churn if scenario.opinion else None
    return [segment.churn or usual for segment in scenario.customers.values()] or [usual]


def values(scenario: Scenario) -> list[Money | None]:
    """What a customer is worth, by segment (one entry where customers are all alike)."""
    usual = scenario.opinion.value if scenario.opinion else None
    return [segment.value or usual for segment in scenario.customers.values()] or [usual]
