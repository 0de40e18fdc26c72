"""Every number the blind answerer assumes, with where it comes from.

None was fitted per question, per label or per environment. "Chosen on val" means: a round value picked
by hand on the 1,496 released validation questions; the test questions were never looked at.
"""

from __future__ import annotations

import math

#: Released boxes are the object's pixels grown by this much on every side that had room. A property
#: of the released boxes (the smallest unpadded area equals the generator's minimum), not tuned.
BOX_PADDING_PX = 5

#: Points per side of the grid laid over a box; precision against speed, not tuned.
GRID_POINTS = 64

#: Assumed height of the camera above the ground, metres: a person's eyes. Not tuned.
CAMERA_HEIGHT_M = 1.7

#: A lower edge nearer to the horizon than this says nothing about the distance: the ground range would
#: run off to infinity, and few distant objects stand on the camera's own ground. Radians. Chosen on val
#: out of 5, 10, 15 and 20 degrees by the share of right depth, volume and position orders.
LOWEST_DIP = math.radians(15)

#: Assumed size of an object about which nothing is known, metres: the side of the square it shows. It
#: only scales distances; no order depends on it. Chosen on val by the share of distances within 10 %,
#: smoothed over neighbouring values. With 180 distances that choice flatters val: about 7 % of
#: distances come out right whatever the value, 12.8 % with this one.
TYPICAL_SIZE_M = 6.0

#: Differences along an axis below this are not named in a relation, metres. The release leaves out
#: those below 0.5 m; estimates this coarse can hardly tell those, and naming an axis is the better bet.
#: Chosen on val out of 0, 0.1, 0.2, 0.3 and 0.5: best, with 0, under both protocols.
UNNAMED_BELOW_M = 0.1

#: Which general class to name first when several are offered: the order of their frequency on val.
CLASS_ORDER = ("Urban", "Infra", "Domes", "Rural", "Them", "Nature")
