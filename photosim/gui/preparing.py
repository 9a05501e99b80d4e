"""What the first deed of a kind would have to make is made before it, step by step, when the photos are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, Qt

from photosim.gui.base.idle_steps import IdleSteps
from photosim.gui.browser.browser import Browser


class Preparing(QObject):
    """Takes the steps of these parts, one part after the other, once the first place is shown."""

    def __init__(self, browser: Browser, *parts: Callable[[], Iterator[object]]) -> None:
        super().__init__(browser)
        self._parts = parts
        self._slices = IdleSteps(self)
        browser.loaded.connect(self._begin, Qt.ConnectionType.SingleShotConnection)

    def _begin(self) -> None:
        for part in self._parts:
            self._slices.add(part())
