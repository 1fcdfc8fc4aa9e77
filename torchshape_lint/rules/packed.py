"""Sequences of several lengths (torch.nn.utils.rnn): packed step by step, and padded to one length.

Knows how many sequences there are and what each step holds. How long they are is known where the lengths are numbers.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace

from torchshape_lint import values
from torchshape_lint.codes import ARGUMENT, BATCH, JOIN
from torchshape_lint.dims import Size, fresh, total
from torchshape_lint.frozen import dataclass
from torchshape_lint.proofs import at_least
from torchshape_lint.rules.broadcasting import Steps, broadcast_into
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.rules.given import behind, clear_size
from torchshape_lint.rules.needs import (
    Derivation,
    Many,
    Need,
    Outcome,
    Plain,
    Result,
    Rule,
    Undetermined,
    holds,
    never,
    not_less,
    rank,
    rank_at_least,
    same,
)
from torchshape_lint.rules.numbers import one_of
from torchshape_lint.rules.operands import Named, PackedSequence, Tensor, Tensors
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.values import Packed, Unknown, Value
from torchshape_lint.verdicts import YES

_RNN = "torch.nn.utils.rnn."
MAX_SEQUENCES = 4096


@shape_rule(f"{_RNN}pack_padded_sequence")
def pack_padded_sequence(
    input: Tensor, lengths: object, batch_first: object = False, enforce_sorted: object = True
) -> Rule:
    """(t, n, *), (n,) -> packed: (the sum of the lengths, *)"""
    yield rank_at_least(input, 2)
    if not isinstance(batch_first, bool):
        return Undetermined("batch_first is not known")
    axis = 0 if batch_first else 1
    counted = yield from _counted(lengths, input)
    if counted is not None and input.rank is not None:
        # torch picks the sequences in the order of their lengths: it may pick fewer than there are
        yield same(counted, input[axis], BATCH) if enforce_sorted is True else _not_more(counted, input[axis])
    known = _numbers(sequence_items(lengths))
    yield from _in_order(known, enforce_sorted)
    steps: Size = max(known) if known else fresh("steps", 1)
    if input.rank is None:
        return Plain(_packed(behind(input, 2), input, input.shape, axis, steps, enforce_sorted))
    elements: Size = fresh("total", 1)
    if known and at_least(input.sizes[1 - axis], steps) is YES:  # longer ones are cut short
        elements = total(known)
    batch = counted.size if counted is not None else input.sizes[axis] if enforce_sorted is True else fresh("n", 1)
    features = input.sizes[2:]
    padded = Shape((steps, batch, *features))
    return Plain(_packed(Shape((elements, *features)), input, padded, 1, steps, enforce_sorted))


def _counted(lengths: Value, input: Tensor) -> Generator[Need | Derivation, None, Named | None]:
    """How many lengths there are."""
    if isinstance(lengths, values.Tensor):
        counted = Tensor(lengths.shape, "lengths", input.facts, lengths.dtype)
        yield rank(counted, 1)
        return counted[0]
    items = sequence_items(lengths)
    return None if items is None else Named(len(items), "the number of lengths")


def _not_more(found: Named, most: Named) -> Need:
    """``found`` must be ``most`` or less."""
    return holds(
        at_least(most.size, found.size),
        BATCH,
        lambda: f"{found.name} is {found.size}, but {most.name} is {most.size}",
        expected=most.size,
        actual=found.size,
    )


def _numbers(sizes: Sequence[Value] | None) -> tuple[int, ...] | None:
    """The sizes, where all are numbers."""
    numbers = tuple(size for size in sizes or () if isinstance(size, int))
    return numbers if sizes and len(numbers) == len(sizes) else None


def _in_order(lengths: tuple[int, ...] | None, enforce_sorted: object) -> Steps:
    if not lengths:
        return
    if min(lengths) <= 0:
        yield never(ARGUMENT, f"the lengths are {Shape(lengths)}, but each must be greater than 0")
    if enforce_sorted is True and list(lengths) != sorted(lengths, reverse=True):
        words = f"the lengths are {Shape(lengths)}, but must not grow unless enforce_sorted=False"
        yield never(ARGUMENT, words, expected=str(Shape(tuple(sorted(lengths, reverse=True)))))


def _packed(data: Shape, input: Tensor, padded: Shape, axis: int, steps: Size, enforce_sorted: object) -> Packed:
    batch = padded.size(axis)
    indices: Value = values.Tensor(Shape((fresh("n", 1) if batch is None else batch,)), "int64")
    if enforce_sorted is True:
        indices = None
    elif enforce_sorted is not False:
        indices = values.Unknown("enforce_sorted is not known")
    fields = (values.Tensor(data, input.dtype), values.Tensor(Shape((steps,)), "int64"), indices, indices)
    return Packed.of_padded(fields, padded, axis, steps)


@shape_rule(f"{_RNN}pad_packed_sequence")
def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: object = False,
    padding_value: object = 0.0,
    total_length: Named | None = None,
) -> Rule:
    """packed -> (t, n, *), (n,)"""
    batch, features = _held(sequence)
    steps = sequence.packed.steps
    if total_length is not None:
        yield not_less(total_length, steps, ARGUMENT)
        steps = clear_size(total_length.size)
    dtype = sequence.padded.dtype
    lengths = Result((batch,), "int64")
    if features is None or not isinstance(batch_first, bool):
        return Many((Result(behind(sequence.padded, 2), dtype), lengths))
    front = (batch, steps) if batch_first else (steps, batch)
    return Many((Result((*front, *features), dtype), lengths))


def _held(sequence: PackedSequence) -> tuple[Size, tuple[Size, ...] | None]:
    """How many sequences, and the shape of one step; None where the rank is not known."""
    padded = sequence.padded
    return (fresh("n", 1), None) if padded.rank is None else (how_many(sequence), padded.sizes[2:])


def how_many(sequence: PackedSequence) -> Size:
    """How many sequences there are, for a known rank. Of an input of unknown rank some may have been left out."""
    some = sequence.padded.raw.is_open and sequence.packed[-1] is not None
    return fresh("n", 1) if some else sequence.padded.sizes[sequence.packed.batch_axis]


def repacked(sequence: PackedSequence, batch: Size, features: Size) -> Packed:
    """``sequence`` with other features in each step (what a recurrent layer gives)."""
    data, *others = sequence.packed
    elements = data.shape.size(0) if isinstance(data, values.Tensor) else None
    steps = sequence.packed.steps
    first: Value = values.Tensor(Shape((elements or fresh("total", 1), features)), sequence.padded.dtype)
    return Packed.of_padded((first, *others), Shape((steps, batch, features)), 1, steps)


@shape_rule(f"{_RNN}pad_sequence")
def pad_sequence(
    sequences: Tensors | Tensor,
    batch_first: object = False,
    padding_value: object = 0.0,
    padding_side: object = "right",
) -> Rule:
    """[(l1, *), (l2, *), ..] -> (the longest, n, *)"""
    yield from one_of("padding_side", padding_side, "left", "right")
    several = yield from _several(sequences)
    dtype = several.first.dtype
    if several.first.rank is None or not isinstance(batch_first, bool):
        return Result(behind(several.first, 1), dtype)
    front = (several.count, several.longest) if batch_first else (several.longest, several.count)
    return Result((*front, *several.features), dtype)


@shape_rule(f"{_RNN}pack_sequence")
def pack_sequence(sequences: Tensors | Tensor, enforce_sorted: object = True) -> Rule:
    """[(l1, *), (l2, *), ..] -> packed: (l1 + l2 + .., *)"""
    several = yield from _several(sequences)
    yield from _in_order(_numbers(several.lengths), enforce_sorted)
    first = several.first
    if first.rank is None:
        return Undetermined(f"the rank of {first.name} is not known")
    steps = several.longest
    elements = steps * several.count if isinstance(sequences, Tensor) else total(several.lengths)
    padded = Shape((steps, several.count, *several.features))
    return Plain(_packed(Shape((elements, *several.features)), first, padded, 1, steps, enforce_sorted))


@dataclass(frozen=True, slots=True)
class _Several:
    """Sequences given one by one (``lengths`` of each), or as the rows of one tensor."""

    first: Tensor
    count: Size
    lengths: tuple[Size, ...]

    @property
    def longest(self) -> Size:
        known = set(self.lengths)
        numbers = [size for size in known if isinstance(size, int)]
        if len(numbers) == len(known):
            return max(numbers)
        return self.lengths[0] if len(known) == 1 else fresh("steps", max([1, *numbers]))

    @property
    def features(self) -> tuple[Size, ...]:
        return self.first.sizes[1:]


def _several(sequences: tuple[Tensor, ...] | Tensor) -> Generator[Need | Derivation, None, _Several]:
    """Sequences that fit beside the first: each must be expandable to what a step of it holds."""
    if isinstance(sequences, Tensor):
        yield rank_at_least(sequences, 2)
        row = Tensor(behind(sequences, 1), sequences.name, sequences.facts, sequences.dtype)
        if sequences.rank is None:
            return _Several(row, fresh("n", 1), (fresh("steps", 1),))
        row = replace(row, raw=Shape(sequences.sizes[1:]))
        return _Several(row, sequences.sizes[0], (sequences.sizes[1],))
    if not sequences:
        yield never(ARGUMENT, "the list of sequences is empty")
    first, *others = sequences
    for sequence in sequences:
        yield rank_at_least(sequence, 1)
    for other in others if first.rank is not None else ():
        if other.rank is not None:
            room = replace(first, raw=Shape((other.sizes[0], *first.sizes[1:])))
            yield from broadcast_into(room, other, code=JOIN)
    lengths = tuple(x.sizes[0] if x.rank is not None else fresh("steps", 1) for x in sequences)
    return _Several(first, len(sequences), lengths)


@shape_rule(f"{_RNN}unpad_sequence")
def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: object = False) -> Rule:
    """(t, n, *), (n,) -> [(l1, *), (l2, *), ..]; without batch_first torch transposes the argument itself"""
    yield rank_at_least(padded_sequences, 2)
    if not isinstance(batch_first, bool) or padded_sequences.rank is None:
        return Undetermined("how many sequences there are is not known")
    batch = padded_sequences[0 if batch_first else 1]
    if lengths.rank == 1:
        yield same(lengths[0], batch, BATCH)
    return _unpadded(batch.size, padded_sequences.sizes[2:], padded_sequences.dtype)


@shape_rule(f"{_RNN}unpack_sequence")
def unpack_sequence(packed_sequences: PackedSequence) -> Outcome:
    """packed -> [(l1, *), (l2, *), ..]"""
    batch, features = _held(packed_sequences)
    if features is None:
        return Undetermined("how many axes there are is not known")
    return _unpadded(batch, features, packed_sequences.padded.dtype)


def _unpadded(batch: Size, features: tuple[Size, ...], dtype: str | None) -> Outcome:
    if not isinstance(batch, int) or batch > MAX_SEQUENCES:
        return Undetermined("how many sequences there are is not known")
    return Many(tuple(Result((fresh("steps"), *features), dtype) for _ in range(batch)), "list")


@shape_rule(f"{_RNN}invert_permutation")
def invert_permutation(permutation: Tensor | Unknown | None) -> Rule:
    """(n,) -> (n,)"""
    if isinstance(permutation, Unknown):
        return Undetermined(permutation.why)
    if permutation is None:
        return None
    yield rank(permutation, 1)
    return permutation.shape


@shape_rule(f"{_RNN}PackedSequence")
def packed_sequence(
    data: Tensor, batch_sizes: object = None, sorted_indices: object = None, unsorted_indices: object = None
) -> Outcome:
    """(total, *), (t,), (n,)? -> packed"""
    if not isinstance(batch_sizes, values.Tensor):
        return Undetermined("its batch_sizes are not known")
    steps = data.facts.shape(batch_sizes.shape).size(0)
    if unsorted_indices is None:
        unsorted_indices = sorted_indices
    order = unsorted_indices
    batch = data.facts.shape(order.shape).size(0) if isinstance(order, values.Tensor) else None
    padded = open_shape(*data.shape.sizes[1:])
    if data.rank:
        padded = Shape((steps or fresh("steps", 1), batch or fresh("n", 1), *data.sizes[1:]))
    fields = (values.Tensor(data.shape, data.dtype), batch_sizes, sorted_indices, unsorted_indices)
    return Plain(Packed.of_padded(fields, padded, 1, steps or fresh("steps", 1)))
