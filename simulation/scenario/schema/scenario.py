"""The whole scenario file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulation.scenario.model import Model
from simulation.scenario.schema.base import Experiment, FromOne, Name
from simulation.scenario.schema.bots import Bot
from simulation.scenario.schema.channels import Channel
from simulation.scenario.schema.cost import Cost
from simulation.scenario.schema.customers import Segment
from simulation.scenario.schema.demand import Calendar, Demand
from simulation.scenario.schema.handling import USUAL_STEPS, Practice, Steps
from simulation.scenario.schema.letters import Intake
from simulation.scenario.schema.loops import Loops
from simulation.scenario.schema.opinion import Complaints, Opinion, Survey
from simulation.scenario.schema.routing import Escalation, Routing
from simulation.scenario.schema.self_service import SelfService
from simulation.scenario.schema.sourcing import Employer, Site
from simulation.scenario.schema.standards import Figures, Standards
from simulation.scenario.schema.strain import Strain
from simulation.scenario.schema.teams import Team
from simulation.scenario.schema.topics import Topic
from simulation.units import Duration


class Scenario(Model):
    """A support center, its demand and what is asked of it."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)]
    """Short name: letters, digits, dot, dash, underscore; names the results folder."""
    description: str = ""
    """One or more sentences."""
    calendar: Calendar
    horizon: Duration
    """Where measuring ends, counted from the start; less warm_up, this is the measured time, e.g. 7 d."""
    warm_up: Duration = 0.0
    """Simulated but not measured at the start."""
    run_out: Duration = 0.0
    """Simulated but not measured after the horizon, so that late cases can come to their end."""
    experiment: Experiment = Experiment.terminating
    """What is asked: how this very time goes (terminating), or the long run of a center that goes on as it is (steady_state), for which one or a few long replications are cut into batches."""
    replications: FromOne = 10
    """Independent repetitions; more make the intervals narrower. Where nothing is said and there are targets, they go on until each is met or missed."""
    seed: Annotated[int, Field(ge=0, strict=True)] = 1
    """Where the random numbers start: the same seed gives the same numbers."""
    demand: Demand
    customers: dict[Name, Segment] = {}
    """Segments of customers by name; without any, all are alike."""
    self_service: SelfService | None = None
    channels: dict[Name, Channel]
    topics: dict[Name, Topic]
    handling_steps: Steps | None = None
    """Shares of the steps in the handling time, for topics that do not say their own; analysis 30 %, solution 45 %, verification 10 % and informing 15 % by default."""
    practices: dict[Name, Practice] = {}
    """Templates, CRM, knowledge base, integrations … of the agents, by name."""
    intake: Intake = Intake()
    bots: dict[Name, Bot] = {}
    teams: dict[Name, Team]
    sites: dict[Name, Site] = {}
    """Places of work by name; see `teams.*.site`."""
    employers: dict[Name, Employer] = {}
    """Outsourcers, and other employers, by name; see `teams.*.employer`."""
    strain: Strain = Strain()
    routing: Routing = Routing()
    escalation: Escalation = Escalation()
    loops: Loops = Loops()
    opinion: Opinion | None = None
    survey: Survey | None = None
    complaints: Complaints | None = None
    cost: Cost = Cost()
    targets: dict[str, str] = {}
    """Metric expressions by name, e.g. {phone-80-20: 'service_level(20s){channel=phone} >= 80 %'}."""
    industry: dict[Name, Figures] = {}
    """Others' figures by whose they are, e.g. {median: {figures: {fcr: 70 %}}}: they stand beside the targets."""
    standards: Standards = Standards()

    def steps(self, topic: str) -> Steps:
        """Shares of the steps in a topic's handling time."""
        return self.topics[topic].steps or self.handling_steps or USUAL_STEPS

    @property
    def duration(self) -> float:
        """Simulated seconds in all."""
        return self.horizon + self.run_out
