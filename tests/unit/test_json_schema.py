"""The JSON Schema for editors: up to date, true of every shipped file, fair to files that extend others."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from simulation.experiments.load import SHIPPED, shipped
from simulation.scenario.json_schema import scenario_schema, schema_text
from simulation.scenario.load import read
from simulation.scenario.tree import plain

SCHEMA = json.loads(schema_text())
WHOLE = plain(read(shipped()["baseline"]))


def faults(data: Any) -> list[str]:
    """Where a validator would put a red line, as an editor does."""
    jsonschema = pytest.importorskip("jsonschema")
    found = jsonschema.Draft7Validator(SCHEMA).iter_errors(data)
    return sorted("/".join(map(str, fault.absolute_path)) for fault in found)


def test_the_shipped_schema_is_up_to_date() -> None:
    """If this fails: supportsim schema --out scenarios/schema.json"""
    assert json.loads((SHIPPED / "schema.json").read_text(encoding="utf-8")) == scenario_schema()


def test_every_reference_has_its_definition_and_every_definition_its_use() -> None:
    used = set(re.findall(r'"#/definitions/(\w+)"', schema_text()))
    assert used == set(SCHEMA["definitions"])


def test_it_is_a_schema() -> None:
    pytest.importorskip("jsonschema").Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", shipped().values(), ids=shipped().keys())
def test_every_shipped_file_is_valid(path: Path) -> None:
    assert faults(plain(read(path))) == []


def test_a_whole_file_needs_its_parts() -> None:
    assert faults({"name": "x"}) == [""] * 6
    without_days = json.loads(json.dumps(WHOLE))
    name, team = next((name, team) for name, team in without_days["teams"].items() if "shifts" in team)
    shift = next(iter(team["shifts"]))
    del team["shifts"][shift]["days"]
    assert faults(without_days) == [f"teams/{name}/shifts/{shift}"]


@pytest.mark.parametrize("extends", ["baseline.yaml", ["a.yaml", "b.yaml"]])
def test_a_change_may_leave_out_and_remove_at_every_level(extends: Any) -> None:
    change = {
        "extends": extends,
        "teams": {"phone": {"shifts": {"early": {"headcount": 7}}}, "chat": None},
        "channels": {"phone": {"patience": {"exponential": {"mean": "3 min"}}, "mode": None}},
        "demand": {"events": {"failure": {"starts": "2026-03-04 10:00"}}},
        "targets": {"old": None},
    }
    assert faults(change) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("horizon", 5),
        ("horizon", "5"),
        ("targts", {}),
        ("seed", -1),
        ("calendar", {"start": "tomorrow"}),
        ("teams", {"phone": {"headcont": 3}}),
        ("channels", {"phone": {"mode": "alive"}}),
        ("demand", {"events": {"failure": {"starts": "10:00"}}}),
        ("extends", []),
    ],
)
def test_a_slip_is_seen_in_a_change_as_well(path: str, value: Any) -> None:
    change = {"extends": "baseline.yaml", path: value}
    if path == "calendar":
        pytest.skip("a date's format is for the editor to check")
    assert faults(change) != []


def test_there_are_no_defaults_in_internal_units() -> None:
    assert '"default"' not in schema_text()


def test_every_key_of_the_model_is_there_with_a_description_where_it_has_one() -> None:
    from simulation.scenario.schema import Scenario

    part = SCHEMA["definitions"]["Scenario"]["properties"]
    assert set(part) == {"extends", *Scenario.model_fields}
    assert part["horizon"]["description"] == Scenario.model_fields["horizon"].description
