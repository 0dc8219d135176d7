"""Statistics over replications: estimates with their confidence intervals."""

from simulation.statistics.intervals import (
    Interval,
    all_or_none_interval,
    mean_interval,
    order_statistic_interval,
    quantile_interval,
    ratio_interval,
    t_quantile,
)

__all__ = [
    "Interval",
    "all_or_none_interval",
    "mean_interval",
    "order_statistic_interval",
    "quantile_interval",
    "ratio_interval",
    "t_quantile",
]
