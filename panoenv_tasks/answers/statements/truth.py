"""True/false: an answer that says Yes or No, or that something is or is not so."""

from __future__ import annotations

import re

from panoenv_tasks.answers import Failure
from panoenv_tasks.answers.statements.sentences import harmless, parts
from panoenv_tasks.answers.statements.wrappers import unwrap

_POLARITY = {
    **dict.fromkeys("yes yeah yep yup true correct affirmative right".split(), True),
    **dict.fromkeys("no nope nah false incorrect negative untrue wrong".split(), False),
}
_WORD = "|".join(sorted(_POLARITY, key=len, reverse=True))
_HEAD = re.compile(rf"(?P<word>{_WORD})(?![\w'])\s*(?P<mark>[,:;(\[-]?)\s*", re.IGNORECASE)
_LETTERED = re.compile(r"^(?:option\s+)?[(\[]?([ABab])[)\].:]\s*(?=(?:yes|no|true|false)\b)", re.IGNORECASE)
_AUX = (
    "is|are|was|were|does|do|did|can|could|has|have|will|would|should|isn't|aren't|wasn't"
    "|weren't|doesn't|don't|didn't"
    "|can't|cannot|hasn't|haven't|won't|wouldn't"
)
_SUBJECT = (
    "it|they|this|that|there|he|she|these|those|both(?: of them)?|this statement|the statement"
    "|the claim|that statement"
)
_ECHO = re.compile(
    rf"(?:(?:{_SUBJECT}) (?P<aux>{_AUX})|(?P<short>it's|that's|they're))(?P<neg> not"
    rf"| n't)?(?: (?:really|indeed|actually|definitely|certainly|simply|in fact))?"
    r"(?: (?:a |an |the )?(?P<claim>true|correct|right|false|incorrect|wrong|untrue|so|the case"
    r"|accurate)(?: statement| claim)?)?",
    re.IGNORECASE,
)
_BARE_CLAIM = re.compile(r"(?P<neg>not |un|in)(?P<claim>true|correct|accurate|the case)", re.IGNORECASE)
_DENIED_CLAIM = re.compile(
    r"(?:not|n't) (?:\w+ )?(?:true|correct|right|so|the case|accurate)\b", re.IGNORECASE
)
_NOT_SO = re.compile(r"i (?:don't|do not) (?:think|believe) (?:so|it is|that is true)", re.IGNORECASE)
_FALSE_CLAIMS = {"false", "incorrect", "wrong", "untrue"}
_AGAIN = re.compile(r"\b(?:yes|yeah|yep|no|nope|true|false|incorrect|untrue)\b", re.IGNORECASE)
# "There is no gap", "with no overlap": a determiner, not an answer.
_DETERMINER = re.compile(
    r"\b(?:is|are|was|has|have|had|with|by|share|shares|see|sees|show|shows|at|in|there's"
    r"|contains?) no (?=\w)",
    re.IGNORECASE,
)


def read_truth(answer: str) -> bool | Failure:
    """Return True for Yes, False for No, from an answer with its wrappers."""
    bare = unwrap(answer, leads=False)
    spoken = parts(bare)
    said = _echo(spoken.said)
    if said is None:
        text = _LETTERED.sub(_agreeing_letter, unwrap(answer))
        spoken = parts(text)
        said = _said(spoken.said)
    if said is None or not harmless(spoken.reason, argues=True):
        return _failed(bare)
    if not all(harmless(sentence) for sentence in spoken.rest):
        return _failed(bare)
    if any(_contradicts(more, said) for more in (spoken.reason, *spoken.rest)):
        return "ambiguous"
    return said


def _agreeing_letter(match: re.Match[str]) -> str:
    word = match.string[match.end() :].lower()
    agrees = (match[1].lower() == "a") == word.startswith(("yes", "true"))
    return "" if agrees else match[0]


def _said(sentence: str) -> bool | None:
    """Return what one sentence commits to; None when the grammar does not cover it."""
    if (echo := _echo(sentence)) is not None:
        return echo
    if sentence.lower() in ("y", "n"):
        return sentence.lower() == "y"
    head = _HEAD.match(sentence)
    if not head:
        return None
    value, tail = _POLARITY[head["word"].lower()], sentence[head.end() :].strip(" )]")
    if not tail:
        return value
    if (echo := _echo(tail)) is not None:
        # "No, that is not the case" denies the question or the No: nobody can say which.
        return value if echo is value and not _DENIED_CLAIM.search(tail) else None
    stands = head["mark"] and harmless(tail) and not _contradicts(tail, value)
    return value if stands and tail.lower() != "not" else None


def _contradicts(text: str, value: bool) -> bool:
    """Whether a clause beside the answer says the other thing about it by itself."""
    if (echo := _echo(text.strip(" ,"))) is not None:
        return echo is not value
    plain = _DETERMINER.sub(" ", text)
    return any(_POLARITY[word.lower()] is not value for word in _AGAIN.findall(plain))


def _echo(text: str) -> bool | None:
    """Return what a clause says that takes up the question ("it is not", "that is true"); None for others."""
    if _NOT_SO.fullmatch(text):
        return False
    if bare := _BARE_CLAIM.fullmatch(text):
        return False if bare["neg"].lower().strip() else None
    match = _ECHO.fullmatch(text)
    if not match:
        return None
    auxiliary = (match["aux"] or "is").lower()
    negative = bool(match["neg"]) or auxiliary.endswith("n't") or auxiliary == "cannot"
    claim = (match["claim"] or "").lower()
    if claim in _FALSE_CLAIMS:
        return None if negative else False
    return not negative


def _failed(text: str) -> Failure:
    said = {
        _POLARITY[word.lower()]
        for word in re.findall(
            r"\b(?:yes|no|true|false)\b(?! (?:idea|answer|way|image|information))", text, re.IGNORECASE
        )
    }
    return "ambiguous" if len(said) > 1 else "unparsed"
