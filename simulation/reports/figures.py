"""The figures of a run, one function each; the only place that imports plotly.

Each is drawn from `Curves` (sums over replications) or from KPIs, and comes as a `Drawing`: the figure, what
it says in words (for those who cannot see it), and what can be chosen in it. Names come from the scenario;
they are shortened, and escaped so that plotly takes nothing in them for markup.
"""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from simulation.reports import number_text, seconds_text, share_text

Array = npt.NDArray[Any]
CONFIG = {"showSendToCloud": False, "plotlyServerURL": "", "displaylogo": False, "responsive": True}
"""How every figure is shown: nothing of it ever leaves the page."""
FONT = '"Segoe UI", system-ui, -apple-system, "Helvetica Neue", "Liberation Sans", Arial, sans-serif'
INK, FAINT, GRID = "#1b2733", "#5a6672", "#e3e7eb"
COLOURS = ("#0072b2", "#c14a00", "#00795a", "#a2477f", "#222222", "#946800")
"""After Okabe and Ito (2008), darkened to a contrast of 4.5 on white; dashes and symbols differ as well."""
DASHES = ("solid", "dash", "dot", "dashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "cross")
BUSY, BUSY_LINE, STAFF = "#a9cde6", "#0072b2", "#1b2733"
BECAME = {
    "answered": "#9fc6e2",
    "asked to be called": "#5b8f5f",
    "hung up": "#9c3a00",
    "left at once": "#d99a5b",
    "cut off or still waiting": "#8a8f94",
}
MOST_PANELS, MOST_LINES, MOST_BARS = 6, 12, 25
PANEL, BETWEEN, BOTTOM = 140, 46, 48
HEAD, TITLE = 44, 26
"""Heights in pixels: of a panel, between two, below the last, of the legend, of a panel's title."""
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MONDAY = dt.datetime(2001, 1, 1)
"""Stands for any Monday on the axis of a typical week or day."""
BY_DATE = [
    {"dtickrange": [None, 86_399_999], "value": "%H:%M\n%a %-d %b"},
    {"dtickrange": [86_400_000, 604_799_999], "value": "%a\n%-d %b"},
    {"dtickrange": [604_800_000, None], "value": "%-d %b\n%Y"},
]
LATE_ENOUGH = 0.999
"""The distribution of waits is drawn until this share of contacts is answered."""


@dataclass(frozen=True)
class Drawing:
    """A figure, what it says in a sentence or two, and the choices that it offers (none: all is shown)."""

    figure: go.Figure
    says: str
    choices: tuple[str, ...] = ()

    def json(self) -> str:
        """The figure as JSON text: data and layout."""
        text: str = self.figure.to_json()
        return text


@dataclass(frozen=True)
class Curves:
    """Sums over replications, as in curves.json.

    `edges` (s since the start, shape (n + 1,)) bounds the intervals of the record, and `walls` are their
    local starts; `measured` is the span (s) that counts. `sums` holds `hours/<what>` of shape (n, channels),
    `staff/<what>` of shape (n, teams) in seconds, and `waits` of shape (bins, channels) between `wait_edges`
    (s; the last is infinite).
    """

    edges: Array
    walls: list[dt.datetime]
    measured: tuple[float, float]
    channels: list[str]
    teams: list[str]
    wait_edges: Array
    replications: int
    sums: dict[str, Array]

    @property
    def seconds(self) -> Array:
        """Measured seconds of each interval in one replication."""
        clipped = np.clip(self.edges, *self.measured)
        return np.diff(clipped)


@dataclass(frozen=True)
class Axis:
    """Bins of local time, and how they are written."""

    starts: list[dt.datetime]
    width: dt.timedelta
    place: Array
    """The bin of each interval of the record; -1 where it is not measured."""
    seconds: Array
    """Measured seconds in each bin, over all replications."""
    ticks: dict[str, Any]
    spoken: str
    """How a bin is named in a sentence, as strftime writes it."""

    @property
    def along(self) -> dict[str, Any]:
        """The x axis: from the first bin to the end of the last, with its ticks."""
        return {**self.ticks, "range": as_dates([self.starts[0], self.starts[-1] + self.width]).tolist()}

    def sum(self, curve: Array) -> Array:
        """A curve by interval as sums by bin; the other dimensions stay."""
        total = np.zeros((len(self.starts), *curve.shape[1:]))
        inside = self.place >= 0
        np.add.at(total, self.place[inside], curve[inside])
        return total

    def say(self, number: int) -> str:
        """The name of a bin in a sentence."""
        return self.starts[number].strftime(self.spoken).replace(" 0", " ")


def by_hour(curves: Curves) -> Axis:
    """Every hour of the measured time."""
    ticks = {"tickformatstops": BY_DATE, "hoverformat": "%a %-d %b %H:%M"}
    return _axis(curves, HOUR, ticks, "%A %d %B %H:%M", _full_hour)


def by_day(curves: Curves) -> Axis:
    """Every day of the measured time, but for a first or last day of which less than half is measured."""
    ticks = {"tickformatstops": BY_DATE, "hoverformat": "%a %-d %b %Y"}
    return _axis(curves, DAY, ticks, "%A %d %B %Y", lambda at: _full_hour(at).replace(hour=0), least=0.5)


def by_hour_of_week(curves: Curves) -> Axis:
    """The 168 hours of a week, all weeks together."""
    ticks = {"tickformat": "%a", "dtick": 86_400_000, "hoverformat": "%a %H:%M"}
    return _axis(curves, HOUR, ticks, "%A %H:%M", lambda at: MONDAY + at.weekday() * DAY + at.hour * HOUR)


def by_hour_of_day(curves: Curves) -> Axis:
    """The 24 hours of a day, all days together."""
    ticks = {"tickformat": "%H:%M", "hoverformat": "%H:%M"}
    return _axis(curves, HOUR, ticks, "%H:%M", lambda at: MONDAY + at.hour * HOUR)


def _full_hour(wall: dt.datetime) -> dt.datetime:
    return wall.replace(minute=0, second=0, microsecond=0)


def _axis(
    curves: Curves,
    width: dt.timedelta,
    ticks: dict[str, Any],
    spoken: str,
    bin_of: Callable[[dt.datetime], dt.datetime],
    least: float = 0.0,
) -> Axis:
    """Bins of which more than `least` of the width is measured; `bin_of` gives the start of a time's bin."""
    bins = [bin_of(wall) for wall in curves.walls]
    measured: dict[dt.datetime, float] = {}
    for start, length in zip(bins, curves.seconds, strict=True):
        measured[start] = measured.get(start, 0.0) + float(length)
    starts = sorted(start for start, length in measured.items() if length > least * width.total_seconds())
    number = {start: place for place, start in enumerate(starts)}
    counted = zip(bins, curves.seconds, strict=True)
    place = np.array([number.get(start, -1) if length else -1 for start, length in counted], dtype=int)
    seconds = np.array([measured[start] for start in starts]) * curves.replications
    return Axis(starts, width, place, seconds, {"type": "date", **ticks}, spoken)


def library() -> str:
    """plotly.js itself, to be inlined once."""
    script: str = get_plotlyjs()
    return script


def load(curves: Curves, axis: Axis) -> Drawing:
    """Agents busy against agents signed in, by team."""
    sums = (axis.sum(curves.sums[f"staff/{name}"]) for name in ("handling", "signed_in"))
    busy, staff = (seconds / axis.seconds[:, None] for seconds in sums)
    names = told = curves.teams
    if len(names) > MOST_PANELS:
        names, told = ["All teams together", *names], ["All teams together"]
        busy, staff = (np.column_stack([each.sum(axis=1), each]) for each in (busy, staff))

    def traces(number: int) -> list[go.Scatter]:
        area = _steps(axis, busy[:, number], "agents busy", {"color": BUSY_LINE, "width": 1.2})
        area.update(fill="tozeroy", fillcolor=BUSY)
        return [area, _steps(axis, staff[:, number], "staff signed in", {"color": STAFF, "width": 2})]

    says = joined(_busiest(name, axis, busy[:, n], staff[:, n]) for n, name in enumerate(told))
    return panels(names, traces, axis, ["agents"] * len(names), says)


def waits(curves: Curves, axis: Axis) -> Drawing:
    """Mean time to answer by channel, of those answered."""
    waited, answered = axis.sum(curves.sums["hours/waited"]), axis.sum(curves.sums["hours/answered"])
    mean, shown = over(waited, answered), _with_any(answered)
    names = [curves.channels[n] for n in shown]
    units = [time_unit(float(np.nanmax(mean[:, n]))) for n in shown]

    def traces(number: int) -> list[go.Scatter]:
        size, word = units[number]
        return [_mean_line(axis, mean[:, shown[number]] / size, word)]

    says = joined(_longest(curves.channels[n], axis, mean[:, n]) for n in shown)
    return panels(names, traces, axis, [word for _, word in units], says, legend=False)


COUNTED = {
    "answered": "answered",
    "asked_call": "asked to be called",
    "abandoned": "hung up",
    "balked": "left at once",
}
"""What became of contacts in the queue, by the name of the curve."""


def volume(curves: Curves, axis: Axis) -> Drawing:
    """Contacts that reached the queue for agents, by what became of them, by channel."""
    per = axis.width.total_seconds() / axis.seconds[:, None]
    offered, known = axis.sum(curves.sums["hours/offered"]) * per, curves.sums
    became = {
        word: axis.sum(known[f"hours/{name}"]) * per for name, word in COUNTED.items() if f"hours/{name}" in known
    }
    became["cut off or still waiting"] = offered - sum(became.values())
    parts = {name: values for name, values in became.items() if values.max() > 1e-9}
    shown, what = _with_any(offered), "an hour" if axis.width < DAY else "a day"

    def traces(number: int) -> list[go.Bar]:
        return [_bars(axis, np.maximum(values[:, shown[number]], 0), name) for name, values in parts.items()]

    says = joined(_peak(curves.channels[n], axis, offered[:, n], what) for n in shown)
    names = [curves.channels[n] for n in shown]
    return panels(names, traces, axis, [f"contacts {what}"] * len(shown), says)


def backlog(curves: Curves, axis: Axis) -> Drawing:
    """Deferred contacts not yet answered, by channel."""
    number, age = axis.sum(curves.sums["hours/backlog"]), axis.sum(curves.sums["hours/backlog_age"])
    mean, shown = number / axis.seconds[:, None], _with_any(number)

    def traces(place: int) -> list[go.Scatter]:
        area = _steps(axis, mean[:, shown[place]], "not yet answered", {"color": BUSY_LINE, "width": 1.2})
        return [area.update(fill="tozeroy", fillcolor=BUSY)]

    says = joined(_fullest(curves.channels[n], axis, mean[:, n], over(age[:, n], number[:, n])) for n in shown)
    names = [curves.channels[n] for n in shown]
    return panels(names, traces, axis, ["contacts"] * len(names), says, legend=False)


def abandonment(curves: Curves, axis: Axis) -> Drawing:
    """Share of contacts in the queue that hung up, by channel; channels where nobody did are left out."""
    offered, abandoned = axis.sum(curves.sums["hours/offered"]), axis.sum(curves.sums["hours/abandoned"])
    share, shown = over(abandoned, offered), _largest(abandoned)
    lines = [_line(place, moments(axis), share[:, n], curves.channels[n]) for place, n in enumerate(shown)]
    figure = go.Figure(lines, layout(280, top=HEAD))
    figure.update_xaxes(**axis.along)
    figure.update_yaxes(tickformat=".0%")
    return Drawing(figure, joined(_worst(curves.channels[n], axis, share[:, n]) for n in shown))


def distribution(curves: Curves) -> Drawing:
    """Share of answered contacts that were answered within a time, by channel."""
    shown, within = _largest(curves.sums["waits"]), cumulative(curves.sums["waits"])
    enough = np.flatnonzero((within[:, shown] >= LATE_ENOUGH).all(axis=1))
    end = int(enough[0]) + 1 if len(enough) else len(within)
    labels = wait_labels(curves.wait_edges)[:end]
    lines = [_line(place, labels, within[:end, n], curves.channels[n]) for place, n in enumerate(shown)]
    figure = go.Figure(lines, layout(360, top=HEAD))
    figure.update_xaxes(type="category", title=axis_title("answered within"))
    figure.update_yaxes(tickformat=".0%", range=[0, 1.03])
    edges = curves.wait_edges
    says = joined(f"{curves.channels[n]}: {_milestones(edges, within[:, n])}" for n in shown)
    return Drawing(figure, says)


def occupancy(shares: Mapping[str, tuple[float, float | None, float | None]]) -> Drawing:
    """Share of signed-in time spent on contacts by team (mean and interval); of many teams the busiest."""
    teams = sorted(shares, key=lambda team: -shares[team][0])[:MOST_BARS]
    means = np.array([shares[team][0] for team in teams])
    lows, highs = (np.array([_end(shares[team][end], shares[team][0]) for team in teams]) for end in (1, 2))
    whiskers = {"array": highs - means, "arrayminus": means - lows, "symmetric": False}
    rows = list(range(len(teams)))
    bars = go.Bar(
        y=rows, x=means, error_x={**whiskers, "color": INK, "thickness": 1.4, "width": 4}, orientation="h",
        marker_color=BUSY, width=0.64, text=[f" {share_text(mean)}" for mean in means], textposition="inside",
        insidetextanchor="start", constraintext="none", textfont={"color": INK, "size": 12}, hoverinfo="skip",
    )  # fmt: skip
    figure = go.Figure([bars], layout(28 + BOTTOM + 32 * len(teams), top=28))
    figure.update_layout(showlegend=False, hovermode=False)
    figure.update_xaxes(tickformat=".0%", range=[0, 1.04])
    names = [shown_name(team, 22) for team in teams]
    name_rows(figure, names)
    return Drawing(figure, joined(f"{team} {share_text(shares[team][0])}" for team in teams))


def name_rows(figure: go.Figure, names: Sequence[str]) -> None:
    """Name the rows 0, 1, … of a figure, the first at the top."""
    named = {"tickvals": list(range(len(names))), "ticktext": list(names), "range": [len(names) - 0.5, -0.5]}
    figure.update_yaxes(**named, showgrid=False, zeroline=False, rangemode="normal")


def plain_layout(height: int) -> go.Layout:
    """The layout of a figure without legend or panels."""
    return layout(height, top=28)


def over(above: Array, below: Array) -> Array:
    """above ÷ below, NaN where below is zero."""
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)


def cumulative(counts: Array) -> Array:
    """Counts by bin (rows) as the share up to each bin; NaN in columns without any."""
    total = counts.sum(axis=0)
    return np.cumsum(counts, axis=0) / np.where(total > 0, total, np.nan)


def wait_labels(edges: Array) -> list[str]:
    """What the upper end of each bin of waits is called."""
    labels = ["at once" if edge < 1e-6 else _short(float(edge)) for edge in edges[1:-1]]
    return [*labels, "longer"]


def shown_name(name: str, most: int = 60) -> str:
    """A name for plotly: shortened, and without anything that plotly would take for markup."""
    short = name if len(name) <= most else name[: most - 1] + "…"
    return html.escape(" ".join(short.split()), quote=False)


def panels(
    names: Sequence[str],
    traces: Callable[[int], Sequence[Any]],
    axis: Axis,
    units: Sequence[str],
    says: str,
    legend: bool = True,
) -> Drawing:
    """One panel under the other while they are few; else one panel and a choice."""
    if len(names) > MOST_PANELS:
        return _choice(names, traces, axis, units, says)
    top = TITLE + (HEAD if legend else 4)
    room = len(names) * (PANEL + BETWEEN) - BETWEEN
    figure = go.Figure(layout=layout(room + top + BOTTOM, top=top))
    for number, (name, unit) in enumerate(zip(names, units, strict=True)):
        mark = str(number + 1) if number else ""
        for trace in traces(number):
            figure.add_trace(trace.update(yaxis=f"y{mark}", showlegend=legend and not mark))
        low, high = (1 - (number * (PANEL + BETWEEN) + part) / room for part in (PANEL, 0))
        figure.layout[f"yaxis{mark}"] = {**_y(), "domain": [max(low, 0), high], "title": axis_title(unit)}
        figure.add_annotation(_heading(name, high))
    figure.update_xaxes(**axis.along, anchor=f"y{len(names)}" if len(names) > 1 else "y")
    return Drawing(figure, says)


def _choice(
    names: Sequence[str], traces: Callable[[int], Sequence[Any]], axis: Axis, units: Sequence[str], says: str
) -> Drawing:
    """One panel; `meta` of a trace is the choice that shows it, and the unit of its axis."""
    drawn = [
        trace.update(meta=[number, unit], visible=number == 0)
        for number, unit in enumerate(units)
        for trace in traces(number)
    ]
    figure = go.Figure(drawn, layout(260 + HEAD + BOTTOM, top=HEAD))
    figure.update_xaxes(**axis.along)
    figure.update_yaxes(title=axis_title(units[0]))
    return Drawing(figure, says, tuple(names))


def layout(height: int, top: int) -> go.Layout:
    legend = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yref": "container", "yanchor": "top"}
    hidden = ["select2d", "lasso2d", "autoScale2d"]
    return go.Layout(
        height=height, margin={"l": 62, "r": 14, "t": top, "b": BOTTOM}, showlegend=True, legend=legend,
        font={"family": FONT, "size": 13, "color": INK}, paper_bgcolor="#ffffff", plot_bgcolor="#ffffff",
        hovermode="x unified", hoverlabel={"bgcolor": "#ffffff", "bordercolor": GRID, "namelength": -1},
        modebar={"remove": hidden, "color": FAINT, "activecolor": INK, "bgcolor": "rgba(255,255,255,0)"},
        barmode="stack", bargap=0, xaxis=_x(), yaxis=_y(),
    )  # fmt: skip


def _x() -> dict[str, Any]:
    line = {"linecolor": FAINT, "ticks": "outside", "tickcolor": FAINT}
    return {"gridcolor": GRID, "zeroline": False, "automargin": True, **line}


def _y() -> dict[str, Any]:
    scale = {"rangemode": "tozero", "nticks": 6, "fixedrange": True}
    return {"gridcolor": GRID, "zerolinecolor": FAINT, "automargin": True, **scale}


def axis_title(text: str) -> dict[str, Any]:
    return {"text": text, "standoff": 6, "font": {"size": 12, "color": FAINT}}


def _heading(name: str, top: float) -> dict[str, Any]:
    """The name of a panel, above its left corner."""
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": top, "yref": "paper", "yanchor": "bottom"}
    return {"text": f"<b>{shown_name(name)}</b>", "showarrow": False, "font": {"size": 14}, **place}


def _steps(axis: Axis, values: Array, name: str, line: dict[str, Any]) -> go.Scatter:
    """A line that holds its value through each bin."""
    x = as_dates([*axis.starts, axis.starts[-1] + axis.width])
    y = np.append(values, values[-1]).astype(np.float32)
    style = {"mode": "lines", "line": {**line, "shape": "hv"}, "hovertemplate": "%{y:.1f}"}
    return go.Scatter(x=x, y=y, name=name, **style)


def _mean_line(axis: Axis, values: Array, unit: str) -> go.Scatter:
    style = {"mode": "lines+markers", "line": {"color": COLOURS[0], "width": 1.8}, "marker": {"size": 4}}
    y, said = values.astype(np.float32), f"%{{y:.3~g}} {unit}<extra></extra>"
    return go.Scatter(x=moments(axis), y=y, name="mean wait", hovertemplate=said, **style)


def _bars(axis: Axis, values: Array, name: str) -> go.Bar:
    style = {"marker": {"color": BECAME[name], "line": {"width": 0}}, "hovertemplate": "%{y:.3~g}"}
    place = {"x": as_dates(axis.starts), "width": axis.width.total_seconds() * 1000, "offset": 0}
    return go.Bar(y=values.astype(np.float32), name=name, **place, **style)


def _line(number: int, x: Any, share: Array, name: str) -> go.Scatter:
    """A line of shares, told apart by colour, dash and symbol."""
    colour, dash, symbol = (styles[number % len(styles)] for styles in (COLOURS, DASHES, SYMBOLS))
    style: dict[str, Any] = {"line": {"color": colour, "width": 2, "dash": dash}}
    style |= {"marker": {"size": 7, "symbol": symbol}}
    style |= {"mode": "lines+markers", "hovertemplate": "%{y:.1%}"}
    return go.Scatter(x=x, y=share, name=shown_name(name, 40), **style)


def moments(axis: Axis) -> Array:
    """The middle of each bin."""
    return as_dates([start + axis.width / 2 for start in axis.starts])


def as_dates(moments: Iterable[dt.datetime]) -> Array:
    """Local times as plotly's dates: milliseconds, as if the zone were UTC."""
    return np.array([(moment - dt.datetime(1970, 1, 1)).total_seconds() * 1000 for moment in moments])


def _with_any(counts: Array) -> list[int]:
    """The columns with anything in them."""
    return np.flatnonzero(counts.any(axis=0)).tolist()


def _largest(counts: Array) -> list[int]:
    """The largest few columns with anything in them, in their own order."""
    kept = sorted(_with_any(counts), key=lambda n: -counts[:, n].sum())
    return sorted(kept[:MOST_LINES])


def time_unit(seconds: float) -> tuple[float, str]:
    """The unit in which a time reads well."""
    sizes = ((86_400.0, "days"), (3600.0, "hours"), (60.0, "minutes"))
    return next(((size, word) for size, word in sizes if seconds >= 2 * size), (1.0, "seconds"))


def _end(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else min(max(value, 0.0), 1.0)


def _short(seconds: float) -> str:
    """A round time in few letters: 5 s, 10 min, 4 h, 1 day."""
    for size, word in ((86_400, "day"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:g} {word}"
    return f"{seconds:g} s"


def joined(sentences: Iterable[str]) -> str:
    """The first few sentences, and how many more there are."""
    said = list(sentences)
    shown = said[:MOST_PANELS]
    more = [f"and {len(said) - len(shown)} more"] if len(said) > len(shown) else []
    return "; ".join([*shown, *more]) + "." * bool(said)


def _busiest(name: str, axis: Axis, busy: Array, staff: Array) -> str:
    top = int(np.argmax(busy))
    return f"{name}: busiest {axis.say(top)}, {busy[top]:,.1f} of {staff[top]:,.1f} agents busy"


def _longest(name: str, axis: Axis, mean: Array) -> str:
    top = int(np.nanargmax(mean))
    return f"{name}: longest mean wait {axis.say(top)}, {seconds_text(float(mean[top]))}"


def _fullest(name: str, axis: Axis, mean: Array, age: Array) -> str:
    top = int(np.argmax(mean))
    return f"{name}: most {axis.say(top)}, {number_text(mean[top])}, on average {seconds_text(float(age[top]))} old"


def _peak(name: str, axis: Axis, offered: Array, what: str) -> str:
    top = int(np.argmax(offered))
    return f"{name}: most {axis.say(top)}, {number_text(offered[top])} contacts {what}"


def _worst(name: str, axis: Axis, share: Array) -> str:
    top = int(np.nanargmax(share))
    return f"{name}: most at {axis.say(top)}, {share_text(float(share[top]))} hung up"


def _milestones(edges: Array, within: Array) -> str:
    """Shares answered at once, within a minute and within an hour."""
    marks = ((1e-9, "at once"), (60.0, "within 1 min"), (3600.0, "within 1 h"))
    found = [(within[int(np.searchsorted(edges, edge)) - 1], word) for edge, word in marks]
    return ", ".join(f"{share_text(min(float(share), 1.0))} {word}" for share, word in found)
