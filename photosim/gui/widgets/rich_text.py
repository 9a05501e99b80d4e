"""Facts as rich text of a known width: laid out once for it, where a label of Qt's does so for each size it tries."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QMargins, QPointF
from PySide6.QtGui import QPainter, QPaintEvent, QTextDocument, QTextOption
from PySide6.QtWidgets import QWidget


class RichTextBlock(QWidget):
    """As high as it was told to be; what does not fit is cut off."""

    def __init__(self, parent: QWidget, margins: QMargins) -> None:
        super().__init__(parent)
        self._margins, self._text = margins, ""
        self._document = QTextDocument(self)
        self._document.setUndoRedoEnabled(False)
        self._document.setDocumentMargin(0)
        self._document.setDefaultTextOption(QTextOption())

    def text(self) -> str:
        """The text as it was given."""
        return self._text

    def set_text(self, text: str) -> bool:
        """Show this text, with its marks; whether it is another one."""
        if text == self._text:
            return False
        self._text = text
        self._document.setDefaultFont(self.font())
        self._document.setHtml(text)
        self.update()
        return True

    def height_for_width(self, width: int) -> int:
        """How high the text is in this width, which it is laid out for."""
        across = self._margins.left() + self._margins.right()
        self._document.setTextWidth(max(width - across, 1))
        return ceil(self._document.size().height()) + self._margins.top() + self._margins.bottom()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Paint the text."""
        painter = QPainter(self)
        painter.translate(QPointF(self._margins.left(), self._margins.top()))
        self._document.drawContents(painter)
