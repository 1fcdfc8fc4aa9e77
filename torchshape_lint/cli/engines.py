"""``--engine``: checking on many machines, by what is there for that. One engine is one function in `ENGINES`.

An engine is a context in which the results come as those of `workers`: in the order of the files, one for each,
while later files are still being checked. Its library is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeAlias

from torchshape_lint.cli.trouble import Unusable, require
from torchshape_lint.cli.work import Task
from torchshape_lint.report.formats import Checked

Engine: TypeAlias = Callable[[Sequence[Task], dict[str, Any], str], AbstractContextManager[Iterable[Checked]]]
_CONNECT = 10  # seconds


@contextmanager
def dask(tasks: Sequence[Task], settings: dict[str, Any], scheduler: str) -> Iterator[Iterable[Checked]]:
    require("distributed", "--engine dask", "dask")
    from distributed import Client, KilledWorker

    from torchshape_lint.cli.on_dask import Run
    from torchshape_lint.cli.packing import forget

    try:
        client = Client(scheduler, timeout=_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise Unusable(f"--scheduler {scheduler}: no scheduler of dask answers ({error})") from error
    forget()
    with client:
        run = Run(client, settings, KilledWorker)
        try:
            yield run.results(tasks)
        finally:
            run.cancel()


ENGINES: dict[str, Engine] = {"dask": dask}
