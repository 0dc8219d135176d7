"""What is decided during the day, on centers so small that every second can be worked out by hand."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest

from simulation.center.plan import Plan
from simulation.center.rules import calls_in, goes_home
from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.metrics import KPIS
from simulation.metrics.view import View
from simulation.record.recorder import Duty
from simulation.reports.explain_sameday import sameday_words
from simulation.reports.staff_hours import Hours, staff_of
from tests.laws.books import Books, observe
from tests.laws.micro import agents, assert_story, center, on_shift, told
from tests.laws.strategies import Data

LATE = [(1700, 300), (1710, 60), (1720, 60), (1730, 60)]
"""Four calls before the shift ends at 1800 s; the first holds the agent until 2000 s."""


def staying(rule: Data, calls: Any = LATE, number: int = 1, **parts: Any) -> Data:
    """A team at 36 EUR/h (1 cent a second) whose shift ends after half an hour, with a rule on overtime."""
    return center(
        calls, teams__front=on_shift("00:00", "00:30", number) | {"wage": "36 EUR/h", "overtime": rule}, **parts
    )


def kpi(books: Books, name: str) -> float:
    """A KPI of sums over constants, as a total of the run."""
    view = View(books.record, books.scenario)
    ratio = KPIS[name].of(view, None)
    return float(sum(amount.values.sum() for amount in ratio.numerator))  # type: ignore[union-attr]


# -- overtime -----------------------------------------------------------------------------------------------


def test_the_agent_stays_while_more_than_one_waits() -> None:
    """Asked at 1800 (three wait), 2000 (three), 2060 (two) and 2120 (one: goes)."""
    books = assert_story(
        staying({"over": 1, "premium": "50 %"}),
        """
        0: 1700 1700-2000 front/s/1
        1: 1710 2000-2060 front/s/1
        2: 1720 2060-2120 front/s/1
        3: 1730 open
        """,
    )
    assert books.on == [[(0, 2120)]]
    assert books.spans(0, Duty.OVERTIME) == [(1800, 2120)]
    staffing = books.record.staffing
    assert [staffing[name].sum() for name in ("paid", "overtime", "stayed_on")] == [2120, 320, 320]
    assert kpi(books, "overtime_hours") == pytest.approx(320 / 3600)
    assert kpi(books, "overtime_cost") == pytest.approx(3.20 * 1.5)
    assert kpi(books, "wages") == pytest.approx(21.20 + 1.60)


def test_a_threshold_that_is_not_reached_is_the_graceful_end_at_the_plain_wage() -> None:
    books = assert_story(staying({"over": 3}), "0: 1700 1700-2000 front/s/1\n1: 1710 open\n2: 1720 open\n3: 1730 open")
    assert kpi(books, "wages") == pytest.approx(20.00)
    assert kpi(books, "overtime_hours") == 0


def test_nobody_stays_longer_than_the_rule_says() -> None:
    """The limit of 4 min comes at 2040 s, within the second call, which is finished."""
    books = assert_story(
        staying({"over": 0, "most": "4 min"}),
        "0: 1700 1700-2000 front/s/1\n1: 1710 2000-2060 front/s/1\n2: 1720 open\n3: 1730 open",
    )
    assert books.spans(0, Duty.OVERTIME) == [(1800, 2060)]


def test_the_age_of_the_oldest_is_a_reason_too() -> None:
    """At 1800 s the oldest has waited 90 s, at 2000 s 290 s, at 2060 s 340 s."""
    books = assert_story(
        staying({"wait": "89 s"}, LATE[:2]), "0: 1700 1700-2000 front/s/1\n1: 1710 2000-2060 front/s/1"
    )
    assert books.on == [[(0, 2060)]]
    assert_story(staying({"wait": "90 s"}, LATE[:2]), "0: 1700 1700-2000 front/s/1\n1: 1710 open")


def test_at_most_so_many_stay() -> None:
    calls = [(1700, 300), (1701, 310), (1702, 60), (1703, 60)]
    books = assert_story(
        staying({"over": 0, "agents": 1}, calls, 2),
        """
        0: 1700 1700-2000 front/s/1
        1: 1701 1701-2011 front/s/2
        2: 1702 2000-2060 front/s/1
        3: 1703 2060-2120 front/s/1
        """,
    )
    assert books.spans(1, Duty.OVERTIME) == [] and books.on[1] == [(0, 2011)]


def test_who_idles_is_asked_again_after_a_while() -> None:
    """The agent may help after 5 min only: stays for that, and is asked every minute until another takes it at 1930 s."""
    data = staying({"over": 0, "every": "1 min"}, [(1700, 60)])
    data["routing"] = {"routes": {"calls": {"teams": {"front": "5 min", "helpers": "0 s"}}}}
    data["teams"]["helpers"] = on_shift("00:32:10", "01:00")
    books = assert_story(data, "0: 1700 1930-1990 helpers/s/1")
    assert books.on[0] == [(0, 1980)]


def test_only_some_channels_count() -> None:
    calls = [(1700, 300), (1710, 60, "mail")]
    parts = {"channels": {"phone": {"mode": "live"}, "mail": {"mode": "deferred"}}}
    assert_story(staying({"over": 0, "channels": "phone"}, calls, **parts), "0: 1700 1700-2000 front/s/1\n1: 1710 open")
    assert_story(
        staying({"over": 0, "channels": "mail"}, calls, **parts),
        "0: 1700 1700-2000 front/s/1\n1: 1710 2000-2060 front/s/1",
    )


def test_only_the_age_on_some_channels_counts() -> None:
    calls = [(1600, 400), (1610, 60, "mail"), (1790, 60)]
    parts = {"channels": {"phone": {"mode": "live"}, "mail": {"mode": "deferred"}}}
    books = observe(staying({"wait": "1 min", "channels": "phone"}, calls, **parts))
    assert books.spans(0, Duty.OVERTIME) == [], "the letter is old, the call is not"
    books = observe(staying({"wait": "1 min", "channels": "mail"}, calls, **parts))
    assert books.spans(0, Duty.OVERTIME) == [(1800, 2060)]


def test_the_next_shift_ends_all_overtime() -> None:
    """From 23:00 on the agent stays on, with a call until 02:00; from midnight on that is the next shift."""
    calls = [(82000, 11600), (82010, 60), (82020, 60), (82030, 60)]
    shift = on_shift("00:00", "23:00") | {"overtime": {"over": 0, "most": "5 h"}}
    books = observe(center(calls, horizon="2 d", teams__front=shift))
    assert books.spans(0, Duty.OVERTIME) == [(82800, 86400)]
    assert books.spans(0, Duty.ON) == [(0, 93600), (93600, 169200)], (
        "leaves after the call, and comes for the next shift"
    )
    assert told(books).splitlines()[1] == "1: 82010 93600-93660 front/s/1"
    assert books.record.staffing["stayed_on"].sum() == books.record.staffing["overtime"].sum() == 3600


def test_a_break_is_no_end_of_a_shift() -> None:
    breaks = {"tea": {"after": "10 min", "lasts": "5 min"}}
    data = staying({"over": 0}, [(590, 60), (595, 60), (1790, 60), (1795, 60)])
    data["teams"]["front"]["shifts"]["s"]["breaks"] = breaks
    books = assert_story(
        data,
        """
        0: 590 590-650 front/s/1
        1: 595 950-1010 front/s/1
        2: 1790 1790-1850 front/s/1
        3: 1795 1850-1910 front/s/1
        """,
    )
    assert books.spans(0, Duty.OVERTIME) == [(1800, 1910)]


def test_overtime_that_is_cut_off_by_the_end_is_noted() -> None:
    books = assert_story(
        staying({"over": 0}, [(1700, 1800), (1710, 600)]), "0: 1700 1700-3500 front/s/1\n1: 1710 3500-3600 front/s/1"
    )
    assert books.spans(0, Duty.OVERTIME) == [(1800, 3600)]


# -- time off -----------------------------------------------------------------------------------------------


def off(rule: Data, calls: Any = ((0, 60),), number: int = 3, **shift: Any) -> Data:
    """Agents at 36 EUR/h (1 cent a second) for an hour, with a rule for time off that looks every ten minutes."""
    team = on_shift("00:00", "01:00", number, **shift) | {"wage": "36 EUR/h", "time_off": {"every": "10 min", **rule}}
    return center(list(calls), teams__front=team)


def test_who_idles_beyond_one_goes_home() -> None:
    """At 600 s all three idle: the first two go for the rest of the shift."""
    books = observe(off({"idle": 1}))
    assert [books.spans(agent, Duty.TIME_OFF) for agent in range(3)] == [[(600, 3600)], [(600, 3600)], []]
    assert books.on == [[(0, 600)], [(0, 600)], [(0, 3600)]]
    staffing = books.record.staffing
    assert (staffing["paid"].sum(), staffing["time_off"].sum()) == (4800, 6000)
    assert (kpi(books, "wages"), kpi(books, "time_off_saved")) == pytest.approx((48, 60))
    assert kpi(books, "time_off_hours") == pytest.approx(6000 / 3600)
    half = observe(off({"idle": 1, "paid": "50 %"}))
    assert (kpi(half, "wages"), kpi(half, "time_off_saved")) == pytest.approx((48 + 30, 30))


def test_time_off_goes_round() -> None:
    """A quarter of an hour each; at 1800 s the third, who has had none, and the first go. Nobody goes in the last half hour."""
    books = observe(off({"idle": 1, "lasts": "15 min"}))
    spans = [books.spans(agent, Duty.TIME_OFF) for agent in range(3)]
    assert spans == [[(600, 1500), (1800, 2700)], [(600, 1500)], [(1800, 2700)]]
    assert books.on[0] == [(0, 600), (1500, 1800), (2700, 3600)]


@pytest.mark.parametrize(
    ("rule", "gone"),
    [
        ({"idle": 0}, 2),
        ({"idle": 0, "keep": 0}, 3),
        ({"idle": 0, "agents": 1}, 1),
        ({"idle": 3}, 0),
        ({"idle": 0, "at_least": "55 min"}, 0),
        ({"occupancy": "4 %"}, 1),
        ({"occupancy": "3 %"}, 0),
        ({"idle": 1, "occupancy": "4 %"}, 2),
    ],
)
def test_who_goes_at_the_first_look(rule: Data, gone: int) -> None:
    """Three idle at 600 s, after 60 of 1800 agent-seconds of work: an occupancy of 3.3 %."""
    books = observe(off(rule))
    assert sum((600, 3600) in books.spans(agent, Duty.TIME_OFF) for agent in range(3)) == gone


def test_nobody_goes_while_somebody_waits() -> None:
    """A call that nobody may take before 15 min keeps all three; when it is taken, two idle and one goes."""
    data = off({"idle": 1}, [(500, 600)])
    data["routing"] = {"routes": {"calls": {"teams": {"front": "15 min"}}}}
    books = observe(data)
    assert told(books) == "0: 500 1400-2000 front/s/1"
    assert [books.spans(agent, Duty.TIME_OFF) for agent in range(3)] == [[], [(1800, 3600)], []]


def test_an_unpaid_break_in_time_off_saves_nothing_and_a_paid_one_does() -> None:
    """Off from 600 s: the tea (paid) is time off, the meal is not, and nobody comes back in between."""
    breaks = {
        "tea": {"after": "20 min", "lasts": "5 min"},
        "meal": {"after": "30 min", "lasts": "10 min", "paid": False},
    }
    books = observe(off({"idle": 0, "keep": 0}, number=1, breaks=breaks))
    assert books.spans(0, Duty.TIME_OFF) == [(600, 1200), (1200, 1500), (1500, 1800), (2400, 3600)]
    assert books.spans(0, Duty.UNPAID_BREAK) == [(1800, 2400)] and books.spans(0, Duty.BREAK) == []
    assert books.record.staffing["paid"].sum() == 600


def test_time_off_that_ends_in_a_break_leaves_the_rest_of_the_break() -> None:
    breaks = {"tea": {"after": "20 min", "lasts": "10 min"}}
    books = observe(off({"idle": 0, "keep": 0, "lasts": "15 min", "at_least": "40 min"}, number=1, breaks=breaks))
    assert books.spans(0, Duty.TIME_OFF) == [(600, 1200), (1200, 1500)]
    assert books.spans(0, Duty.BREAK) == [(1500, 1800)]
    assert books.on[0] == [(0, 600), (1800, 3600)]


def test_who_has_time_off_is_not_asked_to_stay_on() -> None:
    calls = [(1790, 300), (1795, 60)]
    data = off({"idle": 1, "at_least": "10 min"}, calls, 2)
    data["teams"]["front"]["shifts"]["s"]["end"] = "00:30"
    data["teams"]["front"]["overtime"] = {"over": 0}
    books = assert_story(data, "0: 1790 1790-2090 front/s/2\n1: 1795 2090-2150 front/s/2")
    assert (books.spans(0, Duty.TIME_OFF), books.on[0]) == ([(600, 1800)], [(0, 600)])
    assert books.spans(1, Duty.OVERTIME) == [(1800, 2150)]


def test_who_stays_on_or_is_called_in_is_not_sent_home_by_the_rule_for_lulls() -> None:
    """Called in for calls that others take at 2100 s, the agent idles while nobody waits until the least stay is over, at
    2600 s. The other one went home at the first look."""
    data = called([(1700, 60), (1701, 60)], ("00:00", "00:30"), over=0, at_least="10 min")
    data["teams"]["front"] |= {"overtime": {"over": 0, "every": "10 min"}}
    data["teams"]["front"] |= {"time_off": {"idle": 0, "keep": 0, "every": "1 min", "at_least": "0 s"}}
    data["teams"]["helpers"] = on_shift("00:35", "01:00", 2)
    data["routing"] = {"routes": {"calls": {"teams": {"front": "30 min", "helpers": "0 s"}}}}
    books = observe(data)
    assert (books.on[0], books.on[1]) == ([(0, 60)], [(2000, 2600)])


def test_time_off_is_cut_off_by_the_end() -> None:
    data = off({"idle": 0, "keep": 0}, number=1)
    data["teams"]["front"]["shifts"]["s"]["end"] = "02:00"
    assert observe(data).spans(0, Duty.TIME_OFF) == [(600, 3600)]


# -- hours disliked -----------------------------------------------------------------------------------------


def nightly(nights: Data | None, absence: str = "0 %", number: int = 1, days: int = 1) -> Data:
    """A shift from 20:00 to 04:00, of which three quarters are nights."""
    team = on_shift("20:00", "04:00", number) | {"absence": absence}
    return center([(0, 60)], horizon=f"{days} d", teams__front=team | ({"nights": nights} if nights else {}))


def test_hours_disliked_are_counted_while_the_agent_comes() -> None:
    """The night before ends at 04:00, the next begins at 20:00: four and two disliked hours of four and four."""
    books = observe(nightly({"dislike": "100 %"}))
    assert books.spans(0, Duty.DISLIKED) == [(0, 14400), (79200, 86400)]
    view = View(books.record, books.scenario)
    assert view.staffing["disliked"].sum() == 6 * 3600 and view.staffing["paid"].sum() == 8 * 3600
    assert observe(nightly({"dislike": "0 %"})).spans(0, Duty.DISLIKED) == []


@pytest.mark.slow
def test_who_dislikes_nights_is_absent_more_often() -> None:
    """A tenth of shifts, times 1 + (3 - 1) x 3/4 for the half of agents who dislike them: 10 % and 25 %."""
    books = observe(nightly({"dislike": "50 %", "absence": 3}, "10 %", 200, 40))
    missed: dict[bool, list[int]] = {True: [], False: []}
    for agent in range(200):
        dislikes = bool(books.spans(agent, Duty.DISLIKED))
        shifts = [span for span in books.spans(agent, Duty.SHIFT) if span[1] - span[0] == 8 * 3600]
        missed[dislikes].append(sum(span in shifts for span in books.spans(agent, Duty.ABSENT)))
    assert abs(len(missed[True]) - 100) < 4 * 50**0.5
    for dislikes, share in ((True, 0.25), (False, 0.1)):
        trials = 39 * len(missed[dislikes])
        error = (share * (1 - share) / trials) ** 0.5
        assert abs(sum(missed[dislikes]) / trials - share) < 4 * error
        assert error < 0.01, "too few to tell 10 % from 25 %"


def test_explain_expects_the_absence_of_those_who_dislike_nights() -> None:
    """An absence of 10 %, and of 25 % for half of the agents; of 30 % in the night that began before the start, of which
    only nightly hours are simulated."""
    plan = Plan(from_dict(nightly({"dislike": "50 %", "absence": 3}, "10 %", 20, 3)))
    staff = staff_of("front", plan, Hours.of(plan))
    assert staff.planned[21] == 20 * 3600
    assert staff.floor[[2, 21]] / staff.planned[21] == pytest.approx([0.8, 0.825])


def test_an_agent_is_absent_at_least_when_it_would_be_without_dislike() -> None:
    plain, more = (observe(nightly(rule, "20 %", 20, 10)) for rule in (None, {"dislike": "50 %", "absence": 2}))
    for agent in range(20):
        before, after = (set(books.spans(agent, Duty.ABSENT)) for books in (plain, more))
        assert before <= after
        assert before == after or more.spans(agent, Duty.DISLIKED)


# -- on call ------------------------------------------------------------------------------------------------

QUEUE = [(0, 600), (10, 60), (20, 60), (30, 60)]
"""The only agent is busy for ten minutes, and three wait from 30 s on."""


def called(calls: Any = QUEUE, shift: Any = ("00:00", "01:00"), **rule: Any) -> Data:
    """A team of one at 36 EUR/h (1 cent a second), and one on call who takes five minutes to come."""
    on_call = {"agents": 1, "over": 1, "delay": {"constant": {"value": "5 min"}}, **rule}
    return center(calls, teams__front=on_shift(*shift) | {"wage": "36 EUR/h", "on_call": on_call})


def test_one_on_call_comes_serves_and_goes_home() -> None:
    """Called as the second begins to wait, at 20 s; there at 320 s; at 500 s nobody waits."""
    books = assert_story(
        called(premium="50 %", standby="20 %"),
        """
        0: 0 0-600 front/s/1
        1: 10 320-380 front/on_call/1
        2: 20 380-440 front/on_call/1
        3: 30 440-500 front/on_call/1
        """,
    )
    assert books.spans(1, Duty.ON_CALL) == [(0, 20), (500, 3600)]
    assert books.spans(1, Duty.ON_THE_WAY) == [(20, 320)]
    assert books.on[1] == [(320, 500)]
    staffing = books.record.staffing
    mine = staffing["agent"] == 1
    columns = ("paid", "signed_in", "standby", "on_the_way", "called_in", "calls_in", "overtime")
    assert [staffing[name][mine].sum() for name in columns] == [480, 180, 3120, 300, 480, 1, 0]
    assert kpi(books, "call_ins") == 1
    assert (kpi(books, "called_in_hours"), kpi(books, "standby_hours")) == pytest.approx((480 / 3600, 3120 / 3600))
    assert kpi(books, "on_call_cost") == pytest.approx(6.24 + 4.80 + 2.40)
    assert kpi(books, "wages") == pytest.approx(36 + 6.24 + 4.80 + 2.40)


def test_nobody_is_called_for_as_many_as_may_wait() -> None:
    books = observe(called(over=3))
    assert books.on[1] == [] and books.spans(1, Duty.ON_CALL) == [(0, 3600)]
    assert kpi(books, "on_call_cost") == pytest.approx(7.20)


def test_who_has_come_stays_for_the_least_time() -> None:
    """There at 320 s for ten minutes at least: takes the call of 700 s, idle for longer than the other, and goes at 920 s."""
    books = observe(called([*QUEUE, (700, 60), (930, 60)], at_least="10 min"))
    assert told(books).splitlines()[4:] == ["4: 700 700-760 front/on_call/1", "5: 930 930-990 front/s/1"]
    assert books.on[1] == [(320, 920)]


def test_a_contact_that_lasts_beyond_the_least_time_is_finished() -> None:
    books = observe(called([(0, 600), (10, 60), (20, 400)], at_least="2 min"))
    assert books.on[1] == [(320, 780)]


def test_who_has_come_may_leave_some_waiting() -> None:
    """Goes at 440 s with one still waiting, whom the other agent takes."""
    books = assert_story(
        called(until=1),
        """
        0: 0 0-600 front/s/1
        1: 10 320-380 front/on_call/1
        2: 20 380-440 front/on_call/1
        3: 30 600-660 front/s/1
        """,
    )
    assert books.on[1] == [(320, 440)]


def test_a_long_wait_is_a_reason_too() -> None:
    """The first of those who wait has waited for two minutes at 130 s: there at 430 s."""
    books = observe(called(QUEUE[:2], over=None, wait="2 min"))
    assert books.spans(1, Duty.ON_THE_WAY) == [(130, 430)]
    assert told(books).splitlines()[1] == "1: 10 430-490 front/on_call/1"


def test_another_is_called_for_each_so_many_more() -> None:
    """Two on call: with each: 1 the second is called at the third who waits, with each: 2 only as the first has come and
    two still wait."""
    soon, late = (observe(called(agents=2, each=each)) for each in (1, 2))
    assert soon.spans(2, Duty.ON_THE_WAY) == [(30, 330)]
    assert late.spans(2, Duty.ON_THE_WAY) == [(320, 620)]
    assert late.on[2] == [(620, 620)], "comes in vain"


def test_who_was_called_before_the_hours_ended_does_not_come_in_the_next_ones() -> None:
    """Called at 20 s, off at 120 s; on call again at 180 s and called anew: there at 480 s and not at 320 s."""
    books = observe(called(hours={"daily": ["00:00-00:02", "00:03-01:00"]}))
    assert books.spans(1, Duty.ON_THE_WAY) == [(20, 120), (180, 480)]


def test_who_has_come_and_idles_goes_when_fewer_wait() -> None:
    """The calls are for three others, who come in at 700 s, and for the team only after half an hour: called at 10 s, there at
    310 s, in vain until the fourth is taken too."""
    data = called()
    data["teams"]["helpers"] = on_shift("00:11:40", "01:00", 3)
    data["routing"] = {"routes": {"calls": {"teams": {"front": "30 min", "helpers": "0 s"}}}}
    assert observe(data).on[1] == [(310, 760)]


def test_being_on_call_keeps_its_hours() -> None:
    """From 300 s on, when three wait already, to 700 s: the agent finishes the call in hand, and leaves."""
    hours = {"hours": {"daily": "00:05-00:11:40"}, "delay": {"constant": {"value": "90 s"}}}
    books = observe(called([(0, 3000), (10, 280), (20, 60), (30, 60)], **hours))
    assert books.spans(1, Duty.ON_THE_WAY) == [(300, 390)]
    assert books.on[1] == [(390, 730)]
    assert books.spans(1, Duty.ON_CALL) == [(300, 300)] or books.spans(1, Duty.ON_CALL) == []


def test_who_is_on_the_way_when_the_hours_end_turns_back() -> None:
    books = observe(called(hours={"daily": "00:00-00:02"}))
    assert books.spans(1, Duty.ON_THE_WAY) == [(20, 120)]
    assert books.on[1] == []


def test_a_team_may_be_on_call_as_a_whole() -> None:
    data = called()
    data["teams"]["front"].pop("shifts")
    data["teams"]["front"]["on_call"]["agents"] = 2
    assert_story(
        data,
        """
        0: 0 310-910 front/on_call/1
        1: 10 320-380 front/on_call/2
        2: 20 380-440 front/on_call/2
        3: 30 440-500 front/on_call/2
        """,
    )


def test_calling_in_and_going_home_as_rules() -> None:
    """over 2, each 3: called at 3, the second at 6; a long wait calls the first only. Stays for the least time and the queue."""
    assert [calls_in(waiting, 0, 2, 3, inf, coming) for waiting, coming in ((2, 0), (3, 0), (5, 1), (6, 1))] == [
        False, True, False, True,
    ]  # fmt: skip
    assert [calls_in(1, oldest, 9, 1, 60, coming) for oldest, coming in ((59, 0), (60, 0), (60, 1))] == [
        False, True, False,
    ]  # fmt: skip
    assert [goes_home(waiting, 0, 1, inf, stayed, 60) for waiting, stayed in ((1, 60), (1, 59), (2, 60))] == [
        True, False, False,
    ]  # fmt: skip
    assert not goes_home(0, 60, 1, 60, 60, 60)


# -- input and explain --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({}, "nobody would ever stay"),
        ({"over": 1, "every": "10 s"}, "60"),
        ({"over": 1, "channels": "chat"}, "there is no channel 'chat'"),
        ({"over": -1}, "over"),
    ],
)
def test_what_makes_no_sense_is_told(rule: Data, words: str) -> None:
    with pytest.raises(InputError, match=words):
        from_dict(staying(rule))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"over": None}, "nobody would ever be called in"),
        ({"until": 2}, "until must be at most over"),
        ({"over": None, "wait": "1 min", "until": 1}, "until goes with over"),
        ({"hours": {"daily": "closed"}}, "the hours never come"),
        ({"agents": 0}, "agents"),
    ],
)
def test_what_makes_no_sense_on_call_is_told(rule: Data, words: str) -> None:
    with pytest.raises(InputError, match=words):
        from_dict(called(**rule))


@pytest.mark.parametrize(
    ("rule", "words"),
    [({}, "nobody would ever go home"), ({"idle": 1, "lasts": "5 s"}, "60"), ({"occupancy": "0 %"}, "occupancy")],
)
def test_what_makes_no_sense_in_time_off_is_told(rule: Data, words: str) -> None:
    with pytest.raises(InputError, match=words):
        from_dict(off(rule))


def test_an_absence_of_nothing_cannot_be_multiplied() -> None:
    with pytest.raises(InputError, match="multiplies an absence of 0 %"):
        from_dict(nightly({"dislike": "50 %", "absence": 2}))


def test_a_shift_is_not_named_like_those_on_call() -> None:
    data = called()
    data["teams"]["front"]["shifts"]["on_call"] = data["teams"]["front"]["shifts"].pop("s")
    with pytest.raises(InputError, match="another name for the shift"):
        from_dict(data)


def test_a_channel_that_the_team_does_not_serve_is_no_reason_to_stay() -> None:
    data = staying({"over": 1, "channels": "mail"}, channels={"phone": {"mode": "live"}, "mail": {"mode": "deferred"}})
    data["teams"]["front"]["skills"] = {"calls": {"channels": "phone"}}
    data["teams"]["writers"] = agents(1)
    with pytest.raises(InputError, match="no skill for mail"):
        from_dict(data)


def test_a_headcount_names_nobody_who_could_stay() -> None:
    with pytest.raises(InputError, match="overtime needs shifts"):
        from_dict(center([(0, 60)], teams__front=agents(1) | {"overtime": {"over": 1}}))


def test_explain_tells_the_rules() -> None:
    data = staying({"over": 5, "wait": "1 h", "agents": 2, "channels": "phone"})
    assert list(sameday_words(from_dict(data))) == [
        "Overtime of front: up to 2 agents stay on after the shift while more than 5 contacts on phone wait or one has "
        "waited over 1 h, for 2 h at most, at 50 % on top of the wage; asked after each contact and every 15 min."
    ]
    data = called(wait="5 min", at_least="1 h", hours={"daily": "22:00-06:00"}, premium="25 %")
    assert list(sameday_words(from_dict(data))) == [
        "On call for front (daily 22:00-06:00): 1 agent, called in while more than 1 contacts wait or one has waited over "
        "5 min; there after 5:00 min on average, for 1 h at least. Paid 20 % of the wage at home, and 125 % from the call on."
    ]
    assert list(sameday_words(from_dict(nightly({"dislike": "40 %", "absence": 3}, "5 %")))) == [
        "Hours disliked in front: 40 % of the agents dislike to work daily 22:00-06:00, and miss 15 % of shifts within these "
        "hours instead of 5 %."
    ]
    data = off({"idle": 2, "occupancy": "60 %", "agents": 3, "paid": "30 %"})
    assert list(sameday_words(from_dict(data))) == [
        "Time off of front: every 10 min agents who idle beyond 2 go home for the rest of the shift if nobody waits and "
        "occupancy since the last look is below 60 %, 3 at once at most, at 30 % of the wage; 1 of the team stay in any case."
    ]
