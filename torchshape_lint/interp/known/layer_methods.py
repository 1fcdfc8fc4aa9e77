"""Methods that some layers have beside forward."""

from __future__ import annotations

from torchshape_lint import codes
from torchshape_lint.interp.apply_rule import apply_function, apply_layer, make_layer
from torchshape_lint.interp.distances import triplet_loss
from torchshape_lint.interp.escape import escape
from torchshape_lint.interp.findings import Finding
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.interp.machine import Raised
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.rules.registry import find_rule
from torchshape_lint.shapes import axes_text
from torchshape_lint.values import External, Layer, Tensor, Unknown, Value

_METHOD = "torch.nn.Module."


@known(*(_METHOD + name for name in ("reset_parameters", "reset_running_stats", "flatten_parameters")))
def _refilled(h: Here) -> Value:
    """Other numbers in the same parameters; what a class of the analysed code does there was looked up before."""
    return None


@known(*(_METHOD + name for name in ("log_prob", "predict", "generate_square_subsequent_mask")))
def _like_forward(h: Here) -> Value:
    """A method with a rule of its own."""
    if isinstance(h.self, Layer):
        path = f"{h.self.op}.{h.path.rpartition('.')[2]}"
        if find_rule(path) is not None:
            return apply_layer(h.m, h.self, h.args, h.site, path)
    escape(h.m, h.self, f"{h.path} is not followed")
    return h.m.unknown(f"{h.path} is not followed", h.site)


@known("torch.nn.Embedding.from_pretrained", "torch.nn.EmbeddingBag.from_pretrained")
def _from_pretrained(h: Here) -> Value:
    """The table is the layer's weight."""
    table = h.arg(0, "embeddings")
    shape = h.m.facts.shape(table.shape) if isinstance(table, Tensor) else None
    op = h.path.rpartition(".")[0]
    if shape is None or shape.is_open:
        return Unknown(f"{op}: its table is not known")
    if shape.rank != 2:
        words = f"embeddings has {axes_text(shape)}, but 2 are needed"
        h.m.report(Finding(codes.RANK, h.site, "from_pretrained", words, "2", str(shape.rank)))
        raise Raised("a table that is no matrix")
    names = ("padding_idx", "max_norm", "norm_type", "scale_grad_by_freq", "sparse", "mode", "include_last_offset")
    keywords = {key: value for key, value in h.args.keywords.items() if key in names}
    assert isinstance(table, Tensor)
    keywords["dtype"] = External(f"torch.{table.dtype}") if table.dtype else Unknown("the type of the table")
    return make_layer(h.m, op, CallArgs(shape.sizes, keywords), h.site)


@known("torch.nn.functional.triplet_margin_with_distance_loss")
def _triplet(h: Here) -> Value:
    """The rule, and the calls of the distance."""
    loss = apply_function(h.m, h.path, h.args, h.site)
    return triplet_loss(h.m, h.frame, loss, h.args, dict(h.args.keywords), h.site)
