"""The what-ifs about the way in, held against the baseline: a few days with the same customers."""

from __future__ import annotations

from functools import cache

import pytest

import simulation as sim
from simulation import Result

pytestmark = pytest.mark.slow  # whole weeks: that each runs and balances its books is tested in test_shipped.py

DAYS = {"warm_up": "8 h", "horizon": "3 d", "run_out": "12 h", "replications": 1}


@cache
def ran(name: str) -> Result:
    """A shipped scenario over a few days."""
    return sim.run(sim.load(sim.shipped()[name], set=DAYS), jobs=1)


def kpi(name: str, metric: str, segment: str = "channel=phone") -> float:
    """The value of a KPI."""
    kpis = ran(name).kpis
    rows = kpis[(kpis.metric == metric) & (kpis.segment == segment)]
    return float(rows["mean"].iloc[0])


@pytest.mark.parametrize("name", ["callback-offer", "callbacks-in-lulls"])
def test_callbacks_save_callers_from_waiting_and_hanging_up(name: str) -> None:
    for metric in ("abandonment", "asa.mean", "queue_length"):
        assert kpi(f"whatif/{name}", metric) < 0.9 * kpi("baseline", metric), metric
    assert kpi(f"whatif/{name}", "solved") > kpi("baseline", "solved")
    assert kpi(f"whatif/{name}", "service_level(20s)") > kpi("baseline", "service_level(20s)") + 0.02
    assert 0.03 < kpi(f"whatif/{name}", "callback_share") < 0.2
    assert kpi(f"whatif/{name}", "promises_kept") > 0.6


def test_calls_in_the_lulls_come_hours_later() -> None:
    assert (
        kpi("whatif/callbacks-in-lulls", "callback_delay.mean")
        > 3600
        > kpi("whatif/callback-offer", "callback_delay.mean")
    )
    assert kpi("whatif/callbacks-in-lulls", "first_response_time.mean") > kpi("baseline", "first_response_time.mean")


def test_who_hears_how_long_it_takes_leaves_at_once_instead_of_later() -> None:
    name = "whatif/announced-waits"
    assert kpi(name, "abandonment") < 0.85 * kpi("baseline", "abandonment")
    assert 0.005 < kpi(name, "balking") < 0.06
    assert kpi(name, "asa.mean") < kpi("baseline", "asa.mean")
    assert kpi(name, "channel_changes", "") > 0


def test_fewer_lines_turn_a_queue_into_busy_signals() -> None:
    name = "whatif/fewer-trunks"
    assert kpi("baseline", "blocking") == 0 < kpi(name, "blocking")
    assert kpi(name, "asa.mean") < kpi("baseline", "asa.mean")
    assert kpi(name, "redials") > kpi("baseline", "redials")


def test_those_who_try_again_on_the_chat_leave_the_phone_to_others() -> None:
    name = "whatif/redial-on-chat"
    assert kpi(name, "channel_changes", "channel=chat") > 0.005
    assert kpi(name, "contacts") < kpi("baseline", "contacts")
    assert kpi(name, "contacts", "channel=chat") > kpi("baseline", "contacts", "channel=chat")
