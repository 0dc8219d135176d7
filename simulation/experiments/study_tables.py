"""A study's tidy tables: worked out from the store point by point, written aside and renamed, always the same for the same runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulation.experiments.points import Judging, Plan, Point, level_text, metric_text
from simulation.experiments.store import Store, aside_name, settle, sync
from simulation.metrics.measure import Measures, Sums, segment_text, summarize_in, unit_of
from simulation.metrics.targets import judge

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 50_000
"""Rows that are gathered before they are written."""
POINT = {
    "point": "number of the combination in this study, from 0; an edited study may number anew",
    "scenario": "name of the scenario in the study",
}
"""What every table begins with; then comes a column for each factor: the level."""
DICTIONARY: dict[str, dict[str, str]] = {
    "runs": {
        "replication": "number of the replication, from 0; the same customers in all points",
        "seed": "seed of all random numbers, as text",
        "key": "what identifies the run by its content, in whatever study: 32 hexadecimal digits; table files are named by it",
        "seconds": "what the run took, in seconds of one process",
        "contacts": "contacts simulated",
    },
    "kpis": {
        "replication": "number of the replication, from 0",
        "metric": "the metric as a target writes it",
        "segment": "what part of the center it is about, e.g. channel=phone; empty for everything",
        "unit": "s, share, a currency, or a plain word",
        "value": "the metric in this replication; missing without data",
        "over": "what it is a ratio over (contacts, seconds …): the weight of this replication when several are pooled; "
        "missing for quantiles and maxima, which are averaged",
    },
    "summary": {
        "metric": "the metric as a target writes it",
        "segment": "what part of the center it is about; empty for everything",
        "unit": "s, share, a currency, or a plain word",
        "mean": "the metric over all replications: a ratio of sums, or the mean of quantiles",
        "low": "lower end of its interval over replications (Student's t; ratios by the delta method); missing with fewer than two",
        "high": "upper end of its interval",
        "level": "how often such an interval holds the true value, e.g. 0.95",
        "n": "replications with data",
    },
    "targets": {
        "name": "name of the target in the scenario",
        "target": "the target as the scenario writes it",
        "observed": "the metric over all replications",
        "low": "lower end of its 95 % interval",
        "high": "upper end",
        "verdict": "met or missed when the whole interval lies on one side of the bound, else undecided",
    },
}
"""What the columns mean."""
NUMBERS = {
    "point": "int32", "replication": "int32", "n": "int32", "contacts": "int64",
    **dict.fromkeys(("seconds", "value", "over", "mean", "low", "high", "level", "observed"), "float64"),
}  # fmt: skip
UNIQUE = ("key",)
"""Texts that hardly repeat."""


def write_tables(plan: Plan, store: Store) -> None:
    """Write runs, kpis, summary and targets of all runs that are there, in the order of points and replications."""
    tables = {name: _Table(store.folder, name, plan) for name in DICTIONARY}
    try:
        for point in plan.points:
            labels = {"point": point.number, **plan.labels(point)}
            measured = _measured(plan, store, point, labels, tables)
            _summarize(point, measured, labels, tables)
        for table in tables.values():
            table.finish()
    finally:
        for table in tables.values():
            table.give_up()


def _measured(
    plan: Plan, store: Store, point: Point, labels: Mapping[str, Any], tables: Mapping[str, _Table]
) -> list[Measures]:
    """Enter a point's runs, and what was measured in them."""
    found = []
    judging = _judging(point)
    known = {metric_text(*pair): pair for pair in judging.asked}
    told = {
        text: (str(metric), segment_text(segment), unit_of(metric, judging.currency), metric.root)
        for text, (metric, segment) in known.items()
    }
    for replication in range(plan.file.replications):
        key = plan.key(point, replication)
        if key not in store.index:
            continue
        chunk, row = store.row(key)
        of_run = {**labels, "replication": replication}
        took, contacts = float(chunk.runs["seconds"][row]), int(chunk.runs["contacts"][row])
        tables["runs"].add(
            [{**of_run, "seed": str(plan.seed), "key": key.hex(), "seconds": took, "contacts": contacts}]
        )
        sums = chunk.sums(row)
        tables["kpis"].add({**of_run, **_kpi(told[text], one)} for text, one in sums.items())
        found.append({known[text]: one for text, one in sums.items()})
    return found


def _kpi(told: tuple[str, str, str, bool], sums: Sums) -> dict[str, Any]:
    metric, segment, unit, root = told
    value = value_of(sums)
    value = float(np.sqrt(max(value, 0.0))) if root else value
    return {"metric": metric, "segment": segment, "unit": unit, "value": value, "over": sums.over}


def value_of(sums: Sums) -> float:
    """A metric of one replication; NaN without data."""
    if np.isnan(sums.over):
        return sums.value
    return sums.value / sums.over if sums.over else np.nan


def _summarize(point: Point, measured: list[Measures], labels: Mapping[str, Any], tables: Mapping[str, _Table]) -> None:
    """Enter what a point's replications say together."""
    if not measured:
        return
    judging = _judging(point)
    order = {pair: at for at, pair in enumerate(judging.asked)}
    summaries = sorted(summarize_in(measured, judging.currency), key=lambda one: order[one.metric, one.segment])
    tables["summary"].add(
        {**labels, "metric": str(one.metric), "segment": segment_text(one.segment), "unit": one.unit}
        | {name: getattr(one.interval, name) for name in ("mean", "low", "high", "level", "n")}
        for one in summaries
    )
    tables["targets"].add(
        {**labels, "name": one.target.name, "target": one.target.text, "observed": one.interval.mean}
        | {"low": one.interval.low, "high": one.interval.high, "verdict": one.verdict.value}
        for one in judge(judging.targets, summaries)
    )


def _judging(point: Point) -> Judging:
    assert point.judging is not None
    return point.judging


class _Table:
    """A table that is being written, a block at a time."""

    def __init__(self, folder: Path, name: str, plan: Plan) -> None:
        import pyarrow.parquet as pq

        self.schema = _schema(name, plan)
        self.path = folder / name / "part-0.parquet"
        self.path.parent.mkdir(exist_ok=True)
        self.aside = self.path.parent / aside_name()
        self.rows: dict[str, list[Any]] = {column: [] for column in self.schema.names}
        self.writer = pq.ParquetWriter(self.aside, self.schema, compression="zstd")

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            for name, column in self.rows.items():
                column.append(row[name])
        if len(self.rows["point"]) >= BLOCK:
            self._write()

    def _write(self) -> None:
        import pyarrow as pa

        columns = [_column(self.rows[field.name], field.type) for field in self.schema]
        self.writer.write_table(pa.table(columns, schema=self.schema))
        self.rows = {column: [] for column in self.schema.names}

    def finish(self) -> None:
        """Put it in place of an earlier one."""
        if self.rows["point"]:
            self._write()
        self.writer.close()
        sync(self.aside)
        settle(self.aside, self.path)

    def give_up(self) -> None:
        """Leave nothing behind of a table that was not finished."""
        if self.aside.exists():
            self.writer.close()
            self.aside.unlink(missing_ok=True)


def _schema(name: str, plan: Plan) -> pa.Schema:
    import pyarrow as pa

    factors = {factor: f"level of the factor {factor}" for factor in plan.factors}
    notes = {**POINT, **factors, **DICTIONARY[name]}
    kinds = {factor: kind_of([level.label for level in levels]) for factor, levels in plan.factors.items()}
    types = {column: kinds.get(column) or NUMBERS.get(column) or "text" for column in notes}
    fields = [
        pa.field(column, _type(column, types[column]), metadata={"description": notes[column]}) for column in notes
    ]
    return pa.schema(fields)


def _type(column: str, kind: str) -> pa.DataType:
    import pyarrow as pa

    if kind == "text":
        return pa.string() if column in UNIQUE else pa.dictionary(pa.int32(), pa.string())
    return pa.type_for_alias(kind)


def _column(values: list[Any], kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return pa.array([level_text(value) for value in values], pa.string()).dictionary_encode()
    return pa.array(values, kind)


def kind_of(labels: list[Any]) -> str:
    """Of what kind a factor's column is: numbers stay numbers, everything else is text."""
    if labels and all(isinstance(label, bool) for label in labels):
        return "bool"
    if any(isinstance(label, bool) or not isinstance(label, int | float) for label in labels):
        return "text"
    return "float64" if any(isinstance(label, float) for label in labels) else "int64"
