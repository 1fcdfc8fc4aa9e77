"""Methods that every nn.Module has, and those of its containers."""

from __future__ import annotations

from torchshape_lint import ir
from torchshape_lint.interp import classes, containers
from torchshape_lint.interp.attributes import set_attribute
from torchshape_lint.interp.doubts import LEFT_OPEN
from torchshape_lint.interp.escape import escape
from torchshape_lint.interp.journal import MISSING
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.interp.module_calls import call_module, run_sequence
from torchshape_lint.interp.sequences import plain_items
from torchshape_lint.shapes import open_shape
from torchshape_lint.values import (
    OPEN,
    Bound,
    Choice,
    DictValue,
    Function,
    Instance,
    Layer,
    ListValue,
    Object,
    Stream,
    Tensor,
    Unknown,
    Value,
)

_METHOD = "torch.nn.Module."


def _methods(names: str) -> list[str]:
    return [_METHOD + name for name in names.split()]


@known(
    *_methods(
        "cuda cpu xpu ipu mtia requires_grad_ share_memory compile to_empty requires_grad __init_subclass__ freeze"
    )
)
def _itself(h: Here) -> Value:
    return h.self


@known(*_methods("train eval"))
def _train(h: Here) -> Value:
    mode = h.arg(0, "mode", True) if h.path.endswith("train") else False
    _set_training(h, h.self, mode if isinstance(mode, bool) else Unknown("a mode"))
    return h.self


def _set_training(h: Here, module: Value, mode: Value) -> None:
    if isinstance(module, (Instance, Layer)):
        h.m.store(module, "training", mode)
        for child in containers.children(module).values():
            _set_training(h, child, mode)
        layer = module.fields.get("<layer>")
        if isinstance(layer, Layer):
            h.m.store(layer, "training", mode)


@known(
    *_methods(
        "__init__ zero_grad set_extra_state _register_load_state_dict_pre_hook save_hyperparameters log log_dict "
        "_load_from_state_dict __setstate__ add_hook"
    )
)
def _none(h: Here) -> Value:
    return None


@known(*_methods("register_forward_hook register_forward_pre_hook"))
def _register_hook(h: Here) -> Value:
    """A hook that returns something replaces inputs or outputs; one that only looks on changes nothing."""
    hook = h.arg(0, "hook")
    function = hook.function if isinstance(hook, Bound) else hook
    escape(h.m, hook, "a module runs it")
    if not isinstance(function, Function) or _returns(function):
        escape(h.m, h.self, "it has a hook that may change what it gives")
    return Unknown("the handle of a hook")


def _returns(function: Function) -> bool:
    """May the function return anything but None?"""
    if isinstance(function.node, ir.Lambda):
        return True
    return _has_return(function.node.body)


def _has_return(block: ir.Block) -> bool:
    for stmt in block:
        if isinstance(stmt, ir.Return) and stmt.value is not None:
            return True
        inner = [getattr(stmt, name, ()) for name in ("body", "orelse", "finalbody")]
        if not isinstance(stmt, (ir.FunctionDef, ir.ClassDef)) and any(_has_return(part) for part in inner):
            return True
        parts = [*getattr(stmt, "handlers", ()), *getattr(stmt, "cases", ())]
        if any(_has_return(part.body) for part in parts):
            return True
    return False


@known(*_methods("parameters buffers"))
def _parameters(h: Here) -> Value:
    return Stream(_some_parameter(h))


@known(*_methods("named_parameters named_buffers"))
def _named_parameters(h: Here) -> Value:
    return Stream((Unknown("the name of a parameter"), _some_parameter(h)))


def _some_parameter(h: Here) -> Value:
    """A tensor, whatever its shape."""
    return Tensor(open_shape(), parameter=h.path.endswith("parameters"))


@known(*_methods("state_dict"))
def _state_dict(h: Here) -> Value:
    return DictValue({OPEN: True})


@known(*_methods("children"))
def _children(h: Here) -> Value:
    assert isinstance(h.self, Object)
    if containers.is_open(h.self) or _hidden(h.self):
        return Stream(Unknown("a child of a module that is not fully known"))
    return tuple(containers.children(h.self).values())


@known(*_methods("named_children"))
def _named_children(h: Here) -> Value:
    assert isinstance(h.self, Object)
    if containers.is_open(h.self) or _hidden(h.self):
        return Stream((Unknown("a name"), Unknown("a child of a module that is not fully known")))
    return tuple(containers.children(h.self).items())


@known(*_methods("modules"))
def _modules(h: Here) -> Value:
    found: list[Value] = []
    return tuple(found) if _descend(h.self, found, "") else Stream(Unknown("a module"))


@known(*_methods("named_modules"))
def _named_modules(h: Here) -> Value:
    found: list[Value] = []
    names: list[str] = []
    if not _descend(h.self, found, "", names):
        return Stream((Unknown("a name"), Unknown("a module")))
    return tuple(zip(names, found, strict=True))


def _descend(module: Value, found: list[Value], prefix: str, names: list[str] | None = None) -> bool:
    assert isinstance(module, Object)
    if any(module is other for other in found):
        return True
    if containers.is_open(module) or _hidden(module) or len(found) > 400:
        return False
    found.append(module)
    if names is not None:
        names.append(prefix)
    return all(
        _descend(child, found, f"{prefix}.{key}" if prefix else key, names)
        for key, child in containers.children(module).items()
    )


def _hidden(module: Object) -> bool:
    """May it have children that nobody saw (an unknown attribute may be a module)?"""
    if isinstance(module, Instance) and classes.has_unknown_base(module.cls):
        return True
    return any(
        isinstance(v, (Unknown, Choice)) for k, v in module.fields.items() if isinstance(k, str) and k != "training"
    )


@known(*_methods("__setattr__"), "builtins.object.__setattr__")
def _set(h: Here) -> Value:
    name = h.arg(0)
    if isinstance(name, str):
        set_attribute(h.m, h.frame, h.self, name, h.arg(1), ir.Name(h.site.at, name))
    else:
        escape(h.m, h.self, "an attribute was set by a name that is not known")
    return None


@known(*_methods("__getattr__ __getattribute__"), "builtins.object.__getattribute__")
def _get(h: Here) -> Value:
    name = h.arg(0)
    assert isinstance(h.self, Object)
    return h.self.fields.get(name, Unknown("an attribute")) if isinstance(name, str) else Unknown("an attribute")


@known(
    *_methods(
        "load_state_dict register_backward_hook register_full_backward_hook register_full_backward_pre_hook "
        "register_load_state_dict_pre_hook register_load_state_dict_post_hook register_state_dict_post_hook "
        "print __repr__ extra_repr _get_name __len__ hparams device dtype get_extra_state manual_backward optimizers "
        "register_state_dict_pre_hook _save_to_state_dict toggle_optimizer untoggle_optimizer lr_schedulers all_gather"
    )
)
def _unseen(h: Here) -> Value:
    """It changes nothing, but what it gives is not followed."""
    if h.path.endswith("hook"):
        escape(h.m, h.arg(0, "hook"), "a module runs it")
    return Unknown(f"{h.path} is not followed")


@known(*_methods("add_module register_module register_buffer register_parameter"))
def _register(h: Here) -> Value:
    name, value = h.arg(0, "name"), h.arg(1, "module")
    if value is None:
        value = h.args.keywords.get("tensor", h.args.keywords.get("param"))
    if isinstance(name, str):
        set_attribute(h.m, h.frame, h.self, name, value, ir.Name(h.site.at, name))
    else:
        escape(h.m, h.self, "something was registered by a name that is not known")
    return None


@known(*_methods("get_submodule get_parameter get_buffer"))
def _get_submodule(h: Here) -> Value:
    value, target = h.self, h.arg(0, "target")
    if not isinstance(target, str):
        return Unknown("a submodule by a name that is not known")
    for part in filter(None, target.split(".")):
        if not isinstance(value, Object) or part not in value.fields:
            return Unknown(f"no submodule {target}")
        value = value.fields[part]
    return value


@known(*_methods("set_submodule"))
def _set_submodule(h: Here) -> Value:
    """Another module under a dotted name."""
    owner, target = h.self, h.arg(0, "target")
    parts = target.split(".") if isinstance(target, str) else []
    for part in parts[:-1]:
        owner = owner.fields.get(part) if isinstance(owner, Object) else None
    if parts and isinstance(owner, (Instance, Layer)):
        set_attribute(h.m, h.frame, owner, parts[-1], h.arg(1, "module"), ir.Name(h.site.at, parts[-1]))
    else:
        escape(h.m, h.self, "a submodule was set by a name that is not known")
    return None


# --- containers -----------------------------------------------------------------------------------------------------


@known(*_methods("append"))
def _append(h: Here) -> Value:
    assert isinstance(h.self, Object)
    containers.append(h.m, h.self, h.arg(0, "module"))
    return h.self


@known(*_methods("extend"))
def _extend(h: Here) -> Value:
    assert isinstance(h.self, Object)
    containers.extend(h.m, h.self, h.arg(0))
    return h.self


@known(*_methods("insert"))
def _insert(h: Here) -> Value:
    assert isinstance(h.self, Object)
    containers.insert(h.m, h.self, h.arg(0, "index"), h.arg(1, "module"))
    return h.self if h.m is not None and classes.container_path(h.self) == "torch.nn.Sequential" else None


@known(*_methods("pop"))
def _pop(h: Here) -> Value:
    assert isinstance(h.self, (Layer, Instance))
    value = containers.get(h.m, h.self, h.arg(0))
    containers.delete(h.m, h.self, h.arg(0))
    return value


@known(*_methods("update"))
def _update(h: Here) -> Value:
    assert isinstance(h.self, Object)
    mapping = h.arg(0)
    if isinstance(mapping, DictValue) and OPEN not in mapping.fields:
        for key, child in mapping.fields.items():
            h.m.store(h.self, str(key), child)
    else:
        h.m.store(h.self, LEFT_OPEN, True)
    return None


@known(*_methods("keys values items"))
def _entries(h: Here) -> Value:
    assert isinstance(h.self, Object)
    if containers.is_open(h.self):
        return Stream(Unknown("an entry of a module whose children are not all known"))
    entries = containers.listed(h.self)
    which = h.path.rpartition(".")[2]
    return (
        tuple(entries) if which == "keys" else tuple(entries.values()) if which == "values" else tuple(entries.items())
    )


@known(*_methods("clear"))
def _clear(h: Here) -> Value:
    assert isinstance(h.self, Object)
    for key in containers.listed(h.self):
        h.m.store(h.self, key, MISSING)
    return None


@known(*_methods("forward __call__"))
def _forward(h: Here) -> Value:
    """``forward`` that no class of the analysed code defines: a container's, or a layer's own."""
    if isinstance(h.self, Layer):
        return call_module(h.m, h.frame, h.self, h.args, h.site.at, None, h.site)
    assert isinstance(h.self, Instance)
    if h.path.endswith("__call__"):
        return call_module(h.m, h.frame, h.self, h.args, h.site.at, None)
    if classes.container_path(h.self) == "torch.nn.Sequential":
        return run_sequence(h.m, h.frame, h.self, h.args, h.site.at)
    return h.m.unknown(f"{h.self.cls.name} has no forward that is known", h.site)


@known("torch.nn.Parameter", "torch.nn.UninitializedParameter")
def _parameter(h: Here) -> Value:
    value = h.arg(0, "data")
    if isinstance(value, Tensor):
        return Tensor(value.shape, value.dtype, None, True)
    return Unknown("a parameter made of something unknown")


@known("torch.nn.ParameterList", "torch.nn.BufferList")
def _parameter_list(h: Here) -> Value:
    items = plain_items(h.arg(0, "values", ()))
    return ListValue({"items": items if items is not None else Unknown("a list of unknown length")})


@known("torch.nn.ParameterDict")
def _parameter_dict(h: Here) -> Value:
    value = h.arg(0, "parameters")
    return DictValue(dict(value.fields) if isinstance(value, DictValue) else {} if value is None else {OPEN: True})


@known("torch.nn.DataParallel", "torch.nn.parallel.DistributedDataParallel", "torch.nn.parallel.DataParallel")
def _data_parallel(h: Here) -> Value:
    return Layer(
        {"module": h.arg(0, "module"), "training": True},
        op="torch.nn.DataParallel",
        at=h.site.at,
        program=h.site.program,
    )


@known("torch.nn.Module")
def _plain_module(h: Here) -> Value:
    return Layer({"training": True}, op="torch.nn.Module", at=h.site.at, program=h.site.program)
