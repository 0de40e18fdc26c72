"""The released data set on the Hugging Face hub: fetch it once, find it again offline."""

from __future__ import annotations

import os
from pathlib import Path

from panoenv_tasks.items import DataError

REPOSITORY = "7zkk/PanoEnv"
#: The release has no tag. The first fetch resolves the branch to a commit, and every later load uses
#: that local snapshot, never a newer one; set ``PANOENV_REVISION`` to a commit to state it.
DEFAULT_REVISION = "main"


def revision() -> str:
    """Return the revision to use: ``$PANOENV_REVISION``, else the default branch."""
    return os.environ.get("PANOENV_REVISION") or DEFAULT_REVISION


def cached() -> Path | None:
    """Return the local snapshot of the release, or None when it has not been fetched."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        path = snapshot_download(REPOSITORY, repo_type="dataset", revision=revision(), local_files_only=True)
    except LocalEntryNotFoundError:
        return None
    return Path(path)


def fetch(split: str, *, images: bool = True) -> Path:
    """Download one split of the release (about 100 MB a panorama with drawings) and return its root.

    Interrupted downloads continue where they stopped. With ``images=False`` only the questions come.

    Raises:
        DataError: The hub cannot be reached or does not have the revision.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    patterns = [f"{split}/**/*_qa.json"] + ([f"{split}/**/*.png"] if images else [])
    try:
        path = snapshot_download(
            REPOSITORY, repo_type="dataset", revision=revision(), allow_patterns=patterns
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(
            f"cannot fetch {REPOSITORY} at {revision()}: {reason}; check the network, or set "
            "PANOENV_DATA to a local copy"
        ) from None
    return Path(path)
