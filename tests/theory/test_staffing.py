"""Staffing searches against a table of Erlang C and their own neighbours, loads against their equations."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import poisson

from simulation.theory.erlang import ImpatientQueue, erlang_a, erlang_c, garnett_p_wait, halfin_whitt_p_wait
from simulation.theory.staffing import (
    Goal,
    Wave,
    erlang_r_wave_loads,
    fewest,
    garnett_beta,
    halfin_whitt_beta,
    interval_loads,
    servers_needed,
    servers_over_time,
    square_root_staffing,
    wave_load,
)

EIGHTY_TWENTY = Goal(service_level=0.8, within=20)

# -------------------------------------------------------------------------------------- one interval


@pytest.mark.parametrize(
    ("load", "agents"), [(2, 4), (5, 8), (10, 14), (20, 24), (50, 56), (100, 107), (200, 208), (500, 510)]
)
def test_eighty_twenty_table_of_erlang_c(load: float, agents: int) -> None:
    """Calls of 180 s, 80 % within 20 s."""
    assert servers_needed(load / 180, 1 / 180, EIGHTY_TWENTY) == agents


GOALS = [
    EIGHTY_TWENTY,
    Goal(service_level=0.9, within=0),
    Goal(wait=5),
    Goal(p_wait=0.2),
    Goal(occupancy=0.85),
    Goal(service_level=0.8, within=20, occupancy=0.8),
]


@pytest.mark.parametrize("goal", GOALS)
@given(load=st.floats(0.05, 120.0))
@settings(deadline=None, max_examples=30)
def test_answer_of_erlang_c_is_enough_and_one_less_is_not(goal: Goal, load: float) -> None:
    servers = servers_needed(load / 180, 1 / 180, goal)
    assert goal.is_met_by(erlang_c(load / 180, 1 / 180, servers))
    assert servers - 1 <= load or not goal.is_met_by(erlang_c(load / 180, 1 / 180, servers - 1))


@pytest.mark.parametrize("goal", [*GOALS, Goal(abandonment=0.03)])
@given(load=st.floats(0.05, 120.0), patience=st.floats(20.0, 1800.0))
@settings(deadline=None, max_examples=15)
def test_answer_of_erlang_a_is_enough_and_one_less_is_not(goal: Goal, load: float, patience: float) -> None:
    servers = servers_needed(load / 180, 1 / 180, goal, abandon_rate=1 / patience)
    assert goal.is_met_by(erlang_a(load / 180, 1 / 180, servers, 1 / patience))
    assert servers == 1 or not goal.is_met_by(erlang_a(load / 180, 1 / 180, servers - 1, 1 / patience))


def test_each_bound_reads_its_own_measure() -> None:
    by_hand: dict[Goal, Callable[[ImpatientQueue], bool]] = {
        Goal(occupancy=0.8): lambda queue: queue.utilization <= 0.8,
        Goal(wait=4): lambda queue: queue.wait_served <= 4,
        Goal(p_wait=0.1): lambda queue: queue.p_wait <= 0.1,
        Goal(abandonment=0.02): lambda queue: queue.p_abandon <= 0.02,
        Goal(service_level=0.95, within=10, formula="offered"): lambda queue: queue.served_within(10) >= 0.95,
    }
    queues = [erlang_a(20 / 180, 1 / 180, servers, 1 / 90) for servers in range(1, 60)]
    for goal, is_met in by_hand.items():
        first = next(queue.servers for queue in queues if is_met(queue))
        assert servers_needed(20 / 180, 1 / 180, goal, abandon_rate=1 / 90) == first
    assert servers_needed(10, 1, Goal(occupancy=0.8)) == 13


def test_abandonment_saves_servers() -> None:
    assert servers_needed(100 / 180, 1 / 180, EIGHTY_TWENTY, abandon_rate=1 / 120) < 107


def test_several_bounds_take_the_greatest_answer() -> None:
    bounds = [Goal(service_level=0.8, within=20), Goal(occupancy=0.8), Goal(wait=1)]
    together = Goal(service_level=0.8, within=20, occupancy=0.8, wait=1)
    assert servers_needed(0.5, 0.01, together) == max(servers_needed(0.5, 0.01, goal) for goal in bounds)


def test_formula_of_the_service_level_matters() -> None:
    strict = Goal(service_level=0.8, within=20, formula="offered")
    lenient = Goal(service_level=0.8, within=20, formula="early_abandons_count_as_good")
    needed = [servers_needed(0.5, 0.01, goal, abandon_rate=1 / 30) for goal in (strict, EIGHTY_TWENTY, lenient)]
    assert needed == sorted(needed, reverse=True)
    assert needed[0] > needed[2]


def test_load_that_is_almost_a_whole_number_is_no_trap() -> None:
    rate, service_rate = 500 / 180, 1 / 180  # 499.99999999999994 erlangs
    assert servers_needed(rate, service_rate, Goal(wait=1e9)) == 501


@given(st.integers(1, 100_000), st.integers(1, 50), st.floats(1.0, 1e5))
def test_search_finds_the_first_number(answer: int, least: int, guess: float) -> None:
    assert fewest(lambda servers: servers >= answer, least, guess) == max(answer, least)


def test_impossible_goals_are_refused() -> None:
    with pytest.raises(ValueError, match="No number of servers"):
        fewest(lambda servers: False, 1)
    with pytest.raises(ValueError, match="service_level is 80"):
        Goal(service_level=80, within=20)


def test_square_root_staffing_and_its_inverse() -> None:
    assert square_root_staffing(100, 0.5) == 105
    assert square_root_staffing(100, 0.51) == 106
    for p_wait in (0.01, 0.2, 0.5, 0.9):
        assert halfin_whitt_p_wait(halfin_whitt_beta(p_wait)) == pytest.approx(p_wait, rel=1e-9)
        assert garnett_p_wait(garnett_beta(p_wait, 0.5), 0.5) == pytest.approx(p_wait, rel=1e-9)
    with pytest.raises(ValueError, match="p_wait is 1"):
        halfin_whitt_beta(1.0)


def test_square_root_staffing_is_close_to_the_search() -> None:
    near = square_root_staffing(1000, halfin_whitt_beta(0.3))
    assert near == pytest.approx(servers_needed(1000, 1, Goal(p_wait=0.3)), abs=1)
    near = square_root_staffing(1000, garnett_beta(0.3, 0.5))
    assert near == pytest.approx(servers_needed(1000, 1, Goal(p_wait=0.3), abandon_rate=0.5), abs=1)


# ------------------------------------------------------------------------------------ loads that change

waves = st.builds(Wave, st.floats(1, 200), st.floats(0, 1), st.floats(0.05, 6), st.floats(-3, 3))


@given(waves, st.floats(0.1, 5.0), st.floats(0, 50))
@settings(deadline=None)
def test_wave_load_is_the_past_arrivals_who_are_still_here(rate: Wave, mu: float, time: float) -> None:
    past, _ = quad(lambda age: rate.at(time - age) * math.exp(-mu * age), 0, 40 / mu, limit=500)
    assert wave_load(rate, mu).at(time) == pytest.approx(past, rel=1e-6)


def test_eick_massey_and_whitt_by_hand() -> None:
    load = wave_load(Wave(100, 20, 1), 1)
    assert [load.at(turn * math.pi / 2) for turn in range(4)] == pytest.approx([90, 110, 110, 90])


@given(waves, st.floats(0, 10), st.floats(0, 10))
def test_integral_of_a_wave(rate: Wave, start: float, length: float) -> None:
    known, _ = quad(rate.at, start, start + length, limit=500)
    assert rate.integral(start, start + length) == pytest.approx(known, rel=1e-6, abs=1e-9)


@given(waves, st.floats(0.3, 3.0), st.floats(0.0, 0.9), st.floats(0.1, 3.0), st.floats(0, 20))
@settings(deadline=None)
def test_loads_with_returns_solve_their_equations(rate: Wave, mu: float, p: float, back: float, time: float) -> None:
    needy, content = erlang_r_wave_loads(rate, mu, p, back)

    def slope(wave: Wave) -> float:
        return wave.amplitude * wave.frequency * math.cos(wave.frequency * time + wave.phase)

    inflow = rate.at(time) + back * content.at(time)
    assert slope(needy) == pytest.approx(inflow - mu * needy.at(time), rel=1e-6, abs=1e-7 * inflow)
    inflow = p * mu * needy.at(time)
    assert slope(content) == pytest.approx(inflow - back * content.at(time), rel=1e-6, abs=1e-7 * rate.mean)


def test_interval_loads_follow_the_differential_equation() -> None:
    rates, length, mu = [10.0, 40.0, 25.0], 2.0, 0.3
    steps = 40_000
    busy, sums = 5.0, []
    for rate in rates:
        path = np.empty(steps)
        for k in range(steps):
            middle = busy + (rate - mu * busy) * length / steps / 2
            path[k] = middle
            busy += (rate - mu * middle) * length / steps
        sums.append(path.mean())
    assert interval_loads(rates, length, mu, start=5.0) == pytest.approx(sums, rel=1e-6)


def test_a_cycle_of_intervals_repeats_itself() -> None:
    rates = [10.0, 40.0, 25.0]
    cycle = interval_loads(rates, 2.0, 0.3)
    many = interval_loads(rates * 20, 2.0, 0.3, start=0.0)
    assert many[-3:] == pytest.approx(cycle, rel=1e-9)
    assert np.mean(cycle) == pytest.approx(np.mean(rates) / 0.3)


@pytest.mark.parametrize(
    ("p_wait", "staff"), [(0.1, (103, 125, 125, 103)), (0.5, (91, 111, 111, 91)), (0.9, (79, 98, 98, 79))]
)
def test_staffing_for_a_stable_delay_when_patience_equals_service(p_wait: float, staff: tuple[int, ...]) -> None:
    """The example of Feldman, Mandelbaum, Massey & Whitt (2008): 100 + 20 sin t, mu = theta = 1."""
    load = wave_load(Wave(100, 20, 1), 1)
    loads = [load.at(turn * math.pi / 2) for turn in range(4)]
    assert servers_over_time(loads, 1.0, p_wait, 1.0) == staff
    for mean, servers in zip(loads, staff, strict=True):
        assert poisson.sf(servers - 1, mean) <= p_wait < poisson.sf(servers - 2, mean)


def test_patient_customers_need_more_servers_over_time() -> None:
    assert servers_over_time([90.0], 1.0, 0.2)[0] > servers_over_time([90.0], 1.0, 0.2, 2.0)[0]
