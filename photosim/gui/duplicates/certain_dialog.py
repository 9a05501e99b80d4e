"""Dialog that shows some groups of many that are certain, before all of them are decided."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from photosim.duplicates.results import DuplicateGroup
from photosim.gui.base import focus, formatting, theme
from photosim.gui.base.jobs import Jobs
from photosim.gui.base.screen import resize_within_screen
from photosim.gui.base.translation import tr
from photosim.gui.duplicates.pane_row import PaneRow
from photosim.gui.services.photo_cache import PhotoCache
from photosim.gui.services.photo_loader import ThumbnailFetcher, edge_for
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.state.duplicates.keep_marks import KeepMarks
from photosim.gui.state.text.duplicates import group_summary, kind_name

_SIZE = QSize(900, 640)  # logical pixels
_MAX_AHEAD = 4
"""Photos of the next group that are loaded ahead."""

_DECISION_KEYS = (Qt.Key.Key_Y, Qt.Key.Key_N, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CertainDialog(QDialog):
    """Asks of each group whether the right photo is kept; it is accepted when all are right, and ends at a wrong one."""

    group_rejected = Signal(object)
    """The user said that this DuplicateGroup is wrong; the dialog is closed."""

    def __init__(
        self,
        jobs: Jobs,
        client: PhotoClient,
        thumbnail: ThumbnailFetcher,
        parent: QWidget,
        groups: Sequence[DuplicateGroup],
        total: int,
    ) -> None:
        """`total` is the number of groups that are decided when all of `groups` are right."""
        super().__init__(parent)
        self.setWindowTitle(tr("Review certain groups"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._groups, self._number, self._current = groups, 0, 0
        self.title, self.summary = QLabel(self), QLabel(self)
        theme.set_font(self.title, 1.15, bold=True)
        self.summary.setObjectName("quiet-text")
        self._cache = PhotoCache(jobs, client, self)
        self.row = PaneRow(jobs, self._cache, thumbnail, self)
        self.right_button = self._button(tr("Right"), "Y", "primary")
        self.wrong_button = self._button(tr("Wrong"), "N")
        cancel = QPushButton(tr("Cancel"), self)
        cancel.setAutoDefault(False)
        self.right_button.clicked.connect(self.accept_group)
        self.wrong_button.clicked.connect(self.reject_group)
        cancel.clicked.connect(self.reject)
        self.row.chosen.connect(self._choose)
        self._cache.changed.connect(self.row.show_loaded)
        self.finished.connect(lambda _: self._release())
        self._build(cancel, total)
        self.row.installEventFilter(self)
        resize_within_screen(self, _SIZE)
        self._show_group()
        self.right_button.setFocus()

    @property
    def group(self) -> DuplicateGroup:
        """The group that is shown."""
        return self._groups[self._number]

    def accept_group(self) -> None:
        """Go on to the next group; accept the dialog after the last one."""
        if self._number + 1 == len(self._groups):
            self.accept()
            return
        self._number, self._current = self._number + 1, 0
        self.row.reset_view()
        self._show_group()

    def reject_group(self) -> None:
        """Close the dialog, as the group is wrong."""
        group = self.group
        self.reject()
        self.group_rejected.emit(group)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if event.isAutoRepeat() and key in _DECISION_KEYS:
            event.accept()  # a key that is held decides about one group only
        elif event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif focus.click_focused_button(event):
            event.accept()
        elif key == Qt.Key.Key_Y:
            self.accept_group()
        elif key == Qt.Key.Key_N:
            self.reject_group()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._step(1 if key == Qt.Key.Key_Right else -1)
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.row and event.type() == QEvent.Type.Resize:
            self._show_panes()  # as many as fit now
        return super().eventFilter(watched, event)

    def _build(self, cancel: QPushButton, total: int) -> None:
        count = len(self._groups)
        text = tr(
            "If all of these are right, {total} are decided in the same way. Nothing is moved to the trash yet."
        )
        groups = tr("%Ln group(s)", "", total)
        note = QLabel(text.format(total=groups) if count < total else "", self)
        note.setWordWrap(True)
        note.setVisible(count < total)
        stage = QWidget(self)
        stage.setAutoFillBackground(True)
        palette = QPalette(theme.palette(dark=True))
        for role in (QPalette.ColorRole.Window, QPalette.ColorRole.Base):
            palette.setColor(role, theme.VIEWER_BACKGROUND)
        palette.setColor(QPalette.ColorRole.WindowText, theme.VIEWER_TEXT)
        stage.setPalette(palette)  # dark in every theme, as the viewer
        stage_layout = QVBoxLayout(stage)
        stage_layout.setContentsMargins(0, 0, 0, 0)
        stage_layout.addWidget(self.row)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addWidget(self.summary, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        buttons = QHBoxLayout()
        buttons.addWidget(note, 1)
        for button in (self.right_button, self.wrong_button, cancel):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(10)
        layout.addLayout(head)
        layout.addWidget(stage, 1)
        layout.addLayout(buttons)

    def _button(self, text: str, key: str, name: str = "") -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.setToolTip(f"{text} ({key})")
        return button

    def _show_group(self) -> None:
        group = self.group
        self.title.setText(
            tr("Is this right? {number} of {total}").format(
                number=formatting.format_number(self._number + 1),
                total=formatting.format_number(len(self._groups)),
            )
        )
        self.summary.setText(f"{kind_name(group.kind)} · {group_summary(group)}")
        for button in (self.right_button, self.wrong_button):
            button.setAccessibleDescription(f"{self.title.text()}, {self.summary.text()}")
        self._show_panes()

    def _show_panes(self) -> None:
        group = self.group
        self.row.show_group(group, self._current)
        marks = KeepMarks(group)
        marks.fixed = frozenset(group.file_ids)  # here one looks and changes nothing
        self.row.show_marks(marks)
        following = self._groups[self._number + 1 : self._number + 2]
        ahead = [member.photo for after in following for member in after.photos[:_MAX_AHEAD]]
        size = QSize(self.row.width() // max(len(self.row.members), 1), self.row.height())
        photos = [member.photo for member in self.row.members]
        self._cache.request(photos, edge_for(size, self.devicePixelRatioF()), ahead)

    def _choose(self, file_id: int) -> None:
        if file_id in self.group.file_ids:
            self._current = self.group.file_ids.index(file_id)
            self._show_panes()

    def _step(self, rows: int) -> None:
        self._current = min(max(self._current + rows, 0), len(self.group.photos) - 1)
        self._show_panes()

    def _release(self) -> None:
        self.row.clear()
        self._cache.clear()
