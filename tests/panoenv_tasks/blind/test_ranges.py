from __future__ import annotations

import math

import pytest
from hypothesis import given
from support.questions import WIDTH, inner_boxes, turned

from panoenv_tasks.blind.ranges import estimated_area, estimated_point, estimated_range
from panoenv_tasks.items import Box


def test_range_worked_by_hand() -> None:
    # Lower edge 45 degrees down: 1.7 m / sin 45 = 2.404 m. Solid angle 0.39270 rad x (0.70884 - 0.55557)
    # = 0.06019 sr, its root 0.24534, hence 6 m / 0.24534 = 24.46 m. Geometric mean: 7.668 m.
    box = Box("crate", "", 1200, 880, 1359, 960)
    assert estimated_range(box) == pytest.approx(7.668, abs=0.002)
    assert estimated_area(box) == pytest.approx(0.06019 * 7.668**2, rel=1e-3)


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
    x, y, z = estimated_point(box)
    assert estimated_point(turned(box)) == pytest.approx((z, y, -x), abs=1e-6)
    assert math.hypot(x, y, z) == pytest.approx(estimated_range(box))
