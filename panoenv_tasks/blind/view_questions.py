"""View questions: which cube faces an object shows on.

The release labels an object's primary view by the face that holds most of its pixels and counts every
face that holds at least one.
"""

from __future__ import annotations

from panoenv_tasks.blind.boxes import seen_on
from panoenv_tasks.blind.guess import Guess, lead, yes_or_no
from panoenv_tasks.geometry.cube import Face, adjacent
from panoenv_tasks.items import Box
from panoenv_tasks.taxonomy import Wording


def name_primary_view(wording: Wording) -> Guess:
    """Name the face that holds most of the object; also when it spans several."""
    shares = seen_on(wording.objects[0])
    face = primary(wording.objects[0])
    return Guess(
        face.capitalize(),
        f"An ellipse inside the box lies {shares[face]:.0%} on the {face} cube face.",
        _clarity(wording.objects[0]),
    )


def count_views(wording: Wording) -> Guess:
    """Count the faces that the object reaches."""
    faces = seen_on(wording.objects[0])
    count = len(faces)
    return Guess(
        "1 different view" if count == 1 else f"{count} different views",
        f"An ellipse inside the box touches these cube faces: {', '.join(faces)}.",
        min(faces.values()),
    )


def say_whether_shown_together(wording: Wording) -> Guess:
    """Say whether one object reaches the primary face of the other."""
    a, b = wording.objects
    shown, host = (b, a) if wording.asks == "b_in_view_of_a" else (a, b)
    face = primary(host)
    return Guess(
        yes_or_no(face in seen_on(shown)),
        f"One box belongs to the {face} cube face; the other touches {', '.join(seen_on(shown))}.",
        min(_clarity(a), _clarity(b)),
    )


def compare_views(wording: Wording) -> Guess:
    """Compare two objects' faces: same, adjacent, or any in common, as the wording asks."""
    a, b = wording.objects
    face_a, face_b = primary(a), primary(b)
    if wording.asks == "same_primary":
        holds = face_a == face_b
    elif wording.asks == "adjacent":
        holds = adjacent(face_a, face_b)
    else:
        holds = bool(seen_on(a).keys() & seen_on(b).keys())
    return Guess(
        yes_or_no(holds),
        f"By their boxes the objects lie mainly on the {face_a} and the {face_b} cube face.",
        min(_clarity(a), _clarity(b)),
    )


def primary(box: Box) -> Face:
    """Return the face that holds most of the object."""
    shares = seen_on(box)
    return max(shares, key=lambda face: shares[face])


def _clarity(box: Box) -> float:
    return lead([*seen_on(box).values(), 0.0])


def count_instances(wording: Wording) -> Guess:
    """Say two: the question names no box, and two is the middle of what is asked for."""
    return Guess("2", "Nothing in the question tells a number; two is the middle of what is asked for.")
