"""Windows that are no larger than the screen: a screen at 200 or 300 % is a small one."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

_FRAME = QSize(16, 48)  # logical pixels that a title bar and edges take at the most


def resize_within_screen(window: QWidget, size: QSize) -> None:
    """Give a window this size, or as much of it as its screen has room for."""
    window.resize(size.boundedTo(max_window_size(window)))


def max_window_size(window: QWidget) -> QSize:
    """The largest size, without its frame, that a window may have on its screen."""
    return window.screen().availableGeometry().size() - _FRAME
