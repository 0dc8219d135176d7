"""The condition language: what it means, and what it says of bad input."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.errors import InputError
from simulation.experiments.condition import DEEPEST, Field, parse
from tests.laws.strategies import quick

FIELDS = {
    "channel": Field("name", "", ["phone", "e-mail", "Live Chat", "in"]),
    "wait": Field("duration", ""),
    "share": Field("share", ""),
    "hour": Field("number", ""),
    "time": Field("clock", ""),
    "date": Field("date", ""),
    "abandoned": Field("flag", ""),
}
ROWS = {
    "channel": np.array([0, 1, 2, -1, 3]),
    "wait": np.array([0.0, 600, 601, 30, np.nan]),
    "share": np.array([0.1, 0.3, 0.5, 0.7, 0.9]),
    "hour": np.array([8, 9, 10, 11, 12]),
    "time": np.array([8.5, 9.5, 10.5, 11.5, 12.5]) * 3600,
    "date": np.array([739678, 739679, 739680, 739681, 739682]),
    "abandoned": np.array([True, False, True, False, False]),
}


def rows(text: str) -> list[int]:
    """The rows for which it holds."""
    return np.flatnonzero(parse(text, FIELDS).holds(lambda name: ROWS[name], 5)).tolist()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("channel = phone", [0]),
        ("channel=phone", [0]),
        ("channel == Phone", [0]),
        ("channel != phone", [1, 2, 3, 4]),
        ("channel <> phone and wait > 10 min", [2]),
        ('channel = "Live Chat"', [2]),
        ("channel = live chat", [2]),
        ("channel = 'in'", [4]),
        ("channel in (phone, e-mail)", [0, 1]),
        ("channel not in [phone, live chat]", [1, 3, 4]),
        ("wait > 10 min", [2]),
        ("wait>=10min", [1, 2]),
        ("wait <= 30 s", [0, 3]),
        ("wait > 1 min 30 s", [1, 2]),
        ("wait = 0", [0]),
        ("share >= 50 %", [2, 3, 4]),
        ("hour in (8, 9)", [0, 1]),
        ("time >= 09:30 and time < 11:30", [1, 2]),
        ("date = 2026-03-06", [3]),
        ("abandoned", [0, 2]),
        ("not abandoned", [1, 3, 4]),
        ("abandoned = no", [1, 3, 4]),
        ("hour = 8 or hour = 9 and abandoned", [0]),
        ("(hour = 8 or hour = 9) and not abandoned", [1]),
        ("NOT (hour > 8 AND hour < 12)", [0, 4]),
        ("not not abandoned", [0, 2]),
    ],
)
def test_what_it_means(text: str, found: list[int]) -> None:
    assert rows(text) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("chanel = phone", "character 1: there is no 'chanel' to ask for; did you mean channel? (channel, wait, share"),
        ("channel = fone", "character 11: no channel is called 'fone'; did you mean phone?"),
        ("channel = fax", "no channel is called 'fax'; it is one of phone, e-mail, \"Live Chat\", \"in\""),
        ("channel > phone", "character 9: channel cannot be more or less; write = or !="),
        ("wait > 10", "character 8: '10' has no unit; write e.g. 10 min"),
        ("wait > soon", "'soon' is not a duration"),
        ("share > 0.4", "has no unit; write e.g. 40 %"),
        ("hour = nine", "'nine' is not a number; write e.g. 3"),
        ("hour = inf", "'inf' is not a number"),
        ("time > 25:00", "no time between 00:00 and 24:00"),
        ("date = 5.3.2026", "'5.3.2026' is not a date; write e.g. 2026-03-05"),
        ("abandoned = perhaps", "abandoned is yes or no, not 'perhaps'; write abandoned, or not abandoned"),
        ("wait", "character 5: wait is compared with nothing; write e.g. wait > 10 min"),
        ("wait >", "character 7: a value is missing; write e.g. wait > 10 min"),
        ("wait > and hour = 3", "character 8: a value is missing"),
        ("channel in phone", "character 12: after in come values in brackets; write e.g. channel in (phone)"),
        ("channel in (phone", "the list of values is not closed; write )"),
        ("(hour = 3", "character 10: the bracket is not closed; write )"),
        ("hour = 3)", "character 9: ')' was not expected; join comparisons by and, or"),
        ("hour = 3 wait > 1 min", "character 8: '3 wait' is not a number"),
        ("abandoned hour = 3", "character 11: 'hour' was not expected; join comparisons by and, or"),
        ("and hour = 3", "character 1: a comparison is missing"),
        ("hour = 3 and", "character 13: a comparison is missing"),
        ("= 3", "character 1: a comparison is missing"),
        ("channel = 'phone", "character 11: \"'phone\" has no end; close the quotation marks"),
        ("hour ! 3", "character 6: '! 3' is not known here"),
        ("not " * (DEEPEST + 1) + "abandoned", "brackets or negations in each other"),
        ("__import__('os')", "character 1: there is no '__import__' to ask for"),
    ],
)  # fmt: skip
def test_what_it_says_of_bad_input(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text, FIELDS)
    assert str(caught.value).startswith("--where: character ") and said in str(caught.value)


@quick(200)
@given(st.text("ahinorwtuec<>=!()[],'\" 0139:%.smin-", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InputError):
        parse(text, FIELDS).holds(lambda name: ROWS[name], 5)


def test_it_tells_what_it_asks_for() -> None:
    assert parse(" wait > 1 min or (hour = 3) ", FIELDS).fields == {"wait", "hour"}
