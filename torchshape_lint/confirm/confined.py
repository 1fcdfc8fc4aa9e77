"""Confines its own process as far as the system lets it, and then runs ``child``: limits, no network, no survivors.

Started by its path in the user's interpreter, so it imports nothing but the standard library (Python 3.9 and up).
It keeps mistakes and curiosity in check. It is not a sandbox: what a file may do on the disk, it may still do.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import runpy
import signal
import sys
from typing import Any

NEW_USER, NEW_PROCESSES, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000  # of Linux's unshare
DIE_WITH_PARENT = 1  # of Linux's prctl
CONNECTING = ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg")


def limit(seconds: float, memory: int) -> None:
    """Memory and, should nobody be left to watch the clock, time of work; no core dumps. Not on Windows."""
    try:
        import resource
    except ImportError:
        return
    work = int(seconds) * (os.cpu_count() or 1) + 10
    for what, most in ((resource.RLIMIT_DATA, memory), (resource.RLIMIT_CPU, work), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (most, most))


def refuse_network() -> None:
    """Python's own sockets get no further than this machine's pipes, on every system."""

    def refuse(event: str, args: tuple[Any, ...]) -> None:
        if event == "socket.getaddrinfo" or event in CONNECTING and isinstance(args[-1], tuple):
            raise PermissionError(f"{event}: no network while findings are confirmed")

    sys.addaudithook(refuse)


def leave() -> None:
    """On Linux, where allowed: into a network without cables, and a world of processes that ends with this one."""
    if not sys.platform.startswith("linux"):
        return
    system = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if system.unshare(NEW_USER | NEW_NETWORK | NEW_PROCESSES) == 0:
        maps = {"setgroups": "deny", "uid_map": f"{user} {user} 1", "gid_map": f"{group} {group} 1"}
        with contextlib.suppress(OSError):  # the same names for the same people
            for file, text in maps.items():
                with open(f"/proc/self/{file}", "w", encoding="ascii") as mapping:
                    mapping.write(text)
    elif system.unshare(NEW_NETWORK | NEW_PROCESSES) != 0:  # for whom the system trusts without a new user
        return
    first = os.fork()
    if first:
        _, status = os.waitpid(first, 0)
        os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
    system.prctl(DIE_WITH_PARENT, signal.SIGKILL)


def main() -> None:
    seconds, memory, *sys.argv = sys.argv[1:]
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    limit(float(seconds), int(memory))
    leave()
    refuse_network()
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
