"""``panoenv audit`` on result folders."""

from __future__ import annotations

import json
import re
from pathlib import Path
from statistics import fmean

import pytest
from PIL import Image
from support.command import run
from support.result_folders import guesser, made_up_items, sample, tagged, write_run

from panoenv_tasks.audit import read_model_runs
from panoenv_tasks.blind import answer
from panoenv_tasks.items import DataError, Item, fingerprint
from panoenv_tasks.perturb import present
from panoenv_tasks.scoring import score_answer

ITEMS = made_up_items(24)


def gold(item: Item) -> str:
    return tagged(item.answer)


def test_two_conditions_of_two_models(tmp_path, capsys):
    for name, skill in (("acme/Seer-7B", 0.9), ("acme/Mole-7B", 0.5)):
        folder = tmp_path / name.replace("/", "__")
        write_run(folder, ITEMS, guesser(1, skill), model=name)
        write_run(folder, ITEMS, guesser(2, 0.5), model=name, condition="noimage", date="20261122_111500")
    done = run(capsys, "audit", tmp_path, "--json", "-o", tmp_path / "audit")
    assert done.code == 0
    found = json.loads(done.out)
    assert found["protocol"] == "strict@2"
    mole, seer = found["models"]
    assert (mole["model"], seer["model"]) == ("acme/Mole-7B", "acme/Seer-7B")
    assert seer["multimodal_gain"]["total"]["value"] == pytest.approx(
        seer["accuracy"]["full"]["total"]["value"] - seer["accuracy"]["noimage"]["total"]["value"]
    )
    assert seer["multimodal_gain"]["total"]["lo"] > 0.2
    assert mole["multimodal_gain"]["total"]["lo"] < 0 < mole["multimodal_gain"]["total"]["hi"]
    assert set(seer["multimodal_gain"]) == {
        "total", "view_source", "distance", "environment", "relative_position", "attribute_comparison",
    }  # fmt: skip
    assert seer["multimodal_gain"]["total"]["clusters"] == 24
    assert seer["coordinate_gain"] is None
    assert seer["missing"]["coordinate_gain"] == ["panoenv_val_noimage_nobox"]
    assert seer["blind_adjusted"]["total"]["n"] == 240
    assert json.loads((tmp_path / "audit" / "audit.json").read_text("utf-8")) == found
    assert "| own no-image score | " in (tmp_path / "audit" / "audit.md").read_text("utf-8")
    pictures = sorted((tmp_path / "audit").glob("*.png"))
    assert [p.name.partition("_val")[0] for p in pictures] == ["acme-Mole-7B", "acme-Seer-7B"]
    assert Image.open(pictures[0]).size == (1800, 750)
    words = re.findall(r"<text[^>]*>([^<]*)</text>", pictures[1].with_suffix(".svg").read_text("utf-8"))
    assert "acme/Seer-7B" in words, "the name as it is"
    assert "val, protocol strict@2, prompts panoenv@1" in words
    right = [score_answer(i.method, i.answer, answer(i), "strict", i.question).correct for i in ITEMS]
    assert f"dashed: {100 * fmean(right):.1f}, blind answers from the questions' text" in words
    assert pictures[1].with_suffix(".pdf").read_bytes().startswith(b"%PDF")


def test_the_table_names_models_measures_and_what_is_missing(tmp_path, capsys):
    write_run(tmp_path / "r", ITEMS, gold)
    done = run(capsys, "audit", tmp_path)
    assert done.code == 0
    assert "### acme/Seer-7B" in done.out
    assert "| accuracy, full | 100.0 [" in done.out
    assert "- answers: full 240" in done.out
    assert "not measured without panoenv_val_noimage: multi-modal gain" in done.out
    assert "strict@2" in done.out


def test_a_measure_without_readable_answers_is_named(tmp_path, capsys):
    write_run(tmp_path / "r", ITEMS, lambda _: "no tags here")
    date = "20261122_111500"
    write_run(tmp_path / "r", ITEMS, lambda _: "nor here", condition="shuffled", date=date)
    said = run(capsys, "audit", tmp_path).out
    assert "no question, or no readable answer, to measure: flips above repeat" in said


def test_turned_runs_pair_with_the_straight_one(tmp_path, capsys):
    write_run(tmp_path / "r", ITEMS, gold)
    sha = fingerprint(ITEMS)
    left_out = 0
    for minute, condition in enumerate(("rot90", "rot180", "rot270")):
        turned = [one.item for one in present(ITEMS, condition)]
        left_out = len(ITEMS) - len(turned)

        def edit(line, missing=left_out):
            line["panoenv"]["run"] |= {"dataset_sha256": sha, "condition_left_out": missing}

        date = f"20261122_11{minute:02}00"
        write_run(tmp_path / "r", turned, gold, condition=condition, date=date, edit=edit)
    done = run(capsys, "audit", tmp_path, "--json", "--protocol", "strict")
    (found,) = json.loads(done.out)["models"]
    assert found["consistency"]["total"]["value"] == 1.0
    assert found["all_turns_right"]["total"]["value"] == 1.0
    assert found["conditions"]["rot270"]["left_out"] == left_out > 0


def test_scores_are_made_again_and_stored_ones_do_not_count(tmp_path, capsys):
    def forge(line):
        line["panoenv"] |= {"paper": 1.0, "strict": 1.0, "status": "answered"}

    write_run(tmp_path / "r", ITEMS, lambda _: tagged("?"), edit=forge)
    done = run(capsys, "audit", tmp_path, "--json")
    assert json.loads(done.out)["models"][0]["accuracy"]["full"]["total"]["value"] == 0.0


def test_a_later_run_replaces_an_earlier_one_and_says_so(tmp_path, capsys):
    write_run(tmp_path / "r", ITEMS, lambda _: tagged("nothing"), date="20261122_101500")
    write_run(tmp_path / "r", ITEMS, gold, date="20261122_121500")
    done = run(capsys, "audit", tmp_path, "--protocol", "strict")
    assert "| accuracy, full | 100.0 [" in done.out
    assert "answers replaced by those of a later run" in done.out


def with_results(folder: Path, change) -> None:
    for file in folder.glob("*_results.json"):
        results = json.loads(file.read_text("utf-8"))
        change(results)
        file.write_text(json.dumps(results), encoding="utf-8")


@pytest.mark.parametrize(
    ("asked", "greedy"),
    [
        ({"config": {"gen_kwargs": ""}}, True),
        ({"config": {"gen_kwargs": "temperature=0.0,do_sample=False"}}, True),
        ({"config": {"gen_kwargs": "temperature=0.7"}}, False),
        ({"config": {"gen_kwargs": {"do_sample": True}}}, False),
        ({"configs": {"t": {"generation_kwargs": {"temperature": 0, "do_sample": False}}}}, True),
        ({"configs": {"t": {"generation_kwargs": {"temperature": 1}}}}, False),
    ],
)
def test_whether_answers_were_drawn_is_read_from_the_results(tmp_path, asked, greedy):
    folder = write_run(tmp_path / "r", ITEMS, gold)
    with_results(folder, lambda results: results.update(asked))
    (runs,) = read_model_runs([folder])
    assert runs.by_condition["full"].greedy is greedy


def test_without_a_results_file_decoding_is_unknown(tmp_path):
    folder = write_run(tmp_path / "r", ITEMS, gold)
    next(folder.glob("*_results.json")).unlink()
    (runs,) = read_model_runs([folder])
    assert runs.by_condition["full"].greedy is False


def test_drawn_answers_need_a_second_run_of_the_base_task(tmp_path, capsys):
    def drawn(results):
        results["config"]["gen_kwargs"] = "temperature=1.0"

    for number, condition in enumerate(("full", "shuffled")):
        date = f"20261122_10{number}500"
        write_run(tmp_path / "r", ITEMS, guesser(number, 0.5), condition=condition, date=date)
    with_results(tmp_path / "r", drawn)
    assert "run the base task a second time" in run(capsys, "audit", tmp_path).out
    write_run(tmp_path / "r", ITEMS, guesser(7, 0.5), date="20261122_121500")
    (found,) = json.loads(run(capsys, "audit", tmp_path, "--json").out)["models"]
    flips = found["flips_above_repeat"]["total"]
    assert flips["lo"] < 0 < flips["hi"]
    assert flips["beside"].keys() == {"another picture", "same picture again"}
    assert found["conditions"]["full"]["repeated"] == len(ITEMS)


def test_runs_with_other_settings_are_compared_with_a_warning(tmp_path, capsys):
    def fewer_pixels(line):
        line["panoenv"]["image"]["max_pixels"] = 1000

    write_run(tmp_path / "r", ITEMS, gold)
    write_run(tmp_path / "r", ITEMS, gold, condition="shuffled", date="20261122_121500", edit=fewer_pixels)
    assert "the runs differ in settings" in run(capsys, "audit", tmp_path).out


def test_other_prompts_are_another_subject(tmp_path, capsys):
    def reword(line):
        line["panoenv"]["run"]["prompts_sha256"] = "0e" * 32

    write_run(tmp_path / "r", ITEMS, gold)
    write_run(tmp_path / "r", ITEMS, gold, condition="noimage", date="20261122_121500", edit=reword)
    found = json.loads(run(capsys, "audit", tmp_path, "--json").out)["models"]
    assert len(found) == 2
    assert all(one["multimodal_gain"] is None for one in found)


def test_failed_requests_are_counted_and_take_no_part(tmp_path, capsys):
    def fail(line):
        if line["panoenv"]["category"] == "distance":
            line["panoenv"] |= {"error": "[LMMS_EVAL_REQUEST_FAILED] timeout", "text": ""}

    write_run(tmp_path / "r", ITEMS, gold, edit=fail)
    (found,) = json.loads(run(capsys, "audit", tmp_path, "--json").out)["models"]
    failed = sum(item.category == "distance" for item in ITEMS)
    assert found["conditions"]["full"]["errors"] == failed > 0
    assert found["accuracy"]["full"]["total"]["n"] == len(ITEMS) - failed
    assert "distance" not in found["accuracy"]["full"]


def test_on_the_test_split_nothing_is_learned_from_it(tmp_path, capsys):
    items = made_up_items(24, "test")
    write_run(tmp_path / "r", items, gold)
    done = run(capsys, "audit", tmp_path / "r", "--json")
    (found,) = json.loads(done.out)["models"]
    assert found["blind_adjusted"] is None
    assert any("--fit" in note for note in found["notes"])


def test_two_servers_behind_one_wrapper_are_two_models(tmp_path, capsys):
    for port in (1, 2):
        folder = write_run(tmp_path / str(port), ITEMS, gold)
        (file,) = folder.glob("*_results.json")
        results = json.loads(file.read_text("utf-8"))
        results |= {"model_name": "", "config": {"model": "async_openai", "model_args": f"port={port}"}}
        file.write_text(json.dumps(results), encoding="utf-8")
    found = json.loads(run(capsys, "audit", tmp_path, "--json").out)["models"]
    assert [one["model"] for one in found] == ["async_openai port=1", "async_openai port=2"]


def test_other_benchmarks_in_the_same_folder_are_left_alone(tmp_path, capsys):
    write_run(tmp_path / "r", ITEMS, gold)
    (tmp_path / "r" / "20261122_101500_samples_mmmu_val.jsonl").write_text('{"doc_id": 0}\n')
    assert run(capsys, "audit", tmp_path).code == 0
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "20261122_101500_samples_mmmu_val.jsonl").write_text('{"doc_id": 0}\n')
    assert "no *_samples_panoenv*.jsonl inside" in run(capsys, "audit", tmp_path / "other").err


def test_text_from_a_results_folder_is_made_harmless(tmp_path, capsys):
    write_run(tmp_path / "r", ITEMS, gold, model="<b>x</b>|../../y\x1b[31m")
    done = run(capsys, "audit", tmp_path / "r", "-o", tmp_path / "out")
    assert done.code == 0
    assert "\x1b" not in done.out
    assert "### \\<b>x" in done.out
    assert [p.parent for p in tmp_path.rglob("*.png")] == [tmp_path / "out"]


def broken(tmp_path: Path, line: str) -> Path:
    file = tmp_path / "20261122_101500_samples_panoenv_val_distance.jsonl"
    file.write_text(line + "\n", encoding="utf-8")
    return file


RUN = {"condition": "full", "dataset_sha256": "d", "prompts": "p@1", "prompts_sha256": "e"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"run": {**RUN, "condition": "upside_down"}}, "unknown condition 'upside_down'"),
        ({"run": "x"}, "no record of how the answer was made"),
        ({"run": {"condition": "full"}}, "no record of how the answer was made"),
        ({"method": "magic"}, "scoring method 'magic'"),
        ({"question": None}, "lacks question"),
    ],
)
def test_bad_samples_are_refused_with_file_and_line(tmp_path, capsys, change, said):
    record = sample(ITEMS[0], gold(ITEMS[0]), {})["panoenv"] | {"run": RUN} | change
    file = broken(tmp_path, json.dumps({"panoenv": record}))
    done = run(capsys, "audit", file)
    assert done.code == 2
    assert done.err.startswith(f"panoenv: {file}:1: ")
    assert said in done.err
    assert done.err.count("\n") == 1


def test_the_papers_files_are_refused_since_they_tell_no_condition(tmp_path, capsys):
    file = broken(
        tmp_path, json.dumps({"question": "Is it?", "model_output": "Yes", "expected_answer": "Yes"})
    )
    assert "no record of how the answer was made" in run(capsys, "audit", file).err


def test_a_question_answered_twice_in_one_run_is_refused(tmp_path, capsys):
    record = sample(ITEMS[0], gold(ITEMS[0]), {})["panoenv"] | {"run": RUN}
    line = json.dumps({"panoenv": record})
    assert "second answer" in run(capsys, "audit", broken(tmp_path, f"{line}\n{line}")).err


@pytest.mark.parametrize(
    ("arguments", "said"), [(("nowhere",), "no such file"), ((".", "--protocol", "lax"), "lax")]
)
def test_bad_arguments_are_one_line(tmp_path, capsys, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    done = run(capsys, "audit", *arguments)
    assert done.code == 2
    assert said in done.err


def test_missing_matplotlib_is_said(tmp_path, monkeypatch):
    from panoenv_tasks.audit import audit_model
    from panoenv_tasks.audit.chart import draw_audit

    write_run(tmp_path / "r", ITEMS, gold)
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    (runs,) = read_model_runs([tmp_path / "r"])
    with pytest.raises(DataError, match="matplotlib"):
        draw_audit(audit_model(runs), tmp_path / "x.png")
