"""Bytes of a Python file -> text, as Python would decode them, and without ever failing."""

from __future__ import annotations

import io
import tokenize


def decode(data: bytes) -> str:
    """By BOM or coding line; as latin-1, which any bytes are, where that fails. Newlines stay as they are."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding).removeprefix("\ufeff")
    except (SyntaxError, UnicodeError, LookupError):
        return data.decode("latin-1")
