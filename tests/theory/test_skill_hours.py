"""Letters that may be worked on at some hours only, in limits that theory knows."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulation.center.plan import Plan
from simulation.center.run import simulate
from simulation.experiments.load import from_dict
from simulation.theory import erlang
from tests.laws.strategies import Data, constant
from tests.theory.test_bots import HOUR, agrees, run


def center(volume: str, agents: int, hours: Any, **parts: Any) -> Data:
    """Letters round the clock, worked on within the hours, and calls at any time."""
    letters = {"channels": "mail", "priority": 2, "hours": hours}
    return {
        "name": "theory",
        "calendar": {"start": "2026-03-02"},
        "warm_up": "1 d",
        "horizon": "7 d",
        "run_out": "1 d",
        "replications": 8,
        "demand": {
            "sources": {
                "mails": {"topic": "any", "channel": "mail", "volume": volume},
                "calls": {"topic": "any", "channel": "phone", "volume": "20/h"},
            }
        },
        "channels": {"phone": {"mode": "live"}, "mail": {"mode": "deferred"}},
        "topics": {"any": {"handling": {"any": {"exponential": {"mean": "3 min"}}, "mail": constant(60)}}},
        "teams": {
            "front": {
                "skills": {"calls": {"channels": "phone"}, "letters": letters},
                "headcount": {"constant": agents},
            }
        },
        **parts,
    }


def test_with_agents_enough_a_letter_waits_for_the_hours_alone() -> None:
    """Shut for 14 of 24 hours: a letter comes in these with 14/24 and then waits 7 h on average, T²/2/24 = 4.083 h."""
    result = run(center("30/h", 60, {"daily": "20:00-06:00"}), 21)
    agrees(result, "wait.mean", 14 * 14 / 2 / 24 * HOUR, "channel=mail", unlike=0.9 * 14 * 14 / 2 / 24 * HOUR)
    agrees(result, "waiting_probability", 14 / 24, "channel=mail", unlike=0.55)


def share_of_calls_that_wait(hours: Any) -> tuple[float, float]:
    """Of calls between 8 and 24 o'clock, the share that waits, and its standard error over days."""
    data = center("12/h", 3, hours) | {"horizon": "40 d"}
    data["demand"]["sources"]["calls"]["volume"] = "30/h"
    legs = simulate(Plan(from_dict(data)), 22, 0).legs
    day, second = np.divmod(legs["queued"], 24 * HOUR)
    counted = (legs["channel"] == 0) & (second >= 8 * HOUR)
    waits = (legs["wait"][counted] > 0).astype(float)
    by_day = [waits[day[counted] == number].mean() for number in range(40)]
    return float(waits.mean()), float(np.std(by_day, ddof=1) / np.sqrt(40))


def test_calls_have_the_agents_to_themselves_outside_the_hours() -> None:
    """The night is long enough for the letters of a day: from 8 o'clock on calls wait as in M/M/3."""
    exact = erlang.erlang_c(30 / HOUR, 1 / 180, 3).p_wait
    mean, error = share_of_calls_that_wait({"daily": "00:00-06:00"})
    beside, _ = share_of_calls_that_wait("always")
    assert abs(mean - exact) <= 3.5 * error
    assert beside - exact >= 7 * error
