"""YAML 1.2 text to a tree with marks. Reads events, so neither depth nor aliases can exhaust the machine."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)
from ruamel.yaml.reader import ReaderError

from simulation.scenario.marks import Finding, Mark, Path
from simulation.scenario.tree import DEEPEST, Scalar, Tree, height, size
from simulation.units import shown

Marker = Callable[[int, int], Mark]
"""Turns a line and a column, both counted from 1, into a mark."""

MOST_FROM_ALIASES = 100_000
"""Values that aliases may add to one file; a guard against texts that grow without bound when read."""

_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{sign + word: math.inf for sign in ("", "+") for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_PLAIN_WORDS = (
    (r"character '\\t'", "a tab stands where only spaces may; write spaces"),
    (r"character '([@`%])' that cannot", r"a text must not begin with \1; write it in quotes"),
    (r"mapping values", "unexpected ':'; check the indentation, and write a text that holds ': ' in quotes"),
    (r"sequence entries", "a list item '-' cannot stand here; begin the list on its own line"),
    (r"could not find expected ':'", "a key without ':'; write e.g. key: value"),
    (r"unexpected end of stream", "a quoted text is not closed; write the closing quote"),
    (r"expected the node content", "a value is missing, or a bracket is not closed; write e.g. [a, b]"),
    (r"expected <block end>", "wrong indentation; entries of one mapping or list begin in the same column"),
    (r"expected ',' or '([\]}])'", r"a comma or the closing \1 is missing; write e.g. [a, b] or {a: 1}"),
    (r"escape", r"an unknown escape in double quotes; write \\\\ for a backslash, or use single quotes"),
    (r"tag|URI", "a tag ('!…') is not allowed; write the plain value"),
    (r"<document start>", "text after the end of the document; a scenario is one mapping"),
)


def parse(text: str, mark: Marker) -> tuple[Tree | None, list[Finding]]:
    """Return the one document in `text` (None when there is none) and all that is wrong with it.

    Only the first fault of syntax is found, as nothing can be read after it. Scalars follow the core
    schema of YAML 1.2: `no` and `9:30` are text.
    """
    builder = _Builder(mark)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except _Stop:
        pass
    except Exception as fault:  # beside its own errors the parser lets slip ValueError, OverflowError …
        builder.findings.append(_syntax_finding(fault, text, builder.last, mark))
    return builder.document, builder.findings


def _syntax_finding(fault: Exception, text: str, last: tuple[int, int], mark: Marker) -> Finding:
    if isinstance(fault, ReaderError):
        before = text[: fault.position].split("\n")
        what = f"the character U+{int(fault.character):04X} is not allowed; delete it"
        return Finding(mark(len(before), len(before[-1]) + 1), (), what)
    if isinstance(fault, MarkedYAMLError):
        place = fault.problem_mark or fault.context_mark
        return Finding(mark(place.line + 1, place.column + 1), (), _in_plain_words(fault))
    return Finding(mark(*last), (), "what follows is not valid YAML; look for an unusual escape such as \\U")


def _in_plain_words(fault: MarkedYAMLError) -> str:
    told = " ".join(f"{fault.context or ''} {fault.problem or ''}".split())
    for pattern, words in _PLAIN_WORDS:
        match = re.search(pattern, told)
        if match:
            return match.expand(words)
    return f"not valid YAML: {told}"


class _Stop(Exception):
    """The rest of the text is not worth reading."""


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is still open."""

    event: CollectionStartEvent
    mark: Mark
    entries: dict[str, Tree] = field(default_factory=dict)
    items: list[Tree] = field(default_factory=list)
    key: str | None = None
    key_mark: Mark | None = None

    def awaits_key(self) -> bool:
        return isinstance(self.event, MappingStartEvent) and self.key_mark is None

    def step(self) -> str | int | None:
        return self.key if isinstance(self.event, MappingStartEvent) else len(self.items)

    def tree(self) -> Tree:
        is_mapping = isinstance(self.event, MappingStartEvent)
        return Tree(self.entries if is_mapping else self.items, self.mark)


class _Builder:
    def __init__(self, mark: Marker) -> None:
        self.document: Tree | None = None
        self.findings: list[Finding] = []
        self.last = (1, 1)
        self._mark = mark
        self._frames: list[_Frame] = []
        self._anchors: dict[str, Tree | None] = {}
        self._from_aliases = 0

    def take(self, event: Event) -> None:
        """Use the next event of the document."""
        self.last = (event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, DocumentStartEvent) and self.document is not None:
            self._stop(event, "a second document begins; a scenario is one mapping")
        elif isinstance(event, AliasEvent):
            self._add(self._aliased(event), event)
        elif isinstance(event, ScalarEvent):
            self._scalar(event)
        elif isinstance(event, CollectionStartEvent):
            self._open(event)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            frame = self._frames.pop()
            self._add(frame.tree(), frame.event)

    def _open(self, event: CollectionStartEvent) -> None:
        self._refuse_tag(event)
        if len(self._frames) == DEEPEST:
            self._stop(event, f"nested more than {DEEPEST} levels deep; write it flatter")
        if event.anchor:
            self._anchors[event.anchor] = None
        self._frames.append(_Frame(event, self._at(event)))

    def _scalar(self, event: ScalarEvent) -> None:
        self._refuse_tag(event)
        is_key = bool(self._frames) and self._frames[-1].awaits_key()
        self._add(Tree(event.value if is_key else self._value(event), self._at(event)), event)

    def _value(self, event: ScalarEvent) -> Scalar:
        try:
            return resolve(event.value) if event.implicit[0] else _checked_text(event.value)
        except ValueError as fault:
            self._find(event, str(fault))
            return None

    def _add(self, tree: Tree, event: Event) -> None:
        """Put a finished value where it belongs: the document, a list item, a key, or the value of a key."""
        if isinstance(event, ScalarEvent | CollectionStartEvent) and event.anchor:
            self._anchors[event.anchor] = tree
        if not self._frames:
            self.document = tree
        elif self._frames[-1].awaits_key():
            self._begin_entry(tree, event)
        else:
            self._end_entry(tree)

    def _begin_entry(self, tree: Tree, event: Event) -> None:
        frame = self._frames[-1]
        fault = _key_fault(tree, event, frame.entries)
        if fault:
            self._find(event, fault)
        frame.key = None if fault else str(tree.value)
        frame.key_mark = self._at(event)

    def _end_entry(self, tree: Tree) -> None:
        frame = self._frames[-1]
        if isinstance(frame.event, MappingStartEvent):
            if frame.key is not None:
                frame.entries[frame.key] = replace(tree, key=frame.key_mark)
            frame.key = frame.key_mark = None
        else:
            frame.items.append(tree)

    def _aliased(self, event: AliasEvent) -> Tree:
        tree = self._anchors.get(event.anchor)
        if tree is None:
            fault = "contains itself" if event.anchor in self._anchors else "has no anchor before it"
            self._stop(event, f"*{event.anchor} {fault}; write the values out")
        self._from_aliases += size(tree)
        if self._from_aliases > MOST_FROM_ALIASES:
            self._stop(event, f"aliases repeat more than {MOST_FROM_ALIASES} values; write fewer")
        if len(self._frames) + height(tree) > DEEPEST:
            self._stop(event, f"nested more than {DEEPEST} levels deep; write it flatter")
        return Tree(tree.value, self._at(event))

    def _refuse_tag(self, event: ScalarEvent | CollectionStartEvent) -> None:
        if event.tag is not None:
            self._find(event, "a tag ('!…') is not allowed; write the plain value")

    def _at(self, event: Event) -> Mark:
        return self._mark(event.start_mark.line + 1, event.start_mark.column + 1)

    def _path(self) -> Path:
        steps = (frame.step() for frame in self._frames)
        return tuple(step for step in steps if step is not None)

    def _find(self, event: Event, what: str) -> None:
        self.findings.append(Finding(self._at(event), self._path(), what))

    def _stop(self, event: Event, what: str) -> NoReturn:
        self.findings.append(Finding(self._at(event), (), what))
        raise _Stop


def _key_fault(tree: Tree, event: Event, entries: dict[str, Tree]) -> str | None:
    if not isinstance(event, ScalarEvent):
        return "a key must be a text of its own, not an alias, list or mapping"
    key = str(tree.value)
    if key == "<<":
        return "merge keys ('<<') are not supported; write the entries out, or use extends"
    if key in entries:
        return f"the key {shown(key)} stands here twice{_first_line(entries[key])}; delete one"
    try:
        return None if _checked_text(key) else "a key is empty; write e.g. key: value"
    except ValueError as fault:
        return str(fault)


def _first_line(entry: Tree) -> str:
    return f", first in line {entry.key.line}" if entry.key and entry.key.line else ""


def resolve(text: str) -> Scalar:
    """Return the value of an unquoted scalar by the core schema of YAML 1.2; ValueError when out of range."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text) or _FLOAT.fullmatch(text):
        return _number(text)
    return _checked_text(text)


def _number(text: str) -> int | float:
    try:
        number = _integer(text) if _INTEGER.fullmatch(text) else float(text)
        if math.isfinite(number):
            return number
    except (ValueError, OverflowError):  # more digits than Python turns into an int, or an int into a float
        pass
    raise ValueError(f"the number {shown(text)} is too large")


def _integer(text: str) -> int:
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


def _checked_text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        what = f"{shown(text)} holds half a character (a lone surrogate); write the whole one"
        raise ValueError(what) from None
    return text
