"""Loops that hand batches to a step: Lightning's Trainer, ignite's Engine."""

from __future__ import annotations

from typing import TypeGuard

from torchshape_lint.interp import classes
from torchshape_lint.interp.escape import escape
from torchshape_lint.interp.iteration import iterate
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.values import Bound, Function, Instance, Made, Stream, Unknown, Value

_STEPS = {
    "fit": (("train", "training_step"), ("val", "validation_step")),
    "validate": (("val", "validation_step"),),
    "test": (("test", "test_step"),),
    "predict": (("predict", "predict_step"),),
}


@known(*(f"made.{name}" for name in _STEPS))
def _fit(h: Here) -> Value:
    """``trainer.fit(model, loaders)``: one batch of each loader goes to its step."""
    which = h.path.rpartition(".")[2]
    model = h.arg(0, "model")
    if not isinstance(h.self, Made) or not h.self.path.endswith(".Trainer") or not isinstance(model, Instance):
        escape(h.m, tuple(h.args.positional), f"{h.path} is not followed")
        return Unknown(f"{h.path} is not followed")
    given = (*h.args.positional[1:], *h.args.keywords.values())
    source = next((v for v in given if _gives_loaders(v)), model)
    if source is model and h.args.keywords.get("datamodule") is not None:
        return Unknown("a data module that is not followed")
    _run(h, source, "prepare_data")
    _run(h, source, "setup", which)
    for k, (kind, step) in enumerate(_STEPS[which], start=1):
        own = h.arg(k, "dataloaders" if which != "fit" else f"{kind}_dataloaders")
        loader = own if own is not None and own is not source else _run(h, source, f"{kind}_dataloader")
        if loader is not None and (method := _method(model, step)) is not None:
            h.call(method, _batch(h, loader), Unknown("the number of a batch"))
    return None


def _gives_loaders(value: Value) -> TypeGuard[Instance]:
    """A data module of one's own."""
    return isinstance(value, Instance) and _method(value, "train_dataloader") is not None


def _method(owner: Instance, name: str) -> Bound | None:
    found = classes.lookup_class(owner.cls, name)
    return Bound(found[0], owner) if found is not None and isinstance(found[0], Function) else None


def _run(h: Here, owner: Instance, name: str, *args: Value) -> Value:
    method = _method(owner, name)
    return h.call(method, *args) if method is not None else None


def _batch(h: Here, loader: Value) -> Value:
    items = iterate(h.m, h.frame, loader)
    if isinstance(items, Stream):
        return items.element
    return items[0] if items else Unknown("a batch of nothing")


@known("ignite.engine.create_supervised_trainer", "ignite.engine.create_supervised_evaluator")
def _supervised(h: Here) -> Value:
    return Made(h.path, tuple(h.args.positional), tuple(h.args.keywords.items()))


@known("made.run")
def _run_engine(h: Here) -> Value:
    """``engine.run(loader)``: what the engine does with one batch."""
    engine = h.self
    if not isinstance(engine, Made) or not engine.path.startswith("ignite."):
        return Unknown(f"{h.path} is not followed")
    batch = _batch(h, h.arg(0, "data"))
    if engine.path.endswith(".Engine"):
        h.m.call(h.frame, engine.argument(0, "process_function"), CallArgs((engine, batch)), h.site.at)
    elif isinstance(batch, tuple) and len(batch) == 2:
        prediction = h.call(engine.argument(0, "model"), batch[0])
        if engine.path.endswith("trainer"):
            h.call(engine.argument(2, "loss_fn"), prediction, batch[1])
    return Unknown("the state of an engine")
