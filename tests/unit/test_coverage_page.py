"""docs/coverage.md names only what exists, and everything that it should.

A row: `| 9 self-service | keys | equation | tests | what-if |`; names stand in backticks.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from simulation.center import rules
from simulation.metrics import KPIS
from simulation.scenario.json_schema import schema_text

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
THINGS = set(range(1, 37))
NAMED = re.compile(r"`([^`]+)`")
NOT_YET = re.compile(r"^Not there yet: ([\d, ]+)\.$", re.MULTILINE)
SCHEMA = json.loads(schema_text())["definitions"]


class Row(NamedTuple):
    """A thing: its number, and its cells."""

    number: int
    keys: str
    equation: str
    tests: str
    whatif: str


def rows(page: str) -> Iterator[Row]:
    """The rows of all tables of the page."""
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and cells[0] != "thing" and not set(cells[0]) <= {"-"}:
            assert len(cells) == 5, line
            yield Row(int(cells[0].split()[0]), *cells[1:])


ROWS = list(rows(PAGE))


def names(cell: str) -> list[str]:
    """What stands in backticks."""
    return NAMED.findall(cell)


def is_key(path: str) -> bool:
    """Whether a scenario may have something at a path; `*` is any name."""
    found = [SCHEMA["Scenario"]]
    for step in path.split("."):
        found = [inner for part in found for inner in inside(part, step)]
    return bool(found)


def inside(schema: dict[str, Any], step: str) -> Iterator[dict[str, Any]]:
    """The schemas of what an entry of some schema may hold under a key."""
    if "$ref" in schema:
        yield from inside(SCHEMA[schema["$ref"].rpartition("/")[2]], step)
    for choice in schema.get("anyOf", ()):
        yield from inside(choice, step)
    if step in schema.get("properties", {}):
        yield schema["properties"][step]
        return
    rest = [schema.get("additionalProperties"), *schema.get("patternProperties", {}).values()]
    yield from (one for one in rest if isinstance(one, dict))


def is_equation(name: str) -> bool:
    """Whether it is a rule, a KPI, or a module or function of the package."""
    if "." not in name:
        return name in KPIS or getattr(getattr(rules, name, None), "__module__", "") == rules.__name__
    try:
        import_module(f"simulation.{name}")
    except ModuleNotFoundError:
        module, _, function = name.rpartition(".")
        try:
            return callable(getattr(import_module(f"simulation.{module}"), function, None))
        except ModuleNotFoundError:
            return False
    return True


def is_test(name: str) -> bool:
    """Whether tests/ has the file, and the file the function."""
    file, _, function = name.partition("::")
    return (ROOT / "tests" / file).is_file() and (not function or function in functions(file))


@cache
def functions(file: str) -> frozenset[str]:
    """The tests of a file."""
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def is_whatif(name: str) -> bool:
    """Whether it is a shipped what-if."""
    return (ROOT / "scenarios" / "whatif" / f"{name}.yaml").is_file()


def missing(row: Row) -> list[str]:
    """What a row names that does not exist, and what it should name and does not."""
    checks = ((row.keys, is_key), (row.equation, is_equation), (row.tests, is_test), (row.whatif, is_whatif))
    lacking = [name for cell, exists in checks for name in names(cell) if not exists(name)]
    lacking += [f"no {what}" for cell, what in ((row.keys, "keys"), (row.tests, "tests")) if not names(cell)]
    if not names(row.equation) and "assumption" not in row.equation:
        lacking.append("neither an equation nor the word assumption")
    return lacking


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.number}: {row.keys[:40]}" for row in ROWS])
def test_a_row_names_only_what_exists(row: Row) -> None:
    assert missing(row) == []


def test_every_thing_is_in_a_table_or_said_to_be_missing() -> None:
    there, told = {row.number for row in ROWS}, NOT_YET.search(PAGE)
    absent = {int(number) for number in told[1].split(",")} if told else set()
    assert there | absent == THINGS
    assert not there & absent, "these are there: take them off the list of what is not"


def test_every_whatif_stands_in_a_row() -> None:
    shipped = {path.stem for path in (ROOT / "scenarios" / "whatif").glob("*.yaml")}
    assert shipped <= {name for row in ROWS for name in names(row.whatif)}


def test_every_rule_stands_in_a_row() -> None:
    made = {
        name
        for name, rule in vars(rules).items()
        if getattr(rule, "__module__", "") == rules.__name__ and callable(rule)
    }
    told = {name for row in ROWS for name in names(row.equation)}
    assert {name for name in made if not name.startswith("_")} - told == set()


@pytest.mark.parametrize(
    ("line", "lack"),
    [
        ("| 1 x | `channels.*.nothing` | assumption | `unit/test_docs.py` | – |", "channels.*.nothing"),
        ("| 1 x | `channels.phone` | `no_rule` | `unit/test_docs.py` | – |", "no_rule"),
        ("| 1 x | `channels.phone` | `theory.erlang.no_formula` | `unit/test_docs.py` | – |", "theory.erlang.no_formula"),
        ("| 1 x | `channels.phone` | `Any` | `unit/test_docs.py` | – |", "Any"),
        ("| 1 x | `channels.phone` | – | `unit/test_docs.py` | – |", "neither an equation nor the word assumption"),
        ("| 1 x | `channels.phone` | assumption | `unit/test_none.py` | – |", "unit/test_none.py"),
        ("| 1 x | `channels.phone` | assumption | `unit/test_docs.py::test_none` | – |", "unit/test_docs.py::test_none"),
        ("| 1 x | `channels.phone` | assumption | – | – |", "no tests"),
        ("| 1 x | – | assumption | `unit/test_docs.py` | – |", "no keys"),
        ("| 1 x | `channels.phone` | assumption | `unit/test_docs.py` | `nothing` |", "nothing"),
    ],
)  # fmt: skip
def test_what_does_not_exist_is_found(line: str, lack: str) -> None:
    (row,) = rows(line)
    assert missing(row) == [lack]


@pytest.mark.parametrize("path", ["name", "channels.phone.redial.after.lognormal.mean", "topics.*.reach", "targets.*"])
def test_a_key_is_found_through_names_choices_and_parts(path: str) -> None:
    assert is_key(path)
    assert not is_key(f"{path}.more.and.more")
