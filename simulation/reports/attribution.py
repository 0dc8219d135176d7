"""Which change brought how much, on the terminal: the answer in a sentence, then what each change brought, with intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from simulation.experiments.attribution import Attribution, Brought, Plan
from simulation.reports.console import fits, length_text, new_table, signed, size, spoken
from simulation.scenario.mechanisms import TIME
from simulation.statistics.intervals import Interval

NAMED = 5
"""Changes that a sentence names at most."""
ROOM = 48
"""Letters of a change that are shown where little room is."""


# -- before the run -------------------------------------------------------------------------------------------------


def show_plan(console: Console, plan: Plan) -> None:
    """The changes, and what is going to be simulated."""
    console.print(_headline(plan), "", sep="\n")
    table = new_table("", "change", "from → to", "mechanism")
    for number, change in enumerate(plan.changes, start=1):
        table.add_row(str(number), change.name, "\n".join(change.lines), ", ".join(change.mechanisms))
    console.print(table if fits(table, console) else _list(plan))
    for joined in plan.mixtures.joined:
        console.print(f"Taken together, as they hold only together: {', '.join(joined.names)} ({joined.why})")
    for remark in _remarks(plan):
        console.print(remark)
    console.print(_budget(plan), "", sep="\n")


def _remarks(plan: Plan) -> Iterator[str]:
    if any(TIME in change.mechanisms for change in plan.changes):
        yield "The time that is measured differs, and so do the customers."
    if plan.coarse:
        yield "There are many changes, so entries that share the beginning of their paths are taken together (--depth, --group)."


def _headline(plan: Plan) -> Text:
    many = "1 change" if len(plan.changes) == 1 else f"{len(plan.changes)} changes"
    return Text.assemble((f"{plan.base.name} → {plan.other_name}", "bold"), f": {many}")


def _list(plan: Plan) -> Table:
    """The changes where there is little room."""
    table = new_table("", "change")
    for number, change in enumerate(plan.changes, start=1):
        table.add_row(str(number), Text("\n".join([change.name, *change.lines]), overflow="fold"))
    return table


def _budget(plan: Plan) -> str:
    """What will be simulated, and how much."""
    runs = f"{plan.different} x {plan.replications} = {plan.runs:,} runs"
    span = length_text(plan.base.horizon - plan.base.warm_up)
    if plan.design.exact:
        which = f"All {plan.combinations} combinations of the changes"
    else:
        which = (
            f"{plan.combinations} combinations of the changes: {len(plan.design.steps)} random orders and their reverses, each "
            "change alone, each last"
        )
    same = f" ({plan.combinations - plan.different} make a scenario that is there already)"
    which += same if plan.different < plan.combinations else ""
    return f"{which}: {runs} of {span}, seed {plan.base.seed}, the same customers in all"


# -- after the run --------------------------------------------------------------------------------------------------


def show(console: Console, attribution: Attribution, folder: Path) -> None:
    """Print what came of it."""
    first = foremost(attribution)
    if first is not None:
        console.print(Text(sentence(attribution, first), "bold"), "", sep="\n")
    for block in (*_main(console, attribution, first), *_others(console, attribution, first)):
        console.print(block)
    if attribution.left_out:
        console.print(f"Without figures in some combination, so left out: {', '.join(attribution.left_out)}")
    console.print(f"All figures, and a page: {folder}", soft_wrap=True)


def foremost(attribution: Attribution) -> Brought | None:
    """The metric of the first sentence: the first that is shown to have changed, else the first."""
    return next((one for one in attribution.found if shown(one.total)), next(iter(attribution.found), None))


def shown(one: Interval) -> bool:
    """Whether an interval tells the sign."""
    return one.low > 0 or one.high < 0


def sentence(attribution: Attribution, one: Brought) -> str:
    """What a manager wants to know: how much the metric changed, and what brought it."""
    total, ends = one.total, f"{spoken(one.before, one.unit)} → {spoken(one.after, one.unit)}"
    if total.mean == 0 and all(each.mean == 0 for each in one.brought):
        return f"Nothing changes {one.label} ({spoken(one.before, one.unit)})."
    names = [change.name for change in attribution.plan.changes]
    ranked = sorted(range(len(names)), key=lambda at: -abs(one.brought[at].mean))
    told = [at for at in ranked if shown(one.brought[at]) or one.brought[at].low != one.brought[at].low][:NAMED]
    rest = [at for at in ranked if at not in told and one.brought[at].mean != 0]
    alike = all(one.brought[at].mean * total.mean > 0 for at in told)
    if told and alike and (shown(total) or total.low != total.low):
        said = _listed([f"{_bare(one.brought[at].mean, one.unit)} came from {names[at]}" for at in told])
        text = f"Of the {_size(total.mean, one.unit)} {_by_which(one)} ({ends}), {said}"
    else:
        said = _listed([f"{signed(one.brought[at].mean, one.unit)} from {names[at]}" for at in told])
        text = f"{one.label} {_moved(one)} ({ends})" + (f": {said}" if told else "")
    return f"{text}{_unshown(rest, names, bool(told))}."


def _size(value: float, unit: str) -> str:
    return size(value, unit).replace(" pp", " points")


def _bare(value: float, unit: str) -> str:
    return size(value, unit).removesuffix(" pp")


def _by_which(one: Brought) -> str:
    """That 80/20 gained, that the wait fell by: shares are gained and lost."""
    if one.unit == "share":
        return f"that {one.label} {'gained' if one.total.mean > 0 else 'lost'}"
    return f"by which {one.label} {'rose' if one.total.mean > 0 else 'fell'}"


def _moved(one: Brought) -> str:
    if not shown(one.total) and one.total.low == one.total.low:
        return "is not shown to change"
    if one.total.mean == 0:
        return "stays"
    if one.unit == "share":
        return f"{'gained' if one.total.mean > 0 else 'lost'} {_size(one.total.mean, one.unit)}"
    return f"{'rose' if one.total.mean > 0 else 'fell'} by {size(one.total.mean, one.unit)}"


def _listed(parts: Sequence[str]) -> str:
    """One, two and three; what came from is said once."""
    first, *others = parts or [""]
    told = [first, *(other.replace(" came from ", " from ") for other in others)]
    return " and ".join(filter(None, (", ".join(told[:-1]), told[-1])))


def _unshown(rest: Sequence[int], names: Sequence[str], told: bool) -> str:
    """What is said of the changes that are not named."""
    if not rest:
        return ""
    if not told:
        return "; of no change alone is it shown that it brought anything"
    if len(rest) == 1:
        return f"; what {names[rest[0]]} brought is not shown to differ from nothing"
    return f"; what the other {len(rest)} brought is less, or not shown to differ from nothing"


def _main(console: Console, attribution: Attribution, one: Brought | None) -> Iterator[RenderableType]:
    """The first metric in full."""
    if one is None:
        return
    level = f"{100 * attribution.level:g} %"
    yield Text.assemble((one.label, "bold"), f"; all intervals hold at once with {level} certainty")
    names = [change.name for change in attribution.plan.changes]
    numbers = [str(number) for number in range(1, len(names) + 1)]
    tables = [_detail(one, its, wide) for its in (names, numbers) for wide in (True, False)]
    yield next((table for table in tables if fits(table, console)), tables[-1])
    yield Text(_beyond(attribution, one), "dim")
    if not all(shown(each) or each.low == each.high for each in (one.total, *one.brought)):
        yield Text("What is not shown yet, more replications would tell (--replications).", "dim")
    yield Text()


def _detail(one: Brought, names: Sequence[str], wide: bool) -> Table:
    """A row a change: what it brought, with its interval, and where there is room what it brings alone and last."""
    table = new_table("", ">brought", "", *([">alone", ">last in"] if wide else []))
    rows = zip(names, one.brought, one.alone, one.last, strict=True)
    for name, brought, alone, last in sorted(rows, key=lambda row: -abs(row[1].mean)):
        further = [signed(each.mean, one.unit) for each in (alone, last)] if wide else []
        table.add_row(name, *_cells(brought, one), *further)
    table.add_row(Text("in all", "bold"), *_cells(one.total, one), *([""] * 2 if wide else []))
    return table


def _cells(one: Interval, whole: Brought) -> tuple[Text, Text]:
    style = "" if shown(one) else "dim"
    ends = (
        ""
        if one.low == one.high or one.low != one.low
        else f"{signed(one.low, whole.unit)} … {signed(one.high, whole.unit)}"
    )
    return Text(signed(one.mean, whole.unit), _colour(one, whole) or style), Text(ends, "dim")


def _colour(one: Interval, whole: Brought) -> str:
    better = whole.metric.better
    if not shown(one) or not better:
        return ""
    return "green" if (one.mean > 0) == (better == "higher") else "bold red"


def _beyond(attribution: Attribution, one: Brought) -> str:
    """Whether the changes help or hinder each other."""
    if len(one.brought) < 2:
        return "There is only one change, so all comes from it."
    words = "brought: the mean over all orders of making the changes; alone: by itself; last in: with all others made."
    if one.together.mean == 0 or not (shown(one.together) or one.together.low != one.together.low):
        return f"{words} That the changes act on each other is not shown."
    text = f"{words} All together bring {signed(one.together.mean, one.unit)} beyond the sum of each alone"
    strongest = max(one.pairs, key=lambda pair: abs(one.pairs[pair].mean), default=None)
    if strongest is None or len(one.brought) < 3:
        return f"{text}."
    first, second = (attribution.plan.changes[at].name for at in strongest)
    return f"{text}; of two changes, {first} and {second} most ({signed(one.pairs[strongest].mean, one.unit)})."


def _others(console: Console, attribution: Attribution, first: Brought | None) -> Iterator[RenderableType]:
    """All metrics, a row each: what each change brought; or a sentence each, where they do not fit."""
    found = attribution.found
    if len(found) < 2:
        return
    yield Text("All figures", "bold")
    names = [change.name for change in attribution.plan.changes]
    numbers = [str(number) for number in range(1, len(names) + 1)]
    tables = [_matrix(found, its, ends) for its in (names, numbers) for ends in (True, False)]
    fitting = next((table for table in tables if fits(table, console)), None)
    if fitting is not None:
        yield fitting
        if any(_unsure(each) for whole in found for each in (whole.total, *whole.brought)):
            yield Text("? not shown to differ from nothing", "dim")
    else:
        yield from (Text(f"- {sentence(attribution, one)}") for one in found if one is not first)
    yield Text()


def _matrix(found: Sequence[Brought], names: Sequence[str], ends: bool) -> Table:
    table = new_table("", *([">before", ">after"] if ends else []), ">in all", *(f">{name}" for name in names))
    for one in found:
        values = [spoken(one.before, one.unit), spoken(one.after, one.unit)] if ends else []
        table.add_row(one.label, *values, *(_brief(each, one) for each in (one.total, *one.brought)))
    return table


def _brief(one: Interval, whole: Brought) -> Text:
    if _unsure(one):
        return Text(f"? {signed(one.mean, whole.unit)}", "dim")
    return Text(signed(one.mean, whole.unit), _colour(one, whole))


def _unsure(one: Interval) -> bool:
    return one.mean != 0 and not shown(one) and one.low == one.low
