"""By which mechanism an entry of a scenario acts on waits, cost and all else: one table for all of the schema.

A planner who compares this week's plan with last week's asks how much came from volume, handling time or staffed hours, and not
which of forty entries did it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

Path = tuple[str, ...]

VOLUME = "volume"
HANDLING = "handling time"
HOURS = "staffed hours"
ROUTING = "routing"
AUTOMATION = "automation"
SKILL = "skill"
ACCESS = "access"
CUSTOMERS = "customers"
PRICES = "prices"
TIME = "time measured"

MEANS = {
    VOLUME: "how many cases come, when, of which topics and on which channels",
    HANDLING: "how long the work on a contact takes, and what shortens it",
    HOURS: "who is on the floor, and when",
    ROUTING: "who takes what, in which order, and the way up",
    AUTOMATION: "bots, self-service and notices: what agents need not do",
    SKILL: "what agents can solve, how often they are right, how they treat customers",
    ACCESS: "opening hours, lines, announced waits, callbacks",
    CUSTOMERS: "patience, redials, repeats, opinion",
    PRICES: "wages, fees and other prices",
    TIME: "the days that are simulated and measured",
}
"""What each mechanism is."""

ACTS: dict[str, str] = {
    "calendar horizon warm_up run_out": TIME,
    "demand customers.* customers.*.share customers.*.channels topics.* topics.*.urgency channels.*": VOLUME,
    "customers.*.patience customers.*.expects customers.*.churn customers.*.value customers.*.language": CUSTOMERS,
    "customers.*.looks self_service topics.*.article bots channels.*.bot channels.*.status_notices": AUTOMATION,
    "channels.*.acknowledgement": AUTOMATION,
    "channels.*.patience channels.*.short_abandon channels.*.redial channels.*.chasers channels.*.reopening": CUSTOMERS,
    "channels.*.turns channels.*.think channels.*.idle_timeout channels.*.walks_off channels.*.catch_up": CUSTOMERS,
    "channels.*.mode channels.*.open channels.*.trunks channels.*.at_close channels.*.announces": ACCESS,
    "channels.*.balking channels.*.callback channels.*.instead": ACCESS,
    "channels.*.deadline channels.*.solution_deadline channels.*.deadline_clock": ROUTING,
    "topics.*.handling topics.*.hardest_takes topics.*.wrap_up topics.*.steps handling_steps": HANDLING,
    "topics.*.reach": SKILL,
    "topics.*.repeat topics.*.pauses": CUSTOMERS,
    "practices intake.registration": HANDLING,
    "practices.*.reach practices.*.accuracy practices.*.stale": SKILL,
    "intake": ROUTING,
    "teams.* teams.*.shifts teams.*.rotations teams.*.headcount teams.*.shrinkage teams.*.meetings": HOURS,
    "teams.*.training_hours teams.*.adherence teams.*.absence teams.*.absence_spells teams.*.absence_together": HOURS,
    "teams.*.absence_by_load teams.*.nights teams.*.overtime teams.*.time_off teams.*.on_call strain.turnover": HOURS,
    "teams.*.skills teams.*.tier routing escalation": ROUTING,
    "teams.*.skills.*.handling teams.*.skills.*.wrap_up teams.*.speed teams.*.concurrency": HANDLING,
    "teams.*.people.speed_spread teams.*.people.learning.speed teams.*.people.proficiency.*.speed": HANDLING,
    "teams.*.people.interpreter.slows routing.sticky.saves strain.fatigue": HANDLING,
    "teams.*.accuracy teams.*.courtesy teams.*.people escalation.recognition loops": SKILL,
    "strain strain.fatigue.errs": SKILL,
    "teams.*.wage teams.*.site teams.*.employer sites employers cost": PRICES,
    "bots.*.cost bots.*.cost_per_minute practices.*.cost channels.*.status_notices.cost": PRICES,
    "teams.*.overtime.premium teams.*.on_call.standby teams.*.on_call.premium teams.*.time_off.paid": PRICES,
    "strain.turnover.cost": PRICES,
    "opinion survey complaints": CUSTOMERS,
}  # fmt: skip
"""Which entries act by which mechanism; a longer path goes before a shorter one above it. An entry of a collection as a whole
(teams.*) is one that is new or gone."""
WHOLE = ("teams.*", "channels.*", "topics.*", "customers.*")
"""Entries of which every key of its own is in the table: these stand for the whole entry and nothing below it."""
SAID_ONLY = (
    "name", "description", "experiment", "replications", "seed", "targets", "industry", "standards", "sites.*.notes", "employers.*.notes",
)  # fmt: skip
"""What a scenario says, but no case ever notices."""
_TABLE = {tuple(pattern.split(".")): mechanism for patterns, mechanism in ACTS.items() for pattern in patterns.split()}
_WHOLE = {tuple(pattern.split(".")) for pattern in WHOLE}
_SAID = [tuple(pattern.split(".")) for pattern in SAID_ONLY]


def mechanism(path: Path, bots: Sequence[str] = ()) -> str | None:
    """By which mechanism the entry at a path acts; None where it is only said, or unknown. A reach that is one of the `bots`'
    acts by automation."""
    if any(_begins(path, pattern) for pattern in _SAID):
        return None
    if path[:1] == ("topics",) and path[2:3] == ("reach",) and path[-1] in bots:
        return AUTOMATION
    fitting = [pattern for pattern in _TABLE if _begins(path, pattern) and (pattern not in _WHOLE or len(path) == 2)]
    return _TABLE[max(fitting, key=len)] if fitting else None


def said_only(path: Path) -> bool:
    """Whether nothing of what is simulated depends on the entry."""
    return any(_begins(path, pattern) for pattern in _SAID)


def _begins(path: Path, pattern: Path) -> bool:
    """Whether a path is that of a pattern or below it."""
    return len(path) >= len(pattern) and all(map(fnmatchcase, path, pattern))
