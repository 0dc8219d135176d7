"""KPIs of the customer's opinion: satisfaction, what the survey says of it, loyalty and complaints."""

from __future__ import annotations

import numpy as np

from simulation.metrics.kpi import Amount, Ratio, Values, kpi, share, values
from simulation.metrics.view import View
from simulation.scenario.customers import churns
from simulation.scenario.customers import values as worths
from simulation.scenario.schema import Scenario

PROMOTER, DETRACTOR = 9, 6


def _no_opinion(scenario: Scenario) -> str | None:
    return None if scenario.opinion else "the scenario has no opinion section"


def _no_survey(scenario: Scenario) -> str | None:
    return None if scenario.opinion and scenario.survey else "the scenario has no survey"


def _no_churn(scenario: Scenario) -> str | None:
    return None if scenario.opinion and any(churns(scenario)) else "opinion.churn does not say who leaves"


def _no_value(scenario: Scenario) -> str | None:
    return _no_churn(scenario) or (None if any(worths(scenario)) else "no customer has a value")


def _no_complaints(scenario: Scenario) -> str | None:
    return None if scenario.complaints else "the scenario has no complaints section"


def _no_complaint_deadlines(scenario: Scenario) -> str | None:
    due = any(channel.deadline for channel in scenario.channels.values())
    return _no_complaints(scenario) or (None if due else "no channel has a deadline")


def _answered(view: View) -> np.ndarray:
    return view.cases["survey"] == 1


def _known(view: View) -> np.ndarray:
    return view.cases["satisfied"] >= 0


@kpi("cases", "share", "higher", needs=_no_opinion)
def csat(view: View) -> Ratio:
    """Satisfied customers ÷ cases that came to an end (true satisfaction, everybody asked)."""
    return share("cases", view.cases["satisfied"] == 1, _known(view))


@kpi("cases", "share", "higher", needs=_no_survey)
def csat_measured(view: View) -> Ratio:
    """Satisfaction as the survey shows it: answers of 4 or 5 stars ÷ answers."""
    return share("cases", view.cases["satisfied"] == 1, _answered(view))


@kpi("cases", "stars", "higher", needs=_no_survey)
def stars_measured(view: View) -> Ratio:
    """Mean number of stars, of 5, in the answers to the survey."""
    return Ratio([Amount("cases", view.cases["stars"] * _answered(view))], [Amount("cases", _answered(view))])


@kpi("cases", "points", "higher", needs=_no_opinion)
def nps(view: View) -> Ratio:
    """Net promoter score, true: 100 x (promoters, who recommend with 9 or 10, - detractors, with 0 to 6) ÷ cases that came
    to an end."""
    return _net(view, _known(view))


@kpi("cases", "points", "higher", needs=_no_survey)
def nps_measured(view: View) -> Ratio:
    """Net promoter score as the survey shows it, among those who answer."""
    return _net(view, _answered(view))


def _net(view: View, among: np.ndarray) -> Ratio:
    answer = view.cases["recommends"]
    sign = (answer >= PROMOTER).astype(float) - (answer <= DETRACTOR)
    return Ratio([Amount("cases", 100 * sign * among)], [Amount("cases", among)])


@kpi("cases", "of 7", "lower", statistics=("mean",), needs=_no_opinion)
def effort(view: View) -> Values:
    """Customer effort, from 1 (none) to 7: contacts, repeats, transfers and waits of cases that came to an end."""
    return values("cases", view.cases["effort"])


@kpi("cases", "answers/day", needs=_no_survey)
def survey_answers(view: View) -> Ratio:
    """Answers to the survey, per measured day."""
    return Ratio([Amount("cases", _answered(view))], over=view.days)


@kpi("cases", "share", "higher", needs=_no_survey)
def survey_response(view: View) -> Ratio:
    """Answers to the survey ÷ customers asked."""
    return share("cases", _answered(view), view.cases["survey"] >= 0)


@kpi("cases", "share", "higher", needs=_no_churn)
def retention(view: View) -> Ratio:
    """Customers kept ÷ customers served, one customer a case (a case and the complaint about it: the same customer)."""
    return share("cases", view.cases["lost"] == 0, view.cases["lost"] >= 0)


@kpi("cases", "money/day", "lower", needs=_no_value)
def value_at_risk(view: View) -> Ratio:
    """Probability that the customer leaves x what a customer is worth, summed over cases that came to an end, per
    measured day."""
    worth = np.array([0.0 if one is None else one.amount for one in worths(view.scenario)])[view.cases["segment"]]
    return Ratio([Amount("cases", np.nan_to_num(view.cases["churn"]) * worth)], over=view.days)


@kpi("cases", "share", "lower", needs=_no_complaints)
def complaint_rate(view: View) -> Ratio:
    """Cases about which the customer complains ÷ cases (complaints apart); slices are the case's, not the complaint's."""
    return share("cases", view.cases["complaint"] >= 0, view.cases["parent"] < 0)


@kpi("cases", "complaints/day", "lower", needs=_no_complaints)
def complaints(view: View) -> Ratio:
    """Complaints that customers open about a case, per measured day."""
    return Ratio([Amount("cases", view.cases["parent"] >= 0)], over=view.days)


@kpi("contacts", "share", "higher", needs=_no_complaint_deadlines)
def complaints_in_time(view: View) -> Ratio:
    """Complaints answered by the deadline of their channel ÷ first contacts of complaints that were answered or whose
    deadline has passed."""
    contacts = view.contacts
    opened = (view.record.cases["parent"][contacts["case"]] >= 0) & (contacts["contact"] == 0)
    due, by = contacts["due"], contacts["answered_by"]
    decided = np.isfinite(due) & (~np.isnan(by) | (due <= view.scenario.duration))
    return share("contacts", by <= due, opened & decided)
