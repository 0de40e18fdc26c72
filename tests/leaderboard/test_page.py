"""The page in a real Chromium, offline: what a reader can see and do."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.boards import board_of, knowing
from support.chromium import chromium
from support.result_folders import guesser, made_up_items, tagged, write_run

from leaderboard.page import script_json
from leaderboard.publish import publish
from leaderboard.reported import reported_rows
from panoenv_tasks.blind import answer as blind_answer
from panoenv_tasks.geometry.cube import FACE_AXES, cut_faces, erp_faces
from panoenv_tasks.geometry.projection import direction_at
from panoenv_tasks.perturb import present

HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>" + "y" * 10_000
DESKTOP = {"viewport": {"width": 1360, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@pytest.mark.parametrize("text", ["</script>", "<!--", "a\u2028b", "&amp;", "]]>"])
def test_data_cannot_leave_its_script_element(text):
    found = script_json({text: [text]})
    assert not re.search("[<>&\u2028]", found)


def write_page(root, images=True):
    items = made_up_items(12)
    pictures = {}
    write_run(root / "sharp", items, guesser(1, 0.9), model="acme/Sharp")
    write_run(root / "sharp-blind", items, guesser(2, 0.3), model="acme/Sharp", condition="noimage")
    for condition in ("noimage_nobox", "shuffled", "rot90", "rot180", "rot270"):
        shown = [one.item for one in present(items, condition)]
        answer = guesser(1, 0.9 if condition.startswith("rot") else 0.2)
        write_run(
            root / f"sharp-{condition}", shown, answer, model="acme/Sharp", condition=condition, base=items
        )
    write_run(root / "dull", items, guesser(3, 0.1), model="acme/Dull")
    write_run(root / "hostile", items, lambda i: "<b>no tags</b>", model=HOSTILE)
    write_run(root / "blind", items, blind_answer, model="panoenv_blind", backend="panoenv_blind")
    write_run(
        root / "oracle", items, lambda i: tagged(i.answer), model="panoenv_oracle", backend="panoenv_oracle"
    )
    write_run(root / "part", items, guesser(5, 0.5), model="acme/Part", limit=5)
    if images:
        for item in items:
            path = root / f"{item.environment}-{item.frame}.png"
            if not path.exists():
                Image.new("RGB", (2560, 1280), (90, 120, 150)).save(path)
            pictures[item.id] = path
    publish(board_of(root), reported_rows(), pictures, root / "out")
    return root / "out" / "index.html"


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    return write_page(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def new_page():
    with chromium() as factory:
        yield factory


def opened(new_page, file, **options):
    page = new_page(**options)
    page.goto(file.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    return page


def names(page):
    return [n.split("\n")[0] for n in page.locator("#table tr.row td.name button").all_inner_texts()]


@pytest.mark.slow
def test_table_shows_rows_ranks_and_grey_rows(new_page, page_file):
    page = opened(new_page, page_file, **DESKTOP)
    assert names(page)[:2] == ["acme/Sharp", "panoenv_blind"]
    ranks = dict(zip(names(page), page.locator("#table tr.row td.rank").all_inner_texts(), strict=True))
    assert (ranks["acme/Sharp"], ranks["acme/Part"]) == ("1", "–")
    assert int(ranks["acme/Dull"]) > 1
    assert "panoenv_oracle" not in names(page), "it stands in the note"
    assert "Oracle, which repeats the gold: 100.0 %" in page.locator("#table-note").inner_text()
    reported = page.locator("#table tbody.reported tr.row.reported")
    assert reported.count() == 6
    assert "49.34" in reported.nth(1).inner_text(), "as published, with two decimals"
    assert page.locator("#table tr.row", has_text="acme/Part").locator(".chip.warn").count() == 1
    assert page.problems == []


@pytest.mark.slow
def test_sorting_filtering_views_and_protocols(new_page, page_file):
    page = opened(new_page, page_file, **DESKTOP)
    page.get_by_role("button", name="Model").click()
    own = names(page)[:5]
    assert own == sorted(own, key=str.lower)
    assert page.locator("#table tbody.reported").count() == 1, "a block of their own, below"
    assert page.locator('th[aria-sort="ascending"]').inner_text() == "Model"
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("reported").uncheck()
    page.get_by_label("baselines").uncheck()
    page.get_by_label("unranked").uncheck()
    assert len(names(page)) == 3
    page.get_by_label("Find a model").fill("SHARP")
    assert names(page) == ["acme/Sharp"]
    page.get_by_role("button", name="Sub-categories").click()
    assert page.locator("#table td.heat").count() == 10
    page.get_by_role("button", name="Paper", exact=True).click()
    assert page.get_by_role("button", name="Paper", exact=True).get_attribute("aria-pressed") == "true"
    page.get_by_label("Data and condition").select_option(index=1)
    assert names(page) == ["acme/Sharp"]
    assert page.problems == []


@pytest.mark.slow
def test_hostile_name_is_text_and_nothing_else(new_page, page_file):
    page = opened(new_page, page_file, **DESKTOP)
    row = page.locator("#table tr.row", has_text="<img src=x")
    assert row.count() == 1
    assert row.bounding_box()["height"] < 120
    row.locator("td.name button").click()
    assert page.locator(".panel dd").first.inner_text() == HOSTILE[:10_000]
    assert page.locator("#table img, #table script").count() == 0
    page.wait_for_timeout(200)
    assert page.problems == []


@pytest.mark.slow
def test_profile_opens_by_keyboard_and_keeps_the_focus(new_page, page_file):
    page = opened(new_page, page_file, **DESKTOP)
    button = page.locator("#table td.name button", has_text="acme/Sharp")
    button.focus()
    page.keyboard.press("Enter")
    assert page.locator("tr.detail h3").first.inner_text() == "Profile"
    assert page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "true"
    assert "Interval by panorama" in page.locator(".facts").last.inner_text()
    page.keyboard.press("Enter")
    assert page.locator("tr.detail").count() == 0
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"


@pytest.mark.slow
def test_comparison_of_two_picked_models_agrees_with_the_test(new_page, page_file):
    page = opened(new_page, page_file, **DESKTOP)
    page.get_by_label("Compare acme/Sharp").check()
    page.get_by_label("Compare acme/Dull").check()
    verdict = page.locator("#compare .verdict").inner_text()
    assert verdict.startswith("acme/Sharp is ahead of acme/Dull by")
    assert "more than chance explains" in verdict
    cells = [int(t) for t in page.locator(".quad tbody td").all_inner_texts()]
    assert sum(cells) == 120
    assert f"They differ on {cells[1] + cells[2]} questions" in page.locator("#compare").inner_text()
    page.locator("#compare .list button").first.click()
    answers = page.locator(".answers tr", has_text="acme/").all_inner_texts()
    marks = {line.split("\t")[0]: line.split("\t")[2] for line in answers}
    assert marks["acme/Sharp"] != marks["acme/Dull"]
    page.get_by_label("Model B").select_option(label="acme/Part")
    assert "not tested" in page.locator("#compare .verdict").inner_text()
    assert page.problems == []


@pytest.mark.slow
def test_question_browser_shows_panorama_boxes_answers_and_filters(new_page, page_file):
    page = opened(new_page, page_file, **DESKTOP)
    page.get_by_label("Words in question or answer").fill("largest volume")
    assert "12 questions, page 1 of 1" in page.locator("#questions").inner_text()
    assert page.locator(".pano image").get_attribute("href").startswith("data:image/jpeg;base64,")
    assert page.locator(".pano .box").count() == 3
    assert page.locator(".card .gold").inner_text() == "Gold: The crate"
    untagged = page.locator(".answers tr", has_text="<img src=x")
    assert "(no answer tag) <b>no tags</b>" in untagged.inner_text()
    first = page.locator(".card .pager span").inner_text()
    page.get_by_role("button", name="next").click()
    assert page.locator(".card .pager span").inner_text() != first
    page.locator('.list [aria-current="true"]').focus()
    page.keyboard.press("ArrowUp")
    assert page.locator(".card .pager span").inner_text() == first
    page.get_by_label("Outcome").select_option("right")
    assert "No question fits these filters" in page.locator("#questions").inner_text()
    assert page.problems == []


@pytest.mark.slow
def test_a_box_across_the_pictures_edge_is_drawn_in_two_parts(new_page, page_file, tmp_path):
    html = page_file.read_text("utf-8")
    across = re.sub(r'("boxes": ?\[\["[^"]+"), ?\d+, ?\d+, ?\d+, ?\d+\]', r"\1,2400,300,160,500]", html)
    assert across != html
    (tmp_path / "index.html").write_text(across, "utf-8")
    page = opened(new_page, tmp_path / "index.html", **DESKTOP)
    drawn = [
        [float(box.get_attribute(name) or "nan") for name in ("x", "width")]
        for box in page.locator(".pano .box0.box").all()
    ]
    assert drawn == [[2400, 160], [0, 160]]


def outline_on(face, box):
    """The left, upper, right and lower end of a box on a face of 240 pixels, from the project's geometry."""
    right, down, into = (np.array(axis) for axis in FACE_AXES[face])
    x1, y1, x2, y2 = box
    edge = np.linspace(0, 1, 400)
    around = [(x1 + (x2 - x1) * e, y) for e in edge for y in (y1, y2)]
    around += [(x, y1 + (y2 - y1) * e) for e in edge for x in (x1, x2)]
    rays = np.array([direction_at(x, y, 2560, 1280) for x, y in around])
    depth = rays @ into
    places = np.stack([rays @ right, rays @ down], axis=1)
    on_it = (depth > 0) & (np.abs(places) <= depth[:, None]).all(axis=1)
    if not on_it.any():
        return None
    flat = 120 * (places[on_it] / depth[on_it, None] + 1)
    return [*flat.min(axis=0), *flat.max(axis=0)]


@pytest.mark.slow
def test_the_six_views_hold_the_boxes_where_the_cube_has_them(new_page, page_file, tmp_path):
    html = page_file.read_text("utf-8")
    # Across front and right, down into the bottom; and across the panorama's edge, which is the back.
    boxes = {"lamp": (1500, 700, 1800, 1200), "crate": (2400, 300, 2720, 500)}
    one = "".join(f'["{n}",{b[0]},{b[1]},{b[2] % 2560},{b[3]}],' for n, b in boxes.items())
    html, changed = re.subn(r'"boxes": ?\[\[.*?\]\]', f'"boxes":[{one[:-1]}]', html, count=1)
    assert changed
    (tmp_path / "index.html").write_text(html, "utf-8")
    page = opened(new_page, tmp_path / "index.html", **DESKTOP)
    assert [h.text_content() for h in page.locator(".pano .face").all()] == [
        "back", "left", "front", "right", "back"
    ]  # fmt: skip
    page.get_by_text("The six views").click()
    page.wait_for_selector(".views[data-cut]")
    for figure in page.locator(".views figure").all():
        face = figure.locator("figcaption").inner_text()
        drawn = {}
        for number, name in enumerate(boxes):
            for path in figure.locator(f"path.box{number}").all():
                points = np.array(re.findall(r"[\d.]+", path.get_attribute("d")), float).reshape(-1, 2)
                drawn[name] = [*points.min(axis=0), *points.max(axis=0)]
        wanted = {name: ends for name, box in boxes.items() if (ends := outline_on(face, box))}
        assert drawn.keys() == wanted.keys(), face
        for name, ends in wanted.items():
            assert drawn[name] == pytest.approx(ends, abs=1), (face, name)
        label = figure.locator("svg").get_attribute("aria-label")
        assert label == f"{face} view, {'with ' + ', '.join(wanted) if wanted else 'no box'}"
    assert page.problems == []


@pytest.mark.slow
def test_the_six_views_are_cut_out_of_the_panorama(new_page, tmp_path):
    """A panorama that grows red to the right and green downwards, each of its faces of another blue."""
    items, path = made_up_items(4), tmp_path / "painted.png"
    across, down = np.meshgrid(np.arange(2560) / 10, np.arange(1280) / 5)
    painted = np.stack([across, down, 40.0 * erp_faces(1280, 2560)], axis=2).astype(np.uint8)
    Image.fromarray(painted).save(path)
    write_run(tmp_path / "run", items, guesser(1, 0.5))
    publish(board_of(tmp_path), [], {item.id: path for item in items}, tmp_path / "out")
    page = opened(new_page, tmp_path / "out" / "index.html", **DESKTOP)
    page.get_by_text("The six views").click()
    page.wait_for_selector(".views[data-cut]")
    places = [(40, 40), (200, 60), (60, 200), (190, 170)]
    pixels = f"c => {[list(p) for p in places]}.map(([x, y]) => "
    pixels += "[...c.getContext('2d').getImageData(x, y, 1, 1).data].slice(0, 3))"
    for figure in page.locator(".views figure").all():
        face = figure.locator("figcaption").inner_text()
        wanted = [cut_faces(painted, 240)[face][y, x] for x, y in places]
        assert np.abs(np.array(figure.locator("canvas").evaluate(pixels)) - wanted).max() < 8, face


@pytest.mark.slow
def test_scores_over_time_and_the_best_so_far(new_page, tmp_path):
    items = made_up_items(12)
    for day, (name, skill) in enumerate(
        {"Old": 0.5, "Worse": 0.2, "Better": 0.9, "Retracted": 1.0}.items(), 1
    ):
        folder = tmp_path / "subs" / name.lower()
        run = guesser(day, skill)
        write_run(folder / "full", items, run, model=f"acme/{name}", date=f"202501{day:02d}_000000")
        (folder / "submission.yaml").write_text("submitter: x\n")
    policy = knowing(tmp_path, retracted={"retracted": "an error"})
    publish(board_of(tmp_path / "subs", policy=policy), [], {}, tmp_path / "out")
    page = opened(new_page, tmp_path / "out" / "index.html", **DESKTOP)
    chart = page.locator("#dates svg")
    assert chart.locator("circle").count() == 3
    assert chart.locator("path.best").get_attribute("d").count("V") == 1, "two were the best when they came"
    text = chart.text_content()
    assert "acme/Old" in text
    assert "acme/Better" in text
    assert "acme/Worse" not in text
    assert "2025-01-01" in text
    assert "acme/Worse 2025-01-02" in chart.get_attribute("aria-label")
    assert page.problems == []


@pytest.mark.slow
def test_runs_of_one_day_have_no_course_over_time(new_page, page_file):
    page = opened(new_page, page_file, **DESKTOP)
    assert page.locator("#dates svg").count() == 0


@pytest.mark.slow
def test_image_use_is_a_view_and_part_of_the_panel(new_page, page_file):
    page = opened(new_page, page_file, **DESKTOP)
    page.get_by_role("button", name="Image use").click()
    heads = page.locator("#table th").all_inner_texts()
    at = {head: place for place, head in enumerate(heads)}
    stored = json.loads((page_file.parent / "leaderboard.json").read_text("utf-8"))["rows"]
    sharp = next(r for r in stored if r["model"] == "acme/Sharp" and r["condition"] == "full")
    cells = page.locator("#table tr.row", has_text="acme/Sharp").locator("td").all_inner_texts()
    for head, column in (
        ("Multi-modal gain", "multimodal_gain"),
        ("Coordinate gain", "coordinate_gain"),
        ("Flips, %", "flips_above_repeat"),
        ("Rotation loss", "rotation_loss"),
    ):
        shown = cells[at[head]].split()[0].replace("\u2212", "-")
        assert float(shown) == pytest.approx(100 * sharp[column], abs=0.06), head
    # Nobody ran the others under these conditions.
    dull = page.locator("#table tr.row", has_text="acme/Dull").locator("td").all_inner_texts()
    assert [dull[at[head]].strip() for head in ("Multi-modal gain", "Coordinate gain", "Flips, %")] == [
        "–"
    ] * 3
    assert "Blind-adjusted" not in at
    page.locator("#table td.name button", has_text="acme/Sharp").click()
    assert f"{100 * sharp['flips_above_repeat']:.1f} (" in page.locator(".facts").first.inner_text()
    assert page.problems == []


@pytest.mark.slow
def test_the_first_sentence_answers_and_the_table_is_in_the_first_third(new_page, page_file):
    page = opened(new_page, page_file, viewport={"width": 1440, "height": 900})
    stored = json.loads((page_file.parent / "leaderboard.json").read_text("utf-8"))["rows"]
    full = {r["model"]: r for r in stored if r["condition"] == "full" and r["provenance"] != "reported"}
    sharp, dull = full["acme/Sharp"], full["acme/Dull"]
    right, lead = 100 * sharp["acc_strict"], 100 * (sharp["acc_strict"] - dull["acc_strict"])
    assert page.locator("h2").first.inner_text() == (
        f"acme/Sharp is best: {right:.1f} % right, {lead:.1f} points ahead of acme/Dull and "
        f"{100 * sharp['above_blind']:.1f} ahead of answers from the question's text alone; "
        f"{100 * sharp['multimodal_gain']:.1f} points are gone without the image."
    )
    assert page.locator("#table").bounding_box()["y"] < 300
    heads = page.locator("#table th").all_inner_texts()
    cells = page.locator("#table tr.row", has_text="acme/Sharp").locator("td").all_inner_texts()
    shown = cells[heads.index("Above blind")].split()[0]
    assert float(shown) == pytest.approx(100 * sharp["above_blind"], abs=0.06)


@pytest.mark.slow
def test_the_heads_of_the_table_stay_in_sight(new_page, page_file):
    page = opened(new_page, page_file, viewport={"width": 1440, "height": 500})
    page.locator("#table tr.row").last.scroll_into_view_if_needed()
    table, head = (page.locator(s).first.bounding_box() for s in ("#table", "#table thead th"))
    assert head["y"] == pytest.approx(table["y"], abs=2)


@pytest.mark.slow
def test_a_dumbbell_ends_where_the_runs_with_and_without_images_are(new_page, page_file):
    page = opened(new_page, page_file, **DESKTOP)
    page.get_by_role("button", name="Image use").click()
    stored = json.loads((page_file.parent / "leaderboard.json").read_text("utf-8"))["rows"]
    scores = {r["condition"]: 100 * r["acc_strict"] for r in stored if r["model"] == "acme/Sharp"}
    sharp = page.locator("#table tr.row", has_text="acme/Sharp")
    label = sharp.locator("td.plot svg").get_attribute("aria-label")
    unseen, seen = (float(number) for number in re.findall(r"[\d.]+", label))
    assert (unseen, seen) == (
        pytest.approx(scores["noimage"], abs=0.06),
        pytest.approx(scores["full"], abs=0.06),
    )
    assert sharp.locator("td.plot circle").count() == 2
    dull = page.locator("#table tr.row", has_text="acme/Dull")
    assert dull.locator("td.plot circle").count() == 1


@pytest.mark.slow
def test_the_choices_stand_in_the_address(new_page, page_file):
    page = opened(new_page, page_file, **DESKTOP)
    page.get_by_role("button", name="Paper", exact=True).click()
    page.get_by_role("button", name="Types", exact=True).click()
    page.get_by_label("Find a model").fill("dull")
    again = new_page(**DESKTOP)
    again.goto(page.url)
    again.wait_for_selector("html[data-ready]", state="attached")
    assert names(again) == ["acme/Dull"]
    pressed = again.locator('#tools [aria-pressed="true"]').all_inner_texts()
    assert pressed == ["Paper", "Types"]
    bad = new_page(**DESKTOP)
    bad.goto(f"{page_file.as_uri()}#v=nothing&p=x&g=99&s=-nowhere&q=%3Cimg%20src=x%3E")
    bad.wait_for_selector("html[data-ready]", state="attached")
    assert bad.problems == []
    assert "No model fits" in bad.locator("#table").inner_text()


@pytest.fixture(scope="module")
def cards_page(tmp_path_factory):
    root, items = tmp_path_factory.mktemp("cards"), made_up_items(12)
    cards = {"Small": "params_b: 2\nopen_weights: true", "Middle": "params_b: 8\nopen_weights: true"}
    cards["Large"] = "params_b: 70\nopen_weights: false\nsource_url: https://example.org/large"
    cards["Silent"] = "notes: javascript"
    for number, (name, card) in enumerate(cards.items()):
        write_run(root / name / "full", items, guesser(number, 0.4 + 0.15 * number), model=f"acme/{name}")
        (root / name / "submission.yaml").write_text(card)
    publish(board_of(root, policy=knowing(root, reproduced=frozenset({"Large"}))), [], {}, root / "out")
    return root / "out" / "index.html"


@pytest.mark.slow
def test_filters_by_size_and_weights_and_a_picture_of_size(new_page, cards_page):
    page = opened(new_page, cards_page, **DESKTOP)
    assert page.locator("#sizes svg circle").count() == 3, "who does not say has no place in it"
    assert (
        page.locator("#table tr.row", has_text="acme/Large").locator(".chip.good").inner_text()
        == "reproduced"
    )
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Size").select_option("4 to 10 B")
    assert names(page) == ["acme/Middle"]
    page.get_by_label("Size").select_option("")
    page.get_by_label("Weights").select_option("false")
    assert names(page) == ["acme/Large"]
    page.locator("#table td.name button").click()
    link = page.locator(".panel a")
    assert link.get_attribute("href") == "https://example.org/large"
    assert "nofollow" in link.get_attribute("rel")
    assert page.problems == []


@pytest.mark.slow
def test_the_table_is_there_without_a_script(new_page, page_file):
    page = new_page(java_script_enabled=False, **DESKTOP)
    page.goto(page_file.as_uri())
    tables = page.locator("table.static")
    assert tables.count() >= 2
    text = tables.first.inner_text()
    assert "acme/Sharp" in text
    assert "partial: 25 of 120 questions" in text
    assert page.locator("#table img, #table script").count() == 0
    assert page.locator("h2").first.inner_text().startswith("acme/Sharp is best")


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_no_violation_that_axe_knows(new_page, page_file, scheme, width):
    axe = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    script = Path(axe.__file__).with_name("axe.min.js").read_text("utf-8")
    page = opened(
        new_page, page_file, viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True
    )
    page.evaluate(script)
    page.get_by_text("The six views").click()
    for view in ("Overview", "Sub-categories", "Image use"):
        page.get_by_role("button", name=view, exact=True).click()
        page.locator("#table td.name button", has_text="acme/Sharp").click()
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.slow
def test_phone_needs_no_sideways_scrolling_of_the_page(new_page, page_file):
    page = opened(new_page, page_file, **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator("#table td.name button", has_text="acme/Sharp").tap()
    assert page.locator(".panel").bounding_box()["width"] < 390
    assert page.problems == []


@pytest.mark.slow
def test_theme_follows_the_system_and_can_be_switched(new_page, page_file):
    page = opened(new_page, page_file, color_scheme="dark", **DESKTOP)
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    page.get_by_role("button", name="Switch between light and dark").click()
    assert page.evaluate(background) != dark
    light = opened(new_page, page_file, color_scheme="light", **DESKTOP)
    assert page.evaluate(background) == light.evaluate(background)


@pytest.mark.slow
def test_works_without_images(new_page, tmp_path):
    page = opened(new_page, write_page(tmp_path, images=False), **DESKTOP)
    assert page.locator(".pano image").count() == 0
    assert page.locator(".pano .face").count() == 5
    assert page.problems == []
