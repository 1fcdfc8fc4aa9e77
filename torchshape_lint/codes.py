"""The catalogue of TSL codes: number, name and one line each. The pages are in ``docs/codes``."""

from __future__ import annotations

from torchshape_lint.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding."""

    id: str
    name: str
    summary: str

    def __str__(self) -> str:
        return self.id

    @property
    def torch_raises(self) -> bool:
        """False for 5xx to 9xx: torch runs, but the result is doubtful, or it is not about torch."""
        return self.id[3] in "01234"


CODES: dict[str, Code] = {}


def _code(number: str, name: str, summary: str) -> Code:
    code = Code(f"TSL{number}", name, summary)
    CODES[code.id] = code
    return code


# 0xx: rank and axis
RANK = _code("001", "rank", "the tensor has the wrong number of axes")
AXIS = _code("002", "axis", "the axis does not exist")
CLASS_CALLED = _code("003", "class-called", "a module class is called with a tensor before it is constructed")
GUARD = _code("004", "guard", "a check of sizes in the code itself fails")
# 1xx: layers
FEATURES = _code("101", "features", "the last axis is not in_features")
CHANNELS = _code("102", "channels", "the channel axis is not in_channels")
WINDOW = _code("103", "window", "the window (or the output) does not fit the input")
GROUPS = _code("104", "groups", "channels are not divisible by groups")
NORM = _code("105", "norm", "the normalised axes have another size than the layer's")
NO_INPUT = _code("106", "no-input", "no input can give these features")
INPUT_SIZE = _code("107", "input-size", "a recurrent or attention input has the wrong size")
HEADS = _code("108", "heads", "the embedding is not divisible by the number of heads")
PADDING = _code("109", "padding", "the padding does not fit the input")
ARGUMENT = _code("110", "argument", "an argument that the operator always refuses")
WEIGHT = _code("111", "weight", "a weight or bias has a shape that does not fit its layer")
HIDDEN = _code("112", "hidden", "a hidden state has the wrong shape")
# 2xx: joining, broadcasting, products, losses
JOIN = _code("201", "join", "tensors to be joined differ in another axis")
BROADCAST = _code("202", "broadcast", "shapes cannot be broadcast together")
MATMUL = _code("203", "matmul", "the inner axes of a product differ")
BATCH = _code("204", "batch", "the batch axes of the operands differ")
EINSUM = _code("205", "einsum", "an einsum equation does not fit its operands")
TARGET = _code("206", "target", "the loss target does not fit the prediction")
MASK = _code("207", "mask", "a mask does not fit the tensor that it masks")
DTYPE = _code("208", "dtype", "operands of different dtypes, where torch converts none")
# 3xx: reshaping
NUMEL = _code("301", "numel", "view or reshape to another number of elements")
SPLIT = _code("302", "split", "the parts do not add up to the axis")
EXPAND = _code("303", "expand", "an axis cannot be expanded to this size")
PERMUTE = _code("304", "permute", "not a permutation of the axes")
REPEAT = _code("305", "repeat", "fewer repeats than axes")
FOLD = _code("306", "fold", "an axis is not divisible by the factor that folds it")
# 4xx: indexing and reducing
INDICES = _code("401", "indices", "more indices than axes")
INDEX = _code("402", "index", "the index is out of range")
UNPACK = _code("403", "unpack", "a shape is unpacked into the wrong number of names")
INDEX_SHAPE = _code("404", "index-shape", "index tensors do not fit the tensor or each other")
REDUCE = _code("405", "reduce", "the reduction cannot be done over these axes")
# 5xx: it runs, but is probably wrong
LOSS_BROADCAST = _code("501", "loss-broadcast", "a loss broadcasts prediction against target")
BATCH_FLATTENED = _code("502", "batch-flattened", "a flatten swallows the batch axis")
VIEW_ORDER = _code("503", "view-order", "a view names the axes in another order, but moves nothing")
CLASS_AXIS = _code("504", "class-axis", "the classes are taken from another axis than the one that has them")
# 6xx: declarations
DECLARATION = _code("601", "declaration", "a declared shape cannot be read")
CONTRADICTION = _code("602", "contradiction", "a declared shape contradicts the code")
# 9xx: the tool itself
SETTING = _code("901", "setting", "a setting cannot be understood")
UNUSED = _code("902", "unused", "a comment silences what is not there")
