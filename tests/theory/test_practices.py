"""Practices and the same agent where theory knows the answer.

A number passes if it lies within `STANDARD_ERRORS` of the exact one, and if its standard error is as small as the
test asks for: a wrong moment, gain or share would be seen.
"""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pytest

import simulation as sim
from simulation.center.plan import Plan
from simulation.center.run import simulate
from simulation.experiments.load import from_dict
from simulation.metrics.measure import segment_text
from simulation.record import Record
from simulation.statistics.intervals import t_quantile
from simulation.theory import erlang, queues
from simulation.theory.handling import Help, Moments, fixed_share, right_first_time, step_factor
from tests.laws.strategies import Data

STANDARD_ERRORS = 4.0
STEPS = {"analysis": "30 %", "solution": "40 %", "verification": "10 %", "informing": "20 %"}
SHARES = (0.3, 0.4, 0.1, 0.2)
PRACTICES: Data = {
    "templates": {"covers": "60 %", "saves": {"informing": "75 %", "solution": "10 %"}},
    "crm": {"saves": {"analysis": "40 %"}},
    "links": {
        "covers": "50 %",
        "found": "80 %",
        "saves": {"verification": "100 %", "analysis": "50 %", "solution": "50 %"},
    },
}
HELPS = [Help(0.6, (0, 0.1, 0, 0.75)), Help(1, (0.4, 0, 0, 0)), Help(0.4, (0.5, 0.5, 1, 0))]
HOUR = 3600.0


def center(rate: float, handling: Data, agents: int, **parts: Any) -> Data:
    """A phone line with Poisson calls (an hour); 100 h of it are measured."""
    return {
        "name": "theory",
        "calendar": {"start": "2026-03-02"},
        "horizon": "110 h",
        "warm_up": "10 h",
        "run_out": "10 h",
        "demand": {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": f"{rate}/h"}}},
        "channels": {"phone": {"mode": "live"}},
        "handling_steps": STEPS,
        "topics": {"any": {"handling": {"any": handling}, **parts.pop("topic", {})}},
        "teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": agents}, **parts.pop("team", {})}, **parts.pop("teams", {})},
        **parts,
    }  # fmt: skip


class Seen(NamedTuple):
    """An estimate with its standard error."""

    mean: float
    error: float

    def agrees(self, exact: float, within: float) -> None:
        """Assert that it is the exact number, known to a share `within` of it."""
        assert self.error <= within * exact, f"known to {self.error / exact:.2%} only"
        assert abs(self.mean - exact) <= STANDARD_ERRORS * self.error, f"{self} is not {exact:.6g}"


def seen(result: sim.Result, metric: str, segment: str = "") -> Seen:
    """A KPI of a run."""
    found = next(
        one.interval for one in result.summaries if (str(one.metric), segment_text(one.segment)) == (metric, segment)
    )
    return Seen(found.mean, found.half_width / t_quantile(found.level, found.n - 1))


def run(data: Data, replications: int) -> sim.Result:
    """Some replications: few would not tell how well the mean is known."""
    return sim.run(from_dict(data), replications=replications, tables=False, jobs=1)


def record(data: Data) -> Record:
    return simulate(Plan(from_dict(data)), 1, 0)


def mean_of(values: np.ndarray) -> Seen:
    """The mean of independent values."""
    return Seen(float(values.mean()), float(values.std() / np.sqrt(len(values))))


# -- the formulas themselves --------------------------------------------------------------------------------


def all_combinations() -> Moments:
    """Moments of the factor by going through who helps and who does not."""
    moments = np.zeros(2)
    for helping in product((0, 1), repeat=len(HELPS)):
        weight = np.prod(
            [one.probability if on else 1 - one.probability for on, one in zip(helping, HELPS, strict=True)]
        )
        left = np.prod([1 - on * np.array(one.savings) for on, one in zip(helping, HELPS, strict=True)], axis=0)
        factor = float(np.dot(SHARES, left))
        moments += weight * np.array([factor, factor**2])
    return Moments(*moments.tolist())


def test_moments_by_steps_are_those_of_all_combinations() -> None:
    found, exact = step_factor(SHARES, HELPS), all_combinations()
    assert (found.mean, found.square) == pytest.approx((exact.mean, exact.square))
    assert step_factor(SHARES, []) == Moments(1.0, pytest.approx(1.0))
    assert exact.times(50, 0.64).mean == pytest.approx(50 * exact.mean)
    assert exact.times(50, 0.64).scv == pytest.approx((1 + exact.scv) * 1.64 - 1)


def test_shares_with_practices_by_hand() -> None:
    assert fixed_share(0.8, [(0.5, 0.6), (1, 0.5)]) == pytest.approx(1 - 0.2 * 0.7 * 0.5)
    assert right_first_time(0.8, 0.9, []) == pytest.approx(0.72)
    assert right_first_time(0.8, 0.9, [(0.5, 1, 0.5, 0)]) == pytest.approx(0.5 * 0.72 + 0.5 * 0.95)
    assert right_first_time(1, 0.9, [(1, 0, 0, 0.1)]) == pytest.approx(0.81)
    with pytest.raises(ValueError, match="probability"):
        step_factor(SHARES, [Help(1.5, (0, 0, 0, 0))])


# -- what handling takes, and how long customers wait for it --------------------------------------------------


def test_handling_times_have_the_moments_of_the_mixture() -> None:
    data = center(500, {"lognormal": {"mean": "50 s", "cv": 0.5}}, 60, practices=PRACTICES)
    legs = record(data).legs
    worked = (legs["released"] - legs["answered"])[legs["measured"]]
    exact = step_factor(SHARES, HELPS).times(50, 0.25)
    mean_of(worked).agrees(exact.mean, 0.003)
    mean_of(worked**2).agrees(exact.square, 0.01)


@pytest.mark.slow
def test_waits_are_those_of_the_queue_with_the_mixture() -> None:
    """M/G/1 with the moments of base x factor (Pollaczek-Khinchine); without the mixture's spread 6 % less."""
    data = center(60, {"constant": {"value": "60 s"}}, 1, practices=PRACTICES)
    exact = step_factor(SHARES, HELPS).times(60, 0)
    queue = queues.mg1(60 / HOUR, exact.mean, exact.scv)
    result = run(data, 24)
    seen(result, "asa.mean").agrees(queue.wait, 0.02)
    seen(result, "waiting_probability").agrees(queue.p_wait, 0.005)
    assert queue.wait > 1.05 * queues.mg1(60 / HOUR, exact.mean, 0).wait


@pytest.mark.slow
def test_a_practice_that_helps_with_everything_is_erlang_c_with_less_work() -> None:
    saves = {"analysis": "50 %", "solution": "25 %"}
    data = center(70, {"exponential": {"mean": "2 min"}}, 3, practices={"all": {"saves": saves}})
    queue = erlang.erlang_c(70 / HOUR, 1 / (120 * (1 - 0.15 - 0.1)), 3)
    result = run(data, 10)
    seen(result, "waiting_probability").agrees(queue.p_wait, 0.02)
    seen(result, "asa.mean").agrees(queue.wait, 0.04)
    seen(result, "occupancy").agrees(queue.utilization, 0.006)


# -- what agents can do, and do right -----------------------------------------------------------------------


@pytest.mark.slow
def test_what_articles_bring_within_reach_is_not_escalated() -> None:
    """Two tiers in a row (Burke 1956): 1 - reach' goes up, and waits there as in an Erlang C of its own."""
    articles = {"covers": "75 %", "found": "80 %", "reach": "50 %", "teams": "front"}
    experts = {
        "tier": "tier2",
        "skills": {"all": {"handling": {"exponential": {"mean": "3 min"}}}},
        "headcount": {"constant": 2},
    }
    data = center(
        60, {"exponential": {"mean": "2 min"}}, 3,
        topic={"reach": {"tier1": "40 %"}}, teams={"experts": experts}, escalation={"path": ["tier1", "tier2"]},
        practices={"articles": articles},
    )  # fmt: skip
    up = 1 - fixed_share(0.4, [(0.6, 0.5)])
    first, second = queues.escalation_tandem(60 / HOUR, [up], [1 / 120, 1 / 180], [3, 2]).tiers
    result = run(data, 10)
    seen(result, "escalations").agrees(up, 0.006)
    seen(result, "wait.mean", "tier=tier1").agrees(first.wait, 0.04)
    seen(result, "wait.mean", "tier=tier2").agrees(second.wait, 0.04)


@pytest.mark.slow
def test_first_contact_resolution_with_articles_some_of_them_stale() -> None:
    """One tier, no repeats: a case is solved at once or never."""
    practices = {
        "articles": {"covers": "80 %", "found": "75 %", "reach": "40 %", "accuracy": "50 %", "stale": "4 %"},
        "checks": {"accuracy": "25 %"},
        "list": {"covers": "30 %", "reach": "20 %", "stale": "10 %"},
    }
    helps = [(0.6, 0.4, 0.5, 0.04), (1.0, 0.0, 0.25, 0.0), (0.3, 0.2, 0.0, 0.1)]
    team, topic = {"accuracy": "85 %"}, {"reach": {"tier1": "70 %"}}
    result = run(center(100, {"constant": {"value": "30 s"}}, 20, practices=practices, team=team, topic=topic), 6)
    exact = right_first_time(0.7, 0.85, helps)
    seen(result, "fcr").agrees(exact, 0.004)
    seen(result, "quality").agrees(exact, 0.004)


@pytest.mark.slow
def test_templates_for_the_easiest_help_fewer_of_those_whom_a_bot_leaves() -> None:
    """The bot solves the easiest 40 %; of the easiest 70 % agents get 30 of 60."""
    bots = {"bot": {"sessions": 1000, "session": {"constant": {"value": "1 s"}}}}
    data = center(
        60, {"constant": {"value": "60 s"}}, 30, topic={"reach": {"bot": "40 %"}}, bots=bots,
        channels={"phone": {"mode": "live", "bot": "bot"}},
        practices={"templates": {"covers": "70 %", "which": "easiest", "saves": {"informing": "100 %"}}},
    )  # fmt: skip
    result = run(data, 8)
    seen(result, "helped").agrees(0.5, 0.01)
    seen(result, "handling_time.mean").agrees(60 * (1 - 0.2 * 0.5), 0.002)


# -- the same agent -----------------------------------------------------------------------------------------


BACK = {"repeat": {"probability": "100 %", "after": {"uniform": {"low": "2 h", "high": "8 h"}}, "most": 1}}


def who_comes_back(rate: float, agents: int, sticky: Data | None) -> Seen:
    """How often who comes back meets the same agent; everybody comes back once."""
    routing = {} if sticky is None else {"sticky": sticky}
    data = center(
        rate, {"exponential": {"mean": "3 min"}}, agents, topic=BACK, team={"accuracy": "0 %"}, routing=routing
    )
    return seen(run(data, 8), "same_agent")


@pytest.mark.slow
def test_without_it_the_same_agent_is_one_of_all() -> None:
    who_comes_back(20, 5, None).agrees(1 / 5, 0.025)


def test_the_agent_is_met_if_free() -> None:
    """In a team so large that nobody waits, the agent is found busy with the probability of being busy (PASTA)."""
    who_comes_back(30, 10, {}).agrees(1 - 2 * 30 * 3 / 60 / 10, 0.006)


def test_in_light_traffic_nearly_everybody_meets_the_same_agent() -> None:
    assert who_comes_back(1, 10, {}).mean > 0.99


def test_who_waits_long_enough_meets_the_agent_for_sure() -> None:
    assert who_comes_back(10, 2, {"wait": "100 h"}).mean == 1
