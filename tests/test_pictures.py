"""The pictures of ``explain``: well formed whatever the code says, readable however deep the network is."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.deep_networks import LADDER, RESNET50, TOWERS
from tests.findings import FINDING, STEPS, TRACE
from tests.harness import fixture_id, fixtures
from tests.program import run
from tests.refresh_pictures import FILES, FOLDER, FORMATS, PAGES, SCREENSHOT, digest, drawn, with_mermaid
from torchshape_lint.check import explain
from torchshape_lint.diagnostics import Entry, Trace
from torchshape_lint.report.folding import folded
from torchshape_lint.report.formats import explaining
from torchshape_lint.report.lanes import lanes
from torchshape_lint.report.network import Block, Link, Network, networks
from torchshape_lint.report.volume import Extent, extent, scale
from torchshape_lint.shapes import Shape, open_shape

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    '\x07x"]:::<img src=x onerror=alert(1)>#quot; ```\nend %% \\ ]]> -->'
    "</script><script>alert(2)</script> & \ud800\u202e"
)


def picture(format: str, text: str, path: str = "net.py") -> str:
    return explaining()[format](explain(text, path), text)


# --- what is drawn --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", FILES)
def test_the_pictures_of_the_documentation_are_current(format: str) -> None:
    """Otherwise: ``python -m tests.refresh_pictures``."""
    assert (FOLDER / FILES[format]).read_text("utf-8") == drawn(format)


def test_so_are_those_within_pages_and_the_screenshot() -> None:
    texts = [path.read_text("utf-8") for path in PAGES if path.exists()]
    assert len(texts) == 3 and all(drawn("mermaid") in text for text in texts)
    assert [with_mermaid(text) for text in texts] == texts
    assert Image.open(SCREENSHOT).info["page"] == digest(drawn("html"))


def test_mermaid_in_full() -> None:
    text = "from torch import nn, ones\nnn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(5, 2))(ones(2, 3))\n"
    assert picture("mermaid", text).splitlines()[:14] == [
        "```mermaid",
        "flowchart TB",
        '  subgraph story["Sequential, called at line 2"]',
        "    direction TB",
        '    i0(["input 0 (2, 3)"]):::io',
        '    b0["0<br/>nn.Linear → nn.ReLU<br/>16 parameters"]:::linear',
        '    b1["2<br/>nn.Linear<br/>12 parameters<br/>'
        'TSL101: Sequential.2: last axis of its input is 4, but in_features is 5"]:::broken',
        '    out(["output (..., 2)"]):::io',
        '    i0 -->|"(2, 3)"| b0',
        '    b0 ==>|"(2, 4)"| b1',
        '    b1 -->|"(..., 2)"| out',
        "  end",
        "  classDef broken fill:#ffd8d3,stroke:#b3261e,stroke-width:3px,color:#1f1f1f",
        "  classDef io fill:#e8eaed,stroke:#5f6368,color:#1f1f1f",
    ]


def test_the_program_draws() -> None:
    for format in FORMATS:
        ran = run(FOLDER, "explain", "net.py::Net", "--format", format)
        assert (ran.code, ran.err) == (0, "") and "TSL101" in ran.out


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_to_draw(format: str) -> None:
    assert "othing to draw" in picture(format, "import torch\n") or format == "dot"


def test_a_residual_goes_past_its_block_and_a_mistake_is_at_its_arrow() -> None:
    text = (FOLDER / "net.py").read_text("utf-8")
    (network,) = networks(explain(text, "net.py"))
    names = [block.name for block in network.blocks]
    assert names == "stem block.conv1 block.conv2 block.add max_pool2d wide max_pool2d flatten fc".split()
    assert [link.source for link in network.blocks[3].links] == [0, 2]
    assert [(lane.start, lane.ends) for lane in lanes(network)] == [(0, (3,))]
    assert [block.name for block in network.blocks if block.mistake] == ["fc"]


def test_a_mistake_that_two_stories_meet_is_told_with_its_own_numbers_only() -> None:
    text = (FOLDER / "net.py").read_text("utf-8") + "Net()(torch.randn(1, 1, 36, 36))\n"
    first, second = networks(explain(text, "net.py"))
    assert "1568" in first.blocks[-1].mistake and first.blocks[-1].own
    assert second.blocks[-1].mistake == "TSL101: here too (line 27)"


# --- well-formedness ------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """Every element closed where it should be, every id once, every link to something."""

    VOID = frozenset("meta link br img input".split())

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []
        assert len(self.ids) == len(set(self.ids))
        assert {link.removeprefix("#") for link in self.links} <= set(self.ids)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def is_mermaid(text: str) -> None:
    """A label has no sign that could end it, or the fence around it."""
    for fence in text.split("\n\n"):
        first, second, *rows, last = fence.split("\n")
        assert (first, second, last) == ("```mermaid", "flowchart TB", "```")
        for row in rows:
            assert row.count('"') in (0, 2) and "`" not in row
            for label in re.findall(r'"(.*)"', row):
                assert not re.search(r"[<>&\[\]{}|;#]", re.sub(r"<br/>|#\d+;", "", label)), row


def well_formed(trace: Trace, text: str) -> None:
    formats = {name: explaining()[name](trace, text) for name in FORMATS}
    root = ElementTree.fromstring(formats["svg"])
    assert {child.tag for child in root.iter()} <= {
        SVG + t for t in "svg title desc style rect g text path polygon".split()
    }
    page = Page(formats["html"])
    assert page.tags.count("script") == 1 and "img" not in page.tags
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e]", formats["html"])
    if "nothing to draw" not in formats["mermaid"]:
        is_mermaid(formats["mermaid"])
    for picture in formats.values():
        picture.encode("utf-8")


@pytest.mark.parametrize("path", fixtures("programs", "idioms"), ids=fixture_id)
def test_well_formed(path: Path) -> None:
    text = path.read_text("utf-8")
    well_formed(explain(text, "net.py"), text)


def hostile() -> Trace:
    shape = Shape((2, 3))
    step = replace(
        STEPS[0], path=f"net.{HOSTILE}", source=HOSTILE, op=HOSTILE, formula=HOSTILE, broken=True, sources=(HOSTILE,)
    )
    finding = replace(
        FINDING,
        span=step.span,
        message=HOSTILE,
        story="",
        notes=(HOSTILE,),
        fix=HOSTILE,
        label=HOSTILE,
        derivation=(step,),
    )
    entry = Entry(HOSTILE, 1, HOSTILE, ((HOSTILE, shape),), (step, step), (shape,), 3, (HOSTILE,), HOSTILE)
    return Trace(HOSTILE, (entry, replace(entry, line=2, why="")), (finding,), (HOSTILE,))


def test_hostile_names_stay_text() -> None:
    trace, text = hostile(), HOSTILE * 20
    well_formed(trace, text)
    well_formed(TRACE, "x\n" * 20)
    for format in FORMATS:
        told = explaining()[format](trace, text)
        assert "<img" not in told and "alert(2)</script>" not in told or format == "dot"


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
@pytest.mark.parametrize("text", [RESNET50, ""])
def test_graphviz_draws_it(text: str) -> None:
    told = picture("dot", text) if text else explaining()["dot"](hostile(), "")
    done = subprocess.run(["dot", "-Tsvg"], input=told.encode(), capture_output=True, check=True, timeout=60)
    assert b"<svg" in done.stdout and b"<img" not in done.stdout


# --- deep networks --------------------------------------------------------------------------------------------------


def test_resnet50_is_folded() -> None:
    (network,) = networks(explain(RESNET50, "net.py"))
    shown = folded(network, 60)
    assert [(r.times, shown.blocks[r.start].name, r.last) for r in shown.repeats] == [
        (2, "layer1.1.conv1", "layer1.2.iadd"),
        (3, "layer2.1.conv1", "layer2.3.iadd"),
        (5, "layer3.1.conv1", "layer3.5.iadd"),
        (2, "layer4.1.conv1", "layer4.2.iadd"),
    ]
    assert (len(network.blocks), len(shown.blocks)) == (73, 41)
    ends = {end: lane.start for lane in lanes(shown) for end in lane.ends}
    adds = [k for k, block in enumerate(shown.blocks) if block.name.endswith("iadd")]
    assert len(adds) == 8 and all(k in ends for k in adds)


@pytest.mark.parametrize("text", [RESNET50, LADDER, TOWERS], ids=["resnet50", "ladder", "towers"])
def test_deep_networks_stay_small(text: str) -> None:
    assert len(picture("html", text).encode()) < 600_000
    mermaid = picture("mermaid", text)
    assert len(mermaid) < 50_000 and mermaid.count("-->") < 500  # what GitHub draws
    root = ElementTree.fromstring(picture("svg", text))
    assert float(root.get("height", "inf")) < 6_000
    well_formed(explain(text, "net.py"), text)


def test_a_mistake_is_never_folded_away() -> None:
    for text in (TOWERS, LADDER.replace("ones(2, 1)", "ones(2, 3)")):
        (network,) = networks(explain(text, "net.py"))
        shown = folded(network, 20)
        assert [b.name for b in shown.blocks if b.broken] == [b.name for b in network.blocks if b.broken] != []


def chain(sources: list[int | None]) -> Network:
    """A network of equal blocks; ``sources`` says how far before it each finds what it takes."""
    shape = Shape((1, 2))
    blocks = []
    for k, back in enumerate(sources):
        source = k - back if back is not None and 0 < back <= k else None
        links = (Link(k - 1 if k else "x", shape), *([Link(source, shape)] if source is not None else []))
        blocks.append(Block(f"m{k // 7}.b{k}", (replace(STEPS[0], outputs=(shape,)),), tuple(dict.fromkeys(links))))
    return Network(TRACE.entries[0], tuple(blocks))


NETWORKS = st.lists(st.one_of(st.none(), st.integers(1, 6)), min_size=1, max_size=40).map(chain)


@given(NETWORKS, st.integers(1, 12))
def test_folding_keeps_the_order(network: Network, most: int) -> None:
    shown = folded(network, most)
    for k, block in enumerate(shown.blocks):
        assert all(link.source == "x" or (isinstance(link.source, int) and link.source < k) for link in block.links)
    for repeat in shown.repeats:
        assert 0 <= repeat.start < repeat.end <= len(shown.blocks) and repeat.times > 1
    assert len(shown.blocks) <= most


@given(NETWORKS)
def test_what_is_shown_once_is_counted(network: Network) -> None:
    shown = folded(network, 1000)
    times = [1] * len(shown.blocks)
    for repeat in shown.repeats:
        times[repeat.start : repeat.end] = [repeat.times] * (repeat.end - repeat.start)
    assert sum(times) == len(network.blocks)


def test_every_turn_of_a_repetition_keeps_its_lines() -> None:
    layers = "\n".join(f"    nn.Linear(4, 4),  # {k}" for k in range(5))
    text = f"from torch import nn, ones\nnn.Sequential(\n{layers}\n)(ones(2, 4))\n"
    (network,) = networks(explain(text, "net.py"))
    (block,) = folded(network, 9).blocks
    assert block.lines == (3, 4, 5, 6, 7)


@given(NETWORKS)
def test_lanes_do_not_meet(network: Network) -> None:
    found = lanes(network)
    for a in found:
        for b in found:
            if a is not b and a.number == b.number:
                assert a.ends[-1] <= b.start or b.ends[-1] <= a.start
    far = {
        (s, k)
        for k, b in enumerate(network.blocks)
        for s in [x.source for x in b.links]
        if isinstance(s, int) and s < k - 1
    }
    assert {(lane.start, end) for lane in found for end in lane.ends} == far


# --- boxes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "op", "expected"),
    [
        (Shape((2, 3, 8, 9)), "torch.nn.Conv2d", Extent(3, 8, 9)),
        (Shape((3, 8, 9)), "torch.nn.Conv2d", Extent(3, 8, 9)),
        (Shape((2, 3, 9)), "torch.nn.Conv1d", Extent(3, 9, 1)),
        (Shape((2, 9, 64)), "torch.nn.Linear", Extent(64, 9, 1)),
        (Shape((2, 10)), "torch.nn.Linear", Extent(10, 1, 1)),
        (Shape(()), "torch.sum", Extent(1, 1, 1)),
        (open_shape(4), "torch.nn.Linear", None),
        (None, "", None),
    ],
)
def test_extent(shape: Shape | None, op: str, expected: Extent | None) -> None:
    assert extent(shape, op) == expected


def test_flat_tensors_have_a_scale_of_their_own() -> None:
    found = scale([Extent(3, 32, 32), Extent(16, 8, 8), Extent(4096), None, Extent(None, 5, None)])
    assert (found.channels, found.features, found.side) == (16, 4096, 32)
