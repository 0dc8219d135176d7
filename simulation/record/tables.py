"""The tables of a replication, built from the recorder's rows: cases, contacts, legs and staffing.

Columns are NumPy arrays; names (channel, topic, team, …) are codes into `Record.names`. `DICTIONARY` is the
data dictionary: every column's unit and meaning, written into the Parquet files and the documentation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.demand.births import Births
from simulation.record import conversations, letters, people, strain
from simulation.record.audit import Counters, audit
from simulation.record.promises import answers_to_requests, changed_channel, note_promises
from simulation.record.recorder import CAUSES, CaseStatus, Cause, ContactKind, Duty, Outcome, SelfService, Work
from simulation.record.spans import Spans, overtime, spread, union
from simulation.record.time_balance import AWAY, TASKS, adherence, duty_spans
from simulation.record.visits import Visits
from simulation.scenario.cycle import batch_bounds
from simulation.scenario.premiums import cuts as premium_cuts
from simulation.scenario.schema import URGENCIES, Scenario
from simulation.scenario.timeline import Timeline

Array = npt.NDArray[Any]
Table = dict[str, Array]
Rows = dict[str, npt.NDArray[np.void]]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOUR = 3600.0
DUTIES = tuple(Duty)
"""What the codes of the column `duty` stand for."""
NO_STAY = (Outcome.CALLBACK, Outcome.UNREACHED)
"""Outcomes of legs that are no stay with a handler: the customer left a number, or did not answer the center's call."""

DICTIONARY: dict[str, dict[str, str]] = {
    "cases": {
        "case": "number of the case in the replication, by arrival; complaints about cases come last",
        "key": "number that is the case's own in every scenario with the same seed: join on it to compare",
        "source": "the demand source it comes from",
        "topic": "topic",
        "channel": "channel that the customer prefers: that of the first contact, but for those who go elsewhere at once",
        "segment": "segment of the customer; none where all are alike",
        "urgency": "urgency",
        "difficulty": "latent difficulty, 0 to 1",
        "noticed": "true if the customer could read the notice of the incident that the case is about",
        "arrived": "when it arose: arrival of the first contact or, before it, of a look into self-service, s since the start",
        "looked": "true if the customer looked into the knowledge base before contacting anybody",
        "asked": "true if the customer asked the community before contacting anybody",
        "self_service": "what came of it: none (did neither), unhelped, solved, misled or open",
        "entered": "when the first contact was made, s since the start; NaN if there was none",
        "interval": "hour of the arrival, counted from the start",
        "status": "solved, given_up or open",
        "closed": "when it was solved or given up, s since the start",
        "parent": "number of the case that it complains about; -1 if it is no complaint",
        "complaint": "number of the complaint about it; -1 if there is none",
        "satisfied": "1 satisfied, 0 not, -1 unknown",
        "opinion": "latent opinion: above zero where satisfied; NaN if unknown",
        "stars": "stars of 5 that the customer would give; -1 if unknown",
        "recommends": "likelihood to recommend, 0 to 10; -1 if unknown",
        "effort": "customer effort, 1 (none) to 7; NaN if unknown",
        "survey": "1 asked and answered, 0 asked in vain, -1 not asked",
        "churn": "probability that the customer leaves over it; NaN if unknown, or if the complaint about it decides",
        "lost": "1 the customer leaves for good, 0 stays, -1 unknown, or the complaint about it decides",
        "contacts": "contacts made by the customer (calls by the center are no further ones)",
        "legs": "stays with a handler, waiting that ended without one included; those of questions for news, requests to be "
        "called and calls in vain left out",
        "callbacks": "calls by the center",
        "escalations": "legs that were escalated to a higher tier",
        "passed_up": "legs that were escalated as the customer was angry; among the escalations",
        "overdue": "legs whose clock ran out while they waited",
        "redials": "contacts made after leaving unanswered, a busy signal or a closed door",
        "repeats": "contacts made because the case was not solved, reopened threads included",
        "resumed": "contacts by which a customer who wrote late took up a thread that had timed out; among the reopened",
        "reopened": "contacts that took up a thread again, because the case was not solved or the customer wrote late",
        "chasers": "contacts made to ask for news of the open case",
        "transfers": "legs that stood in a wrong queue and were handed over",
        "pauses": "times that the work waited for the customer or a third party",
        "paused": "how long it waited for them in all, s",
        "first_response": "from the first contact to the first answer of substance on any contact (news are none), s",
        "resolution": "from when it arose to the true solution, s",
        "resolution_open": "the same, counting only the channel's opening hours, s",
        "misled": "contacts whose customer left a bot believing the case solved, which it was not",
        "solution_due": "solution due, s since the start; infinite without a solution deadline",
        "second_contact": "from the end of the first contact to the second one (questions for news left out), s; NaN if there was none",
        "watched": "how long after the first contact's end the case was observed, s",
        "measured": "true if it arrived within the measured time",
    },
    "contacts": {
        "case": "number of the case",
        "contact": "number of the contact within the case, from 0",
        "kind": "why: first, redial (after leaving unanswered, a busy signal or a closed door), repeat (not solved), "
        "callback (by the center), reopen or chaser (asks for news)",
        "channel": "channel",
        "topic": "topic",
        "segment": "segment of the customer; none where all are alike",
        "urgency": "urgency",
        "arrived": "arrival, s since the start",
        "interval": "hour of the arrival, counted from the start",
        "filed_topic": "topic under which it was filed, right or wrong",
        "filed_urgency": "urgency with which it was filed, right or wrong",
        "registered": "when it was registered and began to wait, s since the start",
        "acknowledged": "when an automatic note told the customer that it has come in, s since the start; NaN if none did",
        "ended": "when the customer left, s since the start",
        "outcome": "how it ended",
        "legs": "stays with a handler",
        "first_response": "from arrival to the first answer of substance, s; NaN if there was none",
        "first_response_open": "the same, counting only the channel's opening hours, s",
        "due": "answer due, s since the start; infinite without a deadline",
        "answered_by": "when the first answer of substance was given, s since the start; to who left a number, when reached",
        "changed": "true if it came on another channel than the one before (the first: than the one preferred)",
        "announced": "wait that the customer was told, s; NaN if nothing was said",
        "promised": "until when an agent was to be there, or to call, s since the start; NaN without a promise",
        "promise_kept": "1 kept, 0 broken, -1 without a promise, or the customer left before it was due",
        "called_back": "when the center first called a customer who had left a number, s since the start",
        "measured": "true if it arrived within the measured time",
    },
    "legs": {
        "case": "number of the case",
        "contact": "number of the contact within the case, from 0",
        "kind": "why the contact was made: see contacts",
        "leg": "number of the leg within the contact, from 0",
        "handler": "team or bot; none if nobody answered",
        "agent": "agent; none for bots and unanswered legs",
        "channel": "channel",
        "topic": "topic",
        "filed_topic": "topic under which it stood in the queue, right or wrong",
        "urgency": "urgency",
        "tier": "tier; none for bots",
        "outcome": "how it ended",
        "paused_for": "whom the work then waited for: customer or third_party; none if it did not pause",
        "queued": "began to wait, s since the start",
        "answered": "handling began, s since the start",
        "released": "the customer's part was over, s since the start",
        "ended": "after-contact work was over, s since the start",
        "wait": "time in queue, s",
        "attention": "the agent's attention, s: replies and after-contact work of a conversation by turns, else the whole "
        "handling time; NaN without an agent",
        "replies": "replies that the agent sent in a conversation by turns, else 0",
        "reply_time": "time from the customer's messages to the agent's replies, summed over the replies, s",
        "interval": "hour in which it began to wait, counted from the start",
        "first": "true for the first stay in a queue for agents of its contact",
        "helped": "what helped: 1 for the scenario's first practice, 2 for the second, 4 for the third …, after them one "
        "for an agent who knew the case; their sum",
        "saved": "share of the analysis that was saved since its result came with the contact",
        "pace": "the agent's pace, as a multiple of the team's",
        "reach": "what the agent's reach is above the team's (below: negative)",
        "accuracy": "what the team's share of right answers is multiplied by for the agent",
        "courtesy": "what the agent's courtesy is above the team's (below: negative)",
        "angry": "true if the customer was angry and passed up for it",
        "overdue": "true if its clock ran out while it waited, and a higher tier could take it or it came first",
        "fatigue": "how tired the agent was when the handling began, 0 (fresh) to 1 (exhausted)",
        "shift_hour": "hour of the agent's shift in which the handling began, from 0; -1 if not on a shift, or where nobody tires",
        "measured": "true if it began to wait within the measured time",
    },
    "staffing": {
        "agent": "agent",
        "team": "team",
        "interval": "hour, counted from the start",
        "start": "start of the hour, s since the start",
        "paid": "paid time, overtime included, s",
        "signed_in": "time on the floor, s",
        "handling": "time with at least one contact, after-contact work included, s",
        "slots": "contact-seconds: time summed over contacts held at once, s",
        "attention": "time of handling in which the agent attended to a contact, s: all of it but for conversations by "
        "turns, where customers think in between",
        "overtime": "time on the floor beyond the shift, s",
        "stayed_on": "part of it that a rule on what waits asked for, s",
        "time_off": "time off in lulls, instead of paid time, s",
        "disliked": "planned time of a shift at hours that the agent dislikes, s",
        "standby": "time on call at home, s",
        "on_the_way": "time between being called in and being there, s",
        "called_in": "paid time of agents on call who were called in, the way included, s",
        "calls_in": "how often the agent was called in",
        "break": "time in breaks, s",
        "unpaid": "time in unpaid breaks, among those in breaks, s",
        "shrinkage": "time lost to shrinkage, s",
        "absent": "planned time missed by absence, s",
        "review": "time on the floor spent on reviewing contacts, s",
        "coaching": "time on the floor spent on coaching or being coached, s",
        "writing": "time on the floor spent on articles, s",
        "meeting": "time in meetings, s",
        "training": "time in training, s",
        "late": "time in which the agent was late, at the start of the shift or after a break, s",
        "planned": "time of shifts of agents who came, where adherence is asked for, s",
        "adherent": "time of it in which they did what was planned, s",
        "induction": "paid time of a newcomer who learns off the floor, s",
        "vacant": "planned time for which there was nobody in the place, unpaid, s",
        "left": "persons who left for good, at the end of their last shift",
        "hired": "newcomers who came for the first time",
        "measured": "true if the hour lies within the measured time",
    },
    "duties": {
        "agent": "agent",
        "team": "team",
        "duty": "what the agent was scheduled for or did: on (on the floor), shift (the plan, to hold it against), break, meeting, "
        "training, shrinkage, absent, late, vacant …; contacts are in legs",
        "start": "from when, s since the start",
        "end": "until when, s since the start",
        "interval": "hour in which it began, counted from the start",
        "measured": "true if it reaches into the measured time",
    },
    "people": {
        "agent": "the seat, in which persons may follow each other",
        "team": "team",
        "person": "number of the person in the seat, from 0",
        "hired": "when the person came, s since the start (below zero: before it); NaN if so long ago that nothing is left to learn",
        "left": "when the person left for good, s since the start; NaN if still here at the end",
        "speed": "the person's own speed, past learning, as a multiple of the team's",
        "accuracy": "what the team's share of right answers is multiplied by for the person, past learning",
        "courtesy": "what the person's courtesy is above the team's (below: negative)",
    },
    "tasks": {
        "work": "what was done: review, coaching or article",
        "agent": "agent whom it was about: whose contact was reviewed, who was coached; none for articles",
        "by": "agent who did it (of a coaching: the agent coached)",
        "team": "team of the agent whom it was about; of articles, the author's",
        "topic": "topic of the contact reviewed, or of the article; none for coaching",
        "wrong": "1 the answer reviewed was wrong, 0 right, -1 no review",
        "found": "1 it was found wrong, 0 not, -1 no review",
        "asked": "when it was asked for, s since the start",
        "done": "when it was done, s since the start",
        "interval": "hour in which it was done, counted from the start",
        "measured": "true if it was done within the measured time",
    },
    "scorecards": {
        "agent": "the seat, in which persons may follow each other",
        "team": "team",
        "person": "number of the person in the seat, from 0",
        "stays": "stays with the agent that ended",
        "handling": "their time, after-contact work included, s",
        "handling_squared": "sum of the squares of their times, s^2",
        "answers": "answers given, right or wrong; escalations and transfers are none",
        "right": "answers that were right",
        "cases": "cases that came to an end and that the agent was the first to handle",
        "solved_first": "of these, solved by their first contact",
        "opinions": "of these, cases of which the customer's opinion is known",
        "satisfied": "of these, cases whose customer is satisfied (true satisfaction)",
        "signed_in": "time on the floor, s",
        "busy": "time with at least one contact, after-contact work included, s",
        "paid": "paid time, s",
        "planned": "time of shifts to which the agent came, where adherence is asked for, s",
        "adherent": "time of it in which the agent did what was planned, s",
        "cost": "what the agent costs: wages, premiums, site, an outsourcer's fees",
        "judged": "1 if the team has a performance plan and the agent enough stays to be judged by it, else 0",
        "on_plan": "1 if judged and nothing is missed, else 0",
    },
    "prevented": {
        "key": "number that is the case's own in every scenario with the same seed: without the notice it arises",
        "event": "the incident whose notice kept the case from arising",
        "source": "the demand source it would come from",
        "topic": "topic",
        "channel": "channel of the first contact",
        "segment": "segment of the customer; none where all are alike",
        "urgency": "urgency",
        "arrived": "when it would have arisen, s since the start",
        "interval": "hour of the arrival, counted from the start",
        "measured": "true if it would have arisen within the measured time",
    },
}


@dataclass(frozen=True)
class Record:
    """What happened in one replication: the tables, the names behind their codes, and the audit's findings."""

    replication: int
    tables: dict[str, Table]
    names: dict[str, list[str]]
    edges: Array
    measured: tuple[float, float]
    audit: dict[str, float]

    @property
    def cases(self) -> Table:
        """One row per case."""
        return self.tables["cases"]

    @property
    def contacts(self) -> Table:
        """One row per contact."""
        return self.tables["contacts"]

    @property
    def legs(self) -> Table:
        """One row per leg."""
        return self.tables["legs"]

    @property
    def staffing(self) -> Table:
        """One row per agent and hour."""
        return self.tables["staffing"]


def names_of(scenario: Scenario, agents: list[str]) -> dict[str, list[str]]:
    """The names behind the codes of every coded column."""
    return {
        "source": list(scenario.demand.sources),
        "event": list(scenario.demand.events),
        "topic": list(scenario.topics),
        "filed_topic": list(scenario.topics),
        "channel": list(scenario.channels),
        "segment": list(scenario.customers),
        "urgency": [level.value for level in URGENCIES],
        "filed_urgency": [level.value for level in URGENCIES],
        "paused_for": list(CAUSES),
        "handler": [*scenario.teams, *scenario.bots],
        "team": list(scenario.teams),
        "duty": [duty.name.lower() for duty in DUTIES],
        "tier": list(scenario.escalation.path),
        "agent": agents,
        "outcome": [outcome.name.lower() for outcome in Outcome],
        "kind": [kind.name.lower() for kind in ContactKind],
        "by": agents,
        "work": [work.name.lower() for work in Work],
        "self_service": [came_of.name.lower() for came_of in SelfService],
        "status": [status.name.lower() for status in CaseStatus],
    }


def build(
    scenario: Scenario,
    births: Births,
    visits: Visits | None,
    rows: Rows,
    agents: list[str],
    teams_of_agents: list[int],
    counters: Counters,
) -> Record:
    """The record of a replication. Raises AuditError where the books do not balance."""
    timeline = Timeline.of(scenario)
    edges = _hour_edges(timeline, scenario)
    measured = (scenario.warm_up, scenario.horizon)
    legs = _legs(rows, births, edges, measured)
    contacts = _contacts(rows, legs, births, scenario, timeline, edges, measured)
    note_promises(contacts, legs, rows["promised"], timeline.duration)
    waits = letters.of_cases(legs, rows["paused"], births, scenario)
    contacts, legs = letters.numbered_by_arrival(contacts, legs)
    cases = _cases(rows["given_up"], contacts, legs, births, visits, scenario, timeline, edges, measured)
    cases |= waits
    staffing = _staffing(rows["duties"], legs, np.asarray(teams_of_agents, dtype=np.int64), scenario, edges)
    findings = audit(cases, contacts, legs, staffing, counters, births, visits, scenario, rows["duties"])
    prevented = _prevented(births, edges, measured)
    tasks = _tasks(rows["tasks"], edges, measured)
    tables = {
        "cases": cases,
        "contacts": contacts,
        "legs": legs,
        "staffing": staffing,
        "duties": _duties(rows["duties"], np.asarray(teams_of_agents, dtype=np.int32), edges, measured),
        "tasks": tasks,
        "prevented": prevented,
    }
    tables |= {name: _empty(name) for name in ("people", "scorecards")}
    return Record(births.replication, tables, names_of(scenario, agents), edges, measured, findings)


def _hour_edges(timeline: Timeline, scenario: Scenario) -> Array:
    """Wall-clock hours, cut where measuring begins and ends, where a premium and where a batch does."""
    edges = timeline.grid(HOUR)[0]
    cuts = np.array(premium_cuts(scenario, timeline))
    inside = cuts[(cuts > edges[0]) & (cuts < edges[-1])]
    return np.unique(np.concatenate([edges, inside, [scenario.warm_up, scenario.horizon], batch_bounds(scenario)]))


def _interval(times: Array, edges: Array) -> Array:
    return np.clip(np.searchsorted(edges, times, side="right") - 1, 0, len(edges) - 2).astype(np.int32)


def _inside(times: Array, measured: tuple[float, float]) -> Array:
    return (times >= measured[0]) & (times < measured[1])


def _columns(rows: npt.NDArray[np.void]) -> Table:
    return {name: np.ascontiguousarray(rows[name]) for name in rows.dtype.names or ()}


def _legs(rows: Rows, births: Births, edges: Array, measured: tuple[float, float]) -> Table:
    legs = _columns(rows["legs"][np.argsort(letters.leg_key(rows["legs"]), kind="stable")])
    legs["topic"] = births.topic[legs["case"]].astype(np.int32)
    legs["urgency"] = births.urgency[legs["case"]].astype(np.int32)
    ended_waiting = np.where(np.isnan(legs["answered"]), legs["released"], legs["answered"])
    legs["wait"] = ended_waiting - legs["queued"]
    legs["interval"] = _interval(legs["queued"], edges)
    human = legs["tier"] >= 0
    same_contact = ~_starts(legs)
    follows_human = same_contact & np.concatenate([[False], human[:-1]])
    legs["first"] = human & ~follows_human
    legs["helped"], legs["saved"] = np.zeros(len(legs["case"]), np.int32), np.zeros(len(legs["case"]))
    legs["filed_topic"] = letters.filed_topics(legs, rows["filed"])
    conversations.add_to_legs(legs, rows["conversations"])
    people.add_to_legs(legs, rows["served"])
    legs["fatigue"], legs["shift_hour"] = (
        strain.fatigue(legs, rows["tired"]),
        strain.shift_hour(legs, rows["tired"], rows["duties"]),
    )
    legs["paused_for"] = letters.pauses_of(legs, rows["paused"])
    _note_passed_up(legs, rows["passed_up"])
    legs["measured"] = _inside(legs["queued"], measured)
    return legs


def _note_passed_up(legs: Table, rows: npt.NDArray[np.void]) -> None:
    """Columns that say which legs were passed up for anger, and which when their clock ran out."""
    for name, cause in (("angry", Cause.ANGER), ("overdue", Cause.CLOCK)):
        mine = letters.leg_key(rows[rows["cause"] == cause])
        legs[name] = np.isin(letters.leg_key(legs), mine) if len(mine) else np.zeros(len(legs["case"]), dtype=bool)


def _contacts(
    rows: Rows, legs: Table, births: Births, scenario: Scenario, timeline: Timeline, edges: Array,
    measured: tuple[float, float],
) -> Table:  # fmt: skip
    contacts = _contact_rows(rows["turned_away"], legs)
    letters.still_open(contacts)
    case = contacts["case"]
    contacts["topic"] = births.topic[case].astype(np.int32)
    contacts["segment"] = births.segment[case].astype(np.int32)
    contacts["urgency"] = births.urgency[case].astype(np.int32)
    letters.file_contacts(contacts, rows["filed"])
    contacts["acknowledged"] = letters.acknowledged(contacts, scenario)
    contacts["interval"] = _interval(contacts["arrived"], edges)
    contacts["answered_by"] = answers_to_requests(contacts, _answered_by(contacts, legs, scenario))
    contacts["first_response"] = contacts["answered_by"] - contacts["arrived"]
    contacts["first_response_open"] = _in_opening_hours(
        contacts["channel"], contacts["arrived"], contacts["first_response"], scenario, timeline
    )
    due = letters.due(contacts, legs, rows["paused"], scenario)
    contacts["due"] = np.where(contacts["kind"] == ContactKind.CALLBACK, np.inf, due)
    contacts["changed"] = changed_channel(contacts, births.channel)
    contacts["measured"] = _inside(contacts["arrived"], measured)
    return contacts


def _starts(legs: Table) -> Array:
    """Whether each leg is the first of its contact."""
    return (np.diff(legs["case"], prepend=-1) != 0) | (np.diff(legs["contact"], prepend=-1) != 0)


def _contact_rows(turned_away: npt.NDArray[np.void], legs: Table) -> Table:
    """Contacts follow from their legs; those that met a busy signal or a closed door have none, nor have letters that
    could not get in before the end."""
    first = np.flatnonzero(_starts(legs))
    last = np.append(first[1:], len(legs["case"])) - 1
    last = last[: len(first)]
    parts = {
        "case": (legs["case"][first], turned_away["case"]),
        "contact": (legs["contact"][first], turned_away["contact"]),
        "kind": (legs["kind"][first], turned_away["kind"]),
        "channel": (legs["channel"][first], turned_away["channel"]),
        "legs": ((last - first + 1).astype(np.int32), np.zeros(len(turned_away), np.int32)),
        "outcome": (legs["outcome"][last], turned_away["outcome"]),
        "arrived": (legs["queued"][first], turned_away["at"]),
        "registered": (legs["queued"][first], np.full(len(turned_away), np.nan)),
        "ended": (
            legs["released"][last],
            np.where(turned_away["outcome"] == Outcome.OPEN, np.nan, turned_away["at"]),
        ),
    }
    joined = {name: np.concatenate(both) for name, both in parts.items()}
    if len(turned_away):
        order = np.argsort((joined["case"].astype(np.int64) << 32) + joined["contact"], kind="stable")
        joined = {name: column[order] for name, column in joined.items()}
    return joined


def _answered_by(contacts: Table, legs: Table, scenario: Scenario) -> Array:
    """When each contact had its first answer: the start of the first answered leg; for deferred channels the end of the
    first one of which the customer heard."""
    first = legs["leg"] == 0
    answer = legs["answered"][first]
    deferred = letters.deferred_channels(scenario)
    if deferred.any():
        answer = np.where(deferred[legs["channel"][first]], _heard(legs, first), answer)
    in_vain = legs["outcome"][first] == Outcome.UNREACHED
    if in_vain.any():
        answer = np.where(in_vain, np.nan, answer)
    if contacts["legs"].all():
        return answer
    answered = np.full(len(contacts["case"]), np.nan)
    answered[contacts["legs"] > 0] = answer
    return answered


def _heard(legs: Table, first: Array) -> Array:
    """By contact with legs, the end of the first leg of which the customer heard something; NaN if there is none."""
    silent = letters.silent(legs)
    if not silent.any():
        heard: Array = legs["released"][first]
        return heard
    of = np.cumsum(first) - 1
    heard = np.full(int(first.sum()), np.nan)
    told = np.flatnonzero(~silent)[::-1]
    heard[of[told]] = legs["released"][told]  # the earliest is written last
    return heard


def _cases(
    rows: npt.NDArray[np.void], contacts: Table, legs: Table, births: Births, visits: Visits | None, scenario: Scenario,
    timeline: Timeline, edges: Array, measured: tuple[float, float],
) -> Table:  # fmt: skip
    n = len(births)
    solving = contacts["outcome"] == Outcome.SOLVED
    resumed = conversations.taken_up(contacts)
    unsolved = np.isin(contacts["kind"], (ContactKind.REPEAT, ContactKind.REOPEN)) & ~resumed
    status, closed = np.full(n, CaseStatus.OPEN, dtype=np.int32), np.full(n, np.nan)
    status[contacts["case"][solving]], closed[contacts["case"][solving]] = CaseStatus.SOLVED, contacts["ended"][solving]
    status[rows["case"]], closed[rows["case"]] = CaseStatus.GIVEN_UP, rows["at"]
    before = _before_contact(visits, births, status, closed, timeline.duration)
    by_center = contacts["kind"] == ContactKind.CALLBACK
    cases: Table = {
        "case": np.arange(n, dtype=np.int32),
        "key": births.key,
        "source": births.source.astype(np.int32),
        "topic": births.topic.astype(np.int32),
        "channel": births.channel.astype(np.int32),
        "segment": births.segment.astype(np.int32),
        "urgency": births.urgency.astype(np.int32),
        "difficulty": births.difficulty,
        "noticed": births.noticed,
        "arrived": births.arrived,
        **before,
        "interval": _interval(births.arrived, edges),
        "status": status,
        "closed": closed,
        **_relations(births),
        **{name: np.full(n, -1, dtype=np.int32) for name in ("satisfied", "stars", "recommends", "survey", "lost")},
        **{name: np.full(n, np.nan) for name in ("opinion", "effort", "churn")},
        "contacts": _count(contacts["case"][~by_center], n),
        "legs": _count(legs["case"][(legs["kind"] != ContactKind.CHASER) & ~np.isin(legs["outcome"], NO_STAY)], n),
        "callbacks": _count(contacts["case"][by_center], n),
        "escalations": _count(legs["case"][(legs["outcome"] == Outcome.ESCALATED) & (legs["tier"] >= 0)], n),
        "passed_up": _count(legs["case"][legs["angry"]], n),
        "overdue": _count(legs["case"][legs["overdue"]], n),
        "redials": _count(contacts["case"][contacts["kind"] == ContactKind.REDIAL], n),
        "repeats": _count(contacts["case"][unsolved], n),
        "resumed": _count(contacts["case"][resumed], n),
        "reopened": _count(contacts["case"][contacts["kind"] == ContactKind.REOPEN], n),
        "chasers": _count(contacts["case"][contacts["kind"] == ContactKind.CHASER], n),
        "transfers": _count(legs["case"][legs["outcome"] == Outcome.TRANSFERRED], n),
        "pauses": _count(legs["case"][legs["outcome"] == Outcome.PAUSED], n),
        "misled": _count(legs["case"][(legs["outcome"] == Outcome.WRONG) & (legs["tier"] < 0)], n),
    }
    answered = np.full(n, np.nan)
    own = contacts["kind"] != ContactKind.CHASER
    known = np.flatnonzero(own & ~np.isnan(contacts["answered_by"]))[::-1]
    answered[contacts["case"][known]] = contacts["answered_by"][known]  # the earliest is written last
    solved = np.where(status == CaseStatus.SOLVED, closed, np.nan)
    cases["first_response"] = answered - cases["entered"]
    cases["resolution"] = solved - births.arrived
    cases["resolution_open"] = _in_opening_hours(
        births.channel, births.arrived, cases["resolution"], scenario, timeline
    )
    cases["second_contact"], cases["watched"] = _after_first(contacts, n, timeline.duration)
    cases["measured"] = _inside(births.arrived, measured)
    return cases


def _relations(births: Births) -> Table:
    """Complaints and the cases that they are about."""
    parent = np.full(len(births), -1, dtype=np.int32) if births.parent is None else births.parent.astype(np.int32)
    complaint, made = np.full(len(births), -1, dtype=np.int32), (parent >= 0) & np.isfinite(births.arrived)
    complaint[parent[made]] = np.flatnonzero(made)
    return {"parent": parent, "complaint": complaint}


def with_cases_that_came(record: Record) -> Record:
    """The record without complaints that were never made; cases are numbered anew, in the same order."""
    came = np.isfinite(record.cases["arrived"])
    number = np.where(came, np.cumsum(came) - 1, -1).astype(np.int32)
    cases = {name: column[came] for name, column in record.cases.items()}
    cases["case"] = number[cases["case"]]
    cases["complaint"] = np.where(cases["complaint"] < 0, -1, number[cases["complaint"]]).astype(np.int32)
    followed = {
        name: {**record.tables[name], "case": number[record.tables[name]["case"]]} for name in ("contacts", "legs")
    }
    return replace(record, tables={**record.tables, "cases": cases, **followed})


def _before_contact(visits: Visits | None, births: Births, status: Array, closed: Array, duration: float) -> Table:
    """Columns of self-service; notes status and closing time of the cases that came to their end there."""
    n = len(births)
    if visits is None:
        nobody = np.zeros(n, dtype=bool)
        return {"looked": nobody, "asked": nobody, "self_service": np.zeros(n, np.int32), "entered": births.arrived}
    over = visits.over < duration
    came_of = np.where(over, visits.came_of, np.where(visits.came_of == SelfService.NONE, 0, SelfService.OPEN))
    solved = came_of == SelfService.SOLVED
    lost = (came_of == SelfService.MISLED) & ~visits.returned
    status[solved], status[lost] = CaseStatus.SOLVED, CaseStatus.GIVEN_UP
    closed[solved | lost] = visits.over[solved | lost]
    return {
        "looked": visits.looked,
        "asked": visits.asked,
        "self_service": came_of.astype(np.int32),
        "entered": visits.entered(births.arrived, duration),
    }


def _after_first(contacts: Table, n: int, duration: float) -> tuple[Array, Array]:
    """From the end of each case's first contact to its second one, and to the end of the simulation.

    A question for news is no second contact: the first one is not over yet. Nor is a message to a thread that has timed
    out, which goes on with it.
    """
    ended, second = np.full(n, np.nan), np.full(n, np.nan)
    beside = np.isin(contacts["kind"], (ContactKind.CHASER, ContactKind.CALLBACK)) | conversations.taken_up(contacts)
    first = contacts["contact"] == 0
    again = np.flatnonzero(~first & ~beside)[::-1]
    ended[contacts["case"][first]] = contacts["ended"][first]
    second[contacts["case"][again]] = contacts["arrived"][again]  # the earliest is written last
    return second - ended, duration - ended


def _count(cases: Array, n: int) -> Array:
    return np.bincount(cases, minlength=n).astype(np.int32)


def _in_opening_hours(of: Array, since: Array, elapsed: Array, scenario: Scenario, timeline: Timeline) -> Array:
    """Seconds of opening hours of the channels `of` in the `elapsed` time from `since` on; NaN where that is."""
    seconds = elapsed
    for index, channel in enumerate(scenario.channels.values()):
        spans = timeline.open_spans(channel.open)
        if spans == [(0.0, timeline.duration)]:
            continue
        if seconds is elapsed:
            seconds = elapsed.copy()
        mine = of == index
        moments = np.asarray(spans or [(0.0, 0.0)], dtype=float).ravel()
        clock = np.concatenate([[0.0], np.repeat(np.cumsum(moments[1::2] - moments[::2]), 2)[:-1]])
        until = since[mine] + elapsed[mine]
        seconds[mine] = np.interp(until, moments, clock) - np.interp(since[mine], moments, clock)
    return seconds


def _tasks(rows: npt.NDArray[np.void], edges: Array, measured: tuple[float, float]) -> Table:
    """Work beside contacts that was done."""
    tasks = _columns(rows)
    tasks["interval"] = _interval(tasks["done"], edges)
    tasks["measured"] = _inside(tasks["done"], measured)
    return tasks


def _prevented(births: Births, edges: Array, measured: tuple[float, float]) -> Table:
    """Cases that a notice kept from arising."""
    rows = births.prevented
    codes = ("event", "source", "topic", "channel", "segment", "urgency")
    arrived = np.empty(0) if rows is None else rows.arrived
    return {
        "key": np.empty(0, dtype=np.uint64) if rows is None else rows.key,
        **{name: np.empty(0, np.int32) if rows is None else getattr(rows, name).astype(np.int32) for name in codes},
        "arrived": arrived,
        "interval": _interval(arrived, edges),
        "measured": _inside(arrived, measured),
    }


def _duties(rows: npt.NDArray[np.void], teams: Array, edges: Array, measured: tuple[float, float]) -> Table:
    """What agents were scheduled for and did, span by span, by agent and time."""
    rows = rows[np.lexsort((rows["start"], rows["agent"]))]
    number = np.full(max(Duty) + 1, -1, dtype=np.int32)
    number[list(DUTIES)] = np.arange(len(DUTIES))
    return {
        "agent": rows["agent"].astype(np.int32),
        "team": teams[rows["agent"]] if len(rows) else np.zeros(0, np.int32),
        "duty": number[rows["duty"]],
        "start": np.ascontiguousarray(rows["start"]),
        "end": np.ascontiguousarray(rows["end"]),
        "interval": _interval(rows["start"], edges),
        "measured": (rows["end"] > measured[0]) & (rows["start"] < measured[1]),
    }


def _begun(spans: Spans, agents: int, edges: Array) -> Array:
    """How many spans begin in each interval, shape (agents, intervals)."""
    count = np.zeros((agents, len(edges) - 1))
    np.add.at(count, (spans[0], _interval(spans[1], edges)), 1.0)
    return count


def _staffing(rows: npt.NDArray[np.void], legs: Table, teams: Array, scenario: Scenario, edges: Array) -> Table:
    """Agents' time by hour."""
    n = len(teams)
    handled = legs["agent"] >= 0
    held = (legs["agent"][handled], legs["answered"][handled], legs["ended"][handled])
    several = any(team.concurrency.slots > 1 for team in scenario.teams.values())
    spans = {duty: duty_spans(rows, duty) for duty in Duty}
    sums = {
        "signed_in": spread(*spans[Duty.ON], n, edges),
        "handling": spread(*(union(*held) if several else held), n, edges),
        "slots": spread(*held, n, edges),
        "overtime": spread(*overtime(spans[Duty.ON], spans[Duty.SHIFT]), n, edges),
        "stayed_on": spread(*spans[Duty.OVERTIME], n, edges),
        "disliked": spread(*spans[Duty.DISLIKED], n, edges),
        "standby": spread(*spans[Duty.ON_CALL], n, edges),
        "on_the_way": spread(*spans[Duty.ON_THE_WAY], n, edges),
        "calls_in": _begun(spans[Duty.ON_THE_WAY], n, edges),
        "unpaid": spread(*spans[Duty.UNPAID_BREAK], n, edges),
        **{name: spread(*duty_spans(rows, duty), n, edges) for name, duty in TASKS.items()},
        **{name: spread(*duty_spans(rows, *duties), n, edges) for name, duties in AWAY.items()},
    }
    sums |= strain.vacancies(rows, n, edges)
    sums["attention"] = sums["handling"]
    if legs["by_turns"].any():
        others = tuple(column[~legs["by_turns"][handled]] for column in held)
        sums["attention"] = spread(*union(*others), n, edges) + spread(*spans[Duty.ATTENTION], n, edges)
    on_call = np.isin(np.arange(n), spans[Duty.ON_CALL][0])[:, None]
    sums["called_in"] = np.where(on_call, sums["signed_in"], 0.0) + sums["on_the_way"]
    by_shift = np.array([team.headcount is None for team in scenario.teams.values()])[teams] if n else np.zeros(0, bool)
    planned = spread(*spans[Duty.SHIFT], n, edges) - sums["unpaid"] - sums["time_off"]
    planned += sums["overtime"] + sums["called_in"]
    watched = np.array([team.adherence is not None for team in scenario.teams.values()])[teams] if n else by_shift
    sums["planned"], sums["adherent"] = sums["unpaid"] * 0, sums["unpaid"] * 0
    if watched.any():
        sums["planned"], sums["adherent"] = (part * watched[:, None] for part in adherence(rows, n, edges))
    sums["paid"] = np.where(by_shift[:, None], np.maximum(planned, 0.0), sums["signed_in"])
    agent, interval = np.nonzero(sum(sums.values(), np.zeros((n, len(edges) - 1))))
    middle = (edges[:-1] + edges[1:]) / 2
    inside = (middle > scenario.warm_up) & (middle < scenario.horizon)
    return {
        "agent": agent.astype(np.int32),
        "team": teams[agent].astype(np.int32),
        "interval": interval.astype(np.int32),
        "start": edges[interval],
        **{name: sums[name][agent, interval] for name in DICTIONARY["staffing"] if name in sums},
        "measured": inside[interval],
    }


def _empty(name: str) -> Table:
    """A table of which nothing is known yet."""
    return {column: np.zeros(0, np.int32 if column in ("agent", "team") else float) for column in DICTIONARY[name]}
