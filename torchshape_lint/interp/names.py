"""Names that are there without being imported, and which packages outside are known well enough to be named."""

from __future__ import annotations

import builtins
import sys
from functools import lru_cache

from torchshape_lint.values import External, Unknown, Value

_BUILTINS = frozenset(dir(builtins))
KNOWN_ROOTS = frozenset(sys.stdlib_module_names) | frozenset(
    "torch torchvision torchaudio torchtext numpy tqdm matplotlib sklearn pandas PIL cv2 scipy wandb tensorboard "
    "torchsummary torchinfo thop ptflops fvcore einops pytorch_lightning lightning ignite typing_extensions jaxtyping "
    "torchtyping torchmetrics yaml pytest mlflow accelerate h5py seaborn rich loguru".split()
)


def builtin(name: str) -> Value:
    """A builtin, or unknown."""
    if name == "__name__":
        return "__main__"
    if name in _BUILTINS and not name.startswith("__"):
        return External(f"builtins.{name}")
    return Unknown(f"{name} is not defined in what was read")


FOLLOWED = ("torchvision.models", "torchvision.ops")  # of the known packages: what is best read as source


def is_known(path: str) -> bool:
    """Is this module known by name, so that its source is not wanted?"""
    return path.partition(".")[0] in KNOWN_ROOTS and not path.startswith(FOLLOWED)


_UNREAD = frozenset(
    """IPython aiohttp attr boto3 botocore click cloudpickle dask datasets dill distributed docutils fsspec httpx
    huggingface_hub hydra ipywidgets jinja2 joblib markupsafe networkx nltk numba omegaconf packaging pkg_resources
    psutil pydantic pygments ray requests setuptools spacy sympy tokenizers urllib3""".split()
)


def is_unread(path: str, file: tuple[str, ...]) -> bool:
    """Is it a package that somebody installed, large and without a tensor in it? Then its source is not wanted."""
    return path.partition(".")[0] in _UNREAD and not {"site-packages", "dist-packages"}.isdisjoint(file)


def external(path: str) -> Value:
    """Something that is imported from outside: named when its package is known, otherwise unknown."""
    if path.partition(".")[0] in KNOWN_ROOTS:
        return External(canonical(path))
    return Unknown(f"{path} is not followed")


_ALIASES = (  # (private prefix, public prefix): the last name of the path is kept
    ("torch.nn.modules.", "torch.nn."),
    ("torch.nn.parameter.", "torch.nn."),
    ("torch.autograd.variable.", "torch.autograd."),
    ("torch._tensor.", "torch."),
    ("torchvision.datasets.mnist.", "torchvision.datasets."),
    ("torchvision.datasets.cifar.", "torchvision.datasets."),
    ("torch.utils.data.dataloader.", "torch.utils.data."),
    ("torch.utils.data.dataset.", "torch.utils.data."),
    ("typing_extensions.", "typing."),
)


# Modules whose functions, too, are public one step up.
_ONE_UP = (
    "torch.functional.",
    *(f"torch.nn.utils.{name}." for name in "clip_grad convert_parameters fusion init memory_format".split()),
    *(f"torch.nn.utils.{name}." for name in ("weight_norm", "spectral_norm")),
    "torch.nn.parallel.data_parallel.",
    "torch.nn.parallel.distributed.",
)


@lru_cache(maxsize=10_000)
def canonical(path: str) -> str:
    """The public path of something that is reached by a private one (torch.nn.modules.conv.Conv2d)."""
    head, _, name = path.rpartition(".")
    if path.startswith(_ONE_UP):
        return f"{head.rpartition('.')[0]}.{name}"
    for private, public in _ALIASES:
        if path.startswith(private):
            return public + name if name[:1].isupper() else path
    return path
