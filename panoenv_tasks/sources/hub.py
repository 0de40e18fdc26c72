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
    except LocalEntryNotFoundError as error:
        # One split without its drawings is a snapshot for us, though not for the hub's client.
        partial = getattr(error, "snapshot_path", None)
        return Path(partial) if partial else None
    return Path(path)


def fetch(split: str, *, images: bool = True) -> Path:
    """Download one split of the release (about 100 MB a panorama with drawings) and return its root.

    Interrupted downloads continue where they stopped. With ``images=False`` only the questions come.

    Raises:
        DataError: The hub cannot be reached or does not have the revision.
    """
    from httpx import HTTPError
    from huggingface_hub import snapshot_download

    patterns = [f"{split}/**/*_qa.json"] + ([f"{split}/**/visualizations/*"] if images else [])
    try:
        path = snapshot_download(
            REPOSITORY, repo_type="dataset", revision=revision(), allow_patterns=patterns
        )
    except (HTTPError, OSError) as error:
        raise _unreachable(revision(), error) from None
    return Path(path)


def file_sizes(commit: str, split: str) -> dict[str, int]:
    """Return the size in bytes of every file of a split, by its path in the release.

    Raises:
        DataError: The hub cannot be reached or does not have them.
    """
    from httpx import HTTPError
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import RepoFile

    try:
        listing = HfApi().list_repo_tree(
            REPOSITORY, split, recursive=True, repo_type="dataset", revision=commit
        )
        return {entry.path: entry.size for entry in listing if isinstance(entry, RepoFile)}
    except (HTTPError, OSError) as error:
        raise _unreachable(commit, error) from None


def fetch_file(commit: str, path: str, folder: Path) -> Path:
    """Download one file of the release to ``folder/path`` unless it is there, and return it.

    An interrupted download continues where it stopped.

    Raises:
        DataError: The hub cannot be reached or does not have it.
    """
    from httpx import HTTPError
    from huggingface_hub import hf_hub_download
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    try:
        return Path(hf_hub_download(REPOSITORY, path, repo_type="dataset", revision=commit, local_dir=folder))
    except (HTTPError, OSError) as error:
        raise _unreachable(commit, error) from None


def _unreachable(wanted: str, error: Exception) -> DataError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return DataError(
        f"cannot fetch {REPOSITORY} at {wanted}: {reason}; check the network and run the same command again, "
        "or set PANOENV_DATA to a local copy"
    )
