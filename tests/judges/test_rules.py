import pytest
from support.judge_samples import sample_of
from support.shared import shared_file

from judges.rules import rubric_verdict
from panoenv_tasks.records import read_samples

LEFT_ABOVE = "The lamp is to the left of and above the chair."
PLACE = (
    "How is the lamp (boundingbox: [1, 2, 30, 40]) positioned relative to the chair "
    "(boundingbox: [60, 2, 90, 40])?"
)


@pytest.mark.parametrize(
    ("method", "gold", "answer", "points"),
    [
        ("yes_no", "Yes", "yes.", 10),
        ("yes_no", "Yes", "TRUE", 10),
        ("yes_no", "Yes", "1", 10),
        ("yes_no", "No", "0", 10),
        ("yes_no", "No", "1", 0),
        ("yes_no", "Yes", "No", 0),
        ("yes_no", "Yes", "Yes and no", 0),
        ("yes_no", "Yes", "maybe", 0),
        ("yes_no", "No", "no idea", 0),
        ("yes_no", "No", "No way to tell", 0),
        ("yes_no", "No", "No, it is not.", 10),
        ("mcq", "The lamp", "a LAMP!", 10),
        ("mcq", "The lamp", "lamp, chair", 0),
        ("mcq", "Lamp A", "lamp b", 0),
        ("distance", "About 10 meters", "11 m", 10),
        ("distance", "About 10 meters", "9.0 meters", 10),
        ("distance", "About 10 meters", "11.1 m", 9),
        ("distance", "About 10 meters", "11.5 m", 7),
        ("distance", "About 10 meters", "12 m", 5),
        ("distance", "About 10 meters", "12.1 m", 0),
        ("distance", "About 10 meters", "1000 cm", 10),
        ("distance", "About 10 meters", "far", 0),
        ("distance", "About 10 meters", "5 to 15 m", 0),
        ("counting", "3 different views", "three", 10),
        ("counting", "3 different views", "4", 0),
        ("counting", "3 different views", "3 or 4", 0),
        ("spatial", LEFT_ABOVE, "left and above", 10),
        ("spatial", LEFT_ABOVE, "It is to the left.", 5),
        ("spatial", LEFT_ABOVE, "left of and below", 0),
        ("spatial", LEFT_ABOVE, "left and right, above", 0),
        ("spatial", LEFT_ABOVE, "left, above and in front", 10),
        ("spatial", LEFT_ABOVE, "nearby", 0),
        ("default", "A courtyard", "courtyard", 10),
        ("default", "A courtyard", "a street", 0),
    ],
)
def test_rubric(method: str, gold: str, answer: str, points: int) -> None:
    question = PLACE if method == "spatial" else "?"
    verdict = rubric_verdict(sample_of(f"<Answer>{answer}</Answer>", gold, method=method, question=question))
    assert (verdict.status, verdict.score, verdict.judge_id) == ("scored", points, "rules@3")


def test_a_third_of_the_directions() -> None:
    gold = "The lamp is in front of and to the left of and above the chair."
    one = rubric_verdict(sample_of("left", gold, method="spatial", question=PLACE))
    two = rubric_verdict(sample_of("left and above", gold, method="spatial", question=PLACE))
    assert (one.score, two.score) == (3, 7)


def test_no_answer_and_no_reply_have_their_statuses() -> None:
    assert rubric_verdict(sample_of(" ")).score is None
    assert rubric_verdict(sample_of(" ")).status == "no_answer"
    failed = rubric_verdict(sample_of("", error="out of memory"))
    assert (failed.status, failed.reason) == ("model_error", "out of memory")


def test_every_released_answer_earns_full_points_against_itself(tmp_path: object) -> None:
    path = shared_file("panoenv_val.jsonl")
    import json
    from pathlib import Path

    assert isinstance(tmp_path, Path)
    out = tmp_path / "golds.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    out.write_text("\n".join(json.dumps({**row, "model_output": row["expected_answer"]}) for row in rows))
    scores = [rubric_verdict(sample).score for sample in read_samples(out)]
    assert len(scores) == 1496
    assert set(scores) == {10}
