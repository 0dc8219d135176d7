"""The simulator against the reference cases: each case is written as a scenario, simulated and compared.

By default a light case of most systems is tried with intervals three times as wide as the whole set aims at, which is
marked slow. The machinery that compares is itself shown to fail where it should.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulation.experiments.load import from_dict
from tests.reference import readings as read
from tests.reference.laws import NotExpressible, built, gamma_factor, law_of, patience_of, wave_of
from tests.reference.run import Effort, check, jackknifed
from tests.reference.translate import flat, translate

CASES_FILE = Path(__file__).parents[3] / "shared" / "data" / "reference_cases.json"
ABSENT = "the reference cases are not beside this repository (../shared/data/reference_cases.json)"
WHOLE, QUICK = Effort(), Effort(first_replications=8, aim=3.0, enough=3.0)
# fmt: off
LIGHT = [
    "EB07", "EC05", "FK01", "EA12", "MG05", "PR01", "G101", "MS01", "CH01", "RT03", "PS01", "AS01",
]
# fmt: on
REFUSED = {"PR04": "preemption", "PS10": "refer to a case"}
Case = dict[str, Any]


def load_cases() -> dict[str, Case]:
    if not CASES_FILE.exists():
        return {}
    return {case["id"]: case for case in json.loads(CASES_FILE.read_text(encoding="utf-8"))["cases"]}


CASES = load_cases()
needs_cases = pytest.mark.skipif(not CASES, reason=ABSENT)


def problems(case: Case, effort: Effort = WHOLE) -> list[str]:
    """What does not pass, in words."""
    report = check(case, effort=effort)
    wrong = [
        f"{found.name}: expected {found.expected:.6g}, simulated {found.simulated:.6g} ± {found.half_width:.2g}: {found.verdict}"
        for found in report.findings
        if not found.passes
    ]
    return wrong + [f"{name}: not answered" for name in report.unanswered]


def expressible(case: Case) -> bool:
    try:
        translate(case)
    except NotExpressible:
        return False
    return True


# ------------------------------------------------------------------------------------ the cases


@needs_cases
@pytest.mark.parametrize("name", LIGHT)
def test_light_case(name: str) -> None:
    if name not in CASES:
        pytest.skip(f"this file of cases has no {name}")
    assert not problems(CASES[name], QUICK)


@pytest.mark.slow
@needs_cases
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if expressible(case)])
def test_case(name: str) -> None:
    assert not problems(CASES[name])


@needs_cases
@pytest.mark.parametrize("name", list(CASES))
def test_every_expected_number_has_a_statistic_of_a_valid_scenario(name: str) -> None:
    case = CASES[name]
    try:
        translation = translate(case)
    except NotExpressible as reason:
        assert REFUSED[name] in str(reason)
        return
    answered = {*translation.facts, *(answer for study in translation.studies for answer in study.answers)}
    assert set(flat(case["expected"])) <= answered
    for study in translation.studies[:1]:
        from_dict(study.scenario)


# ------------------------------------------------------------------------------------ what must be refused


MM1 = {"id": "own", "system": "erlang_c", "time_unit": "min", "inputs": {"lam": 0.5, "mu": 1, "servers": 1}}
EXACT = {"type": "exact", "rel": 0.01, "abs": 1e-4}


def mm1(expected: Case) -> Case:
    return {**MM1, "expected": expected, "tolerance": EXACT}


@pytest.mark.slow
def test_true_numbers_of_mm1_pass_and_others_fail() -> None:
    """M/M/1 with load 1/2: P(wait) = 1/2, wait 1, 90 % wait no longer than ln(5) / (1/2)."""
    right = {"P_wait": 0.5, "E_wait": 1.0, "L_queue": 0.5, "wait_p90": 2 * math.log(5), "utilization": 0.5}
    assert not problems(mm1(right), QUICK)
    wrong = {"P_wait": 0.55, "E_wait": 1.2, "L_queue": 0.4, "wait_p90": 2.6, "utilization": 0.54}
    assert [problem.split(":")[-1] for problem in problems(mm1(wrong), QUICK)] == [" FAIL"] * 5


def test_number_known_too_roughly_does_not_pass() -> None:
    rough = Effort(first_replications=4, aim=0.05, enough=0.05, most_contacts=40_000)
    assert [problem.split(":")[-1] for problem in problems(mm1({"E_wait": 1.0}), rough)] == [" vague"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"system": "polling"}, "nothing is known"),
        ({"inputs": {**MM1["inputs"], "vacation": 1}}, "vacation"),  # type: ignore[dict-item]
        ({"inputs": {"lam": 2, "mu": 1, "servers": 1}}, "no steady state"),
        ({"system": "mg1", "inputs": {"lam": 0.5, "service": "pareto mean 1", "servers": 1}}, "pareto"),
    ],
)
def test_what_cannot_be_said_is_refused_with_the_reason(change: Case, reason: str) -> None:
    report = check({**mm1({"E_wait": 1.0}), **change})
    assert reason in report.refused
    assert not report.passes


def test_number_that_nothing_answers_fails_the_case() -> None:
    report = check(mm1({"P_wait": 0.5, "E_mood": 1.0}), effort=QUICK)
    assert report.unanswered == ["E_mood"]
    assert not report.passes


# ------------------------------------------------------------------------------------ laws and statistics


@pytest.mark.parametrize(
    ("words", "mean", "cv"),
    [
        ("deterministic 0.2", 0.2, 0.0),
        ("exp 10", 10.0, 1.0),
        ("erlang-4 mean 1", 1.0, 0.5),
        ("lognormal mean 1 cv 1.5", 1.0, 1.5),
        ("hyperexp balanced means mean 1 scv 2", 1.0, math.sqrt(2)),
        ("weibull shape 0.7 mean 1", 1.0, 1.4624),
        ("uniform 0 2", 1.0, 1 / math.sqrt(3)),
    ],
)
def test_law_in_words(words: str, mean: float, cv: float) -> None:
    law = built(law_of(words, 60.0))
    assert law.mean == pytest.approx(60 * mean)
    assert math.sqrt(law.variance) / law.mean == pytest.approx(cv, abs=1e-4)


def test_balking_is_an_atom_at_zero() -> None:
    patience = built(patience_of("balk 0.1, else exp 1", 60.0))
    assert patience.cdf(0.0) == pytest.approx(0.1)
    assert patience.cdf(60.0) == pytest.approx(0.1 + 0.9 * (1 - math.exp(-1)))


def test_factor_and_wave_in_words() -> None:
    assert gamma_factor("gamma(400, 200)") == pytest.approx((2.0, 0.05))
    wave = wave_of("30+6*sin(2*pi*t/24)")
    assert (wave.at(0), wave.at(6), wave.at(18)) == pytest.approx((30, 36, 24))


def test_measured_time_counts_only_the_beginning_of_each_period() -> None:
    frame = read.Frame(unit=60.0, start=0.0, end=300.0, period=100.0, length=30.0)
    assert frame.elapsed(np.array([0.0, 20.0, 30.0, 99.0, 110.0, 300.0, 999.0])).tolist() == [0, 20, 30, 30, 40, 90, 90]
    assert (frame.windows, frame.total()) == (3.0, 1.5)


def test_jackknife_of_a_mean_is_the_usual_standard_error() -> None:
    values = np.array([1.0, 4.0, 2.0, 8.0, 5.0])
    mean = read.Statistic(lambda look: np.zeros(2), lambda sums: float(sums[0] / sums[1]))
    value, error = jackknifed(mean, np.column_stack([values, np.ones(5)]))
    assert value == pytest.approx(4.0)
    assert error == pytest.approx(values.std(ddof=1) / math.sqrt(5))
