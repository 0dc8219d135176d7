"""Opinion, survey, loyalty and complaints against closed forms."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import exp, inf, isnan, log
from typing import Any

import numpy as np
import pytest

from simulation.experiments.load import from_dict
from simulation.experiments.run import run
from simulation.statistics import Interval
from simulation.theory import erlang
from simulation.theory.surveys import logistic, measured_share, net_promoter, ordered_logit, true_share
from tests.laws.strategies import Data

HOUR, DAY = 3600.0, 86_400.0
RIGHT, HAPPY, UNSOLVED = 0.8, 0.9, 4.0
A_S, A_U = 0.3, 0.75
LEAVE_S, LEAVE_U, WORTH = 0.02, 0.2, 150.0
NARROW = 3.0
"""Standard errors within which a simulated value must lie of the exact one."""


def plenty(**parts: Any) -> Data:
    """A center where nobody waits; of the answers 20 % are wrong, and then the customer gives up."""
    return {
        "name": "plenty",
        "calendar": {"start": "2026-03-02"},
        "horizon": "2 d",
        "run_out": "2 h",
        "replications": 12,
        "demand": {"sources": {"all": {"topic": "any", "channel": "phone", "volume": "70/h"}}},
        "channels": {"phone": {"mode": "live"}},
        "topics": {"any": {"handling": {"any": {"constant": {"value": "1 min"}}}}},
        "teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": 30}, "accuracy": f"{RIGHT:%}"}},
        "opinion": {
            "satisfied": f"{HAPPY:%}",
            "unsolved": UNSOLVED,
            "expected": {"phone": "1 min"},
            "churn": {"satisfied": f"{LEAVE_S:%}", "unsatisfied": f"{LEAVE_U:%}"},
            "value": f"{WORTH} EUR",
            "recommend": {"zero": 6, "slope": 1.3},
        },
        "survey": {"asked": "80 %", "answers": {"satisfied": f"{A_S:%}", "unsatisfied": f"{A_U:%}"}},
        **parts,
    }


@cache
def opinions() -> Mapping[str, Interval]:
    """What the center with plenty of agents gives, by KPI."""
    result = run(from_dict(plenty()), jobs=1, tables=False)
    return {str(one.metric): one.interval for one in result.summaries if not one.segment}


def agrees(found: Interval, exact: float, within: float) -> None:
    """The interval holds the exact value (give or take a little more than 95 %) and is no wider than `within`."""
    assert found.half_width <= within, f"too wide to say anything: {found}"
    assert abs(found.mean - exact) <= NARROW / 2.2 * found.half_width, f"{found} against {exact:.5g}"


def scores() -> list[tuple[float, float]]:
    """The two kinds of cases, as (share, score): solved and not."""
    logit = log(HAPPY / (1 - HAPPY))
    return [(RIGHT, logit), (1 - RIGHT, logit - UNSOLVED)]


SATISFIED = sum(share * logistic(score) for share, score in scores())


# -- satisfaction and the survey -----------------------------------------------------------------------------


def test_true_satisfaction_is_the_logistic_of_the_score() -> None:
    agrees(opinions()["csat"], SATISFIED, 0.006)


def test_the_survey_is_as_biased_as_bayes_says() -> None:
    measured = measured_share(SATISFIED, A_S, A_U)
    assert measured < SATISFIED - 0.15
    agrees(opinions()["csat_measured"], measured, 0.012)


def test_as_many_answer_as_are_asked_and_willing() -> None:
    willing = SATISFIED * A_S + (1 - SATISFIED) * A_U
    agrees(opinions()["survey_response"], willing, 0.009)
    agrees(opinions()["survey_answers"], 70 * 24 * 0.8 * willing, 14)


def test_the_net_promoter_score_is_that_of_logistic_noise() -> None:
    exact = sum(share * net_promoter(score, 6, 1.3) for share, score in scores())
    assert 0.1 < exact < 0.3
    agrees(opinions()["nps"], 100 * exact, 1.1)


def test_stars_are_an_ordered_logit() -> None:
    """The mean of the stars in the answers: each grade weighed with those who answer."""
    grades = [0.0] * 5
    for share, score in scores():
        for grade, probability in enumerate(ordered_logit(score, [-2, -1, 0, 2])):
            grades[grade] += share * probability
    answers = [grade * (A_S if stars > 3 else A_U) for stars, grade in enumerate(grades, start=1)]
    mean = sum(stars * part for stars, part in enumerate(answers, start=1)) / sum(answers)
    agrees(opinions()["stars_measured"], mean, 0.04)


def test_effort_counts_what_went_wrong() -> None:
    agrees(opinions()["effort.mean"], 1 + 2 * (1 - RIGHT), 0.015)


# -- loyalty -------------------------------------------------------------------------------------------------


def test_value_at_risk_is_churn_times_value() -> None:
    leave = SATISFIED * LEAVE_S + (1 - SATISFIED) * LEAVE_U
    agrees(opinions()["value_at_risk"], 70 * 24 * leave * WORTH, 600)
    agrees(opinions()["retention"], 1 - leave, 0.004)


# -- complaints ----------------------------------------------------------------------------------------------

FAILS, COMPLAIN = 0.6, 0.7


def with_desk(**complaints: Any) -> Data:
    """Front agents who solve 40 % of the cases, and a desk of two for the complaints that follow."""
    front = {"skills": {"all": {"topics": "any"}}, "headcount": {"constant": 12}}
    desk = {"skills": {"all": {"topics": "complaint"}}, "headcount": {"constant": 2}}
    exponential = {"exponential": {"mean": "5 min"}}
    return {
        **plenty(),
        "horizon": "5 d",
        "warm_up": "1 d",
        "replications": 8,
        "demand": {"sources": {"all": {"topic": "any", "channel": "phone", "volume": "42/h"}}},
        "topics": {
            "any": {"handling": {"any": exponential}, "reach": {"tier1": f"{1 - FAILS:%}"}},
            "complaint": {"handling": {"any": {"exponential": {"mean": "4 min"}}}},
        },
        "teams": {"front": front, "desk": desk},
        "complaints": {"topic": "complaint", "probability": f"{COMPLAIN:%}", **complaints},
    }


def complaints(horizon: str) -> Mapping[str, Interval]:
    """What the desk for complaints gives, by KPI and number of dimensions."""
    data = with_desk(after={"exponential": {"mean": "40 min"}}) | {"horizon": horizon}
    result = run(from_dict(data), jobs=1, tables=False)
    wanted = ((), (("topic", "complaint"),))
    return {f"{one.metric} {len(one.segment)}": one.interval for one in result.summaries if one.segment in wanted}


def test_complaints_flow_as_cases_fail() -> None:
    """Jackson: a thinned output of a Markovian queue, delayed, is Poisson again: rate x P(fails) x P(complains)."""
    found = complaints("5 d")
    agrees(found["complaint_rate 0"], FAILS * COMPLAIN, 0.007)
    agrees(found["complaints 0"], 42 * 24 * FAILS * COMPLAIN, 12)


@pytest.mark.slow
def test_the_desk_for_complaints_is_erlang_c_at_their_rate() -> None:
    found = complaints("33 d")
    queue = erlang.erlang_c(42 / HOUR * FAILS * COMPLAIN, 1 / 240, 2)
    assert 0.5 < queue.utilization < 0.8
    agrees(found["waiting_probability 1"], queue.p_wait, 0.015)
    agrees(found["asa.mean 1"], queue.wait, 0.1 * queue.wait)


@pytest.mark.slow
def test_who_failed_twice_complains_before_giving_up() -> None:
    """A contact fails with f, then the customer comes back with r: P(reason) = f (1 - r) + r f^2, at two failures."""
    f, r = 0.5, 0.6
    data = with_desk(after_failures=2)
    data["topics"]["any"] = {
        "handling": {"any": {"constant": {"value": "1 min"}}},
        "repeat": {"probability": f"{r:%}", "after": {"constant": {"value": "10 min"}}},
    }
    data["teams"]["front"]["accuracy"] = f"{1 - f:%}"
    data["teams"]["front"]["headcount"] = {"constant": 40}
    found = run(from_dict({**data, "horizon": "3 d"}), jobs=1, tables=False)
    rate = next(one.interval for one in found.summaries if one.metric.kpi == "complaint_rate" and not one.segment)
    agrees(rate, COMPLAIN * (f * (1 - r) + r * f * f), 0.014)


# -- the formulas themselves ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "a", "b", "measured"),
    [(0.9, 0.12, 0.25, 0.108 / 0.133), (0.5, 0.1, 0.1, 0.5), (0, 0.5, 1, 0), (1, 0.5, 1, 1)],
)
def test_measured_and_true_shares(share: float, a: float, b: float, measured: float) -> None:
    assert measured_share(share, a, b) == pytest.approx(measured)
    assert true_share(measured, a, b) == pytest.approx(share)


def test_nobody_answers() -> None:
    assert isnan(measured_share(0.5, 0, 0)) and isnan(true_share(0.5, 0, 0))


def test_ordered_logit_by_hand() -> None:
    assert ordered_logit(0, [0]) == pytest.approx([0.5, 0.5])
    assert ordered_logit(log(3), [0, inf]) == pytest.approx([0.25, 0.75, 0])
    assert sum(ordered_logit(1.3, [-2, -1, 0, 2])) == pytest.approx(1)
    assert ordered_logit(1.0, [-1, 2])[1] == pytest.approx(1 / (1 + exp(-2)) - 1 / (1 + exp(1)))


def test_net_promoter_score_by_simulation() -> None:
    noise = np.random.default_rng(1).logistic(size=1_000_000)
    answers = np.clip(np.floor(6 + 1.3 * (0.8 + noise) + 0.5), 0, 10)
    counted = (answers >= 9).mean() - (answers <= 6).mean()
    assert net_promoter(0.8, 6, 1.3) == pytest.approx(counted, abs=0.003)
    assert (net_promoter(5, 9, 0), net_promoter(5, 7, 0), net_promoter(5, 6, 0)) == (1, 0, -1)
