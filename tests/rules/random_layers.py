"""Random questions for layers: linear, norms, embedding, activation, dropout, attention, recurrence."""

from __future__ import annotations

from typing import Any

from tests.rules.judge import T
from tests.rules.random_draws import Dice, Question, asks, call, spatial


@asks("nn.Linear nn.LazyLinear")
def linear(d: Dice, name: str) -> Question:
    features = d.size()
    made = [d.mostly(d.size(), -1, of=15)]
    x = T(*d.ints(0, 3), d.near(features))
    return call(*(made if "Lazy" in name else [features, *made]), bias=d.chance()).on(x)


@asks("nn.Identity", always=True)
def identity(d: Dice, name: str) -> Question:
    return call(*d.ints(0, 2)).on(d.tensor())


@asks("F.linear", cpu=True)
def functional_linear(d: Dice, name: str) -> Question:
    i, o = d.size(), d.size()
    return call(T(*d.ints(0, 3), d.near(i)), T(*d.mostly((o,), (), of=6), i), d.one(None, T(d.near(o)), T()))


@asks("nn.Bilinear F.bilinear bilinear", cpu=True)
def bilinear(d: Dice, name: str) -> Question:
    a, b, o = d.ints(3, 3)
    front = d.tensor(0, 2)
    x, y = T(*front.sizes, d.near(a)), T(*d.alike(front, 8).sizes, b)
    if "Bilinear" in name:
        return call(a, b, o, bias=d.chance()).on(x, y)
    return call(x, y, T(o, a, b), d.one(None, T(d.near(o))))


@asks("nn.BatchNorm{n}d nn.InstanceNorm{n}d nn.LazyBatchNorm{n}d nn.LazyInstanceNorm{n}d nn.SyncBatchNorm", cpu=True)
def batch_norm(d: Dice, name: str) -> Question:
    n = 2 if "Sync" in name else spatial(name)
    channels = d.number(1, 4)
    sizes = [*d.mostly((d.number(1, 3),), (), (2, 2)), max(d.near(channels), 1), *d.ints(n, n, 1, 3)]
    if d.chance(5):
        sizes = d.ints(1, 5)
    if "Lazy" in name:  # without a batch it takes a wrong axis for the channels
        sizes = d.ints(n + 2, d.mostly(n + 2, n + 4))
    ways = {"affine": d.chance(), "track_running_stats": d.chance()}
    question = call(*([] if "Lazy" in name else [channels]), **ways).on(T(*sizes))
    question.training = "Sync" not in name and not d.chance(3)  # in training it asks for a device of its own
    return question


@asks("F.batch_norm F.instance_norm", cpu=True)
def functional_batch_norm(d: Dice, name: str) -> Question:
    channels = d.number(1, 4)
    x = T(d.number(1, 3), channels, *d.ints(0, 3, 1, 4))
    own = [d.one(None, T(d.near(channels, 8))) for _ in range(2)]
    flag = "training" if "batch" in name else "use_input_stats"
    running = [T(d.near(channels, 8)), T(channels)] if d.chance() else [None, None]
    return call(x, *running, *own, **{flag: not d.chance(3)})


@asks("native_batch_norm", cpu=True, always=True)  # it reads beyond what is too short
def native_batch_norm(d: Dice, name: str) -> Question:
    x = d.tensor(2, 5)
    channels = x.sizes[1]
    return call(x, T(channels), None, T(channels), T(channels), d.chance(), 0.1, 1e-5)


@asks("native_group_norm", cpu=True)
def native_group_norm(d: Dice, name: str) -> Question:
    x = d.tensor(2, 4)
    n, c, *rest = x.sizes
    count = 1
    for size in rest:
        count *= size
    own = [d.one(None, T(d.near(c, 8))) for _ in range(2)]
    return call(x, *own, n, c, d.near(count, 8), d.one(1, 1, 2), 1e-5)


@asks("native_layer_norm F.layer_norm F.rms_norm rms_norm nn.LayerNorm nn.RMSNorm", cpu=True)
def layer_norm(d: Dice, name: str) -> Question:
    x = d.tensor(1, 4)
    shape = list(x.sizes[-d.number(1, 2) :])
    if d.chance(3):
        shape = list(d.alike(T(*shape), 1).sizes)
    if "Norm" in name:
        affine = {"elementwise_affine": d.chance()}
        return call(d.one(shape, shape[0]) if len(shape) == 1 else shape, **affine).on(x)
    own: list[Any] = [d.one(None, d.alike(T(*shape), 8)) for _ in range(1 if "rms" in name else 2)]
    return call(x, shape, *own, *([1e-5] if "native" in name else []))


@asks("nn.GroupNorm F.group_norm", cpu=True)
def group_norm(d: Dice, name: str) -> Question:
    groups = d.number(1, 3)
    channels = d.near(groups * d.number(1, 3), 8)
    x = T(d.number(1, 3), d.near(channels, 8), *d.ints(0, 3, 1, 3))
    if d.chance(8):
        x = T(*x.sizes[1:2])
    if "Norm" in name:
        return call(groups, channels, affine=d.chance()).on(x)
    own = [d.one(None, T(d.near(channels, 8))) for _ in range(2)]
    return call(x, groups, *own)


@asks("nn.LocalResponseNorm F.local_response_norm nn.CrossMapLRN2d", cpu=True)
def local_response_norm(d: Dice, name: str) -> Question:
    x = d.tensor(4, 4) if "Cross" in name and not d.chance(4) else d.tensor(2, 5)
    made = [d.number(1, 4)]
    return call(x, *made) if "functional" in name else call(*made).on(x)


@asks("F.normalize")
def normalize(d: Dice, name: str) -> Question:
    x = d.tensor()
    return call(x, 2.0, d.dim(x, 4))


@asks("nn.Embedding F.embedding", cpu=True)
def embedding(d: Dice, name: str) -> Question:
    x = d.tensor(0, 3, dtype=d.mostly("int64", "int32", "float32", "bool"))
    n, features = d.size(), d.size()
    ways = {"padding_idx": d.number(0 if "Emb" in name else -n - 1, n)} if d.chance(3) else {}
    return call(n, features, **ways).on(x) if "Emb" in name else call(x, T(n, features), **ways)


@asks("nn.EmbeddingBag F.embedding_bag", cpu=True)
def embedding_bag(d: Dice, name: str) -> Question:
    x = d.tensor(1, 2, dtype=d.mostly("int64", "int32")) if not d.chance(6) else d.tensor(0, 3, dtype="int64")
    n, features = d.size(), d.size()
    ways = {"mode": d.one("mean", "sum", "max")}
    extra: dict[str, Any] = {}
    if len(x.sizes) == 1 or d.chance(6):
        extra["offsets"] = T(d.mostly(1, x.sizes[0] if x.sizes else 1), dtype=x.dtype)
    if ways["mode"] == "sum" and d.chance(3):
        extra["per_sample_weights"] = d.alike(T(*x.sizes), 3)
    if "Emb" in name:
        return call(n, features, **ways).on(x, **extra)
    return call(x, T(n, features), **ways, **extra)


@asks("F.one_hot", cpu=True)
def one_hot(d: Dice, name: str) -> Question:
    return call(d.tensor(0, 3, dtype=d.mostly("int64", "int32", "float32")), d.size())


@asks(
    """
    relu relu_ sigmoid Tensor.tanh F.logsigmoid F.softsign special.expit nn.ReLU nn.Sigmoid
    nn.Tanh nn.Softsign nn.LogSigmoid nn.Tanhshrink F.relu F.silu F.hardswish nn.SiLU nn.Mish nn.ELU nn.CELU F.elu
    F.celu nn.GELU F.gelu celu nn.Hardshrink hardshrink nn.Softshrink F.softshrink nn.Hardtanh F.hardtanh
    nn.LeakyReLU F.leaky_relu nn.RReLU F.rrelu rrelu nn.Softplus F.softplus
    """,
    always=True,
)
def activation(d: Dice, name: str) -> Question:
    x = d.tensor(low=0)
    return call().on(x) if name.rpartition(".")[2][0].isupper() else call(x)


@asks("nn.Threshold F.threshold threshold", always=True)
def threshold(d: Dice, name: str) -> Question:
    x = d.tensor()
    return call(0.1, 0.0).on(x) if "Thr" in name else call(x, 0.1, 0.0)


@asks("nn.PReLU F.prelu prelu Tensor.prelu", cpu=True)
def prelu(d: Dice, name: str) -> Question:
    x = d.tensor(0, 4)
    channels = d.near(x.sizes[1] if len(x.sizes) > 1 else 1)
    return call(channels).on(x) if "PReLU" in name else call(x, d.one(T(channels), T(channels), T(), T(channels, 1)))


@asks("nn.GLU F.glu", cpu=True)
def glu(d: Dice, name: str) -> Question:
    x = d.tensor(0, 4, 1, 3)
    x = T(*(2 * n if not d.chance(4) else n for n in x.sizes))
    dim = [d.dim(x)] if d.chance() else []
    return call(*dim).on(x) if "GLU" in name else call(x, *dim)


@asks(
    """
    nn.Dropout nn.AlphaDropout F.dropout F.alpha_dropout F.feature_alpha_dropout nn.FeatureAlphaDropout
    nn.Dropout1d nn.Dropout2d nn.Dropout3d F.dropout1d F.dropout2d F.dropout3d dropout alpha_dropout
    feature_dropout
    """,
    cpu=True,
)
def dropout(d: Dice, name: str) -> Question:
    x = d.tensor(0, 5)
    p = d.mostly(0.5, 1.5, 0.0)
    if name.rpartition(".")[2][0].isupper():
        return call(p).on(x)
    return call(x, p, d.chance() if "functional" not in name else True)


@asks(
    """
    softmax log_softmax Tensor.softmax F.softmax F.log_softmax F.softmin F.gumbel_softmax nn.Softmax nn.LogSoftmax
    nn.Softmin special.softmax
    """,
    cpu=True,
)
def softmax(d: Dice, name: str) -> Question:
    x = d.tensor()
    dim = d.dim(x, 4)
    if name.rpartition(".")[2][0].isupper():
        return call(dim).on(x)
    return call(x, dim=dim)


@asks("nn.Softmax2d")
def softmax_2d(d: Dice, name: str) -> Question:
    return call().on(d.tensor(2, 5))
