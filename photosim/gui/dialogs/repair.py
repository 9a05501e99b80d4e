"""Offers to repair a damaged library, does it in a process of its own, and tells what came of it."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QProcess, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from photosim import APP_NAME
from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr
from photosim.gui.services import index_queue
from photosim.gui.services.index_queue import PendingIndexing
from photosim.paths import program_command

_log = logging.getLogger(__name__)

_WIDTH, _BAR_HEIGHT = 520, 6  # logical pixels


class RepairDialog(QDialog):
    """Accepted when the library can be opened again; nobody may have it open meanwhile."""

    def __init__(self, library: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._process: QProcess | None = None
        self.setWindowTitle(tr("{name} – a damaged library").format(name=APP_NAME))
        self.title = QLabel(tr("This library is damaged"), self)
        theme.set_font(self.title, 1.3, bold=True)
        self.text = QLabel(
            tr(
                "PhotoSim can save all that can be read of it: folders, photos, what looks alike and what you said "
                "of clusters. The damaged file is kept aside, and what was lost is read again from the photos. "
                "The photos themselves are not touched."
            ),
            self,
        )
        self.location = QLabel(formatting.display_path(str(library)), self)
        self.location.setObjectName("quiet-text")
        for label in (self.text, self.location):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setFixedWidth(_WIDTH)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(_BAR_HEIGHT)
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName(tr("Repairing"))
        keep = self.bar.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(keep)
        self.bar.hide()
        self.close_button = QPushButton(tr("Close"), self)
        self.close_button.clicked.connect(self.reject)
        self.repair_button = QPushButton(tr("Repair"), self)
        self.repair_button.setObjectName("primary")
        self.repair_button.setDefault(True)
        self.repair_button.clicked.connect(self._repair)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.repair_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 18)
        layout.setSpacing(12)
        for widget in (self.title, self.text, self.location, self.bar):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        self.repair_button.setFocus()

    def reject(self) -> None:
        """Leave it as it is; not in the middle of a repair, which takes a moment."""
        if self._process is None:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """The same."""
        if self._process is None:
            super().closeEvent(event)
        else:
            event.ignore()

    # --- helpers -----------------------------------------------------------------------------------------

    def _repair(self) -> None:
        self.title.setText(tr("Repairing…"))
        self.text.setText(tr("All that can be read is being saved. This takes a moment; please wait."))
        self._offer(working=True)
        program, *first = program_command()
        process = self._process = QProcess(self)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._broken)
        process.start(program, [*first, "repair", "--library", str(self._library)])

    def _offer(self, *, working: bool) -> None:
        self.bar.setVisible(working)
        self.repair_button.setEnabled(not working)
        self.repair_button.setVisible(not working)
        self.close_button.setEnabled(not working)

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._process = None
            self._tell_failure(tr("PhotoSim could not start its own program."))

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        said = bytes(process.readAllStandardOutput().data()).decode("utf-8", "replace").strip()
        errors = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        if code != 0 or status != QProcess.ExitStatus.NormalExit:
            _log.warning("The repair failed: %s", errors)
            self._tell_failure(errors.splitlines()[-1] if errors else tr("It ended without an answer."))
            return
        self._read_all_again()
        self.title.setText(tr("The library is repaired"))
        more = tr("What was lost is read again from the photos as soon as the library is open.")
        self.text.setText(f"{said}\n\n{more}")
        self.repair_button.setText(tr("Open the library"))
        self.repair_button.clicked.disconnect()
        self.repair_button.clicked.connect(self.accept)
        self._offer(working=False)

    def _read_all_again(self) -> None:
        """Let the window look through all folders when it opens."""
        left = index_queue.load(self._library)
        index_queue.save(self._library, PendingIndexing(((), *(left.queue if left else ()))))

    def _tell_failure(self, sentence: str) -> None:
        self.title.setText(tr("The library could not be repaired"))
        self.text.setText(sentence)
        self.repair_button.setText(tr("Try again"))
        self._offer(working=False)
