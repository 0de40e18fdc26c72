"""PanoEnv-QA (Lin and Zheng, CVPR 2026, arXiv 2602.21992): 3D spatial questions on 360-degree panoramas.

The release is a tree of ``<split>/<Environment>/<frame>/<frame>_qa.json`` files, each beside one drawing per
question with the boxes painted on. ``load_dataset`` sees only the drawings, so the questions are read from the
snapshot. The score is the paper's: an answer's reward is in [0, 1], and it is correct from 0.99 on.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from datasets import Dataset
from huggingface_hub import snapshot_download
from PIL import Image

SPLIT = "test"
REPOSITORY = "7zkk/PanoEnv"
# Open-ended questions: how a sub-category is scored.
METHODS = {"distance_description": "distance", "multi_view_visibility": "counting", "relpos_cardinal": "spatial", "relpos_distance_components": "distance", "relpos_distance_straightline": "distance"}
# Sentences whose options are named in them.
CHOICES = [
    "Which object is closer to the viewer, {a} or {b}?",
    "Based on depth, which is closer to the viewer: {a} or {b}?",
    "Between {a} and {b}, which one is nearer to the camera?",
    "Who is located at the greatest distance from the viewer: {a}, {b}, or {c}?",
    "Among {a}, {b}, and {c}, which is most distant from the camera?",
    "Which of the three objects is farthest from the viewer: {a}, {b}, or {c}?",
    "Observing {a}, which of the following is the correct environment: {options}?",
    "Based on the image containing {a} and {b}, which of these environments fits the scene best: {options}?",
    "Given that {a} is in the scene, which environment is it: {options}?",
    "Given the presence of {a}, which is a more likely environment for this scene: {options}?",
    "If you had to choose between {options}, which is the correct environment for this scene?",
    "Which environment is a better fit for the image: {options}?",
    "To which general classification does this scene belong: {options}?",
    "The environment in the image can be best described as which of the following categories: {options}?",
    "Which general category does the environment containing {a} belong to: {options}?",
    "Among {a}, {b}, and {c}, which one is the {extreme}?",
    "Between {a} and {b}, which one is physically bigger?",
    "In the real world, which object has a larger volume, {a} or {b}?",
    "Which of these two objects, {a} or {b}, occupies less space in 3D?",
    "Which object looks flatter, {a} or {b}?",
    "Between {a} and {b}, which one is more like a sheet or a plate?",
    "Which of these two seems much thinner than it is wide, {a} or {b}?",
    "Which object has a more elongated or stick-like shape, {a} or {b}?",
    "Between {a} and {b}, which one is much longer than it is wide?",
    "Which of these two is more stretched out, {a} or {b}?",
    "Among {a}, {b}, and {c}, which one has the largest volume?",
    "Out of the three objects {a}, {b}, and {c}, which is the smallest in the real world?",
    "Please identify the biggest object among {a}, {b}, and {c}.",
]
PROMPTS = {
    "view_source": {
        "true_false": "This picture is a full 360-degree panorama in equirectangular projection, 2560 pixels wide and 1280 high. Its middle column looks straight ahead (front), a quarter of the width to the right looks right, the outer columns look back and meet each other, the top row is straight up and the bottom row straight down. A bounding box is [x1, y1, x2, y2] in pixels of this picture. The sphere around the camera is divided into six views, the faces of a cube: front, back, left, right, top and bottom.\n{question}\nThink step by step inside <Reasoning></Reasoning>, then give only the final answer inside <Answer></Answer>. The answer is Yes or No.",
        "multiple_choice": "This picture is a full 360-degree panorama in equirectangular projection, 2560 pixels wide and 1280 high. Its middle column looks straight ahead (front), a quarter of the width to the right looks right, the outer columns look back and meet each other, the top row is straight up and the bottom row straight down. A bounding box is [x1, y1, x2, y2] in pixels of this picture. The sphere around the camera is divided into six views, the faces of a cube: front, back, left, right, top and bottom.\n{question}\nThink step by step inside <Reasoning></Reasoning>, then give only the final answer inside <Answer></Answer>. The answer is one of: {options}.",
        "counting": 'This picture is a full 360-degree panorama in equirectangular projection, 2560 pixels wide and 1280 high. Its middle column looks straight ahead (front), a quarter of the width to the right looks right, the outer columns look back and meet each other, the top row is straight up and the bottom row straight down. A bounding box is [x1, y1, x2, y2] in pixels of this picture. The sphere around the camera is divided into six views, the faces of a cube: front, back, left, right, top and bottom.\n{question}\nThink step by step inside <Reasoning></Reasoning>, then give only the final answer inside <Answer></Answer>. The answer is a whole number followed by "different views", for example "2 different views".',
    },
    "distance": {
        "true_false": "This picture is a full 360-degree panorama in equirectangular projection, 2560 pixels wide and 1280 high. Its middle column looks straight ahead (front), a quarter of the width to the right looks right, the outer columns look back and meet each other, the top row is straight up and the bottom row straight down. A bounding box is [x1, y1, x2, y2] in pixels of this picture.\n{question}\nThink step by step inside <Reasoning></Reasoning>, then give only the final answer inside <Answer></Answer>. The answer is Yes or No.",
        "multiple_choice": "This picture is a full 360-degree panorama in equirectangular projection, 2560 pixels wide and 1280 high. Its middle column looks straight ahead (front), a quarter of the width to the right looks right, the outer columns look back and meet each other, the top row is straight up and the bottom row straight down. A bounding box is [x1, y1, x2, y2] in pixels of this picture.\n{question}\nThink step by step inside <Reasoning></Reasoning>, then give only the final answer inside <Answer></Answer>. The answer is one of: {options}.",
        "distance": 'This picture is a full 360-degree panorama in equirectangular projection, 2560 pixels wide and 1280 high. Its middle column looks straight ahead (front), a quarter of the width to the right looks right, the outer columns look back and meet each other, the top row is straight up and the bottom row straight down. A bounding box is [x1, y1, x2, y2] in pixels of this picture.\n{question}\nThink step by step inside <Reasoning></Reasoning>, then give only the final answer inside <Answer></Answer>. The answer is one distance in meters, for example "About 4.5 meters".',
    },
    "environment": {
        "true_false": "This picture is a full 360-degree panorama in equirectangular projection, 2560 pixels wide and 1280 high. Its middle column looks straight ahead (front), a quarter of the width to the right looks right, the outer columns look back and meet each other, the top row is straight up and the bottom row straight down. A bounding box is [x1, y1, x2, y2] in pixels of this picture.\n{question}\nThink step by step inside <Reasoning></Reasoning>, then give only the final answer inside <Answer></Answer>. The answer is Yes or No.",
        "multiple_choice": "This picture is a full 360-degree panorama in equirectangular projection, 2560 pixels wide and 1280 high. Its middle column looks straight ahead (front), a quarter of the width to the right looks right, the outer columns look back and meet each other, the top row is straight up and the bottom row straight down. A bounding box is [x1, y1, x2, y2] in pixels of this picture.\n{question}\nThink step by step inside <Reasoning></Reasoning>, then give only the final answer inside <Answer></Answer>. The answer is one of: {options}.",
    },
    "relative_position": {
        "true_false": "This picture is a full 360-degree panorama in equirectangular projection, 2560 pixels wide and 1280 high. Its middle column looks straight ahead (front), a quarter of the width to the right looks right, the outer columns look back and meet each other, the top row is straight up and the bottom row straight down. A bounding box is [x1, y1, x2, y2] in pixels of this picture. Directions are those of the camera: right and left, above and below, and in front (further along the way the camera looks) or behind.\n{question}\nThink step by step inside <Reasoning></Reasoning>, then give only the final answer inside <Answer></Answer>. The answer is Yes or No.",
        "multiple_choice": "This picture is a full 360-degree panorama in equirectangular projection, 2560 pixels wide and 1280 high. Its middle column looks straight ahead (front), a quarter of the width to the right looks right, the outer columns look back and meet each other, the top row is straight up and the bottom row straight down. A bounding box is [x1, y1, x2, y2] in pixels of this picture. Directions are those of the camera: right and left, above and below, and in front (further along the way the camera looks) or behind.\n{question}\nThink step by step inside <Reasoning></Reasoning>, then give only the final answer inside <Answer></Answer>. The answer is one of: {options}.",
        "distance": 'This picture is a full 360-degree panorama in equirectangular projection, 2560 pixels wide and 1280 high. Its middle column looks straight ahead (front), a quarter of the width to the right looks right, the outer columns look back and meet each other, the top row is straight up and the bottom row straight down. A bounding box is [x1, y1, x2, y2] in pixels of this picture. Directions are those of the camera: right and left, above and below, and in front (further along the way the camera looks) or behind.\n{question}\nThink step by step inside <Reasoning></Reasoning>, then give only the final answer inside <Answer></Answer>. The answer is one distance in meters, for example "About 4.5 meters".',
        "spatial": 'This picture is a full 360-degree panorama in equirectangular projection, 2560 pixels wide and 1280 high. Its middle column looks straight ahead (front), a quarter of the width to the right looks right, the outer columns look back and meet each other, the top row is straight up and the bottom row straight down. A bounding box is [x1, y1, x2, y2] in pixels of this picture. Directions are those of the camera: right and left, above and below, and in front (further along the way the camera looks) or behind.\n{question}\nThink step by step inside <Reasoning></Reasoning>, then give only the final answer inside <Answer></Answer>. The answer is one sentence that names every direction that applies, for example "The chair is in front of and to the left of and above the table.", or says that the first object is at a similar position to the second.',
    },
    "attribute_comparison": {
        "true_false": "This picture is a full 360-degree panorama in equirectangular projection, 2560 pixels wide and 1280 high. Its middle column looks straight ahead (front), a quarter of the width to the right looks right, the outer columns look back and meet each other, the top row is straight up and the bottom row straight down. A bounding box is [x1, y1, x2, y2] in pixels of this picture.\n{question}\nThink step by step inside <Reasoning></Reasoning>, then give only the final answer inside <Answer></Answer>. The answer is Yes or No.",
        "multiple_choice": "This picture is a full 360-degree panorama in equirectangular projection, 2560 pixels wide and 1280 high. Its middle column looks straight ahead (front), a quarter of the width to the right looks right, the outer columns look back and meet each other, the top row is straight up and the bottom row straight down. A bounding box is [x1, y1, x2, y2] in pixels of this picture.\n{question}\nThink step by step inside <Reasoning></Reasoning>, then give only the final answer inside <Answer></Answer>. The answer is one of: {options}.",
    },
}  # panoenv@2
CORRECT_FROM = 0.99


def view_source(dataset):
    return _questions("view_source")


def distance(dataset):
    return _questions("distance")


def environment(dataset):
    return _questions("environment")


def relative_position(dataset):
    return _questions("relative_position")


def attribute_comparison(dataset):
    return _questions("attribute_comparison")


def doc_to_text(doc):
    return doc["prompt"]


def doc_to_visual(doc):
    return [Image.open(doc["drawing"]).convert("RGB")]


def process_results(doc, results):
    reward = score(doc["method"], doc["answer"], results[0])
    return {"accuracy": float(reward >= CORRECT_FROM), "reward": reward}


def score(method, gold, completion):
    """Return the paper's reward of a completion; an answer without tags earns 0."""
    answer = first_answer(completion)
    return 0.0 if answer is None else _RULES[method](gold, answer)


def _questions(category):
    patterns = [f"{SPLIT}/**/*_qa.json", f"{SPLIT}/**/visualizations/*"]
    root = Path(snapshot_download(REPOSITORY, repo_type="dataset", allow_patterns=patterns))
    docs = []
    for file in sorted((root / SPLIT).glob("*/*/*_qa.json")):
        for row in json.loads(file.read_text("utf-8"))["questions"]:
            if row["major_category"] == category:
                docs.append(_doc(row, file.parent))
    return Dataset.from_list(docs)


def _doc(row, folder):
    question = row["question"].removeprefix("<image>").strip()
    kind, method = row["question_type"], _method(row)
    options = ", ".join(_options(row, question)) if kind == "multiple_choice" else ""
    if kind == "open_ended":
        kind = "spatial" if method == "default" else method
    template = PROMPTS[row["major_category"]][kind]
    # The underscore keeps q1 from matching q10.
    drawing = next((folder / "visualizations").glob(f"q{row['question_id']}_*.png"))
    return {
        "id": f"{folder.parent.name}/{folder.name}/{row['question_id']}",
        "question_type": row["question_type"],
        "sub_category": row["sub_category"],
        "method": method,
        "question": question,
        "prompt": re.sub(
            r"\{(question|options)\}",
            lambda place: {"question": question, "options": options}[place[1]],
            template,
        ),
        "answer": row["answer"],
        "drawing": str(drawing),
    }


def _method(row):
    kind = {"true_false": "yes_no", "multiple_choice": "mcq"}.get(row["question_type"])
    if kind:
        return kind
    # As released: relations that say only "below" are compared as text.
    if row["sub_category"] == "relpos_cardinal" and " is below " in row["answer"]:
        return "default"
    return METHODS[row["sub_category"]]


def _options(row, question):
    if row["major_category"] == "view_source":
        return ["Front", "Back", "Left", "Right", "Top", "Bottom"]
    if row["sub_category"] == "env_attribute":
        return ["Indoors", "Outdoors"]
    match = next(filter(None, (pattern.fullmatch(question) for pattern in _PATTERNS)))
    found = match.groupdict()
    if found.get("options"):
        return re.split(r", | or | and ", found["options"])
    return [_as_answer(found[place]) for place in "abc" if found.get(place)]


def _as_answer(label):
    """``lamp`` is answered as "The lamp", ``lamp A`` as "Lamp A"."""
    return label[:1].upper() + label[1:] if re.search(r" [A-Z]$", label) else f"The {label}"


def _pattern(sentence):
    places = {name: rf"(?:[Tt]he )?(?P<{name}>[^()\[\]\n]{{1,80}}) \(boundingbox: \[\d+, \d+, \d+, \d+\]\)" for name in "abc"}
    places["options"] = r"(?P<options>\w+(?:(?:, | or | and )\w+)+)"
    parts = re.split(r"\{(\w+)\}", sentence)
    return re.compile("".join(places.get(part, r"\w+") if index % 2 else re.escape(part) for index, part in enumerate(parts)))


_PATTERNS = [_pattern(sentence) for sentence in CHOICES]


# The paper's scorer, its flaws included.
_OPEN = re.compile("<Answer>", re.IGNORECASE)

_CLOSE = re.compile("</Answer>", re.IGNORECASE)


def first_answer(text: str) -> str | None:
    """Return the content of the first Answer tag, stripped; None when there is no complete tag."""
    opened = _OPEN.search(text)
    closed = _CLOSE.search(text, opened.end()) if opened else None
    return text[opened.end() : closed.start()].strip() if opened and closed else None


_FACTORS = (
    ("meter metre meters metres m", 1.0),
    ("kilometer kilometre kilometers kilometres km", 1000.0),
    ("centimeter centimetre centimeters centimetres cm", 0.01),
    ("millimeter millimetre millimeters millimetres mm", 0.001),
    ("feet foot ft", 0.3048),
    ("inch inches in", 0.0254),
)

_METRES = {unit: factor for units, factor in _FACTORS for unit in units.split()}

_NUMBER = r"(?<!\d)(\d+\.?\d*)"

_WITH_UNIT = re.compile(rf"{_NUMBER}\s*({'|'.join(_METRES)})")

_BARE = re.compile(_NUMBER)

_WORDS = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty").split()

_STOP = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|could|will|would|should|may|might|must|do|does|did|in|on"
    r"|at|to|from|with|by|for|of|near|behind|above|below|under|over|between|among|through|during"
    r"|before|after|since|until)\b",
    re.IGNORECASE,
)

_ARTICLES = re.compile(r"\b(?:the|a|an)\b", re.IGNORECASE)

_NOT_ALPHANUMERIC = re.compile(r"[^a-zA-Z0-9]")

_KEYWORDS: tuple[tuple[str, int, str], ...] = (
    ("depth", +1, "front|forward|ahead|in front of"),
    ("depth", -1, "back|behind|rear|at the back"),
    ("side", -1, "left|leftward|to the left|on the left"),
    ("side", +1, "right|rightward|to the right|on the right"),
    ("height", +1, "above|up|upper|over|top|higher"),
    ("height", -1, "below|down|under|lower|beneath|bottom"),
)

_PHRASES = sorted(
    ((axis, sign, re.compile(rf"\b{phrase}\b", re.IGNORECASE), len(phrase)) for axis, sign, phrases in _KEYWORDS for phrase in phrases.split("|")),
    key=lambda entry: -entry[3],
)


def number(text: str) -> float | None:
    """Return the number in ``text``, in metres when a unit follows it; None when there is none."""
    lowered = text.lower()
    if match := _WITH_UNIT.search(lowered):
        return float(match[1]) * _METRES[match[2]]
    if match := _BARE.search(lowered):
        return float(match[1])
    for value, word in enumerate(_WORDS):
        if re.search(rf"\b{word}\b", lowered):
            return float(value)
    return None


def directions(text: str) -> dict[str, int]:
    """Return at most one sign per axis: +1 front, right, up; -1 back, left, down."""
    reading: dict[str, int] = {}
    for axis, sign, pattern, _ in _PHRASES:
        if axis not in reading and pattern.search(text):
            reading[axis] = sign
    return reading


def choice_subject(text: str) -> str:
    """Return the normalised subject of a multiple-choice answer, e.g. ``lamp`` for "Lamp A"."""
    subject = text
    if len(text.split()) > 4 and (match := _STOP.search(text)):
        subject = text[: match.start()].strip() or text
    return _NOT_ALPHANUMERIC.sub("", _ARTICLES.sub("", subject)).lower()


def plain_text(text: str) -> str:
    """Return the text without articles, with white space collapsed, in lower case."""
    return " ".join(_ARTICLES.sub("", text).split()).lower()


def distance_reward(predicted: float, gold: float) -> float:
    """Return 1 within 10 % of a positive gold distance, 0.5 within 20 %, else 0."""
    error = abs(predicted - gold) / gold
    return 1.0 if error <= 0.10 else 0.5 if error <= 0.20 else 0.0


SIMILAR_FROM = 0.75


def _yes_no(gold: str, answer: str) -> float:
    return float(answer.lower().strip() == gold.lower().strip())


def _mcq(gold: str, answer: str) -> float:
    return float(choice_subject(answer) == choice_subject(gold))


def _distance(gold: str, answer: str) -> float:
    wanted, found = number(gold), number(answer)
    if wanted is not None and found is not None and wanted > 0:
        return distance_reward(found, wanted)
    return float(_similar(answer.lower().strip(), gold.lower().strip()))


def _counting(gold: str, answer: str) -> float:
    wanted, found = number(gold), number(answer)
    return float(wanted is not None and found is not None and abs(wanted - found) < 0.01)


def _spatial(gold: str, answer: str) -> float:
    wanted, found = directions(gold), directions(answer)
    agreed = sum(found.get(axis) == sign for axis, sign in wanted.items())
    return agreed / len(wanted) if wanted else 0.0


def _default(gold: str, answer: str) -> float:
    left, right = plain_text(answer), plain_text(gold)
    return float(left == right or _similar(left, right))


_RULES = {
    "yes_no": _yes_no,
    "mcq": _mcq,
    "distance": _distance,
    "counting": _counting,
    "spatial": _spatial,
    "default": _default,
}


def _similar(left, right):
    """Whether two texts are alike: twice the longest common subsequence over both lengths."""
    row = [0] * (len(right) + 1)
    for letter in left:
        before = 0
        for index, other in enumerate(right, start=1):
            before, row[index] = (
                row[index],
                before + 1 if letter == other else max(row[index], row[index - 1]),
            )
    return left == right or 2 * row[-1] / (len(left) + len(right)) > SIMILAR_FROM
