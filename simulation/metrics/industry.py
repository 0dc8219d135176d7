"""Others' figures (an industry's, competitors') held against what was observed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from simulation.metrics.kpi import KPIS
from simulation.metrics.measure import Summary
from simulation.metrics.targets import Target, Verdict, check_data
from simulation.scenario.schema import Scenario
from simulation.statistics import Interval

EXAMPLE = "write e.g. {fcr: 70 %, 'asa.mean{channel=phone}': 28 s}"


class Reading(StrEnum):
    """What the interval says of others' figure."""

    better = "better"
    """The whole interval is as good as the figure, or better."""
    worse = "worse"
    above = "above"
    """Of a KPI of which neither more nor less is better."""
    below = "below"
    open = "too close to call"


@dataclass(frozen=True)
class Figure:
    """A figure of others: whose, the metric as it was written, and the value as a target that asks for as much."""

    whose: str
    text: str
    value: str
    target: Target

    @property
    def directed(self) -> bool:
        """Whether more, or less, is better."""
        return bool(self.target.metric.better)


@dataclass(frozen=True)
class Comparison:
    """A figure with what was observed."""

    figure: Figure
    interval: Interval

    @property
    def reading(self) -> Reading:
        """Better or worse when the whole interval lies on one side of the figure."""
        verdict = self.figure.target.verdict(self.interval)
        if verdict is Verdict.undecided:
            return Reading.open
        met = verdict is Verdict.met
        if self.figure.directed:
            return Reading.better if met else Reading.worse
        return Reading.above if met else Reading.below


def figures_of(scenario: Scenario) -> list[Figure]:
    """All figures of others; they have been checked."""
    return [
        figure_of(whose, text, value)
        for whose, their in scenario.industry.items()
        for text, value in their.figures.items()
    ]


def figure_of(whose: str, text: str, value: str) -> Figure:
    """Read a figure; ValueError says what is wrong and what to write."""
    kpi = KPIS.get(text.partition("{")[0].partition("(")[0].partition(".")[0].strip())
    if text.rstrip().endswith(("<", ">", "=")):
        raise ValueError(f"'{text}' is not a metric; {EXAMPLE}")
    operator = "<=" if kpi is not None and kpi.better == "lower" else ">="
    try:
        return Figure(whose, text, value, Target.parse(text, f"{text} {operator} {value}"))
    except ValueError as error:
        said = str(error)
        raise ValueError(f"'{text}' is not a metric; {EXAMPLE}" if "is not a target" in said else said) from None


def check_industry(scenario: Scenario) -> Iterator[tuple[tuple[str, ...], str]]:
    """What is wrong with others' figures: (path, message) for each that is no metric, or of which there is no data."""
    for whose, their in scenario.industry.items():
        seen: dict[object, str] = {}
        for text, value in their.figures.items():
            path = ("industry", whose, "figures", text)
            try:
                target = figure_of(whose, text, value).target
                check_data(target, scenario)
            except ValueError as error:
                yield path, str(error).replace("remove the target", "remove the figure")
                continue
            first = seen.setdefault((target.metric, target.segment), text)
            if first != text:
                yield path, f"is the same metric as '{first}'; write one of them"


def compare(figures: Iterable[Figure], summaries: Iterable[Summary]) -> list[Comparison]:
    """Each figure with what was observed."""
    found = {(one.metric, one.segment): one.interval for one in summaries}
    return [Comparison(figure, found[figure.target.metric, figure.target.segment]) for figure in figures]
