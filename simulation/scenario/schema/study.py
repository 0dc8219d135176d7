"""What a study file may say: scenarios × factors × replications, and what is kept of each run."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from simulation.scenario.model import Model
from simulation.scenario.schema.base import FromOne, Name, Names

Settings = dict[Name, Any]
"""Entries of a scenario by dotted path, as for --set."""
Range = Annotated[str, Field(examples=["10..20", "10 %..30 % step 5 %"])]
Values = list[Any] | Range
Levels = Annotated[dict[Name, Settings], Field(min_length=1)]


class StudyScenario(Model):
    """A center of the study: files laid over each other, and changes of single entries."""

    extends: Names
    """The scenario file, or several laid over each other; relative to the study, or names of shipped scenarios."""
    set: Settings = {}
    """Changes of single entries by dotted path, e.g. teams.tier1.shifts.early.headcount: 12."""


class Along(Model):
    """A factor with a name of its own: an entry of the scenario, and the values that it takes."""

    path: Name
    """The dotted path of the entry, e.g. teams.tier1.shifts.early.headcount."""
    values: Values
    """A list of values, or a range such as 10..20, 10..20:2, 10 %..30 % step 5 % or 08:00..10:00:30 min."""


Scenarios = Annotated[list[str], Field(min_length=1)] | Annotated[dict[Name, StudyScenario | str], Field(min_length=1)]
Factors = Annotated[
    dict[Name, Values | Along | Levels], Field(examples=[{"teams.tier1.shifts.early.headcount": "10..12"}])
]
Condition = Annotated[dict[Name, Any], Field(min_length=1)]


class StudyFile(Model):
    """A batch of runs: every scenario with every combination of the factors' levels, each so many times."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)]
    """Short name: letters, digits, dot, dash, underscore; names the results folder."""
    description: str = ""
    """One or more sentences."""
    scenarios: Scenarios
    """The centers: a list of files or names of shipped scenarios, or by name what each is made of."""
    factors: Factors = {}
    """What varies: by dotted path its values or a range of them; or by a name of its own a path with values, or named
    levels, each of which sets several entries at once. All combinations are run."""
    leave_out: list[Condition] = []
    """Combinations not to run: each entry names factors (or scenario) with a level, a list of levels, or a comparison such
    as "< 12", and leaves out where all of them hold."""
    replications: FromOne = 10
    """Independent repetitions of each combination."""
    seed: Annotated[int | None, Field(ge=0, strict=True)] = None
    """Where the random numbers of all runs start; by default the seed of the first scenario. All combinations meet the
    same customers."""
    metrics: Names = []
    """Metrics to keep, as a target writes them, e.g. service_level(20s){channel=phone} or wait.p90; by default all standard
    metrics. What targets are about is kept beside them."""
    by: Names = []
    """Dimensions by whose values the metrics are kept as well as on everything, e.g. channel, team."""
    tables: Names = []
    """Tables to keep of every run, e.g. legs; none by default."""
