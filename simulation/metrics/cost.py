"""KPIs of cost: wages with premiums, bot sessions, channels, practices."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulation.metrics.kpi import Amount, Ratio, kpi
from simulation.metrics.view import View
from simulation.record.recorder import CaseStatus, ContactKind
from simulation.record.tables import Table
from simulation.routing.routes import selects
from simulation.scenario.customers import values
from simulation.scenario.schema import DAY, Premium, Scenario
from simulation.scenario.timeline import Timeline
from simulation.units import Money

HOUR, MINUTE = 3600.0, 60.0


def prices(scenario: Scenario) -> Iterator[Money]:
    """Every price of a scenario, what a customer is worth apart."""
    yield from (team.wage for team in scenario.teams.values() if team.wage is not None)
    for bot in scenario.bots.values():
        yield from (price for price in (bot.cost, bot.cost_per_minute) if price is not None)
    for channel in scenario.cost.channels.values():
        yield from (price for price in (channel.per_contact, channel.per_minute) if price is not None)
    for practice in scenario.practices.values():
        yield from practice.cost.prices()
    notices = (channel.status_notices for channel in scenario.channels.values())
    yield from (notice.cost for notice in notices if notice is not None and notice.cost is not None)


def currency(scenario: Scenario) -> str:
    """The currency of all amounts of money, or an empty text without any."""
    return next((price.currency for price in (*prices(scenario), *values(scenario)) if price is not None), "")


def _no_prices(scenario: Scenario) -> str | None:
    return None if any(prices(scenario)) else "nothing in the scenario has a price"


@kpi("staffing contacts legs", "money/day", "lower", needs=_no_prices)
def cost(view: View) -> Ratio:
    """Wages with premiums, bot sessions, channel prices, status notices and practices, per measured day."""
    return Ratio(_all(view), over=view.days)


@kpi("staffing", "money/day", "lower", needs=_no_prices)
def wages(view: View) -> Ratio:
    """Paid time by wage, premiums included, per measured day."""
    return Ratio([Amount("staffing", _wages(view))], over=view.days)


def _no_tools(scenario: Scenario) -> str | None:
    priced = any(True for practice in scenario.practices.values() for _ in practice.cost.prices())
    return None if priced else "no practice has a price"


@kpi("staffing legs", "money/day", "lower", needs=_no_tools)
def tool_cost(view: View) -> Ratio:
    """Prices of practices, by day, by hours on the floor and by use, per measured day; a price per day falls on the
    hours on the floor of the teams that use it."""
    return Ratio([Amount("staffing", _licences(view)), Amount("legs", _uses(view))], over=view.days)


@kpi("staffing contacts legs", "money", "lower", needs=_no_prices)
def cost_per_contact(view: View) -> Ratio:
    """All cost ÷ contacts that came."""
    return Ratio(_all(view), [Amount("contacts", view.by_customers)])


@kpi("staffing contacts legs cases", "money", "lower", needs=_no_prices)
def cost_per_solved_case(view: View) -> Ratio:
    """All cost ÷ cases truly solved."""
    return Ratio(_all(view), [Amount("cases", view.cases["status"] == CaseStatus.SOLVED)])


def _all(view: View) -> list[Amount]:
    return [
        Amount("staffing", _wages(view) + _licences(view)),
        Amount("contacts", _channels(view)),
        Amount("legs", bot_prices(view, view.legs) + _uses(view)),
    ]


def _wages(view: View) -> np.ndarray:
    per_hour = np.array([team.wage.amount if team.wage else 0.0 for team in view.scenario.teams.values()])
    rows = view.staffing
    return per_hour[rows["team"]] * rows["paid"] / HOUR * (1 + _premium_by_interval(view)[rows["interval"]])


def _premium_by_interval(view: View) -> np.ndarray:
    """Extra share of the wage in each interval of the record."""
    edges = view.record.edges
    extra = np.zeros(len(edges) - 1)
    timeline = Timeline.of(view.scenario)
    for premium in view.scenario.cost.premiums.values():
        for start, end in _premium_spans(premium, timeline):
            covered = np.clip(edges[1:], start, end) - np.clip(edges[:-1], start, end)
            extra += premium.share * covered / np.diff(edges)
    return extra


def _premium_spans(premium: Premium, timeline: Timeline) -> Iterator[tuple[float, float]]:
    length = (premium.end - premium.start) % DAY or DAY
    for day in timeline.days(before=1):
        if day.weekday in premium.days:
            yield timeline.at(day.date, premium.start), timeline.at(day.date, premium.start + length)


def _channels(view: View) -> np.ndarray:
    contact, minute = np.zeros(len(view.scenario.channels)), np.zeros(len(view.scenario.channels))
    for index, name in enumerate(view.scenario.channels):
        price = view.scenario.cost.channels.get(name)
        if price is not None:
            contact[index] = price.per_contact.amount if price.per_contact else 0.0
            minute[index] = price.per_minute.amount if price.per_minute else 0.0
    rows = view.contacts
    ended = np.where(np.isnan(rows["ended"]), view.scenario.duration, rows["ended"])
    prices: np.ndarray = contact[rows["channel"]] + minute[rows["channel"]] * (ended - rows["arrived"]) / MINUTE
    return prices + _notices(view)


def _notices(view: View) -> np.ndarray:
    """Price of the status notices of each contact; a question for news gets none."""
    notices = [channel.status_notices for channel in view.scenario.channels.values()]
    price = np.array([one.cost.amount if one is not None and one.cost is not None else 0.0 for one in notices])
    rows = view.contacts
    made: np.ndarray = np.where(rows["kind"] == ContactKind.CHASER, 0.0, price[rows["channel"]])
    return made


def bot_prices(view: View, legs: Table) -> np.ndarray:
    """What each leg costs if a bot held it: the price of a session and of its minutes; else nothing."""
    teams = len(view.scenario.teams)
    session, minute = np.zeros((2, teams + len(view.scenario.bots) + 1))
    for index, bot in enumerate(view.scenario.bots.values()):
        session[teams + index] = bot.cost.amount if bot.cost else 0.0
        minute[teams + index] = bot.cost_per_minute.amount if bot.cost_per_minute else 0.0
    if not minute.any():
        return session[legs["handler"]]
    ended = np.where(np.isnan(legs["ended"]), view.scenario.duration, legs["ended"])
    lasted = np.nan_to_num(ended - legs["answered"])
    return session[legs["handler"]] + minute[legs["handler"]] * lasted / MINUTE


def _licences(view: View) -> np.ndarray:
    """Prices of practices by day and by agents' hours, of each agent and hour."""
    rows = view.staffing
    total = np.zeros(len(rows["agent"]))
    for practice in view.scenario.practices.values():
        of_team = np.array([selects(practice.teams, name) for name in view.scenario.teams])
        seconds = rows["signed_in"] * of_team[rows["team"]]
        total += amount(practice.cost.per_agent_hour) * seconds / HOUR
        if seconds.any():
            total += amount(practice.cost.per_day) * view.days * seconds / seconds.sum()
    return total


def _uses(view: View) -> np.ndarray:
    """Prices of the practices that helped with each leg."""
    total = np.zeros(len(view.legs["case"]))
    for bit, practice in enumerate(view.scenario.practices.values()):
        total += amount(practice.cost.per_use) * (view.legs["helped"] >> bit & 1)
    return total


def amount(price: Money | None) -> float:
    """A price as a number; nothing is free."""
    return price.amount if price is not None else 0.0
