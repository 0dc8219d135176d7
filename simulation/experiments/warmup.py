"""How long a center that starts empty takes to settle: metrics over time, over replications, and where to begin measuring."""

from __future__ import annotations

import json
import math
import os
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simulation.errors import InputError, Problem
from simulation.experiments.folder import Writer, circumstances, write_folder, write_json
from simulation.experiments.replications import Simulator, Wanted
from simulation.experiments.resolved import digest_of, write_resolved
from simulation.experiments.run import Progress, with_changes
from simulation.metrics.kpi import KPIS, Metric
from simulation.metrics.measure import EVERYTHING, Measures, Segment, estimate, segment_text, unit_of
from simulation.metrics.targets import metric_on, targets_of
from simulation.scenario.cycle import cycle_of
from simulation.scenario.prices import currency
from simulation.scenario.schema import DAY, Scenario
from simulation.statistics import mean_interval
from simulation.statistics.warmup import BATCH, LAST, Cut, mser
from simulation.units import duration_text

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[np.float64]
HOUR = 3600.0
USUAL = (Metric("in_system"), Metric("asa", None, "mean"), Metric("occupancy"))
"""What is followed besides the metrics of targets: what is there, what is waited for, who is busy."""
LEAST, MOST = 2 * LAST, 400
"""Points of time in a series."""
CERTAIN = 0.99
"""How certain it must be that a metric changes at a cut."""


@dataclass(frozen=True)
class Followed:
    """A metric over time: its mean over replications in each span of the warm-up's bounds (NaN without data), and the cut
    that the rule suggests (None where too few spans have data)."""

    metric: Metric
    segment: Segment
    unit: str
    values: Array
    cut: Cut | None


@dataclass(frozen=True)
class WarmUp:
    """What a look at the start of a scenario found.

    `bounds` (s) are those of the spans that the series consist of; `cycle` (s) after what the work repeats, 0 if it does
    not. `suggested` is the longest of the cuts, None where one of them lies too late to mean anything, or where there are none
    for want of data.
    """

    scenario: Scenario
    cycle: float
    bounds: list[float]
    series: list[Followed]
    wall_seconds: float

    @property
    def suggested(self) -> float | None:
        """From when on to measure, s since the start."""
        cuts = [one.cut for one in self.series if one.cut is not None]
        if not cuts or any(cut.late for cut in cuts):
            return None
        return self.bounds[max(cut.at for cut in cuts)]

    @property
    def late(self) -> list[Followed]:
        """Metrics whose cut lies in the second half."""
        return [one for one in self.series if one.cut is not None and one.cut.late]

    @property
    def enough(self) -> bool | None:
        """Whether the scenario's own warm-up is as long as suggested; None where nothing can be suggested."""
        return None if self.suggested is None else self.scenario.warm_up >= self.suggested

    @property
    def table(self) -> pd.DataFrame:
        """Every metric over time: start and end of the span (s), metric, segment, unit, mean."""
        import pandas as pd

        rows = [
            (start, end, str(one.metric), segment_text(one.segment), one.unit, value)
            for one in self.series
            for start, end, value in zip(self.bounds[:-1], self.bounds[1:], one.values.tolist(), strict=True)
        ]
        return pd.DataFrame(rows, columns=["start", "end", "metric", "segment", "unit", "mean"])

    def save(self, folder: str | os.PathLike[str], extras: Sequence[Writer] = ()) -> Path:
        """Write warmup.csv, summary.json, manifest.json and scenario.yaml into a folder: aside first and renamed last.
        InputError where it holds something else, or cannot be written."""
        return write_folder(Path(folder), self._write, *extras)

    def _write(self, folder: Path) -> None:
        self.table.to_csv(folder / "warmup.csv", index=False)
        write_resolved(self.scenario, folder)
        write_json(folder / "summary.json", self.summary())
        about = {"scenario": self.scenario.name, "digest": digest_of(self.scenario), "seed": self.scenario.seed}
        write_json(folder / "manifest.json", about | circumstances() | {"wall_seconds": round(self.wall_seconds, 3)})

    def summary(self) -> dict[str, object]:
        """What summary.json holds; times in seconds."""
        cuts = [
            {
                "metric": str(one.metric),
                "segment": segment_text(one.segment),
                "cut": None if one.cut is None else self.bounds[one.cut.at],
                "late": None if one.cut is None else one.cut.late,
            }
            for one in self.series
        ]
        return {
            "scenario": self.scenario.name,
            "replications": self.scenario.replications,
            "cycle": self.cycle,
            "span": self.bounds[1] - self.bounds[0],
            "warm_up": self.scenario.warm_up,
            "suggested": self.suggested,
            "enough": self.enough,
            "cuts": json.loads(json.dumps(cuts)),
        }


def warmup(
    scenario: Scenario,
    by: Sequence[str] = (),
    every: float | None = None,
    replications: int | None = None,
    seed: int | None = None,
    executor: Executor | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> WarmUp:
    """Follow metrics from the very start of a scenario, and suggest from when on to measure.

    `by` are metrics as in targets (by default contacts in the center, waits, occupancy and the metrics of the targets);
    `every` the length of a span in seconds, whole hours (by default a day or a week where the work repeats so, else five hours,
    or less in short runs). InputError where the horizon is too short for ten spans, or a metric has no data.
    """
    scenario = with_changes(scenario, replications, seed)
    started = time.perf_counter()
    wanted = followed(scenario, by)
    cycle, bounds = spans_of(scenario, every)
    from_start = scenario.model_copy(update={"warm_up": 0.0})
    parts: list[list[Measures]] = []
    with Simulator([from_start], scenario.replications, executor, jobs, wanted, only=True, bounds=bounds) as simulator:
        numbers = [Wanted(0, number) for number in range(scenario.replications)]
        for done, outcome in enumerate(simulator.outcomes(numbers), start=1):
            parts.append(outcome.parts)
            if progress is not None:
                progress(done, len(numbers))
    bounds = bounds[: len(parts[0]) + 1]
    series = [_followed(one, parts, currency(scenario)) for one in wanted]
    return WarmUp(scenario, cycle, bounds, series, time.perf_counter() - started)


def followed(scenario: Scenario, by: Sequence[str]) -> list[tuple[Metric, Segment]]:
    """The metrics to follow; InputError for one that the scenario has no data for."""
    if not by:
        aims = [(target.metric, target.segment) for target in targets_of(scenario)]
        usual = [(one, EVERYTHING) for one in USUAL if KPIS[one.kpi].needs(scenario) is None]
        return list(dict.fromkeys([*usual, *aims]))
    problems, found = [], []
    for text in by:
        try:
            found.append(metric_on(text, scenario))
        except ValueError as error:
            problems.append(Problem(scenario.name, "by", str(error)))
    if problems:
        raise InputError(problems)
    return list(dict.fromkeys(found))


def spans_of(scenario: Scenario, every: float | None) -> tuple[float, list[float]]:
    """After what the work repeats (0: it does not), and the bounds of the spans; InputError if they are too few."""
    if every is not None and (every < HOUR or every % HOUR):
        what = (
            f"spans of {duration_text(every)} cannot be told apart: records are kept by the hour; write e.g. --every 1h"
        )
        raise InputError([Problem(scenario.name, "every", what)])
    cycle = cycle_of(scenario)
    length = every or cycle or max(HOUR, min(BATCH * HOUR, scenario.horizon / (BATCH * LEAST) // HOUR * HOUR))
    if every is None and not cycle:
        length *= math.ceil(scenario.horizon / length / MOST)
    many = int(scenario.horizon / length + 1e-9)
    if many < LEAST:
        room = f"has room for {many} span{'s' * (many != 1)} of {duration_text(length)}, too few to see a warm-up"
        cure = f"make it longer, e.g. --set 'horizon={_enough(length)}', or look at shorter spans (--every)"
        raise InputError([Problem(scenario.name, "horizon", f"{room}; {cure}")])
    return cycle, [number * length for number in range(many + 1)]


def _enough(length: float) -> str:
    sizes = ((7 * DAY, "week"), (DAY, "d"), (HOUR, "h"), (60.0, "min"), (1.0, "s"))
    size, word = next((size, word) for size, word in sizes if length >= size or size == 1)
    return f"{2 * LEAST * length / size:g} {word}"


def _followed(wanted: tuple[Metric, Segment], parts: Sequence[Sequence[Measures]], money: str) -> Followed:
    """Of each span the estimate over replications; the rule is asked over those spans that have data."""
    metric, segment = wanted
    apart = [[estimate(metric, [one.get(wanted)]).value for one in replication] for replication in parts]
    values = np.array([estimate(metric, [one.get(wanted) for one in span]).value for span in zip(*parts, strict=True)])
    known = np.flatnonzero(~np.isnan(values))
    cut = None
    if len(known) >= LEAST:
        found = mser(values[known], 1)
        shown = found.at > 0 and settles(np.array(apart)[:, known], found.at)
        cut = Cut(int(known[found.at]), found.late) if shown else Cut(0, False)
    return Followed(metric, segment, unit_of(metric, money), values, cut)


def settles(values: Array, cut: int) -> bool:
    """Whether spans before a cut differ from those after it by more than chance, over replications (rows); one or two
    replications cannot tell, and are believed.

    The rule alone cuts somewhere in noise as well, and in a tenth of short series beyond their half.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a replication without data
        change = np.nanmean(values[:, :cut], axis=1) - np.nanmean(values[:, cut:], axis=1)
    seen = mean_interval(change, CERTAIN)
    return seen.n < 3 or not seen.low <= 0 <= seen.high
