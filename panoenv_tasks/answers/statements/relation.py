"""Relative positions: the directions that one sentence gives for two objects, every word of it known."""

from __future__ import annotations

import re
from collections.abc import Sequence

from panoenv_tasks.answers import Failure
from panoenv_tasks.answers.relations import Relation
from panoenv_tasks.answers.statements.numbers import DIGITS, spaced
from panoenv_tasks.answers.statements.sentences import harmless, parts
from panoenv_tasks.geometry.words import Axis

_TO_VIEWER = "{0} to the {1}|{0} the {1}|{0} to us"
_FROM_VIEWER = "{0} from the {1}|{0} away from the {1}"
_VIEWERS = ("viewer", "camera", "observer")
#: Direction phrases per axis and sign: +1 is in front, right, above.
_PHRASES: tuple[tuple[Axis, int, str], ...] = (
    (
        "depth",
        +1,
        "in front|front|ahead|forward|forwards|frontward|frontwards|further forward"
        "|farther forward|more forward"
        "|further ahead|farther ahead|closer|nearer|in the foreground|foreground|to the front"
        "|toward the front"
        "|towards the front|further to the front|farther to the front|"
        + "|".join(_TO_VIEWER.format(how, who) for how in ("closer", "nearer") for who in _VIEWERS),
    ),
    (
        "depth",
        -1,
        "behind|back|rear|backward|backwards|rearward|rearwards|farther back|further back"
        "|farther away|further away"
        "|farther|further|more distant|deeper|further behind|farther behind|in the background"
        "|background|at the back"
        "|in the back|in back|to the rear|to the back|toward the back|towards the back|"
        + "|".join(_FROM_VIEWER.format(how, who) for how in ("farther", "further") for who in _VIEWERS),
    ),
    ("side", -1, "left|leftward|leftwards|left-hand|further left|farther left|left side"),
    ("side", +1, "right|rightward|rightwards|right-hand|further right|farther right|right side"),
    (
        "height",
        +1,
        "above|higher|higher up|up|upper|upward|upwards|over|on top|atop|overhead"
        "|higher in elevation|elevated|top"
        "|up high|further up|farther up",
    ),
    (
        "height",
        -1,
        "below|beneath|underneath|under|lower|lower down|down|downward|downwards|bottom"
        "|further down|farther down"
        "|lower in elevation",
    ),
)
_MEANING = {phrase: (axis, sign) for axis, sign, phrases in _PHRASES for phrase in phrases.split("|")}
_LONGEST_FIRST = "|".join(sorted(map(re.escape, _MEANING), key=len, reverse=True))
_DIRECTION = re.compile(rf"(?<![\w@])(?:{_LONGEST_FIRST})(?![\w])")
_SIMILAR = re.compile(
    r"\b(?:at|in|occup\w+|share|shares|have|has)?\s?(?:a |an |the |about the |roughly the "
    r"|approximately the |almost the |nearly the |very )?(?:similar|same|identical|exact same)"
    r" (?:position|place|location|spot|3d position|spatial position|position in space)s?\b"
)
_LEVEL = re.compile(
    r"\b(?:at|on)? ?(?:a |the |about the |roughly the |approximately the )?(?:similar"
    r"|same) (?:height|level|depth|elevation|distance|side|altitude)(?: as)?\b|\blevel with\b"
)
_STRESS = re.compile(
    r"(?<!the )(?<!to )(?<!on )\bright (?=(?:behind|above|below|beneath|under|in front|over"
    r"|ahead|next|on top)\b)"
)
#: Before an object these make it what the other one is placed by.
_REFERENCE = re.compile(
    r"(?:^| )(?:of|to|from|than|as|with|against|relative to|with respect to|compared to"
    r"|compared with|by|@d|vs|versus|viewer|'s) (?:that of |where )?$"
)
_FILL = set(
    (
        "the"
        " a"
        " an"
        " it"
        " its"
        " it's"
        " is"
        " are"
        " was"
        " sits"
        " stands"
        " lies"
        " located"
        " situated"
        " positioned placed found be appears seems and also both slightly directly a bit little "
        "far"
        " well"
        " just"
        " somewhat"
        " significantly"
        " considerably"
        " much"
        " mostly"
        " mainly"
        " more"
        " than of to from on in at with as side position place relative respect compared when "
        "viewed"
        " seen"
        " from"
        " perspective"
        " camera"
        " viewer"
        " 3d"
        " space"
        " world"
        " real"
        " scene image panorama direction directions toward towards , ; ( ) : . then along axis "
        "vertically"
        " horizontally"
        " laterally"
        " depth"
        " height"
        " wise"
        " in-depth"
        " about"
        " approximately"
        " roughly around ~ meters metres meter m feet ft cm away apart distance by plus "
        "immediately"
        " diagonally"
        " clearly"
        " almost"
        " very"
        " slight"
        " closely"
        " further farther object first one terms relation spatially facing our us that this "
        "which"
        " while"
        " whereas"
        " respectively"
        " & + - moderately hand part plane ground level area point its' where center centre"
    ).split()
)
_CONTRAST = re.compile(r"[ ,;(-]*\b(?:and |but )?(?:not|rather than|instead of) (?P<other>[^;]*)$")
_OPENING = re.compile(
    r"^(?:relative to|with respect to|compared to|compared with|from"
    r"|seen from) @(\d)(?:'s)?(?: position| perspective| point of view)? ?,? "
)


def read_position(text: str, names: Sequence[str]) -> Relation | Failure:
    """Return the signs per axis that an unwrapped answer gives, as the question places its first object.

    Args:
        text: The answer.
        names: The question's two objects, the one to be placed first ("lamp A", "crate"). Where the answer
            places the second one, its directions are turned round. Both signs of an axis count as 0.
    """
    answer = parts(text)
    sentences = [answer.said, *answer.rest]
    signs: dict[Axis, int] = {}
    similar = False
    for place, sentence in enumerate(sentences):
        read = _sentence(sentence, names)
        if read is None:
            if place == 0 or not harmless(sentence) or _DIRECTION.search(_marked(sentence, names)):
                return "unparsed"
            continue
        similar = similar or read.similar
        for axis, sign in read.signs.items():
            signs[axis] = sign if signs.get(axis, sign) == sign else 0
    if not harmless(answer.reason, argues=True):
        return "unparsed"
    if similar and signs:
        return "ambiguous"
    if signs and not any(signs.values()):
        return "ambiguous"
    return Relation(signs, similar) if signs or similar else "unparsed"


def _marked(text: str, names: Sequence[str]) -> str:
    lowered = f" {spaced(text)} "
    order = sorted(range(len(names)), key=lambda i: -len(names[i]))
    if len(names) > 1 and names[0] != names[1]:
        for index in order:
            name = re.escape(spaced(names[index]))
            lowered = re.sub(rf"(?<!\w)(?:the |a |an )?{name}(?!\w)", f"@{index}", lowered)
    lowered = re.sub(r"\bthe (?:former|first(?: object| one)?)\b", "@0", lowered)
    lowered = re.sub(r"\bthe (?:latter|second(?: object| one)?|other(?: object| one)?)\b", "@1", lowered)
    return " ".join(lowered.split())


def _sentence(sentence: str, names: Sequence[str]) -> Relation | None:
    """Return what one sentence says; None when a word of it is not known."""
    text = _STRESS.sub("", _marked(sentence, names))
    denied = _CONTRAST.search(text)
    if denied:
        text = text[: denied.start()]
    text, similar = _SIMILAR.subn(" ", text)
    text = _LEVEL.sub(" ", text)
    signs: dict[Axis, int] = {}
    turned = False
    if opening := _OPENING.match(text):
        turned, text = opening[1] == "0", text[opening.end() :]
    mentions = list(re.finditer(r"@\d", text))
    subjects = [m for m in mentions if not _is_reference(text[: m.start()])]
    if not subjects and mentions and not opening:
        turned = mentions[0][0] == "@0"
    at = 0
    for mention in [*mentions, None]:
        stretch = text[at : mention.start() if mention else len(text)]
        read = _stretch(stretch)
        if read is None:
            return None
        for axis, sign in read:
            signed = -sign if turned else sign
            signs[axis] = signed if signs.get(axis, signed) == signed else 0
        if mention:
            if mention in subjects:
                turned = mention[0] == "@1"
            at = mention.end()
    if denied and not _only_denies(denied["other"], signs, turned):
        return None
    return Relation(signs, bool(similar)) if signs or similar else None


def _is_reference(before: str) -> bool:
    return bool(_REFERENCE.search(_DIRECTION.sub("@d", before)))


def _stretch(text: str) -> list[tuple[Axis, int]] | None:
    """Return the directions of a stretch without objects; None when it holds an unknown word."""
    directions = [_MEANING[phrase] for phrase in _DIRECTION.findall(text)]
    left = re.sub(DIGITS, " ", _DIRECTION.sub(" ", text))
    words = re.sub(r"(?<=\w)-|-(?=\w)|[.]", " ", left).split()
    return directions if all(word in _FILL for word in words) else None


def _only_denies(text: str, signs: dict[Axis, int], turned: bool) -> bool:
    """Whether a "not ..." at the end only rules out the contrary of what was said, or a level."""
    rest = _LEVEL.sub(" ", _SIMILAR.sub(" ", text))
    read = _stretch(re.sub(r"@\d", " ", rest))
    if read is None:
        return False
    return all(signs.get(axis) == (sign if turned else -sign) for axis, sign in read)
