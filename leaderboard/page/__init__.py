"""The page: data, style and script put into one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from importlib import resources
from typing import TYPE_CHECKING, Any

from panoenv_tasks.stats import figure, interval

if TYPE_CHECKING:
    from markupsafe import Markup

_PARTS = ("dom", "state", "charts", "table", "profile", "compare", "questions", "main")
_STATIC_HEADS = (
    "Rank",
    "Model",
    "Strict, %",
    "Paper, %",
    "Above blind",
    "T/F",
    "MCQ",
    "Open",
    "Says who",
    "Remarks",
)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def render_page(table: dict[str, Any], questions: dict[str, Any], version: str) -> str:
    """Return the page's HTML.

    Args:
        table: See ``table_data``.
        questions: See ``question_data``; the page reads it only when it is needed.
        version: Of this package, for the footer.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("leaderboard.page", "assets"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    assets = resources.files("leaderboard.page").joinpath("assets")
    script = "\n".join(assets.joinpath(f"{part}.js").read_text("utf-8") for part in _PARTS)
    style = assets.joinpath("style.css").read_text("utf-8")
    html = environment.get_template("page.html.j2").render(
        style=Markup(style),
        style_hash=_csp_hash(style),
        script=Markup(script),
        script_hash=_csp_hash(script),
        static=[static_table(table, number) for number in range(len(table["groups"]))],
        groups=table["groups"],
        table=Markup(script_json(table)),
        questions=Markup(script_json(questions)),
        version=version,
    )
    return _LONE_SURROGATE.sub("\ufffd", html)


def static_table(table: dict[str, Any], number: int) -> dict[str, Any]:
    """Return one group as title, heads and rows of text: what the page shows without its script."""
    group = table["groups"][number]
    rows = [row for row in table["rows"] if row["group"] == number]
    ranks = group["ranks"]["strict"]
    return {
        "title": f"{group['split']}, {group['condition']}: {group['headline']}",
        "heads": _STATIC_HEADS,
        "rows": [
            [
                ranks.get(row["id"], "–"),
                row["model"][:80],
                _spread(row["strict"].get("acc")),
                _spread(row["paper"].get("acc")),
                _spread(row["above"]),
                *(_spread(row["strict"].get(cell), False) for cell in ("tf", "mcq", "oe")),
                row["provenance"],
                "; ".join([row["role"]] * (row["role"] != "model") + row["flags"])[:300],
            ]
            for row in sorted(rows, key=lambda row: -(row["strict"].get("acc") or [0])[0])
        ],
    }


def _spread(cell: list[float | None] | None, whole: bool = True) -> str:
    if cell is None or cell[0] is None:
        return "–"
    between = interval(cell[1], cell[2], 1, " ({} to {})", scale=1) if whole else ""
    return f"{figure(cell[0], scale=1)}{between}"


def script_json(data: Any) -> str:
    """Return JSON that cannot end or open a script element, whatever its strings hold."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _csp_hash(text: str) -> Markup:
    """Return the content security policy's name of one inline script or style."""
    from markupsafe import Markup

    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(f"'sha256-{digest}'")
