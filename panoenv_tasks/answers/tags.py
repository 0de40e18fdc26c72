"""Where in a completion the answer stands, read in linear time.

The first three functions know the envelope ``<Reasoning>...</Reasoning><Answer>...</Answer>`` as the released
scorer does; the others read it as people would, and find answers that stand in no tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from panoenv_tasks.answers.statements.sentences import LONGEST_SENTENCE, takes_back

_OPEN = re.compile("<Answer>", re.IGNORECASE)
_CLOSE = re.compile("</Answer>", re.IGNORECASE)
_AFTER_REASONING = re.compile(r"\s*+<Answer>")
# Any letter case, white space, attributes.
_ANY_OPEN = re.compile(r"<\s{0,3}answer(?:\s[^<>]{0,200})?>", re.IGNORECASE)
_ANY_CLOSE = re.compile(r"<\s{0,3}/\s{0,3}answer\s{0,3}>", re.IGNORECASE)
_THOUGHT = re.compile(r"<(/?)(think|thinking|thought|thoughts)>", re.IGNORECASE)
_MARKER = re.compile(
    r"\b(?:answer\*{0,2}\s{0,3}[:=]|final answer\b|the (?:correct )?answer is\b)", re.IGNORECASE
)
_BOXED = re.compile(r"\\(?:boxed|fbox)\s{0,3}\{")
_JSON = re.compile(
    r"""["'](?:final[ _]?)?answer["']\s{0,20}:\s{0,20}("(?:[^"\\]|\\.){0,2000}"|[-+]?\w[\w.]{0,40})""",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?;](?=\s)|\n")


def first_answer(text: str) -> str | None:
    """Return the content of the first Answer tag, stripped; None when there is no complete tag."""
    opened = _OPEN.search(text)
    closed = _CLOSE.search(text, opened.end()) if opened else None
    return text[opened.end() : closed.start()].strip() if opened and closed else None


def all_answers(text: str) -> list[str]:
    """Return the contents of all Answer tags, in order, stripped."""
    answers = []
    position = 0
    while opened := _OPEN.search(text, position):
        closed = _CLOSE.search(text, opened.end())
        if closed is None:
            break
        answers.append(text[opened.end() : closed.start()].strip())
        position = closed.end()
    return answers


def has_valid_format(text: str) -> bool:
    """Whether a Reasoning block is followed, after white space only, by an Answer block.

    Case-sensitive, anywhere in the text: the format reward of the released scorer.
    """
    opened = text.find("<Reasoning>")
    last_close = text.rfind("</Answer>")
    if opened < 0 or last_close < 0:
        return False
    position = text.find("</Reasoning>", opened)
    while position >= 0:
        answer = _AFTER_REASONING.match(text, position + len("</Reasoning>"))
        if answer and answer.end() <= last_close:
            return True
        position = text.find("</Reasoning>", position + 1)
    return False


def tagged_answers(completion: str) -> list[str]:
    """Return the contents of all Answer tags in order, stripped.

    Letter case and attributes do not matter. A tag that another one opens inside, or that nothing closes,
    reads to that place or to the end. Thinking blocks are left out.
    """
    text = without_thoughts(completion)
    answers = []
    opened = _ANY_OPEN.search(text)
    while opened:
        following = _ANY_OPEN.search(text, opened.end())
        end = following.start() if following else len(text)
        closed = _ANY_CLOSE.search(text, opened.end(), end)
        answers.append(text[opened.end() : closed.start() if closed else end].strip())
        opened = following
    return answers


def untagged_answer(completion: str) -> str | None:
    """Return the answer of a completion without Answer tags; None when there is no place for one.

    It is the last of: a boxed expression, what follows "answer:", "final answer" or "the answer is", a
    JSON field ``answer``. Without any of them it is the whole text, if that is one sentence.
    """
    text = without_thoughts(completion).strip()
    candidates = [*_boxed(text), *_marked(text), *_json_fields(text)]
    if candidates:
        return max(candidates)[1]
    bare = _ANY_CLOSE.sub("", text).strip().strip("`").strip()
    if not bare or len(bare) > LONGEST_SENTENCE or _SENTENCE_END.search(bare[:-1].rstrip()):
        return None
    return bare


def without_thoughts(text: str) -> str:
    """Return the text without thinking blocks.

    A block that only closes began in the prompt; one that nothing closes never came to an answer.
    """
    kept: list[str] = []
    depth = position = 0
    for mark in _THOUGHT.finditer(text):
        if mark[1]:
            if depth == 0:
                kept.clear()
            depth = 0
        else:
            if depth == 0:
                kept.append(text[position : mark.start()])
            depth = 1
        position = mark.end()
    if depth == 0:
        kept.append(text[position:])
    return "".join(kept)


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    last = None
    for match in pattern.finditer(text):
        last = match
    return last


def _boxed(text: str) -> Iterator[tuple[int, str]]:
    last = _last(_BOXED, text)
    if last is None:
        return
    depth = 1
    for position in range(last.end(), min(len(text), last.end() + 2000)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            yield last.start(), text[last.end() : position]
            return


def _marked(text: str) -> Iterator[tuple[int, str]]:
    last = _last(_MARKER, text)
    if last is None:
        return
    rest = text[last.end() :].lstrip(" \t\r\n:=*")
    rest = re.sub(r"^is\b[\s:]*", "", rest)
    line = rest.split("\n", 1)[0]
    # An answer that is taken back further on is read with that, or it would look committed.
    yield last.start(), rest if takes_back(rest[len(line) :]) else line


def _json_fields(text: str) -> Iterator[tuple[int, str]]:
    last = _last(_JSON, text)
    if last:
        yield last.start(), last[1].strip('"')
