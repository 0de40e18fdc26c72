"""More wordings than fit in the tests by kind: what each says, or that it says nothing."""

from __future__ import annotations

import json

import pytest
from support.answers import read_as
from support.shared import COMMITTED

from panoenv_tasks.answers.relations import Relation

CASES = [
    (entry["method"], entry["question"], entry["says"], text)
    for entry in json.loads((COMMITTED / "wordings.json").read_text("utf-8"))
    for text in entry["texts"]
]


@pytest.mark.parametrize(("method", "question", "says", "text"), CASES)
def test_wording(method, question, says, text):
    found = read_as(method, question, text)
    if isinstance(found, Relation):
        assert (found.signs, found.similar) == (says, False)
    elif method == "distance" and says is not None:
        assert found == pytest.approx(says, rel=0.03)
    else:
        assert found == says
        assert isinstance(found, bool) == isinstance(says, bool)


def test_there_are_many():
    assert len(CASES) > 500
