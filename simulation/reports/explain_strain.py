"""The lines of `explain` on what work does to agents: how tired they will be, and how many leave."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from simulation.center.plan import Plan
from simulation.center.roster import roster
from simulation.reports import number_text
from simulation.reports.console import length_text
from simulation.reports.explain_tables import Blocks
from simulation.reports.explain_words import mean_text
from simulation.routing.routes import selects
from simulation.scenario.schema import Fatigue, Scenario, Turnover
from simulation.theory.strain import filled_share, tiredness
from simulation.units import duration_text

DAY_OF_WORK = 8 * 3600.0
OCCUPANCIES = (0.7, 0.85, 0.95)


YEAR = 365 * 86_400.0


def strain(plan: Plan) -> Blocks:
    """Fatigue and turnover in a few lines; nothing where nobody tires or leaves."""
    lines = [*_fatigue(plan.scenario), *_turnover(plan)]
    yield from map(Text, lines)
    if lines:
        yield Text()


def _fatigue(scenario: Scenario) -> Iterator[str]:
    spec = scenario.strain.fatigue
    if spec is None:
        return
    who = "Agents" if spec.teams == "all" else f"Agents of {', '.join(spec.teams)}"
    if not spec.recovers:
        yield f"{who} recover at once, so nobody tires (strain.fatigue.recovers is 0)."
        return
    rests = "" if spec.rests is None else f", in {duration_text(spec.rests)} off the floor"
    yield (
        f"{who} tire: to 63 % in {duration_text(spec.builds)} of unbroken handling; by 63 % less in "
        f"{duration_text(spec.recovers)} of waiting{rests}."
    )
    yield _after_a_day(spec)
    yield from _never_home(scenario, spec)


def _after_a_day(spec: Fatigue) -> str:
    """What to expect at the end of a day of work, by occupancy."""
    levels = [tiredness(DAY_OF_WORK, occupancy, spec.builds, spec.recovers) for occupancy in OCCUPANCIES]
    parts = [f"tired {_shares(levels)}"]
    if spec.slows:
        parts.append(f"slower by {_shares([spec.slows * level for level in levels])}")
    if spec.errs:
        parts.append(f"short of {_shares([spec.errs * level for level in levels])} of their right answers")
    return f"After 8 h on the floor at {_shares(OCCUPANCIES)} occupancy they are {'; '.join(parts)}."


def _shares(parts: list[float] | tuple[float, ...]) -> str:
    return f"{' / '.join('100' if part >= 0.995 else f'{100 * part:.2g}' for part in parts)} %"


def _never_home(scenario: Scenario, spec: Fatigue) -> Iterator[str]:
    """Teams that name no persons."""
    names = [name for name, team in scenario.teams.items() if team.headcount and selects(spec.teams, name)]
    if names:
        yield (
            f"{', '.join(names)}: a headcount names no persons, so each place tires like one person who is there as long "
            "as the place is; write shifts to let agents go home."
        )


def _turnover(plan: Plan) -> Iterator[str]:
    spec = plan.scenario.strain.turnover
    if spec is None:
        return
    places = _places(plan, spec)
    lead = spec.hire_after.build().mean
    filled = filled_share(YEAR / spec.per_year, lead) if spec.per_year else 1.0
    leave = places * spec.per_year * filled
    gone = (
        f"; a place stays empty for {mean_text(lead)} on average, so that {_shares([1 - filled])} are in the long run"
        * (lead > 0)
    )
    yield (
        f"Turnover: {_rate(spec.per_year)} % a year of {places} places{_more_often(spec)}. About {number_text(leave)} agents "
        f"leave in a year{gone}{_after_hiring(spec, leave)}."
    )
    learn = [
        name
        for name, team in plan.scenario.teams.items()
        if team.people and team.people.learning != type(team.people.learning)()
    ]
    if not learn:
        yield "Newcomers are as good as those who left: write teams.X.people.learning to let them learn on the job."


def _rate(per_year: float) -> str:
    return f"{100 * per_year:.4g}" if per_year < 100 else f"{100 * per_year:,.0f}"


def _places(plan: Plan, spec: Turnover) -> int:
    """Agents by name whom others may follow."""
    concerned = [(name, team) for name, team in plan.scenario.teams.items() if selects(spec.teams, name)]
    return sum(len(roster(name, plan, 0, 0)) for name, team in concerned if team.headcount is None)


def _more_often(spec: Turnover) -> str:
    """What makes agents leave more often than that."""
    said = []
    if spec.occupancy is not None:
        said.append(
            f"x {spec.occupancy.factor:g} for each ten points of occupancy sustained above {100 * spec.occupancy.normal:.3g} %"
        )
    if spec.nights is not None:
        said.append(f"x {spec.nights.factor:g} for nights")
    if spec.disliked != 1:
        said.append(f"x {spec.disliked:g} for hours that they dislike")
    return f" ({', '.join(said)})" if said else ""


def _after_hiring(spec: Turnover, leave: float) -> str:
    """What newcomers cost."""
    said = [f"newcomers learn for {length_text(spec.training)} off the floor"] if spec.training else []
    if spec.cost is not None:
        said.append(f"hiring costs {number_text(leave * spec.cost.amount)} {spec.cost.currency} a year")
    return f"; {', and '.join(said)}" if said else ""
