"""The tables of a run read back, replication by replication, with codes for names."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simulation.errors import InputError, Problem
from simulation.experiments.load import load
from simulation.experiments.result import Result
from simulation.experiments.run import run, with_changes
from simulation.record.store import CODED, RARE, read
from simulation.record.tables import Table, names_of
from simulation.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[Any]
OF_MANY = ("points.csv", "looks.csv", "warmup.csv")
"""Files of results folders that hold a scenario, but no run of it: of sweeps, break-evens, warm-ups."""


@dataclass(frozen=True)
class Run:
    """A run whose tables can be read: its scenario, the folder of the tables, and how the run is called."""

    scenario: Scenario
    folder: Path
    name: str
    result: Result | None = None
    """Whose tables vanish with it."""

    @classmethod
    def of(cls, results: Result | str | os.PathLike[str], simulate: Callable[[Scenario], Result] = run) -> Run:
        """A result, or what is in a results folder. Where that has no tables (of a comparison, or of an older version), its
        scenario is simulated again: the numbers are the same. InputError where the folder holds no run."""
        if isinstance(results, Result):
            if results.tables_folder is None:
                raise ValueError("this run kept no tables; run with tables=True")
            return cls(results.scenario, results.tables_folder, results.scenario.name, results)
        folder = Path(results)
        check_run(folder)
        scenario = load(folder / "scenario.yaml")
        if (folder / "tables" / "duties").is_dir() and (folder / "tables" / "legs").is_dir():
            return cls(scenario, folder / "tables", str(folder))
        with _damage(folder / "summary.json"):
            summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
            replications, seed = int(summary["replications"]), int(summary["seed"])
        result = simulate(with_changes(scenario, replications, seed))
        assert result.tables_folder is not None
        return cls(result.scenario, result.tables_folder, str(folder), result)

    @cached_property
    def replications(self) -> list[int]:
        """The numbers of the replications."""
        return sorted(int(path.stem) for path in (self.folder / "legs").glob("*.parquet"))

    @cached_property
    def agents(self) -> list[str]:
        """The agents of the run."""
        found: set[str] = set()
        for number in self.replications:
            for name in ("legs", "duties"):
                found.update(self._read(name, ["agent"], number)["agent"].cat.categories)
        return sorted(found)

    @cached_property
    def names(self) -> dict[str, list[str]]:
        """The names behind the codes of every coded column."""
        return names_of(self.scenario, self.agents)

    def table(self, name: str, replication: int) -> Table:
        """A table of one replication, names as codes."""
        frame = self._read(name, None, replication)
        return {str(column): self._column(str(column), frame[column]) for column in frame.columns}

    def _read(self, name: str, columns: list[str] | None, replication: int) -> pd.DataFrame:
        path = self.folder / name / f"{replication:05d}.parquet"
        if name not in RARE and not path.is_file():
            raise _wrong(path, "is missing; make the run again")
        with _damage(path):
            return read(self.folder, name, columns, replication)

    def _column(self, name: str, values: pd.Series) -> Array:
        if name not in CODED:
            return values.to_numpy()
        names = {word: code for code, word in enumerate(self.names[name])}
        codes = np.array([*(names[word] for word in values.cat.categories), -1], dtype=np.int32)
        made: Array = codes[values.cat.codes.to_numpy()]
        return made


def check_run(folder: Path) -> None:
    """Refuse what is no results folder of a run, and say which one to take."""
    if _is_run(folder):
        return
    inner = sorted(path.parent for path in folder.glob("*/scenario.yaml") if _is_run(path.parent))
    if inner:
        listed = ", ".join(map(str, inner[:5])) + (" …" if len(inner) > 5 else "")
        raise _wrong(folder, f"holds several runs; write the folder of one: {listed}")
    if not folder.exists():
        raise _wrong(folder, "there is no such folder; write the results folder of a run (see supportsim run --out)")
    of_others = [path for path in (folder / "scenario.yaml", *sorted(folder.glob("*/scenario.yaml"))) if path.is_file()]
    if of_others and (folder / "manifest.json").is_file():
        raise _wrong(folder, f"holds no run; simulate its scenario first, e.g. by supportsim run {of_others[0]}")
    raise _wrong(folder, "is no results folder; write that of a run (see supportsim run --out)")


def _is_run(folder: Path) -> bool:
    ours = all((folder / name).is_file() for name in ("scenario.yaml", "summary.json"))
    return ours and not any((folder / name).exists() for name in OF_MANY)


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """A file of a results folder that cannot be read is no fault of ours."""
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _wrong(path, "cannot be read: the file is damaged; make the run again") from error


def _wrong(folder: Path, what: str) -> InputError:
    return InputError([Problem(str(folder), "", what)])
