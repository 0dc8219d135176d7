"""Ranges and lists of values, as sweeps ask for them: `10..20`, `4 min..6 min:30 s`, `08:00..10:00:30 min`, `fifo|deadline`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from simulation.scenario.load import parse_set
from simulation.scenario.marks import Finding, Mark, dotted, refusal, split_path
from simulation.units import MINUTE, clock_text, duration_text, parse_clock_time, parse_duration, shown

MOST_LEVELS = 10_000
FINE = 1000
"""Values that are drawn from a range are rounded to about so many steps, so that they can be read."""
_NUMBER = r"-?(?:[0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})(?:[eE][-+]?[0-9]{1,2})?"
_QUANTITY = re.compile(rf"(x\s*)?({_NUMBER})(\s*)([^\s0-9.].*)?", re.IGNORECASE)
_STEP = re.compile(r":|\s+step\s+")
_CLOCKS = re.compile(r"(\d{1,2}:\d\d)\s*\.\.\s*(\d{1,2}:\d\d)(?:(?:\s*:|\s+step)\s*(.+))?")
_PATH = re.compile(r"^\.\.|/\.\.|\.\./|\\")
_EXAMPLE = "10..20, 4 min..6 min:30 s or a|b|c"
Write = Callable[[Fraction], Any]


@dataclass(frozen=True)
class Factor:
    """An entry of a scenario that a design varies.

    `levels` are its values in order, as YAML text or as they are. Of a range without steps there are only `ends`, the numbers
    between which anything may be taken, and `write`, which makes a value of a number.
    """

    path: str
    levels: tuple[Any, ...] = ()
    ends: tuple[Fraction, Fraction] | None = None
    write: Write = str
    listed: bool = False
    """Whether its values were listed: then no order is meant by theirs."""
    text: str = field(default="", compare=False)
    """The range as it was written, if it was."""

    @property
    def name(self) -> str:
        """Its path, quoted where a key needs it."""
        return dotted(split_path(self.path))

    def stepped(self, levels: int) -> Factor:
        """With so many values, evenly spaced, if it has none yet."""
        if self.ends is None:
            return self
        low, high = self.ends
        at = [low + (high - low) * step / (levels - 1) for step in range(levels)]
        return Factor(self.path, tuple(map(self.write, at)), None, self.write, text=self.text)

    def finely(self, positions: int) -> Factor:
        """In steps of 1, 2 or 5 (or a tenth, ten times … of that) of its unit, about so many, if it has none yet."""
        if self.ends is None:
            return self
        low, high = self.ends
        step = _handy((high - low) / positions)
        return Factor(self.path, tuple(map(self.write, _steps(low, high, step))), None, self.write, text=self.text)

    def at(self, share: float) -> Any:
        """Its value at a share of the way from its least (0) to its largest (1)."""
        if self.ends is None:
            return self.levels[min(int(share * len(self.levels)), len(self.levels) - 1)]
        low, high = self.ends
        step = _handy((high - low) / FINE)
        return self.write(low + step * round(Fraction(share) * (high - low) / step))


def is_varied(value: str) -> bool:
    """Whether the text of a value asks for several."""
    return bool(_listed(value)) or (".." in value and value[:1] not in "\"'[{" and not _PATH.search(value))


def split_settings(settings: Sequence[str], whole: Callable[[str], bool]) -> tuple[list[str], list[Factor]]:
    """Settings of one value, and those of several as factors; InputError with all that is wrong with any range.

    `whole` says of a path whether only whole numbers may stand there. Of two settings of one entry the last one holds.
    """
    plain, found, findings = dict[str, str](), dict[str, Factor](), list[Finding]()
    for text in settings:
        path, value = parse_set(text)
        name = dotted(split_path(path))
        plain.pop(name, None), found.pop(name, None)
        if not is_varied(value):
            plain[name] = text
            continue
        try:
            found[name] = factor(path, value, whole(path))
        except ValueError as error:
            findings.append(Finding(Mark(f"--set {name}"), (), str(error)))
    if findings:
        raise refusal(findings)
    return list(plain.values()), list(found.values())


def factor(path: str, values: Any, whole: bool = False) -> Factor:
    """A factor from the text of a range or list, or from a sequence of values; ValueError says what is wrong with it."""
    if not isinstance(values, str | Iterable):
        raise ValueError(f"{shown(values)} is one value, not several; write e.g. {_EXAMPLE}")
    if not isinstance(values, str):
        return _from_list(path, list(values)[: MOST_LEVELS + 1])
    listed = _listed(values)
    if listed:
        return _from_list(path, listed)
    clocks = _CLOCKS.fullmatch(values.strip())
    if clocks:
        return replace(_from_clocks(path, *clocks.groups()), text=values)
    low, dots, high = values.partition("..")
    if dots and not (low.strip() and high.strip()):
        raise ValueError(f"{shown(values)} lacks an end; write e.g. {_EXAMPLE}")
    if not dots:
        raise ValueError(f"{shown(values)} is one value, not several; write e.g. {_EXAMPLE}")
    high, step = (*_STEP.split(high, maxsplit=1), "")[:2]
    return replace(_from_range(path, low.strip(), high.strip(), step.strip(), whole), text=values)


def _from_list(path: str, levels: list[Any]) -> Factor:
    if len(levels) > MOST_LEVELS:
        raise ValueError(f"has more than {MOST_LEVELS:,} values; write fewer")
    if len(levels) < 2:
        raise ValueError(f"has {'one value' if levels else 'no values'}; a factor needs two or more, e.g. {_EXAMPLE}")
    texts = [str(level) for level in levels]
    twice = next((text for text in texts if texts.count(text) > 1), None) if len(texts) < 1000 else None
    if twice is not None:
        raise ValueError(f"has the value {shown(twice)} twice; write each once")
    if "" in texts:
        raise ValueError(f"has an empty value; write e.g. {_EXAMPLE}")
    ordered = all(isinstance(level, int | float | Fraction) or hasattr(level, "__float__") for level in levels)
    return Factor(path, tuple(levels), listed=not ordered or levels != sorted(levels))


def _from_clocks(path: str, low: str, high: str, step: str | None) -> Factor:
    first, last = (Fraction(round(parse_clock_time(end))) for end in (low, high))
    _check_ends(low, high, first, last)

    def write(seconds: Fraction) -> str:
        return clock_text(MINUTE * round(seconds / MINUTE))

    length = Fraction(round(parse_duration(step))) if step else Fraction(60 * MINUTE)
    return Factor(path, tuple(map(write, _stepped(first, last, length, step or ""))), None, write)


def _from_range(path: str, low: str, high: str, step: str, whole: bool) -> Factor:
    (least, most, by), write = _numbers(low, high, step)
    _check_ends(low, high, least, most)
    plain = write(least) == _decimal(least)
    if plain and not step and (whole and least.denominator == most.denominator == 1):
        by = Fraction(1)
    if by is None:
        return Factor(path, (), (least, most), write)
    return Factor(path, tuple(map(write, _stepped(least, most, by, step))), None, write)


def _check_ends(low: str, high: str, least: Fraction, most: Fraction) -> None:
    if least == most:
        raise ValueError(f"begins and ends at {shown(low)}; write that value alone, or another end")
    if least > most:
        raise ValueError(f"begins above its end; write {high}..{low}")


def _stepped(low: Fraction, high: Fraction, step: Fraction, text: str) -> list[Fraction]:
    if step <= 0:
        raise ValueError(f"has a step of {shown(text)}; write one above zero")
    if step > high - low:
        raise ValueError(f"has a step of {shown(text)}, longer than the range; write a shorter one")
    if (high - low) / step >= MOST_LEVELS:
        raise ValueError(
            f"has {(high - low) // step + 1:,} values, and {MOST_LEVELS:,} is the most; write a longer step, e.g. "
            f"{_decimal(_handy((high - low) / 10))}"
        )
    return list(_steps(low, high, step))


def _steps(low: Fraction, high: Fraction, step: Fraction) -> Iterator[Fraction]:
    yield from (low + step * number for number in range((high - low) // step + 1))


def _handy(about: Fraction) -> Fraction:
    """The largest of 1, 2, 5 times a power of ten that is not above a number."""
    power = Fraction(1)
    while power > about:
        power /= 10
    while power * 10 <= about:
        power *= 10
    return next(power * digit for digit in (5, 2, 1) if power * digit <= about)


def _numbers(low: str, high: str, step: str) -> tuple[tuple[Fraction, Fraction, Fraction | None], Write]:
    """Both ends and the step as numbers of one unit, and how a value is written."""
    texts = [low, high, *([step] if step else [])]
    parts = [_QUANTITY.fullmatch(text) for text in texts]
    units = {(part[4] or "").strip() for part in parts if part is not None and (part[4] or Fraction(part[2]))}
    if None not in parts and len(units - {""}) <= 1:
        signed = next((part for part in parts if part is not None and part[4]), None)
        prefix = next((part[1] for part in parts if part is not None and part[1]), "")
        tail = f"{signed[3]}{signed[4]}" if signed is not None else ""
        numbers = [Fraction(part[2]) for part in parts if part is not None]
        return (numbers[0], numbers[1], numbers[2] if step else None), lambda x: f"{prefix}{_decimal(x)}{tail}"
    try:
        seconds = [Fraction(f"{parse_duration(text):.12g}") for text in texts]
    except ValueError:
        raise ValueError(_no_range(low, high, step, None not in parts)) from None
    return (seconds[0], seconds[1], seconds[2] if step else None), lambda x: duration_text(float(x))


def _no_range(low: str, high: str, step: str, numbers: bool) -> str:
    whole = f"{low}..{high}" + (f":{step}" if step else "")
    if numbers:
        return f"{shown(whole)} mixes units; write all of it in the same unit, e.g. 4 min..6 min:30 s"
    return (
        f"{shown(whole)} is not a range of numbers; write e.g. 10..20, or list the values: {low or 'a'}|{high or 'b'}"
    )


def _decimal(number: Fraction) -> str:
    """A number as people write it; of endless ones twelve digits."""
    if number.denominator == 1:
        return str(number.numerator)
    rounded = Decimal(f"{float(number):.12g}")
    return f"{rounded.normalize():f}"


def _listed(text: str) -> list[str]:
    """The values of `a|b|c` or `{a, b, c}`; none where the text is no list."""
    stripped = text.strip()
    parts = _split(stripped, "|")
    if len(parts) > 1:
        return parts
    if stripped[:1] == "{" and stripped[-1:] == "}" and stripped[1:-1].strip():
        inside = _split(stripped[1:-1], ",")
        if len(_split(stripped[1:-1], ":")) == 1:
            return inside
    return []


def _split(text: str, mark: str) -> list[str]:
    """Split at a mark that stands neither in brackets nor in quotation marks."""
    parts, depth, quoted, start = list[str](), 0, "", 0
    for index, letter in enumerate(text):
        if quoted:
            quoted = "" if letter == quoted else quoted
        elif letter in "\"'":
            quoted = letter
        elif letter in "{[(":
            depth += 1
        elif letter in "}])":
            depth -= 1
        elif letter == mark and not depth:
            parts.append(text[start:index].strip())
            start = index + 1
    return [*parts, text[start:].strip()]
