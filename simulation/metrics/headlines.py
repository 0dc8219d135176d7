"""The figures that stand for a whole run where not all can."""

from __future__ import annotations

from simulation.metrics.kpi import KPIS, Metric

HEADLINES = (
    "contacts", "service_level", "asa", "abandonment", "first_response_time", "resolution_time", "solved", "fcr",
    "fcr_measured", "csat", "csat_measured", "containment", "containment_claimed", "occupancy", "utilization",
    "cost", "cost_per_contact", "cost_per_solved_case", "retention",
)  # fmt: skip
"""What is compared overall, beside what the targets are about."""


def default_metric(name: str) -> Metric:
    """A KPI with its default parameter, as a mean where it is a distribution."""
    found = KPIS[name]
    return Metric(name, found.parameter, found.statistics[0] if found.statistics else "")
