"""Small random scenarios as dictionaries, as a file would say them.

Times lie on a coarse grid (whole seconds, quarter minutes, minutes) more often than not, so that many things
happen in the same moment: that is where orders go wrong.
"""

from __future__ import annotations

import atexit
import csv
import datetime as dt
import hashlib
import io
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, reject, settings
from hypothesis import strategies as st

from simulation.errors import InputError
from simulation.experiments.load import from_dict

Data = dict[str, Any]
Draw = st.DrawFn

HOUR = 3600
START = dt.datetime(2026, 3, 2)
"""A Monday; in UTC no clock changes."""
MODES = ("live", "concurrent", "deferred")
UNUSED = ("has no work", "no team can take", "has no agents")
"""Faults that a random scenario may have and that are not worth avoiding."""

_FOLDER = Path(tempfile.mkdtemp(prefix="supportsim-laws-"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)


def quick(examples: int) -> settings:
    """Settings of a law in the default suite: the same examples each time."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )


def deep(examples: int) -> settings:
    """Settings of the same law in the slow suite: other examples each time."""
    return settings(quick(examples), derandomize=False)


def duration(seconds: float) -> str:
    """Seconds as a scenario writes them."""
    return f"{seconds!r} s"


def constant(seconds: float) -> Data:
    """A constant duration as a scenario writes it."""
    return {"constant": {"value": duration(seconds)}}


def csv_file(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """The path of a CSV file with that content; the same content gives the same path."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    path = _FOLDER / f"{hashlib.sha256(text.getvalue().encode()).hexdigest()[:16]}.csv"
    if not path.exists():
        path.write_text(text.getvalue(), encoding="utf-8")
    return str(path)


def moment(seconds: float) -> str:
    """A time of the replayed log, so many seconds after `START`."""
    return (START + dt.timedelta(seconds=seconds)).isoformat(sep=" ")


# -- what anything may last ---------------------------------------------------------------------------------


def on_grid(grid: int, most: int, least: int = 0) -> st.SearchStrategy[int]:
    """Whole multiples of the grid, in seconds."""
    return st.integers(least // grid, most // grid).map(lambda steps: steps * grid)


def random_duration(mean: int) -> st.SearchStrategy[Data]:
    """A distribution that is not constant."""
    text = duration(mean)
    return st.sampled_from(
        [
            {"exponential": {"mean": text}},
            {"lognormal": {"mean": text, "cv": 0.8}},
            {"erlang": {"mean": text, "phases": 3}},
            {"uniform": {"low": "0 s", "high": duration(2 * mean)}},
        ]
    )


def some_time(grid: int, most: int) -> st.SearchStrategy[Data]:
    """A constant on the grid (zero included) in four cases of five, else a random time."""
    fixed = on_grid(grid, most).map(constant)
    return st.one_of(fixed, fixed, fixed, fixed, random_duration(max(1, most // 2)))


SHARES = st.sampled_from(["0 %", "30 %", "50 %", "80 %", "100 %"])
FEW = st.integers(0, 3)


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Sometimes None."""
    return st.one_of(st.none(), strategy)


def without_none(data: Data) -> Data:
    """Keys that were not drawn left out."""
    return {key: value for key, value in data.items() if value is not None}


# -- parts of a scenario ------------------------------------------------------------------------------------


@st.composite
def retries(draw: Draw, grid: int, **more: Any) -> Data:
    """Redialling or returning; always limited, so that a run ends."""
    return {
        "probability": draw(SHARES),
        "after": draw(some_time(grid, 600)),
        "most": draw(st.integers(1, 3)),
        **without_none(more),
    }


@st.composite
def channels(draw: Draw, grid: int, mode: str, bots: Sequence[str], horizon: int) -> Data:
    """A channel of the given mode."""
    common = {"mode": mode, "deadline": draw(optional(st.just({"normal": "5 min", "high": "1 min"})))}
    common["bot"] = draw(optional(st.sampled_from(bots))) if bots else None
    common["open"] = draw(optional(opening_hours(horizon)))
    if mode == "deferred":
        return without_none(common)
    waits = {
        "patience": draw(optional(some_time(grid, 300))),
        "trunks": draw(optional(st.integers(0, 6))),
        "redial": draw(optional(retries(grid, patience=draw(st.sampled_from([None, "kept"]))))),
        "at_close": draw(st.sampled_from([None, "serve", "disconnect"])),
    }
    return without_none(common | waits)


@st.composite
def opening_hours(draw: Draw, horizon: int) -> Data:
    """One or two spans of the first day, or none at all."""
    edges = sorted(draw(st.lists(st.integers(0, horizon // 900 + 2), min_size=0, max_size=4, unique=True)))
    spans = [f"{clock(900 * a)}-{clock(900 * b)}" for a, b in zip(edges[::2], edges[1::2], strict=False)]
    return {"daily": spans or "closed"}


def clock(seconds: int) -> str:
    """A time of day."""
    return f"{seconds // HOUR:02}:{seconds % HOUR // 60:02}"


@st.composite
def topics(draw: Draw, grid: int, channel_names: Sequence[str], handlers: Sequence[str]) -> Data:
    """A topic with handling times for every channel."""
    handling = {"any": draw(some_time(grid, 600))}
    if draw(st.booleans()):
        handling[draw(st.sampled_from(channel_names))] = draw(some_time(grid, 600))
    return without_none(
        {
            "handling": handling,
            "wrap_up": draw(optional(st.fixed_dictionaries({"any": some_time(grid, 120)}))),
            "urgency": draw(st.sampled_from([None, {"low": "50 %", "critical": "50 %"}])),
            "reach": draw(st.dictionaries(st.sampled_from(handlers), SHARES, max_size=len(handlers))),
            "repeat": draw(optional(retries(grid))),
        }
    )


@st.composite
def skills(draw: Draw, channel_names: Sequence[str], topic_names: Sequence[str], everything: bool) -> Data:
    """One or two skills; with `everything` one of them takes all."""
    first = {} if everything else {"channels": draw(some_of(channel_names)), "topics": draw(some_of(topic_names))}
    found = {"first": first | draw(preferences())}
    if draw(st.booleans()):
        found["second"] = {"channels": draw(some_of(channel_names)), **draw(preferences())}
    return found


def some_of(names: Sequence[str]) -> st.SearchStrategy[Any]:
    """All of them, or a list of some."""
    return st.one_of(st.just("all"), st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))


@st.composite
def preferences(draw: Draw) -> Data:
    """Priority and reserve of a skill."""
    return {"priority": draw(st.integers(1, 3)), "reserve": draw(st.sampled_from([0, 0, 0, 1, 2]))}


@st.composite
def concurrency(draw: Draw) -> Data:
    """Slots, with or without slowing each other."""
    slots = draw(st.integers(1, 3))
    throughput = draw(st.sampled_from([None, [1.0, 1.5, 1.5], [1.0, 1.0, 1.0]]))
    return without_none({"slots": slots, "throughput": throughput and throughput[:slots]})


@st.composite
def shifts(draw: Draw, grid: int, horizon: int) -> Data:
    """A daily shift early in the day, with breaks that do not overlap in any wave."""
    start = draw(on_grid(900, horizon // 2))
    length = draw(on_grid(900, 8 * HOUR, 2 * HOUR))
    waves, lasts = draw(st.integers(1, 2)), draw(on_grid(grid, 600))
    breaks = {}
    if draw(st.booleans()):
        breaks["one"] = {"after": "30 min", "lasts": duration(lasts), "paid": draw(st.booleans())}
    if draw(st.booleans()):
        breaks["two"] = {"after": "60 min", "lasts": duration(lasts), "paid": draw(st.booleans())}
    return {
        "days": "daily",
        "start": clock(start),
        "end": clock((start + length) % (24 * HOUR)),
        "headcount": draw(st.integers(0, 2)),
        "breaks": breaks,
        "waves": waves,
    }


@st.composite
def headcounts(draw: Draw, horizon: int) -> Data:
    """A constant headcount, or one that changes every hour."""
    if draw(st.booleans()):
        return {"constant": draw(st.integers(1, 4))}
    hours = horizon // HOUR
    counts = draw(st.lists(FEW, min_size=hours, max_size=hours))
    return {"weekly": {"daily": counts + [1] * (24 - hours)}}


@st.composite
def teams(draw: Draw, grid: int, horizon: int, tier: str, team_skills: Data, chance: bool) -> Data:
    """A team; with `chance` also shrinkage, absence and errors."""
    team: Data = {"skills": team_skills, "tier": tier, "concurrency": draw(concurrency())}
    if draw(st.booleans()):
        team["headcount"] = draw(headcounts(horizon))
    else:
        names = ["early", "late"][: draw(st.integers(1, 2))]
        team["shifts"] = {name: draw(shifts(grid, horizon)) for name in names}
    if chance:
        team["accuracy"] = draw(SHARES)
        team["shrinkage"] = draw(st.sampled_from(["0 %", "10 %", "25 %"]))
        team["absence"] = draw(SHARES) if "shifts" in team else "0 %"
        team["speed"] = draw(st.sampled_from([1.0, 0.5, 1.25]))
    return team


@st.composite
def replays(draw: Draw, grid: int, horizon: int, topic_names: Sequence[str], channel_names: Sequence[str]) -> Data:
    """A log whose arrivals lie on the grid, many of them in the same moment."""
    chance = Random(draw(st.integers(0, 9999)))
    busy = draw(st.sampled_from([600, horizon // 4, horizon * 3 // 4]))
    rows = [
        (
            moment(grid * chance.randrange(busy // grid)),
            chance.choice(topic_names),
            chance.choice(channel_names),
            chance.choice(["", grid * chance.randrange(600 // grid + 1)]),
        )
        for _ in range(draw(st.integers(1, 60)))
    ]
    file = csv_file(["time", "topic", "channel", "handling"], rows)
    columns = {"file": file, "time": "time", "topic": "topic", "channel": "channel"}
    if draw(st.booleans()):
        columns["handling"] = "handling"
    return {"topic": topic_names[0], "channel": channel_names[0], "replay": columns}


@st.composite
def poisson(draw: Draw, horizon: int, topic_names: Sequence[str], channel_names: Sequence[str]) -> Data:
    """Random arrivals of one topic on one channel."""
    hourly = draw(st.sampled_from([1, 10, 40]))
    source: Data = {"volume": f"{hourly}/h", "channel": draw(st.sampled_from(channel_names))}
    source["topic"] = draw(st.sampled_from(topic_names))
    return source


@st.composite
def routes(draw: Draw, channel_names: Sequence[str], team_names: Sequence[str], tier: str) -> Data:
    """A route of a tier: some teams in order, the later ones after a wait."""
    names = draw(st.lists(st.sampled_from(team_names), min_size=1, max_size=3, unique=True))
    waits = sorted(draw(st.lists(st.sampled_from([0, 0, 15, 60, 120]), min_size=len(names), max_size=len(names))))
    return {
        "channels": draw(some_of(channel_names)),
        "tier": tier,
        "teams": {name: duration(wait) for name, wait in zip(names, waits, strict=True)},
    }


@st.composite
def scenarios(draw: Draw, chance: bool = True, discipline: str | None = None) -> Data:
    """A whole small scenario of one to four hours. Without `chance` agents are always there and always right."""
    grid = draw(st.sampled_from([1, 15, 15, 60]))
    horizon = HOUR * draw(st.integers(1, 4))
    topic_names = [f"t{n}" for n in range(draw(st.integers(1, 3)))]
    modes = draw(st.lists(st.sampled_from(MODES), min_size=1, max_size=4))
    channel_names = [f"{mode}{n}" for n, mode in enumerate(modes)]
    bots = ["bot"] if draw(st.booleans()) else []
    path = ["tier1", "tier2", "tier3"][: draw(st.integers(1, 3))]
    tiers = ["tier1", *draw(st.lists(st.sampled_from(path), max_size=2))]
    team_names = [f"team{n}" for n in range(len(tiers))]
    data: Data = {
        "name": "random",
        "calendar": {"start": START.date().isoformat()},
        "horizon": duration(horizon),
        "demand": {"sources": {"log": draw(replays(grid, horizon, topic_names, channel_names))}},
        "channels": {
            name: draw(channels(grid, mode, bots, horizon)) for name, mode in zip(channel_names, modes, strict=True)
        },
        "topics": {name: draw(topics(grid, channel_names, [*path, *bots])) for name in topic_names},
        "bots": {name: {"sessions": draw(FEW), "session": draw(some_time(grid, 300))} for name in bots},
        "teams": {
            name: draw(teams(grid, horizon, tier, draw(skills(channel_names, topic_names, name == "team0")), chance))
            for name, tier in zip(team_names, tiers, strict=True)
        },
        "routing": {
            "discipline": discipline or draw(st.sampled_from(["fifo", "lifo", "urgency", "deadline", "score"])),
            "agent": draw(st.sampled_from(["longest_idle", "least_busy", "lowest_number"])),
        },
        "escalation": {"path": path, "recognition": draw(SHARES) if chance else "100 %"},
    }
    if draw(st.booleans()):
        data["demand"]["sources"]["drawn"] = draw(poisson(horizon, topic_names, channel_names))
    if draw(st.booleans()):
        data["routing"]["routes"] = {"way": draw(routes(channel_names, team_names, "tier1"))}
    return fit(data)


def fit(data: Data) -> Data:
    """The scenario, unless a team or topic in it is left without the other."""
    try:
        from_dict(data)
    except InputError as error:
        if any(words in str(error) for words in UNUSED):
            reject()
        raise
    return data
