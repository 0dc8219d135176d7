"""From a scenario file to a validated model: read, extend, override, validate, all problems at once.

The machinery knows nothing of what a scenario says; the model class, the cross-checks and the names of kinds
that exclude each other come from the caller.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from simulation.scenario.explain import findings_of
from simulation.scenario.extends import Family, Unreadable, read_file
from simulation.scenario.marks import Finding, Mark, Marks, Path, refusal
from simulation.scenario.merge import merge
from simulation.scenario.overrides import from_python, layers, parse_set
from simulation.scenario.tree import Tree, marks_of, plain

__all__ = ["Check", "Marks", "Tree", "load", "load_tree", "parse_set", "read", "validate"]

Model = TypeVar("Model", bound=BaseModel)
Check = Callable[[Model], Iterable[tuple[Path, str]]]
"""Looks at a valid model for what spans several entries; yields (path, what is wrong and what to write)."""


def read(path: str | os.PathLike[str]) -> Tree:
    """Return one YAML file as a tree with marks, without what it extends; InputError says what is wrong."""
    name = os.fspath(path)
    try:
        tree, findings = read_file(name)
    except Unreadable as fault:
        tree, findings = None, [Finding(Mark(name), (), str(fault))]
    if tree is None:
        raise refusal(findings)
    return tree


def load_tree(
    path: str | os.PathLike[str],
    overrides: Mapping[str, Any] | None = None,
    kinds: frozenset[str] = frozenset(),
    elsewhere: Callable[[str], str | None] = lambda name: None,
    over: Sequence[str | os.PathLike[str]] = (),
    family: Family | None = None,
) -> tuple[dict[str, Any], Marks]:
    """Return the data of a scenario file with its bases, files laid `over` it and overrides merged, and where each entry stands.

    `overrides` maps dotted paths to YAML text or to values; later ones win. `kinds` names the keys that
    exclude each other, see `merge`; `elsewhere` finds bases known by name. A `family` that has read files
    before does not read them again. InputError holds everything that is wrong with any file or override.
    """
    name = os.fspath(path)
    family = family or Family(kinds, elsewhere)
    tree = family.read(name, *(os.fspath(layer) for layer in over))
    above, findings = layers(overrides or {})
    if tree is None or family.findings or findings:
        raise refusal([*family.findings, *findings])
    merged = reduce(lambda base, layer: merge(base, layer, kinds), above, tree)
    return plain(merged), marks_of(merged, Mark(name, 1, 1))


def change(
    data: Mapping[str, Any], overrides: Mapping[str, Any], kinds: frozenset[str] = frozenset(), label: str = "<dict>"
) -> tuple[dict[str, Any], Marks]:
    """Return plain data with overrides merged into it as into a file (see `load_tree`), and where each entry stands."""
    above, findings = layers(overrides)
    if findings:
        raise refusal(findings)
    merged = reduce(lambda base, layer: merge(base, layer, kinds), above, from_python(data, Mark(label)))
    return plain(merged), marks_of(merged, Mark(label))


def validate(
    data: Mapping[str, Any],
    model: type[Model],
    marks: Marks | None = None,
    check: Check[Model] | None = None,
    label: str = "<dict>",
) -> Model:
    """Return `data` as a `model`; InputError with every problem at its mark, or at `label` without marks.

    `check` is asked only about a valid model, as it could not rely on anything else.
    """
    marks = marks or Marks(Mark(label), {})
    try:
        valid = model.model_validate(data)
    except ValidationError as error:
        raise refusal(findings_of(error, data, model, marks)) from None
    findings = [Finding(marks.value(path), tuple(path), what) for path, what in (check(valid) if check else ())]
    if findings:
        raise refusal(findings)
    return valid


def load(
    path: str | os.PathLike[str],
    model: type[Model],
    overrides: Mapping[str, Any] | None = None,
    kinds: frozenset[str] = frozenset(),
    check: Check[Model] | None = None,
    elsewhere: Callable[[str], str | None] = lambda name: None,
    over: Sequence[str | os.PathLike[str]] = (),
    family: Family | None = None,
) -> Model:
    """Return the scenario file at `path` as a `model`: `load_tree`, then `validate`, with their errors."""
    data, marks = load_tree(path, overrides, kinds, elsewhere, over, family)
    return validate(data, model, marks, check)
