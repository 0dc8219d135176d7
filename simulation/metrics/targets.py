"""Targets: one-line expressions on metrics, e.g. ``service_level(20s){channel=phone} >= 80 %``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import isclose, isfinite, nan

from simulation.metrics.kpi import KPIS, Held, Kpi, Metric
from simulation.metrics.measure import Segment, Summary
from simulation.record.tables import WEEKDAYS
from simulation.scenario.customers import channel_shares, segment_shares
from simulation.scenario.prices import currency
from simulation.scenario.schema import Scenario
from simulation.statistics import Interval
from simulation.units import Money, nearest, parse_duration, parse_share

EXAMPLE = "write e.g. service_level(20s){channel=phone} >= 80 %"
METRIC = r"""\s*(?P<kpi>[A-Za-z_]\w*)\s*
    (?:\((?P<parameter>[^)]*)\))?\s*
    (?:\.(?P<statistic>\w+))?\s*
    (?:\{(?P<segment>(?:"[^"]*"|[^}"])*)\})?\s*"""
GRAMMAR = re.compile(
    rf"""{METRIC}(?P<operator>>=|<=|>|<)\s*(?P<bound>\S.*?)\s*
    (?:\bon\s+(?P<share>\S.*?)\s+of\s+(?P<periods>days|hours)\s*)?""",
    re.VERBOSE,
)
METRIC_ALONE = re.compile(METRIC, re.VERBOSE)
HELD = re.compile(r"(?P<target>.+?)\s+on\s+(?P<periods>days|hours)\s*")

PARTS = re.compile(r'(?:"[^"]*"|[^,"])+')
PAIR = re.compile(r'\s*(\w+)\s*=\s*(?:"([^"]*)"\s*|([^\s"].*))')
"""A dimension and a value; a value with a comma or a brace stands in quotation marks."""


class Verdict(StrEnum):
    """What the interval says of the bound."""

    met = "met"
    missed = "missed"
    undecided = "undecided"


@dataclass(frozen=True)
class Target:
    """A metric on a segment, an operator and a bound in the metric's unit (seconds, shares, plain numbers).

    Of a target that asks for a share of days or hours, ``... >= 80 % on 90 % of days``, the metric is that share.
    """

    name: str
    text: str
    metric: Metric
    segment: Segment
    operator: str
    bound: float
    currency: str = ""

    @classmethod
    def parse(cls, name: str, text: str) -> Target:
        """Read an expression; ValueError says what is wrong and what to write."""
        match = GRAMMAR.fullmatch(text)
        if match is None:
            raise ValueError(f"'{text}' is not a target; {EXAMPLE}")
        metric, segment = _asked(match)
        bound, currency = _bound(KPIS[metric.kpi].unit, match["bound"])
        if match["share"] is None:
            return cls(name, text.strip(), metric, segment, match["operator"], bound, currency)
        held = metric._replace(held=Held(match["operator"], bound, match["periods"]))
        return cls(name, text.strip(), held, segment, ">=", parse_share(match["share"]), currency)

    @property
    def by_day(self) -> Metric | None:
        """The share of days on which it is met; None where it asks for a share of days or hours itself."""
        return None if self.metric.held else self.metric._replace(held=Held(self.operator, self.bound, "days"))

    def verdict(self, interval: Interval) -> Verdict:
        """Met or missed when the whole interval lies on one side of the bound, else undecided. An end that differs from the bound
        by no more than sums are rounded touches it."""
        low, high = (self.bound if isclose(end, self.bound) else end for end in (interval.low, interval.high))
        if self.operator in (">=", ">"):
            low, high, bound = -high, -low, -self.bound
        else:
            bound = self.bound
        strict = self.operator in (">", "<")
        if high < bound or (high == bound and not strict):
            return Verdict.met
        if low > bound or (low == bound and strict):
            return Verdict.missed
        return Verdict.undecided


@dataclass(frozen=True)
class Judgement:
    """A target with what was observed, and the share of days on which it was met (None if that was not measured); `after` how
    many replications the verdict was reached, where a rule looked for that."""

    target: Target
    interval: Interval
    verdict: Verdict
    days: Interval | None = None
    after: int | None = None


def judge(targets: Iterable[Target], summaries: Iterable[Summary]) -> list[Judgement]:
    """The verdict on each target."""
    found = {(one.metric, one.segment): one.interval for one in summaries}
    intervals = [(target, found[target.metric, target.segment]) for target in targets]
    return [
        Judgement(target, interval, target.verdict(interval), by_day and found.get((by_day, target.segment)))
        for target, interval in intervals
        for by_day in (target.by_day,)
    ]


def targets_of(scenario: Scenario) -> list[Target]:
    """The scenario's targets; they have been checked."""
    return [Target.parse(name, text) for name, text in scenario.targets.items()]


def check_targets(scenario: Scenario) -> Iterator[tuple[tuple[str, ...], str]]:
    """What is wrong with the targets: (path, message) for each that matches no metric or no data."""
    for name, text in scenario.targets.items():
        try:
            target = Target.parse(name, text)
            check_data(target, scenario)
        except ValueError as error:
            yield ("targets", name), str(error)


def metric_on(text: str, scenario: Scenario) -> tuple[Metric, Segment]:
    """What a text asks of a scenario: a metric such as ``service_level(20s){channel=phone}``, the share of days or hours on which
    it keeps to a bound, ``asa{channel=phone} <= 1 min on hours``, or the name of one of its targets; ValueError says what is
    wrong with it, or that the scenario has no data for it."""
    named = next((target for target in targets_of(scenario) if target.name == text.strip()), None)
    if named is not None:
        return named.metric, named.segment
    held = HELD.fullmatch(text)
    if held is not None:
        target = Target.parse("", f"{held['target']} on 100 % of {held['periods']}")
        check_data(target, scenario)
        return target.metric, target.segment
    metric, segment = parse_metric(text)
    check_metric(metric, segment, scenario, "name another metric")
    return metric, segment


def parse_metric(text: str) -> tuple[Metric, Segment]:
    """A metric as a target writes it, without a bound (or the share of days on which it keeps to one); ValueError says what is
    wrong with it."""
    held = HELD.fullmatch(text)
    if held is not None:
        target = Target.parse("", f"{held['target']} on 100 % of {held['periods']}")
        return target.metric, target.segment
    match = METRIC_ALONE.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not a metric; write e.g. service_level(20s){{channel=phone}}")
    return _asked(match)


def _asked(match: re.Match[str]) -> tuple[Metric, Segment]:
    found = _kpi(match["kpi"])
    metric = Metric(found.name, _parameter(found, match["parameter"]), _statistic(found, match["statistic"]))
    return metric, _segment(match["segment"])


def _kpi(name: str) -> Kpi:
    if name not in KPIS:
        near = nearest(name, KPIS)
        raise ValueError(
            f"there is no metric '{name}'; write e.g. {near or 'service_level(20s)'} (supportsim kpis lists them all)"
        )
    return KPIS[name]


def _parameter(found: Kpi, text: str | None) -> float | None:
    if text is None or not text.strip():
        return found.parameter
    if found.parameter is None:
        raise ValueError(f"{found.name} takes no parameter; write {found.name}")
    return parse_duration(text.strip())


def _statistic(found: Kpi, text: str | None) -> str:
    if not found.has_values:
        if text is not None:
            raise ValueError(f"{found.name} is a ratio and has no .{text}; write {found.name}")
        return ""
    if text is None:
        return "mean"
    if text in ("mean", "max") or re.fullmatch(r"p[1-9]\d?", text):
        return text
    raise ValueError(f"there is no statistic .{text}; write .mean, .p50, .p90 … or .max")


def _segment(text: str | None) -> Segment:
    parts = [PAIR.fullmatch(part) for part in PARTS.findall(text or "") if part.strip()]
    pairs = [(part[1], (part[3] if part[2] is None else part[2]).strip()) for part in parts if part is not None]
    if len(pairs) < len(parts):
        raise ValueError(
            f"'{{{text}}}' is not a segment; write e.g. {{channel=phone}} or {{channel=phone, urgency=high}}"
        )
    if len({dimension for dimension, _ in pairs}) < len(pairs):
        raise ValueError(f"'{{{text}}}' names a dimension twice; write each once, e.g. {{channel=phone, urgency=high}}")
    return tuple(sorted(pairs))


def _bound(unit: str, text: str) -> tuple[float, str]:
    """The bound, and its currency if it is money."""
    if unit in ("share", "share/year"):
        return parse_share(text.removesuffix("/year").strip()), ""
    if unit == "s":
        return parse_duration(text), ""
    if unit.startswith("money"):
        price = Money.parse(text.removesuffix("/day").strip())
        return price.amount, price.currency
    number, _, written = text.partition(" ")
    try:
        bound = float(number)
    except ValueError:
        bound = nan
    if not isfinite(bound) or written.strip() not in ("", unit):
        raise ValueError(f"'{text}' is not a number of {unit}; write e.g. 120 {unit}")
    return bound, ""


def amount_of(metric: Metric, text: str, scenario: Scenario) -> float:
    """An amount of a metric in its unit, e.g. 0.05 EUR, 30 s or 2 % (of a share: 2 pp is the same); ValueError says what is
    wrong with it."""
    share = metric.unit in ("share", "share/year")
    amount, money = _bound(metric.unit, text.replace("pp", "%") if share else text)
    if money and money != currency(scenario):
        raise ValueError(
            f"the scenario's prices are in {currency(scenario)}, not {money}; write e.g. {amount:g} {currency(scenario)}"
        )
    return amount


def check_data(target: Target, scenario: Scenario) -> None:
    """ValueError where the scenario has no data for a target, or prices in another currency."""
    check_metric(target.metric, target.segment, scenario)
    if target.currency and target.currency != currency(scenario):
        raise ValueError(
            f"the scenario's prices are in {currency(scenario)}, not {target.currency}; write {currency(scenario)}"
        )


def check_metric(metric: Metric, segment: Segment, scenario: Scenario, cure: str = "remove the target") -> None:
    """ValueError where the scenario has no data for a metric, or none on the segment; `cure` is what may be done about it."""
    lack = KPIS[metric.kpi].needs(scenario)
    if lack is not None:
        raise ValueError(f"{metric.kpi} would have no data: {lack}; {cure}, or add what it needs")
    allowed = KPIS[metric.kpi].dimensions
    for dimension, label in segment:
        if dimension not in allowed:
            raise ValueError(
                f"{metric.kpi} cannot be split by '{dimension}'; write one of: {', '.join(allowed) or 'no segment'}"
            )
        labels = labels_of(dimension, scenario)
        if label not in labels:
            near = nearest(label, labels) or ", ".join(sorted(labels)) or "another segment"
            raise ValueError(f"no data has {dimension}={label}; write e.g. {dimension}={near}")


def labels_of(dimension: str, scenario: Scenario) -> set[str]:
    """Values of a dimension for which there will be data."""
    return _arisen(dimension, scenario) | _complained(dimension, scenario)


def _complained(dimension: str, scenario: Scenario) -> set[str]:
    """What complaints add to the values of a dimension."""
    spec = scenario.complaints
    if spec is None:
        return set()
    urgency = set(scenario.topics[spec.topic].urgency) if spec.urgency is None else {spec.urgency}
    channel = set() if spec.channel == "same" else {spec.channel}
    return {"topic": {spec.topic}, "channel": channel, "urgency": {level.value for level in urgency}}.get(
        dimension, set()
    )


def _arisen(dimension: str, scenario: Scenario) -> set[str]:
    sources = scenario.demand.sources
    topics = {topic for source in sources.values() for topic, part in source.topic_shares().items() if part}
    if dimension == "topic":
        return topics | {name for name in scenario.topics if any(s.replay and s.replay.topic for s in sources.values())}
    if dimension == "channel":
        mixes = [channel_shares(scenario, source) for source in sources.values()]
        used = {channel for shares in mixes for channel, part in shares.items() if part}
        used |= {spec.channel for one in scenario.channels.values() if (spec := one.chasers) and spec.channel}
        return used | {
            name for name in scenario.channels if any(s.replay and s.replay.channel for s in sources.values())
        }
    if dimension == "urgency":
        return {level.value for topic in scenario.topics.values() for level, part in topic.urgency.items() if part}
    if dimension in ("weekday", "hour"):
        return set(WEEKDAYS) if dimension == "weekday" else {str(hour) for hour in range(24)}
    if dimension == "segment":
        mixes = [segment_shares(scenario, source) for source in sources.values()]
        return {segment for shares in mixes for segment, part in shares.items() if part}
    if dimension == "shift_hour":
        return {str(hour + 1) for hour in range(24)} if scenario.strain.fatigue else set()
    return {
        "bot": set(scenario.bots),
        "team": set(scenario.teams),
        "site": {team.site for team in scenario.teams.values() if team.site is not None},
        "employer": {team.employer for team in scenario.teams.values() if team.employer is not None},
        "source": set(sources),
        "tier": set(scenario.escalation.path),
    }[dimension]
