"""What explain expects of bots: against numbers by hand, and against the simulation."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import simulation as sim
from simulation.experiments.load import from_dict
from simulation.reports.expected import Expectation, expect
from simulation.reports.explain import explanation
from simulation.theory.bots import slowed_sessions
from tests.laws.strategies import Data, constant


def center(reach: str = "0 %", **bot: Any) -> Data:
    """60 calls an hour of 3 min behind a bot whose sessions take 2 min; a tier above for what the first cannot solve."""
    return {
        "name": "center",
        "calendar": {"start": "2026-03-02"},
        "horizon": "1 d",
        "demand": {"sources": {"calls": {"topic": "q", "channel": "phone", "volume": "60/h"}}},
        "channels": {"phone": {"mode": "live", "bot": "helper"}},
        "topics": {"q": {"handling": {"any": constant(180)}, "reach": {"helper": reach}}},
        "bots": {"helper": {"sessions": 50, "session": constant(120), **bot}},
        "teams": {"desk": {"skills": {"calls": {"channels": "phone"}}, "headcount": {"constant": 30}}},
    }


def expected(data: Data) -> Expectation:
    """What is to be expected of a scenario."""
    return expect(from_dict(data))


def load(data: Data) -> float:
    """Erlangs of the desk at noon."""
    return float(expected(data).loads[0].all[12])


def words_of(data: Data, width: int = 140) -> str:
    """All that explain says."""
    console = Console(file=io.StringIO(), width=width, highlight=False)
    for block in explanation(from_dict(data), width):
        console.print(block)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


TOLD = {"hand_over": {"context": "80 %", "saves": "50 %", "repeats_story": "1 min"}}


@pytest.mark.parametrize(
    ("reach", "bot", "share"),
    [
        ("40 %", {}, 0.6),
        ("40 %", {"understanding": "50 %"}, 0.8),
        ("40 %", {"understanding": {"q": "50 %", "any": "10 %"}, "silent_failure": "25 %"}, 0.6),
        ("40 %", {"asks_for_human": "50 %"}, 0.8),
        ("100 %", {"sessions": 0}, 1.0),
        ("0 %", TOLD, 0.8 * (1 - 0.3 * 0.5) + 0.2 * (1 + 60 / 180)),
        ("100 %", TOLD | {"asks_for_human": "50 %"}, 0.5),
    ],
)
def test_what_a_bot_leaves_to_the_agents(reach: str, bot: Data, share: float) -> None:
    assert load(center(reach, **bot)) == pytest.approx(3 * share)


@pytest.mark.parametrize(("understanding", "factor"), [("100 %", 1.15), ("0 %", 1.0)])
def test_what_is_left_takes_longer_when_hard_cases_do(understanding: str, factor: float) -> None:
    """The easy half is gone: a mean difficulty of 0.75, and 1.3 times the mean for the hardest."""
    data = center("50 %", understanding=understanding)
    data["topics"]["q"]["hardest_takes"] = "x 1.3"
    assert load(data) == pytest.approx(3 * factor * (0.5 if understanding == "100 %" else 1))
    assert "x 1.3" in words_of(data)


def test_escalated_cases_take_longer_too() -> None:
    """Tier 1 can solve 80 %: what goes on has a mean difficulty of 0.9."""
    data = center(sessions=0)
    data["topics"]["q"] |= {"hardest_takes": 1.5, "reach": {"tier1": "80 %"}}
    data["escalation"] = {"path": ["tier1", "tier2"]}
    data["teams"]["experts"] = {"tier": "tier2", "skills": {"all": {}}, "headcount": {"constant": 2}}
    desk, experts = expected(data).loads
    assert desk.all[12] == pytest.approx(3) and experts.all[12] == pytest.approx(3 * 0.2 * 1.4)


def test_in_an_outage_everything_comes_to_the_agents() -> None:
    data = center("40 %")
    data["demand"]["events"] = {"out": {"starts": "2026-03-02 10:30", "lasts": "90 min", "bots": ["helper"]}}
    found = expected(data)
    assert found.loads[0].all[9:13] == pytest.approx([1.8, 2.4, 3.0, 1.8])
    assert found.bots["helper"][9:13] == pytest.approx([2, 1, 0, 2])


def test_sessions_last_longer_under_load() -> None:
    """Four answers of 1 s at rest and 31 s when all 50 sessions run."""
    data = center("100 %", latency={"at_rest": "1 s", "full": "31 s", "turns": 4})
    exact = slowed_sessions(1 / 60, 124, 244, 50)
    assert expected(data).bots["helper"] == pytest.approx(np.full(24, exact), rel=1e-6)


def test_the_words_for_a_bot() -> None:
    told = words_of(center("40 %", understanding="50 %", silent_failure="25 %", asks_for_human="10 %"))
    said = "Bot helper: truly solves 20.0 % of its contacts; 20.0 % leave believing it did; hands over 60.0 %;"
    assert said in " ".join(told.split())
    assert "10 % of those who come ask for a human at once; 1.8 of 50 sessions at the peak." in " ".join(told.split())
    assert "Bot helper: truly solves 40.0 % of its contacts; 2.0 of 50 sessions at the peak." in words_of(
        center("40 %")
    )


def test_more_words_for_a_bot() -> None:
    back = {"probability": "80 %", "after": constant(3 * 86_400)}
    slow = {"at_rest": "1 s", "full": "8 s", "turns": 6}
    data = center(silent_failure="5 %", returns=back, latency=slow, **TOLD)
    data["bots"]["spare"] = {"sessions": 1, "session": constant(60)}
    told = " ".join(words_of(data).split())
    assert "Bot helper: 6 answers a session, each 1 s at rest, 8 s when all are taken; 80 % of hand-overs carry" in told
    assert (
        "saves 50 % of the analysis; without it the customer tells everything again, 1 min; 80 % of those who" in told
    )
    assert "come back, after 3.0 days on average." in told and "Bot spare: answers on no channel." in told
    assert "helper: who was misled comes back after 3 d on average, but the run-out is 0 s." in told
    assert "but the run-out is" not in words_of(data | {"run_out": "3 d"})


def test_the_simulation_is_as_expected() -> None:
    """With everything at once, and nobody who waits or returns."""
    bot = {"understanding": "80 %", "silent_failure": "20 %", "asks_for_human": "10 %", **TOLD}
    data = center("50 %", **bot, latency={"at_rest": "2 s", "full": "30 s", "turns": 5})
    data["topics"]["q"]["hardest_takes"] = "x 1.4"
    data |= {"replications": 10, "warm_up": "1 h", "horizon": "25 h", "run_out": "30 min"}
    kpis = sim.run(from_dict(data), tables=False, jobs=1).kpis.query("segment == ''").set_index("metric")
    for metric, value in (("occupancy", load(data) / 30), ("sessions_at_once", expected(data).bots["helper"][12])):
        low, high = kpis.loc[metric, ["low", "high"]]
        assert low - (high - low) / 2 <= value <= high + (high - low) / 2, metric
        assert high - low < 0.06 * value, metric
