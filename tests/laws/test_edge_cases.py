"""The corners of a scenario: nobody comes, nobody is there, doors that never open, nights on which clocks change."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

import simulation as sim
from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.record.recorder import CaseStatus, Duty, Outcome
from tests.laws.books import Books, observe
from tests.laws.strategies import Data, constant, csv_file

HOUR = 3600.0
SPRING, AUTUMN = "2026-03-28", "2026-10-24"
"""The days before the nights in which Riga's clocks go forward and back."""


def center(**parts: Any) -> Data:
    """A phone line with three agents; `parts` replace entries by dotted path, with two underscores for a dot."""
    data: Data = {
        "name": "edge",
        "calendar": {"start": "2026-03-02"},
        "horizon": "4 h",
        "demand": {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": "30/h"}}},
        "channels": {"phone": {"mode": "live"}},
        "topics": {"any": {"handling": {"any": constant(300)}}},
        "teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": 3}}},
    }
    for path, value in parts.items():
        *above, last = path.split("__")
        inner = data
        for key in above:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return deepcopy(data)


def arriving(*times: str) -> Data:
    """Calls at these local times."""
    file = csv_file(["time"], [[time] for time in times])
    return {"topic": "any", "channel": "phone", "replay": {"file": file, "time": "time"}}


def shift(start: str, end: str, **more: Any) -> Data:
    """A team of one on a daily shift."""
    return {
        "skills": {"all": {}},
        "shifts": {"s": {"days": "daily", "start": start, "end": end, "headcount": 1, **more}},
    }


def outcomes(books: Books) -> set[Outcome]:
    """How contacts ended."""
    return {contact.outcome for contact in books.contacts}


# -- nobody, never, nothing ---------------------------------------------------------------------------------


def test_nobody_comes(tmp_path: Path) -> None:
    scenario = from_dict(center(demand__sources__calls__volume="0.000001/week", targets__soon="service_level >= 80 %"))
    result = sim.run(scenario, replications=2, jobs=1)
    kpis = result.kpis[result.kpis.segment == ""].set_index("metric")["mean"]
    assert result.simulated == 0 and len(result.cases) == len(result.legs) == 0
    assert kpis["cases"] == kpis["contacts"] == kpis["queue_length"] == 0 and kpis["occupancy"] == 0
    assert np.isnan(kpis["asa.mean"]) and result.verdicts() == {"soon": sim.Verdict.undecided}
    folder = result.save(tmp_path / "empty")
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8"))["contacts"] == 0


def test_a_bot_without_sessions_is_passed_by() -> None:
    bot = {"helper": {"sessions": 0, "session": constant(60)}}
    books = observe(center(bots=bot, channels__phone__bot="helper", topics__any__reach={"helper": "100 %"}))
    assert {leg.handler for leg in books.legs if leg.served} == {"front"}


@pytest.mark.parametrize("hours", [{}, {"sun": "10:00-12:00"}, {"mon": "closed"}, {"mon": []}])
def test_a_channel_that_never_opens_turns_everybody_away(hours: Data) -> None:
    books = observe(center(channels__phone__open=hours))
    assert outcomes(books) == {Outcome.CLOSED} and not books.legs
    assert set(books.statuses) == {CaseStatus.GIVEN_UP}


def test_without_patience_nobody_waits() -> None:
    books = observe(center(channels__phone__patience=constant(0), demand__sources__calls__volume="90/h"))
    assert outcomes(books) >= {Outcome.SOLVED, Outcome.ABANDONED}
    assert all(leg.until == leg.queued for leg in books.legs)


def test_a_run_shorter_than_a_call() -> None:
    books = observe(center(horizon="4 min", demand__sources__calls=arriving("2026-03-02 00:00", "2026-03-02 00:03:59")))
    assert set(books.statuses) == {CaseStatus.OPEN} and len(books.legs) == 2
    assert [leg.ended for leg in books.legs] == [240.0, 240.0]


def test_calls_in_the_first_and_after_the_last_moment() -> None:
    books = observe(
        center(demand__sources__calls=arriving("2026-03-01 23:59:59", "2026-03-02 00:00", "2026-03-02 04:00"))
    )
    assert [contact.arrived for contact in books.contacts] == [0.0]


def test_a_hundredfold_incident() -> None:
    incident = {"starts": "2026-03-02 01:00", "lasts": "30 min", "topics": {"any": "x 100"}}
    books = observe(center(demand__events={"outage": incident}, channels__phone__patience=constant(600)))
    count = Counter(books.statuses)
    assert len(books.births) > 1000 and count[CaseStatus.GIVEN_UP] > 1000 and count[CaseStatus.SOLVED] > 50


def test_a_team_that_is_off_all_week() -> None:
    books = observe(center(teams__front=shift("00:00", "04:00", days="sun")))
    assert outcomes(books) == {Outcome.OPEN} and set(books.statuses) == {CaseStatus.OPEN}
    assert not books.on[0]


def test_everybody_is_absent() -> None:
    books = observe(center(teams__front={**shift("00:00", "04:00"), "absence": "100 %"}))
    assert outcomes(books) == {Outcome.OPEN} and [duty for _, duty, *_ in books.duties] == [Duty.SHIFT, Duty.ABSENT]


def test_one_agent_takes_everything_in_turn() -> None:
    books = observe(center(teams__front__headcount={"constant": 1}))
    answered = [leg.answered for leg in books.legs if leg.served]
    assert len(answered) == 48 and min(np.diff(answered)) == pytest.approx(300)


def test_shrinkage_of_a_constant_headcount_keeps_the_mean() -> None:
    books = observe(center(teams__front__headcount={"constant": 1}, teams__front__shrinkage="10 %", horizon="10 d"))
    signed_in = sum(end - start for spans in books.on for start, end in spans)
    assert signed_in == pytest.approx(0.9 * 10 * 24 * HOUR, rel=0.1)


# -- midnight and clocks ------------------------------------------------------------------------------------


def hours_on(books: Books) -> list[tuple[float, float]]:
    """When the only agent was there, in hours since the start."""
    return [(start / HOUR, end / HOUR) for start, end in books.on[0]]


def quiet(start: str, **parts: Any) -> Data:
    """Two days in Riga with hardly a call."""
    calendar = {"start": start, "time_zone": "Europe/Riga"}
    return center(calendar=calendar, horizon="2 d", demand__sources__calls={**TINY}, **parts)


TINY: Data = {"topic": "any", "channel": "phone", "volume": "0.000001/week"}


def test_a_night_shift_runs_past_midnight_and_began_before_the_start() -> None:
    books = observe(center(horizon="2 d", demand__sources__calls=TINY, teams__front=shift("22:00", "06:00")))
    assert hours_on(books) == [(0, 6), (22, 30), (46, 48)]


@pytest.mark.parametrize(("start", "length"), [(SPRING, 7), (AUTUMN, 9)])
def test_a_night_shift_when_the_clocks_change(start: str, length: int) -> None:
    books = observe(quiet(start, teams__front=shift("22:00", "06:00")))
    assert hours_on(books)[1] == (22, 22 + length)
    paid = books.record.staffing["paid"].sum() / HOUR
    assert paid == pytest.approx(sum(end - begin for begin, end in hours_on(books)))


@pytest.mark.parametrize(("start", "length"), [(SPRING, 23), (AUTUMN, 25)])
def test_a_day_on_which_the_clocks_change_has_as_many_hours(start: str, length: int) -> None:
    books = observe(quiet(start, teams__front=shift("00:00", "24:00")))
    assert hours_on(books) == [(0, 48)]
    shifts = [(begin / HOUR, end / HOUR) for begin, end in books.spans(0, Duty.SHIFT)]
    assert shifts == [(0, 24), (24, min(48, 24 + length))] + ([(47, 48)] if length == 23 else [])


@pytest.mark.parametrize(("start", "times", "let_in"), [
    (SPRING, ["01:59", "02:00", "02:59:59", "04:00", "04:59", "05:00"], [False, True, True, True, True, False]),
    (AUTUMN, ["01:59", "02:00", "03:30", "04:30", "04:59", "05:00"], [False, True, True, True, True, False]),
])  # fmt: skip
def test_a_door_keeps_wall_clock_hours_when_the_clocks_change(start: str, times: list[str], let_in: list[bool]) -> None:
    sunday = start[:-2] + str(int(start[-2:]) + 1)
    calls = arriving(*(f"{sunday} {time}" for time in times))
    data = quiet(start, channels__phone__open={"sun": "02:00-05:00"})
    data["demand"]["sources"]["calls"] = calls
    books = observe(data)
    assert [contact.outcome is not Outcome.CLOSED for contact in books.contacts] == let_in


def test_a_door_that_is_open_at_night_was_opened_the_day_before() -> None:
    calls = arriving(*(f"2026-03-02 {time}" for time in ("00:00", "05:59", "06:00", "21:59", "22:00", "23:59")))
    data = center(horizon="1 d", channels__phone__open={"daily": "22:00-06:00"}, demand__sources__calls=calls)
    let_in = [contact.outcome is not Outcome.CLOSED for contact in observe(data).contacts]
    assert let_in == [True, True, False, False, True, True]


@pytest.mark.parametrize(("start", "there"), [(SPRING, [(24, 26), (27, 28)]), (AUTUMN, [(24, 26), (29, 30)])])
def test_headcounts_by_the_hour_when_the_clocks_change(start: str, there: list[tuple[int, int]]) -> None:
    """From 0 to 2 and from 4 to 5 o'clock: in spring there is no 3 o'clock, in autumn it lasts two hours."""
    weekly = {"weekly": {"sun": [1, 1, 0, 0, 1] + [0] * 19}}
    books = observe(quiet(start, teams__front={"skills": {"all": {}}, "headcount": weekly}))
    assert hours_on(books) == there


@pytest.mark.parametrize(("start", "expected"), [(SPRING, 23), (AUTUMN, 25)])
def test_flat_demand_goes_on_when_the_clocks_change(start: str, expected: int) -> None:
    data = quiet(start)
    data["demand"]["sources"]["calls"] = {**TINY, "volume": "400/h"}
    arrived = observe(data).births.arrived
    assert np.sum(arrived < 24 * HOUR) == pytest.approx(9600, rel=0.05)
    assert np.sum((arrived >= 24 * HOUR) & (arrived < (24 + expected) * HOUR)) == pytest.approx(
        400 * min(expected, 24), rel=0.05
    )


@pytest.mark.parametrize("start", [SPRING, AUTUMN])
def test_a_profile_is_on_the_wall_clock_when_the_clocks_change(start: str) -> None:
    data = quiet(start)
    data["demand"]["profiles"] = {"morning": {"interval": "60 min", "weights": {"sun": [0] * 9 + [1] + [0] * 14}}}
    data["demand"]["sources"]["calls"] = {**TINY, "volume": "100/day", "profile": "morning"}
    books = observe(data)
    assert len(books.births) > 600 and {hour_in_riga(start, time) for time in books.births.arrived} == {9}


def hour_in_riga(start: str, seconds: float) -> int:
    """The hour on Riga's clock, so many seconds after the midnight with which a day starts."""
    zone = ZoneInfo("Europe/Riga")
    midnight = dt.datetime.combine(dt.date.fromisoformat(start), dt.time(), zone)
    return dt.datetime.fromtimestamp(midnight.timestamp() + seconds, zone).hour


def test_nobody_stays_for_a_break_that_the_short_night_has_no_room_for() -> None:
    late = {"late": {"after": "7 h 30 min", "lasts": "15 min"}}
    books = observe(quiet(SPRING, teams__front=shift("22:00", "06:00", breaks=late)))
    assert hours_on(books)[2] == (22, 29)


def test_breaks_that_meet_in_a_later_wave_are_both_taken() -> None:
    breaks = {"lunch": {"after": "2 h", "lasts": "1 h"}, "tea": {"after": "3 h", "lasts": "5 min"}}
    team = shift("00:00", "08:00", breaks=breaks, waves=3, headcount=3)
    books = observe(center(horizon="8 h", demand__sources__calls=TINY, teams__front=team))
    away = [8 * HOUR - sum(end - start for start, end in spans) for spans in books.on]
    assert away == [pytest.approx(65 * 60)] * 3


def test_customers_of_another_time_zone_call_on_their_clock() -> None:
    profile = {"interval": "60 min", "weights": {"daily": [0] * 9 + [1] + [0] * 14}}
    calls = {"topic": "any", "channel": "phone", "volume": "100/day", "profile": "nine"}
    data = center(
        calendar={"start": "2026-03-04", "time_zone": "Europe/Riga"}, horizon="3 d", demand__profiles={"nine": profile}
    )
    data["demand"]["sources"] = {"here": calls, "there": calls | {"time_zone": "America/New_York"}}
    books = observe(data)
    hours = {
        source: set((books.births.arrived[books.births.source == source] // HOUR % 24).tolist()) for source in (0, 1)
    }
    assert hours == {0: {9.0}, 1: {16.0}}, "New York is seven hours behind until it changes its clocks"


# -- holidays -----------------------------------------------------------------------------------------------


def test_holidays_close_doors_send_agents_home_and_lower_demand() -> None:
    data = center(
        calendar={"start": "2026-03-02", "holidays": {"2026-03-03": "a day of rest"}},
        horizon="3 d",
        channels__phone__open={"daily": "00:00-24:00", "holidays": "closed"},
        teams__front=shift("08:00", "16:00", on_holidays=False),
    )
    data["demand"]["sources"]["calls"] |= {"holidays": "20 %", "volume": "100/h"}
    books = observe(data)
    per_day = np.bincount((books.births.arrived // 86400).astype(int), minlength=3)
    assert per_day == pytest.approx([2400, 480, 2400], rel=0.15)
    assert [hour for span in hours_on(books) for hour in span] == pytest.approx([8, 16, 56, 64], abs=0.1)
    shut = {contact.arrived // 86400 for contact in books.contacts if contact.outcome is Outcome.CLOSED}
    assert shut == {1.0}


# -- what is measured ---------------------------------------------------------------------------------------


def test_warm_up_and_run_out_are_simulated_and_not_measured() -> None:
    result = sim.run(from_dict(center(horizon="3 h", warm_up="1 h", run_out="1 h")), replications=1, jobs=1)
    cases = result.cases
    assert set(cases[cases.measured].arrived // HOUR) == {1.0, 2.0}
    assert set(cases.arrived // HOUR) == {0.0, 1.0, 2.0, 3.0}


def test_the_measured_queue_holds_those_who_came_before() -> None:
    early = arriving(*["2026-03-02 00:00"] * 4)
    data = center(
        demand__sources__calls=early, warm_up="1 h", horizon="2 h", topics__any__handling={"any": constant(3 * HOUR)}
    )
    result = sim.run(from_dict(data), replications=1, jobs=1)
    kpis = result.kpis[result.kpis.segment == ""].set_index("metric")["mean"]
    assert kpis["queue_length"] == 1.0


def test_the_measured_backlog_holds_those_that_came_before() -> None:
    early = arriving(*["2026-03-02 00:00"] * 4)
    data = center(
        demand__sources__calls=early, warm_up="1 h", horizon="2 h", topics__any__handling={"any": constant(3 * HOUR)}
    )
    data["channels"]["phone"]["mode"] = "deferred"
    result = sim.run(from_dict(data), replications=1, jobs=1)
    kpis = result.kpis[result.kpis.segment == ""].set_index("metric")["mean"]
    assert kpis["backlog"] == 4.0


# -- what is paid -------------------------------------------------------------------------------------------


def paid_hours(books: Books) -> float:
    """Hours paid in all."""
    return float(books.record.staffing["paid"].sum() / HOUR)


def test_nobody_is_paid_twice_for_an_hour() -> None:
    late = arriving("2026-03-02 23:59")
    data = center(horizon="2 d", demand__sources__calls=late, teams__front=shift("00:00", "24:00"))
    assert paid_hours(observe(data)) == pytest.approx(48)


def test_a_premium_from_half_past_is_paid_from_half_past() -> None:
    team = shift("22:30", "24:00") | {"wage": "10 EUR/h"}
    nights = {"night": {"share": "100 %", "start": "22:30", "end": "24:00"}}
    data = center(horizon="1 d", demand__sources__calls=TINY, teams__front=team, cost__premiums=nights)
    result = sim.run(from_dict(data), replications=1, jobs=1)
    kpis = result.kpis[result.kpis.segment == ""].set_index("metric")["mean"]
    assert kpis["wages"] == pytest.approx(1.5 * 20)


# -- headcounts from a file ---------------------------------------------------------------------------------


def dated(rows: list[list[object]], **team: Any) -> Books:
    """A team by dated headcounts, with hardly a call."""
    file = csv_file(["time", "agents"], rows)
    plan = {"dated": {"file": file, "time": "time", "headcount": "agents"}}
    front = {"skills": {"all": {}}, "headcount": plan, **team}
    return observe(center(demand__sources__calls=TINY, teams__front=front))


def test_a_dated_headcount_holds_until_the_next_one_and_nobody_is_there_before_the_first() -> None:
    books = dated([["2026-03-02 02:00", 1], ["2026-03-02 01:00", 2], ["2026-03-02 03:00", 0], ["2026-03-05", 9]])
    assert books.on == [[(HOUR, 3 * HOUR)], [(HOUR, 2 * HOUR)]]


def test_of_dated_headcounts_before_the_start_the_last_one_holds() -> None:
    books = dated([["2026-02-01", 3], ["2026-03-01 22:00", 1], ["2026-03-02 03:00", 0]])
    assert books.on == [[(0, 3 * HOUR)]]


def test_with_shrinkage_too_nobody_is_there_before_the_first_dated_headcount() -> None:
    books = dated([["2026-03-02 02:00", 10]], shrinkage="10 %")
    assert min(start for spans in books.on for start, _ in spans) == 2 * HOUR


def test_with_shrinkage_too_dated_headcounts_may_lie_elsewhere() -> None:
    with pytest.raises(InputError, match="nobody on the floor"):
        dated([["2030-01-01", 5]], shrinkage="10 %")


# -- volumes from a file ------------------------------------------------------------------------------------


def counted(rows: list[list[object]], **calendar: str) -> Books:
    """Calls by expected counts per hour, for ten hours."""
    file = csv_file(["time", "calls"], rows)
    counts = {"file": file, "time": "time", "count": "calls", "interval": "1 h"}
    calls = {"topic": "any", "channel": "phone", "counts": counts}
    day = {"start": "2026-03-02", **calendar}
    return observe(center(calendar=day, horizon="10 h", demand__sources__calls=calls))


def test_volumes_from_a_file_come_in_their_hours() -> None:
    books = counted([["2026-03-02 03:00", 900], ["2026-03-02 01:00", 100], ["2026-03-02 12:00", 500]])
    per_hour = np.bincount((books.births.arrived // HOUR).astype(int), minlength=10)
    assert per_hour == pytest.approx([0, 100, 0, 900, 0, 0, 0, 0, 0, 0], rel=0.3)


def test_two_rows_for_one_hour_add_up_or_are_refused() -> None:
    with pytest.raises(InputError, match="two rows for one interval"):
        counted([["2026-03-02 01:00", 900], ["2026-03-02 01:00", 900]])


def test_the_hour_that_comes_twice_has_the_calls_of_both() -> None:
    rows = [[f"2026-10-25 {hour:02}:00", 900] for hour in (2, 3, 3, 4)]
    assert len(counted(rows, start="2026-10-25", time_zone="Europe/Riga").births) == pytest.approx(3600, rel=0.1)


# -- agents who should go -----------------------------------------------------------------------------------


def test_agents_too_many_take_no_new_chats() -> None:
    data = center(
        channels__phone__mode="concurrent",
        teams__front={
            "skills": {"all": {}},
            "concurrency": {"slots": 2},
            "headcount": {"weekly": {"daily": [2] + [1] * 23}},
        },
        demand__sources__calls__volume="60/h",
        topics__any__handling={"any": constant(1200)},
    )
    books = observe(data)
    assert min(end for spans in books.on for _, end in spans) < 1.5 * HOUR


def test_a_late_break_keeps_its_length_across_shrinkage() -> None:
    breaks = {"lunch": {"after": "1 h", "lasts": "30 min"}}
    team = shift("00:00", "04:00", breaks=breaks) | {"shrinkage": "5 %"}
    late = []
    for seed in range(60):
        books = observe(center(demand__sources__calls=arriving("2026-03-02 00:00"), teams__front=team,
                               topics__any__handling={"any": constant(int(1.9 * HOUR))}), seed)  # fmt: skip
        back = [start for start, _ in books.on[0] if start > books.legs[0].over - 1]
        late.append(min(back, default=4 * HOUR) - books.legs[0].over)
    assert min(late) >= 30 * 60 - 1e-6
