"""What practitioners publish as good service, held against what was observed."""

from __future__ import annotations

from collections.abc import Iterable

from simulation.metrics.measure import EVERYTHING, Summary
from simulation.metrics.targets import Judgement, Target

PUBLISHED = {
    "response": "first_response_time.mean <= 15 min",
    "first contact": "fcr >= 85 %",
    "satisfaction": "csat >= 90 %",
    "resolution": "resolution_time.mean <= 24 h",
}
"""Figures that practitioners' texts on support name as the mark of a reliable service."""


def published(summaries: Iterable[Summary]) -> list[Judgement]:
    """The verdict on each published figure of which the run has data."""
    found = {one.metric: one.interval for one in summaries if one.segment == EVERYTHING}
    targets = [Target.parse(name, text) for name, text in PUBLISHED.items()]
    known = [(target, found[target.metric]) for target in targets if target.metric in found]
    return [Judgement(target, interval, target.verdict(interval)) for target, interval in known]
