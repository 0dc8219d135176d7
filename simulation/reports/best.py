"""A selection of the best: on the terminal as it goes on, in a table at its end, and on a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from simulation.experiments.best import Contender, Exit, Selection, Stand
from simulation.experiments.compare import other_times
from simulation.metrics.measure import estimate, segment_text
from simulation.reports import figures, metric_title, value_text
from simulation.reports.console import fits, length_text, new_table, plain, spoken
from simulation.reports.figures import COLOURS, DASHES, MOST_LINES, Drawing
from simulation.reports.markup import Shown
from simulation.reports.sheet import NAME, Section, table, write_sheet

WIDE = 100


@contextmanager
def follow(quiet: bool) -> Iterator[Callable[[Stand], None] | None]:
    """What to tell how a selection stands; None when nothing is to be said. All goes to standard error."""
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    if quiet:
        yield None
    elif console.is_terminal and not console.is_dumb_terminal:
        with console.status("Simulating") as status:
            yield lambda stand: _live(console, status, stand)
    else:
        yield lambda stand: _exits(console, stand)


def _live(console: Console, status: Status, stand: Stand) -> None:
    _exits(console, stand)
    status.update(Text(stand_words(stand)))


def _exits(console: Console, stand: Stand) -> None:
    for one in stand.left:
        console.print(exit_words(one), soft_wrap=True)


def exit_words(one: Exit) -> str:
    """A line about a scenario that leaves."""
    return f"after {one.after} replications: {one.name} is out, {_against(one)}"


def stand_words(stand: Stand) -> str:
    """How it stands, in few words."""
    taken = stand.taken.values()
    if len(set(taken)) == 1 and stand.most >= max(taken):
        return f"{len(taken)} in the race, {max(taken)} replications of each, {stand.most} at most"
    return f"{sum(taken)} of {stand.most} replications"


def show(console: Console, selection: Selection, folder: Path) -> None:
    """Print all about a selection."""
    console.print(Text.assemble((_title(selection), "bold"), f" ({selection.better} is better)"))
    console.print(_circumstances(selection), "", sep="\n")
    tables = [_ranking(selection, wide) for wide in (True, False)]
    wide = fits(tables[0], console)
    console.print(tables[0] if wide else tables[1])
    for one in selection.ranked:
        if one.out is not None and not wide:
            console.print(Text(f"{one.name}: out {_out(one)}", "dim"))
    console.print(Text(), Text(outcome(selection), "bold"), Text(meaning(selection)), Text(), sep="\n")
    console.print(f"All of it: {folder}", soft_wrap=True)


def _title(selection: Selection) -> str:
    return f"The best of {len(selection.contenders)} scenarios by {_by(selection)}"


def _by(selection: Selection) -> str:
    segment = segment_text(selection.segment)
    return str(selection.metric).removesuffix(".mean") + (f"{{{segment}}}" if segment else "")


def _circumstances(selection: Selection) -> str:
    base = selection.scenarios[0]
    taken = sum(one.replications for one in selection.contenders)
    if other_times(selection.scenarios):
        return f"{taken:,} replications in all, seed {base.seed}; not all scenarios measure the same time, so with other customers"
    span = length_text(base.horizon - base.warm_up)
    return f"{taken:,} replications of {span} in all, seed {base.seed}, the same customers in all scenarios"


def _ranking(selection: Selection, wide: bool) -> Table:
    found = new_table("", ">value", ">behind", ">replications" if wide else ">taken", *(["out"] if wide else []))
    for one in selection.ranked:
        best = one.name == selection.best
        mark, style = ("✓", "green") if best else ("?", "yellow") if one.name in selection.left else ("", "dim")
        cells = [plain(value_text(one.value, selection.unit)), "" if best else _behind(one, selection)]
        out = [_out(one)] if wide else []
        found.add_row(f"{mark or ' '} {one.name}", *cells, str(one.replications), *out, style=style)
    return found


def _out(one: Contender) -> str:
    return "" if one.out is None else f"after {one.out.after}, {_against(one.out)}"


def _against(one: Exit) -> str:
    if one.misses:
        return f"misses {', '.join(one.misses)}"
    return f"{'the same as' if one.equal else 'behind'} {one.behind}"


def _behind(one: Contender, selection: Selection) -> str:
    """By how much a scenario is worse than the best, with the sign of the difference itself."""
    if one.behind == 0:
        return "0"
    sign = "+" if (selection.better == "lower") == (one.behind > 0) else "−"
    return f"{sign}{amount_words(abs(one.behind), selection.unit)}"


def amount_words(amount: float, unit: str) -> str:
    """A difference without its sign; of shares in percentage points."""
    if unit == "share":
        points = 100 * amount
        return f"{points:.{1 if points >= 1 else 2}f} pp"
    return spoken(amount, unit).removesuffix(" a day")


def outcome(selection: Selection) -> str:
    """What came of it, in a sentence."""
    if not selection.left:
        return "No scenario is left: each is shown to miss a target."
    if selection.best is None:
        return f"Undecided between {_listed(selection.left)}: none was shown inferior to another."
    if selection.probability is None and (near := _near(selection)):
        matters = amount_words(selection.matters, selection.unit)
        return (
            f"{selection.best} is selected; {_listed(near)} {_is(near)} behind by less than what matters ({matters})."
        )
    if selection.probability is None:
        same = [
            one.name for one in selection.contenders if one.out and one.out.equal and one.out.behind == selection.best
        ]
        return f"{selection.best} is the best" + (
            f"; {_listed(same)} {'gives' if len(same) == 1 else 'give'} the same." if same else "."
        )
    return f"{selection.best} is the best with a probability of {_percent(selection.probability)}."


def _near(selection: Selection) -> list[str]:
    """Scenarios that are seen behind the best, by less than what matters."""
    seen = [one for one in selection.ranked if one.out and not one.out.misses and not one.out.equal]
    return [one.name for one in seen if one.behind < selection.matters]


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def meaning(selection: Selection) -> str:
    """What may be relied on."""
    matters = amount_words(selection.matters, selection.unit)
    if not selection.left:
        return "The targets that each misses are named with it."
    return _certainty(selection, matters) + _constraint(selection)


def _constraint(selection: Selection) -> str:
    """What targets have to do with it."""
    if not selection.subject_to:
        return ""
    asked = [one for one in selection.contenders if one.name in selection.left and one.open]
    open_ones = "; ".join(f"of {one.name}: {', '.join(one.open)}" for one in asked)
    more = (
        f" Still undecided are targets {open_ones}; more replications in the first stage (--first) tell."
        if asked
        else ""
    )
    return f" Only scenarios shown to miss a target were left out; that no other was is part of the probability.{more}"


def _certainty(selection: Selection, matters: str) -> str:
    if selection.probability is not None and selection.close is not None:
        return (
            f"That no other is better by more than {matters} has a probability of {_percent(selection.close)}. Both are "
            "estimates from the replications themselves; a race (without --budget) guarantees its probability."
        )
    certain = f"{100 * selection.level:g} %"
    if selection.best is None:
        return (
            f"With a probability of at least {certain} the best is among them, if it is ahead of the others by {matters} or "
            "more. More replications (--most), or a larger difference that matters (--matters), decide."
        )
    return (
        f"If one scenario is ahead of all others by {matters} or more, this procedure selects it with a probability of at "
        f"least {certain}. Scenarios nearer to each other than that count as equally good."
    )


def _percent(share: float) -> str:
    return "more than 99.9 %" if share > 0.999 else f"about {100 * share:.1f} %"


# -- the page -----------------------------------------------------------------------------------------


def write_page(selection: Selection) -> Callable[[Path], None]:
    """What writes the page of a selection into a folder."""

    def write(folder: Path) -> None:
        ranking = table(
            "Best first",
            ["scenario", "value", "behind the best", "replications", "out"],
            [
                (
                    one.name,
                    value_text(one.value, selection.unit),
                    _behind(one, selection),
                    str(one.replications),
                    _out(one),
                )
                for one in selection.ranked
            ],
        )
        reading = "The estimate after each replication, over the same customers; a line ends where its scenario left."
        race = Shown("race", f"{_by(selection)} as replications come in", reading, _drawing(selection))
        parts = [Section("Ranking", [meaning(selection)], [], [ranking]), Section("On the way", [], [race])]
        title = f"{_title(selection)}: {metric_title(str(selection.metric))}"
        again = "Written by supportsim best; scenario.yaml of each scenario is in its folder, summary.json has the settings."
        write_sheet(folder / NAME, "Selection", title, outcome(selection), parts, again, _facts(selection))

    return write


def _facts(selection: Selection) -> dict[str, str]:
    how = "a race until one is left" if selection.budget is None else f"a budget of {selection.budget:,} replications"
    return {
        "Procedure": how,
        "What matters": plain(amount_words(selection.matters, selection.unit)),
        "Better": selection.better,
        "First stage": f"{selection.first} replications of each",
        "Replications": _circumstances(selection),
    }


def _drawing(selection: Selection) -> Drawing:
    """The estimate of each scenario after each replication."""
    order = {one.name: place for place, one in enumerate(selection.ranked)}
    columns = sorted(zip(selection.contenders, selection.values, strict=True), key=lambda pair: order[pair[0].name])
    size, unit = _scale(selection)
    lines = []
    for number, (one, column) in enumerate(columns[:MOST_LINES]):
        counts = np.arange(2, len(column) + 1)
        means = [estimate(selection.metric, column[:n]).value / size for n in counts]
        style = {"color": COLOURS[number % len(COLOURS)], "dash": DASHES[number % len(DASHES)], "width": 2}
        name = figures.shown_name(one.name, 40)
        lines.append(
            go.Scatter(
                x=counts,
                y=np.array(means, dtype=np.float32),
                name=name,
                mode="lines",
                line=style,
                hovertemplate="%{y:.4~g}",
            )
        )
    figure = go.Figure(lines, figures.layout(360, top=figures.HEAD))
    figure.update_xaxes(title=figures.axis_title("replications"))
    figure.update_yaxes(title=figures.axis_title(unit), rangemode="normal")
    return Drawing(figure, outcome(selection))


def _scale(selection: Selection) -> tuple[float, str]:
    """By what values are divided to read well, and the unit then."""
    if selection.unit == "share":
        return 0.01, "%"
    if selection.unit == "s":
        return figures.time_unit(max(one.value for one in selection.contenders))
    return 1.0, selection.unit
