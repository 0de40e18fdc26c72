"""What a run's inputs are, by content: the base model's weights and the pictures."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from panoenv_tasks.items import DataError, Item

_WEIGHTS = ("*.safetensors", "*.bin")
_HUB_FILES = ["*.json", "*.safetensors", "*.txt", "*.model", "*.jinja"]
#: The hub cache names the blob of a large file by its sha256.
_BLOB = re.compile(r"[0-9a-f]{64}")


def base_sha256(base: str) -> str:
    """Return a sha256 over a base model's configuration and weights.

    Args:
        base: A folder, or a hub name; the hub's snapshot is fetched if the local cache lacks it.

    Raises:
        DataError: There is no such model, or it has no weights.
    """
    folder = Path(base) if Path(base).is_dir() else _snapshot(base)
    files = sorted({file for pattern in _WEIGHTS for file in folder.glob(pattern)})
    # An adapter or a trainer's state beside the weights is no part of the model.
    files = [file for file in files if not file.name.startswith(("adapter_", "training_args", "optimizer"))]
    if not files:
        raise DataError(f"base model {base!r}: no *.safetensors there; give a folder or a hub name")
    digest = hashlib.sha256((folder / "config.json").read_bytes())
    for file in files:
        digest.update(f"{file.name} {_file_sha256(file)}\n".encode())
    return digest.hexdigest()


def pictures_sha256(items: Iterable[Item]) -> str:
    """Return a sha256 over the files of the questions' pictures, by panorama, wherever they lie."""
    pictures = {(item.panorama, item.image_kind, item.image) for item in items}
    hashed = ((name, kind, _file_sha256(path) if path else None) for name, kind, path in pictures)
    digest = hashlib.sha256()
    for name, kind, content in sorted(hashed, key=str):
        digest.update(f"{name} {kind} {content}\n".encode())
    return digest.hexdigest()


def _snapshot(base: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(base, allow_patterns=_HUB_FILES))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise DataError(
            f"base model {base!r} cannot be loaded ({reason}); give a folder, or a hub name that is in the "
            "local cache or can be reached"
        ) from None


def _file_sha256(file: Path) -> str:
    blob = file.resolve()
    if blob.parent.name == "blobs" and _BLOB.fullmatch(blob.name):
        return blob.name
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
