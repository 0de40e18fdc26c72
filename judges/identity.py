"""What a verdict depends on, hashed: two verdicts share a key only if nothing that matters differs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

from judges import parse
from judges.discovery import Judge
from judges.protocol import ModelProtocol, Prompt


def judge_identity(protocol: ModelProtocol, judge: Judge) -> dict[str, Any]:
    """Return everything but the prompt that decides a verdict, ready for JSON.

    The served name alone is no identity: an alias may move to another model, so ``root`` is in it. The
    server's version is not: a run may be resumed after an upgrade, and the record says which it was.
    """
    return {
        "protocol": protocol.id,
        "model": judge.model,
        "root": judge.root,
        "revision": judge.revision,
        "prompt_sha256": protocol.template.sha256,
        "sampling": asdict(protocol.sampling),
        "pattern": protocol.pattern,
        "rescue": asdict(protocol.rescue) if protocol.rescue else None,
        "parser": parse.VERSION,
    }


def judge_id(protocol: ModelProtocol, judge: Judge) -> str:
    """Return the short name of a judge: ``model@revision/`` and 12 digits of the identity's hash."""
    digest = _sha256(judge_identity(protocol, judge))
    return f"{judge.model}@{judge.revision}/{digest[:12]}"


def verdict_key(protocol: ModelProtocol, judge: Judge, prompt: Prompt) -> str:
    """Return the key under which a verdict is stored (sha256, 64 hex digits)."""
    return _sha256([judge_identity(protocol, judge), prompt])


def _sha256(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
