"""When events put something out of order."""

from __future__ import annotations

from typing import Literal

from simulation.demand.rates import event_span
from simulation.scenario.hours import merged
from simulation.scenario.schema import Scenario
from simulation.scenario.timeline import Span, Timeline


def outages(scenario: Scenario, what: Literal["bots"], name: str) -> list[Span]:
    """Spans (s since the start) in which events have something of that name out of order: joined, within the duration."""
    timeline = Timeline.of(scenario)
    spans = [event_span(event, timeline) for event in scenario.demand.events.values() if name in getattr(event, what)]
    inside = [(max(0.0, start), min(end, timeline.duration)) for start, end in spans]
    return merged(span for span in inside if span[0] < span[1])
