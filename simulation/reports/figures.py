"""The figures of a run, one function each; the only place that imports plotly.

Each is drawn from `Curves` (sums over replications) or from rows of KPIs, and comes as a `Drawing`: the figure,
what it says in words (for those who cannot see it), and what can be chosen in it. Names come from the scenario;
they are shortened, and escaped so that plotly takes nothing in them for markup.
"""

from __future__ import annotations

import datetime as dt
import html
import itertools
from collections.abc import Callable, Iterable, Sequence
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
"""After Okabe and Ito (2008), darkened to a contrast of 4.5 on white; dashes and symbols tell series apart as well."""
DASHES = ("solid", "dash", "dot", "dashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "cross")
BUSY, BUSY_LINE, STAFF = "#a9cde6", "#0072b2", "#1b2733"
ANSWERED, ABANDONED, CUT_OFF = "#9fc6e2", "#9c3a00", "#8a8f94"
MOST_PANELS, MOST_LINES, MOST_BARS = 6, 12, 25
PANEL, BETWEEN, BOTTOM = 140, 46, 48
HEAD, TITLE = 44, 26
"""Heights in pixels: of a panel, between two, below the last, of the legend, of a panel's title."""
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
    """A figure, what it says in one or two sentences, and the choices that it offers (none: everything is shown)."""

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

    `edges` (s since the start, shape (n + 1,)) bounds the intervals of the record and `walls` are their local starts;
    `measured` is the span (s) that counts; `sums` holds `hours/<what>` of shape (n, channels), `staff/<what>` of shape
    (n, teams) in seconds, and `waits` of shape (bins, channels) between `wait_edges` (s; the last is infinite).
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
    """Bins of local time: where each interval of the record falls (-1: not measured), and how ticks are written."""

    starts: list[dt.datetime]
    width: dt.timedelta
    place: Array
    seconds: Array
    """Measured seconds in each bin, over all replications."""
    ticks: dict[str, Any]
    spoken: str
    """How a bin is named in a sentence (strftime)."""

    @property
    def along(self) -> dict[str, Any]:
        """The x axis: from the first bin to the end of the last, with its ticks."""
        return {**self.ticks, "range": _as_dates([self.starts[0], self.starts[-1] + self.width]).tolist()}

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
    ticks = {"type": "date", "tickformatstops": BY_DATE, "hoverformat": "%a %-d %b %H:%M"}
    return _axis(
        curves,
        lambda wall: wall.replace(minute=0, second=0, microsecond=0),
        dt.timedelta(hours=1),
        ticks,
        "%A %d %B %H:%M",
    )


def by_day(curves: Curves) -> Axis:
    """Every day of the measured time."""
    ticks = {"type": "date", "tickformatstops": BY_DATE, "hoverformat": "%a %-d %b %Y"}
    return _axis(
        curves,
        lambda wall: dt.datetime.combine(wall.date(), dt.time()),
        dt.timedelta(days=1),
        ticks,
        "%A %d %B %Y",
    )


def by_hour_of_week(curves: Curves) -> Axis:
    """The 168 hours of a week, all weeks together."""
    ticks = {"type": "date", "tickformat": "%a", "dtick": 86_400_000, "hoverformat": "%a %H:%M"}
    return _axis(
        curves,
        lambda wall: MONDAY + dt.timedelta(days=wall.weekday(), hours=wall.hour),
        dt.timedelta(hours=1),
        ticks,
        "%A %H:%M",
    )


def by_hour_of_day(curves: Curves) -> Axis:
    """The 24 hours of a day, all days together."""
    ticks = {"type": "date", "tickformat": "%H:%M", "hoverformat": "%H:%M"}
    return _axis(
        curves, lambda wall: MONDAY + dt.timedelta(hours=wall.hour), dt.timedelta(hours=1), ticks, "%H:%M"
    )


def _axis(
    curves: Curves,
    key: Callable[[dt.datetime], dt.datetime],
    width: dt.timedelta,
    ticks: dict[str, Any],
    spoken: str,
) -> Axis:
    seconds = curves.seconds
    keys = [key(wall) for wall in curves.walls]
    starts = sorted({one for one, length in zip(keys, seconds, strict=True) if length > 0})
    number = {start: place for place, start in enumerate(starts)}
    place = np.array(
        [number[one] if length > 0 else -1 for one, length in zip(keys, seconds, strict=True)], dtype=int
    )
    total = np.bincount(place[place >= 0], seconds[place >= 0], minlength=len(starts)) * curves.replications
    return Axis(starts, width, place, total, ticks, spoken)


def library() -> str:
    """plotly.js itself, to be inlined once."""
    script: str = get_plotlyjs()
    return script


def load(curves: Curves, axis: Axis) -> Drawing:
    """Agents busy against agents signed in, by team."""
    busy, staff = (
        axis.sum(curves.sums[f"staff/{name}"]) / axis.seconds[:, None] for name in ("handling", "signed_in")
    )
    names = list(curves.teams)
    if len(names) > MOST_PANELS:
        names = ["All teams together", *names]
        busy, staff = (np.column_stack([each.sum(axis=1), each]) for each in (busy, staff))

    def traces(number: int) -> list[go.Scatter]:
        area = _steps(
            axis, busy[:, number], "agents busy", line={"color": BUSY_LINE, "width": 1.2, "shape": "hv"}
        )
        area.update(fill="tozeroy", fillcolor=BUSY)
        line = _steps(
            axis, staff[:, number], "staff signed in", line={"color": STAFF, "width": 2, "shape": "hv"}
        )
        return [area, line]

    told = names if len(names) <= MOST_PANELS else names[:1]
    says = _joined(_busiest(name, axis, busy[:, n], staff[:, n]) for n, name in enumerate(told))
    return _panels(names, traces, axis.along, ["agents"] * len(names), says)


def waits(curves: Curves, axis: Axis) -> Drawing:
    """Mean time to answer by channel, of those answered."""
    waited, answered = axis.sum(curves.sums["hours/waited"]), axis.sum(curves.sums["hours/answered"])
    mean = np.divide(waited, answered, out=np.full_like(waited, np.nan), where=answered > 0)
    shown = [n for n in range(len(curves.channels)) if answered[:, n].any()]
    units = [_unit(float(np.nanmax(mean[:, n]))) for n in shown]

    def traces(number: int) -> list[go.Scatter]:
        size, word = units[number]
        y = mean[:, shown[number]] / size
        line = {"color": COLOURS[0], "width": 1.8}
        return [
            go.Scatter(
                x=_moments(axis), y=y, mode="lines+markers", name="mean wait", line=line, marker={"size": 4},
                hovertemplate=f"%{{y:.3~g}} {word}<extra></extra>",
            )
        ]  # fmt: skip

    says = _joined(_longest(curves.channels[n], axis, mean[:, n]) for n in shown)
    return _panels(
        [curves.channels[n] for n in shown],
        traces,
        axis.along,
        [word for _, word in units],
        says,
        legend=False,
    )


def volume(curves: Curves, axis: Axis) -> Drawing:
    """Contacts that reached the queue for agents, by what became of them, by channel."""
    per = axis.width.total_seconds() / axis.seconds[:, None]
    offered, answered, abandoned = (
        axis.sum(curves.sums[f"hours/{name}"]) * per for name in ("offered", "answered", "abandoned")
    )
    other = np.maximum(offered - answered - abandoned, 0.0)
    shown = [n for n in range(len(curves.channels)) if offered[:, n].any()]
    parts = [
        ("answered", ANSWERED, answered),
        ("hung up", ABANDONED, abandoned),
        ("cut off or still waiting", CUT_OFF, other),
    ]
    drawn = [part for part in parts if part[2].sum() > 1e-9 or part[0] == "answered"]

    def traces(number: int) -> list[go.Bar]:
        return [_bars(axis, values[:, shown[number]], name, colour) for name, colour, values in drawn]

    what = "an hour" if axis.width < dt.timedelta(days=1) else "a day"
    says = _joined(_peak(curves.channels[n], axis, offered[:, n], what) for n in shown)
    return _panels(
        [curves.channels[n] for n in shown], traces, axis.along, [f"contacts {what}"] * len(shown), says
    )


def abandonment(curves: Curves, axis: Axis) -> Drawing:
    """Share of contacts in the queue that hung up, by channel; channels where nobody hung up are left out."""
    offered, abandoned = axis.sum(curves.sums["hours/offered"]), axis.sum(curves.sums["hours/abandoned"])
    share = np.divide(abandoned, offered, out=np.full_like(offered, np.nan), where=offered > 0)
    shown = [n for n in range(len(curves.channels)) if abandoned[:, n].any()]
    lines = [
        _line(place, _moments(axis), share[:, n], curves.channels[n])
        for place, n in enumerate(_largest(shown, abandoned.sum(axis=0)))
    ]
    figure = go.Figure(lines, _layout(280, top=HEAD))
    figure.update_xaxes(**axis.along)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    says = _joined(_worst(curves.channels[n], axis, share[:, n]) for n in shown)
    return Drawing(figure, says)


def distribution(curves: Curves) -> Drawing:
    """Share of answered contacts that were answered within a time, by channel."""
    counts = curves.sums["waits"]
    shown = _largest([n for n in range(len(curves.channels)) if counts[:, n].any()], counts.sum(axis=0))
    within = cumulative(counts)
    last = next(
        (row for row, share in enumerate(within[:, shown].min(axis=1)) if share >= LATE_ENOUGH),
        len(within) - 1,
    )
    labels = wait_labels(curves.wait_edges)[: last + 1]
    lines = [_line(place, labels, within[: last + 1, n], curves.channels[n]) for place, n in enumerate(shown)]
    figure = go.Figure(lines, _layout(360, top=HEAD))
    figure.update_xaxes(type="category", title=_title("answered within"))
    figure.update_yaxes(tickformat=".0%", range=[0, 1.03])
    return Drawing(
        figure,
        _joined(f"{curves.channels[n]}: {_milestones(curves.wait_edges, within[:, n])}" for n in shown),
    )


def occupancy(
    teams: Sequence[str], means: Sequence[float], lows: Sequence[float | None], highs: Sequence[float | None]
) -> Drawing:
    """Share of signed-in time spent on contacts (0 to 1), by team, with intervals; of many teams the busiest."""
    order = sorted(range(len(teams)), key=lambda n: -means[n])[:MOST_BARS]
    values = np.array([means[n] for n in order])
    ends = [(_bound(lows[n], means[n]), _bound(highs[n], means[n])) for n in order]
    bars = go.Bar(
        y=list(range(len(order))), x=values, orientation="h", marker_color=BUSY, width=0.64,
        text=[f" {share_text(value)}" for value in values], textposition="inside", insidetextanchor="start", constraintext="none",
        textfont={"color": INK, "size": 12}, hoverinfo="skip",
        error_x={
            "array": [high - value for value, (_, high) in zip(values, ends, strict=True)],
            "arrayminus": [value - low for value, (low, _) in zip(values, ends, strict=True)],
            "symmetric": False, "color": INK, "thickness": 1.4, "width": 4,
        },
    )  # fmt: skip
    figure = go.Figure([bars], _layout(64 + 32 * len(order), top=8))
    figure.update_layout(showlegend=False, hovermode=False)
    figure.update_xaxes(tickformat=".0%", range=[0, 1.04], showgrid=True)
    labels = [shown_name(teams[n], 22) for n in order]
    figure.update_yaxes(
        tickvals=list(range(len(order))),
        ticktext=labels,
        autorange="reversed",
        showgrid=False,
        zeroline=False,
        rangemode="normal",
    )
    return Drawing(figure, _joined(f"{teams[n]} {share_text(means[n])}" for n in order))


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


def _panels(
    names: Sequence[str],
    traces: Callable[[int], Sequence[Any]],
    ticks: dict[str, Any],
    units: Sequence[str],
    says: str,
    legend: bool = True,
) -> Drawing:
    """One panel under the other while they are few; else one panel and a choice."""
    top = TITLE + (HEAD if legend else 4)
    if len(names) > MOST_PANELS:
        return _choice(names, traces, ticks, units, says)
    room = len(names) * PANEL + max(len(names) - 1, 0) * BETWEEN
    figure = go.Figure(layout=_layout(room + top + BOTTOM, top=top))
    for number, (name, unit) in enumerate(zip(names, units, strict=True)):
        mark = str(number + 1) if number else ""
        for trace in traces(number):
            figure.add_trace(trace.update(xaxis="x", yaxis=f"y{mark}", showlegend=legend and number == 0))
        high = 1 - number * (PANEL + BETWEEN) / room
        low = max(high - PANEL / room, 0.0)
        figure.layout[f"yaxis{mark}"] = {**_y(), "domain": [low, min(high, 1.0)], "title": _title(unit)}
        figure.add_annotation(
            text=f"<b>{shown_name(name)}</b>", x=0, y=min(high, 1.0), xref="paper", yref="paper", xanchor="left", yanchor="bottom",
            showarrow=False, font={"size": 14},
        )  # fmt: skip
    last = f"y{len(names)}" if len(names) > 1 else "y"
    figure.update_xaxes(**ticks, anchor=last)
    return Drawing(figure, says)


def _choice(
    names: Sequence[str],
    traces: Callable[[int], Sequence[Any]],
    ticks: dict[str, Any],
    units: Sequence[str],
    says: str,
) -> Drawing:
    """One panel, of which the page shows the traces whose `meta` is the chosen number."""
    figure = go.Figure(layout=_layout(260 + HEAD + BOTTOM, top=HEAD))
    for number in range(len(names)):
        for trace in traces(number):
            figure.add_trace(trace.update(meta=number, visible=number == 0))
    figure.update_xaxes(**ticks)
    figure.update_yaxes(title=_title(units[0] if len(set(units)) == 1 else ""))
    return Drawing(figure, says, tuple(names))


def _layout(height: int, top: int) -> go.Layout:
    return go.Layout(
        height=height, margin={"l": 62, "r": 14, "t": top, "b": BOTTOM}, font={"family": FONT, "size": 13, "color": INK},
        paper_bgcolor="#ffffff", plot_bgcolor="#ffffff", hovermode="x unified", barmode="stack", bargap=0, colorway=COLOURS,
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yref": "container", "yanchor": "top", "font": {"size": 13}},
        showlegend=True, hoverlabel={"bgcolor": "#ffffff", "bordercolor": GRID, "font": {"color": INK}, "namelength": -1},
        modebar={"remove": ["select2d", "lasso2d", "autoScale2d"], "color": FAINT, "activecolor": INK, "bgcolor": "rgba(255,255,255,0)"},
        xaxis={"gridcolor": GRID, "linecolor": FAINT, "zeroline": False, "ticks": "outside", "tickcolor": FAINT, "automargin": True},
        yaxis=_y(),
    )  # fmt: skip


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "standoff": 6, "font": {"size": 12, "color": FAINT}}


def _y() -> dict[str, Any]:
    return {
        "gridcolor": GRID,
        "zerolinecolor": FAINT,
        "rangemode": "tozero",
        "nticks": 6,
        "automargin": True,
        "fixedrange": True,
    }


def _steps(axis: Axis, values: Array, name: str, line: dict[str, Any]) -> go.Scatter:
    """A line that holds its value through each bin."""
    x = _as_dates([*axis.starts, axis.starts[-1] + axis.width])
    return go.Scatter(
        x=x,
        y=np.append(values, values[-1]).astype(np.float32),
        mode="lines",
        name=name,
        line=line,
        hovertemplate="%{y:.1f}",
    )


def _bars(axis: Axis, values: Array, name: str, colour: str) -> go.Bar:
    width = axis.width.total_seconds() * 1000
    return go.Bar(
        x=_as_dates(axis.starts), y=values.astype(np.float32), width=width, offset=0, name=name, marker={"color": colour, "line": {"width": 0}},
        hovertemplate="%{y:.3~g}",
    )  # fmt: skip


def _line(number: int, x: Sequence[Any], share: Array, name: str) -> go.Scatter:
    """A line of shares, told apart by colour, dash and symbol."""
    colour = COLOURS[number % len(COLOURS)]
    return go.Scatter(
        x=x, y=share, mode="lines+markers", name=shown_name(name, 40), hovertemplate="%{y:.1%}",
        line={"color": colour, "width": 2, "dash": DASHES[number % len(DASHES)]},
        marker={"size": 7, "symbol": SYMBOLS[number % len(SYMBOLS)]},
    )  # fmt: skip


def _moments(axis: Axis) -> Array:
    """The middle of each bin."""
    return _as_dates([start + axis.width / 2 for start in axis.starts])


def _as_dates(moments: Iterable[dt.datetime]) -> Array:
    """Local times as plotly's dates: milliseconds, as if the zone were UTC."""
    return np.array([(moment - dt.datetime(1970, 1, 1)).total_seconds() * 1000 for moment in moments])


def _largest(numbers: Sequence[int], size: Array) -> list[int]:
    """The largest few of some columns, in their own order."""
    kept = sorted(numbers, key=lambda n: -size[n])[:MOST_LINES]
    return [n for n in numbers if n in kept]


def _unit(seconds: float) -> tuple[float, str]:
    """The unit in which a time reads well."""
    sizes = ((86_400.0, "days"), (3600.0, "hours"), (60.0, "minutes"))
    return next(((size, word) for size, word in sizes if seconds >= 2 * size), (1.0, "seconds"))


def _bound(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else min(max(value, 0.0), 1.0)


def _short(seconds: float) -> str:
    """A round time in few letters: 5 s, 10 min, 4 h, 1 day."""
    for size, word in ((86_400, "day"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:g} {word}"
    return f"{seconds:g} s"


def _joined(sentences: Iterable[str], most: int = MOST_PANELS) -> str:
    """The first few sentences, and how many more there are."""
    known = [sentence for sentence in sentences if sentence]
    more = len(known) - most
    return (
        "; ".join(itertools.islice(known, most)) + (f"; and {more} more" if more > 0 else "") + "."
        if known
        else ""
    )


def _busiest(name: str, axis: Axis, busy: Array, staff: Array) -> str:
    top = int(np.argmax(busy))
    return f"{name}: most at work {axis.say(top)}, {busy[top]:,.1f} of {staff[top]:,.1f} agents busy"


def _longest(name: str, axis: Axis, mean: Array) -> str:
    top = int(np.nanargmax(mean))
    return f"{name}: longest mean wait {axis.say(top)}, {seconds_text(float(mean[top]))}"


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
