"""``dataclass`` as Python has it, but ``frozen=True`` is a promise that mypy holds, and Python does not enforce.

Python's frozen classes set each field through ``object.__setattr__``: evaluating a file would take a sixth longer.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, frozen: bool = False, **options: Any) -> Any:
        def made(cls: type) -> type:
            hashed = frozen and options.get("eq", True) and "__hash__" not in cls.__dict__
            return dataclasses.dataclass(cls, unsafe_hash=hashed, **options)  # by its fields, as a frozen class has it

        return made
