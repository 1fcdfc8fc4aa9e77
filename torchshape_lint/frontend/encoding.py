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


def encode(text: str, like: bytes) -> bytes:
    """The bytes of a changed text, in the encoding of the file that it came from. UnicodeError where it has no sign."""
    for encoding in (_encoding(like), "latin-1"):
        try:
            if encoding and like.decode(encoding).encode(encoding) == like:
                return text.encode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    raise UnicodeError("the file does not survive being read and written")


def _encoding(data: bytes) -> str:
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except SyntaxError:
        return ""
