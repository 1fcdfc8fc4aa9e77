"""Our own faults: a mistake of ours in one place must not cost the user the findings of all others.

Where a fault is caught it is logged, and raised when TORCHSHAPE_LINT_DEBUG is set, as it is in our tests.
"""

from __future__ import annotations

import logging
import os

DEBUG = "TORCHSHAPE_LINT_DEBUG"
_log = logging.getLogger("torchshape_lint")


def debugging() -> bool:
    return bool(os.environ.get(DEBUG))


def caught(problem: Exception, where: str) -> None:
    """Log a fault of ours; raise it again when somebody is looking for it."""
    if debugging():
        raise problem
    _log.warning("internal error in %s: %r", where, problem)
