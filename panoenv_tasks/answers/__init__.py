"""From a model's text to a parsed answer. Nothing here knows the right answer."""

from typing import Literal, TypeGuard

#: Why no single answer could be read: several were named, or none was recognised.
Failure = Literal["ambiguous", "unparsed"]


def is_failure(value: object) -> TypeGuard[Failure]:
    """Whether a reading failed, and what there is instead of a value says how."""
    return value in ("ambiguous", "unparsed")


__all__ = ["Failure", "is_failure"]
