"""Laws of persons: neutral ones change nothing, each has a chance of its own."""

from __future__ import annotations

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


def with_people(data: Data, **people: object) -> Data:
    """The same center, whose teams are people."""
    return data | {"teams": {name: team | {"people": people} for name, team in data["teams"].items()}}


@quick(15)
@given(scenarios())
def test_persons_who_are_like_their_team_change_no_case(data: Data) -> None:
    one, other = observe(data), observe(with_people(data, speed_spread="0 %"))
    with acting({1: Factors(), 2: Factors(1.0, 0.0, 1.0, 0.0)}):
        third = observe(data)
    assert (births(one), stories(one), duties(one)) == (births(other), stories(other), duties(other))
    assert (births(one), stories(one), duties(one)) == (births(third), stories(third), duties(third))


@quick(15)
@given(scenarios(), st.sampled_from(["20 %", "100 %"]))
def test_every_law_holds_among_persons(data: Data, spread: str) -> None:
    books = observe(with_people(data, speed_spread=spread))
    for law in LAWS:
        law(books)


@pytest.mark.slow
@deep(150)
@given(scenarios(), st.sampled_from(["20 %", "100 %"]))
def test_every_law_holds_among_many_persons(data: Data, spread: str) -> None:
    books = observe(with_people(data, speed_spread=spread))
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


def test_hiring_one_more_changes_nobody_else() -> None:
    twelve, thirteen, with_night = paces(12), paces(13), paces(12, a_shift_before=3)
    assert len(twelve) == 12
    assert len(set(twelve.values())) == 12
    assert thirteen.items() >= twelve.items()
    assert with_night.items() >= twelve.items()


def test_the_spread_is_that_of_the_scenario() -> None:
    """The mean of 500 agents' handling times is that of the team, and their coefficient of variation the spread."""
    data = center([(0, 60)] * 500, teams__front=on_shift("00:00", "01:00", 500))
    legs = observe(with_people(data, speed_spread="30 %")).record.legs
    times = legs["ended"] - legs["answered"]
    assert np.allclose(times * legs["pace"], 60)
    assert abs(times.mean() / 60 - 1) < 4 * 0.3 / np.sqrt(500)
    assert abs(times.std() / 60 / 0.3 - 1) < 4 * np.sqrt(1 / 1000 + 2 * 0.09 / 500)
