"""The view of the map: the map itself, what its colors tell, and buttons to zoom."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.base import theme
from photosim.gui.base.jobs import Jobs
from photosim.gui.base.translation import tr
from photosim.gui.map.canvas import MapCanvas
from photosim.gui.widgets.elided_label import ElidedLabel
from photosim.gui.widgets.empty_state import EmptyState
from photosim.library.map import MapColoring

if TYPE_CHECKING:
    from photosim.gui.services.tiles.thumbnails import ThumbnailLoader

_ZOOM = 1.6


class PageState(Enum):
    """Why there is no map."""

    LOADING = "loading"
    NO_PHOTOS = "no photos"
    NOT_MADE = "not made"
    FAILED = "failed"


class MapPage(QWidget):
    """Shows the map, or why there is none."""

    coloring_chosen = Signal(object)
    add_folder_requested = Signal()
    update_requested = Signal()

    def __init__(self, jobs: Jobs, thumbnails: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons: list[tuple[QToolButton, str]] = []
        self.canvas = MapCanvas(jobs, thumbnails, self)
        self.coloring = QComboBox(self)
        for name, coloring in (
            (tr("Cluster"), MapColoring.CLUSTER),
            (tr("Date"), MapColoring.DATE),
            (tr("Year"), MapColoring.YEAR),
            (tr("Folder"), MapColoring.FOLDER),
            (tr("Camera"), MapColoring.CAMERA),
        ):
            self.coloring.addItem(name, coloring)
        label = QLabel(tr("&Color by"), self)
        label.setBuddy(self.coloring)
        self.coloring.setAccessibleName(tr("Color by"))
        self.hint = ElidedLabel(self, elide=Qt.TextElideMode.ElideRight)
        self.open_all = QToolButton(self)
        self.open_all.setText(tr("Open photos"))
        self.open_all.setMinimumWidth(self.open_all.sizeHint().width())
        self.open_all.setToolTip(tr("Open the photos in the part of the map that is shown (Ctrl+A)"))
        self.open_all.clicked.connect(self._open_shown)
        self.message = EmptyState(self)
        self._bar = QWidget(self)
        self._bar.setMinimumWidth(1)  # what does not fit is hidden
        row = self._row = QHBoxLayout(self._bar)
        row.setContentsMargins(12, 6, 12, 6)
        row.addWidget(label)
        row.addWidget(self.coloring)
        row.addSpacing(12)
        row.addWidget(self.hint, 1)
        row.addStretch(0)
        row.addWidget(self.open_all)
        self.lasso = self._button(row, "lasso", tr("Draw around photos to open them (L)"))
        self.lasso.setCheckable(True)
        self.lasso.toggled.connect(self.canvas.set_lasso)
        self.canvas.lasso_changed.connect(self._show_lasso)
        self.zoom_out = self._button(
            row, "zoom-out", tr("Zoom out (-)"), lambda: self.canvas.zoom_by(1 / _ZOOM)
        )
        self.zoom_in = self._button(row, "zoom-in", tr("Zoom in (+)"), lambda: self.canvas.zoom_by(_ZOOM))
        self.fit = self._button(row, "fit", tr("Show the whole map (0)"), self.canvas.fit)
        self._optional = ((label,), (self.open_all,), (self.zoom_out, self.zoom_in))
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self.canvas, 1)
        self._content = content
        self._stack = QStackedLayout(self)
        self._stack.addWidget(content)
        self._stack.addWidget(self.message)
        self.coloring.currentIndexChanged.connect(
            # Qt keeps the text of the enumeration alone.
            lambda: self.coloring_chosen.emit(MapColoring(self.coloring.currentData()))
        )
        shortcut = QShortcut(QKeySequence.StandardKey.SelectAll, self.canvas)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self._open_shown)
        self.setFocusProxy(self.canvas)
        self._show_lasso(False)
        self.show_state(PageState.LOADING)

    @property
    def shows_map(self) -> bool:
        """Whether the map is shown, and no message in its place."""
        return self._stack.currentWidget() is self._content

    def show_map(self) -> None:
        """Show the map in place of a message; the focus follows."""
        legend = self.canvas.scene.data.legend
        self.coloring.setAccessibleDescription("" if legend is None else legend.text)
        had_focus = self.message.isAncestorOf(self.focusWidget()) if self.focusWidget() else False
        self._stack.setCurrentWidget(self._content)
        self.setFocusProxy(self.canvas)
        if had_focus:
            self.canvas.setFocus()

    def show_state(self, state: PageState, detail: str = "", *, can_update: bool = False) -> None:
        """Say why there is no map."""
        if state is PageState.LOADING:
            self.message.show_message("map", tr("Loading the map…"), "")
        elif state is PageState.NO_PHOTOS:
            self.message.show_message(
                "map",
                tr("No photos on the map yet"),
                tr("Similar photos lie near each other here once a folder is indexed."),
                (tr("Add folder…"), self.add_folder_requested.emit),
            )
        elif state is PageState.NOT_MADE:
            buttons = ((tr("Rescan all folders"), self.update_requested.emit),) if can_update else ()
            self.message.show_message(
                "map", tr("No map yet"), tr("The map is made at the end of the next indexing."), *buttons
            )
        else:
            self.message.show_message("map", tr("Can't show the map"), detail)
        self._stack.setCurrentWidget(self.message)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_bar()

    def _fit_bar(self) -> None:
        """Hide what the bar has no room for beside the panel of a small window: keys do the same."""
        self.hint.hide()
        for widgets in self._optional:
            for widget in widgets:
                widget.show()
        layout = self._row
        for widgets in self._optional:
            layout.invalidate()
            if layout.minimumSize().width() <= self.width():
                break
            for widget in widgets:
                widget.hide()
        layout.invalidate()
        room = self.width() - layout.minimumSize().width()
        self.hint.setVisible(self.fontMetrics().horizontalAdvance(self.hint.text()) <= room)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for button, icon in self._icons:
                button.setIcon(theme.icon(icon))

    def _show_lasso(self, on: bool) -> None:
        self.lasso.setChecked(on)
        self.hint.set_text(
            tr("Draw around photos to open them. Esc to cancel")
            if on
            else tr("Shift+drag to open the photos of an area")
        )
        self._fit_bar()

    def _button(
        self, row: QHBoxLayout, icon: str, text: str, clicked: Callable[[], object] | None = None
    ) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(theme.icon(icon))
        button.setAutoRaise(True)
        button.setToolTip(text)
        button.setAccessibleName(text)
        if clicked is not None:
            button.clicked.connect(lambda _=False: clicked())
        row.addWidget(button)
        self._icons.append((button, icon))
        return button

    def _open_shown(self) -> None:
        self.canvas.area_selected.emit(self.canvas.scene.camera.visible)
