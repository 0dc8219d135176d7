"""Meetings, training, lateness and absence on teams so small that every second can be worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from simulation.center.appointments import period
from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.metrics import KPIS
from simulation.metrics.view import View
from simulation.record.recorder import Duty
from simulation.reports.by_hour import day_types
from simulation.reports.expected import expect
from simulation.reports.explain_time import time_words
from simulation.reports.second_look import findings
from tests.laws.books import Books, observe
from tests.laws.micro import center, on_shift
from tests.laws.strategies import Data, constant

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
BREAK = {"coffee": {"after": "2 h", "lasts": "15 min"}}
SHIFT: Data = {"days": "mon-fri", "start": "08:00", "end": "12:00", "headcount": 1, "breaks": BREAK}


def team(
    headcount: int = 1, calls: Any = ((0, 1),), horizon: str = "1 d", shift: Data | None = None, **more: Any
) -> Data:
    """A team on a shift from 8 to 12 with a break at 10; 2 March 2026 is a Monday."""
    hours = {**SHIFT, "headcount": headcount, **(shift or {})}
    return center(list(calls), teams__front={"skills": {"all": {}}, "shifts": {"s": hours}, **more}, horizon=horizon)


def hours(books: Books, duty: Duty, agent: int = 0) -> list[tuple[float, float]]:
    """When an agent did that, in hours since the start."""
    return [(round(start / HOUR, 4), round(end / HOUR, 4)) for start, end in books.spans(agent, duty)]


def kpi(books: Books, name: str) -> float:
    """A ratio KPI of a run."""
    ratio: Any = KPIS[name].of(View(books.record, books.scenario), None)
    return float(
        sum(part.values.sum() for part in ratio.numerator) / sum(part.values.sum() for part in ratio.denominator)
    )


# -- meetings ---------------------------------------------------------------------------------------------------


def test_a_meeting_takes_all_who_are_on_shift_at_once_or_in_waves() -> None:
    at_once = observe(team(3, meetings={"team": {"days": "mon", "at": "09:00", "lasts": "30 min"}}))
    assert [hours(at_once, Duty.MEETING, agent) for agent in range(3)] == [[(9, 9.5)]] * 3
    waves = observe(team(3, meetings={"team": {"days": "mon", "at": "09:00", "lasts": "30 min", "waves": 2}}))
    assert [hours(waves, Duty.MEETING, agent) for agent in range(3)] == [[(9, 9.5)], [(9.5, 10)], [(9, 9.5)]]
    assert hours(waves, Duty.ON, 1) == [(8, 9.5), (10.25, 12)], "the break follows the meeting at once"
    assert hours(waves, Duty.BREAK, 1) == [(10, 10.25)]


def test_a_meeting_that_meets_a_break_is_shorter_and_one_outside_the_shift_is_not_attended() -> None:
    books = observe(team(meetings={"team": {"days": "mon", "at": "09:45", "lasts": "45 min"}}))
    assert (hours(books, Duty.MEETING), hours(books, Duty.BREAK)) == ([(9.75, 10), (10.25, 10.5)], [(10, 10.25)])
    late = observe(team(meetings={"team": {"days": "mon", "at": "11:45", "lasts": "30 min"}}))
    assert not late.spans(0, Duty.MEETING)


def test_who_talks_comes_late_to_the_meeting_which_ends_when_planned() -> None:
    meetings = {"team": {"days": "mon", "at": "09:00", "lasts": "30 min"}}
    books = observe(team(calls=[(8.9 * HOUR, 900)], meetings=meetings))
    assert hours(books, Duty.MEETING) == [(9.15, 9.5)] and hours(books, Duty.ON)[0] == (8, 9.15)


def test_a_meeting_every_other_week_and_not_on_holidays() -> None:
    meetings = {"team": {"days": "mon", "at": "09:00", "lasts": "30 min", "every": 2}}
    fortnight = observe(team(horizon="30 d", meetings=meetings))
    assert [int(start // 24) for start, _ in hours(fortnight, Duty.MEETING)] == [0, 14, 28]
    calendar = {"start": "2026-03-02", "holidays": {"2026-03-16": "a holiday"}}
    data = team(horizon="30 d", meetings=meetings) | {"calendar": calendar}
    assert [int(start // 24) for start, _ in hours(observe(data), Duty.MEETING)] == [0, 28]


def test_night_shifts_meet_after_midnight() -> None:
    shift = {"start": "22:00", "end": "06:00", "days": "daily"}
    meetings = {"team": {"days": "tue", "at": "05:00", "lasts": "30 min"}}
    assert hours(observe(team(horizon="3 d", shift=shift, meetings=meetings)), Duty.MEETING) == [(29, 29.5)]


# -- training ---------------------------------------------------------------------------------------------------


def test_training_takes_the_hours_of_a_week_exactly_and_agents_train_on_different_days() -> None:
    books = observe(team(5, horizon="7 d", training_hours={"each": "2.5 h", "per": "week"}))
    for agent in range(5):
        sessions = hours(books, Duty.TRAINING, agent)
        assert [round(end - start, 4) for start, end in sessions] in ([1, 1, 0.5], [1, 0.5, 1], [0.5, 1, 1])
        assert len({int(start // 24) for start, _ in sessions}) == 3
        assert agent == int(min(sessions, key=lambda span: (int(span[0] // 24) - agent) % 5)[0] // 24), "its own day"
    assert kpi(books, "paid_training") == pytest.approx(2.5 / 20)


def test_training_at_given_times_avoids_breaks_and_meetings() -> None:
    meetings = {"team": {"days": "daily", "at": "11:00", "lasts": "30 min"}}
    given = {"each": "30 min", "per": "week", "session": "30 min", "at": {"wed": "09:40-11:30"}}
    books = observe(team(4, horizon="7 d", training_hours=given, meetings=meetings))
    starts = [hours(books, Duty.TRAINING, agent) for agent in range(4)]
    assert all(len(spans) == 1 for spans in starts)
    assert {spans[0][0] - 48 for spans in starts} == {10.25, 10.5}


def test_training_looks_for_the_quiet_hours() -> None:
    weights = [0.0] * 8 + [9, 9, 9, 1] + [5.0] * 12
    data = team(6, horizon="28 d", training_hours={"each": "4 h", "per": "month"})
    data["demand"] = {
        "profiles": {"p": {"interval": "60 min", "weights": {"daily": weights}}},
        "sources": {"calls": {"topic": "any", "channel": "phone", "volume": "10/day", "profile": "p"}},
    }
    books = observe(data)
    sessions = [start % 24 for agent in range(6) for start, _ in hours(books, Duty.TRAINING, agent)]
    assert len(sessions) > 12 and min(sessions) > 10, "quietest from eleven to twelve"


def test_a_month_of_training_is_that_of_the_calendar_whatever_part_of_it_is_simulated() -> None:
    """Four sessions in March 2026, its 22 working days; a run of one week sees those that lie in it."""
    whole = observe(team(3, horizon="30 d", training_hours={"each": "4 h"}))
    week = observe(team(3, horizon="7 d", training_hours={"each": "4 h"}))
    for agent in range(3):
        sessions = whole.spans(agent, Duty.TRAINING)
        assert len(sessions) == 4
        assert week.spans(agent, Duty.TRAINING) == [span for span in sessions if span[1] <= 7 * DAY]
    assert period(dt.date(2026, 2, 14), "month") == (dt.date(2026, 2, 1), 28)
    assert period(dt.date(2026, 3, 4), "week") == (dt.date(2026, 3, 2), 7)


# -- lateness ---------------------------------------------------------------------------------------------------

LATE = {"share": "100 %", "by": constant(600)}


def test_late_at_the_start_and_after_the_break() -> None:
    books = observe(team(adherence={"starts": LATE, "returns": {"share": "100 %", "by": constant(300)}}))
    assert hours(books, Duty.LATE) == [(8, round(8 + 1 / 6, 4)), (10.25, round(10.25 + 1 / 12, 4))]
    assert hours(books, Duty.BREAK) == [(10, 10.25)]
    assert kpi(books, "adherence") == pytest.approx(1 - 15 / 240)
    assert kpi(books, "paid_lateness") == pytest.approx(15 / 240)
    assert kpi(books, "shrinkage") == pytest.approx(30 / 240)


def test_a_call_that_runs_into_the_break_counts_against_adherence_twice() -> None:
    """Ten minutes on the floor during the break, ten minutes of break after it; and the lateness after that."""
    late = {"returns": {"share": "100 %", "by": constant(300)}}
    books = observe(team(calls=[(9.9 * HOUR, 960)], adherence=late))
    assert hours(books, Duty.BREAK) == [(round(10 + 1 / 6, 4), round(10.25 + 1 / 6, 4))]
    assert hours(books, Duty.LATE) == [(round(10.25 + 1 / 6, 4), 10.5)]
    assert kpi(books, "adherence") == pytest.approx(1 - (10 + 10 + 5) / 240)


def test_nobody_is_late_beyond_the_next_break_and_absence_is_not_lateness() -> None:
    books = observe(team(adherence={"starts": {"share": "100 %", "by": constant(3 * HOUR)}}))
    assert (hours(books, Duty.LATE), hours(books, Duty.ON)) == ([(8, 10)], [(10.25, 12)])
    absent = observe(team(absence="100 %", adherence={"starts": LATE}))
    assert not absent.spans(0, Duty.LATE) and absent.record.staffing["planned"].sum() == 0


# -- absence ----------------------------------------------------------------------------------------------------


def test_spells_go_on_over_days_off() -> None:
    """Who is sick on Friday and on Monday was so over the weekend, too: days of a spell count by the calendar."""
    data = team(200, horizon="28 d", absence="20 %", absence_spells="10 d")
    books = observe(data)
    days = [{int(start // DAY) for start, _ in books.spans(agent, Duty.ABSENT)} for agent in range(200)]
    friday, both = sum(4 in sick for sick in days), sum({4, 7} <= sick for sick in days)
    stays = 0.2 + 0.8 * (1 - 0.1 / 0.8) ** 3  # the chain's second eigenvalue is 1 - 1/10 - 1/40
    assert abs(both / friday - stays) < 4 * (stays * (1 - stays) / friday) ** 0.5


@pytest.mark.parametrize("more", [{"absence_spells": "3 d"}, {"absence_together": "40 %"}])
def test_all_or_nobody_is_absent_in_whatever_way(more: Data) -> None:
    always = observe(team(3, horizon="7 d", absence="100 %", **({} if "absence_spells" in more else more)))
    assert not any(always.on)
    with pytest.raises(InputError, match="nobody is absent"):
        from_dict(team(3, **more))


# -- checks and words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"meetings": {"m": {"days": "mon", "at": "09:00", "lasts": "0 s"}}}, "a meeting takes time"),
        ({"training_hours": {"each": "4 h", "session": "1 s"}}, "5 min or more"),
        ({"training_hours": {"each": "50 h", "per": "week"}}, "so many hours of work in a week"),
        ({"adherence": {}}, "either a share, or starts and returns"),
        ({"adherence": {"share": "90 %", "starts": LATE}}, "either a share, or starts and returns"),
        ({"adherence": {"share": "0 %"}}, "are absent"),
        ({"absence": "5 %", "absence_spells": "4 d", "absence_together": "5 %"}, "either in spells or together"),
        ({"absence": "90 %", "absence_spells": "2 d"}, "longer spells"),
        ({"absence": "5 %", "absence_spells": "2 h"}, "a day or more"),
    ],
)
def test_what_makes_no_sense_is_said(parts: Data, words: str) -> None:
    with pytest.raises(InputError, match=words):
        from_dict(team(**parts))


@pytest.mark.parametrize("part", [{"meetings": {"m": {"days": "mon", "at": "09:00", "lasts": "1 h"}}}, {"training_hours": {"each": "1 h"}}, {"adherence": {"share": "90 %"}}])  # fmt: skip
def test_a_headcount_has_no_persons_to_plan_for(part: Data) -> None:
    data = team(**part)
    data["teams"]["front"]["headcount"] = {"constant": 1}
    del data["teams"]["front"]["shifts"]
    with pytest.raises(InputError, match="needs shifts"):
        from_dict(data)


def test_explain_counts_meetings_training_and_lateness_off_the_floor() -> None:
    meetings = {"team": {"days": "daily", "at": "09:00", "lasts": "30 min", "waves": 2}}
    data = team(7, horizon="28 d", meetings=meetings, training_hours={"each": "2 h", "per": "week"})
    found = expect(from_dict(data)).staff["front"]
    on = sum(end - start for spans in observe(data).on for start, end in spans)
    assert found.floor.sum() == pytest.approx(on)
    data["teams"]["front"]["adherence"] = {"share": "90 %"}
    late = expect(from_dict(data)).staff["front"].floor.sum()
    assert found.floor.sum() - late == pytest.approx(0.1 * found.planned.sum(), rel=0.02)


def test_explain_notes_tasks_and_calls_in_that_never_come() -> None:
    takes = {"takes": constant(60)}
    review = {"team": "front", "teams": "front", "share": "5 %", **takes}
    on_call = {"agents": 1, "over": 0, "hours": {"sun": "open"}}
    data = team(2, on_call=on_call) | {"loops": {"review": review | {"hours": {"daily": "13:00-17:00"}}}}
    found = expect(from_dict(data))
    told = [words for _, words in findings(found, day_types(found))]
    assert "review: nobody of front is on the floor in its hours, so it is never done." in told
    assert "front: nobody is on call within the simulated time." in told
    data = team(2, on_call=on_call | {"hours": {"mon": "open"}}) | {"loops": {"review": review}}
    found = expect(from_dict(data))
    assert not [
        words for _, words in findings(found, day_types(found)) if "never" in words or "on call within" in words
    ]


@pytest.mark.parametrize(("start", "end"), [("03:05", "04:00"), ("03:30", "04:15")])
def test_a_shift_that_the_change_of_clocks_leaves_no_time_for_is_not_worked(start: str, end: str) -> None:
    """In the night to 29 March 2026 the clocks of Riga go from 3:00 to 4:00."""
    data = center([(0, 60)], teams__front=on_shift(start, end), horizon="3 d")
    data["calendar"] = {"start": "2026-03-28", "time_zone": "Europe/Riga"}
    data["demand"]["sources"]["log"] = {"topic": "any", "channel": "phone", "volume": "9/day"}
    rows = observe(data).record.staffing
    by_day = np.bincount((rows["start"] // 86_400).astype(int), rows["paid"], 3)
    length = {"04:00": 3300, "04:15": 2700}[end]
    assert by_day.tolist() == [length, 0, length]


def test_explain_says_once_what_holds_for_several_teams() -> None:
    data = team(training_hours={"each": "4 h"}, meetings={"m": {"days": "daily", "at": "10:00", "lasts": "30 min"}})
    data["teams"] = {name: data["teams"]["front"] for name in ("one", "two", "three")}
    assert list(time_words(from_dict(data))) == [
        "Agents of one, two and three meet for 30 min (m) daily at 10:00.",
        "Agents of one, two and three train 4 h a month each, in sessions of 1 h in their quietest hours.",
    ]


def test_explain_tells_of_meetings_training_lateness_and_absence() -> None:
    more = {
        "meetings": {"team": {"days": "mon", "at": "10:00", "lasts": "30 min", "waves": 2, "every": 2}},
        "training_hours": {"each": "4 h"},
        "adherence": {"share": "93 %"},
        "absence": "5 %",
        "absence_spells": "4 d",
    }
    assert list(time_words(from_dict(team(**more)))) == [
        "Agents of front meet for 30 min (team) on mon at 10:00 every 2 weeks, in 2 waves.",
        "Agents of front train 4 h a month each, in sessions of 1 h in their quietest hours.",
        "Agents of front keep to 93 % of their plan: late at the start and after breaks.",
        "Agents of front are absent on 5 % of the days, 4 d at a time on average.",
    ]
    other = {
        "training_hours": {"each": "1 h", "per": "week", "at": {"tue": "13:00-15:00"}},
        "adherence": {
            "starts": {"share": "20 %", "by": constant(300)},
            "returns": {"share": "10 %", "by": constant(120)},
        },
        "absence": "5 %",
        "absence_together": "10 %",
    }
    assert list(time_words(from_dict(team(**other)))) == [
        "Agents of front train 1 h a week each, in sessions of 1 h at tue 13:00-15:00.",
        "Agents of front are late at 20 % of starts by 5 min on average and after 10 % of breaks by 2 min on average.",
        "Agents of front are absent on 5 % of the days, more of them on some days than on others (correlation 10 %).",
    ]


def test_explain_says_where_there_is_no_time_to_train() -> None:
    """A session of three hours fits on no side of the break; one of an hour on Sunday fits in no shift."""
    for training in ({"each": "3 h", "session": "3 h"}, {"each": "3 h", "at": {"sun": "08:00-12:00"}}):
        found = expect(from_dict(team(2, horizon="7 d", training_hours=training)))
        (said,) = [words for _, words in findings(found, day_types(found)) if "train" in words]
        assert said == (
            "front: no time for up to 3 h of the training of 2 of 2 agents; shorter sessions or other hours would do."
        )
    found = expect(from_dict(team(2, horizon="7 d", training_hours={"each": "3 h"})))
    assert not [words for _, words in findings(found, day_types(found)) if "train" in words]


def test_explain_says_at_which_meeting_nobody_is() -> None:
    meetings = {
        "early": {"days": "mon", "at": "09:00", "lasts": "30 min"},
        "long": {"days": "mon", "at": "11:45", "lasts": "30 min"},
        "sunday": {"days": "sun", "at": "09:00", "lasts": "30 min"},
    }
    found = expect(from_dict(team(2, horizon="7 d", meetings=meetings)))
    said = [words for _, words in findings(found, day_types(found)) if "meeting" in words]
    ends = " is on shift from the start to the end of the meeting "
    assert said == [f"front: nobody{ends}long.", f"front: nobody{ends}sunday."]
    short = expect(from_dict(team(2, horizon="2 d", meetings=meetings)))
    assert not [words for _, words in findings(short, day_types(short)) if "meeting" in words]
