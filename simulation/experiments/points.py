"""From a study file to its points: each scenario with each combination of the factors' levels, all of them checked."""

from __future__ import annotations

import json
import operator
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from simulation.errors import InputError, Problem
from simulation.experiments.code import version
from simulation.experiments.load import by_name, check, find, find_study
from simulation.experiments.replications import text_of
from simulation.experiments.resolved import whole_digest
from simulation.metrics.kpi import KPIS, Metric, standard_metrics
from simulation.metrics.measure import EVERYTHING, Segment, segment_text
from simulation.metrics.targets import Target, labels_of, parse_metric, targets_of
from simulation.metrics.view import DIMENSIONS
from simulation.record.tables import DICTIONARY
from simulation.scenario.duration_spec import KINDS
from simulation.scenario.extends import Family
from simulation.scenario.factors import factor
from simulation.scenario.load import load_tree, validate
from simulation.scenario.marks import Finding, Mark, Marks, refusal, split_path
from simulation.scenario.merge import merge
from simulation.scenario.prices import currency
from simulation.scenario.reader import resolve
from simulation.scenario.schema import Scenario
from simulation.scenario.schema.study import Along, StudyFile, StudyScenario
from simulation.scenario.tree import Tree, marks_of, plain, with_absolute_files
from simulation.scenario.wording import did_you_mean, listed
from simulation.units import shown

TAKEN = (
    "point", "scenario", "replication", "seed", "key", "seconds", "contacts", "metric", "segment", "unit", "value",
    "over", "mean", "low", "high", "level", "n", "name", "target", "observed", "verdict",
)  # fmt: skip
"""Names of columns that factors cannot have."""
MOST_RUNS = 5_000_000
MOST_FOUND = 200
"""Findings after which no further points are looked at."""
COMPARISON = re.compile(r"\s*(<=|>=|<|>)\s*([-+]?\d+(?:\.\d+)?)\s*(.*?)\s*")
LEADING = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*(.*?)\s*")
OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
Asked = tuple[tuple[Metric, Segment], ...]


class Level(NamedTuple):
    """A level of a factor: what tables call it, and what it lays over the scenario."""

    label: Any
    layers: tuple[Tree, ...]


class Judging(NamedTuple):
    """How the runs of a point are measured and judged; most points share theirs."""

    asked: Asked
    targets: tuple[Target, ...]
    currency: str


class Point(NamedTuple):
    """A scenario with one level of each factor (their positions), the digest of what its runs depend on, and how they are
    judged."""

    number: int
    scenario: str
    levels: tuple[int, ...]
    digest: str = ""
    judging: Judging | None = None


@dataclass
class Plan:
    """A study that is fit to run."""

    file: StudyFile
    factors: dict[str, list[Level]]
    scenarios: dict[str, Tree]
    seed: int
    points: list[Point] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.text = lru_cache(maxsize=4)(self._text)

    @property
    def runs(self) -> int:
        """Points times replications."""
        return len(self.points) * self.file.replications

    def labels(self, point: Point) -> dict[str, Any]:
        """The scenario and the level of each factor, as the tables tell them."""
        levels = zip(self.factors.items(), point.levels, strict=True)
        return {"scenario": point.scenario, **{name: its[at].label for (name, its), at in levels}}

    def key(self, point: Point, replication: int) -> bytes:
        """What identifies a run by its content, whatever study it is in: 16 bytes."""
        return sha256(f"{point.digest}/{self.seed}/{replication}".encode()).digest()[:16]

    def scenario(self, number: int) -> Scenario:
        """The scenario of a point, made anew (not all of them are kept)."""
        point = self.points[number]
        return validate(plain(self.tree(point.scenario, point.levels)), Scenario)

    def tree(self, scenario: str, levels: tuple[int, ...]) -> Tree:
        """A scenario with levels laid over it."""
        layers = [layer for its, at in zip(self.factors.values(), levels, strict=True) for layer in its[at].layers]
        return reduce(lambda base, layer: merge(base, layer, KINDS), layers, self.scenarios[scenario])

    def _text(self, number: int) -> str:
        """The scenario of a point for the processes: without what only judges it."""
        return text_of(neutral(self.scenario(number)))


def plan_of(
    source: str | os.PathLike[str] | Mapping[str, Any], progress: Callable[[int, int], None] | None = None
) -> Plan:
    """The study in a file, under the name of a shipped one, or in a dictionary; all of its points are checked.

    Raises InputError with everything that is wrong with the study, its scenarios and its combinations.
    """
    data, marks = _data(source)
    file = validate(data, StudyFile, marks, _check)
    reader = _Reader(data, marks)
    plan = Plan(file, reader.factors(file), reader.scenarios(file), 0)
    kept = list(_combinations(plan, reader))
    if reader.findings:
        raise refusal(reader.findings)
    _check_points(plan, kept, reader, progress)
    return plan


def values_of(text: str) -> list[Any]:
    """The values of a range such as 10..20, 10..20:2, 10 %..30 % step 5 % or 08:00..10:00:30 min; ValueError says what is wrong."""
    found = factor("factor", text, whole=True)
    if found.ends is not None:
        raise ValueError(f"{shown(text)} needs a step; write e.g. 10..20:2 or 10 %..30 % step 5 %")
    return [resolve(level) if isinstance(level, str) else level for level in found.levels]


def neutral(scenario: Scenario) -> Scenario:
    """The scenario without what changes no run: names, targets, figures of others, standards, replications, seed."""
    nothing = {
        name: Scenario.model_fields[name].get_default(call_default_factory=True)
        for name in ("targets", "industry", "standards")
    }
    return scenario.model_copy(update={"name": "study", "description": "", "replications": 1, "seed": 0, **nothing})


def asked_of(file: StudyFile, scenario: Scenario) -> Asked:
    """The metrics that a study asks for and the scenario has data for, on everything and by segment; then what its targets
    are about."""
    told = [parse_metric(text) for text in file.metrics]
    wanted = told or [(metric, EVERYTHING) for metric in standard_metrics(scenario)]
    found = [pair for pair in wanted if _there(pair, scenario)]
    for metric, segment in list(found):
        for dimension in file.by if segment == EVERYTHING else ():
            if dimension in KPIS[metric.kpi].dimensions:
                found += [(metric, ((dimension, label),)) for label in sorted(labels_of(dimension, scenario))]
    aims = [(target.metric, target.segment) for target in targets_of(scenario)]
    return tuple(dict.fromkeys([*found, *aims]))


def _there(pair: tuple[Metric, Segment], scenario: Scenario) -> bool:
    metric, segment = pair
    known = all(label in labels_of(dimension, scenario) for dimension, label in segment)
    return known and KPIS[metric.kpi].needs(scenario) is None


def metric_text(metric: Metric, segment: Segment) -> str:
    """A metric with its segment on one line."""
    return f"{metric}{{{segment_text(segment)}}}"


def _digest(scenario: Scenario, asked: Asked, tables: Iterable[str]) -> str:
    """What a point's runs depend on beside seed and replication: the scenario with its data files, what is kept, and the
    code that counts."""
    measured = sorted(metric_text(*pair) for pair in asked)
    text = json.dumps([whole_digest(neutral(scenario)), measured, sorted(tables), version()], ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


# -- reading ----------------------------------------------------------------------------------------


def _data(source: str | os.PathLike[str] | Mapping[str, Any]) -> tuple[dict[str, Any], Marks]:
    if isinstance(source, Mapping):
        return dict(source), Marks(Mark("<dict>"), {})
    data, marks = load_tree(find_study(source))
    if "scenarios" not in data and (Scenario.model_fields.keys() - StudyFile.model_fields.keys()) & data.keys():
        what = f"this is a scenario, not a study; write a file with a name and scenarios: [{Path(source).name}]"
        raise InputError([Problem(str(source), "", what)])
    return data, marks


def _check(file: StudyFile) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What is wrong with a study by itself."""
    for name in file.factors:
        if name in TAKEN:
            yield ("factors", name), f"the tables have a column {name} already; give the factor another name"
    for at, text in enumerate(file.metrics):
        try:
            parse_metric(text)
        except ValueError as error:
            yield ("metrics", at) if len(file.metrics) > 1 else ("metrics",), str(error)
    for what, known in (
        ("by", list(dict.fromkeys(d for its in DIMENSIONS.values() for d in its))),
        ("tables", list(DICTIONARY)),
    ):
        for name in getattr(file, what):
            if name not in known:
                yield (what,), f"there is no '{name}'{did_you_mean(name, known)}; write some of: {listed(known)}"


class _Reader:
    """Turns what a study says into trees that remember where they stand; gathers what is wrong."""

    def __init__(self, data: dict[str, Any], marks: Marks) -> None:
        self.data, self.marks = data, marks
        self.findings: list[Finding] = []
        self.family = Family(KINDS, by_name)

    def find(self, path: tuple[str | int, ...], what: str) -> None:
        self.findings.append(Finding(self.marks.value(path), path, what))

    # scenarios

    def scenarios(self, file: StudyFile) -> dict[str, Tree]:
        """Each scenario by its name, changes included."""
        found: dict[str, Tree] = {}
        for name, names, changes, path in self._told(file):
            if name in found:
                self.find(path, f"two scenarios are called {name}; write a mapping that gives each a name of its own")
            tree = self._scenario(names, path)
            if tree is not None:
                layers = self._layers(changes, (*path, "set"))
                found[name] = reduce(lambda base, layer: merge(base, layer, KINDS), layers, tree)
        self.findings += self.family.findings
        return found

    def _told(self, file: StudyFile) -> Iterator[tuple[str, list[str], dict[str, Any], tuple[str | int, ...]]]:
        if isinstance(file.scenarios, list):
            for at, name in enumerate(file.scenarios):
                yield Path(name).stem, [name], {}, ("scenarios", at)
            return
        for name, one in file.scenarios.items():
            part = StudyScenario(extends=[one]) if isinstance(one, str) else one
            yield name, part.extends, part.set, ("scenarios", name)

    def _scenario(self, names: list[str], path: tuple[str | int, ...]) -> Tree | None:
        files = [self._file(name, path) for name in names]
        if not names:
            self.find(path, "names no scenario; write e.g. extends: baseline")
        there = [str(one) for one in files if one is not None]
        return self.family.read(*there) if there and len(there) == len(files) else None

    def _file(self, name: str, path: tuple[str | int, ...]) -> Path | None:
        """The file beside the study, else the shipped scenario of that name."""
        beside = Path(os.path.normpath(os.path.join(self._folder(path), name)))
        if beside.is_file():
            return beside
        try:
            return find(name)
        except InputError as error:
            self.find(path, f"{name}: {error.problems[0].what}")
            return None

    def _folder(self, path: tuple[str | int, ...]) -> str:
        """Where what stands at a path is written."""
        file = self.marks.value(path).file
        return os.getcwd() if file == "<dict>" else os.path.dirname(file)

    # settings

    def factors(self, file: StudyFile) -> dict[str, list[Level]]:
        """Each factor's levels."""
        return {name: self._levels(name, told) for name, told in file.factors.items()}

    def _levels(self, name: str, told: Any) -> list[Level]:
        at: tuple[str | int, ...] = ("factors", name)
        if isinstance(told, Along):
            found = self._along(told.path, told.values, (*at, "values"), (*at, "path"))
        elif isinstance(told, dict):
            found = [Level(label, tuple(self._layers(its, (*at, label)))) for label, its in told.items()]
        else:
            found = self._along(name, told, at, at)
        self._check_levels(found, at)
        return found

    def _along(self, path: str, values: Any, at: tuple[str | int, ...], said: tuple[str | int, ...]) -> list[Level]:
        """One level for each value of an entry."""
        if isinstance(values, str):
            try:
                values = values_of(values)
            except ValueError as error:
                self.find(at, str(error))
                return []
            return [level for value in values for level in self._level(path, self._tree(value, at), said)]
        each = [self._at((*at, number), value) for number, value in enumerate(values)]
        return [level for tree in each for level in self._level(path, tree, said)]

    def _level(self, path: str, tree: Tree, said: tuple[str | int, ...]) -> Iterator[Level]:
        layer = self._layer(path, tree, said)
        if layer is not None:
            value = plain(tree)
            scalar = value is None or isinstance(value, str | int | float | bool)
            yield Level(value if scalar else json.dumps(value, ensure_ascii=False), (layer,))

    def _layers(self, settings: Mapping[str, Any], at: tuple[str | int, ...]) -> list[Tree]:
        """One tree for each setting."""
        made = [self._layer(path, self._at((*at, path), value), (*at, path)) for path, value in settings.items()]
        return [layer for layer in made if layer is not None]

    def _layer(self, path: str, tree: Tree, said: tuple[str | int, ...]) -> Tree | None:
        try:
            keys = split_path(path)
        except ValueError as error:
            self.find(said, str(error))
            return None
        for key in reversed(keys):
            tree = Tree({key: tree}, tree.mark, tree.key)
        return with_absolute_files(tree, self._folder(said))

    def _at(self, path: tuple[str | int, ...], value: Any) -> Tree:
        """What the study says at a path, with marks."""
        if isinstance(value, Mapping):
            return Tree(
                {str(key): self._at((*path, key), one) for key, one in value.items()},
                self.marks.key(path),
                self.marks.key(path),
            )
        if isinstance(value, list | tuple):
            items = [self._at((*path, number), one) for number, one in enumerate(value)]
            return Tree(items, self.marks.key(path), self.marks.key(path))
        return self._tree(value, path)

    def _tree(self, value: Any, path: tuple[str | int, ...]) -> Tree:
        return Tree(value, self.marks.value(path), self.marks.key(path))

    def _check_levels(self, levels: list[Level], at: tuple[str | int, ...]) -> None:
        labels = [level_text(level.label) for level in levels]
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if not levels and not self.findings:
            self.find(at, "has no values; write e.g. 10..20 or [10, 12]")
        for label in twice:
            self.find(at, f"has the level {label} twice; write each once")


# -- combinations -----------------------------------------------------------------------------------


def _combinations(plan: Plan, reader: _Reader) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Every scenario with every combination of levels but those left out."""
    conditions = [_Condition(plan, reader, number, said) for number, said in enumerate(plan.file.leave_out)]
    names = list(plan.scenarios)
    total = len(names) * reduce(operator.mul, (len(its) for its in plan.factors.values()), plan.file.replications)
    if total > MOST_RUNS:
        reader.find(
            ("factors",), f"asks for {total:,} runs; write fewer levels or replications (at most {MOST_RUNS:,} runs)"
        )
    if reader.findings:
        return
    left = 0
    for scenario, levels in product(names, product(*(range(len(its)) for its in plan.factors.values()))):
        if not any(condition.holds(scenario, levels) for condition in conditions):
            left += 1
            yield scenario, levels
    if not left:
        reader.find(("leave_out",), "leaves out every combination; write fewer conditions")


class _Condition:
    """A condition under which combinations are left out."""

    def __init__(self, plan: Plan, reader: _Reader, number: int, said: Mapping[str, Any]) -> None:
        self.reader, self.at = reader, ("leave_out", number)
        self.names = ["scenario", *plan.factors]
        self.matching: dict[int, set[int | str]] = {}
        for name, what in said.items():
            if name not in self.names:
                near = did_you_mean(name, self.names)
                reader.find((*self.at, name), f"there is no factor '{name}'{near}; write one of: {listed(self.names)}")
                continue
            labels = list(plan.scenarios) if name == "scenario" else [level.label for level in plan.factors[name]]
            self.matching[self.names.index(name)] = self._matching(name, what, labels)

    def _matching(self, name: str, what: Any, labels: list[Any]) -> set[int | str]:
        """The levels (scenarios by name) that are meant."""
        meant = [at for at, label in enumerate(labels) if any(_is(label, one) for one in _each(what))]
        if not meant and labels:
            there = listed([level_text(label) for label in labels])
            self.reader.find((*self.at, name), f"no level is meant by {level_text(what)}; the levels are: {there}")
        return {labels[at] if name == "scenario" else at for at in meant}

    def holds(self, scenario: str, levels: tuple[int, ...]) -> bool:
        """Whether a combination is left out."""
        return all((scenario, *levels)[position] in meant for position, meant in self.matching.items())


def _each(what: Any) -> list[Any]:
    return what if isinstance(what, list) else [what]


def _is(label: Any, said: Any) -> bool:
    """Whether a level is what a condition says: itself, or a number that compares so."""
    if level_text(label) == level_text(said):
        return True
    match = COMPARISON.fullmatch(said) if isinstance(said, str) else None
    number = LEADING.fullmatch(level_text(label)) if match else None
    if match is None or number is None or match[3].replace(" ", "") != number[2].replace(" ", ""):
        return False
    return OPERATORS[match[1]](float(number[1]), float(match[2]))


def level_text(value: Any) -> str:
    """A level as text, the same however YAML has read it."""
    if isinstance(value, bool):
        return str(value).lower()
    return "~" if value is None else f"{value:.12g}" if isinstance(value, float) else str(value)


def _check_points(
    plan: Plan,
    kept: Iterable[tuple[str, tuple[int, ...]]],
    reader: _Reader,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Validate every combination; what is wrong with several of them is said once."""
    combinations = list(kept)
    known: dict[Judging, Judging] = {}
    faults: dict[Problem, list[str]] = {}
    lacking: dict[str, bool] = dict.fromkeys(plan.file.metrics, True)
    by: dict[str, bool] = dict.fromkeys(plan.file.by, True)
    for number, (scenario, levels) in enumerate(combinations):
        point = Point(number, scenario, levels)
        try:
            valid = _valid(plan.tree(scenario, levels))
        except InputError as error:
            where = ", ".join(f"{name}={level_text(label)}" for name, label in plan.labels(point).items())
            for problem in error.problems:
                faults.setdefault(problem, []).append(where)
            if len(faults) > MOST_FOUND:
                break
            continue
        if number == 0:
            plan.seed = valid.seed if plan.file.seed is None else plan.file.seed
        asked = asked_of(plan.file, valid)
        for text in [text for text, lacks in lacking.items() if lacks]:
            lacking[text] = parse_metric(text) not in asked
        dimensions = {dimension for _, segment in asked for dimension, _ in segment}
        by = {name: lacks and name not in dimensions for name, lacks in by.items()}
        judging = Judging(asked, tuple(targets_of(valid)), currency(valid))
        judging = known.setdefault(judging, judging)
        plan.points.append(point._replace(digest=_digest(valid, asked, plan.file.tables), judging=judging))
        if progress is not None:
            progress(number + 1, len(combinations))
    if faults:
        raise InputError([_told_once(problem, where, len(combinations)) for problem, where in faults.items()])
    _check_asked(lacking, by, reader)


def _valid(tree: Tree) -> Scenario:
    """The scenario; marks are worked out only where something is wrong."""
    data = plain(tree)
    try:
        return validate(data, Scenario, None, check)
    except InputError:
        return validate(data, Scenario, marks_of(tree, Mark(tree.mark.file, 1, 1)), check)


def _told_once(problem: Problem, where: list[str], combinations: int) -> Problem:
    """A fault, with the combinations that have it."""
    if len(where) == combinations:
        return problem
    others = f" and {len(where) - 1} more" if len(where) > 1 else ""
    return Problem(problem.where, problem.path, f"{problem.what} (with {where[0]}{others})")


def _check_asked(lacking: Mapping[str, bool], by: Mapping[str, bool], reader: _Reader) -> None:
    for at, (text, lacks) in enumerate(lacking.items()):
        if lacks:
            path: tuple[str | int, ...] = ("metrics", at) if len(lacking) > 1 else ("metrics",)
            reader.find(path, f"no scenario of the study has data for {text}; take it away, or add what it needs")
    for name, lacks in by.items():
        if lacks:
            reader.find(("by",), f"no metric that is kept can be split by {name}; take it away")
    if reader.findings:
        raise refusal(reader.findings)
