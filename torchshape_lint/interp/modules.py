"""Modules of other files: read as source when a name of theirs is first needed, run silently, then kept."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from torchshape_lint import opened
from torchshape_lint.frontend.encoding import decode
from torchshape_lint.frontend.source import Source, read_to_keep
from torchshape_lint.interp.journal import MISSING
from torchshape_lint.interp.machine import Machine, Raised, StoryEnd
from torchshape_lint.interp.names import FOLLOWED, external
from torchshape_lint.interp.scope import Frame, Scope
from torchshape_lint.project import find_absolute, find_relative, find_submodule, module_name
from torchshape_lint.values import External, Imported, ModuleValue, Unknown, Value

LONGEST_WAY = 32  # from file to file until a name is defined
MAX_LINES = 60_000  # of other files that one evaluation reads
_LARGEST_FILE = 1_500_000  # bytes
_PART = 0.25  # of the work that is left, for one file with all that it imports
_ENOUGH = 40_000  # steps that a file may take, however many import it through each other


@lru_cache(maxsize=256)
def _read(path: str, size: int, changed: int) -> Source:
    """One file, kept while it does not change: the files of a project import the same modules over and over."""
    return read_to_keep(decode(opened.content(path)), path, module_name(path))


def source_of(path: Path) -> Source | None:
    try:
        size, changed = opened.state(str(path))
        return _read(str(path), size, changed) if size <= _LARGEST_FILE else None
    except OSError:
        return None


def locate(importer: str, level: int, module: str) -> Path | None:
    """Where the source of an imported module is."""
    try:
        found = find_relative(importer, level, module) if level else find_absolute(importer, module)
    except (OSError, ValueError):
        return None
    return Path(found) if found is not None else None


def module_at(m: Machine, path: Path) -> ModuleValue:
    """The module of a file; it runs when a name of it is first needed."""
    key = str(path)
    if key not in m.modules:
        m.modules[key] = ModuleValue(name=module_name(key) or path.stem, path=key)
    return m.modules[key]


def outside(m: Machine, importer: str, path: str) -> Value:
    """Something outside by its full path: read as source where that is wanted and there, otherwise by name."""
    if path in FOLLOWED:
        found = locate(importer, 0, path)
        if found is not None:
            return module_at(m, found)
    return external(path)


def resolve(m: Machine, value: Value) -> Value:
    """What a name that was imported from another file stands for."""
    for _ in range(LONGEST_WAY):
        if not isinstance(value, Imported):
            return value
        value = _bound(m, value.module, value.name)
    return Unknown("files that import a name from each other")


def member(m: Machine, module: ModuleValue, name: str) -> Value:
    """``module.name``: what its file binds, or a submodule."""
    return resolve(m, _bound(m, module, name))


def _bound(m: Machine, module: ModuleValue, name: str) -> Value:
    """What a file binds to ``name``, maybe a name of yet another file; ``from . import x`` means the submodule."""
    run(m, module)
    value = module.fields.get(name, MISSING)
    if value is not MISSING and value != Imported(module, name):
        return value
    submodule = find_submodule(module.path, name)
    if submodule is not None:
        return module_at(m, Path(submodule))
    return Unknown(f"{module.name} has no {name} that is known")


def run(m: Machine, module: ModuleValue) -> None:
    """Run a module's file once, silently; what it binds is there for good, whatever branch asked for it."""
    if module.started:
        return
    module.started = True
    path = Path(module.path)
    source = source_of(path) if opened.is_file(module.path) else None
    if source is None:
        return
    m.lines_read += source.line_count
    if m.lines_read > MAX_LINES:
        module.fields.clear()
        return
    m.sources[id(source.program)] = source
    scope = Scope("module", None, module.fields)
    scope.vars["__name__"] = module.name
    scope.vars["__file__"] = module.path
    frame = Frame(scope, source.program, name=module.name)
    path_before, story, doubts = m.path, m.story, m.doubts
    m.path, m.doubts = [], 0
    log = m.journal.set_aside()
    m.frames.append(frame)
    try:
        with m.silent(), m.budget.file(_PART, _ENOUGH):
            _execute(m, frame, module)
    finally:
        m.frames.pop()
        m.journal.bring_back(log)
        m.path, m.story, m.doubts = path_before, story, doubts


def _execute(m: Machine, frame: Frame, module: ModuleValue) -> None:
    """Statement by statement. A file that takes too long is one of which nothing is known; who imports it goes on."""
    for stmt in frame.program.body:
        mark = m.journal.mark()
        try:
            m.execute(frame, (stmt,))
        except Raised:
            continue
        except StoryEnd:
            m.journal.undo(mark)
            module.fields.clear()
            return


_ALL = re.compile(r"^__all__\s*(?::[^=\n]*)?=\s*[\[(]([^\])]*)[\])]\s*$", re.M)
_DEFINED = re.compile(r"^(?:(?:async\s+)?def|class)\s+(\w+)|^(\w+)\s*(?::[^=\n]+)?=(?!=)", re.M)
_QUOTED = re.compile(r"""["'](\w+)["']""")
_NOT_PLAIN = re.compile(
    r"^\s*from\s.*\simport\s*\(?\s*\*|^__all__\s*(?:\+=|\.)|^(?:if|try|for|with)\b|globals\(\)", re.M
)


def _listed_names(path: Path) -> list[str] | None:
    """The public names of a file as its text shows them, when that is plain to see; the file is not parsed."""
    try:
        return _names_shown(opened.content(str(path)))
    except OSError:
        return None


@lru_cache(256)
def _names_shown(content: bytes) -> list[str] | None:
    text = decode(content)
    exported = _ALL.findall(text)
    if len(exported) == 1 and "__all__ +" not in text and "__all__." not in text:
        return _QUOTED.findall(exported[0]) if "*" not in exported[0] else None
    if exported or "__all__" in text or _NOT_PLAIN.search(text):
        return None
    names = [a or b for a, b in _DEFINED.findall(text)]
    imported = re.search(r"^(?:from|import)\s", text, re.M)
    return [name for name in names if not name.startswith("_")] if not imported else None


def public_names(m: Machine, module: ModuleValue) -> dict[str, Value]:
    """What ``from module import *`` binds: by the file's text where that is enough, otherwise by running it."""
    if not module.started:
        names = _listed_names(Path(module.path))
        if names is not None:
            return {name: Imported(module, name) for name in names}
    run(m, module)
    listed = module.fields.get("__all__")
    items = getattr(listed, "fields", {}).get("items") if listed is not None else None
    if isinstance(items, tuple) and all(isinstance(i, str) for i in items):
        return {name: Imported(module, name) for name in items}
    return {
        name: value
        for name, value in module.fields.items()
        if isinstance(name, str) and not name.startswith("_") and not isinstance(value, External)
    }
