"""Laws of persons: neutral ones change nothing, each has a chance of its own."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.center.people import Factors
from tests.laws.books import observe
from tests.laws.micro import center, on_shift
from tests.laws.strategies import Data, deep, quick, scenarios
from tests.laws.test_common_numbers import births, duties, stories
from tests.laws.test_conservation import LAWS
from tests.unit.test_people_micro import acting

CURVE = {"starts_at": "100 %", "half_life": "1 h"}
LIKE_THE_TEAM: Data = {
    "speed_spread": "0 %",
    "tenure": {"exponential": {"mean": "1 h"}},
    "learning": {"speed": CURVE, "accuracy": {"starts_at": "0 %", "half_life": "0 s"}, "reach": CURVE},
}
"""Persons who learn nothing, as they know all from the start."""


def with_people(data: Data, **people: object) -> Data:
    """The same center, whose teams are people."""
    return data | {"teams": {name: team | {"people": people} for name, team in data["teams"].items()}}


def with_skills(data: Data) -> Data:
    """The same center; half of the agents of a team are better at the first of its skills, and less able at the last."""
    better, worse = {"share": "50 %", "speed": 1.5, "reach": "40 %"}, {"share": "50 %", "reach_lost": "40 %"}
    teams = deepcopy(data["teams"])
    for team in teams.values():
        skills = {list(team["skills"])[-1]: worse} | {next(iter(team["skills"])): better}
        team["people"] = team["people"] | {"proficiency": skills}
    return data | {"teams": teams}


@quick(15)
@given(scenarios(without={"persons"}))
def test_persons_who_are_like_their_team_change_no_case(data: Data) -> None:
    one, other = observe(data), observe(with_people(data, **LIKE_THE_TEAM))
    with acting({1: Factors(), 2: Factors(1.0, 0.0, 1.0, 0.0)}):
        third = observe(data)
    assert (births(one), stories(one), duties(one)) == (births(other), stories(other), duties(other))
    assert (births(one), stories(one), duties(one)) == (births(third), stories(third), duties(third))


@quick(8)
@given(scenarios(), st.sampled_from(["20 %", "100 %"]))
def test_every_law_holds_among_persons(data: Data, spread: str) -> None:
    books = observe(with_skills(with_people(data, speed_spread=spread)))
    for law in LAWS:
        law(books)


@pytest.mark.slow
@deep(150)
@given(scenarios(), st.sampled_from(["20 %", "100 %"]))
def test_every_law_holds_among_many_persons(data: Data, spread: str) -> None:
    books = observe(with_skills(with_people(data, speed_spread=spread)))
    for law in LAWS:
        law(books)


def paces(headcount: int, **other: int) -> dict[str, float]:
    """The pace of each agent of a shift, in a center where all are busy."""
    data = center([(0, 60)] * 100, teams__front=on_shift("00:00", "01:00", headcount))
    for name, number in other.items():
        data["teams"]["front"]["shifts"][name] = {**data["teams"]["front"]["shifts"]["s"], "headcount": number}
    books = observe(with_people(data, speed_spread="30 %"))
    legs = books.record.legs
    return {books.agents[agent]: pace for agent, pace in zip(legs["agent"], legs["pace"], strict=True)}


@quick(10)
@given(scenarios(without={"persons"}))
def test_a_skill_that_nobody_is_better_at_changes_no_case(data: Data) -> None:
    nobody = {"share": "0 %", "speed": 2.0, "reach": "100 %", "accuracy": "0 %"}
    skills = {name: list(team["skills"]) for name, team in data["teams"].items()}
    with_it = deepcopy(data)
    for name, team in with_it["teams"].items():
        team["people"] = {"proficiency": dict.fromkeys(skills[name], nobody)}
    one, other = observe(data), observe(with_it)
    assert (births(one), stories(one), duties(one)) == (births(other), stories(other), duties(other))


def test_hiring_one_more_changes_nobody_else() -> None:
    twelve, thirteen, with_night = paces(12), paces(13), paces(12, a_shift_before=3)
    assert len(twelve) == 12
    assert len(set(twelve.values())) == 12
    assert thirteen.items() >= twelve.items()
    assert with_night.items() >= twelve.items()


def test_the_spread_is_that_of_the_scenario() -> None:
    """500 agents are as fast as the team on average; the spread is the coefficient of variation of their handling times."""
    data = center([(0, 60)] * 500, teams__front=on_shift("00:00", "01:00", 500))
    legs = observe(with_people(data, speed_spread="30 %")).record.legs
    times = legs["ended"] - legs["answered"]
    assert np.allclose(times * legs["pace"], 60)
    assert abs(legs["pace"].mean() - 1) < 4 * 0.3 / np.sqrt(500)
    assert abs(times.std() / times.mean() / 0.3 - 1) < 4 * np.sqrt(1 / 1000 + 2 * 0.09 / 500)
