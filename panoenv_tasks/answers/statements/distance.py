"""Distances: one length with its unit, or a bare number, which is in metres as the question asks."""

from __future__ import annotations

import re

from panoenv_tasks.answers import Failure
from panoenv_tasks.answers.quantities import METRES, SAME_WITHIN
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

_FACTORS = {name: factor for names, factor in METRES.items() for name in names.split()}
_FACTORS |= {"mtr": 1.0, "mtrs": 1.0, "mts": 1.0, "kms": 1000.0, "cms": 0.01, "yds": 0.9144}
_ABBREVIATED = {"mm", "cm", "m", "km", "in", "ft", "yd", "mi", "mtr", "mtrs", "mts", "kms", "cms", "yds"}
# "3 in total", "5 in the air": a word, not inches.
_UNIT = "|".join(rf"{u}(?!\s+[a-z])" if u == "in" else u for u in sorted(_FACTORS, key=len, reverse=True))
_WHOLE_UNIT = "|".join(sorted((u for u in _FACTORS if u not in _ABBREVIATED), key=len, reverse=True))
_UNIT_END = r"(?:\(s\)|(?![\w^/²³]|\s*+\^|\s*+/\s*+(?!\d)))"
_LENGTH = re.compile(
    rf"(?P<feet>{DIGITS})'(?:\s?(?P<inches>{DIGITS})\")?"
    rf"|(?P<digits>{DIGITS})(?:\s(?P<dhalf>and\sa\shalf))?(?:[\s-]?(?P<unit>{_UNIT}){_UNIT_END}(?P<dot>\.(?=\s|$))?)?(?![\w])(?P<late>\sand\sa\shalf\b)?"
    rf"|(?P<words>{WORDS})(?:\s(?P<whalf>and\sa\shalf))?[\s-](?P<wunit>{_WHOLE_UNIT}|m|ft|km|cm){_UNIT_END}"
    rf"|\b(?P<part>half\san?|a\shalf|an?)[\s-](?P<punit>{_WHOLE_UNIT})\b(?!\s(?:above"
    rf"|stick))(?P<plate>\sand\sa\shalf\b)?",
    re.IGNORECASE,
)
_BARE_WORDS = re.compile(
    rf"(?:(?:about|around|approximately|roughly|~|≈)\s?)?(?P<words>{WORDS})", re.IGNORECASE
)

_Q = "#([①-⑩])"
_APPROX = (
    r"(?:about|approximately|approx\.?|around|roughly|nearly|almost|some|circa|ca\.?|c\.|~|≈|≃|≅"
    r"|∼|~ =|close to|exactly|precisely|just"
    r"|an estimated|estimated at|an approximate|a total of|maybe about|very roughly|only) "
)
#: No length follows or stands beside these words: they deny, doubt, bound, multiply or change the quantity.
_UNSAFE = re.compile(
    r"(?<![\w-])(?:not|never|no|none|neither|nor|without|or|either|least|most|more|less|greater"
    r"|fewer|smaller|larger|longer|shorter|higher|exceed\w*|beyond"
    r"|than|at most|up to|upwards?|within|until|maximum|minimum|max|min|limit|bound|tops|plus"
    r"|minus|twice|double\w*|triple\w*|thrice|half|halves"
    r"|quarter\w*|third|thirds|times|fold|multipl\w*|divided|percent|fraction|squared?|cubed?"
    r"|cubic|per|infin\w*|maybe|perhaps|possibly|might|may|could|can"
    r"|can't|cannot|isn't|wasn't|aren't|don't|doesn't|won't|if|unless|but|except|wrong|incorrect"
    r"|false|unlikely|impossible|unknown|unclear|short of|shy of"
    r"|error|off|pixels?|px|degrees?|seconds?|minutes?|hours?|kilograms?|kg|stor(?:y|ies|eys?)"
    r"|steps?|lengths?(?! (?:is|of|between))|anywhere|somewhere|range\w*|vary|varies|even|too"
    r"|hundreds?|thousands?|millions?|billions?|dozens?|scores?|several|few|many|couple|light"
    r"|nautical|negative|ruled|far from|opposite|e)(?![\w-])|n't\b|[?<>≤≥%°^*×/+]"
)
_NOT_METRES = "|".join(
    sorted((u for u in _FACTORS if _FACTORS[u] != 1.0 and u != "in"), key=len, reverse=True)
)
_OTHER_UNIT = re.compile(rf"\b(?:{_NOT_METRES})\b")
_COPULA = re.compile(
    r"(?:^|.* )(?:is|are|was|be|being|equals|equal to|measures|measured (?:at|as|to be)|stands"
    r"|lies|lie|sits|spans|apart by|separated by|differ by|differs by|comes to|comes out (?:at"
    r"|to|as)"
    r"|amounts to|at|estimated (?:at|to be|as)|=|:|≈|→|->|stretches|extends|(?:distance"
    r"|difference|separation|gap|height|depth|length|total|value|estimate|span|offset"
    r"|displacement|shift) of"
    r"|have|has|get|gives|yields|located|situated|positioned|placed|it's|that's|they're|here"
    r"|found|appears|seems|looks|to be|distance|answer|result|estimate|approximately|d)$"
)
_SUFFIX = re.compile(
    r"(?:away|apart|from|between|to (?:the|its|their|it|a|an|lamp|object|each|reach)"
    r"|horizontally|vertically|laterally|deep|high|straight-line|in (?:the|depth|height|3d|a|total|length"
    r"|distance|space|straight|vertical|horizontal|real|world|all|between|front)"
    r"|on the|of (?:the|horizontal|vertical|height|distance|depth|separation|straight|ground"
    r"|difference|space|elevation)|along|across|above|below|behind|ahead|distant|distance"
    r"|straight|total|center|centre|measured|as measured|separate|separates|lie|lies|is the"
    r"|as the (?:crow|distance)|overall|difference|height|horizontal|vertical|lower|higher|or so"
    r"|approximately|approx|roughly|out|over (?:the|there)|if measured)(?: .*)?"
)
# "0.5 m higher than the lamp": a difference in height, named by who is up.
_HIGHER = re.compile(r"^(?:higher|lower)(?: (?:up|down))?(?: than(?: the| a)? [a-z]+(?: [a-z])?)?$")
_PARENTHESIS = re.compile(r"[(\[] ([^#()\[\]]*) [)\]]")
_MATHS = re.compile(
    rf"(?:{_Q}|sqrt|√|root|abs|max|min|[()\[\]|+*×·/^=≈,~-]|x|y|z|d|dx|dy|dz|h|w|distance|dist"
    rf"|height|difference|diff)(?: |$)"
)
_SAME = re.compile(
    rf"{_Q} (?:[(\[=≈,:/~]|or|i \.e \.|i\.e\.|ie|that is|which is|which equals|equivalent to"
    rf"|equal to|{_APPROX.strip()}| )*{_Q} ?(?:[)\]]|or so)?"
)
_CENTRED = re.compile(
    rf"{_Q} [(\[,:]* ?(?:range|ranging|anywhere|somewhere|likely|plausible range"
    rf"|interval)? ?:? ?(?:between|from|of)? ?{_Q} (?:and|to|-) {_Q} ?[)\]]?"
)
_TOLERANCE = re.compile(
    rf"{_Q} ?[,(]? ?(?:±|\+ / -|\+ -|\+/-|plus or minus|give or take|plus / minus) (?:about |~ )?{_Q}(?: \))?"
)
_CONTRAST = re.compile(
    rf"[ ,;(-]*(?:and |but )?(?:not|rather than|instead of"
    rf"|as opposed to) (?:{_APPROX})*{_Q}(?: (?:away|apart))?[ )]*$"
)
_SPACE = re.compile(r"\b3-?D\b", re.IGNORECASE)
_OR_SO = re.compile(rf"(?<={_Q}) or so(?= (?:away|apart|from)|[ .,]*$)")
_COMPOUND = {("ft", "in"), ("m", "cm"), ("km", "m"), ("m", "mm"), ("cm", "mm"), ("yd", "ft")}
_SYMBOL = {name: names.split()[0] for names in METRES for name in names.split()}
#: A tolerance up to this share of the value is one answer.
_SMALL_TOLERANCE = 0.10
#: A range beside a value is about that value when it reaches no farther than this factor.
_WIDEST = 2.0


def read_length(text: str) -> float | Failure:
    """Return the metres that an unwrapped answer commits to."""
    return one_number(parts(text), _sentence, _near, lambda sentence: bool(re.search(r"\d", sentence)))


def _near(metres: float, other: float) -> bool:
    return abs(other - metres) <= SAME_WITHIN * max(metres, other)


def _sentence(sentence: str) -> float | Failure:
    if words := _BARE_WORDS.fullmatch(sentence.strip()):
        return words_value(words["words"])
    marked, lengths = mark(_SPACE.sub("space", sentence), _LENGTH, _quantity)
    if len(lengths) > 9 or re.search(r"\d", marked):
        return "unparsed"
    marked = _OR_SO.sub("", _CONTRAST.sub("", marked))
    reduced = _combined(_right_side(marked), lengths)
    if isinstance(reduced, str):
        return reduced
    core, quantity = reduced
    at = core.find("#")
    before, after = core[:at].strip(), core[at + 2 :].strip()
    if not _leads_to(before) or not _trails(after):
        return "ambiguous" if _bounds(before, after) else "unparsed"
    if not quantity.unit and _OTHER_UNIT.search(f"{before} {after}"):
        return "unparsed"
    return _metres(quantity)


def _quantity(match: re.Match[str]) -> Quantity:
    if match["part"]:
        value = (0.5 if "half" in match["part"].lower() else 1.0) + (0.5 if match["plate"] else 0.0)
        return Quantity(value, match["punit"].lower())
    if match["feet"]:
        return Quantity(digits_value(match["feet"]) + digits_value(match["inches"] or "0") / 12, "ft")
    if match["digits"]:
        value, unit = digits_value(match["digits"]), (match["unit"] or "").lower()
    else:
        value, unit = words_value(match["words"]), match["wunit"].lower()
    return Quantity(value + (0.5 if match["dhalf"] or match["whalf"] or match["late"] else 0.0), unit)


def _metres(quantity: Quantity) -> float:
    return quantity.value * _FACTORS.get(quantity.unit, 1.0)


def _right_side(marked: str) -> str:
    """Return what a calculation comes to; any other text as it is."""
    cut = max(marked.rfind(" = "), marked.rfind(" ≈ "))
    if cut < 0:
        return marked
    left, right = marked[:cut], marked[cut + 3 :]
    rest = _MATHS.sub("", left + " ").strip()
    calculates = re.search(r"sqrt|√|root|[+*×·/^-]|\babs\b", left) is not None
    if rest or not calculates:
        # "The distance is sqrt(...) = 5 m": the words before the calculation must lead to it.
        lead = re.match(r"^[a-z' ]+ (?:is|=|:|≈|equals) (?=sqrt|√|#|\()", left)
        if not (
            lead
            and calculates
            and not _UNSAFE.search(lead[0])
            and not _MATHS.sub("", left[lead.end() :] + " ").strip()
        ):
            return marked
    return right


def _combined(marked: str, lengths: list[Quantity]) -> tuple[str, Quantity] | Failure:
    """Reduce several marks that say one length to a single one, ``#①``; the other words stay."""
    used = [lengths[index_of(sign)] for sign in re.findall(_Q, marked)]
    if not used:
        return "unparsed"
    if len(used) == 1:
        return re.sub(_Q, "#①", marked), used[0]
    first = used[0]
    for pattern, agrees in ((_TOLERANCE, _is_small), (_CENTRED, _is_centre), (_SAME, _is_same)):
        if (match := pattern.search(marked)) and agrees(used) and len(re.findall(_Q, match[0])) == len(used):
            unit = next((q.unit for q in used if q.unit), "")
            kept = first if first.unit else Quantity(first.value, unit)
            return f"{marked[: match.start()]}#①{marked[match.end() :]}", kept
    units = tuple(_SYMBOL.get(q.unit, q.unit) for q in used)
    joined = re.search(rf"{_Q} (?:and )?{_Q}", marked)
    if joined and units in _COMPOUND:
        total = Quantity(_metres(used[0]) + _metres(used[1]), "m")
        return f"{marked[: joined.start()]}#①{marked[joined.end() :]}", total
    return "ambiguous" if len({_metres(q) for q in used}) > 1 else "unparsed"


def _is_small(used: list[Quantity]) -> bool:
    value, tolerance = used[:2]
    return len(used) == 2 and tolerance.value * _factor(
        tolerance, value
    ) <= _SMALL_TOLERANCE * value.value * _factor(value, tolerance)


def _factor(one: Quantity, other: Quantity) -> float:
    return _FACTORS.get(one.unit or other.unit, 1.0)


def _is_centre(used: list[Quantity]) -> bool:
    value, low, high = [q.value for q in used] if len(used) == 3 else (0.0, 1.0, 0.0)
    return value / _WIDEST <= low <= value <= high <= value * _WIDEST


def _is_same(used: list[Quantity]) -> bool:
    if len(used) != 2:
        return False
    a, b = used
    if not a.unit or not b.unit or a.unit == b.unit:
        return a.value == b.value
    return abs(_metres(a) - _metres(b)) <= SAME_WITHIN * _metres(a)


def _leads_to(before: str) -> bool:
    """Whether the words before a length lead up to it: nothing, or a subject with its verb."""
    stripped = before
    while (shorter := re.sub(rf"(?:^|(?<= )){_APPROX}$", "", f"{stripped} ").strip()) != stripped:
        stripped = shorter
    stripped = _PARENTHESIS.sub(" ", stripped).strip(" ,(")
    if _UNSAFE.search(stripped):
        return False
    return not stripped or _COPULA.fullmatch(stripped) is not None


def _trails(after: str) -> bool:
    after = after.strip(" ,.")
    if inside := re.fullmatch(_PARENTHESIS.pattern + r"(?: (.*))?", after):
        return not _UNSAFE.search(inside[1].strip()) and (not inside[2] or _trails(inside[2]))
    after = _HIGHER.sub("", after.strip(" )"))
    return not after or (_SUFFIX.fullmatch(after) is not None and not _UNSAFE.search(after))


def _bounds(before: str, after: str) -> bool:
    return bool(
        re.search(
            r"(?:\b(?:than|least|most|under|over|below|above|within|up to|max|min|maximum"
            r"|minimum|beyond)|[<>≤≥] ?=?)$",
            before,
        )
        or re.match(r"\+|(?:or|and) (?:more|less|over|under|above|below|up)\b", after)
    )
