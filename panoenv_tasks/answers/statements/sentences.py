"""The parts of an answer: its first sentence, the reason it gives, and what would take it back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from panoenv_tasks.answers import Failure

#: A longer sentence commits to nothing that these questions ask for.
LONGEST_SENTENCE = 400
_END = re.compile(
    r"(?<!\bapprox)(?<!\bvs)(?<!\bft)(?<!\bca)(?<!\bc)(?<!\betc)(?<!\be\.g)(?<!\bi\.e)(?:[.!;](?=\s|$)|\.{3}|…)\s*|\n+"
)
_REASON = re.compile(
    r"[\s,:(-]*\b(?:because|since|given(?: that)?|due to|owing to|seeing that|considering"
    r"|judging (?:by|from)|based on"
    r"|as (?=(?:it|they|its|their|the|this|that|both|can be|seen|shown|indicated|i|we|there|lamp|one)\b)"
    r"|on the basis of|by (?:comparing|looking)|according to)\b",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    r"\b(?:wait|actually|scratch that|on second thought|correction|i (?:was|am) wrong|i mean"
    r"|or rather|let me (?:re|correct)"
    r"|i take (?:that|it) back|never ?mind|hold on|hmm+)\b",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"\b(?:can ?not|can't|could ?n[o']t|unable to|impossible to|not possible to|hard to"
    r"|difficult to|no way to|fail(?:ed)? to)"
    r" (?:be )?(?:\w+ly )?(?:determine|tell|say|answer|judge|know|confirm|assess|verif|decide"
    r"|conclude|infer|estimate|measure|see\b|be sure|be certain)"
    r"|\b(?:i|we) (?:can ?not|can't|don'?t|do not|could ?n[o']t|have no|am not|'m not)\b"
    r"|\b(?:no idea|unclear|unknown|unsure|uncertain|undetermined|indeterminate|undecid"
    r"|ambiguous|not (?:sure|certain|clear|known|enough|visible in the image))\b"
    r"|\b(?:insufficient|not enough|lack of|lacks?|without (?:more|further|an?"
    r"|the)) (?:\w+ )?(?:information|context|data|image|detail)"
    r"|\b(?:image|picture|panorama|photo)s? (?:is|was|were|are|has|have) (?:not|missing|n[o']t|blank|black)"
    r"|\bno (?:\w+ )?(?:image|picture|panorama|information|answer|data|way|clue|opinion)\b"
    r"|\bn/a\b|\b50 ?/ ?50\b|\bcoin (?:flip|toss)\b"
    r"|\b(?:random|wild|pure|just a) guess|\bguessing\b|\bsorry\b",
    re.IGNORECASE,
)
_HEDGE = re.compile(
    r"\b(?:or|either|maybe|perhaps|possibly|might|may(?: also)? be|could(?: also)? be"
    r"|could (?:go|well)|alternatively|unless|otherwise|depending|depends"
    r"|if|whichever|whatever|any of|none of|neither|nor|both options)\b|\?",
    re.IGNORECASE,
)
_DENIAL = re.compile(
    r"\b(?:at least|at most|wrong|incorrect|mistaken|untrue|ruled out|excluded|eliminated|unlikely|opposite"
    r"|contrary|reverse|except|anything but"
    r"|far from|not really|not quite|not so|not true|not the case|not correct|not right"
    r"|not (?:the|my|an?) (?:\w+ )?(?:answer|choice|option)"
    r"|n't (?:true|correct|right|think|so)|is false|not exactly|by no means|hardly|scarcely|but"
    r"|however|although|though|yet)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Parts:
    """``said`` commits, or nothing does; ``reason`` argues for it; ``rest`` are the further sentences."""

    said: str
    reason: str
    rest: tuple[str, ...]


def parts(text: str) -> Parts:
    """Split an answer into its first sentence, that sentence's reason, and the other sentences."""
    ends = [match.span() for match in _END.finditer(text)]
    starts = [0, *(end for _, end in ends)]
    stops = [*(start for start, _ in ends), len(text)]
    pieces = [text[a:b].strip() for a, b in zip(starts, stops, strict=True)]
    sentences = [sentence for sentence in pieces if sentence]
    if not sentences:
        return Parts("", "", ())
    if max(map(len, sentences)) > LONGEST_SENTENCE:
        return Parts("", "", ())
    reason = _REASON.search(sentences[0], 1)
    said = sentences[0][: reason.start()] if reason else sentences[0]
    argued = sentences[0][reason.end() :] if reason else ""
    return Parts(said.strip(" ,:"), argued, tuple(sentences[1:]))


def one_number(
    said: Parts,
    read: Callable[[str], float | Failure],
    same: Callable[[float, float], bool],
    has_number: Callable[[str], bool],
) -> float | Failure:
    """Return the number that the first sentence commits to, where nothing after it speaks against it.

    Args:
        said: The answer.
        read: The number that one sentence commits to, or why there is none.
        same: Whether two numbers are one answer.
        has_number: Whether a sentence that commits to none names one all the same.
    """
    value = read(said.said)
    if isinstance(value, str):
        return value
    if not harmless(said.reason, argues=True):
        return "unparsed"
    for sentence in said.rest:
        again = read(sentence)
        if not isinstance(again, str):
            if not same(value, again):
                return "ambiguous"
        elif not harmless(sentence) or has_number(sentence):
            return again
    return value


def takes_back(text: str) -> bool:
    """Whether something in a free text takes back what was said before it."""
    return bool(_TAKEN_BACK.search(text))


def harmless(text: str, *, argues: bool = False) -> bool:
    """Whether a free text leaves a statement before it standing: no refusal, hedge, denial, question.

    Args:
        text: A reason or a further sentence.
        argues: It is a reason, which may deny something else ("because it is not the nearer one").
    """
    if _TAKEN_BACK.search(text) or _REFUSAL.search(text) or _HEDGE.search(text):
        return False
    return argues or not _DENIAL.search(text)


def doubtful(text: str) -> bool:
    """Whether a short text hedges or refuses on its face."""
    return bool(_HEDGE.search(text) or _REFUSAL.search(text))
