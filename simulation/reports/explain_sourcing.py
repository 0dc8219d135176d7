"""Sites and employers in tables of `explain`."""

from __future__ import annotations

from rich.text import Text

from simulation.reports.console import new_table
from simulation.reports.explain_tables import NONE, Blocks, without_empty
from simulation.scenario.prices import wage_of
from simulation.scenario.schema import Pay, Scenario
from simulation.units import factor_text, number_text


def sourcing(scenario: Scenario) -> Blocks:
    """Who employs which teams and for what, and where they work; nothing where all work here for us."""
    if scenario.employers:
        table = new_table("Employer", "teams", "is paid")
        for name, employer in scenario.employers.items():
            paid = "wages, by us" if employer.pay is None else "\n".join(_terms(employer.pay))
            table.add_row(name, _teams(scenario, "employer", name), paid)
        yield table
        yield Text()
    if scenario.sites:
        rows = [[name, _teams(scenario, "site", name), *_place(scenario, name)] for name in scenario.sites]
        yield without_empty(["Site", "teams", "premiums\nby the clock of", "wages", "costs"], rows)
        yield Text()


def _teams(scenario: Scenario, what: str, name: str) -> str:
    return ", ".join(team for team, spec in scenario.teams.items() if getattr(spec, what) == name) or NONE


def _terms(pay: Pay) -> list[str]:
    """What is paid, line by line."""
    hour = f"{'hour on the floor' if pay.hours == 'floor' else 'paid hour'}{' with premiums' if pay.premiums else ''}"
    truly = "case truly solved" if pay.resolution == "true" else "claimed resolution"
    units = {"per_hour": hour, "per_contact": "contact", "per_minute": "minute of handling", "per_resolution": truly}
    given = pay.given()
    lines = [
        f"{number_text(given[key].amount)} {given[key].currency} per {unit}"
        for key, unit in units.items()
        if key in given
    ]
    lines += [f"{pay.per_month} a month"] if pay.per_month else []
    return lines + ([f"at least {pay.minimum} a month"] if pay.minimum else [])


def _place(scenario: Scenario, name: str) -> list[str]:
    site = scenario.sites[name]
    its = [team for team in scenario.teams.values() if team.site == name and wage_of(scenario, team)]
    level = "" if site.wages == 1 else factor_text(site.wages)
    hours = sorted({round(wage_of(scenario, team), 4) for team in its})
    ends = [f"{number_text(end)}" for end in dict.fromkeys([*hours[:1], *hours[-1:]])]
    unit = f" {its[0].wage.currency}/h" if its and its[0].wage else ""
    wages = f"{level}{f' ({chr(8211).join(ends)}{unit})' if ends and level else ''}" or NONE
    costs = [(site.cost.per_day, "day"), (site.cost.per_agent_hour, "agent h")]
    return [site.time_zone or NONE, wages, "\n".join(f"{price}/{unit}" for price, unit in costs if price) or NONE]
