"""Self-service in limits that theory knows: deflection, what is left for the agents, and questions that wait.

Each simulated value lies within a few standard errors of the exact one, and these are narrow enough to tell it
from what it would be without the mechanism.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.center.plan import Plan
from simulation.center.run import simulate
from simulation.experiments.load import from_dict
from simulation.record import Record
from simulation.record.recorder import CaseStatus, Outcome, SelfService
from simulation.theory import erlang
from simulation.theory.bots import remainder
from simulation.theory.self_service import Layer, deflection, left, left_within, open_questions, solvable
from tests.laws.strategies import Data, constant, quick
from tests.theory.test_bots import HOUR, agrees, observed, run

LOOKS, COVERAGE, FOUND, STALE, REACH = 0.6, 0.9, 0.8, 0.1, 0.5
BASE: Data = {"looks": "60 %", "findability": "80 %", "reading": {"exponential": {"mean": "4 min"}}}
ARTICLE: Data = {"coverage": "90 %", "stale": "10 %"}


def center(volume: str, agents: int, service: Data, reach: Data, **topic: Any) -> Data:
    """A phone line with self-service before it."""
    return {
        "name": "theory",
        "calendar": {"start": "2026-03-02"},
        "warm_up": "1 h",
        "horizon": "7 h",
        "run_out": "1 h",
        "replications": 10,
        "demand": {"sources": {"all": {"topic": "any", "channel": "phone", "volume": volume}}},
        "self_service": service,
        "channels": {"phone": {"mode": "live"}},
        "topics": {"any": {"handling": {"any": {"exponential": {"mean": "3 min"}}}, "reach": reach, **topic}},
        "teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": agents}}},
    }


# -- who is left ---------------------------------------------------------------------------------------------


def test_deflection_and_the_selection_effect() -> None:
    """A knowledge base that half of the cases are easy enough for leaves tier 1, with 75 % reach, the harder rest."""
    data = center("400/h", 80, {"knowledge_base": BASE}, {"knowledge_base": "50 %", "tier1": "75 %"}, article=ARTICLE)
    exact, result = deflection(LOOKS, COVERAGE * FOUND, 1 - STALE, REACH), run(data, 11)
    agrees(result, "looks", LOOKS, unlike=0.95 * LOOKS)
    agrees(result, "deflection", exact.true, unlike=exact.claimed)
    agrees(result, "deflection_claimed", exact.claimed, unlike=exact.true)
    fcr = solvable(0.75, [Layer(REACH, LOOKS * COVERAGE * FOUND)])
    assert fcr == pytest.approx((0.75 - exact.claimed) / (1 - exact.claimed))
    agrees(result, "fcr", fcr, unlike=0.75)
    agrees(result, "answered", 24 * 400 * (1 - exact.claimed), unlike=24 * 400)


def test_one_that_solves_the_easy_half_leaves_a_third_less_for_the_first_contact() -> None:
    """(r1 - r) / (1 - r): of the harder half, a tier of 75 % reach solves every second."""
    sure = BASE | {"looks": "100 %", "findability": "100 %"}
    data = center("400/h", 60, {"knowledge_base": sure}, {"knowledge_base": "50 %", "tier1": "75 %"})
    assert solvable(0.75, [Layer(0.5, 1.0)]) == 0.5 == remainder(1.0, 0.5, 0.75).within_reach
    agrees(run(data, 12), "fcr", 0.5, unlike=0.75)


def test_a_bot_behind_the_knowledge_base_meets_what_it_left() -> None:
    """The bot solves what is between the two reaches, and what was not found below."""
    data = center("400/h", 60, {"knowledge_base": BASE}, {"knowledge_base": "50 %", "helper": "60 %", "tier1": "90 %"})
    data["channels"]["phone"]["bot"] = "helper"
    data["bots"] = {"helper": {"sessions": 10_000, "session": constant(60)}}
    layers, result = [Layer(0.5, LOOKS * FOUND)], run(data, 13)
    agrees(result, "containment", solvable(0.6, layers), unlike=0.6)
    rest = solvable(0.9, [*layers, Layer(0.6, 1.0)])
    assert rest == pytest.approx(0.75)
    found = simulate(Plan(from_dict(data)), 13, 0).legs
    agents = found["outcome"][(found["tier"] == 0) & (found["outcome"] != Outcome.OPEN)]
    assert (agents == Outcome.SOLVED).mean() == pytest.approx(rest, abs=3.5 * np.sqrt(rest * (1 - rest) / len(agents)))


@pytest.mark.slow
def test_what_is_left_of_poisson_calls_waits_as_poisson_calls_do() -> None:
    """M/M/n at the rate that is left; reading only shifts each call, and a shifted Poisson stream is one."""
    service = {"knowledge_base": BASE | {"reading": {"lognormal": {"mean": "5 min", "cv": 1.5}}}}
    data = center("120/h", 5, service, {"knowledge_base": "70 %"}) | {"horizon": "41 h", "replications": 24}
    rate = 120 * left([Layer(0.7, LOOKS * FOUND)]) / HOUR
    exact, busier = erlang.erlang_c(rate, 1 / 180, 5), erlang.erlang_c(90 / HOUR, 1 / 180, 5)
    result = run(data, 14)
    agrees(result, "waiting_probability", exact.p_wait, unlike=busier.p_wait)
    agrees(result, "occupancy", exact.utilization, unlike=busier.utilization)
    agrees(result, "asa.mean", exact.wait, unlike=busier.wait)


# -- the community -------------------------------------------------------------------------------------------


def waiting_at(record: Record, times: np.ndarray) -> np.ndarray:
    """Questions to the community that are open at each time."""
    cases = record.cases
    asked = cases["asked"]
    over = np.where(np.isnan(cases["entered"]), cases["closed"], cases["entered"])
    over = np.where(cases["self_service"] == SelfService.OPEN, np.inf, over)
    start = np.sort(cases["arrived"][asked])
    return np.searchsorted(start, times, side="right") - np.searchsorted(np.sort(over[asked]), times, side="right")


@pytest.mark.parametrize("law", [{"exponential": {"mean": "30 min"}}, {"lognormal": {"mean": "30 min", "cv": 2}}])
def test_questions_that_wait_are_poisson_whatever_the_delay(law: Data) -> None:
    """M/G/infinity: 80 questions an hour for half an hour each make 40 open ones on average, with the variance of 40."""
    data = center("100/h", 60, {"community": {"asks": "80 %", "answers": "60 %", "after": law}}, {"community": "50 %"})
    data |= {"warm_up": "0 h", "horizon": "400 h"}
    exact = open_questions(80 / HOUR, 1800)
    counts = waiting_at(simulate(Plan(from_dict(data)), 15, 0), np.arange(20, 399, 3) * HOUR)
    error = np.sqrt(exact / len(counts))
    assert counts.mean() == pytest.approx(exact, abs=3.5 * error) and 3.5 * error < 0.06 * exact
    assert counts.var(ddof=1) == pytest.approx(exact, rel=3.5 * np.sqrt(2 / len(counts)))


def test_a_community_answers_a_share_late() -> None:
    """Asked by 50 %, answered 60 %, right 70 % of these, for the easy 40 %."""
    service = {
        "community": {
            "asks": "50 %",
            "answers": "60 %",
            "after": {"exponential": {"mean": "20 min"}},
            "accuracy": "70 %",
        }
    }
    data = center("400/h", 60, service, {"community": "40 %"}) | {"run_out": "6 h"}
    exact, result = deflection(0.5, 0.6, 0.7, 0.4), run(data, 16)
    agrees(result, "questions", 0.5, unlike=0.47)
    agrees(result, "deflection", exact.true, unlike=exact.claimed)
    record = simulate(Plan(from_dict(data)), 16, 0)
    took = record.cases["resolution"][record.cases["self_service"] == SelfService.SOLVED]
    assert took.mean() == pytest.approx(1200, rel=3.5 / np.sqrt(len(took)))


def test_who_was_misled_comes_back_as_the_topic_says() -> None:
    """Of the misled 70 % come back after an hour on average; the others are given up, and nobody else is."""
    repeat = {"probability": "70 %", "after": {"exponential": {"mean": "20 min"}}}
    article = {"stale": "50 %"}
    data = center("400/h", 60, {"knowledge_base": BASE}, {"knowledge_base": "80 %"}, article=article, repeat=repeat)
    record = simulate(Plan(from_dict(data | {"run_out": "10 h"})), 17, 0)
    cases = {name: column[record.cases["measured"]] for name, column in record.cases.items()}
    misled = cases["self_service"] == SelfService.MISLED
    returned = misled & ~np.isnan(cases["entered"])
    n = int(misled.sum())
    assert returned.sum() / n == pytest.approx(0.7, abs=3.5 * np.sqrt(0.7 * 0.3 / n)) and n > 350
    assert (cases["status"][misled & ~returned] == CaseStatus.GIVEN_UP).all()
    assert (cases["status"][~misled] == CaseStatus.SOLVED).all()
    assert n / len(misled) == pytest.approx(deflection(LOOKS, FOUND, 0.5, 0.8).misled, rel=0.15)


# -- the formulas --------------------------------------------------------------------------------------------

SHARES = st.floats(0, 1)
LAYERS = st.lists(st.builds(Layer, SHARES, SHARES), max_size=4)


@quick(60)
@given(LAYERS, SHARES, st.integers(0, 2**32))
def test_layers_against_drawn_cases(layers: list[Layer], reach: float, seed: int) -> None:
    chance = np.random.default_rng(seed)
    difficulty = chance.random(4000)
    stays = np.ones(4000, dtype=bool)
    for layer in layers:
        stays &= ~((difficulty < layer.reach) & (chance.random(4000) < layer.share))
    assert left(layers) == pytest.approx(stays.mean(), abs=0.04)
    assert left_within(reach, layers) == pytest.approx((stays & (difficulty < reach)).mean(), abs=0.04)


@quick(60)
@given(SHARES, SHARES, SHARES)
def test_a_bot_is_a_layer(understanding: float, reach: float, tier: float) -> None:
    if understanding * reach < 0.99:
        exact = remainder(understanding, reach, tier).within_reach
        assert solvable(tier, [Layer(reach, understanding)]) == pytest.approx(exact, abs=1e-9)


def test_nobody_left_is_refused() -> None:
    with pytest.raises(ValueError, match="arrives"):
        solvable(0.5, [Layer(1.0, 1.0)])


def test_observed_values_have_errors() -> None:
    """The yardstick of this file: estimates with a standard error."""
    data = center("60/h", 20, {"knowledge_base": BASE}, {"knowledge_base": "50 %"}) | {"replications": 2}
    mean, error = observed(run(data, 18), "looks")
    assert 0.4 < mean < 0.8 and error > 0
