"""The state of the window that is saved from one start to the next, in a file in the library's folder."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtWidgets import QMainWindow, QSplitter

from photosim.gui.base import qt_paths
from photosim.gui.base.theme import ThemeChoice
from photosim.gui.state.grouping import GroupBy
from photosim.gui.state.ordering import DEFAULT_TILE_EDGE, MAX_TILE_EDGE, MIN_TILE_EDGE, SortOrder
from photosim.paths import read_json, write_atomic
from photosim.records import DEFAULT_LEVEL, FINEST_LEVEL

_log = logging.getLogger(__name__)

FILE_NAME = "window.ini"
JSON_FILE_NAME = "window.json"
"""The file in the place of the other one where Qt can't name the folder."""


class WindowState:
    """Typed access to the saved state; what is missing or damaged has its default value."""

    def __init__(self, folder: Path) -> None:
        file = str(folder / FILE_NAME)
        self._settings: QSettings | _JsonSettings
        if qt_paths.is_faithful(file):
            self._settings = QSettings(file, QSettings.Format.IniFormat)
        else:
            self._settings = _JsonSettings(folder / JSON_FILE_NAME)

    def restore_window(self, window: QMainWindow) -> bool:
        """Restore size and position of the window; returns whether they were saved.

        Full screen is not restored, but the size before it is, maximized or not.
        """
        geometry = self._settings.value("window/geometry")
        restored = isinstance(geometry, QByteArray) and window.restoreGeometry(geometry)
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowFullScreen)
        return restored

    def restore_splitter(self, name: str, splitter: QSplitter) -> bool:
        """Restore the sizes of a splitter; returns whether they were saved."""
        state = self._settings.value(f"window/{name}")
        return isinstance(state, QByteArray) and splitter.restoreState(state)

    def save_window(self, window: QMainWindow, **splitters: QSplitter) -> None:
        """Save size, position and splitters."""
        self._settings.setValue("window/geometry", window.saveGeometry())
        for name, splitter in splitters.items():
            self._settings.setValue(f"window/{name}", splitter.saveState())
        self._settings.sync()

    @property
    def tile_edge(self) -> int:
        """The side of a thumbnail in logical pixels."""
        return min(max(int(self._number("view/thumbnail", DEFAULT_TILE_EDGE)), MIN_TILE_EDGE), MAX_TILE_EDGE)

    @tile_edge.setter
    def tile_edge(self, value: int) -> None:
        self._settings.setValue("view/thumbnail", value)

    @property
    def order(self) -> SortOrder:
        """What the photos are sorted by."""
        try:
            return SortOrder(str(self._settings.value("view/order", SortOrder.DATE.value)))
        except ValueError:
            return SortOrder.DATE

    @order.setter
    def order(self, value: SortOrder) -> None:
        self._settings.setValue("view/order", value.value)

    @property
    def descending(self) -> bool:
        """Whether the order is from the last or largest to the first or smallest."""
        return bool(self._number("view/descending", self.order.is_descending))

    @descending.setter
    def descending(self, value: bool) -> None:
        self._settings.setValue("view/descending", int(value))

    @property
    def group_by(self) -> GroupBy:
        """What the photos are grouped by."""
        try:
            return GroupBy(str(self._settings.value("view/group_by", GroupBy.NONE.value)))
        except ValueError:
            return GroupBy.NONE

    @group_by.setter
    def group_by(self, value: GroupBy) -> None:
        self._settings.setValue("view/group_by", value.value)

    @property
    def cluster_order(self) -> str:
        """The order and direction of the clusters, see `ClusterListing.to_text`."""
        return str(self._settings.value("view/cluster_order", ""))

    @cluster_order.setter
    def cluster_order(self, value: str) -> None:
        self._settings.setValue("view/cluster_order", value)

    @property
    def level(self) -> int:
        """The level of the clusters, 0 for the fewest and largest."""
        return min(max(int(self._number("view/level", DEFAULT_LEVEL)), 0), FINEST_LEVEL)

    @level.setter
    def level(self, value: int) -> None:
        self._settings.setValue("view/level", value)

    @property
    def square_thumbnails(self) -> bool:
        """Whether thumbnails are cropped to squares."""
        return self._flag("view/square")

    @square_thumbnails.setter
    def square_thumbnails(self, value: bool) -> None:
        self._settings.setValue("view/square", int(value))

    @property
    def stack_photos(self) -> bool:
        """Whether duplicates and bursts are stacked."""
        return bool(self._number("view/stack", 0))

    @stack_photos.setter
    def stack_photos(self, value: bool) -> None:
        self._settings.setValue("view/stack", int(value))

    @property
    def show_detail_panel(self) -> bool:
        """Whether the detail panel is shown."""
        return self._flag("view/panel")

    @show_detail_panel.setter
    def show_detail_panel(self, value: bool) -> None:
        self._settings.setValue("view/panel", int(value))

    @property
    def show_info_panel(self) -> bool:
        """Whether the viewer shows the info panel."""
        return bool(self._number("view/info", 0))

    @show_info_panel.setter
    def show_info_panel(self, value: bool) -> None:
        self._settings.setValue("view/info", int(value))

    @property
    def show_filter_bar(self) -> bool:
        """Whether the filter bar is shown."""
        return bool(self._number("view/filter", 0))

    @show_filter_bar.setter
    def show_filter_bar(self, value: bool) -> None:
        self._settings.setValue("view/filter", int(value))

    @property
    def theme(self) -> ThemeChoice:
        """The theme that the user chose."""
        try:
            return ThemeChoice(str(self._settings.value("window/theme", ThemeChoice.SYSTEM.value)))
        except ValueError:
            return ThemeChoice.SYSTEM

    @theme.setter
    def theme(self, value: ThemeChoice) -> None:
        self._settings.setValue("window/theme", value.value)
        self._settings.sync()

    @property
    def expanded_folders(self) -> frozenset[str]:
        """The paths of the folders whose subfolders are shown."""
        try:
            paths = json.loads(str(self._settings.value("view/expanded", "[]")))
        except (ValueError, RecursionError):
            return frozenset()
        return frozenset(map(str, paths)) if isinstance(paths, list) else frozenset()

    @expanded_folders.setter
    def expanded_folders(self, value: Collection[str]) -> None:
        # As ASCII: a name need not be valid Unicode.
        self._settings.setValue("view/expanded", json.dumps(sorted(value)))

    @property
    def collection(self) -> int:
        """The id of the collection that was open, 0 for none."""
        return int(self._number("view/collection", 0))

    @collection.setter
    def collection(self, value: int) -> None:
        self._settings.setValue("view/collection", value)

    @property
    def model_hint_shown(self) -> bool:
        """Whether the hint about other models was shown."""
        return bool(self._number("hints/models", 0))

    @model_hint_shown.setter
    def model_hint_shown(self, value: bool) -> None:
        self._settings.setValue("hints/models", int(value))

    def _number(self, key: str, default: float) -> float:
        try:
            return float(str(self._settings.value(key, default)))
        except ValueError:
            return default

    def _flag(self, key: str) -> bool:
        return bool(self._number(key, 1))


class _JsonSettings:
    """The part of QSettings that is used here, for a file that Qt can't name."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._values: dict[str, object] = {}
        with suppress(OSError, ValueError):
            values = read_json(file)
            self._values = values if isinstance(values, dict) else {}

    def value(self, key: str, default: object = None) -> object:
        value = self._values.get(key, default)
        if isinstance(value, dict):
            return QByteArray.fromBase64(str(value.get("base64")).encode())
        return value

    def setValue(self, key: str, value: object) -> None:
        if isinstance(value, QByteArray):
            value = {"base64": bytes(value.toBase64().data()).decode()}
        self._values[key] = value

    def sync(self) -> None:
        try:
            write_atomic(self._file, json.dumps(self._values))
        except OSError as error:
            _log.warning("The state of the window can't be saved: %s", error)
