"""`--set a.b.c=value`: overrides as one more layer over the files."""

from __future__ import annotations

import numbers
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from simulation.errors import InputError
from simulation.scenario.marks import Finding, Mark, dotted, refusal, split_path
from simulation.scenario.reader import parse
from simulation.scenario.tree import DEEPEST, Tree, height, with_absolute_files

_EXAMPLE = "teams.front.shifts.day.headcount=12"
_SETTING = re.compile(r'((?:[^="]|"(?:[^"\\]|\\.)*")*)=(.*)', re.DOTALL)


def parse_set(text: str) -> tuple[str, str]:
    """Split `a.b.c=value` into the dotted path and the YAML text of the value; InputError when malformed."""
    match = _SETTING.fullmatch(text)
    if not match:
        raise _malformed(text, f"has no '='; write e.g. {_EXAMPLE}")
    path, value = match[1].strip(), match[2].strip()
    try:
        key = dotted(split_path(path))
    except ValueError as fault:
        raise _malformed(text, str(fault)) from None
    if not value:
        raise _malformed(text, f"has no value; write e.g. {key}=12, or {key}=~ to remove the key")
    return path, value


def _malformed(text: str, what: str) -> InputError:
    return refusal([Finding(Mark(f"--set {text}"), (), what)])


def layers(overrides: Mapping[str, Any]) -> tuple[list[Tree], list[Finding]]:
    """Return one tree for each override, in order, and all that is wrong with any of them.

    A text value is read as YAML 1.2, any other value is taken as it is. Data files named in an
    override are relative to the current folder.
    """
    trees, findings = [], []
    for path, value in overrides.items():
        tree, faults = _layer(path, value)
        findings += faults
        if tree is not None:
            trees.append(tree)
    return trees, findings


def _layer(path: str, value: Any) -> tuple[Tree | None, list[Finding]]:
    try:
        keys = split_path(path)
    except ValueError as fault:
        return None, [Finding(Mark(f"--set {path}"), (), str(fault))]
    mark = Mark(f"--set {dotted(keys)}")
    tree, findings = _value_tree(value, mark)
    if findings:
        return None, [replace(found, path=found.path and (*keys, *found.path)) for found in findings]
    if height(tree) + len(keys) > DEEPEST:
        return None, [_too_deep(mark)]
    for key in reversed(keys):
        tree = Tree({key: tree}, mark, mark)
    return with_absolute_files(tree, os.getcwd()), []


def _too_deep(mark: Mark) -> Finding:
    return Finding(mark, (), f"nested more than {DEEPEST} levels deep; write it flatter")


def _value_tree(value: Any, mark: Mark) -> tuple[Tree, list[Finding]]:
    nothing = Tree(None, mark, mark)
    if isinstance(value, str):
        tree, findings = parse(value, lambda _line, _column: mark)
        return tree or nothing, findings
    try:
        return _from_python(value, mark, DEEPEST), []
    except _TooDeep:
        return nothing, [_too_deep(mark)]


def from_python(data: Any, mark: Mark) -> Tree:
    """Return plain data, which must not be too deep, as a tree whose entries all stand at one mark."""
    return _from_python(data, mark, DEEPEST)


class _TooDeep(Exception):
    """A value from Python is nested too deeply, or contains itself."""


def _from_python(value: Any, mark: Mark, levels: int) -> Tree:
    if levels < 0:
        raise _TooDeep
    if isinstance(value, Mapping):
        entries = {str(key): _from_python(item, mark, levels - 1) for key, item in value.items()}
        return Tree(entries, mark, mark)
    if isinstance(value, list | tuple):
        return Tree([_from_python(item, mark, levels - 1) for item in value], mark, mark)
    return Tree(_python_scalar(value), mark, mark)


def _python_scalar(value: Any) -> Any:
    """Return the built-in equal of a NumPy number or a path, else the value itself."""
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return float(value)
    return os.fspath(value) if isinstance(value, os.PathLike) else value
