"""KPIs of deferred work: intake, waiting for others, questions for news, and the backlog."""

from __future__ import annotations

import numpy as np

from simulation.metrics.kpi import Amount, Ratio, Values, kpi, share, values
from simulation.metrics.service import SPREAD
from simulation.metrics.view import View
from simulation.record.letters import deferred_channels
from simulation.record.recorder import CaseStatus, ContactKind, Outcome
from simulation.routing.letters import deferred, intake_channels
from simulation.scenario.schema import Scenario


def _no_letters(scenario: Scenario) -> str | None:
    return None if deferred(scenario) else "no channel is deferred"


def _no_acknowledgement(scenario: Scenario) -> str | None:
    noted = any(channel.acknowledgement for channel in scenario.channels.values())
    return None if noted else "no channel has an acknowledgement"


def _all_topics_right(scenario: Scenario) -> str | None:
    return None if scenario.intake.topic_accuracy < 1 else "intake.topic_accuracy is 100 %: no contact is misclassified"


def _all_urgencies_right(scenario: Scenario) -> str | None:
    return None if scenario.intake.urgency_accuracy < 1 else "intake.urgency_accuracy is 100 %: no urgency is misjudged"


def _no_pauses(scenario: Scenario) -> str | None:
    pauses = (
        pause for topic in scenario.topics.values() for pause in (topic.pauses.customer, topic.pauses.third_party)
    )
    return None if any(pause and pause.probability for pause in pauses) else "no topic has pauses"


def _no_solution_deadline(scenario: Scenario) -> str | None:
    limited = any(channel.solution_deadline for channel in scenario.channels.values())
    return None if limited else "no channel has a solution_deadline"


def _no_chasers(scenario: Scenario) -> str | None:
    asked = any(channel.chasers for channel in scenario.channels.values())
    return None if asked else "no channel has chasers"


def _no_reopening(scenario: Scenario) -> str | None:
    channels = scenario.channels.values()
    reopened = any(channel.reopening or channel.idle_timeout is not None for channel in channels)
    return None if reopened else "no channel has reopening or an idle_timeout"


def _per_case(view: View, column: str) -> Ratio:
    return Ratio([Amount("cases", view.cases[column])], [Amount("cases", np.ones(len(view.cases["case"])))])


# -- the way in -------------------------------------------------------------------------------------


@kpi("contacts", "share", "higher", needs=_no_acknowledgement)
def acknowledged(view: View) -> Ratio:
    """Contacts of which an automatic note said that they have come in ÷ contacts on channels with such notes (questions
    for news and reopened threads left out). It is no first response."""
    notes = np.array([channel.acknowledgement is not None for channel in view.scenario.channels.values()])
    rows = view.contacts
    new = ~np.isin(rows["kind"], (ContactKind.CHASER, ContactKind.REOPEN))
    return share("contacts", ~np.isnan(rows["acknowledged"]), notes[rows["channel"]] & new)


@kpi("contacts", "s", "lower", statistics=SPREAD, needs=_no_acknowledgement)
def reaction_time(view: View) -> Values:
    """From a contact's arrival to the first sign of life: an automatic acknowledgement, or the first answer of substance."""
    rows = view.contacts
    return values("contacts", np.fmin(rows["acknowledged"], rows["answered_by"]) - rows["arrived"])


@kpi("contacts", "share", "lower", needs=_all_topics_right)
def misclassified(view: View) -> Ratio:
    """Contacts filed under a wrong topic ÷ contacts on classified channels that reached a queue for agents."""
    rows = view.contacts
    return share("contacts", rows["filed_topic"] != rows["topic"], _filed(view))


@kpi("contacts", "share", "lower", needs=_all_urgencies_right)
def misjudged(view: View) -> Ratio:
    """Contacts filed with a wrong urgency ÷ contacts on classified channels that reached a queue for agents."""
    rows = view.contacts
    return share("contacts", rows["filed_urgency"] != rows["urgency"], _filed(view))


def _filed(view: View) -> np.ndarray:
    chosen = intake_channels(view.scenario)
    classified = np.array([name in chosen for name in view.scenario.channels])
    rows = view.contacts
    new = ~np.isin(rows["kind"], (ContactKind.CHASER, ContactKind.REOPEN))
    return classified[rows["channel"]] & new & (rows["legs"] > 0)


@kpi("cases", "per case", "lower", needs=_all_topics_right)
def transfers(view: View) -> Ratio:
    """Times that a wrong team handed over to the right one, per case."""
    return _per_case(view, "transfers")


@kpi("legs", "s", "lower", statistics=("mean",), needs=_all_topics_right)
def work_in_vain(view: View) -> Values:
    """Time that a wrong team spends on a contact until it hands over."""
    return values("legs", view.legs["ended"] - view.legs["answered"], view.legs["outcome"] == Outcome.TRANSFERRED)


# -- waiting for others -----------------------------------------------------------------------------


@kpi("cases", "per case", needs=_no_pauses)
def pauses(view: View) -> Ratio:
    """Times that the work waited for the customer or a third party, per case."""
    return _per_case(view, "pauses")


@kpi("cases", "s", statistics=("mean",), needs=_no_pauses)
def paused_time(view: View) -> Values:
    """Time in which a case that was truly solved waited for the customer or a third party."""
    return values("cases", view.cases["paused"], view.cases["status"] == CaseStatus.SOLVED)


@kpi("cases", "s", "lower", statistics=SPREAD, needs=_no_pauses)
def own_resolution_time(view: View) -> Values:
    """From a case's first contact to its true solution, without the time in which the work waited for the customer or a
    third party."""
    return values("cases", view.cases["resolution"] - view.cases["paused"])


@kpi("cases", "share", "higher", needs=_no_solution_deadline)
def solved_in_time(view: View) -> Ratio:
    """Cases truly solved by their solution deadline ÷ cases with one that were solved, were given up or are late. The
    deadline runs by the first channel's clock, and waits where a pause says so."""
    rows = view.cases
    solved = np.where(rows["status"] == CaseStatus.SOLVED, rows["closed"], np.nan)
    decided = (rows["status"] != CaseStatus.OPEN) | (rows["solution_due"] <= view.scenario.duration)
    return share("cases", solved <= rows["solution_due"], np.isfinite(rows["solution_due"]) & decided)


# -- news and returns -------------------------------------------------------------------------------


@kpi("cases", "per case", "lower", needs=_no_chasers)
def chasers(view: View) -> Ratio:
    """Contacts made to ask for news of the open case, per case. They count as contacts, but neither against first contact
    resolution nor as repeats."""
    return _per_case(view, "chasers")


@kpi("cases", "per case", "lower", needs=_no_reopening)
def reopened(view: View) -> Ratio:
    """Threads taken up again per case: because the case was not solved (these are among the repeats), or because the
    customer wrote after the time-out."""
    return _per_case(view, "reopened")


# -- the backlog ------------------------------------------------------------------------------------


@kpi("all_contacts", "contacts", "lower", needs=_no_letters)
def backlog(view: View) -> Ratio:
    """Mean number of deferred contacts not yet answered, over the measured time."""
    return Ratio([Amount("all_contacts", _unanswered(view))], over=view.seconds)


@kpi("all_contacts", "s", "lower", needs=_no_letters)
def backlog_age(view: View) -> Ratio:
    """Mean age of the deferred contacts not yet answered, over the measured time: at each moment the time since they
    came, all moments and contacts alike."""
    rows = view.all_contacts
    start, end = view.record.measured
    came = rows["arrived"]
    until = np.clip(_end(view, rows["answered_by"]), start, end)
    old, young = until - came, np.clip(came, start, end) - came
    area = np.where(_unanswered(view) > 0, (old**2 - young**2) / 2, 0.0)
    return Ratio([Amount("all_contacts", area)], [Amount("all_contacts", _unanswered(view))])


@kpi("all_contacts", "contacts", "lower", needs=_no_letters)
def backlog_at_end(view: View) -> Ratio:
    """Deferred contacts not yet answered when measuring ends."""
    return Ratio([Amount("all_contacts", _left(view))])


@kpi("all_contacts", "s", "lower", needs=_no_letters)
def backlog_age_at_end(view: View) -> Ratio:
    """Mean age of the deferred contacts not yet answered when measuring ends."""
    left = _left(view)
    age = np.where(left, view.record.measured[1] - view.all_contacts["arrived"], 0.0)
    return Ratio([Amount("all_contacts", age)], [Amount("all_contacts", left)])


@kpi("all_contacts", "contacts", "lower", needs=_no_letters)
def in_progress(view: View) -> Ratio:
    """Mean number of deferred contacts not yet closed, over the measured time: unanswered, escalated, or waiting for the
    customer or a third party."""
    rows = view.all_contacts
    seconds = view.overlap(rows["arrived"], rows["ended"])
    return Ratio([Amount("all_contacts", np.where(_letters(view), seconds, 0.0))], over=view.seconds)


def _letters(view: View) -> np.ndarray:
    made: np.ndarray = deferred_channels(view.scenario)[view.all_contacts["channel"]]
    return made


def _unanswered(view: View) -> np.ndarray:
    """Seconds of the measured time in which each deferred contact waits for its answer."""
    rows = view.all_contacts
    return np.where(_letters(view), view.overlap(rows["arrived"], rows["answered_by"]), 0.0)


def _left(view: View) -> np.ndarray:
    """Whether each deferred contact waits for its answer when measuring ends."""
    rows, end = view.all_contacts, view.record.measured[1]
    left: np.ndarray = _letters(view) & (rows["arrived"] < end) & ~(rows["answered_by"] < end)
    return left


def _end(view: View, moments: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(moments), view.scenario.duration, moments)
