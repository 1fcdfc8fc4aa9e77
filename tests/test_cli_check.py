"""``check`` as a user runs it: which files, which findings, how it ends. Each test runs the real program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.program import FINE, LINEAR, LINEAR_SAID, command, environment, git, hear_ctrl_c, run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(LINEAR, "utf-8")
    return tmp_path


def put(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".py").write_text(text, "utf-8")


# --- what is said and how it ends -----------------------------------------------------------------------------------


def test_findings_and_a_summary(folder: Path) -> None:
    ran = run(folder, "check", "net.py")
    assert (ran.code, ran.out) == (1, f"net.py:{LINEAR_SAID}\n")
    assert ran.err == "1 finding in 1 file (1 file looked at)\n"
    assert run(folder, "check", "net.py", "--quiet").err == ""


def test_nothing_is_found(folder: Path) -> None:
    put(folder, net=FINE)
    ran = run(folder, "check")
    assert (ran.code, ran.out, ran.err) == (0, "", "no findings (1 file looked at)\n")


def test_piped_output_is_plain_and_colours_can_be_forced(folder: Path) -> None:
    pytest.importorskip("rich")
    forced = run(folder, "check", "net.py", FORCE_COLOR="1").out
    assert "\x1b[" in forced
    assert "\x1b[" not in run(folder, "check", "net.py").out
    uncoloured = run(folder, "check", "net.py", FORCE_COLOR="1", NO_COLOR="1").out
    assert not any(f"\x1b[{colour}" in uncoloured for colour in ("31", "36", "1;31"))


def test_statistics(folder: Path) -> None:
    put(folder, more=LINEAR + "torch.zeros(2, 3).view(7)\n")
    ran = run(folder, "check", "--statistics", "-q")
    assert ran.out.splitlines()[-2:] == [
        "2  TSL101  features: the last axis is not in_features",
        "1  TSL301  numel: view or reshape to another number of elements",
    ]
    ran = run(folder, "check", "--statistics", "-q", "--format", "json")
    assert json.loads(ran.out)
    assert ran.err.startswith("2  TSL101")


def test_output_file(folder: Path) -> None:
    ran = run(folder, "check", "net.py", "--output-file", "out.txt")
    assert (ran.code, ran.out) == (1, "")
    assert (folder / "out.txt").read_text("utf-8") == f"net.py:{LINEAR_SAID}\n"


def test_settings_by_file(folder: Path) -> None:
    put(folder, tests__inner__t=LINEAR)
    table = '[tool.torchshape-lint]\nper-file-ignores = { "tests/*" = ["TSL1"] }\n'
    (folder / "pyproject.toml").write_text(table, "utf-8")
    assert run(folder, "check").places == ["net.py:5 TSL101"]
    assert run(folder, "check", "--select", "TSL101").places == ["net.py:5 TSL101"]


# --- which files ----------------------------------------------------------------------------------------------------


def test_globs_and_names_given_twice(folder: Path) -> None:
    put(folder, pkg__a=LINEAR, pkg__sub__b=LINEAR)
    assert run(folder, "check", "pkg/**/*.py", "net.py", "./pkg", "net.py", "./net.py").places == [
        f"{Path('pkg/a.py')}:5 TSL101", f"{Path('pkg/sub/b.py')}:5 TSL101", "net.py:5 TSL101"
    ]  # fmt: skip
    assert run(folder, "check", "gone/*.py").code == 2


def test_gitignore(folder: Path) -> None:
    pytest.importorskip("pathspec")
    put(folder, build__a=LINEAR, pkg__gen_1=LINEAR, pkg__gen_2=LINEAR, pkg__c=LINEAR)
    git(folder, "init", "-q")
    (folder / ".gitignore").write_text("build/\ngen_*\n/c.py\n", "utf-8")
    (folder / "pkg" / ".gitignore").write_text("!gen_2.py\n", "utf-8")
    (folder / ".git" / "info" / "exclude").write_text("net.py\n", "utf-8")
    wanted = [f"{Path('pkg', name)}:5 TSL101" for name in ("c.py", "gen_2.py")]
    assert run(folder, "check").places == wanted
    assert [row.split("/")[-1] for row in run(folder / "pkg", "check", ".").places] == [
        "c.py:5 TSL101",
        "gen_2.py:5 TSL101",
    ]
    listed = git(folder, "ls-files", "--others", "--exclude-standard", "*.py").split()
    assert listed == [place.partition(":")[0] for place in wanted]  # git itself agrees
    assert run(folder, "check", "net.py").places == ["net.py:5 TSL101"]  # what is named is checked


def test_exclude(folder: Path) -> None:
    pytest.importorskip("pathspec")
    put(folder, old__a=LINEAR, new__a=LINEAR)
    assert run(folder, "check", "--exclude", "old/", "--exclude", "net.py").places == [f"{Path('new/a.py')}:5 TSL101"]
    (folder / "pyproject.toml").write_text('[tool.torchshape-lint]\nexclude = ["/old", "net.py"]\n', "utf-8")
    assert run(folder, "check").places == [f"{Path('new/a.py')}:5 TSL101"]
    assert len(run(folder, "check", "old", "net.py").places) == 1
    named = ("check", "net.py", "old/a.py", "new/a.py")
    assert len(run(folder, *named).places) == 3
    assert run(folder, *named, "--force-exclude").places == [f"{Path('new/a.py')}:5 TSL101"]
    assert run(folder, *named, "--force-exclude", "--exclude", "new/").places == []


def test_standard_input_is_never_excluded(folder: Path) -> None:
    pytest.importorskip("pathspec")
    assert run(folder, "check", "-", "--exclude", "*", "--force-exclude", stdin=LINEAR).code == 1


def test_standard_input(folder: Path) -> None:
    assert run(folder, "check", "-", stdin=LINEAR).out == f"stdin:{LINEAR_SAID}\n"


@pytest.mark.parametrize("format", ["text", "long", "json", "sarif", "junit"])
def test_jobs_change_nothing(folder: Path, format: str) -> None:
    for k in range(12):
        put(folder, **{f"pkg__m{k}": LINEAR.replace("28", str(20 + k)) if k % 3 else "x = 1\n"})
    (folder / "pkg" / "m3.py").chmod(0)
    one = run(folder, "check", "--format", format, "--jobs", "1")
    assert run(folder, "check", "--format", format, "--jobs", "3") == one
    assert one.out


# --- what was known before ------------------------------------------------------------------------------------------


def test_baseline(folder: Path) -> None:
    ran = run(folder, "check", "--baseline", "known.json", "--write-baseline")
    assert (ran.code, ran.out, ran.err) == (0, "", "1 finding written to known.json\n")
    (finding,) = json.loads((folder / "known.json").read_text("utf-8"))["findings"]
    assert finding == {"path": "net.py", "code": "TSL101", "source": "fc(torch.randn(2, 28))", "count": 1}
    assert run(folder, "check", "--baseline", "known.json").code == 0
    put(folder, net="# a line\n" + LINEAR)
    assert run(folder, "check", "--baseline", "known.json").code == 0  # it moved
    assert run(folder.parent, "check", str(folder), "--baseline", str(folder / "known.json")).code == 0
    again = "torch.zeros(2, 3).view(7)\n"
    put(folder, net=LINEAR + again)
    assert run(folder, "check", "--baseline", "known.json").places == ["net.py:6 TSL301"]
    assert run(folder, "check", "--baseline", "known.json", "--write-baseline").code == 0
    put(folder, net=f"import torch\ndef main():\n    {again}\ndef test():\n    {again}")
    assert run(folder, "check", "--baseline", "known.json").places == ["net.py:6 TSL301"]  # once more than it knows


@pytest.fixture
def repository(folder: Path) -> Path:
    put(folder, pkg__old=LINEAR, odd=FINE)
    (folder / "odd.py").rename(folder / "odd \u00e9\t.py")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def test_diff(repository: Path) -> None:
    assert run(repository, "check", "--diff", "HEAD").code == 0
    put(repository, net=LINEAR + "\nfc(torch.randn(2, 29))\n", new=LINEAR)
    assert run(repository, "check", "--diff", "HEAD").places == ["net.py:7 TSL101", "new.py:5 TSL101"]
    git(repository, "commit", "-qam", "second")
    assert run(repository, "check", "--diff", "HEAD").places == ["new.py:5 TSL101"]
    assert run(repository, "check", "--diff", "main~1").places == ["net.py:7 TSL101", "new.py:5 TSL101"]
    assert run(repository / "pkg", "check", "..", "--diff", "HEAD~1").out.count("TSL101") == 2


def test_diff_knows_the_line_that_chose_the_number(repository: Path) -> None:
    put(repository, net=LINEAR.replace("4 * 8", "8 * 4"))
    assert run(repository, "check", "--diff", "HEAD").places == ["net.py:5 TSL101"]


def test_diff_of_an_odd_name(repository: Path) -> None:
    (repository / "odd \u00e9\t.py").write_text(LINEAR, "utf-8")
    assert "odd \u00e9\t.py:5:1: TSL101" in run(repository, "check", "--diff", "HEAD").out


@pytest.mark.skipif(sys.platform == "win32", reason="no terminals of this kind there")
def test_progress_on_a_terminal(folder: Path) -> None:
    pytest.importorskip("rich")
    import pty

    for k in range(10):
        put(folder, **{f"m{k}": LINEAR})
    master, slave = pty.openpty()
    with subprocess.Popen(
        command("check"), cwd=folder, stdin=slave, stdout=slave, stderr=slave, env=environment(TERM="xterm")
    ):  # fmt: skip
        os.close(slave)
        shown = b""
        try:
            while part := os.read(master, 65536):
                shown += part
        except OSError:  # the other side is closed
            pass
    os.close(master)
    assert b"checking" in shown
    assert shown.count(b"last axis of input") == 11
    assert b"11 findings in 11 files" in shown


# --- while it is edited ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent otherwise there")
def test_watch(folder: Path) -> None:
    pytest.importorskip("watchfiles")
    with subprocess.Popen(
        command("check", "--watch"), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment(WATCHFILES_FORCE_POLLING="1", PYTHONUNBUFFERED="1"), start_new_session=True,
        preexec_fn=hear_ctrl_c,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            assert process.stdout.readline() == f"net.py:{LINEAR_SAID}\n"
            assert process.stderr.readline().startswith("1 finding")
            assert process.stderr.readline().startswith("watching")
            time.sleep(1)
            put(folder, net=LINEAR.replace("28", "30"))
            assert "input is 30" in process.stdout.readline()
            process.stderr.readline()
            assert process.stderr.readline().startswith("watching")
            os.killpg(process.pid, signal.SIGINT)
            assert process.wait(60) == 0
            assert "Traceback" not in process.stderr.read()
        finally:
            process.kill()
