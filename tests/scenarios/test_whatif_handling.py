"""The what-ifs of handling show what they promise, against the baseline with the same customers."""

from __future__ import annotations

from functools import cache

import pytest

import simulation as sim
from simulation.metrics.measure import Summary, segment_text

pytestmark = pytest.mark.slow
Figures = dict[str, float]


@cache
def figures(name: str) -> Figures:
    """KPIs of some replications: metric, or metric{segment}."""
    result = sim.run(sim.load(name), replications=4, tables=False, jobs=1)
    return {_name(one): one.interval.mean for one in result.summaries}


def _name(one: Summary) -> str:
    return f"{one.metric}{{{segment_text(one.segment)}}}" if one.segment else str(one.metric)


def change(name: str, metric: str) -> float:
    """A KPI of a what-if as a multiple of the baseline's."""
    return figures(f"whatif/{name}")[metric] / figures("baseline")[metric]


def test_templates_shorten_writing_and_leave_the_phone_alone() -> None:
    assert 0.85 < change("templates", "handling_time.mean{team=back_office}") < 0.96
    assert change("templates", "handling_time.mean{team=phone}") > 0.98
    assert change("templates", "first_response_time.mean{channel=email}") < 0.95
    assert 0.45 < figures("whatif/templates")["helped{channel=email}"] < 0.65
    assert figures("whatif/templates")["helped{channel=chat}"] < 0.45  # the bot has taken half of the easy ones


def test_history_shortens_every_analysis_and_costs_licences() -> None:
    assert 0.90 < change("crm-history", "handling_time.mean") < 0.95
    assert change("crm-history", "occupancy{team=phone}") < 0.97
    hours = figures("whatif/crm-history")["agents"] * 24
    assert figures("whatif/crm-history")["tool_cost"] == pytest.approx(0.40 * hours, rel=0.001)


def test_articles_lower_escalations_and_wrong_answers() -> None:
    assert 0.75 < change("internal-knowledge-base", "escalations") < 0.92
    assert change("internal-knowledge-base", "repeats") < 0.95
    assert figures("whatif/internal-knowledge-base")["quality"] > figures("baseline")["quality"] + 0.003
    assert figures("whatif/internal-knowledge-base")["tool_cost"] == pytest.approx(130)


def test_integrations_take_away_looking_up() -> None:
    assert 0.88 < change("integrations", "handling_time.mean") < 0.95
    assert change("integrations", "handling_time.mean{topic=complaint}") > 0.97
    assert figures("whatif/integrations")["verification_time.mean"] < 30


def test_who_comes_back_more_often_meets_the_same_agent() -> None:
    assert change("same-agent", "same_agent") > 2
    assert change("same-agent", "cost") == pytest.approx(1, abs=0.005)
