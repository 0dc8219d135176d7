"""What a scenario is held against: others' figures, and a checklist of standards."""

from __future__ import annotations

from simulation.scenario.model import Model


class Figures(Model):
    """Figures of others: a median of an industry, the best quarter of it, a competitor."""

    figures: dict[str, str]
    """Metrics as in targets, each with its figure in the metric's unit, e.g. {fcr: 70 %, 'asa.mean{channel=phone}': 28 s}."""
    source: str = ""
    """Where the figures come from."""
