"""One pixel, several drawings: who wins, and how many confirm it."""

from __future__ import annotations

import numpy as np
import pytest

from panoenv_tasks.restore.vote import pack, unpack, vote

SHAPE = (1280, 2560)
RED, GREEN, BLUE = 0xFF0000, 0x00FF00, 0x0000FF


def outcome(*drawings, tolerance=0):
    """Vote with only the first pixel in question: ``(colour, objects, clean)``; returns colour and level."""
    pictures, clean = [], []
    for colour, _, usable in drawings:
        pictures.append(np.zeros(SHAPE, np.uint32))
        clean.append(np.ones(SHAPE, bool))
        pictures[-1][0, 0], clean[-1][0, 0] = colour, usable
    found = vote(pictures, clean, [objects for _, objects, _ in drawings], tolerance)
    assert not found.value[1:].any()
    return int(found.value[0, 0]), int(found.level[0, 0])


@pytest.mark.parametrize(
    ("drawings", "expected"),
    [
        ([(RED, [1], True)] * 4, (RED, 3)),
        ([(RED, [1], True), (RED, [2], True), (GREEN, [3], True)], (RED, 2)),
        ([(RED, [1], True), (GREEN, [2], True)], (RED, 0)),
        ([(RED, [1], True), (GREEN, [2], False), (GREEN, [3], False)], (RED, 1)),
        ([(RED, [1], False), (GREEN, [2], False), (GREEN, [3], False)], (GREEN, 0)),
        # Three that share an object may all show its label; two that share none show the panorama.
        ([(RED, [1, k], True) for k in (2, 3, 4)] + [(GREEN, [2], True), (GREEN, [3], True)], (GREEN, 2)),
        ([(RED, [1, k], True) for k in (2, 3, 4)] + [(GREEN, [5], True), (GREEN, [], True)], (GREEN, 2)),
        # Neither side has an object in common, or both have: twice the votes are needed.
        ([(RED, [k], True) for k in (1, 2, 3)] + [(GREEN, [k], True) for k in (4, 5)], (RED, 0)),
        ([(RED, [1], True)] * 3 + [(GREEN, [2], True)] * 2, (RED, 0)),
        ([(RED, [1], True)] * 4 + [(GREEN, [2], True)] * 2, (RED, 3)),
    ],
)
def test_who_wins(drawings, expected):
    assert outcome(*drawings) == expected


def test_noisy_drawings_agree_within_the_tolerance():
    near = [(0x808080, [1], True), (0x868080, [2], True), (0x7A8080, [3], True)]
    assert outcome(*near)[1] == 0
    assert outcome(*near, tolerance=6) == (0x808080, 3)
    assert outcome(*near, tolerance=5)[1] == 0


def test_colours_are_packed_without_loss():
    rgb = np.random.default_rng(1).integers(0, 256, (5, 7, 3), np.uint8)
    assert (unpack(pack(rgb)) == rgb).all()
    assert int(pack(np.array([[[1, 2, 3]]], np.uint8))[0, 0]) == 0x010203
