from pathlib import Path

import pytest
from support.judge_samples import sample_of

from judges.records import (
    JudgedSample,
    Usage,
    Verdict,
    read_verdicts,
    verdict_from_dict,
    verdict_to_dict,
    write_verdicts,
)
from panoenv_tasks.items import DataError

GOOD = Verdict("scored", 7, "Score: 7\n\u2028", "judge@x/0", Usage(9, 3, 1), flags=("hedge",))
NONE = Verdict("no_answer", None, "", "judge@x/0", reason="the model gave no answer")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.verdicts.jsonl"
    judged = [
        JudgedSample("qscore/strict@2", sample_of("lamp \ud83d\n<b>", name="a"), GOOD),
        JudgedSample("qscore/strict@2", sample_of("", error="gone", name="b"), NONE),
    ]
    write_verdicts(path, judged)
    found = read_verdicts(path)
    assert [entry.verdict for entry in found] == [GOOD, NONE]
    assert [entry.sample.text for entry in found] == ["lamp \ud83d\n<b>", ""]
    assert [entry.sample.error for entry in found] == ["", "gone"]
    assert found[1].sample.origin == f"{path}:2"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    "change",
    [
        {"status": "great"},
        {"score": None},
        {"status": "parse_error"},
        {"score": "7"},
        {"score": True},
        {"expected": "6"},
        {"usage": {"tokens": 3}},
        {"flags": 3},
        {"surprise": 1},
    ],
    ids=str,
)
def test_what_contradicts_itself_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"not a verdict|unknown status|must be numbers|does not go with"):
        verdict_from_dict({**verdict_to_dict(GOOD), **change})


@pytest.mark.parametrize("line", ["{", "[]", "3", '{"protocol": "x"}'])
def test_bad_rows_are_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "x.verdicts.jsonl"
    write_verdicts(path, [JudgedSample("rules@3", sample_of("Yes"), GOOD)])
    with path.open("a", encoding="utf-8") as out:
        out.write(line + "\n")
    with pytest.raises(DataError, match=r"x\.verdicts\.jsonl:2: not a judged sample"):
        read_verdicts(path)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_verdicts(tmp_path / "x.verdicts.jsonl")
