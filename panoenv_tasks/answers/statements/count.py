"""Counts of views: one whole number, in digits or words."""

from __future__ import annotations

import operator
import re

from panoenv_tasks.answers import Failure
from panoenv_tasks.answers.statements.numbers import (
    DIGITS,
    WORDS,
    Quantity,
    digits_value,
    index_of,
    mark,
    words_value,
)
from panoenv_tasks.answers.statements.sentences import one_number, parts

_NOUN = (
    r"(?:of them|of these|views?|cameras?|faces?|perspectives?|sides?|images?|directions?|angles?"
    r"|frames?|panels?|camera views?|cube faces?|cube views?"
    r"|camera perspectives?|viewpoints?|vantage points?|tiles?|squares?|pictures?)(?: \( ?s ?\))?"
)
_KIND = (
    r"(?:different|distinct|separate|unique|adjacent|neighbou?ring|camera|cube|of the|such"
    r"|individual|possible|available|total|of these|of its|main|single)"
)
_COUNT = re.compile(
    rf"(?P<digits>{DIGITS})(?![\w/])|(?P<words>{WORDS})(?!\s?/)|\b(?P<couple>a\scouple(?:\sof)?"
    rf"|a\spair(?:\sof)?|both)\b|\b(?P<single>a\ssingle|single)\b",
    re.IGNORECASE,
)
# "x3", "3x", "×3".
_TIMES = re.compile(r"^\s*[x×]\s?(?=\d)|(?<=\d)\s?[x×]\s*$", re.IGNORECASE)
_Q = "#([①-⑩])"
_VIEW_WORDS = {
    "front": 0,
    "back": 1,
    "rear": 1,
    "left": 2,
    "right": 3,
    "top": 4,
    "up": 4,
    "bottom": 5,
    "down": 5,
}
_VIEW = rf"(?:the )?(?:{'|'.join(_VIEW_WORDS)})(?:-facing)?(?: (?:view|face|one|camera|side)s?)?"
_LIST = rf"{_VIEW}(?: ?(?:,|and|&|\+|/|, and|as well as) ?{_VIEW})*"
# "1. front 2. left" numbers its lines.
_NUMBERED = re.compile(
    rf"(?:^|\s+)(?:\d[.)]\s+|-\s+)(?=(?:the )?(?:{'|'.join(_VIEW_WORDS)})\b)", re.IGNORECASE
)
_APPROX = (
    r"(?:about |approximately |around |roughly |~ ?|≈ ?|exactly |only |just |precisely |a total of "
    r"|all |in total |altogether |= )*"
)
_VERB = (
    r"(?:is|are|can be|be|appears?|seen|visible|shown|captured|observed|spans?|covers?|extends?"
    r"|in|from|across|over|by|on|at|within|count|number|total|views?|answer|cameras?|faces?"
    r"|perspectives?|=|:|equals|has|have|there are|there is|occupies|crosses|touches|intersects|to|of)"
)
_BEFORE = re.compile(rf"(?:(?:[^\s#]+ ){{0,24}}{_VERB} )?{_APPROX}")
_AFTER = re.compile(
    rf"(?: \( ?(?:{_Q}|approx(?:imately| \.)?|total"
    rf"|in total) ?\))?(?: {_KIND})*(?: {_NOUN})?(?: (?:out of|of|/)(?: the| all"
    rf"| a total of)? {_Q}(?: (?:total|possible|available|cube|different|camera))*(?: {_NOUN})?)?"
    rf"(?: \( ?{_Q} ?\))?(?P<tail>(?: (?:in total|total|altogether|overall|combined|all together))?"
    rf"(?: (?:can |could |would )?(?:show|shows|see|sees|observe|observes|capture|captures"
    rf"|contain|contains|cover|covers|include|includes|that|which|where|of it|in which|from which"
    rf"|of the|around)(?: [^\s#]+){{0,20}})?)"
    rf"(?: ?[:,(-]+ ?(?:namely |i \.e \. ?|i\.e\. |specifically |the |in the "
    rf"|from the )?(?P<list>{_LIST})(?: {_NOUN})? ?\)?)?"
)
_LIST_FIRST = re.compile(
    rf"(?P<list>{_LIST})(?: {_NOUN})? ?(?:[ :=(,-]|so|which is|that is|which makes|making"
    rf"|i\.e\.)+ ?{_APPROX}{_Q}(?: {_KIND})*(?: {_NOUN})? ?\)?(?: in total| total)?"
)
_UNSAFE = re.compile(
    r"(?<![\w-])(?:not|never|no|none|neither|nor|or|either|least|most|more|less|fewer|than|up to"
    r"|maximum|minimum|max|min|between|half|quarter|point|and a|to \d|several|many|few|maybe"
    r"|perhaps"
    r"|possibly|might|may|could|if|but|except|wrong|incorrect|false|unlikely|unknown|unclear"
    r"|times|twice|double|percent|meters?|metres?|pixels?|degrees?|feet|plus|minus|over|under"
    r"|beyond|other than|without"
    r"|hundreds?|dozens?|almost|nearly|even|isn't|aren't|don't|doesn't|cannot|can't|hardly"
    r"|instead|negative)(?![\w-])|n't\b|[?<>≤≥%°^±]"
)
_ALSO_SAFE = re.compile(
    r"\bcould (?:see|observe|capture|show)\b|\bbetween (?:the|them|its)\b|\bover (?:which|the)\b"
    r"|\bspans? over\b|\bextends? over\b"
)
_CONTRAST = re.compile(
    rf"[ ,;(-]*(?:and |but )?(?:not|rather than|instead of|as opposed to) (?:just "
    rf"|only )?{_Q}(?: {_NOUN})?[ )]*$"
)


def read_whole_number(text: str) -> float | Failure:
    """Return the count that an unwrapped answer commits to."""
    said = parts(_NUMBERED.sub(", ", text).strip(" ,"))
    return one_number(said, _sentence, operator.eq, _has_count)


def _has_count(sentence: str) -> bool:
    return bool(_COUNT.search(re.sub(r"\b(?:one|single|both)\b", "", sentence, flags=re.IGNORECASE)))


def _sentence(sentence: str) -> float | Failure:
    marked, counts = mark(_TIMES.sub(" ", sentence), _COUNT, _quantity)
    if not counts and re.fullmatch(rf"(?:the )?{_LIST}", marked):
        # The views themselves, named one by one.
        named = len(_views(marked))
        return float(named) if named > 1 else "unparsed"
    if len(counts) > 9 or re.search(r"\d", marked):
        return "unparsed"
    marked = _CONTRAST.sub("", marked)
    used = [counts[index_of(sign)].value for sign in re.findall(_Q, marked)]
    if not used or any(value != int(value) for value in used):
        return "unparsed"
    listed = _LIST_FIRST.fullmatch(marked)
    at = marked.find("#")
    before, after = marked[:at], marked[at + 2 :]
    if listed:
        return used[0] if len(_views(listed["list"])) == used[0] else "unparsed"
    match = _AFTER.fullmatch(after.rstrip(" ,"))
    if not match or not _BEFORE.fullmatch(before) or _UNSAFE.search(_ALSO_SAFE.sub(" ", f"{before} {after}")):
        return _failed(marked, used)
    if match["list"] and len(_views(match["list"])) != used[0]:
        return "unparsed"
    doubled = [counts[index_of(match[group])].value for group in (1, 3) if match[group]]
    if any(value != used[0] for value in doubled):
        return "ambiguous"
    if match[2] and used[0] > counts[index_of(match[2])].value:
        return "unparsed"
    return used[0]


def _quantity(match: re.Match[str]) -> Quantity:
    if match["digits"]:
        return Quantity(digits_value(match["digits"]), "")
    if match["words"]:
        return Quantity(words_value(match["words"]), "")
    return Quantity(1.0 if match["single"] else 2.0, "")


def _views(listed: str) -> set[int]:
    words = re.findall(r"[a-z]+", listed)
    return {_VIEW_WORDS[word] for word in words if word in _VIEW_WORDS}


def _failed(marked: str, used: list[float]) -> Failure:
    several = len(set(used)) > 1
    bounded = re.search(r"\b(?:than|least|most|up to|or more|or less)\b|\+", marked)
    return "ambiguous" if several or bounded else "unparsed"
