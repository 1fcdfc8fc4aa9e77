"""Is every float as wide as the code says? Where the whole program is in view and nothing changes dtypes unseen.

That is a question of text: which files a program imports, and the words in them. What converts modules in plain sight
(``.double()``, ``.to(x)``) is followed where it stands, in `known.conversions`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from torchshape_lint import opened
from torchshape_lint.frontend.encoding import decode
from torchshape_lint.interp.modules import locate

# A default dtype, autocast, weights replaced where they lie, numpy's double numbers, code that nobody can read.
_UNSEEN = re.compile(
    r"set_default_(?:dtype|tensor_type)|autocast|\.data\s*=[^=]|setattr\(|_apply\(|vector_to_parameters|assign\s*=|"
    r"\b(?:np|numpy)\.(?:sqrt|log|log2|exp|ceil|floor)\b|import_module|__torch_|FunctionMode|"
    r"__import__|(?<![.\w])(?:exec|eval)\(|sys\.modules"
)
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]*(\([^)]*\)|[^\n]*)|import[ \t]+([^\n#;]+))", re.M
)
_HARMLESS = frozenset(sys.stdlib_module_names) | frozenset(
    "torch torchvision torchaudio numpy tqdm matplotlib sklearn pandas PIL cv2 scipy tensorboard einops seaborn yaml "
    "torchsummary torchinfo typing_extensions jaxtyping pytest h5py rich loguru wandb".split()
)
_MOST_FILES = 40  # of one program


def hold(text: str, path: str) -> bool:
    """For a file that is run as a program."""
    seen: set[Path] = set()
    queue = [(text, path)]
    while queue:
        if _UNSEEN.search(queue[-1][0]):
            return False
        for found in _imported(*queue.pop()):
            if found is None:
                return False
            if found not in seen:
                seen.add(found)
                if len(seen) > _MOST_FILES:
                    return False
                queue.append((_text(found, opened.state(str(found))), str(found)))
    return True


@lru_cache(maxsize=256)
def _text(path: Path, state: tuple[int, int]) -> str:
    return decode(opened.content(str(path))) if opened.is_file(str(path)) else ""  # a namespace package is a folder


def _imported(text: str, path: str) -> Iterator[Path | None]:
    """The files that a file imports; None for a package of which nobody knows what it does."""
    for dots, module, names, plain in _IMPORT.findall(text):
        for name in [part.split()[0] for part in plain.split(",") if part.split()] or [module]:
            if dots or name.partition(".")[0] not in _HARMLESS:
                yield from _files(path, len(dots), name, re.findall(r"\w+", names))


def _files(path: str, dots: int, name: str, words: list[str]) -> Iterator[Path | None]:
    """The file of a module, those of the packages around it, and of the submodules among ``words``."""
    found = locate(path, dots, name)
    yield found if found or name else Path(path)  # ``from . import x``: maybe no __init__.py
    while "." in name:
        name = name.rpartition(".")[0]
        if (outer := locate(path, dots, name)) is not None:
            yield outer
    for word in words:
        if (inner := locate(path, dots, f"{name}.{word}".strip("."))) is not None:
            yield inner
