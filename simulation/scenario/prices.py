"""Every price of a scenario, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulation.scenario.customers import values
from simulation.scenario.schema import Employer, Scenario, Team
from simulation.units import Money

Path = tuple[str | int, ...]
Priced = tuple[Path, Money]
CHANNEL = ("per_contact", "per_minute")
PRACTICE = ("per_day", "per_agent_hour", "per_use")
SITE = ("per_day", "per_agent_hour")


def prices(scenario: Scenario) -> Iterator[Priced]:
    """All prices with their paths, what a customer is worth apart."""
    for name, team in scenario.teams.items():
        yield from _of(team, ("teams", name), ("wage",))
        if team.people is not None and team.people.plan is not None:
            yield from _of(team.people.plan, ("teams", name, "people", "plan"), ("cost_per_stay",))
    for name, bot in scenario.bots.items():
        yield from _of(bot, ("bots", name), ("cost", "cost_per_minute"))
    for name, channel in scenario.cost.channels.items():
        yield from _of(channel, ("cost", "channels", name), CHANNEL)
    yield from _of(scenario.cost, ("cost",), ("training",))
    for name, practice in scenario.practices.items():
        yield from _of(practice.cost, ("practices", name, "cost"), PRACTICE)
    for name, way in scenario.channels.items():
        if way.status_notices is not None:
            yield from _of(way.status_notices, ("channels", name, "status_notices"), ("cost",))
    if scenario.strain.turnover is not None:
        yield from _of(scenario.strain.turnover, ("strain", "turnover"), ("cost",))
    for name, site in scenario.sites.items():
        yield from _of(site.cost, ("sites", name, "cost"), SITE)
    for name, employer in scenario.employers.items():
        if employer.pay is not None:
            yield from _of(employer.pay, ("employers", name, "pay"), tuple(employer.pay.given()))


def worths(scenario: Scenario) -> Iterator[Priced]:
    """What customers are worth, with paths."""
    if scenario.opinion is not None:
        yield from _of(scenario.opinion, ("opinion",), ("value",))
    for name, segment in scenario.customers.items():
        yield from _of(segment, ("customers", name), ("value",))


def currency(scenario: Scenario) -> str:
    """The currency of all amounts of money, or an empty text without any."""
    given = (price for _, price in prices(scenario))
    return next((price.currency for price in (*given, *values(scenario)) if price is not None), "")


def employer_of(scenario: Scenario, team: Team) -> Employer | None:
    """The outsourcer of a team; None for agents of our own."""
    employer = scenario.employers.get(team.employer or "")
    return employer if employer is not None and employer.pay is not None else None


def wage_of(scenario: Scenario, team: Team) -> float:
    """What an hour of the team costs us in wages, premiums apart: nothing for an outsourcer's."""
    if team.wage is None or employer_of(scenario, team) is not None:
        return 0.0
    site = scenario.sites.get(team.site or "")
    return team.wage.amount * (1.0 if site is None else site.wages)


def _of(part: Any, path: Path, names: tuple[str, ...]) -> Iterator[Priced]:
    for name in names:
        price = getattr(part, name)
        if price is not None:
            yield (*path, name), price
