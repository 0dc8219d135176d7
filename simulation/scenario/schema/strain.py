"""What work does to agents: they tire through the shift, and some leave."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulation.scenario.duration_spec import RandomDuration
from simulation.scenario.model import Model
from simulation.scenario.schema.base import Selection
from simulation.units import ClockTime, Duration, Factor, Money, Share

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


class Overload(Model):
    """How occupancy over the past weeks moves the rate at which agents leave."""

    normal: Share = 0.8
    """Occupancy at which agents leave at the rate given; sustained below it they leave more rarely."""
    factor: Annotated[Factor, Field(ge=1, le=10)] = 1.2
    """What the rate is multiplied by for each ten points of sustained occupancy above it; an assumption, 1.1 to 1.6 are sensible."""
    memory: Annotated[Duration, Field(gt=0)] = 2_419_200.0
    """Time over which occupancy is sustained: shifts further back than that hardly count (exponential weights)."""


class NightWork(Model):
    """How work at night moves the rate at which agents leave."""

    factor: Annotated[Factor, Field(gt=0, le=10)]
    """What the rate is multiplied by for agents who work at night only; of others in proportion to their hours at night. 1.2 to 2 are sensible."""
    start: ClockTime = 79_200.0
    """Start of the night on the center's clock."""
    end: ClockTime = 21_600.0
    """Its end."""


class Turnover(Model):
    """Agents leave for good, at the end of a shift; their place stays empty until somebody else is found."""

    per_year: Annotated[Factor, Field(le=1000)]
    """Agents who leave in a year ÷ places filled, at normal occupancy and by day, e.g. 35 %: the rate of a random moment."""
    teams: Selection = "all"
    """The teams that it holds for, or all that work shifts."""
    hire_after: RandomDuration
    """How long after somebody left a newcomer can start; at the next shift of the place after that."""
    training: Duration = 0.0
    """How long a newcomer is paid for learning off the floor, from the first shift on, e.g. 2 weeks."""
    occupancy: Overload | None = None
    """High occupancy makes agents leave; without it they leave as often whatever the load."""
    nights: NightWork | None = None
    """Night work makes agents leave; without it they leave as often by day and by night."""
    disliked: Annotated[Factor, Field(gt=0, le=10)] = 1.0
    """What the rate is multiplied by for agents who work only at hours that they dislike (see teams.X.nights); of others in proportion. 1.2 to 3 are sensible."""
    cost: Money | None = None
    """Price of hiring one newcomer (search, selection, onboarding), e.g. 1500 EUR; wages in training are paid besides."""


class Strain(Model):
    """What work does to agents."""

    fatigue: Fatigue | None = None
    """Tiredness through the shift; without it agents are as fresh at its end as at its beginning."""
    turnover: Turnover | None = None
    """Who leaves, and who follows; without it every place is filled all the time."""
