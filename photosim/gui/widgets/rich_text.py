"""A block of rich text that is laid out once for a given width."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QMargins, QPointF
from PySide6.QtGui import QPainter, QPaintEvent, QTextDocument, QTextOption
from PySide6.QtWidgets import QWidget


class RichTextBlock(QWidget):
    """Shows HTML without the many layouts per resize that a QLabel needs; what does not fit is clipped."""

    def __init__(self, parent: QWidget, margins: QMargins) -> None:
        super().__init__(parent)
        self._margins, self._text = margins, ""
        self._document = QTextDocument(self)
        self._document.setUndoRedoEnabled(False)
        self._document.setDocumentMargin(0)
        self._document.setDefaultTextOption(QTextOption())

    def text(self) -> str:
        """The HTML as it was set."""
        return self._text

    def set_text(self, text: str) -> bool:
        """Set the HTML; return whether it changed."""
        if text == self._text:
            return False
        self._text = text
        self._document.setDefaultFont(self.font())
        self._document.setHtml(text)
        self.update()
        return True

    def height_for_width(self, width: int) -> int:
        """Lay the text out for a width and return its height with the margins."""
        horizontal_margins = self._margins.left() + self._margins.right()
        self._document.setTextWidth(max(width - horizontal_margins, 1))
        return ceil(self._document.size().height()) + self._margins.top() + self._margins.bottom()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.translate(QPointF(self._margins.left(), self._margins.top()))
        self._document.drawContents(painter)
