"""What acts on agents, worked out by hand: an influence changes work, reach, accuracy and courtesy, and is noted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import numpy as np
import pytest
from rich.console import Console

from simulation.center.people import NEUTRAL, Factors, Scene
from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.reports.explain import explanation
from simulation.theory.people import learned_with_tenure
from tests.laws.books import Books, observe
from tests.laws.micro import agents, assert_story, center, on_shift, told
from tests.laws.strategies import Data, constant
from tests.unit.test_letters_micro import filed
from tests.unit.test_turns_micro import chat, chats


class Fixed:
    """An influence that is the same for all agents of a number."""

    def __init__(self, factors: dict[int, Factors]) -> None:
        self.factors = factors

    def on(self, agent: Any, leg: Any, now: float) -> Factors:
        return self.factors.get(agent.number, NEUTRAL)


@contextmanager
def acting(*each: dict[int, Factors]) -> Iterator[None]:
    """While it lasts, influences with these factors by agent's number act on all runs, and nothing else does."""

    def maker(factors: dict[int, Factors]) -> Any:
        return lambda scene: Fixed(factors)

    with mock.patch("simulation.center.run.MAKERS", tuple(map(maker, each))):
        yield


def factors_of(books: Books) -> list[tuple[float, ...]]:
    """Pace, reach, accuracy and courtesy of each leg."""
    legs = books.record.legs
    return list(zip(*(legs[name].tolist() for name in ("pace", "reach", "accuracy", "courtesy")), strict=True))


def test_a_fast_agent_needs_less_time_for_all_of_it() -> None:
    calls = center([(0, 60), (0, 60)], topics__any__wrap_up={"any": constant(30)}, teams__front=agents(2))
    with acting({1: Factors(pace=1.5)}):
        books = assert_story(calls, """
            0: 0 0-60 front/1
            1: 0 0-90 front/2
        """)  # fmt: skip
    assert books.legs[0].released == 40
    assert factors_of(books) == [(1.5, 0, 1, 0), NEUTRAL]


def test_influences_multiply_pace_and_accuracy_and_add_reach_and_courtesy() -> None:
    one, other = Factors(2.0, 0.1, 0.5, -0.2), Factors(0.5, 0.2, 0.9, 0.3)
    with acting({1: one}, {1: other}):
        books = assert_story(center([(0, 60)], topics__any__reach={"tier1": "60 %"}), "0: 0 0-60 front/1")
    assert factors_of(books) == [pytest.approx((1, 0.3, 0.45, 0.1))]


@pytest.mark.parametrize(("factors", "solved"), [
    (NEUTRAL, 0.6), (Factors(reach=0.25), 0.85), (Factors(reach=-0.35), 0.25), (Factors(reach=2.0), 1.0),
    (Factors(reach=-2.0), 0.0), (Factors(accuracy=0.5), 0.3), (Factors(accuracy=0.0), 0.0), (Factors(accuracy=2.0), 0.6),
])  # fmt: skip
def test_reach_and_accuracy_decide_what_is_solved(factors: Factors, solved: float) -> None:
    calls = center([(i, 1) for i in range(3000)], topics__any__reach={"tier1": "60 %"}, teams__front=agents(2))
    with acting({1: factors, 2: factors}):
        cases = observe(calls).record.cases
    share = float((cases["status"] == 0).mean())
    assert share == pytest.approx(solved, abs=4 * (solved * (1 - solved) / 3000) ** 0.5)


def test_courtesy_is_the_agents_own() -> None:
    calls = center([(60 * i, 60) for i in range(59)], teams__front=agents(1, courtesy="60 %"))
    calls["opinion"] = {"satisfied": "90 %", "courtesy": 2.0}
    with acting({1: Factors(courtesy=0.15)}):
        own = observe(calls).record.cases
    calls["teams"]["front"]["courtesy"] = "75 %"
    assert np.allclose(own["opinion"], observe(calls).record.cases["opinion"], equal_nan=True)


def test_work_in_parts_goes_on_at_the_pace_of_who_takes_it_up() -> None:
    """Half of an hour's letter by the slow agent, who then goes; the rest, twice as fast, by the other."""
    letter: Data = {
        "channels": {"email": {"mode": "deferred"}},
        "topics__any__pauses": {"customer": {"probability": "100 %", "lasts": constant(1200), "after": "50 %"}},
        "teams": {"a": on_shift("00:00", "00:20"), "b": on_shift("00:20", "01:00")},
    }
    calls = center([(0, 1200, "email")], **letter)
    with acting({1: Factors(pace=1.0)}):
        plain = told(observe(calls))
    with mock.patch("simulation.center.run.MAKERS", (lambda scene: ByTeam({"a": 0.5, "b": 2.0}),)):
        paced = told(observe(calls))
    assert plain == "0: 0 0-600 a/s/1\n0: 1800 1800-2400 b/s/1"
    assert paced == "0: 0 0-1200 a/s/1\n0: 2400 2400-2700 b/s/1"


def test_a_thread_goes_on_at_the_pace_of_who_takes_it_up() -> None:
    """80 s of work at twice the pace: replies of 20 s each; the rest of 20 s takes the slow agent four times as long."""
    data = chats([(0, 80)], number=2, channel=chat(idle_timeout="25 s"))
    twenty = mock.patch("simulation.center.turns.reply_work", lambda u, rest, between: min(rest, 20.0))
    with twenty, acting({1: Factors(pace=2.0), 2: Factors(pace=0.5)}):
        assert_story(data, "0: 0 0-45 front/1\n0: 50 50-130 front/2")


def test_a_conversation_at_another_pace_has_as_many_replies() -> None:
    """Questions come up while the agent works, not by the clock."""
    data = chats([(100 * i, 90) for i in range(30)], slots=30)
    plain = observe(data).record.legs
    with acting({1: Factors(pace=3.0)}):
        fast = observe(data).record.legs
    assert np.array_equal(plain["replies"], fast["replies"])
    assert np.allclose(plain["attention"], 3 * fast["attention"])


def test_work_in_vain_is_at_the_agents_pace() -> None:
    """Everything at a wrong desk and the right one takes half as long as in the story of plain agents."""
    with acting({1: Factors(pace=2.0)}):
        assert_story(filed([(0, 50, "a"), (0, 40, "b"), (5, 70, "a")]), """
            0: 0 0-15 b/1
            0: 15 15-40 a/1
            1: 0 0-9 a/1
            1: 9 30-50 b/1
            2: 5 15-30 b/1
            2: 30 40-75 a/1
        """)  # fmt: skip


class ByTeam:
    """An influence on pace by team."""

    def __init__(self, pace: dict[str, float]) -> None:
        self.pace = pace

    def on(self, agent: Any, leg: Any, now: float) -> Factors:
        return Factors(pace=self.pace[agent.team.plan.name])


def test_a_newcomer_in_a_seat_is_another_person() -> None:
    from simulation.center.people import People

    seen: list[str] = []

    class Turnover:
        """Everybody is replaced after every call."""

        def __init__(self, scene: Scene) -> None:
            self.people = People(scene, [])

        def on(self, agent: Any, leg: Any, now: float) -> Factors:
            seen.append(f"{agent.person.key} {agent.person.hired_at:g}")
            self.people.hire(agent, now)
            return NEUTRAL

    with mock.patch("simulation.center.run.MAKERS", (Turnover,)):
        observe(center([(0, 60), (100, 60)], teams__front=on_shift("00:00", "01:00")))
    assert seen == ["'front'/'s'/1 -inf", "'front'/'s'/1/1 0"]


def test_who_is_better_at_a_skill() -> None:
    """Everybody is faster with chats; with calls some are not as far-reaching."""
    calls = center([(0, 60), (100, 60, "chat")], channels={"phone": {"mode": "live"}, "chat": {"mode": "live"}})
    calls["topics"]["any"]["reach"] = {"tier1": "60 %"}
    team = calls["teams"]["front"]
    team["skills"] = {"calls": {"channels": "phone"}, "chats": {"channels": "chat"}}
    team["people"] = {
        "proficiency": {"chats": {"speed": 1.2, "reach": "50 %", "accuracy": 0.9}, "calls": {"reach_lost": "50 %"}}
    }
    books = assert_story(calls, """
        0: 0 0-60 front/1
        1: 100 100-150 front/1
    """)  # fmt: skip
    assert factors_of(books) == [pytest.approx((1, -0.3, 1, 0)), pytest.approx((1.2, 0.2, 0.9, 0))]


@pytest.mark.parametrize(("people", "told"), [
    ({"accuracy_spread": "5 %"}, "teams.front.people.accuracy_spread: agents cannot differ so much around a mean accuracy of 100 %"),
    ({"courtesy_spread": "50 %"}, "write less than 50 %"),
    ({"proficiency": {"alls": {"speed": 2.0}}}, "there is no skill 'alls'; write e.g. all"),
    ({"proficiency": {"all": {}}}, "changes nothing; write e.g. speed: 120 %"),
    ({"proficiency": {"all": {"reach": "5 %", "reach_lost": "5 %"}}}, "write reach or reach_lost"),
    ({"speed_spread": "150 %"}, "speed_spread"),
    ({"plan": {"csat": "80 %"}}, "nobody has an opinion; write opinion: {}"),
    ({"plan": {"adherence": "80 %"}}, "the team says nothing of adherence"),
])  # fmt: skip
def test_what_makes_no_sense_is_told(people: Data, told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        observe(center([(0, 60)], teams__front=agents(1, people=people)))


def test_explain_shows_persons(capsys: pytest.CaptureFixture[str]) -> None:
    curve = {"starts_at": "60 %", "half_life": "40 d"}
    people = {
        "speed_spread": "20 %",
        "proficiency": {"all": {"share": "30 %", "speed": 1.2}},
        "learning": {"speed": curve},
    }
    scenario = from_dict(center([(0, 60)], teams__front=agents(1, people=people)))
    for block in explanation(scenario, 120):
        Console(width=120).print(block)
    shown = capsys.readouterr().out
    for words in (
        "speed 20 %",
        "all: speed x 1.2 (30 % of agents)",
        "speed 60 %, half of the rest in 40 d",
        "Nobody of front is new",
    ):
        assert words in shown, shown


def test_explain_says_how_fast_newcomers_are_at_the_start(capsys: pytest.CaptureFixture[str]) -> None:
    learning = {"speed": {"starts_at": "60 %", "half_life": "40 d"}}
    people = {"tenure": {"exponential": {"mean": "60 d"}}, "learning": learning}
    for block in explanation(from_dict(center([(0, 60)], teams__front=agents(1, people=people))), 120):
        Console(width=120).print(block)
    assert f"front have {100 * learned_with_tenure(0.6, 40, 60):.1f} % of their speed" in capsys.readouterr().out
