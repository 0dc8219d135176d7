"""From a real call log to the numbers of a scenario, and to its replay.

An adapter a vendor (`anonymous_bank`) reads a log into a `CallLog`; everything else takes that: `patience`,
`service`, `weekly_profile`, `busyness`, `dispersion` and `staffing` estimate; `derive` writes the facts that may
be shipped; `prepare` makes a scenario that replays a log, and `check` holds the replay against the log.

A new vendor is one file here with a function `read(path) -> CallLog`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulation.calibration.adapters import read_log, vendors
    from simulation.calibration.call_kinds import handling_of_kinds, kinds
    from simulation.calibration.call_log import CallLog
    from simulation.calibration.comparison import as_text, compare, observed, observed_by_hour
    from simulation.calibration.derived import derive, facts
    from simulation.calibration.exports import replay_frame, staffing_frame
    from simulation.calibration.handling import Service, service
    from simulation.calibration.headcount import agent_hours, staff_by_hour, staffing, whole_headcounts
    from simulation.calibration.quantiles import empirical_quantiles
    from simulation.calibration.replay import check, prepare
    from simulation.calibration.survival import Patience, kaplan_meier, patience
    from simulation.calibration.volume import (
        Busyness,
        Dispersion,
        busyness,
        dispersion,
        interval_counts,
        special_days,
        weekly_profile,
    )

__all__ = [
    "Busyness",
    "CallLog",
    "Dispersion",
    "Patience",
    "Service",
    "agent_hours",
    "as_text",
    "busyness",
    "check",
    "compare",
    "derive",
    "dispersion",
    "empirical_quantiles",
    "facts",
    "handling_of_kinds",
    "interval_counts",
    "kaplan_meier",
    "kinds",
    "observed",
    "observed_by_hour",
    "patience",
    "prepare",
    "read_log",
    "replay_frame",
    "service",
    "special_days",
    "staff_by_hour",
    "staffing",
    "staffing_frame",
    "vendors",
    "weekly_profile",
    "whole_headcounts",
]

_HOMES = {
    "adapters": "read_log vendors",
    "call_kinds": "handling_of_kinds kinds",
    "call_log": "CallLog",
    "comparison": "as_text compare observed observed_by_hour",
    "derived": "derive facts",
    "exports": "replay_frame staffing_frame",
    "handling": "Service service",
    "headcount": "agent_hours staff_by_hour staffing whole_headcounts",
    "quantiles": "empirical_quantiles",
    "replay": "check prepare",
    "survival": "Patience kaplan_meier patience",
    "volume": "Busyness Dispersion busyness dispersion interval_counts special_days weekly_profile",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """Import on first use: the command line should not pay for pandas before it is asked to read a log."""
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
