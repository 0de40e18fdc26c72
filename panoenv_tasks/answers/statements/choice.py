"""Multiple choice: a sentence that picks exactly one of the question's options."""

from __future__ import annotations

import re
from collections.abc import Sequence

from panoenv_tasks.answers import Failure
from panoenv_tasks.answers.statements.comparisons import compares, comparison
from panoenv_tasks.answers.statements.options import Marked, mark_options
from panoenv_tasks.answers.statements.sentences import doubtful, harmless, parts
from panoenv_tasks.taxonomy import Wording

_LETTER = re.compile(
    r"^(?:option|choice|answer)?\s*[(\[]?([A-Ha-h])(?:[)\].:]+|\s+-|,)\s*(?=\S)", re.IGNORECASE
)
_ONLY_LETTER = re.compile(r"^(?:option|choice|answer)?\s*[(\[]?([A-Ha-h])[)\].:]*$", re.IGNORECASE)
_LISTED = re.compile(
    r"(?:^|[\s(])([A-H])[).:]\s+(.{1,80}?)(?=\s*(?:[,;]?\s*\(?\b[A-H][).:]\s|[,;?]?$))", re.MULTILINE
)

_DET = r"(?:(?:the|a|an|that|this|object|option) )?"
_NOUN = (
    "view|views|camera|perspective|face|side|direction|image|panel|environment|scene|setting"
    "|category|type|place|location"
    "|area|object|one|option|item|space|facing|cube"
)
_OPT = rf"{_DET}@(?P<{{0}}>\d)(?:-?(?: |(?<=-))(?:{_NOUN}))*"
_LIST = rf"{_DET}@\d(?:(?: ,)?(?: (?:and|or|nor|both))? {_DET}@\d)*"
#: Words that may surround a choice: nothing here denies, doubts or compares.
_FILL = set(
    """
    that a here the an this these those it its of from in to at on by with as for is are was be been
    has have having would should must seems seem looks look appears appear comes come belongs belong
    originates originate lies lie sits stands located situated positioned placed visible seen shown
    depicted captured attributed assigned taken set found described classified identified considered
    which what who object objects one item thing answer choice option view views camera cameras
    viewer observer us me perspective face side cube image picture panorama scene environment
    setting place location category type kind class classification area space room part portion
    primary primarily main mainly mostly most shows show depicts displays represents features like
    likely correct fitting fit fits matches match general largest share overall physically clearly
    definitely certainly also both all two three them between among given around world real 3d
    volume size shape physical distance depth clear visually position spatially takes take up
    occupies occupy more much indeed obviously significantly slightly considerably somewhat bit
    little lot away within inside indicated it's that's scene's object's viewer's camera's will
    choose chosen picked select even
    """.split()
)
# What may stand right before the choice where objects are compared: "far from X" is no answer.
_LEADS = re.compile(
    r"(?:^|\b(?:is|are|was|be|being|choose|pick|select|say)|[:=])(?: (?:the|a|an|object|option))? ?$"
)
_COMPARED = r"(?:than|compared to|compared with|versus|vs \.|vs|relative to|out of|among|of)"
_PICK = re.compile(rf"(?P<head>[^@]*?)(?:(?<= )|^){_OPT.format('pick')}(?P<tail>(?: .*)?)")
_AGAINST = re.compile(
    rf"(?P<pred>.*?) {_COMPARED} (?:both |either |all )?(?:of )?{_LIST}(?: (?:is|are|does|do|was))?"
    r"(?: (?:to|from) the (?:viewer|camera|observer))?"
)
_OTHERS = (
    r"(?:(?:the )?(?:other|others|rest|other (?:one|two|ones|objects?|options?|views?)|all others"
    r"|any other(?: one| object)?))"
)
_AGAINST_OTHERS = re.compile(rf"(?P<pred>.*?) {_COMPARED} (?:both |all )?(?:of )?{_OTHERS}")
_CONTRAST = re.compile(
    rf"[ ,;(-]*(?:and |but )?(?:not|rather than|instead of|as opposed to|over|unlike|versus|vs"
    rf"|as compared to)(?: in| from| on)? {_LIST}(?: {_NOUN})?[ )]*"
)
_OTHER_IS = re.compile(
    rf"[ ,;(-]*(?:and |while )?the other (?:one |object |option )?(?:is|being|was) {_LIST}[ )]*"
)
_AMONG = re.compile(
    rf"^(?:between|among|amongst|of|out of|comparing|compared to|compared with|from)"
    rf"(?:(?: (?:the|all|these))*(?: (?:two|three))(?: objects| options| items)?(?: ?:? {_LIST})?"
    rf"| {_LIST}) ?, "
)
# "right (the box lies in the right part)": a remark that names no other option.
_ASIDE = re.compile(r" \( ([^()]*) \)$")
_JOINED = re.compile(
    rf"@(\d)(?: (?:{_NOUN}))*(?: ?(?:,|/|&|\+|-|or|and|and/or|either|maybe"
    rf"|possibly))+ {_DET}(?:maybe |possibly |perhaps )?@(\d)"
)
_EITHER = re.compile(r"\b(?:or|either|maybe|both|perhaps|possibly)\b")


def read_option(text: str, options: Sequence[str], wording: Wording | None) -> int | Failure:
    """Return the index of the one option that an unwrapped answer picks.

    Args:
        text: The answer.
        options: As gold answers spell them ("The crate", "Lamp A", "CoalMine"). Twice the same name is one
            option.
        wording: The question; its relation decides what "X is closer than Y" picks.
    """
    text, agreed = _without_letter(text, options, wording)
    if agreed is not None:
        return agreed
    answer = parts(text)
    others = wording.objects if wording and not compares(wording) else ()
    marked = mark_options(answer.said, options, others)
    rest = [mark_options(sentence, options, others) for sentence in answer.rest]
    reason = mark_options(answer.reason, options, others)
    whole = " ; ".join(m.text for m in (marked, reason, *rest))
    if marked.loose:
        return "ambiguous" if "@" in marked.text else "unparsed"
    among = frozenset(map(options.index, options))
    picked = _picked(marked, wording, among)
    if picked is None or not harmless(reason.text, argues=True):
        return _failed(marked.text, whole)
    for sentence in rest:
        again = _picked(sentence, wording, among)
        if again is not None and again != picked:
            return "ambiguous"
        if again is None and (not harmless(sentence.text) or not _about(sentence.text, picked)):
            return _failed(marked.text, whole)
    return picked


def lettered_options(question: str) -> tuple[str, ...]:
    """Return the options that a question lists under letters ("A. mug B. jug"); empty when it does not."""
    listed = _LISTED.findall(question[:4000])
    letters = "".join(letter for letter, _ in listed)
    return (
        tuple(name.strip(" ,;?") for _, name in listed)
        if len(listed) > 1 and "ABCDEFGH".startswith(letters)
        else ()
    )


def _without_letter(text: str, options: Sequence[str], wording: Wording | None) -> tuple[str, int | None]:
    """Take off a letter that agrees with the option behind it; a bare one counts where it was printed."""
    if wording is None and (only := _ONLY_LETTER.match(text)):
        index = ord(only[1].upper()) - ord("A")
        return text, index if index < len(options) else None
    letter = _LETTER.match(text)
    if not letter:
        return text, None
    behind = mark_options(text[letter.end() :], options)
    named = re.match(rf"{_DET}@(\d)", behind.text)
    index = ord(letter[1].upper()) - ord("A")
    return (text[letter.end() :] if named and int(named[1]) == index else text), None


def _picked(marked: Marked, wording: Wording | None, among: frozenset[int]) -> int | None:
    """Return the option that one sentence picks; None when the grammar does not cover the sentence."""
    text = re.sub(r"^no , ", "", _AMONG.sub("", marked.text.strip(" ,")).strip(" ,"))
    if marked.loose or doubtful(text):
        return None
    aside = _ASIDE.search(text)
    named = set(re.findall(r"@(\d)", text))
    if aside and len(named) == 1 and "@" in text[: aside.start()] and harmless(aside[1]):
        text = text[: aside.start()]
    for clause in re.finditer(r" ?[,;] | (?:while|whereas|and) |$", text):
        head, tail = text[: clause.start()], text[clause.start() :]
        picked = _clause(head, wording, among)
        if picked is not None and _tail_agrees(tail, picked, wording, among):
            return picked
    return None


def _clause(text: str, wording: Wording | None, among: frozenset[int]) -> int | None:
    for contrast in (_CONTRAST, _OTHER_IS):
        for match in contrast.finditer(text):
            if match.end() == len(text):
                text = text[: match.start()]
                break
    picked = _PICK.fullmatch(text.strip(" ()"))
    if not picked:
        return None
    pick, head, tail = int(picked["pick"]), picked["head"].strip(" :=,"), picked["tail"].strip()
    if head and compares(wording) and not _LEADS.search(picked["head"]):
        return None
    head_says = _relation(head, wording)
    if head_says is None:
        return None
    compared = _AGAINST.fullmatch(f" {tail}") or _AGAINST_OTHERS.fullmatch(f" {tail}")
    against_ids = {int(i) for i in re.findall(r"@(\d)", tail)}
    if pick in against_ids:
        return None
    predicate = compared["pred"].strip() if compared else tail
    tail_says = _relation(predicate, wording)
    if tail_says is None or (compared and tail_says == 0):
        return None
    says = head_says or tail_says
    if head_says and tail_says and head_says != tail_says:
        return None
    if says >= 0:
        return pick
    # Two objects: the one that has less of it leaves the other.
    others = among - {pick}
    return min(others) if len(others) == 1 else None


def _relation(text: str, wording: Wording | None) -> int | None:
    """Return 1 for the question's relation, -1 for its contrary, 0 for none; None when not covered."""
    compared = comparison(wording)
    if compared is None:
        return 0 if _covered(text) else None
    if compares(wording) and re.search(r"\bas\b", text):
        return None
    rest, said = compared.signs(text)
    if len(said) > 1 or not _covered(rest):
        return None
    return said.pop() if said else 0


def _covered(text: str) -> bool:
    return all(word in _FILL for word in re.sub(r"[(),:=]", " ", text).split())


def _tail_agrees(tail: str, picked: int, wording: Wording | None, among: frozenset[int]) -> bool:
    text = tail.strip(" ,;")
    text = re.sub(r"^(?:while|whereas|and) ", "", text)
    if not text or _CONTRAST.fullmatch(tail) or _OTHER_IS.fullmatch(tail):
        return True
    if inside := re.fullmatch(r"\( ?([^()]*)\)", text):
        return harmless(inside[1]) and _about(inside[1], picked)
    again = _picked(Marked(text, loose=False), wording, among)
    return again == picked


def _about(text: str, picked: int) -> bool:
    """Whether a further sentence names no other option, or only in comparison."""
    compared = re.sub(rf"\b{_COMPARED} (?:both |either )?{_LIST}", " ", text)
    return all(int(i) == picked for i in re.findall(r"@(\d)", compared)) and not re.search(
        r"\b(?:not|never|n't)\b", text
    )


def _failed(said: str, whole: str) -> Failure:
    joined = _JOINED.search(said)
    if joined and joined[1] != joined[2]:
        return "ambiguous"
    named = set(re.findall(r"@(\d)", whole))
    return "ambiguous" if len(named) > 1 and _EITHER.search(said) else "unparsed"
