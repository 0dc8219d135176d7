"""KPIs of handling: time by step, what helped, the agent who knew the case, answers that were right."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.metrics.kpi import Ratio, Values, kpi, share, values
from simulation.metrics.view import View
from simulation.record.recorder import ContactKind, Outcome
from simulation.scenario.schema import STEPS, Scenario

Array = npt.NDArray[Any]


def _no_steps(scenario: Scenario) -> str | None:
    told = scenario.practices or scenario.handling_steps or any(topic.steps for topic in scenario.topics.values())
    return None if told else "the scenario has no practices and says nothing of steps"


def _no_practices(scenario: Scenario) -> str | None:
    return None if scenario.practices else "the scenario has no practices"


def _nobody_returns(scenario: Scenario) -> str | None:
    returns = any(topic.repeat for topic in scenario.topics.values())
    reopens = any(channel.idle_timeout for channel in scenario.channels.values())
    return None if returns or reopens else "no topic has a repeat and no channel an idle_timeout"


@kpi("legs", "s", statistics=("mean",), needs=_no_steps)
def analysis_time(view: View) -> Values:
    """Part of the talk time spent on finding out what the problem is, by the shares of the steps and what was saved."""
    return _step(view, 0)


@kpi("legs", "s", statistics=("mean",), needs=_no_steps)
def solution_time(view: View) -> Values:
    """Part of the talk time spent on finding and making the solution."""
    return _step(view, 1)


@kpi("legs", "s", statistics=("mean",), needs=_no_steps)
def verification_time(view: View) -> Values:
    """Part of the talk time spent on making sure that the solution works."""
    return _step(view, 2)


@kpi("legs", "s", statistics=("mean",), needs=_no_steps)
def informing_time(view: View) -> Values:
    """Part of the talk time spent on telling the customer."""
    return _step(view, 3)


def _step(view: View, step: int) -> Values:
    talk = view.legs["released"] - view.legs["answered"]
    left = _left(view)
    total = left.sum(axis=1)
    part = np.divide(left[:, step], total, out=np.zeros(len(total)), where=total > 0)
    return values("legs", talk * part, view.answered)


def _left(view: View) -> Array:
    """What is left of each step of each leg, as shares of the handling time that there would have been."""
    scenario, legs = view.scenario, view.legs
    left = np.array([scenario.steps(topic).shares() for topic in scenario.topics])[legs["topic"]]
    saves = [practice.saves for practice in scenario.practices.values()]
    if scenario.routing.sticky is not None:
        saves.append(scenario.routing.sticky.saves)
    for bit, one in enumerate(saves):
        helped = legs["helped"] >> bit & 1
        left *= 1 - np.outer(helped, one.shares()[: len(STEPS)])
    left[:, 0] *= 1 - legs["saved"]
    return left


@kpi("legs", "share", "higher", needs=_no_practices)
def helped(view: View) -> Ratio:
    """Stays with an agent that at least one practice helped with ÷ stays with an agent; questions for news, and stays that
    end in a pause or at the wrong team, are left out."""
    practices = (1 << len(view.scenario.practices)) - 1
    aside = (view.legs["kind"] == ContactKind.CHASER) | np.isin(
        view.legs["outcome"], (Outcome.PAUSED, Outcome.TRANSFERRED)
    )
    return share("legs", (view.legs["helped"] & practices) > 0, view.answered & ~aside)


@kpi("legs", "share", "higher", needs=_nobody_returns)
def same_agent(view: View) -> Ratio:
    """Contacts whose first agent had handled the case in an earlier contact ÷ answered contacts of cases that any agent
    had handled in an earlier contact. Answering a question for news or handing over to the right team is no handling."""
    back, known = _handled_before(view.all_legs)
    measured = view.record.legs["measured"]
    return share("legs", known[measured], view.first & view.answered & back[measured])


def _handled_before(legs: dict[str, Array]) -> tuple[Array, Array]:
    """Whether any agent, and whether the leg's own agent, had handled the case in an earlier contact; legs in order."""
    aside = (legs["kind"] == ContactKind.CHASER) | (legs["outcome"] == Outcome.TRANSFERRED)
    rows = np.flatnonzero((legs["agent"] >= 0) & ~aside)
    case, contact = legs["case"][rows].astype(np.int64), legs["contact"][rows]
    pair = case * (int(legs["agent"].max(initial=0)) + 1) + legs["agent"][rows]
    found = []
    for who in (case, pair):
        _, first, of = np.unique(who, return_index=True, return_inverse=True)
        before = np.zeros(len(legs["case"]), dtype=bool)
        before[rows] = contact[first][of] < contact
        found.append(before)
    return found[0], found[1]


@kpi("legs", "share", "higher")
def quality(view: View) -> Ratio:
    """Answers that were right ÷ answers given by agents, right or wrong; escalations and transfers are none."""
    return share("legs", view.legs["outcome"] == Outcome.SOLVED, given(view))


def given(view: View) -> Array:
    """Legs by which an agent gave an answer, right or wrong."""
    right_or_wrong: Array = view.answered & np.isin(view.legs["outcome"], (Outcome.SOLVED, Outcome.WRONG))
    return right_or_wrong
