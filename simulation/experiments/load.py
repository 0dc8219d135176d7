"""From the path or name of a scenario to a scenario that is fit to run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from simulation.center.headcounts import headcounts
from simulation.demand.births import DemandPlan
from simulation.errors import InputError, Problem
from simulation.experiments.resolved import resolved
from simulation.metrics.industry import check_industry
from simulation.metrics.targets import check_targets
from simulation.routing.checks import agents_on_shifts, check_routing
from simulation.routing.letters import check_letters
from simulation.scenario.checks import Finding, check_scenario
from simulation.scenario.duration_spec import KINDS
from simulation.scenario.extends import Family
from simulation.scenario.load import change, read, validate
from simulation.scenario.load import load as load_file
from simulation.scenario.schema import DAY, Scenario
from simulation.scenario.timeline import Timeline
from simulation.scenario.tree import plain
from simulation.units import duration_text, nearest

PACKAGE = Path(__file__).resolve().parent.parent
SOON = 0.1
MOST_CASES = 20_000_000
MOST_AGENT_DAYS = 5_000_000
STUDIES = "studies"
"""The folder of shipped studies among the scenarios."""
SHIPPED = next(folder for folder in (PACKAGE / "shipped", PACKAGE.parent / "scenarios", PACKAGE) if folder.is_dir())
"""Where the shipped scenarios are: in the installed package, or beside it in a checkout."""


def load(
    path: str | os.PathLike[str], set: Mapping[str, Any] | None = None, over: Sequence[str | os.PathLike[str]] = ()
) -> Scenario:
    """The scenario in a file, or the shipped one of that name (baseline, bank, theory/erlang-a …).

    Files (or names) laid `over` it change it as if they extended it; what they extend themselves and it has not comes along.
    `set` changes single entries: {"teams.tier1.shifts.early.headcount": 12}. Raises InputError with everything that
    is wrong, each with file:line:column, path, what is wrong and what to write.
    """
    return _load(path, set, over, Family(KINDS, by_name))


def load_beside(
    paths: Sequence[str | os.PathLike[str]],
    set: Mapping[str, Any] | None = None,
    over: Sequence[str | os.PathLike[str]] = (),
) -> list[Scenario]:
    """Scenarios that are to be compared: each of the files, and the first with each of the others laid `over` it, all with the
    entries of `set`. What several extend is read once. Raises InputError as `load` does."""
    family = Family(KINDS, by_name)
    return [_load(path, set, (), family) for path in paths] + [_load(paths[0], set, [one], family) for one in over]


def _load(
    path: str | os.PathLike[str], set: Mapping[str, Any] | None, over: Sequence[str | os.PathLike[str]], family: Family
) -> Scenario:
    layers = [find(layer) for layer in over]
    try:
        return load_file(find(path), Scenario, set, KINDS, check, by_name, layers, family)
    except InputError:
        for file in (path, *over):
            if is_study(file):
                what = "this is a study, not a scenario; simulate it by supportsim study"
                raise InputError([Problem(str(file), "", what)]) from None
        raise


def by_name(name: str) -> str | None:
    """The file of a shipped scenario."""
    path = shipped().get(name.removesuffix(".yaml"))
    return None if path is None else str(path)


def from_dict(data: Mapping[str, Any]) -> Scenario:
    """The scenario that a dictionary describes (as the YAML file would); raises InputError."""
    return validate(data, Scenario, None, check)


def changed(scenario: Scenario, set: Mapping[str, Any]) -> Scenario:
    """A scenario with single entries changed, as `load` would with the same `set`; raises InputError."""
    data, marks = change(resolved(scenario), set, KINDS, scenario.name)
    return validate(data, Scenario, marks, check)


def find(path: str | os.PathLike[str]) -> Path:
    """The file of that path, else the shipped scenario of that name, even where a folder is called like it."""
    asked = Path(path)
    if asked.is_file():
        return asked
    by_name = SHIPPED / asked.with_suffix(".yaml")
    inside = Path(*asked.parts[1:]) if asked.parts[:1] == ("scenarios",) else asked
    for candidate in (by_name, SHIPPED / inside.with_suffix(".yaml"), *SHIPPED.rglob(f"{asked.name}.yaml")):
        if candidate.is_file() and not _is_study(candidate):
            return candidate
    if asked.exists():  # a folder, or a pipe: the reader says what of it
        return asked
    near = nearest(str(asked.with_suffix("")), shipped()) or "baseline"
    what = f"there is no such file, and no shipped scenario of that name; write the path of a YAML file, or e.g. {near}"
    raise InputError([Problem(str(path), "", what)])


def shipped() -> dict[str, Path]:
    """The shipped scenarios by name."""
    names = sorted(path.relative_to(SHIPPED) for path in SHIPPED.rglob("*.yaml") if not _is_study(path))
    return {name.with_suffix("").as_posix(): SHIPPED / name for name in names}


def shipped_studies() -> dict[str, Path]:
    """The shipped studies by name."""
    return {path.stem: path for path in sorted((SHIPPED / STUDIES).glob("*.yaml"))}


def find_study(path: str | os.PathLike[str]) -> Path:
    """The study file of that path, else the shipped study of that name."""
    asked, there = Path(path), shipped_studies()
    if asked.exists():
        return asked
    if asked.stem not in there:
        near = nearest(asked.stem, there) or next(iter(there), "my-study.yaml")
        what = (
            f"there is no such file, and no shipped study of that name; write the path of a YAML file, or e.g. {near}"
        )
        raise InputError([Problem(str(path), "", what)])
    return there[asked.stem]


def is_study(path: str | os.PathLike[str]) -> bool:
    """Whether a file says scenarios, as only studies do."""
    try:
        return "scenarios" in plain(read(find_study(path)))
    except InputError:
        return False


def _is_study(path: Path) -> bool:
    return path.parent == SHIPPED / STUDIES


def check(scenario: Scenario) -> Iterator[Finding]:
    """All that is wrong with a scenario beyond its schema; later checks rely on earlier ones."""
    for stage in (
        check_scenario,
        _check_files,
        _check_endless,
        _check_size,
        check_routing,
        check_letters,
        check_targets,
        check_industry,
    ):
        findings = list(stage(scenario))
        yield from findings
        if findings:
            return


def _check_files(scenario: Scenario) -> Iterable[Finding]:
    """Read every data file once, so that its faults show before the run."""
    for name, source in scenario.demand.sources.items():
        alone = scenario.model_copy(update={"demand": scenario.demand.model_copy(update={"sources": {name: source}})})
        yield from _try(("demand", "sources", name), lambda alone=alone: DemandPlan(alone))
    for name, team in scenario.teams.items():
        if team.headcount is not None:
            yield from _try(("teams", name, "headcount"), lambda team=team: headcounts(team, Timeline.of(scenario)))
    for path, spec in _durations(scenario, ()):
        yield from _try(path, spec.build)


def _check_endless(scenario: Scenario) -> Iterable[Finding]:
    """Somebody who comes back at once, every time, and for ever, would stop the clock."""
    retries = [(("channels", name, "redial"), channel.redial) for name, channel in scenario.channels.items()]
    retries += [(("topics", name, "repeat"), topic.repeat) for name, topic in scenario.topics.items()]  # type: ignore[misc]
    for path, retry in retries:
        if retry is not None and retry.most is None and retry.probability == 1 and retry.after.build().mean < SOON:
            yield (
                (*path, "after"),
                "comes back at once and for ever; write a longer time, a probability below 100 %, or most",
            )


def _check_size(scenario: Scenario) -> Iterable[Finding]:
    """Refuse what would not fit into memory."""
    cases = sum(float(steps.expected().sum()) for _, _, steps in DemandPlan(scenario).expected())
    if cases > MOST_CASES:
        yield (
            ("demand", "sources"),
            (
                f"expects {cases:.3g} cases in one replication; write smaller volumes or a shorter horizon "
                f"(at most {MOST_CASES:,} cases)"
            ),
        )
    agents = sum(agents_on_shifts(team) for team in scenario.teams.values())
    if agents * scenario.duration > MOST_AGENT_DAYS * DAY:
        yield (
            ("teams",),
            f"has {agents:,} agents over {duration_text(scenario.duration)}; write fewer, or a shorter horizon",
        )


def _try(path: tuple[str | int, ...], action: Any) -> Iterator[Finding]:
    try:
        action()
    except ValueError as error:
        yield path, str(error)


def _durations(part: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every random duration in a scenario, with its path."""
    if hasattr(part, "kinds") and hasattr(part, "build"):
        yield path, part
    elif hasattr(part, "model_fields_set"):
        for name in type(part).model_fields:
            yield from _durations(getattr(part, name), (*path, name))
    elif isinstance(part, dict):
        for name, inner in part.items():
            yield from _durations(inner, (*path, name))
