"""Judge verdicts reach the row whose answers they grade, and no other."""

import json
from dataclasses import replace

import pytest
from support.boards import board_of
from support.result_folders import DATE, guesser

from judges.reading import reading_protocol_id, score_again
from judges.records import JudgedSample, Verdict, write_verdicts
from leaderboard.columns import columns
from panoenv_tasks.records import read_samples


def judge(
    folder, protocol="qscore/strict@2", judge_id="Qwen@1/abc", score=7.0, only=None, name="q", raw=None
):
    """Writes verdicts on a run's answers; those beyond ``only`` could not be read."""
    judged = []
    for file in sorted(folder.glob(f"{DATE}_samples_*")):
        for sample in read_samples(file):
            usable = only is None or len(judged) < only
            verdict = (
                Verdict("scored", score, raw if raw is not None else f"Score: {score:g}", judge_id)
                if usable
                else Verdict("parse_error", None, "?", judge_id, reason="no score")
            )
            judged.append(JudgedSample(protocol, sample, verdict))
    write_verdicts(folder / "judged" / f"{name}.verdicts.jsonl", judged)


def test_scores_come_with_judge_and_coverage(run_folder):
    judge(run_folder.add(), only=45)
    (row,) = board_of(run_folder.path).rows
    assert row.q_score.estimate.mean == 7.0
    assert (row.q_score.scored, row.q_score.asked) == (45, 60)
    assert row.q_score.judge == "Qwen@1/abc qscore/strict@2"
    assert row.p_score is None


@pytest.mark.parametrize("variant", ["", "+max_tokens.256"])
def test_a_protocol_that_publishes_zeros_has_them_in_its_mean_but_not_in_its_coverage(run_folder, variant):
    judge(run_folder.add(), protocol=f"qscore/reference@1{variant}", only=45)
    (row,) = board_of(run_folder.path).rows
    assert row.q_score.estimate.mean == 45 / 60 * 7.0
    assert (row.q_score.scored, row.q_score.asked) == (45, 60)


def test_silence_counts_as_the_lowest_score_and_an_old_version_is_refused(run_folder):
    folder = run_folder.add()
    judge(folder)
    file = folder / "judged" / "q.verdicts.jsonl"
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    for row in rows[:30]:
        row["verdict"] |= {"status": "no_answer", "score": None}
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (row,) = board_of(run_folder.path).rows
    assert row.q_score.estimate.mean == 3.5
    assert (row.q_score.scored, row.q_score.asked) == (60, 60)
    judge(folder, protocol="qscore/strict@1")
    board = board_of(run_folder.path)
    assert "qscore/strict@2 has replaced it; judge again" in str(board.refusals[0])


def test_verdicts_on_other_answers_do_not_count(run_folder):
    judge(run_folder.add("judged-one", guesser(1, 0.5), model="acme/Judged"))
    run_folder.add("other", guesser(2, 0.5), model="acme/Other")
    rows = {row.model: row for row in board_of(run_folder.path).rows}
    assert rows["acme/Judged"].q_score is not None
    assert rows["acme/Other"].q_score is None


def test_the_judge_with_most_coverage_is_shown(run_folder):
    folder = run_folder.add()
    judge(folder, judge_id="Half@1/aaa", score=1.0, only=30, name="half")
    judge(folder, judge_id="Whole@1/bbb", score=9.0, name="whole")
    judge(folder, protocol="pscore/strict@2", score=4.0, name="p")
    judge(folder, protocol="prometheus/absolute@2", score=4.0, name="p5")
    (row,) = board_of(run_folder.path).rows
    assert row.q_score.estimate.mean == 9.0
    assert row.p_score.estimate.mean == 4.0


def test_judging_a_run_makes_a_new_csv_row(run_folder):
    folder = run_folder.add()
    before = board_of(run_folder.path).rows[0]
    judge(folder)
    after = board_of(run_folder.path).rows[0]
    assert before.row_id != after.row_id
    assert before.samples_sha256 == after.samples_sha256


@pytest.mark.parametrize(("score", "expected"), [(11.0, "scores outside 0 to 10"), (-1.0, "outside")])
def test_scores_off_the_scale_are_refused(run_folder, score, expected):
    judge(run_folder.add(), score=score)
    board = board_of(run_folder.path)
    assert expected in str(board.refusals[0])
    assert board.rows[0].q_score is None


def test_scores_that_the_judges_own_words_do_not_give_are_refused(run_folder):
    judge(run_folder.add(), score=9.0, raw="Score: 2")
    board = board_of(run_folder.path)
    assert "the judge's reply gives 2; the verdicts were altered" in str(board.refusals[0])
    assert board.rows[0].q_score is None


def test_scores_without_the_judges_words_are_shown_as_submitted(run_folder):
    judge(run_folder.add(), score=9.0, raw=" ")
    (row,) = board_of(run_folder.path).rows
    assert row.q_score.as_submitted
    assert row.q_score.estimate.mean == 9.0


def read(folder, answers=None, protocol=None):
    """Writes a reader's verdicts: by the rules, and ``answers`` as the reader's replies by sample number."""
    judged = []
    for file in sorted(folder.glob(f"{DATE}_samples_*")):
        for sample in read_samples(file):
            reply = (answers or {}).get(len(judged))
            verdict = Verdict(
                "scored", 0.0, reply or "", "reader/abc", flags=("read" if reply else "by_rules",)
            )
            verdict = replace(verdict, score=score_again(sample, verdict))
            judged.append(JudgedSample(protocol or reading_protocol_id(), sample, verdict))
    write_verdicts(folder / "judged" / "reader.verdicts.jsonl", judged)
    return judged


def test_both_figures_and_how_many_a_reader_settled(run_folder):
    folder = run_folder.add()
    judged = read(folder)
    (row,) = board_of(run_folder.path).rows
    assert row.acc_read.estimate.mean == row.strict["acc"].mean
    assert row.acc_read.settled == 0
    wrong = [k for k, one in enumerate(judged) if one.verdict.score < 1 and one.sample.method == "yes_no"][:3]
    read(folder, {k: judged[k].sample.answer for k in wrong})
    (row,) = board_of(run_folder.path).rows
    assert row.acc_read.settled == len(wrong) > 0
    assert row.acc_read.estimate.mean == pytest.approx(row.strict["acc"].mean + len(wrong) / 60)
    cells = columns(row)
    assert (cells["n_read"], cells["reader_id"]) == (len(wrong), f"reader/abc {reading_protocol_id()}")


def test_a_reading_that_was_altered_or_is_of_older_rules_is_refused(run_folder):
    folder = run_folder.add()
    read(folder)
    file = folder / "judged" / "reader.verdicts.jsonl"
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    next(row for row in rows if row["verdict"]["score"] == 0)["verdict"]["score"] = 1.0
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    board = board_of(run_folder.path)
    assert "the verdicts were altered" in str(board.refusals[0])
    assert board.rows[0].acc_read is None
    read(folder, protocol="reader@1+strict@1")
    assert "read again" in str(board_of(run_folder.path).refusals[0])
