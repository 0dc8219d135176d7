"""Reports of a run, made from its results folder alone.

Here is what all reports share: numbers, metrics and targets in plain words.
"""

from __future__ import annotations

import math
import re

from simulation.metrics import KPIS, Target
from simulation.metrics.measure import segment_text

NOTHING = "—"
SAID = {
    "asa": "average speed of answer (ASA)",
    "fcr": "first contact resolution (FCR)",
    "fcr_measured": "first contact resolution as a center sees it",
    "csat": "satisfied customers (CSAT)",
    "on_plan": "agents on their performance plan",
    "handling_spread": "spread of handling times between agents",
    "quality_spread": "spread of right answers between agents",
    "site_handling_spread": "spread of handling times between sites",
    "site_quality_spread": "spread of right answers between sites",
    "csat_measured": "satisfied customers in the survey",
    "nps": "net promoter score (NPS)",
    "nps_measured": "net promoter score in the survey",
    "stars_measured": "stars in the survey",
    "effort": "customer effort",
    "survey_response": "response rate of the survey",
    "retention": "customers kept",
    "prevented": "cases prevented by notices",
    "deflection": "cases solved by self-service",
    "deflection_claimed": "cases kept away by self-service",
    "balking": "balked at the announced wait",
    "callback_share": "chose to be called back",
    "callback_delay": "wait for the callback",
    "promises_kept": "announced waits kept",
    "chasers": "questions for news",
    "complaint_rate": "cases complained about",
    "complaints_in_time": "complaints answered by the deadline",
    "first_response_time_open": "first response time in opening hours",
    "resolution_time_open": "resolution time in opening hours",
    "closed_door": "met a closed door",
    "one_touch": "solved in one touch",
    "deadline_met": "answered by the deadline",
    "blocking": "busy signals",
    "focus": "attention",
    "in_system": "contacts in the center",
    "reply_time": "time to a reply within a chat",
    "timed_out": "conversations timed out",
    "containment": "truly solved by the bot (containment)",
    "containment_claimed": "solved by the bot, as claimed",
    "silent_failures": "believed solved by the bot",
    "hand_overs": "handed over by the bot",
    "overtime_hours": "hours stayed on by the overtime rule",
    "overtime_cost": "cost of the hours stayed on",
    "disliked_hours": "worked at hours disliked",
    "paid_idle": "idle, of the paid time",
    "paid_breaks": "breaks, of the paid time",
    "paid_elsewhere": "plain shrinkage, of the paid time",
    "paid_absence": "absence, of the paid time",
    "paid_meetings": "meetings, of the paid time",
    "paid_training": "training, of the paid time",
    "paid_lateness": "lateness, of the paid time",
    "adherence": "adherence to the plan",
    "time_off_hours": "hours off in lulls",
    "time_off_saved": "saved by time off in lulls",
    "call_ins": "calls to agents on call",
    "called_in_hours": "hours of agents called in",
    "standby_hours": "hours on call at home",
    "on_call_cost": "cost of agents on call",
    "bot_bypass": "went past the bot",
    "escalations_for_competence": "escalated for want of competence",
    "escalations_for_anger": "passed up as the customer was angry",
    "escalations_by_clock": "clocks of who waits run out",
    "rescued": "of these, taken by a higher tier",
    "angry_wait": "wait of angry customers for a higher tier",
    "reviewed": "answers reviewed",
    "quality_reviewed": "right answers among those reviewed",
    "review_delay": "time to the review",
    "review_hours": "hours of review",
    "coaching_hours": "hours of coaching",
    "coachings": "agents coached",
    "articles": "articles written",
    "article_delay": "time to the article",
    "writing_hours": "hours of writing",
    "session_time": "bot session",
    "sessions_at_once": "bot sessions at once",
    "premium_pay": "premiums on wages",
    "outsourcing": "outsourcers",
    "staff_cost": "cost of agents",
    "staff_cost_per_stay": "agents' cost per stay",
    "staff_cost_per_resolution": "agents' cost per true resolution",
    "cost_per_solved_case": "cost per case truly solved",
    "cost_in_time": "cost per answer in time",
    "vacancies": "empty places",
    "turnover": "turnover",
    "leavers": "agents who left",
    "tenure": "time that agents have been here",
    "paid_induction": "newcomers' learning off the floor",
    "fatigue": "fatigue at the begin of a contact",
    "resolution_rate": "solved in the stay with an agent",
}
"""Names of KPIs that their identifier does not say in words."""
BOUNDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}
DAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
_HELD = re.compile(r"(?P<alone>.+?) (?P<operator>>=|<=|>|<) (?P<bound>.+) on (?P<periods>days|hours)")
"""A metric that is the share of periods in which a bound is kept to."""
_METRIC = re.compile(r"(?P<kpi>\w+)(?:\((?P<parameter>[^)]*)\))?(?:\.(?P<statistic>\w+))?")


def kpi_of(metric: str) -> str:
    """The KPI that a metric or a target begins with: service_level of service_level(20s)."""
    found = re.match(r"\s*(\w+)", metric)
    return found[1] if found else ""


def metric_title(metric: str) -> str:
    """A metric in words: "Service level (20 s)" for service_level(20s), "Median wait" for wait.p50."""
    held = _HELD.fullmatch(metric)
    if held is not None:
        return f"{metric_title(held['alone'])} {BOUNDS[held['operator']]} {held['bound']}, share of {held['periods']}"
    found = _METRIC.fullmatch(metric)
    if found is None:
        return metric
    name = SAID.get(found["kpi"], found["kpi"].replace("_", " "))
    parameter = re.sub(r"(?<=\d)(?=[a-z])", " ", found["parameter"] or "")
    words = statistic_words(found["statistic"] if found["kpi"] != "asa" else None)
    return _capital(" ".join(part for part in (words, name, f"({parameter})" if parameter else "") if part))


def statistic_words(statistic: str | None) -> str:
    """A statistic in words: "median" for p50; empty without one."""
    if statistic and statistic.startswith("p"):
        return "median" if statistic == "p50" else f"{ordinal(int(statistic[1:]))} percentile of"
    return {"mean": "mean", "max": "longest"}.get(statistic or "", "")


def ordinal(number: int) -> str:
    """90th for 90, 1st for 1."""
    endings = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number % 100 in (11, 12, 13) else endings.get(number % 10, 'th')}"


def definition(metric: str) -> str:
    """What a metric counts, in one or two sentences; empty for a KPI that is no longer known."""
    found = KPIS.get(kpi_of(metric))
    return found.doc if found else ""


def segment_words(pairs: tuple[tuple[str, str], ...]) -> str:
    """A segment in words: "channel phone, weekday Monday"; empty for everything."""
    return ", ".join(f"{dimension} {_label(dimension, label)}" for dimension, label in pairs)


def _label(dimension: str, label: str) -> str:
    if dimension == "hour":
        return f"{label}:00–{int(label) + 1}:00"
    return DAYS.get(label, label) if dimension == "weekday" else label


def target_words(text: str) -> tuple[str, str]:
    """A target in words: what is measured, and what is asked of it, e.g. "at least 80 %"."""
    try:
        target = Target.parse("", text)
    except ValueError:
        return text, ""
    what = ", ".join(part for part in (metric_title(str(target.metric.alone)), segment_words(target.segment)) if part)
    operator = target.metric.held.operator if target.metric.held else target.operator
    bound = text.rpartition(operator)[2].strip()
    return what, f"{BOUNDS[operator]} {bound}"


def metric_of(target: str) -> tuple[str, str]:
    """What a target is about: its metric and segment as in kpis.csv; the text itself where it cannot be read."""
    try:
        found = Target.parse("", target)
    except ValueError:
        return target, ""
    return str(found.metric), segment_text(found.segment)


def by_day_of(target: str) -> tuple[str, str]:
    """The share of days on which a target is met: metric and segment as in kpis.csv; the text itself where there is none."""
    try:
        found = Target.parse("", target)
    except ValueError:
        return target, ""
    return str(found.by_day or target), segment_text(found.segment)


def value_text(value: float | None, unit: str) -> str:
    """A value with its unit as people write it: 74.4 %, 15:57 min, 2,943 EUR a day; a dash for none."""
    if value is None or math.isnan(value):
        return NOTHING
    if unit == "share":
        return share_text(value)
    if unit == "s":
        return seconds_text(value)
    base, _, per = unit.partition("/")
    text = share_text(value) if base == "share" else _amount(value, base)
    return text + (f" a {per}" if per else "")


def interval_text(low: float | None, high: float | None, unit: str) -> str:
    """Both ends of an interval, cut at what is possible (no negative times, no share above 100 %)."""
    if low is None or high is None:
        return NOTHING
    return f"{value_text(possible(low, unit), unit)} – {value_text(possible(high, unit), unit)}"


def possible(value: float, unit: str) -> float:
    """The value, cut at what is possible: only points (of a net score) can be negative."""
    if unit == "points":
        return value
    return max(min(value, 1.0) if unit == "share" else value, 0.0)


def share_text(share: float) -> str:
    """A share in per cent: one decimal, two where it is close to nothing or everything."""
    if share in (0.0, 1.0):
        return f"{100 * share:.0f} %"
    close = abs(share) < 0.001 or 0.999 < share < 1
    return f"{100 * share:.{2 if close else 1}f} %"


def seconds_text(seconds: float) -> str:
    """A time: 6.2 s, 42 s, 15:57 min, 5.3 h, 3.4 days."""
    if seconds == 0 or 59.5 > seconds >= 9.95:
        return f"{seconds:.0f} s"
    if seconds < 59.5:
        return f"{seconds:.1f} s" if seconds >= 0.05 else f"{seconds:.2g} s"
    if seconds < 3599.5:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes}:{rest:02} min"
    return f"{seconds / 3600:.1f} h" if seconds < 72 * 3600 else f"{seconds / 86400:.1f} days"


def number_text(value: float) -> str:
    """A plain number with three digits or so, thousands apart."""
    size = abs(value)
    if size >= 99.95 or value == 0:
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 9.995 else f"{value:.2f}" if size >= 0.0995 else f"{value:.2g}"


def _amount(value: float, base: str) -> str:
    if re.fullmatch("[A-Z]{3}", base):
        return f"{value:,.0f} {base}" if abs(value) >= 999.5 else f"{value:,.2f} {base}"
    return number_text(value) + (" h" if base == "h" else "")


def within(title: str) -> str:
    """A title as it stands within a sentence: "first contact resolution (FCR)"."""
    return title[:1].lower() + title[1:]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
