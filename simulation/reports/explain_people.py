"""How the agents of a scenario differ and learn, in a table of `explain`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from rich.text import Text

from simulation.center.rules import learned
from simulation.chance import Distribution
from simulation.metrics.scorecards import AT_MOST, FIGURES
from simulation.reports import value_text
from simulation.reports.console import plain
from simulation.reports.expected import Expectation
from simulation.reports.explain_tables import NONE, Blocks, without_empty
from simulation.reports.explain_words import listed, mean_text
from simulation.reports.scorecards import TITLES
from simulation.scenario.schema import Curve, Proficiency, Scenario, TeamPeople
from simulation.units import duration_text, factor_text, share_text


def people(found: Expectation) -> Blocks:
    """A table of the teams whose agents are persons, with what their learning takes from the staff."""
    scenario = found.plan.scenario
    yield from map(Text, _languages(scenario))
    its = {name: team.people for name, team in scenario.teams.items() if team.people is not None}
    if not its:
        return
    rows = [[name, _spread(one), _skills(one), _tenure(one), _learning(one), _plan(one)] for name, one in its.items()]
    said = [row for row in rows if any(cell != NONE for cell in row[1:])]
    if not said:
        return
    heads = ["Persons of", "differ by", "better and worse at", "here for", "newcomers start at", "plan"]
    yield without_empty(heads, said)
    yield from map(Text, _remarks(scenario, its))
    yield Text()


def _languages(scenario: Scenario) -> Iterator[str]:
    """Who speaks what, where customers speak a language."""
    by_language: dict[str, list[str]] = {}
    for name, segment in scenario.customers.items():
        by_language.setdefault(segment.language or "", []).append(name)
    if not any(by_language):
        return
    words = [
        language if names == [language] else f"{language or 'any language'} ({', '.join(names)})"
        for language, names in by_language.items()
    ]
    yield f"Customers speak {listed(words)}."
    teams: dict[str, list[str]] = {}
    for name, team in scenario.teams.items():
        teams.setdefault(_spoken(team.people), []).append(name)
    yield " ".join(f"Agents of {listed(names)} speak {spoken}." for spoken, names in teams.items())
    yield ""


def _spoken(one: TeamPeople | None) -> str:
    if one is None or not one.languages:
        return "all"
    words = ", ".join(f"{language} ({share_text(part)})" for language, part in one.languages.items())
    helped = one.interpreter
    return words if helped is None else f"{words}; others with an interpreter, {share_text(helped.slows)} slower"


def _spread(one: TeamPeople) -> str:
    parts = (("speed", one.speed_spread), ("accuracy", one.accuracy_spread), ("courtesy", one.courtesy_spread))
    return "\n".join(f"{what} {share_text(spread)}" for what, spread in parts if spread) or NONE


def _skills(one: TeamPeople) -> str:
    return "\n".join(f"{name}: {_proficient(skill)}" for name, skill in one.proficiency.items()) or NONE


def _proficient(skill: Proficiency) -> str:
    words = [f"speed {factor_text(skill.speed)}"] if skill.speed != 1 else []
    words += [f"reach gap -{share_text(skill.reach)}"] if skill.reach else []
    words += [f"reach -{share_text(skill.reach_lost)}"] if skill.reach_lost else []
    words += [f"accuracy {factor_text(skill.accuracy)}"] if skill.accuracy != 1 else []
    who = "" if skill.share == 1 else f" ({share_text(skill.share)} of agents)"
    return f"{', '.join(words)}{who}"


def _plan(one: TeamPeople) -> str:
    if one.plan is None:
        return NONE
    words = []
    for name, bound in one.plan.bounds().items():
        unit = FIGURES[name][0]
        said = str(one.plan.cost_per_stay) if unit == "money" else plain(value_text(bound, unit))
        words.append(f"{TITLES[name]} {'<=' if name in AT_MOST else '>='} {said}")
    return "\n".join(words)


def _tenure(one: TeamPeople) -> str:
    return NONE if one.tenure is None else f"{mean_text(one.tenure.build().mean)}\non average"


def _learning(one: TeamPeople) -> str:
    return "\n".join(f"{name} {_curve(curve)}" for name, curve in one.learning if curve is not None) or NONE


def _curve(curve: Curve) -> str:
    return f"{share_text(curve.starts_at)}, half of the rest in {duration_text(curve.half_life)}"


def _remarks(scenario: Scenario, its: dict[str, TeamPeople]) -> Iterator[str]:
    idle = [name for name, one in its.items() if one.tenure is None and _learning(one) != NONE]
    if idle:
        yield f"Nobody of {listed(idle)} is new at the start: without a tenure only those who are hired later learn."
    alike: dict[str, list[str]] = {}
    for name, one in its.items():
        if one.tenure is not None and one.learning.speed is not None:
            speed = share_text(round(_speed_at_start(one.tenure.build(), one.learning.speed), 3))
            alike.setdefault(speed, []).append(name)
    for speed, names in alike.items():
        yield f"At the start agents of {listed(names)} have {speed} of their speed on average; the loads below are those of agents past learning."


def _speed_at_start(tenure: Distribution, curve: Curve) -> float:
    """Mean of the learning curve over the tenures at the start."""
    middle = (np.arange(1000) + 0.5) / 1000
    return float(np.mean([learned(float(one), curve.starts_at, curve.half_life) for one in tenure.ppf(middle)]))
