"""``--engine dask`` beside a run on this machine: a real scheduler and real workers, each a process of its own.

The output must be the same to the byte, also when a worker is killed half way; a file that kills its workers is named,
and the others are checked. What a worker sees is asked in `test_snapshot`.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.harness import FIXTURES
from tests.program import FINE, LINEAR, environment, run
from torchshape_lint.cli import main

pytest.importorskip("distributed", reason="the extra dask is not installed")
# A worker that runs this dies in the middle of a file: the KILLED_AT-th, and any that says so.
_MORTAL = """
import itertools, os, signal
from torchshape_lint import api

number = itertools.count(1)

def mortal(name, text, options, checked=api.checked):
    if next(number) == int(os.environ.get("KILLED_AT", 0)) or "# the end" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    return checked(name, text, options)

if api.checked.__name__ != "mortal":  # dask may load this twice
    api.checked = mortal
"""


@contextmanager
def cluster(folder: Path, *workers: dict[str, str], **variables: str) -> Iterator[str]:
    """The address of a scheduler, whose workers have these variables. Nothing follows a worker that ends."""
    preload = folder / "mortal.py"
    preload.write_text(_MORTAL, "utf-8")
    with ExitStack() as stack:

        def start(name: str, *arguments: str, **more: str) -> Path:
            log, more = folder / f"{name}.log", {**variables, **more, "TORCHSHAPE_LINT_CACHE": "off"}
            with log.open("wb") as out:
                process = subprocess.Popen(
                    [sys.executable, "-m", "dask", *arguments, "--no-dashboard"],
                    cwd=folder, stdout=out, stderr=out, env=environment((), None, **more),
                )  # fmt: skip
            stack.callback(process.wait)
            stack.callback(process.kill)
            return log

        scheduler = start("scheduler", "scheduler", "--host", "127.0.0.1", "--port", "0")
        address = _said(scheduler, "Scheduler at:").split()[-1]
        logs = [
            start(f"worker{k}", "worker", address, "--nthreads", "1", "--no-nanny", "--preload", str(preload), **more)
            for k, more in enumerate(workers)
        ]
        for log in logs:
            _said(log, "Registered to:")
        yield address


def _said(log: Path, words: str) -> str:
    for _ in range(600):
        for line in log.read_text("utf-8", "replace").splitlines():
            if words in line:
                return line
        time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8", "replace"))


def on(address: str) -> tuple[str, ...]:
    return "--engine", "dask", "--scheduler", address


def test_a_run_that_loses_a_worker_is_the_run_of_one_machine(tmp_path: Path) -> None:
    paths = [str(FIXTURES / name) for name in ("projects", "notebooks")]
    with cluster(tmp_path, {"KILLED_AT": "10"}, {}) as address:
        for form in ("json", "text"):
            command = ("check", *paths, "missing.py", "--format", form, "--no-fixes")
            here = run(tmp_path, *command, "--jobs", "1", TORCHSHAPE_LINT_CACHE="off")
            there = run(tmp_path, *command, *on(address))
            assert "TSL101" in here.out
            assert (there.code, there.out) == (here.code, here.out)
            assert there.err.endswith(here.err.splitlines(keepends=True)[-1])
        assert (tmp_path / "scheduler.log").read_text("utf-8").count("Remove worker") == 1


def test_a_file_that_kills_its_workers_is_named_and_the_others_are_checked(tmp_path: Path) -> None:
    for k in range(8):
        (tmp_path / f"a{k}.py").write_text(LINEAR if k % 2 else FINE)
    (tmp_path / "a3.py").write_text(f"{LINEAR}# the end\n")
    with cluster(tmp_path, {}, {}, {}, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0") as address:
        ran = run(tmp_path, "check", ".", "--exclude", "mortal.py", *on(address))
    assert ran.places == [f"a{k}.py:5 TSL101" for k in (1, 5, 7)]
    assert ran.code == 2
    assert "a3.py: each worker that took it ended" in ran.err
    assert "3 findings in 3 files (8 files looked at, 1 file could not be checked)" in ran.err


def test_a_cluster_without_workers_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.py").write_text(LINEAR)
    monkeypatch.setattr("torchshape_lint.cli.on_dask._POLL", 0.1)
    with cluster(tmp_path) as address:
        assert main(["check", str(tmp_path / "a.py"), *on(address)]) == 2
        assert f"there is no worker at {address}" in capsys.readouterr().err


def test_what_is_missing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.py").write_text(LINEAR)
    file = str(tmp_path / "a.py")

    def said(*options: str) -> str:
        assert main(["check", file, *options]) == 2
        return capsys.readouterr().err

    assert "--engine and --scheduler go together" in said("--engine", "dask")
    assert "--engine and --scheduler go together" in said("--scheduler", "tcp://127.0.0.1:1")
    assert "--jobs is for this machine" in said("--jobs", "2", *on("tcp://127.0.0.1:1"))
    ran = run(tmp_path, "check", file, *on("tcp://127.0.0.1:1"), DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT="1s")
    assert (ran.code, ran.out) == (2, "")
    assert "--scheduler tcp://127.0.0.1:1: no scheduler of dask answers" in ran.err
    ran = run(tmp_path, "check", file, *on("tcp://127.0.0.1:1"), missing=("distributed",), hidden=tmp_path)
    assert ran.err == "torchshape-lint: --engine dask needs distributed: pip install 'torchshape-lint[dask]'\n"
