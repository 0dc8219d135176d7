"""When premiums are due: on the center's clock, or on that of a team's site."""

from __future__ import annotations

from collections.abc import Iterator

from simulation.scenario.schema import DAY, Premium, Scenario
from simulation.scenario.timeline import Timeline

HOUR = 3600.0


def zones(scenario: Scenario) -> list[str]:
    """The time zone of each team's premiums."""
    sites = (scenario.sites.get(team.site or "") for team in scenario.teams.values())
    return [(site and site.time_zone) or scenario.calendar.time_zone for site in sites]


def premium_spans(premium: Premium, timeline: Timeline, zone: str) -> Iterator[tuple[float, float]]:
    """Spans in which a premium is due, s since the start."""
    length = (premium.end - premium.start) % DAY or DAY
    for day in timeline.days(before=2):
        if day.holiday if premium.holidays else day.weekday in premium.days:
            yield timeline.at(day.date, premium.start, zone), timeline.at(day.date, premium.start + length, zone)


def cuts(scenario: Scenario, timeline: Timeline) -> list[float]:
    """Where a premium begins or ends within an hour of the center's clock (s), so that no interval is paid in part."""
    own, premiums = scenario.calendar.time_zone, scenario.cost.premiums.values()
    times = {time for premium in premiums for time in (premium.start, premium.end)}
    dates = [day.date for day in timeline.days(before=2)]
    return [
        timeline.at(date, time, zone)
        for zone in sorted(set(zones(scenario)))
        for time in sorted(times)
        for date in dates
        if zone != own or time % HOUR
    ]
