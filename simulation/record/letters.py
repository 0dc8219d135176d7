"""What the tables say of deferred work: filing, pauses, deadlines, acknowledgements, and questions beside the case's way."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.demand.births import Births
from simulation.record.audit import in_order
from simulation.record.recorder import CAUSES, ContactKind, Outcome
from simulation.scenario.open_clock import OpenClock, deadline_clocks
from simulation.scenario.schema import URGENCIES, Mode, Scenario, Urgency

Array = npt.NDArray[Any]
Table = dict[str, Array]
THIRD_PARTY = CAUSES.index("third_party")


def contact_key(rows: Any) -> Array:
    """One number by case and contact, in their order; `rows` is anything with these columns."""
    key: Array = (rows["case"].astype(np.int64) << 32) + rows["contact"]
    return key


def leg_key(rows: Any) -> Array:
    """One number by case, contact and leg, in their order."""
    key: Array = (rows["case"].astype(np.int64) << 36) + (rows["contact"].astype(np.int64) << 12) + rows["leg"]
    return key


def _found(all_of: Array, wanted: Array) -> Array:
    """Where the wanted keys stand among all of them, which are in order."""
    return np.searchsorted(all_of, wanted)


# -- legs -------------------------------------------------------------------------------------------


def pauses_of(legs: Table, paused: npt.NDArray[np.void]) -> Array:
    """By leg, whom the work then waited for (-1: nobody)."""
    cause = np.full(len(legs["case"]), -1, dtype=np.int32)
    if len(paused):
        cause[_found(leg_key(legs), leg_key(paused))] = paused["cause"]
    return cause


def filed_topics(legs: Table, filed: npt.NDArray[np.void]) -> Array:
    """By leg, the topic under which it stood in the queue: a wrong one only until the first agent has looked at it."""
    if not len(filed):
        return legs["topic"]
    topic = legs["topic"].copy()
    first = np.flatnonzero(legs["first"])
    topic[first] = _filed_as(
        contact_key({name: legs[name][first] for name in ("case", "contact")}), topic[first], filed, "topic"
    )
    return topic


def _filed_as(keys: Array, true: Array, filed: npt.NDArray[np.void], what: str) -> Array:
    """A column of contacts (keys in order, each once) with what was noted of some of them."""
    column = true.copy()
    order = np.argsort(contact_key(filed), kind="stable")
    noted = contact_key(filed)[order]
    at = np.minimum(np.searchsorted(keys, noted), max(len(keys) - 1, 0))
    there = keys[at] == noted if len(keys) else np.zeros(len(noted), dtype=bool)
    column[at[there]] = filed[what][order][there]
    return column


# -- contacts ---------------------------------------------------------------------------------------


def file_contacts(contacts: Table, filed: npt.NDArray[np.void]) -> None:
    """Add topic and urgency under which contacts were filed, and when those came that were registered later."""
    contacts["filed_topic"], contacts["filed_urgency"] = contacts["topic"], contacts["urgency"]
    if len(filed):
        keys = contact_key(contacts)
        for column, what in (("filed_topic", "topic"), ("filed_urgency", "urgency"), ("arrived", "arrived")):
            contacts[column] = _filed_as(keys, contacts[column], filed, what)


def still_open(contacts: Table) -> None:
    """A contact that waits for an answer or stands in no queue yet is not over."""
    waits = (contacts["outcome"] == Outcome.PAUSED) | ((contacts["outcome"] == Outcome.OPEN) & (contacts["legs"] == 0))
    contacts["outcome"] = np.where(waits, np.int32(Outcome.OPEN), contacts["outcome"])
    contacts["ended"] = np.where(waits, np.nan, contacts["ended"])


def silent(legs: Table) -> Array:
    """Whether the customer of a letter heard nothing at the end of a stay: a bot passed it on, a wrong team handed it
    over, or it waits for a third party."""
    by_bot = (legs["tier"] < 0) & (legs["handler"] >= 0) & (legs["outcome"] == Outcome.ESCALATED)
    waits = (legs["outcome"] == Outcome.PAUSED) & (legs["paused_for"] == THIRD_PARTY)
    heard_nothing: Array = by_bot | waits | (legs["outcome"] == Outcome.TRANSFERRED)
    return heard_nothing


def due(contacts: Table, legs: Table, paused: npt.NDArray[np.void], scenario: Scenario) -> Array:
    """When each contact is to be answered, by the true urgency and the clock of its channel (s since the start)."""
    limits = [channel.deadline for channel in scenario.channels.values()]
    clocks = deadline_clocks(scenario)
    moments = _after(contacts, limits, clocks)
    silently = paused[paused["cause"] == THIRD_PARTY]  # a question to the customer is an answer
    if len(silently):
        _stop(moments, contacts, _found(contact_key(contacts), contact_key(silently)), silently, legs, scenario, clocks)
    return moments


def solution_due(cases: Table, legs: Table, paused: npt.NDArray[np.void], scenario: Scenario) -> Array:
    """When each case is to be solved, by the clock of its first channel (s since the start). Before contacts are numbered
    anew; `cases` has channel, topic, urgency and arrived."""
    limits = [channel.solution_deadline for channel in scenario.channels.values()]
    if not any(limits):
        return np.full(len(cases["arrived"]), np.inf)
    clocks = deadline_clocks(scenario)
    moments = _after(cases, limits, clocks)
    paused = paused[np.argsort(paused["until"], kind="stable")]
    while len(paused):  # the pauses of a case one after the other
        _, first = np.unique(paused["case"], return_index=True)
        _stop(moments, cases, paused["case"][first], paused[first], legs, scenario, clocks)
        paused = np.delete(paused, first)
    return moments


def _after(rows: Table, limits: list[dict[Urgency, float]], clocks: list[OpenClock | None]) -> Array:
    """The moments that lie so much after the arrival as the channel allows for the urgency."""
    allowed = np.array([[limit.get(level, np.inf) for level in URGENCIES] for limit in limits])
    seconds = allowed[rows["channel"], rows["urgency"]]
    moments: Array = rows["arrived"] + seconds
    for index, clock in enumerate(clocks):
        if clock is not None:
            mine = (rows["channel"] == index) & np.isfinite(seconds)
            moments[mine] = clock.afters(rows["arrived"][mine], seconds[mine])
    return moments


def _stop(
    moments: Array, rows: Table, at: Array, paused: Any, legs: Table, scenario: Scenario, clocks: list[OpenClock | None]
) -> None:
    """The clocks of the rows `at` stand still in their pauses (one each), from the end of a part of the work until the
    answer, where the topic says so; unless it was too late by then."""
    since, until = legs["released"][_found(leg_key(legs), leg_key(paused))], paused["until"]
    stops = _stops(scenario)[rows["topic"][at], paused["cause"]]
    runs = stops & (since < moments[at]) & np.isfinite(moments[at])
    for index, clock in enumerate(clocks):
        mine = runs & (rows["channel"][at] == index)
        row, start, end = at[mine], since[mine], until[mine]
        if clock is None:
            moments[row] += end - start
        else:
            moments[row] = clock.afters(end, clock.reads(moments[row]) - clock.reads(start))


def _stops(scenario: Scenario) -> Array:
    """Whether deadlines wait for the customer, and for a third party, by topic."""
    pauses = [(topic.pauses.customer, topic.pauses.third_party) for topic in scenario.topics.values()]
    return np.array([[pause is not None and pause.stops_deadline for pause in both] for both in pauses])


def acknowledged(contacts: Table, scenario: Scenario) -> Array:
    """When the automatic note went out; NaN where there was none."""
    notes = [channel.acknowledgement for channel in scenario.channels.values()]
    moments = (
        contacts["arrived"] + np.array([np.nan if note is None else note.after for note in notes])[contacts["channel"]]
    )
    known = np.isin(contacts["kind"], (ContactKind.REOPEN, ContactKind.CHASER))
    kept_out = np.isin(contacts["outcome"], (Outcome.BLOCKED, Outcome.CLOSED))
    with np.errstate(invalid="ignore"):
        return np.where(known | kept_out | (moments > scenario.duration), np.nan, moments)


def numbered_by_arrival(contacts: Table, legs: Table) -> tuple[Table, Table]:
    """Questions for news get their numbers among the case's other contacts, by arrival.

    Legs then keep, beside the data dictionary, the number that their contact had in the model (`model_contact`).
    """
    asked = contacts["kind"] == ContactKind.CHASER
    if not asked.any():
        return contacts, legs
    in_order({name: contacts[name][~asked] for name in ("case", "contact")})
    of = np.repeat(np.arange(len(contacts["case"])), contacts["legs"])
    order = np.lexsort((contacts["contact"], contacts["arrived"], contacts["case"]))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    contacts = {name: column[order] for name, column in contacts.items()}
    starts = np.flatnonzero(np.diff(contacts["case"], prepend=-1))
    number = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    contacts["contact"] = number.astype(np.int32)
    legs["model_contact"] = legs["contact"]
    legs["contact"] = contacts["contact"][place[of]]
    by = np.lexsort((legs["leg"], place[of]))
    return contacts, {name: column[by] for name, column in legs.items()}


# -- cases ------------------------------------------------------------------------------------------


def of_cases(legs: Table, paused: npt.NDArray[np.void], births: Births, scenario: Scenario) -> Table:
    """What pauses make of the cases. Before contacts are numbered anew."""
    born = {name: getattr(births, name) for name in ("channel", "topic", "urgency", "arrived")}
    return {
        "paused": waited_for_others(legs, paused, len(births), scenario.duration),
        "solution_due": solution_due(born, legs, paused, scenario),
    }


def waited_for_others(legs: Table, paused: npt.NDArray[np.void], cases: int, duration: float) -> Array:
    """Seconds by case in which the work waited for the customer or a third party."""
    if not len(paused):
        return np.zeros(cases)
    since = legs["released"][_found(leg_key(legs), leg_key(paused))]
    return np.bincount(paused["case"], np.minimum(paused["until"], duration) - since, minlength=cases)


def deferred_channels(scenario: Scenario) -> Array:
    """Whether each channel is deferred."""
    return np.array([channel.mode is Mode.deferred for channel in scenario.channels.values()])
