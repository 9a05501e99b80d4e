"""The foot of the window: what goes on is always told, and of what is over only the newest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from photosim.gui.widgets.status_strip import StatusStrip


class StatusArea(QWidget):
    """Strips over each other, the newest on top: at most one for each kind of work, and one that is over."""

    def __init__(self, strips: Sequence[StatusStrip], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._strips = tuple(strips)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        for strip in self._strips:
            self._column.addWidget(strip)
            strip.started.connect(partial(self._raise, strip))
            strip.finished.connect(partial(self._put_away_others, strip))

    def _raise(self, strip: StatusStrip) -> None:
        self._column.removeWidget(strip)
        self._column.insertWidget(0, strip)

    def _put_away_others(self, strip: StatusStrip) -> None:
        for other in self._strips:
            if other is not strip and not other.is_running:
                other.hide()
