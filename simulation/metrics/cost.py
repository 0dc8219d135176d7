"""KPIs of cost: wages with premiums, outsourcers, sites, bot sessions, channels, practices."""

from __future__ import annotations

import numpy as np

from simulation.metrics import fees
from simulation.metrics.extra_pay import extra_pay, has_extra_pay
from simulation.metrics.kpi import Amount, Ratio, kpi
from simulation.metrics.view import View, once
from simulation.record.recorder import CaseStatus, ContactKind, Outcome
from simulation.record.tables import Table
from simulation.routing.routes import selects
from simulation.scenario.premiums import premium_spans, zones
from simulation.scenario.prices import employer_of, prices, wage_of
from simulation.scenario.schema import Scenario
from simulation.scenario.timeline import Timeline
from simulation.units import Money

HOUR, MINUTE = 3600.0, 60.0
KINDS = ("wages", "outsourcing", "site_cost", "bot_cost", "channel_cost", "tool_cost", "hiring_cost", "training_cost")
"""The kinds of cost, as KPIs per day: they add up to `cost`."""
WITHIN = {"wages": ("premium_pay", "overtime_cost", "on_call_cost")}
"""Parts of a kind that are known apart; they may overlap (overtime at night has premiums)."""


def _no_prices(scenario: Scenario) -> str | None:
    return None if any(prices(scenario)) else "nothing in the scenario has a price"


def _no_premiums(scenario: Scenario) -> str | None:
    paid = [team for team in scenario.teams.values() if wage_of(scenario, team)]
    earned = (scenario.cost.premiums and paid) or any(has_extra_pay(team) for team in paid)
    return None if earned else "no wage has a premium"


def _no_outsourcer(scenario: Scenario) -> str | None:
    there = any(employer_of(scenario, team) for team in scenario.teams.values())
    return None if there else "no team is of an employer with pay"


def _no_channel_prices(scenario: Scenario) -> str | None:
    priced = any(path[0] == "channels" or path[:2] == ("cost", "channels") for path, _ in prices(scenario))
    return None if priced else "no channel has a price"


def _no_site_prices(scenario: Scenario) -> str | None:
    used = {team.site for team in scenario.teams.values()}
    priced = any(path[0] == "sites" and path[1] in used for path, _ in prices(scenario))
    return None if priced else "no site has a cost"


def _no_staff_prices(scenario: Scenario) -> str | None:
    paid = any(wage_of(scenario, team) or employer_of(scenario, team) for team in scenario.teams.values())
    return None if paid else "no team has a wage or an employer with pay"


@kpi("staffing contacts legs", "money/day", "lower", needs=_no_prices)
def cost(view: View) -> Ratio:
    """All cost per measured day: the sum of its kinds (wages with premiums, outsourcing, sites, bot sessions, channels and
    status notices, practices, hiring, training)."""
    return Ratio(_all(view), over=view.days)


@kpi("staffing", "money/day", "lower", needs=_no_prices)
def wages(view: View) -> Ratio:
    """Paid time of our own agents by wage, premiums included, per measured day."""
    return Ratio([Amount("staffing", _basic(view) + _premiums(view))], over=view.days)


@kpi("staffing", "money/day", "lower", needs=_no_premiums)
def premium_pay(view: View) -> Ratio:
    """Premiums on wages (night, weekend, holiday, overtime by rule, on call …), per measured day; contained in wages."""
    return Ratio([Amount("staffing", _premiums(view))], over=view.days)


@kpi("staffing legs", "money/day", "lower", needs=_no_outsourcer)
def outsourcing(view: View) -> Ratio:
    """What outsourcers are paid for their teams, per measured day: by hour, contact, minute of handling and resolution,
    fixed fees, and what is missing to a minimum (the last two by hours on the floor)."""
    return Ratio(_fees(view), over=view.days)


@kpi("staffing", "money/day", "lower", needs=_no_site_prices)
def site_cost(view: View) -> Ratio:
    """What places of work cost besides wages, per measured day."""
    return Ratio([Amount("staffing", _sites(view))], over=view.days)


@kpi("contacts", "money/day", "lower", needs=_no_channel_prices)
def channel_cost(view: View) -> Ratio:
    """Prices of channels (telephony, messages) and of status notices, per measured day."""
    return Ratio([Amount("contacts", _channels(view))], over=view.days)


@kpi("staffing legs", "money/day", "lower", needs=_no_staff_prices)
def staff_cost(view: View) -> Ratio:
    """What agents cost per measured day: wages with premiums, outsourcing, sites, hiring and training; by team, site and
    employer."""
    return Ratio(staff_amounts(view), over=view.days)


@kpi("staffing legs", "money", "lower", needs=_no_staff_prices)
def staff_cost_per_stay(view: View) -> Ratio:
    """What agents cost ÷ stays with an agent; by team, site and employer."""
    return Ratio(staff_amounts(view), [Amount("legs", view.answered)])


@kpi("staffing legs", "money", "lower", needs=_no_staff_prices)
def staff_cost_per_resolution(view: View) -> Ratio:
    """What agents cost ÷ stays with an agent that truly solved the case; by team, site and employer."""
    return Ratio(staff_amounts(view), [Amount("legs", view.answered & (view.legs["outcome"] == Outcome.SOLVED))])


def _no_tools(scenario: Scenario) -> str | None:
    priced = any(True for practice in scenario.practices.values() for _ in practice.cost.prices())
    return None if priced else "no practice has a price"


@kpi("staffing legs", "money/day", "lower", needs=_no_tools)
def tool_cost(view: View) -> Ratio:
    """Prices of practices, by day, by hours on the floor and by use, per measured day; a price per day falls on the
    hours on the floor of the teams that use it."""
    return Ratio([Amount("staffing", _licences(view)), Amount("legs", _uses(view))], over=view.days)


def _no_hiring_price(scenario: Scenario) -> str | None:
    spec = scenario.strain.turnover
    return None if spec is not None and spec.cost is not None else "strain.turnover.cost is not given"


@kpi("staffing", "money/day", "lower", needs=_no_hiring_price)
def hiring_cost(view: View) -> Ratio:
    """Price of hiring those who came for the first time, per measured day; an outsourcer's newcomers are its own affair."""
    return Ratio([Amount("staffing", _hiring(view))], over=view.days)


def _no_training_price(scenario: Scenario) -> str | None:
    trains = any(team.training_hours and employer_of(scenario, team) is None for team in scenario.teams.values())
    return None if trains and scenario.cost.training else "no hours of training of our own agents have a price"


@kpi("staffing", "money/day", "lower", needs=_no_training_price)
def training_cost(view: View) -> Ratio:
    """Price of our own agents' hours of training (trainers, courses), per measured day; their pay is in wages."""
    return Ratio([Amount("staffing", _training(view))], over=view.days)


@kpi("staffing contacts legs", "money", "lower", needs=_no_prices)
def cost_per_contact(view: View) -> Ratio:
    """All cost ÷ contacts that came."""
    return Ratio(_all(view), [Amount("contacts", view.by_customers)])


@kpi("staffing contacts legs cases", "money", "lower", needs=_no_prices)
def cost_per_solved_case(view: View) -> Ratio:
    """All cost ÷ cases truly solved."""
    return Ratio(_all(view), [Amount("cases", view.cases["status"] == CaseStatus.SOLVED)])


@kpi("staffing contacts legs", "money", "lower", parameter=20.0, needs=_no_prices)
def cost_in_time(view: View, within: float) -> Ratio:
    """Cost of a contact answered in time: all cost ÷ contacts whose first answer came by their deadline or, where the
    channel has none, within the time given. What comes late, or never, costs as well, so a center pays more for each
    answer that keeps the promise the fewer do."""
    rows = view.contacts
    by = np.where(np.isfinite(rows["due"]), rows["due"], rows["arrived"] + within)
    return Ratio(_all(view), [Amount("contacts", view.by_customers & (rows["answered_by"] <= by))])


def _all(view: View) -> list[Amount]:
    """Every kind of cost, each once."""
    bots = Amount("legs", _sessions(view))
    tools = [Amount("staffing", _licences(view)), Amount("legs", _uses(view))]
    return [*staff_amounts(view), Amount("contacts", _channels(view)), bots, *tools]


@once
def _hiring(view: View) -> np.ndarray:
    """What hiring the newcomers of each agent's place and hour costs."""
    spec = view.scenario.strain.turnover
    price = amount(None if spec is None else spec.cost)
    hired: np.ndarray = view.staffing["hired"] * price * _ours(view)
    return hired


@once
def _training(view: View) -> np.ndarray:
    """What trainers and courses of each agent and hour cost."""
    trained: np.ndarray = view.staffing["training"] / HOUR * amount(view.scenario.cost.training) * _ours(view)
    return trained


@once
def _ours(view: View) -> np.ndarray:
    """Whether each row of staffing is of an agent of our own."""
    ours = np.array([employer_of(view.scenario, team) is None for team in view.scenario.teams.values()])
    found: np.ndarray = ours[view.staffing["team"]]
    return found


def staff_amounts(view: View) -> list[Amount]:
    """What agents cost: wages, premiums, sites, hiring, training and outsourcers' fees, by row of staffing and of legs."""
    return [Amount("staffing", _of_agents(view)), *_fees(view)]


def _fees(view: View) -> list[Amount]:
    return [Amount("staffing", _hourly_fees(view)), Amount("legs", fees.by_stay(view))]


@once
def _of_agents(view: View) -> np.ndarray:
    """Wages, premiums, sites, hiring and training, by row of staffing."""
    made: np.ndarray = _basic(view) + _premiums(view) + _sites(view) + _hiring(view) + _training(view)
    return made


@once
def _hourly_fees(view: View) -> np.ndarray:
    return fees.by_hour(view, _premium(view))


@once
def _sessions(view: View) -> np.ndarray:
    return bot_prices(view, view.legs)


def pay_of(view: View, seconds: np.ndarray) -> np.ndarray:
    """What so many seconds of each row of staffing come to by wage and premiums of the hour."""
    per_hour = np.array([wage_of(view.scenario, team) for team in view.scenario.teams.values()])
    return per_hour[view.staffing["team"]] * seconds / HOUR * (1 + _premium(view))


@once
def _basic(view: View) -> np.ndarray:
    """Wages without premiums, by row of staffing."""
    per_hour = np.array([wage_of(view.scenario, team) for team in view.scenario.teams.values()])
    return per_hour[view.staffing["team"]] * view.staffing["paid"] / HOUR


@once
def _premiums(view: View) -> np.ndarray:
    """Premiums on wages, by row of staffing."""
    return _basic(view) * _premium(view) + extra_pay(view)


@once
def _premium(view: View) -> np.ndarray:
    """Extra share of the pay in each row of staffing, by the clock of the team's site."""
    own = zones(view.scenario)
    by_zone = {zone: _premium_by_interval(view, zone) for zone in dict.fromkeys(own)}
    by_team = np.array([by_zone[zone] for zone in own])
    found: np.ndarray = by_team[view.staffing["team"], view.staffing["interval"]]
    return found


def _premium_by_interval(view: View, zone: str) -> np.ndarray:
    """Extra share of the pay in each interval of the record."""
    edges = view.record.edges
    extra = np.zeros(len(edges) - 1)
    timeline = Timeline.of(view.scenario)
    for premium in view.scenario.cost.premiums.values():
        for start, end in premium_spans(premium, timeline, zone):
            covered = np.clip(edges[1:], start, end) - np.clip(edges[:-1], start, end)
            extra += premium.share * covered / np.diff(edges)
    return extra


@once
def _sites(view: View) -> np.ndarray:
    """Prices of sites by day and by agents' hours, by row of staffing."""
    rows = view.staffing
    total = np.zeros(len(rows["agent"]))
    for code, site in enumerate(view.scenario.sites.values()):
        its = view.codes("staffing", "site") == code
        seconds = rows["signed_in"] * its
        total += amount(site.cost.per_agent_hour) * seconds / HOUR
        if any(view.labels("site")[code] == team.site for team in view.scenario.teams.values()):
            total += fees.shared_out(amount(site.cost.per_day) * view.days, seconds, its)
    return total


@once
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


@once
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


@once
def _uses(view: View) -> np.ndarray:
    """Prices of the practices that helped with each leg."""
    total = np.zeros(len(view.legs["case"]))
    for bit, practice in enumerate(view.scenario.practices.values()):
        total += amount(practice.cost.per_use) * (view.legs["helped"] >> bit & 1)
    return total


def amount(price: Money | None) -> float:
    """A price as a number; nothing is free."""
    return price.amount if price is not None else 0.0
