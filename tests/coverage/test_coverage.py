"""Each experiment finds what it must; the table has a place of its own on the page."""

from __future__ import annotations

import numpy as np
import pytest

from tests.coverage.__main__ import section_of, with_section
from tests.coverage.registry import Experiment, Found, experiments

EXPERIMENTS = experiments()
LONG = {
    "settled_simultaneous_differences", "narrow_simultaneous_differences", "false_sameness", "false_differences", "a_budget",
    "a_budget_paired", "break_even_of_a_queue", "break_even_of_lines", "equal_variances", "a_queue_at_90", "the_best_varies_least",
    "the_best_varies_most", "a_difference_of_steady_states",
}  # fmt: skip
"""These take longer than ten seconds: of them a part is done here, and all by `python -m tests.coverage`."""
PART = 250


@pytest.mark.slow
@pytest.mark.parametrize("one", EXPERIMENTS, ids=lambda one: one.name)
def test_it_happens_as_often_as_it_must(one: Experiment) -> None:
    found = one.run(PART if one.name in LONG else None)
    well = one.may_pass(found) if one.name in LONG else one.passes(found)
    assert well, f"{one.what}: {found.share:.4f} of {found.experiments}, asked {one.asked}"


def test_names_are_unique_and_each_says_what_it_is() -> None:
    assert {one.name for one in EXPERIMENTS} >= LONG
    assert len({one.name for one in EXPERIMENTS}) == len(EXPERIMENTS)
    assert all(one.what != one.name for one in EXPERIMENTS)


def an_experiment(least: float, most: float, strict: bool) -> Experiment:
    return Experiment("group", "name", "what", "asked", least, most, strict, lambda chance: chance.random(1000) < 0.5)


def test_a_band_is_a_band_and_a_nominal_value_allows_for_luck() -> None:
    band, least, most = an_experiment(0.93, 0.97, True), an_experiment(0.95, 1, False), an_experiment(0, 0.05, False)
    assert [band.passes(Found(share, 1000)) for share in (0.929, 0.93, 0.97, 0.971)] == [False, True, True, False]
    assert [least.passes(Found(share, 1000)) for share in (0.92, 0.935, 1.0)] == [False, True, True]
    assert [most.passes(Found(share, 1000)) for share in (0.0, 0.065, 0.08)] == [True, True, False]
    assert not band.passes(Found(0.95, 999))


def test_an_experiment_is_the_same_each_time() -> None:
    one = an_experiment(0, 1, True)
    assert one.run() == one.run()
    assert np.isclose(one.run().share, 0.5, atol=0.1)


def test_the_section_replaces_its_earlier_form_alone() -> None:
    page = "# Page\n\n## Before\n\ntext\n"
    once = with_section(page, "## Intervals that cover\n\nold\n")
    assert section_of(once) == "## Intervals that cover\n\nold\n" and once.startswith(page)
    more = once + "\n## After\n\ntext\n"
    assert with_section(more, "## Intervals that cover\n\nnew\n\n") == more.replace("old", "new")
