"""What a model would have accepted at a path, looked up in its JSON Schema: keys and examples."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic.errors import PydanticUserError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind

from simulation.scenario.marks import Path

Schema = dict[str, Any]

_BY_TYPE: dict[str, tuple[Any, ...]] = {"integer": (12, 1), "number": (1.5, 0.5), "boolean": (True,)}


class _Silent(GenerateJsonSchema):
    ignored_warning_kinds: set[JsonSchemaWarningKind] = {"skipped-choice", "non-serializable-default"}


@lru_cache(maxsize=8)
def _schema(model: type[BaseModel]) -> Schema:
    try:
        return model.model_json_schema(schema_generator=_Silent)
    except PydanticUserError:  # a model with a type that JSON Schema cannot tell: then there are no hints
        return {}


def keys_at(model: type[BaseModel], path: Path, found: Any) -> list[str]:
    """Return the keys that a mapping at `path` may have; `found` is what stands there.

    Where several kinds of mapping may stand, only those are asked that have most in common with `found`.
    """
    choices = [schema["properties"] for schema in _at(model, path) if "properties" in schema]
    likeness = [_likeness(properties, found if isinstance(found, dict) else {}) for properties in choices]
    alike = [keys for keys, shared in zip(choices, likeness, strict=True) if shared == max(likeness)]
    return list(dict.fromkeys(key for keys in alike for key in keys))


def _likeness(properties: Schema, found: dict[str, Any]) -> int:
    shared = [key for key in properties if key in found]
    differs = any(found[key] != properties[key].get("const", found[key]) for key in shared)
    return -1 if differs else len(shared)


def example_at(model: type[BaseModel], path: Path) -> Any:
    """Return a value that could stand at `path`, or None when there is no short one."""
    schemas = list(_at(model, path))
    return next((example for schema in schemas for example in _examples(schema)), None)


def description_at(model: type[BaseModel], path: Path) -> str | None:
    """Return the first description, on one line, of what stands at `path`, or None."""
    told = (schema["description"] for schema in _at(model, path) if "description" in schema)
    return next((" ".join(str(text).split()) for text in told), None)


def types_at(model: type[BaseModel], path: Path) -> set[str]:
    """Return the JSON types of values that may stand at `path`; none for a path that the model does not have."""
    told = (schema.get("type", []) for schema in _at(model, path))
    return {one for types in told for one in ([types] if isinstance(types, str) else types)}


def _examples(schema: Schema) -> Iterator[Any]:
    yield from schema.get("examples", [])
    yield from schema.get("enum", [])
    if "const" in schema:
        yield schema["const"]
    if isinstance(schema.get("type"), str):
        yield from (number for number in _BY_TYPE.get(schema["type"], ()) if _is_within(number, schema))


def _is_within(number: float, schema: Schema) -> bool:
    lowest, highest = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    above, below = schema.get("exclusiveMinimum", -math.inf), schema.get("exclusiveMaximum", math.inf)
    return bool(lowest <= number <= highest and above < number < below and "multipleOf" not in schema)


def _at(model: type[BaseModel], path: Path) -> list[Schema]:
    root = _schema(model)
    schemas = list(_alternatives(root, root))
    for step in path:
        below = [child for schema in schemas for child in _below(schema, step)]
        schemas = [end for child in below for end in _alternatives(child, root)]
    return schemas


def _alternatives(schema: Schema, root: Schema) -> Iterator[Schema]:
    """Yield the schema itself and all that it refers to or offers as a choice."""
    yield schema
    if "$ref" in schema:
        yield from _alternatives(root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], root)
    for word in ("anyOf", "oneOf", "allOf"):
        for choice in schema.get(word, []):
            yield from _alternatives(choice, root)


def _below(schema: Schema, step: str | int) -> Iterator[Schema]:
    if isinstance(step, str):
        named = schema.get("properties", {}).get(step)
        others = [schema.get("additionalProperties"), *schema.get("patternProperties", {}).values()]
        found = [named] if named else others
    else:
        fixed = schema.get("prefixItems", [])
        found = fixed[step : step + 1] or [schema.get("items")]
    yield from (below for below in found if isinstance(below, dict))
