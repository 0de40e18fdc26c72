"""The protocols by name, and the variants of them that a user may ask for."""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path

import yaml

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
from judges.protocol import (
    Dialect,
    JudgePrompt,
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
from judges.published import PROMETHEUS_EVAL, from_prometheus_eval, from_release
from panoenv_tasks.items import DataError

#: Released gold answers have fewer than 100 characters.
MAX_ANSWER = 2000
#: What a prompt may mention, beside the package's own ``$rubric``. ``$$`` stands for a dollar sign.
PLACEHOLDERS = ("question", "type", "reference", "answer")
#: What a reader is told: never the reference.
READER_PLACEHOLDERS = ("question", "replies", "answer")


def _as_is(text: str) -> str:
    return text


def _rules(protocol_id: str) -> Protocol:
    return RulesProtocol(protocol_id, "rules_score", (0, 10), rules.rubric_verdict)


def _q_reference(protocol_id: str) -> ModelProtocol:
    return ModelProtocol(
        id=protocol_id,
        metric="q_score",
        scale=(0, 10),
        # The released script decodes greedily under the judge's own generation config; Qwen2.5-7B-
        # Instruct ships a repetition penalty of 1.05.
        sampling=Sampling(max_tokens=2000, repetition_penalty=1.05),
        template=_own_prompt("reference"),
        extract=tagged_or_all,
        clean=_as_is,
        lay_out=as_chat,
        parse=parse_reference,
        reads_cut_replies=True,
        headline="mean_zero_filled",
    )


def _p_reference(protocol_id: str) -> ModelProtocol:
    # Prometheus' chat template refuses a system role; the released script then falls back to plain text.
    return replace(
        _q_reference(protocol_id),
        metric="p_score",
        sampling=Sampling(max_tokens=1000),
        extract=tagged_unless_refused,
        lay_out=as_plain_text,
    )


def _q_strict(protocol_id: str) -> ModelProtocol:
    return ModelProtocol(
        id=protocol_id,
        metric="q_score",
        scale=(0, 10),
        # A constrained reply may be spelled in single characters: 9 tokens and an end token.
        sampling=Sampling(max_tokens=16),
        template=_own_prompt("strict"),
        extract=tagged_or_all,
        clean=neutralise,
        max_answer=MAX_ANSWER,
        lay_out=as_chat,
        parse=parse_strict,
        pattern="Score: (10|[0-9])",
        weighed=True,
    )


def _p_strict(protocol_id: str) -> ModelProtocol:
    return replace(_q_strict(protocol_id), metric="p_score", lay_out=as_one_turn)


def _absolute(protocol_id: str) -> ModelProtocol:
    return ModelProtocol(
        id=protocol_id,
        metric="p5",
        scale=(1, 5),
        # Greedy instead of the package's temperature 1.0, so that a run can be repeated; its
        # repetition penalty and length are kept (prometheus-eval 0.1.20).
        sampling=Sampling(max_tokens=1024, repetition_penalty=1.03),
        template=_own_prompt("absolute"),
        extract=tagged_or_all,
        clean=neutralise,
        max_answer=MAX_ANSWER,
        lay_out=as_one_turn,
        parse=parse_result,
        rescue=Rescue(opening="\n[RESULT] ", pattern="[1-5]"),
    )


def _reader(protocol_id: str) -> ModelProtocol:
    return ModelProtocol(
        id=protocol_id,
        metric="acc_read",
        scale=(0, 1),
        sampling=Sampling(max_tokens=48),
        template=_own_prompt("reader", READER_PLACEHOLDERS),
        extract=last_part,
        clean=neutralise,
        lay_out=as_chat,
        parse=is_committed,
    )


_MAKERS: dict[str, Callable[[str], Protocol]] = {
    "rules@3": _rules,
    "qscore/reference@1": _q_reference,
    "pscore/reference@1": _p_reference,
    "qscore/strict@2": _q_strict,
    "pscore/strict@2": _p_strict,
    "prometheus/absolute@2": _absolute,
    "reader@1": _reader,
}


def protocols() -> dict[str, Protocol]:
    """Return the built-in protocols by id."""
    return {protocol_id: make(protocol_id) for protocol_id, make in _MAKERS.items()}


def base_protocol(protocol_id: str) -> Protocol:
    """Return the built-in protocol of this id, or the one that it names a variant of.

    Raises:
        DataError: Unknown protocol.
    """
    return _built_in(protocol_id.partition("+")[0])


def _built_in(name: str) -> Protocol:
    families = {protocol_id.partition("@")[0]: protocol_id for protocol_id in _MAKERS}
    newest = families.get(name.partition("@")[0])
    if newest is None or ("@" in name and name not in _MAKERS):
        old = f" ({newest} has replaced it; judge again)" if newest else ""
        raise DataError(f"unknown judge protocol {name!r}{old}; known are {', '.join(_MAKERS)}")
    chosen = name if "@" in name else newest
    return _MAKERS[chosen](chosen)


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
        prompt_file: The user's own prompt, see ``prompt_from_file``; a clone of the released code, see
            ``published.from_release``; or ``prometheus-eval``, see ``published.from_prometheus_eval``.
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
        template = from_release(prompt_file, protocol.template) if released else prompt_from_file(prompt_file)
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
    template, version = from_prometheus_eval(protocol.template)
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


def _own_prompt(name: str, places: Sequence[str] = PLACEHOLDERS) -> JudgePrompt:
    """Return one of the package's own prompts (``reference``, ``strict``, ``absolute``, ``reader``)."""
    return _parse(_packaged(f"{name}.yaml"), f"judges/prompts/{name}.yaml", places)


def prompt_from_file(path: Path) -> JudgePrompt:
    """Read a prompt file of the user's own.

    Raises:
        DataError: The file is not there, is not YAML with the texts ``system`` and ``user``, or
            mentions an unknown placeholder; or its user text lacks ``$answer`` or ``$reference``.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot read this prompt file ({error})") from None
    return _parse(text, str(path))


def _packaged(name: str) -> str:
    return resources.files("judges").joinpath("prompts", name).read_text(encoding="utf-8")


def _parse(text: str, origin: str, places: Sequence[str] = PLACEHOLDERS) -> JudgePrompt:
    try:
        texts = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise DataError(f"{origin}: not YAML ({' '.join(str(error).split())})") from None
    if not isinstance(texts, dict) or texts.keys() != {"system", "user"}:
        raise DataError(f"{origin}: expected exactly the keys `system` and `user`")
    if not all(isinstance(part, str) for part in texts.values()):
        raise DataError(f"{origin}: `system` and `user` must be texts; quote them")
    template = JudgePrompt(texts["system"], texts["user"], _packaged("rubric.txt").strip())
    for part in (template.system, template.user):
        _check(part, origin, places)
    missing = {"answer", "reference"} & set(places) - set(string.Template(template.user).get_identifiers())
    if missing:
        raise DataError(f"{origin}: `user` must mention ${' and $'.join(sorted(missing))}")
    return template


def _check(part: str, origin: str, places: Sequence[str]) -> None:
    template = string.Template(part)
    if not template.is_valid():
        raise DataError(f"{origin}: a lone $; write $$ for a dollar sign")
    known = (*places, "rubric")
    unknown = set(template.get_identifiers()) - set(known)
    if unknown:
        raise DataError(f"{origin}: unknown ${min(unknown)}; known are ${', $'.join(known)}")
