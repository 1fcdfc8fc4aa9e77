"""A run on a cluster of dask: files go out in a window, results come back in order.

A file is a task. What it depends on, the `Snapshot` of its project, is a task too: the scheduler keeps it and gives it
to whoever needs it, so a lost worker takes nothing along. Dask repeats what was under way on a lost worker, and gives
up after some times (``distributed.scheduler.allowed-failures``); whether a file is really to blame is found out here.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from torchshape_lint.cli.remote import Answer, Job, answer, packed
from torchshape_lint.cli.trouble import Unusable
from torchshape_lint.cli.work import Task, examined
from torchshape_lint.report.formats import Checked
from torchshape_lint.snapshot import Snapshot

if TYPE_CHECKING:
    from distributed import Client, Future

_POLL = 10.0  # seconds
_PATIENCE = 3  # times in a row that there is no worker
_WINDOW = 16  # files under way for each thread of the cluster
_LEAST = 64
_TOGETHER = 16  # files in a row that share a copy of their project
_SNAPSHOTS = 8  # that the cluster keeps


@dataclass(frozen=True)
class _Sent:
    """A file and what was made of it; without a future it is checked at home."""

    task: Task
    future: Future | None

    @property
    def done(self) -> bool:
        return self.future is None or bool(self.future.done())


def _kept(disk: Snapshot) -> Snapshot:
    return disk


class Run:
    """``lost``: what dask raises when it gives a file up."""

    def __init__(self, client: Client, settings: dict[str, Any], lost: type[Exception]) -> None:
        self.client, self.settings, self.lost = client, settings, lost
        self.address = client.scheduler.address
        self.name = uuid4().hex[:8]
        self.waiting: deque[_Sent] = deque()
        self.disks: OrderedDict[str, Future] = OrderedDict()
        self.count = 0
        self.copies, self.window = 1, _LEAST

    def results(self, tasks: Sequence[Task]) -> Iterator[Checked]:
        for number, task in enumerate(tasks):
            if number % _LEAST == 0:
                self._measure()
            self.waiting.append(self._sent(task))
            while self.waiting and (len(self.waiting) >= self.window or self.waiting[0].done):
                yield self._result(self.waiting.popleft())
        while self.waiting:
            yield self._result(self.waiting.popleft())

    def cancel(self) -> None:
        """Nobody waits for what is still under way."""
        self.client.cancel(self._under_way(), force=True)

    def _under_way(self) -> list[Future]:
        return [sent.future for sent in self.waiting if sent.future is not None]

    def _measure(self) -> None:
        """How large is the cluster now?"""
        threads = self.client.nthreads()
        self.copies, self.window = max(1, len(threads)), max(_LEAST, _WINDOW * sum(threads.values()))

    def _sent(self, task: Task) -> _Sent:
        parcel = packed(task, self.settings)
        return _Sent(task, self._submitted(*parcel) if parcel else None)

    def _submitted(self, job: Job, disks: tuple[Snapshot, ...]) -> Future:
        self.count += 1
        parts = [self._disk(disk) for disk in disks]
        return self.client.submit(answer, job, *parts, key=f"check-{self.name}-{self.count}", priority=-self.count)

    def _disk(self, disk: Snapshot) -> Future:
        """One of some copies: with a single one, all would wait for the worker that has it."""
        key = f"snapshot-{disk.digest}-{self.count // _TOGETHER % self.copies}"
        if key not in self.disks or self.disks[key].status in ("error", "cancelled", "lost"):
            self.disks.pop(key, None)
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Sending large graph")  # it goes once
                self.disks[key] = self.client.submit(_kept, disk, key=key)
            while len(self.disks) > _SNAPSHOTS * self.copies:
                self.disks.popitem(last=False)
        self.disks.move_to_end(key)
        return self.disks[key]

    def _result(self, sent: _Sent) -> Checked:
        if sent.future is None:
            return examined(sent.task, self.settings)
        try:
            said = self._answered(sent.future)
        except self.lost:
            said = self._alone(sent.task)
        if isinstance(said, Checked):
            return said
        if said is None:
            return examined(sent.task, self.settings)
        raise said

    def _alone(self, task: Task) -> Answer:
        """Whoever was on a worker when it ended is suspected. Asked again when nothing else is under way."""
        for future in self._under_way():
            with suppress(self.lost):
                self._answered(future)
        parcel = packed(task, self.settings)
        if parcel is None:
            return None
        try:
            return self._answered(self._submitted(*parcel))
        except self.lost:
            name = task.name
            return Checked(name, "", (), f"{name}: each worker that took it ended (was memory short?)")

    def _answered(self, future: Future) -> Answer:
        deserted = 0
        while True:
            try:
                said: Answer = future.result(timeout=_POLL)
                return said
            except self.lost:
                raise
            except TimeoutError:
                deserted = 0 if self.client.nthreads() else deserted + 1
                if deserted == _PATIENCE:
                    raise Unusable(f"there is no worker at {self.address}") from None
            except Exception as error:  # of dask, such as a lost scheduler or a worker without this package
                raise Unusable(f"the cluster at {self.address} could not do it: {error!r}") from error
