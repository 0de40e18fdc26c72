"""The protocols by name, and the variants of them that a user may ask for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from judges import rules
from judges.defence import (
    JSON_SCORE,
    is_committed,
    last_part,
    neutralise,
    parse_json,
    parse_reference,
    parse_result,
    parse_strict,
    tagged_or_all,
    tagged_unless_refused,
)
from judges.prompts import (
    PROMETHEUS_EVAL,
    READER_PLACEHOLDERS,
    built_in,
    from_file,
    from_prometheus_eval,
    from_release,
)
from judges.protocol import (
    Dialect,
    ModelProtocol,
    Protocol,
    Rescue,
    RulesProtocol,
    Sampling,
    as_chat,
    as_one_paragraph,
    as_one_turn,
    as_plain_text,
)
from panoenv_tasks.items import DataError

#: Released gold answers have fewer than 100 characters.
MAX_ANSWER = 2000


def _as_is(text: str) -> str:
    return text


def _reference() -> dict[str, ModelProtocol]:
    template = built_in("reference")
    q = ModelProtocol(
        id="qscore/reference@1",
        metric="q_score",
        scale=(0, 10),
        # The released script decodes greedily under the judge's own generation config; Qwen2.5-7B-
        # Instruct ships a repetition penalty of 1.05.
        sampling=Sampling(max_tokens=2000, repetition_penalty=1.05),
        template=template,
        extract=tagged_or_all,
        clean=_as_is,
        lay_out=as_chat,
        parse=parse_reference,
        reads_cut_replies=True,
        headline="mean_zero_filled",
    )
    # Prometheus' chat template refuses a system role; the released script then falls back to plain text.
    p = replace(
        q,
        id="pscore/reference@1",
        metric="p_score",
        sampling=Sampling(max_tokens=1000),
        extract=tagged_unless_refused,
        lay_out=as_plain_text,
    )
    return {q.id: q, p.id: p}


def _strict() -> dict[str, ModelProtocol]:
    q = ModelProtocol(
        id="qscore/strict@2",
        metric="q_score",
        scale=(0, 10),
        # A constrained reply may be spelled in single characters: 9 tokens and an end token.
        sampling=Sampling(max_tokens=16),
        template=built_in("strict"),
        extract=tagged_or_all,
        clean=neutralise,
        max_answer=MAX_ANSWER,
        lay_out=as_chat,
        parse=parse_strict,
        pattern="Score: (10|[0-9])",
        weighed=True,
    )
    p = replace(q, id="pscore/strict@2", metric="p_score", lay_out=as_one_turn)
    return {q.id: q, p.id: p}


def _absolute() -> dict[str, ModelProtocol]:
    protocol = ModelProtocol(
        id="prometheus/absolute@2",
        metric="p5",
        scale=(1, 5),
        # Greedy instead of the package's temperature 1.0, so that a run can be repeated; its
        # repetition penalty and length are kept (prometheus-eval 0.1.20).
        sampling=Sampling(max_tokens=1024, repetition_penalty=1.03),
        template=built_in("absolute"),
        extract=tagged_or_all,
        clean=neutralise,
        max_answer=MAX_ANSWER,
        lay_out=as_one_turn,
        parse=parse_result,
        rescue=Rescue(opening="\n[RESULT] ", pattern="[1-5]"),
    )
    return {protocol.id: protocol}


def _reader() -> dict[str, ModelProtocol]:
    protocol = ModelProtocol(
        id="reader@1",
        metric="acc_read",
        scale=(0, 1),
        sampling=Sampling(max_tokens=48),
        template=built_in("reader", READER_PLACEHOLDERS),
        extract=last_part,
        clean=neutralise,
        lay_out=as_chat,
        parse=is_committed,
    )
    return {protocol.id: protocol}


def protocols() -> dict[str, Protocol]:
    """Return the built-in protocols by id."""
    computed = RulesProtocol("rules@2", "rules_score", (0, 10), rules.rubric_verdict)
    return {computed.id: computed, **_reference(), **_strict(), **_absolute(), **_reader()}


def base_protocol(protocol_id: str) -> Protocol:
    """Return the built-in protocol of this id, or the one that it names a variant of.

    Raises:
        DataError: Unknown protocol.
    """
    return _built_in(protocol_id.partition("+")[0])


def _built_in(name: str) -> Protocol:
    known = protocols()
    families = {protocol_id.partition("@")[0]: protocol_id for protocol_id in known}
    newest = families.get(name.partition("@")[0])
    if newest is None or ("@" in name and name not in known):
        old = f" ({newest} has replaced it; judge again)" if newest else ""
        raise DataError(f"unknown judge protocol {name!r}{old}; known are {', '.join(known)}")
    return known[name if "@" in name else newest]


def load_protocol(
    name: str,
    prompt_file: Path | None = None,
    max_tokens: int | None = None,
    dialect: Dialect = "vllm",
) -> Protocol:
    """Return a protocol by its id, in a variant when asked for.

    A variant says so in its id, so that it never shares a name with the original:
    ``qscore/strict@2+prompt.0a1b2c3d4e5f`` (hash of the prompt), ``...+max_tokens.256``.

    Args:
        name: One of ``protocols()``, with its version or, for the newest, without.
        prompt_file: The user's own prompt, see ``prompts.from_file``; a clone of the released code, see
            ``prompts.from_release``; or ``prometheus-eval``, see ``prompts.from_prometheus_eval``.
        max_tokens: Another cap on the reply's length.
        dialect: ``json`` or ``plain`` for servers that are not vLLM: ``...+json``, ``...+plain``.

    Raises:
        DataError: Unknown name, bad prompt file, or a variant of a protocol that asks no model.
    """
    protocol = _built_in(name)
    if isinstance(protocol, RulesProtocol):
        if prompt_file is not None or max_tokens is not None or dialect != "vllm":
            raise DataError(
                f"{name} asks no model: it takes no prompt file, no max tokens and no server kind"
            )
        return protocol
    if prompt_file == Path(PROMETHEUS_EVAL):
        protocol = _as_prometheus_eval(protocol)
    elif prompt_file is not None:
        released = prompt_file.is_dir() or prompt_file.suffix == ".py"
        template = from_release(prompt_file) if released else from_file(prompt_file)
        changed = f"{protocol.id}+prompt.{template.sha256[:12]}"
        protocol = replace(protocol, id=changed, template=template)
    if max_tokens is not None and max_tokens != protocol.sampling.max_tokens:
        if max_tokens < 1:
            raise DataError(f"max tokens must be at least 1, not {max_tokens}")
        changed = f"{protocol.id}+max_tokens.{max_tokens}"
        sampling = replace(protocol.sampling, max_tokens=max_tokens)
        protocol = replace(protocol, id=changed, sampling=sampling)
    return protocol if dialect == "vllm" else _for_other_servers(protocol, dialect)


def _as_prometheus_eval(protocol: ModelProtocol) -> ModelProtocol:
    """Return the protocol with the template of the installed package, laid out as the package does."""
    if protocol.metric != "p5":
        raise DataError(
            f"{protocol.id}: the template of {PROMETHEUS_EVAL} is for prometheus/absolute, of its scale"
        )
    template, version = from_prometheus_eval()
    return replace(
        protocol,
        id=f"{protocol.id}+{PROMETHEUS_EVAL}.{version}.{template.sha256[:12]}",
        template=template,
        lay_out=as_one_paragraph,
    )


_SCORE_SCHEMA = """{"type": "object",
    "properties": {"score": {"type": "integer", "minimum": 0, "maximum": 10}},
    "required": ["score"], "additionalProperties": false}"""


def _for_other_servers(protocol: ModelProtocol, dialect: Dialect) -> ModelProtocol:
    """Return the protocol as servers other than vLLM can be asked it; the name says so.

    Repetition penalty, ``top_k`` and ``min_p`` are not sent, a reply is not continued, and there is no
    expected score. A constrained reply becomes a JSON object, or free text of which all must match.
    """
    base = replace(
        protocol, id=f"{protocol.id}+{dialect}", dialect=dialect, pattern=None, weighed=False, rescue=None
    )
    reads = protocol.metric == "acc_read"
    if dialect == "plain":
        return base
    if protocol.pattern is None and not reads:
        raise DataError(f"{protocol.id} constrains no reply, so json changes nothing: use plain")
    wanted = '{"reply": "..."}' if reads else '{"score": X}'
    user = f"{protocol.template.user}\nAnswer with the JSON object {wanted}."
    asked = replace(
        base,
        template=replace(protocol.template, user=user),
        sampling=replace(protocol.sampling, max_tokens=protocol.sampling.max_tokens + 16),
    )
    return asked if reads else replace(asked, parse=parse_json, pattern=JSON_SCORE, schema=_SCORE_SCHEMA)
