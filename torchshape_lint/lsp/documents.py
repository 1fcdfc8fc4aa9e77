"""The open files: what each holds, when it is evaluated, and what came of it.

A change waits until the typing pauses, then for its turn in the other process; what has changed meanwhile is not
evaluated. Then the other open files follow, for they may import this one or be called by it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from torchshape_lint.diagnostics import Diagnostic, Trace
from torchshape_lint.frontend.notebook import is_notebook
from torchshape_lint.lsp.exchange import Answer, Question
from torchshape_lint.lsp.places import Text
from torchshape_lint.lsp.settings import Settings
from torchshape_lint.lsp.worker import Worker

OTHERS = 0.3  # seconds more that other files wait
PATIENCE = 90.0  # seconds that a request waits for an evaluation


@dataclass
class Document:
    """``answer`` is about ``seen``, which is ``text`` whenever ``settled`` is set."""

    uri: str
    path: str
    version: int | None
    text: Text
    seen: Text
    answer: Answer
    mended: dict[Diagnostic, Diagnostic] = field(default_factory=dict)  # the findings with their fixes
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0  # counts the reasons to evaluate it; an older one has nothing to say any more
    begun: int = 0  # the reason of the evaluation that has begun
    overtaken: bool = False  # something else changed since then

    async def known(self) -> Answer:
        """What is known of the text as it is now; of the one before when that takes too long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.settled.wait(), PATIENCE)
        return self.answer


class Documents:
    """``publish`` is called with each new answer, and whether something else than the file itself led to it."""

    def __init__(
        self,
        settings: Callable[[str], Settings],
        publish: Callable[[Document, bool], None],
        watched: Callable[[Document, Awaitable[Answer]], Awaitable[Answer]],
    ) -> None:
        self.all: dict[str, Document] = {}
        self.worker = Worker()
        self._settings, self._publish, self._watched = settings, publish, watched
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, uri: str, path: str, version: int | None, text: Text) -> None:
        """A file was opened or changed."""
        document = self.all.get(uri)
        if document is None:
            document = self.all[uri] = Document(uri, path, version, text, text, Answer(Trace(path, (), ())))
            delay = 0.0
        else:
            document.version, document.text = version, text
            delay = self._settings(uri).delay
        document.settled.clear()
        self._evaluate(document, delay, spread=True)

    def saved(self, uri: str) -> None:
        """A file was saved: who saves has stopped typing. For others the disk has changed."""
        document = self.all.get(uri)
        if document is not None and document.begun != document.asked:
            self._evaluate(document, 0.0, spread=True)
        self.again(but=document if document is not None and not document.settled.is_set() else None)

    def remove(self, uri: str) -> None:
        document = self.all.pop(uri, None)
        if document is not None:
            document.asked += 1
            document.settled.set()
            self.again()

    def again(self, but: Document | None = None) -> None:
        """Something else changed: a setting, a file on the disk, another open file."""
        for document in self.all.values():
            if document is but:
                continue
            document.overtaken = True
            if document.settled.is_set():
                self._evaluate(document, OTHERS, spread=False)

    async def mended(self, document: Document, found: Sequence[Diagnostic]) -> list[Diagnostic]:
        """Findings of the last answer with the fixes that there are, which are looked for when somebody asks."""
        wanted = tuple(d for d in found if d not in document.mended)
        if wanted:
            before = document.answer
            async with self.worker.turn:
                if document.answer is not before or not document.settled.is_set():
                    return []
                answer = await self.worker.ask(self._question(document, wanted))
            if document.answer is not before:
                return []
            document.mended.update(zip(wanted, answer.found or wanted))
        return [document.mended[d] for d in found]

    async def close(self) -> None:
        for document in self.all.values():
            document.asked += 1
        await self.worker.stop()

    def _question(self, document: Document, mend: tuple[Diagnostic, ...] = ()) -> Question:
        opened = {
            d.path: d.text.text for d in self.all.values() if Path(d.path).is_absolute() and not is_notebook(d.path)
        }
        given = self._settings(document.uri).given
        return Question(document.path, document.text.text, given, opened, mend)

    def _evaluate(self, document: Document, delay: float, *, spread: bool) -> None:
        document.asked += 1
        task = asyncio.ensure_future(self._evaluated(document, document.asked, delay, spread))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _evaluated(self, document: Document, asked: int, delay: float, spread: bool) -> None:
        await asyncio.sleep(delay)
        async with self.worker.turn:
            if document.asked != asked:
                return
            document.begun = asked
            while True:
                document.overtaken = False
                answer = await self._watched(document, self.worker.ask(self._question(document)))
                if not document.overtaken or document.asked != asked:
                    break
        if document.asked != asked:
            return
        document.seen, document.answer, document.mended = document.text, answer, {}
        document.settled.set()
        self._publish(document, not spread)
        if spread:
            self.again(but=document)
