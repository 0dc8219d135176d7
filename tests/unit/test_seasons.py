"""Volumes over a year: a trend, and months of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulation.demand.rates import source_rate
from simulation.experiments.load import from_dict
from simulation.scenario.schema import DAY
from simulation.scenario.timeline import Timeline
from tests.laws.books import observe
from tests.laws.micro import center
from tests.laws.strategies import Data


def calls(days: int = 365, **source: Any) -> Data:
    """A steady line from the first of January."""
    data = center([], horizon=f"{days} d", calendar__start="2026-01-01")
    data["demand"] = {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": "100/day", **source}}}
    return data


def by_day(**source: Any) -> np.ndarray:
    """Expected cases of each day of a year."""
    scenario = from_dict(calls(**source))
    timeline = Timeline.of(scenario)
    steps = source_rate(scenario.demand.sources["calls"], scenario.demand, timeline)
    return np.bincount((steps.edges[:-1] // DAY).astype(int), steps.expected())


def test_a_trend_multiplies_the_volume_within_a_year() -> None:
    assert by_day(trend="150 %") == pytest.approx(100 * 1.5 ** (np.arange(365) / 365))
    assert by_day(trend="150 %").sum() == pytest.approx(36_500 * 0.5 / np.log(1.5), rel=0.001)
    assert by_day(trend=0.5)[-1] == pytest.approx(50, rel=0.01)


def test_months_have_factors_of_their_own() -> None:
    found = by_day(months={"feb": "x 2", "dec": "50 %"})
    assert found[:31] == pytest.approx(100)
    assert found[31:59] == pytest.approx(200)
    assert found[-31:] == pytest.approx(50)
    assert found[59:-31] == pytest.approx(100)


def test_no_trend_moves_no_case() -> None:
    plain, told = (observe(calls(3, **more)).record.cases for more in ({}, {"trend": 1, "months": {"feb": 3}}))
    assert (plain["arrived"] == told["arrived"]).all()


def test_they_need_a_volume() -> None:
    data = calls(3, trend=1.1)
    data["demand"]["sources"]["calls"] |= {"replay": {"file": center([(0, 1)])["demand"]["sources"]["log"]["replay"]["file"], "time": "time"}}  # fmt: skip
    del data["demand"]["sources"]["calls"]["volume"]
    with pytest.raises(Exception, match="trend shape a volume"):
        from_dict(data)
