"""The engine on centers so small that every second can be worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from simulation.experiments.load import from_dict
from simulation.metrics import measure
from simulation.metrics.kpi import standard_metrics
from simulation.metrics.view import View
from simulation.record.recorder import CaseStatus, Outcome
from tests.laws.books import observe
from tests.laws.micro import Call, agents, assert_story, center, on_shift
from tests.laws.strategies import Data, constant

# -- one queue ----------------------------------------------------------------------------------------------


def test_first_come_first_served() -> None:
    assert_story(
        center([(0, 60), (10, 100), (20, 30), (500, 5)]),
        """
        0: 0 0-60 front/1
        1: 10 60-160 front/1
        2: 20 160-190 front/1
        3: 500 500-505 front/1
        """,
    )


@pytest.mark.parametrize(
    ("choice", "who"),
    [("longest_idle", [1, 2, 3, 2, 1, 3]), ("lowest_number", [1, 2, 3, 1, 1, 2]), ("least_busy", [1, 2, 3, 2, 1, 2])],
)
def test_which_free_agent(choice: str, who: list[int]) -> None:
    """Three agents are busy for 300, 100 and 400 s; then come one call to all, one later, one while that lasts."""
    calls: list[Call] = [(0, 300), (0, 100), (0, 400), (500, 250), (800, 60), (840, 10)]
    books = observe(center(calls, teams__front=agents(3), routing={"agent": choice}))
    assert [leg.agent + 1 for leg in books.legs] == who


@pytest.mark.parametrize(("first", "second"), [(60, "1: 10 60-70 front/1"), (61, "1: 10 60 abandoned")])
def test_who_hangs_up_as_the_agent_gets_free_is_served(first: int, second: str) -> None:
    data = center([(0, first), (10, 10)], channels__phone__patience=constant(50))
    assert_story(data, f"0: 0 0-{first} front/1\n{second}")


def test_who_waits_comes_before_who_arrives_as_the_agent_gets_free() -> None:
    assert_story(center([(0, 60), (30, 10), (60, 10)]), "0: 0 0-60 front/1\n1: 30 60-70 front/1\n2: 60 70-80 front/1")


def test_without_patience_nobody_waits_and_a_free_agent_answers() -> None:
    assert_story(
        center([(0, 60), (60, 10), (65, 10)], channels__phone__patience=constant(0)),
        "0: 0 0-60 front/1\n1: 60 60-70 front/1\n2: 65 65 abandoned",
    )


def test_after_contact_work_keeps_the_agent_and_not_the_customer() -> None:
    books = assert_story(
        center([(0, 60), (10, 20)], topics__any__wrap_up={"any": constant(30)}),
        "0: 0 0-90 front/1\n1: 10 90-140 front/1",
    )
    assert [leg.released for leg in books.legs] == [60, 110]


def test_a_fast_agent_needs_less_time_for_all_of_it() -> None:
    wrap_up = {"any": constant(30)}
    assert_story(center([(0, 60)], topics__any__wrap_up=wrap_up, teams__front__speed=1.25), "0: 0 0-72 front/1")


def test_what_is_not_over_at_the_end_is_open() -> None:
    books = assert_story(center([(3000, 900), (3100, 10)]), "0: 3000 3000-3600 front/1\n1: 3100 open")
    assert books.statuses == [CaseStatus.OPEN] * 2 and [c.outcome for c in books.contacts] == [Outcome.OPEN] * 2


@pytest.mark.parametrize(
    ("discipline", "order"),
    [("fifo", [1, 2, 3]), ("lifo", [3, 2, 1]), ("urgency", [3, 1, 2]), ("deadline", [2, 3, 1]), ("score", [2, 1, 3])],
)
def test_who_is_next(discipline: str, order: list[int]) -> None:
    """Waiting since 10 (normal, due at 1010), 20 (normal, due at 120) and 900 s (high, due at 950)."""
    calls: list[Call] = [(0, 1600), (10, 10), (20, 10, "line", "any"), (900, 10, "phone", "hot")]
    due = {"normal": "1000 s", "high": "50 s"}
    data = center(
        calls, channels__phone__deadline=due, channels__line={"mode": "live", "deadline": {"normal": "100 s"}}
    )
    data["topics"]["hot"] = {"handling": {"any": constant(60)}, "urgency": {"high": "100 %"}}
    data["routing"] = {"discipline": discipline, "score": {"age": 1, "deadline": 1, "urgency": {"high": 0.2}}}
    books = observe(data)
    assert sorted((1, 2, 3), key=lambda case: books.legs[case].answered) == order


# -- agents come and go -------------------------------------------------------------------------------------


def test_who_waits_is_served_as_the_shift_begins() -> None:
    books = assert_story(
        center([(0, 60), (600, 60)], teams__front=on_shift("00:10", "01:00", 2)),
        "0: 0 600-660 front/s/1\n1: 600 600-660 front/s/2",
    )
    assert books.on == [[(600, 3600)], [(600, 3600)]]


def test_an_agent_finishes_the_call_and_leaves() -> None:
    books = assert_story(
        center([(1700, 300), (1750, 60)], teams__front=on_shift("00:00", "00:30")),
        "0: 1700 1700-2000 front/s/1\n1: 1750 open",
    )
    assert books.on == [[(0, 2000)]]
    staffing = books.record.staffing
    assert (staffing["paid"].sum(), staffing["overtime"].sum(), staffing["handling"].sum()) == (2000, 200, 300)


def test_a_call_in_the_moment_of_leaving_finds_nobody() -> None:
    assert_story(center([(1800, 60)], teams__front=on_shift("00:00", "00:30")), "0: 1800 open")


@pytest.mark.parametrize(("paid", "hours"), [(True, 3600), (False, 3000)])
def test_a_late_break_keeps_its_length(paid: bool, hours: int) -> None:
    pause = {"tea": {"after": "10 min", "lasts": "10 min", "paid": paid}}
    books = assert_story(
        center([(500, 200), (650, 60)], teams__front=on_shift("00:00", "01:00", breaks=pause)),
        "0: 500 500-700 front/s/1\n1: 650 1300-1360 front/s/1",
    )
    assert books.on == [[(0, 700), (1300, 3600)]]
    assert (books.record.staffing["paid"].sum(), books.record.staffing["break"].sum()) == (hours, 600)


def test_waves_take_their_breaks_in_turn() -> None:
    pause = {"tea": {"after": "10 min", "lasts": "10 min"}}
    books = observe(center([(0, 60)], teams__front=on_shift("00:00", "01:00", 3, breaks=pause, waves=2)))
    assert books.on == [[(0, 600), (1200, 3600)], [(0, 1200), (1800, 3600)], [(0, 600), (1200, 3600)]]


def test_who_idles_leaves_first_when_fewer_are_planned() -> None:
    weekly = {"interval": "5 min", "weekly": {"daily": [3, 1, *[2] * 286]}}
    books = assert_story(
        center([(200, 300), (600, 60), (600, 60)], teams__front={"skills": {"all": {}}, "headcount": weekly}),
        "0: 200 200-500 front/1\n1: 600 600-660 front/1\n2: 600 600-660 front/2",
    )
    assert books.on == [[(0, 3600)], [(0, 300), (600, 3600)], [(0, 300)]]


def test_who_finishes_next_leaves_when_nobody_idles() -> None:
    weekly = {"interval": "5 min", "weekly": {"daily": [2, 1, 1, *[2] * 285]}}
    books = assert_story(
        center([(200, 300), (250, 200), (260, 60)], teams__front={"skills": {"all": {}}, "headcount": weekly}),
        "0: 200 200-500 front/1\n1: 250 250-450 front/2\n2: 260 500-560 front/1",
    )
    assert books.on == [[(0, 3600)], [(0, 450), (900, 3600)]]


def test_who_should_have_left_stays_when_more_are_planned_again() -> None:
    weekly = {"interval": "5 min", "weekly": {"daily": [2, 1, *[2] * 286]}}
    data = center([(200, 600), (250, 600)], teams__front={"skills": {"all": {}}, "headcount": weekly})
    assert observe(data).on == [[(0, 3600)], [(0, 3600)]]


# -- several teams and skills -------------------------------------------------------------------------------


def two_teams(calls: Sequence[Call], wait: int) -> Data:
    """A second team helps after a wait."""
    back = {"skills": {"all": {}}, "headcount": {"constant": 1}}
    routes = {"all": {"teams": {"front": "0 s", "back": f"{wait} s"}}}
    return center(calls, teams__back=back, routing={"routes": routes})


def test_another_team_helps_after_a_wait() -> None:
    assert_story(
        two_teams([(0, 600), (10, 60), (20, 60)], 30), "0: 0 0-600 front/1\n1: 10 40-100 back/1\n2: 20 100-160 back/1"
    )


def test_the_own_team_is_faster_when_it_gets_free_as_the_other_may_help() -> None:
    assert_story(two_teams([(0, 40), (10, 60)], 30), "0: 0 0-40 front/1\n1: 10 40-100 front/1")


def test_the_other_team_looks_for_those_who_have_waited_long_enough_only() -> None:
    calls: list[Call] = [(0, 600), (10, 60), (20, 60), (95, 60)]
    assert_story(
        two_teams(calls, 30), "0: 0 0-600 front/1\n1: 10 40-100 back/1\n2: 20 100-160 back/1\n3: 95 160-220 back/1"
    )


@pytest.mark.parametrize("channels", [["phone", "mail"], ["mail", "phone"]])
def test_priority_comes_before_age_and_before_the_order_of_the_file(channels: list[str]) -> None:
    skills = {"calls": {"channels": "phone"}, "mail": {"channels": "mail", "priority": 2}}
    data = center([(0, 60), (10, 60, "mail"), (50, 60)], teams__front=agents(1) | {"skills": skills})
    data["channels"] = {name: {"mode": {"phone": "live", "mail": "deferred"}[name]} for name in channels}
    assert_story(data, "0: 0 0-60 front/1\n1: 10 120-180 front/1\n2: 50 60-120 front/1")


def test_letters_wait_until_more_agents_than_the_reserve_are_free() -> None:
    skills = {"calls": {"channels": "phone"}, "mail": {"channels": "mail", "reserve": 1}}
    assert_story(
        center(
            [(0, 100), (10, 60, "mail"), (20, 60)],
            channels__mail={"mode": "deferred"},
            teams__front=agents(2) | {"skills": skills},
        ),
        "0: 0 0-100 front/1\n1: 10 100-160 front/1\n2: 20 20-80 front/2",
    )


# -- chats side by side -------------------------------------------------------------------------------------


def chats(calls: Sequence[Call], number: int = 1, **concurrency: Any) -> Data:
    """Agents who chat and telephone."""
    team = agents(number, concurrency=concurrency)
    return center(calls, channels__chat={"mode": "concurrent"}, teams__front=team)


def test_as_many_chats_as_slots() -> None:
    assert_story(
        chats([(0, 100, "chat"), (10, 50, "chat"), (20, 50, "chat")], slots=2),
        "0: 0 0-100 front/1\n1: 10 10-60 front/1\n2: 20 60-110 front/1",
    )


def test_two_chats_slow_each_other() -> None:
    """Alone for 30 s; then each at 0.75: the first needs 40 s more, has the second done 30 of 60; that goes on alone."""
    assert_story(
        chats([(0, 60, "chat"), (30, 60, "chat")], slots=2, throughput=[1, 1.5]),
        "0: 0 0-70 front/1\n1: 30 30-100 front/1",
    )


def test_a_call_takes_the_whole_agent_and_a_chat_leaves_no_room_for_it() -> None:
    assert_story(
        chats([(0, 100, "chat"), (10, 50), (20, 50, "chat")], slots=2),
        "0: 0 0-100 front/1\n1: 10 100-150 front/1\n2: 20 20-70 front/1",
    )
    assert_story(chats([(0, 100), (10, 50, "chat")], slots=2), "0: 0 0-100 front/1\n1: 10 100-150 front/1")


def test_the_least_loaded_agent_gets_the_chat() -> None:
    """At 105 s both hold one chat, the second agent the longer."""
    calls: list[Call] = [(0, 100, "chat"), (10, 100, "chat"), (20, 100, "chat"), (105, 10, "chat")]
    books = observe(chats(calls, 2, slots=2))
    assert [leg.agent for leg in books.legs] == [0, 1, 0, 1]


def test_a_leaving_agent_takes_no_further_chat() -> None:
    team = on_shift("00:00", "00:10") | {"concurrency": {"slots": 2}}
    data = center([(500, 300, "chat"), (700, 60, "chat")], channels__chat={"mode": "concurrent"}, teams__front=team)
    data["channels"].pop("phone")
    assert_story(data, "0: 500 500-800 front/s/1\n1: 700 open")


# -- doors, trunks, bots ------------------------------------------------------------------------------------


def test_a_busy_signal_while_all_trunks_are_taken() -> None:
    books = assert_story(center([(0, 60), (10, 60), (20, 60), (60, 60)], channels__phone__trunks=2),
                         "0: 0 0-60 front/1\n1: 10 60-120 front/1\n3: 60 120-180 front/1")  # fmt: skip
    assert books.contacts[2].outcome is Outcome.BLOCKED and books.statuses[2] is CaseStatus.GIVEN_UP


@pytest.mark.parametrize(
    ("at_close", "end"), [("serve", "1: 590 1000-1060 front/1"), ("disconnect", "1: 590 600 disconnected")]
)
def test_a_door_opens_and_closes(at_close: str, end: str) -> None:
    phone = {"mode": "live", "open": {"daily": "00:05-00:10"}, "at_close": at_close}
    books = assert_story(
        center([(300, 700), (590, 60), (299, 60), (600, 60)], channels__phone=phone),
        f"1: 300 300-1000 front/1\n{end.replace('1:', '2:', 1)}",
    )
    assert [c.outcome for c in books.contacts if c.case in (0, 3)] == [Outcome.CLOSED] * 2


def test_redials_in_a_row_are_limited() -> None:
    phone = {"mode": "live", "trunks": 0, "redial": {"probability": "100 %", "after": constant(60), "most": 2}}
    books = observe(center([(0, 60)], channels__phone=phone))
    assert [contact.arrived for contact in books.contacts] == [0, 60, 120] and books.statuses == [CaseStatus.GIVEN_UP]


def test_who_was_not_helped_comes_back_and_at_last_gives_up() -> None:
    topic = {
        "handling": {"any": constant(60)},
        "reach": {"tier1": "0 %"},
        "repeat": {"probability": "100 %", "after": constant(100), "most": 1},
    }
    books = assert_story(center([(0, 30)], topics__any=topic), "0: 0 0-30 front/1\n0: 130 130-190 front/1")
    assert books.statuses == [CaseStatus.GIVEN_UP]
    assert [contact.outcome for contact in books.contacts] == [Outcome.WRONG] * 2


def escalating(calls: Sequence[Call], **parts: Any) -> Data:
    """The first tier can solve nothing, and sees it."""
    topic = {"handling": {"any": constant(60)}, "wrap_up": {"any": constant(20)}, "reach": {"tier1": "0 %"}}
    experts = {"tier": "tier2", "skills": {"all": {"handling": constant(100)}}, "headcount": {"constant": 1}}
    path = {"path": ["tier1", "tier2"]}
    return center(calls, **{"topics__any": topic, "teams__experts": experts, "escalation": path, **parts})


def test_the_next_tier_begins_while_the_first_still_writes_up() -> None:
    assert_story(
        escalating([(0, 30), (10, 30)]),
        """
        0: 0 0-50 front/1
        0: 30 30-150 experts/1
        1: 10 50-100 front/1
        1: 80 150-270 experts/1
        """,
    )


def test_whoever_hangs_up_at_the_second_tier_has_the_patience_of_that_tier() -> None:
    data = escalating([(0, 30), (10, 30)])
    data["escalation"]["patience"] = {"tier2": constant(50)}
    assert_story(data, "0: 0 0-50 front/1\n0: 30 30-150 experts/1\n1: 10 50-100 front/1\n1: 80 130 abandoned")


def test_who_redials_after_hanging_up_at_the_second_tier_keeps_the_patience_of_the_first() -> None:
    data = escalating([(0, 30), (10, 30), (200, 100)])
    data["escalation"]["patience"] = {"tier2": constant(50)}
    redial = {"probability": "100 %", "after": constant(80), "most": 1, "patience": "kept"}
    data["channels"]["phone"] = {"mode": "live", "patience": constant(1000), "redial": redial}
    legs = [leg for leg in observe(data).legs if leg.case == 1 and leg.contact == 1]
    assert legs[0].served and (legs[0].queued, legs[0].answered) == (210, 320)


def test_experts_who_help_at_the_first_tier_do_not_escalate_to_themselves() -> None:
    data = escalating(
        [(0, 30)], teams__front=agents(1), routing={"routes": {"r": {"teams": {"experts": "0 s", "front": "10 s"}}}}
    )
    data["topics"]["any"]["reach"] = {"tier1": "0 %", "tier2": "0 %"}
    books = observe(data)
    assert [leg.outcome for leg in books.legs] == [Outcome.WRONG]


@pytest.mark.parametrize(("reach", "story"), [
    ("100 %", "0: 0 0-20 helper\n1: 10 10-70 front/1\n2: 25 25-45 helper"),
    ("0 %", "0: 0 0-20 helper\n0: 20 70-130 front/1\n1: 10 10-70 front/1\n2: 25 25-45 helper\n2: 45 130-190 front/1"),
])  # fmt: skip
def test_a_bot_takes_as_many_sessions_as_it_may(reach: str, story: str) -> None:
    bots = {"helper": {"sessions": 1, "session": constant(20)}}
    topic = {"handling": {"any": constant(60)}, "reach": {"helper": reach}}
    assert_story(
        center([(0, 60), (10, 60), (25, 60)], bots=bots, channels__phone__bot="helper", topics__any=topic), story
    )


# -- what is made of it -------------------------------------------------------------------------------------


def kpis(data: Data) -> dict[str, float]:
    """Every KPI on everything."""
    scenario = from_dict(data)
    found = measure(View(observe(scenario).record, scenario), standard_metrics(scenario))
    return {
        str(metric): sums.value if sums.over != sums.over else sums.value / sums.over if sums.over else float("nan")
        for (metric, segment), sums in found.items()
        if not segment
    }


def test_kpis_by_hand() -> None:
    """Answered after 0, 50 and 20 s, one hung up after 40 s; 60 + 100 + 30 s of work in an hour."""
    data = center([(0, 60), (10, 100), (15, 60), (140, 30), (1000, 10)], channels__phone__patience=constant(55))
    data["channels"]["phone"]["trunks"] = 3
    data["teams"]["front"]["wage"] = "36 EUR/h"
    found = kpis(data)
    # 0: at once to 60; 1: waits 50, 60-160; 2: hangs up at 70; 3: waits 20, 160-190; 4: at once to 1010.
    assert found["asa.mean"] == pytest.approx((0 + 50 + 20 + 0) / 4)
    assert found["queue_time.mean"] == pytest.approx((0 + 50 + 55 + 20 + 0) / 5)
    assert found["service_level(20s)"] == pytest.approx(3 / 5)
    assert found["service_level_answered(20s)"] == pytest.approx(3 / 4)
    assert found["abandonment"] == pytest.approx(1 / 5) and found["short_abandonment"] == 0
    assert found["waiting_probability"] == pytest.approx(3 / 5)
    assert found["queue_length"] == pytest.approx((50 + 55 + 20) / 3600)
    assert found["occupancy"] == pytest.approx((60 + 100 + 30 + 10) / 3600)
    assert found["agents"] == 1 and found["paid_hours"] == pytest.approx(24)
    assert found["solved"] == found["fcr"] == found["one_touch"] == pytest.approx(4 / 5)
    assert found["blocking"] == 0 and found["contacts"] == pytest.approx(5 * 24)
    assert found["cost"] == pytest.approx(36 * 24) and found["cost_per_solved_case"] == pytest.approx(36 / 4)
    assert found["first_response_time.mean"] == pytest.approx(70 / 4)
    assert found["resolution_time.mean"] == pytest.approx((60 + 150 + 50 + 10) / 4)
    assert found["handling_time.mean"] == pytest.approx(50)
