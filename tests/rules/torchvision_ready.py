"""torchvision, imported in spite of missing operators: its Python half is judge enough for what it computes."""

from __future__ import annotations

import os

import pytest
import torch

_LIBRARIES: list[torch.library.Library] = []  # an operator is gone when its library is


def require_torchvision() -> None:
    """Import torchvision, or skip the module. Without its compiled half the operators are declared, not defined."""
    os.environ.setdefault("TORCHDYNAMO_DISABLE", "1")
    try:
        import torchvision  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError:
        pytest.skip("torchvision is not installed", allow_module_level=True)
    except RuntimeError:
        library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
        _LIBRARIES.append(library)
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou) -> Tensor")  # type: ignore[no-untyped-call]
        import torchvision  # type: ignore[import-untyped,import-not-found,unused-ignore] # noqa: F401
