"""Random programs of plain Python, whose numbers become sizes: what a list, a dictionary or an object holds in the end.

A statement is tried before it is taken, so a program mostly runs to its end. What the sizes are, torch tells
(`network_laws`): the linter may not know one, but must not think of another.
"""

from __future__ import annotations

import contextlib
import re
from random import Random
from typing import Any

_HEAD = """\
import bisect
import collections
import copy
import functools
import heapq
import itertools
import math
import operator
import random
from dataclasses import dataclass, field, replace

import torch


@dataclass
class Box:
    k: int = 3
    items: list = field(default_factory=lambda: [1, 2])

    @property
    def double(self):
        return 2 * self.k

    def grow(self, by=1):
        self.k += by
        return self


class Sub(Box):
    shared = [2]

    def grow(self, by=2):
        super().grow(by + 1)
        self.shared.append(self.k)
        return self


def collect(item, into=[]):
    into.append(item)
    return into


def count(upto):
    for k in range(upto):
        if k == 4:
            return
        yield k + 1


def outer(start):
    total = start

    def inner(by):
        nonlocal total
        total += by
        return total

    return inner


xs, ys, zs = [3, 5, 2], [4, 1], [6]
d, e = {"a": 3, "b": 5}, {"c": 2}
o, p = Box(4), Sub()
s, t, n, f = {2, 7}, (2, 6, 3), 3, outer(2)
"""
# {l} a list, {m} a dictionary, {o} an object, {i} an expression for a number, {v} a number, {k} a key, {c} a condition
_STATEMENTS = """
    {l}.append({i}) | {l}.extend({l}[:3]) | {l}.insert({v}, {i}) | {l}.pop() | {l}.pop({v}) | {l}.remove({i})
    {l}.reverse() | {l}.sort() | {l}.sort(reverse=True) | {l}.sort(key=lambda q: -q) | {l}.clear() | {l} = {l}.copy()
    {l} = {l}[:] | {l} += {l}[:3] | {l} += ({i},) | {l}[:2] *= 2 | {l}[{v}] = {i} | {l}[-1] = {i}
    {l}[{v}:] = [{i}, {i}] | del {l}[{v}] | {l}[::2] = {l}[::2][::-1] | del {l}[{v}:] | {l} = ({l} + {l})[:9]
    {l} = [q + {v} for q in {l}] | {l} = {l} | {l} = [q for q in {l} if q > {v}] | {l} = sorted({l})
    {l} = list(reversed({l})) | {l} = list(map(abs, {l})) | {l} = list(filter(None, {l})) | {l} = [*{l}[:9], {i}]
    {l}, {l} = {l}, {l} | n, *{l} = {l} | *{l}, n = {l} | {l} = list({m}.values()) | {l} = list(count({v}))
    {l} = list(range({v})) | {l} = [{i}] * 3 | {l} = list(t) | {l} = collect({i}) | {l} = copy.copy({l})
    {l} = copy.deepcopy({o}.items) | {l} = {o}.items | {o}.items = {l} | {l} = list(itertools.chain({l}, {l}))[:9]
    {l} = list(itertools.accumulate({l})) | {l} = list(itertools.islice({l}, 2))
    {l} = [a * b % 50 for a, b in zip({l}, {l})] | {l} = [k * q for k, q in enumerate({l})]
    {l} = sum([{l}, {l}], [])[:9] | {l} = [a + b for a in {l} for b in {l} if a < b][:9]
    {l} = list(dict.fromkeys({l})) | {l} = sorted(set({l})) | {l} = list(collections.deque({l}, 2))
    {l} = sorted({l}, key=lambda q: q % 3) | {l} = list(itertools.repeat({i}, 2)) | list.append({l}, {i})
    list.reverse({l}) | random.Random({v}).shuffle({l}) | heapq.heapify({l}) | bisect.insort({l}, {i})
    heapq.heappush({l}, {i}) | operator.setitem({l}, {v}, {i}) | {l}.__setitem__({v}, {i}) | {l}.__delitem__({v})
    setattr({o}, "k", {i}) | {o}.__dict__["k"] = {i} | vars({o}).update(k={i}) | p.shared.append({i}) | {o}.k = {i}
    {o}.k += {v} | {o}.grow() | {o}.grow({i}).grow() | {o} = Box({i}) | {o} = Sub({i}, {l}) | p = o
    {o} = copy.copy({o}) | {o} = copy.deepcopy({o}) | {o} = replace({o}, k={i}) | Sub.shared = {l}
    {o}.items.append({i}) | {o}.shared = [{i}] | Box.grow({o}, {v}) | object.__setattr__({o}, "k", {i})
    {o}.__init__({i}) | del {o}.k | {m}[{k}] = {i} | {m}.update({m}) | {m}.update(a={i}) | {m}.pop({k})
    {m}.pop({k}, None) | {m}.setdefault({k}, {i}) | {m}.clear() | {m} = dict({m}) | {m} = {**{m}, {k}: {i}}
    {m} = {m} | {m} | {m} |= {m} | del {m}[{k}] | {m}.popitem() | {m} = {q: w + 1 for q, w in {m}.items()}
    {m} = dict(zip("abc", {l})) | {m} = {m}.copy() | dict.update({m}, b={i}) | {m} = dict(sorted({m}.items()))
    {m} = {w: len(w) for w in "a b cc".split()} | {m} = collections.OrderedDict({m})
    {m} = collections.Counter("abcab") | {m} = collections.defaultdict(int, {m}) | {m}[{k}] += {v} | e = d
    s.add({i}) | s |= {{i}} | s = set({l}) | s.discard({i}) | s.clear() | s -= {2} | s &= {2, 3, 4} | s.update({l})
    t = tuple({l}) | t += ({i},) | t = t[::-1] | n = {i} | n += {i} | n -= {v} | n //= 2 | n = n ** 2 % 50 | n %= 7
    n = -n | n = f({v}) | f = outer({i}) | f = functools.partial(max, {i}) | f = lambda q: q + {v}
    n = (lambda q=n: q + 1)() | n = functools.reduce(operator.mul, {l}, 1) % 50 | n, {v_} = divmod({i}, 3)
    n = n if {c} else {i} | n = {c} and {i} | n = int("%d" % {v}) + len(f"{n}") | n = len("a,b,c".split(","))
    n = int("12"[:{v}]) | n = "abc".index("c") + n | if {c}:;    {S};else:;    {S} | if {c}:;    {S}
    for q in {l}:;    if q > {v}:;        break;    n += q;else:;    {S} | for q in {l}[:4]:;    {S}
    for q, w in {m}.items():;    n += w | for q in range({v}):;    {S} | while len({l}) > 2: {l}.pop()
    while n > 9: n //= 2 | while len(xs) < 5: xs.append(n) | for q in {l}:;    if q == 2:;        continue;    n += q
    try:;    {S};    {m}["zz"];except KeyError:;    {S} | try:;    {S};finally:;    {S}
    try:;    n = [][0];except IndexError:;    n = {v} | with contextlib.suppress(KeyError):;    {m}["zz"];    n = {v}
    def f(q, w={i}):;    global n;    n += 1;    return q + w
    match {l}:;    case [q, *_]:;        n = q;    case _:;        n = 1 | match n:;    case 3
    4:;        {S};    case q if q > 5:;        {S} | for q in {l}:;    {l}.remove(q)
    for q in count({i}):;    n += q | it = iter({l});n = next(it);n += next(it, 1)
"""
_NUMBERS = """
    n | {v} | len({l}) | {l}[0] | {l}[-1] | {l}[{v}] | sum({l}) | max({l}) | min({l}, default=1) | {m}[{k}] | {o}.k
    n + {v} | {m}.get({k}, {v}) | len({m}) | {o}.double | len({o}.items) | sum({m}.values()) | len(s) | max(s) | t[0]
    t[-1] | len(t) | {l}.index({l}[-1]) | {l}.count({v}) | f({v}) | f(n) | sum(q for q in {l} if q % 2)
    math.prod({l}) % 97 | len(p.shared) | n * {v} | n // 2 | n % 5 | -n | n ** 2 % 11 | abs(n - {v}) | round(n / 2)
    int(n / {v}) | math.ceil(n / 2) | n << 1 | n ^ {v} | divmod(n, {v})[1] | max(n, {v}) | min(n, {v}, len({l}))
    {l}[0] if {c} else {v} | (n or {v}) | math.isqrt(abs(n)) | n | 1 | getattr({o}, "k") | getattr({o}, "w", {v})
    len(set({l})) | len([q for q in {l} if q > {v}]) | sum(map(abs, {l})) | next(iter({l}))
    next((q for q in {l} if q > {v}), 1) | len({l}[1:]) | sum({l}[::2]) | sorted({l})[0] | len(str(n)) | int({c})
    list({m})[0].__len__() | [*{m}.values()][-1] | len(collect(1)) | sum(count({v})) | ord("a") % 9 | len({*{l}})
    bool(s) + 1
"""
_CONDITIONS = """
    n > {v} | {l} | not {l} | {k} in {m} | {i} in {l} | n == len({l}) | {l} == {l} | {l} is {l} | isinstance({o}, Sub)
    n % 2 | 1 < n < {v} | n > 2 and {l} | n < 2 or {m} | hasattr({o}, "k") | any(q > 2 for q in {l}) | all({l})
    {m} == {m} | {o} is p | t < (3,) | "a" < "b" | n in s | n is not None | callable(f) | {i} == {i} | {i} >= {i}
    {o} == p | len({l}) > 2
"""


def _split(text: str) -> list[str]:
    parts = (part for line in text.strip().splitlines() for part in line.strip().split(" | "))
    return [part.strip() for part in parts if part.strip()]


_FORMS = {"S": _split(_STATEMENTS), "i": _split(_NUMBERS), "c": _split(_CONDITIONS)}
_FORMS |= {"l": ["xs", "ys", "zs"], "m": ["d", "e"], "o": ["o", "p"], "k": ["'a'", "'b'", "'c'"], "v_": ["n", "q"]}
_FORMS |= {"v": list("01234")}
_HOLE = re.compile(r"\{([Sciklmov]|v_)\}")


def plain(random: Random) -> str:
    scope: dict[str, Any] = {"__name__": "__main__"}
    lines = ["import contextlib", *_HEAD.splitlines()]
    exec("\n".join(lines), scope)
    for k in range(random.randint(3, 14)):
        for statement in (_made(random, "S"), f"y{k} = torch.ones(2, abs({_made(random, 'i')}) % 17 + 1)"):
            with contextlib.suppress(Exception):
                exec(statement, scope)
                lines.append(statement)
    return "\n".join(lines) + "\n"


def _made(random: Random, form: str, depth: int = 3) -> str:
    """A form with its holes filled; in a statement ``;`` are ends of lines."""
    text = random.choice(_FORMS[form])
    while depth == 0 and any(hole in "Sci" for hole in _HOLE.findall(text)):
        text = random.choice(_FORMS[form])

    def filled(hole: re.Match[str]) -> str:
        made = _made(random, hole[1], depth - 1) if hole[1] in "Sci" else random.choice(_FORMS[hole[1]])
        indent = re.search(r"(?:^|;)( *)$", text[: hole.start()])
        return made.replace("\n", "\n" + indent[1]) if indent else made

    return re.sub(r";( *)(?=\S)", r"\n\1", _HOLE.sub(filled, text))
