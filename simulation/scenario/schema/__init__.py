"""What a scenario file may say: frozen data without behaviour.

Every duration is in seconds, every rate per second and every share between 0 and 1 once loaded; files write
them with units. Collections are keyed by name, so that an extending file or ``--set`` can change one entry.
"""

from simulation.scenario.schema.base import (
    DAY,
    URGENCIES,
    Count,
    FromOne,
    LocalTime,
    Mode,
    Name,
    Selection,
    Shares,
    TimeZone,
    Urgency,
)
from simulation.scenario.schema.bots import Bot, HandOver, Latency, Return
from simulation.scenario.schema.channels import Channel, Redial, Turns
from simulation.scenario.schema.cost import ChannelCost, Cost, Premium
from simulation.scenario.schema.customers import Segment
from simulation.scenario.schema.demand import (
    Calendar,
    Counts,
    Demand,
    DemandEvent,
    Dispersion,
    IntradayDispersion,
    Notice,
    Profile,
    Replay,
    Source,
)
from simulation.scenario.schema.entry import Announcement, Balking, Callback, Instead, Predictor
from simulation.scenario.schema.handling import STEPS, Coverage, Practice, PracticeCost, Saves, Steps, Sticky
from simulation.scenario.schema.letters import (
    Acknowledgement,
    Chasers,
    DeadlineClock,
    Intake,
    Pause,
    Pauses,
    Reopening,
    StatusNotices,
)
from simulation.scenario.schema.loops import Angry, Coaching, Loops, Overdue, Review
from simulation.scenario.schema.opinion import Answers, Churn, Complaints, Effort, Opinion, Recommendation, Survey
from simulation.scenario.schema.people import Curve, Learning, PerformancePlan, Proficiency, TeamPeople
from simulation.scenario.schema.routing import AgentChoice, Discipline, Escalation, Route, Routing, Score
from simulation.scenario.schema.sameday import Nights, OnCall, Overtime, TimeOff
from simulation.scenario.schema.scenario import Scenario
from simulation.scenario.schema.self_service import Article, Community, KnowledgeBase, SelfService
from simulation.scenario.schema.shifts import PATTERNS, Break, Rotation, Shift, WorkingHours
from simulation.scenario.schema.sourcing import Employer, Pay, Site, SiteCost
from simulation.scenario.schema.standards import Figures, Line, Standards
from simulation.scenario.schema.strain import Fatigue, Strain
from simulation.scenario.schema.teams import Concurrency, Headcount, HeadcountFile, Skill, Team
from simulation.scenario.schema.topics import Repeat, Topic

__all__ = [
    "DAY",
    "PATTERNS",
    "STEPS",
    "URGENCIES",
    "Acknowledgement",
    "AgentChoice",
    "Angry",
    "Announcement",
    "Answers",
    "Article",
    "Balking",
    "Bot",
    "Break",
    "Calendar",
    "Callback",
    "Channel",
    "ChannelCost",
    "Chasers",
    "Churn",
    "Coaching",
    "Community",
    "Complaints",
    "Concurrency",
    "Cost",
    "Count",
    "Counts",
    "Coverage",
    "Curve",
    "DeadlineClock",
    "Demand",
    "DemandEvent",
    "Discipline",
    "Dispersion",
    "Effort",
    "Employer",
    "Escalation",
    "Fatigue",
    "Figures",
    "FromOne",
    "HandOver",
    "Headcount",
    "HeadcountFile",
    "Instead",
    "Intake",
    "IntradayDispersion",
    "KnowledgeBase",
    "Latency",
    "Learning",
    "Line",
    "LocalTime",
    "Loops",
    "Mode",
    "Name",
    "Nights",
    "Notice",
    "OnCall",
    "Opinion",
    "Overdue",
    "Overtime",
    "Pause",
    "Pauses",
    "Pay",
    "PerformancePlan",
    "Practice",
    "PracticeCost",
    "Predictor",
    "Premium",
    "Proficiency",
    "Profile",
    "Recommendation",
    "Redial",
    "Reopening",
    "Repeat",
    "Replay",
    "Return",
    "Review",
    "Rotation",
    "Route",
    "Routing",
    "Saves",
    "Scenario",
    "Score",
    "Segment",
    "Selection",
    "SelfService",
    "Shares",
    "Shift",
    "Site",
    "SiteCost",
    "Skill",
    "Source",
    "Standards",
    "StatusNotices",
    "Steps",
    "Sticky",
    "Strain",
    "Survey",
    "Team",
    "TeamPeople",
    "TimeOff",
    "TimeZone",
    "Topic",
    "Turns",
    "Urgency",
    "WorkingHours",
]
