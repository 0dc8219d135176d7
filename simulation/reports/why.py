"""Why customers waited, on the terminal: causes with their shares, one contact's story, the same customers elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from simulation.experiments.elsewhere import UNKNOWN, Elsewhere
from simulation.experiments.story import spoken
from simulation.experiments.why import Account
from simulation.reports.console import fits, new_table

if TYPE_CHECKING:
    import pandas as pd

Told = tuple[str, Sequence[tuple[str, str]]]
"""A story: its title and lines."""
EXPLAINED = 4
"""Causes whose meaning is told below the table."""
WORST_TIMES = 5
CHANGES = 6
BECOMES = {
    "shorter": "wait less there", "same": "wait the same", "longer": "wait longer there",
    "spared": "no such stay there", "unknown": "case is not there",
}  # fmt: skip
LITTLE = 0.005
"""Causes with a smaller share are put together, where there are several."""


def show(console: Console, account: Account, told: Told) -> None:
    """Print why they waited, then a story."""
    for block in (*_headline(account), *_causes(account, console), *_times(account), *story_block(*told)):
        console.print(block)


def _headline(account: Account) -> Iterator[RenderableType]:
    said = account.condition.text or "all"
    many = f"{len(account.waits):,} of {account.stays:,} stays in queues"
    yield Text.assemble((account.run.scenario.name, "bold"), f": {many} fulfil  ", (said, "bold"))
    if len(account.waits):
        yield Text(said_of_waits(account))
    yield Text()


def said_of_waits(account: Account) -> str:
    """How long they waited, in a sentence."""
    wait, several = account.waits["wait"].to_numpy(), len(account.replications)
    over = f" in {several} replications" if several > 1 else ""
    lost = int((account.waits["outcome"] == "abandoned").sum())
    return (
        f"Waited {spoken(float(wait.sum()))} in all{over}: {spoken(float(wait.mean()))} on average, at most "
        f"{spoken(float(wait.max()))}" + (f"; {lost:,} hung up" if lost else "")
    )


def percents(shares: Sequence[float]) -> list[str]:
    """Shares in per cent with one decimal, rounded so that they add up as the shares do (largest remainders first)."""
    exact = np.asarray(shares, dtype=float) * 1000
    whole = np.floor(exact + 1e-9).astype(int)
    missing = round(float(exact.sum())) - int(whole.sum())
    for index in np.argsort(-(exact - whole), kind="stable")[:missing]:
        whole[index] += 1
    return [f"{number / 10:.1f} %" for number in whole]


# -- causes -----------------------------------------------------------------------------------------


def _causes(account: Account, console: Console) -> Iterator[RenderableType]:
    causes = account.causes
    if causes.empty:
        yield Text("Nobody of them waited." if len(account.waits) else "There is nothing to explain.")
        return
    tables = [_table(causes, account, between) for between in (True, False)]
    yield next((table for table in tables if fits(table, console)), tables[-1])
    said = "mainly: stays whose largest cause it is"
    if causes["low"].notna().any() and fits(tables[0], console):
        said += "; in brackets 95 % intervals of the shares, over replications"
    yield Text(said, "dim")
    yield Text()
    for _, row in causes.head(EXPLAINED).iterrows():
        yield Text.assemble((f"{row['name']}: ", "dim bold"), (row["meaning"], "dim"))
    yield Text("All causes: supportsim why --causes", "dim")
    yield Text()


def _table(causes: pd.DataFrame, account: Account, between: bool) -> Table:
    table = new_table("cause", ">time", ">share", *([""] if between else []), ">mainly")
    shares = percents(causes["share"].tolist())
    small = (causes["share"] < LITTLE).to_numpy()
    small = small & (small.sum() > 1)
    for index, (share, little) in enumerate(zip(shares, small, strict=True)):
        if not little:
            row = causes.iloc[index]
            interval = ["" if np.isnan(row["low"]) else f"({100 * row['low']:.0f}–{100 * row['high']:.0f} %)"]
            cells = [spoken(row["seconds"]), share, *(interval if between else []), f"{row['stays']:,}"]
            table.add_row(row["name"], *cells)
    if small.any():
        rest = causes[small]
        tenths = sum(round(float(share[:-2]) * 10) for share, little in zip(shares, small, strict=True) if little)
        cells = [spoken(float(rest["seconds"].sum())), f"{tenths / 10:.1f} %", *([""] if between else [])]
        table.add_row(f"{len(rest)} others, each below 0.5 %", *cells, f"{int(rest['stays'].sum()):,}", style="dim")
    total = [spoken(float(account.waits["wait"].sum())), "100.0 %", *([""] if between else [])]
    table.add_row("all", *total, f"{int(causes['stays'].sum()):,}", style="bold")
    return table


def _times(account: Account) -> Iterator[RenderableType]:
    """The hours in which most of it was waited, each with its largest cause."""
    hours = account.by_hour
    if hours.empty or account.waits["wait"].sum() == 0:
        return
    table = new_table("most in", ">stays", ">time", "largest cause")
    for _, row in hours.head(WORST_TIMES).iterrows():
        largest = f"{row['name']} {100 * row['largest']:.0f} %"
        table.add_row(row["hour"], f"{row['stays']:,}", spoken(row["seconds"]), largest)
    yield table
    yield Text()


# -- a story ----------------------------------------------------------------------------------------


def story_block(title: str, lines: Sequence[tuple[str, str]]) -> Iterator[RenderableType]:
    """What happened, line by line; a time that repeats is not said again."""
    if not lines:
        return
    yield Text(title, "bold")
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    before = ""
    for when, words in lines:
        table.add_row("" if when == before else when, words)
        before = when
    yield table
    yield Text()


# -- the same customers elsewhere -------------------------------------------------------------------


def show_elsewhere(console: Console, found: Elsewhere) -> None:
    """Print what became of the same customers in another run."""
    for block in _elsewhere(found):
        console.print(block)


def _elsewhere(found: Elsewhere) -> Iterator[RenderableType]:
    yield Text.assemble("The same customers in ", (found.other.name, "bold"))
    if found.found.empty:
        yield Text("There are none.")
        return
    here, *others = elsewhere_words(found)
    yield Text(here)
    table = new_table("of these stays", ">number", ">share")
    for row in count_rows(found):
        table.add_row(*row)
    yield table
    for words in others:
        yield Text(words)
    rows, several = list(change_rows(found)), found.stays["replication"].nunique() > 1
    if rows:
        table = new_table("biggest changes", *([">replication"] if several else []), "when", ">here", ">there")
        for case, number, *cells in rows:
            table.add_row(case, *([number] if several else []), *cells)
        yield table
    yield Text()


def elsewhere_words(found: Elsewhere) -> list[str]:
    """How long they wait here and there, and how many fulfil the condition there, in sentences."""
    stays = found.found
    here, there = float(stays["wait"].mean()), float(stays["there"].mean())
    said = [f"They wait {spoken(here)} on average here, and {spoken(there)} there."]
    if found.there >= 0:
        still = int(found.stays["still"].sum())
        others = found.there - still
        more = f", {others:,} of them of other customers" if others else ""
        said.append(
            f"{still:,} of these {found.here:,} fulfil the condition there too. In all there are {found.there:,} such stays "
            f"there{more}."
        )
    return said


def count_rows(found: Elsewhere) -> list[tuple[str, str, str]]:
    """What becomes of the stays there: words, number and share."""
    counts = found.counts()
    shown = [name for name in BECOMES if counts[name] or name in ("shorter", "longer")]
    shares = percents([counts[name] / max(len(found.stays), 1) for name in shown])
    return [(BECOMES[name], f"{counts[name]:,}", share) for name, share in zip(shown, shares, strict=True)]


def change_rows(found: Elsewhere) -> Iterator[tuple[str, str, str, str, str]]:
    """The waits that change most, shorter ones first: case, replication, when, here, there."""
    stays = found.stays[found.stays["how"] != UNKNOWN]
    stays = stays[stays["change"].abs() >= 1].sort_values("change", kind="stable")
    best, worst = stays[stays["change"] < 0].head(CHANGES), stays[stays["change"] > 0].tail(CHANGES // 2)[::-1]
    for _, row in [*best.iterrows(), *worst.iterrows()]:
        when = str(row["when"])[5:16]
        yield f"case {row['case']}", str(row["replication"]), when, spoken(row["wait"]), spoken(row["there"])
