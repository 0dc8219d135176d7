"""Queues beyond Erlang's against hand calculations, each other's special cases and independent solutions."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from simulation.theory import queues
from simulation.theory.erlang import UnstableQueueError, erlang_a, erlang_c, mmck
from simulation.theory.queues import (
    ChainTooLargeError,
    SkillCenter,
    busy_day_counts,
    callback_queue,
    chat_queue,
    erlang_phases,
    erlang_r,
    escalation_tandem,
    hyperexponential_phases,
    jackson_network,
    mdc,
    mg1,
    mgc_kimura,
    mgc_lee_longton,
    mmn_day,
    mphn,
    preemptive_sojourns,
    priority_waits,
    priority_waits_mg1,
    redial_queue,
    retrial_queue,
    skill_queue,
    stationary,
    transient_mmn,
)

# -------------------------------------------------------------------------------------- general service


@pytest.mark.parametrize(("scv", "wait"), [(0, 2.0), (0.25, 2.5), (1, 4.0), (2.25, 6.5)])
def test_pollaczek_khinchine_by_hand(scv: float, wait: float) -> None:
    queue = mg1(rate=0.8, mean_service=1, scv=scv)
    assert queue.wait == pytest.approx(wait)
    assert queue.sojourn == pytest.approx(wait + 1)
    assert queue.queue == pytest.approx(0.8 * wait)
    assert queue.p_wait == pytest.approx(0.8)


def crommelin(load: float, servers: int) -> tuple[float, float]:
    """(P(wait), mean queue) of M/D/c from the equations of Crommelin (1932), solved as a linear system."""
    size = 400
    inside = np.arange(size)
    left = np.maximum(inside - servers, 0)
    step = poisson.pmf(inside[None, :] - left[:, None], load)
    equations = np.vstack((step.T - np.eye(size), np.ones(size)))
    law = np.linalg.lstsq(equations, np.append(np.zeros(size), 1.0), rcond=None)[0]
    return float(law[servers:].sum()), float(law @ left)


@pytest.mark.parametrize(("load", "servers"), [(0.5, 1), (1.8, 2), (4.0, 5), (18.0, 20)])
def test_fixed_service_agrees_with_crommelins_equations(load: float, servers: int) -> None:
    p_wait, waiting = crommelin(load, servers)
    queue = mdc(rate=load / 3, service_time=3, servers=servers)
    assert queue.p_wait == pytest.approx(p_wait, rel=1e-7)
    assert queue.queue == pytest.approx(waiting, rel=1e-7)


def test_fixed_service_gives_the_printed_ratio_to_exponential() -> None:
    """0.5036 for two servers at load 0.9 (tables of M/D/c)."""
    assert mdc(1.8, 1, 2).wait / erlang_c(1.8, 1, 2).wait == pytest.approx(0.5036, abs=5e-5)


@pytest.mark.parametrize(("load", "servers"), [(2.0, 10), (0.1, 3), (9.0, 30)])
def test_fixed_service_under_light_load_agrees_too(load: float, servers: int) -> None:
    """Spitzer's identity (1956) for the random walk of arrivals less departures over k service times."""
    k = np.arange(1, 500.0)
    at_least, above = poisson.sf(k * servers - 1, k * load), poisson.sf(k * servers, k * load)
    queue = mdc(load, 1, servers)
    assert queue.p_wait == pytest.approx(-math.expm1(-np.sum(at_least / k)), rel=1e-6)
    assert queue.queue == pytest.approx(np.sum(load * at_least - servers * above), rel=1e-6)


@pytest.mark.parametrize("u", [0.1, 0.7, 0.99, 0.999])
def test_fixed_service_with_one_server_is_pollaczek_khinchine(u: float) -> None:
    assert mdc(u, 1, 1).wait == pytest.approx(mg1(u, 1, 0).wait, rel=1e-9)
    assert mdc(u, 1, 1).p_wait == pytest.approx(u, rel=1e-9)


def test_approximations_of_general_service_are_exact_where_they_should_be() -> None:
    assert mgc_kimura(4, 1, 0, 5).wait == pytest.approx(mdc(4, 1, 5).wait)
    assert mgc_kimura(4, 1, 1, 5).wait == pytest.approx(erlang_c(4, 1, 5).wait)
    assert mgc_lee_longton(4, 1, 1, 5).wait == pytest.approx(erlang_c(4, 1, 5).wait)
    assert mgc_lee_longton(0.8, 1, 0.25, 1).wait == pytest.approx(mg1(0.8, 1, 0.25).wait)


@pytest.mark.parametrize(("phases", "scv"), [(2, 0.5), (4, 0.25)])
def test_approximations_of_general_service_are_near_the_exact_chain(phases: int, scv: float) -> None:
    exact = mphn(4, erlang_phases(phases, 1), 5).wait
    assert mgc_kimura(4, 1, scv, 5).wait == pytest.approx(exact, rel=0.01)
    assert mgc_lee_longton(4, 1, scv, 5).wait == pytest.approx(exact, rel=0.06)


# -------------------------------------------------------------------------------------------- priorities

rate_lists = st.lists(st.floats(0.05, 1.0), min_size=1, max_size=4)


@given(rate_lists, st.integers(1, 8), st.floats(0.2, 0.95))
def test_priorities_only_share_out_the_waiting(weights: list[float], servers: int, u: float) -> None:
    """Kleinrock's conservation law: the waits weighted by the rates are those of the common queue."""
    rates = [u * servers * weight / sum(weights) for weight in weights]
    total = erlang_c(sum(rates), 1, servers)
    waits = priority_waits(rates, 1, servers)
    assert sum(rate * wait for rate, wait in zip(rates, waits, strict=True)) == pytest.approx(total.queue)
    assert list(waits) == sorted(waits)
    sojourns = preemptive_sojourns(rates, 1, servers)
    assert sum(rate * time for rate, time in zip(rates, sojourns, strict=True)) == pytest.approx(total.system)


def test_cobhams_waits_by_hand() -> None:
    assert priority_waits([0.3, 0.5], 1, 1) == pytest.approx((0.8 / 0.7, 0.8 / 0.7 / 0.2))
    assert priority_waits_mg1([0.3, 0.5], [1, 1], [1, 1]) == pytest.approx(priority_waits([0.3, 0.5], 1, 1))
    residual = (0.3 * 0.5**2 * 2 + 0.2 * 2**2 * 1.25) / 2  # sum of lam E[S^2] / 2, E[S^2] = E[S]^2 (1 + scv)
    waits = priority_waits_mg1([0.3, 0.2], [0.5, 2], [1, 0.25])
    assert waits == pytest.approx((residual / 0.85, residual / 0.85 / 0.45))


def test_highest_class_does_not_see_the_others_when_it_interrupts() -> None:
    first, _ = preemptive_sojourns([1.5, 2.5], 1, 5)
    assert first == pytest.approx(erlang_c(1.5, 1, 5).sojourn)
    assert preemptive_sojourns([1.5, 2.5], 1, 5) == pytest.approx((1.005754, 1.883128), rel=1e-6)


# ---------------------------------------------------------------------------------------------- networks


def test_escalation_is_a_jackson_network_without_returns() -> None:
    chain = escalation_tandem(10, [0.2, 0.5], [1.0, 0.25, 0.1], [12, 10, 14])
    stations = jackson_network([10, 0, 0], [[0, 0.2, 0], [0, 0, 0.5], [0, 0, 0]], [1.0, 0.25, 0.1], [12, 10, 14])
    assert [tier.wait for tier in chain.tiers] == pytest.approx([station.wait for station in stations])
    assert chain.sojourn == pytest.approx(sum(station.system for station in stations) / 10)  # Little's law


def test_returns_make_a_jackson_network_with_a_loop() -> None:
    answer = erlang_r(rate=6, service_rate=1, servers=20, return_prob=2 / 3, return_rate=0.5)
    needy, content = jackson_network([6, 0], [[0, 2 / 3], [1, 0]], [1, 0.5], [20, 500])
    assert answer.visit.rate == pytest.approx(18)
    assert answer.visit.wait == pytest.approx(needy.wait)
    assert answer.content == pytest.approx(content.system)
    assert answer.needy == pytest.approx(6 * answer.total_time_needy)  # Little's law over all visits


# ----------------------------------------------------------------------------------- small Markov chains


def test_chain_solver_by_hand() -> None:
    def moves(state: str) -> Iterator[tuple[float, str]]:
        yield from {"idle": [(2.0, "busy"), (0.0, "never")], "busy": [(3.0, "idle"), (9.0, "busy")]}[state]

    chain = stationary("idle", moves)
    assert chain.states == ["idle", "busy"]
    assert chain.probabilities == pytest.approx([0.6, 0.4])
    assert chain.mean(lambda state: len(state) * 10) == pytest.approx(40)


def test_chain_solver_refuses_a_model_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "_LARGEST_CHAIN", 1000)
    with pytest.raises(ChainTooLargeError, match="more than 1000 states"):
        mphn(18, erlang_phases(4, 1), 20)


@pytest.mark.parametrize("theta", [0.0, 0.5])
def test_one_phase_is_exponential_service(theta: float) -> None:
    queue = mphn(9, erlang_phases(1, 1), 10, theta)
    known = erlang_a(9, 1, 10, theta) if theta else erlang_c(9, 1, 10)
    assert queue.p_wait == pytest.approx(known.p_wait, rel=1e-8)
    assert queue.wait == pytest.approx(known.wait, rel=1e-8)
    assert queue.utilization == pytest.approx(known.utilization, rel=1e-8)


@pytest.mark.parametrize(("law", "scv"), [("erlang", 0.25), ("hyperexponential", 3.0)])
def test_phases_with_one_server_are_pollaczek_khinchine(law: str, scv: float) -> None:
    service = erlang_phases(4, 2.0) if law == "erlang" else hyperexponential_phases(2.0, scv)
    assert mphn(0.35, service, 1).wait == pytest.approx(mg1(0.35, 2.0, scv).wait, rel=1e-6)


def test_phases_know_their_limits() -> None:
    with pytest.raises(ValueError, match=r"scv is 0\.5"):
        hyperexponential_phases(1, 0.5)
    with pytest.raises(UnstableQueueError):
        mphn(10, erlang_phases(2, 1), 10)


# ---------------------------------------------------------------------------------- retrials and redials


def test_retrial_queue_with_one_server_by_hand() -> None:
    queue = retrial_queue(0.6, 1, 1, 0.5)
    assert (queue.p_block, queue.orbit, queue.wait) == pytest.approx((0.6, 2.7, 4.5))


def two_server_retrials(load: float, retrial_rate: float, levels: int = 500) -> tuple[float, float]:
    """(P(both busy), mean orbit) of M/M/2/2 with retrials and service rate 1, orbit level by orbit level.

    With p0, p1, p2 = P(0, 1, 2 busy and j in orbit), k = retrial rate times j and ' for level j + 1:
    (load + k) p0 = p1, (load + 1 + k) p1 = load p0 + k' p0' + 2 p2, and across the cut between the levels
    load p2 = k' (p0' + p1').
    """
    law = np.zeros((levels, 3))
    empty = 1.0
    for j in range(levels):
        now, after = retrial_rate * j, retrial_rate * (j + 1)
        one = (load + now) * empty
        ratio = after * (1 + load + after) / load  # p2 / p0'
        following = ((load + 1 + now) * one - load * empty) / (2 * ratio + after)
        law[j] = empty, one, ratio * following
        empty = following
    law /= law.sum()
    return float(law[:, 2].sum()), float(np.arange(levels) @ law.sum(axis=1))


@pytest.mark.parametrize("load", [0.8, 1.5])
def test_retrial_queue_with_two_servers_agrees_with_its_recursion(load: float) -> None:
    queue = retrial_queue(load, 1, 2, 0.7)
    assert (queue.p_block, queue.orbit) == pytest.approx(two_server_retrials(load, 0.7), rel=1e-6)


def test_impatient_retrials_come_close_to_a_queue() -> None:
    queue, line = retrial_queue(1.5, 1, 2, 1e4), erlang_c(1.5, 1, 2)
    assert queue.p_block == pytest.approx(line.p_wait, rel=1e-3)
    assert queue.orbit == pytest.approx(line.queue, rel=1e-3)


def test_nobody_redials_is_erlang_a() -> None:
    queue, known = redial_queue(10, 1, 10, 0.5, 0.0, 0.2), erlang_a(10, 1, 10, 0.5)
    assert queue.p_abandon == queue.p_lost == pytest.approx(known.p_abandon, rel=1e-8)
    assert queue.redial_rate == 0
    assert queue.p_wait == pytest.approx(known.p_wait, rel=1e-8)


@pytest.mark.parametrize("redial_prob", [0.3, 0.8])
def test_every_redialling_customer_is_accounted_for(redial_prob: float) -> None:
    queue = redial_queue(6, 1, 5, 1.0, redial_prob, 0.4)
    assert queue.redial_rate == pytest.approx(redial_prob * queue.p_abandon * queue.call_rate, rel=1e-8)
    assert queue.utilization * 5 == pytest.approx(6 * (1 - queue.p_lost), rel=1e-8)
    assert queue.p_abandon == pytest.approx(1.0 * queue.wait, rel=1e-8)


def test_redials_after_ages_meet_an_independent_queue() -> None:
    """A redial long after is as good as a new arrival, so the total rate solves the usual fixed point."""
    queue = redial_queue(4, 1, 4, 1.0, 0.5, 0.02)
    rate = 4.0
    for _ in range(200):
        rate = 4 + 0.5 * rate * erlang_a(rate, 1, 4, 1.0).p_abandon
    assert queue.call_rate == pytest.approx(rate, rel=2e-3)


def test_nobody_wants_a_callback_is_erlang_a() -> None:
    queue, known = callback_queue(9.5, 1, 10, 0.5, 0.0), erlang_a(9.5, 1, 10, 0.5)
    assert queue.p_abandon == pytest.approx(known.p_abandon, rel=1e-8)
    assert queue.wait_inbound == pytest.approx(known.wait, rel=1e-8)
    assert queue.callback_share == queue.callback_delay == 0


def test_everybody_wants_a_callback_is_erlang_c() -> None:
    queue, known = callback_queue(8, 1, 10, 0.5, 1.0), erlang_c(8, 1, 10)
    assert queue.callback_share == pytest.approx(known.p_wait, rel=1e-8)
    assert queue.callback_backlog == pytest.approx(known.queue, rel=1e-8)
    assert queue.p_abandon == 0


def test_a_reserve_makes_callbacks_wait_and_callers_not() -> None:
    eager = callback_queue(5, 1, 8, 0.5, 0.6, offer_from_queue=1)
    reserved = callback_queue(5, 1, 8, 0.5, 0.6, offer_from_queue=1, idle_reserve=2)
    assert reserved.callback_delay > eager.callback_delay
    assert reserved.p_abandon < eager.p_abandon
    for queue in (eager, reserved):
        assert queue.utilization * 8 == pytest.approx(5 * (1 - queue.p_abandon), rel=1e-6)


# -------------------------------------------------------------------------------------------------- chats


@pytest.mark.parametrize(("agents", "slots"), [(5, 3), (1, 4), (6, 1)])
def test_chats_without_slowdown_are_erlang_a_with_all_slots(agents: int, slots: int) -> None:
    rate = 0.9 * agents * slots
    queue, known = (
        chat_queue(rate, agents, list(range(slots + 1)), 0.2),
        erlang_a(rate, 1, agents * slots, 0.2),
    )
    assert queue.p_wait == pytest.approx(known.p_wait, rel=1e-8)
    assert queue.wait == pytest.approx(known.wait, rel=1e-8)
    assert queue.chats == pytest.approx(known.busy, rel=1e-8)
    assert queue.duration == pytest.approx(1, rel=1e-8)


def test_one_agent_is_birth_and_death() -> None:
    queue = chat_queue(2.5, 1, [0, 1, 1.6, 2.0], 0.2)
    deaths = np.concatenate(([1, 1.6, 2.0], 2.0 + 0.2 * np.arange(1, 100)))
    weights = np.cumprod(np.concatenate(([1.0], 2.5 / deaths)))
    law = weights / weights.sum()
    assert queue.p_wait == pytest.approx(law[3:].sum(), rel=1e-8)
    assert queue.wait == pytest.approx(law[3:] @ np.arange(len(law) - 3) / 2.5, rel=1e-8)
    assert queue.busy_share == pytest.approx(1 - law[0], rel=1e-8)
    assert queue.concurrency_when_busy == pytest.approx(
        law @ np.minimum(np.arange(len(law)), 3) / (1 - law[0]), rel=1e-8
    )


def test_an_idle_agent_gets_the_chat() -> None:
    """Two agents of two slots who gain nothing from a second chat, nobody willing to wait: six states."""
    names = ["00", "10", "11", "20", "21", "22"]
    rates = {("00", "10"): 1.5, ("10", "11"): 1.5, ("11", "21"): 1.5, ("20", "21"): 1.5, ("21", "22"): 1.5}
    rates |= {("10", "00"): 1.0, ("11", "10"): 2.0, ("20", "10"): 1.0}
    rates |= {("21", "20"): 1.0, ("21", "11"): 1.0, ("22", "21"): 2.0}
    flow = np.array([[rates.get((source, target), 0.0) for source in names] for target in names])
    equations = np.vstack((flow - np.diag(flow.sum(axis=0)), np.ones(6)))
    law = np.linalg.lstsq(equations, np.append(np.zeros(6), 1.0), rcond=None)[0]
    queue = chat_queue(1.5, 2, [0, 1, 1], 1e7)
    assert queue.p_wait == pytest.approx(law[5], rel=1e-5)
    assert queue.chats == pytest.approx(law @ [0, 1, 2, 2, 3, 4], rel=1e-5)
    assert queue.busy_share == pytest.approx(law @ [0, 0.5, 1, 0.5, 1, 1], rel=1e-5)


# ------------------------------------------------------------------------------------------------- skills


def test_specialists_are_separate_queues() -> None:
    center = SkillCenter((4, 3), ((1, 0), (0, 1)), (0.5, 1.0), (4, 4), ((0,), (1,)), ((0,), (1,)))
    answer = skill_queue(center)
    for kind, (rate, theta) in enumerate([(4, 0.5), (3, 1.0)]):
        known = erlang_a(rate, 1, 4, theta)
        assert answer.p_wait[kind] == pytest.approx(known.p_wait, rel=1e-8)
        assert answer.wait[kind] == pytest.approx(known.wait, rel=1e-8)
        assert answer.utilization[kind] == pytest.approx(known.utilization, rel=1e-8)


@pytest.mark.slow
def test_one_group_with_priorities_has_the_total_of_a_common_queue() -> None:
    center = SkillCenter((4, 5), ((1, 1),), (0.5, 0.5), (10,), ((0,), (0,)), ((0, 1),))
    answer, known = skill_queue(center), erlang_a(9, 1, 10, 0.5)
    assert answer.p_wait == pytest.approx((known.p_wait, known.p_wait), rel=1e-8)
    assert 4 * answer.wait[0] + 5 * answer.wait[1] == pytest.approx(known.queue, rel=1e-8)
    assert answer.wait[0] < answer.wait[1]
    assert answer.utilization[0] == pytest.approx(known.utilization, rel=1e-8)


def test_every_contact_of_a_skilled_center_is_accounted_for() -> None:
    speeds = ((1.0, 0), (0.8, 1.5))
    answer = skill_queue(SkillCenter((3, 2), speeds, (0.5, 1.0), (3, 2), ((0, 1), (1,)), ((0,), (1, 0))))
    for kind, rate in enumerate((3, 2)):
        served = sum(answer.group_time[g][kind] * (3, 2)[g] * speeds[g][kind] for g in range(2))
        assert served == pytest.approx(rate * (1 - answer.p_abandon[kind]), rel=1e-8)


def test_helpers_who_come_first_work_more() -> None:
    def center(order: tuple[int, ...]) -> SkillCenter:
        speeds = ((1, 0), (1, 1))
        return SkillCenter((3, 1), speeds, (1.0, 1.0), (3, 3), (order, (1,)), ((0,), (1, 0)))

    own_first, helpers_first = skill_queue(center((0, 1))), skill_queue(center((1, 0)))
    assert helpers_first.utilization[1] > own_first.utilization[1]
    assert helpers_first.wait[1] > own_first.wait[1]


# ------------------------------------------------------------------------------------------------- over time


@given(st.floats(0.1, 8.0), st.integers(1, 12), st.floats(0.05, 4.0))
@settings(deadline=None)
def test_equal_patience_and_service_are_poisson_at_any_time(rate: float, servers: int, time: float) -> None:
    (moment,) = transient_mmn(rate, 1.0, servers, [time], abandon_rate=1.0)
    mean = rate * -math.expm1(-time)
    assert moment.queue + moment.busy == pytest.approx(mean, rel=1e-8)
    assert moment.p_wait == pytest.approx(poisson.sf(servers - 1, mean), rel=1e-7, abs=1e-10)


def test_time_zero_and_the_far_future_are_known() -> None:
    begin, end = transient_mmn(9, 1, 10, [0.0, 1000.0], start=12)
    known = erlang_c(9, 1, 10)
    assert (begin.queue, begin.p_wait, begin.busy) == pytest.approx((2, 1, 10))
    assert (end.queue, end.p_wait) == pytest.approx((known.queue, known.p_wait), rel=1e-6)


def test_overload_grows_at_the_excess_rate() -> None:
    early, late = transient_mmn(15, 1, 10, [20.0, 30.0])
    assert late.queue - early.queue == pytest.approx(50, rel=1e-3)


def test_a_day_agrees_with_the_published_runs_of_another_simulator() -> None:
    """Examples MMC and MMCAb of the Java library ContactCenters, 1000 days; within 3.5 standard errors."""
    patient = mmn_day(4.2, 0.5, 12, length=480)
    assert patient.served_within(1 / 3) == pytest.approx(1816.158, abs=6.3)
    assert patient.wait == pytest.approx(0.099, abs=0.0045)
    hasty = mmn_day(4.2, 0.5, 12, length=480, abandon_rate=1.0)
    assert hasty.abandoned == pytest.approx(58.609, abs=1.7)
    assert hasty.served_within(1 / 3) == pytest.approx(1906.008, abs=4.0)
    assert hasty.wait_served == pytest.approx(0.024, abs=0.0009)
    assert hasty.occupancy == pytest.approx(0.675, abs=0.0027)


@pytest.mark.parametrize("theta", [0.0, 0.7])
def test_a_very_long_day_is_the_steady_state(theta: float) -> None:
    day = mmn_day(4, 1, 5, length=5000, abandon_rate=theta)
    known = mmck(4, 1, 5, 400, theta)
    assert day.wait_served == pytest.approx(known.wait_served, rel=5e-3)
    assert day.service_level(0.2) == pytest.approx(known.service_level(0.2), rel=5e-3)
    assert day.occupancy == pytest.approx(known.utilization, rel=5e-3)


@pytest.mark.parametrize("theta", [0.0, 0.7])
def test_every_contact_of_a_day_is_accounted_for(theta: float) -> None:
    day = mmn_day(6, 1, 5, length=30, abandon_rate=theta, start=8)
    assert day.served + day.abandoned == pytest.approx(180)
    assert day.served_within(1e5) == pytest.approx(day.served, rel=1e-9)
    assert day.abandoned_within(1e5) == pytest.approx(day.abandoned, rel=1e-9, abs=1e-9)
    assert day.abandoned == pytest.approx(theta * 180 * day.wait, rel=1e-9, abs=1e-9)


def test_busyness_spreads_counts() -> None:
    law = busy_day_counts(40, 1.0, 0.1)
    assert (law.mean, law.variance, law.dispersion) == pytest.approx((40, 200, 5))
    assert busy_day_counts(40, 1.0, 0.0).dispersion == 1
