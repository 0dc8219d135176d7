"""A small condition language over columns: ``channel = phone and (wait > 10 min or abandoned)``.

A condition is comparisons joined by `and`, `or`, `not` and brackets. What is compared is a *field*: a name with a kind that
says how its values are written (names, durations, shares, plain numbers, times of day, dates, yes or no). It is read by hand
into plain functions: nothing of it is ever run as code.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from simulation.errors import InputError, Problem
from simulation.units import nearest, parse_clock_time, parse_duration, parse_share, shown

Array = npt.NDArray[Any]
Columns = Callable[[str], Array]
"""The column of a field: codes (positions in the field's words), numbers, or flags."""
Test = Callable[[Columns], Array]
DEEPEST = 50
TOKEN = re.compile(
    r'\s*(?:(?P<quoted>"[^"]*"|\'[^\']*\')|(?P<mark><=|>=|!=|==|<>|[=<>(),\[\]])|(?P<word>[^\s"\'=<>!(),\[\]]+))'
)
SAME = {"==": "=", "<>": "!="}
OPERATORS = ("=", "!=", "<", "<=", ">", ">=")
COMPARE: dict[str, Callable[[Array, float], Array]] = {
    "=": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip
EXAMPLE = {
    "name": "", "duration": "10 min", "share": "30 %", "number": "3", "clock": "09:30", "date": "2026-03-05", "flag": "yes",
}  # fmt: skip
FLAGS = {"yes": True, "true": True, "no": False, "false": False}
JOINERS = ("and", "or", "not", "in")


class Field(NamedTuple):
    """Something that can be asked: of which kind it is (a key of `EXAMPLE`), what it means, and the names it can have."""

    kind: str
    meaning: str
    words: Sequence[str] = ()


@dataclass(frozen=True)
class Condition:
    """A condition that has been read: its text, the fields that it asks for, and the test."""

    text: str
    fields: frozenset[str]
    test: Test

    def holds(self, columns: Columns, rows: int) -> npt.NDArray[np.bool_]:
        """For which of the rows it holds."""
        return np.broadcast_to(self.test(columns), rows).astype(bool)


def parse(text: str, fields: Mapping[str, Field], where: str = "--where") -> Condition:
    """Read a condition; an empty one holds always. InputError says at which character what is wrong, and what to write."""
    reader = _Reader(text, fields, where)
    if not reader.tokens:
        return Condition("", frozenset(), lambda _: np.array(True))
    test = reader.either()
    if reader.now is not None:
        reader.refuse(f"{shown(reader.now.text)} was not expected; join comparisons by and, or")
    return Condition(text.strip(), frozenset(reader.used), test)


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


@dataclass
class _Reader:
    """Reads a condition from left to right; `now` is the next token."""

    text: str
    fields: Mapping[str, Field]
    where: str
    at: int = 0
    depth: int = 0
    used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.tokens: list[_Token] = []
        position = 0
        while self.text[position:].strip():
            match = TOKEN.match(self.text, position)
            if match is None:
                rest = self.text[position:].lstrip()
                what = "has no end; close the quotation marks" if rest[0] in "\"'" else "is not known here"
                self.refuse(f"{shown(rest)} {what}", len(self.text) - len(rest))
            kind = str(match.lastgroup)
            self.tokens.append(_Token(kind, match[kind], match.start(kind)))
            position = match.end()

    @property
    def now(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def refuse(self, what: str, at: int | None = None) -> NoReturn:
        """What is wrong, at the next token or a position."""
        if at is None:
            at = self.now.at if self.now is not None else len(self.text)
        raise InputError([Problem(f"{self.where}: character {at + 1}", "", what)])

    def takes(self, *texts: str) -> str | None:
        """The next token if it is one of these marks or words, which is then behind us."""
        token = self.now
        if token is None or token.kind == "quoted" or token.text.lower() not in texts:
            return None
        self.at += 1
        return token.text.lower()

    # -- and, or, not -------------------------------------------------------------------------------

    def either(self) -> Test:
        """Comparisons joined by or."""
        tests = [self.both()]
        while self.takes("or"):
            tests.append(self.both())
        return tests[0] if len(tests) == 1 else lambda columns: np.logical_or.reduce([test(columns) for test in tests])

    def both(self) -> Test:
        """Comparisons joined by and."""
        tests = [self.single()]
        while self.takes("and"):
            tests.append(self.single())
        return tests[0] if len(tests) == 1 else lambda columns: np.logical_and.reduce([test(columns) for test in tests])

    def single(self) -> Test:
        """A comparison, or a condition that is negated or in brackets."""
        self.depth += 1
        if self.depth > DEEPEST:
            self.refuse(f"has more than {DEEPEST} brackets or negations in each other; write it shorter")
        if self.takes("not"):
            negated = self.single()
            made: Test = lambda columns: ~np.asarray(negated(columns), dtype=bool)  # noqa: E731
        elif self.takes("("):
            made = self.either()
            if not self.takes(")"):
                self.refuse("the bracket is not closed; write )")
        else:
            made = self.comparison()
        self.depth -= 1
        return made

    # -- comparisons --------------------------------------------------------------------------------

    def comparison(self) -> Test:
        """A field, an operator and a value; or a field of yes or no alone."""
        token = self.now
        if token is None or token.kind != "word" or token.text.lower() in JOINERS:
            self.refuse("a comparison is missing; write e.g. channel = phone, or wait > 10 min")
        name = self.field_name(token)
        its = self.fields[name]
        self.at += 1
        operator = self.takes(*OPERATORS, *SAME)
        if operator is not None:
            return self.compared(name, its, SAME.get(operator, operator))
        negated = self.takes("not") is not None
        if self.takes("in"):
            return self.one_of(name, its, negated)
        if its.kind == "flag" and not negated:
            return lambda columns: columns(name)
        self.refuse(f"{name} is compared with nothing; write e.g. {self.example(name, its)}")

    def field_name(self, token: _Token) -> str:
        name = token.text.lower()
        if name not in self.fields:
            near = nearest(name, self.fields)
            cure = f"did you mean {near}? " if near else ""
            self.refuse(f"there is no {shown(token.text)} to ask for; {cure}({', '.join(self.fields)})")
        self.used.add(name)
        return name

    def compared(self, name: str, its: Field, operator: str) -> Test:
        if its.kind in ("name", "flag") and operator not in ("=", "!="):
            self.refuse(f"{name} cannot be more or less; write = or !=", self.tokens[self.at - 1].at)
        value = self.value(name, its)
        return lambda columns: COMPARE[operator](columns(name), value)

    def one_of(self, name: str, its: Field, negated: bool) -> Test:
        """One of several values in brackets."""
        closing = {"(": ")", "[": "]"}.get(self.takes("(", "[") or "")
        if closing is None:
            self.refuse(f"after in come values in brackets; write e.g. {name} in ({self.example_value(its)})")
        values = [self.value(name, its)]
        while self.takes(","):
            values.append(self.value(name, its))
        if not self.takes(closing):
            self.refuse(f"the list of values is not closed; write {closing}, or a comma before the next value")
        return lambda columns: np.isin(columns(name), values) != negated

    def value(self, name: str, its: Field) -> float:
        """The value that comes next, as a number: of a name its position among the field's words."""
        token = self.now
        if token is None or token.kind == "mark" or (token.kind == "word" and token.text.lower() in JOINERS):
            self.refuse(f"a value is missing; write e.g. {self.example(name, its)}")
        self.at += 1
        text = token.text[1:-1] if token.kind == "quoted" else token.text
        while token.kind == "word" and (following := self.now) and following.kind == "word":
            if following.text.lower() in JOINERS:
                break
            text = f"{text} {following.text}"
            self.at += 1
        try:
            return _value(name, its, text)
        except ValueError as error:
            self.refuse(str(error), token.at)

    def example(self, name: str, its: Field) -> str:
        operator = "=" if its.kind in ("name", "flag", "date") else ">"
        return f"{name} {operator} {self.example_value(its)}"

    def example_value(self, its: Field) -> str:
        return EXAMPLE[its.kind] or _quoted(next(iter(its.words), "none"))


def _quoted(word: str) -> str:
    """A name as a condition has to write it."""
    match = TOKEN.fullmatch(word)
    return word if match and match["word"] and word.lower() not in JOINERS else f'"{word}"'


def _value(name: str, its: Field, text: str) -> float:
    """A value as a number; ValueError says what is wrong with it and what to write."""
    if its.kind == "name":
        return _position(name, its.words, text)
    if its.kind == "flag":
        if text.lower() not in FLAGS:
            raise ValueError(f"{name} is yes or no, not {shown(text)}; write {name}, or not {name}")
        return float(FLAGS[text.lower()])
    read: Callable[[object], float] = {
        "duration": parse_duration, "share": parse_share, "clock": parse_clock_time, "date": _date, "number": _number,
    }[its.kind]  # fmt: skip
    return read(text)


def _position(name: str, words: Sequence[str], text: str) -> float:
    for same in (str.__eq__, lambda one, other: one.lower() == other.lower()):
        if (at := next((index for index, word in enumerate(words) if same(word, text)), None)) is not None:
            return at
    near = nearest(text, words)
    cure = f"did you mean {_quoted(near)}?" if near else f"it is one of {', '.join(map(_quoted, words)) or 'none'}"
    raise ValueError(f"no {name} is called {shown(text)}; {cure}")


def _date(text: object) -> float:
    try:
        return float(dt.date.fromisoformat(str(text)).toordinal())
    except ValueError:
        raise ValueError(f"{shown(text)} is not a date; write e.g. 2026-03-05") from None


def _number(text: object) -> float:
    try:
        number = float(str(text))
    except ValueError:
        number = np.nan
    if not np.isfinite(number):
        raise ValueError(f"{shown(text)} is not a number; write e.g. 3")
    return number
