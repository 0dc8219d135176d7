"""When events put something out of order."""

from __future__ import annotations

from typing import Literal

from simulation.demand.rates import event_span
from simulation.scenario.hours import merged
from simulation.scenario.schema import Scenario
from simulation.scenario.timeline import Span, Timeline


def outages(scenario: Scenario, what: Literal["channels", "bots"], name: str) -> list[Span]:
    """Spans (s since the start) in which events have something of that name out of order: joined, within the duration."""
    timeline = Timeline.of(scenario)
    spans = [event_span(event, timeline) for event in scenario.demand.events.values() if name in getattr(event, what)]
    inside = [(max(0.0, start), min(end, timeline.duration)) for start, end in spans]
    return merged(span for span in inside if span[0] < span[1])


def less(spans: list[Span], holes: list[Span]) -> list[Span]:
    """The spans without the holes; both in order and without overlap."""
    left = []
    for start, end in spans:
        for first, last in holes:
            if start < last and first < end:
                left.append((start, first))
                start = last
        left.append((start, end))
    return [(start, end) for start, end in left if start < end]
