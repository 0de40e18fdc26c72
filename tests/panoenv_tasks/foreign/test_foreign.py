"""Prediction files in the forms that others publish: VLMEvalKit's and EASI's tables, lines of ids."""

from __future__ import annotations

import json
import re
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.command import run
from support.result_folders import item

from panoenv_tasks.foreign import About, foreign_records, is_foreign, tables
from panoenv_tasks.items import DataError, item_id
from panoenv_tasks.records import TEXT_KEYS

PIPE, LAMP = "the pipe (boundingbox: [1, 2, 30, 40])", "lamp A (boundingbox: [9, 2, 30, 40])"
CLOSER = f"Which object is closer to the viewer, {PIPE} or {LAMP}?"
FAR = f"How far is {PIPE} from the viewer?"
FIT = "Which environment is a better fit for the image: Rome or CoalMine?"
#: Two panoramas; the last question is asked on both.
ROME, MINE = ("Rome", "P000_000100"), ("CoalMine", "P000_000200")
ITEMS = [
    item(*ROME, CLOSER, "Lamp A"),
    item(*ROME, FAR, "5.00 meters"),
    item(*ROME, FIT, "Rome"),
    item(*MINE, FIT, "CoalMine"),
]
#: VLMEvalKit's columns: its data set's without the picture, and the prediction.
TABLE = [
    {"index": 0, "question": CLOSER, "A": "The pipe", "B": "Lamp A", "answer": "B", "prediction": "B"},
    {"index": 1, "question": FAR, "A": "", "B": "", "answer": "5.00 meters", "prediction": "5.2 meters"},
    {"index": 2, "question": FIT, "A": "Rome", "B": "CoalMine", "answer": "A", "prediction": "(B)"},
    {"index": 3, "question": FIT, "A": "Rome", "B": "CoalMine", "answer": "B",
     "prediction": "Failed to obtain answer via API."},
]  # fmt: skip
PLACES = [f"/x/raw/val/{env}/{frame}/visualizations/q1_a.png" for env, frame in (ROME, ROME, ROME, MINE)]


def frame(rows):
    """As pandas has them; it is slow to import, and collecting the tests needs it nowhere else."""
    import pandas

    return pandas.DataFrame(rows)


def lines(file, rows):
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def texts(file, items=ITEMS, **about):
    return {
        r["question"] + r["frame"]: (r["text"], r["error"], r["strict"])
        for _, r in foreign_records(file, About("m", **about), items)
    }


EXPECTED = {
    CLOSER + ROME[1]: ("B) Lamp A", "", 1.0),
    FAR + ROME[1]: ("5.2 meters", "", 1.0),
    FIT + ROME[1]: ("B) CoalMine", "", 0.0),
    FIT + MINE[1]: ("", "[LMMS_EVAL_REQUEST_FAILED] Failed to obtain answer via API.", None),
}


@pytest.mark.parametrize("form", ["xlsx", "tsv", "csv", "json", "jsonl"])
def test_tables_of_vlmevalkit(form, tmp_path):
    table = frame(TABLE).assign(image_path=PLACES)
    file = tmp_path / f"Seer_PanoEnv.{form}"
    if form == "xlsx":
        table.to_excel(file, index=False, engine="openpyxl")
    elif form in ("tsv", "csv"):
        table.to_csv(file, sep="\t" if form == "tsv" else ",", index=False, quoting=1)
    else:
        table.to_json(file, orient="records", lines=form == "jsonl")
    assert is_foreign(file)
    assert texts(file) == EXPECTED


def test_the_table_of_easi_counts_by_what_the_model_said_not_by_what_was_extracted(tmp_path):
    rows = [{**TABLE[1], "pred_extracted": "5.00 meters", "hit": 1, "prediction": "9 meters"}]
    frame(rows).to_excel(tmp_path / "Seer_extract_matching.xlsx", index=False)
    assert texts(tmp_path / "Seer_extract_matching.xlsx") == {FAR + ROME[1]: ("9 meters", "", 0.0)}


def test_ids_of_a_scheme_of_their_own_are_looked_up_in_what_was_asked(tmp_path):
    ids = [f"{env}::{frame}::{n}" for n, (env, frame) in enumerate((ROME, ROME, ROME, MINE))]
    asked = lines(
        tmp_path / "manifest.jsonl",
        [
            {"id": name, "image_path": "", "question": row["question"], "A": row["A"], "B": row["B"]}
            for name, row in zip(ids, TABLE, strict=True)
        ],
    )
    predictions = [
        {"id": name, "prediction": row["prediction"]} for name, row in zip(ids, TABLE, strict=True)
    ]
    file = lines(tmp_path / "predictions.jsonl", predictions)
    assert is_foreign(file)
    assert texts(file, asked=asked) == EXPECTED
    with pytest.raises(DataError, match=r"predictions.jsonl:1: 'Rome::P000_000100::0' names no question"):
        texts(file)


def test_our_own_ids_need_nothing_else(tmp_path):
    rows = [{"id": item_id("val", *ROME, FAR), "prediction": "5 m"}]
    assert texts(lines(tmp_path / "p.jsonl", rows)) == {FAR + ROME[1]: ("5 m", "", 1.0)}


def test_an_answer_may_be_empty_and_none_is_a_word(tmp_path):
    rows = [{"question": FAR, "prediction": None}, {"question": CLOSER, "prediction": "None"}]
    frame(rows).to_excel(tmp_path / "p.xlsx", index=False)
    found = [r for _, r in foreign_records(tmp_path / "p.xlsx", About("m"), ITEMS)]
    assert [(r["text"], r["status"], r["error"]) for r in found] == [
        ("", "empty", ""),
        ("None", "unparsed", ""),
    ]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"question": FIT, "prediction": "Rome"}], "is asked on 2 panoramas"),
        ([{"question": "Why?", "prediction": "x"}], "'Why?' is no question of this data"),
        ([{"prediction": "x"}], "names no question"),
        ([{"index": 7, "prediction": "x"}], "'7' names no question"),
        ([{"question": FAR, "answer": "9 m", "prediction": "x"}], "its gold answer '9 m' is not"),
        ([{**TABLE[0], "answer": "A"}], "its gold answer 'A' is not"),
        ([{"question": FAR, "output": "5 m"}], "no prediction; there is question, output"),
        ([{"question": FAR, "prediction": "5 m"}] * 2, "p.jsonl:1 again; expected one row each"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_placed_is_one_line(rows, said, tmp_path):
    with pytest.raises(DataError, match=re.escape(said)):
        texts(lines(tmp_path / "p.jsonl", rows))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("p.xlsx", b"PK no zip", "cannot be read as xlsx"),
        ("p.tsv", b"\xff\xfe\x00", "cannot be read as tsv"),
        ("p.tsv", b"", "cannot be read as tsv"),
        ("p.tsv", b"question\tprediction\n", "no rows"),
        ("p.json", b'[{"question"', "not JSON"),
        ("p.json", b'{"a": 1}', "expected a list"),
        ("p.json", b"[1]", "p.json:1: expected a JSON object, found int"),
        ("p.jsonl", b'{"prediction": "x", "question": "y"', "p.jsonl:1: not JSON"),
        ("p.jsonl", b"[1]\n", "p.jsonl:1: expected a JSON object, found list"),
    ],
)
def test_a_damaged_file_is_one_line(name, content, said, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=said) as caught:
        texts(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_workbook_that_unfolds_without_end_is_not_unfolded(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "_LARGEST", 1 << 20)
    with zipfile.ZipFile(tmp_path / "p.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b" " * (3 << 20))
    with pytest.raises(DataError, match="unfolds to 3 MB; expected at most 1"):
        texts(tmp_path / "p.xlsx")


@settings(deadline=None)  # the first example imports pandas
@given(st.binary(max_size=300))
def test_no_bytes_end_in_a_traceback(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("bytes")
    for name in ("p.jsonl", "p.json", "p.tsv"):
        (folder / name).write_bytes(content)
        is_foreign(folder / name)
        with pytest.raises(DataError):
            texts(folder / name)


@pytest.mark.parametrize("key", TEXT_KEYS)
def test_the_released_form_and_our_own_samples_are_not_foreign(key, tmp_path):
    assert not is_foreign(lines(tmp_path / "a.jsonl", [{key: "x", "expected_answer": "y", "question": FAR}]))
    assert not is_foreign(lines(tmp_path / "b.jsonl", [{"panoenv": {}, "prediction": "x"}]))


@pytest.fixture
def published(tmp_path):
    """What somebody might publish, and the questions as the release's annotation file has them."""
    frame(TABLE).assign(image_path=PLACES).to_excel(tmp_path / "Seer_PanoEnv.xlsx", index=False)
    questions = [
        {"conversations": [{"from": "human", "value": i.question}], "question_type": i.question_type,
         "image": f"{i.environment}/{i.frame}/rgb_erp.png", "accu_reward_method": i.method,
         "expected_answer": i.answer}
        for i in [*ITEMS, item(*MINE, FAR, "2.00 meters")]
    ]  # fmt: skip
    lines(tmp_path / "panoenv_val.jsonl", questions)
    return tmp_path


def score(capsys, folder, *more):
    data = ("--data", folder / "panoenv_val.jsonl", "--split", "val")
    return run(capsys, "score", folder / "Seer_PanoEnv.xlsx", *data, *more)


def test_scores_say_what_is_not_known_of_them(capsys, published):
    # FAR is asked on two panoramas here; the row's picture says which.
    seen = score(capsys, published)
    assert seen.out.startswith(
        "## Seer_PanoEnv (foreign, unknown), val; prompts: unknown; picture: unknown\n"
    )
    # Three answered, two of them right; one request failed.
    assert "| total | 4 | 1 | 0.00 |" in seen.out
    assert "| 66.67 |" in seen.out
    checked = score(capsys, published, "--check")
    assert checked.code == 1
    assert "1 of 4 requests failed" in checked.err
    assert "4 of 5 questions were asked" in checked.err


def test_what_its_user_says_of_a_file_stands_in_a_file_beside_it(capsys, published):
    about = published / "Seer_PanoEnv.yaml"
    about.write_text("model: acme/Seer-7B\nharness: VLMEvalKit\nprompts: its own\npicture: marked\n")
    seen = score(capsys, published, "--save", published / "kept")
    assert "## acme/Seer-7B (foreign, VLMEvalKit), val; prompts: its own; picture: marked" in seen.out
    # The records are read again like any other run's, under the same name.
    again = run(capsys, "score", published / "kept", "--json")
    totals = json.loads(again.out)
    assert totals["total"]["n"] == 4
    assert totals["total"]["strict"]["acc"] == pytest.approx(2 / 3)
    [file] = (published / "kept").glob("*_samples_panoenv_val_foreign.jsonl")
    record = json.loads(file.read_text().splitlines()[0])["panoenv"]
    assert (record["text"], record["as_written"]) == ("B) Lamp A", "B")
    assert record["run"]["foreign"]["harness"] == "VLMEvalKit"
    # What is there is not written over.
    seen = score(capsys, published, "--save", published / "kept")
    assert seen.code == 2
    assert "is there already" in seen.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("model: [", "cannot be read as YAML"),
        ("- model", "expected a mapping"),
        ("prompt: x", "expected a mapping with keys out of model, harness, prompts, picture, source, asked"),
        ("model: 7", "model: expected text"),
        ("picture: photo", "picture 'photo'; expected one of erp, restored, marked, cubemap, none, unknown"),
        ("asked: nowhere.tsv", "nowhere.tsv: no such file"),
    ],
)
def test_a_bad_word_about_a_file_is_one_line(content, said, capsys, published):
    (published / "Seer_PanoEnv.yaml").write_text(content)
    seen = score(capsys, published)
    assert seen.code == 2
    assert said in seen.err
    assert seen.err.count("\n") == 1
