"""In what two scenarios differ, as changes that a planner would name, and the scenarios in which only some of them are made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import BaseModel

from simulation.errors import InputError, Problem
from simulation.experiments.resolved import content, resolved
from simulation.scenario.marks import dotted, split_path
from simulation.scenario.mechanisms import mechanism, said_only
from simulation.scenario.schema import Scenario
from simulation.units import nearest

Path = tuple[str, ...]
MOST = 12
"""Changes that stand for themselves; of more, those that share the first steps of their paths are taken together."""
TOLD = 3
"""Entries of a change that are told in short."""
APART = ("reach",)
"""Plain maps in which each entry is a change of its own."""


ABSENT: Any = object()
"""What a scenario says where it says nothing."""


class Entry(NamedTuple):
    """An entry in which two scenarios differ: its path, and what each says there (plain data, or ABSENT)."""

    path: Path
    before: Any
    after: Any

    @property
    def texts(self) -> tuple[str, str, str]:
        """Its path, and what stands there before and after, in whole."""
        return dotted(self.path), _spoken(self.before), _spoken(self.after)


@dataclass(frozen=True)
class Change:
    """Entries that change together, under the name that a planner would give them, and by which mechanisms they act."""

    name: str
    entries: tuple[Entry, ...]
    mechanisms: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """What is changed, an entry a line; of many the first few."""
        told = [self._line(entry) for entry in self.entries[:TOLD]]
        more = len(self.entries) - len(told)
        return [*told, f"and {more} more"] if more else told

    def _line(self, entry: Entry) -> str:
        path = dotted(entry.path)
        below = path.removeprefix(f"{self.name}.")
        return (
            f"{_short(entry.before)} → {_short(entry.after)}"
            if path == self.name
            else f"{below}: {_short(entry.before)} → {_short(entry.after)}"
        )


def differing(a: Scenario, b: Scenario) -> list[Entry]:
    """The entries in which what is simulated differs, in the order of the file."""
    whole = [(resolved(one), one.model_dump(mode="json", exclude_none=True)) for one in (a, b)]

    def says(which: int, path: Path) -> Any:
        written, full = (_at(data, path) for data in whole[which])
        return full if written is ABSENT else written

    return [Entry(path, says(0, path), says(1, path)) for path in _paths(a, b, ())]


def _paths(a: Any, b: Any, path: Path) -> Iterator[Path]:
    """Paths of entries that differ: as deep as each stands for itself. A random duration is one entry, and so are shares that
    make up a whole; and a collection of which the order is another."""
    if said_only(path) or _text(a) == _text(b):
        return
    if isinstance(a, BaseModel) and type(a) is type(b) and not hasattr(a, "kinds"):
        for name in type(a).model_fields:
            yield from _paths(getattr(a, name), getattr(b, name), (*path, name))
    elif _collection(a, b, path) and _same_order(a, b):
        for name in _merged(list(a), list(b)):
            yield from _paths(a.get(name, ABSENT), b.get(name, ABSENT), (*path, name))
    else:
        yield path


def _text(part: Any) -> str:
    """A part of a scenario as text that is the same where nothing differs: files by their content, and the order counts."""
    if isinstance(part, BaseModel):
        return json.dumps(content(part), default=str)
    if isinstance(part, dict):
        return json.dumps([(str(key), _text(value)) for key, value in part.items()])
    return repr(part)


def _collection(a: Any, b: Any, path: Path) -> bool:
    if not (isinstance(a, dict) and isinstance(b, dict)):
        return False
    return path[-1] in APART or all(isinstance(part, BaseModel) for part in (*a.values(), *b.values()))


def _same_order(a: dict[str, Any], b: dict[str, Any]) -> bool:
    return [key for key in a if key in b] == [key for key in b if key in a]


def _merged(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """All keys of both, in an order that is that of both, where they agree."""
    made: list[str] = []
    left = list(first)
    for key in second:
        if key in left:
            at = left.index(key)
            made, left = made + left[:at], left[at + 1 :]
        made.append(key)
    return made + left


def _at(data: Any, path: Path) -> Any:
    for step in path:
        if not isinstance(data, dict) or step not in data:
            return ABSENT
        data = data[step]
    return data


def _spoken(value: Any) -> str:
    if value is ABSENT or value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False).replace('"', "")


def _short(value: Any) -> str:
    text = _spoken(value)
    return text if len(text) <= 40 else f"{text[:37].rstrip()} …"


def hybrid(a: Scenario, b: Scenario, entries: Iterable[Entry]) -> dict[str, Any]:
    """What the first scenario says with some entries as the second has them; what neither says stays out."""
    first, second = resolved(a), resolved(b)
    made = deepcopy(first)
    for entry in entries:
        _put(made, first, second, entry.path)
    return made


def _put(made: Any, first: Any, second: Any, path: Path) -> None:
    """Set (or remove) one entry, and keep the order of keys that both scenarios have."""
    step, *below = path
    first, second = (part if isinstance(part, dict) else {} for part in (first, second))
    if below:
        inner = made.setdefault(step, {})
        if not isinstance(inner, dict):
            inner = made[step] = {}
        _put(inner, first.get(step), second.get(step), tuple(below))
    elif step in second:
        made[step] = deepcopy(second[step])
    else:
        made.pop(step, None)
    order = {key: place for place, key in enumerate(_merged(list(first), list(second)))}
    for key in sorted(made, key=lambda key: order.get(key, len(order))):
        made[key] = made.pop(key)


# -- grouping -------------------------------------------------------------------------------------------------------


def changes_of(
    entries: Sequence[Entry],
    bots: Sequence[str] = (),
    group: Sequence[str] = (),
    depth: int | None = None,
    by: str = "change",
) -> list[Change]:
    """Entries taken together to changes: by mechanism, or by path.

    What lies under one of the paths in `group` (teams, or teams.* for each team) is one change; of the others, what has the
    first `depth` steps of its path in common. By default each entry is a change, unless there are more than twelve.
    InputError where nothing lies under a path.
    """
    if by == "mechanism":
        return _gathered(entries, bots, lambda path: mechanism(path, bots) or dotted(path))
    patterns = [_pattern(text, entries) for text in group]
    depths = [depth] if depth is not None else range(max((len(one.path) for one in entries), default=1), 0, -1)
    made: list[Change] = []
    for steps in depths:
        made = _gathered(entries, bots, lambda path, steps=steps: _name(path, patterns, steps))
        if len(made) <= MOST:
            break
    return made


def _gathered(entries: Sequence[Entry], bots: Sequence[str], name: Any) -> list[Change]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(name(entry.path), []).append(entry)
    return [_change(label, its, bots) for label, its in found.items()]


def only_change(name: str, entries: Sequence[Entry], scenario: Scenario) -> Change:
    """All entries as one change."""
    return _change(name, entries, [*scenario.bots])


def _change(name: str, entries: Sequence[Entry], bots: Sequence[str]) -> Change:
    return Change(name, tuple(entries), tuple(dict.fromkeys(mechanism(one.path, bots) or "other" for one in entries)))


def _name(path: Path, patterns: Sequence[Path], steps: int) -> str:
    fitting = [len(pattern) for pattern in patterns if _under(path, pattern)]
    return dotted(path[: max(fitting) if fitting else steps])


def _under(path: Path, pattern: Path) -> bool:
    return len(path) >= len(pattern) and all(step in (own, "*") for own, step in zip(path, pattern, strict=False))


def _pattern(text: str, entries: Sequence[Entry]) -> Path:
    try:
        pattern = split_path(text)
    except ValueError as error:
        raise InputError([Problem("--group", text, str(error))]) from None
    if any(_under(one.path, pattern) for one in entries):
        return pattern
    there = list(dict.fromkeys(dotted(one.path[:n]) for n in (1, 2) for one in entries))
    near = nearest(text, there)
    tops = ", ".join(dict.fromkeys(one.path[0] for one in entries))
    hint = f"write e.g. {near}" if near else f"differences are under {tops}"
    raise InputError([Problem("--group", text, f"nothing that differs lies under it; {hint}")])
