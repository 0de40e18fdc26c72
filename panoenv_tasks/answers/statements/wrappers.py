"""What is taken off an answer before it is read: mark-up, quotes, boxes, "I think the answer is"."""

from __future__ import annotations

import html
import json
import re
import unicodedata

_ROUNDS = 8

_SUPERSCRIPTS = str.maketrans({"²": "^2", "³": "^3", "⁰": "^0", "¹": "^1", **dict.fromkeys("⁴⁵⁶⁷⁸⁹ⁿ⁻⁺", "^")})
# A crossed-out mark denies what stands beside it.
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("‘’ʼ´′", "'"),
        **dict.fromkeys("“”„«»″", '"'),
        **dict.fromkeys("‐‑−", "-"),
        **dict.fromkeys("❌✗✘✖🚫❎", " not "),
    }
)
_DASH = re.compile(r"(?<!\d)\s*[–—]\s*|\s*[–—]\s*(?!\d)|\s*—\s*")
_STRUCK = re.compile(r"~~(?=\S)|</?(?:s|del|strike)>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>]{0,200}>", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/p|/div|/li)\s*/?>", re.IGNORECASE)
_FENCE = re.compile(r"```[ \t]*\w{0,20}[ \t]*\n?|`")
_EMPHASIS = re.compile(r"\*\*|(?<!\w)\*(?=\w)|(?<=\w)\*(?!\w)|(?<!\w)_{1,2}(?=\w)|(?<=\w)_{1,2}(?!\w)")
_LATEX_GROUP = re.compile(
    r"\\(?:boxed|fbox|text|textbf|textit|textrm|mathrm|mathbf|mathit|emph|rm|operatorname)\s*\{([^{}]*)\}"
)
_LATEX = {
    r"\approx": "≈", r"\sim": "~", r"\pm": "±", r"\times": "×", r"\cdot": "×", r"\sqrt": "sqrt",
    r"\left": "", r"\right": "", r"\,": " ", r"\;": " ", r"\:": " ", r"\!": "", r"\ ": " ",
    r"\(": "", r"\)": "", r"\[": "", r"\]": "", r"\%": "%",
}  # fmt: skip
_BOX = re.compile(
    r"(?:\b(?:at|in|with|of|located at)\s+)?[(\[]?\s?(?:\b(?:its |the )?(?:bounding\s?box|bbox"
    r"|box)\b\s?(?:of|is)?\s?[:=]?\s?)?"
    r"[(\[]\s?\d+(?:\.\d+)?(?:\s?,\s?\d+(?:\.\d+)?){3}\s?[)\]]\s?[)\]]?"
    r"|[(\[]\s?(?:bounding\s?box|bbox|box)\s?[:=]?\s?\d+(?:\s?,\s?\d+){3}\s?[)\]]",
    re.IGNORECASE,
)
_LIST_MARK = re.compile(
    r"^\s*(?:#{1,6}\s+|>\s*(?![\d.\s])|[*•●▪]\s+|[-+]\s+(?![\d.])|\d{1,2}[.)]\s+(?=[A-Za-z\"']))"
)
_ENDS = re.compile(r"^(?:\.{2,}|[\s;:]|[.,](?!\d))+|(?<!\bft)(?<!\bin)[\s.,;:!]+$")
_PAIRS = ('""', "''", "()", "[]", "{}")

_LEAD = re.compile(
    r"""^(?:
      (?:so|thus|therefore|hence|then|overall|clearly|certainly|definitely|absolutely|indeed|of\ course
        |obviously|surely|sure|well|ok|okay|finally|in\ short|in\ conclusion|to\ conclude|in\ summary
        |to\ sum\ up
        |conclusion|result|output|prediction|verdict|in\ my\ (?:opinion|view|estimation|judge?ment|estimate))
      (?:\s*[,:]\s*|\s+)(?=\S)
    | (?:based\ on|judging\ (?:by|from)|according\ to|from|looking\ at|given|in|as\ (?:seen|shown)\ in)
      \ (?:the|this|my|these)\ (?:\w+\ ){0,3}?
      (?:image|panorama|picture|scene|view|photo|boxes|positions|analysis|reasoning|context|coordinates),\s*
    | (?:(?:the|my|our|this|your)\s+)?
      (?:(?:final|correct|right|best|short|likely|most\ likely|estimated|one-word)\s+){0,2}
      (?:answer|ans|choice|option|response|conclusion|selection|pick|guess|solution|verdict)
      (?:\s+(?:here|to\s+(?:the|this|your)\s+question))?
      \s*(?:(?:is|would\ be|should\ be|must\ be|will\ be)(?:\s+that\b)?\s*:?|:|=|->|→|\s-\s)\s*
    | (?:it|that|this)(?:'s|\s+(?:is|was|would\s+be|must\s+be|should\s+be|will\s+be))\s+
    | i(?:'d|'m|\s+would|\s+will|'ll|\s+am|\s+do)?\s+
      (?:believe|think|estimate|say|guess|answer|choose|pick|select|go\ with|go\ for|conclude|judge|reckon
        |choosing|going\ with)
      (?:\s*[:,]\s*|\s+that\s+|\s+)
    | i(?:'m|\s+am)\s+(?:(?:fairly|quite|very|pretty|absolutely)\s+)?(?:confident|certain|sure|positive)\s+
      (?:that\s+)?
    | (?:selected|chosen|picked)\s*:\s*
    | (?:most\s+likely|very\s+likely|likely|probably|presumably|almost\s+certainly)\s+
    )""",
    re.IGNORECASE | re.VERBOSE,
)


def tidy(text: str) -> str:
    """Return the text in plain signs: no control characters, straight quotes and dashes, no struck-out."""
    if text.isascii() and text.isprintable():
        return _STRUCK.sub(" not ", text) if "~" in text or "<" in text else text
    text = _STRUCK.sub(" not ", text.translate(_SUPERSCRIPTS).translate(_SIGNS))
    text = unicodedata.normalize("NFKC", text)
    kept = [
        c
        for c in text
        if c.isspace() or c == "°" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "So")
    ]
    return _DASH.sub(", ", "".join(c if c == "\n" or not c.isspace() else " " for c in kept)).replace(
        "–", "-"
    )


def unwrap(answer: str, *, leads: bool = True) -> str:
    """Take off everything that only wraps an answer, outermost first; white space is collapsed.

    Line breaks stay, since they end sentences. Without ``leads``, "it is" and "I think" stay too.
    """
    text = _field(html.unescape(answer)) or html.unescape(answer)
    text = _plain(tidy(_latex(_FENCE.sub(" ", text))))
    for _ in range(_ROUNDS):
        before = text
        text = _LIST_MARK.sub("", text)
        text = _ENDS.sub("", text)
        text = _unquoted(text)
        if leads:
            text = _LEAD.sub("", text, count=1)
        if text == before:
            break
    return text.strip()


def _plain(text: str) -> str:
    text = _TAG.sub(" ", _BREAK.sub("\n", text))
    text = _BOX.sub(" ", _EMPHASIS.sub("", text))
    return re.sub(r" *\n+ *", "\n", re.sub(r" {2,}", " ", text)).strip()


def _latex(text: str) -> str:
    if "\\" not in text and "$" not in text:
        return text
    for _ in range(4):
        text = _LATEX_GROUP.sub(r" \1 ", text)
    for sign, plain in _LATEX.items():
        text = re.sub(re.escape(sign) + (r"(?![A-Za-z])" if sign[1].isalpha() else ""), f" {plain} ", text)
    return text.replace("$", " ").replace("{", "(").replace("}", ")")


def _field(text: str) -> str:
    """Return the answer field when the text is a JSON object or a list of one; empty otherwise."""
    if not text.lstrip("` \njson").startswith(("{", "[")):
        return ""
    try:
        content = json.loads(text.strip().strip("`").removeprefix("json"))
    except (ValueError, RecursionError):
        return ""
    if isinstance(content, list) and len(content) == 1:
        content = content[0]
    if isinstance(content, dict):
        named = [value for key, value in content.items() if "answer" in str(key).lower()]
        content = named[0] if len(named) == 1 else None
    return str(content) if isinstance(content, str | int | float) and not isinstance(content, bool) else ""


def _unquoted(text: str) -> str:
    for pair in _PAIRS:
        opening, closing = pair[0], pair[1]
        inner = text[1:-1]
        surrounds = len(text) > 2 and text[0] == opening and text[-1] == closing
        if surrounds and opening not in inner and closing not in inner:
            return inner.strip()
    return text
