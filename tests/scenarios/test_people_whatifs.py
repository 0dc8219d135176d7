"""What-ifs of persons show what they are about."""

from __future__ import annotations

from functools import cache

import pytest

import simulation as sim

pytestmark = pytest.mark.slow  # whole weeks: that each runs and balances its books is tested in test_shipped.py

SHORT = {"horizon": "3 d", "run_out": "1 d", "warm_up": "0 s"}


@cache
def found(name: str) -> sim.Result:
    """Two replications of three days."""
    return sim.run(sim.load(name, set=SHORT), replications=2, jobs=1, tables=False)


def value(name: str, metric: str, *segment: tuple[str, str]) -> float:
    """A KPI of a scenario."""
    return next(
        one.interval.mean for one in found(name).summaries if str(one.metric) == metric and one.segment == segment
    )


def test_newcomers_are_slower_and_solve_less_at_first() -> None:
    phone = ("team", "phone")
    assert value("whatif/newcomers", "handling_time.mean", phone) > 1.1 * value("baseline", "handling_time.mean", phone)
    assert value("whatif/newcomers", "quality", phone) < value("baseline", "quality", phone) - 0.02
    assert value("whatif/newcomers", "fcr") < value("baseline", "fcr") - 0.03
    assert value("whatif/newcomers", "escalations") > value("baseline", "escalations")


def test_agents_who_differ_are_found_and_some_miss_their_plan() -> None:
    phone = ("team", "phone")
    assert (
        value("baseline", "handling_spread", phone) < 0.12 < value("whatif/performance-plans", "handling_spread", phone)
    )
    assert 0.1 < value("whatif/performance-plans", "on_plan", phone) < 0.9
    agents = found("whatif/performance-plans").scorecards.query("level == 'agent' and team == 'phone'")
    assert {"handling_time", "right"} <= set(" ".join(agents["misses"]).split())


def test_customers_whom_few_understand_wait_longer() -> None:
    name = "whatif/russian-speaking-customers"
    russian, latvian = (value(name, "abandonment", ("segment", one)) for one in ("russian", "latvian"))
    assert russian > 2 * latvian
    assert value(name, "asa.mean", ("channel", "phone")) > value("baseline", "asa.mean", ("channel", "phone"))
