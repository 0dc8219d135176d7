"""Handling that depends on practices, and on what has happened to the case: what a service takes, and how it is answered."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.center.desk import Desk
from simulation.center.leg import Leg
from simulation.center.plan import Drawn, Plan
from simulation.center.practices import Practices, Scope
from simulation.record.recorder import ContactKind, Outcome
from simulation.record.tables import Table

Array = npt.NDArray[Any]


class Unusual(NamedTuple):
    """A service that differs from what was worked out at birth: by other levers (bits), or by analysis saved."""

    case: int
    contact: int
    leg: int
    helped: int
    saved: float


class Handling:
    """Stands between the desk and the plain work of the journey.

    First services were worked out at birth with the practices that always help. Here those that follow are
    shortened, and first ones further that profit from an earlier contact, a known case or a bot's context.
    """

    def __init__(self, plan: Plan, drawn: Drawn, desk: Desk, served: list[bytearray]) -> None:
        assert plan.practices is not None and drawn.covered is not None
        self.practices: Practices = plan.practices
        self.plain = desk.work_of
        self.knows = desk.knows
        self.served = served
        self.topics = len(plan.topics)
        self.covered: list[int] = drawn.covered.tolist()
        self.scope = scopes(plan)
        self.remembers = self.practices.on_repeats
        self.handled_first: dict[int, int] = {}
        self.unusual: list[Unusual] = []
        self.answers = self.practices.answers

    def work_of(self, leg: Leg, team: int) -> float:
        """Seconds of handling of a leg with a team; sets its after-contact work too."""
        case, scope = leg.case, self.scope[team][leg.place]
        if leg.talk is not None:  # the rest of a conversation: what helped with it goes on to help
            self.unusual.append(Unusual(case, leg.contact, leg.number, leg.helped, leg.saved))
            return self.plain(leg, team)
        further = self.served[leg.tier][case]
        seconds = self.plain(leg, team)
        usual = scope.always & self.covered[case]
        leg.helped = helped = usual | self._history(leg, scope) if leg.contact else usual
        if self.remembers:
            self.handled_first.setdefault(case, leg.contact)
        if helped == usual and not leg.saved:
            return self._shortened(leg, seconds, usual, 0) if further and usual else seconds
        self.unusual.append(Unusual(case, leg.contact, leg.number, helped, leg.saved))
        return self._shortened(leg, seconds, helped, 0 if further else usual)

    def _history(self, leg: Leg, scope: Scope) -> int:
        """Levers that help since the case, or the agent, is no stranger."""
        known = scope.knows if scope.knows and self.knows(leg) else 0
        again = scope.repeats and self.handled_first.get(leg.case, leg.contact) < leg.contact
        return known | (scope.repeats & self.covered[leg.case] if again else 0)

    def _shortened(self, leg: Leg, seconds: float, helped: int, done: int) -> float:
        """The time less what levers save, of which the savings of `done` are in it already."""
        topic = leg.place % self.topics
        left, before = self.practices.left(topic, helped, leg.saved), self.practices.left(topic, done)
        leg.wrap_up *= _ratio(left.wrap_up, before.wrap_up)
        return seconds * _ratio(left.handling, before.handling)


def _ratio(left: float, before: float) -> float:
    return left / before if before else 0.0


def scopes(plan: Plan) -> list[dict[int, Scope]]:
    """Levers by team and place."""
    practices = plan.practices
    assert practices is not None
    return [
        {
            place: practices.scope(team.name, plan.channel_names[channel], plan.topics[topic])
            for place, _, channel, topic in plan.places()
            if place in team.work
        }
        for team in plan.teams
    ]


def note_practices(legs: Table, plan: Plan, drawn: Drawn, unusual: list[Unusual]) -> None:
    """Write into the table of legs which levers helped with each service, and what was saved of its analysis."""
    assert drawn.covered is not None
    aside = (legs["kind"] == ContactKind.CHASER) | np.isin(legs["outcome"], (Outcome.TRANSFERRED, Outcome.PAUSED))
    rows = np.flatnonzero((legs["agent"] >= 0) & ~aside)
    place = (legs["tier"] * len(plan.channels) + legs["channel"]) * len(plan.topics) + legs["topic"]
    legs["helped"][rows] = _always(plan)[legs["handler"][rows], place[rows]] & drawn.covered[legs["case"][rows]]
    if unusual:
        case, contact, leg, helped, saved = map(np.array, zip(*unusual, strict=True))
        keys = _key(legs["case"], legs.get("model_contact", legs["contact"]), legs["leg"])
        order = np.argsort(keys)
        at = order[np.searchsorted(keys, _key(case, contact, leg), sorter=order)]
        legs["helped"][at], legs["saved"][at] = helped, saved


def _always(plan: Plan) -> Array:
    """Levers that always help where they cover the case, by team and place."""
    bits = np.zeros((len(plan.teams), len(plan.stages)), dtype=np.int64)
    for team, places in enumerate(scopes(plan)):
        for place, scope in places.items():
            bits[team, place] = scope.always
    return bits


def _key(case: Array, contact: Array, leg: Array) -> Array:
    return (case.astype(np.int64) << 36) + (contact.astype(np.int64) << 12) + leg
