"""Downloads, adds, switches and removes models, and holds their states for the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.services.processes.indexing import IndexProcess
from photosim.gui.services.processes.models import ModelCommand
from photosim.gui.services.write_guard import WriteGuard
from photosim.records import ModelState, Progress

if TYPE_CHECKING:
    from photosim.library import Library

_REFRESH_INTERVAL_MS = 1000
"""How often the states are read again while a model analyzes the photos."""

NEW_MODEL = ""
"""Stands for the id of a model that is being added."""


@dataclass(frozen=True, slots=True)
class Download:
    """A running download: bytes so far, and bytes in all where that is known."""

    model: str
    done: int = 0
    total: int | None = None


class ModelActions(QObject):
    """Runs one action at a time, independent of the settings dialog that shows it."""

    changed = Signal()
    """`models`, `errors` or `busy_model` have changed."""

    progressed = Signal(Download)

    switched = Signal()
    """Another model is used for similarity now."""

    def __init__(
        self,
        library: Library,
        jobs: Jobs,
        indexing: IndexProcess,
        guard: WriteGuard,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._library, self._jobs, self._indexing, self._guard = library, jobs, indexing, guard
        self.models: list[ModelState] = []
        self.errors: dict[str, str] = {}
        """Why the last action failed, as a sentence, by model id."""

        self.busy_model: str | None = None
        """The id of the model that an action is running for."""

        self.download: Download | None = None
        self._command: ModelCommand | None = None
        self._read_job: int | None = None
        self._after_refresh: Callable[[], None] | None = None
        self._refresh_timer = QTimer(self, interval=_REFRESH_INTERVAL_MS, singleShot=True)
        self._refresh_timer.timeout.connect(self.refresh)
        indexing.progressed.connect(self._handle_index_progress)
        guard.changed.connect(lambda _: self._reload_choice(resume=True))
        indexing.finished.connect(lambda _: self._reload_choice())
        indexing.failed.connect(lambda *_: self._reload_choice())

    def start(self) -> None:
        """Resume a switch of the model that was interrupted."""
        if self._library.models.next_model is not None:
            self.refresh(self._resume_switch)

    def refresh(self, then: Callable[[], None] | None = None) -> None:
        """Read the states of the models again, then call a function."""
        self._after_refresh = then or self._after_refresh
        self._jobs.cancel(self._read_job)
        self._read_job = self._jobs.start(
            lambda _: self._library.models.states(), self._set_states, Priority.HIGH
        )

    def download_model(self, model: ModelState) -> None:
        """Download a model; a partial download is resumed."""
        self.download = Download(model.id)
        self._run_command(model.id, ["get", model.name, "--json"])

    def cancel(self) -> None:
        """Cancel the download and keep what is downloaded."""
        if self._command is not None and self.download is not None:
            self._command.stop()
            self._finish(None)

    def add(self, path: str) -> None:
        """Add a copy of a file."""
        self._run_command(NEW_MODEL, ["add", path])

    def use(self, model: ModelState) -> None:
        """Switch to a model, which first analyzes all photos."""
        if not self._guard.can_write:
            self.errors[model.id] = self._guard.reason
            self.changed.emit()
            return
        arguments = ["use", model.cli_name, "--library", str(self._library.folder)]
        self._run_command(model.id, arguments, lambda: self._reload_choice(resume=True))

    def remove(self, model: ModelState) -> None:
        """Delete the file of a model."""
        self._run_job(model.id, lambda _: self._library.models.remove_file(model.cli_name))

    def delete_data(self, model: ModelState) -> None:
        """Delete the analysis of a model."""
        self._run_job(model.id, lambda _: self._library.models.delete_data(model.id))

    def close(self) -> None:
        """Stop what is running."""
        self._refresh_timer.stop()
        if self._command is not None:
            self._command.stop()
            self._command = None

    def _run_command(
        self, model: str, arguments: Sequence[str], then: Callable[[], None] | None = None
    ) -> None:
        if self.busy_model is not None:
            return
        self._set_busy(model)
        self._command = ModelCommand(arguments, self)
        self._command.progressed.connect(self._show_progress)
        self._command.finished.connect(lambda error: self._finish(error, then))
        self._command.start()

    def _run_job(self, model: str, work: Callable[[CancelToken], object]) -> None:
        def finish(_: object, error: Exception | None) -> None:
            self._finish(None if error is None else str(error))

        if self.busy_model is None:
            self._set_busy(model)
            self._jobs.start(work, finish, Priority.HIGH)

    def _set_busy(self, model: str) -> None:
        self.busy_model = model
        self.errors.pop(model, None)
        self.changed.emit()

    def _finish(self, error: str | None, then: Callable[[], None] | None = None) -> None:
        if error is not None and self.busy_model is not None:
            self.errors[self.busy_model] = error
        if self._command is not None:
            self._command.deleteLater()
        self.busy_model = self.download = self._command = None
        self.changed.emit()
        if then is not None and error is None:
            then()
        else:
            self.refresh()

    def _show_progress(self, done: int, total: int | None) -> None:
        if self.download is not None:
            self.download = Download(self.download.model, done, total)
            self.progressed.emit(self.download)

    def _set_states(self, states: list[ModelState] | None, error: Exception | None) -> None:
        then, self._after_refresh = self._after_refresh, None
        if states is None:
            self.errors[NEW_MODEL] = str(error)
        else:
            self.models = states
        self.changed.emit()
        if then is not None:
            then()

    def _handle_index_progress(self, progress: Progress) -> None:
        if progress.next_model and not self._refresh_timer.isActive():
            self._refresh_timer.start()

    def _reload_choice(self, *, resume: bool = False) -> None:
        """Read which model is in use: another process may have switched it."""

        def refresh(switched: bool | None, _: Exception | None) -> None:
            if switched:
                self.switched.emit()
            self.refresh(self._resume_switch if resume else None)

        self._jobs.start(lambda _: self._library.models.reload_choice(), refresh, Priority.HIGH)

    def _resume_switch(self) -> None:
        if any(model.is_next for model in self.models):
            self._indexing.start()
