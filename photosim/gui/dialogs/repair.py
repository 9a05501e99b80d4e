"""The dialog that offers to repair a damaged library, and does it in a child process."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
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
from photosim.gui.services.processes import index_queue
from photosim.gui.services.processes.child import ChildProcess, ProcessResult
from photosim.gui.services.processes.index_queue import PendingIndexing
from photosim.workers.protocol import repair_command

_WIDTH, _BAR_HEIGHT = 520, 6  # logical pixels


class RepairDialog(QDialog):
    """Accepted when the library can be opened again; nothing may have it open meanwhile."""

    def __init__(self, library: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._process: ChildProcess | None = None
        self._output = ""
        self.setWindowTitle(tr("{name} - Repair library").format(name=APP_NAME))
        self.title = QLabel(tr("This library is damaged"), self)
        theme.set_font(self.title, 1.3, bold=True)
        self.text = QLabel(
            tr(
                "PhotoSim can save everything that can be read: folders, photos, similarity data and your clusters. "
                "The damaged file is kept, and what was lost is restored from your photos. "
                "The photos themselves are not changed."
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
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
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
        if self._process is None:  # a repair takes a moment and cannot be interrupted
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._process is None:
            super().closeEvent(event)
        else:
            event.ignore()

    def _repair(self) -> None:
        self.title.setText(tr("Repairing..."))
        self.text.setText(tr("Saving everything that can be read. Please wait."))
        self._show_busy(True)
        self._output = ""
        process = self._process = ChildProcess(self)
        process.line_received.connect(self._collect_output)
        process.finished.connect(self._handle_exit)
        process.start(repair_command(self._library))

    def _show_busy(self, busy: bool) -> None:
        self.bar.setVisible(busy)
        self.repair_button.setEnabled(not busy)
        self.repair_button.setVisible(not busy)
        self.close_button.setEnabled(not busy)

    def _collect_output(self, line: bytes) -> None:
        self._output += line.decode("utf-8", "replace")

    def _handle_exit(self, result: ProcessResult) -> None:
        self._process = None
        if not result.succeeded:
            self._show_failure(result.error or tr("The repair stopped unexpectedly."))
            return
        self._queue_rescan()
        self.title.setText(tr("Library repaired"))
        note = tr("Your folders are rescanned when the library opens, to restore what was lost.")
        self.text.setText(f"{self._output.strip()}\n\n{note}")
        self.repair_button.setText(tr("Open library"))
        self.repair_button.clicked.disconnect()
        self.repair_button.clicked.connect(self.accept)
        self._show_busy(False)

    def _queue_rescan(self) -> None:
        """Let the window rescan all folders when it opens."""
        pending = index_queue.load_pending(self._library)
        folders = pending.queue if pending is not None else ()
        index_queue.save_pending(self._library, PendingIndexing(((), *folders)))

    def _show_failure(self, message: str) -> None:
        self.title.setText(tr("The library couldn't be repaired"))
        self.text.setText(message)
        self.repair_button.setText(tr("Try again"))
        self._show_busy(False)
