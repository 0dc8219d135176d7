"""What stands out before a run: hours with too few agents or too little work, full bots, closed doors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from simulation.center.appointments import Appointments
from simulation.center.rota import seats
from simulation.demand.rates import event_span
from simulation.reports.by_hour import IDLE, LEAN, NOTABLE, OVER, DayType, number, span
from simulation.reports.console import length_text
from simulation.reports.expected import Expectation
from simulation.reports.staff_hours import HOUR, Array

CLOSED_SHARE = 0.1
"""A channel that turns away more than this share of its contacts, by being closed, is worth a look."""
WEEK = 7 * 86_400.0
Noted = tuple[str, str]
"""A mark and words."""


def findings(found: Expectation, types: Sequence[DayType]) -> Iterator[Noted]:
    """All that stands out, the pressing first."""
    yield from _too_much_in_all(found)
    for kind in types:
        yield from _too_much(found, kind)
    yield from _full_bots(found)
    yield from _closed_doors(found)
    yield from _never_happens(found)
    yield from _late_returns(found)
    yield from _no_time_to_train(found)
    yield from _nobody_meets(found)
    yield from _no_time_for_tasks(found)
    yield from _never_on_call(found)
    for kind in types:
        yield from _too_little(found, kind)


def _too_much_in_all(found: Expectation) -> Iterator[Noted]:
    for load in found.loads:
        work, there = (float((part * found.hours.seconds).sum()) / HOUR for part in (load.all, load.floor))
        if work > there:
            yield (
                OVER,
                f"{load.team}: work for {number(work)} agent hours, only {number(there)} are on the floor{_on_call(found, load.team)}.",
            )


def _too_much(found: Expectation, kind: DayType) -> Iterator[Noted]:
    for team, load in enumerate(found.loads):
        spans = [_lack(kind, team, first, last) for first, last in stretches(kind.clock, kind.over[team] > 0)]
        if spans:
            yield (
                OVER,
                f"{load.team} ({kind.name}): more live work than agents {', '.join(spans)}{_on_call(found, load.team)}.",
            )


def _on_call(found: Expectation, team: str) -> str:
    """Who may be called in beside those on the floor."""
    rule = found.plan.scenario.teams[team].on_call
    return "" if rule is None else f"; {rule.agents} more may be called in while they are on call"


def _no_time_to_train(found: Expectation) -> Iterator[Noted]:
    """Teams whose shifts have no place for the training that is asked for."""
    for name, team in found.plan.scenario.teams.items():
        if team.training_hours is not None:
            appointments = Appointments.of_team(found.plan, name)
            lacking = [appointments.unplaced(seat) for seat in seats(team, found.plan.timeline)]
            short = [seconds for seconds in lacking if seconds > 1]
            if short:
                yield (
                    OVER,
                    f"{name}: no time for up to {length_text(max(short))} of the training of {len(short)} of {len(lacking)} "
                    "agents; shorter sessions or other hours would do.",
                )


def _nobody_meets(found: Expectation) -> Iterator[Noted]:
    """Meetings at which nobody is on shift from the start to the end, in a run that is long enough to tell."""
    timeline = found.plan.timeline
    for name, team in found.plan.scenario.teams.items():
        appointments = Appointments.of_team(found.plan, name)
        there = [(seat, turn) for seat in seats(team, timeline) for turn in seat.turns] if team.meetings else []
        for title, meeting in team.meetings.items():
            attended = any(True for seat, turn in there for _ in appointments.attended(meeting, turn, seat.place))
            if not attended and timeline.duration >= meeting.every * WEEK:
                yield OVER, f"{name}: nobody is on shift from the start to the end of the meeting {title}."


def _no_time_for_tasks(found: Expectation) -> Iterator[Noted]:
    """Reviews and articles in hours in which nobody of the team is on the floor."""
    loops, hours = found.plan.scenario.loops, found.hours
    for what, one in (("review", loops.review), ("articles", loops.articles)):
        if one is not None:
            allowed = hours.covered([(*span, 1.0) for span in found.plan.timeline.open_spans(one.hours)])
            there = found.staff[one.team].floor
            if there.any() and not (np.minimum(allowed, there)).any():
                yield OVER, f"{what}: nobody of {one.team} is on the floor in its hours, so it is never done."


def _never_on_call(found: Expectation) -> Iterator[Noted]:
    for name, team in found.plan.scenario.teams.items():
        if team.on_call is not None and not found.plan.timeline.open_spans(team.on_call.hours):
            yield OVER, f"{name}: nobody is on call within the simulated time."


def _lack(kind: DayType, team: int, first: int, last: int) -> str:
    """A stretch of hours with its worst hour: 09–12 (6.1 for 4.6, on 2 of 5 days)."""
    hour = first + int(np.argmax((kind.worst[0] - kind.worst[1])[team, first : last + 1]))
    work, agents = kind.worst[:, team, hour]
    days = int(kind.over[team, first : last + 1].max())
    often = "" if days == kind.dates else f", on {days} of {kind.dates} days"
    there = number(agents) if agents >= NOTABLE else "nobody"
    return f"{span(kind, first, last)} ({number(work)} for {there}{often})"


def _too_little(found: Expectation, kind: DayType) -> Iterator[Noted]:
    for team, load in enumerate(found.loads):
        spans = [span(kind, first, last) for first, last in stretches(kind.clock, kind.idle()[team])]
        if spans:
            yield LEAN, f"{load.team} ({kind.name}): less than {100 * IDLE:.0f} % busy {', '.join(spans)}."


def stretches(clock: Array, flagged: Array) -> list[tuple[int, int]]:
    """First and last position of each stretch of neighbouring hours that are flagged."""
    found: list[tuple[int, int]] = []
    for hour in np.flatnonzero(flagged).tolist():
        if found and found[-1][1] == hour - 1 and clock[hour] == clock[hour - 1] + 1:
            found[-1] = (found[-1][0], hour)
        else:
            found.append((hour, hour))
    return found


def _full_bots(found: Expectation) -> Iterator[Noted]:
    for name, load in found.bots.items():
        sessions, most = found.plan.scenario.bots[name].sessions, load.max(initial=0.0)
        if most > sessions:
            yield (
                OVER,
                f"{name}: {number(most)} sessions at once in the busiest hour, but it takes only {sessions}.",
            )


def _closed_doors(found: Expectation) -> Iterator[Noted]:
    for name, share in closed_shares(found).items():
        if share > CLOSED_SHARE:
            yield OVER, f"{name}: {100 * share:.0f} % of its contacts come while it is closed."


def _never_happens(found: Expectation) -> Iterator[Noted]:
    scenario, timeline = found.plan.scenario, found.plan.timeline
    for name, event in scenario.demand.events.items():
        start, end = event_span(event, timeline)
        if start >= timeline.duration or end <= 0:
            when = "after the end" if start >= timeline.duration else "before the start"
            yield OVER, f"event {name}: wholly {when} of the simulated time, so it changes nothing."
        elif start >= scenario.horizon or end <= scenario.warm_up:
            yield LEAN, f"event {name}: outside the measured time, so its own cases are not measured."


def _late_returns(found: Expectation) -> Iterator[Noted]:
    """Customers misled by a bot who come back when nobody looks any more."""
    for bot in found.plan.bots:
        mean = 0.0 if bot.returns is None else float(bot.returns.after.mean)
        if mean > found.plan.scenario.run_out:
            after, rest = length_text(mean), length_text(found.plan.scenario.run_out)
            yield (
                LEAN,
                f"{bot.name}: who was misled comes back after {after} on average, but the run-out is {rest}.",
            )


def closed_shares(found: Expectation) -> dict[str, float]:
    """The share of each channel's contacts that come while it is closed (deferred channels never are)."""
    came, let_in = found.contacts.sum(axis=(0, 2)), found.let_in.sum(axis=(0, 2))
    shares = np.where(came > 0, 1 - let_in / np.maximum(came, 1e-12), 0.0)
    return dict(zip(found.plan.channel_names, np.round(shares, 9).tolist(), strict=True))
