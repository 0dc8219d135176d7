"""The page of a run: numbers and targets in words, figures, and that nothing in a scenario can break out."""

from __future__ import annotations

import base64
import copy
import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import simulation as sim
from simulation.experiments.load import from_dict
from simulation.reports import (
    figures,
    interval_text,
    metric_title,
    ordinal,
    target_words,
    value_text,
)
from simulation.reports.figures import Curves
from simulation.reports.page import Run, between, page, phrase, write_report

EVIL = '</script><script>document.title="hacked"</script><img src=x onerror="alert(1)"> {{ 7*7 }} & \u2028'
SMALL: dict[str, Any] = {
    "name": "small",
    "calendar": {"start": "2026-03-02", "time_zone": "Europe/Riga"},
    "horizon": "1 d",
    "replications": 2,
    "demand": {
        "sources": {"all": {"topic": "any", "channels": {"phone": "70 %", "email": "30 %"}, "volume": "400/day"}}
    },
    "channels": {
        "phone": {"mode": "live", "patience": {"exponential": {"mean": "2 min"}}},
        "email": {"mode": "deferred"},
    },
    "topics": {"any": {"handling": {"any": {"exponential": {"mean": "6 min"}}}}},
    "teams": {
        "front": {
            "skills": {"calls": {"channels": "phone"}},
            "headcount": {"constant": 2},
            "wage": "15 EUR/h",
        },
        "back": {"skills": {"mail": {"channels": "email"}}, "headcount": {"constant": 1}},
    },
    "targets": {"fast": "service_level(20s){channel=phone} >= 80 %"},
}
Change = Callable[[dict[str, Any]], None]


class Reader(HTMLParser):
    """What a browser would find: elements with their attributes, texts, and the content of each script."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.elements[-1:] and self.elements[-1][0] == "script" and self.cdata_elem == "script":
            attributes, before = self.scripts[-1]
            self.scripts[-1] = (attributes, before + data)
        else:
            self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of each element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        """All text, with plain spaces."""
        return " ".join(" ".join(self.texts).replace("\u00a0", " ").split())

    def drawing(self, anchor: str) -> dict[str, Any]:
        """The figure of a section: data and layout."""
        found = next(text for attributes, text in self.scripts if attributes.get("id") == f"data-{anchor}")
        return dict(json.loads(found))

    @property
    def anchors(self) -> list[str]:
        """The sections that hold a figure."""
        return [str(one["data-drawing"]).removeprefix("data-") for one in self.all("div") if "data-drawing" in one]


def made(folder: Path, change: Change | None = None) -> Path:
    """The results folder of a small run."""
    data = copy.deepcopy(SMALL)
    if change is not None:
        change(data)
    return sim.run(from_dict(data), tables=False, jobs=1).save(folder / "run")


def read(folder: Path) -> Reader:
    """The page as written, without plotly.js, which is long to parse."""
    write_report(folder)
    return Reader((folder / "report.html").read_text(encoding="utf-8").replace(figures.library(), ""))


def doctored(folder: Path, **changes: Any) -> Reader:
    """The page with other entries in summary.json."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    run = Run.read(folder)
    made_again = page(Run({**summary, **changes}, run.manifest, run.scenario, run.text, run.lists))
    return Reader(made_again.replace(figures.library(), ""))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def reader(small: Path) -> Reader:
    write_report(small)
    return Reader((small / "report.html").read_text(encoding="utf-8"))


# Numbers and words


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.7442, "share", "74.4 %"), (1.0, "share", "100 %"), (0.0, "share", "0 %"),
        (0.00042, "share", "0.04 %"), (0.99986, "share", "99.99 %"), (0.0, "s", "0 s"),
        (6.23, "s", "6.2 s"), (42.4, "s", "42 s"), (59.7, "s", "1:00 min"),
        (957.0, "s", "15:57 min"), (3599.8, "s", "1.0 h"), (19_080.0, "s", "5.3 h"),
        (293_760.0, "s", "3.4 days"), (2942.7, "EUR/day", "2,943 EUR a day"), (4.354, "EUR", "4.35 EUR"),
        (961.1, "contacts/day", "961 a day"), (178.4, "h/day", "178 h a day"), (7.12, "agents", "7.12"),
        (0.0253, "per case", "0.025"), (None, "share", "—"), (float("nan"), "s", "—"),
    ],
)  # fmt: skip
def test_values_are_written_as_people_write_them(value: float | None, unit: str, text: str) -> None:
    assert value_text(value, unit) == text


def test_intervals_end_at_what_is_possible() -> None:
    assert interval_text(-0.01, 0.05, "share") == "0 % – 5.0 %"
    assert interval_text(0.98, 1.2, "share") == "98.0 % – 100 %"
    assert interval_text(-208.2, 2122.0, "s") == "0 s – 35:22 min"
    assert interval_text(None, None, "s") == "—"


def test_an_interval_says_its_unit_once_where_both_ends_have_it() -> None:
    assert between(0.108, 0.382, "share") == "10.8 – 38.2 %"
    assert between(799.8, 1122.5, "contacts/day") == "800 – 1,122 a day"
    assert between(30.0, 90.0, "s") == "30 s – 1:30 min"
    assert between(1.09, 1.14, "per case") == "1.09 – 1.14"
    assert between(None, None, "s") == "—"


@pytest.mark.parametrize(
    ("metric", "title"),
    [
        ("service_level(20s)", "Service level (20 s)"),
        ("fcr_measured(1week)", "First contact resolution as a center sees it (1 week)"),
        ("asa.mean", "Average speed of answer (ASA)"),
        ("first_response_time.p50", "Median first response time"),
        ("wait.p90", "90th percentile of wait"),
        ("wait.max", "Longest wait"),
        ("something_new", "Something new"),
    ],
)
def test_metrics_have_names_in_words(metric: str, title: str) -> None:
    assert metric_title(metric) == title


def test_targets_are_said_in_words() -> None:
    said = target_words("service_level(20s){channel=phone, weekday=mon} >= 80 %")
    assert said == ("Service level (20 s), channel phone, weekday Monday", "at least 80 %")
    assert target_words("first_response_time.mean <= 15 min") == (
        "Mean first response time",
        "at most 15 min",
    )
    assert target_words("abandonment{hour=9} < 5 %") == ("Abandonment, hour 9:00–10:00", "less than 5 %")
    assert target_words("a metric of another version >= 3") == ("a metric of another version >= 3", "")


def test_ordinals() -> None:
    assert [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 90)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "90th",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"lognormal": {"mean": "5 min", "cv": 0.8}}, "mean 5 min, cv 0.8 (lognormal)"),
        ({"constant": {"value": "30 s"}}, "30 s"),
        ({"constant": 3}, "constant 3"),
        ({"billing": "60 %", "tech": "40 %"}, "billing 60 %; tech 40 %"),
        ({"after": {"exponential": {"mean": "1 h"}}, "most": 3}, "after: mean 1 h (exponential); most 3"),
        (
            {"early": {"days": "mon-fri", "start": "07:00", "end": "15:00", "headcount": 5, "waves": 3}},
            "early: mon-fri 07:00–15:00 5 agents, waves 3",
        ),
        ({"breaks": {"lunch": {"after": "4 h", "paid": False}}}, "breaks: lunch (after 4 h, paid no)"),
        ([1.0, 1.6], "1.0, 1.6"),
        ([0.5] * 24, "24 values"),
        ({"file": "/home/somebody/inputs/staff.csv"}, "file staff.csv"),
        ("2026-03-04T10:00:00", "2026-03-04 10:00"),
        ({}, "as by default"),
    ],
)  # fmt: skip
def test_parts_of_a_scenario_are_said_in_words(part: Any, words: str) -> None:
    assert phrase(part) == words


# What figures show: two replications of three hours, one channel, two teams


def curves(
    start: dt.datetime, hours: int, measured: tuple[float, float] | None = None, teams: int = 2, **sums: Any
) -> Curves:
    edges = np.arange(hours + 1) * 3600.0
    walls = [start + dt.timedelta(hours=hour) for hour in range(hours)]
    zero = np.zeros((hours, 1))
    filled = {f"hours/{name}": zero for name in ("contacts", "offered", "answered", "abandoned", "waited")}
    filled |= {f"staff/{name}": np.zeros((hours, teams)) for name in ("signed_in", "handling")}
    filled |= {name.replace("_", "/", 1): np.asarray(values, dtype=float) for name, values in sums.items()}
    names = [f"team {number}" for number in range(teams)]
    return Curves(
        edges,
        walls,
        measured or (0.0, hours * 3600.0),
        ["phone"],
        names,
        np.array([0, 1e-9, 5, np.inf]),
        2,
        filled,
    )


MONDAY = dt.datetime(2026, 3, 2)


def lists(figure: Any) -> list[dict[str, Any]]:
    """The traces of a figure as plain lists."""
    found = [{name: np.asarray(trace[name]).tolist() for name in ("x", "y")} for trace in figure.data]
    return [
        {**one, "name": trace.name, "visible": trace.visible} for one, trace in zip(found, figure.data, strict=True)
    ]


def test_load_is_the_mean_number_of_agents_busy_and_signed_in() -> None:
    handling = [[3600, 0], [7200, 0], [1800, 3600]]
    signed_in = [[7200, 7200]] * 3
    known = curves(MONDAY, 3, staff_handling=handling, staff_signed_in=signed_in)
    drawing = figures.load(known, figures.by_hour(known))
    busy, staff, other, _ = lists(drawing.figure)
    assert busy["y"] == [0.5, 1.0, 0.25, 0.25]  # two replications; the last value is held to the end
    assert staff["y"] == [1.0] * 4
    assert other["y"] == [0.0, 0.0, 0.5, 0.5]
    midnight = dt.datetime(2026, 3, 2, tzinfo=dt.UTC).timestamp() * 1000
    assert busy["x"] == [midnight + hour * 3_600_000 for hour in range(4)]
    assert "team 0: busiest Monday 2 March 1:00, 1.0 of 1.0 agents busy" in drawing.says


def test_what_is_not_measured_is_not_drawn() -> None:
    handling = [[7200, 0], [3600, 0], [1800, 0]]
    known = curves(MONDAY, 3, (1800.0, 7200.0), staff_handling=handling)
    axis = figures.by_hour(known)
    assert [start.hour for start in axis.starts] == [0, 1]
    assert axis.seconds.tolist() == [2 * 1800.0, 2 * 3600.0]
    assert lists(figures.load(known, axis).figure)[0]["y"] == [2.0, 0.5, 0.5]


def test_waits_are_means_of_those_answered_and_absent_where_nobody_was() -> None:
    known = curves(MONDAY, 3, hours_waited=[[600], [0], [2400]], hours_answered=[[2], [0], [4]])
    drawing = figures.waits(known, figures.by_hour(known))
    (line,) = lists(drawing.figure)
    assert line["y"][0] == 5.0 and np.isnan(line["y"][1]) and line["y"][2] == 10.0  # minutes
    assert drawing.figure.layout.yaxis.title.text == "minutes"


def test_volume_is_a_rate_of_contacts_by_what_became_of_them() -> None:
    offered, answered, abandoned = [[10], [8], [6]], [[6], [8], [2]], [[4], [0], [2]]
    known = curves(MONDAY, 3, hours_offered=offered, hours_answered=answered, hours_abandoned=abandoned)
    first, hung_up, other = lists(figures.volume(known, figures.by_hour(known)).figure)
    assert (first["name"], first["y"]) == ("answered", [3.0, 4.0, 1.0])
    assert (hung_up["name"], hung_up["y"]) == ("hung up", [2.0, 0.0, 1.0])
    assert (other["name"], other["y"]) == ("cut off or still waiting", [0.0, 0.0, 1.0])


def test_volume_shows_who_left_at_once_and_who_asked_to_be_called() -> None:
    left, asked = {"hours_balked": [[2], [0], [0]]}, {"hours_asked_call": [[0], [0], [4]]}
    known = curves(MONDAY, 3, hours_offered=[[2], [0], [4]], **left, **asked)
    bars = lists(figures.volume(known, figures.by_hour(known)).figure)
    assert [(bar["name"], bar["y"]) for bar in bars] == [
        ("asked to be called", [0.0, 0.0, 2.0]),
        ("left at once", [1.0, 0.0, 0.0]),
    ]


def test_the_distribution_of_waits_is_cumulative() -> None:
    known = curves(MONDAY, 3, waits=[[6], [2], [2]])
    drawing = figures.distribution(known)
    (line,) = lists(drawing.figure)
    assert line["x"] == ["at once", "5 s", "longer"]
    assert line["y"] == pytest.approx([0.6, 0.8, 1.0])
    assert figures.wait_labels(np.array([0, 1e-9, 30, 600, 7200, 86_400, np.inf])) == [
        "at once", "30 s", "10 min", "2 h", "1 day", "longer",
    ]  # fmt: skip


def test_a_week_is_folded_by_local_hour() -> None:
    weeks = 2
    handling = np.tile(np.arange(168.0)[:, None], (weeks, 2))
    handling[168:] += 2.0
    known = curves(MONDAY + dt.timedelta(hours=5), 168 * weeks, staff_handling=handling)
    axis = figures.by_hour_of_week(known)
    assert len(axis.starts) == 168
    assert (axis.starts[0].weekday(), axis.starts[0].hour) == (0, 0)
    assert axis.sum(handling)[5].tolist() == [0 + 2.0, 2.0]  # the first hour of the record is Monday 5:00
    assert axis.seconds.tolist() == [2 * weeks * 3600.0] * 168
    assert len(figures.by_hour_of_day(known).starts) == 24


def test_scraps_of_days_are_no_days() -> None:
    known = curves(MONDAY + dt.timedelta(hours=23), 26)
    assert [start.day for start in figures.by_day(known).starts] == [3]


def test_an_hour_that_the_clock_repeats_is_one_bin(tmp_path: Path) -> None:
    def autumn(data: dict[str, Any]) -> None:
        data["calendar"]["start"], data["replications"] = "2026-10-25", 1
        data["horizon"] = "25 h"

    known = Run.read(made(tmp_path, autumn)).curves
    axis = figures.by_hour(known)
    assert [start.hour for start in axis.starts] == list(range(24))
    assert axis.seconds.tolist() == [7200.0 if hour == 3 else 3600.0 for hour in range(24)]


def test_occupancy_shows_intervals_within_zero_and_one_and_the_busiest_teams() -> None:
    shares: dict[str, tuple[float, float | None, float | None]] = {
        "a": (0.5, 0.4, 0.7),
        "b": (0.95, 0.8, 1.3),
        "c": (0.2, None, None),
    }
    bars = figures.occupancy(shares).figure.data[0]
    assert list(bars.x) == [0.95, 0.5, 0.2]
    assert list(bars.error_x.array) == pytest.approx([0.05, 0.2, 0.0])
    assert list(bars.error_x.arrayminus) == pytest.approx([0.15, 0.1, 0.0])
    many = figures.occupancy({f"team {number}": (number / 100, None, None) for number in range(99)})
    assert len(many.figure.data[0].x) == figures.MOST_BARS
    assert max(many.figure.data[0].x) == 0.98


def test_many_teams_are_chosen_from_beginning_with_their_sum() -> None:
    known = curves(MONDAY, 3, teams=300, staff_handling=np.full((3, 300), 7200.0))
    drawing = figures.load(known, figures.by_hour(known))
    assert drawing.choices[:2] == ("All teams together", "team 0") and len(drawing.choices) == 301
    shown = [trace for trace in drawing.figure.data if trace.visible]
    assert [trace.meta for trace in shown] == [(0, "agents"), (0, "agents")]
    assert shown[0].y[0] == 300.0
    assert drawing.says.count("team") == 1


def test_names_cannot_be_markup_for_plotly() -> None:
    assert (
        figures.shown_name('<a href="https://example.org">x</a> & y')
        == '&lt;a href="https://example.org"&gt;x&lt;/a&gt; &amp; y'
    )
    assert len(figures.shown_name("x" * 500)) == 60
    assert figures.shown_name("two\nlines") == "two lines"


# The page


def test_the_page_asks_nobody_for_anything(reader: Reader) -> None:
    for _, attributes in reader.elements:
        assert not {"src", "srcset", "action", "data", "poster"} & set(attributes)
        assert str(attributes.get("href", "#")).startswith(("#", "data:,"))
    styles = (Path(figures.__file__).parent / "page.html.j2").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import", styles)


def test_the_policy_names_the_two_scripts_of_the_page_and_no_address(reader: Reader) -> None:
    (policy,) = [one["content"] for one in reader.all("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    running = [text for attributes, text in reader.scripts if attributes.get("type") != "application/json"]
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in running]
    assert len(hashes) == 2
    assert f"script-src {' '.join(hashes)};" in str(policy)
    assert "default-src 'none'" in str(policy)
    assert not re.search(r"https?:|\*", str(policy))


def test_plotly_is_there_once_and_sends_nothing(reader: Reader) -> None:
    assert sum("plotly.js v" in text for _, text in reader.scripts) == 1
    config = {"showSendToCloud": False, "plotlyServerURL": "", "displaylogo": False, "responsive": True}
    assert json.dumps(config) in reader.scripts[-1][1]


def test_headline_tables_figures_and_origin_are_there(reader: Reader, small: Path) -> None:
    summary = json.loads((small / "summary.json").read_text(encoding="utf-8"))
    for expected in (
        "Mon 2 March 2026 (1 day)", "local time, Europe/Riga", f"{summary['contacts']:,}", summary["digest"],
        "2 (the same period, each time with other chance)", "supportsim run scenario.yaml",
        "The books balance in every replication", "service_level(20s){channel=phone} >= 80 %",
        "mean 2 min (exponential)", "How long a customer waits before hanging up",
    ):  # fmt: skip
        assert expected in reader.text
    assert reader.anchors == ["load", "waits", "backlog", "volume", "abandonment", "distribution", "occupancy", "costs"]


def test_a_figure_in_the_page_shows_what_the_curves_say(reader: Reader, small: Path) -> None:
    stored = json.loads((small / "curves.json").read_text(encoding="utf-8"))
    waits = np.array(stored["curves"]["waits"])
    drawn = reader.drawing("distribution")["data"][0]["y"]
    values = np.frombuffer(base64.b64decode(drawn["bdata"]), drawn["dtype"])
    assert values == pytest.approx((np.cumsum(waits[:, 0]) / waits[:, 0].sum())[: len(values)])


def test_every_key_figure_leads_to_its_definition(reader: Reader) -> None:
    ids = {str(attributes["id"]) for _, attributes in reader.elements if attributes.get("id")}
    links = {str(one["href"])[1:] for one in reader.all("a")}
    assert {"means-service_level", "means-fcr", "means-first_response_time"} <= links
    assert links <= ids
    for kpi in ("service_level", "fcr", "occupancy", "cost"):
        assert sim.KPIS[kpi].doc in reader.text


def test_the_page_can_be_read_without_seeing_it(reader: Reader) -> None:
    assert reader.all("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in reader.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))
    assert all(one.get("scope") in ("row", "col") for one in reader.all("th"))
    for one in reader.all("div"):
        if "data-drawing" in one:
            assert one["role"] == "img" and len(str(one["aria-label"])) > 40


def row(name: str, verdict: str, **changes: Any) -> dict[str, Any]:
    target = {
        "name": name,
        "target": "fcr >= 60 %",
        "observed": 0.5,
        "low": 0.4,
        "high": 0.6,
        "verdict": verdict,
    }
    return {**target, **changes}


def test_missed_targets_come_first_and_stand_out_without_colour(small: Path) -> None:
    found = doctored(small, targets=[row("a", "met"), row("b", "undecided"), row("c", "missed")])
    assert [one["class"] for one in found.all("tr") if one.get("class")] == ["missed", "undecided", "met"]
    assert re.search(r"✗ ?missed.*\? ?undecided.*✓ ?met", found.text)
    assert "40.0 – 60.0 %" in found.text


def test_the_outcome_is_one_plain_sentence(small: Path) -> None:
    asked = row("c", "missed", target="abandonment{channel=phone} <= 8 %", observed=0.097)
    found = doctored(small, targets=[row("a", "met"), asked, row("b", "undecided")])
    said = (
        "1 of 3 targets met. Missed: Abandonment, channel phone – 9.7 %, asked at most 8 %. "
        "Undecided: First contact resolution (FCR) – 50.0 %, asked at least 60 %."
    )
    assert said in found.text
    assert "1 of 1 target met." in doctored(small, targets=[row("a", "met")]).text
    assert "; and 3 more." in doctored(small, targets=[row(str(n), "missed") for n in range(7)]).text


def test_a_page_without_targets_says_so(small: Path) -> None:
    found = doctored(small, targets=[])
    assert "The scenario sets no targets" in found.text
    assert "targets" not in [one.get("id") for one in found.all("h2")]


def test_money_in_targets_has_the_currency_of_the_scenario(small: Path) -> None:
    found = doctored(
        small, targets=[row("a", "met", target="cost <= 900 EUR/day", observed=720.0, low=700.0, high=740.0)]
    )
    assert "720.00 EUR a day" in found.text and "700.00 – 740.00 EUR a day" in found.text


def test_books_that_do_not_balance_are_shouted(small: Path) -> None:
    assert "do NOT balance" in doctored(small, audit={"balanced": False}).text


def test_bots_that_are_used_have_a_table(tmp_path: Path) -> None:
    def with_bots(data: dict[str, Any]) -> None:
        bot = {
            "sessions": 9,
            "session": {"exponential": {"mean": "1 min"}},
            "cost": "0.10 EUR",
            "silent_failure": "9 %",
        }
        data |= {"bots": {"helper": bot, "spare": bot}}
        data["channels"]["phone"]["bot"] = "helper"

    found = read(made(tmp_path, with_bots))
    assert "By bot" in found.text and not re.search(r"\b(nan|None|null|inf)\b", found.text)
    table = found.text.partition("By bot")[2].partition("By topic")[0]
    assert "helper" in table and "spare" not in table
    for name in ("Solved by the bot, as claimed", "Believed solved by the bot", "Bot utilization", "Bot cost"):
        assert name in table, name


def test_a_page_without_bots_has_no_table_of_them(reader: Reader) -> None:
    assert "By bot" not in reader.text


def test_what_comes_before_the_contact_is_on_the_page(tmp_path: Path) -> None:
    """Segments, self-service and notices: their figures, and what was assumed of them."""

    def with_all(data: dict[str, Any]) -> None:
        base = {"looks": "50 %", "reading": {"exponential": {"mean": "1 min"}}}
        data |= {"customers": {"young": {"share": "40 %"}, "old": {"share": "60 %"}}}
        data |= {"self_service": {"knowledge_base": base}}
        for topic in data["topics"].values():
            topic["reach"] = topic.get("reach", {}) | {"knowledge_base": "30 %"}

    found = read(made(tmp_path, with_all))
    assert not re.search(r"\b(nan|None|null|inf)\b", found.text)
    table = found.text.partition("By segment of customers")[2].partition("By topic")[0]
    assert "young" in table and "old" in table and "Cases solved by self-service" in table
    assert (
        "Cases kept away by self-service" in found.text and "Self-service" in found.text and "Customers" in found.text
    )


def test_a_page_without_segments_has_no_table_of_them(reader: Reader) -> None:
    assert "By segment" not in reader.text and "by self-service" not in reader.text


def test_one_replication_decides_nothing_and_shows_no_interval(tmp_path: Path) -> None:
    found = read(made(tmp_path, lambda data: data.update(replications=1)))
    assert "A single replication cannot decide targets. Observed: Service level (20 s), channel phone" in found.text
    assert not re.search(r"\b(nan|None|null|inf)\b", found.text)
    assert [one for one in found.all("small") if "class" not in one] == []


def test_a_run_of_minutes_has_no_figures_by_the_hour(tmp_path: Path) -> None:
    found = read(made(tmp_path, lambda data: data.update(horizon="40 min", targets={})))
    assert "too short for figures by the hour" in found.text
    assert set(found.anchors) <= {"distribution", "occupancy", "costs"}
    assert "Mon 2 March 2026, 00:00 to 00:40 (40 minutes)" in found.text


def test_a_run_of_months_shows_a_typical_week_and_days(tmp_path: Path) -> None:
    def long(data: dict[str, Any]) -> None:
        data.update(horizon="42 d", warm_up="7 d", replications=1, targets={})
        data["demand"]["sources"]["all"]["volume"] = "20/day"

    found = read(made(tmp_path, long))
    assert "waits-by-day" in found.anchors
    assert "A typical week" in found.text and "7 days before that, simulated but not counted" in found.text
    assert len(base64.b64decode(found.drawing("load")["data"][0]["y"]["bdata"])) == 4 * (168 + 1)
    assert len(base64.b64decode(found.drawing("volume")["data"][0]["y"]["bdata"])) == 4 * 35


def test_nobody_came(tmp_path: Path) -> None:
    def empty(data: dict[str, Any]) -> None:
        data["demand"]["sources"]["all"]["volume"] = "0"

    found = read(made(tmp_path, empty))
    assert found.anchors == ["load", "occupancy", "costs"]
    assert not re.search(r"\b(nan|None)\b", found.text)


def test_the_same_results_give_the_same_page(small: Path) -> None:
    assert page(Run.read(small)) == page(Run.read(small))


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_report(tmp_path)


# Nothing in a scenario breaks out of its place


def evil(data: dict[str, Any]) -> None:
    """Every name that may be any text is a nasty one."""
    data["description"] = EVIL
    data["channels"] = {EVIL + name: channel for name, channel in data["channels"].items()}
    data["topics"] = {EVIL: data["topics"]["any"]}
    source = data["demand"]["sources"]["all"]
    source.update(topic=EVIL, channels={EVIL + name: share for name, share in source["channels"].items()})
    data["demand"]["sources"] = {EVIL: source}
    data["teams"] = {EVIL + name: team for name, team in data["teams"].items()}
    data["teams"][EVIL + "front"]["skills"] = {EVIL: {"channels": EVIL + "phone"}}
    data["teams"][EVIL + "back"]["skills"] = {EVIL: {"channels": EVIL + "email"}}
    data["targets"] = {EVIL: "fcr >= 60 %"}


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return read(made(tmp_path_factory.mktemp("nasty"), evil))


def outline(reader: Reader) -> list[str]:
    return [tag for tag, _ in reader.elements]


def test_nasty_names_add_no_element_and_no_script(nasty: Reader, reader: Reader) -> None:
    assert "img" not in outline(nasty)
    assert len(nasty.scripts) == len(reader.scripts)
    assert set(outline(nasty)) <= set(outline(reader)) | {"p"}
    assert not any(name.startswith("on") for _, attributes in nasty.elements for name in attributes)


def test_nasty_names_are_shown_as_they_are(nasty: Reader) -> None:
    assert " ".join(EVIL.split()) in nasty.text


def test_nasty_names_in_figures_are_text(nasty: Reader) -> None:
    for attributes, text in nasty.scripts:
        if attributes.get("type") == "application/json":
            assert "<" not in text
            json.loads(text)
    heading = nasty.drawing("load")["layout"]["annotations"][0]["text"]
    assert heading.startswith("<b>&lt;/script&gt;&lt;script&gt;")
