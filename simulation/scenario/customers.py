"""Which segments a source has, and by which channels its customers come first."""

from __future__ import annotations

from simulation.scenario.schema import Scenario, Shares, Source


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
