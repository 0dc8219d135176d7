"""Deferred work in limits that theory knows: pauses, wrong queues, questions for news, registration and the backlog.

Each simulated value lies within a few standard errors of the exact one, and these are narrow enough to tell it from a
value a few per cent off.
"""

from __future__ import annotations

from math import exp
from typing import Any

import numpy as np
import pytest

from simulation.center import simulate
from simulation.center.plan import Plan
from simulation.experiments.load import from_dict
from simulation.metrics.kpi import KPIS, Amount, Ratio, Values
from simulation.metrics.view import View
from simulation.statistics import ratio_interval
from simulation.statistics.intervals import t_quantile
from simulation.theory.erlang import erlang_c
from simulation.theory.letters import mean_age, misfiled, paused_work, questions
from simulation.theory.queues import erlang_r, jackson_network
from tests.laws.strategies import Data

HOUR = 3600.0
MOST = 3.5
"""Standard errors by which a simulated value may be off."""


def exponential(minutes: float) -> Data:
    """An exponential time."""
    return {"exponential": {"mean": f"{minutes} min"}}


def center(volume: str, agents: int, **parts: Any) -> Data:
    """Letters for a team round the clock; `parts` replace entries by dotted path (two underscores for a dot)."""
    data: Data = {
        "name": "theory",
        "calendar": {"start": "2026-03-02"},
        "warm_up": "1 d",
        "horizon": "16 d",
        "run_out": "1 d",
        "replications": 8,
        "demand": {"sources": {"all": {"topic": "any", "channel": "mail", "volume": volume}}},
        "channels": {"mail": {"mode": "deferred"}},
        "topics": {"any": {"handling": {"any": exponential(6)}}},
        "teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": agents}}},
    }
    for path, value in parts.items():
        *above, last = path.split("__")
        inner = data
        for key in above:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return data


class Observed:
    """KPIs over replications, each with its standard error: sums over sums, by the delta method."""

    def __init__(self, data: Data, seed: int) -> None:
        """Simulate it in this process. Each test has a seed of its own, so that they do not all meet one stroke of luck."""
        scenario = from_dict(data)
        plan = Plan(scenario)
        self.views = [View(simulate(plan, seed, number), scenario) for number in range(scenario.replications)]

    def agrees(self, name: str, exact: float, off: float = 0.05, team: int | None = None) -> None:
        """Within the error of the exact value, and the error small enough to tell one that is `off` by that share."""
        sums = [self._sums(view, name, team) for view in self.views]
        found = ratio_interval([above for above, _ in sums], [below for _, below in sums])
        error = found.half_width / t_quantile(found.level, found.n - 1)
        assert abs(found.mean - exact) <= MOST * error, f"{name}: {found.mean:.5g} ± {error:.2g}, exact {exact:.5g}"
        assert off * exact >= 2 * MOST * error, f"{name}: {exact:.5g} ± {error:.2g} is too wide to tell {off:.0%}"

    def _sums(self, view: View, name: str, team: int | None) -> tuple[float, float]:
        found = KPIS[name].of(view, KPIS[name].parameter)
        if isinstance(found, Values):
            known = ~np.isnan(found.values)
            found = Ratio([Amount(found.table, np.where(known, found.values, 0.0))], [Amount(found.table, known)])
        parts = [(sum(self._sum(view, part, team) for part in side)) for side in (found.numerator, found.denominator)]
        return parts[0], parts[1] if found.denominator else found.over

    def _sum(self, view: View, part: Amount, team: int | None) -> float:
        mine = slice(None) if team is None else view.codes(part.table, "team") == team
        return float(part.values[mine].sum())


# -- waiting for others ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_pauses_are_delay_stations_beside_a_queue() -> None:
    """Product form: half of the letters wait for the customer, a fifth for a third party, each with its own law of time;
    every part takes an exponential time. The team sees an M/M/4 of 1.7 visits a letter."""
    exact = paused_work(13 / HOUR, 1 / 360, 4, [0.5, 0.2], [5400, 7200])
    pauses = {
        "customer": {
            "probability": "50 %",
            "after": "99.9999999 %",
            "lasts": {"lognormal": {"mean": "90 min", "cv": 1.5}},
        },
        "third_party": {"probability": "20 %", "after": "100 %", "lasts": {"constant": {"value": "2 h"}}},
    }
    for pause in pauses.values():
        pause["resume"] = exponential(6)
    result = Observed(center("13/h", 4, topics__any__pauses=pauses), 31)
    result.agrees("wait", exact.visit.wait, off=0.3)
    result.agrees("queue_length", exact.visit.queue, off=0.3)
    result.agrees("resolution_time", exact.resolution, off=0.05)
    result.agrees("paused_time", exact.paused / 13 * HOUR, off=0.05)
    result.agrees("occupancy", exact.visit.utilization, off=0.08)
    assert abs(exact.visit.wait / erlang_c(13 / HOUR, 1 / 360, 4).wait - 1) > 3, (
        "without the returns it would be another"
    )


@pytest.mark.slow
def test_a_pause_cuts_the_work_and_adds_none() -> None:
    """However the work is cut, the team is as busy as before."""
    pauses = {"customer": {"probability": "60 %", "after": "30 %", "lasts": exponential(60)}}
    Observed(center("18/h", 4, topics__any__pauses=pauses), 32).agrees("occupancy", 18 * 6 / 60 / 4, off=0.06)


# -- wrong queues ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_misfiled_letters_make_teams_a_network_of_queues() -> None:
    """Three topics with a team each; 15 % come to a wrong team, which needs as long to find out as to solve one of its own."""
    rates, servers = [20.0, 12.0, 8.0], [3, 2, 2]
    exact = misfiled([rate / HOUR for rate in rates], 0.85, 1 / 360, servers)
    topics = "abc"
    data = center(
        "1/h",
        1,
        demand__sources={
            name: {"topic": name, "channel": "mail", "volume": f"{rate}/h"}
            for name, rate in zip(topics, rates, strict=True)
        },
        topics={name: {"handling": {"any": exponential(6)}} for name in topics},
        teams={
            name: {"skills": {"own": {"topics": name}}, "headcount": {"constant": n}}
            for name, n in zip(topics, servers, strict=True)
        },
        intake={"topic_accuracy": "85 %", "loss": exponential(6)},
        horizon="12 d",
    )
    result = Observed(data, 33)
    for index, team in enumerate(exact):
        result.agrees("wait", team.wait, off=0.6, team=index)
        result.agrees("occupancy", team.utilization, off=0.08, team=index)
    result.agrees("transfers", 0.15, off=0.08)
    result.agrees("misclassified", 0.15, off=0.08)
    result.agrees("work_in_vain", 360, off=0.1)


# -- questions for news ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("probability", "most", "prevented"),
    [
        (0.8, 2, 0.35),
        pytest.param(1.0, 1, 0.0, marks=pytest.mark.slow),
        pytest.param(0.6, 3, 0.0, marks=pytest.mark.slow),
    ],
)
def test_questions_race_against_the_answer(probability: float, most: int, prevented: float) -> None:
    """Exponential resolution (agents enough) and exponential waits of the customers."""
    exact = questions(1 / 40, 1 / 60, probability, most, prevented)
    data = center(
        "1800/h", 75, topics__any__handling={"any": exponential(1)}, horizon="4 h", warm_up="30 min", run_out="30 min"
    )
    asks = {"after": exponential(2 / 3), "handling": exponential(1 / 30)}
    data["channels"]["mail"] |= {
        "chasers": asks | {"most": most, "probability": f"{100 * probability} %"},
        "status_notices": {"prevents": f"{100 * prevented} %"},
    }
    result = Observed(data, 34)
    result.agrees("chasers", exact, off=0.1)
    result.agrees("contacts_per_case", 1 + exact, off=0.04)


# -- the way in, deadlines and the backlog --------------------------------------------------------------------------


def test_registration_shifts_the_queue_and_leaves_it_as_it_was() -> None:
    """What leaves an M/G/inf is Poisson: the letters wait as in an M/M/3 without registration."""
    data = center("15/h", 3, intake={"registration": {"uniform": {"low": "0 s", "high": "1 h"}}})
    exact = erlang_c(15 / HOUR, 1 / 360, 3)
    result = Observed(data, 35)
    result.agrees("wait", exact.wait, off=0.5)
    result.agrees("first_response_time", 1800 + exact.sojourn, off=0.05)


def test_deadlines_and_the_age_of_the_backlog_in_a_single_line() -> None:
    """The time to the answer in an M/M/1 is exponential, and so is the age of what is not answered yet."""
    rate, service = 6 / HOUR, 10 / HOUR
    mean = 1 / (service - rate)
    data = center("6/h", 1, horizon="60 d", channels__mail__deadline={"normal": "15 min"})
    result = Observed(data, 36)
    result.agrees("deadline_met", 1 - exp(-900 / mean), off=0.08)
    result.agrees("backlog", rate * mean, off=0.2)
    result.agrees("backlog_age", mean_age(mean, 1), off=0.3)
    result.agrees("in_progress", rate * mean, off=0.2)


# -- the formulas ---------------------------------------------------------------------------------------------------


def test_one_pause_for_sure_is_two_visits() -> None:
    once = paused_work(10, 1, 30, [1.0], [4.0])
    assert (once.visits, once.paused) == (2, 40) and once.visit == erlang_c(20, 1, 30)
    assert once.resolution == pytest.approx(2 * once.visit.sojourn + 4)
    assert paused_work(10, 1, 12, [], []).visit == erlang_c(10, 1, 12)


def test_pauses_with_as_many_returns_are_erlang_r() -> None:
    """Erlang-R returns with p, p^2, p^3 …: as many pauses one after the other give the same queue and as many away."""
    known = erlang_r(6, 1, 20, 0.5, 0.25)
    chain = paused_work(6, 1, 20, [0.5**k for k in range(1, 60)], [4.0] * 59)
    assert chain.visit.wait == pytest.approx(known.visit.wait) and chain.paused == pytest.approx(known.content)


def test_misfiled_letters_are_a_jackson_network() -> None:
    """Two teams: those who come to the wrong one go on to the other. By classes, the traffic is that of four stations."""
    teams = misfiled([10, 6], 0.8, 1.0, [15, 12])
    alike = jackson_network(
        [8, 2, 1.2, 4.8], [[0, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0]], [1.0] * 4, [20] * 4
    )
    rates = [station.utilization * 20 for station in alike]
    assert teams[0].utilization * 15 == pytest.approx(rates[0] + rates[2])
    assert teams[1].utilization * 12 == pytest.approx(rates[1] + rates[3])
    assert misfiled([10, 6], 1.0, 1.0, [15, 12]) == (erlang_c(10, 1, 15), erlang_c(6, 1, 12))


def test_questions_by_hand() -> None:
    assert questions(1, 1, 1, 1) == 0.5 and questions(1, 1, 1, 3) == 0.875
    assert questions(1, 3, 0.5, 2, 0.2) == pytest.approx(0.8 * (0.125 + 0.125**2))
    assert questions(1, 1, 1, 5, 1.0) == 0


def test_mean_age_by_hand() -> None:
    assert mean_age(4, 0) == 2 and mean_age(4, 1) == 4
    chance = np.random.default_rng(1)
    times = chance.gamma(2, 3, 200_000)
    assert mean_age(6, 0.5) == pytest.approx((times**2).sum() / 2 / times.sum(), rel=0.02)
