"""What the process that confirms is kept from: secrets, the network, memory without end, and leaving others behind."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.test_confirm import ask
from torchshape_lint.confirm import replay
from torchshape_lint.diagnostics import Story

LINUX = sys.platform.startswith("linux")
SCRIPT = Story("script")
MAY_LEAVE = (
    "import ctypes, os\nuser = os.getuid()\nc = ctypes.CDLL(None)\n"
    "raise SystemExit(c.unshare(0x70000000) and c.unshare(0x60000000))"
)


def may_leave() -> bool:
    """Does this system let a process into a network and a world of processes of its own?"""
    return LINUX and subprocess.run([sys.executable, "-c", MAY_LEAVE], check=False, timeout=60).returncode == 0


def told(tmp_path: Path, text: str) -> str:
    """The answer about the last line of a script, which raises what it saw."""
    return ask(tmp_path, text, SCRIPT, text.count("\n"))[0]


def test_no_secrets_and_nothing_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "HF_HOME", "DATABASE_URL", "path_to_secret"):
        monkeypatch.setenv(name, "secret")
    answer = told(tmp_path, "import os, sys\nraise OSError(sys.stdin.read() + ' '.join(os.environ))\n")
    seen = set(answer.removeprefix("undecided: OSError: ").split())
    assert "PATH" in seen
    assert seen <= replay.VARIABLES | {name for name in seen if name.startswith("LC_")}


@pytest.fixture
def listener() -> socket.socket:
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.2)
    return server


CALL = "import socket\nsocket.create_connection(('127.0.0.1', {port}), timeout=5)\n"


def test_no_network(tmp_path: Path, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    assert "no network while findings are confirmed" in told(tmp_path, CALL.format(port=port))
    if may_leave():  # not even for what is not Python, or another one
        text = f"import subprocess, sys\nrun = subprocess.run([sys.executable, '-c', {CALL.format(port=port)!r}])\n"
        assert told(tmp_path, text + "raise OSError(run.returncode)\n") == "undecided: OSError: 1"
    with pytest.raises(TimeoutError):
        listener.accept()


def test_the_listener_can_be_reached(listener: socket.socket) -> None:
    subprocess.run([sys.executable, "-c", CALL.format(port=listener.getsockname()[1])], check=True, timeout=60)
    listener.accept()[0].close()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is no such limit")
def test_a_memory_limit(tmp_path: Path) -> None:
    text = f"import torch\nx = torch.tensor(3)\nx.item() and torch.zeros({replay.MEMORY // 2})\n"
    assert "allocate" in told(tmp_path, text)


BEATING = """\
import os, subprocess, sys, time
beat = "import sys, time\\nwhile True:\\n open(sys.argv[1], 'a').write('x'); time.sleep(0.02)"
subprocess.Popen([sys.executable, "-c", beat, {file!r}], start_new_session={apart})
while not os.path.exists({file!r}): time.sleep(0.01)
os._exit(3)
"""


def still(heart: Path) -> bool:
    """Has it stopped, a moment after its owner did?"""
    time.sleep(0.5)
    beats = heart.stat().st_size
    time.sleep(0.5)
    return beats == heart.stat().st_size


@pytest.mark.skipif(sys.platform == "win32", reason="there are no groups of processes")
def test_nothing_outlives_it(tmp_path: Path) -> None:
    """Not even what has left the group, where the system has worlds of processes."""
    heart = tmp_path / "heart"
    text = BEATING.format(file=str(heart), apart=may_leave())
    assert told(tmp_path, text) == "undecided: the process ended with code 3"
    assert still(heart)


@pytest.mark.skipif(not LINUX, reason="elsewhere it ends with its time")
def test_it_ends_with_who_asked(tmp_path: Path) -> None:
    heart = tmp_path / "heart"
    beat = f"import time\nwhile True:\n    open({str(heart)!r}, 'a').write('x')\n    time.sleep(0.02)\n"
    asks = (
        "from tests.test_confirm import ask\nfrom pathlib import Path\nfrom tests.test_confirm_confined import SCRIPT\n"
    )
    asks += f"ask(Path({str(tmp_path)!r}), {beat!r}, SCRIPT, 1)\n"
    asking = subprocess.Popen([sys.executable, "-c", asks])
    end = time.monotonic() + 60
    while not heart.exists() and time.monotonic() < end:
        time.sleep(0.05)
    asking.kill()
    asking.wait()
    assert still(heart)
