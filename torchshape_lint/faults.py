"""Our own faults: a mistake of ours in one place must not cost the user the findings of all others.

Where a fault is caught it is logged, and raised when TORCHSHAPE_LINT_DEBUG is set, as it is in our tests.
"""

from __future__ import annotations

import logging
import os

DEBUG = "TORCHSHAPE_LINT_DEBUG"
_log = logging.getLogger("torchshape_lint")
_count = 0


def debugging() -> bool:
    return bool(os.environ.get(DEBUG))


def so_far() -> int:
    """How many faults were caught in this process."""
    return _count


def caught(problem: Exception, where: str) -> None:
    """Log a fault of ours; raise it again when somebody is looking for it."""
    global _count
    if debugging():
        raise problem
    _count += 1
    _log.warning("internal error in %s: %r", where, problem)
