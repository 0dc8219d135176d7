"""What the tables say of the persons who served: how they differed from their team's figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.record.letters import leg_key

Array = npt.NDArray[Any]
Table = dict[str, Array]
NEUTRAL = {"pace": 1.0, "reach": 0.0, "accuracy": 1.0, "courtesy": 0.0}


def add_to_legs(legs: Table, rows: npt.NDArray[np.void]) -> None:
    """Pace, reach, accuracy and courtesy of the agent of each leg, against those of the team."""
    legs |= {name: np.full(len(legs["case"]), usual) for name, usual in NEUTRAL.items()}
    if len(rows):
        at = np.searchsorted(leg_key(legs), leg_key(rows))
        for name in NEUTRAL:
            legs[name][at] = rows[name]
