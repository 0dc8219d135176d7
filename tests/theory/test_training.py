"""Training in closed form: what is left of the errors after some hours of it."""

from __future__ import annotations

from math import exp, log
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from simulation.center.people import Person
from simulation.center.rules import hours_kept, training_left
from simulation.center.training import Training
from simulation.scenario.schema import Training as Spec
from simulation.theory.loops import hours_remembered, trained
from tests.laws.strategies import Data
from tests.theory.test_letters import HOUR, Observed, center

DAY, MONTH = 24 * HOUR, 30 * 24 * HOUR


def errors(hours: float, **training: Any) -> Data:
    """An M/M/infinity of which 25 % are wrong; agents have trained for some hours before."""
    data = center("60/h", 30, teams__front__accuracy="75 %", horizon="9 d", replications=6)
    kind = {"accuracy": "60 %", "hours": "20 h", **training}
    data["loops"] = {"training": {"before": f"{hours} h", "kinds": {"product": kind}}}
    return data


@pytest.mark.slow
@pytest.mark.parametrize("hours", [0.0, 10.0, 48.0])
def test_mean_accuracy_after_some_hours(hours: float) -> None:
    """25 % wrong, of which training can take 60 % away; each 20 h leave a share 1/e of what is still to take."""
    exact = 1 - 0.25 * (1 - 0.6 * (1 - exp(-hours / 20)))
    if hours:
        Observed(errors(hours), 61).agrees("quality", exact, off=0.03)
    assert training_left(hours * HOUR, 0.6, 20 * HOUR) * 0.25 == pytest.approx(1 - exact)


def test_hours_given_to_two_kinds_do_more_than_hours_given_to_one() -> None:
    """Diminishing returns: 20 h of one kind close 63 % of what they can, 10 h of each of two close 39 % twice."""
    one, half = training_left(20.0, 0.5, 20.0), training_left(10.0, 0.5, 20.0)
    assert half * half < one < half


# -- hours that come one after the other ---------------------------------------------------------------------


def influence(**more: Any) -> Training:
    """The influence of training on a team of one topic."""
    made = Training.__new__(Training)
    spec = Spec.model_validate({"kinds": {"product": {"accuracy": "50 %"}}, **more})
    made.before, made.half_life, made.trained = spec.before, spec.fades or float("inf"), {}
    return made


def agent(sessions: list[tuple[float, float]]) -> Any:
    return SimpleNamespace(person=Person("seat", 0, 0.0), trained=sessions)


def month_after_month(months: int) -> list[tuple[float, float]]:
    """A session of an hour on every day of the year: 30 h a month."""
    return [(day * DAY, day * DAY + HOUR) for day in range(30 * months)]


def test_a_year_of_sessions_is_the_sum_of_them_and_its_mean_the_integral() -> None:
    sessions, made = month_after_month(12), influence()
    seat = agent(sessions)
    year = 360 * DAY
    moments = np.arange(0.0, year, DAY / 4)
    left = [training_left(made.seconds(seat, moment), 0.5, 100 * HOUR) for moment in moments.tolist()]
    exact = trained(1 / 24, 0.5, 100 * HOUR, year)
    assert made.seconds(seat, year) == pytest.approx(360 * HOUR)
    assert training_left(360 * HOUR, 0.5, 100 * HOUR) == pytest.approx(exact.left)
    assert np.mean(left) == pytest.approx(exact.left_on_the_way, rel=0.002)


def test_what_is_forgotten_balances_what_is_learned() -> None:
    made = influence(fades="60 d")
    seat = agent(month_after_month(24))
    for days in (90.0, 360.0, 720.0):
        exact = hours_remembered(1 / 24, 60 * DAY, days * DAY)
        assert made.seconds(seat, days * DAY) == pytest.approx(exact, rel=0.01)
    assert hours_remembered(1 / 24, 60 * DAY) == pytest.approx(60 * DAY / 24 / log(2))


def test_asked_often_or_once_the_hours_are_the_same() -> None:
    """And in the middle of a session its first part counts."""
    often, once = influence(fades="10 d", before="5 h"), influence(fades="10 d", before="5 h")
    sessions = month_after_month(2)
    one, other = agent(sessions), agent(sessions)
    for moment in np.arange(0.0, 30.5 * DAY, 1234.5).tolist():
        often.seconds(one, moment)
    now = 30 * DAY + HOUR / 3
    made = influence(fades="10 d", before="5 h")
    assert made.seconds(agent(sessions), now) == pytest.approx(once.seconds(other, now))
    assert often.seconds(one, 40 * DAY) == pytest.approx(once.seconds(other, 40 * DAY))
    whole = influence(before="5 h")
    assert whole.seconds(agent(sessions), now) == pytest.approx(35 * HOUR + HOUR / 3)


def test_a_newcomer_has_only_the_sessions_since() -> None:
    made, seat = influence(before="5 h"), agent(month_after_month(1))
    assert made.seconds(seat, 10 * DAY) == pytest.approx(15 * HOUR)
    seat.person = Person("seat", 1, 10 * DAY + HOUR / 2)
    assert made.seconds(seat, 12 * DAY) == pytest.approx(1.5 * HOUR)


def test_what_is_left_of_a_session() -> None:
    inf = float("inf")
    assert hours_kept(0, 100, 50, inf) == 50 and hours_kept(0, 100, 500, inf) == 100
    assert hours_kept(0, 1, 101, 100) == pytest.approx(0.5, rel=0.01)
