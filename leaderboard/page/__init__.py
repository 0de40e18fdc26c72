"""The self-contained HTML page."""

from leaderboard.page.render import render_page

__all__ = ["render_page"]
