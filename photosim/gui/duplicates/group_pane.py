"""The pane of one photo of a group: its image, its mark, and what sets it apart."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from photosim.duplicates.results import GroupPhoto
from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.state.duplicates.keep_marks import KeepMarks
from photosim.gui.viewer.compare_facts import ComparedFact, plain_text
from photosim.gui.viewer.compare_pane import ComparePane

_BORDER = 2  # logical pixels
_MIN_FOLDER_WIDTH = 240  # logical pixels
_MAX_NUMBER = 9
"""Photos whose mark a digit key sets."""


class GroupPane(ComparePane):
    """Shows one photo of a group."""

    chosen = Signal(int)
    """The user clicked the photo, or moved the focus to it: its file id."""

    keep_toggled = Signal(int)
    """The user clicked the mark: the file id."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(tr("Photo"))  # until one is shown
        self.is_current = False
        self.remove_button.hide()
        self.number = QLabel(self)
        self.number.setObjectName("viewer-quiet")
        self.header.insertWidget(0, self.number)
        self.header.setSpacing(6)
        self.keep_button = QPushButton(self)
        self.keep_button.setObjectName("keep-mark")
        self.keep_button.setCheckable(True)
        self.keep_button.setAccessibleName(tr("Keep"))
        self.keep_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.keep_button.clicked.connect(lambda: self.keep_toggled.emit(self.photo.file_id))
        self.header.insertWidget(0, self.keep_button)
        self.header.setContentsMargins(6, 4, 4, 4)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.setContentsMargins(_BORDER, _BORDER, _BORDER, _BORDER)
        self.canvas.installEventFilter(self)

    def show_member(self, member: GroupPhoto, number: int) -> None:
        """Show a photo of the group; `number` counts from 1."""
        self.member, self._number = member, number
        self.show_photo(member.photo)
        self.number.setText(formatting.format_number(number))

    def show_marks(self, marks: KeepMarks) -> None:
        """Show whether the photo stays."""
        file_id = self.member.photo.file_id
        stays = file_id in marks.kept
        self.keep_button.setChecked(stays)
        self.keep_button.setEnabled(file_id not in marks.fixed)
        self.keep_button.setText(tr("Keep") if stays else tr("To trash"))
        key = f" ({self._number})" if self._number <= _MAX_NUMBER else ""
        tip = tr("Keep or move to the trash") + key
        self.keep_button.setToolTip(formatting.plain_tooltip(tip))
        name = formatting.display_name(self.member.photo.path)
        self.keep_button.setAccessibleName(tr("Keep {name}").format(name=name))

    def show_member_facts(self, lines: Sequence[Sequence[ComparedFact]], text: str) -> None:
        """Show the lines of facts; `text` is what a screen reader says of the pane."""
        self.show_facts(lines)
        self.setAccessibleName(text)
        self.setAccessibleDescription(plain_text(lines))

    def set_current(self, is_current: bool) -> None:
        """Frame the pane as the chosen one."""
        if is_current != self.is_current:
            self.is_current = is_current
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.folder_button.setVisible(event.size().width() >= _MIN_FOLDER_WIDTH)  # leaves room for the name

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.canvas and event.type() == QEvent.Type.MouseButtonPress:
            self.chosen.emit(self.photo.file_id)
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn:
            self.chosen.emit(self.photo.file_id)
            self.update()
        elif event.type() == QEvent.Type.FocusOut:
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.is_current:
            painter = QPainter(self)
            color = self.palette().color(QPalette.ColorRole.Highlight)
            painter.setPen(QPen(color, _BORDER * (1.5 if self.hasFocus() else 1)))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
