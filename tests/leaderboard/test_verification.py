import dataclasses

from support.boards import board_of

from leaderboard.reported import render_verification, reported_rows
from panoenv_tasks.stats import Estimate


def line_of(page, model, figure):
    return next(line for line in page.splitlines() if f"| {model} | {figure} |" in line)


def test_what_was_not_run_says_so():
    page = render_verification([])
    lines = [line for line in page.splitlines() if line.startswith("| ⚪")]
    assert len(lines) == 6 + 6 + 6 + 6 + 4 + 6
    assert all("not run here" in line for line in lines)
    assert "🟢 |" not in page


def published_row_run_here(total, **changes):
    published = next(r for r in reported_rows() if r.model == "Qwen2.5-VL-7B-Instruct")
    return dataclasses.replace(
        published,
        model="Qwen/Qwen2.5-VL-7B-Instruct",
        provenance="reproduced",
        paper={"acc": Estimate(total, 0.008, total - 0.016, total + 0.016, 2991, 120)},
        **changes,
    )


def test_lights_and_intervals():
    for total, light, gap in ((0.5100, "🟢", "+1.66"), (0.4500, "🟡", "-4.34"), (0.6, "🔴", "+10.66")):
        line = line_of(
            render_verification([published_row_run_here(total)]), "Qwen2.5-VL-7B-Instruct", "Total"
        )
        assert line.startswith(f"| {light} |")
        assert gap in line
    assert "(+0.06 to +3.26)" in line_of(
        render_verification([published_row_run_here(0.51)]), "Qwen2.5-VL-7B-Instruct", "Total"
    )


def test_another_split_or_condition_does_not_stand_for_the_published_row():
    for changes in ({"split": "val"}, {"condition": "noimage"}):
        page = render_verification([published_row_run_here(0.5, **changes)])
        assert "not run here" in line_of(page, "Qwen2.5-VL-7B-Instruct", "Total")


def test_rows_run_here_are_listed(run_folder):
    run_folder.add()
    page = render_verification(board_of(run_folder.path).rows)
    assert "| acme/Seer-7B | model | val | full | 60 |" in page
