"""Items made from a question's text, and random boxes, for tests that need no data files."""

from __future__ import annotations

from hypothesis import strategies as st

from panoenv_tasks.items import BOX_FRAME, Box, Item, QuestionType, item_id
from panoenv_tasks.taxonomy import item_from, method_for, recognise

WIDTH, HEIGHT = BOX_FRAME


def item_of(
    question: str,
    answer: str = "",
    environment: str = "Nowhere",
    question_type: QuestionType = "open_ended",
) -> Item:
    """An item that asks ``question``; what its wording says about it goes before ``question_type``."""
    wording = recognise(question)
    subcategory = wording.subcategory if wording else "env_mcq"
    return item_from(
        {
            "id": item_id("val", environment, "P000_000000", question),
            "split": "val",
            "environment": environment,
            "frame": "P000_000000",
            "question": question,
            "question_type": wording.question_type if wording else question_type,
            "category": wording.category if wording else "environment",
            "subcategory": subcategory,
            "method": method_for(subcategory, answer),
            "answer": answer,
        }
    )


def printed(box: Box) -> str:
    """A box as questions print it."""
    return f"{box.name} (boundingbox: [{box.x1}, {box.y1}, {box.x2}, {box.y2}])"


@st.composite
def inner_boxes(draw: st.DrawFn, label: str = "crate", first_x: int = 1, last_x: int = WIDTH - 2) -> Box:
    """Boxes of at least 25 pixels a side that touch no edge of the panorama."""
    x1 = draw(st.integers(first_x, last_x - 25))
    x2 = draw(st.integers(x1 + 24, min(last_x, x1 + WIDTH // 2)))
    y1 = draw(st.integers(1, HEIGHT - 40))
    y2 = draw(st.integers(y1 + 24, HEIGHT - 2))
    return Box(label, "", x1, y1, x2, y2)


def turned(box: Box, by: int = WIDTH // 4) -> Box:
    """The box after the panorama is rolled to the right; the caller keeps it off the edge."""
    return Box(box.label, box.letter, box.x1 + by, box.y1, box.x2 + by, box.y2)
