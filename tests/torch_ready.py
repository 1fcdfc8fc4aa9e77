"""Imported before processes are forked: what torch imports late, and the stand-ins for torchvision."""

from __future__ import annotations

import sys

import torch
import torch._dynamo  # by optimizers, when they are constructed

from tests.stub_packages import stubs

torch.nn.Linear(2, 3, device="meta")(torch.empty(1, 2, device="meta"))  # by meta tensors, when they are first used
torch.set_num_threads(1)
sys.modules.update(stubs())
