"""Sheets: what stands on them is escaped, and nothing on them asks the network."""

from __future__ import annotations

import re
from pathlib import Path

import plotly.graph_objects as go

from simulation.reports.figures import Drawing
from simulation.reports.markup import MANY_ROWS, Shown
from simulation.reports.sheet import Section, table, write_sheet

EVIL = "<script>alert('x')</script> & </title>"


def test_all_that_is_given_stands_on_the_page_as_text(tmp_path: Path) -> None:
    figure = Drawing(go.Figure(go.Bar(x=[EVIL], y=[1])).update_layout(height=200), f"says {EVIL}")
    shown = Shown("bars", f"bars {EVIL}", "reading", figure, tables=[table("below", ["name", "n"], [(EVIL, "1")])])
    long = table("long", ["name", "n"], [(f"row {n}", str(n)) for n in range(MANY_ROWS + 1)])
    write_sheet(
        tmp_path / "sheet.html", "Kind", EVIL, "All is well.", [Section("First", [EVIL], [shown], [long])],
        "Run it.", {"Seed": EVIL},
    )  # fmt: skip
    text = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    without_scripts = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert "alert('x')" not in without_scripts and "<script>alert" not in text
    assert text.count("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &lt;/title&gt;") >= 6
    assert "<summary>long</summary>" in text and "All is well." in text
    assert "default-src 'none'" in text and not re.search(r"(src|href)=.?https?:", without_scripts)
