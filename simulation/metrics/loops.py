"""KPIs of what changes the center over weeks: reviews, coaching and articles."""

from __future__ import annotations

import numpy as np

from simulation.metrics.handling import given
from simulation.metrics.kpi import Amount, Ratio, Values, kpi, share, values
from simulation.metrics.view import View
from simulation.record.recorder import Work
from simulation.scenario.schema import Scenario


def _no_review(scenario: Scenario) -> str | None:
    return None if scenario.loops.review else "loops.review does not say who looks at answers"


def _no_coaching(scenario: Scenario) -> str | None:
    coached = scenario.loops.review is not None and scenario.loops.review.coaching is not None
    return None if coached else "loops.review.coaching does not say what follows an error"


def _no_articles(scenario: Scenario) -> str | None:
    return None if scenario.loops.articles else "loops.articles does not say who writes articles"


def _done(view: View, work: Work) -> np.ndarray:
    done: np.ndarray = view.tasks["work"] == work
    return done


def _hours(view: View, column: str) -> Ratio:
    return Ratio([Amount("staffing", view.staffing[column] / 3600)], over=view.days)


@kpi("tasks legs", "per answer", needs=_no_review)
def reviewed(view: View) -> Ratio:
    """Reviews done ÷ answers given by agents, right or wrong; by team and topic of the agents whose answers they are."""
    return Ratio([Amount("tasks", _done(view, Work.REVIEW))], [Amount("legs", given(view))])


@kpi("tasks", "share", "higher", needs=_no_review)
def quality_reviewed(view: View) -> Ratio:
    """Quality as the center sees it: answers not found wrong ÷ answers reviewed. Of a few, so it varies more than `quality`,
    and higher where reviewers overlook errors."""
    return share("tasks", view.tasks["found"] == 0, _done(view, Work.REVIEW))


@kpi("tasks", "s", "lower", statistics=("mean",), needs=_no_review)
def review_delay(view: View) -> Values:
    """From the answer to the end of its review."""
    return values("tasks", view.tasks["done"] - view.tasks["asked"], _done(view, Work.REVIEW))


@kpi("staffing", "h/day", needs=_no_review)
def review_hours(view: View) -> Ratio:
    """Hours that agents spend on reviewing, per measured day."""
    return _hours(view, "review")


@kpi("tasks", "per day", needs=_no_coaching)
def coachings(view: View) -> Ratio:
    """Agents coached per measured day."""
    return Ratio([Amount("tasks", _done(view, Work.COACHING))], over=view.days)


@kpi("staffing", "h/day", needs=_no_coaching)
def coaching_hours(view: View) -> Ratio:
    """Hours spent on coaching and on being coached, per measured day."""
    return _hours(view, "coaching")


@kpi("tasks", "per day", needs=_no_articles)
def articles(view: View) -> Ratio:
    """Articles written or renewed, per measured day."""
    return Ratio([Amount("tasks", _done(view, Work.ARTICLE))], over=view.days)


@kpi("tasks", "s", "lower", statistics=("mean",), needs=_no_articles)
def article_delay(view: View) -> Values:
    """From the unsolved case that asked for an article to the article."""
    return values("tasks", view.tasks["done"] - view.tasks["asked"], _done(view, Work.ARTICLE))


@kpi("staffing", "h/day", needs=_no_articles)
def writing_hours(view: View) -> Ratio:
    """Hours that agents spend on articles, per measured day."""
    return _hours(view, "writing")
