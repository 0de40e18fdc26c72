"""From a model's text to a parsed answer. Nothing here knows the right answer."""

from typing import Literal

#: Why no single answer could be read: several were named, or none was recognised.
Failure = Literal["ambiguous", "unparsed"]

__all__ = ["Failure"]
