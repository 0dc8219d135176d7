"""Outages of channels, on centers so small that every second can be worked out by hand."""

from __future__ import annotations

from math import isnan
from typing import Any

import pytest

from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.metrics.kpi import KPIS
from simulation.record.recorder import CaseStatus, ContactKind, Outcome
from tests.laws.books import Books, observe
from tests.laws.micro import assert_story, center, on_shift, told
from tests.laws.strategies import Data, constant

CALLS = [(0, 100), (10, 60), (20, 60), (70, 60), (130, 60)]


def outage(start: int = 50, lasts: str = "60 s", **more: Any) -> Data:
    """The phone is out of order from so many seconds on."""
    minute, second = divmod(start, 60)
    return {"starts": f"2026-03-02 00:{minute:02}:{second:02}", "lasts": lasts, "channels": ["phone"], **more}


def with_outage(calls: Any = CALLS, event: Data | None = None, **parts: Any) -> Data:
    """One agent, and a phone that is out of order from 50 s to 110 s."""
    return center(calls, demand__events={"down": outage() if event is None else event}, **parts)


def outcomes(books: Books) -> list[str]:
    """How each contact ended."""
    return [f"{one.case} {one.arrived:g} {one.outcome.name.lower()}" for one in books.contacts]


def test_who_waits_is_cut_off_and_who_talks_is_served() -> None:
    books = assert_story(
        with_outage(),
        """
        0: 0 0-100 front/1
        1: 10 50 disconnected
        2: 20 50 disconnected
        4: 130 130-190 front/1
        """,
    )
    assert outcomes(books)[3] == "3 70 closed"
    assert books.statuses == [CaseStatus.SOLVED, *[CaseStatus.GIVEN_UP] * 3, CaseStatus.SOLVED]


def test_who_is_cut_off_or_met_the_outage_tries_again() -> None:
    redial = {"probability": "100 %", "after": constant(45)}
    books = assert_story(
        with_outage(channels__phone__redial=redial),
        """
        0: 0 0-100 front/1
        1: 10 50 disconnected
        1: 140 235-295 front/1
        2: 20 50 disconnected
        2: 140 295-355 front/1
        3: 115 115-175 front/1
        4: 130 175-235 front/1
        """,
    )
    assert [line for line in outcomes(books) if "closed" in line] == ["1 95 closed", "2 95 closed", "3 70 closed"]


def test_without_the_outage_and_with_one_of_no_length_everybody_is_served() -> None:
    story = told(observe(center(CALLS)))
    assert "disconnected" not in story
    assert told(observe(with_outage(event=outage(lasts="0 s")))) == story


def test_an_outage_while_the_phone_is_closed_cuts_off_who_still_waits() -> None:
    hours = {"daily": ["00:00-00:00:40", "00:01:20-24:00"]}
    parts = {"channels__phone__open": hours, "channels__phone__at_close": "serve"}
    whole = assert_story(
        center(CALLS, **parts),
        "0: 0 0-100 front/1\n1: 10 100-160 front/1\n2: 20 160-220 front/1\n4: 130 220-280 front/1",
    )
    assert outcomes(whole)[3] == "3 70 closed"
    books = observe(with_outage(event=outage(lasts="20 s"), **parts))
    assert outcomes(books)[1:4] == ["1 10 disconnected", "2 20 disconnected", "3 70 closed"]


def test_two_outages_that_overlap_are_one() -> None:
    apart = {"first": outage(lasts="30 s"), "second": outage(70, "40 s")}
    assert told(observe(center(CALLS, demand__events=apart))) == told(observe(with_outage()))


def test_letters_come_in_when_the_outage_is_over_and_those_waiting_are_worked_on() -> None:
    """The customer counts from writing, the center from the moment at which the letter comes in."""
    books = assert_story(
        with_outage(channels__phone={"mode": "deferred", "deadline": {"normal": "30 s"}}),
        """
        0: 0 0-100 front/1
        1: 10 100-160 front/1
        2: 20 160-220 front/1
        3: 110 220-280 front/1
        4: 130 280-340 front/1
        """,
    )
    contacts, cases = books.record.contacts, books.record.cases
    assert contacts["arrived"][3] == 110 and contacts["due"][3] == 140
    assert contacts["first_response"][3] == 280 - 110
    assert cases["arrived"][3] == 70 and cases["resolution"][3] == 280 - 70


def test_who_asks_for_news_in_an_outage_is_turned_away() -> None:
    """The letter of 0 s is asked for at 60 s, in vain; that of 70 s comes in at 110 s, and is asked for at 170 s."""
    mail = {"mode": "deferred", "chasers": {"after": constant(60), "handling": constant(5)}}
    books = observe(with_outage([(0, 1000), (70, 60)], channels={"phone": mail}))
    asked = [one for one in books.contacts if one.kind is ContactKind.CHASER]
    assert [(one.case, one.arrived, one.outcome.name) for one in asked] == [(0, 60, "CLOSED"), (1, 170, "INFORMED")]


def test_a_letter_that_cannot_come_in_before_the_end_is_open() -> None:
    books = observe(with_outage(event=outage(lasts="2 h"), channels__phone={"mode": "deferred"}))
    assert outcomes(books)[3:] == ["3 70 open", "4 130 open"]
    assert books.statuses[3:] == [CaseStatus.OPEN] * 2
    assert isnan(books.record.contacts["ended"][3])


def test_customers_of_other_channels_notice_nothing() -> None:
    chat = {"phone": {"mode": "live"}, "chat": {"mode": "concurrent"}}
    calls = [(at, handling, "chat", "any") for at, handling in CALLS]
    assert told(observe(with_outage(calls, channels=chat))) == told(observe(center(calls, channels=chat)))


def test_a_chat_that_the_bot_had_taken_goes_on_to_the_agents() -> None:
    """The conversation stands; only the door is out of order."""
    bot = {"sessions": 9, "session": constant(60)}
    data = with_outage(
        [(0, 30), (60, 30)], channels={"phone": {"mode": "concurrent", "bot": "helper"}}, bots={"helper": bot}
    )
    books = assert_story(data, "0: 0 0-60 helper\n0: 60 60-90 front/1")
    assert outcomes(books) == ["0 0 solved", "1 60 closed"]


def test_closing_time_within_an_outage_sends_away_whom_the_bot_has_passed_on() -> None:
    """Out of order from 50 s to 110 s, and closed at 90 s: the customer whom the bot hands over at 60 s waits for so long."""
    bot = {"sessions": 9, "session": constant(60)}
    phone = {"mode": "live", "bot": "helper", "open": {"daily": "00:00-00:01:30"}, "at_close": "disconnect"}
    data = with_outage([(0, 30)], channels={"phone": phone}, bots={"helper": bot})
    data["teams"]["front"] = on_shift("00:10", "01:00")
    assert_story(data, "0: 0 0-60 helper\n0: 60 90 disconnected")


def test_a_day_long_outage_is_told_as_closed_doors() -> None:
    scenario = from_dict(with_outage())
    assert KPIS["closed_door"].needs(scenario) is None
    assert KPIS["closed_door"].needs(from_dict(center(CALLS))) is not None


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"channels": ["fone"]}, "demand.events.down.channels: there is no channel 'fone'; write e.g. phone"),
        ({"channels": [], "bots": ["x"]}, "demand.events.down.bots: there is no bot 'x'"),
        ({"channels": []}, "demand.events.down: changes nothing; write e.g. topics"),
        ({"notice": {"prevents": "40 %"}}, "demand.events.down: has a notice, but no extra cases"),
        ({"topics": {"any": "50 %"}, "notice": {"prevents": "40 %"}}, "has a notice, but no extra cases"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told(event: Data, words: str) -> None:
    with pytest.raises(InputError) as told:
        from_dict(with_outage(event=outage(**event)))
    assert words in str(told.value)


def test_one_name_needs_no_list() -> None:
    assert from_dict(with_outage(event=outage(channels="phone"))).demand.events["down"].channels == ["phone"]


def test_outcomes_of_an_outage_are_disconnected_and_closed() -> None:
    found = {one.outcome for one in observe(with_outage()).contacts}
    assert found == {Outcome.SOLVED, Outcome.DISCONNECTED, Outcome.CLOSED}
