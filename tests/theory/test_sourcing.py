"""Overflow to an outsourcer, in the limit in which theory knows what is paid for."""

from __future__ import annotations

import numpy as np
import pytest

import simulation as sim
from simulation.experiments.load import from_dict
from simulation.metrics.measure import segment_text
from simulation.statistics.intervals import t_quantile
from simulation.theory.erlang import blocking

MOST = 3.5


@pytest.mark.slow
def test_an_outsourcer_without_limit_is_paid_for_what_a_loss_system_turns_away() -> None:
    """In-house agents first; who finds all n busy goes to the outsourcer at once, who has agents enough: the n are
    Erlang's loss system. Paid by contact: lambda B(n, a) a day; by minute: a B(n, a) minutes in each minute."""
    load, servers, rate = 8.0, 8, 160.0
    data = {
        "name": "overflow",
        "calendar": {"start": "2026-03-02"},
        "warm_up": "2 h",
        "horizon": "2 d",
        "replications": 10,
        "demand": {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": f"{rate}/h"}}},
        "channels": {"phone": {"mode": "live"}},
        "topics": {"any": {"handling": {"any": {"exponential": {"mean": f"{3600 * load / rate!r} s"}}}}},
        "employers": {"them": {"pay": {"per_contact": "3 EUR"}}, "others": {"pay": {"per_minute": "0.5 EUR"}}},
        "teams": {
            "ours": {"skills": {"all": {}}, "headcount": {"constant": servers}, "wage": "12 EUR/h"},
            "theirs": {"skills": {"all": {}}, "headcount": {"constant": 60}, "employer": "them"},
        },
        "routing": {"routes": {"calls": {"channels": "phone", "teams": {"ours": "0 s", "theirs": "0 s"}}}},
    }
    lost = blocking(load, servers)
    contacts, error = fee(data)
    assert abs(contacts - 3 * 24 * rate * lost) < MOST * error < 0.1 * 3 * 24 * rate * lost
    data["teams"]["theirs"]["employer"] = "others"
    minutes, error = fee(data)
    assert abs(minutes - 0.5 * 1440 * load * lost) < MOST * error < 0.1 * 0.5 * 1440 * load * lost


def fee(data: dict[str, object]) -> tuple[float, float]:
    """What the outsourcer gets a day, and its standard error; agents of our own cost their wages."""
    summaries = {
        (str(one.metric), segment_text(one.segment)): one.interval
        for one in sim.run(from_dict(data), tables=False, jobs=1).summaries
    }
    np.testing.assert_allclose(summaries["wages", "team=ours"].mean, 8 * 24 * 12)
    assert ("wages", "team=theirs") not in summaries
    found = summaries["outsourcing", ""]
    return found.mean, found.half_width / t_quantile(found.level, found.n - 1)
