"""The same customers in another scenario: "14 min here, 0 there"."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simulation.errors import InputError, Problem
from simulation.experiments.condition import parse
from simulation.experiments.tables import Run
from simulation.experiments.why import Account, Book, fields_of

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[Any]
KNOWN = 0.5
"""Share of the cases that must be found there."""
SAME = 1.0
"""Waits that differ by less (s) count as the same."""
MET, SPARED, UNKNOWN = "waits there too", "no such stay there", "no such case there"


@dataclass(frozen=True)
class Elsewhere:
    """What became of the stays of an account in another run.

    `stays` has a row for each: replication, case, key, contact, leg, channel, topic, when, `wait` here, `there` (0 where the
    case has no such stay there, as it was solved before or did not come again; NaN where there is no such case), `change`
    (there - here), `how` and `still` (whether the condition holds there too). `here` and `there` count the stays that fulfil
    the condition in either run, whoever they are of; -1 where the condition makes no sense there.
    """

    account: Account
    other: Run
    stays: pd.DataFrame
    here: int
    there: int

    @cached_property
    def found(self) -> pd.DataFrame:
        """The stays whose case is there too."""
        return self.stays[self.stays["how"] != UNKNOWN]

    def counts(self) -> dict[str, int]:
        """How many wait less, the same, more; have no such stay there; and of how many there is no such case."""
        change, how = self.stays["change"].to_numpy(), self.stays["how"].to_numpy()
        there = how == MET
        return {
            "shorter": int((there & (change <= -SAME)).sum()),
            "same": int((there & (np.abs(change) < SAME)).sum()),
            "longer": int((there & (change >= SAME)).sum()),
            "spared": int((how == SPARED).sum()),
            "unknown": int((how == UNKNOWN).sum()),
        }


def elsewhere(account: Account, other: Run) -> Elsewhere:
    """Find the stays of an account in another run. InputError where it has another seed, replications or customers."""
    import pandas as pd

    if account.run.scenario.seed != other.scenario.seed:
        raise _unmatched(
            other,
            f"has the seed {other.scenario.seed}, not {account.run.scenario.seed}: other customers; run it with --seed "
            f"{account.run.scenario.seed}",
        )
    both = [number for number in account.run.replications if number in other.replications]
    if not both:
        raise _unmatched(other, "has none of the replications; run it with as many")
    mine = account.waits[account.waits["replication"].isin(both)]
    condition = _condition(account, other)
    frames, there = [], 0
    for number in both:
        book = Book(other, number)
        chosen = None if condition is None else book.selected(condition)
        there += -1 if chosen is None else int(chosen.sum())
        frames.append(_found(mine[mine["replication"] == number], book, chosen, account))
    stays = pd.concat(frames, ignore_index=True)
    known = float((stays["how"] != UNKNOWN).mean()) if len(stays) else 1.0
    if known < KNOWN:
        share = f"{100 * known:.0f} %"
        raise _unmatched(
            other, f"has only {share} of these cases: its demand is another one; name a scenario with the same"
        )
    return Elsewhere(account, other, stays, len(mine), there if condition is not None else -1)


def twin(run: Run, other: Run, replication: int, case: int) -> int:
    """The number that a case has in another run. InputError where it is not there."""
    key = Book(run, replication).cases["key"][case]
    found = np.flatnonzero(Book(other, replication).cases["key"] == key)
    if not len(found):
        raise _unmatched(other, f"has no case like case {case}: its customer has no reason to come there")
    return int(found[0])


def _condition(account: Account, other: Run) -> Any:
    """The condition as the other run reads it; None where it asks for what is not there."""
    try:
        return parse(account.condition.text, fields_of(other))
    except InputError:
        return None


def _unmatched(other: Run, what: str) -> InputError:
    return InputError([Problem(other.name, "", f"cannot be matched: it {what}")])


def _found(mine: pd.DataFrame, book: Book, chosen: Array | None, account: Account) -> pd.DataFrame:
    """The stays of one replication with what became of them there."""
    kept = ["replication", "case", "key", "contact", "leg", "channel", "topic", "when", "wait"]
    stays = mine[kept].reset_index(drop=True)
    if stays.empty:
        return stays.assign(there=0.0, change=0.0, how="", still=False)
    here = _orders(Book(account.run, book.replication), stays)
    theirs = _stays_there(book, chosen)
    joined = here.merge(theirs, on=["key", "contact", "order"], how="left")
    there, still = joined["there"].to_numpy(), joined["still"].fillna(0.0).to_numpy() > 0
    case_there = np.isin(stays["key"].to_numpy(), book.cases["key"])
    how = np.where(~np.isnan(there), MET, np.where(case_there, SPARED, UNKNOWN))
    wait = np.where(how == SPARED, 0.0, there)
    return stays.assign(there=wait, change=wait - stays["wait"].to_numpy(), how=how, still=still)


def _orders(book: Book, stays: pd.DataFrame) -> pd.DataFrame:
    """Key, contact and number of each stay among those of its contact."""
    import pandas as pd

    all_of_them = _stays_there(book, None)
    all_of_them["leg"] = book.column("leg")
    asked = pd.DataFrame({name: stays[name] for name in ("key", "contact", "leg")})
    return asked.merge(all_of_them[["key", "contact", "leg", "order"]], on=["key", "contact", "leg"], how="left")


def _stays_there(book: Book, chosen: Array | None) -> pd.DataFrame:
    """All stays of a replication by key, contact and number among those of the contact."""
    import pandas as pd

    frame = pd.DataFrame({name: book.column(name) for name in ("key", "contact")})
    frame["there"] = book.column("wait")
    frame["still"] = 0.0 if chosen is None else chosen.astype(float)
    frame["order"] = frame.groupby(["key", "contact"], sort=False).cumcount()
    return frame
