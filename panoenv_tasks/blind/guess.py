"""What a blind solver returns, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Guess:
    """An answer in the wording of released answers, and one sentence on how it came about."""

    answer: str
    because: str

    @property
    def completion(self) -> str:
        """The guess as a full model output, reasoning and answer in their tags."""
        return f"<Reasoning>{self.because}</Reasoning><Answer>{self.answer}</Answer>"


def yes_or_no(true: bool) -> str:
    """Spell a truth value as released answers do."""
    return "Yes" if true else "No"
