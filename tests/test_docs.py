"""Every command of the documentation is run, and every output that it shows compared: `pages` says how.

What is not run stands in `NOT_RUN`, with the reason and what runs it instead. What another test looks after stands in
`ELSEWHERE`. A block that is in neither and means nothing to `pages` is an error.
"""

from __future__ import annotations

import fnmatch
import re
import shlex
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import refresh_reference
from tests.harness import FIXTURES, ROOT, Fixture
from tests.pages import PAGES, Block, Page, Reader, same
from torchshape_lint import api
from torchshape_lint.config import setting
from torchshape_lint.flake8_plugin import SETTINGS, Plugin

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CI = "".join((ROOT / name).read_text("utf-8") for name in (".ci/run", ".github/workflows/ci.yml"))

# the beginning of a command, why it is not run here, and where else it is
NOT_RUN = {
    r"python3 -m venv": "builds an environment: .ci/run does, with the first two of the README",
    r"(\S+/)?pip install": "changes the environment: .ci/run does; that the extra exists is asked below",
    r"\.venv/bin/": "the whole of CI: .ci/run",
    r"RANDOM_EXAMPLES=": "takes an hour: the same tests with fewer examples are in CI",
    r"npm |code --install-extension": "needs Node or VS Code: the job vscode of ci.yml",
    r"(\w+=False )?dask (scheduler|worker) |torchshape-lint check --engine": "needs a cluster: tests/test_engine.py",
    r"python benchmarks/": "takes minutes to hours and downloads packages: its options are asked below",
}
# page, languages, the test that looks after them
ELSEWHERE = {
    ("docs/codes/*.md", "python text toml"): "tests/test_code_pages.py",
    ("docs/cli.md", "sh text toml"): "tests/test_cli_docs.py",
    ("docs/fixes.md", "sh py diff"): "tests/test_fix_docs.py",
    ("docs/api.md", "py python text"): "tests/test_api.py",
    ("docs/editors.md", "lua toml elisp json"): "tests/lsp/test_editor_pages.py",
    ("docs/explain-json.md", "json"): "tests/test_report.py",
    ("docs/pictures/index.md", "mermaid"): "tests/test_pictures.py",
    ("README*.md", "mermaid"): "tests/test_pictures.py",
    ("CONTRIBUTING.md", "python"): "tests/test_package.py",
    ("docs/notebooks.md", "py sh text"): "tests/test_notebook_program.py",
    ("docs/review.md", "yaml bash sh"): "tests/test_review_page.py",
    ("docs/scale.md", "starlark python"): "tests/test_scale_page.py",
    ("docs/reference/*.md", "py"): "tests/refresh_reference.py",
    ("README*.md", "yaml"): "tests/test_docs.py",
}


CONFIGURATION = {"pyproject.toml", "setup.cfg", ".flake8"}  # what commands read without being told


def elsewhere(page: Page, language: str) -> str | None:
    for (name, languages), test in ELSEWHERE.items():
        if fnmatch.fnmatch(page.name, name) and language in languages.split():
            return test
    return None


def not_run(command: str) -> str | None:
    return next((start for start in NOT_RUN if re.match(start, command)), None)


# --- what is run --------------------------------------------------------------------------------------------------


def _pictured(folder: Path) -> None:
    (folder / "net.py").write_text((ROOT / "docs/pictures/net.py").read_text("utf-8"), "utf-8")


PREPARED: dict[str, Callable[[Path], object]] = {"docs/pictures/index.md": _pictured, "docs/scale.md": _pictured}
PLAYED = [page for page in PAGES if any(not elsewhere(page, block.language) for block in page.blocks)]


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
@pytest.mark.parametrize("page", PLAYED, ids=lambda page: page.name)
def test_a_page_tells_the_truth(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if any(command.startswith("python ") and not not_run(command) for command in page.commands):
        pytest.importorskip("torch")
    monkeypatch.setattr(Plugin, "given", {})
    monkeypatch.chdir(tmp_path)
    reader = Reader.of(tmp_path)
    if page.name in PREPARED:
        PREPARED[page.name](reader.folder)
    said = ""
    for block in page.blocks:
        place = f"{page.name}:{block.line}"
        if elsewhere(page, block.language):
            continue
        if block.title:
            reader.write(block)
            said = ""
        elif block.shows:
            assert block.behind is not None
            said = said if block.behind.commands else reader.run(f"torchshape-lint check -q {block.behind.title}").said
            assert same(said, block.text), f"{place}: it says\n{said}"
        else:
            said = "".join(_done(reader, command, shown, place) for command, shown in block.commands)


def _done(reader: Reader, command: str, shown: str | None, place: str) -> str:
    """What a command says, which must be what is shown."""
    if not_run(command):
        return ""
    ran = reader.run(command.replace("PATH...", "net.py"))
    assert ran.code in (0, 1), f"{place}: {command}\n{ran.said}"
    assert "Traceback" not in ran.said, ran.said
    assert shown is None or same(ran.said, shown), f"{place}: {command}\nsays\n{ran.said}"
    return ran.said


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_is_looked_after(page: Page) -> None:
    shown = {block.behind.title for block in page.blocks if block.shows and block.behind is not None}
    for block in page.blocks:
        asked = block.title in shown | CONFIGURATION or any(block.title in command for command in page.commands)
        looked_after = elsewhere(page, block.language) or (asked if block.title else block.commands or block.shows)
        assert looked_after, f"{page.name}:{block.line}: nobody asks about this"


def test_who_looks_after_a_page_knows_it() -> None:
    for pattern, test in {(pattern, test) for (pattern, _), test in ELSEWHERE.items()}:
        path, text = Path(pattern), (ROOT / test).read_text("utf-8")
        assert path.name in text or path.parent.name in text, test


# --- what is not run ----------------------------------------------------------------------------------------------

SKIPPED = [command for page in PAGES for command in page.commands if not_run(command)]


def skipped(start: str) -> list[str]:
    return [command for command in SKIPPED if re.match(start, command)]


def test_nothing_is_listed_for_nothing() -> None:
    assert {not_run(command) for command in SKIPPED} == NOT_RUN.keys()
    rows = {(name, word) for name, words in ELSEWHERE for word in words.split()}
    for name, language in rows:
        assert any(fnmatch.fnmatch(p.name, name) and language == b.language for p in PAGES for b in p.blocks), name


def test_the_first_two_commands_are_those_of_ci() -> None:
    lines = [command for command in Page("README.md").commands if command.startswith("python3 -m venv")]
    assert len(lines) == 2
    assert lines == re.findall(r"^python3 -m venv.*", Page("README.md").text, re.M)  # as .ci/run finds them
    assert "grep '^python3 -m venv' README.md" in CI


def test_ci_runs_what_needs_an_environment() -> None:
    tools = {tool for command in SKIPPED for tool in re.findall(r"\.venv/bin/(?:python -m )?([\w-]+)", command)}
    assert tools >= {"pip", "flake8", "pytest", "ruff", "mypy", "lint-imports"}
    assert all(tool in CI + Page("README.md").text for tool in tools)
    assert all(command.split("  ")[0] in CI for command in skipped("npm"))


def test_extras_exist() -> None:
    extras = re.findall(r"install .*?\[([\w,]+)\]", "\n".join(page.text for page in PAGES))
    assert extras
    assert {extra for some in extras for extra in some.split(",")} <= PROJECT["project"]["optional-dependencies"].keys()


@pytest.mark.parametrize("command", skipped("python benchmarks/"))
def test_benchmarks_have_these_options(command: str) -> None:
    _, file, *arguments = shlex.split(command, comments=True)
    source = (ROOT / file).read_text("utf-8")
    assert all(f'"{option}"' in source for option in arguments if option.startswith("--"))


@pytest.mark.parametrize("name", refresh_reference.PAGES)
def test_the_reference_is_that_of_the_code(name: str) -> None:
    assert (refresh_reference.FOLDER / name).read_text("utf-8") == refresh_reference.PAGES[name](), (
        "python -m tests.refresh_reference"
    )


@pytest.mark.parametrize(
    ("name", "lines"),
    re.findall(r"^\| (\w+/\w+\.py) \| [\d, -]+ \| ([\d, -]+) \|", Page("docs/comparison.md").text, re.M),
)
def test_the_comparison_says_what_we_say(name: str, lines: str) -> None:
    """The columns of the others are those of benchmarks/peers.py, on the day that the page names."""
    fixture = Fixture.read(FIXTURES / name)
    found = sorted({d.span.line for d in api.check(fixture.path, fixture.bare)})
    assert (", ".join(map(str, found)) or "-") == lines


# --- settings, links, languages -----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_are_settings(page: Page) -> None:
    for block in page.blocks:
        if block.language == "toml" and "[tool.torchshape-lint]" in block.text and "TSL901" not in page.name:
            for name, value in tomllib.loads(block.text)["tool"]["torchshape-lint"].items():
                setting(name, value)
        elif block.language == "ini":
            names = {f"tsl-{name}".replace("_", "-") for name in SETTINGS}
            assert set(re.findall(r"^tsl-[\w-]+", block.text, re.M)) <= names


def test_the_hook_of_the_readme_exists() -> None:
    (block,) = (block for block in Page("README.md").blocks if block.language == "yaml")
    (name,) = re.findall(r"- id: (\S+)", block.text)
    assert f"- id: {name}\n" in (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page: Page) -> None:
    """What is linked to is there, as GitHub finds it; for the site `mkdocs build --strict` asks."""
    folder = (ROOT / page.name).parent
    for target in re.findall(r"\]\(([^)\s]+)\)", page.prose):
        path, _, anchor = target.partition("#")
        if re.match(r"https?:", target):
            continue
        file = (folder / path).resolve() if path else ROOT / page.name
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(Page(file.relative_to(ROOT).as_posix())), target


def anchors(page: Page) -> set[str]:
    """The headings of a page as GitHub names them."""
    titles = [re.sub(r"\[(.*?)\]\(.*?\)", r"\1", title) for title in re.findall(r"^#+ +(.*)$", page.prose, re.M)]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_chinese_readme_has_the_same_code() -> None:
    here, there = Page("README.md"), Page("README.zh.md")
    assert [_code(block) for block in there.blocks] == [_code(block) for block in here.blocks]
    assert "(README.zh.md)" in here.prose
    assert "(README.md)" in there.prose
    assert _targets(there) - {"README.md"} == _targets(here) - {"README.zh.md"}


def _code(block: Block) -> tuple[str, str, str]:
    """A block but for its comments, which are translated."""
    return block.language, block.title, re.sub(r" +# .*", "", block.text) if block.language == "sh" else block.text


def _targets(page: Page) -> set[str]:
    return {target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", page.prose)} - {""}
