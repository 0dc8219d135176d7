"""The JSON Schema of scenario files, for editors: what the model says, and what loading adds to it.

A file that `extends` others may leave out what they say and remove a key by null, at every level. So each
part is there twice: as a whole (`Team`) and as a change of one (`TeamChange`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind

from simulation.scenario.schema import Scenario
from simulation.scenario.schema.study import StudyFile
from simulation.units import ClockTime, Days, Duration, Factor, Money, Rate, Share, Wage

Schema = dict[str, Any]
DRAFT = "http://json-schema.org/draft-07/schema#"
DEFINITIONS = "#/definitions/"
UNITS: dict[str, Any] = {
    "duration": Duration, "rate": Rate, "share": Share, "factor": Factor, "clock_time": ClockTime,
    "days": Days, "money": Money, "wage": Wage,
}  # fmt: skip
LOCAL_TIME = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?$"
EXTENDS = {
    "description": "Files that this one changes, relative to it: what is not said here is as they say.",
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
    "examples": ["baseline.yaml"],
}
IN_PLACE = ("type", "pattern", "minimum", "maximum")
"""What a unit's definition says; description and examples stay where the unit is used."""


class _Generator(GenerateJsonSchema):
    """Leaves defaults out: they would be in internal units."""

    ignored_warning_kinds: set[JsonSchemaWarningKind] = {"skipped-choice", "non-serializable-default"}

    def default_schema(self, schema: Any) -> Schema:
        """The schema of a field with a default, without the default."""
        return self.generate_inner(schema["schema"])


def schema_text() -> str:
    """The schema as the text of a file."""
    return json.dumps(scenario_schema(), indent=1, ensure_ascii=False) + "\n"


def scenario_schema() -> Schema:
    """The schema of scenario files."""
    model = Scenario.model_json_schema(schema_generator=_Generator, ref_template=DEFINITIONS + "{model}")
    parts = {name: _tidy(part) for name, part in model.pop("$defs").items()}
    parts["Scenario"] = _with_extends(_tidy(model))
    whole = {name: _units_by_name(part) for name, part in parts.items()}
    inner = {name for name, part in whole.items() if "properties" in part}
    changes = {f"{name}Change": _change(whole[name], inner) for name in inner}
    return {
        "$schema": DRAFT,
        "title": "supportsim scenario",
        "description": "A support center, its demand and what is asked of it.",
        "type": "object",
        "if": {"required": ["extends"]},
        "then": {"$ref": DEFINITIONS + "ScenarioChange"},
        "else": {"$ref": DEFINITIONS + "Scenario"},
        "definitions": {**_unit_schemas(), **dict(sorted({**whole, **changes}.items()))},
    }


def study_schema() -> Schema:
    """The schema of study files."""
    model = StudyFile.model_json_schema(schema_generator=_Generator, ref_template=DEFINITIONS + "{model}")
    parts = {name: _tidy(part) for name, part in model.pop("$defs").items()}
    return {"$schema": DRAFT, **_with_extends(_tidy(model)), "title": "supportsim study", "definitions": parts}


def study_schema_text() -> str:
    """The schema of study files as the text of a file."""
    return json.dumps(study_schema(), indent=1, ensure_ascii=False) + "\n"


def _walk(schema: Any, change: Callable[[Schema], Schema]) -> Any:
    """A copy in which every schema has been changed, the innermost first; property names stay."""
    if isinstance(schema, list):
        return [_walk(item, change) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {
        key: {name: _walk(part, change) for name, part in value.items()}
        if key == "properties"
        else _walk(value, change)
        for key, value in schema.items()
        if key not in ("examples", "enum", "required")
    }
    kept = {key: schema[key] for key in ("examples", "enum", "required") if key in schema}
    return change({**inner, **kept})


def _tidy(schema: Schema) -> Schema:
    """Without titles (they only repeat names), and with times as scenarios write them."""

    def tidied(part: Schema) -> Schema:
        kept = {key: value for key, value in part.items() if not (key == "title" and isinstance(value, str))}
        if kept.get("format") == "date-time":
            del kept["format"]
            kept["pattern"] = LOCAL_TIME
        return kept

    made: Schema = _walk(schema, tidied)
    return made


def _with_extends(schema: Schema) -> Schema:
    return {**schema, "properties": {"extends": EXTENDS, **schema["properties"]}}


def _unit_schemas() -> dict[str, Schema]:
    """Each unit as one text; several days may be a list of such."""
    found = {name: TypeAdapter(unit).json_schema() for name, unit in UNITS.items()}
    return {name: schema["anyOf"][0] if "anyOf" in schema else schema for name, schema in found.items()}


def _units_by_name(schema: Schema) -> Schema:
    """With references to the units instead of their long patterns."""
    names = {unit["pattern"]: name for name, unit in _unit_schemas().items()}

    def named(part: Schema) -> Schema:
        unit = names.get(part.get("pattern", ""))
        rest = {key: value for key, value in part.items() if key not in IN_PLACE}
        return part if unit is None else {"$ref": DEFINITIONS + unit, **rest}

    made: Schema = _walk(schema, named)
    return made


def _change(schema: Schema, inner: set[str]) -> Schema:
    """A part of an extending file: nothing is required, keys may be null, `inner` parts are changes too."""

    def changed(part: Schema) -> Schema:
        made = {key: value for key, value in part.items() if key != "required"}
        if "properties" in made:
            made["properties"] = {name: _or_null(value) for name, value in made["properties"].items()}
        if isinstance(made.get("additionalProperties"), dict):
            made["additionalProperties"] = _or_null(made["additionalProperties"])
        if made.get("$ref", "").removeprefix(DEFINITIONS) in inner:
            made["$ref"] += "Change"
        return made

    made: Schema = _walk(schema, changed)
    return made


def _or_null(schema: Schema) -> Schema:
    said: Schema = {key: schema[key] for key in ("description", "examples") if key in schema}
    rest = {key: value for key, value in schema.items() if key not in said}
    choices = rest.pop("anyOf") if set(rest) == {"anyOf"} else [rest]
    null = {"type": "null"}
    return {**said, "anyOf": [*choices, *([] if null in choices else [null])]}
