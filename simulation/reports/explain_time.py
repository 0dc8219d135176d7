"""The planned time of teams in words of `explain`: rotations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from simulation.scenario.schema import Rotation, Scenario


def time_words(scenario: Scenario) -> Iterator[str]:
    """What is to be said of each team's time."""
    for team, spec in scenario.teams.items():
        for name, rotation in spec.rotations.items():
            yield _rotation(f"Rotation {name} of {team}", rotation)


def _rotation(label: str, rotation: Rotation) -> str:
    runs = ", ".join(f"{day} {len(list(days))}" for day, days in groupby(rotation.cycle))
    known = f"{rotation.pattern}: " if isinstance(rotation.pattern, str) else ""
    several = rotation.crew_count > 1
    crews = f"{rotation.crew_count} crew{'s' * several} of {rotation.per_crew} go{'' if several else 'es'}"
    behind = f", each {rotation.days_apart} d behind the one before" if several else ""
    return f"{label}: {crews} through {known}{runs} ({len(rotation.cycle)} d){behind}. On duty {_heads(rotation)}."


def _heads(rotation: Rotation) -> str:
    """How many work each shift on a day: a number, or the least and the most."""
    cycle, crews = rotation.cycle, range(rotation.crew_count)
    days = [
        Counter(cycle[(day - crew * rotation.days_apart) % len(cycle)] for crew in crews) for day in range(len(cycle))
    ]
    found = {name: [day[name] * rotation.per_crew for day in days] for name in rotation.shifts}
    words = {name: (min(many), max(many)) for name, many in found.items()}
    parts = [f"{name} {low}" if low == high else f"{name} {low} to {high}" for name, (low, high) in words.items()]
    return f"each day: {', '.join(parts)}"
