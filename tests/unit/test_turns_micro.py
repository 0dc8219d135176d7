"""Conversations by turns on centers so small that every second can be worked out by hand.

Replies are made to take 20 s each, and customers to think for 30 s, unless said otherwise.
"""

from __future__ import annotations

from typing import Any

import pytest

from simulation.center import turns
from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.metrics.kpi import KPIS, Ratio
from simulation.metrics.view import View
from simulation.record.recorder import CaseStatus, ContactKind, Duty, Outcome
from tests.laws.books import Books, observe
from tests.laws.micro import agents, assert_story, center, on_shift, told
from tests.laws.strategies import Data, constant

Call = tuple[float, int] | tuple[float, int, str]


@pytest.fixture(autouse=True)
def _twenty_seconds_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "reply_work", lambda u, rest, between: min(rest, 20.0))


def chat(think: float = 30, **more: Any) -> Data:
    """A channel by turns."""
    return {"mode": "concurrent", "turns": {"mean": 3}, "think": constant(think), **more}


def chats(calls: list[Call], slots: int = 2, number: int = 1, channel: Data | None = None, **parts: Any) -> Data:
    """Chats for agents with so many slots each."""
    data = center([(call[0], call[1], *(call[2:] or ("chat",))) for call in calls], **parts)
    data["channels"]["chat"] = channel or chat()
    if "teams__front" not in parts:
        data["teams"]["front"] = agents(number, concurrency={"slots": slots})
    return data


def column(books: Books, name: str, table: str = "legs") -> list[float]:
    found: list[float] = books.record.tables[table][name].tolist()
    return found


def kpi(books: Books, name: str) -> float:
    found = KPIS[name].of(View(books.record, books.scenario), KPIS[name].parameter)
    assert isinstance(found, Ratio)
    above, below = (sum(float(part.values.sum()) for part in parts) for parts in (found.numerator, found.denominator))
    return above / below


# -- attention ----------------------------------------------------------------------------------------------


def test_another_chat_is_answered_while_the_customer_thinks() -> None:
    """0 is written to from 0 to 20, 50 to 70 and 100 to 120; 1 asks at 10 and is written to from 20 to 40."""
    books = assert_story(chats([(0, 60), (10, 20)]), "0: 0 0-120 front/1\n1: 10 10-40 front/1")
    assert column(books, "replies") == [3, 1]
    assert column(books, "attention") == [60, 20]
    assert column(books, "reply_time") == [20 + 20 + 20, 30]
    assert books.spans(0, Duty.ATTENTION) == [(0, 40), (50, 70), (100, 120)]
    assert kpi(books, "focus") == pytest.approx(80 / 3600)
    assert kpi(books, "occupancy") == pytest.approx(120 / 3600)
    assert kpi(books, "slots_taken") == pytest.approx((120 + 30) / 7200)
    assert kpi(books, "reply_time") == pytest.approx(90 / 4)
    assert kpi(books, "replies") == pytest.approx(4 / 2)


def test_replies_are_written_first_come_first_served() -> None:
    """2 asks at 15 and comes after 1, but before the second message of 0, which comes at 50."""
    assert_story(
        chats([(0, 40), (10, 20), (15, 20)], slots=3),
        "0: 0 0-80 front/1\n1: 10 10-40 front/1\n2: 15 15-60 front/1",
    )


def test_after_contact_work_takes_attention_in_its_turn() -> None:
    """1 is released at 40, but its 10 s of after-contact work come after the reply to 2, who asked at 15."""
    books = assert_story(
        chats([(0, 20), (10, 20), (15, 20)], slots=3, topics__any__wrap_up={"any": constant(10)}),
        "0: 0 0-70 front/1\n1: 10 10-80 front/1\n2: 15 15-90 front/1",
    )
    assert [leg.released for leg in books.legs] == [20, 40, 60]
    assert column(books, "attention") == [30, 30, 30]


def test_getting_back_into_a_conversation_takes_attention() -> None:
    """5 s for the second reply to 0 (1 was attended to in between), none for the third (nobody was); nor for first replies."""
    data = chats([(0, 60), (10, 20)], teams__front=agents(1, concurrency={"slots": 2, "switching": "5 s"}))
    books = assert_story(data, "0: 0 0-125 front/1\n1: 10 10-40 front/1")
    assert column(books, "attention") == [65, 20]


def test_with_one_slot_nobody_switches() -> None:
    data = chats([(0, 60), (10, 40)], teams__front=agents(1, concurrency={"slots": 1, "switching": "5 s"}))
    assert_story(data, "0: 0 0-120 front/1\n1: 10 120-190 front/1")


def test_a_slot_stays_taken_while_the_customer_thinks() -> None:
    assert_story(chats([(0, 40), (10, 20)], slots=1), "0: 0 0-70 front/1\n1: 10 70-90 front/1")


def test_a_call_needs_an_agent_without_chats() -> None:
    """Blended: the call waits for the end of the chat although the customer thinks; then no chat comes beside it."""
    data = chats([(0, 40), (25, 60, "phone"), (75, 20)], slots=2)
    books = assert_story(data, "0: 0 0-70 front/1\n1: 25 70-130 front/1\n2: 75 130-150 front/1")
    assert column(books, "attention") == [40, 60, 20]
    assert kpi(books, "focus") == pytest.approx(120 / 3600)


def test_an_agent_finishes_conversations_before_leaving() -> None:
    """The shift ends at 1:00:00 with a customer who thinks; the agent stays for the rest, and takes nothing new."""
    data = chats([(3590, 40), (3605, 20)], horizon="2 h", teams__front=on_shift("00:00", "01:00"))
    data["teams"]["front"]["concurrency"] = {"slots": 2}
    books = observe(data)
    assert told(books) == "0: 3590 3590-3660 front/s/1\n1: 3605 open"
    assert books.on[0] == [(0, 3660)]


def test_at_the_end_of_the_run_a_reply_counts_as_far_as_it_is_written() -> None:
    """From 3570 to 3590 and from 3595 on, the second of 20 s; another thinks."""
    books = assert_story(
        chats([(3570, 20), (3585, 60)], channel=chat(think=40)), "0: 3570 3570-3590 front/1\n1: 3585 3585-3600 front/1"
    )
    assert column(books, "attention") == [20, 10]
    assert column(books, "replies") == [1, 0]
    assert sum(column(books, "attention", "staffing")) == pytest.approx(30)


def test_who_is_escalated_begins_a_conversation_of_its_own() -> None:
    """Two replies at the first tier, two at the second, while the first tier's agent writes up for 10 s."""
    data = chats([(0, 40)], topics__any__wrap_up={"any": constant(10)}, escalation={"path": ["tier1", "tier2"]})
    data["topics"]["any"] |= {"reach": {"tier1": "0 %"}}
    data["teams"]["experts"] = agents(1, tier="tier2", skills={"all": {"handling": constant(40)}})
    books = assert_story(data, "0: 0 0-80 front/1\n0: 70 70-150 experts/1")
    assert column(books, "replies") == [2, 2]
    assert books.statuses == [CaseStatus.SOLVED]


# -- time-outs and reopened threads -------------------------------------------------------------------------


def test_who_thinks_for_too_long_loses_the_slot_and_comes_back() -> None:
    """The slot is free at 20 + 25; 1 has it then until 65. The message of 0 comes at 50, and waits for it."""
    books = assert_story(
        chats([(0, 40), (10, 20)], slots=1, channel=chat(idle_timeout="25 s")),
        "0: 0 0-45 front/1\n0: 50 65-85 front/1\n1: 10 45-65 front/1",
    )
    assert [(one.kind, one.outcome) for one in books.contacts if one.case == 0] == [
        (ContactKind.FIRST, Outcome.TIMED_OUT),
        (ContactKind.REOPEN, Outcome.SOLVED),
    ]
    assert column(books, "attention") == [20, 20, 20]
    assert kpi(books, "timed_out") == pytest.approx(1 / 3)
    assert kpi(books, "reopened") == pytest.approx(1 / 2)
    assert kpi(books, "repeats") == 0
    assert books.statuses == [CaseStatus.SOLVED] * 2


def test_just_in_time_is_in_time() -> None:
    assert_story(chats([(0, 40)], channel=chat(idle_timeout="30 s")), "0: 0 0-70 front/1")


def test_a_thread_may_time_out_again_and_again() -> None:
    """Each reply is a contact of its own."""
    books = assert_story(
        chats([(0, 60)], channel=chat(idle_timeout="0 s")),
        "0: 0 0-20 front/1\n0: 50 50-70 front/1\n0: 100 100-120 front/1",
    )
    assert [one.outcome for one in books.contacts] == [Outcome.TIMED_OUT] * 2 + [Outcome.SOLVED]


def test_who_walks_off_gives_up_when_the_slot_is_freed() -> None:
    books = assert_story(
        chats([(0, 40), (1, 20)], slots=1, channel=chat(idle_timeout="25 s", walks_off="100 %")),
        "0: 0 0-45 front/1\n1: 1 45-65 front/1",
    )
    assert books.statuses == [CaseStatus.GIVEN_UP, CaseStatus.SOLVED]
    assert column(books, "closed", "cases") == [45, 65]


def test_the_rest_goes_on_at_the_pace_of_who_takes_it_up() -> None:
    """A reply of 20 s is one of 2.5 s for who works eight times as fast, after 4 s (16 at its speed of 4) of reading up."""
    data = chats([(0, 160), (46, 40)], channel=chat(idle_timeout="25 s", catch_up="16 s"))
    data["teams"] = {
        "slow": agents(1, speed=0.5),
        "fast": agents(1, speed=4),
    }
    data["routing"] = {"routes": {"all": {"teams": {"slow": "0 s", "fast": "0 s"}}}}
    books = observe(data)
    legs = [leg for leg in books.legs if leg.case == 0]
    assert (legs[0].handler, legs[0].ended) == ("slow", 45)
    assert (legs[1].handler, legs[1].answered) == ("fast", 50)
    attention = [
        value for value, case in zip(column(books, "attention"), column(books, "case"), strict=True) if case == 0
    ]
    assert attention[0] == 20
    assert attention[1] == pytest.approx(20 * 0.5 / 4 + 16 / 4)
    assert legs[1].outcome is Outcome.TIMED_OUT


def test_the_same_agent_need_not_read_up() -> None:
    books = assert_story(
        chats([(0, 40)], channel=chat(idle_timeout="25 s", catch_up="10 s")), "0: 0 0-45 front/1\n0: 50 50-70 front/1"
    )
    assert column(books, "attention") == [20, 20]


def test_after_contact_work_comes_once_at_the_end_of_the_thread() -> None:
    books = observe(chats([(0, 40)], channel=chat(idle_timeout="25 s"), topics__any__wrap_up={"any": constant(10)}))
    assert told(books) == "0: 0 0-45 front/1\n0: 50 50-80 front/1"


def test_who_takes_a_thread_up_does_the_after_contact_work_at_the_own_pace() -> None:
    """20 s of replying and 10 s of after-contact work, by someone four times as fast."""
    data = chats([(0, 40), (46, 200)], channel=chat(idle_timeout="25 s"), topics__any__wrap_up={"any": constant(10)})
    data["teams"] = {"slow": agents(1), "fast": agents(1, speed=4)}
    data["routing"] = {"routes": {"all": {"teams": {"slow": "0 s", "fast": "0 s"}}}}
    legs = [leg for leg in observe(data).legs if leg.case == 0]
    assert [(leg.handler, leg.answered, leg.released, leg.ended) for leg in legs] == [
        ("slow", 0, 45, 45),
        ("fast", 50, 55, 57.5),
    ]


def test_practices_save_once() -> None:
    """Half of the handling and all but 4 s of the after-contact work are saved for the thread, and not again for its rest."""
    data = chats([(0, 80)], channel=chat(idle_timeout="25 s"), topics__any__wrap_up={"any": constant(8)})
    saves = {"analysis": "50 %", "solution": "50 %", "verification": "50 %", "informing": "50 %", "wrap_up": "50 %"}
    data["practices"] = {"macros": {"covers": {"any": "100 %"}, "saves": saves}}
    books = assert_story(data, "0: 0 0-45 front/1\n0: 50 50-74 front/1")
    assert column(books, "helped") == [1, 1]


def test_a_thread_is_reopened_at_its_tier() -> None:
    """Past the first tier, where it would begin as a new contact."""
    data = chats([(0, 40)], channel=chat(idle_timeout="25 s"), escalation={"path": ["tier1", "tier2"]})
    data["topics"]["any"]["reach"] = {"tier1": "0 %"}
    data["teams"]["experts"] = agents(1, tier="tier2", skills={"all": {"handling": constant(40)}})
    story = "0: 0 0-45 front/1\n0: 50 50-70 front/1\n0: 70 70-115 experts/1\n0: 120 120-140 experts/1"
    assert_story(data, story)


def test_a_question_for_news_is_one_reply() -> None:
    """A letter lies for long; its customer asks by chat, and gets the answer of 50 s at once, without thinking."""
    data = chats([(0, 40, "mail")], channel=chat(idle_timeout="25 s"))
    chasers = {"after": constant(100), "probability": "100 %", "handling": constant(50), "channel": "chat", "most": 1}
    data["channels"]["mail"] = {"mode": "deferred", "chasers": chasers}
    data["teams"]["front"]["skills"] = {"live": {"channels": ["chat", "phone"]}}
    data["teams"]["late"] = on_shift("00:10", "01:00") | {"skills": {"letters": {"channels": "mail"}}}
    books = observe(data)
    (asked,) = [leg for leg in books.legs if leg.channel == "chat"]
    assert (asked.answered, asked.ended, asked.outcome) == (100, 150, Outcome.INFORMED)
    assert sorted(column(books, "replies")) == [0, 1]


def test_a_thread_reopened_above_the_first_tier_waits_there_and_is_told_nothing() -> None:
    """The expert has taken the other chat at 115, when the first comes back at 120; waits are announced at the first tier."""
    channel = chat(idle_timeout="25 s", announces={"predictor": "last_waiter"}, balking={"probability": "100 %"})
    data = chats([(0, 40), (20, 40)], 1, 2, channel, escalation={"path": ["tier1", "tier2"]})
    data["topics"]["any"]["reach"] = {"tier1": "0 %"}
    data["teams"]["experts"] = agents(1, tier="tier2", skills={"all": {"handling": constant(40)}})
    books = observe(data)
    assert "0: 120 160-180 experts/1" in told(books).splitlines()
    assert set(books.statuses) == {CaseStatus.SOLVED}


def test_a_reopened_thread_does_not_go_to_the_bot() -> None:
    channel = chat(idle_timeout="25 s", bot="helper")
    books = observe(chats([(0, 40)], channel=channel, bots={"helper": {"sessions": 1, "session": constant(5)}}))
    assert told(books) == "0: 0 0-5 helper\n0: 5 5-50 front/1\n0: 55 55-75 front/1"


def test_a_reopened_thread_meets_a_closed_door() -> None:
    channel = chat(think=1800, idle_timeout="10 s", open={"daily": "00:00-00:20"})
    books = observe(chats([(0, 40)], channel=channel))
    assert told(books) == "0: 0 0-30 front/1"
    assert [(one.kind, one.outcome) for one in books.contacts][1:] == [(ContactKind.REOPEN, Outcome.CLOSED)]
    assert books.statuses == [CaseStatus.GIVEN_UP]


def test_who_hangs_up_a_reopened_thread_begins_anew() -> None:
    """The message at 50 finds the slot taken until 65; patience ends at 60. The redial at 100 has more than one reply again."""
    channel = chat(
        idle_timeout="25 s", patience=constant(10), redial={"probability": "100 %", "after": constant(40), "most": 1}
    )
    books = observe(chats([(0, 40), (44, 20)], slots=1, channel=channel))
    mine = [(one.kind, one.outcome) for one in books.contacts if one.case == 0]
    assert mine[1:3] == [(ContactKind.REOPEN, Outcome.ABANDONED), (ContactKind.REDIAL, Outcome.TIMED_OUT)]


def test_a_sticky_thread_goes_back_to_its_agent() -> None:
    """The other agent is the one who has been idle for longest."""
    data = chats([(0, 40)], number=2, channel=chat(idle_timeout="25 s", catch_up="10 s"))
    assert told(observe(data)).splitlines()[1] == "0: 50 50-80 front/2"
    data["routing"] = {"sticky": {}}
    assert told(observe(data)).splitlines()[1] == "0: 50 50-70 front/1"


# -- what makes no sense ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "what"),
    [
        ({"mode": "live", "turns": {"mean": 2}, "think": constant(1)}, "a live channel has no turns"),
        ({"mode": "deferred", "idle_timeout": "1 min"}, "a deferred channel has no idle_timeout"),
        ({"mode": "concurrent", "turns": {"mean": 2}}, "turns needs think; write e.g. think: {lognormal"),
        ({"mode": "concurrent", "think": constant(1)}, "think needs turns; write e.g. turns: {mean: 5}"),
        ({"mode": "concurrent", "idle_timeout": "1 min"}, "idle_timeout needs turns"),
        (chat(walks_off="2 %"), "walks_off needs idle_timeout; write e.g. idle_timeout: 10 min"),
        (chat(catch_up="2 s"), "catch_up needs idle_timeout"),
        (chat() | {"turns": {"mean": 0.5}}, "at least 1"),
        (chat() | {"turns": {"mean": 101}}, "at most 100"),
    ],
)
def test_a_channel_that_contradicts_itself_is_refused(channel: Data, what: str) -> None:
    with pytest.raises(InputError, match=what):
        from_dict(chats([(0, 1)], channel=channel))


def test_turns_have_a_throughput_of_their_own() -> None:
    data = chats([(0, 1)])
    data["teams"]["front"]["concurrency"]["throughput"] = [1, 1.5]
    with pytest.raises(InputError, match=r"conversations on chat go by turns .* remove throughput"):
        from_dict(data)
    data["teams"]["front"]["concurrency"]["throughput"] = [1, 2]
    from_dict(data)


def test_switching_needs_turns() -> None:
    with pytest.raises(InputError, match="switching: is for conversations by turns, of which the team gets none"):
        from_dict(center([(0, 1)], teams__front=agents(1, concurrency={"slots": 2, "switching": "5 s"})))


def test_an_agent_does_not_mix_turns_and_paces() -> None:
    data = chats([(0, 1), (0, 1, "messenger")])
    data["channels"]["messenger"] = {"mode": "concurrent"}
    with pytest.raises(
        InputError, match=r"by turns .chat. beside others without .messenger.; write turns for messenger"
    ):
        from_dict(data)
    data["teams"]["front"]["concurrency"]["slots"] = 1
    from_dict(data)


def test_one_reply_needs_no_thinking() -> None:
    from_dict(chats([(0, 1)], channel={"mode": "concurrent", "turns": {"mean": 1}}))
