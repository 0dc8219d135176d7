"""The practices of a scenario in a table of `explain`, and whom customers meet who come back."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from simulation.metrics.cost import amount
from simulation.reports import number_text
from simulation.reports.expected import Expectation
from simulation.reports.explain_tables import NONE, Blocks, without_empty
from simulation.reports.staff_hours import HOUR
from simulation.routing.routes import selects
from simulation.scenario.prices import currency
from simulation.scenario.schema import STEPS, Practice, PracticeCost, Saves, Scenario, Selection, Sticky
from simulation.units import duration_text, share_text


def practices(found: Expectation) -> Blocks:
    """A table of the practices, and the same agent."""
    scenario = found.plan.scenario
    if scenario.practices:
        rows = [
            [name, _scope(one), _covers(one), _effect(one), _cost(one.cost)] for name, one in scenario.practices.items()
        ]
        yield without_empty(["Practice", "for", "covers", "effect", "cost"], rows)
        yield Text(f"Steps of the handling time: {_steps(scenario)}.", "dim")
        yield from map(Text, _fees(found))
    if scenario.routing.sticky is not None:
        yield Text(_sticky(scenario.routing.sticky))
    if scenario.practices or scenario.routing.sticky is not None:
        yield Text()


def _scope(one: Practice) -> str:
    parts = [_names(one.topics), _names(one.channels), f"team {_names(one.teams)}" if one.teams != "all" else ""]
    parts.append("repeats" if one.contacts == "repeats" else "")
    return "\n".join(part for part in parts if part) or "all"


def _names(selection: Selection) -> str:
    return "" if selection == "all" else ", ".join(selection)


def _covers(one: Practice) -> str:
    which = "the easiest " if one.which == "easiest" else ""
    lines = [f"{which}{share_text(part)}{_of(topic)}" for topic, part in one.covers.items()]
    return "\n".join(lines + ([f"found {share_text(one.found)}"] if one.found < 1 else []))


def _of(topic: str) -> str:
    return "" if topic == "any" else f" of {topic}"


def _effect(one: Practice) -> str:
    gap = f"reach gap -{share_text(one.reach)}" if one.reach else ""
    wrong = f"errors -{share_text(one.accuracy)}" if one.accuracy else ""
    stale = f"{share_text(one.stale)} stale" if one.stale else ""
    return "\n".join(line for line in (*_saved(one.saves), gap, wrong, stale) if line) or NONE


def _saved(saves: Saves) -> list[str]:
    names = (*STEPS, "wrap-up")
    return [f"{name} -{share_text(part)}" for name, part in zip(names, saves.shares(), strict=True) if part]


def _cost(cost: PracticeCost) -> str:
    units = ((cost.per_day, "day"), (cost.per_agent_hour, "agent h"), (cost.per_use, "use"))
    return "\n".join(f"{price}/{unit}" for price, unit in units if price) or NONE


def _fees(found: Expectation) -> Iterator[str]:
    """What practices cost however much they are used."""
    prices = [one.cost for one in found.plan.scenario.practices.values()]
    if any(price.per_day or price.per_agent_hour for price in prices):
        daily = sum(amount(price.per_day) for price in prices)
        hourly = sum(
            amount(one.cost.per_agent_hour) * _hours(found, one) for one in found.plan.scenario.practices.values()
        )
        money = f"{number_text(daily + hourly)} {currency(found.plan.scenario)}"
        yield f"Practices cost {money} a day{', uses apart' if any(price.per_use for price in prices) else ''}."


def _hours(found: Expectation, one: Practice) -> float:
    """Hours a day of the agents who use a practice."""
    floor = (its.floor.sum() for name, its in found.staff.items() if selects(one.teams, name))
    return float(sum(floor)) / HOUR / found.hours.days


def _steps(scenario: Scenario) -> str:
    """Shares of the steps; topics of their own apart."""
    usual = [name for name, topic in scenario.topics.items() if topic.steps is None]
    said = [_shares(scenario, usual[0])] if usual else []
    return "; ".join(said + [f"{name} {_shares(scenario, name)}" for name in scenario.topics if name not in usual])


def _shares(scenario: Scenario, topic: str) -> str:
    return ", ".join(f"{step} {share_text(part)}" for step, part in scenario.steps(topic) if part)


def _sticky(sticky: Sticky) -> str:
    where = "" if sticky.channels == "all" else f" on {_names(sticky.channels)}"
    wait = f" if free within {duration_text(sticky.wait)}" if sticky.wait else " if free"
    saved = ", ".join(_saved(sticky.saves))
    return f"Who comes back{where} meets the agent who knows the case{wait}{': ' if saved else ''}{saved}."
