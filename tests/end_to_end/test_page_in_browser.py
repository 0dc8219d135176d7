"""The page of a run in a real browser: figures are drawn, the network is not asked, nothing runs amok."""

from __future__ import annotations

import copy
import html
import json
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import simulation as sim
from simulation.experiments.load import from_dict
from simulation.reports.page import write_report

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs the chromium browser on the path"),
]
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
    "--allow-file-access-from-files", "--virtual-time-budget=15000",
)  # fmt: skip
BROWSERS_OWN = re.compile(r"(^|[./])(google|googleapis|gstatic|gvt1)\.com(?=[:/]|$)")
"""Hosts that the browser itself calls at its start, whatever it shows."""
EVIL = '</script><script>document.title="hacked"</script><img/src="http://example.org/x"/onerror="alert(1)">'
TEAMS = 8
CENTER: dict[str, Any] = {
    "name": "center",
    "description": EVIL,
    "calendar": {"start": "2026-03-02", "time_zone": "Europe/Riga"},
    "horizon": "2 d",
    "replications": 2,
    "demand": {"sources": {"all": {"topic": EVIL, "channels": {"phone": "70 %", EVIL: "30 %"}, "volume": "600/day"}}},
    "channels": {
        "phone": {"mode": "live", "patience": {"exponential": {"mean": "2 min"}}},
        EVIL: {"mode": "deferred"},
    },
    "topics": {EVIL: {"handling": {"any": {"exponential": {"mean": "6 min"}}}}},
    "teams": {
        f"team {number} {EVIL}": {"skills": {"all": {}}, "headcount": {"constant": 1}} for number in range(TEAMS)
    },
    "targets": {
        "fast" + EVIL: "service_level(20s){channel=phone} >= 99.9 %",
        "solved": "fcr >= 1 %",
    },
}
WIDTHS = [1280, 390]
"""Pixels of a desktop's and of a phone's window."""
PROBE = """<!DOCTYPE html>
<iframe style="height: 800px; border: 0"></iframe>
<pre>nothing</pre>
<script>
const frame = document.querySelector("iframe"), widths = %s, found = [];
const say = (what) => { document.querySelector("pre").textContent = JSON.stringify(what); };
const show = () => {
  frame.style.width = widths[found.length] + "px";
  frame.src = "report.html?" + found.length;
};
addEventListener("error", (event) => say(event.message));
frame.onload = () => setTimeout(() => {
  const page = frame.contentDocument, plots = [...page.querySelectorAll("[data-drawing]")];
  const load = page.getElementById("plot-load"), waits = page.getElementById("plot-waits");
  const chooser = page.querySelector("select"), width = widths[found.length];
  const visible = () => load.data.flatMap((trace, number) => (trace.visible ? [number] : []));
  const edge = (plot) => plot.querySelector(".main-svg").getBoundingClientRect().right;
  const before = visible(), agents = [...page.querySelectorAll("table.sorts")].at(-1);
  const sort = (column) => {
    agents.tHead.rows[0].cells[column].querySelector("button").click();
    return [...agents.tBodies[0].rows].map((row) => row.cells[column].textContent.trim());
  };
  chooser.value = "2";
  chooser.dispatchEvent(new Event("change"));
  setTimeout(() => {
    found.push({
      title: page.title,
      width: page.documentElement.scrollWidth,
      plots: plots.length,
      undrawn: plots.filter((plot) => !plot.querySelector(".main-svg .xy")).map((plot) => plot.id),
      wide: plots.filter((plot) => edge(plot) > width).map((plot) => plot.id),
      links: page.querySelectorAll(".main-svg a").length,
      images: page.querySelectorAll("img").length,
      buttons: [...page.querySelectorAll(".modebar-btn")].map((one) => one.dataset.title),
      headings: [...waits.querySelectorAll(".annotation-text")].map((one) => one.textContent),
      stays: [sort(1), sort(1)], names: [sort(0), sort(0)], handling: sort(2),
      before: before, after: visible(), lines: load.querySelectorAll(".scatterlayer .trace").length,
    });
    if (found.length < widths.length) show(); else say(found);
  }, 500);
}, 500);
show();
</script>
"""


class Listening:
    """A proxy that lets nothing through and remembers who was asked for."""

    def __init__(self) -> None:
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def refuse(self) -> None:
                asked.append(self.path)
                self.send_error(502)

            do_GET = do_POST = do_HEAD = do_CONNECT = refuse

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.asked = asked
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def by_the_page(self) -> list[str]:
        """Addresses that the browser does not call on its own account."""
        return [address for address in self.asked if not BROWSERS_OWN.search(address)]


@pytest.fixture(scope="module")
def proxy() -> Iterator[Listening]:
    listening = Listening()
    yield listening
    listening.server.shutdown()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    result = sim.run(from_dict(copy.deepcopy(CENTER)), tables=False, jobs=1)
    return result.save(tmp_path_factory.mktemp("page") / "run", extras=[write_report])


def browse(page: Path, proxy: Listening, *options: str) -> str:
    """Open a file in a browser of its own; what it prints."""
    with tempfile.TemporaryDirectory() as profile:
        own = (f"--user-data-dir={profile}", f"--proxy-server=127.0.0.1:{proxy.server.server_port}")
        command = [str(CHROMIUM), *QUIET, *own, *options, page.as_uri()]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


@pytest.fixture(scope="module")
def seen(folder: Path, proxy: Listening) -> list[dict[str, Any]]:
    """What a script finds in the page, shown in a frame as wide as a desktop and as a phone."""
    probe = folder / "probe.html"
    probe.write_text(PROBE % WIDTHS, encoding="utf-8")
    printed = re.search("<pre>(.*?)</pre>", browse(probe, proxy, "--dump-dom"), re.DOTALL)
    assert printed is not None
    found = json.loads(html.unescape(printed[1]))
    assert isinstance(found, list), found
    return found


@pytest.fixture(scope="module")
def desktop(seen: list[dict[str, Any]]) -> dict[str, Any]:
    return seen[0]


def test_every_figure_is_drawn(desktop: dict[str, Any]) -> None:
    assert desktop["plots"] == 7
    assert desktop["undrawn"] == []


def test_nothing_from_the_scenario_runs_or_becomes_an_element(desktop: dict[str, Any]) -> None:
    assert desktop["title"] == "center: simulation report"
    assert (desktop["links"], desktop["images"]) == (0, 0)
    assert desktop["headings"] == ["phone", EVIL[:59] + "…"]


def test_the_network_is_never_asked(seen: list[dict[str, Any]], proxy: Listening) -> None:
    assert proxy.by_the_page == []


def test_the_proxy_would_have_heard_a_request(tmp_path: Path) -> None:
    listening = Listening()
    page = tmp_path / "asking.html"
    page.write_text('<img src="http://example.org/x">', encoding="utf-8")
    browse(page, listening, "--dump-dom")
    assert listening.by_the_page == ["http://example.org/x"]
    listening.server.shutdown()


def test_no_figure_offers_to_send_itself_away(desktop: dict[str, Any]) -> None:
    assert desktop["buttons"]
    assert not re.search("cloud|edit|share|plotly", " ".join(filter(None, desktop["buttons"])), re.IGNORECASE)


def test_a_team_can_be_chosen(desktop: dict[str, Any]) -> None:
    assert desktop["before"] == [0, 1]
    assert desktop["after"] == [4, 5]
    assert desktop["lines"] == 2


def test_a_click_on_a_heading_sorts_the_agents(desktop: dict[str, Any]) -> None:
    most, least = ([int(one.replace(",", "")) for one in order] for order in desktop["stays"])
    assert len(most) == TEAMS
    assert most == sorted(most, reverse=True)
    assert least == sorted(most)
    first, last = desktop["names"]
    assert first == sorted(first) == last[::-1]
    seconds = [
        int(minutes) * 60 + int(rest.split()[0])
        for minutes, _, rest in (one.partition(":") for one in desktop["handling"])
    ]
    assert seconds == sorted(seconds, reverse=True)


def test_nothing_is_wider_than_a_desktop_or_a_phone(seen: list[dict[str, Any]]) -> None:
    assert [found["width"] for found in seen] == WIDTHS
    assert [found["wide"] for found in seen] == [[], []]


@pytest.mark.slow
def test_it_prints(folder: Path, proxy: Listening) -> None:
    paper = folder / "page.pdf"
    browse(folder / "report.html", proxy, f"--print-to-pdf={paper}", "--no-pdf-header-footer")
    sheet = re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", paper.read_bytes())
    assert sheet is not None
    assert [round(float(side) / 72 * 25.4) for side in sheet.groups()] == [210, 297]
