"""Targets that are looked at again and again while replications go on, until each is met or missed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from simulation.metrics.measure import Measures, Summary, counted, estimate, possible_interval, unit_of
from simulation.metrics.targets import Judgement, Target, Verdict, judge, targets_of
from simulation.scenario.prices import currency
from simulation.scenario.schema import Scenario
from simulation.statistics import Interval
from simulation.statistics.sequential import Followed, Unsettled


class OpenTargets:
    """The targets of a scenario on their way to a verdict; each at the level of its own, over all looks together."""

    def __init__(self, scenario: Scenario, level: float = 0.95) -> None:
        self.level = level
        self._money = currency(scenario)
        self._followed: list[tuple[Target, Followed[Verdict]]] = [
            (target, Followed(target.bound)) for target in targets_of(scenario)
        ]

    def look(self, measures: Sequence[Measures], part: float) -> None:
        """Look at all replications so far; `part` of the error may be spent up to here."""
        for target, followed in self._followed:
            sums = [one.get((target.metric, target.segment)) for one in measures]
            known = [one for one in sums if one is not None]
            rows = sum(one.over for one in known) if counted(target.metric) else 0.0
            followed.look(estimate(target.metric, sums), self.level, part, partial(self._verdict, target), trials=rows)

    @property
    def open(self) -> list[Unsettled]:
        """Those without a verdict."""
        return [
            followed.unsettled(target.name, unit_of(target.metric, self._money))
            for target, followed in self._followed
            if followed.verdict is None
        ]

    def judgements(self, summaries: Iterable[Summary]) -> list[Judgement]:
        """Every target with its verdict and interval: those of the look that settled it, or else of the last one. The share of
        days on which it was met is that of all replications."""
        plain = judge([target for target, _ in self._followed], summaries)
        return [self._settled(one, followed) for one, (_, followed) in zip(plain, self._followed, strict=True)]

    def _settled(self, plain: Judgement, followed: Followed[Verdict]) -> Judgement:
        found = followed.interval(self.level, partial(self._verdict, plain.target))
        interval = self._possible(plain.target, found)
        return replace(plain, interval=interval, verdict=followed.verdict or Verdict.undecided, after=followed.after)

    def _verdict(self, target: Target, found: Interval) -> Verdict | None:
        verdict = target.verdict(self._possible(target, found))
        return None if verdict is Verdict.undecided else verdict

    def _possible(self, target: Target, found: Interval) -> Interval:
        return possible_interval(target.metric, unit_of(target.metric, self._money), found)
