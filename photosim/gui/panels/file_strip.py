"""The strip at the foot of the window while files are copied, moved or thrown away, and what came of it."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QWidget

from photosim.gui.base.translation import tr
from photosim.gui.widgets.status_strip import BAR_STEPS, StatusStrip

_SHOWN_MS = 15_000
"""What went well is told for so long; Undo stays in the menu."""


class FileStrip(StatusStrip):
    """Hidden until there is something to tell. `undo` is the action that takes back what was done."""

    details_requested = Signal()
    """The person wants to know what went wrong."""

    def __init__(self, undo: QAction, parent: QWidget | None = None) -> None:
        super().__init__(tr("Files"), parent)
        self._undo = undo
        self._undoes = ""
        self.undo_button = self.make_link(tr("Undo"), undo.trigger)
        self.details_button = self.make_link(tr("Show why"), self.details_requested.emit)
        self.build((self.text, self.undo_button, self.details_button))
        undo.changed.connect(self._follow_undo)
        self._leave = QTimer(self, interval=_SHOWN_MS, singleShot=True)
        self._leave.timeout.connect(self._go)

    def start(self, text: str) -> None:
        """Something begins."""
        self._lay_out(running=True)
        self.cancel_button.setEnabled(True)
        self.text.setText(text)
        self.bar.setRange(0, 0)

    def show_progress(self, text: str, share: float) -> None:
        """So much of it is done, 0..1."""
        self.text.setText(text)
        self.bar.setRange(0, BAR_STEPS)
        self.bar.setValue(round(BAR_STEPS * share))

    def show_cancelling(self) -> None:
        """The person wants no more of it."""
        self.cancel_button.setEnabled(False)
        self.text.setText(tr("Stopping after this file…"))

    def show_result(self, text: str, *, undoes: str = "", failed: bool = False) -> None:
        """Tell what came of it; `undoes` is the name of what Undo would take back now."""
        self._lay_out(running=False)
        self.text.setText(text)
        self._undoes = undoes
        self.details_button.setVisible(failed)
        self._follow_undo()
        if not failed:
            self._leave.start()

    def show_message(self, text: str, *, undoes: str = "") -> None:
        """Tell of something that is no work with files, unless such work goes on."""
        if not self.is_running:
            self.show_result(text, undoes=undoes)

    # --- helpers -----------------------------------------------------------------------------------------

    def _lay_out(self, *, running: bool) -> None:
        self._leave.stop()
        self.set_running(running)
        self.details_button.hide()
        self.undo_button.hide()

    def _go(self) -> None:
        focus = QApplication.focusWidget()
        if self.underMouse() or (focus is not None and self.isAncestorOf(focus)):
            self._leave.start()  # the person is at it
        else:
            self.hide()

    def _follow_undo(self) -> None:
        """Offer Undo only as long as it would take back what this strip tells of."""
        mine = bool(self._undoes) and self._undo.isEnabled() and self._undoes in self._undo.text()
        self.undo_button.setVisible(mine and self.close_button.isVisibleTo(self))
