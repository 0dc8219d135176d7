"""Every predictor of the wait: documented, a function of the queue alone, and used by a scenario file that names it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import simulation as sim
from simulation.center.predictors import PREDICTORS
from simulation.scenario.schema import Predictor
from tests.laws import test_conservation as laws
from tests.laws.books import observe
from tests.laws.strategies import quick

EVERY = pytest.mark.parametrize("name", PREDICTORS)
FILE = """\
name: conformance
calendar: {{start: 2026-03-02}}
horizon: 8 h
demand: {{sources: {{calls: {{topics: {{easy: 70 %, hard: 30 %}}, channels: {{phone: 80 %, chat: 20 %}}, volume: 70/h}}}}}}
channels:
  phone: {{mode: live, patience: {{exponential: {{mean: 8 min}}}}, announces: {{predictor: {name}}}}}
  chat: {{mode: concurrent, patience: {{exponential: {{mean: 8 min}}}}, announces: {{predictor: {name}, above: 20 s}}}}
topics:
  easy: {{handling: {{any: {{exponential: {{mean: 5 min}}}}}}}}
  hard: {{handling: {{any: {{exponential: {{mean: 8 min}}}}}}}}
teams:
  front: {{skills: {{all: {{}}}}, headcount: {{constant: 6}}, concurrency: {{slots: 2}}}}
"""


@dataclass(frozen=True)
class Queue:
    """A queue as a predictor sees it."""

    ahead: int
    pace: float
    patience: float
    head: float
    last: float
    mean: float


times = st.floats(0, 1e5)
queues = st.builds(Queue, st.integers(0, 500), st.floats(0, 100), st.floats(1, 1e5) | st.just(inf), times, times, times)


def test_the_registry_is_complete() -> None:
    assert set(PREDICTORS) == set(Predictor)


@EVERY
def test_it_is_documented(name: Predictor) -> None:
    assert PREDICTORS[name].__name__ == name.value and len((PREDICTORS[name].__doc__ or "").split()) > 8


@EVERY
@quick(20)
@given(queues)
def test_it_is_a_time_that_depends_on_the_queue_alone(name: Predictor, queue: Queue) -> None:
    wait = PREDICTORS[name](queue)
    assert wait >= 0 and wait == PREDICTORS[name](queue)


@EVERY
@quick(20)
@given(queues, st.integers(1, 50), st.floats(1.1, 4))
def test_a_longer_queue_is_predicted_no_shorter_wait_and_more_agents_no_longer_one(
    name: Predictor, queue: Queue, more: int, faster: float
) -> None:
    parts = {**vars(queue)}
    longer = Queue(**{**parts, "ahead": queue.ahead + more, "head": queue.head + more, "last": queue.last + more})
    quicker = Queue(**{**parts, "pace": queue.pace * faster})
    assert PREDICTORS[name](longer) >= PREDICTORS[name](queue) >= PREDICTORS[name](quicker) * (1 - 1e-12)


@EVERY
def test_what_it_announces_goes_with_the_real_wait(tmp_path: Path, name: Predictor) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(FILE.format(name=name.value), encoding="utf-8")
    books = observe(sim.load(path))
    for law in laws.LAWS:
        law(books)
    rows = books.record.contacts
    answered = {(leg.case, leg.contact): leg.answered - leg.queued for leg in books.legs if leg.served}
    keys = zip(rows["case"].tolist(), rows["contact"].tolist(), strict=True)
    real = np.array([answered.get(key, np.nan) for key in keys])
    known = ~np.isnan(rows["announced"]) & ~np.isnan(real)
    assert known.sum() > 50
    told = rows["announced"][known]
    assert 0.3 < told.mean() / real[known].mean() < 3
    if name is not Predictor.historic:
        assert np.corrcoef(told, real[known])[0, 1] > 0.3
