"""Pydantic's errors as findings: at their mark, in plain words, one for each mistake of the user."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from pydantic import BaseModel, ValidationError

from simulation.scenario.hints import keys_at
from simulation.scenario.marks import Finding, Marks, Path
from simulation.scenario.phrases import keys_beside, phrase
from simulation.scenario.wording import listed
from simulation.units import nearest

_KEY = "[key]"
_MOST_ALIGNMENTS = 64


@dataclass(frozen=True, slots=True)
class _Fault:
    """One error of pydantic: where in the data, and which choice (label) of which unions it belongs to."""

    path: Path
    choices: tuple[tuple[Path, str], ...]
    type: str
    what: str
    at_key: bool


def findings_of(error: ValidationError, data: Any, model: type[BaseModel], marks: Marks) -> list[Finding]:
    """Return what is wrong with `data`, which `model` refused with `error`.

    Of a union only the choice that fits best speaks; a misspelt key is not also reported as missing.
    """
    faults = [_fault(item, data, model) for item in error.errors(include_url=False)]
    told = _without_misspelt(_folded(faults, 0), data, model)
    return [_finding(fault, data, model, marks) for fault in told]


def _finding(fault: _Fault, data: Any, model: type[BaseModel], marks: Marks) -> Finding:
    mark = marks.key(fault.path) if fault.at_key else marks.value(fault.path)
    return Finding(mark, fault.path, fault.what + _other_entry(fault, data, model, marks))


# Where in the data an error stands


def _fault(error: Any, data: Any, model: type[BaseModel]) -> _Fault:
    loc: tuple[Any, ...] = error["loc"]
    is_key = loc[-1:] == (_KEY,) and error["input"] == loc[-2]
    is_missing = error["type"] == "missing"
    path, choices = _aligned(data, loc[:-1] if is_key or is_missing else loc, error["input"])
    if is_missing:
        path = (*path, loc[-1])
    at_key = is_key or is_missing or error["type"] == "extra_forbidden"
    return _Fault(path, choices, error["type"], phrase(error, path, data, model), at_key)


Alignment = tuple[Path, tuple[tuple[Path, str], ...]]


def _aligned(data: Any, loc: tuple[Any, ...], found: Any) -> Alignment:
    """Split pydantic's location into the path in `data` and the labels of unions passed on the way.

    A label may be a key as well; then the way that leads to the very value that was refused is right.
    """
    ways = list(islice(_alignments(data, loc, ((), ())), _MOST_ALIGNMENTS))
    return next((way for way in ways if _get(data, way[0]) is found), ways[0])


def _alignments(data: Any, loc: tuple[Any, ...], way: Alignment) -> Iterator[Alignment]:
    if not loc:
        yield way
        return
    (path, choices), step = way, loc[0]
    if _has(data, step):
        yield from _alignments(data[step], loc[1:], ((*path, step), choices))
    yield from _alignments(data, loc[1:], (path, (*choices, (path, str(step)))))


def _has(data: Any, step: Any) -> bool:
    if isinstance(data, dict):
        return step in data
    return isinstance(data, list | tuple) and isinstance(step, int) and step < len(data)


def _get(data: Any, path: Path) -> Any:
    for step in path:
        if not _has(data, step):
            return None
        data = data[step]
    return data


# One mistake, one finding


def _folded(faults: Sequence[_Fault], level: int) -> list[_Fault]:
    """Return the faults with each union, from the `level`th on the way, spoken for by its best choices."""
    folded = [fault for fault in faults if len(fault.choices) <= level]
    deeper = [fault for fault in faults if len(fault.choices) > level]
    for union, members in _grouped(deeper, lambda fault: fault.choices[level][0]):
        choices = [_folded(list(group), level + 1) for _, group in _grouped(members, _label(level))]
        folded += _best_choice(union, choices)
    return folded


def _label(level: int) -> Callable[[_Fault], Any]:
    return lambda fault: fault.choices[level][1]


def _grouped(faults: Iterable[_Fault], key: Callable[[_Fault], Any]) -> list[tuple[Any, list[_Fault]]]:
    groups: dict[Any, list[_Fault]] = {}
    for fault in faults:
        groups.setdefault(key(fault), []).append(fault)
    return list(groups.items())


def _best_choice(union: Path, choices: list[list[_Fault]]) -> list[_Fault]:
    best = min(_misfit(union, faults) for faults in choices)
    tied = [faults for faults in choices if _misfit(union, faults) == best]
    if len(tied) == 1:
        return tied[0]
    every = [fault for faults in tied for fault in faults]
    others = [fault for fault in every if not _is_missing_from(union, fault)]
    return _joined(others) if others else [_one_of_missing(union, every)]


def _misfit(union: Path, faults: list[_Fault]) -> tuple[bool, int, int]:
    """Return how badly a choice fits: the wrong type altogether, keys astray, number of faults."""
    astray = sum(fault.path[:-1] == union and fault.type in ("missing", "extra_forbidden") for fault in faults)
    return any(fault.path == union for fault in faults), astray, len(faults)


def _is_missing_from(union: Path, fault: _Fault) -> bool:
    return fault.type == "missing" and fault.path[:-1] == union


def _joined(faults: list[_Fault]) -> list[_Fault]:
    joined = []
    for _, group in _grouped(faults, lambda fault: fault.path):
        words = dict.fromkeys(fault.what for fault in group)
        joined.append(replace(group[0], what=", or: ".join(words)))
    return joined


def _one_of_missing(union: Path, faults: list[_Fault]) -> _Fault:
    keys = dict.fromkeys(str(fault.path[-1]) for fault in faults)
    if len(keys) == 1:
        return faults[0]
    return replace(faults[0], path=union, what=f"one of the keys {listed(list(keys))} is missing")


def _without_misspelt(faults: list[_Fault], data: Any, model: type[BaseModel]) -> list[_Fault]:
    meant = {
        (*fault.path[:-1], nearest(str(fault.path[-1]), keys_beside(fault.path, data, model)))
        for fault in faults
        if fault.type == "extra_forbidden"
    }
    return [fault for fault in faults if fault.type != "missing" or fault.path not in meant]


def _other_entry(fault: _Fault, data: Any, model: type[BaseModel], marks: Marks) -> str:
    """Return a hint for an incomplete entry that misspells the name of one that a file below has."""
    entry, collection = fault.path[:-1], fault.path[:-2]
    siblings = _get(data, collection)
    if fault.type != "missing" or not entry or not isinstance(siblings, dict):
        return ""
    if keys_at(model, collection, siblings):
        return ""
    earlier = list(siblings)[: list(siblings).index(entry[-1])]
    below = [key for key in earlier if marks.key((*collection, key)).file != marks.key(entry).file]
    name = nearest(str(entry[-1]), map(str, below))
    return f"; or did you mean {name} instead of {entry[-1]}?" if name else ""
