"""The same numbers whoever counts: in one process or several, alone or among others, today or tomorrow."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import simulation as sim
from simulation.center.plan import Plan
from simulation.center.run import simulate
from simulation.experiments import resolved
from simulation.experiments.load import from_dict
from simulation.metrics.scorecards import cards
from simulation.metrics.view import View
from simulation.record.tables import DICTIONARY, Record
from simulation.scenario.schema import Scenario
from tests.laws.strategies import START, Data, csv_file, quick, scenarios

ROOT = Path(__file__).resolve().parents[2]
REPLICATIONS = 5

CENTER: Data = {
    "name": "whole",
    "calendar": {"start": START.date().isoformat(), "time_zone": "Europe/Riga"},
    "horizon": "1 d",
    "replications": REPLICATIONS,
    "demand": {
        "busyness": {"cv": "20 %", "lag1": 0.5},
        "sources": {
            "calls": {"topics": {"billing": "60 %", "tech": "40 %"}, "channel": "phone", "volume": "200/day"},
            "rest": {"topic": "tech", "channels": {"chat": "50 %", "mail": "50 %"}, "volume": "100/day"},
        },
    },
    "channels": {
        "phone": {
            "mode": "live",
            "patience": {"exponential": {"mean": "3 min"}},
            "redial": {"probability": "50 %", "after": {"exponential": {"mean": "10 min"}}, "most": 3},
        },
        "chat": {"mode": "concurrent", "bot": "helper"},
        "mail": {"mode": "deferred", "deadline": {"normal": "2 h"}},
    },
    "bots": {"helper": {"sessions": 2, "session": {"exponential": {"mean": "2 min"}}}},
    "topics": {
        "billing": {"handling": {"any": {"lognormal": {"mean": "4 min", "cv": 0.8}}}, "reach": {"helper": "30 %"}},
        "tech": {
            "handling": {"any": {"lognormal": {"mean": "8 min", "cv": 0.8}}},
            "reach": {"tier1": "70 %"},
            "repeat": {"probability": "80 %", "after": {"exponential": {"mean": "1 h"}}},
        },
    },
    "teams": {
        "front": {
            "skills": {"all": {}},
            "concurrency": {"slots": 2, "throughput": [1, 1.6]},
            "shifts": {"day": {"days": "daily", "start": "06:00", "end": "20:00", "headcount": 4}},
            "shrinkage": "10 %",
            "absence": "10 %",
            "accuracy": "90 %",
        },
        "experts": {"tier": "tier2", "skills": {"all": {}}, "headcount": {"constant": 1}},
    },
    "escalation": {"path": ["tier1", "tier2"], "recognition": "80 %"},
    "opinion": {"expected": {"phone": "60 s", "chat": "60 s", "mail": "4 h"}},
    "targets": {"soon": "service_level(20s){channel=phone} >= 80 %"},
}


def frames(result: sim.Result) -> dict[str, pd.DataFrame]:
    """Everything that a result says, as frames."""
    return {"kpis": result.kpis, "targets": result.targets, **{name: result.table(name) for name in DICTIONARY}}


def assert_same(left: dict[str, pd.DataFrame], right: dict[str, pd.DataFrame]) -> None:
    """Identical to the last bit."""
    for name, frame in left.items():
        pd.testing.assert_frame_equal(frame, right[name], check_exact=True)


@pytest.fixture(scope="module")
def serial() -> dict[str, pd.DataFrame]:
    """The center run in this process, one replication after the other."""
    return frames(sim.run(from_dict(CENTER), jobs=1))


@contextmanager
def processes() -> Iterator[Executor]:
    """Two fresh processes."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.mark.slow
@pytest.mark.parametrize("executor", [lambda: ThreadPoolExecutor(3), processes], ids=["threads", "processes"])
def test_serial_is_parallel(serial: dict[str, pd.DataFrame], executor: type[Executor]) -> None:
    with executor() as pool:
        assert_same(serial, frames(sim.run(from_dict(CENTER), executor=pool)))


@pytest.mark.slow
def test_serial_is_parallel_with_own_processes(serial: dict[str, pd.DataFrame]) -> None:
    assert_same(serial, frames(sim.run(from_dict(CENTER), jobs=2)))


@pytest.mark.parametrize("number", [0, REPLICATIONS - 1])
def test_a_replication_alone_is_the_one_among_many(serial: dict[str, pd.DataFrame], number: int) -> None:
    alone = simulate(Plan(from_dict(CENTER)), 1, number)
    alone.tables["scorecards"] = cards(View(alone, from_dict(CENTER)))
    for name, columns in alone.tables.items():
        among = serial[name][serial[name]["replication"] == number]
        assert set(DICTIONARY[name]) <= set(columns)
        for column in DICTIONARY[name]:
            assert_equal_column(alone, name, column, among[column])


def assert_equal_column(record: Record, table: str, column: str, frame: pd.Series) -> None:
    """A column of codes or numbers against the frame's names or numbers."""
    values = record.tables[table][column]
    if isinstance(frame.dtype, pd.CategoricalDtype):
        names = np.array([*record.names[column], None], dtype=object)
        assert frame.astype(object).where(frame.notna(), None).tolist() == names[values].tolist(), column
    else:
        np.testing.assert_array_equal(frame.to_numpy(), values, column)


def test_fewer_replications_are_the_first_ones(serial: dict[str, pd.DataFrame]) -> None:
    few = sim.run(from_dict(CENTER), replications=2, jobs=1)
    legs = serial["legs"]
    pd.testing.assert_frame_equal(few.legs, legs[legs["replication"] < 2], check_exact=True)


DIGEST = """
import hashlib, json, sys
import pandas as pd
from simulation.experiments.load import from_dict
import simulation as sim
result = sim.run(from_dict(json.loads(sys.argv[1])), replications=2, jobs=1)
words = [result.digest, result.kpis.to_csv(), *(result.table(name).to_csv() for name in sorted(("cases", "legs", "staffing")))]
print(hashlib.sha256("".join(words).encode()).hexdigest())
"""


def test_two_fresh_processes_agree_whatever_the_hash_seed() -> None:
    def start(seed: str) -> subprocess.Popen[str]:
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", DIGEST, json.dumps(CENTER)]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    answers = [process.communicate(timeout=120)[0] for process in [start("1"), start("2")]]
    assert len(set(answers)) == 1 and len(answers[0].strip()) == 64, answers


@quick(40)
@given(scenarios())
def test_a_scenario_survives_being_written_and_read(data: Data) -> None:
    scenario = from_dict(data)
    assert Scenario.model_validate_json(scenario.model_dump_json()) == scenario
    assert from_dict(resolved.resolved(scenario)) == scenario


def test_a_run_changes_nothing_for_the_next_one() -> None:
    plan = Plan(from_dict(CENTER))
    first, _, third = (fingerprint(simulate(plan, 1, number)) for number in (0, 1, 0))
    assert first == third


def fingerprint(record: Record) -> str:
    """A hash of all columns."""
    columns = [record.tables[table][column].tobytes() for table in record.tables for column in record.tables[table]]
    return hashlib.sha256(b"".join(columns)).hexdigest()


def test_a_changed_data_file_is_read_again(tmp_path: Path) -> None:
    center, log = deepcopy(CENTER), tmp_path / "log.csv"
    center["demand"]["sources"] = {
        name: {"topic": "tech", "channel": channel, "replay": {"file": str(log), "time": "time"}}
        for name, channel in (("calls", "phone"), ("chats", "chat"), ("rest", "mail"))
    }
    center["demand"].pop("busyness")
    counts = []
    for rows in ([[START]], [[START], [START]]):
        log.write_text(Path(csv_file(["time"], rows)).read_text(encoding="utf-8"), encoding="utf-8")
        counts.append(len(sim.run(from_dict(center), replications=1, jobs=1).cases))
    assert counts == [3, 6]
