"""Statistics over replications: estimates with their confidence intervals."""

from simulation.statistics.intervals import (
    Interval,
    mean_interval,
    order_statistic_interval,
    quantile_interval,
    ratio_interval,
    t_quantile,
)

__all__ = [
    "Interval",
    "mean_interval",
    "order_statistic_interval",
    "quantile_interval",
    "ratio_interval",
    "t_quantile",
]
