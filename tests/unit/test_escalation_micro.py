"""Angry customers and clocks in centers so small that every second is known."""

from __future__ import annotations

from typing import Any

import pytest

from simulation.center.rules import asks_for_supervisor, clock_runs_out
from simulation.errors import InputError
from simulation.experiments.load import from_dict
from tests.laws.books import observe
from tests.laws.micro import agents, assert_story, center, on_shift
from tests.laws.strategies import constant

CALLS = [(0.0, 100), (10.0, 50), (20.0, 30, "phone", "urgent"), (30.0, 40)]
URGENT: dict[str, Any] = {"topics__urgent": {"handling": {"any": constant(60)}, "urgency": {"high": "100 %"}}}
BOSS: dict[str, Any] = {"escalation__path": ["tier1", "boss"], "teams__boss": agents(1, tier="boss")}


def test_an_urgent_call_whose_clock_runs_out_may_go_to_the_boss() -> None:
    data = center(CALLS, **URGENT, **BOSS, escalation__overdue={"after": {"high": "30 s"}})
    books = assert_story(
        data,
        """
        0: 0 0-100 front/1
        1: 10 100-150 front/1
        2: 20 50-80 boss/1
        3: 30 150-190 front/1
        """,
    )
    assert books.record.legs["overdue"].tolist() == [False, False, True, False]
    assert books.record.cases["overdue"].tolist() == [0, 0, 1, 0] and not books.record.cases["escalations"].any()


def test_an_urgent_call_whose_clock_runs_out_may_come_first() -> None:
    data = center(CALLS, **URGENT, escalation__overdue={"after": {"high": "30 s"}, "to": "front"})
    assert_story(
        data,
        """
        0: 0 0-100 front/1
        1: 10 130-180 front/1
        2: 20 100-130 front/1
        3: 30 180-220 front/1
        """,
    )


def test_the_clock_of_a_deadline_runs_out_before_it() -> None:
    """Letters due after 200 s: 90 s before, the boss may take them, who has calls to take otherwise."""
    letters: list[Any] = [(0.0, 150, "mail"), (10.0, 50, "mail"), (130.0, 40)]
    data = center(
        letters, escalation__path=["tier1", "boss"],
        channels__mail={"mode": "deferred", "deadline": {"normal": "200 s"}},
        teams__front={"skills": {"letters": {"channels": "mail"}}, "headcount": {"constant": 1}},
        teams__boss={"tier": "boss", "skills": {"all": {}}, "headcount": {"constant": 1}},
        routing__routes={"calls": {"channels": "phone", "teams": {"boss": "0 s"}}},
        escalation__overdue={"before_due": "90 s", "channels": "mail"},
    )  # fmt: skip
    assert_story(
        data,
        """
        0: 0 0-150 front/1
        1: 10 120-170 boss/1
        2: 130 170-210 boss/1
        """,
    )


def test_an_angry_customer_is_passed_on_after_a_part_of_the_work() -> None:
    """Who comes for the second time asks for the boss; the agent has done 20 % of the work."""
    repeat = {"probability": "100 %", "after": constant(1000), "most": 1}
    data = center(
        [(0.0, 100)], escalation__path=["tier1", "boss"],
        topics__any={"handling": {"any": constant(60)}, "repeat": repeat},
        teams__front=agents(1, accuracy="0 %"), teams__boss=agents(1, tier="boss"),
        escalation__angry={"after_failures": 1, "after": "20 %"},
    )  # fmt: skip
    books = assert_story(
        data,
        """
        0: 0 0-100 front/1
        0: 1100 1100-1112 front/1
        0: 1112 1112-1172 boss/1
        """,
    )
    assert books.record.legs["angry"].tolist() == [False, True, False]
    assert books.record.cases["passed_up"].tolist() == books.record.cases["escalations"].tolist() == [1]


def test_who_complains_may_ask_for_the_boss() -> None:
    data = center(
        [(0.0, 100)], **BOSS, topics__gripe={"handling": {"any": constant(60)}}, teams__front=agents(1, accuracy="0 %"),
        complaints={"topic": "gripe", "probability": "100 %"}, escalation__angry={"complaints": "100 %", "after": "100 %"},
    )  # fmt: skip
    assert_story(
        data,
        """
        0: 0 0-100 front/1
        1: 100 100-160 front/1
        1: 160 160-220 boss/1
        """,
    )


def test_nobody_is_passed_on_where_nobody_is_above() -> None:
    """The boss takes no letters, so an angry writer gets the agent's answer."""
    data = center(
        [(0.0, 100, "mail")], channels__mail={"mode": "deferred"}, escalation__path=["tier1", "boss"],
        teams__boss={"tier": "boss", "skills": {"calls": {"channels": "phone"}}, "headcount": {"constant": 1}},
        topics__any={"handling": {"any": constant(60)}}, escalation__angry={"always": "100 %"},
        demand__sources__calls={"topic": "any", "channel": "phone", "volume": "0.001/h"},
    )  # fmt: skip
    assert not observe(data).record.legs["angry"].any()


def test_nobody_on_the_line_is_passed_on_while_the_boss_is_away() -> None:
    """The boss comes at 00:10: the call before is answered by the agent, the letter goes up all the same."""
    data = center(
        [(0.0, 100), (10.0, 100, "mail")], channels__mail={"mode": "deferred"}, escalation__path=["tier1", "boss"],
        teams__front=agents(2), teams__boss=on_shift("00:10", "01:00", tier="boss"), escalation__angry={"always": "100 %"},
        topics__any={"handling": {"any": constant(60)}},
    )  # fmt: skip
    data["teams"]["boss"]["shifts"]["s"].pop("tier")
    data["teams"]["boss"]["tier"] = "boss"
    assert observe(data).record.legs["angry"].tolist() == [False, True, False]


def test_nobody_is_passed_on_twice() -> None:
    """From the first tier to the second, where the case is too hard; the third answers, whoever asks."""
    data = center(
        [(0.0, 100)], escalation__path=["tier1", "tier2", "boss"], teams__expert=agents(1, tier="tier2"),
        teams__boss=agents(1, tier="boss"), topics__any={"handling": {"any": constant(60)}, "reach": {"tier2": "0 %"}},
        escalation__angry={"always": "100 %", "after": "50 %"},
    )  # fmt: skip
    books = observe(data)
    assert books.record.legs["angry"].tolist() == [True, False, False]
    assert books.record.cases["escalations"].tolist() == [2] and books.record.cases["passed_up"].tolist() == [1]


def test_an_angry_customer_may_go_past_a_tier() -> None:
    data = center(
        [(0.0, 100)], escalation__path=["tier1", "tier2", "boss"], teams__expert=agents(1, tier="tier2"),
        teams__boss=agents(1, tier="boss"), topics__any={"handling": {"any": constant(60)}},
        escalation__angry={"always": "100 %", "after": "0 %", "to": "boss"},
    )  # fmt: skip
    assert_story(
        data,
        """
        0: 0 0-0 front/1
        0: 0 0-60 boss/1
        """,
    )


def test_a_clock_ends_the_wait_for_one_agent_alone() -> None:
    """The customer who comes back waits for the agent who knows the case, until the clock calls the boss in."""
    repeat = {"probability": "100 %", "after": constant(100), "most": 1}
    data = center(
        [(0.0, 10), (20.0, 1000)], escalation__path=["tier1", "boss"], teams__boss=agents(1, tier="boss"),
        teams__front=agents(1, accuracy="0 %"), routing={"sticky": {"wait": "30 min"}},
        topics__any={"handling": {"any": constant(60)}, "repeat": repeat}, escalation__overdue={"after": {"normal": "90 s"}},
    )  # fmt: skip
    books = observe(data)
    again = next(leg for leg in books.legs if leg.case == 0 and leg.contact == 1)
    assert (again.queued, again.answered, again.handler) == (110.0, 200.0, "boss")


def test_with_the_clock_anybody_of_the_team_may_take_who_waited_for_one_agent() -> None:
    """Agent 1 knows the case and is busy; agent 2 is free all the time, and takes it when the clock puts it first."""
    repeat = {"probability": "100 %", "after": constant(100), "most": 1}
    data = center(
        [(0.0, 10), (20.0, 2000)], teams__front=agents(2, accuracy="0 %"), routing={"sticky": {"wait": "30 min"}, "agent": "lowest_number"},
        topics__any={"handling": {"any": constant(60)}, "repeat": repeat},
        escalation__overdue={"after": {"normal": "90 s"}, "to": "front"},
    )  # fmt: skip
    books = observe(data)
    again = next(leg for leg in books.legs if leg.case == 0 and leg.contact == 1)
    assert (again.queued, again.answered, books.agents[again.agent]) == (110.0, 200.0, "front/2")


def test_who_comes_first_still_waits_for_the_teams_of_later_stages() -> None:
    """The clock runs out after 10 s, but the other team helps after 60 s only."""
    data = center(
        [(0.0, 1000), (5.0, 20)], teams__other=agents(1),
        routing__routes={"calls": {"teams": {"front": "0 s", "other": "60 s"}}},
        escalation__overdue={"after": {"normal": "10 s"}, "to": "front"},
    )  # fmt: skip
    assert_story(
        data,
        """
        0: 0 0-1000 front/1
        1: 5 65-85 other/1
        """,
    )


def test_a_team_of_a_later_stage_that_gets_free_before_does_not_take_it() -> None:
    """The other team is through with a call of its own at 30, when the clock has run out, but helps from 65 on."""
    data = center(
        [(0.0, 1000), (1.0, 29, "red"), (5.0, 20)], teams__other=agents(1), channels__red={"mode": "live"},
        routing__routes={
            "red": {"channels": "red", "teams": {"other": "0 s"}},
            "calls": {"teams": {"front": "0 s", "other": "60 s"}},
        },
        escalation__overdue={"after": {"normal": "10 s"}, "to": "front"},
    )  # fmt: skip
    assert_story(
        data,
        """
        0: 0 0-1000 front/1
        1: 1 1-30 other/1
        2: 5 65-85 other/1
        """,
    )


def test_after_contact_work_is_cut_like_the_handling() -> None:
    wrap_up = {"handling": {"any": constant(60)}, "wrap_up": {"any": constant(50)}}
    data = center(
        [(0.0, 100)], **BOSS, topics__any=wrap_up, escalation__angry={"always": "100 %", "after": "20 %"}
    )  # fmt: skip
    assert_story(
        data,
        """
        0: 0 0-30 front/1
        0: 20 20-130 boss/1
        """,
    )


def test_a_chat_by_turns_is_passed_on_too() -> None:
    """After half of its attention the customer is with the boss, who takes the conversation up anew."""
    data = center(
        [(0.0, 100, "chat")], escalation__path=["tier1", "boss"], teams__boss=agents(1, tier="boss"),
        channels__chat={"mode": "concurrent", "turns": {"mean": 3}, "think": constant(20)},
        topics__any={"handling": {"any": constant(60)}}, escalation__angry={"always": "100 %", "after": "50 %"},
    )  # fmt: skip
    legs = observe(data).record.legs
    assert legs["angry"].tolist() == [True, False]
    assert legs["attention"].tolist() == pytest.approx([50.0, 60.0])


def test_reasons_to_ask_are_independent() -> None:
    assert asks_for_supervisor(0.4374, 2.0, 0.0, 0.25, 0.0) and not asks_for_supervisor(0.4376, 2.0, 0.0, 0.25, 0.0)
    assert asks_for_supervisor(0.5499, 1.0, 0.1, 0.0, 0.5) and not asks_for_supervisor(0.5501, 0.0, 0.1, 0.9, 0.5)


def test_the_earlier_clock_counts_and_never_before_the_wait() -> None:
    inf = float("inf")
    assert clock_runs_out(100, 60, 500, 30) == 160
    assert clock_runs_out(100, inf, 500, 30) == 470
    assert clock_runs_out(100, inf, 110, 30) == 100
    assert clock_runs_out(100, inf, inf, 30) == inf


@pytest.mark.parametrize(
    ("way_up", "words"),
    [
        ({"overdue": {"after": {"high": "1 min"}}}, "no tier above the first"),
        ({"angry": {"always": "1 %"}}, "no tier above the first"),
        ({"path": ["tier1", "boss"], "overdue": {"to": "bos", "after": {"high": "1 s"}}}, "write e.g. boss"),
        ({"path": ["tier1", "boss"], "angry": {"always": "1 %", "to": "tier1"}}, "no higher tier 'tier1'"),
        ({"overdue": {"to": "front"}}, "has no clock"),
        ({"overdue": {"to": "front", "before_due": "1 h"}}, "no channel has a deadline"),
        ({"path": ["tier1", "boss"], "angry": {"to": "boss"}}, "nobody asks"),
        ({"path": ["tier1", "boss"], "angry": {"complaints": "5 %"}}, "nobody complains"),
    ],
)
def test_what_makes_no_sense_is_refused(way_up: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        from_dict(
            center(CALLS[:1], escalation=way_up, teams__boss=agents(1, tier="boss" if "path" in way_up else "tier1"))
        )
