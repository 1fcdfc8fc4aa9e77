"""The other process as the server sees it: started when first needed, and again when it died or took too long."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import replace

from torchshape_lint.diagnostics import Trace
from torchshape_lint.lsp.exchange import LENGTH, Answer, Question

LONGEST = 60.0  # seconds for one answer; the evaluation itself has a budget of its own, of a few seconds


class Worker:
    """Answers one question after the other; who asks holds its ``turn``."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self._process: Process | None = None
        self._told: dict[str, str | None] = {}  # the open files as the process knows them

    async def ask(self, question: Question) -> Answer:
        """``opened`` of the question has all open files. Never raises; ``failed`` says what went wrong."""
        try:
            return await asyncio.wait_for(self._ask(question), LONGEST)
        except TimeoutError:
            failed = f"the evaluation took more than {LONGEST:.0f} seconds"
        except (OSError, EOFError, pickle.PickleError) as error:
            failed = f"the evaluation ended unexpectedly: {error!r}"
        except BaseException:
            await self.stop()  # an answer may be half read
            raise
        await self.stop()
        return Answer(Trace(question.path, (), ()), (), failed)

    async def stop(self) -> None:
        process, self._process, self._told = self._process, None, {}
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _ask(self, question: Question) -> Answer:
        process = await self._started()
        assert process.stdin is not None and process.stdout is not None
        opened = question.opened
        news = {path: text for path, text in opened.items() if self._told.get(path) != text}
        news |= dict.fromkeys(self._told.keys() - opened.keys())
        self._told = dict(opened)
        process.stdin.write(pickle.dumps(replace(question, opened=news), pickle.HIGHEST_PROTOCOL))
        await process.stdin.drain()
        (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
        answer = pickle.loads(await process.stdout.readexactly(length))  # noqa: S301 - from our own process
        assert isinstance(answer, Answer)
        return answer

    async def _started(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            self._told = {}
            paths = os.pathsep.join(path for path in sys.path if path)
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "torchshape_lint.lsp.evaluation"),
                stdin=PIPE,
                stdout=PIPE,
                env={**os.environ, "PYTHONPATH": paths},
            )
        return self._process
