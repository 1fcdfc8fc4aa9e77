"""What torch offers beside operators: contexts, devices, wrappers that give back what they are given."""

from __future__ import annotations

from torchshape_lint.dims import Poly
from torchshape_lint.interp import contents
from torchshape_lint.interp.escape import escape
from torchshape_lint.interp.iteration import iterate
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.shapes import Shape
from torchshape_lint.values import ListValue, Made, Stream, Tensor, Unknown, Value


@known(
    "torch.autograd.Variable",
    "torch.jit.script",
    "torch.compile",
    "torch.jit.ignore",
    "torch.jit.export",
    "torch.jit.unused",
    "torch.fx.symbolic_trace",
    "torch.nn.SyncBatchNorm.convert_sync_batchnorm",
    "torch.quantization.prepare",
    "typing.cast",
)
def _itself(h: Here) -> Value:
    if h.path == "typing.cast":
        return h.arg(1)
    for name in ("data", "module", "obj", "model", "fn"):
        if name in h.args.keywords:
            return h.args.keywords[name]
    return h.arg(0)


@known(
    "torch.no_grad",
    "torch.inference_mode",
    "torch.enable_grad",
    "torch.set_grad_enabled",
    "torch.autocast",
    "torch.amp.autocast",
    "torch.cuda.amp.autocast",
    "torch.device",
    "torch.cuda.device",
    "torch.autograd.set_detect_anomaly",
    "torch.autograd.detect_anomaly",
    "torch.profiler.profile",
    "torch.profiler.record_function",
    "torch.autograd.profiler.record_function",
    "torch.random.fork_rng",
    "torch.backends.cuda.sdp_kernel",
)
def _context(h: Here) -> Value:
    return Made(h.path, tuple(h.args.positional), tuple(h.args.keywords.items()))


@known("torch.cuda.is_available", "torch.backends.mps.is_available", "torch.cuda.device_count", "torch.is_grad_enabled")
def _machine(h: Here) -> Value:
    """What depends on the machine: both answers are possible."""
    return Unknown("depends on the machine", data=True)


@known(
    "torch.jit.is_scripting",
    "torch.jit.is_tracing",
    "torch.onnx.is_in_onnx_export",
    "torch.compiler.is_compiling",
    "torch.overrides.has_torch_function",
    "torch.overrides.has_torch_function_unary",
    "torch._C._get_tracing_state",
    "torch.compiler.is_dynamo_compiling",
)
def _not_scripting(h: Here) -> Value:
    """A plain run in Python is what we follow."""
    return False


@known(
    "torch.Tensor.retain_grad",
    "torch.Tensor.register_hook",
    "torch.Tensor.register_post_accumulate_grad_hook",
    "torch.Tensor.record_stream",
    "made.step",
    "made.zero_grad",
    "made.add_param_group",
    "made.load_state_dict",
    "made.update",
    "made.close",
    "made.set_description",
    "made.set_postfix",
    "made.add_scalar",
    "torch.cuda.empty_cache",
    "torch.cuda.synchronize",
    "torch.cuda.set_device",
)
def _no_shapes(h: Here) -> Value:
    """Training goes on; no shape changes."""
    if h.path.endswith("hook"):
        escape(h.m, h.arg(0, "hook"), "a tensor runs it")
    return None


@known(
    "torch.manual_seed", "torch.cuda.manual_seed", "torch.cuda.manual_seed_all", "torch.save", "torch.set_default_dtype"
)
def _nothing(h: Here) -> Value:
    return None


@known("torch._assert")
def _assert(h: Here) -> Value:
    return None


@known("torch.Tensor.tolist")
def _tolist(h: Here) -> Value:
    """The numbers where they are known, or how many there are."""
    items = contents.listed(h.self) if isinstance(h.self, Tensor) else None
    if items is not None:
        return ListValue({"items": items})
    shape = h.m.facts.shape(h.self.shape) if isinstance(h.self, Tensor) else None
    if shape is None or shape.rank != 1 or not isinstance(shape.sizes[0], int) or shape.sizes[0] > 4096:
        return Unknown("the contents of a tensor", data=True)
    return ListValue({"items": (Unknown("a number from a tensor", data=True, number=True),) * shape.sizes[0]})


@known("torch.is_tensor")
def _is_tensor(h: Here) -> Value:
    value = h.arg(0)
    if isinstance(value, Unknown) or (isinstance(value, Tensor) and value.maybe):
        return Unknown("is_tensor of something unknown")
    return isinstance(value, Tensor)


_HOW_TO_CHECKPOINT = frozenset(
    "function use_reentrant context_fn determinism_check debug early_stop preserve_rng_state".split()
)


@known("torch.utils.checkpoint.checkpoint")
def _checkpoint(h: Here) -> Value:
    function, *args = h.args.positional or (h.arg(0, "function"),)
    rest = {key: value for key, value in h.args.keywords.items() if key not in _HOW_TO_CHECKPOINT}
    return h.m.call_with(h.frame, function, *args, at=h.site.at, keywords=rest)


@known("torch.utils.checkpoint.checkpoint_sequential")
def _checkpoint_sequential(h: Here) -> Value:
    return h.call(h.arg(0), h.arg(2))


@known("torch.jit.trace", "torch.onnx.export", "torch.export.export", "torch.jit.trace_module")
def _traced(h: Here) -> Value:
    """The module is run on the example input, exactly as a call would."""
    model, example = h.arg(0, "model" if "onnx" in h.path else "func"), h.arg(1, "args")
    if example is None:
        example = h.args.keywords.get("example_inputs")
    inputs = example if isinstance(example, tuple) else (example,)
    h.call(model, *inputs)
    return model if h.path == "torch.jit.trace" else Unknown("an exported program")


@known("torchsummary.summary", "torchinfo.summary", "torchsummaryX.summary")
def _summary(h: Here) -> Value:
    """torchsummary leaves the batch out of the size and runs with two pictures; torchinfo gives the whole size."""
    from torchshape_lint.interp.known.inputs import summary_inputs

    inputs = summary_inputs(h)
    if inputs is not None:
        h.call(h.arg(0, "model"), *inputs)
    return Unknown("a summary")


@known("torch.Tensor.map_", "torch.Tensor.map2_", "torch.Tensor.apply_")
def _map(h: Here) -> Value:
    return h.self


@known("torch.utils.data.random_split")
def _random_split(h: Here) -> Value:
    parts = iterate(h.m, h.frame, h.arg(1, "lengths"))
    if isinstance(parts, Stream):
        return Unknown("a split of a data set")
    return tuple(Made("torch.utils.data.Subset", (h.arg(0, "dataset"),)) for _ in parts)


@known("torch.Size")
def _size(h: Here) -> Value:
    given = h.arg(0, default=())
    if isinstance(given, Shape):
        return given
    sizes = tuple(item for item in sequence_items(given) or () if isinstance(item, (int, Poly)))
    return Shape(sizes) if sequence_items(given) == sizes else Unknown("sizes that are not known")
