"""Pydantic's errors in plain words: what is wrong and what to write."""

from __future__ import annotations

import math
import re
from typing import Any

from pydantic import BaseModel

from simulation.scenario.hints import description_at, example_at, keys_at
from simulation.scenario.marks import Path
from simulation.scenario.wording import as_yaml, did_you_mean, listed
from simulation.units import shown

_EXPECTED: dict[str, tuple[str, Any]] = {
    "int": ("a whole number", 12),
    "float": ("a number", 1.5),
    "decimal": ("a number", 1.5),
    "bool": ("true or false", None),
    "string": ("text", None),
    "list": ("a list", "[a, b]"),
    "tuple": ("a list", "[a, b]"),
    "set": ("a list", "[a, b]"),
    "frozen_set": ("a list", "[a, b]"),
    "iterable": ("a list", "[a, b]"),
    "dict": ("a mapping of keys", "key: value"),
    "mapping": ("a mapping of keys", "key: value"),
    "model": ("a mapping of keys", "key: value"),
    "model_attributes": ("a mapping of keys", "key: value"),
    "dataclass": ("a mapping of keys", "key: value"),
    "none": ("empty", "~"),
    "date": ("a date", "2025-03-31"),
    "datetime": ("a date and time", "2025-03-31 09:30"),
    "time": ("a time of day", "09:30"),
    "path": ("a file name", "data.csv"),
}
_TYPE_ERROR = re.compile(
    rf"({'|'.join(sorted(_EXPECTED, key=len, reverse=True))})"
    r"_(?:type|parsing|parsing_size|from_float|required|exact_type|from_date_parsing|from_datetime_parsing"
    r"|from_datetime_inexact|max_digits|max_places|whole_digits)"
)
_BOUNDS = {"greater_than": "more than", "greater_than_equal": "at least", "less_than": "less than"} | {
    "less_than_equal": "at most",
    "multiple_of": "a multiple of",
}
_LENGTHS = {
    "too_short": "must have at least {min_length} entries, not {actual_length}",
    "too_long": "must have at most {max_length} entries, not {actual_length}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "recursion_loop": "contains itself; write the values out",
    "recursion_depth_exceeded": "is nested too deeply; write it flatter",
    "string_unicode": "holds half a character (a lone surrogate); write the whole one",
}


_CHOICE = re.compile(r"'((?:[^'\\]|\\.)*)'|(\b(?!or\b)[^\s,']+)")


def phrase(error: Any, path: Path, data: Any, model: type[BaseModel]) -> str:
    """Return what is wrong at `path` of `data`, and what to write; `error` is one of pydantic's."""
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    if kind == "missing":
        return _missing_words(path, model)
    if kind == "extra_forbidden":
        return _unknown_key_words(path, data, model)
    if kind in ("value_error", "assertion_error"):
        return " ".join(str(context["error"]).splitlines()) or "is not allowed"
    if kind in ("literal_error", "enum", "union_tag_invalid", "union_tag_not_found"):
        return _choice_words(kind, context, value, path, data, model)
    if kind == "string_pattern_mismatch":
        return _form_words(context, value, path, model)
    return _number_words(kind, context, value) or _type_words(kind, value, path, model) or _other_words(error)


def _missing_words(path: Path, model: type[BaseModel]) -> str:
    if isinstance(path[-1], int):
        return "an entry is missing"
    example = example_at(model, path)
    cure = f"; write e.g. {path[-1]}: {as_yaml(example)}" if example is not None else ""
    return f"is missing{cure}"


def _unknown_key_words(path: Path, data: Any, model: type[BaseModel]) -> str:
    keys = keys_beside(path, data, model)
    valid = f" (valid keys: {listed(keys)})" if keys else ""
    return f"unknown key{did_you_mean(str(path[-1]), keys)}{valid}"


def _choice_words(kind: str, context: Any, value: Any, path: Path, data: Any, model: type[BaseModel]) -> str:
    if kind == "union_tag_not_found":
        return f"fits none of the kinds{_kinds(path, value, model)}"
    if kind == "union_tag_invalid":
        expected, value = context["expected_tags"], context["tag"]
    else:
        expected = context["expected"]
    choices = _choices(expected)
    one_of = "one of " if len(choices) > 1 else ""
    return f"must be {one_of}{listed(choices)}, not {shown(value)}{did_you_mean(str(value), choices)}"


def _kinds(path: Path, value: Any, model: type[BaseModel]) -> str:
    keys = keys_at(model, path, value)
    return f"; its keys may be {listed(keys)}" if keys else ""


def _choices(expected: str) -> list[str]:
    """Return the choices in pydantic's "'a', 'b' or 3"."""
    return [quoted or bare for quoted, bare in _CHOICE.findall(expected)]


def _form_words(context: Any, value: Any, path: Path, model: type[BaseModel]) -> str:
    told = description_at(model, path)
    return f"{shown(value)} is not of the right form; wanted: {told or context['pattern']}"


def _number_words(kind: str, context: Any, value: Any) -> str | None:
    not_finite = isinstance(value, float) and not math.isfinite(value)
    if kind == "finite_number" or (kind in _BOUNDS and not_finite):
        return f"must be a finite number, not {shown(value)}"
    if kind in _BOUNDS:
        return f"must be {_BOUNDS[kind]} {next(iter(context.values()))}, not {shown(value)}"
    return None


def _type_words(kind: str, value: Any, path: Path, model: type[BaseModel]) -> str | None:
    match = _TYPE_ERROR.fullmatch(kind)
    if not match:
        return None
    expected, usual = _EXPECTED[match[1]]
    if match[1] == "string" and isinstance(value, int | float):
        return f"must be text, not {shown(value)}; write it in quotes"
    own = example_at(model, path)
    example = usual if own is None else own
    cure = f"; write e.g. {as_yaml(example)}" if example is not None else ""
    return f"must be {expected}, not {shown(value)}{cure}"


def _other_words(error: Any) -> str:
    if error["type"] in _LENGTHS:
        return _LENGTHS[error["type"]].format(**error.get("ctx", {}))
    words = str(error["msg"]).replace("Input should be", "must be")
    return f"{words[:1].lower()}{words[1:]}, not {shown(error['input'])}"


def keys_beside(path: Path, data: Any, model: type[BaseModel]) -> list[str]:
    """Return the keys that the mapping around `path` may have."""
    around: Any = data
    for step in path[:-1]:
        around = around[step]
    return keys_at(model, path[:-1], around)
