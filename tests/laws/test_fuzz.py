"""Whatever a file says, it is either run or refused with clear words: no other exception, no hang.

Mutants of a rich, valid scenario: keys dropped, renamed and moved, values of the wrong type, unit, size or name.
"""

from __future__ import annotations

import gzip
import math
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import simulation as sim
from simulation.cli import main
from simulation.demand.births import DemandPlan
from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.metrics import measure
from simulation.metrics.kpi import standard_metrics
from simulation.metrics.view import View
from simulation.scenario.schema import Scenario
from tests.laws.books import observe
from tests.laws.rich import FILE, RICH, TEXT
from tests.laws.strategies import Data, constant, csv_file, deep, moment, quick

PATIENT = 20.0
"""Seconds after which a small scenario counts as hanging (a hundred times what it needs)."""
SMALL_CASES, SMALL_AGENTS = 3000.0, 200


class Hang(Exception):
    """It took too long."""


@contextmanager
def in_time(seconds: float = PATIENT) -> Iterator[None]:
    """Raise Hang if it takes longer (where the system has such an alarm)."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: object) -> None:
        raise Hang(f"not over after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rich scenario as a file."""
    path = tmp_path_factory.mktemp("fuzz") / "rich.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


Step = str | int
PathTo = tuple[Step, ...]


def paths(part: Any, at: PathTo = ()) -> Iterator[PathTo]:
    """Every place in a scenario below the root."""
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for step, value in inner:
        yield (*at, step)
        yield from paths(value, (*at, step))


PLACES = [place for place in paths(RICH) if all(isinstance(step, str) or step < 2 for step in place)]
ODD: list[Any] = [
    None, True, False, 0, 1, -1, 2, 10**6, 10**30, -(10**30), 0.5, -0.5, 1e-300, 1e300, math.nan, math.inf, -math.inf,
    "", " ", "all", "any", "none", "x", "phone", "chat", "billing", "tier1", "tier2", "front", "helper", "high",
    "0", "12", "-3", "0 s", "5 min", "-5 min", "1e9 h", "1e300 d", "5 zebras", "1 h 1 h", "3", "100 %", "0 %", "-1 %", "101 %", "1e-320 %",
    "120/h", "0/h", "1e9/ms", "1e-300/week", "5 EUR", "5 USD/h", "-1 EUR", "24:00", "25:00", "07:00-07:00", "mon", "mon-fri", "feb",
    "2026-03-02", "2026-02-30", "9999-12-31", "2026-03-02 10:00", "x 1e9", "x 0", "fcr >= 0 %", "fcr >=", "contacts >=  ", "wait.p99 < 1 s",
    "\u0000", "\ud800", "a\nb", "ü", "{", "*a", "/dev/null", "/", "no such.csv", FILE,
    [], {}, [[]], [None], {"": {}}, {"x": {}}, ["phone"], ["phone", "phone"], [1, 2], {"constant": {"value": "0 s"}}, {"exponential": {"mean": "0 s"}},
    constant(60), {"constant": {"value": "1 s"}, "exponential": {"mean": "1 s"}}, {"mean": "1 s"},
]  # fmt: skip
JUNK: st.SearchStrategy[Any] = st.sampled_from(ODD)
MUTATIONS = ("drop", "junk", "rename", "copy", "wrap", "swap")


@st.composite
def mutants(draw: st.DrawFn) -> Data:
    """The rich scenario with one to three faults (or what looks like one)."""
    data = deepcopy(RICH)
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        mutate(data, draw)
    return data


def mutate(data: Data, draw: st.DrawFn) -> None:
    """Change one place."""
    place, kind = draw(st.sampled_from(PLACES)), draw(st.sampled_from(MUTATIONS))
    parent, step = parent_of(data, place)
    if parent is None:
        return
    if kind == "drop":
        del parent[step]
    elif kind == "junk":
        parent[step] = draw(JUNK)
    elif kind == "rename" and isinstance(parent, dict):
        parent[draw(st.sampled_from(["", "x", "name", "any", "all", "tier9", str(step) + "x", "front", "phone"]))] = (
            parent.pop(step)
        )
    elif kind == "wrap":
        parent[step] = draw(st.sampled_from([[parent[step]], {"x": parent[step]}, str(parent[step])]))
    else:
        other, there = parent_of(data, draw(st.sampled_from(PLACES)))
        if other is not None:
            parent[step], moved = deepcopy(other[there]), deepcopy(parent[step])
            if kind == "swap" and parent_of(data, place)[0] is parent and has(other, there):
                other[there] = moved


def parent_of(data: Any, place: PathTo) -> tuple[Any, Step]:
    """The collection around a place (None if an earlier change has removed it), and the last step."""
    for step in place[:-1]:
        if not has(data, step):
            return None, place[-1]
        data = data[step]
    return (data, place[-1]) if has(data, place[-1]) else (None, place[-1])


def has(part: Any, step: Step) -> bool:
    """Whether a collection has an entry."""
    if isinstance(part, dict):
        return step in part
    return isinstance(part, list) and isinstance(step, int) and step < len(part)


def is_small(scenario: Scenario) -> bool:
    """Whether running it takes no time."""
    cases = sum(float(steps.expected().sum()) for _, _, steps in DemandPlan(scenario).expected())
    shifts = [shift.headcount for team in scenario.teams.values() for shift in team.shifts.values()]
    plans = [team.headcount for team in scenario.teams.values() if team.headcount is not None]
    counts = [plan.constant or max((max(day) for day in plan.weekly.values()), default=0) for plan in plans]
    short = scenario.duration <= 9 * 86400
    return cases <= SMALL_CASES and sum(shifts) + sum(counts) <= SMALL_AGENTS and short


def runs_or_is_refused(data: Data) -> None:
    """Valid scenarios run and can be measured; the others are refused with a place, what is wrong and what to write."""
    with in_time():
        try:
            scenario = from_dict(data)
        except InputError as error:
            assert error.problems and all(problem.what and str(problem) for problem in error.problems)
            return
        if is_small(scenario):
            books = observe(scenario)
            measure(View(books.record, scenario), standard_metrics(scenario))


def test_the_rich_scenario_itself_is_valid_and_busy(rich: Path) -> None:
    result = sim.run(sim.load(rich), jobs=1)
    assert result.simulated > 300 and len(result.targets) == 4
    assert from_dict(RICH) == sim.load(rich)


@quick(60)
@given(mutants())
def test_every_mutant_runs_or_is_refused(data: Data) -> None:
    runs_or_is_refused(data)


@pytest.mark.slow
@deep(2000)
@given(mutants())
def test_every_mutant_of_many_runs_or_is_refused(data: Data) -> None:
    runs_or_is_refused(data)


# -- as text ------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        "\t",
        "  ",
        ":",
        "- ",
        "*a",
        "&a ",
        "{",
        "]",
        "'",
        '"',
        "#",
        "|",
        "!!x ",
        "\n",
        "%",
        "é",
        "\u0000",
        "<<: ",
        "? ",
        "---\n",
        "0",
    ]
)


@st.composite
def torn_texts(draw: st.DrawFn) -> str:
    """The rich scenario's text with lines lost, doubled or moved in, cut off, or with a stray piece."""
    lines = TEXT.splitlines(keepends=True)
    at = draw(st.integers(0, len(lines) - 1))
    kind = draw(st.sampled_from(["lose", "double", "indent", "cut", "stray", "stray"]))
    if kind == "lose":
        del lines[at]
    elif kind == "double":
        lines.insert(at, lines[at])
    elif kind == "indent":
        lines[at] = draw(st.sampled_from([" ", "  ", "\t"])) + lines[at]
    text = "".join(lines)
    where = draw(st.integers(0, len(text)))
    if kind == "cut":
        return text[:where]
    return text[:where] + draw(PIECES) + text[where:] if kind == "stray" else text


PLACED = re.compile(r"^\S.*?torn\.yaml(:\d+:\d+)?: ", re.MULTILINE)


@quick(50)
@given(torn_texts())
def test_a_torn_file_is_read_or_refused_at_a_place(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "torn.yaml"
    path.write_text(text, encoding="utf-8")
    with in_time():
        try:
            sim.load(path)
        except InputError as error:
            assert all(PLACED.match(line) for line in str(error).splitlines()), str(error)


@pytest.mark.slow
@quick(30)
@given(st.one_of(mutants().map(lambda data: repr(data)), torn_texts()))
def test_the_command_line_ends_with_two_and_without_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "torn.yaml"
    path.write_text(text, encoding="utf-8", errors="replace")
    with in_time():
        answer = CliRunner().invoke(main, ["validate", str(path)])
    assert answer.exit_code in (0, 2), answer.output
    assert "Traceback" not in answer.output and "Internal error" not in answer.output
    assert (answer.exit_code == 0) == answer.output.rstrip().endswith(": ok"), answer.output


def test_the_command_line_refuses_to_run_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(TEXT.replace("mode: live", "mode: alive"), encoding="utf-8")
    answer = CliRunner().invoke(main, ["run", str(path), "--out", str(tmp_path / "out")])
    line = TEXT[: TEXT.index("mode: live")].count("\n") + 1
    assert answer.exit_code == 2 and f"wrong.yaml:{line}:11: channels.phone.mode" in answer.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("files", [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "b", "b": "c", "c": "b"}, {"a": "nowhere"}])
def test_files_that_extend_in_a_circle_or_nothing_are_refused(tmp_path: Path, files: dict[str, str]) -> None:
    for name, base in files.items():
        (tmp_path / f"{name}.yaml").write_text(f"extends: {base}.yaml\nname: {name}\n", encoding="utf-8")
    with in_time(), pytest.raises(InputError, match=r"\.yaml:1:10: extends"):
        sim.load(tmp_path / "a.yaml")


# -- absurd, but of the right form --------------------------------------------------------------------------


def small(**parts: Any) -> Data:
    """A phone line; `parts` replace entries by dotted path, with two underscores for a dot."""
    data: Data = {
        "name": "small",
        "calendar": {"start": "2026-03-02"},
        "horizon": "4 h",
        "demand": {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": "30/h"}}},
        "channels": {"phone": {"mode": "live"}},
        "topics": {"any": {"handling": {"any": constant(300)}}},
        "teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": 3}}},
    }
    for path, value in parts.items():
        *above, last = path.split("__")
        inner = data
        for key in above:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return deepcopy(data)


def shift(**more: Any) -> Data:
    """A team of one on a daily shift."""
    return {
        "skills": {"all": {}},
        "shifts": {"s": {"days": "daily", "start": "00:00", "end": "08:00", "headcount": 1, **more}},
    }


def handling(**kind: Any) -> Data:
    """Handling times of a kind."""
    return small(topics__any__handling={"any": kind})


ENDLESS = {"probability": "100 %", "after": constant(0)}
EVENT = {"starts": "2026-03-02 01:00", "lasts": "1 h"}
REFUSED = {
    "ten thousand years": small(horizon="3650000 d"),
    "an age to run out": small(run_out="1e15 s"),
    "the year 1": small(calendar={"start": "0001-01-01"}),
    "the year 9999": small(calendar={"start": "9999-12-31"}),
    "a million million calls a day": small(demand__sources__calls__volume="1e12/d"),
    "calls without end": small(demand__sources__calls__volume="1e300/ms"),
    "a thousand million agents": small(teams__front__headcount={"constant": 10**9}),
    "a thousand million agents on a shift": small(teams__front=shift(headcount=10**9)),
    "a thousand million slots": small(teams__front__concurrency={"slots": 10**9}),
    "waves beyond number": small(teams__front=shift(waves=10**400)),
    "trunks beyond number": small(channels__phone__trunks=10**30),
    "an incident a million million times": small(demand__events={"e": {**EVENT, "topics": {"any": "x 1e12"}}}),
    "lists of the wrong length": small(teams__front__headcount={"weekly": {"daily": [1] * 23}}),
    "a profile of the wrong length": small(
        demand__profiles={"p": {"interval": "30 min", "weights": {"daily": [1] * 24}}}
    ),
    "a factor for each moment": small(demand__sources__calls__intraday={"cv": "10 %", "interval": "0.001 s"}),
    "a factor for each nothing": small(demand__sources__calls__intraday={"cv": "10 %", "interval": "0 s"}),
    "no values": handling(empirical={"values": []}),
    "no parts": handling(mixture={"parts": {}}),
    "headcounts for intervals of nothing": small(teams__front__headcount={"interval": "0 s", "weekly": {"daily": [1]}}),
    "no escalation path": small(escalation={"path": []}),
    "a target without a bound": small(targets={"t": "contacts >=  "}),
    "a target in another currency": small(targets={"t": "cost <= 100 USD"}, teams__front__wage="10 EUR/h"),
    "a target in zebras": small(targets={"t": "contacts >= 5 zebras"}),
    "a dispersion of next to nothing": small(demand__busyness={"cv": "1e-200 %"}),
    "phases beyond number": handling(erlang={"mean": "1 min", "phases": 10**400}),
    "a gamma of a huge cv": handling(gamma={"mean": "1 min", "cv": 1e200}),
    "a gamma of a tiny cv": handling(gamma={"mean": "1 min", "cv": 1e-200}),
    "a lognormal of a huge cv": handling(lognormal={"mean": "1 min", "cv": 1e200}),
    "a hyperexponential of a huge cv": handling(hyperexponential={"mean": "1 min", "cv": 1e200}),
    "weights that overflow": small(
        demand__profiles={"p": {"interval": "60 min", "weights": {"daily": [1e308] * 24}}},
        demand__sources__calls__profile="p",
    ),
    "a weekday's factor that overflows": small(demand__sources__calls__weekdays={"mon": "x 1e308", "tue": "x 1e308"}),
    "nobody is left by shrinkage": small(teams__front__shrinkage="100 %"),
    "redials without end": small(channels__phone={"mode": "live", "patience": constant(0), "redial": ENDLESS}),
    "returns without end": small(
        topics__any={"handling": {"any": constant(0)}, "reach": {"tier1": "0 %"}, "repeat": ENDLESS}
    ),
    "a channel with a line break in its name": small(
        channels={"a\nb": {"mode": "live"}}, demand__sources__calls__channel="a\nb"
    ),
    "a target on a channel of no name": small(targets={"t": 'fcr{channel=""} >= 50 %'}),
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_absurd_is_refused(data: Data) -> None:
    with in_time(5), pytest.raises(InputError):
        from_dict(data)


def test_a_target_can_say_any_name() -> None:
    odd = {"channels": {"a,b=c}": {"mode": "live"}}, "demand__sources__calls__channel": "a,b=c}"}
    assert from_dict(small(**odd, targets={"t": 'contacts{channel="a,b=c}"} >= 1'})).targets
    with pytest.raises(InputError):
        from_dict(small(**odd, targets={"t": "contacts{channel=a,b=c} >= 1"}))


def dated(*rows: list[object]) -> Data:
    """A team by dated headcounts."""
    file = csv_file(["time", "agents"], rows)
    return small(teams__front__headcount={"dated": {"file": file, "time": "time", "headcount": "agents"}})


def counted(interval: str) -> Data:
    """A volume by counts of intervals of some length."""
    counts = {"file": csv_file(["time", "n"], [[moment(3600), 9]]), "time": "time", "count": "n", "interval": interval}
    return small(demand__sources__calls={"topic": "any", "channel": "phone", "counts": counts})


def packed() -> Data:
    """A log in a damaged gzip file."""
    good = gzip.compress(Path(FILE).read_bytes(), mtime=0)
    path = Path(FILE).with_name("damaged.csv.gz")
    path.write_bytes(good[:15] + b"\xff" * 8 + good[23:])
    return small(
        demand__sources__calls={"topic": "any", "channel": "phone", "replay": {"file": str(path), "time": "time"}}
    )


REFUSED_FILES = {
    "counts of intervals of nothing": counted("0 s"),
    "a thousand million agents in a file": dated([moment(0), 10**9]),
    "nobody in a file": dated([moment(0), 0]),
    "nobody in time in a file": dated(["2030-01-01 00:00", 5]),
    "a damaged gzip file": packed(),
}


@pytest.mark.parametrize("data", REFUSED_FILES.values(), ids=REFUSED_FILES.keys())
def test_what_is_absurd_in_a_file_is_refused(data: Data) -> None:
    with in_time(5), pytest.raises(InputError):
        from_dict(data)


RUNS = {
    "a moment": small(horizon="1e-300 s"),
    "hardly ever a call": small(demand__sources__calls__volume="1e-300/week"),
    "calls that never end": handling(constant={"value": "1e300 s"}),
    "calls without length": handling(constant={"value": "0 s"}),
    "hands as slow as can be": small(teams__front__speed=1e-300),
    "hands as fast as can be": small(teams__front__speed=1e300),
    "a huge seed": small(seed=10**40),
    "a price beyond reason": small(teams__front__wage="1e300 EUR/h"),
    "scores beyond reason": small(
        routing={"discipline": "score", "score": {"age": 1e308, "urgency": {"normal": 1e308}}}
    ),
    "opinions beyond reason": small(opinion={"late": 1e308, "contact": 1e308, "expected": {"phone": "1e-300 s"}}),
    "weeks of one day": small(demand__sources__calls__weekdays={"mon": "x 1e9"}),
}


@pytest.mark.parametrize("data", RUNS.values(), ids=RUNS.keys())
def test_what_is_extreme_runs(data: Data) -> None:
    runs_or_is_refused(data)
    assert is_small(from_dict(data))
