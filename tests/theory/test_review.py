"""Reviews as a class of customers of lowest priority, as a sample, and coaching as a pure birth process."""

from __future__ import annotations

from math import exp, sqrt

import pytest

from simulation.theory.loops import coached
from simulation.theory.queues import priority_waits_mg1
from tests.laws.strategies import Data
from tests.theory.test_letters import HOUR, Observed, center


def reviewed(volume: str, share: str, agents: int, takes: Data, **parts: object) -> Data:
    """Calls for a team of so many whose answers a single supervisor reviews; no calls for the supervisor."""
    data = center(volume, agents, loops__review={"team": "boss", "share": share, "takes": takes}, **parts)
    data["channels"] = {"mail": {"mode": "live"}, **data.get("more", {})}
    data.pop("more", None)
    data["teams"]["front"] |= {"skills": {"all": {"channels": "mail"}}}
    data["teams"].setdefault("boss", {"skills": {"none": {"channels": []}}, "headcount": {"constant": 1}})
    return data


def test_reviews_in_lulls_are_a_class_of_lowest_priority() -> None:
    """Answers leave an M/M/60 as a Poisson stream, a tenth of them are reviewed for 12 min each: with the supervisor's own
    calls that is M/G/1 with two classes, nobody interrupted (Cobham 1954)."""
    exact = priority_waits_mg1([3 / HOUR, 1.8 / HOUR], [360.0, 720.0], [1.0, 0.0])
    data = reviewed("18/h", "10 %", 40, {"constant": {"value": "12 min"}}, more={"red": {"mode": "live"}})
    data["demand"]["sources"]["red"] = {"topic": "any", "channel": "red", "volume": "3/h"}
    data["teams"]["boss"] = {"skills": {"own": {"channels": "red"}}, "headcount": {"constant": 1}}
    result = Observed(data, 51)
    result.agrees("wait", exact[0], off=0.3, team=1)
    result.agrees("review_delay", exact[1] + 720.0, off=0.25)
    result.agrees("review_hours", 1.8 * 0.2 * 24, off=0.1)
    result.agrees("occupancy", 0.3 / (1 - 0.36), off=0.1, team=1)


@pytest.mark.slow
def test_a_sample_shows_the_quality_that_reviewers_find() -> None:
    """Of 15 % wrong answers 80 % are found out, so 12 % show; the sample has its own error, which is binomial."""
    data = reviewed("30/h", "20 %", 40, {"constant": {"value": "1 s"}}, teams__front__accuracy="85 %")
    data["loops"]["review"]["finds"] = "80 %"
    result = Observed(data, 52)
    result.agrees("quality_reviewed", 1 - 0.15 * 0.8, off=0.05)
    result.agrees("reviewed", 0.2, off=0.1)
    shown = [view.tasks["found"].mean() for view in result.views]
    expected = sqrt(0.12 * 0.88 / 2160)
    spread = sqrt(sum((one - 0.12) ** 2 for one in shown) / len(shown))
    assert 0.3 * expected < spread < 1.8 * expected


@pytest.mark.slow
def test_coaching_is_a_pure_birth_process() -> None:
    """One agent whose answers are Poisson: each error found (of 30 %, a tenth is looked at) takes a twentieth of the errors away."""
    days = 16
    exact = coached(20 / HOUR * 0.3 / 10, 0.05, days * 24 * HOUR)
    now = {"constant": {"value": "0 s"}}
    data = reviewed(
        "20/h", "10 %", 1, now, warm_up="0 s", replications=16, run_out="0 s",
        teams__front__accuracy="70 %", topics__any={"handling": {"any": {"exponential": {"mean": "1 s"}}}},
    )  # fmt: skip
    data["loops"]["review"]["coaching"] = {"takes": now, "accuracy": "5 %"}
    result = Observed(data, 53)
    result.agrees("coachings", exact.coachings / days, off=0.25)
    result.agrees("quality", 1 - 0.3 * exact.left_on_the_way, off=0.03)
    assert exact.left < exact.left_on_the_way / 2 < 0.15


def test_the_birth_process_by_hand() -> None:
    """With full gain there is one coaching at most; with none, a Poisson process of them."""
    once = coached(0.5, 1.0, 3.0)
    assert once.left == pytest.approx(exp(-1.5)) and once.coachings == pytest.approx(1 - exp(-1.5))
    never = coached(0.5, 0.0, 3.0)
    assert (
        never.left == pytest.approx(1)
        and never.coachings == pytest.approx(1.5)
        and never.left_on_the_way == pytest.approx(1)
    )
