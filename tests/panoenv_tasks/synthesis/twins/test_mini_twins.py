"""The bundled twins: the same everywhere, whole pairs, and nothing to be had by guessing."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from panoenv_tasks import fingerprint, load_items, score
from panoenv_tasks.synthesis import mini
from panoenv_tasks.synthesis.mini import ensure_mini_twins

#: Changes only with the builder, its wordings or the scorer.
FINGERPRINT = "df9d4be40f3d023320eb52457ae27313fb87f8d79066e87c0aee13549d1d9adc"


@pytest.fixture(scope="module")
def root():
    """The set that users have: of this very code, since its folder is named by a hash of it."""
    return ensure_mini_twins()


@pytest.fixture(scope="module")
def pairs(root):
    found = defaultdict(list)
    for item in load_items(root, "mini_twins"):
        found[item.pair].append(item)
    return found


@pytest.mark.slow
def test_at_least_sixty_whole_pairs_of_many_kinds(root, pairs):
    assert fingerprint(load_items(root, "mini_twins")) == FINGERPRINT
    assert {len(pair) for pair in pairs.values()} == {2}
    assert len(pairs) >= 60
    kinds = Counter(pair[0].subcategory for pair in pairs.values())
    assert sum(n >= 4 for n in kinds.values()) >= 10
    assert all(one.panorama != other.panorama for one, other in pairs.values())


@pytest.mark.slow
def test_one_answer_is_never_right_twice(pairs):
    for one, other in pairs.values():
        for item, answer, right in (
            (one, one.answer, True),
            (other, other.answer, True),
            (one, other.answer, False),
            (other, one.answer, False),
        ):
            for protocol in ("paper", "strict"):
                said = f"<Reasoning>seen</Reasoning><Answer>{answer}</Answer>"
                assert score(item, said, protocol).correct is right


@pytest.mark.slow
def test_another_build_is_the_same_to_the_byte(root, tmp_path, monkeypatch):
    files = [f.relative_to(root) for f in sorted((root / "mini_twins").rglob("*")) if f.is_file()]
    assert len(files) == 8 * 3 * 3
    # Every scene is built by itself, in nine seconds for three of them.
    some = mini.MINI_TWINS[::3]
    monkeypatch.setattr(mini, "MINI_TWINS", some)
    mini.build_mini_twins(tmp_path)
    again = [file for file in files if (tmp_path / file).exists()]
    assert len(again) == len(some) * 3 * 3
    assert all((tmp_path / file).read_bytes() == (root / file).read_bytes() for file in again)
