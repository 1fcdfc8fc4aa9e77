"""Transformers: the encoder and decoder layers, their stacks, and nn.Transformer as a whole.

A stack reads the numbers of the layer that it was given; of a layer that somebody wrote it knows nothing. What comes
out has the shape of what goes in: of src for an encoder, of tgt for a decoder.
"""

from __future__ import annotations

from torchshape_lint.dims import Size
from torchshape_lint.rules.attention import Attention, attention_weights, heads_fit
from torchshape_lint.rules.broadcasting import Steps
from torchshape_lint.rules.needs import Constructing, Construction, Result, Rule, Undetermined
from torchshape_lint.rules.operands import Dtype, Named, Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.values import Layer, Value
from torchshape_lint.values import Tensor as TensorValue

Parameters = dict[str, tuple[Size, ...] | None]


def _feed_forward(d: Size, wide: Size, bias: bool, norms: int) -> Parameters:
    weights: Parameters = {
        "linear1.weight": (wide, d),
        "linear1.bias": (wide,) if bias else None,
        "linear2.weight": (d, wide),
        "linear2.bias": (d,) if bias else None,
    }
    for k in range(1, norms + 1):
        weights |= {f"norm{k}.weight": (d,), f"norm{k}.bias": (d,) if bias else None}
    return weights


def _encoder_weights(d: Size, wide: Size, bias: bool) -> Parameters:
    return attention_weights(d, bias, prefix="self_attn.") | _feed_forward(d, wide, bias, 2)


def _decoder_weights(d: Size, wide: Size, bias: bool) -> Parameters:
    both = attention_weights(d, bias, prefix="self_attn.") | attention_weights(d, bias, prefix="multihead_attn.")
    return both | _feed_forward(d, wide, bias, 3)


@layer("torch.nn.TransformerEncoderLayer")
def encoder_layer(
    d_model: Named,
    nhead: Named,
    dim_feedforward: Size = 2048,
    dropout: object = 0.1,
    activation: object = "relu",
    layer_norm_eps: object = 1e-5,
    batch_first: object = False,
    norm_first: object = False,
    bias: bool = True,
    device: object = None,
    dtype: object = None,
) -> Constructing:
    """the parameters of its attention, linear layers and norms"""
    yield from heads_fit(d_model, nhead)
    return Construction(_encoder_weights(d_model.size, dim_feedforward, bias))


@layer("torch.nn.TransformerDecoderLayer")
def decoder_layer(
    d_model: Named,
    nhead: Named,
    dim_feedforward: Size = 2048,
    dropout: object = 0.1,
    activation: object = "relu",
    layer_norm_eps: object = 1e-5,
    batch_first: object = False,
    norm_first: object = False,
    bias: bool = True,
    device: object = None,
    dtype: object = None,
) -> Constructing:
    """the parameters of its attention, linear layers and norms"""
    yield from heads_fit(d_model, nhead)
    return Construction(_decoder_weights(d_model.size, dim_feedforward, bias))


def _stacked(parameters: Parameters, count: Size, prefix: str = "") -> Parameters:
    copies = range(count if isinstance(count, int) else 0)
    return {f"{prefix}layers.{k}.{name}": shape for k in copies for name, shape in parameters.items()}


def _parameters(part: Value) -> Parameters:
    """The shapes of a layer's parameters, where it is one that we know."""
    if not isinstance(part, Layer):
        return {}
    tensors = {name: part.fields.get(name) for name in part.parameters}
    return {name: x.shape.sizes for name, x in tensors.items() if isinstance(x, TensorValue)}


def _stack(part: Value, num_layers: Size, norm: Value) -> Construction:
    own = {f"norm.{name}": shape for name, shape in _parameters(norm).items()}
    return Construction(_stacked(_parameters(part), num_layers) | own)


@layer("torch.nn.TransformerEncoder")
def encoder_stack(
    encoder_layer: object,
    num_layers: Size,
    norm: object = None,
    enable_nested_tensor: object = True,
    mask_check: object = True,
) -> Construction:
    """copies of encoder_layer"""
    return _stack(encoder_layer, num_layers, norm)


@layer("torch.nn.TransformerDecoder")
def decoder_stack(decoder_layer: object, num_layers: Size, norm: object = None) -> Construction:
    """copies of decoder_layer"""
    return _stack(decoder_layer, num_layers, norm)


@layer("torch.nn.Transformer")
def whole_transformer(
    d_model: Named = 512,  # type: ignore[assignment]
    nhead: Named = 8,  # type: ignore[assignment]
    num_encoder_layers: Size = 6,
    num_decoder_layers: Size = 6,
    dim_feedforward: Size = 2048,
    dropout: object = 0.1,
    activation: object = "relu",
    custom_encoder: object = None,
    custom_decoder: object = None,
    layer_norm_eps: object = 1e-5,
    batch_first: object = False,
    norm_first: object = False,
    bias: bool = True,
    device: object = None,
    dtype: object = None,
) -> Constructing:
    """the parameters of an encoder and a decoder"""
    if custom_encoder is None or custom_decoder is None:
        yield from heads_fit(d_model, nhead)
    d = d_model.size
    parameters: Parameters = {}
    stacks = (
        ("encoder", custom_encoder, _encoder_weights, num_encoder_layers),
        ("decoder", custom_decoder, _decoder_weights, num_decoder_layers),
    )
    for name, custom, weights, count in stacks:
        if custom is None:
            parameters |= _stacked(weights(d, dim_feedforward, bias), count, f"{name}.")
            parameters |= {f"{name}.norm.weight": (d,), f"{name}.norm.bias": (d,) if bias else None}
        else:
            parameters |= {f"{name}.{key}": shape for key, shape in _parameters(custom).items()}
    return Construction(parameters)


def _judged(mask: Tensor | None, causal: Value, training: Value) -> Tensor | None:
    """The mask, where torch looks at it: the fast path of eval mode and the hint ``is_causal`` have their own ways."""
    return mask if training is True and causal in (False, None) else None


def _self_attention(
    x: Tensor, size: Named, heads: Size, batch_first: Value, mask: Tensor | None, padding: Tensor | None
) -> Steps:
    yield from Attention(size, heads, batch_first, mask=mask, padding_mask=padding).needs(x, x, x)


@shape_rule("torch.nn.TransformerEncoderLayer")
def encoder_layer_call(
    src: Tensor,
    src_mask: Tensor | None = None,
    src_key_padding_mask: Tensor | None = None,
    is_causal: object = False,
    *,
    d_model: Named,
    nhead: Size,
    batch_first: object,
    training: object = True,
) -> Rule:
    """(s, n, d_model) -> (s, n, d_model)"""
    mask = _judged(src_mask, is_causal, training)
    padding = src_key_padding_mask if training is True else None
    yield from _self_attention(src, d_model, nhead, batch_first, mask, padding)
    return Result(src.shape)


@shape_rule("torch.nn.TransformerEncoder")
def encoder_call(
    src: Tensor,
    mask: Tensor | None = None,
    src_key_padding_mask: Tensor | None = None,
    is_causal: object = None,
    *,
    encoder_layer: object,
    norm: object = None,
    training: object = True,
) -> Rule:
    """(s, n, d_model) -> (s, n, d_model)"""
    if not _known(encoder_layer, norm, "torch.nn.TransformerEncoderLayer"):
        return Undetermined("the layers of the encoder are not known")
    size, heads, batch_first = _numbers(encoder_layer)
    padding = src_key_padding_mask if training is True else None
    yield from _self_attention(src, size, heads, batch_first, _judged(mask, is_causal, training), padding)
    return Result(src.shape)


def _known(part: Value, norm: Value, op: str) -> bool:
    return isinstance(part, Layer) and part.op == op and (norm is None or isinstance(norm, Layer))


def _numbers(part: Value) -> tuple[Named, Size, Value]:
    """d_model, nhead and batch_first of a layer that `_known` has let through."""
    assert isinstance(part, Layer)
    size: Size = part.fields["d_model"]  # type: ignore[assignment]
    heads: Size = part.fields["nhead"]  # type: ignore[assignment]
    return Named(size, "d_model", part.sources.get("d_model", -1)), heads, part.fields["batch_first"]


@shape_rule("torch.nn.TransformerDecoderLayer")
def decoder_layer_call(
    tgt: Tensor,
    memory: Tensor,
    tgt_mask: Tensor | None = None,
    memory_mask: Tensor | None = None,
    tgt_key_padding_mask: Tensor | None = None,
    memory_key_padding_mask: Tensor | None = None,
    tgt_is_causal: object = False,
    memory_is_causal: object = False,
    *,
    d_model: Named,
    nhead: Size,
    batch_first: object,
    training: object = True,
) -> Rule:
    """(t, n, d_model), (s, n, d_model) -> (t, n, d_model)"""
    own = _judged(tgt_mask, tgt_is_causal, training)
    other = _judged(memory_mask, memory_is_causal, training)
    yield from _self_attention(tgt, d_model, nhead, batch_first, own, tgt_key_padding_mask)
    across = Attention(d_model, nhead, batch_first, mask=other, padding_mask=memory_key_padding_mask)
    yield from across.needs(tgt, memory, memory)
    return Result(tgt.shape)


@shape_rule("torch.nn.TransformerDecoder")
def decoder_call(
    tgt: Tensor,
    memory: Tensor,
    tgt_mask: Tensor | None = None,
    memory_mask: Tensor | None = None,
    tgt_key_padding_mask: Tensor | None = None,
    memory_key_padding_mask: Tensor | None = None,
    tgt_is_causal: object = None,
    memory_is_causal: object = False,
    *,
    decoder_layer: object,
    norm: object = None,
    training: object = True,
) -> Rule:
    """(t, n, d_model), (s, n, d_model) -> (t, n, d_model)"""
    if not _known(decoder_layer, norm, "torch.nn.TransformerDecoderLayer"):
        return Undetermined("the layers of the decoder are not known")
    size, heads, batch_first = _numbers(decoder_layer)
    own = _judged(tgt_mask, tgt_is_causal, training)
    other = _judged(memory_mask, memory_is_causal, training)
    yield from _self_attention(tgt, size, heads, batch_first, own, tgt_key_padding_mask)
    across = Attention(size, heads, batch_first, mask=other, padding_mask=memory_key_padding_mask)
    yield from across.needs(tgt, memory, memory)
    return Result(tgt.shape)


@shape_rule("torch.nn.Transformer")
def transformer_call(
    src: Tensor,
    tgt: Tensor,
    src_mask: Tensor | None = None,
    tgt_mask: Tensor | None = None,
    memory_mask: Tensor | None = None,
    src_key_padding_mask: Tensor | None = None,
    tgt_key_padding_mask: Tensor | None = None,
    memory_key_padding_mask: Tensor | None = None,
    src_is_causal: object = None,
    tgt_is_causal: object = None,
    memory_is_causal: object = False,
    *,
    d_model: Named,
    nhead: Size,
    batch_first: object,
    custom_encoder: object = None,
    custom_decoder: object = None,
    training: object = True,
) -> Rule:
    """(s, n, d_model), (t, n, d_model) -> (t, n, d_model)"""
    if custom_encoder is not None or custom_decoder is not None:
        return Undetermined("the encoder or the decoder is the author's own")
    padding = src_key_padding_mask if training is True else None
    src_only = _judged(src_mask, src_is_causal, training)
    yield from _self_attention(src, d_model, nhead, batch_first, src_only, padding)
    own = _judged(tgt_mask, tgt_is_causal, training)
    yield from _self_attention(tgt, d_model, nhead, batch_first, own, tgt_key_padding_mask)
    other = _judged(memory_mask, memory_is_causal, training)
    across = Attention(d_model, nhead, batch_first, mask=other, padding_mask=memory_key_padding_mask)
    yield from across.needs(tgt, src, src)
    return Result(tgt.shape)


@shape_rule("torch.nn.Transformer.generate_square_subsequent_mask")
def generate_square_subsequent_mask(sz: Size, device: object = None, dtype: Dtype = None) -> Result:
    """(sz, sz)"""
    return Result((sz, sz), dtype)
