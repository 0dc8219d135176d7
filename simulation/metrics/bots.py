"""KPIs of the automated first line: what it truly solves, what it claims to, whom it hands over, how busy it is."""

from __future__ import annotations

import numpy as np

from simulation.metrics.cost import bot_prices
from simulation.metrics.kpi import Amount, Ratio, Values, kpi, share, values
from simulation.metrics.view import View
from simulation.record.recorder import Outcome
from simulation.scenario.schema import Bot, Scenario


def _used(scenario: Scenario) -> list[Bot]:
    """Bots that answer on a channel."""
    return [scenario.bots[channel.bot] for channel in scenario.channels.values() if channel.bot]


def _no_bot(scenario: Scenario) -> str | None:
    return None if _used(scenario) else "no channel has a bot"


def _never_silent(scenario: Scenario) -> str | None:
    return None if any(bot.silent_failure for bot in _used(scenario)) else "no bot fails silently"


def _free_of_charge(scenario: Scenario) -> str | None:
    return None if any(bot.cost or bot.cost_per_minute for bot in _used(scenario)) else "no bot has a price"


def _ended(view: View) -> np.ndarray:
    return view.sessions["outcome"] != Outcome.OPEN


def _outcome(view: View, outcome: Outcome) -> np.ndarray:
    return view.sessions["outcome"] == outcome


@kpi("sessions", "sessions/day", needs=_no_bot)
def bot_sessions(view: View) -> Ratio:
    """Contacts that a bot took, per measured day."""
    return Ratio([Amount("sessions", np.ones(len(view.sessions["case"])))], over=view.days)


@kpi("sessions", "share", "higher", needs=_no_bot)
def containment(view: View) -> Ratio:
    """Containment, true: contacts that the bot truly solved ÷ contacts that it took."""
    return share("sessions", _outcome(view, Outcome.SOLVED), _ended(view))


@kpi("sessions", "share", needs=_never_silent)
def containment_claimed(view: View) -> Ratio:
    """Containment as a bot's vendor counts it: contacts that ended with the bot, solved or not ÷ contacts that it took."""
    return share("sessions", ~_outcome(view, Outcome.ESCALATED), _ended(view))


@kpi("sessions", "share", "lower", needs=_never_silent)
def silent_failures(view: View) -> Ratio:
    """Contacts whose customer left the bot believing the case solved, which it was not ÷ contacts that the bot took."""
    return share("sessions", _outcome(view, Outcome.WRONG), _ended(view))


@kpi("sessions", "share", "lower", needs=_no_bot)
def hand_overs(view: View) -> Ratio:
    """Contacts that the bot handed over to agents ÷ contacts that it took."""
    return share("sessions", _outcome(view, Outcome.ESCALATED), _ended(view))


@kpi("before_bots", "share", "lower", needs=_no_bot)
def bot_bypass(view: View) -> Ratio:
    """Contacts that went past the bot straight to agents (full, out of order, a human was asked for) ÷ contacts that
    got in on channels with a bot; callbacks and contacts about a case in hand, which meet no bot, left out."""
    rows = view.before_bots
    return share("before_bots", rows["tier"] >= 0, np.ones(len(rows["tier"]), bool))


@kpi("sessions", "s", statistics=("mean", "p90"), needs=_no_bot)
def session_time(view: View) -> Values:
    """How long a session with a bot lasts, the bot's time for its answers included."""
    return values("sessions", view.sessions["ended"] - view.sessions["answered"], _ended(view))


@kpi("bot_hours", "share", needs=_no_bot)
def bot_utilization(view: View) -> Ratio:
    """Session time ÷ time of all sessions that the bots may hold at once, outages apart."""
    rows = view.bot_hours
    return Ratio([Amount("bot_hours", rows["held"])], [Amount("bot_hours", rows["places"])])


@kpi("bot_hours", "sessions", needs=_no_bot)
def sessions_at_once(view: View) -> Ratio:
    """Mean number of sessions that run at once, over the measured time."""
    return Ratio([Amount("bot_hours", view.bot_hours["held"])], over=view.seconds)


@kpi("sessions", "money/day", "lower", needs=_free_of_charge)
def bot_cost(view: View) -> Ratio:
    """Prices of sessions and of their minutes, per measured day."""
    return Ratio([Amount("sessions", bot_prices(view, view.sessions))], over=view.days)
