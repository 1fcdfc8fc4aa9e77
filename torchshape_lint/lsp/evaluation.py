"""The process that evaluates: it reads questions from standard input and writes answers to standard output.

One of its own, so that typing never waits for an evaluation, and one that hangs can be ended. Whatever the client
sets, code is never run here: ``confirm`` is off.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from torchshape_lint import codes, config, opened
from torchshape_lint.check import check, explain, linter
from torchshape_lint.diagnostics import Diagnostic, Trace
from torchshape_lint.lsp.exchange import LENGTH, Answer, Question
from torchshape_lint.options import DEFAULT, Options
from torchshape_lint.silence import audible, outside_regions
from torchshape_lint.spans import Span


def answer(question: Question) -> Answer:
    """Never raises."""
    for path, text in question.opened.items():
        opened.put(path, text)
    try:
        return _mended(question) if question.mend else _evaluated(question)
    except Exception as error:  # noqa: BLE001 - a fault of ours must not take the server with it
        return Answer(Trace(question.path, (), ()), (), f"internal error: {error!r}")


def _evaluated(question: Question) -> Answer:
    path, text = question.path, question.text
    options, problems = _options(path, question.given)
    trace = explain(text, path, options) if "torch" in text else Trace(path, (), ())
    found = check(text, path, options) if options.unused_suppressions else outside_regions(trace.diagnostics, text)
    heard = [d for d in audible(found, text, path) if options.wants(d.code.id)]
    return Answer(trace, (*problems, *heard))


def _mended(question: Question) -> Answer:
    """The findings with what puts them right, each way tried by linting the changed text."""
    from torchshape_lint.fixes.offer import with_fixes  # needs libcst

    lint = linter(question.path, _options(question.path, question.given)[0])
    return Answer(Trace(question.path, (), ()), tuple(with_fixes(question.mend, question.text, lint)))


def _options(path: str, given: Mapping[str, Any]) -> tuple[Options, list[Diagnostic]]:
    """The settings of a file as pyproject.toml has them at this moment; what is wrong with them is a finding."""
    config.nearest.cache_clear()
    config.read.cache_clear()
    try:
        return replace(config.options_for(path, given), confirm=False, fixes=False), []
    except config.SettingError as error:
        problem = Diagnostic(codes.SETTING, path, Span(1, 1, 2, 1), str(error))
        return replace(DEFAULT, **{**given, "confirm": False}), [problem]


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Until nobody asks any more."""
    while True:
        try:
            question = pickle.load(questions)  # noqa: S301 - from the server that started this process
        except EOFError:
            return
        data = pickle.dumps(answer(question), pickle.HIGHEST_PROTOCOL)
        answers.write(LENGTH.pack(len(data)) + data)
        answers.flush()


def main() -> None:
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what anybody prints must not mix with the answers
        serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
