"""A program that breaks a law, made smaller as long as it breaks it in the same way."""

from __future__ import annotations

from collections.abc import Callable


def smallest(text: str, faulty: Callable[[str], str]) -> str:
    """Lines are left out, ever smaller stretches of them; ``faulty`` says what is wrong with a text."""
    lines, wrong = text.splitlines(keepends=True), _kind(faulty(text))
    size = max(1, len(lines) // 2)
    while True:
        k, before = 0, len(lines)
        while k < len(lines):
            shorter = lines[:k] + lines[k + size :]
            if _kind(faulty("".join(shorter))) == wrong:
                lines = shorter
            else:
                k += size
        if size == 1 and len(lines) == before:
            return "".join(lines)
        size = max(1, size // 2)


def _kind(fault: str) -> str:
    """The first words of a fault, without its numbers."""
    return " ".join(fault.split()[:2]).rstrip("0123456789.:")
