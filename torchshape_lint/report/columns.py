"""Texts one below the other on a terminal, where not every character is one column wide."""

from __future__ import annotations


def width(text: str) -> int:
    """Columns of a terminal: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def padded(text: str, columns: int, side: str = "<") -> str:
    """With blanks on the right, or on the left for ``>``."""
    blanks = " " * (columns - width(text))
    return f"{blanks}{text}" if side == ">" else f"{text}{blanks}"
