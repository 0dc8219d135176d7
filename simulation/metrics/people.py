"""KPIs of consistency: how much agents, and sites, differ beyond chance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.metrics.kpi import Amount, Ratio, kpi
from simulation.metrics.view import View
from simulation.routing.checks import agents_on_shifts
from simulation.scenario.schema import Headcount, Scenario, Team

Array = npt.NDArray[Any]


def between(mean: Array, noise: Array) -> Array:
    """By unit (agent, site) its part of the variance between units: k / (k - 1) * (mean - mean of means)^2 - noise, for k
    units with a noise (the variance that chance gives to a unit's mean) each.

    Their mean is the one-way analysis of variance by the method of moments, with equal weights: unbiased whatever the
    numbers of contacts (Searle, Casella and McCulloch 1992, Variance Components, 3.6). Below zero where units differ less
    than chance alone would have them.
    """
    k = len(mean)
    return k / (k - 1) * (mean - mean.mean()) ** 2 - noise


def _by_team(view: View, count: str, parts: Callable[[dict[str, Array]], tuple[Array, Array]]) -> Ratio:
    """Variance between agents of the same team, over agents with two rows or more of what is counted."""
    rows = view.agents
    value, over = np.zeros(len(rows["agent"])), np.zeros(len(rows["agent"]))
    for team in range(len(view.scenario.teams)):
        mine = np.flatnonzero((rows["team"] == team) & (rows[count] > 1))
        if len(mine) > 1:
            value[mine] = between(*parts({name: column[mine] for name, column in rows.items()}))
            over[mine] = 1.0
    return Ratio([Amount("agents", value)], [Amount("agents", over)])


def _handling(rows: dict[str, Array]) -> tuple[Array, Array]:
    """Mean handling time of each unit and the variance of that mean, relative to the mean of all."""
    n = rows["stays"]
    mean = rows["handling"] / n
    variance = np.maximum(rows["handling_squared"] - n * mean**2, 0.0) / (n - 1)
    center = mean.mean() or 1.0
    return mean / center, variance / n / center**2


def _right(rows: dict[str, Array]) -> tuple[Array, Array]:
    """Share of right answers of each unit and the variance of that share."""
    n = rows["answers"]
    share = rows["right"] / n
    return share, share * (1 - share) / (n - 1)


def _several(scenario: Scenario) -> str | None:
    return None if any(map(_has_two, scenario.teams.values())) else "no team has two agents"


def _has_two(team: Team) -> bool:
    plan = team.headcount
    return agents_on_shifts(team) > 1 if plan is None else _most(plan) > 1


def _most(plan: Headcount) -> int:
    if plan.dated is not None:
        return 2  # whatever the file says
    return plan.constant if plan.constant is not None else max(max(day) for day in plan.weekly.values())


def _sites(scenario: Scenario) -> str | None:
    used = {team.site for team in scenario.teams.values()} - {None}
    return None if len(used) > 1 else "the teams do not work at two sites or more"


def _no_plan(scenario: Scenario) -> str | None:
    planned = any(team.people is not None and team.people.plan is not None for team in scenario.teams.values())
    return None if planned else "no team has a performance plan (people.plan)"


@kpi("agents", "share", "higher", needs=_no_plan)
def on_plan(view: View) -> Ratio:
    """Agents who keep to their team's performance plan ÷ agents judged by one (those with too few stays are not)."""
    return Ratio([Amount("agents", view.agents["on_plan"])], [Amount("agents", view.agents["judged"])])


@kpi("agents", "share", "lower", root=True, needs=_several)
def handling_spread(view: View) -> Ratio:
    """Consistency of pace: coefficient of variation of mean handling times between agents of the same team, less what chance
    alone would give (analysis of variance by the method of moments). Where agents of a team get different contacts,
    that difference is part of it."""
    return _by_team(view, "stays", _handling)


@kpi("agents", "share", "lower", root=True, needs=_several)
def quality_spread(view: View) -> Ratio:
    """Consistency of quality: standard deviation of the share of right answers between agents of the same team, in points,
    less what chance alone would give (analysis of variance by the method of moments)."""
    return _by_team(view, "answers", _right)


@kpi("sites", "share", "lower", root=True, needs=_sites)
def site_handling_spread(view: View) -> Ratio:
    """Consistency across sites: coefficient of variation of their mean handling times, less what chance alone would give."""
    return _by_site(view, "stays", _handling)


@kpi("sites", "share", "lower", root=True, needs=_sites)
def site_quality_spread(view: View) -> Ratio:
    """Consistency across sites: standard deviation of their shares of right answers, in points, less what chance alone would
    give."""
    return _by_site(view, "answers", _right)


def _by_site(view: View, count: str, parts: Callable[[dict[str, Array]], tuple[Array, Array]]) -> Ratio:
    site = view.codes("agents", "site")
    n = len(view.labels("site"))
    names = ("stays", "handling", "handling_squared", "answers", "right")
    rows = {name: np.bincount(site[site >= 0], view.agents[name][site >= 0], minlength=n) for name in names}
    busy = np.flatnonzero(rows[count] > 1)
    value, over = np.zeros(n), np.zeros(n)
    if len(busy) > 1:
        value[busy] = between(*parts({name: column[busy] for name, column in rows.items()}))
        over[busy] = 1.0
    return Ratio([Amount("sites", value)], [Amount("sites", over)])
