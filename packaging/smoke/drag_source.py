"""A small window to drag a folder out of: `python drag_source.py FOLDER X Y`; it ends when the folder is dropped."""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, Qt, QTimer, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel

_STAYS_MS = 3000


class Source(QLabel):
    """The thing to drag."""

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002, N802
        """Take it up, and be gone when it has been put down."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(sys.argv[1])])
        drag = QDrag(self)
        drag.setMimeData(data)
        taken = drag.exec(Qt.DropAction.CopyAction) == Qt.DropAction.CopyAction
        # Whoever took it asks for the data now, when exec() is over.
        QTimer.singleShot(_STAYS_MS, self, lambda: QApplication.exit(0 if taken else 1))


application = QApplication(sys.argv[:1])
source = Source("folder")
source.setWindowFlag(Qt.WindowType.FramelessWindowHint)
source.setGeometry(int(sys.argv[2]), int(sys.argv[3]), 60, 60)
source.show()
sys.exit(application.exec())
