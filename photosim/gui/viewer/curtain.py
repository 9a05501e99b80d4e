"""What covers parts of a window for one turn more, so that it is not painted all at once."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QColor, QPaintEvent, QPalette, QRegion
from PySide6.QtWidgets import QWidget


class PaintMask(QWidget):
    """Is gone as soon as the window has been painted around it."""

    def __init__(self, window: QWidget, color: QColor) -> None:
        super().__init__(window)
        self._window = window
        self._gone = QTimer(self, interval=0, singleShot=True)
        self._gone.timeout.connect(self.hide)
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.Window, color)
        self.setPalette(palette)
        self.setAutoFillBackground(True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def leave_free(self, part: QRect) -> None:
        """Cover all of the window but this part."""
        self.setGeometry(self._window.rect())
        self.setMask(QRegion(self.rect()) - QRegion(part))
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Painted with what is beside it."""
        super().paintEvent(event)
        self._gone.start()
