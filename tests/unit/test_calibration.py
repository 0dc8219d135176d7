"""Calibration from call logs: synthetic logs with known answers, and the bank's log where it is at hand."""

from __future__ import annotations

import gzip
import heapq
import itertools
import json
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from simulation import calibration as cal
from simulation.calibration import anonymous_bank

Array = npt.NDArray[np.float64]

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
BANK = DATA / "anonymous_bank_calls_1999_08_01_14"
SHIPPED = ROOT / "scenarios" / "bank"
WORKING_DAYS = (6, 0, 1, 2, 3)
MONDAY = pd.Timestamp("2026-03-02")
DAY, HOUR = 86400.0, 3600.0

needs_bank = pytest.mark.skipif(not BANK.exists(), reason="the bank's call log is not beside the repository")


def calls_of(arrived: Any, wait: Any, handled: Any, start: pd.Timestamp = MONDAY) -> cal.CallLog:
    """A log from seconds since `start`; a call without handling time hung up."""
    handled = np.asarray(handled, dtype=float)
    frame = pd.DataFrame(
        {
            "arrived": start + pd.to_timedelta(pd.Series(np.asarray(arrived, dtype=float)), unit="s"),
            "wait": np.asarray(wait, dtype=float),
            "outcome": np.where(np.isnan(handled), "abandoned", "answered"),
            "handled": handled,
            "agent": None,
        }
    )
    return cal.CallLog(frame)


def queue(
    arrived: Array, handling: Array, patience: Array, heads: Any, part: float, pause: Array | None = None
) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Waits and hang-ups, first come first served, with `heads[k]` agents in part k.

    An agent leaves at the end of a call, and pauses after each.
    """
    rest = np.zeros(len(arrived)) if pause is None else pause
    wait, hung_up = patience.copy(), np.ones(len(arrived), dtype=bool)
    line: deque[int] = deque()
    back = [(k * part, -1) for k in range(len(heads))] + [(t, -1) for t in arrived]
    heapq.heapify(back)
    coming, talking = 0, 0
    while back:
        now, ended = heapq.heappop(back)
        talking -= ended >= 0
        while coming < len(arrived) and arrived[coming] <= now:
            line.append(coming)
            coming += 1
        agents = heads[min(int(now // part), len(heads) - 1)]
        while line and talking < agents:
            one = line.popleft()
            if arrived[one] + patience[one] > now:
                wait[one], hung_up[one] = now - arrived[one], False
                talking += 1
                heapq.heappush(back, (now + handling[one] + rest[one], one))
    return wait, hung_up


def center(
    heads: Array, load: float, days: int, seed: int, pause: float = 0.0
) -> tuple[cal.CallLog, Array, Array, Array]:
    """A log of so many days of a center with `heads` per half hour, offered `load` of what they can do."""
    draw, service = np.random.default_rng(seed), 190.0
    counts = draw.poisson(np.tile(load * heads * 1800 / service, days))
    arrived = np.sort(np.repeat(np.arange(len(counts)) * 1800.0, counts) + draw.random(counts.sum()) * 1800)
    handling = draw.lognormal(np.log(service) - 0.45, np.sqrt(0.9), len(arrived))
    patience = draw.exponential(500.0, len(arrived))
    rest = draw.exponential(pause, len(arrived)) if pause else None
    wait, hung_up = queue(arrived, handling, patience, np.tile(heads, days), 1800.0, rest)
    return calls_of(arrived, wait, np.where(hung_up, np.nan, handling)), arrived, handling, patience


def weekday_heads() -> Array:
    """Staff of a day from 8 to 20 in half hours, two at the least and seven at the peak."""
    heads = np.zeros(48)
    heads[16:40] = [2, 3, 4, 5, 6, 7, 7, 7, 6, 6, 6, 6, 5, 5, 5, 4, 4, 4, 3, 3, 3, 3, 2, 2]
    return heads


# ----------------------------------------------------------------------------------------------- the log


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns="wait"), "lacks wait"),
        (lambda f: f.iloc[::-1], "order of arrival"),
        (lambda f: f.assign(outcome="AGENT"), "neither answered nor abandoned"),
        (lambda f: f.assign(wait=-1.0), "wait is missing or below zero"),
        (lambda f: f.assign(handled=-1.0), "handling time is below zero"),
        (lambda f: f.assign(outcome="abandoned"), "abandoned call has a handling time"),
        (lambda f: f.iloc[:0], "no call is left"),
    ],
)
def test_a_malformed_log_is_refused_with_a_plain_message(change: Any, message: str) -> None:
    sound = calls_of([0, 10], [0, 5], [60, 30]).calls
    with pytest.raises(ValueError, match=message):
        cal.CallLog(change(sound))


# ---------------------------------------------------------------------------------------------- patience


def test_kaplan_meier_by_hand() -> None:
    curve = cal.kaplan_meier(np.array([2, 2, 3, 5, 5, 7.0]), np.array([True, False, True, True, True, False]))
    assert curve["seconds"].tolist() == [2, 3, 5, 7]
    assert curve["at_risk"].tolist() == [6, 4, 3, 1]
    assert curve["survival"].to_numpy() == pytest.approx([5 / 6, 5 / 8, 5 / 24, 5 / 24])
    assert curve["variance"][1] == pytest.approx((5 / 8) ** 2 * (1 / 30 + 1 / 12))


def test_kaplan_meier_agrees_with_scipy() -> None:
    draw = np.random.default_rng(4)
    wish, until = np.round(draw.exponential(90, 800)), np.round(draw.exponential(60, 800))
    ended, seconds = wish <= until, np.minimum(wish, until)
    theirs = ecdf(CensoredData.right_censored(seconds, ~ended)).sf
    mine = cal.kaplan_meier(seconds, ended)
    assert mine["survival"].to_numpy() == pytest.approx(theirs.probabilities)


def test_patience_is_found_behind_heavy_censoring() -> None:
    draw = np.random.default_rng(5)
    wish, offered = draw.exponential(300.0, 20000), draw.exponential(100.0, 20000)
    log = calls_of(np.arange(20000.0), np.minimum(wish, offered), np.where(wish < offered, np.nan, 60.0))
    found = cal.patience(log)
    assert found.survival(60) == pytest.approx(np.exp(-0.2), abs=0.01)
    assert found.survival(5000) == pytest.approx(np.exp(-5000 / 300), abs=1e-5)
    assert found.mean == pytest.approx(300, rel=0.05)
    assert log.wait[log.abandoned].mean() < 80  # what those who hung up waited is no estimate of patience
    quantiles = found.quantiles()
    assert quantiles["seconds"].mean() == pytest.approx(found.mean)
    assert np.interp(0.5, quantiles["level"], quantiles["seconds"]) == pytest.approx(300 * np.log(2), rel=0.03)
    assert quantiles["seconds"].is_monotonic_increasing and len(quantiles) == 200


def test_a_short_log_is_all_tail() -> None:
    log = calls_of(range(6), [10, 20, 30, 40, 50, 60], [np.nan, 9, np.nan, 9, np.nan, 9])
    found = cal.patience(log)
    assert (found.tail_from, found.tail_mean) == (0.0, 70.0)
    assert found.survival(70) == pytest.approx(np.exp(-1))
    two = found.quantiles(2)["seconds"].to_numpy()
    assert two == pytest.approx([70 * (1 - np.log(2)), 70 * (1 + np.log(2))])


def test_patience_needs_a_hang_up() -> None:
    with pytest.raises(ValueError, match="nobody hung up"):
        cal.patience(calls_of([0, 1], [0, 0], [5, 5]))


# ----------------------------------------------------------------------------------------------- service


def test_quantile_table_by_hand_keeps_the_mean() -> None:
    table = cal.empirical_quantiles(np.array([10, 1, 3, 2.0, 100]), levels=2)
    assert table["level"].tolist() == [0.25, 0.75]
    assert table["seconds"].to_numpy() == pytest.approx([(1 + 2 + 1.5) / 2.5, (1.5 + 10 + 100) / 2.5])


def test_lognormal_service_is_found_and_hang_ups_are_apart() -> None:
    draw = np.random.default_rng(6)
    proper = draw.lognormal(5.0, 0.8, 19000)
    handled = np.concatenate([proper, draw.uniform(1, 9, 1000), [0.0]])
    found = cal.service(calls_of(np.arange(20001.0), np.zeros(20001), handled))
    assert found.lognormal_mean == pytest.approx(np.exp(5.32), rel=0.02)
    assert found.lognormal_cv == pytest.approx(np.sqrt(np.expm1(0.64)), rel=0.03)
    assert found.short_share == pytest.approx(0.05, abs=0.002)
    assert found.mean == pytest.approx(handled[:-1].mean())
    assert found.quantiles(50)["seconds"].mean() == pytest.approx(found.mean)


# ------------------------------------------------------------------------------------------------ volume


def test_weekly_profile_by_hand_skips_the_holiday() -> None:
    mondays = np.repeat([0, 7, 14, 21], [4, 6, 1, 5]) * DAY  # the third Monday is a holiday
    arrived = np.sort(np.append(mondays + 8 * HOUR, DAY + 9 * HOUR + 1801))
    log = calls_of(arrived, np.zeros(len(arrived)), np.full(len(arrived), 60.0))
    profile = cal.weekly_profile(log).set_index(["weekday", "time"])["calls"]
    assert profile["mon", "08:00"] == 5
    assert profile["tue", "09:30"] == 1
    assert profile["wed"].sum() == 0
    assert len(profile) == 7 * 48


def test_special_days() -> None:
    dates = pd.date_range(MONDAY, periods=28)
    daily = pd.Series(np.where(dates.day_of_week < 5, 100, 0), dates)
    daily = daily.mask(dates == "2026-03-10", 0).mask(dates == "2026-03-19", 45)
    assert list(cal.special_days(daily)) == [pd.Timestamp("2026-03-10"), pd.Timestamp("2026-03-19")]
    two_weeks = pd.Series([100.0] * 7 + [10.0] * 7, pd.date_range(MONDAY, periods=14))
    assert cal.special_days(two_weeks).empty  # which of two is the usual one?


def day_factors(cv: float, lag1: float, days: int, draw: np.random.Generator) -> Array:
    z = draw.standard_normal(days)
    for day in range(1, days):
        z[day] = lag1 * z[day - 1] + np.sqrt(1 - lag1**2) * z[day]
    made: Array = np.exp(np.sqrt(np.log1p(cv**2)) * z - np.log1p(cv**2) / 2)
    return made


def test_busyness_is_found_under_weekdays_and_poisson_noise() -> None:
    draw = np.random.default_rng(7)
    dates = pd.date_range(MONDAY, periods=2000)
    usual = np.array([400, 300, 250, 250, 300, 80, 40])[dates.day_of_week]
    found = cal.busyness(pd.Series(draw.poisson(usual * day_factors(0.15, 0.6, 2000, draw)), dates))
    assert found.cv == pytest.approx(0.15, abs=0.015)
    assert found.lag1 == pytest.approx(0.6, abs=0.08)
    calm = cal.busyness(pd.Series(draw.poisson(usual), dates))
    assert calm.cv < 0.02


def test_busyness_of_few_weeks_is_not_biased_by_estimated_weekday_means() -> None:
    draw = np.random.default_rng(8)
    dates = pd.date_range(MONDAY, periods=14)
    logs = [pd.Series(draw.poisson(1000 * day_factors(0.2, 0.0, 14, draw)), dates) for _ in range(400)]
    assert np.sqrt(np.mean([cal.busyness(one).cv ** 2 for one in logs])) == pytest.approx(0.2, abs=0.01)


def test_a_single_week_says_nothing_of_busyness() -> None:
    found = cal.busyness(pd.Series(100, pd.date_range(MONDAY, periods=7)))
    assert np.isnan(found.cv) and np.isnan(found.lag1)


def test_dispersion_splits_day_and_interval() -> None:
    draw = np.random.default_rng(9)
    dates = pd.date_range(MONDAY, periods=1400)
    usual = np.array([0, 20, 60, 80, 80, 60, 40, 30, 30, 20, 10, 0])[None, :]
    within = np.array([day_factors(0.2, 0.5, 12, draw) for _ in dates])
    counts = draw.poisson(usual * day_factors(0.12, 0, 1400, draw)[:, None] * within)
    found = cal.dispersion(pd.DataFrame(counts, dates), minutes=60, far_hours=5)
    assert found.day_cv == pytest.approx(0.12, abs=0.02)
    assert found.interval_cv == pytest.approx(0.2, abs=0.02)
    assert found.interval_lag1 == pytest.approx(0.5, abs=0.1)
    assert found.variance_to_mean == pytest.approx(1 + 0.055 * (usual**2).sum() / usual.sum(), rel=0.06)
    poisson = cal.dispersion(pd.DataFrame(draw.poisson(usual + 0 * counts), dates), minutes=60)
    assert poisson.variance_to_mean == pytest.approx(1, abs=0.03)
    assert max(poisson.day_cv, poisson.interval_cv) < 0.03


# ---------------------------------------------------------------------------------------------- staffing


def test_staffing_by_hand() -> None:
    # two agents are busy while a caller waits from 600 on; in the next half hour, where nobody waits and one
    # is busy, they are taken to be there still; then the center is closed
    log = calls_of([0, 0, 600, 1900], [0, 0, 1200, 0], [1800, 1800, 60, 600])
    found = cal.staffing(log, memory=0.001).iloc[:3]
    assert found["agents"].to_numpy() == pytest.approx([2, 2, 0], abs=1e-4)
    assert found["waiting_s"].tolist() == [1200, 0, 0]
    assert found["busy"].to_numpy() == pytest.approx([2, 660 / 1800, 0])
    assert found["peak"].tolist() == [2, 1, 0]
    assert found["open"].to_numpy() == pytest.approx([1, 700 / 1800, 0])


def test_staff_of_a_calm_day_is_the_peak_and_none_at_night() -> None:
    log = calls_of([8 * HOUR, 8 * HOUR + 60, 9.6 * HOUR, 20 * HOUR], np.zeros(4), [600, 600, 60, 60])
    agents = cal.staffing(log)["agents"].to_numpy()
    assert agents[16] == 2 and agents[19] == 1 and agents[40] == 1
    assert (agents[20:40] == 0).all() and (agents[:16] == 0).all()


@pytest.mark.parametrize(("load", "error"), [(0.5, 0.25), (0.85, 0.15), (1.3, 0.1)])
def test_staffing_finds_the_truth(load: float, error: float) -> None:
    heads = weekday_heads()
    log, *_ = center(heads, load, 10, seed=11)
    found = cal.staffing(log).iloc[: 48 * 10]
    off = (found["agents"].to_numpy() - np.tile(heads, 10))[np.tile(heads, 10) > 0]
    assert np.abs(off).mean() < error
    assert (found["agents"].to_numpy()[np.tile(heads, 10) == 0] < 2.5).all()  # those who finish after closing


def test_staffing_counts_pauses_between_calls_as_absence() -> None:
    heads = np.full(48, 6.0)
    log, *_ = center(heads, 1.2, 3, seed=12, pause=19.0)
    found = cal.staffing(log).iloc[1:144]
    assert found["agents"].mean() == pytest.approx(6 * 190 / 209, rel=0.02)


@pytest.mark.parametrize(("load", "pause"), [(0.7, 0.0), (0.9, 15.0), (1.3, 15.0)])
def test_a_replay_with_inferred_staff_reproduces_waits_and_hang_ups(load: float, pause: float) -> None:
    log, arrived, handling, patience = center(weekday_heads(), load, 10, seed=13, pause=pause)
    heads = cal.whole_headcounts(cal.staffing(log)["agents"].to_numpy(), 3)
    wait, hung_up = queue(arrived, handling, patience, heads, 600.0)
    assert hung_up.mean() == pytest.approx(log.abandoned.mean(), abs=0.01)
    assert wait.mean() == pytest.approx(log.wait.mean(), rel=0.07)


def test_staff_that_nobody_waits_for_is_the_peak() -> None:
    log, *_ = center(np.full(48, 40.0), 0.2, 2, seed=14)
    found = cal.staffing(log).iloc[:96]
    assert log.wait.max() == 0
    assert (found["agents"] >= found["peak"] - 1e-9).all()
    assert found["agents"].max() <= found["peak"].max()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.just(0.0), st.floats(0.05, 30)), min_size=1, max_size=40), st.integers(1, 6))
def test_whole_headcounts_keep_the_running_total(agents: list[float], parts: int) -> None:
    whole = cal.whole_headcounts(np.array(agents), parts)
    wanted = np.repeat(agents, parts)
    assert len(whole) == len(wanted) and (whole[wanted == 0] == 0).all() and (whole >= 0).all()
    assert (np.abs(whole - wanted) < 1.0 + 1e-9).all()
    for run in np.split(np.arange(len(wanted)), np.flatnonzero(np.diff(wanted == 0)) + 1):
        if wanted[run[0]] > 0:
            assert np.abs(np.cumsum(whole[run] - wanted[run])).max() <= 0.5 + 1e-6


def test_whole_headcounts_alternate_within_the_interval() -> None:
    assert cal.whole_headcounts(np.array([2 + 1 / 3, 4.0, 0.0, 0.5]), 3).tolist() == [
        2,
        3,
        2,
        4,
        4,
        4,
        0,
        0,
        0,
        1,
        0,
        1,
    ]


# ----------------------------------------------------------------------------------------------- exports


def test_exports_by_hand() -> None:
    log = calls_of([8 * HOUR, 8 * HOUR + 60, 9 * HOUR - 30], [0, 100, 60], [1800, np.nan, 300.4])
    replay = cal.replay_frame(log)
    assert replay["arrived"].tolist()[:2] == ["2026-03-02T08:00:00", "2026-03-02T08:01:00"]
    assert replay.to_csv(index=False).splitlines()[2] == "2026-03-02T08:01:00,"
    staff = cal.staffing_frame(log)
    assert staff.iloc[0].tolist() == ["2026-03-02T00:00:00", 0]
    assert staff.iloc[1].tolist() == ["2026-03-02T08:00:00", 1]
    assert staff["headcount"].iloc[-1] == 0 and (staff["headcount"].diff() != 0).all()
    hours = cal.observed_by_hour(log).set_index("hour")
    assert hours.iloc[0].round(4).tolist() == [3, 0.3333, 53.3333, 30, 1050.2, 0.5]
    assert hours.index.tolist() == [8]
    assert cal.observed_by_hour(log, weekdays=[1]).empty
    with pytest.raises(ValueError, match="7 min do not divide 30 min"):
        cal.staffing_frame(log, 30, 7)


def test_staff_by_hour_averages_over_like_days() -> None:
    log, *_ = center(np.repeat([0, 4, 2, 0], 12).astype(float), 1.3, 7, seed=15)
    staff = cal.staff_by_hour(log).set_index(["days", "hour"])["agents"]
    assert list(staff.index.unique("days")) == ["mon-fri", "sat", "sun"]
    assert staff["mon-fri"][9] == pytest.approx(4, abs=0.1)
    assert staff["sat"][15] == pytest.approx(2, abs=0.15)
    assert staff["sun"][3] == 0


def test_derive_writes_facts_only(tmp_path: Path) -> None:
    log, *_ = center(weekday_heads(), 1.1, 7, seed=16)
    paths = cal.derive(log, tmp_path / "facts", levels=100)
    assert sorted(path.name for path in paths) == sorted(path.name for path in (tmp_path / "facts").iterdir())
    patience = pd.read_csv(tmp_path / "facts" / "patience_quantiles.csv")
    assert list(patience) == ["level", "seconds"] and len(patience) == 100
    assert patience["seconds"].mean() == pytest.approx(cal.patience(log).mean, rel=1e-3)
    readme = (tmp_path / "facts" / "README.md").read_text()
    assert f"{len(log.calls)} calls to agents" in readme and "not stated" in readme


# ------------------------------------------------------------------------------- adapter: anonymous bank

HEADER = (
    "vru_line,call_id,customer_id,priority,type,date,vru_entry,vru_exit,vru_time,"
    "q_start,q_exit,q_time,outcome,ser_start,ser_exit,ser_time,server"
)
NONE = "0:00:00,0:00:00,0"


CALL_IDS = itertools.count(1)


def row(menu: str, queued: str, outcome: str, service: str, server: str = "ANN", date: str = "1999-08-01") -> str:
    return f"AA01,{next(CALL_IDS)},0,0,PS,{date},{menu},{queued},{outcome},{service},{server}"


def bank_log(folder: Path, *rows: str, header: str = HEADER) -> cal.CallLog:
    path = folder / "calls.csv.gz"
    path.write_bytes(gzip.compress("\n".join([header, *rows, ""]).encode()))
    return anonymous_bank.read(path)


def test_bank_answered_with_and_without_queue(tmp_path: Path) -> None:
    log = bank_log(
        tmp_path,
        row("9:00:00,9:00:10,10", "9:00:10,9:01:00,50", "AGENT", "9:00:59,9:03:00,121"),
        row("9:05:00,9:05:10,10", NONE, "AGENT", "9:05:12,9:06:12,60", "NO_SERVER"),
    )
    first, second = log.calls.iloc[0], log.calls.iloc[1]
    assert str(first["arrived"]) == "1999-08-01 09:00:10" and (first["wait"], first["handled"]) == (50, 121)
    assert str(second["arrived"]) == "1999-08-01 09:05:12" and (second["wait"], second["handled"]) == (0, 60)
    assert first["agent"] == "ANN" and pd.isna(second["agent"])
    assert log.report["kept: answered by nobody by name"] == 1


def test_bank_hang_ups(tmp_path: Path) -> None:
    log = bank_log(
        tmp_path,
        row("9:00:00,9:00:10,10", NONE, "HANG", NONE, "NO_SERVER"),
        row("9:01:00,9:01:10,10", "9:01:10,9:01:10,0", "HANG", NONE, "NO_SERVER"),
        row("9:02:00,9:02:10,10", "9:02:10,9:03:10,60", "HANG", NONE, "NO_SERVER"),
        row("9:03:00,9:03:10,10", "9:03:10,9:03:20,10", "HANG", "9:03:20,9:03:25,5", "NO_SERVER"),
        row("9:04:00,9:04:10,10", "9:04:10,9:05:10,60", "PHANTOM", "9:05:10,9:05:12,2", "NO_SERVER"),
    )
    assert log.calls["wait"].tolist() == [60, 10]
    assert log.abandoned.all() and np.isnan(log.handled).all()
    assert log.report["dropped: left in the voice menu"] == 1
    assert log.report["dropped: hung up in the second of joining the queue"] == 1
    assert log.report["dropped: phantom call"] == 1
    assert log.report["kept: hung up, with a service stamped after it"] == 1


def test_bank_calls_cross_midnight(tmp_path: Path) -> None:
    log = bank_log(
        tmp_path,
        row("23:59:50,23:59:50,0", NONE, "AGENT", "0:00:01,0:00:20,19"),
        row("23:58:00,23:58:10,10", "23:58:10,0:01:00,170", "AGENT", "0:00:59,0:02:00,61"),
        row("23:59:40,0:00:05,25", "0:00:05,0:00:25,20", "HANG", NONE, "NO_SERVER"),
    )
    assert log.calls["arrived"].astype(str).tolist() == [
        "1999-08-01 23:58:10",
        "1999-08-02 00:00:01",
        "1999-08-02 00:00:05",
    ]
    assert log.calls["wait"].tolist() == [170, 0, 20]
    assert log.report["kept: lasted beyond midnight"] == 3


def test_bank_dirty_rows_are_dropped_and_counted(tmp_path: Path) -> None:
    good = row("9:00:00,9:00:10,10", "9:00:10,9:01:00,50", "AGENT", "9:00:59,9:03:00,121")
    lost = row("9:02:00,9:02:10,10", "9:02:10,9:03:10,60", "LOST", NONE)
    log = bank_log(
        tmp_path,
        good,
        good,
        lost,
        lost,  # counted once, as repeated
        row("9:03:00,9:03:10,10", "9:03:10,9:04:10,60", "HANG", NONE, date="1999-13-01"),
        row("nine,9:03:10,10", "9:03:10,9:04:10,60", "HANG", NONE),
        row("9:04:00,9:04:10,10", "9:04:10,0:00:00,-4", "HANG", NONE),
        row("9:05:00,9:05:10,10", "9:05:10,9:05:40,-30", "HANG", NONE),  # the stamps still tell
        row("9:06:00,9:05:00,-60", "9:05:00,9:06:40,100", "HANG", NONE),
        row("9:07:00,9:07:10,10", "9:07:10,9:07:30,20", "AGENT", NONE),
        row("9:08:00,9:08:10,10", "0:00:00,0:00:00,30", "HANG", NONE),  # no stamp of the queue: leaving the menu
    )
    dropped = {name: count for name, count in log.report.items() if name.startswith("dropped") and count}
    assert dropped == {
        "dropped: repeated row": 2,
        "dropped: outcome unknown": 1,
        "dropped: date or time unreadable": 2,
        "dropped: waiting time unreadable": 1,
    }
    assert sum(dropped.values()) + log.report["calls to agents"] == log.report["read"] == 11
    assert log.calls["wait"].tolist() == [50, 100, 30, 20, 30]
    assert log.calls["arrived"].dt.strftime("%H:%M:%S").tolist() == [
        "09:00:10",
        "09:05:00",
        "09:05:10",
        "09:07:10",
        "09:08:10",
    ]
    assert log.report["kept: menu left before it was entered"] == 1
    assert log.report["kept: answered, handling time unknown"] == 1


def test_bank_vendor_format_with_tabs_and_short_dates(tmp_path: Path) -> None:
    line = row("9:00:00,9:00:10,10", "9:00:10,9:01:00,50", "AGENT", "9:00:59,9:03:00,121", date="991231")
    header = HEADER.replace("vru_line", "vru+line").replace(",", "\t")
    log = bank_log(tmp_path, line.replace(",", "\t"), header=header)
    assert str(log.calls["arrived"][0]) == "1999-12-31 09:00:10"


def test_bank_says_what_is_wrong_with_the_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not exist"):
        anonymous_bank.read(tmp_path / "none.csv")
    with pytest.raises(ValueError, match="lacks server"):
        bank_log(tmp_path, header=HEADER.removesuffix(",server"))
    (tmp_path / "broken.csv.gz").write_bytes(b"no gzip")
    with pytest.raises(ValueError, match="cannot be read"):
        anonymous_bank.read(tmp_path / "broken.csv.gz")
    with pytest.raises(ValueError, match="no call is left"):
        bank_log(tmp_path, row("9:00:00,9:00:10,10", NONE, "HANG", NONE))


# --------------------------------------------------------------------------------------- the bank's log


@pytest.fixture(scope="module")
def bank() -> cal.CallLog:
    return anonymous_bank.read(BANK / "calls.csv.gz")


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    stats: dict[str, Any] = json.loads((BANK / "stats.json").read_text())["split"]["dev_01_14"]
    return stats


def as_published(log: cal.CallLog) -> cal.CallLog:
    """The calls behind stats.json: entered from 7 h on, menu time sound, no service over two hours."""
    calls = log.calls
    sound = (calls["entered"] <= calls["arrived"] + pd.Timedelta(seconds=2)) & ~(calls["handled"] > 7200)
    kept = calls[sound & calls["entered"].dt.hour.between(7, 23)].reset_index(drop=True)
    return cal.CallLog(kept, week=log.week)


@needs_bank
def test_bank_rows_add_up(bank: cal.CallLog) -> None:
    report = bank.report
    dropped = sum(count for name, count in report.items() if name.startswith("dropped"))
    assert report["read"] == 22002 == dropped + len(bank.calls)
    assert report["dropped: phantom call"] == 192
    assert report["dropped: left in the voice menu"] == 1764
    assert (bank.calls["arrived"].dt.hour.between(1, 5)).sum() == 0


@needs_bank
def test_bank_hourly_statistics_are_the_published_ones(bank: cal.CallLog, published: dict[str, Any]) -> None:
    hours = cal.observed_by_hour(as_published(bank), WORKING_DAYS, clock="entered").set_index("hour")
    theirs = pd.DataFrame(published["hourly"]).T.rename(index=int)
    assert hours.index.tolist() == theirs.index.tolist()
    for mine, their in [("calls", "calls_per_h"), ("abandonment", "P_abandon"), ("wait_s", "EW_s")]:
        assert hours[mine].to_numpy() == pytest.approx(theirs[their].to_numpy(), abs=6e-5)
    assert hours["mean_service_s"].to_numpy() == pytest.approx(theirs["mean_service_s"].to_numpy(), abs=6e-5)
    # here a service begins when the wait ends, there at the agent's own stamp, a second off; and there
    # those that cross midnight were left out
    assert hours["busy_agents"][:16].to_numpy() == pytest.approx(theirs["busy_agents"][:16].to_numpy(), abs=0.01)
    assert hours["busy_agents"][23] == pytest.approx(theirs["busy_agents"][23], abs=0.06)


@needs_bank
def test_bank_totals_are_the_published_ones(bank: cal.CallLog, published: dict[str, Any]) -> None:
    calls = as_published(bank).calls
    log = cal.CallLog(calls[calls["entered"].dt.day_of_week.isin(WORKING_DAYS)].reset_index(drop=True))
    served = cal.service(log)
    assert len(log.calls) / published["days"] == pytest.approx(published["calls_per_day"])
    assert log.abandoned.mean() == pytest.approx(published["P_abandon"], abs=6e-5)
    assert log.wait[~log.abandoned].mean() == pytest.approx(published["ASA_served_s"], abs=6e-5)
    assert served.mean == pytest.approx(published["mean_service_s"], abs=6e-5)
    assert np.median(served.values) == published["median_service_s"]
    assert log.wait.sum() / log.abandoned.sum() == pytest.approx(published["implied_patience_s"], abs=6e-5)


@needs_bank
def test_bank_patience_has_a_heavy_tail(bank: cal.CallLog) -> None:
    found = cal.patience(bank)
    assert found.survival(60) == pytest.approx(0.8, abs=0.01)
    assert found.survival(600) / found.survival(300) > (found.survival(300)) * 1.2
    assert found.tail_mean > bank.wait.sum() / bank.abandoned.sum()


@needs_bank
def test_bank_arrivals_without_its_dirt_hardly_move(bank: cal.CallLog, published: dict[str, Any]) -> None:
    hours = cal.observed_by_hour(bank, WORKING_DAYS).set_index("hour").loc[7:23]
    theirs = pd.DataFrame(published["hourly"]).T.rename(index=int)
    assert hours["calls"].to_numpy() == pytest.approx(theirs["calls_per_h"].to_numpy(), abs=0.7)
    assert hours["abandonment"].to_numpy() == pytest.approx(theirs["P_abandon"].to_numpy(), abs=0.005)
    assert hours["wait_s"].to_numpy() == pytest.approx(theirs["EW_s"].to_numpy(), abs=1.5)


@needs_bank
def test_bank_replay_with_inferred_staff_reproduces_the_log(bank: cal.CallLog) -> None:
    draw = np.random.default_rng(17)
    handling = bank.handled.copy()
    unknown = np.isnan(handling)
    handling[unknown] = draw.choice(cal.service(bank).quantiles()["seconds"], unknown.sum())
    patience = draw.choice(cal.patience(bank).quantiles()["seconds"], len(handling))
    heads = cal.whole_headcounts(cal.staffing(bank)["agents"].to_numpy(), 3)
    wait, hung_up = queue(bank.arrived, handling, patience, heads, 600.0)
    assert hung_up.mean() == pytest.approx(bank.abandoned.mean(), abs=0.025)
    assert wait.mean() == pytest.approx(bank.wait.mean(), rel=0.15)
    hour = pd.Series(bank.arrived % DAY // HOUR)
    by_hour = pd.DataFrame({"real": bank.abandoned, "made": hung_up}).groupby(hour).mean().loc[7:23]
    assert (by_hour["made"] - by_hour["real"]).abs().mean() < 0.035


@needs_bank
@pytest.mark.skipif(not SHIPPED.exists(), reason="no facts of the bank are shipped")
def test_bank_facts_that_are_shipped_are_those_of_the_log(bank: cal.CallLog, tmp_path: Path) -> None:
    for made in cal.derive(bank, tmp_path):
        assert (SHIPPED / made.name).read_text(encoding="utf-8") == made.read_text(encoding="utf-8"), made.name


@pytest.mark.skipif(not (DATA / "us_bank_5min_2003").exists(), reason="the counts are not beside the repository")
def test_busyness_of_the_north_american_bank_is_the_published_one() -> None:
    folder = DATA / "us_bank_5min_2003"
    counts = pd.read_csv(folder / "calls_5min.csv.gz", parse_dates=["datetime"])
    published = json.loads((folder / "stats.json").read_text())
    found = cal.busyness(counts.groupby(counts["datetime"].dt.normalize())["calls"].sum())
    assert found.cv == pytest.approx(published["day_factor_cv"], abs=0.002)
    assert found.lag1 == pytest.approx(published["day_factor_lag1_corr"], abs=0.03)
    assert found.days == published["days"]
