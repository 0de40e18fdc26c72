from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.questions import HEIGHT, WIDTH, inner_boxes, turned

from panoenv_tasks.blind.boxes import (
    BY_GEOMETRY,
    angular_size,
    direction,
    estimated_area,
    estimated_range,
    lower_edge,
    seen_on,
    solid_angle,
)
from panoenv_tasks.items import Box

NEXT_FACE = {
    "front": "right",
    "right": "back",
    "back": "left",
    "left": "front",
    "top": "top",
    "bottom": "bottom",
}
MIRRORED = {"left": "right", "right": "left"}
any_integer = st.integers(-(10**6), 10**6)


def box(x1: int, y1: int, x2: int, y2: int) -> Box:
    return Box("crate", "", x1, y1, x2, y2)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (box(1230, 590, 1330, 690), (0, 0, 1)),
        (box(1870, 590, 1970, 690), (1, 0, 0)),
        (box(590, 590, 690, 690), (-1, 0, 0)),
        (box(2510, 590, 50, 690), (0, 0, -1)),
        (box(1230, 270, 1330, 370), (0, math.sqrt(0.5), math.sqrt(0.5))),
    ],
    ids=["centre", "right quarter", "left quarter", "across the seam", "half way up"],
)
def test_direction_of_a_box_is_that_of_its_centre(where: Box, expected: tuple[float, float, float]) -> None:
    assert direction(where) == pytest.approx(expected, abs=1e-9)


def test_lower_edge_is_measured_from_the_horizon() -> None:
    assert lower_edge(box(100, 100, 200, 640)) == 0
    assert math.degrees(lower_edge(box(100, 100, 200, 960))) == pytest.approx(-45)


def test_angular_width_shrinks_towards_the_poles() -> None:
    level = angular_size(box(1000, 600, 1099, 679))
    high = angular_size(box(1000, 173, 1099, 252))  # centred 60 degrees up, where a circle is half
    assert level == pytest.approx((math.tau * 100 / 2560, math.pi * 80 / 1280))
    assert high[0] == pytest.approx(level[0] / 2, rel=0.01)
    assert high[1] == level[1]


def test_solid_angle_of_everything_is_the_sphere() -> None:
    assert solid_angle(box(0, 0, WIDTH - 1, HEIGHT - 1)) == pytest.approx(4 * math.pi)


@given(inner_boxes(), st.data())
def test_solid_angles_of_two_halves_add_up(whole: Box, data: st.DataObject) -> None:
    cut = data.draw(st.integers(whole.y1, whole.y2 - 1))
    upper = box(whole.x1, whole.y1, whole.x2, cut)
    lower = box(whole.x1, cut + 1, whole.x2, whole.y2)
    assert solid_angle(upper) + solid_angle(lower) == pytest.approx(solid_angle(whole))


@pytest.mark.parametrize(
    ("where", "faces"),
    [
        (box(1230, 590, 1330, 690), {"front"}),
        (box(2510, 590, 50, 690), {"back"}),
        (box(0, 1200, WIDTH - 1, HEIGHT - 1), {"bottom"}),
        (box(1550, 590, 1650, 690), {"front", "right"}),
        (box(1230, 200, 1330, 690), {"front", "top"}),
    ],
    ids=["centre", "across the seam", "nadir", "edge of the front face", "front and top"],
)
def test_faces_that_a_box_shows_on(where: Box, faces: set[str]) -> None:
    assert seen_on(where).keys() == faces


def test_a_corner_is_not_the_object() -> None:
    # Its upper right corner, 43 degrees right and 41 up, lies on the top face; the ellipse stays below.
    assert seen_on(box(1290, 345, 1590, 600)).keys() == {"front"}


def test_the_padding_is_not_the_object() -> None:
    # The front face ends at x = 1600: only the five pixels of padding lie beyond.
    assert seen_on(box(1500, 600, 1604, 700)).keys() == {"front"}


def test_a_box_across_the_seam_has_padding_on_both_sides() -> None:
    # The back face reaches from x = 2240 over the seam to 320.
    assert seen_on(box(2236, 600, 324, 700)).keys() == {"back"}


def test_a_box_that_ends_at_the_seam_was_cut_there_and_has_no_padding() -> None:
    assert seen_on(box(0, 600, 324, 700)).keys() == {"back"}
    assert seen_on(box(0, 600, 330, 700)).keys() == {"back", "left"}


@given(inner_boxes(last_x=WIDTH - 2 - WIDTH // 4))
def test_a_quarter_turn_moves_every_face_to_the_next(here: Box) -> None:
    before, after = seen_on(here), seen_on(turned(here))
    for face, following in NEXT_FACE.items():
        # Points exactly on an edge may fall to either side of it: up to a row or column of the grid.
        assert after.get(following, 0) == pytest.approx(before.get(face, 0), abs=0.03)


@given(inner_boxes())
def test_a_mirror_swaps_left_and_right(here: Box) -> None:
    mirrored = seen_on(box(WIDTH - here.x2, here.y1, WIDTH - here.x1, here.y2))
    for face, share in seen_on(here).items():
        assert mirrored.get(MIRRORED.get(face, face), 0) == pytest.approx(share, abs=0.03)


@given(any_integer, any_integer, any_integer, any_integer)
def test_any_integers_make_a_box(x1: int, y1: int, x2: int, y2: int) -> None:
    odd = box(x1, y1, x2, y2)
    assert math.hypot(*direction(odd)) == pytest.approx(1)
    assert 0 < solid_angle(odd) <= 4 * math.pi + 1e-9
    assert min(angular_size(odd)) > 0
    assert sum(seen_on(odd).values()) == pytest.approx(1)


def test_range_worked_by_hand() -> None:
    # Lower edge 45 degrees down: 1.7 m / sin 45 = 2.404 m. Solid angle 0.39270 rad x (0.70884 - 0.55557)
    # = 0.06019 sr, its root 0.24534, hence 6 m / 0.24534 = 24.46 m. Geometric mean: 7.668 m.
    crate = box(1200, 880, 1359, 960)
    assert estimated_range(crate) == pytest.approx(7.668, abs=0.002)
    assert estimated_area(crate) == pytest.approx(0.06019 * 7.668**2, rel=1e-3)


def test_a_lower_edge_above_the_horizon_counts_as_the_lowest_dip() -> None:
    # Mirror images at the horizon: one ends above it, one 14 degrees below.
    above = estimated_range(Box("sign", "", 1000, 540, 1099, 600))
    below = estimated_range(Box("sign", "", 1000, 679, 1099, 739))
    assert above == pytest.approx(below)


@given(inner_boxes())
def test_a_box_that_grows_upwards_comes_nearer(box: Box) -> None:
    taller = Box(box.label, "", box.x1, box.y1 - 1, box.x2, box.y2)
    assert estimated_range(taller) < estimated_range(box)


@given(inner_boxes(last_x=WIDTH - 2 - WIDTH // 4))
def test_a_quarter_turn_moves_points_and_keeps_ranges(box: Box) -> None:
    x, y, z = BY_GEOMETRY.point_of(box)
    assert BY_GEOMETRY.point_of(turned(box)) == pytest.approx((z, y, -x), abs=1e-6)
    assert math.hypot(x, y, z) == pytest.approx(estimated_range(box))
