"""Crews that rotate through a cycle of days: who is there on which day, worked out by hand."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.record.recorder import Duty
from simulation.reports.expected import expect
from simulation.reports.explain_time import time_words
from simulation.scenario.schema import PATTERNS
from tests.laws.books import Books, joined, observe
from tests.laws.micro import center
from tests.laws.strategies import Data

HOUR, DAY = 3600, 86_400
EARLY = {"start": "06:00", "end": "14:00"}
LATE = {"start": "14:00", "end": "22:00"}
NIGHT = {"start": "22:00", "end": "06:00"}
TIMES = {"day": {"start": "07:00", "end": "19:00"}, "night": {"start": "19:00", "end": "07:00"}}
THREE = {"early": EARLY, "late": LATE, "night": NIGHT}


def rotating(rotation: Data, horizon: str = "16 d", calendar: Data | None = None, **team: Any) -> Data:
    """A team of one rotation; 2 March 2026 is a Monday."""
    front = {"skills": {"all": {}}, "rotations": {"clock": rotation}, **team}
    more = {} if calendar is None else {"calendar": calendar}
    calls = {"calls": {"topic": "any", "channel": "phone", "volume": "1/day"}}
    return center([], teams__front=front, demand__sources=calls, horizon=horizon, **more)


def three_shift(per_crew: int = 1, **more: Any) -> Data:
    return {"pattern": "three_shift", "shifts": THREE, "per_crew": per_crew, **more}


def week_of(books: Books, agent: int, days: int) -> list[str]:
    """What an agent works on each day, by the hour at which it starts."""
    starts = {int(start // DAY): int(start % DAY // HOUR) for start, _ in books.spans(agent, Duty.SHIFT) if start > 0}
    return [
        {6: "early", 14: "late", 22: "night", 7: "day", 19: "night"}.get(starts.get(day, -1), "off")
        for day in range(days)
    ]


def test_agents_go_through_the_cycle_and_stay_who_they_are() -> None:
    books = observe(rotating(three_shift()))
    cycle = ["early", "early", "late", "late", "night", "night", "off", "off"]
    assert books.agents == [f"front/clock/{number}" for number in (1, 2, 3, 4)]
    assert week_of(books, 0, 16) == cycle * 2
    for crew in range(4):  # each two days behind the one before
        assert week_of(books, crew, 16) == (cycle[8 - 2 * crew :] + cycle * 2)[:16]


def test_round_the_clock_the_same_number_is_there_also_when_the_clocks_change() -> None:
    """28 days over the end of winter time, 29 March 2026 in Riga: three agents at every moment."""
    data = rotating(three_shift(3), horizon="28 d", calendar={"start": "2026-03-16", "time_zone": "Europe/Riga"})
    books = observe(data)
    assert len(books.agents) == 12
    times = sorted({t for spans in books.on for span in spans for t in span} | {0.0, 28.0 * DAY})
    for start, end in pairwise(times):
        there = sum(any(a <= start and end <= b for a, b in spans) for spans in books.on)
        assert there == 3 or end - start < 1e-6, (start / HOUR, there)
    lengths = Counter(
        round((end - start) / HOUR) for agent in range(12) for start, end in books.spans(agent, Duty.SHIFT)
    )
    assert lengths[7] == 3 and lengths[8] > 200, "the night of the change is an hour shorter"


@pytest.mark.parametrize("name", PATTERNS)
def test_each_ready_made_pattern_staffs_every_day_alike(name: str) -> None:
    cycle, crews = PATTERNS[name]
    apart, rest = divmod(len(cycle), crews)
    days = {
        tuple(sorted(Counter(cycle[(day - crew * apart) % len(cycle)] for crew in range(crews)).items()))
        for day in range(len(cycle))
    }
    assert rest == 0 and len(days) == 1
    shifts = {shift: (THREE | TIMES)[shift] for shift in set(cycle) - {"off"}}
    if "early" not in shifts:
        shifts = {shift: TIMES[shift] for shift in shifts}
    books = observe(rotating({"pattern": name, "shifts": shifts, "per_crew": 1}, horizon=f"{len(cycle)} d"))
    assert week_of(books, 0, len(cycle)) == list(cycle)


def test_part_time_and_a_split_shift_are_patterns_too() -> None:
    gap = {"gap": {"after": "4 h", "lasts": "4 h", "paid": False}}
    split = {
        "pattern": ["split", "split", "off"],
        "shifts": {"split": {"start": "08:00", "end": "20:00", "breaks": gap}},
    }
    books = observe(rotating({**split, "per_crew": 1}, horizon="3 d"))
    assert [(a / HOUR, b / HOUR) for a, b in books.on[0]] == [(8, 12), (16, 20), (32, 36), (40, 44)]
    assert books.record.staffing["paid"].sum() == 16 * HOUR


def test_a_rotation_of_a_single_day_is_a_daily_shift() -> None:
    """Same agents, same chance, same times: nothing tells them apart."""
    hours: Data = {**EARLY, "breaks": {"coffee": {"after": "2 h", "lasts": "15 min"}}, "waves": 2}
    calls = [(minute * 700, 900) for minute in range(200)]
    rotation = {"pattern": ["early"], "shifts": {"early": hours}, "per_crew": 3}
    shift = {**hours, "days": "daily", "headcount": 3}
    many = {"skills": {"all": {}}, "absence": "20 %", "shrinkage": "10 %"}
    one = observe(center(calls, teams__front={**many, "rotations": {"clock": rotation}}, horizon="3 d"))
    other = observe(center(calls, teams__front={**many, "shifts": {"clock": shift}}, horizon="3 d"))
    assert str(one.legs) == str(other.legs)
    assert sorted(one.duties) == sorted(other.duties)


def test_one_more_in_each_crew_leaves_the_others_as_they_were() -> None:
    few, more = (observe(rotating(three_shift(n), absence="30 %", shrinkage="10 %")) for n in (3, 4))
    assert few.agents == more.agents[:12]
    for agent in range(12):
        for duty in (Duty.SHIFT, Duty.ABSENT, Duty.SHRINKAGE):
            assert few.spans(agent, duty) == more.spans(agent, duty)


def test_the_cycle_begins_when_it_is_said_to() -> None:
    later = observe(rotating(three_shift(begins="2026-03-03")))
    assert week_of(later, 0, 9) == ["off", "early", "early", "late", "late", "night", "night", "off", "off"]
    monday = observe(rotating(three_shift(), calendar={"start": "2026-03-04"}))
    assert week_of(monday, 0, 4) == ["late", "late", "night", "night"]


def test_holidays_are_days_off_where_they_are_not_worked() -> None:
    calendar = {"start": "2026-03-02", "holidays": {"2026-03-03": "a holiday"}}
    books = observe(rotating(three_shift(on_holidays=False), calendar=calendar))
    assert week_of(books, 0, 3) == ["early", "off", "late"]
    assert all(week_of(books, agent, 3)[1] == "off" for agent in range(4))


def test_who_still_talks_when_the_next_shift_begins_is_not_absent_yet() -> None:
    """Shifts of 24 hours follow each other: a call goes on for ten minutes into a day on which the agent is absent."""
    for seed in range(20):
        team = {
            "skills": {"all": {}},
            "shifts": {"all": {"days": "daily", "start": "00:00", "end": "24:00", "headcount": 1}},
            "absence": "50 %",
        }
        books = observe(center([(DAY - 60, 660)], teams__front=team, horizon="2 d"), seed)
        if books.spans(0, Duty.ABSENT) == [(DAY + 600.0, 2.0 * DAY)]:
            assert joined(books.on[0]) == [(0, DAY + 600)]
            return
    raise AssertionError("no seed with a first day at work and a second day of absence")


@pytest.mark.parametrize(
    ("rotation", "words"),
    [
        (three_shift() | {"pattern": "three_shifts"}, "write e.g. three_shift, or a list"),
        (three_shift() | {"pattern": ["early", "lat", "off"]}, "has 'lat', which shifts does not; write late"),
        (three_shift() | {"pattern": ["early", "late", "off"]}, "never has the shift 'night'"),
        (three_shift() | {"shifts": {**THREE, "off": EARLY}}, "'off'"),
        (three_shift(crews=3), "8 days does not part evenly among 3 crews; write apart: 2"),
        ({"pattern": ["night", "early", "off"], "shifts": {"night": {"start": "22:00", "end": "07:00"}, "early": EARLY}, "per_crew": 1}, "would begin 'early' before 'night' of the day before is over"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said(rotation: Data, words: str) -> None:
    with pytest.raises(InputError, match=words.replace("(", r"\(")):
        from_dict(rotating(rotation))


def test_a_rotation_takes_no_name_of_a_shift_and_no_headcount_beside_it() -> None:
    shift = {"days": "daily", **EARLY, "headcount": 1}
    with pytest.raises(InputError, match="a shift and a rotation of the name 'clock'"):
        from_dict(rotating(three_shift(), shifts={"clock": shift}))
    with pytest.raises(InputError, match="either shifts"):
        from_dict(rotating(three_shift(), headcount={"constant": 1}))


def test_explain_tells_who_is_on_duty() -> None:
    told = list(time_words(from_dict(rotating(three_shift(6)))))
    assert told == [
        "Rotation clock of front: 4 crews of 6 go through three_shift: early 2, late 2, night 2, off 2 (8 d), each 2 d behind "
        "the one before. On duty each day: early 6, late 6, night 6."
    ]
    lone = {"pattern": ["early", "off"], "shifts": {"early": EARLY}, "per_crew": 2}
    assert list(time_words(from_dict(rotating(lone)))) == [
        "Rotation clock of front: 1 crew of 2 goes through early 1, off 1 (2 d). On duty each day: early 0 to 2."
    ]


def test_explain_counts_the_hours_of_a_rotation() -> None:
    breaks = {"meal": {"after": "3 h", "lasts": "30 min", "paid": False}}
    hours = {"early": {**EARLY, "breaks": breaks}, "late": LATE, "night": NIGHT}
    data = rotating(three_shift(3, shifts=hours), horizon="8 d")
    found = expect(from_dict(data)).staff["front"]
    assert found.planned.sum() == pytest.approx(
        8 * 3 * 24 * HOUR
    )  # the night before the start works on, the last is cut
    assert found.paid.sum() == pytest.approx(8 * 3 * 23.5 * HOUR)
    on = sum(end - start for spans in observe(data).on for start, end in spans)
    assert found.floor.sum() == pytest.approx(on)
