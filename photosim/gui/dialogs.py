"""The dialogs: an error with a report to copy, the keyboard's keys, and what this program is."""

from __future__ import annotations

import platform
import sys

from PySide6.QtCore import Qt, QTimer, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from photosim import APP_NAME, __version__
from photosim.gui import theme
from photosim.gui.jobs import Jobs

_COPIED_MS = 2000
_ERROR_WIDTH, _KEYS_WIDTH, _ICON = 520, 170, 40  # logical pixels


def report(sentence: str, details: str) -> str:
    """The text that a person sends to whoever is to mend it."""
    return "\n".join(
        (
            sentence,
            "",
            f"{APP_NAME} {__version__}, Python {platform.python_version()}, Qt {qVersion()}",
            f"{platform.platform()} ({QGuiApplication.platformName()})",
            "",
            details.strip() or "No further details.",
        )
    )


class ErrorDialog(QDialog):
    """Says what went wrong in one sentence; the report under it can be copied."""

    def __init__(self, sentence: str, details: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("{name} – a problem").format(name=APP_NAME))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.report = report(sentence, details)
        self.sentence = QLabel(sentence, self)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.sentence.setMinimumWidth(_ERROR_WIDTH)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        icon = QLabel(self)
        standard = self.style().standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning)
        icon.setPixmap(standard.pixmap(_ICON, _ICON))
        icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.text = QPlainTextEdit(self.report, self)
        self.text.setReadOnly(True)
        self.text.setAccessibleName(self.tr("Report"))
        self.text.setMinimumHeight(220)
        self.text.hide()
        self.more = QPushButton(self.tr("Show report"), self)
        self.more.setCheckable(True)
        self.more.toggled.connect(self.text.setVisible)
        self.copy = QPushButton(self.tr("Copy report"), self)
        self.copy.clicked.connect(self._copy)
        close = QPushButton(self.tr("Close"), self)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        top = QHBoxLayout()
        top.setSpacing(14)
        top.addWidget(icon)
        top.addWidget(self.sentence, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.more)
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(16)
        layout.addLayout(top)
        layout.addWidget(self.text, 1)
        layout.addLayout(buttons)
        close.setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report)
        self.copy.setText(self.tr("Copied"))
        QTimer.singleShot(_COPIED_MS, self.copy, lambda: self.copy.setText(self.tr("Copy report")))


class ShortcutsDialog(QDialog):
    """Every key of the window, by what it is for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        columns = QHBoxLayout()
        columns.setSpacing(40)
        for groups in self._columns():
            column = QVBoxLayout()
            for title, keys in groups:
                column.addLayout(_group(title, keys, self))
                column.addSpacing(14)
            column.addStretch(1)
            columns.addLayout(column)
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        box.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 16)
        layout.addLayout(columns)
        layout.addWidget(box)

    def _columns(self) -> tuple[tuple[tuple[str, tuple[tuple[str, str], ...]], ...], ...]:
        tr = self.tr
        control = "⌘" if sys.platform == "darwin" else "Ctrl"
        finding = (
            (f"{control}+O", tr("Add a folder")),
            (f"{control}+Shift+O", tr("Search by an image file")),
            (f"{control}+V", tr("Search by the image on the clipboard")),
            ("+  -", tr("On a result: more like this, less like this")),
            (f"{control}+L", tr("Find photos like the chosen one")),
            (tr("Alt+Left, Alt+Right"), tr("Back, Forward")),
            ("F5", tr("Rescan all folders")),
        )
        grid = (
            (tr("Arrows, Page, Home, End"), tr("Move")),
            (tr("Shift and a move"), tr("Select more")),
            (f"{control}+A", tr("Select all")),
            (tr("Space, Enter"), tr("Open in the full window")),
            (f"{control}++, {control}+-", tr("Larger, smaller thumbnails")),
            (f"{control}+C", tr("Copy the files")),
            (f"{control}+Shift+C", tr("Copy the paths")),
            (f"{control}+Z, {control}+Y", tr("Undo, redo")),
        )
        clusters = (
            ("F2", tr("Rename")),
            (f"{control}+M", tr("Merge the selected ones")),
            (f"{control}+Shift+M", tr("Pull photos out")),
            (f"{control}+Shift+H", tr("Hide, or show again")),
            (f"{control}+G", tr("Show all clusters")),
        )
        viewer = (
            (tr("Left, Right"), tr("Previous, next")),
            ("+  -", tr("Zoom")),
            ("0", tr("Fit the window")),
            ("1", tr("Actual size")),
            ("F", tr("Full screen")),
            ("I", tr("Facts of the photo")),
            ("M, G", tr("Its place on the map, its cluster")),
            ("R", tr("Search by a part: draw, or arrows and Enter")),
            (tr("Esc, Space"), tr("Back to the grid")),
        )
        comparing = (
            ("C", tr("Compare the selected photos, two to four")),
            ("L", tr("Zoom and move together, or each alone")),
            ("W", tr("Wipe between two, with Left and Right")),
            (tr("Arrows"), tr("Move")),
        )
        window = (
            ("F9", tr("Show or hide the panel at the right")),
            ("F11", tr("Full screen")),
            ("?", tr("This sheet")),
            (f"{control}+,", tr("Settings")),
            (f"{control}+Q", tr("Quit")),
        )
        return (
            ((tr("Finding"), finding), (tr("Clusters"), clusters), (tr("Window"), window)),
            ((tr("Grid"), grid), (tr("Viewer"), viewer), (tr("Comparison"), comparing)),
        )


class AboutDialog(QDialog):
    """Name, version, licence, and that nothing leaves the computer."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self.setWindowTitle(self.tr("About {name}").format(name=APP_NAME))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        icon = QLabel(self)
        icon.setPixmap(QGuiApplication.windowIcon().pixmap(72, 72))
        icon.setVisible(not QGuiApplication.windowIcon().isNull())
        name = QLabel(APP_NAME, self)
        theme.letter(name, 1.7, bold=True)
        version = QLabel(self.tr("Version {version}").format(version=__version__), self)
        version.setObjectName("quiet-text")
        text = QLabel(
            self.tr(
                "Finds the photos that look alike, on your own computer. Nothing leaves it.\n\n"
                "Free software under the GNU Affero General Public License, version 3 (AGPL-3.0). "
                "It comes without any warranty.\n\n"
                "Made with Ultralytics YOLO11, PyTorch, hnswlib, igraph, Pillow, SQLite and Qt."
            ),
            self,
        )
        text.setWordWrap(True)
        text.setFixedWidth(420)
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        box.rejected.connect(self.reject)
        self.licences = QPushButton(self.tr("Licences and source…"), self)
        self.licences.setAutoDefault(False)
        self.licences.clicked.connect(self._show_licences)
        box.addButton(self.licences, QDialogButtonBox.ButtonRole.ActionRole)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 26, 28, 16)
        layout.setSpacing(6)
        for widget in (icon, name, version, text, box):
            if widget is text:
                layout.addSpacing(8)
            layout.addWidget(widget)

    def _show_licences(self) -> None:
        from photosim.gui.licences_dialog import LicencesDialog

        LicencesDialog(self._jobs, self).open()


def _group(title: str, keys: tuple[tuple[str, str], ...], parent: QWidget) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(18)
    grid.setVerticalSpacing(5)
    heading = QLabel(title, parent)
    theme.letter(heading, bold=True)
    grid.addWidget(heading, 0, 0, 1, 2)
    for row, (key, text) in enumerate(keys, 1):
        label = QLabel(key, parent)
        label.setObjectName("quiet-text")
        grid.addWidget(label, row, 0)
        grid.addWidget(QLabel(text, parent), row, 1)
    grid.setColumnMinimumWidth(0, _KEYS_WIDTH)
    grid.setColumnStretch(1, 1)
    return grid
