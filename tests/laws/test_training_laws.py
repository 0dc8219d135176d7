"""What holds of training in every run: what teaches nothing changes nothing, more hours never make a first answer worse."""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from simulation.record.recorder import Outcome
from tests.laws.books import Books, observe
from tests.laws.strategies import Data, fit, quick, scenarios
from tests.laws.test_escalation_laws import plenty
from tests.laws.test_review_laws import same_but_time


def trained(data: Data, hours: float, **kind: Any) -> Data:
    """The same center, whose agents have trained for some hours."""
    other = deepcopy(data)
    other["loops"] = {"training": {"before": f"{hours} h", "kinds": {"all": {"accuracy": "0 %", **kind}}}}
    return fit(other)


@quick(8)
@given(scenarios(), st.booleans())
def test_what_teaches_nothing_changes_nothing(data: Data, no_gain: bool) -> None:
    kind = {"reach": "0 %", "courtesy": "0 %"} if no_gain else {"accuracy": "80 %", "reach": "80 %", "share": "0 %"}
    same_but_time(observe(data), observe(trained(data, 100.0, **kind)))


def wrong_at_first(books: Books) -> set[int]:
    """Cases of which the first answer was wrong."""
    return {leg.case for leg in books.legs if leg.contact == 0 and leg.outcome is Outcome.WRONG}


def test_more_hours_never_make_a_first_answer_worse() -> None:
    """The same cases, in a center where nobody waits: those who are answered rightly stay so."""
    found = [wrong_at_first(observe(trained(plenty(), hours, accuracy="80 %"))) for hours in (1e-9, 5, 20, 100, 1e5)]
    assert all(more < fewer for fewer, more in pairwise(found))


def test_more_reach_escalates_less() -> None:
    data = plenty()
    data["topics"]["any"]["reach"] = {"tier1": "50 %"}
    escalated = [
        {leg.case for leg in observe(trained(data, hours, reach="60 %")).legs if leg.outcome is Outcome.ESCALATED}
        for hours in (1e-9, 10, 1e5)
    ]
    assert all(more < fewer for fewer, more in pairwise(escalated))
