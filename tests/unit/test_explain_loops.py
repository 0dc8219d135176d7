"""What `explain` says of the ways up and of the loops of weeks."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

from simulation.experiments.load import from_dict
from simulation.reports.explain_loops import loops
from tests.laws.micro import agents, center


def lines(**parts: Any) -> str:
    console = Console(width=1000, record=True, file=None, quiet=False, force_terminal=False)
    with console.capture() as said:
        console.print(*loops(from_dict(center([(0, 60)], **parts))), sep="\n")
    return said.get().strip()


BOSS = {"teams__boss": agents(1, tier="boss"), "escalation__path": ["tier1", "boss"]}


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({}, ""),
        (
            {**BOSS, "escalation__angry": {"per_failure": "30 %", "after_failures": 2, "to": "boss"}},
            "Angry customers: 30 % after each failed contact (half forgotten in 3 d), all from failed contact 2 on ask for "
            "somebody higher up; after 30 % of the handling the agent passes them to tier boss.",
        ),
        (
            {**BOSS, "escalation__overdue": {"after": {"high": "5 min"}}},
            "Clocks of who waits: high cases after 5 min; then the next tier up may take them too.",
        ),
        (
            {
                **BOSS,
                "loops__review": {
                    "team": "boss",
                    "share": "3 %",
                    "per_week": 2,
                    "takes": {"constant": {"value": "10 min"}},
                    "coaching": {"takes": {"constant": {"value": "30 min"}}, "accuracy": "10 %", "fades": "60 d"},
                },
            },
            "Review: boss look at 3 % of the answers and 2 answers of each agent a week in their lulls, 10:00 min each, and finish "
            "one before the next contact; they find 100 % of the errors.\n"
            "Coaching: after each error found with an agent, 30:00 min of the reviewer and as long of the agent; 10 % of the wrong "
            "answers go, half forgotten in 60 d.",
        ),
        (
            {
                "loops__training": {
                    "before": "48 h",
                    "fades": "365 d",
                    "kinds": {
                        "product": {
                            "share": "50 %",
                            "accuracy": "60 %",
                            "reach": "10 %",
                            "topics": "any",
                            "hours": "25 h",
                        }
                    },
                },
            },
            "Training of all teams, who have had 48 h before the start; half is forgotten in 365 d:\n"
            "  product: 50 % of the hours; takes away up to 60 % of wrong answers, 10 % of what is beyond reach, on any, 63 % of "
            "that after 25 h of it.",
        ),
        (
            {
                **BOSS,
                "practices__kb": {"covers": "10 %", "reach": "5 %"},
                "loops__articles": {
                    "team": "boss",
                    "takes": {"constant": {"value": "2 h"}},
                    "practice": "kb",
                    "customers": False,
                    "counts": {"gave_up": 2},
                    "stale_after": "90 d",
                },
            },
            "Articles: after 20 points of a topic (returns, escalations, cases given up (2 points each)) boss write one in their "
            "lulls, 2.0 h each, for agents (kb): it covers 10 % of the cases without one and makes 100 % of what is out of date true "
            "again; articles go out of date after 90 d on average.",
        ),
    ],
)
def test_a_line_for_each(parts: dict[str, Any], words: str) -> None:
    assert lines(**parts) == words
