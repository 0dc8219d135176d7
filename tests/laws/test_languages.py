"""Laws of languages: who is understood by all changes nothing, nobody is served in a language that the agent does not speak."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.center.languages import Languages
from simulation.center.people import Person, seat_key
from simulation.center.plan import Plan
from tests.laws.books import Books, observe
from tests.laws.strategies import Data, deep, quick, scenarios
from tests.laws.test_common_numbers import births, duties, stories
from tests.laws.test_conservation import (
    LAWS,
    handlers_are_entitled,
    nobody_waits_beside_a_free_agent,
    nobody_waits_beside_a_free_slot,
    the_order_of_the_queue_is_kept,
)
from tests.unit.test_languages_micro import BOTH

SPEAK: Data = {
    "a": {"share": "60 %", "language": "lv"},
    "b": {"share": "30 %", "language": "ru"},
    "c": {"share": "10 %"},
}


def speaking(data: Data, people: Data, segments: Data = SPEAK) -> Data:
    """The same center, whose customers and agents speak languages."""
    teams = {name: team | {"people": team.get("people", {}) | people} for name, team in data["teams"].items()}
    return data | {"teams": teams, "customers": segments}


@quick(12)
@given(scenarios(without={"segments"}), st.booleans())
def test_agents_who_speak_everything_or_understand_it_at_once_change_no_case(data: Data, sticky: bool) -> None:
    if sticky:
        data = data | {"routing": data["routing"] | {"sticky": {"wait": "1 min"}}}
    silent = {name: {"share": one["share"]} for name, one in SPEAK.items()}
    one = observe(speaking(data, {}, silent))
    for people in (BOTH, {"languages": {"lv": "0 %"}, "interpreter": {"slows": "0 %"}}):
        other = observe(speaking(data, people))
        assert (births(one), stories(one), duties(one)) == (births(other), stories(other), duties(other))


WHOEVER_WAITS = (nobody_waits_beside_a_free_agent, nobody_waits_beside_a_free_slot, the_order_of_the_queue_is_kept)
"""Laws that hold among those understood only."""


@quick(8)
@given(scenarios(without={"segments"}), st.booleans())
def test_nobody_is_served_in_a_language_that_the_agent_does_not_speak(data: Data, sticky: bool) -> None:
    served_in_own_language(data, sticky)


@pytest.mark.slow
@deep(100)
@given(scenarios(without={"segments"}), st.booleans())
def test_in_many_centers_nobody_is_served_in_a_language_that_the_agent_does_not_speak(data: Data, sticky: bool) -> None:
    served_in_own_language(data, sticky)


def served_in_own_language(data: Data, sticky: bool) -> None:
    """Every stay with an agent is with one who speaks the language; all books balance."""
    if sticky:
        data = data | {"routing": data["routing"] | {"sticky": {"wait": "1 min"}}}
    some = speaking(data, {"languages": {"lv": "70 %", "ru": "40 %"}})
    books = observe(some)
    unaware = {*WHOEVER_WAITS, handlers_are_entitled} if sticky else WHOEVER_WAITS
    for law in LAWS:
        if law not in unaware:
            law(books)
    languages = Languages(Plan(books.scenario), books.births)
    for leg in books.legs:
        if leg.agent >= 0:
            spoken, language = languages.spoken_by(seated(books, leg.agent)), languages.of_case[leg.case]
            assert spoken is None or language < 0 or language in spoken, str(leg)


def seated(books: Books, agent: int) -> Any:
    """What an agent of the run was known by."""
    name, team = books.agents[agent], books.team_of(agent)
    seat = SimpleNamespace(name=name, team=SimpleNamespace(plan=SimpleNamespace(name=team)))
    index = list(books.scenario.teams).index(team)
    return SimpleNamespace(person=Person(seat_key(seat), 0, 0.0), team=SimpleNamespace(index=index))
