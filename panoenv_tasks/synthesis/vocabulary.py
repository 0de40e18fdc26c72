"""Words that settings are made of; nothing heavy is imported for them."""

from __future__ import annotations

from typing import Literal

Engine = Literal["local", "ray"]
#: ``ours``: the cures of the released generator's known defects. ``released``: its formulas as they are.
Rules = Literal["ours", "released"]
#: What a build can keep beside a picture: ranges, instance map, and labels with pose and exact truth.
Keep = Literal["depth", "instances", "scene"]
PictureFormat = Literal["png", "jpeg"]
