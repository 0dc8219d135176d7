"""The what-ifs about bots, held against the baseline: a few days with the same customers."""

from __future__ import annotations

from functools import cache

import pytest

import simulation as sim
from simulation import Result

pytestmark = pytest.mark.slow  # whole weeks: that each runs and balances its books is tested in test_shipped.py

DAYS = {"warm_up": "8 h", "horizon": "36 h", "run_out": "12 h", "replications": 1}
WEDNESDAY = {"warm_up": "57 h", "horizon": "69 h", "run_out": "2 h", "replications": 1}


@cache
def ran(name: str, wednesday: bool = False) -> Result:
    """A shipped scenario over a few days."""
    path = sim.shipped()[name]
    return sim.run(sim.load(path, set=WEDNESDAY if wednesday else DAYS), jobs=1)


def kpi(result: Result, metric: str, segment: str = "") -> float:
    """The value of a KPI."""
    rows = result.kpis[(result.kpis.metric == metric) & (result.kpis.segment == segment)]
    return float(rows["mean"].iloc[0])


def both(metric: str, name: str, segment: str = "") -> tuple[float, float]:
    """A KPI of the baseline and of a what-if."""
    return kpi(ran("baseline"), metric, segment), kpi(ran(f"whatif/{name}"), metric, segment)


def test_a_bot_that_claims_more_than_it_solves() -> None:
    name = "bot-reach-40-silent-5"
    bot = ran(f"whatif/{name}")
    assert kpi(bot, "containment") == pytest.approx(0.40, abs=0.03)
    assert kpi(bot, "containment_claimed") == pytest.approx(0.43, abs=0.03)
    assert kpi(bot, "containment_claimed") == pytest.approx(kpi(bot, "containment") + kpi(bot, "silent_failures"))
    assert kpi(bot, "containment_claimed") + kpi(bot, "hand_overs") == pytest.approx(1)
    before, after = both("answered", name, "channel=chat")
    assert after < before
    misled = bot.cases["misled"] > 0
    assert 0 < misled.mean() < 0.02 and set(bot.cases.loc[misled, "channel"]) == {"chat"}
    assert bot.cases.loc[misled, "contacts"].max() > 1


def test_a_voice_menu_settles_some_calls_and_tells_the_agents_of_the_rest() -> None:
    menu = ran("whatif/ivr-on-phone")
    assert kpi(menu, "containment", "bot=menu") == pytest.approx(0.85 * 0.15, abs=0.04)
    assert kpi(menu, "bot_bypass", "channel=phone") == pytest.approx(0.15, abs=0.02)
    for metric in ("handling_time.mean", "asa.mean"):
        before, after = both(metric, "ivr-on-phone", "channel=phone")
        assert after < before


def test_an_ai_agent_leaves_few_and_hard_cases_at_its_price() -> None:
    before, after = both("answered", "ai-agent")
    assert after < 0.85 * before
    before, after = both("resolution_rate", "ai-agent", "tier=tier1")
    assert after < before - 0.02
    before, after = both("cost", "ai-agent")
    assert after - before == pytest.approx(
        kpi(ran("whatif/ai-agent"), "bot_cost") - kpi(ran("baseline"), "bot_cost"), abs=30
    )
    assert kpi(ran("whatif/ai-agent"), "session_time.mean") == pytest.approx(180 + 6 * 2, rel=0.03)


def test_a_bot_that_fails_for_a_day_leaves_all_chats_to_the_agents() -> None:
    before, after = ran("baseline", wednesday=True), ran("whatif/bot-outage", wednesday=True)
    assert kpi(before, "bot_bypass") == 0
    assert kpi(after, "bot_bypass") > 0.4
    assert kpi(after, "answered", "channel=chat") > 1.1 * kpi(before, "answered", "channel=chat")
    assert kpi(after, "asa.mean", "channel=chat") > kpi(before, "asa.mean", "channel=chat")


def test_context_saves_handling_after_the_bot_only() -> None:
    before, after = both("handling_time.mean", "hand-over-with-context", "team=chat")
    assert after < 0.92 * before
    before, after = both("talk_time.mean", "hand-over-with-context", "channel=email")
    assert after == pytest.approx(before, rel=0.01)


def test_what_a_bot_leaves_takes_longer_when_hard_cases_do() -> None:
    before, after = both("handling_time.mean", "hard-cases-take-longer", "team=chat")
    assert after > 1.05 * before
    before, after = both("handling_time.mean", "hard-cases-take-longer", "team=phone")
    assert after == pytest.approx(before, rel=0.05)
