"""The lines of `explain` on what work does to agents: how tired they will be."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from simulation.reports.explain_tables import Blocks
from simulation.routing.routes import selects
from simulation.scenario.schema import Fatigue, Scenario
from simulation.theory.strain import tiredness
from simulation.units import duration_text

DAY_OF_WORK = 8 * 3600.0
OCCUPANCIES = (0.7, 0.85, 0.95)


def strain(scenario: Scenario) -> Blocks:
    """Fatigue in a few lines; nothing where nobody tires."""
    lines = list(_fatigue(scenario))
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
    return f"{' / '.join(f'{100 * part:.2g}' for part in parts)} %"


def _never_home(scenario: Scenario, spec: Fatigue) -> Iterator[str]:
    """Teams that name no persons."""
    names = [name for name, team in scenario.teams.items() if team.headcount and selects(spec.teams, name)]
    if names:
        yield (
            f"{', '.join(names)}: a headcount names no persons, so each place tires like one person who is there as long "
            "as the place is; write shifts to let agents go home."
        )
