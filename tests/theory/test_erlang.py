"""Erlang's formulas against printed values, each other's limits and laws that hold for any input."""

import math
from fractions import Fraction
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammaincc

from simulation.theory.erlang import (
    Array,
    ImpatientQueue,
    Order,
    ServiceLevelFormula,
    Survival,
    UnstableQueueError,
    blocking,
    erlang_a,
    erlang_b,
    erlang_c,
    exponential_patience,
    fixed_patience,
    garnett,
    garnett_p_wait,
    halfin_whitt_p_wait,
    mmck,
    mmn_g,
    service_level_ratio,
    with_balking,
)

servers_counts = st.integers(1, 60)
loads_per_server = st.floats(0.05, 1.6)
patience_ratios = st.floats(0.02, 50.0)


# ---------------------------------------------------------------------------------------------- loss


@pytest.mark.parametrize(
    ("servers", "load", "p_block"),
    [(10, 4.461, 0.01), (20, 12.031, 0.01), (50, 37.901, 0.01), (30, 21.932, 0.02), (5, 2.218, 0.05)],
)
def test_blocking_agrees_with_the_printed_traffic_tables(servers: int, load: float, p_block: float) -> None:
    assert blocking(load, servers) == pytest.approx(p_block, rel=1e-3)


@given(servers_counts, st.fractions(Fraction(1, 50), 80))
def test_blocking_is_the_truncated_poisson_tail(servers: int, load: Fraction) -> None:
    weights = [Fraction(1)]
    for k in range(1, servers + 1):
        weights.append(weights[-1] * load / k)
    assert blocking(float(load), servers) == pytest.approx(float(weights[-1] / sum(weights)), rel=1e-12)


def test_loss_system_carries_what_it_does_not_block() -> None:
    loss = erlang_b(rate=3, service_rate=0.25, servers=15)
    assert loss.carried_load == pytest.approx(10.97125, rel=1e-6)
    assert loss.utilization == pytest.approx(10.97125 / 15, rel=1e-6)


def test_blocking_stays_finite_and_falls_with_servers_in_the_thousands() -> None:
    losses = [blocking(20_000, servers) for servers in (10_000, 19_000, 20_000, 20_500, 30_000)]
    assert losses == sorted(losses, reverse=True)
    assert losses[0] == pytest.approx(0.5, abs=1e-3)
    assert 0 < losses[3] < 1e-4
    assert losses[4] == 0 or losses[4] < 1e-300


# --------------------------------------------------------------------------------------------- delay


def test_delay_formula_gives_the_call_centre_helper_example() -> None:
    queue = erlang_c(rate=100 / 1800, service_rate=1 / 180, servers=14)  # 100 calls of 3 min in half an hour
    assert queue.p_wait == pytest.approx(0.174132, rel=1e-5)
    assert queue.service_level(20) == pytest.approx(0.88835, rel=1e-5)
    assert queue.utilization == pytest.approx(0.714286, rel=1e-5)


def test_one_server_is_the_geometric_queue() -> None:
    queue = erlang_c(rate=0.9, service_rate=1, servers=1)
    assert queue.p_wait == pytest.approx(0.9)
    assert queue.system == pytest.approx(9.0)
    assert queue.wait_quantile(0.9) == pytest.approx(10 * math.log(9))
    assert queue.wait_quantile(0.05) == 0


@given(servers_counts, st.floats(0.02, 0.98))
def test_delay_formula_agrees_with_birth_and_death(servers: int, load_per_server: float) -> None:
    queue = erlang_c(rate=load_per_server * servers, service_rate=1, servers=servers)
    room = servers + math.ceil(-35 / math.log(load_per_server))
    finite = mmck(load_per_server * servers, 1, servers, room)
    assert finite.p_wait_accepted == pytest.approx(queue.p_wait, rel=1e-9)
    assert finite.queue == pytest.approx(queue.queue, rel=1e-9, abs=1e-12)
    assert finite.served_within(0.1) == pytest.approx(queue.service_level(0.1), rel=1e-9)


@given(servers_counts, st.floats(0.1, 0.95), st.floats(0.0, 0.99))
def test_quantile_is_the_first_time_with_the_share_answered(servers: int, u: float, share: float) -> None:
    queue = erlang_c(rate=u * servers, service_rate=1, servers=servers)
    time = queue.wait_quantile(share)
    assert queue.service_level(time) >= share - 1e-12
    assert time == 0 or queue.service_level(0.999 * time) < share


def moments_of_tagged_wait(rate: float, drain: float, order: Order) -> tuple[float, float]:
    """First two moments of a wait that is above 0, by following one customer through a truncated chain.

    The state is the number of others who could still be served before it (or, in random order, all others).
    """
    size = 600
    others = np.arange(size, dtype=float)
    chosen = 1 / (others + 1) if order == "random" else (others == 0).astype(float)
    joining = 0.0 if order == "fcfs" else rate
    generator = np.diag(np.full(size, -drain - joining)) + np.diag(np.full(size - 1, joining), 1)
    generator[-1, -1] += joining
    generator[range(1, size), range(size - 1)] = drain * (1 - chosen[1:])
    first = np.linalg.solve(generator, -np.ones(size))
    second = np.linalg.solve(generator, -2 * first)
    u = rate / drain
    seen = (1 - u) * u**others if order != "lcfs" else (others == 0).astype(float)
    return float(seen @ first), float(seen @ second)


@pytest.mark.parametrize("order", ["fcfs", "lcfs", "random"])
@pytest.mark.parametrize(("rate", "servers"), [(0.8, 1), (4.0, 5)])
def test_variance_of_the_wait_in_every_order(order: Order, rate: float, servers: int) -> None:
    queue = erlang_c(rate, 1, servers)
    first, second = moments_of_tagged_wait(rate, servers, order)
    assert queue.wait == pytest.approx(queue.p_wait * first, rel=1e-6)
    variance = queue.p_wait * second - (queue.p_wait * first) ** 2
    assert queue.wait_variance(order) == pytest.approx(variance, rel=1e-6)


def test_overload_is_refused_with_the_number_of_servers_to_give() -> None:
    with pytest.raises(UnstableQueueError, match="Give at least 11"):
        erlang_c(rate=10, service_rate=1, servers=10)


@pytest.mark.parametrize(
    ("rate", "service_rate", "servers", "named"),
    [(0, 1, 3, "rate"), (1, -2, 3, "service_rate"), (1, 1, 0, "servers"), (math.nan, 1, 3, "rate")],
)
def test_impossible_input_is_named(rate: float, service_rate: float, servers: int, named: str) -> None:
    with pytest.raises(ValueError, match=f"^{named} is"):
        erlang_c(rate, service_rate, servers)


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_quantile_needs_a_share_below_one(share: float) -> None:
    with pytest.raises(ValueError, match="quantile"):
        erlang_c(1, 1, 2).wait_quantile(share)
    with pytest.raises(ValueError, match="quantile"):
        erlang_a(1, 1, 2, 1).wait_quantile(share)


# ---------------------------------------------------------------------------------------- abandonment


def test_erlang_a_gives_the_table_of_garnett_mandelbaum_and_reiman() -> None:
    """Their Table 1: 48 calls a minute of 1 minute, 50 agents, mean patience 2 minutes."""
    queue = erlang_a(rate=48, service_rate=1, servers=50, abandon_rate=0.5)
    assert 100 * queue.p_abandon == pytest.approx(3.1, abs=0.05)
    assert 60 * queue.wait == pytest.approx(3.7, abs=0.05)
    assert 60 * queue.wait_quantile(0.9) == pytest.approx(12.5, abs=0.1)
    assert queue.queue == pytest.approx(3, abs=0.05)
    assert 100 * queue.utilization == pytest.approx(93, abs=0.5)


def roomy(rate: float, servers: int, abandon_rate: float) -> int:
    overload = max(0.0, rate - servers) / abandon_rate
    return servers + math.ceil(overload + 12 * math.sqrt(rate / abandon_rate + 1) + 60)


@given(servers_counts, loads_per_server, patience_ratios, st.floats(0.0, 3.0))
@settings(deadline=None)
def test_erlang_a_agrees_with_birth_and_death(servers: int, u: float, theta: float, time: float) -> None:
    rate = u * servers
    queue = erlang_a(rate, 1, servers, theta)
    finite = mmck(rate, 1, servers, roomy(rate, servers, theta), theta)
    assert queue.p_wait == pytest.approx(finite.p_wait_accepted, rel=1e-9, abs=1e-14)
    assert queue.p_abandon == pytest.approx(finite.p_abandon, rel=1e-9, abs=1e-14)
    assert queue.wait_served == pytest.approx(finite.wait_served, rel=1e-9, abs=1e-14)
    assert queue.busy == pytest.approx(finite.busy, rel=1e-9)
    assert queue.served_within(time) == pytest.approx(finite.served_within(time), rel=1e-8, abs=1e-12)
    assert queue.abandoned_within(time) == pytest.approx(finite.abandoned_within(time), rel=1e-8, abs=1e-12)


@given(servers_counts, loads_per_server, patience_ratios, st.floats(0.0, 3.0))
@settings(deadline=None)
def test_every_customer_of_erlang_a_is_accounted_for(servers: int, u: float, theta: float, time: float) -> None:
    queue = erlang_a(u * servers, 1, servers, theta)
    assert queue.p_abandon == pytest.approx(theta * queue.wait, rel=1e-9)
    split = (1 - queue.p_abandon) * queue.wait_served + queue.p_abandon * queue.wait_abandoned
    assert split == pytest.approx(queue.wait, rel=1e-9)
    fates = queue.served_within(time) + queue.abandoned_within(time) + queue.wait_exceeds(time)
    assert fates == pytest.approx(1, rel=1e-9)
    forever = 1e4 * (1 + 1 / theta)
    assert queue.served_within(forever) == pytest.approx(1 - queue.p_abandon, rel=1e-9)
    assert queue.abandoned_within(forever) == pytest.approx(queue.p_abandon, rel=1e-9)


@given(servers_counts, loads_per_server, patience_ratios, st.floats(0.001, 1000.0))
@settings(deadline=None)
def test_the_unit_of_time_does_not_matter(servers: int, u: float, theta: float, unit: float) -> None:
    plain = erlang_a(u * servers, 1, servers, theta)
    scaled = erlang_a(u * servers / unit, 1 / unit, servers, theta / unit)
    assert scaled.p_abandon == pytest.approx(plain.p_abandon, rel=1e-9)
    assert scaled.wait_abandoned == pytest.approx(plain.wait_abandoned * unit, rel=1e-8)
    assert scaled.served_within(0.2 * unit) == pytest.approx(plain.served_within(0.2), rel=1e-9)


@given(servers_counts, loads_per_server, patience_ratios)
@settings(deadline=None)
def test_one_more_server_helps(servers: int, u: float, theta: float) -> None:
    fewer, more = (erlang_a(u * servers, 1, n, theta) for n in (servers, servers + 1))
    assert more.p_abandon < fewer.p_abandon
    assert more.wait_served < fewer.wait_served
    assert more.p_wait <= fewer.p_wait + 1e-12
    assert more.utilization <= fewer.utilization + 1e-12
    for formula in get_args(ServiceLevelFormula):
        assert more.service_level(0.1, formula) >= fewer.service_level(0.1, formula) - 1e-12


def test_endless_patience_turns_erlang_a_into_c() -> None:
    patient, endless = erlang_a(9, 1, 10, 1e-9), erlang_c(9, 1, 10)
    assert patient.p_wait == pytest.approx(endless.p_wait, rel=1e-6)
    assert patient.wait == pytest.approx(endless.wait, rel=1e-6)
    assert patient.service_level(0.3) == pytest.approx(endless.service_level(0.3), rel=1e-6)
    assert patient.wait_quantile(0.9) == pytest.approx(endless.wait_quantile(0.9), rel=1e-6)


def test_no_patience_turns_erlang_a_into_b() -> None:
    for rate in (8, 12):
        assert erlang_a(rate, 1, 10, 1e9).p_abandon == pytest.approx(blocking(rate, 10), rel=1e-6)


def test_equal_patience_and_service_make_the_number_inside_poisson() -> None:
    queue = erlang_a(rate=100, service_rate=1, servers=100, abandon_rate=1)
    assert queue.p_wait == pytest.approx(1 - gammaincc(100, 100), rel=1e-10)
    assert queue.queue + queue.busy == pytest.approx(100, rel=1e-12)


def test_thousands_of_servers_stay_finite_and_monotone() -> None:
    queues = [erlang_a(10_000, 1, servers, 0.5) for servers in range(9_000, 11_001, 200)]
    for name in ("p_wait", "p_abandon", "wait", "wait_served", "wait_abandoned", "utilization"):
        values = [getattr(queue, name) for queue in queues]
        assert all(math.isfinite(value) and value >= 0 for value in values), name
        assert np.all(np.diff(values) <= 1e-12), name
    assert queues[0].p_abandon == pytest.approx(0.1, rel=1e-9)  # the fluid limit
    levels = [queue.service_level(0.01) for queue in queues]
    assert levels == sorted(levels)


def test_quantile_of_the_wait_is_exact() -> None:
    queue = erlang_a(200, 1, 180, 0.2)
    for share in (0.05, 0.5, 0.9, 0.999):
        assert queue.wait_exceeds(queue.wait_quantile(share)) == pytest.approx(1 - share, rel=1e-9)
    assert erlang_a(1, 1, 10, 1).wait_quantile(0.9) == 0


# ---------------------------------------------------------------------------------- patience of any law


def free_servers_account(queue: ImpatientQueue) -> float:
    """Mean busy servers from P(wait) alone: below n the numbers inside are Poisson weights."""
    load = queue.rate / queue.service_rate
    inside = np.arange(queue.servers, dtype=float)
    log_weights = np.concatenate(([0.0], np.cumsum(np.log(load / inside[1:]))))
    weights = np.exp(log_weights - log_weights.max())
    return float((1 - queue.p_wait) * (weights @ inside) / weights.sum() + queue.servers * queue.p_wait)


PATIENCES: dict[str, tuple[Survival, list[float]]] = {
    "deterministic": (fixed_patience(0.7), [0.7]),
    "two_points": (lambda time: 0.4 * (time < 0.1) + 0.6 * (time < 1.5), [0.1, 1.5]),
    "uniform": (lambda time: np.clip(1 - time / 2, 0, 1), [2.0]),
    "weibull": (lambda time: np.exp(-(time**0.4)), []),
    "pareto": (lambda time: (1 + time) ** -2.5, []),
    "balking": (with_balking(0.3, exponential_patience(0.5)), []),
    "balking_or_fixed": (with_balking(0.3, fixed_patience(0.7)), [0.7]),
}


@pytest.mark.parametrize("law", PATIENCES)
@pytest.mark.parametrize(("rate", "servers"), [(0.5, 1), (7, 10), (30, 20), (1100, 1000)])
def test_busy_servers_agree_with_the_states_below_full(law: str, rate: float, servers: int) -> None:
    """The flow through the servers, known from the waits, must match the probabilities of free servers."""
    queue = mmn_g(rate, 1, servers, *PATIENCES[law])
    assert queue.busy == pytest.approx(free_servers_account(queue), rel=1e-9)
    assert queue.queue == pytest.approx(rate * queue.wait, rel=1e-12)
    assert queue.served_within(50) == pytest.approx(1 - queue.p_abandon, rel=1e-6)


def test_nobody_waits_longer_than_a_fixed_patience() -> None:
    queue = mmn_g(22, 1, 20, fixed_patience(1), [1])
    assert queue.wait_abandoned == pytest.approx(1, rel=1e-9)
    assert queue.wait_exceeds(0.999) > queue.p_abandon
    assert queue.wait_exceeds(1) == 0
    assert queue.abandoned_within(0.999) == 0
    assert queue.abandoned_within(1) == pytest.approx(queue.p_abandon, rel=1e-9)


def test_fixed_patience_runs_from_loss_to_delay() -> None:
    assert mmn_g(9, 1, 10, fixed_patience(1e-9), [1e-9]).p_abandon == pytest.approx(blocking(9, 10), rel=1e-6)
    endless = mmn_g(9, 1, 10, fixed_patience(100), [100])
    assert endless.wait == pytest.approx(erlang_c(9, 1, 10).wait, rel=1e-9)


def test_balking_customers_leave_at_once_and_only_when_they_would_wait() -> None:
    always = mmn_g(9, 1, 10, with_balking(1.0, exponential_patience(1)))
    assert always.p_abandon == pytest.approx(blocking(9, 10), rel=1e-9)
    assert always.wait == 0
    some = mmn_g(9, 1, 10, with_balking(0.2, exponential_patience(0.5)))
    assert some.abandoned_within(0) == pytest.approx(0.2 * some.p_wait, rel=1e-9)


def test_balkers_and_endlessly_patient_customers_are_a_chain_with_a_slower_queue() -> None:
    """Who balks never waits: while all servers are busy the arrival rate is 0.6 of what it was."""
    queue = mmn_g(9, 1, 10, with_balking(0.4, exponential_patience(1e-12)))
    below = np.cumprod(np.concatenate(([1.0], 9 / np.arange(1, 11))))
    above = below[-1] * (0.6 * 0.9) ** np.arange(1, 200)
    total = below.sum() + above.sum()
    assert queue.p_wait == pytest.approx((below[-1] + above.sum()) / total, rel=1e-9)
    assert queue.queue == pytest.approx(above @ np.arange(1, 200) / total, rel=1e-9)


def test_patience_that_never_ends_may_leave_no_steady_state() -> None:
    half_stay = lambda time: np.full_like(time, 0.5)  # noqa: E731
    assert mmn_g(15, 1, 10, half_stay).p_abandon == pytest.approx(0.5 * mmn_g(15, 1, 10, half_stay).p_wait)
    with pytest.raises(UnstableQueueError, match="never give up"):
        mmn_g(25, 1, 10, half_stay)


# -------------------------------------------------------------------------------------- service level


@pytest.mark.parametrize(
    ("formula", "level"),
    [
        ("offered_less_early_abandons", 60 / 95),
        ("offered", 60 / 100),
        ("served", 60 / 80),
        ("served_plus_late_abandons", 60 / 87),
        ("early_abandons_count_as_good", 65 / 100),
    ],
)
def test_service_level_formulas_by_hand(formula: ServiceLevelFormula, level: float) -> None:
    """100 offered: 80 served (60 in time), 12 abandoned (5 early), 8 blocked."""
    counts = dict(offered=100, served=80, served_within=60, abandoned=12, abandoned_within=5)
    assert service_level_ratio(formula, **counts) == pytest.approx(level)


def test_service_level_of_nothing_is_not_a_number() -> None:
    counts = dict(offered=0, served=0, served_within=0, abandoned=0, abandoned_within=0)
    assert math.isnan(service_level_ratio("offered", **counts))


def test_without_blocking_late_abandons_complete_the_default() -> None:
    queue = erlang_a(10, 1, 9, 0.7)
    assert queue.service_level(0.2, "served_plus_late_abandons") == pytest.approx(queue.service_level(0.2))
    busy_signals = mmck(10, 1, 9, 12, 0.7)
    assert busy_signals.service_level(0.2, "served_plus_late_abandons") > busy_signals.service_level(0.2)


# ----------------------------------------------------------------------------------------- finite room


def test_no_room_to_wait_is_the_loss_system() -> None:
    queue = mmck(12, 1, 10, 10)
    assert queue.p_block == pytest.approx(blocking(12, 10), rel=1e-12)
    assert queue.queue == queue.p_wait_accepted == queue.wait_served == 0


def test_small_finite_queue_by_hand() -> None:
    """M/M/1/2 with load 2: weights 1, 2, 4."""
    queue = mmck(rate=2, service_rate=1, servers=1, capacity=2)
    assert queue.p_block == pytest.approx(4 / 7)
    assert queue.p_wait_accepted == pytest.approx(2 / 3)
    assert queue.wait_accepted == pytest.approx(2 / 3)
    assert queue.served_within(1) == pytest.approx(1 / 7 + 2 / 7 * (1 - math.exp(-1)))


def test_room_must_hold_the_servers() -> None:
    with pytest.raises(ValueError, match="capacity is 3"):
        mmck(1, 1, 4, 3)


@given(st.integers(1, 20), st.integers(0, 30), loads_per_server, st.floats(0.0, 5.0))
def test_every_contact_of_a_finite_queue_is_accounted_for(servers: int, room: int, u: float, theta: float) -> None:
    queue = mmck(u * servers, 1, servers, servers + room, theta)
    assert queue.p_block + queue.p_abandon + queue.busy / queue.rate == pytest.approx(1, rel=1e-9)
    assert queue.served_within(1e6) == pytest.approx(1 - queue.p_block - queue.p_abandon, rel=1e-9)


# ------------------------------------------------------------------------------------ many-server limits


@pytest.mark.parametrize(("beta", "p_wait"), [(0.1, 0.8802871), (0.5, 0.5045386), (2.0, 0.02688136)])
def test_halfin_whitt_limit(beta: float, p_wait: float) -> None:
    assert halfin_whitt_p_wait(beta) == pytest.approx(p_wait, rel=1e-6)
    servers = 1_000_000
    root = (-beta + math.sqrt(beta**2 + 4 * servers)) / 2  # load + beta sqrt(load) = servers
    assert erlang_c(root**2, 1, servers).p_wait == pytest.approx(p_wait, rel=5e-3)


@pytest.mark.parametrize(("servers", "theta"), [(900, 0.5), (915, 1.0), (930, 0.25), (870, 2.0)])
def test_garnett_approximation_is_close_for_large_centres(servers: int, theta: float) -> None:
    exact, near = erlang_a(900, 1, servers, theta), garnett(900, 1, servers, theta)
    assert near.p_wait == pytest.approx(exact.p_wait, rel=0.03)
    assert near.p_abandon == pytest.approx(exact.p_abandon, rel=0.05)
    assert near.wait == pytest.approx(exact.wait, rel=0.05)


def test_garnett_limit_without_abandonment_is_halfin_and_whitt() -> None:
    assert garnett_p_wait(0.5, 1e-7) == pytest.approx(halfin_whitt_p_wait(0.5), rel=1e-5)
    assert garnett_p_wait(0.0, 1.0) == pytest.approx(0.5)
    assert garnett_p_wait(-30.0, 1.0) == pytest.approx(1.0)


def test_arrays_of_patience_are_asked_in_whole_panels() -> None:
    """A survival function sees only times at or above 0, so a law may take roots of them."""
    seen: list[float] = []

    def survival(time: Array) -> Array:
        seen.append(float(np.min(time)))
        return np.asarray(np.exp(-np.sqrt(time)))

    mmn_g(5, 1, 4, survival).service_level(0.5)
    assert min(seen) >= 0
