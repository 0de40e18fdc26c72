import errno
import json
import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judges import Store, Verdict
from judges.records import Usage, verdict_from_dict, verdict_to_dict
from panoenv_tasks.items import DataError

SCORED = Verdict("scored", 7, "Score: 7", "judge@x/0", Usage(9, 3, 1), expected=6.5, flags=("hedge",))


def _filled(path: Path, count: int) -> None:
    with Store(path) as store:
        for index in range(count):
            store.add(f"key{index}", SCORED)


def test_what_is_added_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "store.jsonl"
    _filled(path, 3)
    with Store(path) as store:
        assert [store.get(f"key{index}") for index in range(4)] == [SCORED] * 3 + [None]


@pytest.mark.parametrize("status", ["parse_error", "truncated", "too_long", "request_error"])
def test_failures_are_written_and_never_given_back(tmp_path: Path, status: str) -> None:
    path = tmp_path / "store.jsonl"
    failed = verdict_from_dict({**verdict_to_dict(SCORED), "status": status, "score": None, "reason": "why"})
    with Store(path) as store:
        store.add("key", failed)
        assert store.get("key") is None
    with Store(path) as store:
        assert store.get("key") is None
    assert '"reason": "why"' in path.read_text("utf-8")


def test_a_file_cut_anywhere_loses_only_the_cut_line(tmp_path: Path) -> None:
    whole = tmp_path / "whole.jsonl"
    _filled(whole, 3)
    content = whole.read_bytes()
    for size in range(0, len(content), 7):
        path = tmp_path / "cut.jsonl"
        path.write_bytes(content[:size])
        complete = content[:size].count(b"\n")
        with Store(path) as store:
            assert [store.get(f"key{i}") == SCORED for i in range(3)] == [i < complete for i in range(3)]
            store.add("after", SCORED)
        with Store(path) as store:
            assert store.get("after") == SCORED
        assert path.read_bytes().count(b"\n") == complete + 1


def test_unreadable_lines_are_reported_and_cost_only_themselves(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "store.jsonl"
    _filled(path, 1)
    bad = ['{"key": "a"}', "[]", "3", "{", '{"key": "key0", "status": "scored", "score": null}', "\udcff"]
    with path.open("a", encoding="utf-8", errors="surrogateescape") as out:
        out.write("\n".join(bad) + "\n")
    _filled(path, 2)
    with Store(path) as store:
        assert store.get("key0") == store.get("key1") == SCORED
    assert f"{len(bad)} unreadable lines" in caplog.text


def test_two_runs_share_a_store(tmp_path: Path) -> None:
    path = tmp_path / "store.jsonl"
    with Store(path) as one, Store(path) as other:
        one.add("a", SCORED)
        other.add("b", SCORED)
        one.add("c", SCORED)
        assert other.get("a") == one.get("b") == SCORED
    assert path.read_bytes().count(b"\n") == 3


def _write_many(path: Path, name: str) -> None:
    with Store(path) as store:
        for index in range(300):
            store.add(f"{name}{index}", SCORED)


def test_writers_at_the_same_time_never_mix_their_lines(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    path = tmp_path / "store.jsonl"
    writers = [context.Process(target=_write_many, args=(path, name)) for name in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    keys = [json.loads(line)["key"] for line in path.read_text("utf-8").splitlines()]
    assert sorted(keys) == sorted(f"{name}{index}" for name in "abc" for index in range(300))


def test_a_line_that_another_run_left_torn_is_cut_off_by_the_next_write(tmp_path: Path) -> None:
    path = tmp_path / "store.jsonl"
    with Store(path) as store:
        store.add("a", SCORED)
        with path.open("ab") as dying:
            dying.write(b'{"key": "b", "sta')
        store.add("c", SCORED)
    with Store(path) as store:
        assert (store.get("a"), store.get("b"), store.get("c")) == (SCORED, None, SCORED)


def test_a_full_disk_is_one_line_and_costs_no_earlier_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store.jsonl"
    real_write = os.write

    def half_then_full(file: int, data: bytes) -> int:
        if len(data) < 60:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real_write(file, data[: len(data) // 2])

    with Store(path) as store:
        store.add("a", SCORED)
        with monkeypatch.context() as full:
            full.setattr(os, "write", half_then_full)
            with pytest.raises(DataError, match=r"cannot write a verdict \(No space left on device\)"):
                store.add("b", SCORED)
        store.add("c", SCORED)
    with Store(path) as store:
        assert (store.get("a"), store.get("b"), store.get("c")) == (SCORED, None, SCORED)


def test_no_place_for_a_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot open"), Store(tmp_path / "file" / "store.jsonl"):
        pass


def _write_until_killed(path: Path, acknowledged: Path) -> None:
    with Store(path) as store, acknowledged.open("ab", buffering=0) as log:
        for index in range(10**9):
            store.add(f"key{index}", SCORED)
            log.write(f"key{index}\n".encode())


def test_killed_at_any_moment_it_keeps_what_it_had(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    for trial in range(5):
        path, acknowledged = tmp_path / f"{trial}.jsonl", tmp_path / f"{trial}.log"
        writer = context.Process(target=_write_until_killed, args=(path, acknowledged))
        writer.start()
        while not acknowledged.exists() or acknowledged.stat().st_size < 1000 * (trial + 1):
            time.sleep(0.001)
        os.kill(writer.pid or 0, signal.SIGKILL)
        writer.join()
        keys = [key for key in acknowledged.read_text("utf-8").split("\n")[:-1] if key]
        with Store(path) as store:
            assert len(keys) > 100
            assert all(store.get(key) == SCORED for key in keys)


@given(
    st.builds(
        Verdict,
        status=st.just("scored"),
        score=st.integers(0, 10),
        raw=st.text(st.characters()),
        judge_id=st.text(),
        usage=st.builds(Usage, st.integers(0), st.integers(0), st.integers(0)),
        expected=st.none() | st.floats(0, 10),
        flags=st.lists(st.text()).map(tuple),
    )
)
def test_any_verdict_survives_the_file(tmp_path_factory: pytest.TempPathFactory, verdict: Verdict) -> None:
    path = tmp_path_factory.mktemp("store") / "store.jsonl"
    with Store(path) as store:
        store.add("key", verdict)
    with Store(path) as store:
        assert store.get("key") == verdict


def test_without_a_path_it_remembers_in_memory() -> None:
    with Store() as store:
        store.add("key", SCORED)
        assert store.get("key") == SCORED
