"""Metrics as a user names them, without a bound."""

from __future__ import annotations

import pytest

import simulation as sim
from simulation.metrics.kpi import Held, Metric
from simulation.metrics.targets import metric_on


@pytest.mark.parametrize(
    ("text", "metric", "segment"),
    [
        ("asa", Metric("asa", None, "mean"), ()),
        ("service_level(30 s) {channel=phone}", Metric("service_level", 30.0), (("channel", "phone"),)),
        ("phone-80-20", Metric("service_level", 20.0), (("channel", "phone"),)),
        (
            "asa{channel=phone} <= 1 min on hours",
            Metric("asa", None, "mean", Held("<=", 60.0, "hours")),
            (("channel", "phone"),),
        ),
        (
            " asa.p90{urgency=high, channel=chat}",
            Metric("asa", None, "p90"),
            (("channel", "chat"), ("urgency", "high")),
        ),
    ],
)
def test_a_metric_is_named_as_in_a_target_or_by_one(text: str, metric: Metric, segment: object) -> None:
    assert metric_on(text, sim.load("baseline")) == (metric, segment)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("asa <= 3 s", "is not a metric; write e.g. service_level"),
        ("", "is not a metric"),
        ("asa on days", "is not a target"),
        ("assa", "there is no metric 'assa'; write e.g. asa"),
        ("asa{channel=fone}", "write e.g. channel=phone"),
        ("deflection", "would have no data: .*; name another metric, or add what it needs"),
    ],
)
def test_what_is_none_is_told(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        metric_on(text, sim.load("baseline"))
