"""From a real call log to the numbers of a scenario, and to its replay.

An adapter a vendor (`anonymous_bank`) reads a log into a `CallLog`; everything else takes that: `patience`,
`service`, `weekly_profile`, `busyness`, `dispersion` and `staffing` estimate; `replay_frame`,
`staffing_frame` and `observed_by_hour` write what a replay of the log needs and what it should reproduce;
`derive` writes the facts that may be shipped.

A new vendor is one file here with a function `read(path) -> CallLog`.
"""

from simulation.calibration.fit import (
    Busyness,
    CallLog,
    Dispersion,
    Patience,
    Service,
    busyness,
    derive,
    dispersion,
    empirical_quantiles,
    facts,
    interval_counts,
    kaplan_meier,
    observed_by_hour,
    patience,
    replay_frame,
    service,
    special_days,
    staff_by_hour,
    staffing,
    staffing_frame,
    weekly_profile,
    whole_headcounts,
)

__all__ = [
    "Busyness",
    "CallLog",
    "Dispersion",
    "Patience",
    "Service",
    "busyness",
    "derive",
    "dispersion",
    "empirical_quantiles",
    "facts",
    "interval_counts",
    "kaplan_meier",
    "observed_by_hour",
    "patience",
    "replay_frame",
    "service",
    "special_days",
    "staff_by_hour",
    "staffing",
    "staffing_frame",
    "weekly_profile",
    "whole_headcounts",
]
