"""The models as the window knows them: what there is, what is being done about one, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.services.index_process import IndexProcess
from photosim.gui.services.model_process import ModelCommand
from photosim.gui.services.write_guard import WriteGuard
from photosim.records import ModelState, Progress

if TYPE_CHECKING:
    from photosim.library import Library

_REFRESH_MS = 1000
"""How often the counts are read again while a model looks at the photos."""

NEW = ""
"""In place of a model's id: the file that is being added."""


@dataclass(frozen=True, slots=True)
class Download:
    """A download that is under way: bytes so far, and bytes in all where that is known."""

    model: str
    done: int = 0
    total: int | None = None


class ModelActions(QObject):
    """Does one thing at a time; closing the settings does not stop it."""

    changed = Signal()
    """What `states`, `errors` or `busy` say is another."""

    progressed = Signal(Download)

    switched = Signal()
    """Another model says what looks alike."""

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
        """By model: why the last thing asked of it did not work."""

        self.busy: str | None = None
        """The model that something is being done about."""

        self.download: Download | None = None
        self._errand: ModelCommand | None = None
        self._reading: int | None = None
        self._then: Callable[[], None] | None = None
        self._soon = QTimer(self, interval=_REFRESH_MS, singleShot=True)
        self._soon.timeout.connect(self.refresh)
        indexing.progressed.connect(self._watch)
        guard.changed.connect(lambda _: self._follow(go_on=True))
        indexing.finished.connect(lambda _: self._follow())
        indexing.failed.connect(lambda *_: self._follow())

    def start(self) -> None:
        """Let a change of the model that was stopped go on."""
        if self._library.models.next_model is not None:
            self.refresh(self._go_on)

    def refresh(self, then: Callable[[], None] | None = None) -> None:
        """Read the models again."""
        self._then = then or self._then
        self._jobs.cancel(self._reading)
        self._reading = self._jobs.start(
            lambda _: self._library.models.states(), self._take_states, Priority.HIGH
        )

    def start_download(self, model: ModelState) -> None:
        """Download a model; what came before goes on."""
        self.download = Download(model.id)
        self._run(model.id, ["get", model.name, "--json"])

    def cancel(self) -> None:
        """Stop the download; what came is kept."""
        if self._errand is not None and self.download is not None:
            self._errand.stop()
            self._done(None)

    def add(self, path: str) -> None:
        """Take in a copy of a file."""
        self._run(NEW, ["add", path])

    def use(self, model: ModelState) -> None:
        """Let a model say what looks alike, as soon as it has looked at the photos: which begins now."""
        if not self._guard.can_write:
            self.errors[model.id] = self._guard.reason
            self.changed.emit()
            return
        self._run(model.id, ["use", model.cli_name, "--library", str(self._library.folder)], self._chosen)

    def remove(self, model: ModelState) -> None:
        """Delete the file of a model."""
        self._do(model.id, lambda _: self._library.models.remove_file(model.cli_name))

    def forget(self, model: ModelState) -> None:
        """Forget what a model saw."""
        self._do(model.id, lambda _: self._library.models.delete_data(model.id))

    def close(self) -> None:
        """Leave nothing running."""
        self._soon.stop()
        if self._errand is not None:
            self._errand.stop()
            self._errand = None

    # --- helpers -----------------------------------------------------------------------------------------

    def _run(self, model: str, words: Sequence[str], then: Callable[[], None] | None = None) -> None:
        if self.busy is not None:
            return
        self._begin(model)
        self._errand = ModelCommand(words, self)
        self._errand.progressed.connect(self._show_progress)
        self._errand.finished.connect(lambda error: self._done(error, then))
        self._errand.start()

    def _do(self, model: str, work: Callable[[CancelToken], object]) -> None:
        if self.busy is None:
            self._begin(model)
            self._jobs.start(
                work, lambda _, error: self._done(None if error is None else str(error)), Priority.HIGH
            )

    def _begin(self, model: str) -> None:
        self.busy = model
        self.errors.pop(model, None)
        self.changed.emit()

    def _done(self, error: str | None, then: Callable[[], None] | None = None) -> None:
        if error is not None and self.busy is not None:
            self.errors[self.busy] = error
        if self._errand is not None:
            self._errand.deleteLater()
        self.busy = self.download = self._errand = None
        self.changed.emit()
        if then is not None and error is None:
            then()
        else:
            self.refresh()

    def _chosen(self) -> None:
        self._follow(go_on=True)

    def _show_progress(self, done: int, total: int | None) -> None:
        if self.download is not None:
            self.download = Download(self.download.model, done, total)
            self.progressed.emit(self.download)

    def _take_states(self, states: list[ModelState] | None, error: Exception | None) -> None:
        then, self._then = self._then, None
        if states is None:
            self.errors[NEW] = str(error)
        else:
            self.models = states
        self.changed.emit()
        if then is not None:
            then()

    def _watch(self, progress: Progress) -> None:
        if progress.next_model and not self._soon.isActive():
            self._soon.start()

    def _follow(self, *, go_on: bool = False) -> None:
        """Somebody, in another process, may have let another model take over."""

        def followed(switched: bool | None, _: Exception | None) -> None:
            if switched:
                self.switched.emit()
            self.refresh(self._go_on if go_on else None)

        self._jobs.start(lambda _: self._library.models.reload_choice(), followed, Priority.HIGH)

    def _go_on(self) -> None:
        if any(state.is_next for state in self.models):
            self._indexing.start()
