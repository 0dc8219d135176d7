"""What makes no sense of agents, their time, training, turnover and places of work is told with place, cause and cure."""

from __future__ import annotations

from typing import Any

import pytest

from simulation.errors import InputError
from simulation.experiments.load import from_dict
from tests.laws.micro import center, on_shift
from tests.laws.strategies import Data

LEARNS: Data = {"learning": {"speed": {"starts_at": "0 %", "half_life": "30 d"}}}
LEAVES: Data = {"per_year": "35 %", "hire_after": {"constant": {"value": "1 d"}}}
REFUSED: dict[str, tuple[Data, str]] = {
    "turnover beyond reason": (
        {"strain__turnover": {**LEAVES, "per_year": "x 10000"}},
        "strain.turnover.per_year: must be at most 1000",
    ),
    "newcomers who never finish": ({"teams__front__people": LEARNS}, "teams.front.people.learning: a newcomer without any speed"),
    "a spread around certainty": (
        {"teams__front__people": {"accuracy_spread": "3 %"}},
        "agents cannot differ so much around a mean accuracy of 100 %; write another accuracy for the team, or remove it",
    ),
    "a site of none": (
        {"teams__front__site": "riga"},
        "teams.front.site: there is no site 'riga'; the scenario has none; write one, or remove this",
    ),
    "a site out of this world": ({"sites": {"a": {"time_zone": "Mars/Base"}}}, "sites.a.time_zone: 'Mars/Base' is no time zone"),
    "two employers": ({"teams__front__employer": ["a", "b"]}, "teams.front.employer: must be text, not a list"),
    "pay by the mile": ({"employers": {"a": {"pay": {"per_mile": "1 EUR"}}}}, "employers.a.pay.per_mile: unknown key"),
    "no crews": (
        {"teams__front__rotations": {"r": {"pattern": "three_shift", "crews": 0, "per_crew": 1, "shifts": {}}}},
        "teams.front.rotations.r.crews: must be at least 1, not 0",
    ),
    "reviewers with nobody to review": (
        {"loops__review": {"team": "front", "share": "5 %", "takes": {"constant": {"value": "60 s"}}}},
        "there are no others whose answers it could look at",
    ),
    "reviews that wait for more agents than there are": (
        {
            "teams__boss": on_shift("00:00", "08:00", 2),
            "loops__review": {"team": "boss", "share": "5 %", "reserve": 2, "takes": {"constant": {"value": "60 s"}}},
        },
        "loops.review.reserve: keeps 2 agents free, but the team never has more than 2; write at most 1",
    ),
    "time off that leaves everybody there": (
        {"teams__front": on_shift("00:00", "08:00", 3) | {"time_off": {"idle": 0, "keep": 3}}},
        "teams.front.time_off.keep: keeps 3 agents on the floor, but the team never has more than 3; write at most 2",
    ),
    "exhausted to a standstill": ({"strain__fatigue": {"slows": "100 %"}}, "strain.fatigue.slows: must be less than 1"),
}  # fmt: skip


@pytest.mark.parametrize(("parts", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_what_makes_no_sense_is_told(parts: dict[str, Any], told: str) -> None:
    data = center([(0, 60)], **{"teams__front": on_shift("00:00", "08:00")} | parts)
    with pytest.raises(InputError) as caught:
        from_dict(data)
    assert told in str(caught.value)
