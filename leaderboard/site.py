"""The template of a repository that hosts a board: submissions by pull request, checked, built, published."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from panoenv_tasks.items import DataError

#: File of the template by its place in the repository.
_FILES = {
    "README.md": "README.md",
    "board.yaml": "board.yaml",
    "submission.example.yaml": "submission.example.yaml",
    ".github/workflows/board.yml": "board.yml",
}
_IGNORED = "site/\n"


def write_template(folder: Path) -> list[Path]:
    """Write the template; returns the files.

    Raises:
        DataError: One of the files is there already; nothing is written then.
    """
    template = resources.files("leaderboard").joinpath("site_template")
    texts = {folder / place: template.joinpath(name).read_text("utf-8") for place, name in _FILES.items()}
    texts |= {folder / ".gitignore": _IGNORED, folder / "submissions" / ".gitkeep": ""}
    if present := [file for file in texts if file.exists()]:
        raise DataError(f"{present[0]}: is there already, and nothing of yours is replaced; use a new folder")
    for file, text in texts.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return list(texts)
