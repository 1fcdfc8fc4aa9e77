"""``explain --format html``: one page that needs nothing else: the stories as tabs, the source beside them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from importlib.resources import files

from torchshape_lint.diagnostics import Diagnostic, Trace
from torchshape_lint.frontend.notebook import is_notebook, notebook
from torchshape_lint.frontend.relocated import in_python
from torchshape_lint.report.folding import folded
from torchshape_lint.report.formats import explain_format
from torchshape_lint.report.html_source import source
from torchshape_lint.report.html_story import place, story
from torchshape_lint.report.network import Network, networks

MOST, LEAST = 600, 40  # blocks of all stories, and of one
STORIES = 24
# Control signs, and those that turn the direction of what follows: they would show something else than the code.
_UNSEEN = dict.fromkeys((*range(9), *range(11, 32), 127, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd")
_LEGEND = (
    "Boxes are drawn to scale: as long as a tensor has channels (flat ones: features), as tall and deep as its "
    "pictures, by the square root of each size. Dashed: a size is not a number. Red: torch raises here."
)


@explain_format("html")
def html(trace: Trace, text: str) -> str:
    if is_notebook(trace.path):
        book = notebook(text, trace.path)
        trace, text = in_python(trace, book), book.python
    told = networks(trace)
    most = max(LEAST, MOST // max(1, min(len(told), STORIES)))
    shown = [folded(network, most) for network in told[:STORIES]]
    page = "\n".join(
        (
            '<!doctype html>\n<html lang="en">',
            *_head(trace),
            "<body>",
            *_skips(shown),
            *_header(trace, len(told)),
            "<main>",
            *_mistakes(trace.diagnostics, shown),
            '<div class="columns">',
            "<div>",
            *_tabs(shown),
            *(row for k, network in enumerate(shown) for row in story(k, network)),
            *([] if shown else ["<p>Nothing to draw: no tensor is followed.</p>"]),
            "</div>",
            *source(trace, text, shown),
            "</div>",
            *_notes(trace.notes),
            "</main>",
            f"<footer><p>{_LEGEND}</p></footer>",
            f"<script>{_asset('script.js')}</script>",
            "</body>\n</html>",
        )
    )
    return page.translate(_UNSEEN).encode("utf-8", "replace").decode()


@cache
def _asset(name: str) -> str:
    return (files("torchshape_lint.report") / "page" / name).read_text("utf-8")


def _head(trace: Trace) -> Iterator[str]:
    """Only this page's own script may run, and nothing is fetched: names in the code can do no harm."""
    key = base64.b64encode(hashlib.sha256(_asset("script.js").encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{key}'; base-uri 'none'; form-action 'none'"
    )
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>Tensor shapes in {escape(trace.path)}</title>"
    yield f"<style>{_asset('style.css')}</style>"
    yield "</head>"


def _skips(shown: Sequence[Network]) -> Iterator[str]:
    wrong = next(
        (f"s{k}b{n}" for k, net in enumerate(shown) for n, block in enumerate(net.blocks) if block.broken), None
    )
    if wrong is not None:
        yield f'<a class="skip" href="#{wrong}">To the first mistake</a>'
    yield '<a class="skip" href="#source">To the source</a>'


def _header(trace: Trace, stories: int) -> Iterator[str]:
    count = len(trace.diagnostics)
    mistakes = f'<span class="wrong">{_counted(count, "finding")}</span>' if count else "no findings"
    left = f", {STORIES} of them shown" if stories > STORIES else ""
    yield f"<header><h1>Tensor shapes in <code>{escape(trace.path)}</code></h1>"
    yield f"<p>{_counted(stories, 'story', 'stories')}{left}, {mistakes}</p></header>"


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


def _mistakes(diagnostics: Sequence[Diagnostic], shown: Sequence[Network]) -> Iterator[str]:
    if not diagnostics:
        return
    yield '<section class="mistakes" aria-labelledby="mistakes"><h2 id="mistakes">Findings</h2><ul>'
    for d in diagnostics:
        at = next(
            (f"s{k}b{n}" for k, net in enumerate(shown) for n, b in enumerate(net.blocks) if b.finding is d), None
        )
        link = f' (<a href="#{at}">in the picture</a>)' if at else ""
        style = "wrong" if d.code.torch_raises else "doubtful"
        told = f"{place(d.span.line)}: {escape(d.message)}{link}"
        yield f'<li><span class="{style}">{escape(str(d.code))}</span> {told}</li>'
    yield "</ul></section>"


def _tabs(shown: Sequence[Network]) -> Iterator[str]:
    if len(shown) < 2:
        return
    yield '<div role="tablist" aria-label="Stories" hidden>'
    for k, network in enumerate(shown):
        why = f' <span class="soft">{escape(network.entry.why)}</span>' if network.entry.why else ""
        sign = ' <span class="wrong">\N{MULTIPLICATION X} mistake</span>' if network.broken else ""
        yield (
            f'<button type="button" role="tab" id="tab{k}" aria-controls="story{k}" aria-selected="false">'
            f"{escape(network.title)}{why}{sign}</button>"
        )
    yield "</div>"


def _notes(notes: Sequence[str]) -> Iterator[str]:
    if notes:
        yield '<section class="mistakes" aria-labelledby="notes"><h2 id="notes">What is not known</h2><ul>'
        yield from (f"<li>{escape(note)}</li>" for note in notes)
        yield "</ul></section>"
