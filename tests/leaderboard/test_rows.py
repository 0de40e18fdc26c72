"""What a row holds, against figures worked out by hand or another way."""

import statistics

import pytest
from support.boards import board_of
from support.result_folders import DATE, guesser, made_up_items, tagged, val_items, write_run

from leaderboard import collect
from leaderboard.comparisons import compare
from leaderboard.questions import released_fingerprints
from leaderboard.reported import reported_rows
from leaderboard.rows import share_text
from panoenv_tasks.blind import constant_answer
from panoenv_tasks.items import fingerprint
from panoenv_tasks.perturb import present
from panoenv_tasks.stats import LEAST_CLUSTERS, Estimate


def test_cells_of_a_model_that_only_says_yes(run_folder, items):
    run_folder.add(answer=lambda item: tagged("Yes"))
    (row,) = collect([run_folder.path])
    right = sum(i.answer == "Yes" for i in items)
    assert row.paper["acc"].mean == pytest.approx(right / 60)
    assert row.paper["tf"].n == 18
    assert row.paper["tf"].mean == pytest.approx(right / 18)
    assert (row.paper["mcq"].mean, row.paper["oe"].mean) == (0.0, 0.0)
    assert {k: row.paper[k].n for k in ("oe_distance", "oe_count", "oe_relation")} == dict.fromkeys(
        ("oe_distance", "oe_count", "oe_relation"), 6
    )
    assert "shape_flatness" not in row.paper


def test_errors_are_clustered_by_environment(run_folder):
    # Right on every question of half of the environments, two panoramas each, as on the released test split.
    items = made_up_items(12, "test")
    places = sorted({i.environment for i in items})
    answer = lambda i: tagged(i.answer if i.environment in places[:3] else "nothing")  # noqa: E731
    write_run(run_folder.path / "seer", items, answer)
    (row,) = collect([run_folder.path])
    cluster_means = [1.0] * 3 + [0.0] * 3
    assert row.strict["acc"].se == pytest.approx(statistics.stdev(cluster_means) / 6**0.5)
    assert row.strict["acc"].clusters == 6
    assert row.checks["strict_panorama"].clusters == 12
    assert row.checks["strict_panorama"].se < row.strict["acc"].se
    assert row.checks["strict_naive"].se < row.strict["acc"].se / 2


def test_intervals_stay_inside_0_and_1(run_folder):
    run_folder.add(answer=guesser(3, 0.97))
    (row,) = collect([run_folder.path])
    assert row.strict["acc"].hi > 0.99
    for cell in [*row.paper.values(), *row.strict.values(), *row.checks.values()]:
        if cell.clusters >= LEAST_CLUSTERS and cell.lo is not None:
            assert 0 <= cell.lo <= cell.mean <= cell.hi <= 1


def test_setup_tokens_and_time(run_folder):
    run_folder.add()
    (row,) = collect([run_folder.path])
    assert (row.setup.harness_version, row.setup.plugin_version) == ("0.7.3", "0.1.0")
    assert (row.setup.max_pixels, row.setup.image_size) == (3276800, "2560x1280")
    assert (row.tokens_in, row.tokens_out, row.seconds) == (60 * 1800, 60 * 40, 1834.5)
    assert (row.date, row.model) == ("2025-01-22", "acme/Seer-7B")


def test_submission_card_names_the_model(run_folder):
    folder = run_folder.add()
    (folder / "submission.yaml").write_text(
        "model: Seer\nrevision: abc\nparams_b: 7\nopen_weights: true\ntraining_data: none\n"
    )
    (row,) = collect([run_folder.path])
    assert (row.model, row.provenance, row.card.params_b) == ("Seer", "unverified", 7)


def test_one_invocation_with_two_conditions_makes_two_rows(run_folder, items):
    folder = run_folder.add("both")
    write_run(folder, items, guesser(5, 0.4), condition="noimage", date="20250122_111111")
    for file in folder.glob("20250122_111111_*"):
        if file.name.endswith(".jsonl"):
            file.rename(folder / file.name.replace("20250122_111111", DATE))
        else:
            file.unlink()
    rows = collect([run_folder.path])
    assert sorted(row.condition for row in rows) == ["full", "noimage"]
    assert all(row.counts.n == 60 for row in rows)


def test_paths_may_overlap_and_name_files(run_folder):
    folder = run_folder.add()
    assert len(collect([run_folder.path, folder])) == 1
    assert len(collect([folder / f"{DATE}_results.json"])) == 1


def test_roles_and_ranks(run_folder):
    run_folder.add("a", guesser(1, 0.9), model="acme/Sharp")
    run_folder.add("b", guesser(2, 0.88), model="acme/Keen")
    run_folder.add("c", constant_answer, model="panoenv_constant", backend="panoenv_constant")
    run_folder.add("d", lambda i: tagged(i.answer), model="panoenv_oracle", backend="panoenv_oracle")
    board = board_of(run_folder.path)
    roles = {row.model: row.role for row in board.rows}
    assert roles["panoenv_constant"] == "constant"
    assert roles["panoenv_oracle"] == "oracle"
    (group,) = compare(board.rows)
    assert "panoenv_oracle" not in {row.model for row in board.rows if row.row_id in group.row_ids}
    # Six panoramas allow a two-sided p of 2/64 at best, times two rivals: not below 5 %.
    assert group.ranks("strict") == {}
    assert group.environments_needed == 7
    assert group.detectable("strict") > 0.05


def test_no_more_than_the_best_are_compared(tmp_path, monkeypatch):
    monkeypatch.setattr("leaderboard.comparisons.MOST_COMPARED", 2)
    items = made_up_items(12)
    for skill in (0.1, 0.5, 0.9):
        write_run(tmp_path / f"r{skill}", items, guesser(1, skill), model=f"acme/M{skill}")
    board = board_of(tmp_path)
    (group,) = compare(board.rows)
    names = {row.row_id: row.model for row in board.rows}
    assert {names[i] for i in group.row_ids} == {"acme/M0.5", "acme/M0.9"}
    assert group.left_out == 1


def test_more_panoramas_tell_the_constant_apart(tmp_path):
    items = made_up_items(12)
    write_run(tmp_path / "a", items, guesser(1, 0.9), model="acme/Sharp")
    write_run(tmp_path / "b", items, guesser(2, 0.1), model="acme/Dull")
    (group,) = compare(board_of(tmp_path).rows)
    assert list(group.ranks("strict").values()) == [1, 2]


def test_image_gain_pairs_a_model_with_its_own_blind_run(run_folder):
    run_folder.add("seeing", guesser(1, 0.9))
    run_folder.add("blindfolded", guesser(2, 0.3), condition="noimage")
    run_folder.add("other", guesser(3, 0.5), model="acme/Other")
    board = board_of(run_folder.path)
    (gain,) = [row.gain for row in board.rows if row.gain]
    shown = {row.condition: row for row in board.rows if row.model == "acme/Seer-7B"}
    expected = shown["full"].strict["acc"].mean - shown["noimage"].strict["acc"].mean
    assert gain.estimate.mean == pytest.approx(expected)
    assert gain.p == pytest.approx(2 / 64)


def test_different_prompts_never_share_a_rank(run_folder):
    def edit(line):
        line["panoenv"]["run"] = {**line["panoenv"]["run"], "prompts_sha256": "e" * 64}

    run_folder.add("a", model="acme/A")
    run_folder.add("b", model="acme/B", edit=edit)
    assert [len(group.row_ids) for group in compare(board_of(run_folder.path).rows)] == [1, 1]


def test_several_processes_find_the_same_rows(tmp_path, items):
    for number in range(16):
        write_run(tmp_path / f"run{number:02d}", items, guesser(number, 0.5), model=f"acme/M{number}")
    assert board_of(tmp_path, processes=2).rows == board_of(tmp_path).rows


def test_reported_rows_are_the_papers_and_never_ranked():
    rows = {row.model: row for row in reported_rows()}
    qwen = rows["Qwen2.5-VL-7B-Instruct"]
    assert (qwen.paper["acc"].mean, qwen.paper["oe"].n) == (pytest.approx(0.4934), 600)
    assert qwen.q_score.estimate.mean == 5.60
    assert not any(row.ranked for row in rows.values())
    assert len(rows) == 6
    # Totals must be the question-weighted means of the parts they are published with.
    for row in rows.values():
        if {"tf", "mcq", "oe"} <= row.paper.keys():
            parts = sum(row.paper[k].mean * row.paper[k].n for k in ("tf", "mcq", "oe")) / 2991
            assert row.paper["acc"].mean == pytest.approx(parts, abs=5e-4)


def test_the_released_validation_set_is_known():
    items = val_items()
    assert released_fingerprints()[fingerprint(items)] == "val"
    assert len(items) == 1496


def test_turned_questions_are_held_to_the_whole_split_they_come_from(tmp_path):
    items = made_up_items(6)
    turned = [shown.item for shown in present(items, "rot90")]
    assert {i.answer for i in turned} - {i.answer for i in items}
    write_run(tmp_path / "plain", items, guesser(1, 0.5))
    write_run(tmp_path / "turned", turned, guesser(2, 0.5), condition="rot90", base=items)
    rows = {row.condition: row for row in board_of(tmp_path).rows}
    assert rows["rot90"].counts.n == rows["rot90"].counts.expected == len(turned)
    assert [row.ranked for row in rows.values()] == [True, True]


def test_turned_questions_alone_cannot_be_verified(tmp_path):
    items = made_up_items(6)
    turned = [shown.item for shown in present(items, "rot90")]
    write_run(tmp_path / "turned", turned, guesser(2, 0.5), condition="rot90", base=items)
    (row,) = collect([tmp_path])
    assert "unchecked_questions" in {flag.code for flag in row.flags}
    assert not row.ranked


def test_an_answer_that_was_not_turned_is_refused(tmp_path):
    items = made_up_items(6)
    turned = [shown.item for shown in present(items, "rot90")]
    plain = {i.id: i for i in items}
    write_run(tmp_path / "plain", items, guesser(1, 0.5))
    write_run(
        tmp_path / "turned", [plain[i.id] for i in turned], guesser(2, 0.5), condition="rot90", base=items
    )
    board = board_of(tmp_path)
    assert len(board.rows) == 1
    assert "differ from dataset" in str(board.refusals[0])


def test_a_share_is_shown_with_its_interval_where_it_has_one():
    share = Estimate(0.4934, 0.01, 0.4712, 0.5157, n=900, clusters=12)
    assert share_text(share) == "49.3 (47.1 to 51.6)"
    assert share_text(share, decimals=2) == "49.34 (47.12 to 51.57)"
    assert share_text(Estimate(0.5, None, None, None, n=3, clusters=1)) == "50.0"
    assert share_text(None) == ""
