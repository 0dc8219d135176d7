"""The lines of `explain` on what passes contacts up, and on the loops of weeks: review, training, articles."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from simulation.reports import seconds_text
from simulation.reports.console import plain
from simulation.reports.explain_tables import Blocks
from simulation.scenario.duration_spec import RandomDuration
from simulation.scenario.schema import Angry, Articles, Coaching, Overdue, Review, Scenario, Training, TrainingKind
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
    if scenario.loops.review is not None:
        yield _review(scenario.loops.review)
        if scenario.loops.review.coaching is not None:
            yield _coaching(scenario.loops.review.coaching)
    if scenario.loops.training is not None:
        yield from _training(scenario.loops.training)
    if scenario.loops.articles is not None:
        yield _articles(scenario.loops.articles)


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


def _review(spec: Review) -> str:
    sample = [f"{share_text(spec.share)} of the answers"] * bool(spec.share)
    sample += [f"{spec.per_week:g} answers of each agent a week"] * bool(spec.per_week)
    whose = "" if spec.teams == "all" else f" of {', '.join(spec.teams)}"
    where = "" if spec.channels == "all" else f" on {', '.join(spec.channels)}"
    way = "leave it for any contact" if spec.gives_way else "finish one before the next contact"
    return (
        f"Review: {spec.team} look at {' and '.join(sample) or 'nothing'}{whose}{where} in their lulls, {_mean(spec.takes)} each, "
        f"and {way}; they find {share_text(spec.finds)} of the errors."
    )


def _coaching(spec: Coaching) -> str:
    gains = [f"{share_text(spec.accuracy)} of the wrong answers go"] * bool(spec.accuracy)
    gains += [f"courtesy closes {share_text(spec.courtesy)} of its gap"] * bool(spec.courtesy)
    fades = "" if spec.fades is None else f", half forgotten in {duration_text(spec.fades)}"
    errors = "each error" if spec.after == 1 else f"every {spec.after} errors"
    return (
        f"Coaching: after {errors} found with an agent, {_mean(spec.takes)} of the reviewer and as long of the agent; "
        f"{' and '.join(gains) or 'nothing is learned'}{fades}."
    )


def _training(spec: Training) -> Iterator[str]:
    whose = "all teams" if spec.teams == "all" else ", ".join(spec.teams)
    before = f", who have had {spec.before / 3600:g} h before the start" * bool(spec.before)
    fades = "" if spec.fades is None else f"; half is forgotten in {duration_text(spec.fades)}"
    yield f"Training of {whose}{before}{fades}:"
    yield from (f"  {name}: {_kind(kind)}" for name, kind in spec.kinds.items())


def _kind(kind: TrainingKind) -> str:
    gains = {"accuracy": "wrong answers", "reach": "what is beyond reach", "courtesy": "the gap in courtesy"}
    most = [f"{share_text(getattr(kind, what))} of {gap}" for what, gap in gains.items() if getattr(kind, what)]
    where = "" if kind.topics == "all" else f", on {', '.join(kind.topics)}"
    return (
        f"{share_text(kind.share)} of the hours; takes away up to {', '.join(most) or 'nothing'}{where}, 63 % of that after "
        f"{kind.hours / 3600:g} h of it."
    )


def _articles(spec: Articles) -> str:
    signals = {
        "returned": "returns",
        "escalated": "escalations",
        "gave_up": "cases given up",
        "unhappy": "unhappy answers to the survey",
        "complained": "complaints",
        "found_wrong": "errors found by reviews",
    }
    points = [(name, getattr(spec.counts, key)) for key, name in signals.items() if getattr(spec.counts, key)]
    counted = ", ".join(name if weight == 1 else f"{name} ({weight:g} points each)" for name, weight in points)
    readers = ["customers"] * spec.customers + [f"agents ({spec.practice})"] * (spec.practice is not None)
    life = (
        ""
        if spec.stale_after is None
        else f"; articles go out of date after {duration_text(spec.stale_after)} on average"
    )
    return (
        f"Articles: after {spec.after:g} points of a topic ({counted or 'nothing counts'}) {spec.team} write one in their lulls, "
        f"{_mean(spec.takes)} each, for {' and '.join(readers)}: it covers {share_text(spec.coverage)} of the cases without one "
        f"and makes {share_text(spec.renews)} of what is out of date true again{life}."
    )


def _mean(spec: RandomDuration) -> str:
    return plain(seconds_text(float(spec.build().mean)))
