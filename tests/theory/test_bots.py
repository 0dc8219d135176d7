"""Bots in limits that theory knows: containment, selection, loss, load and the loop of silent failures.

Each simulated value lies within a few standard errors of the exact one, and these are narrow enough to tell it
from what it would be without the mechanism.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import simulation as sim
from simulation import Result
from simulation.experiments.load import from_dict
from simulation.metrics.measure import segment_text
from simulation.statistics.intervals import t_quantile
from simulation.theory import erlang
from simulation.theory.bots import first_line, remainder, silent_loop, slowed_sessions
from tests.laws.strategies import Data, constant, quick

HOUR = 3600.0
MOST = 3.5
"""Standard errors by which a simulated value may be off."""
BOT: Data = {"sessions": 100_000, "session": {"exponential": {"mean": "2 min"}}}


def center(volume: str = "300/h", horizon: str = "4 h", **parts: Any) -> Data:
    """A chat with a bot before agents enough; `parts` replace entries by dotted path (two underscores for a dot)."""
    data: Data = {
        "name": "theory",
        "calendar": {"start": "2026-03-02"},
        "warm_up": "1 h",
        "horizon": horizon,
        "run_out": "1 h",
        "replications": 10,
        "demand": {"sources": {"all": {"topic": "any", "channel": "chat", "volume": volume}}},
        "channels": {"chat": {"mode": "live", "bot": "helper"}},
        "bots": {"helper": dict(BOT)},
        "topics": {"any": {"handling": {"any": constant(300)}, "reach": {"helper": "0 %"}}},
        "teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": 60}}},
    }
    for path, value in parts.items():
        *above, last = path.split("__")
        inner = data
        for key in above:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return data


def run(data: Data, seed: int) -> Result:
    """Run it in this process. Each test has a seed of its own, so that they do not all meet the same stroke of luck."""
    return sim.run(from_dict(data), tables=False, jobs=1, seed=seed)


def observed(result: Result, metric: str, segment: str = "") -> tuple[float, float]:
    """Estimate and standard error of a KPI (seconds, shares or plain numbers)."""
    summaries = (one for one in result.summaries if (str(one.metric), segment_text(one.segment)) == (metric, segment))
    found = next(summaries).interval
    return found.mean, found.half_width / t_quantile(found.level, found.n - 1)


def agrees(result: Result, metric: str, exact: float, segment: str = "", unlike: float | None = None) -> None:
    """Within the error of the exact value, and far from what it would be `unlike` it (by default: 3 % off)."""
    mean, error = observed(result, metric, segment)
    other = exact * 1.03 if unlike is None else unlike
    assert abs(mean - exact) <= MOST * error, f"{metric}: {mean:.5g} ± {error:.2g}, exact {exact:.5g}"
    assert abs(other - exact) >= 2 * MOST * error, f"{metric}: ± {error:.2g} cannot tell {exact:.5g} from {other:.5g}"


# -- containment --------------------------------------------------------------------------------------------


def test_containment_true_and_claimed() -> None:
    """85 % understood, 40 % within reach, 5 % of the others fail silently."""
    exact = first_line(0.85, 0.40, 0.05)
    assert (exact.contained, exact.claimed) == pytest.approx((0.34, 0.34 + 0.05 * 0.66))
    data = center(bots__helper=BOT | {"understanding": "85 %", "silent_failure": "5 %"})
    data["topics"]["any"]["reach"] = {"helper": "40 %"}
    result = run(data, seed=1)
    agrees(result, "containment", exact.contained, unlike=0.40)
    agrees(result, "containment_claimed", exact.claimed, unlike=exact.contained)
    agrees(result, "silent_failures", exact.silent, unlike=0.05)
    agrees(result, "hand_overs", exact.handed_over, unlike=1 - exact.contained)


@quick(50)
@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_shares_of_the_first_line_are_whole(understanding: float, reach: float, silent: float) -> None:
    line = first_line(understanding, reach, silent)
    assert line.claimed + line.handed_over == pytest.approx(1)
    assert line.contained + line.silent == pytest.approx(line.claimed)


# -- the easy cases are gone --------------------------------------------------------------------------------


def left_to_agents(bot: Data, **parts: Any) -> Result:
    """A first tier that solves 80 %, whose hardest case takes 1.3 times the mean, behind a bot that solves half."""
    data = center(horizon="3 h", bots__helper=BOT | bot, escalation={"path": ["tier1", "tier2"]}, **parts)
    data["topics"]["any"] |= {"hardest_takes": "x 1.3", "reach": {"helper": "50 %", "tier1": "80 %"}}
    data["teams"]["experts"] = {"tier": "tier2", "skills": {"all": {}}, "headcount": {"constant": 30}}
    return run(data, seed=2)


@pytest.mark.parametrize("understanding", [1.0, 0.7])
def test_a_bot_that_solves_the_easy_half_leaves_the_first_tier_slower_and_less_able(understanding: float) -> None:
    exact = remainder(understanding, 0.5, tier_reach=0.8, hardest=1.3)
    result = left_to_agents({"understanding": f"{100 * understanding:g} %"})
    agrees(result, "handling_time.mean", 300 * exact.handling, "tier=tier1", unlike=300)
    agrees(result, "resolution_rate", exact.within_reach, "tier=tier1", unlike=0.8)


def test_without_the_bot_the_first_tier_has_its_mean_and_its_reach() -> None:
    result = left_to_agents({"sessions": 0})
    agrees(result, "handling_time.mean", 300, "tier=tier1")
    agrees(result, "resolution_rate", 0.8, "tier=tier1", unlike=0.75)


def test_the_remainder_by_hand() -> None:
    """All understood: cases from 0.5 on, mean 0.75, factor 1.15, of which 0.3 of 0.5 are within reach."""
    exact = remainder(1, 0.5, tier_reach=0.8, hardest=1.3)
    assert (exact.difficulty, exact.handling, exact.within_reach) == pytest.approx((0.75, 1.15, 0.6))
    nobody = remainder(0, 0.5, tier_reach=0.8, hardest=1.3)
    assert (nobody.difficulty, nobody.handling, nobody.within_reach) == pytest.approx((0.5, 1.0, 0.8))


@quick(25)
@given(st.floats(0, 1), st.floats(0, 0.99), st.floats(0, 1), st.floats(1, 2))
def test_the_remainder_as_a_mean_over_cases(understanding: float, reach: float, tier: float, hardest: float) -> None:
    """The closed form against the integral over difficulty."""
    difficulty = (np.arange(100_000) + 0.5) / 100_000
    weight = 1 - understanding * (difficulty < reach)
    factor = 1 + (hardest - 1) * (2 * difficulty - 1)
    exact = remainder(understanding, reach, tier, hardest)
    assert exact.difficulty == pytest.approx(np.average(difficulty, weights=weight), abs=1e-4)
    assert exact.handling == pytest.approx(np.average(factor, weights=weight), abs=1e-4)
    assert exact.within_reach == pytest.approx(np.average(difficulty < tier, weights=weight), abs=2e-3)


# -- sessions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "session",
    [
        pytest.param({"exponential": {"mean": "2 min"}}, id="exponential"),
        pytest.param({"lognormal": {"mean": "2 min", "cv": 1.5}}, id="lognormal", marks=pytest.mark.slow),
    ],
)
def test_what_a_full_bot_turns_away_is_erlangs_loss(session: Data) -> None:
    """300/h for 2 min each on 12 sessions: 10 Erlangs, whatever the law of the session."""
    exact = erlang.erlang_b(300 / HOUR, 1 / 120, 12)
    data = center("300/h", "10 h", bots__helper={"sessions": 12, "session": session})
    data["topics"]["any"] |= {"handling": {"any": constant(10)}}
    result = run(data, seed=3)
    agrees(result, "bot_bypass", exact.p_block, unlike=erlang.blocking(10, 13))
    agrees(result, "sessions_at_once", exact.carried_load, unlike=10)
    agrees(result, "bot_utilization", exact.utilization, unlike=10 / 12)


def test_sessions_at_once_when_answers_slow_down() -> None:
    """Six answers of 1 s at rest and 21 s when 200 sessions run, and 54 s for the customer: 48 sessions become 93."""
    rate, places = 0.8, 200
    exact = slowed_sessions(rate, 60, 180, places)
    slow = {"at_rest": "1 s", "full": "21 s", "turns": 6}
    bot = {"sessions": places, "session": {"exponential": {"mean": "54 s"}}, "latency": slow}
    data = center("2880/h", "120 min", bots__helper=bot, topics__any__reach={"helper": "100 %"})
    result = run(data, seed=4)
    agrees(result, "sessions_at_once", exact, unlike=rate * 60)
    agrees(result, "session_time.mean", exact / rate, unlike=60)
    assert observed(result, "bot_bypass")[0] == 0


# -- the loop of silent failures ----------------------------------------------------------------------------


def test_contacts_of_a_case_by_hand() -> None:
    """Nothing understood, half fail silently and all return: 2 sessions a case, the last one handed over."""
    loop = silent_loop(0, 1, 0.5, 1)
    assert (loop.sessions, loop.contained, loop.handed_over, loop.given_up) == pytest.approx((2, 0, 1, 0))
    loop = silent_loop(1, 0.5, 0.5, 0)
    assert (loop.sessions, loop.contained, loop.handed_over, loop.given_up) == pytest.approx((1, 0.5, 0.25, 0.25))


@pytest.mark.slow
def test_silent_failures_return_as_in_erlang_r() -> None:
    """The agents see an M/M/n of all that comes to them, new or again (Jackson's product form)."""
    returns = {"probability": "80 %", "after": {"exponential": {"mean": "20 min"}}}
    bot = BOT | {"understanding": "80 %", "silent_failure": "40 %", "returns": returns}
    data = center("60/h", "55 h", bots__helper=bot, run_out="5 h", warm_up="5 h")
    data["topics"]["any"] |= {"reach": {"helper": "50 %"}, "handling": {"any": {"exponential": {"mean": "5 min"}}}}
    data["teams"]["front"]["headcount"]["constant"] = 4
    result = run(data, seed=5)
    loop, once = silent_loop(0.8, 0.5, 0.4, 0.8), first_line(0.8, 0.5, 0.4)
    queue = erlang.erlang_c(loop.handed_over, 1 / 5, 4)
    agrees(result, "contacts_per_case", loop.sessions, unlike=1)
    agrees(result, "solved", 1 - loop.given_up, unlike=once.contained + once.handed_over)
    agrees(result, "occupancy", queue.utilization, unlike=once.handed_over * 5 / 4)
    agrees(result, "waiting_probability", queue.p_wait, unlike=erlang.erlang_c(once.handed_over, 1 / 5, 4).p_wait)
    agrees(result, "asa.mean", 60 * queue.wait, unlike=60 * erlang.erlang_c(once.handed_over, 1 / 5, 4).wait)


def test_wishes_for_a_human_thin_the_bot() -> None:
    result = run(center(horizon="2 h", bots__helper=BOT | {"asks_for_human": "20 %"}), seed=6)
    agrees(result, "bot_bypass", 0.2, unlike=0)


def test_context_saves_its_share_of_the_analysis() -> None:
    """Of 300 s handling 30 % are analysis, of which half is saved in 80 % of the hand-overs; the others cost 60 s."""
    told = {"context": "80 %", "saves": "50 %", "repeats_story": "1 min"}
    result = run(center(horizon="2 h", bots__helper=BOT | {"hand_over": told}), seed=7)
    agrees(result, "handling_time.mean", 0.8 * 300 * (1 - 0.3 * 0.5) + 0.2 * 360, unlike=300 * (1 - 0.3 * 0.5 * 0.8))
