"""The lines of `explain` on what is decided during the day: staying on."""

from __future__ import annotations

from collections.abc import Iterator

from simulation.scenario.schema import Overtime, Scenario, Selection
from simulation.units import duration_text, share_text


def sameday_words(scenario: Scenario) -> Iterator[str]:
    """A line for each team and rule."""
    for name, team in scenario.teams.items():
        if team.overtime is not None:
            yield _overtime(name, team.overtime)


def _overtime(name: str, rule: Overtime) -> str:
    who = "agents" if rule.agents is None else f"up to {rule.agents} agents"
    reason = _reason(rule.over, rule.wait, rule.channels)
    return (
        f"Overtime of {name}: {who} stay on after the shift while {reason}, for {duration_text(rule.most)} at most, at "
        f"{share_text(rule.premium)} on top of the wage; asked after each contact and every {duration_text(rule.every)}."
    )


def _reason(over: int | None, wait: float | None, channels: Selection) -> str:
    """A threshold of what waits, in words."""
    what = "contacts" if channels == "all" else f"contacts on {' and '.join(channels)}"
    reasons = [] if over is None else [f"more than {over} {what} wait"]
    if wait is not None:
        reasons.append(f"{'one' if reasons else f'one of the {what}'} has waited over {duration_text(wait)}")
    return " or ".join(reasons)
