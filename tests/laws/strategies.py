"""Small random scenarios as dictionaries, as a file would say them.

Times lie on a coarse grid (whole seconds, quarter minutes, minutes) more often than not, so that many things
happen in the same moment: that is where orders go wrong. Hypothesis draws the sizes and the features that are
switched on, so that a failure shrinks to few of them; the details come from one seed, which is a hundred times
faster than drawing them one by one.
"""

from __future__ import annotations

import atexit
import csv
import datetime as dt
import hashlib
import io
import os
import shutil
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, reject, settings
from hypothesis import strategies as st

from simulation.errors import InputError
from simulation.experiments.load import from_dict

Data = dict[str, Any]

HOUR = 3600
START = dt.datetime(2026, 3, 2)
"""A Monday; in UTC no clock changes."""
MODES = ("live", "concurrent", "deferred")
UNUSED = (
    "has no work", "no team can take", "has no agents", "free, but no team on", "no team can answer", "two topics or more",
)  # fmt: skip
"""Faults that a random scenario may have and that are not worth avoiding."""

_FOLDER = Path(tempfile.mkdtemp(prefix="supportsim-laws-"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)


FEWER = 0.4
"""The part of the examples of a law that the default suite goes through."""


def quick(examples: int) -> settings:
    """Settings of a law in the default suite: the same examples each time, and few, as many of them are quick and all add up."""
    return settings(
        max_examples=max(2, round(FEWER * examples)),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )


def deep(examples: int) -> settings:
    """Settings of the same law in the slow suite; other examples each time if SUPPORTSIM_EXPLORE is set."""
    return settings(quick(examples), derandomize="SUPPORTSIM_EXPLORE" not in os.environ, print_blob=True)


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


FEATURES = (
    "patience", "trunks", "redial", "hours", "bots", "deadlines", "urgency", "repeat", "wrap_up", "escalation",
    "errors", "shifts", "breaks", "steps", "shrinkage", "absence", "speed", "slots", "slowdown", "priorities",
    "reserve", "routes", "own times", "known times", "random times", "other channels", "faulty bots", "hard cases",
    "turns", "timeouts", "announced waits", "balking", "callbacks",
    "registration", "misfiling", "pauses", "chasers", "threads",
    "segments", "self-service", "channel outages", "skill hours", "persons",
)  # fmt: skip
"""What a random center may have besides channels, topics, teams and customers."""


@st.composite
def scenarios(
    draw: st.DrawFn, without: Collection[str] = (), modes: Sequence[str] = MODES, discipline: str | None = None
) -> Data:
    """A whole small center of one to four hours, `without` some features."""
    features = {name for name in FEATURES if name not in without and draw(st.booleans())}
    maker = Maker(draw(st.integers(0, 2**32)), features, grid=draw(st.sampled_from([60, 15, 1])))
    maker.hours = draw(st.integers(1, 4))
    channels, topics, teams, cases = (draw(st.integers(1, most)) for most in (4, 3, 3, 100))
    return fit(maker.scenario(channels, topics, teams, cases, modes, discipline))


def fit(data: Data) -> Data:
    """The scenario, unless a team or topic in it is left without the other."""
    try:
        from_dict(data)
    except InputError as error:
        if any(words in str(error) for words in UNUSED):
            reject()
        raise
    return data


class Maker:
    """Makes the parts of a scenario from one seed; a feature that is not there is not made."""

    def __init__(self, seed: int, features: Collection[str], grid: int) -> None:
        self.chance = Random(seed)
        self.features = features
        self.grid = grid
        self.hours = 1
        self.channels: list[str] = []
        self.topics: list[str] = []
        self.teams: list[str] = []

    def scenario(
        self, channels: int, topics: int, teams: int, cases: int, modes: Sequence[str], discipline: str | None
    ) -> Data:
        """A scenario of that size."""
        kinds = [self.chance.choice(modes) for _ in range(channels)]
        self.channels = [f"{mode}{n}" for n, mode in enumerate(kinds)]
        self.topics = [f"topic{n}" for n in range(topics)]
        self.teams = [f"team{n}" for n in range(teams)]
        bots = ["bot"] if "bots" in self.features else []
        path = ["tier1", "tier2", "tier3"] if "escalation" in self.features else ["tier1"]
        tiers = [path[0], *(self.chance.choice(path) for _ in range(teams - 1))]
        made: Data = {
            "name": "random",
            "calendar": {"start": START.date().isoformat()},
            "horizon": duration(self.hours * HOUR),
            "demand": {"sources": self.sources(cases), "events": self.outages(bots)},
            "channels": {name: self.channel(mode, bots) for name, mode in zip(self.channels, kinds, strict=True)},
            "topics": {name: self.topic([*path, *bots]) for name in self.topics},
            "bots": {name: self.bot() for name in bots},
            "teams": {name: self.team(tier, name == "team0") for name, tier in zip(self.teams, tiers, strict=True)},
            "routing": self.routing(discipline),
            "escalation": self.escalation(path),
        }
        made = self.with_letters(made, [name for name in self.channels if name.startswith("deferred")])
        return self.before_contact(made)

    def before_contact(self, data: Data) -> Data:
        """The center with segments of customers, self-service, outages of channels and skills that do not always hold."""
        if "segments" in self.features:
            hasty = {"share": "40 %", "patience": self.chance.choice([0, 0.5, 2])}
            data["customers"] = {"hasty": hasty, "others": {"share": "60 %"}}
        if "self-service" in self.features:
            data["self_service"] = self.self_service()
            for topic in data["topics"].values():
                topic["reach"] = topic.get("reach", {}) | {name: self.share() for name in data["self_service"]}
                if "knowledge_base" in data["self_service"]:
                    topic["article"] = {"coverage": self.share(), "stale": self.share()}
        if "channel outages" in self.features:
            out = {
                "starts": moment(self.seconds(3600)),
                "lasts": "10 min",
                "channels": self.chance.choice(self.channels),
            }
            data["demand"]["events"]["line out"] = out
        if "skill hours" in self.features:
            for team in data["teams"].values():
                hours = self.opening_hours()
                if self.chance.random() < 0.5 and hours["daily"] != "closed":
                    self.chance.choice(list(team["skills"].values()))["hours"] = hours
        return data

    def self_service(self) -> Data:
        """A knowledge base, a community, or both."""
        base = {"looks": self.share(), "findability": self.share(), "reading": self.time(300)}
        community = {"asks": self.share(), "answers": self.share(), "accuracy": self.share(), "after": self.time(600)}
        if self.chance.random() < 0.5:
            community["patience"] = self.time(600)
        parts = {"knowledge_base": base, "community": community}
        return {name: parts[name] for name in self.chance.choice([["knowledge_base"], ["community"], list(parts)])}

    def escalation(self, path: list[str]) -> Data:
        """The way up, with a patience of its own for the second tier."""
        recognition = self.share() if "errors" in self.features else "100 %"
        patience = {"tier2": self.time(300)} if "tier2" in path and self.has("patience") else {}
        return {"path": path, "recognition": recognition, "patience": patience}

    def bot(self) -> Data:
        """A bot with few sessions, and perhaps all that can go wrong with one."""
        made: Data = {"sessions": self.chance.randrange(4), "session": self.time(300)}
        if self.has("faulty bots"):
            full = self.seconds(60)
            made["latency"] = {"full": duration(full), "at_rest": duration(full // 2), "turns": 3}
            made |= {name: self.share() for name in ("understanding", "asks_for_human", "silent_failure")}
            made["hand_over"] = {"context": self.share(), "saves": self.share(), "repeats_story": "15 s"}
            if made["silent_failure"] != "0 %":
                made["returns"] = self.retry() | {"asks_for_human": self.share()}
        return made

    def outages(self, bots: Sequence[str]) -> Data:
        """Perhaps some minutes without bots."""
        if not bots or not self.has("faulty bots"):
            return {}
        return {"bots out": {"starts": moment(self.seconds(1800)), "lasts": "10 min", "bots": list(bots)}}

    # -- deferred work ------------------------------------------------------------------------------------------

    def with_letters(self, made: Data, deferred: Sequence[str]) -> Data:
        """Perhaps with intake, pauses, questions for news and threads; the order of draws is that of all before it."""
        if deferred:
            made["intake"] = self.intake()
            if self.has("misfiling") and len(self.topics) > 1 and len(self.teams) > 1:
                self.own_desks(made)
        for name in deferred:
            made["channels"][name] |= self.threads(made["channels"][name])
        for topic in made["topics"].values() if deferred else ():
            if self.has("pauses"):
                topic["pauses"] = {"customer": self.pause("30 %"), "third_party": self.pause("70 %")}
        return made

    def own_desks(self, made: Data) -> None:
        """A desk for one topic, another for the rest: what is filed wrongly has to be handed over."""
        made["teams"]["team1"] |= {"tier": made["teams"]["team0"]["tier"], "skills": {"all": {}}}
        others = {name: "0 s" for name in self.teams[1:]}
        made["routing"]["routes"] = {
            "one": {"topics": self.topics[:1], "teams": {"team0": "0 s"}},
            "rest": {"topics": self.topics[1:], "teams": others},
        }

    def intake(self) -> Data:
        """Registration that takes time, and contacts filed wrongly."""
        made: Data = {"registration": self.time(120)} if self.has("registration") else {}
        if self.has("misfiling"):
            several = len(self.topics) > 1
            made |= {"topic_accuracy": self.share() if several else "100 %", "urgency_accuracy": self.share()}
            made |= {"loss": self.chance.choice([self.share(), self.time(60)])}
            made |= {"channels": "all"} if self.chance.random() < 0.3 else {}
        return made

    def pause(self, after: str) -> Data:
        """A wait for somebody's answer."""
        made: Data = {"probability": self.share(), "lasts": self.time(600), "after": after}
        return made | ({"resume": self.time(60)} if self.chance.random() < 0.3 else {})

    def threads(self, channel: Data) -> Data:
        """Questions for news, reopening, and deadlines in opening hours."""
        made: Data = {}
        if self.has("chasers"):
            asks = {"after": self.time(300), "handling": self.time(60), "most": self.chance.randint(1, 3)}
            made["chasers"] = asks | {"probability": self.share(), "channel": self.chance.choice(self.channels)}
            made["status_notices"] = {"prevents": self.share()}
        if self.has("threads"):
            made |= {"reopening": {"within": "5 min"}, "acknowledgement": {"after": "30 s"}}
            if isinstance(channel.get("open", {}).get("daily"), list):
                made["deadline_clock"] = "opening_hours"
        return made

    # -- numbers ------------------------------------------------------------------------------------------------

    def seconds(self, most: int, least: int = 0) -> int:
        """A multiple of the grid."""
        return self.grid * self.chance.randint(least // self.grid, most // self.grid)

    def time(self, most: int) -> Data:
        """A constant on the grid, zero included, or now and then a random time."""
        if "random times" not in self.features or self.chance.random() < 0.7:
            return constant(self.seconds(most))
        mean = duration(most // 2)
        kinds: list[Data] = [{"exponential": {"mean": mean}}, {"lognormal": {"mean": mean, "cv": 0.8}}]
        return self.chance.choice([*kinds, {"uniform": {"low": "0 s", "high": duration(most)}}])

    def share(self) -> str:
        """A share, the ends included."""
        return self.chance.choice(["0 %", "30 %", "50 %", "80 %", "100 %"])

    def some(self, names: Sequence[str]) -> Any:
        """All of some names, or a few."""
        return self.chance.choice(["all", self.chance.sample(names, self.chance.randint(1, len(names)))])

    def has(self, feature: str) -> bool:
        """Whether a part has a feature: in four of five cases, if the scenario has it at all."""
        return feature in self.features and self.chance.random() < 0.8

    # -- customers ----------------------------------------------------------------------------------------------

    def sources(self, cases: int) -> Data:
        """A log with so many cases, and perhaps random arrivals beside it."""
        log = self.log(cases)
        if "random times" not in self.features:
            return {"log": log}
        one = {"channel": self.chance.choice(self.channels), "topic": self.chance.choice(self.topics)}
        return {"log": log, "drawn": {"volume": self.chance.choice(["1/h", "10/h", "40/h"]), **one}}

    def log(self, cases: int) -> Data:
        """Arrivals on the grid, many of them in the same moment, within minutes or within hours."""
        busy = self.chance.choice([600, 1800, self.hours * 2700])
        file = csv_file(["time", "topic", "channel", "handling"], [self.row(busy) for _ in range(cases)])
        columns = {"file": file, "time": "time", "topic": "topic", "channel": "channel"}
        if "known times" in self.features:
            columns["handling"] = "handling"
        return {"replay": columns}

    def row(self, busy: int) -> tuple[object, ...]:
        """A row of the log."""
        handling = self.chance.choice(["", self.seconds(600)])
        return moment(self.seconds(busy)), self.chance.choice(self.topics), self.chance.choice(self.channels), handling

    def retry(self) -> Data:
        """Redialling or returning; always limited, so that a run ends."""
        made = {"probability": self.share(), "after": self.time(600), "most": self.chance.randint(1, 3)}
        if self.has("other channels"):
            made["channels"] = {name: f"{100 // len(self.channels)} %" for name in self.channels}
        return made

    # -- the ways in --------------------------------------------------------------------------------------------

    def channel(self, mode: str, bots: Sequence[str]) -> Data:
        """A channel of that mode."""
        made: Data = {"mode": mode}
        if self.has("deadlines"):
            made["deadline"] = {"normal": "5 min", "critical": "1 min"}
        if bots and self.chance.random() < 0.67:
            made["bot"] = bots[0]
        if self.has("hours"):
            made["open"] = self.opening_hours()
        if mode != "deferred":
            made |= self.manners()
            made |= self.entry(mode, "patience" in made)
        if mode == "concurrent" and "turns" in self.features:
            made |= self.by_turns()
        return made

    def by_turns(self) -> Data:
        """Conversations by turns, perhaps with a time-out."""
        made: Data = {"turns": {"mean": self.chance.choice([1, 2, 5])}, "think": self.time(180)}
        if self.has("timeouts"):
            made["idle_timeout"] = duration(self.seconds(180))
            made["walks_off"] = self.chance.choice(["0 %", "10 %", "100 %"])
            made["catch_up"] = duration(self.seconds(60))
        return made

    def manners(self) -> Data:
        """What customers of a live channel or a chat do, and what they meet."""
        made: Data = {"at_close": self.chance.choice(["serve", "disconnect"])}
        if self.has("patience"):
            made["patience"] = self.time(300)
        if self.has("trunks"):
            made["trunks"] = self.chance.randrange(7)
        if self.has("redial"):
            keeps = "escalation" not in self.features  # what is kept after hanging up at a higher tier is another law
            made["redial"] = self.retry() | {"patience": self.chance.choice(["anew", "kept"]) if keeps else "anew"}
        return made

    def entry(self, mode: str, patient: bool) -> Data:
        """What customers hear of the wait, and what they may do then."""
        made: Data = {}
        if self.has("announced waits"):
            predictors = ["last_waiter", "head_of_line", "queue_length", "historic"]
            predictor = self.chance.choice(predictors + ["queue_length_abandoning"] * patient)
            made["announces"] = {"predictor": predictor, "above": duration(self.seconds(120))}
        if self.has("balking"):
            made["balking"] = {"tolerance": self.time(300)} if made else {"probability": self.share()}
        if mode == "live" and self.has("callbacks"):
            made["callback"] = self.callback(bool(made.get("announces")))
        if self.has("other channels"):
            others = [name for name in self.channels if not name.startswith(mode)]
            made["instead"] = {name: {"when_closed": f"{100 // len(others)} %"} for name in others}
            if "announces" in made and others:
                made["instead"][others[0]] |= {"when_wait_above": duration(self.seconds(200)), "share": self.share()}
        return made

    def callback(self, predicted: bool) -> Data:
        """The offer of a callback."""
        place = self.chance.choice(["keeps", "priority", "behind"])
        made: Data = {
            "accepts": self.share(),
            "place": place,
            "reserve": self.chance.randint(0, 2) if place == "behind" else 0,
            "earliest": duration(self.seconds(300)),
            "reached": self.share(),
            "dialling": duration(self.seconds(60)),
            "attempts": self.chance.randint(1, 3),
            "retry_after": duration(self.seconds(600)),
        }
        limit = {"above": duration(self.seconds(120))} if predicted else {"queue": self.chance.randrange(3)}
        return made | limit

    def opening_hours(self) -> Data:
        """One or two spans of the first day, or none at all."""
        edges = sorted(self.chance.sample(range(self.hours * 4 + 2), self.chance.choice([0, 2, 2, 4])))
        spans = [f"{clock(900 * a)}-{clock(900 * b)}" for a, b in zip(edges[::2], edges[1::2], strict=True)]
        return {"daily": spans or "closed"}

    def topic(self, handlers: Sequence[str]) -> Data:
        """A topic with handling times for every channel."""
        made: Data = {"handling": {"any": self.time(600)}}
        if self.has("hard cases"):
            made["hardest_takes"] = self.chance.choice([1.5, 2])
        if self.has("own times"):
            made["handling"][self.chance.choice(self.channels)] = self.time(600)
        if self.has("wrap_up"):
            made["wrap_up"] = {"any": self.time(120)}
        if self.has("urgency"):
            made["urgency"] = {"low": "50 %", "critical": "50 %"}
        if self.has("repeat"):
            made["repeat"] = self.retry()
        if {"bots", "escalation", "errors"} & set(self.features):
            made["reach"] = {handler: self.share() for handler in handlers}
        return made

    # -- teams --------------------------------------------------------------------------------------------------

    def team(self, tier: str, everything: bool) -> Data:
        """A team of that tier; one of its skills takes everything if asked for."""
        team: Data = {"tier": tier, "skills": self.skills(everything), "concurrency": self.concurrency()}
        if self.has("shifts"):
            team["shifts"] = {name: self.shift() for name in ["early", "late"][: self.chance.randint(1, 2)]}
            team["absence"] = self.share() if self.has("absence") else "0 %"
        else:
            team["headcount"] = self.headcount()
        fewest = most_agents(team) - 1
        for skill in team["skills"].values():
            skill["reserve"] = max(0, min(skill["reserve"], fewest))
        if self.has("errors"):
            team["accuracy"] = self.share()
        if self.has("shrinkage"):
            team["shrinkage"] = self.chance.choice(["10 %", "25 %"])
        if self.has("speed"):
            team["speed"] = self.chance.choice([0.5, 1.25])
        if self.has("persons"):
            team["people"] = self.persons()
        return team

    def persons(self) -> Data:
        """How its agents differ and learn."""
        curves = {
            what: {"starts_at": self.share(), "half_life": self.chance.choice(["10 min", "60 min"])}
            for what in ("speed", "accuracy", "reach")
            if self.has("persons")
        }
        if "speed" in curves:
            curves["speed"]["starts_at"] = "50 %"
        return {
            "speed_spread": self.chance.choice(["0 %", "30 %"]),
            "tenure": {"exponential": {"mean": "60 min"}},
            "learning": curves,
        }

    def skills(self, everything: bool) -> Data:
        """One or two skills."""
        first = {} if everything else {"channels": self.some(self.channels), "topics": self.some(self.topics)}
        made = {"first": first | self.preference(2, 3)}
        if self.has("priorities"):
            few = self.chance.sample(self.channels, self.chance.randint(1, max(1, len(self.channels) - 1)))
            made["second"] = {"channels": few, **self.preference(1, 3)}
            if self.has("own times"):
                made["second"]["handling"] = self.time(600)
        return made

    def preference(self, first: int, last: int) -> Data:
        """Priority (between two numbers) and reserve of a skill."""
        priority = self.chance.randint(first, last) if "priorities" in self.features else 1
        return {"priority": priority, "reserve": self.chance.randint(1, 2) if self.has("reserve") else 0}

    def concurrency(self) -> Data:
        """Slots, with or without slowing each other."""
        slots = self.chance.randint(1, 3) if "slots" in self.features else 1
        if "turns" in self.features or not self.has("slowdown"):
            return {"slots": slots}
        return {"slots": slots, "throughput": self.chance.choice([[1.0, 1.5, 1.5], [1.0, 1.0, 1.0]])[:slots]}

    def headcount(self) -> Data:
        """A constant headcount, or one that changes every hour."""
        if not self.has("steps"):
            return {"constant": self.chance.randint(1, 4)}
        counts = [self.chance.randrange(4) for _ in range(self.hours)]
        return {"weekly": {"daily": counts + [1] * (24 - self.hours)}}

    def shift(self) -> Data:
        """A daily shift that begins early in the day, with breaks that do not overlap in any wave."""
        start, length = 900 * self.chance.randint(0, self.hours * 2), 900 * self.chance.randint(8, 32)
        lasts, breaks = duration(self.seconds(600)), {}
        for name, after in (("one", "30 min"), ("two", "60 min")) if "breaks" in self.features else ():
            if self.chance.random() < 0.67:
                breaks[name] = {"after": after, "lasts": lasts, "paid": self.chance.random() < 0.5}
        return {
            "days": "daily",
            "start": clock(start),
            "end": clock((start + length) % (24 * HOUR)),
            "headcount": self.chance.randrange(3),
            "breaks": breaks,
            "waves": self.chance.randint(1, 2),
        }

    # -- the router ---------------------------------------------------------------------------------------------

    def routing(self, discipline: str | None) -> Data:
        """Discipline, choice of agents, and perhaps a route of the first tier."""
        made: Data = {
            "discipline": discipline or self.chance.choice(["fifo", "lifo", "urgency", "deadline", "score"]),
            "agent": self.chance.choice(["longest_idle", "least_busy", "lowest_number"]),
            "score": {"age": 1.0, "deadline": 0.5, "urgency": {"critical": 1.0}},
        }
        if "routes" in self.features:
            made["routes"] = {"way": self.route()}
        return made

    def route(self) -> Data:
        """Some teams in order, the later ones after a wait."""
        names = self.chance.sample(self.teams, self.chance.randint(1, len(self.teams)))
        waits = sorted(self.chance.choice([0, 0, 15, 60, 120]) for _ in names)
        return {
            "channels": self.some(self.channels),
            "teams": {name: duration(wait) for name, wait in zip(names, waits, strict=True)},
        }


def most_agents(team: Data) -> int:
    """Agents that may be on the floor at once."""
    if "shifts" in team:
        return sum(shift["headcount"] for shift in team["shifts"].values())
    return int(team["headcount"].get("constant") or max(team["headcount"]["weekly"]["daily"]))


def clock(seconds: int) -> str:
    """A time of day."""
    return f"{seconds // HOUR:02}:{seconds % HOUR // 60:02}"
