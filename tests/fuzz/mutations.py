"""Real files, damaged: their bytes, tokens or lines changed, or typed only half. Most of the results are no Python."""

from __future__ import annotations

import re
from random import Random

from tests.fuzz.sources import some_text, texts

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_ODD = [
    *"\0\x0c\r\t\\'\"`#$?!@%&()[]{}:;,.=*~\ufeff\u2028\u0660\u212a\u00b2\U0001d7d8\ud800",
    *('"""', "'''", "f'{", "}'", "**", "//", "->", ":=", "...", "\\\n", "\n", "\n\n", "    ", "\r\n", "*"),
    *"0 -1 1e999 1_0 0x None self yield await torch 10**10**10".split(),
    *("async ", "lambda: ", "not ", "del ", "global x\n", "# noqa", "# tsl: off", "# x: (n, 3)\n"),
]


def half_typed(random: Random) -> str:
    """A file as it is while somebody writes it: up to a place, and maybe with what stood behind that line."""
    text = some_text(random)
    cut = random.randrange(len(text) + 1)
    if random.random() < 0.5:
        return text[:cut]
    return text[:cut] + text[max(text.find("\n", cut), cut) :]


def lines(random: Random) -> str:
    """Lines dropped, doubled, swapped, shifted, and brought in from other files."""
    found = some_text(random).splitlines(keepends=True)
    for _ in range(random.randint(1, 4)):
        if not found:
            break
        k, other = random.randrange(len(found)), random.randrange(len(found))
        match random.randrange(6):
            case 0:
                del found[k]
            case 1:
                found.insert(other, found[k])
            case 2:
                found[k], found[other] = found[other], found[k]
            case 3:
                found[k] = random.choice(["    ", "\t", " "]) + found[k]
            case 4:
                found[k] = found[k].removeprefix("    ")
            case _:
                found.insert(k, random.choice(some_text(random).splitlines(keepends=True)))
    return "".join(found)


def tokens(random: Random) -> str:
    """Tokens dropped, doubled, swapped, or replaced by others of the same file or by odd ones."""
    found = _TOKEN.findall(some_text(random))
    for _ in range(random.randint(1, 6)):
        k, other = random.randrange(len(found)), random.randrange(len(found))
        match random.randrange(6):
            case 0:
                found[k] = ""
            case 1:
                found[k] += found[k]
            case 2:
                found[k], found[other] = found[other], found[k]
            case 3:
                found[k] = random.choice(_ODD)
            case 4:
                found[k] = _alike(random, found[k], found)
            case _:
                found.insert(k, random.choice(_ODD))
    return "".join(found)


def _alike(random: Random, token: str, found: list[str]) -> str:
    """Another token of the same sort, so that the file often stays Python."""
    if token.isdecimal():
        return random.choice(["0", "1", "-1", "2", "3", "7", "None", "1.5", "True", "10**9", str(int(token) + 1)])
    words = [other for other in found if other.isidentifier()]
    return random.choice(words) if token.isidentifier() and words else token


def octets(random: Random) -> str:
    """Bytes changed, and read as the linter reads bytes."""
    from torchshape_lint.frontend.encoding import decode

    data = bytearray(some_text(random).encode())
    for _ in range(random.randint(1, 8)):
        at = random.randrange(len(data))
        match random.randrange(4):
            case 0:
                data[at] = random.randrange(256)
            case 1:
                data[at] ^= 1 << random.randrange(8)
            case 2:
                del data[at : at + random.randint(1, 30)]
            case _:
                data[at:at] = bytes(random.randrange(256) for _ in range(random.randint(1, 4)))
        data = data or bytearray(b"\n")
    return decode(bytes(data))


def prefix(number: int) -> str:
    """The ``number``-th of all prefixes of all fixtures, in an order that soon has seen all of them."""
    total = sum(len(text) + 1 for text in texts())
    number = number * 7_919_117 % total
    for text in texts():
        if number <= len(text):
            return text[:number]
        number -= len(text) + 1
    raise AssertionError("no such prefix")
