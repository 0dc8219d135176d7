"""What work does to agents: they tire through the shift, and some leave."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulation.scenario.model import Model
from simulation.scenario.schema.base import Selection
from simulation.units import Duration, Share

Part = Annotated[Share, Field(lt=1)]


class Fatigue(Model):
    """Agents tire while they handle contacts and recover while they do not, from 0 % (fresh) to 100 % (exhausted)."""

    teams: Selection = "all"
    """The teams that it holds for, or all."""
    builds: Annotated[Duration, Field(gt=0)] = 28_800.0
    """Time of unbroken handling after which a fresh agent is 63 % tired (1 - 1/e); an assumption, 4 h to 12 h are sensible."""
    recovers: Duration = 7_200.0
    """Time of waiting for a contact in which tiredness falls by 63 %; an assumption, 30 min to 4 h are sensible. 0 for at once: then nobody tires."""
    rests: Duration | None = None
    """The same off the floor: in breaks, meetings and overnight; as in `recovers` by default, and sensibly shorter."""
    slows: Part = 0.0
    """By how much an exhausted agent works slower; of a tired one, in proportion. An assumption, 5 % to 20 % are sensible."""
    errs: Share = 0.0
    """Share of the right answers that an exhausted agent gets wrong; of a tired one, in proportion. An assumption, 2 % to 10 % are sensible."""


class Strain(Model):
    """What work does to agents."""

    fatigue: Fatigue | None = None
    """Tiredness through the shift; without it agents are as fresh at its end as at its beginning."""
