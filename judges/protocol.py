"""What a judge protocol is: how an answer is put to a judge and how the reply becomes a score.

A protocol is data plus pure functions; nothing here talks to a server. ``name@version`` is part of
every score's identity: whoever changes a prompt, a parser or a sampling value raises the version.
"""

from __future__ import annotations

import hashlib
import json
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from judges.records import MODEL_FAILURES, Verdict
from panoenv_tasks.records import Sample

Headline = Literal["mean", "mean_zero_filled"]
Metric = Literal["q_score", "p_score", "p5", "rules_score", "acc_read"]


class Message(NamedTuple):
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


#: What a server is told: all that vLLM knows, or only what every OpenAI-compatible server does, with or
#: without a JSON schema for the reply.
Dialect = Literal["vllm", "json", "plain"]
#: A chat goes to /v1/chat/completions, a plain text to /v1/completions.
Prompt = tuple[Message, ...] | str


@dataclass(frozen=True)
class JudgePrompt:
    """The fixed part of a judge prompt."""

    system: str
    user: str
    rubric: str

    @property
    def sha256(self) -> str:
        """Hash over all three texts, 64 hex digits."""
        return hashlib.sha256(json.dumps([self.system, self.user, self.rubric]).encode()).hexdigest()

    def fill(self, fields: Mapping[str, str]) -> tuple[str, str]:
        """Return the system and user text with every placeholder replaced, in one pass.

        Text that is put in is never searched for placeholders again. Half surrogate pairs, which no
        request can carry, become question marks.
        """
        encodable = {k: v.encode("utf-8", "replace").decode("utf-8") for k, v in fields.items()}
        system, user = (
            string.Template(part).substitute(encodable, rubric=self.rubric)
            for part in (self.system, self.user)
        )
        return system, user


@dataclass(frozen=True)
class Sampling:
    """Every sampling value is sent, so that no default of a server or a model takes part."""

    max_tokens: int
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = -1
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class Rescue:
    """When a free reply ends without a score: append ``opening``, force ``pattern`` after it."""

    opening: str
    pattern: str


@dataclass(frozen=True)
class ModelProtocol:
    """A protocol that asks a model.

    ``extract`` picks the answer out of the model's text (None: nothing to judge), ``clean`` is done to
    every untrusted field, ``lay_out`` turns system and user text into a prompt, and ``parse`` reads the
    reply (None: no score). ``pattern`` constrains the reply; token probabilities are then asked for, and
    where the protocol is ``weighed`` they make an expected score. ``schema``: the same as a JSON schema, for
    the dialect ``json``.
    ``reads_cut_replies``: a reply that hit ``max_tokens`` is parsed all the same. ``max_answer``:
    characters of an answer that the judge gets to see. ``headline``: what is published; the released
    scripts count what they cannot read as zeros.
    """

    id: str
    metric: Metric
    scale: tuple[int, int]
    sampling: Sampling
    template: JudgePrompt
    extract: Callable[[str], str | None]
    clean: Callable[[str], str]
    lay_out: Callable[[str, str], Prompt]
    parse: Callable[[str], int | None]
    pattern: str | None = None
    schema: str | None = None
    weighed: bool = False
    dialect: Dialect = "vllm"
    rescue: Rescue | None = None
    reads_cut_replies: bool = False
    max_answer: int | None = None
    headline: Headline = "mean"

    def build(self, sample: Sample, answer: str) -> Prompt:
        """Return the prompt that asks about ``answer`` (already extracted) to a sample's question."""
        fields = {
            "question": sample.question,
            "type": sample.question_type,
            "reference": sample.answer,
            "answer": answer[: self.max_answer],
        }
        cleaned = {name: self.clean(text) for name, text in fields.items()}
        return self.lay_out(*self.template.fill(cleaned))


@dataclass(frozen=True)
class RulesProtocol:
    """A protocol that computes the rubric itself; no model, no server."""

    id: str
    metric: Metric
    scale: tuple[int, int]
    grade: Callable[[Sample], Verdict]
    headline: Headline = "mean"


Protocol = ModelProtocol | RulesProtocol


def as_chat(system: str, user: str) -> Prompt:
    """A system and a user turn."""
    return (Message("system", system), Message("user", user))


def as_one_turn(system: str, user: str) -> Prompt:
    """Fold the system text into the user turn, for templates that refuse a system role."""
    return (Message("user", f"{system}\n\n{user}"),)


def as_one_paragraph(system: str, user: str) -> Prompt:
    """One user turn without a blank line between, as FastChat's "mistral" layout has it."""
    return (Message("user", f"{system}\n{user}"),)


def as_plain_text(system: str, user: str) -> Prompt:
    """Both texts, for ``/v1/completions``."""
    return f"{system}\n\n{user}"


def counted_score(protocol: Protocol, verdict: Verdict) -> float | None:
    """Return what a verdict adds to the published mean; None: nothing, it is missing.

    Silence is no escape: the judged model's own failures (``records.MODEL_FAILURES``) are worth the
    lowest score of the scale. The judge's failures are missing, except where the protocol publishes
    zeros for them.
    """
    if verdict.score is not None:
        return float(verdict.score)
    if verdict.status in MODEL_FAILURES or protocol.headline == "mean_zero_filled":
        return float(protocol.scale[0])
    return None
