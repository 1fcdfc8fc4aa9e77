"""torch.nn.utils: what is done to the parameters of a module, and which shapes stay."""

from __future__ import annotations

from collections.abc import Hashable

from torchshape_lint import codes, ir
from torchshape_lint.dims import fresh, product, total
from torchshape_lint.interp import classes
from torchshape_lint.interp.apply_rule import apply_function
from torchshape_lint.interp.attributes import get_attribute, set_attribute
from torchshape_lint.interp.findings import Finding
from torchshape_lint.interp.known.table import TABLE, Here, known
from torchshape_lint.interp.machine import Raised
from torchshape_lint.interp.sequences import plain_items
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.shapes import Shape, axes_text, same_shape
from torchshape_lint.values import OPEN, DictValue, Instance, Layer, Made, Tensor, Unknown, Value
from torchshape_lint.verdicts import NO

_UTILS = "torch.nn.utils."


def _names(prefix: str, names: str) -> list[str]:
    return [f"{_UTILS}{prefix}{name}" for name in names.split()]


@known(
    *_names(
        "",
        "remove_spectral_norm convert_conv2d_weight_memory_format convert_conv3d_weight_memory_format",
    ),
    *_names("parametrizations.", "weight_norm spectral_norm"),
    *_names("", "weight_norm spectral_norm remove_weight_norm"),
    *_names(
        "prune.",
        "identity random_unstructured l1_unstructured random_structured ln_structured remove",
    ),
)
def _same_shapes(h: Here) -> Value:
    """The module itself: its parameters may be computed from others now, but keep their shapes."""
    module = h.arg(0, "module")
    _computed(h, module)
    return module


def _computed(h: Here, module: Value) -> None:
    """It has a submodule more, which nobody looks at."""
    if isinstance(module, Instance) and classes.container_path(module) is None:
        h.m.store(module, "parametrizations", Unknown("parameters that are computed from others"))


def _tensor(h: Here, module: Value, name: Value) -> Tensor | None:
    """The parameter or buffer of a module by its name, with its shape where the rank is known."""
    if not isinstance(module, (Instance, Layer)) or not isinstance(name, str) or name not in module.fields:
        return None
    value = get_attribute(h.m, h.frame, module, name, ir.Name(h.site.at, name))
    if not isinstance(value, Tensor) or (shape := h.m.facts.shape(value.shape)).is_open:
        return None
    return Tensor(shape, value.dtype, parameter=value.parameter)


@known(f"{_UTILS}parametrizations.orthogonal")
def _orthogonal(h: Here) -> Value:
    """Only a matrix, or a batch of them, can be made orthogonal."""
    name = h.arg(1, "name", "weight")
    tensor = _tensor(h, h.arg(0, "module"), name)
    if tensor is not None and len(tensor.shape.sizes) < 2:
        words = f"{name} has {axes_text(tensor.shape)}, but at least 2 axes are needed"
        h.m.report(Finding(codes.RANK, h.site, "orthogonal", words, "at least 2", str(tensor.shape.rank)))
        raise Raised("no matrix")
    return _same_shapes(h)


@known(f"{_UTILS}prune.custom_from_mask")
def _custom_from_mask(h: Here) -> Value:
    name, mask = h.arg(1, "name"), h.arg(2, "mask")
    tensor = _tensor(h, h.arg(0, "module"), name)
    if tensor is not None and isinstance(mask, Tensor):
        shape = h.m.facts.shape(mask.shape)
        if same_shape(tensor.shape, shape) is NO:
            words = f"mask is {shape}, but {name} is {tensor.shape}"
            h.m.report(Finding(codes.MASK, h.site, "custom_from_mask", words, str(tensor.shape), str(shape)))
            raise Raised("a mask of another shape")
    return _same_shapes(h)


@known(f"{_UTILS}parametrize.register_parametrization")
def _register_parametrization(h: Here) -> Value:
    """The parametrization is called at once; what it gives must have the same shape, unless unsafe=True."""
    module, name, made_by = h.arg(0, "module"), h.arg(1, "tensor_name"), h.arg(2, "parametrization")
    unsafe = h.args.keywords.get("unsafe", False)
    tensor = _tensor(h, module, name)
    result: Value = Unknown("a parametrized tensor")
    inverted = isinstance(made_by, Instance) and classes.lookup_class(made_by.cls, "right_inverse") is not None
    if tensor is not None and not inverted:
        result = h.call(made_by, tensor)
    if unsafe is not False and isinstance(module, (Instance, Layer)) and isinstance(name, str):
        kept = Tensor(result.shape, result.dtype) if isinstance(result, Tensor) else result
        set_attribute(h.m, h.frame, module, name, kept, ir.Name(h.site.at, name))
    elif tensor is not None and isinstance(result, Tensor):
        shape = h.m.facts.shape(result.shape)
        if same_shape(tensor.shape, shape) is NO:
            words = f"{name} is {tensor.shape}, but the parametrization gives {shape}"
            h.m.report(Finding(codes.WEIGHT, h.site, "register_parametrization", words, str(tensor.shape), str(shape)))
            raise Raised("a parametrization that changes the shape")
    _computed(h, module)
    return module


@known(f"{_UTILS}parametrize.remove_parametrizations")
def _remove_parametrizations(h: Here) -> Value:
    """What was left behind by an unsafe one is not known."""
    module, name = h.arg(0, "module"), h.arg(1, "tensor_name")
    if h.arg(2, "leave_parametrized", True) is not True and isinstance(module, (Instance, Layer)):
        if isinstance(name, str) and name in module.fields:
            set_attribute(h.m, h.frame, module, name, Unknown("its parametrization was removed"), ir.Name(-1, name))
    return module


@known(f"{_UTILS}parametrize.type_before_parametrizations")
def _type(h: Here) -> Value:
    return TABLE["builtins.type"](h)


@known(f"{_UTILS}parametrize.transfer_parametrizations_and_params")
def _transferred(h: Here) -> Value:
    module = h.arg(1, "to_module")
    _computed(h, module)
    return module


@known(
    f"{_UTILS}parametrize.is_parametrized",
    f"{_UTILS}prune.is_pruned",
    "torch.nn.parameter.is_lazy",
    "torch.nn.attention.list_flash_attention_impls",
    "torch.nn.attention.current_flash_attention_impl",
)
def _question(h: Here) -> Value:
    return Unknown(f"{h.path} is not followed")


@known(
    f"{_UTILS}parametrize.cached",
    *_names(
        "prune.",
        "BasePruningMethod CustomFromMask Identity L1Unstructured LnStructured PruningContainer RandomStructured "
        "RandomUnstructured",
    ),
    "torch.nn.LinearCrossEntropyOptions",
)
def _made(h: Here) -> Value:
    """A context, a way of pruning, options: handed on, without a shape."""
    return Made(h.path, tuple(h.args.positional), tuple(h.args.keywords.items()))


@known(*_names("", "clip_grad_norm_ clip_grad_norm get_total_norm"))
def _norm(h: Here) -> Value:
    return Tensor(Shape())


@known(
    *_names("", "clip_grad_value_ clip_grads_with_norm_ vector_to_parameters prune.global_unstructured"),
    "torch.nn.functional.assert_int_or_pair",
    *(f"torch.nn.attention.{name}_flash_attention_impl" for name in ("register", "activate", "restore")),
)
def _nothing(h: Here) -> Value:
    return None


@known(f"{_UTILS}parameters_to_vector")
def _parameters_to_vector(h: Here) -> Value:
    """All elements in a row."""
    items = plain_items(h.arg(0, "parameters"))
    shapes = [h.m.facts.shape(item.shape) for item in items or () if isinstance(item, Tensor)]
    if items is None or len(shapes) != len(items) or any(shape.is_open for shape in shapes):
        return Tensor(Shape((fresh("parameters", 1),)))
    return Tensor(Shape((total(product(shape.sizes) for shape in shapes),)))


@known(f"{_UTILS}skip_init")
def _skip_init(h: Here) -> Value:
    """The module, without its first numbers."""
    words = {k - 1 if isinstance(k, int) else k: word for k, word in h.args.words.items() if k != 0}
    sources = {k - 1 if isinstance(k, int) else k: at for k, at in h.args.sources.items() if k != 0}
    rest = CallArgs(h.args.positional[1:], h.args.keywords, words, sources)
    return h.m.call(h.frame, h.arg(0, "module_cls"), rest, h.site.at)


@known(f"{_UTILS}fuse_conv_bn_eval", f"{_UTILS}fuse_linear_bn_eval")
def _fused(h: Here) -> Value:
    """A copy of the layer with the normalisation in its weight and bias."""
    layer, norm = h.arg(0, "linear" if "linear" in h.path else "conv"), h.arg(1, "bn")
    if not isinstance(layer, Layer) or not isinstance(norm, Layer):
        return Unknown("a fused layer")
    parts = [layer.fields.get("weight"), layer.fields.get("bias")]
    parts += [norm.fields.get(name) for name in ("running_mean", "running_var", "eps", "weight", "bias")]
    flags = [h.arg(2, "transpose", False)] if "conv" in h.path else []
    values = apply_function(h.m, h.path.replace("_eval", "_weights"), CallArgs((*parts, *flags)), h.site)
    if not isinstance(values, tuple) or len(values) != 2:
        return Unknown("a fused layer")
    fields = {**layer.fields, "weight": values[0], "bias": values[1]}
    return Layer(
        fields, op=layer.op, at=layer.at, program=layer.program, sources=layer.sources, parameters=("weight", "bias")
    )


@known("torch.nn.Buffer")
def _buffer(h: Here) -> Value:
    value = h.arg(0, "data")
    return Tensor(value.shape, value.dtype) if isinstance(value, Tensor) else Unknown("a buffer of something unknown")


@known("torch.nn.UninitializedBuffer")
def _uninitialized(h: Here) -> Value:
    return Unknown("its shape comes later")


@known("torch.nn.factory_kwargs")
def _factory_kwargs(h: Here) -> Value:
    """Of the keywords of a constructor those that a tensor takes."""
    given = h.arg(0, "kwargs")
    if given is None:
        return DictValue()
    names = ("device", "dtype", "memory_format")
    if not isinstance(given, DictValue) or OPEN in given.fields or "factory_kwargs" in given.fields:
        return DictValue({OPEN: True})
    return DictValue({name: given.fields[name] for name in names if name in given.fields})


@known("torch.nn.Container")
def _container(h: Here) -> Value:
    """A module with these children, of the old days."""
    fields: dict[Hashable, Value] = {"training": True}
    fields.update(h.args.keywords.items())
    return Layer(fields, op="torch.nn.Module", at=h.site.at, program=h.site.program)


@known("torch.nn.parallel.data_parallel")
def _data_parallel(h: Here) -> Value:
    """As a call of the module: the parts are put together again."""
    inputs = h.arg(1, "inputs")
    return h.call(h.arg(0, "module"), *(inputs if isinstance(inputs, tuple) else (inputs,)))


@known(
    "torch.nn.attention.sdpa_kernel",
    "torch.nn.attention.flex_attention.create_block_mask",
    "torch.nn.attention.flex_attention.BlockMask",
)
def _kernel(h: Here) -> Value:
    """A context that chooses among implementations of the same; a mask that only flex_attention reads."""
    return Made(h.path, tuple(h.args.positional), tuple(h.args.keywords.items()))
