"""Afterwards: what customers think of their cases, what they answer when asked, and whether they stay.

Worked out from the tables when the run is over, so it costs no event and can move nothing in the run. The formulas
are in `opinion.py`. What a center does about what it hears (an article for a topic with many unhappy answers, a training
for a team) takes weeks: a loop over runs can read `cases` by topic here, where all answers are known.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.center import opinion as formulas
from simulation.demand.births import Births
from simulation.record import Record
from simulation.record.recorder import CaseStatus, Outcome, SelfService
from simulation.record.tables import Table
from simulation.scenario.customers import churns
from simulation.scenario.schema import Mode, Opinion, Scenario, Survey

Array = npt.NDArray[Any]
FAILED = (
    Outcome.WRONG, Outcome.ABANDONED, Outcome.BLOCKED, Outcome.CLOSED, Outcome.DISCONNECTED, Outcome.BALKED,
    Outcome.UNREACHED,
)  # fmt: skip
"""Outcomes of contacts that make customers angry."""


def judge(record: Record, births: Births, scenario: Scenario) -> None:
    """Note of every case that came to its end what the customer thinks, answers and does."""
    opinion, cases = scenario.opinion, record.cases
    if opinion is None:
        return
    ended = cases["status"] != CaseStatus.OPEN
    expected = _expected(record, opinion, scenario)
    score = formulas.score(opinion.satisfied, dict(opinion), _burdens(record, opinion, scenario, expected))
    mood = births.draw("mood")
    satisfied = mood < formulas.satisfaction(score)
    latent = formulas.opinion(score, mood)
    effort = formulas.effort(dict(opinion.effort), _efforts(record, scenario, expected))
    steps = (opinion.stars[0], opinion.stars[1], opinion.stars[2])
    cases["satisfied"] = np.where(ended, satisfied, -1).astype(np.int32)
    cases["opinion"] = np.where(ended, latent, np.nan)
    cases["stars"] = np.where(ended, formulas.stars(latent, satisfied, steps), -1).astype(np.int32)
    liking = formulas.recommends(latent, opinion.recommend.zero, opinion.recommend.slope)
    cases["recommends"] = np.where(ended, liking, -1).astype(np.int32)
    cases["effort"] = np.where(ended, effort, np.nan)
    if scenario.survey is not None:
        cases["survey"] = _answered(scenario.survey, cases, births, satisfied, ended, scenario)
    if any(churns(scenario)):
        chance = formulas.churn(satisfied, *_churn(scenario, cases))
        decides = ended & (cases["complaint"] < 0)  # who complains decides after the complaint
        cases["churn"] = np.where(decides, chance, np.nan)
        cases["lost"] = np.where(decides, births.draw("churn") < chance, -1).astype(np.int32)


def _churn(scenario: Scenario, cases: Table) -> tuple[Array, Array]:
    """Who leaves of the satisfied and of the others, by case."""
    shares = [(0.0, 0.0) if one is None else (one.satisfied, one.unsatisfied) for one in churns(scenario)]
    satisfied, unsatisfied = np.array(shares)[cases["segment"]].T
    return satisfied, unsatisfied


def _expected(record: Record, opinion: Opinion, scenario: Scenario) -> Array:
    """Seconds in which the first response to each case is expected: by its channel and what its first contact was told."""
    cases, contacts = record.cases, record.contacts
    usual = np.array([opinion.expected.get(name, np.inf) for name in scenario.channels])[cases["channel"]]
    if scenario.customers:
        usual = usual * np.array([segment.expects for segment in scenario.customers.values()])[cases["segment"]]
    announced, acknowledged = np.full(len(usual), np.nan), np.zeros(len(usual), dtype=bool)
    first = contacts["contact"] == 0
    case = contacts["case"][first]
    if "announced" in contacts:
        announced[case] = contacts["announced"][first]
    if "acknowledged" in contacts:
        acknowledged[case] = ~np.isnan(contacts["acknowledged"][first])
    return formulas.expectation(usual, announced, opinion.trust, acknowledged, opinion.acknowledged)


def _burdens(record: Record, opinion: Opinion, scenario: Scenario, expected: Array) -> dict[str, Array]:
    """All that weighs on satisfaction, by case."""
    cases = record.cases
    found = {
        "late": formulas.lateness(np.where(cases["contacts"] == 0, 0.0, cases["first_response"]), expected),
        **_troubles(cases),
        "courtesy": 1 - 2 * _courtesy(record, scenario),
        "misled": cases["misled"] + (cases["self_service"] == SelfService.MISLED),
    }
    if "promise_kept" in record.contacts:
        promise, of = record.contacts["promise_kept"], record.contacts["case"]
        found["promise_kept"] = -_count(of[promise == 1], len(cases["case"]))
        found["promise_broken"] = _count(of[promise == 0], len(cases["case"]))
    if opinion.anger:
        found["anger"] = _anger(record, opinion.anger_half_life)
    return found


def _troubles(cases: Table) -> dict[str, Array]:
    """What weighs on satisfaction and effort alike."""
    return {
        "contact": np.maximum(cases["contacts"] - cases["resumed"] - 1, 0),
        "transfer": np.maximum(cases["legs"] - cases["pauses"] + cases["chasers"] - cases["contacts"], 0),
        "unsolved": cases["status"] != CaseStatus.SOLVED,
    }


def _efforts(record: Record, scenario: Scenario, expected: Array) -> dict[str, Array]:
    legs, cases = record.legs, record.cases
    at_once = np.array([channel.mode is not Mode.deferred for channel in scenario.channels.values()])
    waits = np.where(at_once[legs["channel"]], np.nan_to_num(legs["wait"]), 0.0)
    waited = np.bincount(legs["case"], waits, len(cases["case"]))
    return {**_troubles(cases), "repeat": cases["repeats"], "wait": formulas.waiting(waited, expected)}


def _courtesy(record: Record, scenario: Scenario) -> Array:
    """Mean courtesy of the agents met, by case; neutral where there was none."""
    legs, n = record.legs, len(record.cases["case"])
    courtesy = np.array([team.courtesy for team in scenario.teams.values()])
    if (courtesy == 0.5).all() and not legs["courtesy"].any():
        return np.full(n, 0.5)
    met = (legs["tier"] >= 0) & (legs["handler"] >= 0)
    felt = np.clip(courtesy[legs["handler"][met]] + legs["courtesy"][met], 0, 1)
    times, total = _count(legs["case"][met], n), np.bincount(legs["case"][met], felt, n)
    return np.where(times > 0, total / np.maximum(times, 1), 0.5)


def _anger(record: Record, half_life: float) -> Array:
    """Anger at the end of each case over contacts that failed before; a complaint inherits all of the case's."""
    contacts, cases = record.contacts, record.cases
    failed = np.isin(contacts["outcome"], FAILED)
    case, ended = contacts["case"][failed], contacts["ended"][failed]
    child = cases["complaint"][case]
    before = np.concatenate([ended < cases["closed"][case], ended <= cases["closed"][child]])
    before[len(case) :] &= child >= 0
    of = np.concatenate([case, child])[before]
    elapsed = cases["closed"][of] - np.concatenate([ended, ended])[before]
    return np.bincount(of, formulas.faded(elapsed, half_life), len(cases["case"]))


def _answered(
    survey: Survey, cases: Table, births: Births, satisfied: Array, ended: Array, scenario: Scenario
) -> Array:
    """1 asked and answered, 0 asked and silent, -1 not asked."""
    here = np.array([survey.channels == "all" or name in survey.channels for name in scenario.channels])
    asked = ended & here[cases["channel"]] & (births.draw("survey") < survey.asked)
    answers = formulas.answers(births.draw("answer"), satisfied, survey.answers.satisfied, survey.answers.unsatisfied)
    return np.where(asked, answers, -1).astype(np.int32)


def _count(of: Array, n: int) -> Array:
    return np.bincount(of, minlength=n)
