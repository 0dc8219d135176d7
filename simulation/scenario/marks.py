"""Where things stand: marks, dotted paths, and findings that become problems."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from simulation.errors import InputError, Problem

Path = tuple[str | int, ...]

_SEGMENT = r'"(?:[^"\\]|\\.)*"|[^."=\[\]]+'
_SEGMENTS = re.compile(rf"\s*(?:{_SEGMENT})\s*(?:\.\s*(?:{_SEGMENT})\s*)*")


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file, counted from 1; line 0 stands for a label without lines, such as `--set a.b`."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        name = one_line(self.file)
        return f"{name}:{self.line}:{self.column}" if self.line else name


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem that still knows its mark and path, so that it can be sorted."""

    mark: Mark
    path: Path
    what: str


@dataclass(frozen=True, slots=True)
class Place:
    """The marks of one entry: its key (a list item has none: its value) and what an error points at."""

    key: Mark
    value: Mark


@dataclass(frozen=True, slots=True)
class Marks:
    """The places of all entries by path; an unknown path has the place of the nearest entry above."""

    root: Mark
    places: Mapping[Path, Place]

    def key(self, path: Path) -> Mark:
        """Return the mark of the key at `path`."""
        return self._place(path).key

    def value(self, path: Path) -> Mark:
        """Return the mark that an error in the value at `path` points at."""
        return self._place(path).value

    def _place(self, path: Path) -> Place:
        for length in range(len(path), 0, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return Place(self.root, self.root)


def one_line(name: str) -> str:
    """Return a name as a message can show it: with escapes when it holds line breaks and the like."""
    return name if name.isprintable() else ascii(name)


def refusal(findings: Iterable[Finding]) -> InputError:
    """Return one error with all findings, sorted by file, line, column and path, each said once."""
    unique = dict.fromkeys(findings)
    ordered = sorted(unique, key=lambda finding: (finding.mark, [str(step) for step in finding.path]))
    return InputError(Problem(str(found.mark), dotted(found.path), found.what) for found in ordered)


def dotted(path: Path) -> str:
    """Return a path as text, `teams.day.shifts[0]`; keys that hold dots and the like are quoted."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{_quoted(step)}" for step in path)
    return text.removeprefix(".")


def _quoted(key: str) -> str:
    if key and key.isprintable() and key == key.strip() and not set(key) & set('."=[]'):
        return key
    return json.dumps(key, ensure_ascii=not key.isprintable())


def split_path(text: str) -> tuple[str, ...]:
    """Return the keys of a dotted path, `a."x.y".c`; ValueError says what is wrong with it."""
    if not _SEGMENTS.fullmatch(text):
        list_entry = "; an entry of a list cannot be set alone: set the whole list" if "[" in text else ""
        raise ValueError(f"{text!r} is not a path of keys; write e.g. teams.front.shifts.day.headcount=12{list_entry}")
    return tuple(_unquoted(segment.strip()) for segment in re.findall(_SEGMENT, text) if segment.strip())


def _unquoted(segment: str) -> str:
    if not segment.startswith('"'):
        return segment
    try:
        return str(json.loads(segment))
    except ValueError:
        raise ValueError(f'{segment} is not a quoted key; write e.g. "x.y"') from None
