"""Agents on call in limits that theory knows: the chain with a threshold, and the removable server in closed form.

Each simulated value lies within a few standard errors of the exact one, and these are narrow enough to tell it from what it
would be without anybody on call, or with another threshold.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import simulation as sim
from simulation import Result
from simulation.experiments.load import from_dict
from simulation.statistics.intervals import t_quantile
from simulation.theory.erlang import erlang_a, erlang_c
from simulation.theory.on_call import n_policy_wait, on_call_queue
from tests.laws.strategies import Data, quick

MOST = 3.5
"""Standard errors by which a simulated value may be off."""


def exponential(minutes: float) -> Data:
    """An exponential time with that mean."""
    return {"exponential": {"mean": f"{minutes!r} min"}}


def center(rate: float, servers: int, hours: float, patience: float | None = None, **rule: Any) -> Data:
    """Calls at a rate a minute, which take a minute on average; some agents always there, others on call."""
    waits = {} if patience is None else {"patience": exponential(patience)}
    teams: Data = {"standby": {"skills": {"all": {}}, "on_call": rule}}
    if servers:
        teams["front"] = {"skills": {"all": {}}, "headcount": {"constant": servers}}
    return {
        "name": "theory",
        "calendar": {"start": "2026-03-02"},
        "warm_up": "2 h",
        "horizon": f"{2 + hours!r} h",
        "replications": 12,
        "demand": {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": f"{rate!r}/min"}}},
        "channels": {"phone": {"mode": "live", **waits}},
        "topics": {"any": {"handling": {"any": exponential(1)}}},
        "teams": teams,
    }


def run(data: Data, seed: int) -> Result:
    """Run it in this process. Each test has a seed of its own, so that they do not all meet the same stroke of luck."""
    return sim.run(from_dict(data), tables=False, jobs=1, seed=seed)


def agrees(result: Result, metric: str, exact: float, unlike: float) -> None:
    """Within the error of the exact value, and far from what it would be otherwise."""
    found = next(one for one in result.summaries if str(one.metric) == metric and not one.segment).interval
    mean, error = found.mean, found.half_width / t_quantile(found.level, found.n - 1)
    assert abs(mean - exact) <= MOST * error, f"{metric}: {mean:.5g} ± {error:.2g}, exact {exact:.5g}"
    assert abs(unlike - exact) >= 2 * MOST * error, f"{metric}: ± {error:.2g} cannot tell {exact:.5g} from {unlike:.5g}"


# -- the formulas -------------------------------------------------------------------------------------------


@quick(40)
@given(st.floats(0.1, 0.9), st.integers(0, 8), st.floats(0.1, 5))
def test_the_chain_has_the_wait_of_the_removable_server(rate: float, over: int, delay: float) -> None:
    alone = on_call_queue(rate, 1, 0, 1, over)
    assert alone.wait == pytest.approx(n_policy_wait(rate, 1, over), rel=1e-6)
    late = on_call_queue(rate, 1, 0, 1, over, mean_delay=delay)
    assert late.wait == pytest.approx(n_policy_wait(rate, 1, over, delay, 2 * delay**2), rel=1e-6)
    assert alone.here == pytest.approx(rate, rel=1e-6), "the server is there while busy"


@quick(20)
@given(st.floats(0.3, 0.9), st.integers(1, 4), st.integers(1, 3))
def test_on_call_at_once_for_whoever_waits_is_more_agents(load: float, servers: int, more: int) -> None:
    rate = load * (servers + more)
    called = on_call_queue(rate, 1, servers, more, 0)
    assert called.wait == pytest.approx(erlang_c(rate, 1, servers + more).wait, rel=1e-6)


def test_nobody_is_called_over_a_threshold_that_is_never_reached() -> None:
    assert on_call_queue(3, 1, 4, 2, 500).wait == pytest.approx(erlang_c(3, 1, 4).wait)
    assert on_call_queue(3, 1, 4, 2, 500).at_home == pytest.approx(2)


# -- the simulator ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_one_who_is_called_when_four_wait() -> None:
    """Nobody else is there: the queue with a removable server (N = 4), who needs three minutes to come."""
    result = run(center(0.6, 0, 300, agents=1, over=3, delay=exponential(3)), 8101)
    exact = 60 * n_policy_wait(0.6, 1, 3, 3, 18)
    agrees(result, "wait.mean", exact, 60 * n_policy_wait(0.6, 1, 3))
    agrees(result, "asa.mean", exact, 60 * n_policy_wait(0.6, 1, 4, 3, 18))
    cycles = on_call_queue(0.6, 1, 0, 1, 3, mean_delay=3)
    agrees(result, "call_ins", 1440 * cycles.call_rate, 1440 * on_call_queue(0.6, 1, 0, 1, 4, mean_delay=3).call_rate)
    agrees(result, "called_in_hours", 24 * (cycles.here + cycles.coming), 24 * cycles.here)


@pytest.mark.slow
def test_two_on_call_beside_four_in_an_overload() -> None:
    """Patience of five minutes; the second is called only when three more wait, and both need four minutes to come."""
    rule = {"agents": 2, "over": 2, "each": 3, "delay": exponential(4)}
    result = run(center(4.2, 4, 60, 5, **rule), 8102)
    exact = on_call_queue(4.2, 1, 4, 2, 2, 3, 4, 1 / 5)
    agrees(result, "abandonment", exact.p_abandon, erlang_a(4.2, 1, 4, 1 / 5).p_abandon)
    agrees(result, "standby_hours", 24 * exact.at_home, 24 * on_call_queue(4.2, 1, 4, 2, 2, 1, 4, 1 / 5).at_home)
    agrees(result, "call_ins", 1440 * exact.call_rate, 1440 * on_call_queue(4.2, 1, 4, 2, 3, 3, 4, 1 / 5).call_rate)


@pytest.mark.slow
def test_who_leaves_some_waiting() -> None:
    """Comes at once when more than four wait, and goes with two waiting."""
    result = run(center(2.6, 3, 120, agents=1, over=4, until=2), 8103)
    exact = on_call_queue(2.6, 1, 3, 1, 4, until=2)
    agrees(result, "wait.mean", 60 * exact.wait, 60 * erlang_c(2.6, 1, 3).wait)
    agrees(result, "wait.mean", 60 * exact.wait, 60 * on_call_queue(2.6, 1, 3, 1, 4).wait)
    agrees(result, "called_in_hours", 24 * exact.here, 24 * on_call_queue(2.6, 1, 3, 1, 5, until=2).here)
