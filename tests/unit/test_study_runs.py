"""Studies: the same numbers however they are run; nothing repeated, nothing doubled, nothing lost."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import simulation as sim
from simulation.errors import InputError
from simulation.experiments import store, study_runs
from simulation.experiments.study import Study, prospect
from tests.study_tiny import CENTER, same, study_on, whole_chunks, write_center


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_center(tmp_path_factory.mktemp("center"))


@pytest.fixture(scope="module")
def whole(center: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    return sim.study(study_on(center), tmp_path_factory.mktemp("whole") / "out", jobs=1)


def test_every_combination_is_run_so_many_times(whole: Study) -> None:
    assert (whole.points, whole.wanted, whole.cached, whole.simulated, whole.lacking) == (4, 12, 0, 12, 0)
    runs = whole.runs
    assert len(runs) == 12 and runs["key"].nunique() == 12
    assert list(runs.columns) == ["point", "scenario", "volume", "replication", "seed", "key", "seconds", "contacts"]
    assert runs.groupby(["scenario", "volume"], observed=True).size().eq(3).all()
    assert set(runs["seed"]) == {"5"}  # of the first scenario
    assert list(runs["point"]) == sorted(runs["point"])


def test_its_figures_are_those_of_plain_runs(center: Path, whole: Study) -> None:
    scenario = sim.load(center, set={"demand.sources.calls.volume": "80/h", "teams.desk.headcount.constant": 2})
    plain = sim.run(scenario, replications=3, tables=False, jobs=1)
    mine = whole.summary.query("scenario == 'two' and volume == '80/h'").set_index(["metric", "segment"])
    theirs = plain.kpis.set_index(["metric", "segment"])
    assert len(mine) == 5  # as asked; the target is about one of them
    for key, row in mine.iterrows():
        assert row["mean"] == theirs.loc[key, "mean"] and row["low"] == theirs.loc[key, "low"], key
    (target,) = whole.targets.query("scenario == 'two' and volume == '80/h'").to_dict("records")
    assert target["verdict"] == plain.verdicts()["quick"]
    assert list(whole.runs.query("point == 3")["contacts"].cumsum())[-1] == plain.simulated


def test_values_pool_to_the_mean(whole: Study) -> None:
    """As the data dictionary says: values weighted by what they are over."""
    kpis = whole.kpis[whole.kpis["metric"] == "service_level(20s)"].dropna()
    summed = (kpis["value"] * kpis["over"]).groupby(kpis["point"]).sum() / kpis["over"].groupby(kpis["point"]).sum()
    means = whole.summary[whole.summary["metric"] == "service_level(20s)"].set_index("point")["mean"]
    pd.testing.assert_series_equal(summed, means, check_names=False, check_index_type=False)


def test_what_is_there_is_not_repeated(center: Path, whole: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("simulated again")

    monkeypatch.setattr(study_runs, "replicate", never)
    again = sim.study(study_on(center), whole.folder, jobs=1)
    assert (again.cached, again.simulated) == (12, 0)


def test_an_extended_study_uses_what_is_there(center: Path, tmp_path: Path) -> None:
    small = study_on(center, replications=2)
    large = study_on(center)
    large["factors"] = {"volume": {**large["factors"]["volume"], "values": ["20/h", "40/h", "80/h"]}}
    sim.study(small, tmp_path / "out", jobs=1)
    found = sim.study(large, tmp_path / "out", jobs=1)
    assert (found.wanted, found.cached, found.simulated) == (18, 8, 10)
    sim.study(large, tmp_path / "anew", jobs=1)
    same(tmp_path / "out", tmp_path / "anew")


def test_judging_otherwise_repeats_nothing(center: Path, tmp_path: Path) -> None:
    """Targets, names and descriptions change no run; a metric more, a seed or an entry does."""
    sim.study(study_on(center), tmp_path, jobs=1)
    stricter = study_on(center, description="another", factors={})
    stricter["scenarios"] = {
        "other": {
            "extends": str(center),
            "set": {"targets.quick": "service_level(20s) >= 60 %", "demand.sources.calls.volume": "80/h"},
        }
    }
    assert sim.study(stricter, tmp_path, jobs=1).simulated == 0
    assert prospect(study_on(center, seed=6), tmp_path).cached == 0
    assert prospect(study_on(center, metrics=["asa"]), tmp_path).cached == 0
    longer = study_on(center)
    longer["scenarios"] = {"booth": {"extends": str(center), "set": {"horizon": "21 min"}}}
    assert prospect(longer, tmp_path).cached == 0


def test_another_code_counts_anew(center: Path, whole: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    from simulation.experiments import points

    monkeypatch.setattr(points, "version", lambda: "another")
    assert prospect(study_on(center), whole.folder).cached == 0


def test_a_dry_run_writes_nothing(center: Path, tmp_path: Path) -> None:
    found = prospect(study_on(center), tmp_path / "out", jobs=1)
    assert (found.points, found.wanted, found.cached, found.left) == (4, 12, 0, 12)
    assert found.seconds is not None and 0 < found.seconds < 60 and found.size is not None and found.size > 0
    assert list(tmp_path.iterdir()) == []


def test_threads_and_any_executor_give_the_same(center: Path, whole: Study, tmp_path: Path) -> None:
    class Late(Executor):
        """Runs tasks one by one, and gives them back in whichever order."""

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_result(fn(*args, **kwargs))
            return future

    with ThreadPoolExecutor(3) as threads:
        sim.study(study_on(center), tmp_path / "threads", threads)
    sim.study(study_on(center), tmp_path / "late", Late())
    same(whole.folder, tmp_path / "threads")
    same(whole.folder, tmp_path / "late")


@pytest.mark.slow
def test_two_processes_give_the_same(center: Path, whole: Study, tmp_path: Path) -> None:
    sim.study(study_on(center), tmp_path / "two", jobs=2)
    same(whole.folder, tmp_path / "two")


@pytest.mark.parametrize("order", [(3, 1, 2), pytest.param((1, 2, 3), marks=pytest.mark.slow)])
def test_shards_in_any_order_merge_to_the_whole(
    center: Path, whole: Study, tmp_path: Path, order: tuple[int, ...]
) -> None:
    parts = [sim.study(study_on(center), tmp_path, jobs=1, shard=(number, 3)) for number in order]
    assert sum(part.simulated for part in parts) == 12 and all(part.cached == 0 for part in parts)
    assert [part.lacking > 0 for part in parts] == [True, True, False]
    with pytest.raises(ValueError, match="runs are lacking"):
        parts[0].runs  # noqa: B018
    same(whole.folder, tmp_path)


def test_shards_of_two_folders_merge_by_copying_chunks(center: Path, whole: Study, tmp_path: Path) -> None:
    """As machines without a common disk do."""
    for number in (1, 2):
        sim.study(study_on(center), tmp_path / str(number), jobs=1, shard=(number, 2))
    for chunk in (tmp_path / "2" / "chunks").glob("*.parquet"):
        chunk.rename(tmp_path / "1" / "chunks" / chunk.name)
    assert sim.study(study_on(center), tmp_path / "1", jobs=1).simulated == 0
    same(whole.folder, tmp_path / "1")


def test_the_same_runs_twice_count_once(center: Path, whole: Study, tmp_path: Path) -> None:
    sim.study(study_on(center), tmp_path / "one", jobs=1, shard=(1, 2))
    sim.study(study_on(center), tmp_path / "all", jobs=1)
    for chunk in (tmp_path / "all" / "chunks").glob("*.parquet"):
        chunk.rename(tmp_path / "one" / "chunks" / chunk.name)
    assert len(list((tmp_path / "one" / "chunks").iterdir())) == 2
    assert sim.study(study_on(center), tmp_path / "one", jobs=1).simulated == 0
    same(whole.folder, tmp_path / "one")


def test_a_late_process_looks_what_others_did(
    center: Path, whole: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one works, another finishes everything: the first goes on with nothing that is there."""
    monkeypatch.setattr(store, "SOONEST", 0.0)
    counted = []

    def other(done: int, total: int) -> None:
        counted.append(done)
        if done == 1:
            assert sim.study(study_on(center), tmp_path, jobs=1).simulated == 11

    first = sim.study(study_on(center), tmp_path, jobs=1, progress=other)
    assert first.simulated == len(counted) <= 2  # it looks whenever it writes
    assert list((tmp_path / "at-work").iterdir()) == []
    same(whole.folder, tmp_path)


def test_the_second_at_work_begins_at_the_end(center: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    simulate = study_runs.simulate_batch

    def noted(batch: study_runs.Batch) -> list[store.Row]:
        begun.append(batch.replications[0])
        return simulate(batch)

    monkeypatch.setattr(study_runs, "simulate_batch", noted)

    def other(done: int, total: int) -> None:
        if done == 1:
            sim.study(study_on(center), tmp_path, jobs=1)

    sim.study(study_on(center), tmp_path, jobs=1, progress=other)
    assert begun[:2] == [0, 2]


@pytest.mark.parametrize(
    "damage", ["cut", *(pytest.param(one, marks=pytest.mark.slow) for one in ("flipped", "empty", "footer"))]
)
def test_a_damaged_chunk_is_told_and_simulated_again(center: Path, whole: Study, tmp_path: Path, damage: str) -> None:
    sim.study(study_on(center), tmp_path, jobs=1)
    (chunk,) = (tmp_path / "chunks").iterdir()
    content = chunk.read_bytes()
    middle = len(content) // 2
    spoilt = {
        "cut": content[:middle],
        "flipped": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "empty": b"",
        "footer": content[:-4],
    }
    chunk.write_bytes(spoilt[damage])
    assert "is damaged" in prospect(study_on(center), tmp_path).notes[0]
    again = sim.study(study_on(center), tmp_path, jobs=1)
    assert again.simulated == 12 and "is damaged: its runs are simulated again" in again.notes[0]
    assert (tmp_path / "damaged" / chunk.name).read_bytes() == spoilt[damage]
    same(whole.folder, tmp_path)


def test_tables_of_every_run_are_kept(center: Path, tmp_path: Path) -> None:
    found = sim.study(study_on(center, tables=["legs"], replications=2), tmp_path, jobs=1)
    legs = found.table("legs")
    assert {"point", "scenario", "volume", "replication", "wait"} <= set(legs.columns)
    plain = sim.run(sim.load(center, set={"demand.sources.calls.volume": "40/h"}), replications=2, jobs=1).legs
    mine = legs[legs["point"] == 0].drop(columns=["point", "scenario", "volume"]).reset_index(drop=True)
    names = {name: str for name in plain.columns if isinstance(plain[name].dtype, pd.CategoricalDtype)}
    pd.testing.assert_frame_equal(mine.astype(names), plain.astype(names), check_exact=True)
    raw = pd.read_parquet(tmp_path / "tables" / "legs")
    assert len(raw) == len(legs) and set(raw["key"]) <= set(found.runs["key"])
    with pytest.raises(ValueError, match="keeps no table cases"):
        found.table("cases")


def test_metrics_by_segment(center: Path, tmp_path: Path) -> None:
    found = sim.study(
        study_on(center, metrics=["asa", "service_level(1 min)"], by="channel", replications=2), tmp_path, jobs=1
    )
    segments = set(map(tuple, found.kpis[["metric", "segment"]].drop_duplicates().to_numpy()))
    assert ("asa.mean", "channel=phone") in segments and ("service_level(1min)", "channel=phone") in segments


def test_all_standard_metrics_by_default(center: Path, tmp_path: Path) -> None:
    found = sim.study(study_on(center, metrics=[], replications=2, factors={}), tmp_path, jobs=1)
    plain = sim.run(sim.load(center), replications=2, jobs=1).kpis
    mine = found.summary[found.summary["point"] == 0]
    assert set(mine["metric"]) == {name for name in plain["metric"] if " on days" not in name}


def test_read_back_later(whole: Study, tmp_path: Path) -> None:
    again = Study.read(whole.folder)
    assert (again.name, again.points, again.wanted) == ("tiny", 4, 12)
    pd.testing.assert_frame_equal(again.summary, whole.summary)
    with pytest.raises(InputError, match="holds no study"):
        Study.read(tmp_path)


# -- the folder -------------------------------------------------------------------------------------


def test_a_folder_of_something_else_is_refused(center: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("x")
    with pytest.raises(InputError, match="is not empty and holds no study; name a new folder with --out"):
        sim.study(study_on(center), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_folder_of_another_study_is_refused(center: Path, whole: Study) -> None:
    with pytest.raises(InputError, match="holds another study, tiny"):
        sim.study(study_on(center, name="other"), whole.folder)


def test_a_file_is_refused(center: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(InputError, match="is a file; name a folder"):
        sim.study(study_on(center), tmp_path / "out")


def test_a_folder_of_another_format_is_refused(center: Path, tmp_path: Path) -> None:
    (tmp_path / "study.json").write_text('{"format": 99, "study": "tiny"}')
    with pytest.raises(InputError, match="another version"):
        sim.study(study_on(center), tmp_path)


def test_a_folder_that_cannot_be_written(center: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(
        InputError, match=r"out: cannot be written \(permission denied\); name another place with --out"
    ):
        sim.study(study_on(center), tmp_path / "out")


def test_a_full_disk_keeps_what_was_written(
    center: Path, whole: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "SOONEST", 0.0)
    settle, left = store.settle, [4]

    def full(aside: Path, path: Path) -> None:
        if path.parent.name == "chunks":
            left[0] -= 1
            if left[0] < 0:
                raise OSError(28, "No space left on device")
        settle(aside, path)

    with monkeypatch.context() as patched:
        patched.setattr(store, "settle", full)
        with pytest.raises(InputError, match=r"\(no space left on device\); [0-9]+ finished runs are kept: make room"):
            sim.study(study_on(center), tmp_path, jobs=1)
    assert whole_chunks(tmp_path) and not list(tmp_path.rglob(".aside-*"))
    again = sim.study(study_on(center), tmp_path, jobs=1)
    assert again.cached >= 4 and again.cached + again.simulated == 12
    same(whole.folder, tmp_path)


def test_ctrl_c_keeps_what_is_finished(center: Path, whole: Study, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done >= 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match=r"Stopped: 3 of 12 runs are kept in .*; the same command goes on"):
        sim.study(study_on(center), tmp_path, jobs=1, progress=stop)
    assert list((tmp_path / "at-work").iterdir()) == []
    assert sim.study(study_on(center), tmp_path, jobs=1).cached == 3
    same(whole.folder, tmp_path)


def test_a_process_that_dies_is_told_in_plain_words(center: Path, tmp_path: Path) -> None:
    class Dying(Executor):
        """Breaks at the third task."""

        done = 0

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            self.done += 1
            if self.done > 2:
                future.set_exception(BrokenExecutor("a child process terminated abruptly"))
            else:
                future.set_result(fn(*args, **kwargs))
            return future

    with pytest.raises(
        InputError, match="a process ended abruptly, perhaps for lack of memory; what is finished is kept"
    ):
        sim.study(study_on(center), tmp_path, Dying())
    assert prospect(study_on(center), tmp_path, jobs=1).cached <= 2


def test_ctrl_c_while_tables_are_written(center: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("simulation.experiments.study_tables._summarize", stop)
    with pytest.raises(KeyboardInterrupt, match="12 of 12 runs are kept"):
        sim.study(study_on(center), tmp_path, jobs=1)
    assert not list(tmp_path.rglob(".aside-*")) and not (tmp_path / "manifest.json").exists()


def test_levels_keep_their_kind(center: Path, tmp_path: Path) -> None:
    """Numbers can be plotted; what is mixed, or has a unit, is text."""
    study = study_on(center, replications=1, metrics=["asa"], scenarios=[str(center)])
    study["factors"] = {
        "agents": {"path": "teams.desk.headcount.constant", "values": [1, 2]},
        "speed": {"path": "teams.desk.speed", "values": [1, 1.5]},
        "trunks": {"path": "channels.phone.trunks", "values": [None, 3]},
    }
    runs = sim.study(study, tmp_path, jobs=1).runs
    assert runs["agents"].dtype == "int64" and runs["speed"].dtype == "float64"
    assert list(runs["trunks"].cat.categories) == ["~", "3"] and len(runs) == 8


def test_what_others_left_half_written_is_removed(
    center: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "LEFT_FOR", 0.0)
    sim.study(study_on(center, replications=1), tmp_path, jobs=1)
    mine = tmp_path / "chunks" / store.aside_name()
    gone = tmp_path / "chunks" / mine.name.replace(f"~{store.os.getpid()}~", "~4194999~")
    elsewhere = tmp_path / "chunks" / ".aside-elsewhere~1~abc"
    for path in (mine, gone, elsewhere):
        path.write_bytes(b"PAR1")
    sim.study(study_on(center, replications=1), tmp_path, jobs=1)
    assert mine.exists() and elsewhere.exists() and not gone.exists()


def test_memory_is_bounded(center: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows wait for a chunk, not for the end."""
    most = []
    monkeypatch.setattr(store, "MOST_ROWS", 3)
    add = store.Store.add

    def counted(self: store.Store, rows: Any) -> None:
        add(self, rows)
        most.append(len(self._waiting))

    monkeypatch.setattr(store.Store, "add", counted)
    sim.study(study_on(center), tmp_path, jobs=1)
    assert max(most) < 3 and len(list((tmp_path / "chunks").iterdir())) >= 4


def test_the_center_of_these_tests_is_valid() -> None:
    assert sim.from_dict(CENTER).name == "booth"
