"""Languages worked out by hand: who is taken by whom, who is passed over, what an interpreter takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from rich.console import Console

from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.reports.explain import explanation
from tests.laws.books import observe
from tests.laws.micro import Call, agents, assert_story, center
from tests.laws.strategies import Data, constant

LV: Data = {"languages": {"lv": "100 %"}}
BOTH: Data = {"languages": {"lv": "100 %", "ru": "100 %"}}


def spoken(lv: Sequence[Call], ru: Sequence[Call], teams: Data, **parts: Any) -> Data:
    """Calls of customers who speak Latvian, then those who speak Russian; cases are numbered by arrival."""
    data, other = center(lv, teams=teams, **parts), center(ru)
    data["customers"] = {"latvian": {"share": "50 %", "language": "lv"}, "russian": {"share": "50 %", "language": "ru"}}
    sources = data["demand"]["sources"]
    sources["ru"] = other["demand"]["sources"]["log"] | {"segments": {"russian": "100 %"}}
    sources["log"]["segments"] = {"latvian": "100 %"}
    return data


def test_who_does_not_speak_it_is_passed_over() -> None:
    """The Russian call waits for the bilingual agent, though the other gets free first, and others are served meanwhile."""
    teams = {"a": agents(1, people=LV), "b": agents(1, people=BOTH)}
    assert_story(spoken([(0, 60), (1, 100), (3, 60)], [(2, 60)], teams), """
        0: 0 0-60 a/1
        1: 1 1-101 b/1
        2: 2 101-161 b/1
        3: 3 60-120 a/1
    """)  # fmt: skip


def test_first_come_first_served_holds_among_those_understood() -> None:
    assert_story(spoken([(0, 60), (20, 10)], [(10, 10)], {"b": agents(1, people=BOTH)}), """
        0: 0 0-60 b/1
        1: 10 60-70 b/1
        2: 20 70-80 b/1
    """)  # fmt: skip


def test_whom_everybody_understands_and_a_team_that_speaks_all() -> None:
    calls = spoken([(0, 60)], [(0, 60)], {"a": agents(1, people=LV), "b": agents(1)})
    assert_story(calls, "0: 0 0-60 a/1\n1: 0 0-60 b/1")
    del calls["customers"]["russian"]["language"]
    calls["teams"] = {"a": agents(2, people=LV)}
    assert_story(calls, "0: 0 0-60 a/1\n1: 0 0-60 a/2")


def test_an_interpreter_helps_who_does_not_speak_it_after_those_who_do() -> None:
    """Speakers are asked first; then an agent with an interpreter takes half as long again."""
    helped = LV | {"interpreter": {"slows": "50 %"}}
    calls = spoken(
        [(3000, 60)],
        [(0, 60), (1, 60), (100, 60)],
        {"b": agents(2, people=helped)},
        topics__any__wrap_up={"any": constant(20)},
    )
    assert_story(calls, """
        0: 0 0-120 b/1
        1: 1 1-121 b/2
        2: 100 120-240 b/1
        3: 3000 3000-3080 b/2
    """)  # fmt: skip
    with_speaker = spoken([(200, 10)], [(0, 60)], {"b": agents(1, people=helped), "c": agents(1, people=BOTH)})
    assert_story(with_speaker, "0: 0 0-60 c/1\n1: 200 200-210 b/1")


def test_an_interpreter_may_err() -> None:
    helped = LV | {"interpreter": {"slows": "0 %", "accuracy": "0 %"}}
    calls = spoken([(0, 60)], [(0, 60)], {"a": agents(2, people=helped)})
    assert [leg.outcome.name for leg in observe(calls).legs] == ["SOLVED", "WRONG"]


def test_letters_in_a_language_wait_for_its_speaker_and_sticky_agents_speak_it() -> None:
    calls = spoken([(0, 60, "email")], [(5, 60, "email")], {"a": agents(1, people=LV), "b": agents(1, people=BOTH)})
    calls["channels"] = {"email": {"mode": "deferred"}}
    calls["routing"] = {"sticky": {}}
    assert_story(calls, "0: 0 0-60 a/1\n1: 5 5-65 b/1")


@pytest.mark.parametrize(("path", "value", "told"), [
    ("teams.a.people.languages", {"lv": "100 %", "rus": "50 %"}, "there is no customers' language 'rus'; write e.g. ru"),
    ("teams.a.people", {"interpreter": {}}, "its agents speak all languages; write which"),
    ("customers.russian.language", "lt", "nobody speaks 'lt'; write it among the languages of a team, give one an interpreter, or write another language, e.g. lv"),
])  # fmt: skip
def test_what_makes_no_sense_is_told(path: str, value: Any, told: str) -> None:
    data = spoken([(0, 60)], [(0, 60)], {"a": agents(1, people=BOTH)})
    *above, last = path.split(".")
    inner = data
    for key in above:
        inner = inner[key]
    inner[last] = value
    with pytest.raises(InputError) as caught:
        observe(data)
    assert told in str(caught.value)


def test_explain_shows_languages(capsys: pytest.CaptureFixture[str]) -> None:
    people = {"languages": {"lv": "100 %", "ru": "40 %"}, "interpreter": {"slows": "30 %"}}
    data = spoken([(0, 60)], [(0, 60)], {"a": agents(5, people=people), "b": agents(1)})
    for block in explanation(from_dict(data), 120):
        Console(width=120).print(block)
    shown = " ".join(capsys.readouterr().out.split())
    assert "Customers speak lv (latvian) and ru (russian)." in shown
    assert "Persons of" not in shown
    assert (
        "Agents of a speak lv (100 %), ru (40 %); others with an interpreter, 30 % slower. Agents of b speak all."
        in shown
    )
