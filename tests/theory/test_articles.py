"""Articles in closed form: the balance of going out of date and being renewed."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.record.recorder import SelfService
from simulation.statistics import ratio_interval
from simulation.statistics.intervals import t_quantile
from simulation.theory.loops import freshness
from tests.laws.strategies import Data, constant
from tests.theory.test_letters import HOUR, MOST, Observed, center


def read(**articles: object) -> Data:
    """Half of the customers look for an article, and it can help with the easy half of cases; the hard half is escalated, and an
    article is written after every ten of these. Who is misled gives up."""
    data = center("20/h", 30)
    data["channels"] = {"mail": {"mode": "live"}}
    data["topics"]["any"]["reach"] = {"knowledge_base": "50 %", "tier1": "50 %"}
    data["escalation"] = {"path": ["tier1", "tier2"]}
    data["self_service"] = {"knowledge_base": {"looks": "50 %", "reading": {"exponential": {"mean": "3 min"}}}}
    data["teams"]["experts"] = {"tier": "tier2", "skills": {"all": {}}, "headcount": {"constant": 30}}
    data["teams"]["authors"] = {"skills": {"none": {"channels": []}}, "headcount": {"constant": 2}}
    data["loops"] = {
        "articles": {"team": "authors", "takes": constant(1800), "after": 10, "counts": {"returned": 0}, **articles}
    }
    return data


@pytest.mark.slow
def test_articles_are_as_fresh_as_renewal_theory_says() -> None:
    """Ten escalations at 10 an hour, half an hour of writing, articles that hold for two hours on average."""
    exact = freshness(10 / HOUR, 10, 1800, 2 * HOUR)
    result = Observed(read(stale_after="2 h"), 71)
    came = [view.cases["self_service"] for view in result.views]
    helped, misled = ([float((one == of).sum()) for one in came] for of in (SelfService.SOLVED, SelfService.MISLED))
    found = ratio_interval(helped, [yes + no for yes, no in zip(helped, misled, strict=True)])
    error = found.half_width / t_quantile(found.level, found.n - 1)
    assert abs(found.mean - exact) < MOST * error < 0.02 < 0.6 < exact < 0.75
    result.agrees("articles", 24 / 1.5, off=0.05)
    result.agrees("article_delay", 1800.0, off=0.05)
    result.agrees("writing_hours", 24 / 3, off=0.05)


def test_the_formula_at_its_ends() -> None:
    """Renewed all the time all is true; articles that hold for ever stay so; renewed after each event: 1 / (1 + 1 / (rate life))."""
    assert freshness(1e6, 1, 0.0, 10.0) == pytest.approx(1, abs=1e-6)
    assert freshness(1.0, 5, 2.0, 1e9) == pytest.approx(1, abs=1e-6)
    assert freshness(0.5, 1, 0.0, 4.0) == pytest.approx(2 / 3)
    cycles = np.random.default_rng(1).gamma(3, 1 / 0.5, 200_000) + 1.5
    assert freshness(0.5, 3, 1.5, 4.0) == pytest.approx(
        float((4 * -np.expm1(-cycles / 4)).sum() / cycles.sum()), rel=0.005
    )
