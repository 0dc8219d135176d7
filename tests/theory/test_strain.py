"""Tired agents and vacant seats where theory knows the answer, with the power to see a wrong constant."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import simulation as sim
from simulation.center.plan import Plan
from simulation.center.turnover import night_work, overload, sustained
from simulation.experiments.load import from_dict
from simulation.metrics.measure import segment_text
from simulation.record import Record
from simulation.reports.staff_hours import Hours, staff_of
from simulation.statistics.intervals import t_quantile
from simulation.theory.strain import (
    filled_by,
    filled_share,
    mean_pace,
    mean_shifts_before,
    tiredness,
    tiredness_when_called,
)
from simulation.theory.strain import (
    shifts_worked as mean_shifts,
)
from tests.laws.books import observe
from tests.laws.strategies import Data

HOUR = 3600.0


def overloaded(**fatigue: str) -> Data:
    """Agents on a shift of eight hours with more letters than they can ever answer; the first day is not measured."""
    return {
        "name": "overloaded",
        "calendar": {"start": "2026-03-02"},
        "warm_up": "1 d",
        "horizon": "3 d",
        "demand": {"sources": {"letters": {"topic": "any", "channel": "email", "volume": "8000/day"}}},
        "channels": {"email": {"mode": "deferred"}},
        "topics": {"any": {"handling": {"any": {"exponential": {"mean": "30 s"}}}}},
        "teams": {
            "desk": {
                "skills": {"all": {}},
                "shifts": {"s": {"days": "daily", "start": "09:00", "end": "17:00", "headcount": 5}},
            }
        },
        "strain": {"fatigue": fatigue},
    }


def shifts_worked(record: Record) -> tuple[Any, Any]:
    """Measured legs of agents, and how long each had then been on its shift (s)."""
    legs = {name: column[record.legs["agent"] >= 0] for name, column in record.legs.items()}
    since = legs["answered"] % 86_400 - 9 * HOUR
    inside = (legs["answered"] > 86_400) & np.isfinite(legs["ended"]) & (legs["ended"] % 86_400 < 17 * HOUR)
    return {name: column[inside] for name, column in legs.items()}, since[inside]


def test_an_agent_who_is_always_busy_tires_as_the_exponential_says() -> None:
    """Each of thousands of stays, to ten digits; the mean pace over the shift is that of the integral."""
    legs, since = shifts_worked(observe(overloaded(builds="4 h", rests="0", slows="40 %")).record)
    assert len(since) > 5000
    assert legs["fatigue"] == pytest.approx(1 - np.exp(-since / (4 * HOUR)), rel=1e-7, abs=1e-9)
    lasted = legs["ended"] - legs["answered"]
    assert (lasted * legs["pace"]).sum() / lasted.sum() == pytest.approx(mean_pace(8 * HOUR, 4 * HOUR, 0.4), rel=0.001)
    assert mean_pace(8 * HOUR, 4 * HOUR, 0.4) == pytest.approx(1 - 0.4 * (1 - (1 - np.exp(-2)) / 2))


def test_what_is_left_overnight_is_what_recovery_says() -> None:
    """A day has 8 h of work and 16 h of rest: F at the end of a shift is (1 - a) / (1 - a b) with a, b what is left of each."""
    legs, since = shifts_worked(observe(overloaded(builds="4 h", rests="16 h")).record)
    a, b = np.exp(-2), np.exp(-1)
    ends = [1 - a]
    for _ in range(2):
        ends.append(1 - (1 - ends[-1] * b) * a)
    for day in (1, 2):
        mine = legs["answered"] // 86_400 == day
        begins = ends[day - 1] * b
        exact = 1 - (1 - begins) * np.exp(-since[mine] / (4 * HOUR))
        # the last letter of the day before ends a little after the shift does
        assert legs["fatigue"][mine] == pytest.approx(exact, abs=0.004)


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "recovers"), [(6, 1.0), (20, 0.5)])
def test_mean_tiredness_of_a_lone_agent(rate: float, recovers: float) -> None:
    """Poisson calls of which those are lost that find the line busy: exact by two linear equations."""
    data: Data = {
        "name": "lone",
        "calendar": {"start": "2026-03-02"},
        "warm_up": "10 h",
        "horizon": "1000 h",
        "replications": 8,
        "demand": {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": f"{rate}/h"}}},
        "channels": {"phone": {"mode": "live", "trunks": 1}},
        "topics": {"any": {"handling": {"any": {"exponential": {"mean": "6 min"}}}}},
        "teams": {"desk": {"skills": {"all": {}}, "headcount": {"constant": 1}}},
        "strain": {"fatigue": {"builds": "2 h", "recovers": f"{recovers} h"}},
    }
    exact = tiredness_when_called(rate, 0.1, 2.0, recovers)
    result = sim.run(from_dict(data), jobs=1, tables=False)
    found = next(
        one.interval
        for one in result.summaries
        if str(one.metric) == "fatigue.mean" and segment_text(one.segment) == ""
    )
    error = found.half_width / t_quantile(found.level, found.n - 1)
    assert error < 0.015 * exact
    assert abs(found.mean - exact) < 4 * error


def test_short_contacts_tire_like_a_steady_stream() -> None:
    """The lone agent's answer tends to that of a constant occupancy."""
    rate, handling = 6000.0, 1 / 9000
    occupancy = rate * handling / (1 + rate * handling)
    assert tiredness_when_called(rate, handling, 8.0, 2.0) == pytest.approx(
        tiredness(1e9, occupancy, 8.0, 2.0), rel=1e-3
    )
    assert tiredness(1e-6, 0.9, 8.0, 2.0) == pytest.approx(0.9 / 8 * 1e-6, rel=1e-4)
    assert tiredness(8.0, 1.0, 8.0, 0.0) == pytest.approx(1 - np.exp(-1))
    assert tiredness(8.0, 0.9, 8.0, 0.0) == 0


YEAR = 365 * 24.0


def leaving(agents: int, horizon: str, warm_up: str, **turnover: Any) -> Data:
    """Places with a daily shift of eight hours and hardly a call; agents leave and are replaced."""
    shift = turnover.pop("shift", {"start": "08:00", "end": "16:00"})
    team = {"skills": {"all": {}}, "shifts": {"s": {"days": "daily", "headcount": agents, **shift}}}
    return {
        "name": "leaving",
        "calendar": {"start": "2026-03-02"},
        "warm_up": warm_up,
        "horizon": horizon,
        "replications": 6,
        "demand": {
            "sources": {"calls": {"topic": "any", "channel": "phone", "volume": turnover.pop("volume", "1/day")}}
        },
        "channels": {"phone": {"mode": "live"} if "mode" not in turnover else {"mode": turnover.pop("mode")}},
        "topics": {"any": {"handling": {"any": {"constant": {"value": turnover.pop("handling", "15 min")}}}}},
        "teams": {"desk": team},
        "strain": {"turnover": {"hire_after": {"constant": {"value": "30 d"}}, **turnover}},
    }


def estimate(result: sim.Result, metric: str, segment: str = "") -> tuple[float, float]:
    """A KPI with its standard error."""
    found = next(
        one.interval for one in result.summaries if (str(one.metric), segment_text(one.segment)) == (metric, segment)
    )
    return found.mean, found.half_width / t_quantile(found.level, found.n - 1)


def agrees(found: tuple[float, float], exact: float, within: float) -> None:
    """It is the exact number, known to a share `within` of it."""
    mean, error = found
    assert error <= within * exact, f"known to {error / exact:.2%} only"
    assert abs(mean - exact) <= 4 * error, f"{mean:.5g} +- {error:.2g} is not {exact:.5g}"


@pytest.mark.slow
def test_vacancies_and_tenure_are_those_of_a_renewal_process() -> None:
    """Two leave a month and place, and ten days later the next one comes: exact, shift by shift."""
    lead = {"hire_after": {"constant": {"value": "10 d"}}}
    result = sim.run(from_dict(leaving(25, "360 d", "60 d", per_year=24, **lead)), jobs=1, tables=False)
    rate = 24 / YEAR
    shifts = mean_shifts(rate, 8.0, 24.0)
    agrees(estimate(result, "vacancies"), 1 - filled_share(shifts, 10.0), 0.03)
    agrees(estimate(result, "tenure"), 3600 * (24 * mean_shifts_before(rate, 8.0, 24.0) + 4.0), 0.05)
    # so many leave as end their stay: one for each 24 h of all shifts, filled or not, and ten empty ones
    agrees(estimate(result, "leavers"), 25 * 365 / (shifts + 10.0), 0.02)
    agrees(estimate(result, "turnover"), YEAR / (24 * (shifts - 1) + 8), 0.035)
    agrees(estimate(result, "newcomers"), 25 * 365 / (shifts + 10.0), 0.02)


def test_places_filled_as_time_goes_on() -> None:
    """From full to the long run; the balance of leaving and coming holds at each moment."""
    rate, lead = 2.0, 0.25
    assert filled_by(0.0, rate, lead) == 1.0
    assert filled_by(50.0, rate, lead) == pytest.approx(filled_share(1 / rate, lead))
    assert filled_by(9.0, rate, 0.0) == 1.0
    step = 1e-6
    change = (filled_by(0.3 + step, rate, lead) - filled_by(0.3 - step, rate, lead)) / (2 * step)
    there = filled_by(0.3, rate, lead)
    assert change == pytest.approx((1 - there) / lead - rate * there, rel=1e-6)


def test_explain_expects_the_hours_that_are_left_by_turnover() -> None:
    """200 places over 60 days, half of which are left once: paid time and time on the floor come out as expected."""
    data = leaving(200, "60 d", "0 d", per_year=4, hire_after={"exponential": {"mean": "20 d"}}, training="10 d")
    scenario = from_dict(data)
    plan = Plan(scenario)
    expected = staff_of("desk", plan, Hours.of(plan))
    rows = observe(scenario).record.staffing
    assert expected.paid.sum() < 0.9 * expected.planned.sum()
    assert rows["paid"].sum() == pytest.approx(expected.paid.sum(), rel=0.02)
    assert rows["signed_in"].sum() == pytest.approx(expected.floor.sum(), rel=0.03)


def test_in_the_limit_a_birth_and_death_process() -> None:
    """A seldom leaver hardly notices that one leaves at the end of shifts only: share filled = (1 / r) / (1 / r + L)."""
    rate = 0.35 / 365
    assert filled_share(mean_shifts(rate, 1 / 3, 1.0), 45.0) == pytest.approx(filled_share(1 / rate, 45.0), rel=0.001)
    assert mean_shifts_before(rate, 1 / 3, 1.0) == pytest.approx(1 / rate, rel=0.002)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cause", "factor"),
    [
        ({"nights": {"factor": 3}, "shift": {"start": "22:00", "end": "06:00"}}, 3.0),
        ({"nights": {"factor": 3}, "shift": {"start": "02:00", "end": "10:00"}}, 2.0),
        ({"nights": {"factor": 3}}, 1.0),
        ({"disliked": 2, "shift": {"start": "20:00", "end": "04:00"}}, 1.75),
        ({"occupancy": {"factor": 1.5, "memory": "1 h"}, "volume": "100/day", "handling": "4 h", "mode": "deferred"}, 2.25),
        ({"occupancy": {"normal": "20 %", "factor": 1.5, "memory": "1 h"}}, 1.5**-1.98),
    ],
)  # fmt: skip
def test_nights_and_occupancy_multiply_the_rate(cause: dict[str, Any], factor: float) -> None:
    """Who always works at night, or is always busy, leaves so much more often; found from the number of leavers."""
    long = "60 d" if "volume" in cause else "120 d"
    disliked = {"nights": {"dislike": "100 %"}} if "disliked" in cause else {}
    data = leaving(40, long, "0", per_year=3, hire_after={"constant": {"value": "0"}}, **cause)
    data["teams"]["desk"] |= disliked
    found = estimate(sim.run(from_dict(data), jobs=1, tables=False), "turnover")
    exact = 365 / (mean_shifts(3 * factor / 365, 1 / 3, 1.0) - 2 / 3)
    assert abs(found[0] - exact) < max(4 * found[1], 0.02 * exact)
    assert found[1] < 0.12 * exact


def test_sustained_occupancy_forgets_by_its_memory() -> None:
    """After a memory's time 63 % of the way to what has been since; in two steps as in one."""
    assert sustained(0.8, 1.0, 28.0, 28.0) == pytest.approx(0.8 + 0.2 * (1 - np.exp(-1)))
    assert sustained(sustained(0.8, 1.0, 3.0, 28.0), 1.0, 4.0, 28.0) == pytest.approx(sustained(0.8, 1.0, 7.0, 28.0))
    assert overload(0.95, 0.8, 1.2) == pytest.approx(1.2**1.5)
    assert night_work(0.25, 3.0) == pytest.approx(1.5)
