"""Agents' time against what theory knows: absence, lateness, constant shifts, the end of a day, staffing over time."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from simulation.center.absence import day_rates, spells
from simulation.center.plan import Plan
from simulation.center.roster import roster
from simulation.demand.load import day_loads
from simulation.experiments.load import from_dict
from simulation.record.recorder import Duty
from simulation.theory.erlang import erlang_a, erlang_c
from tests.laws.books import Books, observe
from tests.laws.strategies import Data

DAY, HOUR = 86_400.0, 3600.0
SHIFT: Data = {"days": "daily", "start": "08:00", "end": "16:00"}


def line(volume: str, horizon: str, team: Data, **channel: Any) -> Data:
    """A phone line."""
    return {
        "name": "line",
        "calendar": {"start": "2026-03-02"},
        "horizon": horizon,
        "demand": {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": volume}}},
        "channels": {"phone": {"mode": "live", **channel}},
        "topics": {"any": {"handling": {"any": {"exponential": {"mean": "6 min"}}}}},
        "teams": {"front": {"skills": {"all": {}}, **team}},
    }


def absences(team: Data, agents: int, days: int, seed: int = 1) -> np.ndarray:
    """Whether each agent is absent on each day; shape (agents, days)."""
    shifts = {"all": {**SHIFT, "headcount": agents}}
    return absent(Plan(from_dict(line("1/day", f"{days} d", {"shifts": shifts, **team}))), agents, days, seed)


def absent(plan: Plan, agents: int, days: int, seed: int, loads: dict[dt.date, float] | None = None) -> np.ndarray:
    """Whether each agent of a plan is absent on each day; shape (agents, days)."""
    found = np.zeros((agents, days), dtype=bool)
    for agent, made in enumerate(roster("front", plan, seed, 0, loads)):
        for stretch in made.stretches:
            found[agent, int(stretch.since // DAY)] |= stretch.gap is Duty.ABSENT
    return found


# -- absence ------------------------------------------------------------------------------------------------------


def test_spells_are_geometric_and_keep_the_share_of_days() -> None:
    """60 agents over two years, sick on 6 % of the days for 5 days at a time."""
    share, length, agents, days = 0.06, 5.0, 60, 730
    sick = absences({"absence": "6 %", "absence_spells": "5 d"}, agents, days)
    memory = 1 - 1 / length - share / (length * (1 - share))
    error = np.sqrt(share * (1 - share) * (1 + memory) / (1 - memory) / sick.size)
    assert abs(sick.mean() - share) < 3.5 * error and error < 0.004
    ends = np.diff(sick.astype(int), axis=1) == -1
    assert ends.sum() / sick[:, :-1].sum() == pytest.approx(1 / length, rel=3.5 / np.sqrt(ends.sum())), "mean length"
    assert ends.sum() > 400
    third = sick[:, 2:-1] & sick[:, 1:-2] & ~sick[:, :-3]  # on the second day of a spell: memoryless
    assert (third & ~sick[:, 3:]).sum() / third.sum() == pytest.approx(1 / length, abs=3.5 * 0.4 / np.sqrt(third.sum()))


def test_who_is_always_absent_is_never_there() -> None:
    assert absences({"absence": "100 %", "absence_spells": "3 d"}, 5, 60).all()


def test_the_first_day_of_a_run_is_in_steady_state() -> None:
    first = np.array([spells(np.random.default_rng(seed).random(40), 0.2, 6.0) for seed in range(4000)])
    for day in (0, 1, 5, 39):
        assert abs(first[:, day].mean() - 0.2) < 3.5 * 0.4 / np.sqrt(4000)


def test_absences_of_a_day_are_beta_binomial() -> None:
    """Var = n a (1 - a) (1 + (n - 1) rho): four times the binomial's for 31 agents who correlate by 10 %."""
    agents, days, share = 31, 600, 0.08
    apart = absences({"absence": "8 %"}, agents, days).sum(axis=0)
    together = absences({"absence": "8 %", "absence_together": "10 %"}, agents, days).sum(axis=0)
    plain = agents * share * (1 - share)
    for found, factor in ((apart, 1.0), (together, 4.0)):
        assert found.mean() == pytest.approx(agents * share, abs=3.5 * np.sqrt(plain * factor / days))
        spread = np.var((found - found.mean()) ** 2) ** 0.5 / np.sqrt(days)
        assert found.var() == pytest.approx(plain * factor, abs=3.5 * spread) and spread < 0.16 * plain * factor


@pytest.mark.parametrize("days_after", [0, 1])
def test_absence_rises_with_the_load_of_a_day_and_keeps_its_share(days_after: int) -> None:
    """The line of absence over load has the slope a * strength and goes through a at the usual load."""
    agents, days, share, strength = 600, 80, 0.1, 2.0
    by_load = {"strength": strength, "days_after": days_after}
    shifts = {"all": {**SHIFT, "headcount": agents}}
    data = line("300/day", f"{days} d", {"shifts": shifts, "absence": "10 %", "absence_by_load": by_load})
    data["demand"]["busyness"] = {"cv": "20 %"}
    plan = Plan(from_dict(data))
    loads = day_loads(plan.demand, plan.demand.births(1, 0))
    busy = np.array(list(loads.values()))
    assert len(busy) == days and busy.std() == pytest.approx(np.sqrt(0.04 + 1 / 300), rel=0.25)
    shares = absent(plan, agents, days, 1, loads).mean(axis=0)
    decides, follows = busy[: days - days_after], shares[days_after:]
    slope, at_usual = np.polyfit(decides - 1, follows, 1)
    error = np.sqrt(share * (1 - share) / agents / days)
    assert abs(at_usual - share) < 3.5 * error
    assert (
        abs(slope - share * strength) < 3.5 * error / decides.std()
        and error / decides.std() < 0.04 * share * strength * 2
    )
    if days_after:
        assert shares[0] == pytest.approx(share, abs=3.5 * np.sqrt(share * (1 - share) / agents)), (
            "nobody knows the day before"
        )
        same_day = np.polyfit(busy - 1, shares, 1)[0]
        assert abs(same_day) < 0.5 * slope, "days are independent of each other"


def test_events_and_busy_days_are_beyond_what_is_usual_and_seasons_are_not() -> None:
    data = line("2000/day", "28 d", {"headcount": {"constant": 1}})
    calls = data["demand"]["sources"]["calls"]
    calls["weekdays"] = {"mon": 2.0, "sun": 0.5}
    data["demand"]["events"] = {"failure": {"starts": "2026-03-11 00:00", "lasts": "1 d", "topics": {"any": 2.5}}}
    plan = Plan(from_dict(data)).demand
    loads = day_loads(plan, plan.births(1, 0))
    assert loads.pop(dt.date(2026, 3, 11)) == pytest.approx(2.5, abs=0.15)
    assert list(loads.values()) == pytest.approx([1.0] * 27, abs=0.15)


@pytest.mark.parametrize(("share", "together"), [(0.08, 0.1), (0.3, 0.5), (0.05, 0.02)])
def test_day_rates_are_beta_distributed(share: float, together: float) -> None:
    rates = day_rates((np.arange(100_000) + 0.5) / 100_000, share, together)
    assert rates.mean() == pytest.approx(share, rel=1e-3)
    assert rates.var() == pytest.approx(together * share * (1 - share), rel=1e-3)


def test_day_rates_at_the_ends() -> None:
    numbers = np.array([0.05, 0.2, 0.9])
    assert day_rates(numbers, 0.1, 1.0).tolist() == [1, 0, 0]
    assert day_rates(numbers, 0.0, 0.3).tolist() == [0, 0, 0] and day_rates(numbers, 1.0, 0.3).tolist() == [1, 1, 1]
    assert day_rates(numbers, 0.1, 1e-6) == pytest.approx(0.1, abs=1e-3)


# -- lateness -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_adherence_is_what_is_asked_for() -> None:
    """150 agents for four weeks: lateness is exponential, 33.6 min a shift in all, for a share of 93 %."""
    breaks = {"a": {"after": "2 h", "lasts": "15 min"}, "b": {"after": "4 h", "lasts": "30 min", "paid": False}}
    shifts = {"all": {**SHIFT, "headcount": 150, "breaks": breaks}}
    books = observe(line("1/day", "28 d", {"shifts": shifts, "adherence": {"share": "93 %"}}))
    rows = books.record.staffing
    found = rows["adherent"].sum() / rows["planned"].sum()
    late = np.array([end - start for agent in range(150) for start, end in books.spans(agent, Duty.LATE)])
    error = late.std() * np.sqrt(len(late)) / rows["planned"].sum()
    assert abs(found - 0.93) < 3.5 * error and error < 0.001
    assert late.std() == pytest.approx(late.mean(), rel=0.05), "exponential"


# -- shifts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("patience", [None, {"exponential": {"mean": "4 min"}}])
def test_shifts_that_are_always_there_are_erlang_c_and_a(patience: Data | None) -> None:
    """Case by case the same as a constant headcount, whoever hands over to whom at midnight; and as theory says."""
    channel = {} if patience is None else {"patience": patience}
    volume, agents = ("70/h", 9) if patience is None else ("90/h", 9)
    hours = {"start": "00:00", "end": "24:00"}
    constant = observe(line(volume, "12 d", {"headcount": {"constant": agents}}, **channel))
    waits = constant.record.legs["wait"]
    weekly = {
        "shifts": {"a": {**hours, "days": "daily", "headcount": 4}, "b": {**hours, "days": "daily", "headcount": 5}}
    }
    crew = {"pattern": ["a"], "per_crew": agents, "shifts": {"a": hours}}
    for team in (weekly, {"rotations": {"crew": crew}}):
        books = observe(line(volume, "12 d", team, **channel))
        assert np.allclose(books.record.legs["wait"], waits, atol=1e-6, equal_nan=True)
    if patience is None:
        p_wait, wait = erlang_c(70 / HOUR, 1 / 360, agents).p_wait, erlang_c(70 / HOUR, 1 / 360, agents).wait
    else:
        queue = erlang_a(90 / HOUR, 1 / 360, agents, 1 / 240)
        p_wait, wait = queue.p_wait, queue.wait
    over = ~np.isnan(waits)
    days, waits = (constant.record.legs["queued"][over] // DAY).astype(int), waits[over]
    for found, exact in ((waits > 0, p_wait), (waits, wait)):
        daily = np.bincount(days, found) / np.bincount(days)
        error = daily.std(ddof=1) / np.sqrt(len(daily))
        assert abs(daily.mean() - exact) < 4 * error and error < 0.2 * exact


@pytest.mark.slow
def test_the_overtime_of_a_day_is_what_is_left_of_the_calls_in_hand() -> None:
    """Service is exponential: overtime a day = mean busy agents at the end x mean service, here of M/M/n+M in steady state.

    The door shuts with the shift and sends away who waits, so nobody begins a call in overtime.
    """
    team = {"shifts": {"all": {**SHIFT, "headcount": 10}}}
    hours = {"open": {"daily": "08:00-16:00"}, "at_close": "disconnect", "patience": {"exponential": {"mean": "3 min"}}}
    data = line("800/day", "200 d", team, **hours)
    weights = [0.0] * 8 + [1.0] * 8 + [0.0] * 8
    data["demand"]["profiles"] = {"day": {"interval": "60 min", "weights": {"daily": weights}}}
    data["demand"]["sources"]["calls"]["profile"] = "day"
    books = observe(data)
    overtime = np.bincount((books.record.staffing["start"] // DAY).astype(int), books.record.staffing["overtime"], 200)
    queue = erlang_a(100 / HOUR, 1 / 360, 10, 1 / 180)
    exact = queue.utilization * 10 * 360
    error = overtime.std(ddof=1) / np.sqrt(200)
    assert abs(overtime.mean() - exact) < 3.5 * error and error < 0.04 * exact
    longest = np.array([max([end - start for start, end in of_day] or [0]) for of_day in after_end(books)])
    assert longest.mean() == pytest.approx(360 * expected_maximum(queue.utilization * 10, 10), rel=0.08)


def after_end(books: Books) -> list[list[tuple[float, float]]]:
    """Time after the end of the shift by day."""
    found: list[list[tuple[float, float]]] = [[] for _ in range(200)]
    for spans in books.on:
        for start, end in spans:
            over = start // DAY * DAY + 16 * HOUR
            if end > over:
                found[int(start // DAY)].append((over, end))
    return found


def expected_maximum(mean: float, most: int) -> float:
    """Mean of the largest of so many unit exponentials: a harmonic number, at the mean number busy (nearly all are)."""
    low = int(mean)
    harmonic = [sum(1 / k for k in range(1, n + 1)) for n in range(most + 1)]
    return harmonic[low] + (mean - low) * (harmonic[min(low + 1, most)] - harmonic[low])


def test_the_gap_between_shifts_is_nobody_s_time() -> None:
    books = observe(line("200/day", "5 d", {"shifts": {"all": {**SHIFT, "headcount": 2}}}))
    for agent in range(2):
        for (_, end), (start, _) in pairwise(books.spans(agent, Duty.SHIFT)):
            assert start - end == 16 * HOUR


def test_who_hands_over_at_noon_finishes_and_so_nobody_waits_longer() -> None:
    halves = {"early": ("00:00", "12:00"), "late": ("12:00", "24:00")}
    shifts = {name: {"days": "daily", "start": a, "end": b, "headcount": 9} for name, (a, b) in halves.items()}
    over, always = (
        observe(line("70/h", "8 d", team)).record.legs["wait"]
        for team in ({"shifts": shifts}, {"headcount": {"constant": 9}})
    )
    over, always = (np.nan_to_num(waits, nan=HOUR) for waits in (over, always))  # who still waits at the end
    assert (over <= always + 1e-6).all() and over.sum() < always.sum()
