"""Why customers waited, as a page: causes, when they act, the story of the longest wait, the same customers elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from simulation.experiments.elsewhere import Elsewhere
from simulation.experiments.story import spoken
from simulation.experiments.why import SECONDS, Account
from simulation.metrics.causes import TEXTS, Why
from simulation.reports.figures import COLOURS, Drawing, axis_title, joined, layout
from simulation.reports.markup import Shown, Table
from simulation.reports.sheet import Section, table, write_sheet
from simulation.reports.why import EXPLAINED, Told, change_rows, count_rows, elsewhere_words, percents, said_of_waits

APART = 8
"""Causes that have a colour of their own; the others are put together."""
PATTERNS = ("", "/", ".", "\\", "x", "-", "|", "+")
OTHERS = "#b8bec4"
TOP, HEIGHT, MODEBAR = 84, 400, 28


def write_page(path: Path, account: Account, told: Told, elsewhere: Elsewhere | None = None) -> None:
    """Write the page to a file."""
    sections = [*_causes(account), *_story(*told), *([] if elsewhere is None else _elsewhere(elsewhere))]
    again = f'supportsim why {account.run.name} --where "{account.condition.text}" --page {path.name}'
    asked = f"Why did they wait? {account.condition.text}".rstrip()
    facts = {
        "Scenario": account.run.scenario.name, "Seed": str(account.run.scenario.seed),
        "Replications": str(len(account.replications)),
    }  # fmt: skip
    lead = said_of_waits(account) if len(account.waits) else "No stay fulfils the condition."
    write_sheet(path, "Waits", asked, lead, sections, again, facts)


def _causes(account: Account) -> Iterator[Section]:
    text = (
        "Each second of a wait is laid at the door of what was lacking at that moment, so the shares add up. Without a cause waits "
        "are shorter by more than its share as a rule, since long waits need several causes together."
    )
    largest = [f"{row['name'].capitalize()}: {row['meaning']}" for _, row in account.causes.head(EXPLAINED).iterrows()]
    yield Section("Causes", [text, *largest], [], [_table(account)])
    if account.waits["wait"].sum():
        yield Section("When", [], [_figure(account, "hour"), _figure(account, "day")])


def _table(account: Account) -> Table:
    causes, shares = account.causes, percents(account.causes["share"].tolist())
    several = bool(causes["low"].notna().any())
    rows = [
        (row["name"], spoken(row["seconds"]), share, *([_between(row)] if several else []), f"{row['stays']:,}")
        for (_, row), share in zip(causes.iterrows(), shares, strict=True)
    ]
    columns = ["cause", "waited", "share", *(["95 % interval"] if several else []), "main cause of"]
    return table("The largest first", columns, rows)


def _between(row: pd.Series) -> str:
    return "" if np.isnan(row["low"]) else f"{100 * row['low']:.0f}–{100 * row['high']:.0f} %"


def _figure(account: Account, by: str) -> Shown:
    """Stacked bars of the hours waited by cause, by hour of the day or by day."""
    waits = account.waits
    label = waits["when"].str.slice(11, 13) if by == "hour" else waits["when"].str.slice(0, 10)
    sums = waits.groupby(label)[SECONDS].sum() / 3600 / len(account.replications)
    if by == "hour":
        sums = sums.reindex([f"{hour:02}" for hour in range(24)], fill_value=0.0)
    names = {"hour": "by hour of the day", "day": "by day"}
    reading = "Hours waited per replication by the moment when the wait began, stacked by cause."
    return Shown(f"by-{by}", f"Causes {names[by]}", reading, _stacked(sums, by), tables=[_sums_table(sums, by)])


def _stacked(sums: pd.DataFrame, by: str) -> Drawing:
    figure, shares = go.Figure([], layout(HEIGHT, top=TOP)), sums.sum() / sums.to_numpy().sum()
    x = list(sums.index) if by == "hour" else pd.to_datetime(sums.index).strftime("%a %d %b").tolist()
    for number, (name, values) in enumerate(_parts(sums)):
        marker = (
            {"color": OTHERS}
            if number == APART
            else {
                "color": COLOURS[number % len(COLOURS)],
                "pattern": {"shape": PATTERNS[number], "fgcolor": "#ffffff", "size": 5},
            }
        )
        figure.add_bar(x=x, y=values, name=name, marker=marker, hovertemplate="%{y:.2f} h")
    figure.update_layout(
        bargap=0.15, legend={"y": 1 - MODEBAR / HEIGHT}
    )  # long names: below the tools, not beneath them
    figure.update_xaxes(type="category", showgrid=False, title=axis_title("hour of the day" if by == "hour" else "day"))
    figure.update_yaxes(title=axis_title("hours waited"))
    top = shares.sort_values(ascending=False).head(3)
    worst = sums.sum(axis=1).idxmax()
    says = joined([f"Most is waited {'from ' + str(worst) + ':00 on' if by == 'hour' else 'on ' + str(worst)}"])
    said = ", ".join(f"{_name(str(cause))} {100 * share:.0f} %" for cause, share in top.items())
    return Drawing(figure, f"{says} Largest causes: {said}.")


def _name(cause: str) -> str:
    return TEXTS[Why(SECONDS.index(cause))]


def _parts(sums: pd.DataFrame) -> Iterator[tuple[str, list[float]]]:
    """The largest causes by name, then all others together."""
    order = sums.sum().sort_values(ascending=False, kind="stable")
    order = order[order > 0]
    for cause in order.index[:APART]:
        yield _name(str(cause)), sums[cause].tolist()
    if len(order) > APART:
        yield "other causes", sums[list(order.index[APART:])].sum(axis=1).tolist()


def _sums_table(sums: pd.DataFrame, by: str) -> Table:
    parts = list(_parts(sums))
    rows = [
        (f"{when}–{int(when) + 1:02}" if by == "hour" else str(when), *(f"{values[row]:.2f} h" for _, values in parts))
        for row, when in enumerate(sums.index)
    ]
    return table("Hours waited per replication", [by, *(name for name, _ in parts)], rows)


def _story(title: str, lines: Sequence[tuple[str, str]]) -> Iterator[Section]:
    if lines:
        yield Section("One of them", [f"{title}.", *(f"{when}  {words}" for when, words in lines)])


def _elsewhere(found: Elsewhere) -> Iterator[Section]:
    counted = table("What becomes of these stays there", ["", "number", "share"], count_rows(found))
    changed = table("Biggest changes", ["case", "replication", "when", "here", "there"], change_rows(found))
    yield Section(f"The same customers in {found.other.name}", elsewhere_words(found), [], [counted, changed])
