"""Loading: every message to the letter with its place, merging, overrides, and that nothing else escapes."""

from __future__ import annotations

import datetime as dt
import math
import os
import pickle
import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from simulation.errors import InputError, Problem
from simulation.scenario.load import load, load_tree, parse_set, read, validate
from simulation.scenario.marks import dotted, split_path
from simulation.scenario.reader import MOST_FROM_ALIASES, resolve
from simulation.scenario.tree import DEEPEST, plain
from simulation.units import Days, Duration, Factor, Money, Share

KINDS = frozenset({"constant", "exponential", "lognormal"})
Write = Callable[..., None]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Mode(StrEnum):
    live = "live"
    deferred = "deferred"


class Mean(Strict):
    mean: Duration


class Spread(Strict):
    mean: Duration
    cv: Annotated[float, Field(ge=0)]


class Exponential(Strict):
    exponential: Mean


class Lognormal(Strict):
    lognormal: Spread


class Constant(Strict):
    constant: Duration


class Bot(Strict):
    kind: Literal["bot"]
    reach: Share


class Human(Strict):
    kind: Literal["human"]
    wage: Money


def _even(number: int) -> int:
    if number % 2:
        raise ValueError("must be even;\nwrite e.g. 4")
    return number


class Team(Strict):
    agents: Annotated[int, Field(ge=0, le=500)]
    skills: list[str] = []
    service: Exponential | Lognormal | Constant | None = None
    handler: Annotated[Bot | Human, Field(discriminator="kind")] | None = None
    speed: float = 1.0
    pair: Annotated[int, AfterValidator(_even)] = 2


class Log(Strict):
    file: str
    column: str = "seconds"


class Center(Strict):
    name: Annotated[str, Field(pattern="^[a-z]+$", description="Lower-case letters.")] = "base"
    teams: dict[str, Team] = {}
    logs: dict[str, Log] = {}
    mode: Mode = Mode.live
    language: Literal["no", "yes", "en"] = "en"
    opens: dict[Days, str] = {}
    patience: Duration | Literal["endless"] = 60.0
    limit: Annotated[int, Field(gt=1, lt=5)] | None = None
    step: Annotated[int, Field(multiple_of=5)] = 5
    share: Share = 0.0
    weights: Annotated[list[float], Field(min_length=2, max_length=3)] = [1.0, 2.0]
    span: tuple[int, int] = (1, 2)
    open: bool = True
    start: dt.date | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Center:
        if self.limit == 2 and not self.open:
            raise ValueError("a closed center needs no limit; remove it")
        return self


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(**files: str) -> None:
    for name, text in files.items():
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")


def problems(path: str = "a.yaml", **options: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        load(path, Center, **options)
    assert str(caught.value).split("\n") == [str(problem) for problem in caught.value.problems]
    return str(caught.value).split("\n")


def problems_of(text: str, **options: Any) -> list[str]:
    write(a=text)
    return problems(**options)


# Files that cannot be read


def test_a_missing_file() -> None:
    assert problems("nothing.yaml") == ["nothing.yaml: there is no such file"]


def test_a_missing_file_with_a_near_name() -> None:
    write(baseline="name: a")
    assert problems("basline.yaml") == ["basline.yaml: there is no such file; did you mean baseline.yaml?"]


def test_a_missing_folder() -> None:
    assert problems("x/a.yaml") == ["x/a.yaml: there is no such file; there is no folder x either"]


def test_a_folder() -> None:
    Path("a.yaml").mkdir()
    assert problems() == ["a.yaml: this is a folder; name a file in it"]
    Path("a.yaml/scenario.yaml").touch()
    assert problems() == ["a.yaml: this is a folder; name a file in it, e.g. a.yaml/scenario.yaml"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_forbidden_file() -> None:
    write(a="name: a")
    os.chmod("a.yaml", 0)
    assert problems() == ["a.yaml: cannot be opened: Permission denied"]


def test_an_impossible_name() -> None:
    assert problems("a\0b") == ["'a\\x00b': this cannot be the name of a file"]


def test_a_name_too_long() -> None:
    (problem,) = problems("a" * 5000)
    assert problem.endswith(": cannot be opened: File name too long")


def test_not_utf8() -> None:
    Path("a.yaml").write_bytes("name: \xe4\nteams: \xfc".encode() + b"\nlanguage: \xfc")
    assert problems() == ["a.yaml:3:11: this is not UTF-8 text; save the file in the encoding UTF-8"]


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    Path("a.yaml").write_bytes(b"\xef\xbb\xbfname: b")
    assert load("a.yaml", Center).name == "b"


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "~", "\n\n"])
def test_an_empty_file(text: str) -> None:
    assert problems_of(text) == ["a.yaml:1:1: the file is empty; write entries such as key: value"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- a", "a.yaml:1:1: the file must be a mapping, not a list; write entries such as key: value"),
        ("\n hello", "a.yaml:2:2: the file must be a mapping, not 'hello'; write entries such as key: value"),
    ],
)
def test_not_a_mapping(text: str, problem: str) -> None:
    assert problems_of(text) == [problem]


# Faulty YAML

SYNTAX = {
    "teams:\n\tday: 1": "2:1: a tab stands where only spaces may; write spaces",
    "name: @b": "1:7: a text must not begin with @; write it in quotes",
    "name: a: b": "1:8: unexpected ':'; check the indentation, and write a text that holds ': ' in quotes",
    "name: a\n  mode: live": ("2:7: unexpected ':'; check the indentation, and write a text that holds ': ' in quotes"),
    "name: - a": "1:7: a list item '-' cannot stand here; begin the list on its own line",
    "teams:\n  day: 1\n  night\nname: b": "4:1: a key without ':'; write e.g. key: value",
    "name: 'b\n": "2:1: a quoted text is not closed; write the closing quote",
    "name: [b,": "1:10: a value is missing, or a bracket is not closed; write e.g. [a, b]",
    "name: }": "1:7: a value is missing, or a bracket is not closed; write e.g. [a, b]",
    "name: b\n- c": "2:1: wrong indentation; entries of one mapping or list begin in the same column",
    "teams: {day: 1": "1:15: a comma or the closing } is missing; write e.g. [a, b] or {a: 1}",
    'name: "\\q"': ("1:9: an unknown escape in double quotes; write \\\\ for a backslash, or use single quotes"),
    'name: "\\UFFFFFFFF"': "1:1: what follows is not valid YAML; look for an unusual escape such as \\U",
    "name: \x07": "1:7: the character U+0007 is not allowed; delete it",
    "name: a\n---\nname: b": "2:1: a second document begins; a scenario is one mapping",
    "name: a\n...\nname: b": "3:1: a second document begins; a scenario is one mapping",
    "{name: a} b": "1:11: text after the end of the document; a scenario is one mapping",
    "name: !!python/object:os.system x": "1:7: name: a tag ('!…') is not allowed; write the plain value",
    "teams: !set {a}": "1:8: teams: a tag ('!…') is not allowed; write the plain value",
    "name: !x!y z": "1:7: a tag ('!…') is not allowed; write the plain value",
    "name: *b": "1:7: *b has no anchor before it; write the values out",
    "teams: &t\n  day: *t": "2:8: *t contains itself; write the values out",
    "name: a\nmode: live\nname: b": "3:1: the key 'name' stands here twice, first in line 1; delete one",
    'teams:\n  day: {a: 1, "a": 2}': ("2:15: teams.day: the key 'a' stands here twice, first in line 2; delete one"),
    "teams:\n  <<: 1": ("2:3: teams: merge keys ('<<') are not supported; write the entries out, or use extends"),
    "? [a]\n: 1": "1:3: a key must be a text of its own, not an alias, list or mapping",
    "x: &b name\n*b : 1": "2:1: a key must be a text of its own, not an alias, list or mapping",
    ": 1": "1:1: a key is empty; write e.g. key: value",
    "limit: 1e999": "1:8: limit: the number '1e999' is too large",
    "weights: [1, " + "9" * 5000 + "]": f"1:14: weights[1]: the number '{'9' * 37}...' is too large",
    'name: "\\ud800"': ("1:7: name: '\\ud800' holds half a character (a lone surrogate); write the whole one"),
}


@pytest.mark.parametrize("text", SYNTAX)
def test_faulty_yaml(text: str) -> None:
    assert problems_of(text) == [f"a.yaml:{SYNTAX[text]}"]


def test_all_doubled_keys_are_told_at_once() -> None:
    assert problems_of("name: a\nteams: {x: 1, x: 2}\nname: b") == [
        "a.yaml:2:15: teams: the key 'x' stands here twice, first in line 2; delete one",
        "a.yaml:3:1: the key 'name' stands here twice, first in line 1; delete one",
    ]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "[{a: "])
def test_enormous_nesting_is_refused(opening: str) -> None:
    (problem,) = problems_of(f"teams:\n  {opening * 5000}")
    assert problem.startswith("a.yaml:2:")
    assert problem.endswith(f": nested more than {DEEPEST} levels deep; write it flatter")


def test_the_deepest_nesting_allowed_is_read() -> None:
    inside = DEEPEST - 1
    write(a=f"x: {'[' * inside}{']' * inside}", b=f"x: {'[' * DEEPEST}{']' * DEEPEST}")
    assert plain(read("a.yaml"))
    with pytest.raises(InputError, match="nested more than"):
        read("b.yaml")


def test_aliases_cannot_nest_more_deeply_than_text() -> None:
    half = DEEPEST // 2 + 1
    text = f"x: &a {'[' * half}{']' * half}\ny: {'[' * half}*a{']' * half}"
    assert problems_of(text)[0].endswith(f": nested more than {DEEPEST} levels deep; write it flatter")


def test_an_alias_bomb_is_refused_at_once() -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    before = time.perf_counter()
    (problem,) = problems_of("\n".join(lines))
    assert problem.endswith(f"aliases repeat more than {MOST_FROM_ALIASES} values; write fewer")
    assert time.perf_counter() - before < 20


def test_an_ordinary_anchor_repeats_its_value() -> None:
    write(a="teams:\n  day: &t {agents: 3}\n  night: *t\n  noon: {agents: &n 4, pair: *n}")
    teams = load("a.yaml", Center).teams
    assert teams["day"] == teams["night"] == Team(agents=3)
    assert teams["noon"].pair == 4


def test_a_fault_in_a_repeated_value_is_told_where_it_is_written_or_used() -> None:
    text = "teams:\n  day: &t {agents: x}\n  night: *t\n  noon: {agents: &n 5, pair: *n}"
    assert problems_of(text) == [
        "a.yaml:2:20: teams.day.agents: must be a whole number, not 'x'; write e.g. 12",
        "a.yaml:2:20: teams.night.agents: must be a whole number, not 'x'; write e.g. 12",
        "a.yaml:4:30: teams.noon.pair: must be even; write e.g. 4",
    ]


# YAML 1.2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[(word, word) for word in ("no", "yes", "on", "off", "9:30", "2025-03-01", "1_000", "0b1", "1e", "=")],
        *[(word, None) for word in ("", "~", "null", "NULL")],
        *[("true", True), ("False", False), ("12", 12), ("-007", -7), ("0x1f", 31), ("0o17", 15)],
        *[("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), ("-.inf", -math.inf), ("+.INF", math.inf)],
    ],
)
def test_scalars_follow_the_core_schema(text: str, value: object) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)
    assert math.isnan(resolve(".nan"))


def test_quoted_words_stay_text_and_keys_are_text() -> None:
    write(a="a: '12'\nb: \"true\"\n12: x\ntrue: y\nno: z\n~: |\n  12\n")
    assert plain(read("a.yaml")) == {"a": "12", "b": "true", "12": "x", "true": "y", "no": "z", "~": "12\n"}


def test_no_and_times_work_unquoted() -> None:
    write(a="language: no\nopen: no\nopens: {mon-fri: 9:30-17:00}")
    center = load("a.yaml", Center)
    assert (center.language, center.open) == ("no", False)
    assert center.opens == {(0, 1, 2, 3, 4): "9:30-17:00"}


# Validation

FAULTS = {
    "nam: b": (
        "1:1: nam: unknown key; did you mean name? (valid keys: name, teams, logs, mode, language, opens, "
        "patience, limit, step, share, weights, span and 2 more)"
    ),
    "teams:\n  day: {agents: 3, zzz: 1}": (
        "2:20: teams.day.zzz: unknown key (valid keys: agents, skills, service, handler, speed, pair)"
    ),
    "teams:\n  day: {agnets: 3}": (
        "2:9: teams.day.agnets: unknown key; did you mean agents? "
        "(valid keys: agents, skills, service, handler, speed, pair)"
    ),
    "teams:\n  day: {}": "2:3: teams.day.agents: is missing; write e.g. agents: 12",
    "logs:\n  calls: {column: s}": "2:3: logs.calls.file: is missing",
    "teams:\n  day:": "2:3: teams.day: must be a mapping of keys, not empty; write e.g. key: value",
    "teams:\n  day: 12": "2:8: teams.day: must be a mapping of keys, not 12; write e.g. key: value",
    "teams:\n- day": "1:1: teams: must be a mapping of keys, not a list; write e.g. key: value",
    "teams: {day: {agents: ten}}": ("1:23: teams.day.agents: must be a whole number, not 'ten'; write e.g. 12"),
    "teams: {day: {agents: 1.5}}": "1:23: teams.day.agents: must be a whole number, not 1.5; write e.g. 12",
    "teams: {day: {agents: -1}}": "1:23: teams.day.agents: must be at least 0, not -1",
    "teams: {day: {agents: 501}}": "1:23: teams.day.agents: must be at most 500, not 501",
    "teams: {day: {agents: .inf}}": "1:23: teams.day.agents: must be a finite number, not .inf",
    "teams: {day: {agents: 1, speed: .nan}}": ("1:33: teams.day.speed: must be a finite number, not .nan"),
    "teams: {day: {agents: 1, speed: fast}}": ("1:33: teams.day.speed: must be a number, not 'fast'; write e.g. 1.5"),
    "teams: {day: {agents: 1, skills: phone}}": (
        "1:34: teams.day.skills: must be a list, not 'phone'; write e.g. [a, b]"
    ),
    "teams: {day: {agents: 1, skills: [a, 5]}}": ("1:38: teams.day.skills[1]: must be text, not 5; write it in quotes"),
    "teams: {day: {agents: 1, pair: 3}}": "1:32: teams.day.pair: must be even; write e.g. 4",
    "limit: 1": "1:8: limit: must be more than 1, not 1",
    "limit: 5": "1:8: limit: must be less than 5, not 5",
    "step: 3": "1:7: step: must be a multiple of 5, not 3",
    "limit: 2\nopen: false": "1:1: a closed center needs no limit; remove it",
    "mode: lve": "1:7: mode: must be one of live, deferred, not 'lve'; did you mean live?",
    "mode: 7": "1:7: mode: must be one of live, deferred, not 7",
    "language: english": "1:11: language: must be one of no, yes, en, not 'english'",
    "open: perhaps": "1:7: open: must be true or false, not 'perhaps'; write e.g. true",
    "start: 2025-13-01": "1:8: start: must be a date, not '2025-13-01'; write e.g. 2025-03-31",
    "share: 40": "1:8: share: '40' has no unit; write e.g. 40 %",
    "name: B": "1:7: name: 'B' is not of the right form; wanted: Lower-case letters.",
    "weights: [1]": "1:1: weights: must have at least 2 entries, not 1",
    "weights: [1, 2, 3, 4]": "1:1: weights: must have at most 3 entries, not 4",
    "span: [1]": "1:1: span[1]: an entry is missing",
    "opens: {mon: a, someday: b}": ("1:17: opens.someday: 'someday' is no weekday; write e.g. mon-fri, sat or daily"),
    "patience: 12": "1:11: patience: '12' has no unit; write e.g. 12 min, or: must be endless, not 12",
    "teams: {day: {agents: 1, service: {exponential: {mean: 3}}}}": (
        "1:56: teams.day.service.exponential.mean: '3' has no unit; write e.g. 3 min"
    ),
    "teams: {day: {agents: 1, service: {lognormal: {mean: 3 min}}}}": (
        "1:36: teams.day.service.lognormal.cv: is missing; write e.g. cv: 1.5"
    ),
    "teams: {day: {agents: 1, service: {exponentail: {mean: 3 min}}}}": (
        "1:36: teams.day.service.exponentail: unknown key; did you mean exponential? "
        "(valid keys: exponential, lognormal, constant)"
    ),
    "teams: {day: {agents: 1, service: {}}}": (
        "1:26: teams.day.service: one of the keys exponential, lognormal, constant is missing"
    ),
    "teams: {day: {agents: 1, service: 3 min}}": (
        "1:35: teams.day.service: must be a mapping of keys, not '3 min'; write e.g. key: value"
    ),
    "teams: {day: {agents: 1, handler: {kind: bott}}}": (
        "1:26: teams.day.handler: must be one of bot, human, not 'bott'; did you mean bot?"
    ),
    "teams: {day: {agents: 1, handler: {reach: 40 %}}}": (
        "1:26: teams.day.handler: fits none of the kinds; its keys may be kind, reach"
    ),
    "teams: {day: {agents: 1, handler: {kind: bot, reach: half}}}": (
        "1:54: teams.day.handler.reach: 'half' is not a share; write e.g. 40 %"
    ),
    "teams: {day: {agents: 1, handler: {kind: human, wages: 1 EUR}}}": (
        "1:49: teams.day.handler.wages: unknown key; did you mean wage? (valid keys: kind, wage)"
    ),
    "teams: {night.shift: {agents: x}}": (
        "1:31: teams.\"night.shift\".agents: must be a whole number, not 'x'; write e.g. 12"
    ),
}


@pytest.mark.parametrize("text", FAULTS)
def test_validation(text: str) -> None:
    assert problems_of(text) == [f"a.yaml:{FAULTS[text]}"]


def test_all_problems_at_once_in_the_order_of_the_text() -> None:
    text = "limit: 9\nteams:\n  day: {agents: x, skills: 3}\n  night: {}\nname: B\n"
    assert problems_of(text) == [
        "a.yaml:1:8: limit: must be less than 5, not 9",
        "a.yaml:3:17: teams.day.agents: must be a whole number, not 'x'; write e.g. 12",
        "a.yaml:3:28: teams.day.skills: must be a list, not 3; write e.g. [a, b]",
        "a.yaml:4:3: teams.night.agents: is missing; write e.g. agents: 12",
        "a.yaml:5:7: name: 'B' is not of the right form; wanted: Lower-case letters.",
    ]


def test_lines_are_in_numerical_order() -> None:
    text = "teams:\n" + "".join(f"  t{n}: {{agents: x}}\n" for n in range(12))
    lines = [int(problem.split(":")[1]) for problem in problems_of(text)]
    assert lines == list(range(2, 14))


class Choice(Strict):
    """A union whose labels are keys of the data as well."""

    service: Annotated[
        Annotated[Mean, Tag("mean")] | Annotated[Spread, Tag("cv")],
        Discriminator(lambda value: "cv" if "cv" in value else "mean"),
    ]


def test_a_label_of_a_union_is_not_mistaken_for_a_key() -> None:
    with pytest.raises(InputError) as caught:
        validate({"service": {"mean": "3", "cv": "x"}}, Choice)
    assert str(caught.value).split("\n") == [
        "<dict>: service.cv: must be a number, not 'x'; write e.g. 1.5",
        "<dict>: service.mean: '3' has no unit; write e.g. 3 min",
    ]


def refused(data: dict[str, Any], model: type[BaseModel]) -> list[str]:
    with pytest.raises(InputError) as caught:
        validate(data, model)
    return str(caught.value).split("\n")


def test_of_a_union_the_choice_that_fits_best_speaks() -> None:
    class Either(Strict):
        value: int | Spread | list[int]

    assert refused({"value": {"mean": 3, "cv": "x"}}, Either) == [
        "<dict>: value.cv: must be a number, not 'x'; write e.g. 1.5",
        "<dict>: value.mean: '3' has no unit; write e.g. 3 min",
    ]
    assert refused({"value": [1, "x", "y"]}, Either) == [
        "<dict>: value[1]: must be a whole number, not 'x'; write e.g. 12",
        "<dict>: value[2]: must be a whole number, not 'y'; write e.g. 12",
    ]
    assert refused({"value": {"mean": "3 s", "cvv": 1}}, Either) == [
        "<dict>: value.cvv: unknown key; did you mean cv? (valid keys: mean, cv)"
    ]


def test_examples_lie_within_the_bounds() -> None:
    class Bounded(Strict):
        lag: Annotated[float, Field(ge=0, lt=1)]
        few: Annotated[int, Field(le=5)]
        odd: Annotated[int, Field(ge=20)]
        days: Annotated[int, Field(examples=[7])]
        topic: Literal["billing", "password"]

    assert refused({}, Bounded) == [
        "<dict>: days: is missing; write e.g. days: 7",
        "<dict>: few: is missing; write e.g. few: 1",
        "<dict>: lag: is missing; write e.g. lag: 0.5",
        "<dict>: odd: is missing",
        "<dict>: topic: is missing; write e.g. topic: billing",
    ]


def test_nan_is_out_of_any_range() -> None:
    class Loose(BaseModel):
        least: Annotated[float, Field(ge=0)] = 0

    assert refused({"least": math.nan}, Loose) == ["<dict>: least: must be a finite number, not .nan"]


def test_a_dict_is_validated_without_a_file() -> None:
    assert validate({"teams": {"day": {"agents": 3}}}, Center) == Center(teams={"day": Team(agents=3)})
    with pytest.raises(InputError) as caught:
        validate({"teams": {"day": {"agents": None}}}, Center, label="the form")
    assert str(caught.value) == ("the form: teams.day.agents: must be a whole number, not empty; write e.g. 12")


def test_a_dict_that_contains_itself_is_refused() -> None:
    class Part(Strict):
        part: Part | None = None

    loop: dict[str, Any] = {}
    loop["part"] = loop
    with pytest.raises(InputError) as caught:
        validate(loop, Part)
    assert str(caught.value) == "<dict>: part: contains itself; write the values out"


# Cross-checks


def too_few(center: Center) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for name, team in center.teams.items():
        if team.agents < 2:
            yield ("teams", name), "is a team of one; write agents: 2"
            yield ("teams", name, "agents"), "must be at least 2"
            yield ("teams", name, "skills", 0), "nobody else knows this"


def test_cross_checks_have_marks() -> None:
    text = "teams:\n  day: {agents: 3}\n  night:\n    agents: 1\n"
    assert problems_of(text, check=too_few) == [
        "a.yaml:3:3: teams.night: is a team of one; write agents: 2",
        "a.yaml:3:3: teams.night.skills[0]: nobody else knows this",
        "a.yaml:4:13: teams.night.agents: must be at least 2",
    ]


def test_cross_checks_are_spared_an_invalid_model() -> None:
    assert problems_of("teams: {night: {agents: 1}}\nlimit: 9", check=too_few) == [
        "a.yaml:2:8: limit: must be less than 5, not 9"
    ]


def test_a_check_without_findings_lets_the_model_pass() -> None:
    write(a="teams: {night: {agents: 2}}")
    assert load("a.yaml", Center, check=too_few).teams["night"].agents == 2


# Extending


def merged(path: str = "a.yaml", **options: Any) -> dict[str, Any]:
    return load_tree(path, **options)[0]


def test_mappings_merge_and_everything_else_is_replaced() -> None:
    write(
        base="name: x\nteams: {day: {agents: 1, skills: [a, b]}, night: {agents: 2}}",
        a="extends: base.yaml\nteams: {day: {skills: [c]}, noon: {agents: 3}}",
    )
    teams = {"day": {"agents": 1, "skills": ["c"]}, "night": {"agents": 2}, "noon": {"agents": 3}}
    assert merged() == {"name": "x", "teams": teams}
    assert list(merged()["teams"]) == ["day", "night", "noon"]


def test_a_mapping_replaces_a_scalar_and_the_other_way_round() -> None:
    write(base="x: 1\ny: {a: 1}", a="extends: base.yaml\nx: {a: 1}\ny: 1")
    assert merged() == {"x": {"a": 1}, "y": 1}


def test_null_removes_a_key_of_the_base_but_stays_where_there_is_none() -> None:
    write(base="x: 1\ny: {a: 1, b: 2}", a="extends: base.yaml\nx: ~\ny: {a: null, c: }")
    assert merged() == {"y": {"b": 2, "c": None}}


def test_a_misspelt_removal_is_an_unknown_key() -> None:
    write(base="teams: {day: {agents: 1, speed: 2}}", a="extends: base.yaml\nteams: {day: {sped: ~}}")
    assert problems() == [
        "a.yaml:2:15: teams.day.sped: unknown key; did you mean speed? "
        "(valid keys: agents, skills, service, handler, speed, pair)"
    ]


def test_one_kind_replaces_another() -> None:
    write(
        base="service: {exponential: {mean: 3 min}, at_most: 9 min}",
        a="extends: base.yaml\nservice: {lognormal: {mean: 5 min}}",
        b="extends: a.yaml\nservice: {lognormal: {cv: 0.5}}",
        c="extends: b.yaml\nservice: {lognormal: ~, constant: 1 min}",
        d="extends: base.yaml\nservice: {lognormal: ~}",
    )
    assert merged("a.yaml", kinds=KINDS)["service"] == {"lognormal": {"mean": "5 min"}, "at_most": "9 min"}
    assert merged("b.yaml", kinds=KINDS)["service"]["lognormal"] == {"mean": "5 min", "cv": 0.5}
    assert merged("c.yaml", kinds=KINDS)["service"] == {"at_most": "9 min", "constant": "1 min"}
    assert set(merged("a.yaml")["service"]) == {"exponential", "lognormal", "at_most"}
    assert merged("d.yaml", kinds=KINDS)["service"]["exponential"] == {"mean": "3 min"}


def test_several_bases_and_chains() -> None:
    write(
        one="x: 1\ny: 1\nz: 1",
        two="extends: zero.yaml\ny: 2\nz: 2",
        zero="w: 0\ny: 0",
        a="extends: [one.yaml, two.yaml]\nz: 3",
    )
    assert merged() == {"x": 1, "y": 2, "z": 3, "w": 0}


def test_a_base_that_two_have_in_common_takes_back_nothing_of_what_the_first_says() -> None:
    write(base="x: 1\ny: 1\nz: 1", one="extends: base.yaml\nx: 2\nz: 2", two="extends: base.yaml\ny: 3\nz: 3")
    write(
        a="extends: [one.yaml, two.yaml]", b="extends: [two.yaml, one.yaml]\ny: 4", c="extends: [one.yaml, base.yaml]"
    )
    assert [load_tree(f"{name}.yaml")[0] for name in "abc"] == [
        {"x": 2, "y": 3, "z": 3},
        {"x": 2, "y": 4, "z": 2},
        {"x": 2, "y": 1, "z": 2},
    ]


def test_one_base_by_two_ways_is_no_circle() -> None:
    write(base="x: 1", one="extends: base.yaml", two="extends: base.yaml", a="extends: [one.yaml, two.yaml]")
    assert merged() == {"x": 1}


def test_many_ways_to_one_base_are_read_once() -> None:
    write(f0="x: 1", a="extends: [f29.yaml, f29.yaml]")
    write(**{f"f{n}": f"extends: [f{n - 1}.yaml, f{n - 1}.yaml, f{n - 1}.yaml]" for n in range(1, 30)})
    before = time.perf_counter()
    assert merged() == {"x": 1}
    assert time.perf_counter() - before < 20


def test_a_circle_names_its_chain() -> None:
    write(a="name: a\nextends: b.yaml", b="extends:\n- c.yaml", c="extends: ./b.yaml")
    assert problems() == [
        "c.yaml:1:10: extends: the files extend each other in a circle: b.yaml → c.yaml → b.yaml; take one link out"
    ]


def test_a_file_that_extends_itself_through_a_link() -> None:
    write(a="extends: b.yaml")
    os.symlink("a.yaml", "b.yaml")
    assert problems() == [
        "a.yaml:1:10: extends: the files extend each other in a circle: a.yaml → b.yaml; take one link out"
    ]


def test_an_endless_chain() -> None:
    write(**{f"f{n}": f"extends: f{n + 1}.yaml" for n in range(60)}, f60="name: x")
    assert problems("f0.yaml") == ["f49.yaml:1:10: extends: more than 50 files extend each other in a row; write fewer"]


def test_missing_bases_are_told_in_their_line_all_at_once() -> None:
    Path("sub").mkdir()
    write(base="name: a", a="name: a\nextends:\n  - basse.yaml\n  - sub\n  - sub/x.yaml\n")
    assert problems() == [
        "a.yaml:3:5: extends: basse.yaml: there is no such file; did you mean base.yaml?",
        "a.yaml:4:5: extends: sub: this is a folder; name a file in it",
        "a.yaml:5:5: extends: sub/x.yaml: there is no such file",
    ]


def test_odd_names_of_bases_stay_on_one_line() -> None:
    assert problems_of('extends: "x\\nother"') == ["a.yaml:1:10: extends: 'x\\nother': there is no such file"]


@pytest.mark.parametrize(
    ("value", "place", "found"),
    [("12", "1:10", "12"), ("~", "1:1", "empty"), ("''", "1:10", "''"), ("{a: b}", "1:1", "a mapping")],
)
def test_extends_must_name_files(value: str, place: str, found: str) -> None:
    assert problems_of(f"extends: {value}\n") == [
        f"a.yaml:{place}: extends: must be a file name or a list of them, not {found}; write e.g. base.yaml"
    ]


def test_faults_of_all_files_are_told_together() -> None:
    write(base="x: [", other="y: {", a="extends: [base.yaml, other.yaml, nix]\nz: 1\nz: 2")
    assert problems()[0] == "a.yaml:3:1: the key 'z' stands here twice, first in line 2; delete one"
    write(a="extends: [base.yaml, other.yaml, nix]")
    assert [problem.split(" ")[0] for problem in problems()] == [
        "a.yaml:1:34:",
        "base.yaml:1:5:",
        "other.yaml:1:5:",
    ]


def test_a_fault_is_told_in_the_file_that_says_it() -> None:
    write(
        base="teams:\n  day: {agents: x, speed: 1}\n  noon: {agents: 1}",
        a="extends: base.yaml\nteams:\n  day: {speed: y}\n  noon: {agents: ~}\n",
    )
    assert problems() == [
        "a.yaml:3:16: teams.day.speed: must be a number, not 'y'; write e.g. 1.5",
        "a.yaml:4:3: teams.noon.agents: is missing; write e.g. agents: 12",
        "base.yaml:2:17: teams.day.agents: must be a whole number, not 'x'; write e.g. 12",
    ]


def test_what_the_base_lacks_is_told_in_the_base() -> None:
    write(base="teams:\n  day: {speed: 1}", a="extends: base.yaml\nteams:\n  day: {pair: 4}")
    assert problems() == ["base.yaml:2:3: teams.day.agents: is missing; write e.g. agents: 12"]


def test_a_misspelt_name_of_an_entry_of_the_base() -> None:
    write(base="teams:\n  night: {agents: 2}\n", a="extends: base.yaml\nteams:\n  nigth: {speed: 2}\n")
    assert problems() == [
        "a.yaml:3:3: teams.nigth.agents: is missing; write e.g. agents: 12; or did you mean night instead of nigth?"
    ]


def test_a_known_key_is_not_taken_for_a_misspelt_one() -> None:
    class Week(Strict):
        night: Mean
        nights: Mean

    write(base="night: {mean: 1 s}", a="extends: base.yaml\nnights: {}")
    with pytest.raises(InputError) as caught:
        load("a.yaml", Week)
    assert str(caught.value) == "a.yaml:2:1: nights.mean: is missing; write e.g. mean: 12 min"


def test_paths_are_relative_to_the_file_that_names_them() -> None:
    Path("sub/deep").mkdir(parents=True)
    Path("sub/base.yaml").write_text("extends: deep/base.yaml\nlogs: {one: {file: one.csv}}")
    Path("sub/deep/base.yaml").write_text("logs: {two: {file: ../two.csv}, list: [{file: x}]}")
    write(a="extends: sub/base.yaml\nlogs: {three: {file: three.csv}, four: {file: /data/four.csv}, file: {a: b}}")
    here = os.getcwd()
    assert merged()["logs"] == {
        "one": {"file": f"{here}/sub/one.csv"},
        "two": {"file": f"{here}/sub/two.csv"},
        "three": {"file": f"{here}/three.csv"},
        "four": {"file": "/data/four.csv"},
        "list": [{"file": f"{here}/sub/deep/x"}],
        "file": {"a": "b"},
    }


def test_a_file_that_is_no_text_is_left_to_the_model() -> None:
    assert problems_of("logs: {a: {file: 3}, b: {file: ''}}") == [
        "a.yaml:1:18: logs.a.file: must be text, not 3; write it in quotes"
    ]


def test_read_leaves_extends_alone() -> None:
    write(a="extends: nothing.yaml\nname: x")
    tree = read("a.yaml")
    assert plain(tree) == {"extends": "nothing.yaml", "name": "x"}
    assert isinstance(tree.value, dict)
    assert str(tree.value["name"].mark) == "a.yaml:2:7"
    assert str(tree.value["name"].key) == "a.yaml:2:1"


# Overrides


def test_overrides_go_over_the_files_in_order() -> None:
    write(base="teams: {day: {agents: 1}}", a="extends: base.yaml\nname: x")
    overrides = {"teams.day.agents": "2", "teams.day.speed": 1.5, "name": "~", "teams.day.pair": "4"}
    assert merged(overrides=overrides) == {"teams": {"day": {"agents": 2, "speed": 1.5, "pair": 4}}}
    assert merged(overrides={"teams": "~", "teams.x": "1"}) == {"name": "x", "teams": {"x": 1}}
    assert merged(overrides={"teams.x": "1", "teams": None}) == {"name": "x"}


def test_overrides_know_kinds() -> None:
    write(a="service: {exponential: {mean: 1 min}}")
    overrides = {"service.lognormal.mean": "2 min", "service.lognormal.cv": "0.5"}
    assert merged(overrides=overrides, kinds=KINDS) == {"service": {"lognormal": {"mean": "2 min", "cv": 0.5}}}


def test_override_values_are_yaml_or_python() -> None:
    write(a="x: 1")
    values = {
        "a": "[1, no]",
        "b": "{c: 9:30}",
        "d": (1, {"e": "true"}),
        "f": np.float64(0.5),
        "g": np.int64(3),
    }
    result = merged(overrides={**values, "h": True, "i": Path("p"), "j": "'12'"})
    expected = {
        "a": [1, "no"],
        "b": {"c": "9:30"},
        "d": [1, {"e": "true"}],
        "f": 0.5,
        "g": 3,
        "h": True,
        "j": "12",
    }
    assert result == {"x": 1, "i": "p", **expected}
    assert (type(result["f"]), type(result["g"])) == (float, int)


def test_files_in_overrides_are_relative_to_the_current_folder() -> None:
    Path("sub").mkdir()
    Path("sub/a.yaml").write_text("logs: {a: {file: a.csv}}")
    overrides = {"logs.b.file": "b.csv", "logs.c": "{file: c.csv}", "logs.d": {"file": "d.csv"}}
    logs = merged("sub/a.yaml", overrides=overrides)["logs"]
    here = os.getcwd()
    assert [log["file"] for log in logs.values()] == [
        f"{here}/{name}" for name in ("sub/a.csv", "b.csv", "c.csv", "d.csv")
    ]


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (
            "teams.day.agnets",
            "3",
            "teams.day.agnets: unknown key; did you mean agents? "
            "(valid keys: agents, skills, service, handler, speed, pair)",
        ),
        ("teams.day.agents", "many", "teams.day.agents: must be a whole number, not 'many'; write e.g. 12"),
        ("teams.day", {"agents": "x"}, "teams.day.agents: must be a whole number, not 'x'; write e.g. 12"),
        ("name.x", "1", "name: must be text, not a mapping"),
        ("name", "[1,", "a value is missing, or a bracket is not closed; write e.g. [a, b]"),
        ("name", "{a: 1, a: 2}", "the key 'a' stands here twice; delete one"),
        ("teams", "{x: {a: 1, a: 2}}", "teams.x: the key 'a' stands here twice; delete one"),
        (
            "teams.dya.speed",
            "2",
            "teams.dya.agents: is missing; write e.g. agents: 12; or did you mean day instead of dya?",
        ),
        ("extends", "b.yaml", None),
    ],
)
def test_faulty_overrides(path: str, value: object, problem: str | None) -> None:
    write(a="teams: {day: {agents: 1}}")
    (told,) = problems(overrides={path: value})
    assert (
        told.startswith(f"--set {path}: extends: unknown key")
        if problem is None
        else (told == f"--set {path}: {problem}")
    )


@pytest.mark.parametrize("path", ["", ".", "a..b", "a.", ".a", 'a."b', "a[0]", "a=b", ' ."x"y'])
def test_malformed_paths(path: str) -> None:
    write(a="name: x")
    (told,) = problems(overrides={path: "1"})
    assert told.startswith(f"--set {path}: ")
    assert "is not a path of keys; write e.g. teams.front.shifts.day.headcount=12" in told
    assert told.endswith("set the whole list") == ("[" in path)


def test_faults_of_files_and_overrides_are_told_together() -> None:
    write(a="name: [")
    assert problems(overrides={"x..y": "1", "z": "["}) == [
        "--set x..y: 'x..y' is not a path of keys; write e.g. teams.front.shifts.day.headcount=12",
        "--set z: a value is missing, or a bracket is not closed; write e.g. [a, b]",
        "a.yaml:1:8: a value is missing, or a bracket is not closed; write e.g. [a, b]",
    ]


def test_deep_overrides_are_refused() -> None:
    write(a="name: x")
    loop: list[Any] = []
    loop.append(loop)
    deep = ".".join("a" * 1000)
    message = f"nested more than {DEEPEST} levels deep; write it flatter"
    assert problems(overrides={"x": loop, deep: "1", "y": "[" * 100}) == [
        f"--set {deep}: {message}",
        f"--set x: {message}",
        f"--set y: {message}",
    ]


def test_quoted_keys() -> None:
    write(a="{}")
    assert merged(overrides={'a."x.y".c': "1", ' b . "c=d" ': "2"}) == {
        "a": {"x.y": {"c": 1}},
        "b": {"c=d": 2},
    }


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("a.b=1", "a.b", "1"),
        (" a.b = x=y ", "a.b", "x=y"),
        ('a."x=y"=1', 'a."x=y"', "1"),
        ("a={b: c}", "a", "{b: c}"),
        ("a=\n  b", "a", "b"),
    ],
)
def test_parse_set(text: str, path: str, value: str) -> None:
    assert parse_set(text) == (path, value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("teams.day", "--set teams.day: has no '='; write e.g. teams.front.shifts.day.headcount=12"),
        ("", "--set : has no '='; write e.g. teams.front.shifts.day.headcount=12"),
        ("=1", "--set =1: '' is not a path of keys; write e.g. teams.front.shifts.day.headcount=12"),
        ("a..b=1", "--set a..b=1: 'a..b' is not a path of keys; write e.g. teams.front.shifts.day.headcount=12"),
        ("a=", "--set a=: has no value; write e.g. a=12, or a=~ to remove the key"),
        (
            "a\nb=",
            '\'--set a\\nb=\': has no value; write e.g. "a\\nb"=12, or "a\\nb"=~ to remove the key',
        ),
        (
            "a[0]=1",
            "--set a[0]=1: 'a[0]' is not a path of keys; write e.g. teams.front.shifts.day.headcount=12; "
            "an entry of a list cannot be set alone: set the whole list",
        ),
    ],
)
def test_parse_set_refuses(text: str, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_set(text)
    assert str(caught.value) == problem


@given(st.lists(st.text(max_size=6), min_size=1, max_size=4).map(tuple))
def test_dotted_paths_read_back(keys: tuple[str, ...]) -> None:
    assert split_path(dotted(keys)) == keys


# The error itself


def test_problems_survive_pickling_as_results_of_workers_must() -> None:
    error = InputError([Problem("a.yaml:1:2", "x", "is wrong"), Problem("", "", "so it is")])
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error) == "a.yaml:1:2: x: is wrong\nso it is"
    assert copy.problems == error.problems


# Nothing but InputError

SEED = """\
extends: base.yaml
name: x
teams: &t
  day: {agents: 3, skills: [a, b], service: {exponential: {mean: 3 min}}}
  "night.shift":
    agents: 1
    handler: {kind: bot, reach: 40 %}
logs:
  calls: {file: calls.csv}
mode: live
patience: 1 h 30 min
opens: {mon-fri: 9:30-17:00}
weights: [1, .nan]
"""
PIECES = [
    *("\t", "\n", " ", "? ", "- ", "\0", "\ud800", "\u2028", "\ufeff", "extends: a.yaml\n", "file: 3"),
    *(":", "[", "]", "{", "}", "&t", "*t", "!!x", "<<:", "~", "|", ">", "'", "#", "%YAML", "---", "..."),
    *("\\", ".inf", "0x", "1e999", "exponential", "é", "@", "`", ",", "="),
    *('"', '"\\ud800"', '"\\U00110000"', "lognormal: {mean: 1 s}", "\n---\n", "\n...\n", "%YAML 1.1\n"),
]
edits = st.lists(
    st.tuples(st.integers(0, len(SEED)), st.integers(0, 6), st.sampled_from(PIECES)), min_size=1, max_size=6
)


def _edited(text: str, changes: list[tuple[int, int, str]]) -> str:
    for at, cut, piece in changes:
        text = text[:at] + piece + text[at + cut :]
    return text


def _refused_or_loaded(raw: bytes, **options: Any) -> None:
    Path("base.yaml").write_text("teams: {day: {agents: 1}}")
    Path("a.yaml").write_bytes(raw)
    try:
        load("a.yaml", Center, kinds=KINDS, check=too_few, **options)
    except InputError as error:
        assert error.problems
        assert all(problem.where and problem.what and "\n" not in str(problem) for problem in error.problems)


fuzzing = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@fuzzing
@given(edits)
def test_mutated_yaml_raises_nothing_else(changes: list[tuple[int, int, str]]) -> None:
    _refused_or_loaded(_edited(SEED, changes).encode("utf-8", "surrogatepass"))


@fuzzing
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_arbitrary_text_raises_nothing_else(raw: bytes) -> None:
    _refused_or_loaded(raw)


@fuzzing
@given(st.lists(st.sampled_from([*PIECES, "a", "b: ", "teams", "day", "1"]), max_size=25).map("".join))
def test_scraps_of_yaml_raise_nothing_else(text: str) -> None:
    _refused_or_loaded(text.encode("utf-8", "surrogatepass"))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["agents", "mean", "cv", "kind", "exponential", "file", "x"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
paths = st.lists(st.sampled_from(["teams", "day", "service", "handler", "limit", "logs", "x"]), min_size=1, max_size=4)


@fuzzing
@given(st.dictionaries(paths.map(".".join) | st.text(max_size=6), values, max_size=3))
def test_overrides_raise_nothing_else(overrides: dict[str, Any]) -> None:
    _refused_or_loaded(b"teams: {day: {agents: 3}}", overrides=overrides)


@fuzzing
@given(st.dictionaries(st.sampled_from(list(Center.model_fields)) | st.text(max_size=4), values, max_size=4))
def test_dicts_raise_nothing_else(data: dict[str, Any]) -> None:
    try:
        validate(data, Center)
    except InputError as error:
        assert error.problems


@fuzzing
@given(st.text(max_size=20))
def test_settings_raise_nothing_else(text: str) -> None:
    try:
        path, value = parse_set(text)
    except InputError as error:
        assert str(error).splitlines() == [str(error)]
        return
    assert split_path(path) and value


def test_a_factor_may_be_written_as_a_number() -> None:
    class Event(Strict):
        grows: Factor

    write(a="grows: 1.2")
    assert load("a.yaml", Event).grows == 1.2
