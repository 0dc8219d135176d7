"""KPIs of the work and of the agents' time."""

from __future__ import annotations

import numpy as np

from simulation.metrics.kpi import Amount, Ratio, Values, kpi, share, values
from simulation.metrics.view import View
from simulation.record.recorder import Outcome
from simulation.record.time_balance import TASKS
from simulation.scenario.schema import Scenario


def _one_at_a_time(scenario: Scenario) -> str | None:
    several = any(team.concurrency.slots > 1 for team in scenario.teams.values())
    return None if several else "every team holds one contact at a time"


def _no_turns(scenario: Scenario) -> str | None:
    by_turns = any(channel.turns is not None for channel in scenario.channels.values())
    return None if by_turns else "no channel has conversations by turns"


def _no_timeout(scenario: Scenario) -> str | None:
    limited = any(channel.idle_timeout is not None for channel in scenario.channels.values())
    return None if limited else "no channel has an idle_timeout"


def _time(view: View, part: str, of: str) -> Ratio:
    return Ratio([Amount("staffing", view.staffing[part])], [Amount("staffing", view.staffing[of])])


@kpi("legs", "s", statistics=("mean",))
def handling_time(view: View) -> Values:
    """Time that an agent spends on a stay, after-contact work included (AHT); of chats side by side, their duration."""
    return values("legs", view.legs["ended"] - view.legs["answered"], view.answered)


@kpi("legs", "s", statistics=("mean",))
def talk_time(view: View) -> Values:
    """From an agent's answer to the customer's leaving the agent."""
    return values("legs", view.legs["released"] - view.legs["answered"], view.answered)


@kpi("all_contacts", "contacts")
def in_system(view: View) -> Ratio:
    """Mean number of contacts in the center at a time, from their arrival until the customer has left: waiting, with a bot or
    an agent, or paused."""
    rows = view.all_contacts
    return Ratio([Amount("all_contacts", view.overlap(rows["arrived"], rows["ended"]))], over=view.seconds)


@kpi("staffing", "share")
def occupancy(view: View) -> Ratio:
    """Handling ÷ (handling + idle while signed in); an agent with several chats handles once. Time on the floor for reviews,
    coaching and articles is neither."""
    rows = view.staffing
    return Ratio([Amount("staffing", rows["handling"])], [Amount("staffing", rows["signed_in"] - beside(view))])


def beside(view: View) -> np.ndarray:
    """Seconds of agents on the floor for work beside contacts, by row of staffing."""
    seconds: np.ndarray = sum((view.staffing[name] for name in TASKS), np.zeros(len(view.staffing["agent"])))
    return seconds


@kpi("staffing", "share")
def utilization(view: View) -> Ratio:
    """Handling ÷ paid time."""
    return _time(view, "handling", "paid")


@kpi("staffing", "contacts", needs=_one_at_a_time)
def concurrency(view: View) -> Ratio:
    """Contacts held at once by an agent while handling."""
    return _time(view, "slots", "handling")


@kpi("staffing", "share", needs=_one_at_a_time)
def slots_taken(view: View) -> Ratio:
    """Time summed over contacts held ÷ slots of the agents signed in; a call or letter, which needs the whole agent,
    counts as one."""
    slots = np.array([team.concurrency.slots for team in view.scenario.teams.values()])
    room = view.staffing["signed_in"] * slots[view.staffing["team"]]
    return Ratio([Amount("staffing", view.staffing["slots"])], [Amount("staffing", room)])


@kpi("staffing", "share", needs=_no_turns)
def focus(view: View) -> Ratio:
    """Attention ÷ signed-in time: writing replies and after-contact work in conversations by turns, and all other
    handling; not the time in which customers think."""
    return _time(view, "attention", "signed_in")


@kpi("legs", "s", statistics=("mean",), needs=_no_turns)
def attention_time(view: View) -> Values:
    """The agent's attention in a stay by turns: its replies and after-contact work."""
    return values("legs", view.legs["attention"], view.legs["replies"] > 0)


@kpi("legs", "replies", needs=_no_turns)
def replies(view: View) -> Ratio:
    """Replies that an agent sends in a stay by turns."""
    sent = view.legs["replies"]
    return Ratio([Amount("legs", sent)], [Amount("legs", sent > 0)])


@kpi("legs", "s", "lower", needs=_no_turns)
def reply_time(view: View) -> Ratio:
    """From a customer's message to the agent's reply, over the replies of all conversations by turns: waiting for the
    agent's attention, and the writing. The first message counts from when the agent takes the conversation."""
    return Ratio([Amount("legs", view.legs["reply_time"])], [Amount("legs", view.legs["replies"])])


@kpi("legs", "share", "lower", needs=_no_timeout)
def timed_out(view: View) -> Ratio:
    """Stays that ended because the customer did not write on in time ÷ stays by turns that came to an end."""
    outcome = view.legs["outcome"]
    return share("legs", outcome == Outcome.TIMED_OUT, (view.legs["replies"] > 0) & (outcome != Outcome.OPEN))


@kpi("staffing", "share", "lower")
def overtime(view: View) -> Ratio:
    """Time on the floor beyond the end of the shift ÷ paid time."""
    return _time(view, "overtime", "paid")


@kpi("staffing", "agents")
def agents(view: View) -> Ratio:
    """Mean agents signed in."""
    return Ratio([Amount("staffing", view.staffing["signed_in"])], over=view.seconds)


@kpi("staffing", "h/day")
def paid_hours(view: View) -> Ratio:
    """Paid hours per measured day."""
    return Ratio([Amount("staffing", view.staffing["paid"] / 3600)], over=view.days)
