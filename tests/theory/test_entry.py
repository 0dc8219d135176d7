"""The way in, in limits that theory knows: balking, announcements, callbacks, trunks, overflow to another channel.

Each simulated value lies within a few standard errors of the exact one, and these are narrow enough to tell it from
what it would be without the mechanism.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import simulation as sim
from simulation import Result
from simulation.center.plan import Plan
from simulation.center.rules import drain_time
from simulation.center.run import simulate
from simulation.experiments.load import from_dict
from simulation.metrics.measure import segment_text
from simulation.record import Record
from simulation.record.recorder import ContactKind, Outcome
from simulation.statistics.intervals import t_quantile
from simulation.theory import entry, erlang
from simulation.theory.queues import callback_queue, stationary
from tests.laws.strategies import Data, constant, quick

MOST = 3.5
"""Standard errors by which a simulated value may be off."""
Array = Any
slow = pytest.mark.slow


def exponential(seconds: float) -> Data:
    """An exponential time with that mean."""
    return {"exponential": {"mean": f"{seconds!r} s"}}


def center(rate: float, agents: int, hours: float = 30, patience: float | None = None, **phone: Any) -> Data:
    """Calls at a rate a minute, which take a minute on average; patience in minutes."""
    waits = {} if patience is None else {"patience": exponential(60 * patience)}
    return {
        "name": "theory",
        "calendar": {"start": "2026-03-02"},
        "warm_up": "1 h",
        "horizon": f"{1 + hours!r} h",
        "replications": 12,
        "demand": {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": f"{rate!r}/min"}}},
        "channels": {"phone": {"mode": "live", **waits, **phone}},
        "topics": {"any": {"handling": {"any": exponential(60)}}},
        "teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": agents}}},
    }


def run(data: Data, seed: int) -> Result:
    """Run it in this process. Each test has a seed of its own, so that they do not all meet the same stroke of luck."""
    return sim.run(from_dict(data), tables=False, jobs=1, seed=seed)


def observed(result: Result, metric: str, segment: str = "") -> tuple[float, float]:
    """Estimate and standard error of a KPI (seconds, shares or plain numbers)."""
    summaries = (one for one in result.summaries if (str(one.metric), segment_text(one.segment)) == (metric, segment))
    found = next(summaries).interval
    return found.mean, found.half_width / t_quantile(found.level, found.n - 1)


def agrees(result: Result, metric: str, exact: float, unlike: float, segment: str = "") -> None:
    """Within the error of the exact value, and far from what it would be otherwise."""
    close(metric, *observed(result, metric, segment), exact, unlike)


def close(what: str, mean: float, error: float, exact: float, unlike: float) -> None:
    """The same for any estimate with its standard error."""
    assert abs(mean - exact) <= MOST * error, f"{what}: {mean:.5g} ± {error:.2g}, exact {exact:.5g}"
    assert abs(unlike - exact) >= 2 * MOST * error, f"{what}: ± {error:.2g} cannot tell {exact:.5g} from {unlike:.5g}"


def records(data: Data, seed: int, replications: int) -> Iterator[Record]:
    """The records of some replications."""
    plan = Plan(from_dict(data))
    for replication in range(replications):
        yield simulate(plan, seed, replication)


def mean_of(values: list[float]) -> tuple[float, float]:
    """Mean and standard error over replications."""
    return float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(len(values)))


# -- balking ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "patience"), [(7.0, 2.0), pytest.param(5.5, None, marks=slow)])
def test_balking_by_the_announced_queue_length(rate: float, patience: float | None) -> None:
    """Who finds k waiting hears of (k + 1) / 5 min, and stays with probability exp(-that / 30 s)."""
    exact = entry.balking_queue(rate, 1, 5, entry.tolerates(1, 5, 0.5), 0.0 if patience is None else 1 / patience)
    phone = {"announces": {"predictor": "queue_length"}, "balking": {"tolerance": exponential(30)}}
    result = run(center(rate, 5, 10 if patience else 16, patience, **phone), 11)
    agrees(result, "balking", exact.p_balk, unlike=0.9 * exact.p_balk)
    agrees(result, "waiting_probability", exact.p_wait, unlike=1.09 * exact.p_wait)
    agrees(result, "queue_time.mean", 60 * exact.wait, unlike=60 * 1.1 * exact.wait)
    agrees(result, "occupancy", exact.utilization, unlike=1.04 * exact.utilization)
    if patience is not None:
        agrees(result, "abandonment", exact.p_abandon, unlike=1.15 * exact.p_abandon)


@slow
def test_a_share_that_would_not_wait_at_all() -> None:
    """M/M/n+G with an atom of patience at zero, by the other mechanism."""
    exact = entry.balking_queue(5.5, 1, 5, lambda ahead: 0.7, 0.5)
    other = erlang.mmn_g(5.5, 1, 5, erlang.with_balking(0.3, erlang.exponential_patience(0.5)))
    result = run(center(5.5, 5, 16, 2.0, balking={"probability": "30 %"}), 12)
    assert exact.p_balk + exact.p_abandon == pytest.approx(other.p_abandon, rel=1e-6)
    agrees(result, "balking", exact.p_balk, unlike=0.9 * exact.p_balk)
    agrees(result, "abandonment", exact.p_abandon, unlike=1.2 * exact.p_abandon)


@slow
def test_who_sees_a_long_wait_goes_elsewhere() -> None:
    """40 % of those who find two or more waiting, for whom more than 35 s are predicted."""
    exact = entry.balking_queue(5.5, 1, 5, lambda ahead: 0.6 if 60 * (ahead + 1) / 5 > 35 else 1.0, 0.25)
    phone = {
        "announces": {"predictor": "queue_length"},
        "instead": {"chat": {"when_wait_above": "35 s", "share": "40 %"}},
    }
    data = center(5.5, 5, 16, 4.0, **phone)
    data["channels"]["chat"] = {"mode": "live"}
    data["teams"]["front"]["skills"] = {"calls": {"channels": "phone"}}
    data["teams"]["others"] = {"skills": {"chats": {"channels": "chat"}}, "headcount": {"constant": 50}}
    result = run(data, 13)
    agrees(result, "channel_changes", exact.p_balk, unlike=0.88 * exact.p_balk)
    agrees(result, "queue_length", exact.queue, unlike=1.15 * exact.queue, segment="channel=phone")


# -- announcements ------------------------------------------------------------------------------------------

RHO = 0.85


@cache
def announced(predictor: str) -> tuple[tuple[Array, Array], ...]:
    """Announced (NaN: none) and real waits (min) of all who had to wait in M/M/10, by replication; the same customers
    and waits each time."""
    data = center(10 * RHO, 10, 8, announces={"predictor": predictor})
    found = []
    for record in records(data, 21, 8):
        legs, contacts = record.legs, record.contacts
        waited = (legs["wait"] > 0) & legs["measured"]
        found.append((contacts["announced"][waited] / 60, legs["wait"][waited] / 60))
    return tuple(found)


def unexpected(predictor: str, what: str) -> list[float]:
    """The mean over those who were told a wait of the real one, or of the squared error, as a multiple of what theory
    expects given what they were told; by replication."""
    found = []
    for told, real in announced(predictor):
        known = ~np.isnan(told)
        told, real = told[known], real[known]
        if predictor == "queue_length":
            mean, variance = told, told / 10
        else:
            mean, variance = entry.wait_behind_head(told, 10 * RHO, 1, 10)
        found.append(
            float(np.mean(real / mean if what == "mean" else (told - real) ** 2 / (variance + (told - mean) ** 2)))
        )
    return found


@pytest.mark.parametrize("predictor", ["queue_length", "head_of_line"])
def test_what_is_announced_and_how_far_off_it_is(predictor: str) -> None:
    close("mean", *mean_of(unexpected(predictor, "mean")), 1.0, unlike=1.1)
    close("squared error", *mean_of(unexpected(predictor, "error")), 1.0, unlike=1.4)


def test_better_informed_announcements_err_less() -> None:
    """Queue length < head of line <= last waiter < the mean so far (Ibrahim and Whitt 2009), in each replication."""
    names = ("queue_length", "head_of_line", "last_waiter", "historic")
    least, head, last, mean = (
        np.array([np.mean((np.nan_to_num(told) - real) ** 2) for told, real in announced(name)]) for name in names
    )
    assert (least < head).all() and (head <= 1.01 * last).all() and (last < mean).all()
    assert last.mean() < 1.25 * head.mean(), "the last waiter tells nearly as much as the first in line"
    exact = entry.announcement_errors(10 * RHO, 1, 10)
    assert head.mean() / least.mean() == pytest.approx(exact.head_of_line / exact.queue_length, rel=0.15)


@slow
def test_those_who_hang_up_are_reckoned_with() -> None:
    """With abandonment the announced wait is the offered wait on average, and the plain queue length says too much."""
    exact = erlang.erlang_a(12, 1, 10, 0.5)
    said = {}
    for predictor in ("queue_length", "queue_length_abandoning"):
        result = run(center(12, 10, 7, 2.0, announces={"predictor": predictor}), 22)
        said[predictor] = observed(result, "announced_wait.mean")
    mean = 60 * exact.offered_wait.mean(exact.offered_wait.panels.time)
    close("announced", *said["queue_length_abandoning"], mean, unlike=0.8 * mean)
    assert said["queue_length"][0] > 1.15 * mean


@quick(30)
@given(st.integers(0, 200), st.floats(0.1, 50), st.floats(0.05, 50))
def test_drain_time_is_the_wait_of_one_who_does_not_hang_up(ahead: int, pace: float, patience: float) -> None:
    line = erlang.WaitingLine(pace, 1 / patience)
    queue = np.array([float(ahead)])
    stages = np.cumsum(1 / (pace + np.arange(ahead + 1) / patience))
    assert drain_time(ahead, pace, patience) == pytest.approx(stages[-1], rel=1e-9)
    assert drain_time(ahead, pace) == pytest.approx(float(erlang.WaitingLine(pace, 0.0).wait(queue)[0]), rel=1e-9)
    assert float(line.wait(queue)[0]) <= drain_time(ahead, pace, patience) <= drain_time(ahead, pace) + 1e-9


@pytest.mark.parametrize("leeway", [0.25, pytest.param(0.0, marks=slow)])
def test_promises_are_kept_as_often_as_erlang_says(leeway: float) -> None:
    exact = entry.promise_kept(8.5, 1, 10, leeway)
    phone = {"announces": {"predictor": "queue_length", "leeway": f"{100 * leeway!r} %"}}
    result = run(center(8.5, 10, 6 if leeway else 16, None, **phone), 23)
    agrees(result, "promises_kept", exact, unlike=exact + 0.07)


# -- callbacks ----------------------------------------------------------------------------------------------


def callback(accepts: float = 0.6, **more: Any) -> Data:
    """The offer of a callback that waits behind those on the line."""
    return {"callback": {"accepts": f"{100 * accepts!r} %", "place": "behind", **more}}


@pytest.mark.slow
@pytest.mark.parametrize(("start", "reserve"), [(1, 2), pytest.param(0, 0, marks=slow), pytest.param(2, 0, marks=slow)])
def test_callbacks_in_the_lulls(start: int, reserve: int) -> None:
    """Exact chain of busy agents, callers waiting and callbacks waiting."""
    exact = callback_queue(5.4, 1, 7, 0.5, 0.6, start, reserve)
    result = run(center(5.4, 7, 16, 2.0, **callback(queue=start, reserve=reserve)), 31 + reserve)
    agrees(result, "callback_share", exact.callback_share, unlike=1.2 * exact.callback_share)
    agrees(result, "waiting_probability", exact.p_wait, unlike=1.15 * exact.p_wait)
    agrees(result, "abandonment", exact.p_abandon, unlike=1.4 * exact.p_abandon)
    agrees(result, "callback_delay.mean", 60 * exact.callback_delay, unlike=60 * 1.6 * exact.callback_delay)
    agrees(result, "callback_backlog", exact.callback_backlog, unlike=1.7 * exact.callback_backlog)
    agrees(result, "occupancy", exact.utilization, unlike=1.04 * exact.utilization)


State = tuple[int, int, int]
"""Busy agents, callers waiting on a line, customers who wait to be called."""


def with_trunks(rate: float, agents: int, trunks: int, accepts: float) -> dict[str, float]:
    """Blocking, callbacks and busy agents where callers need one of some trunks, and so does a call by the center."""

    def moves(state: State) -> Iterator[tuple[float, State]]:
        busy, waiting, owed = state
        if busy < agents:
            yield rate, (busy + 1, waiting, owed)
        elif busy + waiting < trunks:
            yield rate * accepts * (owed < 60), (busy, waiting, owed + 1)
            yield rate * (1 - accepts), (busy, waiting + 1, owed)
        following = (busy, waiting - 1, owed) if waiting else (busy, waiting, owed - 1) if owed else (busy - 1, 0, 0)
        yield float(busy), following

    chain = stationary((0, 0, 0), moves)
    full = chain.mean(lambda state: state[0] + state[1] >= trunks)
    waits = chain.mean(lambda state: state[0] == agents and state[1] < trunks - agents)
    return {
        "blocking": full,
        "callback_share": accepts * waits / (1 - full),
        "occupancy": chain.mean(lambda state: state[0]) / agents,
        "callback_backlog": chain.mean(lambda state: state[2]),
    }


@pytest.mark.slow
def test_trunks_that_callbacks_free() -> None:
    """M/M/5/8 with callbacks behind the callers: who leaves a number has no line until the center calls."""
    exact, without = with_trunks(4.5, 5, 8, 0.5), erlang.mmck(4.5, 1, 5, 8)
    assert exact["blocking"] < 0.9 * without.p_block and with_trunks(4.5, 5, 8, 0.0)["blocking"] == pytest.approx(
        without.p_block
    )
    result = run(center(4.5, 5, 14, **callback(0.5, queue=0), trunks=8), 34)
    agrees(result, "blocking", exact["blocking"], unlike=without.p_block)
    agrees(result, "callback_share", exact["callback_share"], unlike=1.2 * exact["callback_share"])
    agrees(result, "occupancy", exact["occupancy"], unlike=without.utilization)
    agrees(result, "callback_backlog", exact["callback_backlog"], unlike=1.7 * exact["callback_backlog"])


def test_calls_until_the_customer_answers() -> None:
    """With a chance of 0.6 a call and three calls at most: (1 - 0.4^3) / 0.6 calls a customer, 1 - 0.4^3 are reached."""
    offer = callback(1.0, queue=0, reached="60 %", attempts=3, retry_after="1 min", dialling="6 s")
    calls, reached = [], []
    for record in records(center(3.8, 5, 10, **offer), 35, 8):
        contacts = record.contacts
        ours = contacts["kind"] == ContactKind.CALLBACK
        asked = float((contacts["outcome"] == Outcome.CALLBACK).sum())
        calls.append(float(ours.sum()) / asked)
        reached.append(float((ours & (contacts["outcome"] == Outcome.SOLVED)).sum()) / asked)
    close("calls", *mean_of(calls), (1 - 0.4**3) / 0.6, unlike=1 / 0.6)
    close("reached", *mean_of(reached), 1 - 0.4**3, unlike=0.6)


# -- another channel ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "hours"), [(1.0, 10), pytest.param(0.5, 30, marks=slow)])
def test_overflow_to_another_channel_is_as_peaked_as_kosten_says(share: float, hours: float) -> None:
    """Eight agents and as many trunks; who meets a busy signal may chat instead, with agents enough."""
    exact = entry.overflow(8.0, 8, share)
    redial = {"probability": "100 %", "after": constant(0), "most": 1, "channels": {"chat": f"{100 * share!r} %"}}
    data = center(8.0, 8, hours, trunks=8, redial=redial)
    data["channels"]["chat"] = {"mode": "concurrent"}
    data["teams"]["front"]["skills"] = {"calls": {"channels": "phone"}}
    data["teams"]["others"] = {"skills": {"chats": {"channels": "chat"}}, "headcount": {"constant": 60}}
    means, variances = [], []
    for record in records(data, 41, 12):
        chats = np.flatnonzero(record.legs["channel"] == record.names["channel"].index("chat"))
        mean, square = moments_of(record.legs["answered"][chats], record.legs["ended"][chats], *record.measured)
        means.append(mean)
        variances.append(square - exact.mean**2)
    close("chats", *mean_of(means), exact.mean, unlike=1.2 * exact.mean)
    close("variance", *mean_of(variances), exact.variance, unlike=exact.mean)


def moments_of(start: Array, end: Array, since: float, until: float) -> tuple[float, float]:
    """Means over time of the number of spans under way, and of its square."""
    moments = np.concatenate([start, end, [since, until]])
    order = np.argsort(moments, kind="stable")
    steps = np.concatenate([np.ones(len(start)), -np.ones(len(end)), [0.0, 0.0]])[order]
    edges, there = np.clip(moments[order], since, until), np.cumsum(steps)
    lengths = np.diff(edges)
    return float(lengths @ there[:-1]) / (until - since), float(lengths @ there[:-1] ** 2) / (until - since)
