"""The result of a run: KPIs, verdicts and tables, and its folder on disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulation.experiments.folder import Writer, circumstances, write_folder, write_json
from simulation.experiments.resolved import digest_of, write_resolved
from simulation.experiments.stopping import Ended
from simulation.metrics.curves import WAIT_EDGES, Curves
from simulation.metrics.industry import Comparison, compare, figures_of
from simulation.metrics.measure import Summary, metric_text, segment_text
from simulation.metrics.published import published
from simulation.metrics.scorecards import FIGURES, rows
from simulation.metrics.targets import Judgement, Verdict
from simulation.metrics.trends import WeekSummary
from simulation.record.store import TABLES, read
from simulation.record.tables import Table
from simulation.scenario.cycle import batch_bounds
from simulation.scenario.schema import Scenario
from simulation.scenario.standards import checklist

if TYPE_CHECKING:
    import pandas as pd

WEEKS = "weeks.csv"


@dataclass(frozen=True)
class Batches:
    """The smallest batches of a steady state: their number, length (s), and the metrics (overall, and of targets) of which they
    hang together so much that the run may be too short for the intervals to be trusted."""

    count: int
    seconds: float
    correlated: list[str]


SCORECARDS = "scorecards.csv"


@dataclass
class Result:
    """What a run of a scenario gave.

    `wall_seconds` is the time that the run took; `simulated` counts contacts, over all replications. Tables
    are read from disk when asked for, all replications together. `ended` tells why replications ended, where that was not a chosen
    number.
    """

    scenario: Scenario
    replications: int
    summaries: list[Summary]
    judgements: list[Judgement]
    curves: Curves
    hours: list[float]
    names: dict[str, list[str]]
    audit: dict[str, Any]
    simulated: int
    wall_seconds: float
    tables_folder: Path | None
    by_week: list[WeekSummary] = field(default_factory=list)
    cards: list[Table] = field(default_factory=list, repr=False)
    ended: Ended | None = None
    _holds: Any = field(default=None, repr=False)

    @property
    def digest(self) -> str:
        """A hash of the resolved scenario and of the data files that it reads."""
        return digest_of(self.scenario)

    @property
    def kpis(self) -> pd.DataFrame:
        """Every metric on everything and on each segment: metric, segment, unit, mean, low, high, level."""
        import pandas as pd

        return pd.DataFrame(self._kpi_rows(), columns=["metric", "segment", "unit", "mean", "low", "high", "level"])

    @property
    def scorecards(self) -> pd.DataFrame:
        """Figures of everything together, of each employer, site and team (over all replications) and of each agent (by
        replication, as persons are drawn anew in each): level, name, replication, team, site, the figures, and what an
        agent misses of the performance plan."""
        import pandas as pd

        found = [] if not self.cards else rows(self.cards, self.names["agent"], self.scenario)
        return pd.DataFrame(found, columns=["level", "name", "replication", "team", "site", *FIGURES, "misses"])

    @property
    def targets(self) -> pd.DataFrame:
        """Every target with what was observed: name, target, observed, low, high, verdict; the share of days on which it was met
        with its interval: days, days_low, days_high; then, for each column of `industry`, the figure of the same metric and how it was read (`median` and `median: reading`)."""
        import pandas as pd

        columns = ["name", "target", "observed", "low", "high", "verdict", "days", "days_low", "days_high"]
        others = [column for whose in self.scenario.industry for column in (whose, f"{whose}: reading")]
        rows = [row | self._beside(one) for row, one in zip(self._target_rows(), self.judgements, strict=True)]
        return pd.DataFrame(rows, columns=[*columns, *others])

    @property
    def industry(self) -> pd.DataFrame:
        """Every figure of others with what was observed: whose, metric, segment, figure, observed, low, high, reading (better,
        worse, or too close to call)."""
        import pandas as pd

        columns = ["whose", "metric", "segment", "figure", "observed", "low", "high", "reading"]
        return pd.DataFrame(self._industry_rows(), columns=columns)

    @property
    def standards(self) -> pd.DataFrame:
        """The checklist of standards: name, group, asks, keys, kept (0 to 1; NaN where it does not apply), said, weight,
        shows (a metric), target (of a line of the scenario's own)."""
        import pandas as pd

        return pd.DataFrame([asdict(one) for one in checklist(self.scenario)])

    @cached_property
    def comparisons(self) -> list[Comparison]:
        """Others' figures, each with what was observed."""
        return compare(figures_of(self.scenario), self.summaries)

    def _beside(self, judgement: Judgement) -> dict[str, str]:
        """Others' figures of a target's metric and segment."""
        what = (judgement.target.metric, judgement.target.segment)
        same = [one for one in self.comparisons if (one.figure.target.metric, one.figure.target.segment) == what]
        found = {one.figure.whose: one.figure.value for one in same}
        return found | {f"{one.figure.whose}: reading": one.reading.value for one in same}

    def _industry_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "whose": one.figure.whose,
                "metric": str(one.figure.target.metric),
                "segment": segment_text(one.figure.target.segment),
                "figure": one.figure.value,
                "observed": one.interval.mean,
                "low": one.interval.low,
                "high": one.interval.high,
                "reading": one.reading.value,
            }
            for one in self.comparisons
        ]

    @property
    def weeks(self) -> pd.DataFrame:
        """Metrics by calendar week, overall, by channel and by team: week (its Monday), days (of it that were measured),
        then as in `kpis`. Empty for a run that measures less than three weeks; quantiles are left out."""
        import pandas as pd

        columns = ["week", "days", "metric", "segment", "unit", "mean", "low", "high", "level"]
        return pd.DataFrame(
            [{"week": one.starts, "days": one.days} | kpi_row(one.summary) for one in self.by_week], columns=columns
        )

    @property
    def cases(self) -> pd.DataFrame:
        """All cases; see the data dictionary."""
        return self.table("cases")

    @property
    def contacts(self) -> pd.DataFrame:
        """All contacts; see the data dictionary."""
        return self.table("contacts")

    @property
    def legs(self) -> pd.DataFrame:
        """All legs; see the data dictionary."""
        return self.table("legs")

    @property
    def staffing(self) -> pd.DataFrame:
        """Agents' time by hour; see the data dictionary."""
        return self.table("staffing")

    @property
    def prevented(self) -> pd.DataFrame:
        """Cases that the notices of incidents kept from arising; see the data dictionary."""
        return self.table("prevented")

    def table(self, name: str) -> pd.DataFrame:
        """A table of all replications: cases, contacts, legs, staffing, duties or prevented. ValueError if the run kept none."""
        if self.tables_folder is None:
            raise ValueError("this run kept no tables; run with tables=True")
        return read(self.tables_folder, name)

    @cached_property
    def batches(self) -> Batches | None:
        """What the intervals of a steady state come from; None where they come from replications."""
        bounds = batch_bounds(self.scenario)
        if not bounds or self.ended is not None:
            return None
        asked = {(one.target.metric, one.target.segment) for one in self.judgements}
        shown = [one for one in self.summaries if not one.segment or (one.metric, one.segment) in asked]
        names = [metric_text(one.metric, one.segment) for one in shown if one.correlated]
        return Batches((len(bounds) - 1) * self.replications, bounds[-1] - bounds[-2], names)

    @property
    def settled_after(self) -> dict[str, int]:
        """After how many replications the verdict on each target was reached, by the target's name, where a rule looked for that."""
        if self.ended is None or not self.ended.rule.settled:
            return {}
        decided = (one for one in self.judgements if one.verdict is not Verdict.undecided)
        return {one.target.name: one.after for one in decided if one.after is not None}

    def verdicts(self) -> dict[str, Verdict]:
        """The verdict on each target, by the target's name."""
        return {one.target.name: one.verdict for one in self.judgements}

    def summary(self) -> dict[str, Any]:
        """What summary.json holds; not-a-number is None."""
        return {
            "scenario": self.scenario.name,
            "digest": self.digest,
            "seed": self.scenario.seed,
            "replications": self.replications,
            **({} if self.ended is None else {"ended": self.ended.summary() | {"settled_after": self.settled_after}}),
            "contacts": self.simulated,
            "wall_seconds": round(self.wall_seconds, 3),
            "kpis": [{key: _plain(value) for key, value in row.items()} for row in self._kpi_rows()],
            "targets": [{key: _plain(value) for key, value in row.items()} for row in self._target_rows()],
            "standards": [asdict(one) for one in checklist(self.scenario)],
            "published": [
                {key: _plain(value) for key, value in row.items()} for row in self._rows(published(self.summaries))
            ],
            "industry": [{key: _plain(value) for key, value in row.items()} for row in self._industry_rows()],
            "audit": self.audit,
            **({} if self.batches is None else {"batches": asdict(self.batches)}),
        }

    def save(self, folder: str | os.PathLike[str], extras: Sequence[Writer] = ()) -> Path:
        """Write the results folder: written aside and renamed last, so what is there is complete.

        `extras` write further files (a report) into it. Earlier results of the same name are replaced; InputError where
        the folder holds something else, or cannot be written.
        """
        target = write_folder(Path(folder), self._write, *extras)
        if self.tables_folder is not None:
            self.tables_folder = target / "tables"
        return target

    def _write(self, folder: Path) -> None:
        write_resolved(self.scenario, folder)
        if self.tables_folder is not None:
            shutil.copytree(self.tables_folder, folder / "tables")
            (folder / "tables").chmod(0o755)
        self.kpis.to_csv(folder / "kpis.csv", index=False)
        if self.judgements:
            self.targets.to_csv(folder / "targets.csv", index=False)
        if self.scenario.industry:
            self.industry.to_csv(folder / "industry.csv", index=False)
        self.scorecards.to_csv(folder / SCORECARDS, index=False)
        if self.by_week:
            self.weeks.to_csv(folder / WEEKS, index=False)
        write_json(folder / "summary.json", self.summary())
        write_json(folder / "curves.json", self.curves_as_lists())
        write_json(folder / "manifest.json", self._manifest())

    def curves_as_lists(self) -> dict[str, Any]:
        """Curves with their axes, as plain lists: what reports draw."""
        return {
            "hours": self.hours,
            "channels": self.names["channel"],
            "teams": self.names["team"],
            "wait_edges": [_plain(edge) for edge in WAIT_EDGES],
            "replications": self.replications,
            "curves": {name: np.round(curve, 6).tolist() for name, curve in self.curves.items()},
        }

    def _manifest(self) -> dict[str, Any]:
        return {
            "scenario": self.scenario.name,
            "digest": self.digest,
            "seed": self.scenario.seed,
            "replications": self.replications,
            **circumstances(),
            "contacts": self.simulated,
            "wall_seconds": round(self.wall_seconds, 3),
            "tables": [name for name in TABLES if self.tables_folder and (self.tables_folder / name).is_dir()],
        }

    def _kpi_rows(self) -> list[dict[str, Any]]:
        return [kpi_row(one) for one in self.summaries]

    def _target_rows(self) -> list[dict[str, Any]]:
        return self._rows(self.judgements)

    def _rows(self, judgements: Sequence[Judgement]) -> list[dict[str, Any]]:
        return [
            {
                "name": one.target.name,
                "target": one.target.text,
                "observed": one.interval.mean,
                "low": one.interval.low,
                "high": one.interval.high,
                "verdict": one.verdict.value,
                **_days(one),
            }
            for one in judgements
        ]


def kpi_row(one: Summary) -> dict[str, Any]:
    """A metric on a segment as a row of kpis.csv."""
    return {
        "metric": str(one.metric),
        "segment": segment_text(one.segment),
        "unit": one.unit,
        "mean": one.interval.mean,
        "low": one.interval.low,
        "high": one.interval.high,
        "level": one.interval.level,
    }


def _days(one: Judgement) -> dict[str, float]:
    """On which share of days a target was met."""
    days = one.days
    found = (np.nan, np.nan, np.nan) if days is None else (days.mean, days.low, days.high)
    return dict(zip(("days", "days_low", "days_high"), found, strict=True))


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value
