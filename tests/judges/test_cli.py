from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.faulty_server import FaultyServer, completion, fault, refusal
from support.result_folders import guesser, made_up_items, write_run
from typer.testing import CliRunner

from judges.cli import app
from panoenv_tasks.items import DataError

ROW = {"question": "Is it a crate?", "expected_answer": "Yes", "question_type": "true_false"}


def _samples(path: Path, *answers: str) -> Path:
    rows = [
        {
            **ROW,
            "id": f"s{i}",
            "accu_reward_method": "yes_no",
            "image": f"Env/P{i // 2}/rgb.png",
            "model_output": a,
        }
        for i, a in enumerate(answers)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def _run(*arguments: object) -> tuple[int, str]:
    """The exit code, and stdout when it is 0, else stderr."""
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    if isinstance(result.exception, DataError):
        raise result.exception
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stderr if result.exit_code else result.stdout


def _totals(*arguments: object) -> dict[str, Any]:
    code, output = _run("score", *arguments, "--json")
    assert code == 0, output
    return dict(json.loads(output))


def test_rules_need_no_server(tmp_path: Path) -> None:
    samples = _samples(tmp_path / "run.jsonl", "Yes", "No", "<Answer>yes.</Answer>", "No")
    found = _totals(samples)
    assert (found["protocol"], found["metric"], found["total"]["mean"]) == ("rules@3", "rules_score", 5)
    folder = tmp_path / "run.judged"
    assert sorted(p.name for p in folder.iterdir()) == ["rules_3.totals.json", "rules_3.verdicts.jsonl"]
    assert json.loads((folder / "rules_3.totals.json").read_text("utf-8")) == found


def test_a_judged_run_is_resumed_and_reported(tmp_path: Path) -> None:
    samples = _samples(tmp_path / "run.jsonl", "Yes", "No", "yes", "no")
    out = tmp_path / "out"
    with FaultyServer() as server:
        common = (samples, "--protocol", "qscore/strict@2", "--url", server.url, "-o", out)
        first = _totals(*common)
        again = _totals(*common)
        assert len(server.bodies) == 4
    assert first["usage"] == {"prompt": 20, "cached": 0, "completion": 12}
    assert again["usage"] == {"prompt": 0, "cached": 0, "completion": 0}
    assert again["total"] == first["total"]
    _totals(samples, "-o", out)
    code, output = _run(
        "report", *sorted(out.glob("*.verdicts.jsonl")), "--plot", tmp_path / "a.svg", "--json"
    )
    assert code == 0
    found = json.loads(output)
    assert found["judges"]["rules_3"]["auc"]["value"] == 1
    assert found["judges"]["qscore_strict_2"]["auc"]["value"] == 0.5
    assert len(found["pairs"]) == 1
    assert (tmp_path / "a.svg").read_text("utf-8").startswith("<?xml")


def test_low_coverage_fails_unless_told_otherwise(tmp_path: Path) -> None:
    samples = _samples(tmp_path / "run.jsonl", "Yes", "No", "yes", "no")
    with FaultyServer([fault(completion("well")), refusal(400), refusal(422)]) as server:
        common = ("score", samples, "--protocol", "qscore/strict@2", "--url", server.url, "--in-flight", 1)
        code, output = _run(*common)
        assert code == 1
        assert "coverage 25.0% is below 99.0% (scored 1, parse_error 1, request_error 2)" in output
        server.script[:] = [refusal(422)]
        assert _run(*common, "--allow-partial")[0] == 0
        server.script[:] = [refusal(422)]
        assert _run(*common, "--min-coverage", "0.7")[0] == 0
        assert _run(*common)[0] == 0


def test_bad_input_is_one_clear_line(tmp_path: Path) -> None:
    samples = _samples(tmp_path / "run.jsonl", "Yes", "No")
    with pytest.raises(DataError, match="give --url"):
        _run("score", samples, "--protocol", "qscore/strict@2")
    with pytest.raises(DataError, match=r"rules asks no model; name a --protocol"):
        _run("score", samples, "--url", "http://127.0.0.1:1")
    with pytest.raises(DataError, match="no such file"):
        _run("score", tmp_path / "none.jsonl")
    with pytest.raises(DataError, match=r"other\.jsonl:1: s0 is also at .*judge one run at a time"):
        _run("score", samples, _samples(tmp_path / "other.jsonl", "Yes"))
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(DataError, match="no samples"):
        _run("score", tmp_path / "empty.jsonl")


def test_of_several_conditions_in_a_folder_one_is_chosen(tmp_path: Path) -> None:
    # One lmms-eval run of a task and its conditions puts all of them into one folder.
    items = made_up_items(2)
    write_run(tmp_path / "out", items, guesser(1, 1.0))
    write_run(tmp_path / "out", items, lambda item: "<Answer>blue</Answer>", condition="noimage")
    with pytest.raises(
        DataError, match=r"several conditions .*\(full, noimage\); choose one with --condition"
    ):
        _run("score", tmp_path / "out")
    with pytest.raises(DataError, match=r"condition 'rot90'; there are: full, noimage"):
        _run("score", tmp_path / "out", "--condition", "rot90")
    means = {
        name: _totals(tmp_path / "out", "--condition", name, "-o", tmp_path / name)["total"]
        for name in ("full", "noimage")
    }
    assert {name: (total["n"], total["mean"]) for name, total in means.items()} == {
        "full": (len(items), 10.0),
        "noimage": (len(items), 0.0),
    }


def test_a_file_named_twice_is_judged_once(tmp_path: Path) -> None:
    samples = _samples(tmp_path / "run.jsonl", "Yes", "No")
    assert _totals(samples, samples)["total"]["n"] == 2


def test_another_run_is_not_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "out"
    _totals(_samples(tmp_path / "a.jsonl", "Yes", "No"), "-o", out)
    before = (out / "rules_3.verdicts.jsonl").read_bytes()
    with pytest.raises(DataError, match="other answers; choose another --out"):
        _run("score", _samples(tmp_path / "b.jsonl", "No", "No"), "-o", out)
    assert (out / "rules_3.verdicts.jsonl").read_bytes() == before
    assert _totals(_samples(tmp_path / "a.jsonl", "Yes", "No", "No"), "-o", out)["total"]["n"] == 3


def test_reports_of_one_name_keep_their_paths(tmp_path: Path) -> None:
    for name in ("a", "b"):
        _totals(_samples(tmp_path / f"{name}.jsonl", "Yes", "No", "No", "No"))
    files = [tmp_path / f"{name}.judged" / "rules_3.verdicts.jsonl" for name in ("a", "b")]
    code, output = _run("report", *files)
    assert code == 0
    assert str(files[0]) in output
