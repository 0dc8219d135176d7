"""What customers did before their first contact: columns by case, worked out at birth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Reading:
    """Where articles change during the run, one row per case: who is `able` to profit from one (looks, finds it, and the case
    is within its reach), the numbers by which one `exists` and is `true`, and all that follows if it helps, misleads, or is
    not there (`ways`, in this order)."""

    able: npt.NDArray[np.bool_]
    exists: npt.NDArray[np.float64]
    true: npt.NDArray[np.float64]
    ways: tuple[Visits, Visits, Visits]


@dataclass(frozen=True)
class Visits:
    """One row per case: whether the customer `looked` into the knowledge base and `asked` the community, what `came_of`
    it (a `SelfService`), when it was `over`, whether a misled customer `returned` (or gave up), when the first contact
    is made (`enters`, infinite if never) and on which `channel`. Times in seconds since the start."""

    looked: npt.NDArray[np.bool_]
    asked: npt.NDArray[np.bool_]
    came_of: npt.NDArray[np.int32]
    over: npt.NDArray[np.float64]
    returned: npt.NDArray[np.bool_]
    enters: npt.NDArray[np.float64]
    channel: npt.NDArray[np.int64]
    reading: Reading | None = None

    def take(self, case: int, way: Visits) -> None:
        """From now on a case goes another way."""
        for name in ("asked", "came_of", "over", "returned", "enters", "channel"):
            getattr(self, name)[case] = getattr(way, name)[case]

    def entered(self, arrived: npt.NDArray[np.float64], until: float) -> npt.NDArray[np.float64]:
        """When each case's first contact was made before `until`, NaN if it was not; complaints `arrived` during the run."""
        at = np.where(self.looked | self.asked, self.enters, arrived)
        return np.where(at < until, at, np.nan)

    def order(self, until: float) -> npt.NDArray[np.int64]:
        """Cases with a first contact before `until` (s), by its time; ties by case."""
        coming = np.flatnonzero(self.enters < until)
        return coming[np.argsort(self.enters[coming], kind="stable")]
