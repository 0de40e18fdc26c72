"""Untrusted text made harmless for a judge prompt.

Markup is broken by its shape, not by a list of names: afterwards no ``<`` is followed by a visible
character and no ``[`` by a letter or a slash. The control tokens of the known chat templates (ChatML,
Llama, Mistral, Gemma, DeepSeek) all have one of these shapes, and so do the tags of our own prompts.
"""

from __future__ import annotations

import re
import unicodedata

# One character to one character, so positions stay the same.
_LOOK_ALIKES = str.maketrans("＜＞〈〉‹›［］｜：∶꞉＝", "<><><>[]|:::=")
_FOREIGN_LETTERS = str.maketrans("ЅѕСсОоΟοРрЕеΕεГг", "SsCcOoOoPpEeEeRr")
_SCORE_LINE = re.compile(r"(?i)\b(s\s*c\s*o\s*r\s*e)\W{0,8}?[:=]")


def neutralise(text: str) -> str:
    """Return ``text`` on one line, unable to form markup, hide characters or state a score.

    Digits, units, boxes ("[12, 40, 80, 99]") and ordinary punctuation stay as they are.
    """
    plain = drop_hidden(unicodedata.normalize("NFC", text)).translate(_LOOK_ALIKES)
    if _SCORE_LINE.search(fold_letters(plain)):
        plain = _SCORE_LINE.sub(r"\1 -", fold_letters(plain))
    plain = re.sub(r"<(?=\S)", "< ", plain)
    plain = re.sub(r"(?<=\S)>", " >", plain)
    plain = re.sub(r"\[(?=[^\W\d]|/)", "[ ", plain)
    return " ".join(plain.split())


def drop_hidden(text: str) -> str:
    """Return ``text`` without control and format characters (zero-width, direction marks, tags)."""
    return "".join(c for c in text if c in "\n\r\t" or unicodedata.category(c) not in ("Cc", "Cf"))


def fold_letters(text: str) -> str:
    """Return ``text`` with the Cyrillic and Greek look-alikes of the letters of "score" in Latin."""
    return text.translate(_FOREIGN_LETTERS)
