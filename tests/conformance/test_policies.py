"""Every discipline, choice of agents and kind of distribution, used by a scenario file that says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import simulation as sim
from simulation.chance import DISTRIBUTIONS
from simulation.routing import AGENT_CHOICES, DISCIPLINES
from simulation.scenario.schema import AgentChoice, Discipline, Score
from tests.laws import test_conservation as laws
from tests.laws.books import observe

FILE = """\
name: conformance
calendar: {{start: 2026-03-02}}
horizon: 6 h
demand:
  sources:
    calls: {{topics: {{easy: 70 %, hard: 30 %}}, channels: {{phone: 60 %, chat: 20 %, mail: 20 %}}, volume: 60/h}}
channels:
  phone: {{mode: live, patience: {{exponential: {{mean: 5 min}}}}, deadline: {{normal: 1 min}}}}
  chat: {{mode: concurrent}}
  mail: {{mode: deferred, deadline: {{normal: 1 h, critical: 10 min}}}}
topics:
  easy: {{handling: {{any: {kind}}}}}
  hard: {{handling: {{any: {kind}}}, urgency: {{low: 50 %, critical: 50 %}}}}
teams:
  front: {{skills: {{all: {{}}}}, headcount: {{constant: 4}}, concurrency: {{slots: 2}}}}
  back: {{skills: {{calls: {{channels: phone}}}}, headcount: {{constant: 2}}}}
routing: {{discipline: {discipline}, agent: {agent}, score: {{age: 1, deadline: 0.5, urgency: {{critical: 1}}}}}}
"""
KINDS = {
    "constant": "{constant: {value: 5 min}}",
    "exponential": "{exponential: {mean: 5 min}}",
    "gamma": "{gamma: {mean: 5 min, cv: 0.7}}",
    "erlang": "{erlang: {mean: 5 min, phases: 3}}",
    "lognormal": "{lognormal: {mean: 5 min, cv: 0.9}}",
    "weibull": "{weibull: {mean: 5 min, shape: 1.5}}",
    "uniform": "{uniform: {low: 0 s, high: 10 min}}",
    "triangular": "{triangular: {low: 1 min, mode: 2 min, high: 12 min}}",
    "hyperexponential": "{hyperexponential: {mean: 5 min, cv: 1.6}}",
    "empirical": "{empirical: {values: [1 min, 5 min, 9 min], smooth: true}}",
    "mixture": "{mixture: {parts: {short: {weight: 50 %, constant: {value: 1 min}}, long: {weight: 50 %, exponential: {mean: 9 min}}}}}",
}
"""A mean of 5 min in every kind of distribution."""


def written(
    folder: Path, kind: str = "exponential", discipline: str = "fifo", agent: str = "longest_idle"
) -> sim.Scenario:
    """A scenario file that names a kind and policies, read back."""
    path = folder / "scenario.yaml"
    path.write_text(FILE.format(kind=KINDS[kind], discipline=discipline, agent=agent), encoding="utf-8")
    return sim.load(path)


@pytest.mark.parametrize("discipline", DISCIPLINES)
def test_a_discipline_keeps_all_laws_and_its_order(tmp_path: Path, discipline: Discipline) -> None:
    books = observe(written(tmp_path, discipline=discipline.value))
    assert sum(leg.until > leg.queued for leg in books.legs) > 100, "there is a queue"
    for law in laws.LAWS:
        law(books)


@pytest.mark.parametrize("discipline", DISCIPLINES)
def test_a_discipline_is_a_function_of_what_is_known_at_joining(discipline: Discipline) -> None:
    key = DISCIPLINES[discipline](Score(age=1, deadline=1, urgency={"high": 1}))
    assert key(10.0, 20.0, 1) == key(10.0, 20.0, 1)
    assert np.isfinite(key(0.0, 1e9, 3))


@pytest.mark.parametrize("agent", AGENT_CHOICES)
def test_a_choice_of_agents_keeps_all_laws(tmp_path: Path, agent: AgentChoice) -> None:
    books = observe(written(tmp_path, agent=agent.value))
    for law in laws.LAWS:
        law(books)


def test_disciplines_and_choices_differ(tmp_path: Path) -> None:
    orders = {
        one: str([leg.answered for leg in observe(written(tmp_path, discipline=one.value)).legs]) for one in DISCIPLINES
    }
    assert len(set(orders.values())) == len(DISCIPLINES)
    agents = {
        one: str([leg.agent for leg in observe(written(tmp_path, agent=one.value)).legs]) for one in AGENT_CHOICES
    }
    assert len(set(agents.values())) == len(AGENT_CHOICES)


def test_registries_are_complete() -> None:
    assert set(DISCIPLINES) == set(Discipline) and set(AGENT_CHOICES) == set(AgentChoice)
    assert set(KINDS) == set(DISTRIBUTIONS), "write an example of a new kind with a mean of 5 min"


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
def test_a_kind_of_distribution_can_be_written_and_has_its_mean(tmp_path: Path, kind: str) -> None:
    scenario = written(tmp_path, kind)
    spec = scenario.topics["easy"].handling["any"]
    assert spec.kinds() == [kind] and type(spec.build()) is DISTRIBUTIONS[kind]
    assert spec.build().mean == pytest.approx(300)
    books = observe(scenario)
    calls = [leg.ended - leg.answered for leg in books.legs if leg.served and leg.ended < scenario.duration]
    assert np.mean(calls) == pytest.approx(300, rel=0.2)


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
def test_a_kind_of_distribution_can_be_capped(tmp_path: Path, kind: str) -> None:
    text = KINDS[kind][:-1] + ", at_most: 2 min}"
    path = tmp_path / "capped.yaml"
    path.write_text(FILE.format(kind=text, discipline="fifo", agent="longest_idle"), encoding="utf-8")
    books = observe(sim.load(path))
    assert max(leg.ended - leg.answered for leg in books.legs if leg.served) == pytest.approx(120)
