"""Skills that hold at some hours only, on centers so small that every second can be worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from simulation.errors import InputError
from simulation.experiments.load import from_dict
from tests.laws.books import observe
from tests.laws.micro import agents, assert_story, center, on_shift, told
from tests.laws.strategies import Data, constant

CHANNELS = {"phone": {"mode": "live"}, "mail": {"mode": "deferred"}}
LETTERS = [(0, 60, "mail"), (10, 60, "mail"), (20, 60, "mail")]


def mixed(hours: Any, number: int = 1, calls: Any = LETTERS, mail: Data | None = None, **parts: Any) -> Data:
    """Agents who take calls at any time, and letters at some hours."""
    skills = {
        "calls": {"channels": "phone"},
        "letters": {"channels": "mail", "priority": 2, "hours": hours, **(mail or {})},
    }
    return center(calls, channels=CHANNELS, teams__front=agents(number) | {"skills": skills}, **parts)


def test_letters_wait_for_the_hours_and_are_taken_the_moment_they_begin() -> None:
    assert_story(
        mixed({"daily": "00:05-01:00"}, 2),
        """
        0: 0 300-360 front/1
        1: 10 300-360 front/2
        2: 20 360-420 front/1
        """,
    )


def test_who_is_on_a_call_takes_a_letter_afterwards_and_a_call_comes_first() -> None:
    calls = [(0, 60, "mail"), (290, 30), (295, 40)]
    assert_story(
        mixed({"daily": "00:05-01:00"}, calls=calls),
        """
        0: 0 360-420 front/1
        1: 290 290-320 front/1
        2: 295 320-360 front/1
        """,
    )


def test_when_the_hours_end_the_letter_in_hand_is_finished_and_the_others_wait() -> None:
    assert_story(
        mixed({"daily": "00:05-00:07"}),
        """
        0: 0 300-360 front/1
        1: 10 360-420 front/1
        2: 20 open
        """,
    )


def test_hours_that_come_back() -> None:
    assert_story(
        mixed({"daily": ["00:05-00:06", "00:10-00:11"]}),
        """
        0: 0 300-360 front/1
        1: 10 600-660 front/1
        2: 20 open
        """,
    )


def test_hours_that_began_the_evening_before() -> None:
    assert_story(
        mixed({"daily": "22:00-00:02"}),
        """
        0: 0 0-60 front/1
        1: 10 60-120 front/1
        2: 20 open
        """,
    )


def test_a_letter_that_comes_within_the_hours_is_taken_at_once_and_one_at_their_end_is_not() -> None:
    calls = [(300, 10, "mail"), (419, 10, "mail"), (430, 10, "mail")]
    assert_story(
        mixed({"daily": "00:05-00:07"}, calls=calls), "0: 300 300-310 front/1\n1: 419 419-429 front/1\n2: 430 open"
    )
    at_the_end = mixed({"daily": "00:05-00:07"}, calls=[(420, 10, "mail")])
    assert_story(at_the_end, "0: 420 open")


def test_a_reserve_holds_when_the_hours_begin() -> None:
    """Two agents are there, one is kept free for calls: letters are written one by one."""
    data = mixed({"daily": "00:05-01:00"}, 2, mail={"reserve": 1})
    assert_story(data, "0: 0 300-360 front/1\n1: 10 360-420 front/1\n2: 20 420-480 front/1")


def test_in_one_moment_hours_end_before_agents_come_and_begin_after_they_have_left() -> None:
    shift = {"days": "daily", "start": "00:05", "end": "00:07", "headcount": 1}
    data = mixed({"daily": ["00:00-00:05", "00:07-01:00"]})
    data["teams"]["front"] = {"skills": data["teams"]["front"]["skills"], "shifts": {"s": shift}}
    assert_story(data, "0: 0 open\n1: 10 open\n2: 20 open")


def test_another_team_takes_what_this_one_must_not() -> None:
    data = mixed({"daily": "00:05-01:00"}, calls=[(0, 400, "mail"), (10, 60, "mail"), (20, 60, "mail")])
    data["teams"]["writers"] = agents(1) | {"skills": {"letters": {"channels": "mail"}}}
    assert_story(
        data,
        """
        0: 0 0-400 writers/1
        1: 10 300-360 front/1
        2: 20 360-420 front/1
        """,
    )


def test_after_a_wait_a_team_helps_only_within_its_hours() -> None:
    data = mixed({"daily": "00:05-01:00"}, calls=[(0, 60, "mail"), (280, 60, "mail")])
    data["routing"] = {"routes": {"letters": {"channels": "mail", "teams": {"front": "60 s"}}}}
    assert_story(data, "0: 0 300-360 front/1\n1: 280 360-420 front/1")
    late = mixed({"daily": "00:05-01:00"}, calls=[(280, 60, "mail")])
    late["routing"] = data["routing"]
    assert_story(late, "0: 280 340-400 front/1")


def test_chats_at_some_hours_fill_the_slots_when_they_begin() -> None:
    channels = {"phone": {"mode": "live"}, "mail": {"mode": "concurrent"}}
    data = mixed({"daily": "00:05-01:00"}) | {"channels": channels}
    data["teams"]["front"]["concurrency"] = {"slots": 2}
    assert_story(data, "0: 0 300-360 front/1\n1: 10 300-360 front/1\n2: 20 360-420 front/1")


@pytest.mark.parametrize(
    ("choice", "calls", "first"),
    [("longest_idle", (50, 15, 30), 2), ("least_busy", (20, 15, 30), 2), ("lowest_number", (50, 15, 30), 1)],
)
def test_which_of_the_free_agents_takes_the_first(choice: str, calls: tuple[int, ...], first: int) -> None:
    """Three agents have a call each, at 0, 10 and 12 s, of so many seconds; then they idle."""
    came = [*zip((0, 10, 12), calls, strict=True), (100, 60, "mail")]
    data = mixed({"daily": "00:05-01:00"}, 3, calls=came, routing={"agent": choice})
    assert told(observe(data)).splitlines()[-1] == f"3: 100 300-360 front/{first}"


def test_agents_who_find_nothing_keep_their_turn() -> None:
    """Two agents look when the hours begin, and find nothing: the next call still goes to the one idle for longer."""
    calls = [(0, 30), (10, 40), (400, 10)]
    data = mixed({"daily": "00:05-01:00"}, 2, calls=calls)
    assert told(observe(data)).splitlines()[-1] == "2: 400 400-410 front/1"


def test_the_agent_who_knows_the_case_takes_letters_within_the_hours_only() -> None:
    repeat = {"probability": "100 %", "after": constant(60), "most": 1}
    parts = {"topics__any__repeat": repeat, "routing": {"sticky": {"wait": "10 min"}}}
    data = mixed({"daily": ["00:00-00:02", "00:05-01:00"]}, 1, [(0, 60, "mail")], **parts)
    data["teams"]["front"]["accuracy"] = "0 %"
    assert_story(data, "0: 0 0-60 front/1\n0: 120 300-360 front/1")


def test_nobody_waits_for_the_agent_who_knows_the_case_when_the_hours_end() -> None:
    """Agent 1 is on a call as the letter comes back at 120 s; at 180 s the hours of the team end, and another takes it."""
    repeat = {"probability": "100 %", "after": constant(60), "most": 1}
    parts = {"topics__any__repeat": repeat, "routing": {"sticky": {"wait": "10 min"}}}
    data = mixed({"daily": "00:00-00:03"}, 1, [(0, 60, "mail"), (100, 300)], **parts)
    data["teams"]["front"]["accuracy"] = "0 %"
    data["teams"]["writers"] = on_shift("00:02", "01:00") | {"skills": {"letters": {"channels": "mail"}}}
    last = [line for line in told(observe(data)).splitlines() if line.startswith("0: 120")]
    assert last == ["0: 120 180-240 writers/s/1"]


def test_hours_round_the_clock_are_none() -> None:
    always = {"daily": "00:00-24:00"}
    assert told(observe(mixed(always))) == told(observe(mixed("always")))


def test_a_skill_that_never_holds_is_refused() -> None:
    with pytest.raises(InputError, match="the skill never holds"):
        from_dict(mixed({"daily": "closed"}))
