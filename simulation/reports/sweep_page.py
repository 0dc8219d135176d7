"""The page of a sweep: what to choose, figures, tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simulation.experiments.effects import Key, by_metric
from simulation.experiments.sweep import COST, Sweep
from simulation.metrics.measure import EVERYTHING
from simulation.metrics.targets import Target, targets_of
from simulation.reports import metric_title, segment_words, sweep_figures
from simulation.reports.console import compact, length_text, signed, spoken
from simulation.reports.figures import Drawing
from simulation.reports.markup import Shown, Table
from simulation.reports.sheet import NAME, Section, table, write_sheet
from simulation.reports.sweep import (
    DESIGNS,
    choice_lines,
    indices_note,
    labels,
    range_text,
    share_cells,
    spread_text,
    tornado_note,
)  # fmt: skip

MOST_FIGURES = 12
MOST_ROWS = 1_000


def _rows(sweep: Sweep) -> str:
    """How many rows a design has been given, where it is given them."""
    rows = {"lhs": len(sweep.design.rows), "sobol": sweep.design.sampled}.get(sweep.design.kind)
    return "" if rows is None else f", --points {rows}"


def write_page(sweep: Sweep, folder: Path) -> None:
    """Write report.html into a folder."""
    lines = choice_lines(sweep)
    analysis = {"one-at-a-time": _tornado, "sobol": _indices}.get(sweep.design.kind)
    sections = list(analysis(sweep) if analysis else _figures(sweep))
    lead = " ".join(lines) if analysis is None else ""
    again = (
        "supportsim sweep scenario.yaml (in this folder) with the factors above, --design "
        f"{sweep.design.kind}{_rows(sweep)}, --replications {sweep.replications} and --seed {sweep.scenario.seed}."
    )
    about = f"{sweep.scenario.name} over {len(sweep.points):,} points"
    write_sheet(folder / NAME, "Sweep", about, lead, [*sections, _varied(sweep), *_points(sweep)], again, _facts(sweep))


def _facts(sweep: Sweep) -> dict[str, str]:
    span = length_text(sweep.scenario.horizon - sweep.scenario.warm_up)
    return {
        "Design": f"{len(sweep.points):,} points {DESIGNS[sweep.design.kind]}",
        "Replications": f"{sweep.replications:,} of {span} at each point, the same customers at all points",
        "Seed": str(sweep.scenario.seed),
    }


def _varied(sweep: Sweep) -> Section:
    rows = [(factor.name, range_text(factor, sweep.design.kind == "one-at-a-time")) for factor in sweep.factors]
    return Section("What was varied", tables=[table("Factors", ["entry of the scenario", "values"], rows)])


def named(key: Key) -> str:
    """A metric in words."""
    where = segment_words(key[1]) if key[1] != EVERYTHING else ""
    return metric_title(str(key[0])) + (f", {where}" if where else "")


def _figures(sweep: Sweep) -> Iterator[Section]:
    targets = {(one.metric, one.segment): one for one in targets_of(sweep.scenario)}
    shown = [
        Shown(f"metric-{number}", named(key), _reading(sweep, targets.get(key)), drawing)
        for number, key in enumerate(sweep.shown[:MOST_FIGURES])
        if (drawing := _drawing(sweep, key, targets.get(key))) is not None
    ]
    yield Section("What comes of it", shown=shown)


def _drawing(sweep: Sweep, key: Key, target: Target | None) -> Drawing | None:
    if not any(key in point.estimates for point in sweep.points):
        return None
    if sweep.design.kind == "grid" and len(sweep.factors) == 1:
        return sweep_figures.curve(sweep, key, target)
    if sweep.design.kind == "grid" and len(sweep.factors) == 2:
        return sweep_figures.heat_map(sweep, key)
    priced = any(COST in point.estimates for point in sweep.points)
    return sweep_figures.cloud(sweep, key, target) if priced and key != COST else None


def _reading(sweep: Sweep, target: Target | None) -> str:
    bound = f" The dashed line is the target, {target.text}." if target is not None and not _mapped(sweep) else ""
    if sweep.design.kind == "grid" and len(sweep.factors) == 1:
        return f"Each dot is the mean over replications, each whisker its interval of {100 * sweep.level:g} %.{bound}"
    if _mapped(sweep):
        return "Means over replications at each pair of values." + (f" The target: {target.text}." if target else "")
    return f"A dot a point, against what it costs; green dots meet every target.{bound}"


def _mapped(sweep: Sweep) -> bool:
    return sweep.design.kind == "grid" and len(sweep.factors) == 2


def _tornado(sweep: Sweep) -> Iterator[Section]:
    shown = [
        Shown(f"tornado-{number}", named(key), f"As it is: {spoken(effects[0].moves[0][1].base, effects[0].moves[0][1].unit)}.",
              sweep_figures.tornado(effects, sweep), tables=[_changes(sweep, key)])
        for number, (key, effects) in enumerate(by_metric(sweep.tornado).items())
    ]  # fmt: skip
    yield Section("What each factor does alone", [tornado_note(sweep)], shown)


def _changes(sweep: Sweep, key: Key) -> Table:
    names = labels(sweep.factors)
    rows = [
        (f"{names[one.factor.path]} = {value}", spoken(by.other, by.unit), signed(by.change.mean, by.unit),
         f"{signed(by.change.low, by.unit)} … {signed(by.change.high, by.unit)}", by.verdict.value)
        for one in by_metric(sweep.tornado)[key]
        for value, by in one.moves
    ]  # fmt: skip
    return table(f"Changes of {named(key)}", ["factor", "then", "change", "interval", "verdict"], rows)


def _indices(sweep: Sweep) -> Iterator[Section]:
    names = labels(sweep.factors)
    shown = []
    for number, one in enumerate(sweep.sensitivity):
        if one.found.variance:
            rows = [
                (names[factor.path], *share_cells(by.first), *share_cells(by.total))
                for factor, by in zip(sweep.factors, one.found.indices, strict=True)
            ]
            columns = ["factor", "alone", "interval", "with interactions", "interval"]
            name = named((one.metric, one.segment))
            held = table(f"Shares of the variance of {name}", columns, rows)
            shown.append(
                Shown(f"shares-{number}", name, f"{spread_text(one)}.", sweep_figures.shares(one, sweep), tables=[held])
            )
    still = [named((one.metric, one.segment)) for one in sweep.sensitivity if not one.found.variance]
    texts = [indices_note(sweep), *([f"Not changed by any factor: {'; '.join(still)}."] if still else [])]
    yield Section("Which factor brings how much of the variance", texts, shown)


def _points(sweep: Sweep) -> Iterator[Section]:
    units = {one.target.name: by.unit for point in sweep.points[:1] for one in point.judgements for by in point.summaries
             if (by.metric, by.segment) == (one.target.metric, one.target.segment)}  # fmt: skip
    names = labels(sweep.factors)
    columns = [
        "point",
        *(names[one.path] for one in sweep.factors),
        *(["cost"] if COST in sweep.points[0].estimates else []),
    ]
    rows = []
    for point in sweep.points[:MOST_ROWS]:
        cost = next((one for one in point.summaries if (one.metric, one.segment) == COST), None)
        cells = [str(point.number), *(str(point.values.get(one.path, "")) for one in sweep.factors)]
        cells += [spoken(cost.interval.mean, cost.unit)] if cost is not None else []
        for one in point.judgements:
            unit = units.get(one.target.name, "")
            about = compact(one.interval.low, one.interval.high, unit)
            cells.append(
                f"{spoken(one.interval.mean, unit)} ({about}), {one.verdict.value}"
                if about
                else spoken(one.interval.mean, unit)
            )
        rows.append(cells)
    held = table("All points", [*columns, *units], rows)
    more = (
        [f"The first {MOST_ROWS:,} of {len(sweep.points):,} points; points.csv holds all."]
        if len(sweep.points) > MOST_ROWS
        else []
    )
    yield Section("All points", [*more, "kpis.csv holds every metric at every point with its interval."], tables=[held])
