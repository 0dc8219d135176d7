"""Why did they wait? The stays in queues that a condition selects, each second laid at the door of a cause."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simulation.errors import InputError, Problem
from simulation.experiments.condition import Condition, Field, parse
from simulation.experiments.result import Result
from simulation.experiments.tables import Run
from simulation.metrics.blame import Blame, waits
from simulation.metrics.causes import BRIEF, MEANINGS, TEXTS, Why
from simulation.record.recorder import ContactKind, Outcome
from simulation.record.tables import WEEKDAYS, Table
from simulation.scenario.timeline import Timeline
from simulation.statistics import ratio_interval

if TYPE_CHECKING:
    import pandas as pd

    from simulation.experiments.elsewhere import Elsewhere

Array = npt.NDArray[Any]
Codes = dict[str, Array]
ANY_WAIT = "wait > 0 s"
STAYS = ("first", "escalated", "transferred", "resumed", "again")
"""How a contact came to stand in a queue."""
AFTER = {Outcome.ESCALATED: 1, Outcome.TRANSFERRED: 2, Outcome.PAUSED: 3}
COLUMNS = [
    "replication", "case", "key", "contact", "leg", "channel", "topic", "segment", "urgency", "source", "tier", "team",
    "agent", "kind", "stay", "outcome", "queued", "when", "wait", "cause",
]  # fmt: skip
SECONDS = [BRIEF[why] for why in Why]


def fields_of(run: Run) -> dict[str, Field]:
    """What a condition can ask for."""
    names = run.names
    found = {
        "channel": Field("name", "channel", names["channel"]),
        "topic": Field("name", "topic", names["topic"]),
        "segment": Field("name", "segment of the customer", names["segment"]),
        "urgency": Field("name", "urgency", names["urgency"]),
        "source": Field("name", "demand source", names["source"]),
        "tier": Field("name", "tier in whose queue it stood", names["tier"]),
        "team": Field("name", "team that answered", names["team"]),
        "agent": Field("name", "agent who answered", names["agent"]),
        "kind": Field("name", "why the contact was made: first, redial, repeat …", names["kind"]),
        "stay": Field("name", "first queue of the contact, or after an escalation, a transfer, a pause", STAYS),
        "outcome": Field("name", "how the stay ended", names["outcome"]),
        "wait": Field("duration", "time in the queue"),
        "handling": Field("duration", "handling by the agent, after-contact work included"),
        "difficulty": Field("share", "latent difficulty of the case"),
        "answered": Field("flag", "an agent answered"),
        "abandoned": Field("flag", "the customer hung up"),
        "weekday": Field("name", "weekday on which the wait began", WEEKDAYS),
        "date": Field("date", "date on which it began"),
        "time": Field("clock", "time of day at which it began"),
        "hour": Field("number", "hour of the day in which it began, 0 to 23"),
        "case": Field("number", "number of the case"),
        "contact": Field("number", "number of the contact within the case, from 0"),
        "replication": Field("number", "number of the replication, from 0"),
    }
    return {name: its for name, its in found.items() if its.kind != "name" or its.words}


@dataclass(frozen=True)
class Book:
    """One replication of a run, ready to be asked."""

    run: Run
    replication: int

    @cached_property
    def legs(self) -> Table:
        """All stays."""
        return self.run.table("legs", self.replication)

    @cached_property
    def cases(self) -> Table:
        """All cases."""
        return self.run.table("cases", self.replication)

    @cached_property
    def blame(self) -> Blame:
        """The account of causes."""
        return Blame(self.run.scenario, self.legs, self.cases, self.run.table("duties", self.replication))

    @cached_property
    def timeline(self) -> Timeline:
        """The calendar."""
        return Timeline.of(self.run.scenario)

    @cached_property
    def rows(self) -> Array:
        """Measured stays in queues for agents."""
        return np.flatnonzero((self.legs["tier"] >= 0) & self.legs["measured"].astype(bool))

    @cached_property
    def _walls(self) -> tuple[Array, Array]:
        """Date (ordinal) and seconds after midnight of the clock, by row."""
        walls = [self.timeline.wall(float(at)) for at in self._of("queued")]
        clock = [wall.hour * 3600 + wall.minute * 60 + wall.second + wall.microsecond / 1e6 for wall in walls]
        return np.array([wall.toordinal() for wall in walls], dtype=np.int64), np.array(clock, dtype=float)

    def _of(self, name: str) -> Array:
        return self.legs[name][self.rows]

    def column(self, name: str) -> Array:
        """The column of a field, by row."""
        if name in ("date", "time", "hour", "weekday"):
            date, clock = self._walls
            return {"date": date, "time": clock, "hour": clock // 3600, "weekday": (date - 1) % 7}[name]
        made: dict[str, Callable[[], Array]] = {
            "wait": lambda: waits(self.legs, self.timeline.duration)[self.rows],
            "handling": lambda: self._of("ended") - self._of("answered"),
            "answered": lambda: ~np.isnan(self._of("answered")),
            "abandoned": lambda: self._of("outcome") == Outcome.ABANDONED,
            "team": lambda: np.where(np.isnan(self._of("answered")), -1, self._of("handler")),
            "stay": lambda: self._stay,
        }
        if name in made:
            return made[name]()
        if name in ("segment", "source", "difficulty", "key"):
            found: Array = self.cases[name][self._of("case")]
            return found
        return self._of(name)

    @cached_property
    def _stay(self) -> Array:
        """How each stay came about, as positions in `STAYS`."""
        legs, rows = self.legs, self.rows
        before = np.maximum(rows - 1, 0)
        same = (legs["case"][before] == legs["case"][rows]) & (legs["contact"][before] == legs["contact"][rows])
        after = same & (rows > 0) & (legs["tier"][before] >= 0)
        found = np.where(legs["kind"][rows] == ContactKind.FIRST, 0, 4)
        for outcome, stay in AFTER.items():
            found[after & (legs["outcome"][before] == outcome)] = stay
        return found

    def selected(self, condition: Condition) -> npt.NDArray[np.bool_]:
        """Which of the rows fulfil a condition."""
        return condition.holds(self.column, len(self.rows))


@dataclass(frozen=True)
class Account:
    """Why some stays in queues lasted: a frame with a row for each, and in all how many there were to choose from.

    `waits` has the columns of `COLUMNS` (`cause` is the largest one) and, by cause, the seconds of the wait that it bears.
    """

    run: Run
    condition: Condition
    waits: pd.DataFrame
    stays: int
    replications: list[int]

    @cached_property
    def causes(self) -> pd.DataFrame:
        """By cause, the largest first: seconds of all the waits, their share and its 95 % interval over replications (NaN where
        one replication cannot say), the stays whose largest cause it is; then its name and what it means."""
        import pandas as pd

        by_replication = self.waits.groupby("replication")[SECONDS].sum().reindex(self.replications, fill_value=0.0)
        seconds, totals = by_replication.sum(), by_replication.sum(axis=1).to_numpy()
        total, main = seconds.sum(), self.waits["cause"].value_counts()
        between = {name: ratio_interval(by_replication[name].to_numpy(), totals) for name in SECONDS}
        rows = [
            {
                "cause": BRIEF[why],
                "seconds": float(seconds[BRIEF[why]]),
                "share": float(seconds[BRIEF[why]] / total),
                "low": max(between[BRIEF[why]].low, 0.0),
                "high": min(between[BRIEF[why]].high, 1.0),
                "stays": int(main.get(BRIEF[why], 0)),
                "name": TEXTS[why],
                "meaning": MEANINGS[why],
            }
            for why in Why
            if seconds[BRIEF[why]] > 0
        ]
        columns = ["cause", "seconds", "share", "low", "high", "stays", "name", "meaning"]
        return pd.DataFrame(rows, columns=columns).sort_values(
            "seconds", ascending=False, kind="stable", ignore_index=True
        )

    @cached_property
    def by_hour(self) -> pd.DataFrame:
        """By date and hour in which the waits began, the most waited first: stays, seconds, the largest cause (`name`) and
        its share in the seconds (`largest`)."""
        import pandas as pd

        hour = self.waits["when"].str.slice(0, 13)
        sums = self.waits.groupby(hour, sort=True)[SECONDS].sum()
        counts, names = hour.value_counts(), [TEXTS[why] for why in Why]
        rows = [
            {
                "hour": _hour_words(str(when)),
                "stays": int(counts[when]),
                "seconds": float(row.sum()),
                "name": names[int(row.argmax())],
                "largest": float(row.max() / row.sum()) if row.sum() else 0.0,
            }
            for when, row in zip(sums.index, sums.to_numpy(), strict=True)
        ]
        found = pd.DataFrame(rows, columns=["hour", "stays", "seconds", "name", "largest"])
        return found.sort_values("seconds", ascending=False, kind="stable", ignore_index=True)

    @property
    def worst(self) -> tuple[int, int, int] | None:
        """Replication, case and contact of the longest wait; None if nobody waited."""
        if self.waits.empty:
            return None
        row = self.waits.iloc[int(self.waits["wait"].to_numpy().argmax())]
        return int(row["replication"]), int(row["case"]), int(row["contact"])

    def story(self, case: int | None = None, replication: int = 0, contact: int | None = None) -> list[tuple[str, str]]:
        """What happened to a case, line by line: time and words; of the contact that waited longest, without a number.
        InputError where there is no such case."""
        from simulation.experiments.story import story

        if case is None:
            if self.worst is None:
                return []
            replication, case, contact = self.worst
        return story(book(self.run, replication), case, contact)

    def against(self, other: Result | str | os.PathLike[str] | Run) -> Elsewhere:
        """The same customers in another run with the same seed: InputError where they cannot be matched."""
        from simulation.experiments.elsewhere import elsewhere

        return elsewhere(self, other if isinstance(other, Run) else Run.of(other))


def why(
    results: Result | str | os.PathLike[str], where: str = ANY_WAIT, replications: Sequence[int] | None = None
) -> Account:
    """Why customers waited: the measured stays in queues for agents that fulfil a condition, with the causes of each second.

    `results` is a result or its folder, `where` a condition such as ``channel = phone and wait > 10 min`` (`supportsim why
    RESULTS --fields` lists what it may ask for); `replications` picks some. Raises InputError where the condition or the folder
    is wrong.
    """
    run = Run.of(results)
    return account(run, parse(where, fields_of(run)), replications)


def account(run: Run, condition: Condition, replications: Sequence[int] | None = None) -> Account:
    """The account of a run under a condition that has been read."""
    import pandas as pd

    wanted = run.replications if replications is None else list(replications)
    if unknown := [number for number in wanted if number not in run.replications]:
        raise no_replication(run, unknown[0])
    frames, stays = [], 0
    for number in wanted:
        one = Book(run, number)
        frames.append(_frame(one, one.selected(condition)))
        stays += len(one.rows)
    return Account(run, condition, pd.concat(frames, ignore_index=True), stays, wanted)


def no_replication(run: Run, number: int) -> InputError:
    """There is no replication of that number."""
    last = run.replications[-1]
    what = f"there is no replication {number}; write one from 0 to {last}"
    return InputError([Problem(run.name, "", what)])


def book(run: Run, replication: int) -> Book:
    """A replication to look at more closely."""
    if replication not in run.replications:
        raise no_replication(run, replication)
    return Book(run, replication)


def _frame(one: Book, selected: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """The selected stays of a replication with the seconds of each cause."""
    import pandas as pd

    rows, names = one.rows[selected], one.run.names
    seconds = one.blame.seconds(rows)
    data: dict[str, Any] = {"replication": np.full(len(rows), one.replication)}
    data |= {name: one.column(name)[selected] for name in ("case", "key", "contact", "leg")}
    for name in (
        "channel",
        "topic",
        "segment",
        "urgency",
        "source",
        "tier",
        "team",
        "agent",
        "kind",
        "stay",
        "outcome",
    ):
        words = list(STAYS) if name == "stay" else names[name]
        data[name] = pd.Categorical.from_codes(one.column(name)[selected].astype(np.int64), words)  # type: ignore[call-overload]
    data["queued"] = one.column("queued")[selected]
    data["when"] = pd.Series(_local(one, data["queued"]), dtype="str")
    data["wait"] = one.column("wait")[selected]
    data["cause"] = _main(seconds)
    return pd.DataFrame(data | {name: seconds[:, code] for code, name in enumerate(SECONDS)})


def _hour_words(when: str) -> str:
    """2026-03-05 10 as one says it: Thu 03-05 10–11."""
    day = dt.date.fromisoformat(when[:10])
    return f"{day:%a %m-%d} {when[11:]}–{int(when[11:]) + 1:02}"


def _main(seconds: Array) -> Array:
    """The largest cause of each wait; none for those who did not wait."""
    found = np.array([*SECONDS, "none"], dtype=object)
    return found[np.where(seconds.sum(axis=1) > 0, seconds.argmax(axis=1), len(SECONDS))]


def _local(one: Book, times: Array) -> list[str]:
    return [one.timeline.wall(float(time)).strftime("%Y-%m-%d %H:%M:%S") for time in times]
