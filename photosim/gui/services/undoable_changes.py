"""Changes to the library that run in jobs, one after the other, and that can be undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from photosim.gui.base.job_queue import JobQueue
from photosim.gui.base.jobs import Jobs, Work
from photosim.gui.base.translation import tr
from photosim.gui.services.undo import UndoHistory

Result = TypeVar("Result")

Prepare = Callable[[], Work]
"""Returns the function of a job, which returns a result; called in the window's thread when the job starts."""


@dataclass(frozen=True, slots=True)
class UndoableChange(Generic[Result]):
    """A change, and how it is undone and redone, by its result.

    `name` completes the text "Undo ...". `message` tells the user what was done, an empty one nothing. `after` and
    `after_undo` are called each time it was done or undone.
    """

    name: str
    make: Prepare
    undo: Callable[[Result], Prepare]
    redo: Callable[[Result], Prepare]
    message: Callable[[Result], str]
    has_changed: Callable[[Result], bool] = lambda _: True
    """Whether there is anything to undo."""
    after: Callable[[], object] = lambda: None
    after_undo: Callable[[], object] = lambda: None


class UndoableChanges(Generic[Result]):
    """Makes changes and records them in the undo history."""

    def __init__(
        self,
        jobs: Jobs,
        undo: UndoHistory,
        *,
        show: Callable[[Result | None, Exception | None], object],
        tell: Callable[[str, int | None], object],
    ) -> None:
        """`show` is called after each change, undone ones too, with its result or its error.

        `tell` is called with a message and the id of the change in the undo history, None where it is not there.
        """
        self._undo, self._show, self._tell = undo, show, tell
        self._queue = JobQueue(jobs)

    def make(self, change: UndoableChange[Result]) -> None:
        """Make a change once those before it are made, and push it on the undo stack, unless nothing has changed."""
        undo_id: int | None = None

        def push(result: Result) -> None:
            nonlocal undo_id
            if change.has_changed(result):
                undo_id = self._undo.push(
                    change.name,
                    undo=lambda: self._enqueue(change.undo(result), show_undone),
                    redo=lambda: self._enqueue(change.redo(result), show_done),
                )
            show_done(result)

        def show_done(result: Result) -> None:
            change.after()
            if message := change.message(result):
                self._tell(message, undo_id)

        def show_undone(result: Result) -> None:
            change.after_undo()
            if change.message(result):
                self._tell(tr("{operation} undone.").format(operation=change.name), None)

        self._enqueue(change.make, push)

    def _enqueue(self, prepare: Prepare, done: Callable[[Result], object]) -> None:
        def finish(result: Result | None, error: Exception | None) -> None:
            if result is not None:
                done(result)
            self._show(result, error)

        self._queue.add_prepared(prepare, finish)
