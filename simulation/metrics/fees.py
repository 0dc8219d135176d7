"""What outsourcers are paid: by hour, contact, minute of handling and resolution, with fixed fees and minimums."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.metrics.view import View, once
from simulation.record.recorder import Outcome
from simulation.scenario.prices import employer_of
from simulation.scenario.schema import Pay

Array = npt.NDArray[Any]
HOUR, MINUTE = 3600.0, 60.0
MONTH_DAYS = 365.25 / 12
CLAIMED = (Outcome.SOLVED, Outcome.WRONG)
"""Outcomes that look like a resolution when the customer leaves."""


def usage_fee(hours: float, contacts: float, minutes: float, resolutions: float, prices: dict[str, float]) -> float:
    """What is billed for what was done: the sum of quantity x price (`per_hour`, `per_contact`, `per_minute`,
    `per_resolution`; one that is missing is 0)."""
    done = {"per_hour": hours, "per_contact": contacts, "per_minute": minutes, "per_resolution": resolutions}
    return sum(quantity * prices.get(name, 0.0) for name, quantity in done.items())


def shortfall(usage: float, minimum: float, days: float) -> float:
    """What is paid on top where the usage of so many days comes to less than the minimum of a month."""
    return max(0.0, minimum * days / MONTH_DAYS - usage)


@once
def by_stay(view: View) -> Array:
    """What each measured leg costs in fees by contact, minute and resolution."""
    legs, total = view.legs, np.zeros(len(view.legs["case"]))
    for pay, mine in _outsourced(view):
        held = mine[view.codes("legs", "team")] & view.answered
        if not held.any():
            continue
        ended = np.where(np.isnan(legs["ended"]), view.scenario.duration, legs["ended"])
        minutes = np.where(held, np.nan_to_num(ended - legs["answered"]) / MINUTE, 0.0)
        quantities = (0.0, _first_of_contact(view, mine) & held, minutes, held & _resolved(legs["outcome"], pay))
        total += usage_fee(*quantities, _amounts(pay))  # type: ignore[arg-type]
    return total


def by_hour(view: View, premium: Array) -> Array:
    """What each row of staffing costs in fees by the hour, fixed fees and what is missing to a minimum; `premium` is the
    extra share of the pay in each row."""
    rows, stays = view.staffing, by_stay(view)
    total = np.zeros(len(rows["agent"]))
    for pay, mine in _outsourced(view):
        its, prices = mine[rows["team"]], _amounts(pay)
        hours = its * rows["signed_in" if pay.hours == "floor" else "paid"] / HOUR
        fees = prices.get("per_hour", 0.0) * hours * (1 + premium * pay.premiums)
        usage = fees.sum() + stays[mine[view.codes("legs", "team")]].sum()
        fixed = prices.get("per_month", 0.0) * view.days / MONTH_DAYS
        lacking = shortfall(usage, prices.get("minimum", 0.0), view.days)
        total += fees + shared_out(fixed + lacking, its * rows["signed_in"], its)
    return total


def shared_out(amount: float, seconds: Array, its: Array) -> Array:
    """An amount by hours on the floor; where there were none, evenly over its rows or, without any, over all."""
    for weights in (seconds, its.astype(float), np.ones(len(its))):
        if weights.any():
            return np.asarray(amount * weights / weights.sum())
    return np.zeros(len(its))


def _outsourced(view: View) -> list[tuple[Pay, Array]]:
    """Each outsourcer's pay and which teams are its own (then False for no team)."""
    scenario = view.scenario
    found = []
    for employer in scenario.employers.values():
        mine = [employer_of(scenario, team) is employer for team in scenario.teams.values()]
        if employer.pay is not None and any(mine):
            found.append((employer.pay, np.array([*mine, False])))
    return found


def _first_of_contact(view: View, mine: Array) -> Array:
    """Measured legs that are the first of their contact in which one of these teams answered, measured or not."""
    legs = view.all_legs
    team = np.where(legs["tier"] >= 0, legs["handler"], -1)
    held = mine[team] & ~np.isnan(legs["answered"]) & (legs["outcome"] != Outcome.UNREACHED)
    rows = np.flatnonzero(held)
    rows = rows[np.lexsort((legs["leg"][rows], legs["contact"][rows], legs["case"][rows]))]
    again = (np.diff(legs["case"][rows], prepend=-1) == 0) & (np.diff(legs["contact"][rows], prepend=-1) == 0)
    first = np.zeros(len(held), dtype=bool)
    first[rows[~again]] = True
    return first[legs["measured"]]


def _resolved(outcome: Array, pay: Pay) -> Array:
    return np.isin(outcome, CLAIMED) if pay.resolution == "claimed" else outcome == Outcome.SOLVED


def _amounts(pay: Pay) -> dict[str, float]:
    return {name: price.amount for name, price in pay.given().items()}
