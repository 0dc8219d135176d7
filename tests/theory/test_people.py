"""Agents who are not alike, where theory knows the answer.

A number passes if it lies within `STANDARD_ERRORS` of the exact one, and if its standard error is as small as the test asks for.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

import simulation as sim
from simulation.center.plan import Plan
from simulation.center.run import simulate
from simulation.experiments.load import from_dict
from simulation.record import Record
from simulation.record.recorder import Outcome
from simulation.statistics.intervals import t_quantile
from simulation.theory import erlang
from simulation.theory.people import learned_on_average, learned_with_tenure, longest_idle
from tests.laws.strategies import Data, constant

STANDARD_ERRORS = 4.0
HOUR, DAY = 3600.0, 86_400.0


def center(rate: float, agents: int, handling: Data, horizon: str, people: Data, **team: Any) -> Data:
    """A phone line with Poisson calls (an hour) and a team of persons."""
    return {
        "name": "theory",
        "calendar": {"start": "2026-03-02"},
        "horizon": horizon,
        "demand": {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": f"{rate}/h"}}},
        "channels": {"phone": {"mode": "live"}},
        "topics": {"any": {"handling": {"any": handling}}},
        "teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": agents}, "people": people, **team}},
    }


def run(data: Data, replication: int = 0) -> Record:
    """One replication."""
    return simulate(Plan(from_dict(data)), 1, replication)


def agrees(found: Any, exact: float, error: float, within: float) -> None:
    """Assert that an estimate with a standard error is the exact number, known to a share `within` of it."""
    assert error <= within * exact, f"known to {error / exact:.2%} only"
    assert abs(found - exact) <= STANDARD_ERRORS * error, f"{found} +- {error} is not {exact:.6g}"


# -- the formulas ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("servers", [1, 2, 3, 5])
def test_equal_servers_are_erlangs(servers: int) -> None:
    found = longest_idle(0.8 * servers, [1.0] * servers)
    assert found.waiting == pytest.approx(erlang.erlang_c(0.8 * servers, 1.0, servers).p_wait)
    assert found.mean_wait == pytest.approx(found.waiting / (0.2 * servers))
    assert found.served == pytest.approx([1 / servers] * servers)


def test_two_unequal_servers_by_hand() -> None:
    """With a = arrivals, m and n the speeds: whoever is alone idle was idle first, so the chain has four states below the
    queue; its balance equations solved by hand for a = 1, m = 1, n = 2."""
    found = longest_idle(1.0, [1.0, 2.0])
    # (0 1), (1 0): both idle; (0), (1): that one idle; (): none. Unknown in units of x = p(0 1), y = p(1 0):
    # x = 2 p0 (server 1 joins behind 0) and y = 1 p1; p1 (1 + 1) = x + 2 p; p0 (1 + 2) = y + 1 p; p 3 = p0 + p1.
    p0, p1, p = 1.0, 2.0, 1.0
    x, y = 2 * p0, 1 * p1
    assert (p1 * 2, p0 * 3) == (x + 2 * p, y + p)
    total = x + y + p0 + p1 + p * 1.5
    assert found.waiting == pytest.approx(p * 1.5 / total)
    assert found.busy == pytest.approx((1 - (x + y + p0) / total, 1 - (x + y + p1) / total))


def test_curves_at_their_ends() -> None:
    assert learned_on_average(0.6, 10.0, 0.0, 1e-6) == pytest.approx(0.6)
    assert learned_on_average(0.6, 10.0, 1e4, 2e4) == pytest.approx(1.0)
    assert learned_with_tenure(0.6, 10.0, 0.0) == pytest.approx(0.6)
    assert learned_with_tenure(0.6, 10.0, float("inf")) == 1.0
    dense = np.linspace(0, 30, 100_001)
    assert learned_on_average(0.5, 7.0, 0.0, 30.0) == pytest.approx(np.mean(1 - 0.5 * 2 ** (-dense / 7)), rel=1e-5)


# -- the simulation -------------------------------------------------------------------------------------------


def test_agents_of_unequal_speed_wait_as_the_chain_says() -> None:
    """Three agents, drawn anew in each replication: P(wait), and who serves how many, given their speeds."""
    rate, mean = 300.0, 21.0
    data = center(rate, 3, {"exponential": {"mean": f"{mean} s"}}, "60 h", {"speed_spread": "40 %"})
    waiting, gaps, plain, shares = [], [], [], []
    for replication in range(6):
        record = run(data, replication)
        speeds = record.tables["people"]["speed"]
        exact = longest_idle(rate / HOUR, tuple(speeds / mean))
        legs = record.legs
        waiting.append(exact.waiting)
        gaps.append(float((legs["wait"] > 0).mean()) - exact.waiting)
        plain.append(erlang.erlang_c(rate / HOUR, float(speeds.mean()) / mean, 3).p_wait - exact.waiting)
        served = np.bincount(legs["agent"][legs["agent"] >= 0], minlength=3) / len(legs["case"])
        shares += list(served - exact.served)
    error = float(np.std(gaps, ddof=1) / np.sqrt(len(gaps)))
    agrees(np.mean(waiting) + np.mean(gaps), float(np.mean(waiting)), error, within=0.02)
    assert abs(np.mean(plain)) > STANDARD_ERRORS * error, "equal agents of the same capacity would not be told apart"
    assert np.abs(shares).max() < STANDARD_ERRORS * np.sqrt(0.25 / (60 * rate))


def test_agents_who_are_always_busy_get_as_much_done_as_their_learning_curve_says() -> None:
    """Four newcomers with more calls than they can take: calls done are the integral of the curve."""
    curve = {"starts_at": "50 %", "half_life": "10 d"}
    tenure = constant(5 * DAY)
    data = center(60, 4, constant(600), "30 d", {"tenure": tenure, "learning": {"speed": curve}})
    legs = run(data).legs
    done = np.bincount(legs["agent"][legs["outcome"] == Outcome.SOLVED], minlength=4)
    exact = 30 * DAY / 600 * learned_on_average(0.5, 10 * DAY, 5 * DAY, 35 * DAY)
    assert np.allclose(done, exact, atol=2, rtol=0)
    assert 1.15 * exact < 30 * DAY / 600


def test_newcomers_err_and_escalate_as_their_learning_curves_say() -> None:
    """Accuracy and reach over the first 20 days of ten agents who are called all the time."""
    learning = {
        "accuracy": {"starts_at": "60 %", "half_life": "8 d"},
        "reach": {"starts_at": "70 %", "half_life": "5 d"},
    }
    people = {"tenure": constant(0), "learning": learning}
    data = center(60, 10, constant(300), "20 d", people, accuracy="90 %")
    data["topics"]["any"]["reach"] = {"tier1": "80 %"}
    data["escalation"] = {"path": ["tier1", "tier2"]}
    data["teams"]["above"] = {"skills": {"all": {}}, "headcount": {"constant": 50}, "tier": "tier2"}
    legs = run(data).legs
    first = (legs["tier"] == 0) & (legs["outcome"] != Outcome.OPEN)
    reached = legs["outcome"][first] != Outcome.ESCALATED
    right = legs["outcome"][first][reached] == Outcome.SOLVED
    exact = 0.8 * learned_on_average(0.7, 5 * DAY, 0, 20 * DAY)
    agrees(reached.mean(), exact, np.sqrt(exact * (1 - exact) / len(reached)), within=0.005)
    day = np.linspace(0, 20, 10_001)
    weight = 1 - 0.3 * 2 ** (-day / 5)  # who reaches further answers more
    exact = 0.9 * ((1 - 0.4 * 2 ** (-day / 8)) * weight).mean() / weight.mean()
    agrees(right.mean(), exact, np.sqrt(exact * (1 - exact) / len(right)), within=0.005)


def test_a_team_of_random_tenure_is_as_fast_as_the_mean_of_its_curve() -> None:
    people = {
        "tenure": {"exponential": {"mean": "100 d"}},
        "learning": {"speed": {"starts_at": "40 %", "half_life": "30 d"}},
    }
    data = center(36_000, 3000, constant(3600), "20 min", people)
    legs = run(data).legs
    paces = legs["pace"][legs["agent"] >= 0]
    assert len(paces) == 3000
    error = paces.std() / np.sqrt(len(paces))
    agrees(paces.mean(), learned_with_tenure(0.4, 30 * DAY, 100 * DAY), error, within=0.005)


def test_persons_are_drawn_from_their_distributions() -> None:
    """Mean and standard deviation of speed, right answers and courtesy of 2000 agents; a skill that 30 % are better at."""
    people = {
        "speed_spread": "25 %", "accuracy_spread": "6 %", "courtesy_spread": "15 %",
        "proficiency": {"all": {"share": "30 %", "speed": 2.0}},
    }  # fmt: skip
    data = center(36_000, 2000, constant(3600), "20 min", people, accuracy="80 %", courtesy="60 %")
    record = run(data)
    persons, legs = record.tables["people"], record.legs
    root = np.sqrt(2000)
    for found, mean, spread in (
        (persons["speed"], 1.0, 0.25), (persons["accuracy"] * 0.8, 0.8, 0.06), (persons["courtesy"] + 0.6, 0.6, 0.15)
    ):  # fmt: skip
        agrees(found.mean(), mean, found.std() / root, within=0.01)
        assert found.std() == pytest.approx(spread, rel=4 * 1.3 / np.sqrt(2 * 2000))
    served = legs["agent"] >= 0
    better = legs["pace"][served] / persons["speed"][legs["agent"][served]]
    assert set(np.round(better, 9)) == {1.0, 2.0}
    agrees((better == 2).mean(), 0.3, np.sqrt(0.21) / root, within=0.05)


def test_on_plan_are_as_many_as_the_distribution_of_speeds_says() -> None:
    """A thousand agents, whose calls take each of them always as long: who takes longer than a bound, where handling times are lognormal."""
    plan = {"handling_time": "70 min", "least": 1}
    data = center(2000, 1000, constant(3600), "6 h", {"speed_spread": "30 %", "plan": plan})
    result = sim.run(from_dict(data), replications=3, jobs=1, tables=False)
    s = np.sqrt(np.log(1.09))
    exact = NormalDist().cdf((np.log(70 / 60) - s * s / 2) / s)  # 1 / speed is lognormal with log-mean s^2 / 2
    found = next(one.interval.mean for one in result.summaries if str(one.metric) == "on_plan" and not one.segment)
    agrees(found, exact, np.sqrt(exact * (1 - exact) / 3000), within=0.02)


# -- consistency ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("people", "pace", "right"), [
    pytest.param({}, 0.0, 0.0, marks=pytest.mark.slow), ({"speed_spread": "20 %", "accuracy_spread": "5 %"}, 0.2, 0.05),
])  # fmt: skip
@pytest.mark.slow
def test_spread_between_agents_is_found_beyond_chance(people: Data, pace: float, right: float) -> None:
    """Forty agents of some 70 calls each: the KPIs find the spreads of the scenario, where plain ones would say more."""
    data = center(140, 40, {"exponential": {"mean": "10 min"}}, "20 h", people, accuracy="85 %")
    result = sim.run(from_dict(data), replications=12, jobs=1, tables=False)
    found = {str(one.metric): one.interval for one in result.summaries if not one.segment}
    agents = result.scorecards.query("level == 'agent'")
    plain = agents.groupby("replication")["right"].std().mean()
    assert plain > np.sqrt(right**2 + 0.85 * 0.15 / 90), "chance is no small part of it"
    for interval, exact, within in ((found["handling_spread"], pace, 0.012), (found["quality_spread"], right, 0.0008)):
        half = (interval.high**2 - interval.low**2) / 2
        assert half < within, "known well enough to tell"
        assert abs(interval.mean**2 - exact**2) <= 2 * half


# -- languages ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_callers_of_a_language_wait_for_its_speakers_as_erlang_says() -> None:
    """Ten agents, of whom some speak Russian, drawn anew in each replication: k servers for the Russian calls."""
    data = center(80, 10, {"exponential": {"mean": "3 min"}}, "200 h", {"languages": {"ru": "75 %"}})
    data["customers"] = {"russian": {"share": "100 %", "language": "ru"}}
    gaps, exacts, several = [], [], set()
    for replication in range(6):
        legs = run(data, replication).legs
        speakers = len(set(legs["agent"][legs["agent"] >= 0]))
        exacts.append(erlang.erlang_c(80 / HOUR, 1 / 180, speakers).p_wait)
        gaps.append(float((legs["wait"][legs["agent"] >= 0] > 0).mean()) - exacts[-1])
        several.add(speakers)
    assert len(several) > 1, "chance draws different numbers of speakers"
    exact = float(np.mean(exacts))
    agrees(exact + np.mean(gaps), exact, float(np.std(gaps, ddof=1) / np.sqrt(len(gaps))), within=0.05)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("languages", "shared"),
    [({"lv": "100 %"}, False), pytest.param({"lv": "100 %", "ru": "100 %"}, True, marks=pytest.mark.slow)],
)
def test_two_languages_are_two_queues_unless_all_speak_both(languages: Data, shared: bool) -> None:
    """Twice four agents for twice 50 calls an hour: M/M/4 each or, if bilingual, M/M/8 for all."""
    data = center(100, 4, {"exponential": {"mean": "3.5 min"}}, "150 h", {"languages": languages})
    other = {"ru": "100 %"} | (languages if shared else {})
    data["teams"]["other"] = {"skills": {"all": {}}, "headcount": {"constant": 4}, "people": {"languages": other}}
    data["customers"] = {name: {"share": "50 %", "language": name} for name in ("lv", "ru")}
    result = sim.run(from_dict(data), replications=8, jobs=1, tables=False)
    exact = erlang.erlang_c(100 / HOUR, 1 / 210, 8) if shared else erlang.erlang_c(50 / HOUR, 1 / 210, 4)
    for segment in ("lv", "ru"):
        found = next(
            one.interval for one in result.summaries
            if str(one.metric) == "asa.mean" and one.segment == (("segment", segment),)
        )  # fmt: skip
        agrees(found.mean, exact.wait, found.half_width / t_quantile(found.level, found.n - 1), within=0.1)
