"""Which change brought how much, as a page: a waterfall for each metric, and every number in tables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

import plotly.graph_objects as go

from simulation.experiments.attribution import Attribution, Brought
from simulation.reports import metric_title, segment_words
from simulation.reports.attribution import foremost, sentence, shown
from simulation.reports.console import length_text, signed, spoken
from simulation.reports.figures import COLOURS, FAINT, INK, Drawing, layout, name_rows, shown_name, time_unit
from simulation.reports.markup import Shown, Table
from simulation.reports.sheet import NAME, Section, table, write_sheet
from simulation.scenario.mechanisms import MEANS
from simulation.statistics.intervals import Interval

GOOD, BAD, NEITHER, UNSURE = "#00795a", "#c14a00", COLOURS[0], "#b4bbc2"
READING = (
    "From the value before (above) to that after (below); each bar is what a change brought, with its interval. "
    "Green is better, orange worse, blue neither, grey not shown to differ from nothing."
)


def write_page(folder: Path, found: Attribution, again: str) -> None:
    """Write report.html into a folder."""
    plan, first = found.plan, foremost(found)
    lead = "None of the metrics has figures in all combinations." if first is None else sentence(found, first)
    exact = "all" if plan.design.exact else f"{len(plan.design.steps)} pairs of random orders"
    facts = {
        "Before": plan.base.name,
        "After": plan.other_name,
        "Changes": str(len(plan.changes)),
        "Combinations": f"{plan.combinations} ({exact})",
        "Replications": f"{plan.replications:,} of {length_text(plan.base.horizon - plan.base.warm_up)}",
        "Seed": str(plan.base.seed),
        "Certainty": f"{100 * found.level:g} %, of all intervals at once",
    }
    sections = [_what(found), *(_section(found, one, number) for number, one in enumerate(found.found)), _how(found)]
    title = f"{plan.base.name} → {plan.other_name}"
    write_sheet(folder / NAME, "Which change brought how much", title, lead, sections, again, facts)


def _what(found: Attribution) -> Section:
    """The changes."""
    rows = [
        (name, entry, before, after, mechanism)
        for name, mechanism, entry, before, after in found.changes.itertuples(index=False)
    ]
    texts = [
        f"Taken together, as they hold only together: {', '.join(one.names)} ({one.why})."
        for one in found.plan.mixtures.joined
    ]
    return Section(
        "The changes", texts, tables=[table("What differs", ["Change", "Entry", "Before", "After", "Mechanism"], rows)]
    )


def _section(found: Attribution, one: Brought, number: int) -> Section:
    segment = segment_words(one.segment)
    words = metric_title(str(one.metric)) + (f", {segment}" if segment else "")
    said = [sentence(found, one)]
    if one.together.mean and len(one.brought) > 1:
        ends = f"{signed(one.together.low, one.unit)} … {signed(one.together.high, one.unit)}"
        said.append(
            f"All changes together bring {signed(one.together.mean, one.unit)} ({ends}) beyond the sum of what each "
            "brings alone."
        )
    drawing = waterfall(one, [change.name for change in found.plan.changes])
    figure = Shown(
        f"waterfall-{number}", words, "" if number else READING, drawing, tables=_tables(found, one), opened=True
    )
    return Section(one.label, said, [figure])


def _tables(found: Attribution, one: Brought) -> list[Table]:
    names = [change.name for change in found.plan.changes]
    rows = [
        (name, *(_said(each, one.unit) for each in its))
        for name, *its in zip(names, one.brought, one.alone, one.last, strict=True)
    ]
    rows.append(("in all", _said(one.total, one.unit), "", ""))
    tables = [table("What each change brought", ["Change", "Brought", "Alone", "Last in"], rows)]
    if len(names) > 2 and one.pairs:
        pairs = [(f"{names[i]} and {names[j]}", _said(each, one.unit)) for (i, j), each in one.pairs.items()]
        tables.append(table("What two changes bring together beyond both apart", ["Changes", "Together"], pairs))
    return tables


def _said(one: Interval, unit: str) -> str:
    ends = "" if one.low == one.high or one.low != one.low else f" ({signed(one.low, unit)} … {signed(one.high, unit)})"
    return signed(one.mean, unit) + ends


def _how(found: Attribution) -> Section:
    texts = [
        "Each change is simulated with and without the others, on the same customers. What a change brought is its Shapley "
        "value: the mean, over all orders in which the changes can be made one after the other, of what it adds when its turn "
        "comes. These values add up to the whole difference, and a change that never does anything brings nothing. "
        "“Alone” is what a change brings by itself, “last in” what it brings when all others are made.",
        f"With {100 * found.level:g} % certainty all intervals on this page hold at once (those of “alone”, “last in” and of "
        "pairs of changes among themselves). " + _drawn(found),
    ]
    mechanisms = list(dict.fromkeys(name for change in found.plan.changes for name in change.mechanisms))
    rows = [(name, MEANS.get(name, "")) for name in mechanisms]
    return Section(
        "How to read it", texts, tables=[table("Mechanisms", ["Mechanism", "What it is"], rows)] if rows else []
    )


def _drawn(found: Attribution) -> str:
    if found.plan.design.exact:
        return "All combinations of the changes were simulated."
    pairs = len(found.plan.design.steps)
    return (
        f"Not all orders of so many changes can be simulated: {pairs} were drawn at random, each with its reverse, and the "
        "intervals hold the error of drawing them too."
    )


def waterfall(one: Brought, names: Sequence[str]) -> Drawing:
    """From the value before to that after, a bar for each change."""
    factor, ticks = _scale(one)
    ends = [one.before, *accumulate((each.mean for each in one.brought), initial=one.before)][1:]
    rows = list(range(1, len(names) + 1))
    values = [factor * each.mean for each in one.brought]
    low, high = ([factor * abs(end - each.mean) if end == end else 0.0 for each, end in its] for its in _whiskers(one))
    bars = go.Bar(
        y=rows, x=values, base=[factor * start for start in ends[:-1]], orientation="h", width=0.6,
        marker_color=[_colour(each, one) for each in one.brought], hoverinfo="skip",
        error_x={"array": high, "arrayminus": low, "symmetric": False, "color": INK, "thickness": 1.2, "width": 4},
    )  # fmt: skip
    both = [factor * one.before, factor * one.after]
    marks = go.Scatter(
        x=both, y=[0, len(names) + 1], mode="markers+text", hoverinfo="skip", cliponaxis=False,
        marker={"symbol": "diamond", "size": 11, "color": INK}, textposition="middle right",
        text=[f"  {spoken(value, one.unit)}" for value in (one.before, one.after)],
    )  # fmt: skip
    figure = go.Figure([bars, marks], layout(90 + 32 * (len(names) + 2), top=28))
    figure.update_layout(showlegend=False, hovermode=False, barmode="overlay")
    labels = [
        "before",
        *(
            f"{shown_name(name, 34)}  {signed(each.mean, one.unit)}"
            for name, each in zip(names, one.brought, strict=True)
        ),
        "after",
    ]
    name_rows(figure, labels)
    figure.update_xaxes(**ticks, range=_room(one, ends, factor))
    return Drawing(figure, f"{one.label}: {spoken(one.before, one.unit)} before, {spoken(one.after, one.unit)} after.")


def _whiskers(one: Brought) -> tuple[list[tuple[Interval, float]], list[tuple[Interval, float]]]:
    return [(each, each.low) for each in one.brought], [(each, each.high) for each in one.brought]


def _scale(one: Brought) -> tuple[float, dict[str, object]]:
    """By what values are multiplied on the axis, and how the axis says so."""
    if one.unit == "share":
        return 1.0, {"tickformat": ".1%"}
    if one.unit == "s":
        length, word = time_unit(max(abs(one.before), abs(one.after)))
        return 1 / length, {"title": {"text": word, "font": {"size": 12, "color": FAINT}}}
    return 1.0, {"title": {"text": one.unit, "font": {"size": 12, "color": FAINT}}}


def _room(one: Brought, ends: Sequence[float], factor: float) -> list[float]:
    """All bars with their whiskers, and some room for text."""
    reached = [one.after, *ends]
    for start, each in zip(ends, one.brought, strict=False):
        reached += [start + end for end in (each.low, each.high) if end == end]
    least, most = factor * min(reached), factor * max(reached)
    span = (most - least) or abs(most) or 1.0
    return [least - 0.06 * span, most + 0.22 * span]


def _colour(each: Interval, one: Brought) -> str:
    better = one.metric.better
    if not shown(each):
        return UNSURE
    if not better:
        return NEITHER
    return GOOD if (each.mean > 0) == (better == "higher") else BAD
