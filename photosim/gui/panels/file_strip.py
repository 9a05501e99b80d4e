"""The status strip of file operations: their progress, and their result with Undo."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from photosim.gui.base.translation import tr
from photosim.gui.services.undo import UndoHistory
from photosim.gui.widgets.status_strip import BAR_STEPS, StatusStrip


class FileStrip(StatusStrip):
    """Hidden until there is something to show.

    A failure stays until it is closed, a result with Undo until that is about something else or `release_undo`.
    """

    details_requested = Signal()
    """The user wants to see why photos were not changed."""

    result_shown = Signal(str, bool)
    """The result of an operation, and whether it can be undone."""

    def __init__(self, history: UndoHistory, parent: QWidget | None = None) -> None:
        super().__init__(tr("Files"), parent)
        self._history = history
        self._undo_id: int | None = None
        self._stays = False
        self.undo_button = self.make_link(tr("Undo"), history.undo)
        self.details_button = self.make_link(tr("Show details"), self.details_requested.emit)
        self.build((self.text, self.undo_button, self.details_button))
        history.changed.connect(self._update_undo_button)

    def start(self, text: str) -> None:
        """Show that an operation begins."""
        self._reset(running=True)
        self.cancel_button.setEnabled(True)
        self.text.setText(text)
        self.bar.setRange(0, 0)

    def show_progress(self, text: str, fraction: float) -> None:
        """Show how far the operation is, 0..1."""
        self.text.setText(text)
        self.bar.setRange(0, BAR_STEPS)
        self.bar.setValue(round(BAR_STEPS * fraction))

    def show_cancelling(self) -> None:
        """Show that the operation stops soon."""
        self.cancel_button.setEnabled(False)
        self.text.setText(tr("Stopping…"))

    def show_result(self, text: str, *, undo_id: int | None = None, failed: bool = False) -> None:
        """Show the result of an operation, with Undo while that is about this entry of the history."""
        self._reset(running=False)
        self.text.setText(text)
        self._undo_id = undo_id
        self._stays = failed
        self.details_button.setVisible(failed)
        self._update_undo_button()
        self.result_shown.emit(text, self.undo_button.isVisibleTo(self))

    def show_message(self, text: str, *, undo_id: int | None = None) -> None:
        """Show the result of something else, unless a file operation is running."""
        if not self.is_running:
            self.show_result(text, undo_id=undo_id)

    def release_undo(self) -> None:
        """Hide the strip soon although it shows Undo, since the user went on; Undo stays in the menu."""
        if not self.is_running and not self._stays:
            self.hide_later()

    def _reset(self, *, running: bool) -> None:
        self.set_running(running)
        self.details_button.hide()
        self.undo_button.hide()

    def _update_undo_button(self) -> None:
        is_next = self._undo_id is not None and self._history.next_undo == self._undo_id
        has_ended = self.close_button.isVisibleTo(self)
        self.undo_button.setVisible(is_next and has_ended)
        if has_ended and not is_next and not self._stays:
            self.hide_later()
