"""Error dialog and About dialog."""

from __future__ import annotations

import platform
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from photosim import APP_NAME, __version__
from photosim.gui.base import theme
from photosim.gui.base.jobs import Jobs
from photosim.gui.base.translation import tr

_COPIED_MS = 2000
_ERROR_WIDTH, _ICON = 520, 40  # logical pixels


def error_report(message: str, details: str) -> str:
    """Return the text of a bug report."""
    return "\n".join(
        (
            message,
            "",
            f"{APP_NAME} {__version__}, Python {platform.python_version()}, Qt {qVersion()}",
            f"{platform.platform()} ({QGuiApplication.platformName()})",
            "",
            details.strip() or "No further details.",
        )
    )


class ErrorDialog(QDialog):
    """Shows an error message; if there are details, with a report that can be copied."""

    def __init__(self, sentence: str, details: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Error"))  # Qt adds the name of the program
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.report = error_report(sentence, details)
        self.message = QLabel(sentence, self)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setWordWrap(True)
        self.message.setMinimumWidth(_ERROR_WIDTH)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        icon = QLabel(self)
        standard = self.style().standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning)
        icon.setPixmap(standard.pixmap(_ICON, _ICON))
        icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.text = QPlainTextEdit(self.report, self)
        self.text.setReadOnly(True)
        self.text.setAccessibleName(tr("Report"))
        self.text.setMinimumHeight(220)
        self.text.hide()
        self.show_button = QPushButton(tr("Show report"), self)
        self.show_button.setCheckable(True)
        self.show_button.toggled.connect(self.text.setVisible)
        self.copy_button = QPushButton(tr("Copy report"), self)
        self.copy_button.clicked.connect(self._copy)
        for button in (self.show_button, self.copy_button):
            button.setVisible(bool(details.strip()))
        close = QPushButton(tr("Close"), self)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        top = QHBoxLayout()
        top.setSpacing(14)
        top.addWidget(icon)
        top.addWidget(self.message, 1)
        self._buttons = buttons = QHBoxLayout()
        buttons.addWidget(self.show_button)
        buttons.addWidget(self.copy_button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(16)
        layout.addLayout(top)
        layout.addWidget(self.text, 1)
        layout.addLayout(buttons)
        close.setFocus()

    def add_action(self, text: str, callback: Callable[[], object]) -> None:
        """Add the default button; it closes the dialog before it calls `callback`."""
        button = QPushButton(text, self)
        button.clicked.connect(self.accept)
        button.clicked.connect(lambda: QTimer.singleShot(0, self.parent() or self, callback))
        button.setDefault(True)
        self._buttons.addWidget(button)
        button.setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report)
        self.copy_button.setText(tr("Copied"))
        QTimer.singleShot(_COPIED_MS, self.copy_button, lambda: self.copy_button.setText(tr("Copy report")))


class AboutDialog(QDialog):
    """Shows name, version and licence of the program."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self.setWindowTitle(tr("About {name}").format(name=APP_NAME))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        icon = QLabel(self)
        icon.setPixmap(QGuiApplication.windowIcon().pixmap(72, 72))
        icon.setVisible(not QGuiApplication.windowIcon().isNull())
        name = QLabel(APP_NAME, self)
        theme.set_font(name, 1.7, bold=True)
        version = QLabel(tr("Version {version}").format(version=__version__), self)
        version.setObjectName("quiet-text")
        text = QLabel(
            tr(
                "Finds similar photos on your own computer. Nothing is uploaded.\n\n"
                "Free software under the GNU Affero General Public License, version 3 (AGPL-3.0), "
                "without any warranty.\n\n"
                "Made with Ultralytics YOLO11, PyTorch, hnswlib, igraph, Pillow, SQLite and Qt."
            ),
            self,
        )
        text.setWordWrap(True)
        text.setFixedWidth(420)
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        box.rejected.connect(self.reject)
        self.licences_button = QPushButton(tr("Licences and source…"), self)
        self.licences_button.setAutoDefault(False)
        self.licences_button.clicked.connect(self._show_licences)
        box.addButton(self.licences_button, QDialogButtonBox.ButtonRole.ActionRole)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 26, 28, 16)
        layout.setSpacing(6)
        for widget in (icon, name, version, text, box):
            if widget is text:
                layout.addSpacing(8)
            layout.addWidget(widget)

    def _show_licences(self) -> None:
        from photosim.gui.dialogs.licences import LicencesDialog

        LicencesDialog(self._jobs, self).open()
