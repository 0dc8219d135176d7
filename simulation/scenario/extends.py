"""Reading a scenario file together with all the files that it extends."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import reduce

from simulation.scenario.marks import Finding, Mark, one_line
from simulation.scenario.merge import merge
from simulation.scenario.reader import parse
from simulation.scenario.tree import Tree, with_absolute_files
from simulation.scenario.wording import did_you_mean
from simulation.units import shown

LONGEST_CHAIN = 50
"""Files that may extend each other in a row."""


Line = dict[str, Tree]
"""Files by identity, each without those it extends, in the order in which they are laid over each other."""


class Unreadable(Exception):
    """The file cannot be opened; the text says why."""


def read_file(path: str) -> tuple[Tree | None, list[Finding]]:
    """Return the mapping in a YAML file (None when it cannot be used) and all that is wrong with it.

    Raises Unreadable when the file cannot be opened. Data files named in it come out as absolute paths.
    """
    try:
        text = _bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        return None, [_not_utf8(path, fault)]
    tree, findings = parse(text, lambda line, column: Mark(path, line, column))
    if not findings:
        findings = _not_a_mapping(path, tree)
    if findings or tree is None:
        return None, findings
    return with_absolute_files(tree, os.path.dirname(path)), []


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        raise Unreadable(f"there is no such file{_near_file(path)}") from None
    except IsADirectoryError:
        own = os.path.join(path, "scenario.yaml")  # of a results folder
        example = f", e.g. {own}" if os.path.isfile(own) else ""
        raise Unreadable(f"this is a folder; name a file in it{example}") from None
    except OSError as fault:
        raise Unreadable(f"cannot be opened: {fault.strerror}") from None
    except ValueError:
        raise Unreadable("this cannot be the name of a file") from None


def _near_file(path: str) -> str:
    folder, name = os.path.split(path)
    try:
        return did_you_mean(name, os.listdir(folder or os.curdir))
    except OSError:
        return f"; there is no folder {one_line(folder)} either"


def _not_utf8(path: str, fault: UnicodeDecodeError) -> Finding:
    before = fault.object[: fault.start].decode("utf-8", "replace").split("\n")
    mark = Mark(path, len(before), len(before[-1]) + 1)
    return Finding(mark, (), "this is not UTF-8 text; save the file in the encoding UTF-8")


def _not_a_mapping(path: str, tree: Tree | None) -> list[Finding]:
    if tree is None or tree.value is None:
        return [Finding(Mark(path, 1, 1), (), "the file is empty; write entries such as key: value")]
    if not isinstance(tree.value, dict):
        what = f"the file must be a mapping, not {shown(tree.value)}; write entries such as key: value"
        return [Finding(tree.mark, (), what)]
    return []


@dataclass(slots=True)
class Family:
    """Reads files with their bases, each file once, and gathers everything that is wrong with any of them.

    `elsewhere` finds a base that is no file beside the one that extends it: a scenario known by name.
    """

    kinds: frozenset[str] = frozenset()
    elsewhere: Callable[[str], str | None] = lambda name: None
    findings: list[Finding] = field(default_factory=list)
    _lines: dict[str, Line] = field(default_factory=dict)

    def read(self, *paths: str) -> Tree | None:
        """Return the file at the first path merged over its bases, with the others laid over it as if it named them all in
        `extends`; None if one of them cannot be used. See `findings` for what is wrong."""
        line: Line = {}
        for path in paths:
            try:
                own = self._line(path, ())
            except Unreadable as fault:
                self.findings.append(Finding(Mark(path), (), str(fault)))
                return None
            line |= {file: tree for file, tree in own.items() if file not in line}
        if any(_identity(path) not in line for path in paths):  # whatever its bases say
            return None
        return reduce(lambda base, layer: merge(base, layer, self.kinds), line.values())

    def _line(self, path: str, chain: tuple[str, ...]) -> Line:
        """The file and all that it stands on, bases first and each once: what several have in common comes before them all,
        and takes back nothing of what they say."""
        identity = _identity(path)
        if identity not in self._lines:
            own, findings = read_file(path)
            self.findings += findings
            line: Line = {}
            if own is not None and isinstance(own.value, dict):
                for base in self._bases(own.value.get("extends"), (*chain, path)):
                    line = line | {file: tree for file, tree in base.items() if file not in line}
                entries = {key: tree for key, tree in own.value.items() if key != "extends"}
                line = line | {identity: replace(own, value=entries)}
            self._lines[identity] = line
        return self._lines[identity]

    def _bases(self, extends: Tree | None, chain: tuple[str, ...]) -> Iterator[Line]:
        for name in self._names(extends):
            base = self._base(name, chain)
            if base is not None:
                yield base

    def _names(self, extends: Tree | None) -> Iterator[Tree]:
        if extends is None:
            return
        for name in extends.value if isinstance(extends.value, list) else [extends]:
            if isinstance(name.value, str) and name.value:
                yield name
            else:
                what = f"must be a file name or a list of them, not {shown(name.value)}; write e.g. base.yaml"
                self._find(name, what)

    def _base(self, name: Tree, chain: tuple[str, ...]) -> Line | None:
        path = os.path.normpath(os.path.join(os.path.dirname(chain[-1]), str(name.value)))
        if not os.path.exists(path):
            path = self.elsewhere(str(name.value)) or path
        fault = _chain_fault(path, chain)
        if fault:
            self._find(name, fault)
            return None
        try:
            return self._line(path, chain)
        except Unreadable as unreadable:
            self._find(name, f"{one_line(path)}: {unreadable}")
            return None

    def _find(self, name: Tree, what: str) -> None:
        self.findings.append(Finding(name.place().value, ("extends",), what))


def _identity(path: str) -> str:
    try:
        return os.path.realpath(path)
    except ValueError:  # no possible name of a file; opening it will say so
        return path


def _chain_fault(path: str, chain: tuple[str, ...]) -> str | None:
    seen = [_identity(link) for link in chain]
    if _identity(path) in seen:
        circle = [*chain[seen.index(_identity(path)) :], path]
        return f"the files extend each other in a circle: {' → '.join(map(one_line, circle))}; take one link out"
    if len(chain) >= LONGEST_CHAIN:
        return f"more than {LONGEST_CHAIN} files extend each other in a row; write fewer"
    return None
