"""All that may act on agents, in the order in which it is asked."""

from __future__ import annotations

from simulation.center.articles import Articles
from simulation.center.fatigue import Fatigue
from simulation.center.languages import Interpreting
from simulation.center.learning import Learning
from simulation.center.people import Maker
from simulation.center.proficiency import Proficiency
from simulation.center.review import Review
from simulation.center.training import Training

MAKERS: tuple[Maker, ...] = (
    Proficiency.of,
    Learning.of,
    Interpreting.of,
    Fatigue.of,
    Review.of,
    Training.of,
    Articles.of,
)
