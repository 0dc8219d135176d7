"""The way in, on centers so small that every second can be worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.metrics import measure
from simulation.metrics.kpi import standard_metrics
from simulation.metrics.view import View
from simulation.record.recorder import CaseStatus, ContactKind, Outcome
from tests.laws import test_conservation as laws
from tests.laws.books import Books, observe
from tests.laws.micro import Call, agents, assert_story, center, on_shift, told
from tests.laws.strategies import Data, constant

CHAT, MAIL = {"mode": "concurrent"}, {"mode": "deferred"}


def again(after: int = 20, **more: Any) -> Data:
    """Everybody tries again after so many seconds."""
    return {"probability": "100 %", "after": constant(after), **more}


def kpis_of(books: Books) -> dict[str, float]:
    """Every KPI on everything."""
    found = measure(View(books.record, books.scenario), standard_metrics(books.scenario))
    return {
        str(metric): sums.value if sums.over != sums.over else sums.value / sums.over if sums.over else float("nan")
        for (metric, segment), sums in found.items()
        if not segment
    }


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


# -- announced waits ------------------------------------------------------------------------------------------------


def announcing(predictor: str = "head_of_line", **more: Any) -> Data:
    """A phone that announces the wait, whose customers never hang up."""
    return {"mode": "live", "announces": {"predictor": predictor, **more}}


def column(books: Books, name: str) -> list[float | None]:
    """A column of the contacts; None where nothing is known."""
    return [None if value != value else value for value in books.record.contacts[name].tolist()]


CALLS: list[Call] = [(0, 100), (10, 50), (20, 40), (130, 10), (160, 10)]
"""Waits: 0, 90, 130, 60 and 40 s. The topic's mean handling time is 60 s."""


@pytest.mark.parametrize(
    ("predictor", "announced"),
    [
        ("last_waiter", [None, 0, 0, 90, 130]),  # at 130 the call of 10 s was the last to be answered, at 100
        ("head_of_line", [None, 0, 10, 110, 30]),  # at 160 the first in line is the call of 130
        ("queue_length", [None, 60, 120, 120, 120]),
        ("historic", [None, 0, 0, 90, 110]),
    ],
)
def test_what_is_announced(predictor: str, announced: list[float]) -> None:
    data = center(CALLS, channels__phone=announcing(predictor, above="0 s"))
    books = observe(data)
    waits = [leg.answered - leg.queued for leg in books.legs]
    assert waits == [0, 90, 130, 60, 40]
    found = [0 if value is None and row else value for row, value in enumerate(column(books, "announced"))]
    assert found == announced, "a predicted wait of nothing is not announced"


def test_nobody_is_told_of_a_short_wait_and_long_ones_are_told_in_steps_and_with_a_margin() -> None:
    phone = announcing("queue_length", above="70 s", margin="x 1.1", rounding="1 min")
    assert column(observe(center(CALLS, channels__phone=phone)), "announced") == [None, 120, 180, 180, 180]
    phone = announcing("queue_length", above="130 s", margin="x 1.1")
    assert column(observe(center(CALLS, channels__phone=phone)), "announced") == [None, None, *[pytest.approx(132)] * 3]


def test_the_queue_of_all_that_the_team_takes_no_later_is_ahead_and_each_takes_its_own_time() -> None:
    """At 30 s a call (60 s), a chat (200 s) and a letter wait; the letter comes later. Two agents are there."""
    data = center(
        [(0, 100), (0, 100), (10, 60), (20, 200, "chat"), (25, 60, "mail"), (30, 60)],
        channels={"phone": announcing("queue_length"), "chat": CHAT, "mail": MAIL},
        topics__any__handling={"any": constant(60), "chat": constant(200)},
        teams__front=agents(2)
        | {"skills": {"live": {"channels": ["phone", "chat"]}, "mail": {"channels": "mail", "priority": 2}}},
    )
    assert column(observe(data), "announced")[-1] == pytest.approx((60 + 200 + 60) / 2)


def test_a_team_whose_hours_are_over_is_not_counted() -> None:
    """From 0:10 to 0:20 only one of the two teams takes calls: the queue is twice as long, and moves half as fast."""
    skills = {"calls": {"channels": "phone", "hours": {"daily": ["00:00-00:10", "00:20-24:00"]}}}
    teams = {"front": agents(1), "back": agents(1) | {"skills": skills}}
    calls: list[Call] = [(500, 1200), (500, 1200), (550, 60), (650, 60)]
    data = center(calls, channels__phone=announcing("queue_length"), teams=teams)
    data["topics"]["any"]["handling"]["any"] = constant(100)
    assert column(observe(data), "announced")[2:] == [50, 200]


def test_agents_who_chat_by_turns_are_counted_by_slots_and_attention() -> None:
    """Three replies, 30 s of attention in all, and 30 s of thinking after two of them: 90 s, two at once, one in 45 s."""
    chat = CHAT | {"turns": {"mean": 3}, "think": constant(30), "announces": {"predictor": "queue_length"}}
    calls: list[Call] = [(0, 600, "chat"), (1, 600, "chat"), (2, 600, "chat")]
    data = center(calls, channels={"chat": chat}, topics__any__handling={"any": constant(30)},
                  teams__front=agents(1, concurrency={"slots": 2}))  # fmt: skip
    assert column(observe(data), "announced")[2] == 45
    data["teams"]["front"]["concurrency"]["slots"] = 5
    data["demand"]["sources"] = center([(n, 600, "chat") for n in range(6)])["demand"]["sources"]
    assert column(observe(data), "announced")[5] == 30


def test_those_ahead_who_hang_up_shorten_the_announced_wait() -> None:
    """With a mean patience of 60 s and a call of 60 s, 1/60 + 1/60 leave a second while one is ahead."""
    phone = announcing("queue_length_abandoning") | {"patience": {"exponential": {"mean": "60 s"}}}
    announced = column(observe(center([(0, 100), (10, 50), (11, 40)], channels__phone=phone)), "announced")
    assert announced[1:] == [60, pytest.approx(30 + 60)]


def test_where_nobody_works_nothing_is_announced_and_a_callback_is_offered() -> None:
    team = on_shift("00:30", "01:00")
    phone = announcing("queue_length") | {"balking": {"tolerance": constant(1)}}
    books = observe(center([(0, 60)], channels__phone=phone, teams__front=team))
    assert column(books, "announced") == [None] and told(books) == "0: 0 1800-1860 front/s/1"
    phone["callback"] = {"above": "1 h", "accepts": "100 %"}
    books = observe(center([(0, 60)], channels__phone=phone, teams__front=team))
    assert [one.outcome.name for one in books.contacts] == ["CALLBACK", "SOLVED"]
    assert column(books, "promise_kept") == [-1, -1]


def test_where_the_first_team_is_away_those_who_help_later_are_counted() -> None:
    back = {"skills": {"all": {}}, "headcount": {"constant": 2}}
    routes = {"all": {"teams": {"front": "0 s", "back": "30 s"}}}
    data = center([(0, 60)], channels__phone=announcing("queue_length"), teams__front=on_shift("00:30", "01:00"))
    data |= {"teams": data["teams"] | {"back": back}, "routing": {"routes": routes}}
    assert column(observe(data), "announced") == [30]


def test_who_hears_the_wait_and_stays_is_more_patient() -> None:
    phone = announcing("queue_length", patience="x 3") | {"patience": constant(20)}
    assert_story(center([(0, 50), (5, 10), (40, 10)], channels__phone=phone),
                 "0: 0 0-50 front/1\n1: 5 50-60 front/1\n2: 40 60-70 front/1")  # fmt: skip
    phone = announcing("queue_length", above="2 min", patience="x 3") | {"patience": constant(20)}
    assert_story(center([(0, 50), (5, 10), (40, 10)], channels__phone=phone),
                 "0: 0 0-50 front/1\n1: 5 25 abandoned\n2: 40 50-60 front/1")  # fmt: skip


def test_the_patience_kept_for_another_try_is_the_own_one() -> None:
    """At each try 60 s and more are announced, and 20 s of patience become 30 s; not 45 s at the second."""
    redial = again(100, most=2, patience="kept")
    phone = announcing("queue_length", patience="x 1.5") | {"patience": constant(20), "redial": redial}
    books = observe(center([(0, 600), (10, 60)], channels__phone=phone))
    assert [leg.until - leg.queued for leg in books.legs if leg.case == 1] == [30, 30, 30]


def test_who_is_missed_by_all_calls_tries_again_with_the_own_patience() -> None:
    phone = calling(queue=0, reached="0 %") | {"patience": constant(20), "redial": again(100, most=1, patience="kept")}
    phone["callback"]["queue"] = 1
    calls: list[Call] = [(0, 100), (10, 60), (15, 60), (190, 600)]
    books = observe(center(calls, channels__phone=phone))
    assert [(leg.outcome.name, leg.until) for leg in books.legs if leg.case == 2] == [
        ("CALLBACK", 15), ("UNREACHED", 100), ("ABANDONED", 220),
    ]  # fmt: skip


def test_a_promise_is_kept_within_its_leeway() -> None:
    """Announced are 60 and 120 s, waited for 90 and 130 s; then 120 s for 60 and 40 s."""
    kept = [
        column(observe(center(CALLS, channels__phone=announcing("queue_length", leeway=leeway))), "promise_kept")
        for leeway in ("0 %", "10 %", "50 %")
    ]
    assert kept == [[-1, 0, 0, 1, 1], [-1, 0, 1, 1, 1], [-1, 1, 1, 1, 1]]


def test_who_hangs_up_before_the_announced_wait_is_over_tells_nothing_of_the_promise() -> None:
    """Announced are 60 s, and 120 s to the second: the first hangs up after 70 s, the other two after 70 s too."""
    phone = announcing("queue_length", leeway="0 %") | {"patience": constant(70)}
    books = observe(center([(0, 200), (10, 50), (20, 40)], channels__phone=phone))
    assert column(books, "promise_kept") == [-1, 0, -1]


def test_who_still_waits_at_the_end_was_promised_too_much_if_it_is_time() -> None:
    phone = announcing("queue_length", leeway="0 %")
    books = observe(center([(3500, 600), (3510, 60), (3560, 60)], channels__phone=phone))
    assert column(books, "promise_kept") == [-1, 0, -1]


# -- balking --------------------------------------------------------------------------------------------------------


def test_who_hears_of_a_longer_wait_than_tolerated_leaves_and_tries_again() -> None:
    balking = {"tolerance": constant(100)}
    redial = again(100, most=1)
    books = assert_story(
        center(CALLS[:3], channels__phone=announcing("queue_length") | {"balking": balking, "redial": redial}),
        "0: 0 0-100 front/1\n1: 10 100-150 front/1\n2: 20 20 balked\n2: 120 150-190 front/1",
    )
    assert [one.kind for one in books.contacts] == [0, 0, 0, ContactKind.REDIAL]
    assert kpis_of(books)["balking"] == pytest.approx(1 / 4)


def test_who_hears_of_just_the_tolerated_wait_stays() -> None:
    phone = announcing("queue_length") | {"balking": {"tolerance": constant(60)}}
    assert observe(center(CALLS[:2], channels__phone=phone)).contacts[1].outcome is Outcome.SOLVED


def test_who_would_be_answered_but_for_agents_kept_free_has_to_wait_too() -> None:
    """The chat leaves one of the two agents to callers; while one is on the phone, no chat is begun."""
    chat = CHAT | {"balking": {"probability": "100 %"}}
    skills = {"calls": {"channels": "phone"}, "chats": {"channels": "chat", "reserve": 1}}
    data = center([(0, 100), (10, 50, "chat"), (150, 50, "chat")], channels={"phone": {"mode": "live"}, "chat": chat},
                  teams__front=agents(2) | {"skills": skills})  # fmt: skip
    assert [one.outcome.name for one in observe(data).contacts] == ["SOLVED", "BALKED", "SOLVED"]


def test_who_balks_may_write_instead_and_frees_the_trunk() -> None:
    phone = announcing("queue_length") | {
        "balking": {"tolerance": constant(70)},
        "redial": again(5, channels={"mail": "100 %"}),
        "trunks": 3,
    }
    books = observe(center([*CALLS[:3], (30, 10)], channels={"phone": phone, "mail": MAIL}))
    assert [(one.channel, one.outcome.name) for one in books.contacts if one.case > 1] == [
        ("phone", "BALKED"), ("mail", "SOLVED"), ("phone", "BALKED"), ("mail", "SOLVED"),
    ]  # fmt: skip


@pytest.mark.parametrize(("share", "left"), [("0 %", 0), ("100 %", 4)])
def test_some_would_not_wait_at_all(share: str, left: int) -> None:
    calls: list[Call] = [(0, 100), (10, 50), (20, 40), (30, 10), (40, 10), (900, 10)]
    books = observe(center(calls, channels__phone={"mode": "live", "balking": {"probability": share}}))
    assert sum(one.outcome is Outcome.BALKED for one in books.contacts) == left
    assert kpis_of(books)["waiting_probability"] == pytest.approx(4 / 6)


def test_a_share_of_those_who_would_have_to_wait_balks() -> None:
    calls: list[Call] = [(0, 3600), *[(1 + n, 1) for n in range(2000)]]
    books = observe(center(calls, channels__phone={"mode": "live", "balking": {"probability": "10 %"}}))
    assert sum(one.outcome is Outcome.BALKED for one in books.contacts) == pytest.approx(200, abs=45)


# -- callbacks ------------------------------------------------------------------------------------------------------


def calling(**more: Any) -> Data:
    """A phone whose customers all leave their number when one waits already, to be called by an agent."""
    return {"mode": "live", "callback": {"queue": 1, "accepts": "100 %", **more}}


FOUR: list[Call] = [(0, 100), (10, 50), (20, 40), (110, 10), (120, 30)]
"""The second waits; the third finds one waiting, at 20 s; so do the others, whom the callback makes wait."""


@pytest.mark.parametrize(
    ("place", "story"),
    [
        # the place in line is kept, and counts for those who come later: they leave their number too
        ("keeps", ["1: 10 100-150 front/1", "2: 20 20 callback", "2: 20 150-190 front/1", "3: 110 110 callback",
                   "3: 110 190-200 front/1", "4: 120 120 callback", "4: 120 200-230 front/1"]),
        # who waits on the line comes first, and has nobody ahead who was to be called
        ("behind", ["1: 10 100-150 front/1", "2: 20 20 callback", "2: 20 160-200 front/1", "3: 110 150-160 front/1",
                    "4: 120 120 callback", "4: 120 200-230 front/1"]),
        # callbacks overtake the second caller
        ("priority", ["1: 10 180-230 front/1", "2: 20 20 callback", "2: 20 100-140 front/1", "3: 110 110 callback",
                      "3: 110 140-150 front/1", "4: 120 120 callback", "4: 120 150-180 front/1"]),
    ],
)  # fmt: skip
def test_where_the_callback_stands_in_line(place: str, story: list[str]) -> None:
    assert_story(center(FOUR, channels__phone=calling(place=place)), "\n".join(["0: 0 0-100 front/1", *story]))


def test_a_callback_frees_the_trunk_until_the_call() -> None:
    """Two trunks: the third caller leaves a number, the fourth gets in, the fifth comes when the call takes a line."""
    phone = calling(queue=0) | {"trunks": 2}
    calls: list[Call] = [(0, 100), (10, 50), (20, 40), (30, 10), (105, 10), (110, 10)]
    books = observe(center(calls, channels__phone=phone))
    outcomes = [(one.case, one.outcome.name) for one in books.contacts if one.kind is ContactKind.FIRST]
    assert outcomes == [(0, "SOLVED"), *[(case, "CALLBACK") for case in (1, 2, 3, 4, 5)]]
    phone["callback"]["queue"] = 1
    books = observe(center(calls, channels__phone=phone))
    assert [(one.case, one.outcome.name) for one in books.contacts if one.kind is ContactKind.FIRST] == [
        (0, "SOLVED"), (1, "SOLVED"), (2, "BLOCKED"), (3, "BLOCKED"), (4, "SOLVED"), (5, "BLOCKED"),
    ]  # fmt: skip


def test_calls_in_vain_cost_the_dialling_and_are_made_again() -> None:
    """Three calls of 20 s, one every 10 min after the last; then the customer calls again, and is answered."""
    phone = calling(queue=0, reached="0 %", dialling="20 s", attempts=3, retry_after="10 min")
    phone["redial"] = again(100, most=1)
    books = assert_story(
        center([(0, 100), (10, 50)], channels__phone=phone),
        """
        0: 0 0-100 front/1
        1: 10 10 callback
        1: 10 100-120 front/1
        1: 720 720-740 front/1
        1: 1340 1340-1360 front/1
        1: 1460 1460-1510 front/1
        """,
    )
    assert [one.outcome.name for one in books.contacts[2:]] == ["UNREACHED"] * 3 + ["SOLVED"]
    assert [one.kind.name for one in books.contacts[2:]] == ["CALLBACK"] * 3 + ["REDIAL"]
    assert column(books, "answered_by") == [0, None, None, None, None, 1460]
    assert books.record.cases["legs"].tolist() == [1, 1] and books.record.cases["callbacks"].tolist() == [0, 3]
    found = kpis_of(books)
    assert found["callback_reached"] == 0 and found["callback_share"] == pytest.approx(1 / 3)
    assert found["contacts"] == 3 * 24 and found["contacts_per_case"] == 1.5
    assert found["callback_delay.mean"] == 90 and found["asa.mean"] == 0 and found["handling_time.mean"] == 75


def test_a_customer_who_is_reached_is_handled_after_the_dialling() -> None:
    phone = calling(queue=0, dialling="20 s")
    books = assert_story(
        center([(0, 100), (10, 50)], channels__phone=phone, topics__any__wrap_up={"any": constant(30)}),
        "0: 0 0-130 front/1\n1: 10 10 callback\n1: 10 130-230 front/1",
    )
    assert [leg.released for leg in books.legs] == [100, 10, 200]
    found = kpis_of(books)
    assert found["fcr"] == found["one_touch"] == found["solved"] == found["callback_reached"] == 1
    assert found["fcr_measured(1 week)".replace(" ", "")] == 1 and found["first_response_time.mean"] == 60
    assert column(books, "answered_by") == [0, 130, None]
    assert found["callback_backlog"] == pytest.approx(120 / 3600) and found["queue_length"] == 0


def test_a_call_is_not_made_before_its_time_and_the_window_is_promised() -> None:
    phone = calling(queue=0, earliest="10 min", promised="15 min")
    books = assert_story(
        center([(0, 100), (10, 50), (20, 50), (600, 400)], channels__phone=phone),
        "0: 0 0-100 front/1\n1: 10 10 callback\n1: 610 1000-1050 front/1\n2: 20 20 callback\n2: 620 1050-1100 front/1\n"
        "3: 600 600-1000 front/1",
    )
    assert column(books, "promise_kept") == [-1, 0, -1, 0, -1, -1] and column(books, "called_back")[1] == 1000
    phone["callback"]["promised"] = "1000 s"
    books = observe(center([(0, 100), (10, 50), (20, 50), (600, 400)], channels__phone=phone))
    assert column(books, "promise_kept") == [-1, 1, -1, 0, -1, -1]
    assert kpis_of(books)["promises_kept"] == 0.5


def test_a_callback_offered_by_the_announced_wait_promises_it() -> None:
    phone = announcing("queue_length", leeway="50 %") | {"callback": {"above": "100 s", "accepts": "100 %"}}
    books = observe(center(CALLS, channels__phone=phone))
    assert [one.outcome.name for one in books.contacts if one.kind is ContactKind.FIRST] == [
        "SOLVED", "SOLVED", "CALLBACK", "CALLBACK", "CALLBACK",
    ]  # fmt: skip
    assert [value for value in column(books, "promise_kept") if value != -1] == [1, 1, 1, 1]


def test_a_promised_call_that_is_never_made_is_a_broken_promise_once_it_is_overdue() -> None:
    phone = calling(queue=0, promised="10 min")
    books = observe(center([(0, 9999), (10, 50), (3500, 50)], channels__phone=phone))
    assert column(books, "promise_kept") == [-1, 0, -1, -1, -1]


def test_agents_kept_back_for_callers_do_not_call() -> None:
    """Two agents; a call to a customer is made while both are free, that is at 100 s and not at 60 s."""
    phone = calling(queue=0, place="behind", reserve=1)
    assert_story(
        center([(0, 60), (0, 100), (10, 50), (70, 20)], channels__phone=phone, teams__front=agents(2)),
        "0: 0 0-60 front/1\n1: 0 0-100 front/2\n2: 10 10 callback\n2: 10 100-150 front/2\n3: 70 70-90 front/1",
    )


def test_callbacks_come_before_letters_even_behind_callers() -> None:
    skills = {"calls": {"channels": "phone"}, "mail": {"channels": "mail", "priority": 2}}
    assert_story(
        center([(0, 100), (5, 60, "mail"), (10, 50)], channels={"phone": calling(queue=0, place="behind"), "mail": MAIL},
               teams__front=agents(1) | {"skills": skills}),
        "0: 0 0-100 front/1\n1: 5 150-210 front/1\n2: 10 10 callback\n2: 10 100-150 front/1",
    )  # fmt: skip


def test_nobody_is_called_while_the_channel_is_closed() -> None:
    phone = calling(queue=0, earliest="10 min") | {"open": {"daily": ["00:00-00:05", "00:20-01:00"]}}
    assert_story(
        center([(0, 100), (10, 50)], channels__phone=phone),
        "0: 0 0-100 front/1\n1: 10 10 callback\n1: 1200 1200-1250 front/1",
    )
    phone["open"] = {"daily": "00:00-00:05"}
    books = assert_story(center([(0, 100), (10, 50)], channels__phone=phone), "0: 0 0-100 front/1\n1: 10 10 callback")
    assert books.statuses[1] is CaseStatus.OPEN


@pytest.mark.parametrize("place", ["keeps", "behind"])
def test_closing_cuts_callers_off_and_not_those_who_wait_to_be_called(place: str) -> None:
    phone = calling(place=place) | {"open": {"daily": "00:00-00:05"}, "at_close": "disconnect", "trunks": 9}
    assert_story(
        center([(0, 400), (10, 50), (20, 50)], channels__phone=phone),
        "0: 0 0-400 front/1\n1: 10 300 disconnected\n2: 20 20 callback\n2: 20 400-450 front/1",
    )


def test_a_called_customer_who_was_not_helped_returns() -> None:
    topic = {"handling": {"any": constant(60)}, "reach": {"tier1": "0 %"}, "repeat": again(100, most=1)}
    calls: list[Call] = [(0, 100), (10, 150)]
    books = observe(center(calls, channels__phone=calling(queue=0), topics__any=topic))
    assert [one.kind.name for one in books.contacts if one.case == 1] == ["FIRST", "CALLBACK", "REPEAT"]
    assert books.record.cases["contacts"].tolist() == [2, 2] and books.record.cases["callbacks"].tolist() == [1, 1]


def test_overflow_teams_call_too_after_their_wait() -> None:
    back = {"skills": {"all": {}}, "headcount": {"constant": 1}}
    routes = {"all": {"teams": {"front": "0 s", "back": "30 s"}}}
    for place in ("keeps", "behind", "priority"):
        phone = calling(queue=0, place=place)
        data = center([(0, 600), (10, 60)], channels__phone=phone, teams__back=back, routing={"routes": routes})
        assert_story(data, "0: 0 0-600 front/1\n1: 10 10 callback\n1: 10 40-100 back/1")


def test_a_callback_waits_at_the_end_of_the_run() -> None:
    for place in ("keeps", "behind", "priority"):
        books = observe(center([(3500, 600), (3510, 60)], channels__phone=calling(queue=0, place=place)))
        assert told(books).splitlines()[1:] == ["1: 3510 3510 callback", "1: 3510 open"]
        assert books.statuses == [CaseStatus.OPEN] * 2 and kpis_of(books)["callback_backlog"] == pytest.approx(
            90 / 3600
        )


# -- another channel at once ----------------------------------------------------------------------------------------


def test_who_sees_that_the_phone_is_closed_writes_instead() -> None:
    phone = {"mode": "live", "open": {"daily": "00:10-01:00"}, "instead": {"mail": {"when_closed": "100 %"}}}
    books = assert_story(
        center([(0, 60), (700, 50)], channels={"phone": phone, "mail": MAIL | {"deadline": {"normal": "1 min"}}}),
        "0: 0 0-60 front/1\n1: 700 700-750 front/1",
    )
    assert [(one.channel, one.kind.name) for one in books.contacts] == [("mail", "FIRST"), ("phone", "FIRST")]
    assert books.record.contacts["changed"].tolist() == [True, False]
    assert books.record.contacts["due"].tolist() == [60, float("inf")]
    found = kpis_of(books)
    assert found["closed_door"] == 0 and found["channel_changes"] == 0.5


def test_shares_of_those_who_find_the_door_closed_are_met() -> None:
    instead = {"chat": {"when_closed": "20 %"}, "mail": {"when_closed": "30 %"}}
    channels = {"phone": {"mode": "live", "open": {"daily": "closed"}, "instead": instead}, "chat": CHAT, "mail": MAIL}
    books = observe(center([(n, 1) for n in range(2000)], channels=channels, teams__front=agents(5)))
    count = {name: sum(one.channel == name for one in books.contacts) for name in channels}
    assert sum(count.values()) == 2000
    assert count["chat"] == pytest.approx(400, abs=70) and count["mail"] == pytest.approx(600, abs=80)


def test_who_sees_a_long_wait_chats_instead() -> None:
    """From an announced wait of 2 min on; on the chat its own handling time, patience and trunks hold."""
    phone = announcing("queue_length") | {"instead": {"chat": {"when_wait_above": "100 s", "share": "100 %"}}}
    chat = {**CHAT, "patience": constant(30), "trunks": 1}
    data = center(
        [*CALLS[:3], (30, 10)],
        channels={"phone": phone, "chat": chat},
        topics__any__handling={"any": constant(60), "chat": constant(200)},
    )
    books = assert_story(data, "0: 0 0-100 front/1\n1: 10 100-150 front/1\n2: 20 50 abandoned")
    assert [(one.channel, one.outcome.name) for one in books.contacts] == [
        ("phone", "SOLVED"), ("phone", "SOLVED"), ("chat", "ABANDONED"), ("chat", "BLOCKED"),
    ]  # fmt: skip


def test_nobody_goes_from_channel_to_channel() -> None:
    """Who meets a closed door on the second channel too stays there."""
    shut = {"open": {"daily": "closed"}}
    channels = {
        "phone": {"mode": "live", **shut, "instead": {"chat": {"when_closed": "100 %"}}},
        "chat": {**CHAT, **shut, "instead": {"phone": {"when_closed": "100 %"}}},
    }
    books = observe(center([(0, 60)], channels=channels))
    assert [(one.channel, one.outcome.name) for one in books.contacts] == [("chat", "CLOSED")]


def test_a_bot_on_the_other_channel_takes_its_own_time() -> None:
    bots = {"helper": {"sessions": 1, "session": constant(20)}, "other": {"sessions": 1, "session": constant(50)}}
    phone = {"mode": "live", "open": {"daily": "closed"}, "bot": "other", "instead": {"chat": {"when_closed": "100 %"}}}
    topic = {"handling": {"any": constant(60)}, "reach": {"helper": "100 %"}}
    data = center([(0, 60)], channels={"phone": phone, "chat": {**CHAT, "bot": "helper"}}, bots=bots, topics__any=topic)
    assert_story(data, "0: 0 0-20 helper")


# -- what makes no sense --------------------------------------------------------------------------------------------

TOLERANCE = {"balking": {"tolerance": constant(60)}}


@pytest.mark.parametrize(
    ("phone", "words"),
    [
        (TOLERANCE, "balking.tolerance needs a predicted wait; write announces"),
        ({"callback": {"above": "2 min", "accepts": "50 %"}}, "callback.above needs a predicted wait"),
        ({"instead": {"mail": {"when_wait_above": "2 min", "share": "5 %"}}}, "needs a predicted wait"),
        ({"announces": {}, "instead": {"mail": {"when_wait_above": "2 min"}}}, "go together"),
        ({"instead": {"mail": {"when_closed": "60 %"}, "chat": {"when_closed": "60 %"}}}, "sum to 120 %"),
        ({"instead": {"fax": {"when_closed": "60 %"}}}, "there is no channel 'fax'"),
        ({"instead": {"phone": {"when_closed": "60 %"}}}, "leads back to itself"),
        ({"balking": {}}, "needs either tolerance or probability"),
        ({"announces": {}, "balking": {"tolerance": constant(1), "probability": "5 %"}}, "needs either tolerance or"),
        ({"callback": {"accepts": "50 %"}}, "needs either above or queue"),
        ({"callback": {"queue": 1, "accepts": "50 %", "reserve": 1}}, "cannot leave agents free; write place: behind"),
        ({"callback": {"queue": 1, "accepts": "5 %", "place": "behind", "reserve": 1}}, "ever has more than 1"),
        ({"callback": {"queue": 1, "accepts": "5 %", "earliest": "1 h", "promised": "30 min"}}, "before the earliest"),
        ({"announces": {"predictor": "head of line"}}, "head_of_line"),
        ({"announces": {"margin": "x 0"}}, "margin"),
        ({"mode": "deferred", "announces": {}}, "a deferred channel has no announces"),
        ({"mode": "deferred", "balking": {"probability": "5 %"}}, "a deferred channel has no balking"),
        ({"mode": "deferred", "callback": {"queue": 1, "accepts": "5 %"}}, "a deferred channel has no callback"),
        ({"mode": "deferred", "instead": {"chat": {"when_closed": "5 %"}}}, "a deferred channel has no instead"),
        ({"mode": "concurrent", "callback": {"queue": 1, "accepts": "5 %"}}, "whole attention"),
        ({"announces": {"predictor": "queue_length_abandoning"}}, "needs a patience"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(phone: Data, words: str) -> None:
    data = center([(0, 60)], channels={"phone": {"mode": "live"} | phone, "chat": CHAT, "mail": MAIL})
    with pytest.raises(InputError, match=words):
        from_dict(data)


def test_those_who_go_elsewhere_must_find_a_team_there() -> None:
    team = agents(1) | {"skills": {"calls": {"channels": "phone"}}}
    phone = {"mode": "live", "instead": {"chat": {"when_closed": "50 %"}}}
    data = center([(0, 60)], channels={"phone": phone, "chat": CHAT}, teams__front=team)
    data["demand"]["sources"]["log"] |= {"channel": "phone"}
    data["demand"]["sources"]["log"]["replay"].pop("channel")
    with pytest.raises(InputError, match="no team can take those who avoid phone about any on chat"):
        from_dict(data)


# -- extremes -------------------------------------------------------------------------------------------------------

EXTREMES: dict[str, Data] = {
    "nobody may wait": {"trunks": 1, "announces": {}, "balking": {"tolerance": constant(0)}},
    "no trunks": {"trunks": 0, "callback": {"queue": 0, "accepts": "100 %"}},
    "never open": {"open": {"daily": "closed"}, "callback": {"queue": 0, "accepts": "100 %"}},
    "no patience": {"patience": constant(0), "announces": {"patience": "x 1000"}, "redial": again(60, most=2)},
    "predictions by no patience": {"patience": constant(0), "announces": {"predictor": "queue_length_abandoning"}},
    "a thousand times": {"announces": {"predictor": "queue_length", "margin": "x 1000", "rounding": "1e9 s"}},
    "nobody ever answers the call": {
        "callback": {"queue": 0, "accepts": "100 %", "reached": "0 %", "attempts": 4, "retry_after": "0 s"},
        "redial": again(1, most=3),
    },
    "everybody wants a call, at once": {"callback": {"queue": 0, "accepts": "100 %", "place": "priority"}},
    "a call tomorrow": {"callback": {"queue": 0, "accepts": "100 %", "earliest": "1 d", "promised": "2 d"}},
    "nobody ever waits": {"callback": {"queue": 100_000, "accepts": "100 %"}, "balking": {"probability": "100 %"}},
}


@pytest.mark.parametrize("phone", EXTREMES.values(), ids=EXTREMES.keys())
@pytest.mark.parametrize("handling", [0, 60, 1e6])
def test_extremes_run_and_balance(phone: Data, handling: float) -> None:
    calls: list[Call] = [(10 * n, 0) for n in range(60)]
    data = center(calls, channels__phone={"mode": "live", **phone}, topics__any__handling={"any": constant(handling)})
    data["demand"]["sources"]["log"]["replay"].pop("handling")
    books = observe(data)
    for law in laws.LAWS:
        law(books)
    assert all(value >= 0 or value != value for value in kpis_of(books).values())


# -- who is not asked -----------------------------------------------------------------------------------------------


def test_whom_somebody_can_answer_at_once_stays_however_long_the_last_one_waited() -> None:
    phone = announcing("last_waiter") | {"instead": {"chat": {"when_wait_above": "50 s", "share": "100 %"}}}
    books = observe(center([(0, 100), (10, 50), (300, 10)], channels={"phone": phone, "chat": CHAT}))
    assert [(one.channel, one.outcome.name) for one in books.contacts] == [("phone", "SOLVED")] * 3


def test_a_question_for_news_keeps_to_its_channel() -> None:
    """Both customers find the phone closed, and leave it at that."""
    asks = {"after": constant(100), "probability": "100 %", "handling": constant(20), "channel": "phone", "most": 1}
    shut = {"mode": "live", "open": {"daily": "closed"}, "instead": {"chat": {"when_closed": "100 %"}}}
    channels = {"mail": MAIL | {"chasers": asks}, "phone": shut, "chat": CHAT}
    books = observe(center([(0, 200, "mail"), (10, 60, "mail")], channels=channels))
    asked = [one for one in books.contacts if one.kind is ContactKind.CHASER]
    assert [(one.channel, one.outcome) for one in asked] == [("phone", Outcome.CLOSED)] * 2


def test_a_called_customer_does_not_tell_again_what_the_bot_has_passed_on() -> None:
    """Half of the analysis, which is 30 % of 60 s, is saved by who calls back, too."""
    offer = {"queue": 0, "accepts": "100 %"}
    bot = {"sessions": 9, "session": constant(20), "hand_over": {"saves": "50 %"}}
    data = center(
        [(0, 60), (5, 60)],
        channels={"phone": {"mode": "live", "bot": "helper", "callback": offer}},
        bots={"helper": bot},
        topics__any={"handling": {"any": constant(60)}, "reach": {"helper": "0 %"}},
    )
    assert_story(
        data, "0: 0 0-20 helper\n0: 20 20-71 front/1\n1: 5 5-25 helper\n1: 25 25 callback\n1: 25 71-122 front/1"
    )


def test_a_thread_reopened_above_the_first_tier_is_told_no_wait() -> None:
    """Some threads time out with the one expert, and come back while the expert is at another one."""
    thread = {**CHAT, "turns": {"mean": 3}, "think": constant(30), "idle_timeout": "25 s", "announces": {}}
    data = center([(7 * n, 40, "chat") for n in range(6)], channels={"phone": {"mode": "live"}, "chat": thread})
    data |= {"escalation": {"path": ["tier1", "tier2"]}}
    data["topics"]["any"]["reach"] = {"tier1": "0 %"}
    data["teams"]["front"] = agents(6)
    data["teams"]["experts"] = agents(1, tier="tier2", skills={"all": {"handling": constant(40)}})
    books = observe(data)
    reopened = [leg for leg in books.legs if leg.handler == "experts" and leg.leg == 0]
    assert any(leg.answered > leg.queued for leg in reopened)
    assert books.statuses == [CaseStatus.SOLVED] * 6


def test_the_wait_of_who_keeps_the_place_in_line_is_the_last_ones_too() -> None:
    phone = announcing("last_waiter") | {"callback": {"queue": 0, "accepts": "100 %"}}
    books = observe(center([(0, 60), (5, 60), (80, 10)], channels={"phone": phone}))
    told_waits = {
        one.case: wait
        for one, wait in zip(books.contacts, column(books, "announced"), strict=True)
        if one.kind is ContactKind.FIRST
    }
    assert told_waits == {0: None, 1: 0, 2: 55}
