"""The page of ``explain --format html`` in a real browser: tabs, keyboard, phone, dark, print, screen readers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import address, browser
from tests.deep_networks import RESNET50
from tests.refresh_pictures import FOLDER
from tests.test_pictures import HOSTILE, hostile
from torchshape_lint.check import explain
from torchshape_lint.report.formats import explaining

STORIES = (FOLDER / "net.py").read_text("utf-8").replace(
    "Net()(torch.randn(1, 1, 28, 28))", "Net()(torch.randn(1, 1, 32, 32))"
) + "Net()(torch.randn(1, 1, 36, 36))\nBlock(4)(torch.randn(1, 4, 8, 8))\n"
SELECTED = '[role="tab"][aria-selected="true"]'


@pytest.fixture(scope="module")
def chrome() -> Iterator[Any]:
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Addresses by name."""
    folder: Path = tmp_path_factory.mktemp("pages")
    html = explaining()["html"]
    texts = {
        "stories": html(explain(STORIES, "net.py"), STORIES),
        "resnet50": html(explain(RESNET50, "net.py"), RESNET50),
        "hostile": html(hostile(), HOSTILE * 20),
    }
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, "utf-8")
    return {name: address(folder / f"{name}.html") for name in texts}


@pytest.fixture
def opened(chrome: Any, pages: dict[str, str]) -> Iterator[Any]:
    """Opens a page; whatever goes wrong in it, or asks for the network, is a failure."""
    troubles: list[str] = []
    contexts: list[Any] = []

    def open_(name: str, **options: Any) -> Any:
        context = chrome.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text))
        page.on("dialog", lambda dialog: troubles.append(dialog.message))
        page.on("request", lambda request: troubles.extend([request.url] * (not request.url.startswith("file:"))))
        page.goto(pages[name])
        return page

    yield open_
    for context in contexts:
        context.close()
    assert troubles == []


def shown(page: Any) -> list[str]:
    return [story.get_attribute("id") for story in page.query_selector_all(".story") if story.is_visible()]


def test_tabs_by_mouse_and_keyboard(opened: Any) -> None:
    page = opened("stories")
    assert shown(page) == ["story1"]  # the one with the mistake comes first to sight
    assert page.inner_text(SELECTED).startswith("Net called at line 31")
    page.focus(SELECTED)
    page.keyboard.press("ArrowRight")
    assert shown(page) == ["story2"] and page.evaluate("document.activeElement.id") == "tab2"
    page.keyboard.press("ArrowRight")
    assert shown(page) == ["story0"]
    page.keyboard.press("End")
    assert shown(page) == ["story2"]
    page.click("#tab0")
    assert shown(page) == ["story0"]
    page.click('.mistakes a[href^="#s1b"]')  # a link into a story that is not shown
    page.wait_for_selector("#story1", state="visible")
    assert shown(page) == ["story1"]


def test_the_keyboard_reaches_everything_in_order(opened: Any) -> None:
    page = opened("stories")
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.getAttribute('href') ?? document.activeElement.id"))
    assert reached[:2] == ["#s1b8", "#source"]  # to the mistake, to the source
    lines = [link for link in reached if link.startswith("#L")]
    assert reached.index("tab1") < reached.index("#L25") and "#L13" in lines
    assert "tab0" not in reached  # one stop for all tabs


def test_a_block_and_its_lines_light_up_together(opened: Any) -> None:
    page = opened("stories")
    lit = "[...document.querySelectorAll('.lit')].map(part => part.id)"
    assert page.evaluate(lit) == []
    page.focus("#s1b8 a")
    assert page.evaluate(lit) == ["L27"]
    page.focus("#L25 a")
    assert set(page.evaluate(lit)) >= {"s1b0", "s1b4"}
    page.hover("#s1b5")
    assert "L26" in page.evaluate(lit)


def test_without_script_everything_is_there(opened: Any) -> None:
    page = opened("stories", java_script_enabled=False)
    assert len(shown(page)) == 3 and not page.is_visible('[role="tablist"]')


def test_print_shows_every_story_black_on_white(opened: Any) -> None:
    page = opened("stories", color_scheme="dark")
    page.emulate_media(media="print")
    assert len(shown(page)) == 3 and page.is_visible("#source")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(opened: Any, scheme: str) -> None:
    page = opened("stories", color_scheme=scheme)
    red = page.evaluate("getComputedStyle(document.body).backgroundColor").removeprefix("rgb(").split(",")[0]
    assert (int(red) > 200) is (scheme == "light")


@pytest.mark.parametrize("name", ["stories", "resnet50", "hostile"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_screen(opened: Any, name: str, width: int) -> None:
    page = opened(name, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_residual_lanes_meet_their_blocks(opened: Any) -> None:
    """Each lane is drawn from the row where it starts to the row where it ends, without a gap."""
    page = opened("resnet50")
    gaps = page.evaluate("""() => {
        const pieces = {};
        for (const lane of document.querySelectorAll('.lane')) {
            const box = lane.getBoundingClientRect();
            (pieces[lane.style.getPropertyValue('--lane')] ??= []).push([lane.className, box.top, box.bottom]);
        }
        const gaps = [];
        for (const list of Object.values(pieces))
            list.forEach(([name, top], n) => {
                if (!name.includes('starts') && Math.abs(list[n - 1][2] - top) > 1.5) gaps.push([name, top]);
            });
        return gaps;
    }""")
    assert gaps == []


def test_hostile_names_are_text(opened: Any) -> None:
    page = opened("hostile")
    assert page.query_selector_all("img, script:not(:last-of-type)") == []
    assert "onerror=alert(1)" in page.inner_text("h1")


@pytest.mark.parametrize(
    ("name", "scheme", "width"),
    [("stories", "light", 360), ("stories", "dark", 1280), ("resnet50", "dark", 360), ("hostile", "light", 1280)],
)
def test_accessible(opened: Any, name: str, scheme: str, width: int) -> None:
    """Axe: WCAG 2.2 A and AA with contrast, and best practice."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = opened(name, color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = axe.Axe().run(page, options={"runOnly": rules}).response["violations"]
    assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in found] == []


def test_svg_is_drawn_light_and_dark(chrome: Any) -> None:
    """As GitHub shows it: an image, which follows the scheme of the reader."""
    papers = []
    for scheme in ("light", "dark"):
        page = chrome.new_page(color_scheme=scheme, viewport={"width": 720, "height": 400})
        page.goto(address(FOLDER / "net.svg"))
        papers.append(page.evaluate("getComputedStyle(document.querySelector('.paper')).fill"))
        box = page.evaluate(
            "Math.max(...[...document.querySelectorAll('text')].map(t => t.getBBox().x + t.getBBox().width))"
        )
        assert box <= 720
        page.close()
    assert papers == ["rgb(255, 255, 255)", "rgb(13, 17, 23)"]
