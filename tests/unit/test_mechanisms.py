"""Every entry of the schema acts by one mechanism, and every line of the table is of use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from simulation.scenario.mechanisms import _TABLE, ACTS, AUTOMATION, MEANS, SAID_ONLY, WHOLE, mechanism, said_only
from simulation.scenario.schema import Scenario

Path = tuple[str, ...]


def models(kind: Any) -> Iterator[tuple[type[BaseModel], bool]]:
    """The parts of a scenario in a type, and whether they are in a collection."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind, False
    for inner in get_args(kind):
        for model, named in models(inner):
            yield model, named or get_origin(kind) is dict


def paths(model: type[BaseModel], above: Path = ()) -> Iterator[Path]:
    """Every entry that a scenario can have, * for a name; random durations are entries as a whole."""
    for name, field in model.model_fields.items():
        path = (*above, name)
        yield path
        for part, named in models(field.annotation):
            if named:
                yield (*path, "*")
            if not hasattr(part, "kinds"):
                yield from paths(part, (*path, "*") if named else path)


ALL = sorted(set(paths(Scenario)))
ABOVE = {("channels",), ("topics",), ("teams",), ("customers",)}
"""Collections that are never an entry: theirs are."""


def test_there_are_many() -> None:
    assert len(ALL) > 400 and ("teams", "*", "shifts", "*", "headcount") in ALL


def test_every_entry_acts_by_a_mechanism_or_is_only_said() -> None:
    unknown = [".".join(path) for path in ALL if path not in ABOVE and not said_only(path) and mechanism(path) is None]
    assert not unknown, "add these to the table in scenario/mechanisms.py"


def test_a_new_key_is_not_taken_for_an_old_one() -> None:
    assert [mechanism((part, "any", "new_key")) for part in ("teams", "channels", "topics", "customers")] == [None] * 4


def test_no_line_of_the_table_is_idle() -> None:
    known = set(ALL)
    lines = [tuple(one.split(".")) for one in (*" ".join(ACTS).split(), *SAID_ONLY, *WHOLE)]
    assert not [line for line in lines if line not in known]
    assert set(ACTS.values()) == set(MEANS)
    above = [(path, _TABLE.get(path[:-1])) for path in _TABLE]
    assert not [
        path for path, mechanism_above in above if mechanism_above == _TABLE[path] and ".".join(path[:-1]) not in WHOLE
    ]
    assert len(_TABLE) == len(" ".join(ACTS).split()), "an entry stands in two lines"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("demand.sources.shop.volume", "volume"),
        ("topics.delivery.handling.phone", "handling time"),
        ("teams.phone.shifts.early.headcount", "staffed hours"),
        ("teams.phone.skills.calls.priority", "routing"),
        ("teams.phone.skills.calls.handling", "handling time"),
        ("teams.extra", "staffed hours"),
        ("bots.assistant.understanding", "automation"),
        ("channels.chat.bot", "automation"),
        ("channels.chat.patience", "customers"),
        ("teams.phone.wage", "prices"),
        ("topics.delivery.reach.tier1", "skill"),
        ("topics.delivery.reach.assistant", AUTOMATION),
        ("targets.fast", None),
    ],
)
def test_entries_act_as_a_planner_would_say(path: str, expected: str | None) -> None:
    assert mechanism(tuple(path.split(".")), ["assistant"]) == expected
