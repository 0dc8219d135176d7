"""The lines of `explain` on what is decided during the day: staying on, going home early, being called in."""

from __future__ import annotations

from collections.abc import Iterator

from simulation.center.rules import absence_when_disliked
from simulation.reports import seconds_text
from simulation.reports.console import plain
from simulation.reports.explain_words import spans_words
from simulation.scenario.schema import Nights, OnCall, Overtime, Scenario, Selection, TimeOff
from simulation.units import duration_text, share_text


def sameday_words(scenario: Scenario) -> Iterator[str]:
    """A line for each team and rule."""
    for name, team in scenario.teams.items():
        if team.nights is not None:
            yield _nights(name, team.nights, team.absence)
        if team.overtime is not None:
            yield _overtime(name, team.overtime)
        if team.time_off is not None:
            yield _time_off(name, team.time_off)
        if team.on_call is not None:
            yield _on_call(name, team.on_call)


def _overtime(name: str, rule: Overtime) -> str:
    who = "agents" if rule.agents is None else f"up to {rule.agents} agents"
    reason = _reason(rule.over, rule.wait, rule.channels)
    return (
        f"Overtime of {name}: {who} stay on after the shift while {reason}, for {duration_text(rule.most)} at most, at "
        f"{share_text(rule.premium)} on top of the wage; asked after each contact and every {duration_text(rule.every)}."
    )


def _nights(name: str, rule: Nights, absence: float) -> str:
    hours = "at all hours" if rule.hours.written == "always" else ", ".join(spans_words(rule.hours.written))
    often = absence_when_disliked(absence, rule.absence, 1.0)
    absent = (
        ""
        if rule.absence == 1
        else f", and miss {100 * often:.3g} % of shifts within these hours instead of {100 * absence:.3g} %"
    )
    return f"Hours disliked in {name}: {share_text(rule.dislike)} of the agents dislike to work {hours}{absent}."


def _time_off(name: str, rule: TimeOff) -> str:
    which = "one idle agent goes" if rule.idle is None else f"agents who idle beyond {rule.idle} go"
    lull = "" if rule.occupancy is None else f" and occupancy since the last look is below {share_text(rule.occupancy)}"
    lasts = "the rest of the shift" if rule.lasts is None else duration_text(rule.lasts)
    most = "" if rule.agents is None else f", {rule.agents} at once at most"
    pay = "without pay" if not rule.paid else f"at {share_text(rule.paid)} of the wage"
    return (
        f"Time off of {name}: every {duration_text(rule.every)} {which} home for {lasts} if nobody waits{lull}{most}, {pay}; "
        f"{rule.keep} of the team stay in any case."
    )


def _on_call(name: str, rule: OnCall) -> str:
    hours = "" if rule.hours.written == "always" else f" ({', '.join(spans_words(rule.hours.written))})"
    who = "1 agent" if rule.agents == 1 else f"{rule.agents} agents"
    comes = (
        "at once" if rule.delay is None else f"after {plain(seconds_text(float(rule.delay.build().mean)))} on average"
    )
    stays = f", for {duration_text(rule.at_least)} at least" if rule.at_least else ""
    return (
        f"On call for {name}{hours}: {who}, called in while {_reason(rule.over, rule.wait, rule.channels)}; there {comes}"
        f"{stays}. Paid {share_text(rule.standby)} of the wage at home, and {100 * (1 + rule.premium):g} % from the call on."
    )


def _reason(over: int | None, wait: float | None, channels: Selection) -> str:
    """A threshold of what waits, in words."""
    what = "contacts" if channels == "all" else f"contacts on {' and '.join(channels)}"
    reasons = [] if over is None else [f"{'any' if over == 0 else f'more than {over}'} {what} wait"]
    if wait is not None:
        reasons.append(f"{'one' if reasons else f'one of the {what}'} has waited over {duration_text(wait)}")
    return " or ".join(reasons)
