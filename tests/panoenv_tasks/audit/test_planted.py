"""Models of known behaviour through the real lmms-eval: what the audit must see in their results."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.harness import evaluate_many

from panoenv_tasks.audit import Audit, audit_model, read_model_runs
from panoenv_tasks.audit.estimates import Figure
from panoenv_tasks.audit.measures import Measure
from panoenv_tasks.audit.report import as_markdown
from panoenv_tasks.perturb import Condition
from panoenv_tasks.scoring import version_of
from panoenv_tasks.stats import Estimate
from panoenv_tasks.synthesis.build import Settings, build, scene_frames
from panoenv_tasks.synthesis.mini import MINI

pytestmark = pytest.mark.slow

PLANTED = Path(__file__).resolve().parents[2] / "support" / "planted"
CONDITIONS: tuple[Condition, ...] = (
    "full",
    "noimage",
    "noimage_nobox",
    "shuffled",
    "rot90",
    "rot180",
    "rot270",
)
MODELS = ("panoenv_blind", "panoenv_oracle", "planted_heights", "planted_memory")


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Audit]:
    folder = tmp_path_factory.mktemp("planted")
    registered = folder / "planted_models-1.0.dist-info"
    registered.mkdir()
    (registered / "METADATA").write_text("Metadata-Version: 2.1\nName: planted-models\nVersion: 1.0\n")
    (registered / "entry_points.txt").write_text("[lmms_eval.models]\nplanted = planted_models:manifests\n")
    # As the builder asks them, not panoenv_mini: its questions were picked so that no shortcut answers them.
    settings = Settings("scenes", "val", "ours", 0, {"environments": list(MINI)})
    build(folder / "data", scene_frames(MINI, len(MINI), 0), settings)
    suffixes = ("" if condition == "full" else f"_{condition}" for condition in CONDITIONS)
    tasks = ",".join(f"panoenv_val{suffix}" for suffix in suffixes)
    env = {"PANOENV_DATA": str(folder / "data")}
    cases = {model: (("--model", model, "--tasks", tasks), env) for model in MODELS}
    runs = evaluate_many(folder / "runs", cases, f"{PLANTED}:{folder}")
    for model, done in runs.items():
        assert done.code == 0, done.err[-2000:]
        assert len(done.records) > 1000, (model, done.err[-2000:])
    found = {made.model: audit_model(made) for made in read_model_runs([folder / "runs"], "strict")}
    # ``pytest -s`` shows the table of docs/audit.md.
    print(as_markdown(list(found.values()), version_of("strict")))
    return found


def estimate(figure: Figure) -> Estimate:
    assert figure.estimate is not None, figure.reason
    return figure.estimate


def total(found: Audit, measure: Measure) -> float:
    return estimate(found.measures[measure]["total"]).mean


def test_the_blind_model_gains_nothing_from_the_image(audits: dict[str, Audit]):
    found = audits["panoenv_blind"]
    for scope, gain in found.measures["multimodal_gain"].items():
        assert (estimate(gain).mean, estimate(gain).se, estimate(gain).lo) == (0.0, 0.0, None), scope
    assert total(found, "flips_above_repeat") == 0.0
    # All it knows comes from the boxes.
    assert total(found, "coordinate_gain") > 0.2
    assert total(found, "consistency") > 0.99


def test_the_oracle_is_right_and_fully_consistent(audits: dict[str, Audit]):
    found = audits["panoenv_oracle"]
    assert {estimate(figures["total"]).mean for figures in found.accuracy.values()} == {1.0}
    assert total(found, "consistency") == total(found, "all_turns_right") == 1.0


def test_a_model_that_takes_height_for_distance_is_exposed(audits: dict[str, Audit]):
    found = audits["planted_heights"]
    assert estimate(found.accuracy["full"]["distance"]).mean > 0.5
    assert total(found, "multimodal_gain") == 0.0
    # Eight panoramas are too few for its height gap, which test_measures has; the audit says so.
    gap = found.measures["height_gap"]["distance"]
    assert (gap.estimate, "at least 20 in 10 are needed" in gap.reason) == (None, True)
    assert estimate(found.measures["coordinate_gain"]["distance"]).mean > 0.2


def test_a_model_that_recalls_panoramas_is_exposed_by_turning_them(audits: dict[str, Audit]):
    found = audits["planted_memory"]
    assert estimate(found.accuracy["full"]["total"]).mean == 1.0
    assert total(found, "multimodal_gain") == 1.0
    assert total(found, "rotation_loss") == 1.0
    assert total(found, "consistency") == 0.0


def test_what_is_left_out_is_counted(audits: dict[str, Audit]):
    shown = audits["panoenv_oracle"].runs.by_condition
    assert {condition: found.left_out for condition, found in shown.items() if "rot" not in condition} == {
        "full": 0,
        "noimage": 0,
        "noimage_nobox": 0,
        "shuffled": 0,
    }
    for condition in ("rot90", "rot180", "rot270"):
        assert shown[condition].left_out == 200 - len(shown[condition].answers) > 0
    assert shown["shuffled"].image_kinds == {"erp"}
    assert shown["noimage"].image_kinds == {"none"}
