"""Staffing that keeps the probability of waiting flat over the day, and a simulation that finds it so."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2, poisson

from simulation.center.plan import Plan
from simulation.center.run import simulate
from simulation.experiments.load import from_dict
from simulation.theory.changing_staff import changing_queue, isa_staffing
from simulation.theory.erlang import erlang_a
from simulation.theory.staffing import Goal, Wave, servers_needed

SLOTS = 48
WAVE = Wave(24.0, 12.0, 2 * np.pi / 24, 0.0)
RATES = [WAVE.integral(slot / 2, (slot + 1) / 2) * 2 for slot in range(SLOTS)]
"""Calls an hour in each half hour: from 12 to 36 over the day; service takes an hour, patience lasts for two."""
SERVICE, PATIENCE, TARGET = 1.0, 0.5, 0.2


def staffed_at_once() -> tuple[int, ...]:
    """What each half hour would need if it lasted for ever: the work of the hour before is forgotten."""
    return tuple(servers_needed(rate, SERVICE, Goal(p_wait=TARGET), PATIENCE) for rate in RATES)


@cache
def flat_staff() -> tuple[int, ...]:
    """What the iterative staffing algorithm says."""
    return isa_staffing(RATES, 0.5, SERVICE, PATIENCE, TARGET)


def test_constant_rates_are_erlang_a() -> None:
    queue = changing_queue([20.0, 20.0], [22, 22], 0.5, 1.0, 0.5)
    assert queue.p_wait == pytest.approx([erlang_a(20, 1, 22, 0.5).p_wait] * 2, abs=1e-6)
    assert isa_staffing([20.0] * 3, 0.5, 1.0, 0.5, 0.2) == (servers_needed(20, 1, Goal(p_wait=0.2), 0.5),) * 3


def test_customers_as_patient_as_service_is_long_are_poisson_whatever_the_staff() -> None:
    """Then the number inside is that of M_t/M/inf: its mean follows m' = rate - m."""
    queue = changing_queue(RATES, staffed_at_once(), 0.5, 1.0, 1.0)
    mean, means = 20.0, np.empty(SLOTS)
    for _ in range(3):
        for slot, rate in enumerate(RATES):
            means[slot] = rate + (mean - rate) * (1 - np.exp(-0.5)) / 0.5
            mean = rate + (mean - rate) * np.exp(-0.5)
    assert queue.inside @ np.arange(queue.inside.shape[1]) == pytest.approx(means, rel=2e-3)
    tail = poisson.sf(np.array(queue.staff) - 1, means)
    assert queue.p_wait == pytest.approx(tail, abs=0.01)


@pytest.mark.slow
def test_the_staffing_of_isa_is_flat_and_that_of_each_half_hour_is_not() -> None:
    staff = flat_staff()
    flat = changing_queue(RATES, staff, 0.5, SERVICE, PATIENCE).p_wait
    assert flat.max() <= TARGET and flat.min() > TARGET - 0.075, "as near as whole agents come"
    fewer = changing_queue(RATES, [agents - 1 for agents in staff], 0.5, SERVICE, PATIENCE).p_wait
    assert (fewer > TARGET).all()
    wavy = changing_queue(RATES, staffed_at_once(), 0.5, SERVICE, PATIENCE).p_wait
    assert wavy.max() > 2 * TARGET and wavy.min() < 0.5 * TARGET
    assert np.argmax(staff) > np.argmax(RATES), "the work comes later than the calls"


def waits(staff: tuple[int, ...], days: int, seed: int = 1) -> np.ndarray:
    """Share of callers who wait by day and hour of the day, shape (days, 24); the first day is left out."""
    handling: dict[str, Any] = {"any": {"exponential": {"mean": "1 h"}}}
    data = {
        "name": "wave",
        "calendar": {"start": "2026-03-02"},
        "horizon": f"{days + 1} d",
        "demand": {
            "profiles": {"wave": {"interval": "30 min", "weights": {"daily": RATES}}},
            "sources": {"calls": {"topic": "any", "channel": "phone", "volume": "576/day", "profile": "wave"}},
        },
        "channels": {"phone": {"mode": "live", "patience": {"exponential": {"mean": "2 h"}}}},
        "topics": {"any": {"handling": handling}},
        "teams": {
            "all": {"skills": {"all": {}}, "headcount": {"interval": "30 min", "weekly": {"daily": list(staff)}}}
        },
    }
    legs = simulate(Plan(from_dict(data)), seed, 0).legs
    day, hour = (legs["queued"] // 86_400).astype(int), (legs["queued"] % 86_400 // 3600).astype(int)
    waited = np.where(np.isnan(legs["wait"]), 1.0, legs["wait"]) > 0
    came = np.zeros((2, days + 1, 24))
    np.add.at(came[0], (day, hour), waited)
    np.add.at(came[1], (day, hour), 1.0)
    return came[:, 1:]


def compared(staff: tuple[int, ...], days: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share of callers who wait by three hours of the day: simulated, its error, exact."""
    waited, came = waits(staff, days).reshape(2, days, 8, 3).sum(axis=3)
    found = waited.sum(axis=0) / came.sum(axis=0)
    error = np.std(waited - found * came, axis=0, ddof=1) * np.sqrt(days) / came.sum(axis=0)
    rates = np.array(RATES).reshape(8, 6)
    exact = changing_queue(RATES, staff, 0.5, SERVICE, PATIENCE).p_wait.reshape(8, 6)
    return found, error, (exact * rates).sum(axis=1) / rates.sum(axis=1)


def assert_flat(days: int, most: float) -> None:
    """The simulated probability of waiting is that of the forward equations, flat; without ISA it is seen not to be."""
    staff = flat_staff()
    found, error, exact = compared(staff, days)
    assert error.max() < most
    assert (((found - exact) / error) ** 2).sum() < chi2.ppf(0.999, 8)
    assert np.ptp(exact) < 0.03
    assert abs((found - found.mean()) / error).max() < 4
    found, error, exact = compared(staffed_at_once(), days)
    assert (((found - exact) / error) ** 2).sum() < chi2.ppf(0.999, 8)
    assert (((found - found.mean()) / error) ** 2).sum() > 5 * chi2.ppf(0.999, 7), "waves are seen"


@pytest.mark.slow
def test_the_simulated_probability_of_waiting_is_flat() -> None:
    assert_flat(90, 0.03)


@pytest.mark.slow
def test_the_simulated_probability_of_waiting_is_flat_over_many_days() -> None:
    assert_flat(900, 0.01)
