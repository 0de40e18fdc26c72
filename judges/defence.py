"""Untrusted text on its way to a judge and back: what is shown, made harmless, suspected, and read.

A model's answer reaches the judge inside a prompt, and the judge's reply may quote it. So the answer is
picked out (``tagged_or_all``), made harmless (``neutralise``), searched for attempts to steer the judge
(``suspicions``), and the reply is read by rules that a quotation cannot satisfy (``parse_strict``).

Markup is broken by its shape, not by a list of names: afterwards no ``<`` is followed by a visible
character and no ``[`` by a letter or a slash. The control tokens of the known chat templates (ChatML,
Llama, Mistral, Gemma, DeepSeek) all have one of these shapes, and so do the tags of our own prompts.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Literal, get_args

from panoenv_tasks.answers.tags import first_answer

#: An answer that holds one of these is called no answer by the released P-Score script.
REFUSALS = (
    "cannot",
    "not sure",
    "unclear",
    "don't know",
    "unable",
    "no answer",
    "not visible",
    "insufficient",
)


def tagged_or_all(text: str) -> str | None:
    """Return the first Answer tag's content, or the whole text without one; None when it is blank.

    The released Q-Score script does the same, but puts blank answers to its judge too.
    """
    answer = first_answer(text)
    return (text.strip() if answer is None else answer) or None


def last_part(text: str) -> str | None:
    """Return the last 2,000 characters of the first Answer tag's content, or of the whole text without one.

    What a text commits to without a tag stands at its end.
    """
    answer = tagged_or_all(text)
    return None if answer is None else answer[-2000:]


def tagged_unless_refused(text: str) -> str | None:
    """Return the first Answer tag's content as the released P-Score script does.

    None: no tag, or a refusal word in it, which that script scores 0 without asking; or blank.
    """
    answer = first_answer(text)
    if answer is None or any(word in answer.lower() for word in REFUSALS):
        return None
    return answer or None


#: Brackets and colons that no compatibility mapping turns into the ASCII ones.
_LOOK_ALIKES = str.maketrans("〈〉‹›⟨⟩❬❭∶꞉", "<><><><>::")
_MARKUP = frozenset("<>[]|:=")
#: Letters of other scripts that look like those of "score", after compatibility mapping.
_FOREIGN_LETTERS = str.maketrans("ЅѕСсОоΟοРрЕеΕεГгꜱᴄᴏʀᴇϲ", "SsCcOoOoPpEeEeRrscorec")
#: Invisible whatever their category says (Default_Ignorable_Code_Point in DerivedCoreProperties, Unicode
#: 16); the filler letters of Hangul are the best known.
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
#: Controls that a terminal or a tokenizer takes for a line's end, and the blank of Braille.
_BLANKS = str.maketrans(dict.fromkeys("\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029", "\n") | {"\u2800": " "})
_ASCII_CONTROLS = {
    number: "\n" if chr(number) in "\v\f\x1c\x1d\x1e\x1f" else None
    for number in (*range(32), 127)
    if chr(number) not in "\n\r\t"
}
_EMOJI_STYLE = re.compile("(?<=[\u2190-\u2bff\U0001f000-\U0001faff])\ufe0f")


def neutralise(text: str) -> str:
    """Return ``text`` on one line, unable to form markup, hide characters or state a score.

    Digits, units, boxes ("[12, 40, 80, 99]") and ordinary punctuation stay as they are.
    """
    plain = _ascii_markup(drop_hidden(unicodedata.normalize("NFC", text)))
    if _SCORE_LINE.search(skeleton(plain)):
        plain = _SCORE_LINE.sub(r"\1 - ", skeleton(plain))
    plain = re.sub(r"<(?=\S)", "< ", plain)
    plain = re.sub(r"(?<=\S)>", " >", plain)
    plain = re.sub(r"\[(?=[^\W\d]|/)", "[ ", plain)
    return " ".join(plain.split())


def drop_hidden(text: str) -> str:
    """Return ``text`` without control and invisible characters (zero-width, direction marks, tags)."""
    if text.isascii():
        return text.translate(_ASCII_CONTROLS)
    visible = _IGNORABLE.sub("", text.translate(_BLANKS))
    return "".join(c for c in visible if c in "\n\r\t" or unicodedata.category(c) not in ("Cc", "Cf"))


def skeleton(text: str) -> str:
    """Return ``text`` as the Latin letters that it looks like: styles, accents and strokes taken off."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKD", _ascii_markup(text))
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_FOREIGN_LETTERS)


def _ascii_markup(text: str) -> str:
    """Return ``text`` with full-width and small forms of brackets, bars and colons as ASCII."""
    if text.isascii():
        return text
    forms = {c: unicodedata.normalize("NFKC", c) for c in set(text) if not c.isascii()}
    table = {ord(c): form for c, form in forms.items() if _MARKUP & set(form)}
    return text.translate(_LOOK_ALIKES).translate(table)


#: "Score" and its like in the languages that models answer in, as far as they state a number.
_CLAIM_WORDS = (
    "grade rating mark verdict puntuacion puntaje calificacion nota note bewertung punktzahl pontuacao"
    " classificacao punteggio voto wynik ocena оценка балл puan skor điểm poin betyg"
).split()
#: Of scripts that put no space between words.
_CLAIM_SIGNS = (
    "评分 評分 得分 分数 分數 打分 スコア 点数 採点 評価 评价 점수 평점 स्कोर अंक درجة نتيجة คะแนน".split()
)
_S_C_O_R_E = r"s[\W_]{0,2}c[\W_]{0,2}[o0][\W_]{0,2}r[\W_]{0,2}e"
_WORDS = "|".join(re.escape(skeleton(word)) for word in _CLAIM_WORDS)
_SIGNS = "|".join(re.escape(skeleton(sign)) for sign in _CLAIM_SIGNS)
#: A letter or an underscore before it does not make it another word for the judge.
_SCORE_LINE = re.compile(
    rf"(?i)({_S_C_O_R_E}|\b(?:{_WORDS})|{_SIGNS})(?:[^a-z0-9:=]{{0,8}}[:=])+(?=\W{{0,4}}[\w+-]|$)"
)

Suspicion = Literal["score", "control", "instruction", "mimicry", "hidden", "hedge"]
SUSPICIONS: tuple[Suspicion, ...] = get_args(Suspicion)

_CLAIM = re.compile(
    rf"(?i){_S_C_O_R_E}s?(?![a-z])(?:\s+(?:is|of|should be))?[\W_]{{0,12}}(?:\d|ten\b|full\b|max)"
    r"|\b\d{1,2}\s*/\s*10\b(?!\s+of\b)|\b(?:ten|10) (?:out )?of (?:ten|10)\b"
    r"|\b(?:grade|rating|mark|verdict)\b\W{0,6}(?:is|of|:|=)\W{0,4}(?:(?:10|\d)(?![\d.,]*\d|\s*[a-z])|ten\b)"
    rf"|\b(?:{_WORDS})\b\W{{0,6}}[:=]\W{{0,4}}(?:10|\d)(?![\d.,]*\d|\s*[a-z]{{1,12}}\b)"
    rf"|(?:{_SIGNS})\W{{0,6}}(?:是|为|為|は)?\W{{0,4}}(?:\d|十|満点|满分)"
    r"|\[\s*result\s*\]"
)
_CONTROL = re.compile(
    r"(?i)(?:<\s*\|[^<>\n]{0,40}\|\s*>"
    r"|</?s>|</?(?:think|tool_call|start_of_turn|end_of_turn|bos|eos|system|user|assistant|model)>"
    r"|<<\s*/?\s*SYS\s*>>"
    r"|\[\s*/?\s*(?:(?-i:INST|SYS|[gs]?MASK|CLS|SEP|PAD|BOS|EOS|UNK|[A-Z]{2,16}_[A-Z_]{2,16}))\s*\])"
    r"(?:\s*(?:system|user|assistant|model)\b)?"
)
_INSTRUCTION = re.compile(
    r"(?i)\b(?:ignore|disregard|forget|override)\b.{0,40}"
    r"\b(?:instructions?|rules?|rubric|prompt|above|previous|reference|everything)\b"
    r"|\b(?:grader|evaluator|judge|grading|evaluation|rubric|system (?:prompt|message))\b"
    r"|\b(?:give|award|assign|deserves?|output|(?:reply|respond) with)\b.{0,30}"
    r"\b(?:full|maximum|highest|perfect|top|10|ten)\b"
    r"|\breference(?: answer)? (?:is|was|seems) (?:wrong|incorrect|outdated|mistaken)\b"
    rf"|满分|滿分|満点|{skeleton('만점')}|忽略.{{0,12}}(?:指令|规则|规定|以上)"
    r"|\b(?:puntuacion|nota|note|note) (?:maxima|maximale)\b|\bvolle punktzahl\b|\bвысш\w{1,4} (?:балл|оценк)"
    r"|\b(?:ignora|ignorez|ignoriere)\b.{0,40}\b(?:instruc|regl|regel|anweisung)"
)
_MIMICRY = re.compile(
    r"(?im)^\s*(?:q|question|type|reference(?: answer)?|system|user|assistant|human)\s*:.*"
    r"|(?<=\n)\s*answer\s*:.*"
    r"|</?\s*(?:answer|reference|question|reasoning|type)\s*>"
    r"|^\s*#{2,}.*|-{3,}\s*end\b.*|\bend of (?:the )?(?:answer|prompt)\b.*"
)
_STEERING = (_CLAIM, _CONTROL, _INSTRUCTION, _MIMICRY)
_HEDGE = re.compile(r"(?i)\beither\b|\band/or\b|\b(?:all|any) of\b|\bor\b(?! (?:so|less|more|take)\b)")
_YES, _NO = re.compile(r"(?i)\byes\b"), re.compile(r"(?i)\bno\b")
_PART = re.compile(r"[^\n]*?(?:[.!?;,](?=\s)|[。！？；，]|\n|\Z)")


def suspicions(answer: str) -> tuple[Suspicion, ...]:
    """Return what in an answer looks like an attempt to steer the judge, in a fixed order.

    ``hedge`` (several options at once) is the one that is no injection.
    """
    text = _as_read(answer)
    look = skeleton(text)
    present: dict[Suspicion, bool] = {
        "score": bool(_CLAIM.search(look)),
        "control": bool(_CONTROL.search(look)),
        "instruction": bool(_INSTRUCTION.search(look)),
        "mimicry": bool(_MIMICRY.search(look)),
        "hidden": _hides_something(answer),
        "hedge": bool(_HEDGE.search(text) or (_YES.search(text) and _NO.search(text))),
    }
    return tuple(name for name in SUSPICIONS if present[name])


def without_steering(answer: str) -> str:
    """Return an answer without control tokens, mimicry, and clauses that speak to the judge.

    A hedge stays. The result is empty when nothing else is left, or when what is left still speaks to
    the judge.
    """
    text = answer
    for _ in range(2):
        text = _MIMICRY.sub("\n", _CONTROL.sub("\n", _as_read(text)))
        kept = [_before_steering(part) for part in _PART.findall(text)]
        text = " ".join("".join(kept).split()).strip(" ,;")
        if not _steers(skeleton(_as_read(text))):
            return text
    return ""


def _before_steering(part: str) -> str:
    """Return a clause, or what precedes a claim in it, when that does not speak to the judge."""
    look = skeleton(part)
    if not _steers(look):
        return part
    claim = _CLAIM.search(look)
    before = part[: claim.start()] if claim and len(look) == len(part) else ""
    return before.rstrip(" _*\"'(-") + " " if before.strip() and not _steers(skeleton(before)) else ""


def _steers(look: str) -> bool:
    return any(pattern.search(look) for pattern in _STEERING)


def _hides_something(answer: str) -> bool:
    # An emoji that asks for its coloured form hides nothing.
    plain = _EMOJI_STYLE.sub("", answer)
    return drop_hidden(plain) != plain


def _as_read(text: str) -> str:
    r"""Return the text as a reader sees it, white space in single characters.

    The latter also keeps the patterns linear: a ``\s*`` in them has at most one character to eat.
    """
    visible = drop_hidden(_ascii_markup(unicodedata.normalize("NFKC", drop_hidden(text))))
    return re.sub(r"\s+", lambda run: "\n" if "\n" in run[0] else " ", visible)


#: Raising it gives every stored verdict a new key, so nothing parsed by old rules is reused.
PARSER_VERSION = 1

_MARK = re.compile(r"score:\s*(\d+)", re.IGNORECASE)
# Starting where a run of digits starts finds the same match, in linear time.
_OF_TEN = re.compile(r"(?<!\d)(\d++)\s*+/\s*10")
_WHOLE_NUMBER = re.compile(r"\b(\d+)\b")
_STRICT = re.compile(r"Score: (10|[0-9])", re.ASCII)
_RESULT = re.compile(r"\[RESULT\]\s*\(?([1-5])\)?\.?\s*\Z", re.ASCII)


def parse_reference(reply: str) -> int | None:
    """Read a score as the released judge scripts do, flaws included.

    In order: the first ``Score: n``, the first ``n/10`` (both clamped to 10), the last line that is a
    number from 0 to 10, the last number from 0 to 10 anywhere. What they then call 0 is None here.
    """
    for pattern in (_MARK, _OF_TEN):
        if match := pattern.search(reply):
            value = _number(match[1])
            return None if value is None else min(10, value)
    lines = (line.strip() for line in reversed(reply.strip().split("\n")))
    candidates = [*filter(str.isdigit, lines), *reversed(_WHOLE_NUMBER.findall(reply))]
    values = (_number(text) for text in candidates)
    return next((value for value in values if value is not None and value <= 10), None)


def parse_strict(reply: str) -> int | None:
    """Read a reply that is ``Score: n`` with n from 0 to 10, and nothing else."""
    match = _STRICT.fullmatch(reply.strip())
    return int(match[1]) if match else None


#: A reply that a JSON schema for one score allows, as a pattern.
JSON_SCORE = r'\s*\{\s*"score"\s*:\s*(10|[0-9])\s*\}\s*'


def parse_json(reply: str) -> int | None:
    """Read a reply that is the object ``{"score": n}`` with n from 0 to 10, and nothing else."""
    match = re.fullmatch(JSON_SCORE, reply, re.ASCII)
    return int(match[1]) if match else None


def parse_result(reply: str) -> int | None:
    """Read the ``[RESULT] n`` with n from 1 to 5 that ends a Prometheus reply."""
    match = _RESULT.search(reply)
    return int(match[1]) if match else None


def what_is_said(reply: str) -> str:
    """Return a reply without white space around it; of the object ``{"reply": text}`` the text."""
    text = reply.strip()
    if not text.startswith("{"):
        return text
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return text
    said = parsed.get("reply") if isinstance(parsed, dict) and len(parsed) == 1 else None
    return said if isinstance(said, str) else text


#: A reader's reply when an answer commits to nothing.
NOTHING = "nothing"


def is_committed(reply: str) -> int | None:
    """Return 1 for a reader's reply that names what an answer commits to, 0 for ``nothing``."""
    said = what_is_said(reply)
    return None if not said else int(said != NOTHING)


def contradicts_itself(reply: str) -> bool:
    """Whether a reply holds several ``Score: n`` that differ: it quotes one, or it kept on writing."""
    return len(set(_MARK.findall(reply))) > 1


def _number(digits: str) -> int | None:
    r"""Return the value; None for what ``\d`` and ``isdigit`` accept but ``int`` does not ("²")."""
    try:
        return int(digits)
    except ValueError:
        return None
