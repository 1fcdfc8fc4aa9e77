"""What a random network is made of: layers and operators as people write them, by the rank of what comes in.

In a template ``{c}`` is the size of axis 1, ``{f}`` of the last one, ``{s0}`` .. of each, ``{all}`` the number of elements of
one row; ``{o}`` a new width, ``{k}`` a kernel, ``{t}`` a stride, ``{p}`` a padding, ``{a}`` an axis, ``{d}`` a divisor of
the channels, ``{e}`` of the features, ``{m}`` a free name for a layer. ``y`` is an earlier value.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

Shape = tuple[int, ...]


class Template(NamedTuple):
    """ranks: of x; layer: what ``self.{m}`` is, if there is one; call: what becomes of x."""

    ranks: str
    layer: str
    call: str


_LAYERS = {
    "4": """
        Conv2d({c}, {o}, {k}, stride={t}, padding={p}) | Conv2d({c}, {c}, 3, padding=1, groups={d}) | BatchNorm2d({c})
        Conv2d({c}, {o}, kernel_size=({k}, 1), padding='same', bias=False) | GroupNorm({d}, {c}) | InstanceNorm2d({c})
        ConvTranspose2d({c}, {o}, {k}, stride={t}, padding={p}) | MaxPool2d({k}, {t}) | AvgPool2d({k}, ceil_mode=True)
        AdaptiveAvgPool2d(({k}, {t})) | Upsample(scale_factor=2) | PixelShuffle({t}) | ZeroPad2d({p}) | Dropout2d(0.1)
        LayerNorm([{s1}, {s2}, {s3}]) | Flatten() | Unfold({k}, padding={p}) | Conv2d({c}, {o}, {k}, dilation={t})
        PixelUnshuffle({t}) | MaxPool2d({k}, stride={t}, padding={p}) | ChannelShuffle({d}) | PReLU({c})
    """,
    "3": """
        Conv1d({c}, {o}, {k}, padding={p}) | BatchNorm1d({c}) | MaxPool1d({k}) | AdaptiveMaxPool1d({k}) | Flatten(1, 2)
        TransformerEncoderLayer({f}, {e}, 8, batch_first=True) | ConvTranspose1d({c}, {o}, {k}, {t}) | Linear({f}, {o})
    """,
    "234": """
        Linear({f}, {o}) | LayerNorm({f}) | ReLU() | GELU() | Dropout(0.5) | Identity() | Softmax(dim={a}) | Tanh()
        Linear({f}, {o}, bias=False) | LayerNorm({f}) | GLU() | Linear(in_features={f}, out_features={o}) | RMSNorm({f})
    """,
    "2": "BatchNorm1d({c}) | Unflatten(1, ({d}, {c} // {d})) | Linear({c}, {o})",
}
_CALLS = {
    "4": """
        F.max_pool2d(x, {k}) | F.relu(x) | F.interpolate(x, scale_factor=2) | x.mean(dim=(2, 3)) | F.pad(x, (1, {p}, 0, {t}))
        F.adaptive_avg_pool2d(x, ({k}, {t})) | x.flatten(2).transpose(1, 2) | x.permute(0, 2, 3, 1) | x[:, :, ::2, {p}:]
        x.view(x.size(0), -1) | F.avg_pool2d(x, kernel_size={k}, stride={t}) | x.reshape({s0}, {c}, -1) | x.mean([2, 3])
        x.reshape(x.shape[0], {d}, {c} // {d}, *x.shape[2:]).sum(1) | F.unfold(x, {k}) | F.normalize(x, dim=1)
        x.view(-1, {all}) | F.interpolate(x, size=({k}, {o})) | x.amax(dim=(-2, -1)) | x.squeeze(-1).squeeze(-1)
        F.conv2d(x, torch.randn({o}, {c}, {k}, {k}), padding={p}) | x.flatten(1) | torch.roll(x, 1, dims=(2, 3))
        F.grid_sample(x, torch.zeros(x.size(0), {k}, {o}, 2)) | x.movedim(1, -1) | x.unflatten(1, ({d}, -1)).mean(2)
    """,
    "3": """
        x.transpose(1, 2) | x.mean(dim=1) | x[:, 0] | x[:, -1, :] | torch.bmm(x, x.transpose(1, 2)) | x.permute(0, 2, 1)
        torch.einsum('bij,bkj->bik', x, x) | x.view({s0}, {c}, {e}, {f} // {e}).transpose(1, 2) | x.unsqueeze(1)
        x.reshape(x.size(0), -1) | F.scaled_dot_product_attention(x, x, x) | x @ torch.randn({f}, {o}) | x.max(dim=1)[0]
        x.chunk({t}, dim=-1)[0] | x.split({d}, dim=1)[0] | x + torch.zeros({c}, {f}) | x * torch.rand({c}, 1)
        x.unflatten(-1, ({e}, -1)) | x.repeat(1, {t}, 1) | x.unfold(1, {k}, {t}) | x.softmax(-1) @ x.mT | x.cumsum(1)
        x.view(x.size(0), x.size(1), {e}, -1) | torch.baddbmm(torch.zeros(1, {c}, {c}), x, x.transpose(1, 2))
    """,
    "2": """
        F.linear(x, torch.randn({o}, {f})) | x.view(-1, {d}, {c} // {d}) | x[:, None, :] | x @ torch.randn({f}, {o})
        x.reshape({s0}, {d}, -1) | F.softmax(x, dim=-1) | x.view(x.size(0), {f}, 1, 1) | torch.mm(x, torch.randn({f}, {o}))
        x.expand({k}, -1, -1) | torch.addmm(torch.zeros({o}), x, torch.randn({f}, {o})) | x.unsqueeze(-1) | x - x.mean(0)
    """,
    "234": """
        torch.relu(x) | torch.cat([x, x], dim={a}) | x + y | torch.cat([x, y], dim=1) | x * 2 | F.dropout(x, 0.1) | x.clone()
        torch.stack([x, x], dim={a}) | x.flatten({p}) | x + x.mean({a}, keepdim=True) | x.sum({a}) | torch.cat((y, x), -1)
        x.transpose({a}, -1) | x.squeeze({a}) | F.gelu(x) | torch.where(x > 0, x, y) | y * x.sigmoid() | torch.matmul(x, y.mT)
        x.index_select({a}, torch.arange({t})) | x.narrow({a}, 0, {t}) | x.contiguous() | torch.sum(x, dim={a}) | x.abs()
        F.pad(x, (0, {p})) | x[..., :{o}] | x.view(*x.shape) | x.repeat_interleave({t}, dim={a}) | torch.flip(x, [{a}])
        x.gather({a}, torch.zeros_like(x).long()) | x.reshape(-1, {f}) | x.std(dim={a}) | x.to(torch.float32) | x.float()
    """,
    "5": "x.flatten(1, 2) | x.mean(2) | x.view(x.size(0), -1) | x[:, 0] | x.sum((-1, -2)) | x.permute(0, 2, 1, 3, 4)",
    "1": "x.unsqueeze(0) | x.view(1, -1) | x[None] | x.expand({k}, -1)",
}
_OTHER = (
    Template("3", "nn.LSTM({f}, {o}, batch_first=True)", "self.{m}(x)[0]"),
    Template("3", "nn.GRU({f}, {o}, num_layers={t}, bidirectional=True)", "self.{m}(x)[0]"),
    Template("3", "nn.MultiheadAttention({f}, {e}, batch_first=True)", "self.{m}(x, x, x)[0]"),
    Template("3", "nn.Parameter(torch.zeros(1, {c}, {f}))", "x + self.{m}"),
    Template("3", "nn.Parameter(torch.zeros(1, 1, {f}))", "torch.cat([self.{m}.expand(x.size(0), -1, -1), x], dim=1)"),
    Template("3", "nn.Bilinear({f}, {f}, {o})", "self.{m}(x, x)"),
    Template("2", "nn.LSTMCell({f}, {o})", "self.{m}(x)[0]"),
    Template("2", "nn.Embedding({o}, {k})", "self.{m}(x.abs().long() % {o})"),
    Template("4", "nn.Conv2d({c}, {c}, 3, padding=1)", "x + self.{m}(x)"),
    Template("4", "nn.Linear({c}, {o})", "self.{m}(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)"),
    Template("4", "nn.Conv2d({c}, {c}, 1)", "x * torch.sigmoid(self.{m}(F.adaptive_avg_pool2d(x, 1)))"),
    Template("4", "nn.Linear({all}, {o})", "self.{m}(x.flatten(1))"),
    Template("4", "nn.MaxPool2d({k}, return_indices=True)", "self.{m}(x)[0]"),
)


def _templates() -> dict[int, tuple[Template, ...]]:
    made = [*_OTHER]
    for ranks, text in _LAYERS.items():
        made += [Template(ranks, f"nn.{layer.strip()}", "self.{m}(x)") for layer in text.replace("\n", "|").split("|")]
    for ranks, text in _CALLS.items():
        made += [Template(ranks, "", call.strip()) for call in text.replace("\n", "|").split("|")]
    made = [t for t in made if t.call and t.layer != "nn."]
    return {rank: tuple(t for t in made if str(rank) in t.ranks) for rank in range(1, 6)}


TEMPLATES = _templates()


def step(random: Random, shape: Shape, name: str) -> Template | None:
    """A template with its numbers, most of which fit a tensor of this shape."""
    fitting = TEMPLATES.get(len(shape))
    if not fitting or 0 in shape:
        return None
    template = random.choice(fitting)
    channels, features = shape[min(1, len(shape) - 1)], shape[-1]
    numbers = {f"s{k}": size for k, size in enumerate(shape)}
    numbers |= {"c": channels, "f": features, "all": _product(shape[1:]), "o": random.choice([1, 2, 4, 6, 8, 12, 16])}
    numbers |= {"k": random.choice([1, 2, 3, 3, 5]), "t": random.choice([1, 2]), "p": random.choice([0, 1, 2])}
    numbers |= {"a": random.randrange(-len(shape), len(shape)), "d": _divisor(random, channels)}
    numbers |= {"e": _divisor(random, features)}
    words = {key: str(value) for key, value in numbers.items()} | {"m": name}
    return Template(template.ranks, template.layer.format(**words), template.call.format(**words))


def _divisor(random: Random, number: int) -> int:
    return random.choice([n for n in range(1, min(number, 12) + 1) if number % n == 0])


def _product(sizes: Shape) -> int:
    product = 1
    for size in sizes:
        product *= size
    return product
