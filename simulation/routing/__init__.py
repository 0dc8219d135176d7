"""The two questions of a router, as data and small functions.

`DISCIPLINES` answers which waiting contact comes first, `AGENT_CHOICES` which free agent takes a contact.
Policies draw nothing: ties go by arrival.
"""

from simulation.routing.agents import AGENT_CHOICES, FreeAgent
from simulation.routing.disciplines import DISCIPLINES
from simulation.routing.routes import Stage, candidates, skill_for

__all__ = ["AGENT_CHOICES", "DISCIPLINES", "FreeAgent", "Stage", "candidates", "skill_for"]
