"""How many tiles are selected, where there is more than one: said beside how many there are."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from photosim.gui.browser.browser import Browser
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.panels.top_bar import TopBar


class SelectionCount(QObject):
    """Counts once for all changes that come together: a rubber band makes many of them."""

    def __init__(self, browser: Browser, top: TopBar) -> None:
        super().__init__(top)
        self._browser, self._top = browser, top
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._count)
        for grid in (browser.grid, browser.cluster_grid):
            grid.selectionModel().selectionChanged.connect(self._later)
            grid.model().modelReset.connect(self._later)  # a reset lets go without a word
        browser.currentChanged.connect(self._later)

    def _later(self, *_: object) -> None:
        self._soon.start()

    def _count(self) -> None:
        page = self._browser.currentWidget()
        grid = self._browser.cluster_grid if page is self._browser.cluster_page else page
        self._top.show_selected(sum(map(len, grid.selected_ranges())) if isinstance(grid, PhotoGrid) else 0)
