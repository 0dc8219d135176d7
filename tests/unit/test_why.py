"""`supportsim why`: stays selected from a run, their causes, a story, the same customers elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import simulation as sim
from simulation.cli import main
from simulation.errors import InputError
from simulation.experiments.condition import parse
from simulation.experiments.elsewhere import MET, SPARED
from simulation.experiments.load import from_dict
from simulation.experiments.result import Result
from simulation.experiments.tables import Run
from simulation.experiments.why import SECONDS, Account, Book, fields_of, why
from simulation.reports.why import percents
from tests.laws.micro import agents, center, on_shift
from tests.laws.strategies import Data, constant

COFFEE = {"coffee": {"after": "10 min", "lasts": "10 min"}}
BREAK = center([(720, 60), (1300, 60), (1310, 30)], teams__front=on_shift("00:00", "00:50", breaks=COFFEE))
"""A call in the break (600 to 1200 s) waits for 480 s; later one waits for 50 s behind another."""


def done(data: Data, replications: int = 1, **more: Any) -> Result:
    return sim.run(from_dict(data), replications=replications, jobs=1, **more)


@pytest.fixture(scope="module")
def run() -> Result:
    return done(BREAK)


@pytest.fixture(scope="module")
def folder(run: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return done(BREAK, 2).save(tmp_path_factory.mktemp("why") / "results")


def says(*words: str) -> str:
    """What the command says; it must end well."""
    result = CliRunner().invoke(main, ["why", *words], env={"COLUMNS": "60"})
    assert result.exit_code == 0, result.output
    return result.output


def refuses(*words: str) -> str:
    result = CliRunner().invoke(main, ["why", *words])
    assert result.exit_code == 2 and "Traceback" not in result.output
    return result.output


# -- causes ---------------------------------------------------------------------------------------------------


def test_the_stays_that_fulfil_a_condition_and_their_causes(run: Result) -> None:
    found = why(run)
    assert found.waits["wait"].tolist() == [480, 50] and found.stays == 3
    assert found.waits["cause"].tolist() == ["breaks", "chance"]
    assert found.causes["cause"].tolist() == ["breaks", "chance"] and found.causes["seconds"].tolist() == [480, 50]
    assert found.causes["share"].sum() == pytest.approx(1) and found.causes["stays"].tolist() == [1, 1]
    assert found.waits["when"].tolist() == ["2026-03-02 00:12:00", "2026-03-02 00:21:50"]
    assert why(run, "wait > 1 min").waits["case"].tolist() == [0]


def test_who_did_not_wait_has_no_cause(run: Result) -> None:
    found = why(run, "wait = 0")
    assert found.waits["cause"].tolist() == ["none"] and found.causes.empty and found.by_hour["largest"].tolist() == [0]


def test_conditions_on_every_field(run: Result) -> None:
    whole = {
        "channel = phone": 3, "topic = any": 3, "urgency = normal": 3, "source = log": 3, "tier = tier1": 3, "team = front": 3,
        "agent = front/s/1": 3, "kind = first": 3, "stay = first": 3, "outcome = solved": 3, "handling = 1 min": 2,
        "difficulty >= 0 %": 3, "answered": 3, "abandoned": 0, "weekday = mon": 3, "date = 2026-03-02": 3,
        "time >= 00:20": 2, "time < 00:20": 1, "hour = 0": 3, "case = 1": 1, "contact = 0": 3, "replication = 0": 3,
    }  # fmt: skip
    book = Book(Run.of(run), 0)
    found = {text: int(book.selected(parse(text, fields_of(book.run))).sum()) for text in whole}
    assert found == whole and {text.split()[0] for text in [*whole, "wait", "segment"]} >= set(fields_of(book.run))


def test_the_time_of_day_is_the_wall_clock_when_an_hour_comes_twice() -> None:
    """25 October 2026 in Riga has 25 hours: 4:30 h after midnight the clock shows 03:30 again."""
    data = center([], horizon="1 d", teams__front=agents(1))
    data["calendar"] = {"start": "2026-10-25", "time_zone": "Europe/Riga"}
    data["demand"] = {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": "600/day"}}}
    found = why(done(data), "time >= 03:00 and time < 04:00").waits
    assert found["queued"].min() < 3.5 * 3600 and found["queued"].max() > 4.5 * 3600
    assert set(found["when"].str.slice(11, 13)) == {"03"} and (found["queued"] < 5 * 3600).all()


def test_a_contact_that_is_passed_up_waits_twice() -> None:
    data = center(
        [(0, 60), (10, 60)], teams__front=agents(2), teams__boss=agents(1, tier="boss"),
        escalation__path=["tier1", "boss"], topics__any={"handling": {"any": constant(60)}, "reach": {"tier1": 0}},
    )  # fmt: skip
    found = why(done(data), "tier = boss and stay = escalated")
    assert found.waits["wait"].tolist() == [0, 50] and (found.waits["stay"] == "escalated").all()
    assert why(done(data), "stay = first").waits["leg"].tolist() == [0, 0]


def test_replications_and_intervals_of_shares() -> None:
    source = {"topic": "any", "channel": "phone", "volume": "600/day"}
    data = center(
        [], topics__any={"handling": {"any": {"exponential": {"mean": "3 min"}}}}, horizon="2 h", teams__front=agents(2)
    )
    data["demand"] = {"sources": {"calls": source}}
    result = done(data, 4)
    found = why(result, "wait > 10 s")
    assert sorted(set(found.waits["replication"])) == [0, 1, 2, 3]
    np.testing.assert_allclose(found.waits[SECONDS].sum(axis=1), found.waits["wait"])
    assert ((found.causes["low"] <= found.causes["share"]) & (found.causes["share"] <= found.causes["high"])).all()
    one = why(result, "wait > 10 s", replications=[2])
    assert one.waits["wait"].tolist() == found.waits.loc[found.waits["replication"] == 2, "wait"].tolist()
    assert one.causes["low"].isna().all()
    with pytest.raises(InputError, match="there is no replication 9; write one from 0 to 3"):
        why(result, replications=[9])


def test_a_wait_that_is_not_over_lasts_until_the_end() -> None:
    found = why(done(center([(0, 3600), (600, 60)])))
    assert found.waits["wait"].tolist() == [3000] and found.waits["outcome"].tolist() == ["open"]


# -- a story --------------------------------------------------------------------------------------------------


def test_a_story_line_by_line(run: Result) -> None:
    assert why(run).story() == [
        ("Mon 00:12:00", "calls by phone about any (urgency normal)"),
        ("Mon 00:12:00", "joins the queue; nobody waits before"),
        ("Mon 00:12:00", "front, 1 agent: 1 on a break (until 00:20)"),
        ("Mon 00:20:00", "answered by front/s/1 after 8 min"),
        ("Mon 00:20:00", "why: breaks bunching 8 min (100 %)"),
        ("Mon 00:21:00", "solved (1 min of work in all)"),
    ]


def test_a_story_with_a_bot_helpers_and_the_end_of_patience() -> None:
    data = center(
        [(0, 600), (10, 600), (20, 60)], channels__phone={"mode": "live", "patience": constant(300), "bot": "bot"},
        bots__bot={"sessions": 9, "session": constant(30)}, teams__back=agents(1),
        routing={"routes": {"calls": {"teams": {"front": "0 s", "back": "2 min"}}}},
    )  # fmt: skip
    told = [words for _, words in why(done(data)).story(2)]
    assert told == [
        "calls by phone about any (urgency normal)",
        "talks to the bot bot for 30 s",
        "the bot hands over",
        "joins the queue; 1 waits before",
        "front, 1 agent: 1 on phone",
        "from now on may help back, 1 agent: 1 on phone",
        "hangs up after 5 min",
        told[-1],
    ] and told[-1].startswith("why: ")


def test_a_story_is_told_in_the_order_of_time() -> None:
    """Who helps after 2 min is told of after who comes from the break meanwhile."""
    shift = on_shift("00:00", "00:50", 2, waves=2, breaks=COFFEE)
    data = center(
        [(1100, 900), (1105, 900), (1110, 60)], teams__front=shift, teams__back=on_shift("00:30", "01:00"),
        routing={"routes": {"calls": {"teams": {"front": "0 s", "back": "2 min"}}}},
    )  # fmt: skip
    told = why(done(data)).story(2)
    assert [when for when, _ in told] == sorted(when for when, _ in told)
    assert "front/s/1 is there" in [words for _, words in told]


def test_a_case_that_is_not_there(run: Result) -> None:
    with pytest.raises(InputError, match="replication 0 has no case 77; write a number from 0 to 2"):
        why(run).story(77)


# -- elsewhere ------------------------------------------------------------------------------------------------


def test_the_same_customers_with_one_more_agent(run: Result) -> None:
    more = done(
        center([(720, 60), (1300, 60), (1310, 30)], teams__front=on_shift("00:00", "00:50", 2, waves=2, breaks=COFFEE))
    )
    found = why(run).against(more)
    assert found.stays["wait"].tolist() == [480, 50]
    assert found.stays["there"].tolist() == [0, 50], "the other is on the break then"
    assert found.counts() == {"shorter": 1, "same": 1, "longer": 0, "spared": 0, "unknown": 0}
    assert (found.here, found.there) == (2, 1) and found.stays["still"].tolist() == [False, True]
    assert why(run).against(run).stays["change"].tolist() == [0, 0]


def test_the_same_customers_are_found_when_there_are_more_of_them() -> None:
    """Half as many calls again: who came comes too, under another number."""
    source = {"topic": "any", "channel": "phone", "volume": "1000/day"}
    data = center([], topics__any={"handling": {"any": constant(120)}}, horizon="2 h")
    data["demand"] = {"sources": {"calls": source}}
    here = why(done(data), "wait > 1 min")
    found = here.against(done(data | {"demand": {"sources": {"calls": source | {"volume": "1500/day"}}}}))
    assert len(found.stays) > 20 and set(found.stays["how"]) == {MET}
    assert found.stays["change"].mean() > 0 and found.there > found.here


def test_who_does_not_call_again_there_is_spared() -> None:
    phone = {
        "mode": "live",
        "patience": constant(100),
        "redial": {"probability": "100 %", "after": constant(300), "most": 1},
    }
    calls = [(0.0, 700), (10.0, 60)]
    here = why(done(center(calls, channels__phone=phone)), "kind = redial and wait > 1 min")
    found = here.against(done(center(calls, channels__phone=phone, teams__front=agents(2))))
    assert found.stays["how"].tolist() == [SPARED] and found.stays["there"].tolist() == [0]


def test_customers_that_cannot_be_matched_are_refused(run: Result) -> None:
    with pytest.raises(InputError, match="has the seed 2, not 1: other customers; run it with --seed 1"):
        why(run).against(done(BREAK, seed=2))
    other = center([])
    other["demand"] = {"sources": {"another": {"topic": "any", "channel": "phone", "volume": "600/day"}}}
    with pytest.raises(InputError, match="has only 0 % of these cases: its demand is another one"):
        why(run).against(done(other))


def test_a_condition_that_makes_no_sense_there_is_left_out(run: Result) -> None:
    other = center([(720, 60), (1300, 60), (1310, 30)], teams={"others": agents(1)})
    found = why(run, "team = front").against(done(other))
    assert found.there == -1 and len(found.stays) == 3


# -- the command ----------------------------------------------------------------------------------------------


def test_the_command_reads_well_at_sixty_columns(folder: Path) -> None:
    text = says(str(folder))
    assert max(map(len, text.splitlines())) <= 60
    assert "4 of 6 stays in queues fulfil  wait > 0 s" in text and "breaks bunching" in text
    assert "90.6 %" in text and "100.0 %" in text and "case 0 in replication 0" in text and "00:12:00" in text


def test_the_command_writes_the_stays(folder: Path, tmp_path: Path) -> None:
    import pandas as pd

    text = says(str(folder), "--where", "wait > 1 min", "--replication", "1", "--out", str(tmp_path / "waits.csv"))
    frame = pd.read_csv(tmp_path / "waits.csv")
    assert frame["replication"].tolist() == [1] and frame["breaks"].tolist() == [480] and "waits.csv" in text


def test_the_command_writes_a_page(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "why.html"
    assert "The page:" in says(str(folder), "--in", str(folder), "--page", str(page))
    text = page.read_text(encoding="utf-8")
    for words in ("breaks bunching", "Causes by hour of the day", "00:12:00", "The same customers in"):
        assert words in text
    says(str(folder), "--where", "case = 77", "--page", str(page))
    assert "No stay fulfils the condition" in page.read_text(encoding="utf-8")


def test_the_command_tells_a_case(folder: Path) -> None:
    assert "answered by front/s/1 after 50 s" in says(str(folder), "--case", "2", "--replication", "1")


def test_the_command_tells_what_becomes_of_a_case_elsewhere(folder: Path, tmp_path: Path) -> None:
    calls = [(720, 60), (1300, 60), (1310, 30)]
    more = done(center(calls, teams__front=agents(2)), 2).save(tmp_path / "more")
    text = says(str(folder), "--case", "2", "--replication", "1", "--in", str(more)).replace("\n", " ")
    assert "Case 2 in replication 1 of micro" in text and "after 50 s" in text
    assert "the same customer" in text and "answered by front/1 at once" in text
    assert "write one of them" in refuses(str(folder), "--case", "2", "--where", "wait > 1 min")


def test_the_command_compares_with_a_folder_and_with_a_scenario(folder: Path, tmp_path: Path) -> None:
    from simulation.experiments.resolved import write_resolved

    more = from_dict(center([(720, 60), (1300, 60), (1310, 30)], teams__front=agents(2)))
    write_resolved(more, tmp_path)
    text = says(str(folder), "--in", str(tmp_path / "scenario.yaml"))
    assert "The same customers in micro" in text and "0 of these 4 fulfil the condition there too" in text.replace(
        "\n", " "
    )
    assert "wait the same" in says(str(folder), "--in", str(folder))


def test_the_command_lists_fields_and_causes(folder: Path) -> None:
    assert "time in the queue" in says(str(folder), "--fields") and "plain chance" in says("--causes")


def test_what_the_command_says_of_bad_input(folder: Path, tmp_path: Path) -> None:
    assert "name the results folder of a run" in refuses()
    assert "there is no such folder" in refuses(str(tmp_path / "nothing"))
    assert "is no results folder;" in refuses(str(tmp_path))
    assert "did you mean phone?" in refuses(str(folder), "--where", "channel = fone")
    assert "there is no replication 7" in refuses(str(folder), "--replication", "7")
    assert "has no case 99" in refuses(str(folder), "--case", "99")
    assert "no such file" in refuses(str(folder), "--in", str(tmp_path / "gone.yaml"))
    assert "cannot be written" in refuses(str(folder), "--out", str(tmp_path / "a" / "b.csv"))
    (tmp_path / "both").mkdir()
    (tmp_path / "both" / "one").symlink_to(folder)
    assert f"holds several runs; write the folder of one: {tmp_path / 'both' / 'one'}" in refuses(
        str(tmp_path / "both")
    )


def test_nothing_is_said_before_all_places_are_checked(folder: Path, tmp_path: Path) -> None:
    for bad in (("--in", "gone.yaml"), ("--page", str(tmp_path)), ("--out", str(tmp_path / "a" / "b.csv"))):
        assert "stays in queues" not in refuses(str(folder), *bad)
    assert "name a file with --page" in refuses(str(folder), "--page", str(tmp_path))
    assert "name two" in refuses(str(folder), "--page", str(tmp_path / "x"), "--out", str(tmp_path / "x"))


@pytest.mark.parametrize("name", ["points.csv", "looks.csv", "warmup.csv"])
def test_a_folder_of_several_points_is_not_taken_for_a_run(folder: Path, tmp_path: Path, name: str) -> None:
    """Of a sweep, a break-even or a warm-up: its scenario has been simulated in other ways, or with other changes."""
    for ours in ("scenario.yaml", "summary.json", "manifest.json"):
        shutil.copy(folder / ours, tmp_path / ours)
    (tmp_path / name).touch()
    said = refuses(str(tmp_path))
    assert f"holds no run; simulate its scenario first, e.g. by supportsim run {tmp_path / 'scenario.yaml'}" in said


def test_damage_is_told_with_its_place(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    duties = broken / "tables" / "duties" / "00001.parquet"
    duties.unlink()
    assert f"{duties}: is missing; make the run again" in refuses(str(broken))
    duties.write_text("x")
    assert f"{duties}: cannot be read: the file is damaged; make the run again" in refuses(str(broken))
    shutil.rmtree(broken / "tables")
    (broken / "summary.json").write_text("{")
    assert "summary.json: cannot be read: the file is damaged" in refuses(str(broken))


def test_where_the_folder_has_no_tables_the_same_run_is_made_again(folder: Path, tmp_path: Path) -> None:
    """As the results of a comparison."""
    for name in ("scenario.yaml", "summary.json"):
        shutil.copy(folder / name, tmp_path / name)
    shutil.copytree(folder / "inputs", tmp_path / "inputs")
    again = why(tmp_path)
    assert again.waits.equals(why(folder).waits) and again.replications == [0, 1]
    assert "breaks bunching" in says(str(tmp_path)) and "wait the same" in says(str(folder), "--in", str(tmp_path))


def test_a_run_without_tables_cannot_be_asked() -> None:
    with pytest.raises(ValueError, match="kept no tables"):
        why(done(BREAK, tables=False))


def test_per_cents_add_up() -> None:
    assert percents([1 / 3] * 3) == ["33.4 %", "33.3 %", "33.3 %"] and percents([1.0]) == ["100.0 %"]


def test_it_is_part_of_the_interface(run: Result) -> None:
    assert isinstance(sim.why(run), Account)
