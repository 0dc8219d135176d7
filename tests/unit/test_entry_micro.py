"""The way in, on centers so small that every second can be worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.record.recorder import ContactKind, Outcome
from tests.laws.books import observe
from tests.laws.micro import agents, assert_story, center
from tests.laws.strategies import Data, constant

CHAT, MAIL = {"mode": "concurrent"}, {"mode": "deferred"}


def again(after: int = 20, **more: Any) -> Data:
    """Everybody tries again after so many seconds."""
    return {"probability": "100 %", "after": constant(after), **more}


def phone(**more: Any) -> Data:
    """A phone on which nobody waits longer than 10 s."""
    return {"mode": "live", "patience": constant(10), **more}


# -- change of channel ----------------------------------------------------------------------------------------------


def test_who_hung_up_writes_a_letter_and_waits_for_the_answer() -> None:
    books = assert_story(
        center([(0, 60), (5, 50)], channels={"phone": phone(redial=again(channels={"mail": "100 %"})), "mail": MAIL}),
        "0: 0 0-60 front/1\n1: 5 15 abandoned\n1: 35 60-120 front/1",
    )
    assert [(one.channel, one.kind) for one in books.contacts[1:]] == [("phone", 0), ("mail", ContactKind.REDIAL)]


def test_on_another_channel_its_own_handling_time_patience_and_door_hold() -> None:
    """The log says 50 s for the call; the chat takes the topic's 30 s, its customer waits 200 s, and it has one trunk."""
    chat = {**CHAT, "patience": constant(200), "trunks": 1}
    handling = {"phone": constant(60), "chat": constant(30)}
    books = assert_story(
        center(
            [(0, 100), (5, 50), (6, 50)],
            channels={"phone": phone(redial=again(channels={"chat": "100 %"}, patience="kept")), "chat": chat},
            topics__any__handling=handling,
        ),
        "0: 0 0-100 front/1\n1: 5 15 abandoned\n1: 35 100-130 front/1\n2: 6 16 abandoned",
    )
    assert [one.outcome for one in books.contacts if one.case == 2] == [Outcome.ABANDONED, Outcome.BLOCKED]


def test_the_kept_patience_stays_on_the_same_channel() -> None:
    """Patience grows from call to call on one channel only if it is drawn anew; another channel has its own."""
    kept = again(channels={"chat": "50 %"}, patience="kept", most=4)
    law = {"uniform": {"low": "1 s", "high": "60 s"}}
    data = center(
        [(0, 3600), *[(100 + 30 * n, 60) for n in range(40)]],
        channels={
            "phone": {"mode": "live", "patience": law, "redial": kept},
            "chat": {**CHAT, "patience": constant(3)},
        },
    )
    books = observe(data)
    waits: dict[tuple[int, str], set[float]] = {}
    for leg in books.legs:
        if leg.outcome is Outcome.ABANDONED:
            waits.setdefault((leg.case, leg.channel), set()).add(round(leg.until - leg.queued, 6))
    assert {wait for (_, channel), found in waits.items() if channel == "chat" for wait in found} == {3.0}
    assert all(len(found) == 1 for (_, channel), found in waits.items() if channel == "phone")


def test_who_was_not_helped_in_writing_returns_by_phone() -> None:
    repeat = again(100, channels={"phone": "100 %"}, most=1)
    topic = {"handling": {"any": constant(60), "phone": constant(40)}, "reach": {"tier1": "0 %"}, "repeat": repeat}
    books = assert_story(
        center([(0, 30, "mail")], channels={"phone": phone(), "mail": MAIL}, topics__any=topic),
        "0: 0 0-30 front/1\n0: 130 130-170 front/1",
    )
    assert [(one.channel, one.kind) for one in books.contacts] == [("mail", 0), ("phone", ContactKind.REPEAT)]


def test_shares_of_channels_are_met() -> None:
    redial = again(1, channels={"chat": "20 %", "mail": "30 %"}, most=1)
    calls = [(0, 3600), *[(n, 60) for n in range(1, 2001)]]
    channels = {"phone": {"mode": "live", "trunks": 1, "redial": redial}, "chat": CHAT, "mail": MAIL}
    books = observe(center(calls, channels=channels))
    count = {name: sum(c.channel == name and c.contact == 1 for c in books.contacts) for name in channels}
    assert sum(count.values()) == 2000
    assert count["chat"] == pytest.approx(400, abs=70) and count["mail"] == pytest.approx(600, abs=80)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (
            {"channels__phone__redial": again(channels={"chatt": "20 %"})},
            "there is no channel 'chatt'; write e.g. chat",
        ),
        ({"channels__phone__redial": again(channels={"chat": "60 %", "phone": "60 %"})}, "sum to 120 %"),
        ({"topics__any__repeat": again(channels={"fax": "20 %"})}, "there is no channel 'fax'"),
        ({"channels__phone__redial": again(channels={"chat": "20 %"})}, "no team can take redials about any on chat"),
        ({"topics__any__repeat": again(channels={"chat": "20 %"})}, "no team can take returns about any on chat"),
    ],
)
def test_a_change_of_channel_that_leads_nowhere_is_refused(parts: Data, words: str) -> None:
    team = agents(1) | {"skills": {"calls": {"channels": "phone"}}}
    data = center([(0, 60)], channels={"phone": phone(), "chat": CHAT}, teams__front=team, **parts)
    data["demand"]["sources"]["log"]["channel"] = "phone"
    data["demand"]["sources"]["log"]["replay"].pop("channel")
    with pytest.raises(InputError, match=words):
        from_dict(data)


def test_a_team_for_those_who_change_channel_alone_has_work() -> None:
    teams = {
        "front": agents(1) | {"skills": {"a": {"channels": "phone"}}},
        "chats": agents(1) | {"skills": {"a": {"channels": "chat"}}},
    }
    channels = {"phone": phone(redial=again(channels={"chat": "20 %"})), "chat": CHAT}
    data = center([(0, 60)], channels=channels, teams=teams)
    data["demand"]["sources"]["log"] |= {"channel": "phone"}
    data["demand"]["sources"]["log"]["replay"].pop("channel")
    assert from_dict(data).teams["chats"]
