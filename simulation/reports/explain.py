"""The resolved scenario in words and tables, with the work that it brings held against its staff."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from simulation.experiments.stopping import rule_of, said
from simulation.reports import seconds_text, target_words
from simulation.reports.by_hour import LEAN, OVER, day_types, hour_tables
from simulation.reports.console import length_text, new_table, plain
from simulation.reports.expected import Expectation, expect
from simulation.reports.explain_letters import letters
from simulation.reports.explain_loops import loops
from simulation.reports.explain_opinion import opinion
from simulation.reports.explain_people import people
from simulation.reports.explain_practices import practices
from simulation.reports.explain_sourcing import sourcing
from simulation.reports.explain_strain import strain
from simulation.reports.explain_tables import Blocks, channels, date_words, demand, staff, topics
from simulation.reports.second_look import findings
from simulation.scenario.cycle import batch_bounds
from simulation.scenario.schema import Experiment, Mode, Scenario
from simulation.scenario.standards import checklist, reading
from simulation.scenario.timeline import Timeline

LEGEND = (
    "Load in Erlangs (agents kept busy by the work that comes in) / agents on the floor. "
    f"{OVER} more live work than agents on some day, {LEAN} less than 30 % busy."
)
WELL = "No hour has more live work than agents, and none leaves them idle."


def explanation(scenario: Scenario, width: int) -> list[RenderableType]:
    """All that is said about a scenario, to be printed one below the other.

    `width` is that of the console in columns.
    """
    found = expect(scenario)
    parts = (
        _head(scenario),
        demand(found),
        channels(found),
        topics(found),
        practices(found),
        staff(found),
        sourcing(scenario),
        people(found),
        strain(found.plan),
        letters(found),
        opinion(scenario),
        loops(scenario),
        _targets(scenario),
        _others(scenario),
        _standards(scenario),
    )
    return [*(block for part in parts for block in part), *_by_hour(found, width)]


def _head(scenario: Scenario) -> Blocks:
    yield Text(scenario.name, "bold")
    if scenario.description:
        yield Text(" ".join(scenario.description.split()))
    yield Text()
    yield _pairs(_facts(scenario))
    yield Text()


def _pairs(rows: Iterator[tuple[str, str]]) -> Table:
    """Two columns; what does not fit goes on below its own column."""
    table = Table.grid(padding=(0, 1))
    for label, words in rows:
        table.add_row(label, words)
    return table


def _facts(scenario: Scenario) -> Iterator[tuple[str, str]]:
    length = length_text(scenario.horizon - scenario.warm_up)
    yield "Time:", f"{length} from {_start(scenario)} ({scenario.calendar.time_zone})"
    around = (("warm-up before", scenario.warm_up), ("run-out after", scenario.run_out))
    unmeasured = [f"{length_text(length)} of {what} it" for what, length in around if length]
    if unmeasured:
        yield "Not measured:", " and ".join(unmeasured)
    holidays = _holidays(scenario)
    if holidays:
        yield "Holidays:", ", ".join(f"{date_words(day)} ({name})" for day, name in holidays)
    many = f"{scenario.replications} replication{'s' * (scenario.replications > 1)}"
    if (rule := rule_of(scenario, None, something=bool(scenario.targets))) is not None:
        many = said(rule)
    yield "Runs:", f"{many}, seed {scenario.seed}"
    yield "Asks for:", _asks(scenario)


def _asks(scenario: Scenario) -> str:
    """What the simulation is to tell, and whence its intervals come."""
    if scenario.experiment is Experiment.terminating:
        return "this very time (terminating): intervals come from independent replications"
    bounds = batch_bounds(scenario)
    if not bounds:
        return "the long run (steady state); too short for eight batches, so intervals come from replications"
    batches = f"{(len(bounds) - 1) * scenario.replications} batches of {plain(seconds_text(bounds[-1] - bounds[-2]))}"
    empty = "; without warm-up the empty start counts" if not scenario.warm_up else ""
    return f"the long run (steady state): intervals come from {batches}{empty}"


def _start(scenario: Scenario) -> str:
    moment = dt.datetime.combine(scenario.calendar.start, dt.time()) + dt.timedelta(seconds=scenario.warm_up)
    return date_words(moment) + (f" {moment:%H:%M}" if moment.time() != dt.time() else "")


def _holidays(scenario: Scenario) -> list[tuple[dt.date, str]]:
    """Those within the simulated days."""
    dates = {day.date for day in Timeline.of(scenario).days()}
    return [(day, name) for day, name in sorted(scenario.calendar.holidays.items()) if day in dates]


def _targets(scenario: Scenario) -> Blocks:
    if not scenario.targets:
        yield Text("No targets.\n")
        return
    table = new_table("Target", "on", "asks for")
    for name, text in scenario.targets.items():
        table.add_row(name, *map(plain, target_words(text)))
    yield table
    yield Text()


def _others(scenario: Scenario) -> Blocks:
    if not scenario.industry:
        return
    table = new_table("Others' figures", *scenario.industry)
    for metric in dict.fromkeys(metric for their in scenario.industry.values() for metric in their.figures):
        table.add_row(metric, *(their.figures.get(metric, "") for their in scenario.industry.values()))
    yield table
    yield from (Text(f"{whose}: {their.source}", "dim") for whose, their in scenario.industry.items() if their.source)
    yield Text()


def _standards(scenario: Scenario) -> Blocks:
    """In a sentence, where the scenario has weights or lines of its own; `supportsim standards` says it all."""
    if scenario.standards.weights or scenario.standards.lines:
        yield Text(f"Standards: {reading(checklist(scenario))}")
        yield Text()


def _by_hour(found: Expectation, width: int) -> Blocks:
    types = day_types(found)
    yield Text("Work and agents by hour of the day", "bold")
    yield Text(LEGEND + _patient(found.plan.scenario), "dim")
    yield Text()
    yield from hour_tables(found, types, width)
    noted = list(findings(found, types))
    yield Text("Worth a look" if noted else WELL, "bold")
    if noted:
        yield _pairs(iter(noted))


def _patient(scenario: Scenario) -> str:
    letters = [name for name, channel in scenario.channels.items() if channel.mode is Mode.deferred]
    return f" Contacts on {' and '.join(letters)} can wait: they are work, but not live." if letters else ""
