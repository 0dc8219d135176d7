"""Study files: all that is wrong at once, with place, cause and cure; combinations as one would write them by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulation.errors import InputError
from simulation.experiments.load import SHIPPED, is_study, shipped, shipped_studies
from simulation.experiments.points import plan_of, values_of
from simulation.scenario.json_schema import study_schema
from simulation.scenario.load import read
from simulation.scenario.tree import plain
from tests.study_tiny import study_on, write_center

HEAD = "name: tiny\nscenarios: [booth.yaml]\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("studies")
    write_center(made)
    return made


def faults(folder: Path, text: str, name: str = "study.yaml") -> list[str]:
    """What is wrong with a study file, without the folder."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    try:
        plan_of(path)
    except InputError as error:
        return str(error).replace(f"{folder}/", "").splitlines()
    return []


def combinations(study: dict[str, Any]) -> list[tuple[Any, ...]]:
    plan = plan_of(study)
    return [tuple(plan.labels(point).values()) for point in plan.points]


# -- ranges -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1..3", [1, 2, 3]),
        ("10..15 step 2", [10, 12, 14]),
        ("10..15:2", [10, 12, 14]),
        ("08:00..09:00:30 min", ["08:00", "08:30", "09:00"]),
        ("-1 .. 1", [-1, 0, 1]),
        ("0.1..0.3 step 0.1", [0.1, 0.2, 0.3]),
        ("10 %..20 % step 5 %", ["10 %", "15 %", "20 %"]),
        ("10..20 % step 5", ["10 %", "15 %", "20 %"]),
        ("40/h..60/h step 10/h", ["40/h", "50/h", "60/h"]),
        ("2 min..6 min step 2 min", ["2 min", "4 min", "6 min"]),
    ],
)
def test_a_range_is_its_values(text: str, values: list[Any]) -> None:
    assert values_of(text) == values


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("12", "is one value, not several"),
        ("5..1", "begins above its end"),
        ("1..2 step 0", "has a step of"),
        ("1 %..5 %", "needs a step"),
        ("0.5..2", "needs a step"),
        ("1 %..5 min step 1 %", "mixes units"),
        ("1..1000000", "10,000 is the most"),
    ],
)
def test_a_range_that_is_none(text: str, what: str) -> None:
    with pytest.raises(ValueError, match=r"write") as error:
        values_of(text)
    assert what in str(error.value)


# -- combinations -----------------------------------------------------------------------------------


def test_combinations_are_the_product_but_for_what_is_left_out(folder: Path) -> None:
    study = study_on(folder / "booth.yaml")
    study["factors"] = {
        "agents": {"path": "teams.desk.headcount.constant", "values": "1..3"},
        "day": {"calm": {}, "busy": {"demand.sources.calls.volume": "90/h", "channels.phone.trunks": 4}},
        "topics.question.handling.any.exponential.mean": ["50 s", "1 min"],
    }
    study["leave_out"] = [
        {"scenario": "two", "agents": [1, 2]},
        {"agents": "> 2", "day": "calm"},
        {"topics.question.handling.any.exponential.mean": "1 min", "agents": "<= 1"},
    ]
    found = combinations(study)
    expected = [
        (scenario, agents, day, mean)
        for scenario in ("booth", "two")
        for agents in (1, 2, 3)
        for day in ("calm", "busy")
        for mean in ("50 s", "1 min")
        if not (scenario == "two" and agents in (1, 2))
        and not (agents > 2 and day == "calm")
        and not (mean == "1 min" and agents <= 1)
    ]
    assert found == expected
    plan = plan_of(study)
    busy = next(point for point in plan.points if plan.labels(point)["day"] == "busy")
    assert plan.scenario(busy.number).channels["phone"].trunks == 4


def test_comparisons_read_units(folder: Path) -> None:
    study = study_on(folder / "booth.yaml", leave_out=[{"volume": "< 60/h"}])
    assert {row[1] for row in combinations(study)} == {"80/h"}


def test_a_level_may_take_an_entry_away(folder: Path) -> None:
    study = study_on(folder / "booth.yaml")
    study["factors"] = {"patience": {"some": {}, "endless": {"channels.phone.patience": None}}}
    plan = plan_of(study)
    assert plan.scenario(1).channels["phone"].patience is None and plan.scenario(0).channels["phone"].patience


def test_runs_differ_by_content_not_by_name_or_order(folder: Path) -> None:
    one = plan_of(study_on(folder / "booth.yaml"))
    turned = study_on(folder / "booth.yaml")
    turned["scenarios"] = dict(reversed(turned["scenarios"].items()))
    turned["name"], turned["metrics"] = "turned", list(reversed(turned["metrics"]))
    other = plan_of(turned)
    keys = [{plan.key(point, number) for point in plan.points for number in range(3)} for plan in (one, other)]
    assert keys[0] == keys[1] and len(keys[0]) == 12


def test_paths_are_relative_to_the_study(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert faults(folder, HEAD) == []


# -- what is wrong ----------------------------------------------------------------------------------


def test_the_schema_speaks_with_places(folder: Path) -> None:
    found = faults(folder, HEAD + "replicatons: 3\nmetrics: [asa, asaa]\nseed: -1\n")
    assert len(found) == 2 and found[1] == "study.yaml:5:7: seed: must be at least 0, not -1"
    assert found[0].startswith(
        "study.yaml:3:1: replicatons: unknown key; did you mean replications? (valid keys: name,"
    )


def test_everything_beyond_the_schema_at_once(folder: Path) -> None:
    found = faults(folder, HEAD + "metrics: [asa, asaa]\nby: [channnel]\ntables: leggs\nfactors:\n  seconds: [1]\n")
    assert [line.split(": ")[1] for line in found] == ["metrics[1]", "by", "tables", "factors.seconds"]
    assert "there is no metric 'asaa'" in found[0] and "did you mean channel?" in found[1]
    assert "did you mean legs?" in found[2] and "give the factor another name" in found[3]


def test_faults_of_factors_and_conditions_stand_where_they_are_written(folder: Path) -> None:
    found = faults(
        folder,
        HEAD
        + "factors:\n  teams..x: [1]\n  horizon: 5 min\n  agents: {path: teams.desk.headcount.constant, values: [1, 1]}\n"
        + "  volume: {path: demand.sources.calls.volume, values: 40/h..60/h}\n",
    )
    text = "\n".join(found)
    assert "study.yaml:4:3: factors.\"teams..x\": 'teams..x' is not a path of keys" in text
    assert "study.yaml:5:12: factors.horizon: '5 min' is one value, not several; write e.g. 10..20" in text
    assert "factors.agents: has the level 1 twice; write each once" in text
    assert "study.yaml:7:55: factors.volume.values: '40/h..60/h' needs a step" in text and len(found) == 4


def test_conditions_name_factors_and_levels(folder: Path) -> None:
    found = faults(
        folder,
        HEAD + "factors:\n  horizon: [10 min, 15 min]\nleave_out:\n  - {horizn: 10 min}\n  - {horizon: 20 min}\n",
    )
    assert found == [
        "study.yaml:6:14: leave_out[0].horizn: there is no factor 'horizn'; did you mean horizon?; write one of: scenario, horizon",
        "study.yaml:7:15: leave_out[1].horizon: no level is meant by 20 min; the levels are: 10 min, 15 min",
    ]
    left = faults(folder, HEAD + "factors:\n  horizon: [10 min]\nleave_out: [{scenario: booth}]\n")
    assert left == ["study.yaml:5:1: leave_out: leaves out every combination; write fewer conditions"]


def test_scenarios_that_are_not_there(folder: Path) -> None:
    found = faults(folder, "name: tiny\nscenarios:\n  a: boooth.yaml\n  b: {extends: booth.yaml, set: {horizon: 7}}\n")
    assert found[0].startswith("study.yaml:3:6: scenarios.a: boooth.yaml: there is no such file")
    found = faults(folder, "name: tiny\nscenarios:\n  b: {extends: booth.yaml, set: {horizon: 7}}\n")
    assert found == ["study.yaml:3:43: horizon: '7' has no unit; write e.g. 7 min"]
    assert "two scenarios are called booth" in faults(folder, "name: t\nscenarios: [booth.yaml, booth.yaml]\n")[0]


def test_a_fault_of_some_combinations_is_said_once(folder: Path) -> None:
    found = faults(
        folder,
        HEAD + "factors:\n  horizon: [10 min, 0 min, 20 min]\n  teams.desk.headcount.constant: [1, 2]\n",
    )
    assert len(found) == 1 and found[0].startswith("study.yaml:4:21: horizon: ")
    assert found[0].endswith("(with scenario=booth, horizon=0 min, teams.desk.headcount.constant=1 and 1 more)")


def test_metrics_that_no_scenario_has(folder: Path) -> None:
    found = faults(folder, HEAD + "metrics: [asa, containment]\nby: bot\n")
    assert [line.split(": ")[1] for line in found] == ["metrics[1]", "by"]
    assert "no scenario of the study has data for containment" in found[0]


def test_a_dictionary_is_told_its_paths(folder: Path) -> None:
    with pytest.raises(InputError, match=r"<dict>: replicatons: unknown key"):
        plan_of(study_on(folder / "booth.yaml", replicatons=3))


def test_too_many_runs_are_refused_at_once(folder: Path) -> None:
    found = faults(folder, HEAD + "factors:\n  teams.desk.headcount.constant: 1..6\nreplications: 1000000\n")
    assert found == [
        "study.yaml:3:1: factors: asks for 6,000,000 runs; write fewer levels or replications (at most 5,000,000 runs)"
    ]


# -- shipped ----------------------------------------------------------------------------------------


def test_studies_are_no_scenarios() -> None:
    assert shipped_studies() and not [name for name in shipped() if "studies" in name]
    assert all(is_study(path) for path in shipped_studies().values()) and not is_study("baseline")


def test_the_shipped_schema_of_studies_is_up_to_date() -> None:
    """If this fails: supportsim schema --study --out scenarios/studies/schema.json"""
    assert json.loads((SHIPPED / "studies" / "schema.json").read_text(encoding="utf-8")) == study_schema()


@pytest.mark.parametrize("path", shipped_studies().values(), ids=shipped_studies().keys())
def test_every_shipped_study_is_fit_to_run(path: Path) -> None:
    plan = plan_of(path)
    assert plan.file.name == path.stem and plan.file.description and plan.points


@pytest.mark.parametrize("path", shipped_studies().values(), ids=shipped_studies().keys())
def test_every_shipped_study_follows_the_schema(path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    checker = jsonschema.Draft7Validator(study_schema())
    assert not list(checker.iter_errors(plain(read(path))))
    assert list(checker.iter_errors({"name": "x", "scenarios": []}))
