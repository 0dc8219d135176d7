"""A break-even on the terminal and as a page: what holds up to where, and what breaks first."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from simulation.experiments.break_even import Asked, BreakEven, Looked
from simulation.metrics.measure import unit_of
from simulation.metrics.targets import Judgement, Verdict, targets_of
from simulation.reports.console import compact, fits, length_text, new_table, spoken
from simulation.reports.figures import COLOURS, GRID, Drawing, axis_title, layout, name_rows, shown_name
from simulation.reports.markup import Shown, Table
from simulation.reports.sheet import NAME, Section, table, write_sheet
from simulation.reports.sweep import labels
from simulation.reports.terminal import MARKS
from simulation.scenario.prices import currency
from simulation.statistics.bisection import Bracket

WIDE = 30
"""Letters of a target's line of positions."""
SIGNS = "━ surely met, × surely missed, ? in between. "
"""What they mean."""
ROW = 34


def announced(what: Asked) -> str:
    """How much there is to simulate."""
    plan, levels = what.plan, what.factor.levels
    return (
        f"{what.factor.name} from {levels[0]} to {levels[-1]}, {len(levels):,} values; looks at {min(plan.visits, plan.positions)} of them at "
        f"most, {plan.first} to {plan.looks[-1]} replications each: {what.most_runs:,} runs at most"
    )


def heard(looked: Looked) -> str:
    """What was seen at a value, while the search goes on."""
    by = {verdict: [one.target.name for one in looked.judgements if one.verdict is verdict] for verdict in Verdict}
    said = [
        f"{verdict.value} {', '.join(names)}" for verdict, names in by.items() if names and verdict is not Verdict.met
    ]
    return f"{looked.value}: {looked.replications} replications; {'; '.join(said) or 'every target met'}"


def show(console: Console, found: BreakEven, folder: Path) -> None:
    """Print all about a break-even."""
    scenario = found.scenario
    span = length_text(scenario.horizon - scenario.warm_up)
    said = f": {found.factor.name} from {found.factor.levels[0]} to {found.factor.levels[-1]}, {found.replications:,} replications of {span} in all, seed {scenario.seed}"
    console.print(Text.assemble((scenario.name, "bold"), said), "", sep="\n")
    for line in outcome(found):
        console.print(Text(line))
    console.print()
    for wide in (True, False):
        lines = new_table(
            "",
            *heads(found),
            *([f"{found.factor.levels[0]} … {found.factor.levels[-1]}"] if wide else []),
        )
        for name, one in in_order(found):
            lines.add_row(
                name,
                *(_cell(found, position, one) for position in (one.holds, one.fails)),
                *([_line(found, one)] if wide else []),
            )
        if fits(lines, console) or not wide:
            console.print(lines)
            console.print(Text(f"{SIGNS if wide else ''}{note(found)}", "dim"), "", sep="\n")
            break
    console.print(f"All that was looked at, and a page: {folder}", soft_wrap=True)


def in_order(found: BreakEven) -> list[tuple[str, Bracket]]:
    """Targets, those that break first on top, those that never do last."""
    last = found.plan.positions
    return sorted(
        found.brackets.items(),
        key=lambda one: (one[1].fails is None, one[1].fails if one[1].fails is not None else last),
    )


def outcome(found: BreakEven) -> list[str]:
    """What breaks first, in sentences."""
    short = labels([found.factor])[found.factor.path]
    lines = []
    for rising, word in ((True, "grows"), (False, "shrinks")):
        names = found.first(rising)
        where = [found.brackets[name] for name in names]
        if len(names) == 1:
            lines.append(f"As {short} {word}, {names[0]} breaks first: {_between(found, where[0])}.")
        elif names:
            lines.append(
                f"As {short} {word}, one of these breaks first: {', '.join(names)}; their brackets overlap (more replications, or visits, would tell)."
            )
    missed = [
        name for name, one in found.brackets.items() if one.rising is None and one.monotone and one.fails is not None
    ]
    if missed:
        lines.append(f"Missed all the way: {', '.join(missed)}.")
    kept = [
        name for name, one in found.brackets.items() if one.rising is None and one.monotone and one.holds is not None
    ]
    if kept:
        lines.append(f"Met all the way: {', '.join(kept)}.")
    if found.unknown:
        lines.append(f"Undecided all the way: {', '.join(found.unknown)}; more replications would tell.")
    odd = [name for name, one in found.brackets.items() if not one.monotone]
    if odd:
        lines.append(
            f"Met, missed and met again along the way, so no break-even: {', '.join(odd)}. Look at them with --set {short}=…"
        )
    return lines


def _between(found: BreakEven, one: Bracket) -> str:
    holds, fails = found.value(one.holds), found.value(one.fails)
    if one.holds is None:
        return f"it is surely missed at {fails}, and undecided before"
    return f"it surely holds at {holds} and is surely missed at {fails}"


def heads(found: BreakEven) -> tuple[str, str]:
    """What stands above the ends of brackets: targets hold from below, from above, or some of them so and some so."""
    ways = {one.rising for one in found.brackets.values() if one.rising is not None}
    return ("holds up to" if ways <= {True} else "holds down to" if ways == {False} else "holds to", "missed from")


def _cell(found: BreakEven, position: int | None, one: Bracket) -> Text:
    if not one.monotone:
        return Text("?", "yellow")
    if one.rising is None and position is not None:
        return Text("all the way", "dim")
    if one.rising is None and (one.holds is not None or one.fails is not None):
        return Text("nowhere", "dim")
    return Text("–", "dim") if position is None else Text(str(found.value(position)))


def _line(found: BreakEven, one: Bracket) -> Text:
    """The positions as a line: met, unknown, missed."""
    parts = {"━": MARKS[Verdict.met][1], "?": MARKS[Verdict.undecided][1], "×": MARKS[Verdict.missed][1]}
    last = max(found.plan.positions - 1, 1)
    return Text.assemble(
        *((mark, parts[mark]) for mark in (_mark(one, round(at * last / (WIDE - 1))) for at in range(WIDE)))
    )


def _mark(one: Bracket, position: int) -> str:
    """What is known of a position."""
    if not one.monotone:
        return "?"
    if one.rising is None:
        return "━" if one.holds is not None else "×" if one.fails is not None else "?"
    sign = 1 if one.rising else -1
    if one.holds is not None and sign * position <= sign * one.holds:
        return "━"
    return "×" if one.fails is not None and sign * position >= sign * one.fails else "?"


def note(found: BreakEven) -> str:
    """What the brackets mean."""
    level = f"{100 * found.plan.level:g} %"
    return (
        f"With {level} certainty all of this is right at once, provided that each target gets only worse (or only better) along "
        "the way."
    )


# -- page ---------------------------------------------------------------------------------------------


def write_page(found: BreakEven, folder: Path) -> None:
    """Write report.html into a folder."""
    rows = [
        (name, str(_cell(found, one.holds, one)), str(_cell(found, one.fails, one))) for name, one in in_order(found)
    ]
    brackets = table("Brackets", ["target", *heads(found)], rows)
    drawn = Shown("brackets", "What holds to where", note(found), drawing(found), tables=[brackets], opened=True)
    sections = [
        Section("Break-even", [], [drawn]),
        Section("What was looked at", [_judged(found)], tables=[_looks(found)]),
    ]
    values = found.factor.text or f"{found.factor.levels[0]}..{found.factor.levels[-1]}"
    again = (
        f"supportsim sweep scenario.yaml (in this folder) --break-even {shlex.quote(f'{found.factor.name}={values}')} "
        f"--replications {found.plan.first} --most {found.plan.most} --visits {found.plan.visits} --seed {found.scenario.seed}."
    )
    about = f"{found.scenario.name} along {found.factor.name}"
    facts = {"Replications": f"{found.replications:,} in all", "Seed": str(found.scenario.seed)}
    write_sheet(folder / NAME, "Break-even", about, " ".join(outcome(found)), sections, again, facts)


def _judged(found: BreakEven) -> str:
    each = 100 * found.plan.level_of_each(len(found.brackets))
    return f"Each interval is one of {each:.4g} %, so that all verdicts are right at once with a certainty of {100 * found.plan.level:g} %."


def _looks(found: BreakEven) -> Table:
    targets = targets_of(found.scenario)
    money = currency(found.scenario)
    rows = [
        [
            str(at.value),
            str(at.replications),
            *(_observed(one, unit_of(one.target.metric, money)) for one in at.judgements),
        ]
        for at in sorted(found.looked, key=lambda one: one.position)
    ]
    return table("Values looked at", ["value", "replications", *(one.name for one in targets)], rows)


def _observed(one: Judgement, unit: str) -> str:
    about = compact(one.interval.low, one.interval.high, unit)
    return f"{spoken(one.interval.mean, unit)}{f' ({about})' if about else ''}, {one.verdict.value}"


def drawing(found: BreakEven) -> Drawing:
    """A bar a target along the factor: met, unknown, missed."""
    import plotly.graph_objects as go

    rows = in_order(found)
    figure = go.Figure(layout=layout(110 + ROW * len(rows), top=40))
    looks = {"━": ("surely met", COLOURS[2]), "?": ("in between", GRID), "×": ("surely missed", COLOURS[1])}
    for mark, (name, colour) in looks.items():
        figure.add_bar(
            y=list(range(len(rows))), x=[_length(found, one, mark)[1] for _, one in rows], base=[_length(found, one, mark)[0] for _, one in rows],
            orientation="h", name=name, marker_color=colour, width=0.6, hoverinfo="skip",
        )  # fmt: skip
    step = max(found.plan.positions // 10, 1)
    ticks = list(range(0, found.plan.positions, step))
    figure.update_layout(barmode="overlay", hovermode=False)
    figure.update_xaxes(
        title=axis_title(found.factor.name),
        tickvals=ticks,
        ticktext=[shown_name(str(found.value(one)), 12) for one in ticks],
    )
    name_rows(figure, [shown_name(name, 24) for name, _ in rows])
    return Drawing(figure, " ".join(outcome(found)))


def _length(found: BreakEven, one: Bracket, mark: str) -> tuple[float, float]:
    """Where the part of a bar begins, and how long it is."""
    marks = [_mark(one, position) for position in range(found.plan.positions)]
    where: Sequence[int] = [position for position, its in enumerate(marks) if its == mark]
    return (where[0] - 0.5, float(len(where))) if where else (math.nan, math.nan)
