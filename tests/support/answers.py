"""Questions of every kind of answer, and what a tagged answer to one is read as."""

from __future__ import annotations

from panoenv_tasks.answers.reading import Value, read
from panoenv_tasks.items import Method

_A, _B, _C = (f"(boundingbox: [{x}, 600, {x + 90}, 700])" for x in (100, 400, 900))
TRUTH = f"Is the crate {_A} closer to the viewer than the barrel {_B}?"
CLOSER = f"Which object is closer to the viewer, the crate {_A} or the barrel {_B}?"
LAMPS = f"Which object is closer to the viewer, lamp A {_A} or lamp B {_B}?"
FARTHEST = (
    f"Among the crate {_A}, lamp A {_B}, and the traffic cone {_C}, which is most distant from the camera?"
)
LEFTMOST = f"Among the crate {_A}, lamp A {_B}, and the traffic cone {_C}, which one is the leftmost?"
SMALLER = f"Which of these two objects, the crate {_A} or the barrel {_B}, occupies less space in 3D?"
VIEW = f"From which view (front/back/left/right/top/bottom) does the crate {_A} primarily come?"
PLACE = "Which environment is a better fit for the image: CoalMine or AbandonedFactory2?"
SETTING = "From the visual cues in the image, is the setting of this scene indoors or outdoors?"
DISTANCE = f"How far is the crate {_A} from the viewer?"
COUNT = f"From how many different views (front/back/left/right/top/bottom) is the crate {_A} visible?"
RELATION = f"Describe the 3D position of the crate {_A} with respect to lamp B {_B}."


def read_as(method: Method, question: str, answer: str) -> Value | None:
    found = read(method, question, f"<Answer>{answer}</Answer>")
    assert (found.value is None) == (found.status in ("ambiguous", "unparsed"))
    return found.value
