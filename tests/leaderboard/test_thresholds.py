"""Each figure above which something is said of a run: silent at it, said just past it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from support.boards import board_of
from support.result_folders import DATE, guesser, made_up_items, tagged, write_run

UNREAD = "I see something. I see more than that."


def said(folder, refused=0):
    board = board_of(folder)
    assert len(board.refusals) == refused, board.refusals
    return {flag.code: flag.message for flag in board.rows[0].flags}


def first(number, method, some, other):
    """Answers the first questions of a method with ``some``, all further ones with ``other``."""
    left = {method: number}

    def answer(item):
        if item.method == method and left[method] > 0:
            left[method] -= 1
            return some(item)
        return other(item)

    return answer


def right(item):
    return tagged(item.answer)


def by(factor):
    def answer(item):
        return tagged(f"{float(item.answer.split()[0]) * factor:.{2 if factor == 1 else 4}f} meters")

    return answer


def far_off(item):
    return by(3.0)(item) if item.method == "distance" else tagged("nothing of the kind")


@pytest.mark.parametrize(("unread", "message"), [(4, None), (5, "2.5 % of answers could not be read")])
def test_unreadable_above_2_percent(tmp_path, unread, message):
    answer = first(unread, "mcq", lambda item: UNREAD, guesser(1, 0.5))
    write_run(tmp_path / "run", made_up_items(20), answer)
    assert said(tmp_path).get("unparsed") == message


@pytest.mark.parametrize(
    ("number", "factor", "message"),
    [
        (4, 1.0, None),
        (5, 1.0, "25 % of distances equal the gold to the digit"),
        (10, 1.005, None),
        (11, 1.005, "55 % of distances are within 1 % of the gold"),
        (20, 1.02, None),
    ],
)
def test_golds_copied_above_a_fifth_or_nearly_above_a_half(tmp_path, number, factor, message):
    write_run(tmp_path / "run", made_up_items(20), first(number, "distance", by(factor), far_off))
    assert said(tmp_path).get("gold_copied") == message


@pytest.mark.parametrize(
    ("panoramas", "wrong", "message"),
    [
        (10, 0, "100.0 % right: the data has errors that nobody could guess"),
        (10, 1, None),
        (11, 1, "99.1 % right: the data has errors that nobody could guess"),
        (9, 0, None),
    ],
)
def test_all_right_above_99_percent_of_a_hundred(tmp_path, panoramas, wrong, message):
    write_run(tmp_path / "run", made_up_items(panoramas), first(wrong, "mcq", far_off, right))
    assert said(tmp_path).get("all_right") == message


@pytest.mark.parametrize(
    ("width", "height", "limit", "flags"),
    [
        (2560, 1280, 3276800, {}),
        (2560, 1280, None, {}),
        (4096, 2048, None, {}),
        (2560, 1279, None, {"low_pixels": "panorama shown with at most 3,274,240 of 3,276,800 px"}),
        (4096, 2048, 3276799, {"low_pixels": "panorama shown with at most 3,276,799 of 3,276,800 px"}),
        (None, None, 3276800, {}),
        (None, None, None, {"unknown_pixels": "not recorded how large a picture the model was shown"}),
        (2560, None, None, {"unknown_pixels": "not recorded how large a picture the model was shown"}),
    ],
)
@pytest.mark.parametrize("condition", ["full", "marked"])
def test_pixels_below_those_of_the_boxes(tmp_path, width, height, limit, flags, condition):
    def edit(line):
        line["panoenv"]["image"].update(width=width, height=height, max_pixels=limit)

    write_run(tmp_path / "run", made_up_items(4), guesser(1, 0.5), edit=edit, condition=condition)
    assert said(tmp_path) == flags


def test_small_pictures_beside_unrecorded_ones(tmp_path):
    def edit(line):
        known = line["panoenv"]["method"] == "mcq"
        line["panoenv"]["image"].update(width=None, height=None, max_pixels=90_000 if known else None)

    write_run(tmp_path / "run", made_up_items(4), guesser(1, 0.5), edit=edit)
    assert said(tmp_path) == {
        "low_pixels": "panorama shown with at most 90,000 of 3,276,800 px",
        "unknown_pixels": "not recorded how large a picture the model was shown",
    }


def test_pixels_do_not_matter_without_a_picture(tmp_path):
    def edit(line):
        line["panoenv"]["image"].update(width=None, height=None, max_pixels=None)

    write_run(tmp_path / "run", made_up_items(4), guesser(1, 0.5), edit=edit, condition="noimage")
    assert said(tmp_path) == {}


def test_restored_panoramas_without_a_confidence_confirm_nothing(tmp_path):
    def edit(line):
        shares = {"three": 0.5, "two": 0.5, "one": 0.0, "none": 0.0}
        confirmed = shares if line["panoenv"]["method"] == "mcq" else None
        line["panoenv"]["image"].update(kind="restored", panorama="restored", confirmed=confirmed)

    write_run(tmp_path / "run", made_up_items(4), guesser(1, 0.5), edit=edit)
    # 4 in 10 are half confirmed.
    assert said(tmp_path) == {"restored": "panoramas restored from drawings (20.00 % confirmed thrice)"}


@pytest.mark.parametrize(("days", "odd"), [(0, False), (1, False), (2, True)])
def test_dates_may_be_tomorrow_somewhere(tmp_path, days, odd):
    day = datetime.now(UTC) + timedelta(days=days)
    write_run(tmp_path / "run", made_up_items(4), guesser(1, 0.5), date=f"{day:%Y%m%d}_101500")
    assert said(tmp_path).get("odd_date") == (f"dated {day:%Y-%m-%d}, after today" if odd else None)


def test_a_date_that_no_calendar_has(tmp_path):
    write_run(tmp_path / "run", made_up_items(4), guesser(1, 0.5), date="20251399_101500")
    assert said(tmp_path)["odd_date"] == "its files carry a date that no calendar has, 20251399"


@pytest.mark.parametrize(("metric", "value"), [("paper", "paper"), ("strict", "strict")])
@pytest.mark.parametrize(("off_by", "believed"), [(5e-7, True), (-5e-7, True), (2e-6, False), (-2e-6, False)])
def test_stored_scores_may_be_rounded(tmp_path, metric, value, off_by, believed):
    def edit(line):
        line["panoenv"][value] += off_by

    write_run(tmp_path / "run", made_up_items(4), guesser(1, 0.5), edit=edit)
    (line,) = [str(r) for r in board_of(tmp_path).refusals] or [""]
    assert line.endswith(
        "" if believed else f"40 stored {metric} scores are not what the texts give; the samples were altered"
    )
    assert (line == "") is believed


def test_a_missing_score_of_an_answer_is_an_altered_one(tmp_path):
    def edit(line):
        if line["panoenv"]["method"] == "distance":
            line["panoenv"]["strict"] = None

    write_run(tmp_path / "run", made_up_items(4), guesser(1, 0.5), edit=edit)
    (line,) = board_of(tmp_path).refusals
    assert "4 stored strict scores are not what the texts give" in str(line)


@pytest.mark.parametrize(
    ("split", "condition", "group"),
    [("val", "full", "panoenv_val"), ("val", "noimage", "panoenv_val_noimage"), ("test", "full", "panoenv")],
)
def test_the_total_of_a_group_is_held_to_its_samples(tmp_path, split, condition, group):
    items = made_up_items(4, split)
    folder = write_run(tmp_path / "run", items, right, condition=condition)
    file = folder / f"{DATE}_results.json"
    content = json.loads(file.read_text())
    for other in ("panoenv", "panoenv_val", "panoenv_noimage", "panoenv_val_noimage"):
        content["results"][other] = {"acc,none": 1.0 if other == group else 0.5, "acc_strict,none": 1.0}
    file.write_text(json.dumps(content))
    assert not board_of(tmp_path).refusals
    content["results"][group] = {"acc,none": 0.5}
    file.write_text(json.dumps(content))
    (line,) = board_of(tmp_path).refusals
    assert f"stored acc 0.5000 of {group} is not what its samples give (1.0000)" in str(line)


@pytest.mark.parametrize("results", [{}, {"panoenv_val": {}}, {"panoenv_val": {"acc,none": "all"}}])
def test_totals_that_are_not_there_are_not_held(tmp_path, results):
    folder = write_run(tmp_path / "run", made_up_items(4), guesser(1, 0.5))
    file = folder / f"{DATE}_results.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "results": results}))
    assert said(tmp_path) == {}


def test_the_samples_with_another_picture_are_counted(tmp_path):
    def edit(line):
        if kind := {"mcq": "marked", "yes_no": "views"}.get(line["panoenv"]["method"]):
            line["panoenv"]["image"]["kind"] = kind

    write_run(tmp_path / "run", made_up_items(4), guesser(1, 0.5), edit=edit)
    (line,) = board_of(tmp_path).refusals
    assert "asks for image kind erp, but 28 samples were made with marked, views" in str(line)
