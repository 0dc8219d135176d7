"""Others' figures beside ours: read, refused, compared, and shown in the result, its files, the terminal and the page."""

from __future__ import annotations

import io
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from rich.console import Console

import simulation as sim
from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.metrics.industry import Comparison, Reading, figure_of
from simulation.reports.page import write_report
from simulation.reports.terminal import industry_block, targets_block
from simulation.statistics import Interval
from tests.laws.micro import agents, center
from tests.laws.strategies import Data
from tests.unit.test_explain import words_of


def busy(**figures: Data) -> Data:
    """An hour of calls, all answered at once, with others' figures."""
    data = center([(60 * n, 30) for n in range(20)], teams__front=agents(3, wage="10 EUR/h"))
    data["targets"] = {"answers": "asa{channel=phone} <= 20 s", "kept": "solved >= 95 %"}
    data["industry"] = {name: figures_of for name, figures_of in figures.items()}
    return data | {"replications": 2}


@pytest.fixture(scope="module")
def result() -> sim.Result:
    median = {"figures": {"asa.mean{channel=phone}": "28 s", "fcr": "100 %", "occupancy": "76 %"}, "source": "a survey"}
    best = {"figures": {"asa{channel=phone}": "0 s", "cost_per_contact": "1 EUR"}}
    return sim.run(from_dict(busy(median=median, best=best)), tables=False, jobs=1)


def interval(low: float, high: float) -> Interval:
    return Interval((low + high) / 2, low, high, 0.95, 5)


@pytest.mark.parametrize(
    ("metric", "figure", "ends", "reading"),
    [
        ("fcr", "70 %", (0.71, 0.75), Reading.better),
        ("fcr", "70 %", (0.70, 0.70), Reading.better),
        ("fcr", "70 %", (0.60, 0.69), Reading.worse),
        ("fcr", "70 %", (0.69, 0.71), Reading.open),
        ("asa", "28 s", (20, 27), Reading.better),
        ("asa.p90", "1 min", (61, 80), Reading.worse),
        ("occupancy", "76 %", (0.8, 0.9), Reading.above),
        ("occupancy", "76 %", (0.5, 0.6), Reading.below),
        ("cost_per_contact", "5 EUR", (4, 4.5), Reading.better),
    ],
)
def test_better_or_worse_by_the_interval(metric: str, figure: str, ends: tuple[float, float], reading: Reading) -> None:
    assert Comparison(figure_of("us", metric, figure), interval(*ends)).reading is reading


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        ({"fcrr": "70 %"}, "there is no metric 'fcrr'; write e.g. fcr"),
        ({"fcr": "28 s"}, "28 s"),
        ({"asa": "70 %"}, "70 %"),
        ({"fcr >=": "70 %"}, "'fcr >=' is not a metric; write e.g. {fcr: 70 %"),
        ({"cost_per_contact": "5 USD"}, "the scenario's prices are in EUR, not USD"),
        ({"csat": "70 %"}, "csat would have no data: the scenario has no opinion section; remove the figure"),
        ({"fcr{channel=fone}": "70 %"}, "no data has channel=fone; write e.g. channel=phone"),
        ({"asa": "20 s", "asa.mean": "30 s"}, "is the same metric as 'asa'; write one of them"),
        ({"fcr": 0.7}, "industry.median.figures.fcr"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_place(figures: Data, message: str) -> None:
    with pytest.raises(InputError) as refused:
        from_dict(busy(median={"figures": figures}))
    assert message in str(refused.value) and "industry.median.figures" in str(refused.value)


def test_the_result_holds_them(result: sim.Result) -> None:
    found = result.industry.set_index(["whose", "metric"])
    assert found.loc[("median", "asa.mean"), "reading"] == "better"
    assert found.loc[("median", "fcr"), "reading"] == "too close to call", "forty of forty are no proof of all"
    assert found.loc[("median", "occupancy"), "reading"] == "below"
    assert found.loc[("best", "asa.mean"), "reading"] == "better", "as good is good"
    assert found.loc[("best", "cost_per_contact"), "reading"] == "worse"
    targets = result.targets.set_index("name")
    assert targets.loc["answers", "median"] == "28 s" and targets.loc["answers", "median: reading"] == "better"
    assert pd.isna(targets.loc["kept", "median"])


def test_files_terminal_and_page_show_them(result: sim.Result, tmp_path: Path) -> None:
    folder = result.save(tmp_path / "found", extras=[write_report])
    assert list(pd.read_csv(folder / "targets.csv").columns[-4:]) == [
        "median",
        "median: reading",
        "best",
        "best: reading",
    ]
    assert len(pd.read_csv(folder / "industry.csv")) == 5
    assert len(json.loads((folder / "summary.json").read_text())["industry"]) == 5
    page = (folder / "report.html").read_text(encoding="utf-8")
    for words in ("Beside others", "median: a survey", ">28\u00a0s<small>better", ">best</th>"):
        assert words in page.replace("\n", ""), words
    for width, words in ((160, "28 s, better"), (70, "28 s\n")):
        console = Console(file=io.StringIO(), width=width, highlight=False)
        for block in (*targets_block(result, console), *industry_block(result, console)):
            console.print(block)
        said = "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())  # type: ignore[attr-defined]
        assert words.strip() in said and "median: a survey" in said


def test_they_change_nothing_else(result: sim.Result) -> None:
    alone = sim.run(from_dict(deepcopy(busy())), tables=False, jobs=1)
    ours = result.kpis.set_index(["metric", "segment"])
    assert alone.industry.empty
    pd.testing.assert_frame_equal(
        alone.kpis.set_index(["metric", "segment"]), ours.loc[alone.kpis.set_index(["metric", "segment"]).index]
    )


def test_explain_lists_them() -> None:
    said: Any = words_of(busy(median={"figures": {"fcr": "70 %"}, "source": "a survey"}))
    assert "Others' figures" in said and "median" in said and "70 %" in said and "a survey" in said
