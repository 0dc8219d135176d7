"""Write the pages under docs/reference/ from the code, and the rules that other pages quote.

`python docs/make.py` writes what has changed; with `--check` it writes nothing, names what is stale and ends with 1.
A page quotes a docstring between two comments: `<!-- quote simulation.center.rules.pace -->` and `<!-- end -->`.
"""

from __future__ import annotations

import ast
import dataclasses
import datetime as dt
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import annotated_types
import numpy as np
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from simulation import from_dict, units  # noqa: E402 - the checkout comes before an installed package
from simulation.center import opinion, predictors, rules, simulate  # noqa: E402
from simulation.center.plan import Plan  # noqa: E402
from simulation.center.predictors import PREDICTORS  # noqa: E402
from simulation.chance import DISTRIBUTIONS, Distribution  # noqa: E402
from simulation.experiments import study_tables  # noqa: E402
from simulation.metrics import KPIS, Kpi  # noqa: E402
from simulation.record import recorder, tables  # noqa: E402
from simulation.record.store import CODED  # noqa: E402
from simulation.routing import AGENT_CHOICES, DISCIPLINES, agents, disciplines  # noqa: E402
from simulation.scenario import duration_spec, schema  # noqa: E402
from simulation.scenario.duration_spec import RandomDuration  # noqa: E402
from simulation.scenario.hours import OpeningHours  # noqa: E402
from simulation.scenario.json_schema import EXTENDS, UNITS  # noqa: E402
from simulation.scenario.schema import Scenario, Score  # noqa: E402
from simulation.scenario.schema import study as study_files  # noqa: E402

GENERATED = "<!-- written by docs/make.py from {}; do not edit -->"
QUOTE = re.compile(r"(<!-- quote (?P<name>[\w.]+) -->\n).*?(<!-- end -->)", re.DOTALL)
REFUSALS = re.compile(r" ?`ValueError`[^.]*\.")
"""What a function does not take: of no use to a reader who does not call it."""
NONE = "–"
Row = tuple[str, ...]


# -- Markdown ---------------------------------------------------------------------------------------


def table(heads: Row, rows: Iterable[Row]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def code(text: object) -> str:
    """A word as code."""
    return f"`{text}`"


def page(title: str, source: str, *parts: str) -> str:
    """A generated page: its mark, its title and its parts, apart by empty lines."""
    return "\n\n".join([GENERATED.format(source), f"# {title}", *parts]) + "\n"


def doc(of: object) -> str:
    """A docstring as paragraphs without line breaks."""
    paragraphs = inspect.cleandoc(getattr(of, "__doc__", None) or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs).replace("``", "`")


def anchor(heading: str) -> str:
    """The address of a heading within its page, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def members(of: type[Enum], module: ModuleType) -> Iterator[Row]:
    """Names of an enumeration as scenarios and tables write them, with the docstrings below them in the source."""
    tree = ast.parse(inspect.getsource(module))
    body = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == of.__name__).body
    said = {
        before.targets[0].id: " ".join(str(after.value.value).split())
        for before, after in pairwise(body)
        if isinstance(before, ast.Assign) and isinstance(before.targets[0], ast.Name)
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
    }
    for member in of:
        yield code(member.name.lower()), said.get(member.name, "")


# -- the scenario -----------------------------------------------------------------------------------

TIME_ZONE, LOCAL_TIME = "time zone", "local time"
NAMED: list[tuple[Any, str]] = [
    (units.Duration, "duration"),
    (units.Rate, "rate"),
    (units.Share, "share"),
    (units.Factor, "factor"),
    (units.ClockTime, "time of day"),
    (units.Days, "weekdays"),
    (units.Money, "money"),
    (units.Wage, "wage"),
    (schema.TimeZone, TIME_ZONE),
    (schema.LocalTime, LOCAL_TIME),
    (schema.Count, "whole number from 0"),
    (schema.FromOne, "whole number from 1"),
    (schema.Selection, "`all`, a name or a list of names"),
    (schema.Coverage, "share, or shares by topic"),
    (RandomDuration, "[random duration](distributions.md)"),
    (OpeningHours, "[opening hours](#opening-hours)"),
    (study_files.Settings, "values by dotted path"),
    (study_files.Range, "range"),
    (study_files.Scenarios, "list of files, or [scenarios by name](#scenariosname)"),
    (study_files.Factors, "by name: list, range, [path and values](#factorsname), or entries by level"),
    (study_files.Condition, "levels by factor"),
    (schema.base.Names, "name or list of names"),
    (Any, "value"),
    (dt.date, "date"),
    (str, "text"),
    (bool, "true or false"),
    (int, "whole number"),
    (float, "number"),
]
UNIT_EXAMPLES: list[tuple[str, str, str]] = [
    (TIME_ZONE, "A time zone of the IANA database.", "`Europe/Riga`, `UTC`"),
    (LOCAL_TIME, "A date and time on the center's clock.", "`2026-03-04 10:00`"),
    ("date", "A date.", "`2026-03-02`"),
]
BOUNDS = {
    annotated_types.Ge: ("ge", "≥"),
    annotated_types.Gt: ("gt", ">"),
    annotated_types.Le: ("le", "≤"),
    annotated_types.Lt: ("lt", "<"),
}


class Section(NamedTuple):
    """A part of the scenario: where it stands in a file, and its model."""

    path: str
    model: type[BaseModel]

    @property
    def heading(self) -> str:
        deep = "." in self.path.replace(".<name>", "")
        return f"{'###' if deep else '##'} {code(self.path)}"


def sections(model: type[BaseModel], path: str = "") -> Iterator[Section]:
    """Every part below a model, depth first, as a file nests them; a name that users choose is written <name>."""
    for name, hint in get_type_hints(model, include_extras=True).items():
        if name in model.model_fields:
            for key, inner in _parts(hint):
                below = f"{path}.{name}{key}".removeprefix(".")
                yield Section(below, inner)
                yield from sections(inner, below)


def _parts(hint: Any) -> Iterator[tuple[str, type[BaseModel]]]:
    """Models that a type holds, with <name> where it holds them by name."""
    if hint is RandomDuration or hint is OpeningHours:
        return
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield "", hint
    elif get_origin(hint) is Annotated:
        yield from _parts(get_args(hint)[0])
    elif get_origin(hint) is dict:
        yield from ((".<name>", inner) for _, inner in _parts(get_args(hint)[1]))
    elif get_origin(hint) in (Union, UnionType):
        for part in get_args(hint):
            yield from _parts(part)


def type_words(hint: Any, path: str) -> str:
    """A type in words; `path` is where it stands, for links."""
    for known, words in NAMED:
        if hint is known:
            return words
    if isinstance(hint, type) and issubclass(hint, Enum):
        return ", ".join(code(member.value) for member in hint)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return f"[{path.rpartition('.')[2]}](#{anchor(path)})"
    return _composed(hint, path)


def _composed(hint: Any, path: str) -> str:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return type_words(args[0], path)
    if origin is Literal:
        return ", ".join(map(code, args))
    if origin in (Union, UnionType):
        return " or ".join(type_words(part, path) for part in args if part is not NoneType)
    if origin is list:
        return f"list of {plural(type_words(args[0], path))}"
    if origin is dict:
        return _by_name(args, path)
    raise TypeError(f"docs/make.py has no words for {hint}; add it to NAMED")


def _by_name(args: tuple[Any, Any], path: str) -> str:
    key = {str: "name", schema.Name: "name", dt.date: "date", schema.Urgency: "urgency"}.get(args[0]) or type_words(
        args[0], path
    )
    inner = args[1]
    if isinstance(inner, type) and issubclass(inner, BaseModel) and inner is not RandomDuration:
        return f"[{path.rpartition('.')[2]} by name](#{anchor(path + '.<name>')})"
    return f"{type_words(inner, path)} by {key}"


def plural(words: str) -> str:
    """A type in words, of several: "number ≥ 0" does not occur."""
    return words if words.endswith("s") else f"{words}s"


def field_row(model: type[BaseModel], name: str, field: FieldInfo, path: str) -> Row:
    """Key, type, default and meaning of a field."""
    hint = get_type_hints(model, include_extras=True)[name]
    limits = [
        f"{BOUNDS[type(limit)][1]} {getattr(limit, BOUNDS[type(limit)][0])}"
        for limit in field.metadata
        if type(limit) in BOUNDS
    ]
    known = any(hint is one for one, _ in NAMED)
    words = type_words(hint, f"{path}.{name}".removeprefix("."))
    limited = words if known or not limits else f"{words} {' and '.join(limits)}"
    return code(name), limited, default_words(hint, field), meaning(hint, field)


def default_words(hint: Any, field: FieldInfo) -> str:
    """The default as a file would write it."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ("", {}):
        return NONE
    written = TypeAdapter(hint).dump_python(value, mode="json", exclude_defaults=True)
    if written == {}:
        return NONE
    return code(flow(written))


def flow(value: Any) -> str:
    """A value in YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def meaning(hint: Any, field: FieldInfo) -> str:
    """What a field says: its own docstring, else that of the model that it holds."""
    if field.description:
        return linked(" ".join(field.description.split()).replace("``", "`"))
    return next((linked(doc(inner).partition("\n\n")[0]) for _, inner in _parts(hint)), "")


def linked(text: str) -> str:
    """A text that names a page of the reference, with a link to it."""
    return re.sub(r"docs/reference/(\w+)\.md", r"[\1](\1.md)", text)


def section_text(section: Section) -> str:
    """A part of the scenario with all its keys."""
    rows = [field_row(section.model, name, field, section.path) for name, field in section.model.model_fields.items()]
    said = linked(doc(section.model))
    return "\n\n".join(
        [*([section.heading] if section.path else []), said, table(("key", "type", "default", "meaning"), rows)]
    )


def uncapital(text: str) -> str:
    """A sentence to go on with."""
    return text[:1].lower() + text[1:]


def unit_rows() -> Iterator[Row]:
    """The quantities that a file writes with units."""
    words = {id(hint): name for hint, name in NAMED}
    for unit in UNITS.values():
        made = TypeAdapter(unit).json_schema()
        yield words[id(unit)], made["description"], ", ".join(map(code, made["examples"]))
    yield from UNIT_EXAMPLES


def time_units() -> str:
    """The words for units of time."""
    return "; ".join(", ".join(map(code, words)) for words in units._WORDS.values())


def scenario_page() -> str:
    """docs/reference/scenario.md."""
    return page(
        "Scenario file",
        "simulation/scenario/schema/",
        "A scenario is a YAML 1.2 file. Everything that is wrong with it is reported at once, each fault with its place, "
        "its cause and its cure; an unknown key is a fault. `supportsim schema` prints the same as a JSON Schema for editors.",
        "In the tables, *required* means that a file, together with the files that it extends, must say it; "
        f"{NONE} means that there is none unless the file says so. `<name>` is a name of your choice.",
        "## Units",
        table(("quantity", "what it is", "written"), unit_rows()),
        f"Units of time: {time_units()}. Only zero needs no unit, and a factor none at all.",
        "## Top level",
        f"Besides the keys below, `extends` names {uncapital(str(EXTENDS['description']))} "
        "An entry `~` takes away what they say ([how](../how-to.md#change-a-scenario-without-copying-it)).",
        section_text(Section("", Scenario)),
        *map(section_text, sections(Scenario)),
        OPENING_HOURS,
    )


OPENING_HOURS = """## Opening hours

A file writes `always`, or a mapping from weekdays to a span, a list of spans, `open` (the whole day) or `closed`; the key
`holidays` holds on public holidays instead of the weekday. A weekday that is not named is closed. A span whose end is at or
before its start runs past midnight. Example: `{mon-fri: 08:00-20:00, sat: [10:00-14:00, 16:00-18:00], holidays: closed}`."""


# -- KPIs -------------------------------------------------------------------------------------------

BARE = {
    "name": "bare",
    "calendar": {"start": "2026-03-02"},
    "horizon": "1 d",
    "demand": {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": "1/h"}}},
    "channels": {"phone": {"mode": "live"}},
    "topics": {"any": {"handling": {"any": {"constant": {"value": "1 min"}}}}},
    "teams": {"desk": {"skills": {"all": {}}, "headcount": {"constant": 1}}},
}
"""A scenario that lacks whatever a KPI may need."""


def kpi_row(one: Kpi, bare: Scenario) -> Row:
    """Name, unit, better direction, statistics, slices and definition of a KPI."""
    parameter = "" if one.parameter is None else f"({units.duration_text(one.parameter).replace(' ', '')})"
    lack = one.needs(bare)
    words = one.doc if lack is None else f"{one.doc} *Not reported where {lack}.*"
    facts = (code(one.name + parameter), one.unit, one.better or NONE, ", ".join(one.statistics) or NONE)
    return *facts, ", ".join(one.dimensions), words


def kpis_page() -> str:
    """docs/reference/kpis.md."""
    bare, heads = from_dict(BARE), ("metric", "unit", "better", "statistics", "slices", "definition")
    fields: dict[str, list[Kpi]] = {}
    for one in KPIS.values():
        fields.setdefault(one.definition.__module__, []).append(one)
    parts = []
    for name in sorted(fields, key=lambda name: (*FIRST, name).index(name)):
        title = doc(import_module(name)).partition("\n\n")[0]
        parts += [f"## {title.removesuffix('.')}", table(heads, (kpi_row(one, bare) for one in fields[name]))]
    return page("KPIs", "the registry in simulation/metrics/", KPI_WORDS, *parts)


FIRST = tuple(f"simulation.metrics.{name}" for name in ("service", "quality", "opinion", "handling", "load", "cost"))
"""The order of the sections; others follow."""
KPI_WORDS = """`supportsim kpis` prints this list; [how to write targets](../how-to.md#targets) shows how to ask for one.

- A KPI with a time in brackets takes another one: `service_level(30s)`. The time shown is the default.
- Statistics are reported of distributions. A target may also ask for any percentile (`wait.p95`) and for `max`;
  without a statistic it asks for the mean.
- Slices are the dimensions by which a KPI is reported, besides the whole: `{channel=phone}`. Quantiles are not
  reported by weekday and hour, but a target may ask for them. Weekday (mon … sun) and hour (0 … 23) are the center's
  local time of arrival or, of agents' time, of the hour worked.
- Units: `s` is seconds, a `share` lies between 0 and 1, `money` is the currency of the scenario. Files hold these units;
  targets are written with units, e.g. `80 %`, `5 min`, `9000 EUR`.
- A dash under *better* means that neither direction is."""


# -- tables -----------------------------------------------------------------------------------------


def tables_page() -> str:
    """docs/reference/tables.md."""
    record = simulate(Plan(from_dict(BARE)), 1, 0)
    parts = []
    for name, columns in tables.DICTIONARY.items():
        rows = [
            (code(column), held_by(column, record.tables[name][column]), words) for column, words in columns.items()
        ]
        first = ("`replication`", "whole number", "number of the replication, from 0")
        parts += [f"## {name}", table(("column", "holds", "meaning"), [first, *rows])]
    words = [
        f"## Words in the tables\n\nUrgency, from the least: {', '.join(code(level.value) for level in schema.Urgency)}."
    ]
    for column, kind in (
        ("outcome", recorder.Outcome),
        ("kind", recorder.ContactKind),
        ("status", recorder.CaseStatus),
        ("duty", recorder.Duty),
    ):
        listed = "\n".join(f"- {word}{': ' + said if said else ''}" for word, said in members(kind, recorder))
        words.append(f"### {column}\n\n{doc(kind)}\n\n{listed}")
    return page("Tables", "simulation/record/tables.py", TABLE_WORDS, *parts, *words)


def held_by(column: str, values: np.ndarray[Any, Any]) -> str:
    """What a column holds, in words."""
    if column in CODED:
        return "name"
    return {"i": "whole number", "u": "whole number", "b": "true or false", "f": "number"}[values.dtype.kind]


TABLE_WORDS = """A run keeps tables of what became of every case, contact and leg, of every agent's hours and, where an incident has a
notice, of the cases that it prevented. They stand in the results folder as `tables/<table>/<replication>.parquet`, with the meanings below in each file, and as frames on the result
of `simulation.run`. Times are seconds from the first simulated midnight; names are categories. Warm-up and run-out are in
the tables too: KPIs look at rows with `measured` only."""


# -- studies ----------------------------------------------------------------------------------------


def studies_page() -> str:
    """docs/reference/studies.md."""
    model = study_files.StudyFile
    first = [(code(column), words) for column, words in study_tables.POINT.items()]
    first.append(("*factor*", "the level: a number where all levels are plain numbers, else as the study writes it"))
    columns = [
        part
        for name, notes in study_tables.DICTIONARY.items()
        for part in (
            f"### {name}",
            table(("column", "meaning"), [*first, *((code(column), words) for column, words in notes.items())]),
        )
    ]
    return page(
        "Study files",
        "simulation/scenario/schema/study.py and simulation/experiments/study_tables.py",
        "A study is a YAML file like a scenario, but it says which scenarios to simulate how often, and what to keep "
        "([how](../experiments.md#run-batches-of-experiments)). `supportsim schema --study` prints the same as a JSON Schema for editors.",
        "## Keys",
        section_text(Section("", model)),
        *map(section_text, sections(model)),
        "## Tables",
        STUDY_WORDS,
        *columns,
    )


STUDY_WORDS = """Each stands in the study's folder as a folder of Parquet files, for `pd.read_parquet("results/<name>/kpis")`, with the
meanings below in each file; `simulation.study` returns them as frames. Rows are in the order of points, replications and metrics, and are the same,
byte for byte but for `seconds`, however the study was run. Tables that the study keeps of every run (`tables: legs`) stand in
`tables/<table>/<key>.parquet`, with the run's `key` before the [columns of a run's tables](tables.md)."""


# -- distributions ----------------------------------------------------------------------------------


def distribution_text(name: str, kind: type[Distribution]) -> str:
    """A kind of distribution: what it is, its parameters, and an example with its moments and quantiles."""
    spec = written(name, kind.example())
    made = RandomDuration.model_validate(spec).build()
    mean, deviation = float(made.mean), float(np.sqrt(made.variance))
    facts = [f"mean {seconds(mean)}", f"standard deviation {seconds(deviation)}"]
    if made.monotone:
        facts += [f"{words} {seconds(made.ppf(level))}" for words, level in (("median", 0.5), ("90th percentile", 0.9))]
    example = f"Example: `{flow(spec)}`: {', '.join(facts)}."
    said = (
        doc(duration_spec.Mixture) if name == "mixture" else doc(kind)
    )  # a scenario's weights are shares, which sum to 100 %
    return "\n\n".join([f"## {name}", said, parameter_table(name), example])


def parameter_table(name: str) -> str:
    """The parameters of a kind; meanings only where they are said apart from the kind's."""
    heads, rows = ("parameter", "type", "default", "meaning"), list(parameters(name))
    width = len(heads) if any(row[-1] != NONE for row in rows) else len(heads) - 1
    return table(heads[:width], [row[:width] for row in rows])


def parameters(name: str) -> Iterator[Row]:
    """The parameters of a kind as a scenario writes them."""
    model = duration_spec.RandomDuration.model_fields[name].annotation
    inner = next(part for part in get_args(model) if part is not NoneType)
    for key, field in inner.model_fields.items():
        kind = field_type(inner, key)
        yield (
            code(key),
            kind,
            "required" if field.is_required() else default_words(field.annotation, field),
            meaning(str, field) or NONE,
        )


def field_type(model: type[BaseModel], key: str) -> str:
    """The type of a parameter in words, by what it accepts."""
    made = model.model_json_schema()["properties"][key]
    choices = [choice for choice in made.get("anyOf", [made]) if choice.get("type") != "null"]
    return " or ".join(map(_schema_words, choices))


def _schema_words(made: dict[str, Any]) -> str:
    if made.get("type") == "array":
        return f"list of {plural(_schema_words(made['items']))}"
    if "minimum" in made and "pattern" not in made:
        number = {"integer": "whole number", "number": "number"}[made["type"]]
        return f"{number} from {made['minimum']:g} to {made['maximum']:g}"
    if "pattern" in made:
        return next(words for unit, words in NAMED if made["pattern"] == TypeAdapter(unit).json_schema().get("pattern"))
    names = {"string": "text", "boolean": "true or false", "integer": "whole number", "object": "part by name"}
    return names[made["type"]]


def written(name: str, example: Distribution) -> dict[str, Any]:
    """A distribution as a scenario writes it."""
    if name == "mixture":
        return {"mixture": {"parts": dict(_mixed(example))}}
    values = {key.name: _quantity(getattr(example, key.name), key.type) for key in dataclasses.fields(example)}  # type: ignore[arg-type]
    defaults = {key.name: key.default for key in dataclasses.fields(example)}  # type: ignore[arg-type]
    return {name: {key: value for key, value in values.items() if value is not None and value != defaults[key]}}


def _mixed(example: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, (weight, part) in enumerate(example.parts):
        yield ("usual", "long")[number], {"weight": units.share_text(weight), **written(part.kind, part)}


def _quantity(value: Any, hint: Any) -> Any:
    if isinstance(value, tuple):
        return [units.duration_text(one) for one in value]
    is_time = any(mark == "duration" for part in (hint, *get_args(hint)) for mark in getattr(part, "__metadata__", ()))
    return units.duration_text(value) if is_time and value is not None else value


def seconds(value: float) -> str:
    """A time with three digits."""
    return f"{value:.3g} s" if value < 1000 else f"{value:.0f} s"


def distributions_page() -> str:
    """docs/reference/distributions.md."""
    texts = [distribution_text(name, kind) for name, kind in DISTRIBUTIONS.items()]
    cap = duration_spec.RandomDuration.model_fields["at_most"].description
    capped = f"## at_most\n\n{cap} It stands beside the kind: `{{lognormal: {{mean: 6 min, cv: 1.5}}, at_most: 15 min}}`. The mean falls accordingly."
    return page(
        "Distributions", "the registry in simulation/chance/distributions.py", DISTRIBUTION_WORDS, *texts, capped
    )


DISTRIBUTION_WORDS = f"""{doc(RandomDuration)}
`cv` is the coefficient of variation, the standard deviation divided by the mean. Every distribution is a function of one
uniform number (`ppf` below), so a case keeps its luck when a parameter changes (see [common random
numbers](../explanation.md#common-random-numbers))."""


# -- rules ------------------------------------------------------------------------------------------


def rule_text(name: str, rule: Callable[..., Any]) -> str:
    """A rule: its inputs, what its docstring says, and its formula where it is one line."""
    inputs = ", ".join(inspect.signature(rule).parameters)
    return "\n\n".join([f"### {name}({inputs})", doc(rule), *map(code, formula(rule))])


def formula(rule: Callable[..., Any]) -> list[str]:
    """What a function returns, if that is all it does."""
    body = ast.parse(textwrap.dedent(inspect.getsource(rule))).body[0].body[1:]  # type: ignore[attr-defined]
    return [ast.unparse(line.value) for line in body if len(body) == 1 and isinstance(line, ast.Return) and line.value]


def own_functions(module: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public functions that a module defines, in its order."""
    for name, found in vars(module).items():
        if inspect.isfunction(found) and found.__module__ == module.__name__ and not name.startswith("_"):
            yield name, found


def discipline_rows() -> Iterator[Row]:
    """Every discipline with its docstring."""
    for name, made in DISCIPLINES.items():
        yield code(name.value), doc(made if made.__name__ == name.value else made(Score()))


def choice_rows() -> Iterator[Row]:
    """Every choice among free agents with its docstring."""
    for name, choice in AGENT_CHOICES.items():
        yield code(name.value), doc(choice) if choice else "The agent who has been free for the longest time."


def predictor_rows() -> Iterator[Row]:
    """Every predictor of the wait with its docstring."""
    for name, predictor in PREDICTORS.items():
        yield code(name.value), doc(predictor)


def rules_page() -> str:
    """docs/reference/rules.md."""
    made, opinions = ([rule_text(name, rule) for name, rule in own_functions(module)] for module in (rules, opinion))
    return page(
        "Rules", "simulation/center/rules.py, opinion.py and predictors.py, and simulation/routing/",
        f"## Decisions\n\n{doc(rules)}", *made,
        f"## Opinion\n\n{doc(opinion)}", *opinions,
        f"## Disciplines\n\n{doc(disciplines)}", table(("discipline", "which waiting contact comes first"), discipline_rows()),
        "The score of a waiting contact grows with the hours waited and with the hours by which its deadline is nearer; "
        "[weights](scenario.md#routingscore) and points by urgency are the scenario's.",
        f"## Choices among free agents\n\n{doc(agents)}", table(("choice", "which free agent takes a contact"), choice_rows()),
        "The least loaded agents come first whatever the choice: who holds no chat before who holds one.",
        f"## Predictors of the wait\n\n{doc(predictors)}", table(("predictor", "the wait that is announced"), predictor_rows()),
    )  # fmt: skip


# -- everything -------------------------------------------------------------------------------------

REFERENCE: dict[str, Callable[[], str]] = {
    "scenario": scenario_page,
    "kpis": kpis_page,
    "tables": tables_page,
    "studies": studies_page,
    "distributions": distributions_page,
    "rules": rules_page,
}


def quoted(text: str) -> str:
    """A page with every quotation as the code says it now."""
    return QUOTE.sub(lambda found: f"{found[1]}{quotation(found['name'])}\n{found[3]}", text)


def quotation(name: str) -> str:
    """A docstring as a block quotation, headed by its name."""
    found = _named(name)
    heading = [] if inspect.ismodule(found) else [f"**{name.rpartition('.')[2]}**"]
    formulas = map(code, formula(found)) if inspect.getmodule(found) in (rules, opinion) else []
    said = REFUSALS.sub("", doc(found)).strip()
    lines = "\n\n".join([*heading, said, *formulas]).splitlines()
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _named(name: str) -> Any:
    """The module, function or method of a dotted name."""
    found, *rest = name.split(".")
    here: Any = import_module(found)
    for part in rest:
        found = f"{found}.{part}"
        here = getattr(here, part) if hasattr(here, part) and not _is_module(found) else import_module(found)
    return here


def _is_module(name: str) -> bool:
    """Whether there is a module of that name (and not only a function of a package)."""
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def pages() -> dict[Path, str]:
    """What every generated page, and every page with quotations, should say."""
    made = {HERE / "reference" / f"{name}.md": text() for name, text in REFERENCE.items()}
    quoting = [path for path in sorted(HERE.glob("*.md")) if QUOTE.search(path.read_text(encoding="utf-8"))]
    return made | {path: quoted(path.read_text(encoding="utf-8")) for path in quoting}


def stale() -> dict[Path, str]:
    """The pages that do not say what they should, with what they should say."""
    return {
        path: text for path, text in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != text
    }


def main(arguments: list[str]) -> int:
    """Write stale pages, or with --check name them."""
    found = stale()
    for path, text in found.items():
        if "--check" not in arguments:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        print(
            f"{path.relative_to(HERE.parent)}: {'stale; run python docs/make.py' if '--check' in arguments else 'written'}"
        )
    return 1 if found and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
