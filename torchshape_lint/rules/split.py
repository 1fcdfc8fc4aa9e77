"""One axis cut into parts: split, chunk, tensor_split, unbind; and parts taken out: narrow, select, unfold."""

from __future__ import annotations

from itertools import pairwise

from torchshape_lint.codes import ARGUMENT, INDEX, RANK, SPLIT, WINDOW
from torchshape_lint.dims import Size, ceildiv, exact_quotient, floordiv, fresh, total
from torchshape_lint.proofs import at_least, equal
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.rules.dtypes import is_floating
from torchshape_lint.rules.given import behind, clear_size, functions_and_methods, size_of
from torchshape_lint.rules.needs import (
    Derivation,
    Many,
    Need,
    Result,
    Rule,
    Undetermined,
    axis,
    holds,
    never,
    rank,
    rank_at_least,
)
from torchshape_lint.rules.numbers import whole
from torchshape_lint.rules.operands import Named, Sizes, Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.rules.slices import slice_size, within
from torchshape_lint.shapes import Shape
from torchshape_lint.values import ListValue, Unknown
from torchshape_lint.values import Tensor as TensorValue
from torchshape_lint.verdicts import NO, YES

_MOST = 2048  # pieces; more are not told apart


def _replaced(x: Tensor, at: int, *new: Size) -> Shape:
    """The shape of ``x`` with ``new`` in the place of one axis."""
    sizes = x.shape.sizes
    at = at % len(sizes) if sizes else 0
    return Shape((*sizes[:at], *new, *sizes[at + 1 :]), x.shape.lead)


@shape_rule(*functions_and_methods("split"), "torch.Tensor.unsafe_split", "torch.unsafe_split", "torch.split_copy")
def split(tensor: Tensor, split_size_or_sections: object = None, dim: int = 0, *, split_size: object = None) -> Rule:
    """(.., a, ..) -> as many (.., k, ..) as a/k, the last one shorter; or one for each given size"""
    parts = split_size if split_size is not None else split_size_or_sections
    if tensor.rank is None and dim >= 0:
        items = sequence_items(parts)
        if items is None:
            return Undetermined("the split axis is not known")
        return Many(tuple(Result(behind(tensor, dim + 1)) for _ in items))  # each with leading axes of its own
    at = yield from axis(tensor, dim)
    yield rank_at_least(tensor, 1)
    whole = tensor[at]
    items = sequence_items(parts)
    if items is not None:
        sizes = tuple(size_of(item, tensor) for item in items)
        known = tuple(size for size in sizes if size is not None)
        if len(known) < len(sizes):
            return Undetermined("the sizes of the parts are not known")
        return (yield from _sections(tensor, at, whole, known))
    size = size_of(parts, tensor)
    if isinstance(parts, (Unknown, ListValue)) or size is None:
        return Undetermined("the size of the parts is not known")
    return (yield from _pieces(tensor, at, whole, size))


@shape_rule(*functions_and_methods("split_with_sizes", "unsafe_split_with_sizes"), "torch.split_with_sizes_copy")
def split_with_sizes(input: Tensor, split_sizes: Sizes, dim: int = 0) -> Rule:
    """(.., a + b, ..) -> (.., a, ..), (.., b, ..)"""
    if input.rank is None and dim >= 0:
        return Many(tuple(Result(behind(input, dim + 1)) for _ in split_sizes))
    at = yield from axis(input, dim)
    yield rank_at_least(input, 1)
    return (yield from _sections(input, at, input[at], split_sizes))


def _sections(x: Tensor, at: int, whole: Named, sizes: tuple[Size, ...]) -> Rule:
    """Parts of given sizes must add up to the axis."""
    if any(at_least(size, 0) is NO for size in sizes):
        yield never(SPLIT, f"a part of {whole.name} cannot be negative: {Shape(sizes)}")
    added = total(sizes)
    yield Need(
        equal(added, whole.size),
        SPLIT,
        lambda: f"{' + '.join(map(str, sizes))} = {added}, but {whole.name} is {whole.size}",
        expected=whole.size,
        actual=added,
        equate=(added, whole.size),
    )
    return Many(tuple(Result(_replaced(x, at, clear_size(x.facts.size(size)))) for size in sizes))


def _pieces(x: Tensor, at: int, whole: Named, size: Size) -> Rule:
    """Parts of one size, the last one may be smaller."""
    if at_least(size, 0) is NO:
        yield never(SPLIT, f"{whole.name} cannot be split into parts of {size}")
    if size == 0:
        yield holds(
            equal(whole.size, 0), SPLIT, lambda: f"{whole.name} is {whole.size}, but the parts are 0", blocking=True
        )
        return Many((Result(x.shape),))
    count = exact_quotient(whole.size, size)
    if not isinstance(count, int):
        count = ceildiv(whole.size, size) if isinstance(size, int) else 1 if at_least(size, whole.size) is YES else None
    if not isinstance(count, int) or count > _MOST:
        return Undetermined(f"into how many parts {whole.name} is split is not known")
    if count <= 1:
        return Many((Result(x.shape),))
    yield Derivation(lambda: f"{whole.size} = {count - 1}*{size} + {whole.size - size * (count - 1)}")
    piece, last = Result(_replaced(x, at, size)), Result(_replaced(x, at, whole.size - size * (count - 1)))
    return Many((*((piece,) * (count - 1)), last))


@shape_rule(*functions_and_methods("chunk", "unsafe_chunk"))
def chunk(input: Tensor, chunks: int, dim: int = 0) -> Rule:
    """(.., a, ..) -> at most so many (.., ceil(a/chunks), ..), the last one shorter"""
    if chunks < 1:
        yield never(ARGUMENT, f"{input.name} cannot be cut into {chunks} chunks")
    if input.rank is None and dim >= 0:
        return Undetermined(f"the axis along which {input.name} is cut is not known")
    at = yield from axis(input, dim)
    yield rank_at_least(input, 1)
    whole = input[at].size
    even = exact_quotient(whole, chunks)
    if even is not None and chunks <= _MOST:
        return Many((Result(_replaced(input, at, even)),) * chunks)
    size = ceildiv(whole, chunks)
    count = ceildiv(whole, size) if isinstance(whole, int) and isinstance(size, int) else chunks
    certain = isinstance(whole, int) or at_least(whole, (chunks - 1) ** 2 + 1) is YES
    if not isinstance(count, int) or not certain or count > _MOST:
        return Undetermined(f"into how many parts axis {dim} of {input.name} is cut is not known")
    last = Result(_replaced(input, at, whole - size * (count - 1)))
    return Many((*((Result(_replaced(input, at, size)),) * (count - 1)), last))


@shape_rule(*functions_and_methods("tensor_split"))
def tensor_split(input: Tensor, indices_or_sections: object = None, dim: int = 0, *, indices: object = None) -> Rule:
    """(.., a, ..) -> so many parts, the first a % n one longer; or one between each two indices"""
    parts = indices if indices is not None else indices_or_sections
    if input.rank is None and dim >= 0:
        return Undetermined(f"the axis along which {input.name} is cut is not known")
    at = yield from axis(input, dim)
    yield rank_at_least(input, 1)
    return (yield from _tensor_split(input, at, parts))


def _tensor_split(x: Tensor, at: int, parts: object) -> Rule:
    whole = x[at].size
    items = sequence_items(parts)
    if items is not None:
        edges = (0, *items, None)
        cuts = [slice_size(whole, a, b) for a, b in pairwise(edges)]
        return Many(tuple(Result(_replaced(x, at, size)) for size in cuts))
    if isinstance(parts, TensorValue):  # places to cut at, and nobody knows which
        edges_shape = x.facts.shape(parts.shape)
        if edges_shape.rank == 1 and isinstance(edges_shape.sizes[0], int) and edges_shape.sizes[0] < _MOST:
            return Many(tuple(Result(_replaced(x, at, fresh())) for _ in range(edges_shape.sizes[0] + 1)))
        return Undetermined("the number of parts depends on a tensor", data=True)
    if not isinstance(parts, int) or parts > _MOST:
        return Undetermined("the number of parts is not known")
    if parts < 1:
        yield never(ARGUMENT, f"{x.name} cannot be cut into {parts} parts")
    return Many(tuple(Result(_replaced(x, at, floordiv(whole + parts - 1 - k, parts))) for k in range(parts)))


@shape_rule(*functions_and_methods("hsplit"))
def hsplit(input: Tensor, indices_or_sections: object) -> Rule:
    """(a, b, ..) -> parts of axis 1; of axis 0 where it is the only one"""
    return (yield from _even_split(input, indices_or_sections, 1, 1))


@shape_rule(*functions_and_methods("vsplit"))
def vsplit(input: Tensor, indices_or_sections: object) -> Rule:
    """(a, b, ..) -> parts of axis 0"""
    return (yield from _even_split(input, indices_or_sections, 0, 2))


@shape_rule(*functions_and_methods("dsplit"))
def dsplit(input: Tensor, indices_or_sections: object) -> Rule:
    """(a, b, c, ..) -> parts of axis 2"""
    return (yield from _even_split(input, indices_or_sections, 2, 3))


def _even_split(x: Tensor, parts: object, dim: int, least: int) -> Rule:
    if x.rank is None:
        return Undetermined(f"the rank of {x.name} is not known")
    yield rank_at_least(x, least)
    at = min(dim, x.rank - 1)
    yield from whole("indices_or_sections", parts)
    if isinstance(parts, int) and parts > 0:
        yield holds(
            equal(x.sizes[at] % parts, 0),
            SPLIT,
            lambda: f"{x[at].name} is {x.sizes[at]}, which cannot be cut into {parts} equal parts",
            actual=x.sizes[at],
        )
    return (yield from _tensor_split(x, at, parts))


@shape_rule(*functions_and_methods("unbind"), "torch.unbind_copy")
def unbind(input: Tensor, dim: int = 0) -> Rule:
    """(.., a, ..) -> a times (.., ..)"""
    if input.rank is None and dim >= 0:
        return Undetermined(f"into how many parts {input.name} is cut is not known")
    at = yield from axis(input, dim)
    yield rank_at_least(input, 1)
    count = input[at].size
    if not isinstance(count, int) or count > _MOST:
        return Undetermined(f"into how many parts {input.name} is cut is not known")
    return Many((Result(_replaced(input, at)),) * count)


@shape_rule("torch.Tensor.unfold", "torch.unfold_copy")
def unfold(input: Tensor, dimension: int, size: Size, step: Size) -> Rule:
    """(.., a, ..) -> (.., (a - size)//step + 1, .., size)"""
    if at_least(step, 1) is NO:
        yield never(ARGUMENT, f"step is {step}, but must be at least 1")
    if at_least(size, 0) is NO:
        yield never(ARGUMENT, f"size is {size}, but cannot be negative")
    if input.rank is None and dimension >= 0:
        return behind(input, dimension + 1).ending(0, size)
    at = yield from axis(input, dimension)
    whole = input[at] if input.rank != 0 else Named(1, f"the only element of {input.name}")
    yield holds(
        at_least(whole.size, size),
        WINDOW,
        lambda: f"{whole.name} is {whole.size}, but size is {size}",
        expected=f"at most {whole.size}",
        actual=size,
    )
    if input.rank == 0:
        return (size,)
    windows = floordiv(whole.size - size, step) + 1
    yield Derivation(lambda: f"({whole.size} - {size})//{step} + 1 = {windows}")
    return _replaced(input, at, clear_size(windows)).ending(0, size)


@shape_rule(*functions_and_methods("narrow", "narrow_copy"))
def narrow(input: Tensor, dim: int, start: object, length: Size) -> Rule:
    """(.., a, ..) -> (.., length, ..)"""
    if at_least(length, 0) is NO:
        yield never(ARGUMENT, f"length is {length}, but cannot be negative")
    if input.rank is None and dim >= 0:
        return behind(input, dim + 1)
    yield rank_at_least(input, 1)
    at = yield from axis(input, dim)
    if isinstance(start, TensorValue):
        yield rank(Tensor(start.shape, "start", input.facts, start.dtype), 0)
        if start.dtype == "bool" or is_floating(start.dtype):
            yield never(ARGUMENT, f"start is {start.dtype}, but must be a whole number", actual=start.dtype)
    whole, first = input[at], size_of(start, input)
    if first is not None:
        start_at = first if at_least(first, 0) is YES else first + whole.size if at_least(first, 0) is NO else 0
        verdict = at_least(whole.size, start_at + length)
        if verdict is not NO and at_least(start_at, 0) is NO:
            verdict = NO
        yield holds(
            verdict,
            INDEX,
            lambda: f"start {first} and length {length} go beyond {whole.name}, which is {whole.size}",
            expected=whole.size,
            actual=start_at + length,
        )
    return _replaced(input, at, clear_size(length))


@shape_rule(*functions_and_methods("select", "select_copy"))
def select(input: Tensor, dim: int, index: object) -> Rule:
    """(.., a, ..) -> (.., ..)"""
    if input.rank is None and dim >= 0:
        return behind(input, dim + 1)
    yield rank_at_least(input, 1, RANK)
    at = yield from axis(input, dim)
    place = size_of(index, input)
    if place is not None:
        yield within(input[at], place)
    return _replaced(input, at)
