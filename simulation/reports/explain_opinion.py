"""The lines of `explain` on the customers' opinion: what they expect, what a survey will show, who leaves, who complains."""

from __future__ import annotations

from collections.abc import Iterator
from math import log

from rich.text import Text

from simulation.reports import seconds_text
from simulation.reports.console import plain
from simulation.reports.explain_tables import Blocks
from simulation.scenario.customers import churns, values
from simulation.scenario.schema import Complaints, Opinion, Scenario, Survey
from simulation.theory.surveys import measured_share, net_promoter
from simulation.units import duration_text, share_text


def opinion(scenario: Scenario) -> Blocks:
    """Opinion, survey, loyalty and complaints in a line each; nothing where there is none."""
    lines = list(_lines(scenario))
    yield from map(Text, lines)
    if lines:
        yield Text()


def _lines(scenario: Scenario) -> Iterator[str]:
    if scenario.opinion is not None:
        yield _satisfaction(scenario.opinion)
        if scenario.survey is not None:
            yield _survey(scenario.survey, scenario.opinion.satisfied)
        yield from _loyalty(scenario)
    if scenario.complaints is not None:
        yield _complaints(scenario.complaints)


def _satisfaction(spec: Opinion) -> str:
    first = ", ".join(f"{name} {duration_text(time)}" for name, time in spec.expected.items())
    when = f", if the first response comes within what they expect ({first})" if first else ""
    return f"Opinion: {share_text(spec.satisfied)} of customers are satisfied when all goes well{when}{_points(spec)}."


def _points(spec: Opinion) -> str:
    if not 0 < spec.satisfied < 1:
        return ""
    score = log(spec.satisfied / (1 - spec.satisfied))
    return (
        f"; the net promoter score is then {100 * net_promoter(score, spec.recommend.zero, spec.recommend.slope):.0f}"
    )


def _survey(spec: Survey, satisfied: float) -> str:
    yes, no = spec.answers.satisfied, spec.answers.unsatisfied
    shown = measured_share(satisfied, yes, no)
    says = f": {share_text(satisfied)} satisfied would show as {100 * shown:.1f} %" if yes or no else ""
    return (
        f"Survey: {share_text(spec.asked)} are asked; {share_text(yes)} of the satisfied and {share_text(no)} of the "
        f"others answer{says}."
    )


def _loyalty(scenario: Scenario) -> Iterator[str]:
    """Who leaves and what is lost, by segment where segments differ."""
    found = list(zip(churns(scenario), values(scenario), strict=True))
    whose = (
        [f"customers of segment {name}" for name in scenario.customers]
        if len(set(map(str, found))) > 1
        else ["customers"]
    )
    for who, (churn, worth) in zip(whose, found, strict=False):
        if churn is not None:
            each = f", worth {worth} each" if worth is not None else ""
            yield (
                f"Loyalty: of {who}, {share_text(churn.unsatisfied)} of the dissatisfied and {share_text(churn.satisfied)} "
                f"of the satisfied leave for good{each}."
            )


def _complaints(spec: Complaints) -> str:
    failed = f", or have tried {spec.after_failures} times in vain," if spec.after_failures else ""
    where = "on the same channel" if spec.channel == "same" else f"on {spec.channel}"
    later = "" if spec.after is None else f", on average {plain(seconds_text(float(spec.after.build().mean)))} later"
    return (
        f"Complaints: {share_text(spec.probability)} of customers who give up{failed} open a case of topic {spec.topic} "
        f"{where}{later}; it comes on top of the cases above."
    )
