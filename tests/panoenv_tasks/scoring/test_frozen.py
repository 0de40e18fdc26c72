"""``strict@1`` scores old runs again, ``paper@1`` is the release: what they make of a text never changes."""

from __future__ import annotations

from collections import Counter

import pytest
from support.shared import shared_rows

from panoenv_tasks import score_answer

ROWS = [
    (name, row["method"], row["expected"], row.get("text") or row.get("completion"), row.get("question"))
    for name in ("reading_cases.jsonl", "scoring_vectors.jsonl")
    for row in shared_rows(name)
]
#: By kind of data, method and reading: how many answers earn 0, a third, a half, two thirds, 1.
EARNED = {
    "strict@1": {
        ("reading", "counting", "ambiguous"): [176, 0, 0, 0, 0],
        ("reading", "counting", "answered"): [16, 0, 0, 0, 248],
        ("reading", "counting", "no_answer_tag"): [16, 0, 0, 0, 0],
        ("reading", "counting", "unparsed"): [40, 0, 0, 0, 0],
        ("reading", "default", "answered"): [1, 0, 0, 0, 19],
        ("reading", "default", "no_answer_tag"): [1, 0, 0, 0, 0],
        ("reading", "distance", "ambiguous"): [336, 0, 0, 0, 0],
        ("reading", "distance", "answered"): [72, 0, 0, 0, 1074],
        ("reading", "distance", "no_answer_tag"): [48, 0, 0, 0, 0],
        ("reading", "distance", "unparsed"): [168, 0, 0, 0, 0],
        ("reading", "mcq", "ambiguous"): [202, 0, 0, 0, 0],
        ("reading", "mcq", "answered"): [3, 0, 0, 0, 1353],
        ("reading", "mcq", "no_answer_tag"): [80, 0, 0, 0, 0],
        ("reading", "mcq", "unparsed"): [1, 0, 0, 0, 0],
        ("reading", "spatial", "answered"): [23, 0, 0, 0, 437],
        ("reading", "spatial", "no_answer_tag"): [23, 0, 0, 0, 0],
        ("reading", "yes_no", "ambiguous"): [107, 0, 0, 0, 0],
        ("reading", "yes_no", "answered"): [0, 0, 0, 0, 482],
        ("reading", "yes_no", "no_answer_tag"): [144, 0, 0, 0, 0],
        ("reading", "yes_no", "unparsed"): [168, 0, 0, 0, 0],
        ("scoring", "counting", "ambiguous"): [48, 0, 0, 0, 0],
        ("scoring", "counting", "answered"): [111, 0, 0, 0, 97],
        ("scoring", "counting", "empty"): [7, 0, 0, 0, 0],
        ("scoring", "counting", "no_answer_tag"): [26, 0, 0, 0, 0],
        ("scoring", "counting", "unparsed"): [34, 0, 0, 0, 0],
        ("scoring", "default", "ambiguous"): [5, 0, 0, 0, 0],
        ("scoring", "default", "answered"): [133, 0, 0, 0, 135],
        ("scoring", "default", "empty"): [42, 0, 0, 0, 0],
        ("scoring", "default", "no_answer_tag"): [20, 0, 0, 0, 0],
        ("scoring", "distance", "ambiguous"): [93, 0, 0, 0, 0],
        ("scoring", "distance", "answered"): [178, 0, 110, 0, 118],
        ("scoring", "distance", "empty"): [6, 0, 0, 0, 0],
        ("scoring", "distance", "no_answer_tag"): [64, 0, 0, 0, 0],
        ("scoring", "distance", "unparsed"): [106, 0, 0, 0, 0],
        ("scoring", "mcq", "ambiguous"): [16, 0, 0, 0, 0],
        ("scoring", "mcq", "answered"): [0, 0, 0, 0, 482],
        ("scoring", "mcq", "empty"): [4, 0, 0, 0, 0],
        ("scoring", "mcq", "no_answer_tag"): [63, 0, 0, 0, 0],
        ("scoring", "mcq", "unparsed"): [101, 0, 0, 0, 0],
        ("scoring", "spatial", "ambiguous"): [38, 21, 25, 13, 0],
        ("scoring", "spatial", "answered"): [128, 78, 74, 47, 150],
        ("scoring", "spatial", "empty"): [11, 0, 0, 0, 0],
        ("scoring", "spatial", "no_answer_tag"): [73, 0, 0, 0, 0],
        ("scoring", "spatial", "unparsed"): [10, 0, 0, 0, 0],
        ("scoring", "yes_no", "ambiguous"): [25, 0, 0, 0, 0],
        ("scoring", "yes_no", "answered"): [84, 0, 0, 0, 101],
        ("scoring", "yes_no", "empty"): [26, 0, 0, 0, 0],
        ("scoring", "yes_no", "no_answer_tag"): [35, 0, 0, 0, 0],
        ("scoring", "yes_no", "unparsed"): [62, 0, 0, 0, 0],
    },
    "paper@1": {
        ("reading", "counting", "answered"): [48, 0, 0, 0, 432],
        ("reading", "counting", "no_answer_tag"): [16, 0, 0, 0, 0],
        ("reading", "default", "answered"): [9, 0, 0, 0, 11],
        ("reading", "default", "no_answer_tag"): [1, 0, 0, 0, 0],
        ("reading", "distance", "answered"): [153, 0, 27, 0, 1470],
        ("reading", "distance", "no_answer_tag"): [48, 0, 0, 0, 0],
        ("reading", "mcq", "answered"): [1082, 0, 0, 0, 477],
        ("reading", "mcq", "no_answer_tag"): [80, 0, 0, 0, 0],
        ("reading", "spatial", "answered"): [0, 5, 2, 13, 440],
        ("reading", "spatial", "no_answer_tag"): [23, 0, 0, 0, 0],
        ("reading", "yes_no", "answered"): [613, 0, 0, 0, 144],
        ("reading", "yes_no", "no_answer_tag"): [144, 0, 0, 0, 0],
        ("scoring", "counting", "answered"): [171, 0, 0, 0, 119],
        ("scoring", "counting", "empty"): [7, 0, 0, 0, 0],
        ("scoring", "counting", "no_answer_tag"): [26, 0, 0, 0, 0],
        ("scoring", "default", "answered"): [54, 0, 0, 0, 219],
        ("scoring", "default", "empty"): [42, 0, 0, 0, 0],
        ("scoring", "default", "no_answer_tag"): [20, 0, 0, 0, 0],
        ("scoring", "distance", "answered"): [332, 0, 121, 0, 152],
        ("scoring", "distance", "empty"): [6, 0, 0, 0, 0],
        ("scoring", "distance", "no_answer_tag"): [64, 0, 0, 0, 0],
        ("scoring", "mcq", "answered"): [309, 0, 0, 0, 290],
        ("scoring", "mcq", "empty"): [4, 0, 0, 0, 0],
        ("scoring", "mcq", "no_answer_tag"): [63, 0, 0, 0, 0],
        ("scoring", "spatial", "answered"): [159, 75, 104, 54, 192],
        ("scoring", "spatial", "empty"): [11, 0, 0, 0, 0],
        ("scoring", "spatial", "no_answer_tag"): [73, 0, 0, 0, 0],
        ("scoring", "yes_no", "answered"): [218, 0, 0, 0, 52],
        ("scoring", "yes_no", "empty"): [28, 0, 0, 0, 0],
        ("scoring", "yes_no", "no_answer_tag"): [35, 0, 0, 0, 0],
    },
}


@pytest.mark.parametrize("version", ["strict@1", "paper@1"])
def test_what_the_frozen_versions_make_of_all_given_answers(version):
    seen: dict[tuple[str, str, str], Counter[float]] = {}
    for name, method, expected, text, question in ROWS:
        found = score_answer(method, expected, text, version, question)
        seen.setdefault((name.split("_")[0], method, found.status), Counter())[round(found.value, 2)] += 1
    assert {
        kind: [earned[value] for value in (0.0, 0.33, 0.5, 0.67, 1.0)] for kind, earned in seen.items()
    } == EARNED[version]
