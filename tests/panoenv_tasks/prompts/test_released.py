"""The paper's prompts from the user's clone: followed, never run. The clone here is made up, in its form."""

from __future__ import annotations

import pytest

from panoenv_tasks.items import DataError
from panoenv_tasks.prompts import active_pack, load_pack, render
from panoenv_tasks.prompts.released import FILE, released_templates
from panoenv_tasks.taxonomy import item_from

SOURCE = '''
import a_package_that_nobody_has
raise SystemExit("imported")


class Module(Base):
    def __init__(self):
        open("/tmp/ran", "w")

    @staticmethod
    def get_question_template(task_type: str, question_type: str = None):
        """Return a template."""
        match task_type:
            case "rec":
                return "{Question} As JSON."
            case "odLength":
                SYSTEM = ("Think. " "Then answer.")
                return SYSTEM + "\\n" + "{Question}"
            case "omni_vqa" | "vqa":
                base = """Look at the 360\N{DEGREE SIGN} picture.

{Question}

Reason, then answer."""
                if question_type == "true_false":
                    return f"""{base}

Say {{Yes}} or {{No}}."""
                elif question_type in ("multiple_choice", "choice"):
                    return base + " Name one."
                elif question_type == "open_ended":
                    return f"{base} Be brief."
                else:
                    return f"{base} Anything."
            case _:
                return "{Question}"
'''


def clone(tmp_path, source=SOURCE):
    file = tmp_path / "clone" / FILE
    file.parent.mkdir(parents=True)
    file.write_text(source, encoding="utf-8")
    return tmp_path / "clone"


def question(text, kind, method, subcategory="depth_compare"):
    return item_from(
        {
            "id": "i", "split": "val", "environment": "Rome", "frame": "P0", "question": text,
            "question_type": kind, "category": "distance", "subcategory": subcategory, "method": method,
            "answer": "x",
        }
    )  # fmt: skip


def test_each_question_type_has_its_text(tmp_path):
    found = released_templates(clone(tmp_path))
    base = "Look at the 360° picture.\n\n{question}\n\nReason, then answer."
    assert found == {
        "true_false": base + "\n\nSay {Yes} or {No}.",
        "multiple_choice": f"{base} Name one.",
        "open_ended": f"{base} Be brief.",
    }


def test_a_file_may_be_named_itself(tmp_path):
    folder = clone(tmp_path)
    assert released_templates(folder / FILE) == released_templates(folder)


def test_evaluation_and_training_use_them_by_one_setting(tmp_path, monkeypatch):
    folder = clone(tmp_path)
    monkeypatch.setenv("PANOENV_PROMPTS", f"released:{folder}")
    pack = active_pack()
    assert pack == load_pack(f"released:{folder}")
    assert pack.id == f"released@{pack.sha256[:8]}"
    text = render(question("Is {it} far?", "true_false", "yes_no"))
    assert text == "Look at the 360° picture.\n\nIs {it} far?\n\nReason, then answer.\n\nSay {Yes} or {No}."
    assert render(question("How far?", "open_ended", "distance")).endswith("Reason, then answer. Be brief.")
    without = render(question("How far?", "open_ended", "distance"), with_image=False)
    assert without.startswith("No picture is shown with this question.")


def test_the_hash_is_over_the_texts_alone(tmp_path):
    one = load_pack(f"released:{clone(tmp_path / 'a')}")
    same = load_pack(f"released:{clone(tmp_path / 'b', SOURCE + '# more')}")
    other = load_pack(f"released:{clone(tmp_path / 'c', SOURCE.replace('Be brief', 'Be short'))}")
    assert one.sha256 == same.sha256 != other.sha256


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def f(:", "not readable as Python"),
        ("(" * 5000, "not readable as Python"),
        ("x = 1", "no method get_question_template"),
        (
            "def get_question_template(kind): return 'x'",
            ":1: get_question_template takes 1 arguments; expected 2",
        ),
        ("def get_question_template(a, b): pass", "does more than compare"),
        ("def get_question_template(a, b):\n    x = 1 + 1", ":2: get_question_template does more than"),
        (
            "def get_question_template(a, b):\n    return open('/etc/passwd').read()",
            ":2: get_question_template",
        ),
        ("def get_question_template(a, b):\n    return TEXTS[b]", "prompt pack of your own"),
        ("def get_question_template(a, b):\n    for x in b: return x", ":2: get_question_template"),
        (
            "def get_question_template(a, b):\n match a:\n  case 'omni_vqa' if random():\n   return b",
            ":3: get_question_template does more than",
        ),
        (
            "def get_question_template(a, b):\n    return 'no place'",
            "no text with one {Question} for true_false",
        ),
        ("def get_question_template(a, b):\n    x = 'x'", "no text with one {Question} for true_false"),
        (
            "def get_question_template(a, b):\n    x = 'long' + a\n"
            + "    x = x + x\n" * 60
            + "    return x",
            "does more than compare",
        ),
    ],
)
def test_another_form_is_refused_with_its_line(tmp_path, source, message):
    folder = clone(tmp_path, source)
    with pytest.raises(DataError) as caught:
        load_pack(f"released:{folder}")
    assert str(caught.value).startswith(str(folder / FILE))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_no_clone_is_named(tmp_path):
    with pytest.raises(DataError, match="expected a clone of the paper's released code"):
        load_pack(f"released:{tmp_path}")
