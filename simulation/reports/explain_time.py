"""The planned time of teams in words of `explain`: rotations, meetings, training, lateness, absence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from simulation.reports.explain_words import listed
from simulation.scenario.schema import Adherence, Late, Meeting, Rotation, Scenario, Team, TrainingHours
from simulation.units import clock_text, days_text, duration_text, share_text


def time_words(scenario: Scenario) -> Iterator[str]:
    """What is to be said of teams' time; what holds for several is said once."""
    alike: dict[str, list[str]] = {}
    for team, spec in scenario.teams.items():
        for name, rotation in spec.rotations.items():
            yield _rotation(f"Rotation {name} of {team}", rotation)
        for words in (*(_meeting(name, meeting) for name, meeting in spec.meetings.items()), *_habits(spec)):
            alike.setdefault(words, []).append(team)
    yield from (f"Agents of {listed(teams)} {words}." for words, teams in alike.items())


def _habits(spec: Team) -> Iterator[str]:
    """Training, lateness and absence, where they are out of the ordinary."""
    if spec.training_hours is not None:
        yield _training(spec.training_hours)
    if spec.adherence is not None:
        yield _adherence(spec.adherence)
    absent = f"are absent on {share_text(spec.absence)} of the days"
    if spec.absence_spells is not None:
        yield f"{absent}, {duration_text(spec.absence_spells)} at a time on average"
    if (by_load := spec.absence_by_load) is not None:
        later = {0: "", 1: ", on the day after"}.get(by_load.days_after, f", {by_load.days_after} days later")
        yield f"{absent}: {by_load.strength:.3g} % more often for each per cent that a day is busier than usual{later}"
    if spec.absence_together:
        together = share_text(spec.absence_together)
        yield f"{absent}, more of them on some days than on others (correlation {together})"


def _meeting(name: str, one: Meeting) -> str:
    often = f" every {one.every} weeks" if one.every > 1 else ""
    waves = f", in {one.waves} waves" if one.waves > 1 else ""
    days = days_text(one.days) if len(one.days) == 7 else f"on {days_text(one.days)}"
    return f"meet for {duration_text(one.lasts)} ({name}) {days} at {clock_text(one.at)}{often}{waves}"


def _training(one: TrainingHours) -> str:
    sessions = f"in sessions of {duration_text(min(one.session, one.each))}"
    when = "in their quietest hours" if one.at is None else f"at {_hours(one.at.written)}"
    return f"train {duration_text(one.each)} a {one.per} each, {sessions} {when}"


def _hours(written: Any) -> str:
    """Hours as the scenario writes them."""
    if not isinstance(written, dict):
        return "all hours"
    spans = ((days, span if isinstance(span, list) else [span]) for days, span in written.items())
    return "; ".join(f"{days} {', '.join(map(str, span))}" for days, span in spans)


def _adherence(one: Adherence) -> str:
    if one.share is not None:
        return f"keep to {share_text(one.share)} of their plan: late at the start and after breaks"
    parts = [("at", "starts", one.starts), ("after", "breaks", one.returns)]
    said = [f"{how} {_late(late, what)}" for how, what, late in parts if late is not None]
    return f"are late {' and '.join(said)}"


def _late(late: Late, what: str) -> str:
    mean = float(f"{late.by.build().mean:.3g}")
    return f"{share_text(late.share)} of {what} by {duration_text(mean)} on average"


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
