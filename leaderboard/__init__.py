"""Result folders in, an honest table out: CSV, Markdown, JSON and one self-contained page."""

from leaderboard.board import Board, collect, gather
from leaderboard.rows import Flag, Refusal, Row

__all__ = ["Board", "Flag", "Refusal", "Row", "collect", "gather"]
