"""A sweep on the terminal: the point to choose, then the points (all, or the frontier of many), effects or indices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from simulation.experiments.effects import Effect, Key, Shares, by_metric
from simulation.experiments.sweep import COST, Point, Sweep
from simulation.metrics.differences import Change, Difference
from simulation.metrics.measure import segment_text, unit_of
from simulation.metrics.targets import Verdict
from simulation.reports.comparison import LOOKS
from simulation.reports.console import compact, fits, length_text, new_table, signed, spoken
from simulation.reports.terminal import MARKS
from simulation.scenario.factors import Factor
from simulation.scenario.marks import split_path
from simulation.scenario.prices import currency
from simulation.statistics import Interval

MET, MISSED, UNDECIDED = Verdict.met, Verdict.missed, Verdict.undecided
LEAST_ROOM = 24
"""Letters without which the names of targets are left out."""
MOST_ROWS = 24
"""Points that are listed; of more only the frontier."""
DESIGNS = {
    "grid": "of a grid", "lhs": "of a Latin hypercube", "sobol": "of a Sobol' design", "one-at-a-time": "one factor at a time",
}  # fmt: skip
BARS = (24, 10, 4)
"""Letters of the bars of a tornado, half of them on each side: the most for which there is room."""


def show(console: Console, sweep: Sweep, folder: Path) -> None:
    """Print all about a sweep."""
    for block in (*headline(sweep), *_body(sweep, console)):
        console.print(block)
    console.print(f"All points: {folder}/points.csv; every metric, and a page with figures: {folder}", soft_wrap=True)


def headline(sweep: Sweep) -> Iterator[RenderableType]:
    """What was simulated."""
    scenario, many = sweep.scenario, sweep.replications
    span = length_text(scenario.horizon - scenario.warm_up)
    said = f": {len(sweep.points):,} points {DESIGNS[sweep.design.kind]}, {many:,} replication{'s' if many > 1 else ''} of {span} "
    yield Text.assemble((scenario.name, "bold"), f"{said}each, seed {scenario.seed}, the same customers at all points")
    for factor in sweep.factors:
        yield Text(f"  {factor.name}: {range_text(factor, sweep.design.kind == 'one-at-a-time')}")
    yield Text()


def range_text(factor: Factor, ends: bool = False) -> str:
    """What values a factor takes; only the first and last, of a range of which only the `ends` are looked at."""
    if factor.ends is not None:
        low, high = (factor.write(end) for end in factor.ends)
        return f"{low} to {high}"
    levels = [str(level) for level in factor.levels]
    if ends and not factor.listed:
        return f"{levels[0]} and {levels[-1]}"
    return (
        ", ".join(levels) if len(levels) <= 6 or factor.listed else f"{levels[0]} to {levels[-1]}, {len(levels)} values"
    )


def labels(factors: Sequence[Factor]) -> dict[str, str]:
    """A short name of each factor by path: as many of its last keys as tell them apart, two at least."""
    keys = {factor.path: split_path(factor.path) for factor in factors}
    for many in range(2, max(map(len, keys.values()), default=2) + 1):
        short = {path: ".".join(parts[-many:]) for path, parts in keys.items()}
        if len(set(short.values())) == len(short):
            return short
    return {factor.path: factor.name for factor in factors}


def values_text(values: Mapping[str, Any], factors: Sequence[Factor]) -> str:
    """A point in words: headcount.constant=6, demand.volume=90 %."""
    names = labels(factors)
    return ", ".join(f"{names[path]}={value}" for path, value in values.items()) or "as it is"


def title(key: Key) -> str:
    """A metric as a target would say it."""
    segment = segment_text(key[1])
    return str(key[0]).removesuffix(".mean") + (f"{{{segment}}}" if segment else "")


def _body(sweep: Sweep, console: Console) -> Iterator[RenderableType]:
    if sweep.design.kind == "one-at-a-time":
        yield from tornado(sweep, console)
    elif sweep.design.kind == "sobol":
        yield from indices(sweep, console)
    else:
        yield from (Text(line) for line in choice_lines(sweep))
        yield Text()
        yield from _points(sweep, console)


# -- the choice ---------------------------------------------------------------------------------------


def choice_lines(sweep: Sweep) -> list[str]:
    """Which point to choose, and how sure that is, in sentences."""
    if not any(point.judgements for point in sweep.points):
        return ["The scenario has no targets, so no point is better than another."]
    return _chosen(sweep) if sweep.choice is not None else _none_chosen(sweep)


def _chosen(sweep: Sweep) -> list[str]:
    chosen = sweep.choice
    assert chosen is not None
    unit = unit_of(COST[0], currency(sweep.scenario))
    level = f"{100 * sweep.level:g} %"
    sure = (
        f"Its targets are met at once with {level} certainty, though it was picked out of {len(sweep.points):,} points."
        if chosen.surely
        else f"Each of its targets is met with {level} certainty; all at once, picked out of {len(sweep.points):,} points, not yet: more replications would tell."
    )
    lines = [
        f"Cheapest that meets every target: {values_text(chosen.point.values, sweep.factors)} ({spoken(chosen.point.cost, unit)}).",
        sure,
    ]
    if chosen.open:
        best = min(chosen.open, key=lambda one: one.cost)
        many = "1 cheaper point" if len(chosen.open) == 1 else f"{len(chosen.open):,} cheaper points"
        lines.append(
            f"{many} may do, too (undecided), down to {values_text(best.values, sweep.factors)} ({spoken(best.cost, unit)})."
        )
    if chosen.next:
        point, more = chosen.next[0]
        extra = f"{spoken(more.mean, unit)} more" if more.mean else "the same cost"
        lines.append(f"The next: {values_text(point.values, sweep.factors)}, at {extra}.")
    return lines


def _none_chosen(sweep: Sweep) -> list[str]:
    meeting = [point for point in sweep.points if point.meets_all]
    if meeting:
        which = values_text(meeting[0].values, sweep.factors)
        return [
            f"{len(meeting):,} of {len(sweep.points):,} points meet every target, e.g. {which}; nothing has a price, so none is the cheapest."
        ]
    nearest = max(sweep.points, key=lambda one: (one.count(MET), -one.count(MISSED)))
    of = len(nearest.judgements)
    lines = ["No point surely meets every target."]
    lines.append(
        f"Nearest: {values_text(nearest.values, sweep.factors)}, which meets {nearest.count(MET)} of {of} and misses {nearest.count(MISSED)}."
    )
    never = [
        one.target.name for index, one in enumerate(sweep.points[0].judgements)
        if all(len(point.judgements) > index and point.judgements[index].verdict is MISSED for point in sweep.points)
    ]  # fmt: skip
    return [*lines, *([f"Missed at every point: {', '.join(never)}."] if never else [])]


# -- points -------------------------------------------------------------------------------------------


def _points(sweep: Sweep, console: Console) -> Iterator[RenderableType]:
    listed = sweep.points if len(sweep.points) <= MOST_ROWS else frontier(sweep)
    if len(listed) < len(sweep.points):
        yield Text(
            f"The best of {len(sweep.points):,} points: none of the others meets as many targets for as little", "bold"
        )
    way = _way(sweep, listed, console)
    yield _table(sweep, listed, way)
    if legend := _legend(listed, way):
        yield Text(legend, "dim")
    yield Text()


def _legend(points: Sequence[Point], way: str) -> str:
    """What the verdicts of a table mean; nothing where it has none that need it."""
    if way in ("counts", "lines"):
        return "open: undecided (more replications would tell)" if any(one.count(UNDECIDED) for one in points) else ""
    judged = any(one.judgements for one in points)
    return "✓ met, ✗ missed, ? undecided (more replications would tell)" if judged else ""


def _way(sweep: Sweep, points: Sequence[Point], console: Console) -> str:
    """The fullest way to tell verdicts that has room."""
    for way in ("values", "marks"):
        if fits(_table(sweep, points, way), console):
            return way
    wide = console.options.update(max_width=10_000)
    room = console.width - Measurement.get(console, wide, _table(sweep, points, "counts")).maximum
    if room >= LEAST_ROOM and points[0].judgements:
        return "names"
    return "counts" if room >= 0 else "lines"


def _not_met(point: Point) -> Text:
    """The targets that are missed, then the undecided ones."""
    groups = []
    for verdict in (MISSED, UNDECIDED):
        names = [one.target.name for one in point.judgements if one.verdict is verdict]
        groups += [Text(f"{MARKS[verdict][0]} {', '.join(names)}", MARKS[verdict][1])] if names else []
    return Text("; ").join(groups)


def frontier(sweep: Sweep) -> list[Point]:
    """Points of which no other is better both by targets met and by cost, by cost; at most as many as are listed."""
    order = sorted(sweep.points, key=lambda one: (one.cost if one.cost == one.cost else 0.0, -one.count(MET)))
    best, found = -1, []
    for point in order:
        if point.count(MET) > best:
            best = point.count(MET)
            found.append(point)
    return found[-MOST_ROWS:]


def _table(sweep: Sweep, points: Sequence[Point], way: str) -> Table:
    """Points in rows; verdicts as values, marks, names of what is not met, counts, or each point in a line of words."""
    names = labels(sweep.factors)
    unit = unit_of(COST[0], currency(sweep.scenario))
    priced = any(COST in point.estimates for point in points)
    aims = [one.target.name for one in points[0].judgements] if points else []
    others = [key for key in sweep.shown if key != COST] if not aims else []
    if way == "lines":
        return _lines(sweep, points, priced)
    heads = [f">{names[one.path]}" for one in sweep.factors] + [">cost"] * priced
    counted = bool(aims) and way in ("names", "counts")
    heads += [">targets met", *["not met"] * (way == "names")] if counted else aims
    table = new_table(*heads, *(f">{title(key)}" for key in others[: 4 if way == "values" else 1]))
    for point in points:
        cells: list[str | Text] = [str(point.values.get(one.path, "")) for one in sweep.factors]
        cells += [spoken(point.cost, unit).removesuffix(" a day")] if priced else []
        cells += [*_counted(point), *[_not_met(point)] * (way == "names")] if counted else _judged(point, aims, way)
        cells += [_observed(point, key, sweep) for key in others[: 4 if way == "values" else 1]]
        table.add_row(*cells)
    return table


def _lines(sweep: Sweep, points: Sequence[Point], priced: bool) -> Table:
    """A point in words, for narrow terminals and many factors."""
    unit = unit_of(COST[0], currency(sweep.scenario))
    table = new_table(*[">cost"] * priced, ">targets met", "point")
    for point in points:
        cost = [spoken(point.cost, unit).removesuffix(" a day")] if priced else []
        table.add_row(*cost, *_counted(point), values_text(point.values, sweep.factors))
    return table


def _counted(point: Point) -> list[str | Text]:
    open_ones = point.count(UNDECIDED)
    said = f"{point.count(MET)} of {len(point.judgements)}" + (f", {open_ones} open" if open_ones else "")
    return [Text(said, MARKS[MET][1] if point.meets_all else "")]


def _judged(point: Point, aims: Sequence[str], way: str) -> list[str | Text]:
    by_name = {one.target.name: one for one in point.judgements}
    cells: list[str | Text] = []
    for name in aims:
        if name not in by_name:
            cells.append(Text("–", "dim"))
            continue
        one = by_name[name]
        mark, style = MARKS[one.verdict]
        unit = next(
            by.unit for by in point.summaries if (by.metric, by.segment) == (one.target.metric, one.target.segment)
        )
        cells.append(Text(f"{mark} {spoken(one.interval.mean, unit)}" if way == "values" else mark, style))
    return cells


def _observed(point: Point, key: Key, sweep: Sweep) -> str:
    found = point.estimates.get(key)
    return "–" if found is None else spoken(found.value, unit_of(key[0], currency(sweep.scenario)))


# -- tornado ------------------------------------------------------------------------------------------


def tornado(sweep: Sweep, console: Console) -> Iterator[RenderableType]:
    """Bars by metric, the factors with the largest effects first."""
    names = labels(sweep.factors)
    for effects in by_metric(sweep.tornado).values():
        first = effects[0].moves[0][1]
        head = f"{title((first.metric, first.segment))}: {spoken(first.base, first.unit)} as it is"
        yield Text(head, "bold")
        most = max((abs(by.change.mean) for one in effects for _, by in one.moves), default=0.0)
        tables = [_effects(effects, names, most, width) for width in BARS]
        yield next((one for one in tables if fits(one, console)), tables[-1])
    yield Text(tornado_note(sweep), "dim")
    yield Text()


def _effects(effects: Sequence[Effect], names: Mapping[str, str], most: float, width: int) -> Table:
    table = new_table("", ">", "", "")
    table.show_header = False
    for one in effects:
        for row in _bars(one, names[one.factor.path], most, width):
            table.add_row(*row)
    return table


def tornado_note(sweep: Sweep) -> str:
    """How to read the changes."""
    return (
        "Each factor alone, all others as they are. ▲ better, ▼ worse, ↑ more, ↓ less, = no difference that matters, ? undecided; "
        f"all these verdicts hold at once with {100 * sweep.level:g} % certainty."
    )


def _bars(effect: Effect, name: str, most: float, width: int) -> Iterator[list[str | Text]]:
    """A row of both ends; of a list, a row for each value."""
    if not any(by.change.mean for _, by in effect.moves):
        yield [name, "", Text(f"{' ' * (width // 2)}│", "dim"), Text("changes nothing", "dim")]
        return
    pairs = [effect.moves] if not effect.factor.listed and len(effect.moves) == 2 else [[move] for move in effect.moves]
    for number, pair in enumerate(pairs):
        left = next((move for move in pair if move[1].change.mean < 0), None)
        right = next((move for move in pair if move[1].change.mean >= 0 and move is not left), None)
        both = [move for move in pair if move not in (left, right)]
        said = (
            [_move(move) for move in ([left] if left else both[:1])],
            [_move(move) for move in ([right] if right else both[:1])],
        )
        yield [name if not number else "", *_row(left, right, most, width, said)]


def _row(left: Any, right: Any, most: float, width: int, said: tuple[list[Text], list[Text]]) -> list[str | Text]:
    half = width // 2
    sizes = [
        0 if move is None else max(round(half * abs(move[1].change.mean) / most), 1) if move[1].change.mean else 0
        for move in (left, right)
    ]
    bar = Text.assemble(
        " " * (half - sizes[0]),
        ("█" * sizes[0], _style(left)),
        ("│", "dim"),
        ("█" * sizes[1], _style(right)),
        " " * (half - sizes[1]),
    )
    return [said[0][0] if said[0] else "", bar, said[1][0] if said[1] else ""]


def _style(move: tuple[Any, Difference] | None) -> str:
    return "" if move is None else LOOKS[move[1].verdict][1]


def _move(move: tuple[Any, Difference]) -> Text:
    value, by = move
    mark, style = LOOKS[by.verdict]
    return Text(
        f"{value}: {mark} {signed(by.change.mean, by.unit)}"
        if by.verdict is not Change.same or by.change.mean
        else f"{value}: =",
        style,
    )


# -- indices ------------------------------------------------------------------------------------------


def indices(sweep: Sweep, console: Console) -> Iterator[RenderableType]:
    """First and total indices of every metric."""
    names = labels(sweep.factors)
    for one in sweep.sensitivity:
        yield Text(f"{title((one.metric, one.segment))}: {spread_text(one)}", "bold")
        table = new_table("", ">alone", "", ">with interactions", "")
        rows = sorted(
            zip(sweep.factors, one.found.indices, strict=True),
            key=lambda row: -(row[1].total.mean if row[1].total.mean == row[1].total.mean else 0),
        )
        for factor, by in rows if one.found.variance else []:
            table.add_row(names[factor.path], *share_cells(by.first), *share_cells(by.total))
        if one.found.variance:
            yield table
    yield Text(indices_note(sweep), "dim")
    yield Text()


def spread_text(one: Shares) -> str:
    """How much a metric varies, in words."""
    if not one.found.variance:
        return f"{spoken(one.mean, one.unit)}; none of the factors changes it (as far as these replications show)"
    noise = (
        f"; {spoken(one.found.noise, 'share')} of the variance seen was chance, and is left out"
        if one.found.noise >= 0.0005
        else ""
    )
    return f"{spoken(one.mean, one.unit)} on average, give or take {spoken(one.deviation, one.unit)} over the ranges{noise}"


def share_cells(one: Interval) -> tuple[str, str]:
    """An index and its interval as shares of the variance, which lie between 0 and 100 %."""
    if one.mean != one.mean:
        return "unknown", ""
    return spoken(min(max(one.mean, 0.0), 1.0), "share"), compact(one.low, one.high, "share")


def indices_note(sweep: Sweep) -> str:
    """How to read indices."""
    return (
        "Shares of the variance as all factors vary over their ranges: what a factor brings alone (first-order index), and with "
        f"everything it takes part in (total index; these may sum to more than 100 %). Intervals of {100 * sweep.level:g} %."
    )
