"""The lines of `explain` on what passes contacts up, and on the loops of weeks: review, training, articles."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from simulation.reports.explain_tables import Blocks
from simulation.scenario.schema import Angry, Overdue, Scenario
from simulation.units import duration_text, share_text


def loops(scenario: Scenario) -> Blocks:
    """A line for each loop that there is; nothing where there is none."""
    lines = list(_lines(scenario))
    yield from map(Text, lines)
    if lines:
        yield Text()


def _lines(scenario: Scenario) -> Iterator[str]:
    if scenario.escalation.angry is not None:
        yield _angry(scenario.escalation.angry)
    if scenario.escalation.overdue is not None:
        yield _overdue(scenario.escalation.overdue)


def _angry(spec: Angry) -> str:
    who = [f"{share_text(spec.always)} of customers whatever has happened"] * bool(spec.always)
    if spec.per_failure:
        who.append(
            f"{share_text(spec.per_failure)} after each failed contact (half forgotten in {duration_text(spec.half_life)})"
        )
    who += [f"all from failed contact {spec.after_failures} on"] * bool(spec.after_failures)
    who += [f"{share_text(spec.complaints)} of those who complain"] * bool(spec.complaints)
    up = "the next tier up" if spec.to is None else f"tier {spec.to}"
    return (
        f"Angry customers: {', '.join(who) or 'nobody'} ask for somebody higher up; after {share_text(spec.after)} of the "
        f"handling the agent passes them to {up}."
    )


def _overdue(spec: Overdue) -> str:
    clocks = [f"{level.value} cases after {duration_text(most)}" for level, most in spec.after.items()]
    if spec.before_due is not None:
        before = f"{duration_text(spec.before_due)} before" if spec.before_due else "at"
        clocks.append(f"those with a deadline {before} it")
    where = "" if spec.channels == "all" else f" on {', '.join(spec.channels)}"
    then = {"front": "they come before all others", "next": "the next tier up may take them too"}
    return f"Clocks of who waits{where}: {', '.join(clocks)}; then {then.get(spec.to, f'tier {spec.to} may take them too')}."
