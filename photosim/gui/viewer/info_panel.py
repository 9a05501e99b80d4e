"""The panel beside the photo in the viewer: what the camera wrote, where it was, the file, and its place in the library."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr
from photosim.gui.widgets.elided_label import ElidedLabel
from photosim.records import Cluster, Photo

_WIDTH = 300  # logical pixels
_FRAME, _GAP = 18, 22


class InfoPanel(QScrollArea):
    """Shows the facts of one photo; copies and cluster come when somebody has looked them up."""

    cluster_requested = Signal(Cluster)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("viewer-info")
        self.setAccessibleName(tr("Facts of the photo"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFixedWidth(_WIDTH)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._map_url = QUrl()
        self._cluster: Cluster | None = None
        self.rows: dict[str, tuple[QLabel, QWidget]] = {}
        self._sections: list[tuple[QWidget, tuple[str, ...]]] = []
        self.place_link = self._link(tr("Show the place on OpenStreetMap, in the browser (M)"), self.open_map)
        self.cluster_link = self._link(tr("Show the cluster (G)"), self.open_cluster)
        self._build()
        self.show_photo(None)

    def show_photo(self, photo: Photo | None) -> None:
        """Show what the photo's record says; what is not in it is left empty."""
        self._set_value("copies", "")
        self.show_cluster(None)
        facts = {} if photo is None else _facts(photo)
        for key in (
            "taken",
            "camera",
            "lens",
            "exposure",
            "name",
            "folder",
            "format",
            "pixels",
            "size",
            "raw",
        ):
            self._set_value(key, facts.get(key, ""))
        self._show_position(photo)
        self._update_sections()

    def show_labels(self, text: str) -> None:
        """Show what the photo shows."""
        self._set_value("labels", text)
        self._update_sections()

    def show_copies(self, paths: tuple[str, ...]) -> None:
        """Show the other files of the same content."""
        self._set_value("copies", "\n".join(formatting.display_path(path) for path in paths))
        self._update_sections()

    def show_cluster(self, cluster: Cluster | None, name: str = "") -> None:
        """Show the cluster that the photo is in, or that it is in none."""
        self._cluster = cluster
        self.cluster_link.setText(name)
        self._set_row_visible("cluster", bool(name))
        self.cluster_link.setEnabled(cluster is not None)
        self._update_sections()

    def value(self, key: str) -> str:
        """One of the shown facts, or nothing."""
        label, value = self.rows[key]
        if label.isHidden() or not isinstance(value, QLabel | ElidedLabel | QPushButton):
            return ""
        return value.text()

    @property
    def map_url(self) -> QUrl:
        """Where the map shows the photo's place; invalid when the place is not known."""
        return self._map_url

    def open_map(self) -> None:
        """Open the map in the browser. Nothing is fetched before."""
        if self._map_url.isValid():
            QDesktopServices.openUrl(self._map_url)

    def open_cluster(self) -> None:
        """Go to the cluster."""
        if self._cluster is not None:
            self.cluster_requested.emit(self._cluster)

    # --- helpers -----------------------------------------------------------------------------------------

    def _build(self) -> None:
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(_FRAME, 10, _FRAME, _FRAME)
        column.setSpacing(_GAP)
        for title, rows in (
            (
                tr("Taken"),
                (
                    ("taken", tr("Date"), None),
                    ("camera", tr("Camera"), None),
                    ("lens", tr("Lens"), None),
                    ("exposure", tr("Exposure"), None),
                    ("place", tr("Place"), self.place_link),
                ),
            ),
            (
                tr("File"),
                (
                    ("name", tr("Name"), ElidedLabel(color=theme.VIEWER_TEXT)),
                    ("folder", tr("Folder"), ElidedLabel(color=theme.VIEWER_TEXT)),
                    ("format", tr("Format"), None),
                    ("pixels", tr("Pixels"), None),
                    ("size", tr("Size"), None),
                    ("raw", tr("RAW file"), None),
                    ("copies", tr("Copies"), None),
                ),
            ),
            (
                tr("In the library"),
                (("labels", tr("Shows"), None), ("cluster", tr("Cluster"), self.cluster_link)),
            ),
        ):
            column.addWidget(self._section(title, rows))
        column.addStretch(1)
        self.setWidget(inside)

    def _section(self, title: str, rows: tuple[tuple[str, str, QWidget | None], ...]) -> QWidget:
        section = QWidget(self)
        section.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        grid = QGridLayout(section)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(7)
        grid.setColumnMinimumWidth(0, 66)
        grid.setColumnStretch(1, 1)
        heading = QLabel(title, section)
        heading.setObjectName("viewer-text")
        theme.set_font(heading, bold=True)
        grid.addWidget(heading, 0, 0, 1, 2)
        for at, (key, name, given) in enumerate(rows, 1):
            label, value = QLabel(name, section), given or _value_label()
            label.setObjectName("viewer-quiet")
            grid.addWidget(label, at, 0, Qt.AlignmentFlag.AlignTop)
            side = Qt.AlignmentFlag.AlignLeft if isinstance(value, QPushButton) else Qt.AlignmentFlag(0)
            grid.addWidget(value, at, 1, Qt.AlignmentFlag.AlignTop | side)
            self.rows[key] = (label, value)
        self._sections.append((section, tuple(key for key, _, _ in rows)))
        return section

    def _link(self, tip: str, action: object) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName("viewer-link")
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # not by a click: the arrow keys turn the photos
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(action)
        return button

    def _show_position(self, photo: Photo | None) -> None:
        place = None if photo is None else (photo.facts.latitude, photo.facts.longitude)
        if place is None or place[0] is None or place[1] is None:
            self._map_url = QUrl()
            self._set_row_visible("place", False)
            return
        self._map_url = open_street_map_url(place[0], place[1])
        self.place_link.setText(formatting.format_coordinates(place[0], place[1]))
        self._set_row_visible("place", True)

    def _set_value(self, key: str, text: str) -> None:
        value = self.rows[key][1]
        if isinstance(value, ElidedLabel):
            value.set_text(text)
        elif isinstance(value, QLabel):
            value.setText(text)
        self._set_row_visible(key, bool(text))

    def _set_row_visible(self, key: str, there: bool) -> None:
        for widget in self.rows[key]:
            widget.setVisible(there)

    def _update_sections(self) -> None:
        """A heading over nothing says nothing."""
        for section, keys in self._sections:
            section.setVisible(any(not self.rows[key][0].isHidden() for key in keys))

    def sizeHint(self) -> QSize:
        """As high as there is room for."""
        return QSize(_WIDTH, 400)


def open_street_map_url(latitude: float, longitude: float) -> QUrl:
    """OpenStreetMap with a mark at a place given in degrees, north and east positive."""
    at = f"{latitude:.5f}", f"{longitude:.5f}"
    return QUrl(
        f"https://www.openstreetmap.org/?mlat={at[0]}&mlon={at[1]}#map=15/{at[0]}/{at[1]}",
        QUrl.ParsingMode.StrictMode,
    )


def _value_label() -> QLabel:
    label = QLabel()
    label.setObjectName("viewer-text")
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return label


def _facts(photo: Photo) -> dict[str, str]:
    facts = photo.facts
    return {
        "taken": formatting.format_timestamp(facts.taken_at) if facts.taken_at else "",
        "camera": facts.camera or "",
        "lens": facts.lens or "",
        "exposure": formatting.format_exposure(facts),
        "name": formatting.display_name(photo.path),
        "folder": formatting.display_folder(photo.path),
        "format": facts.format,
        "pixels": formatting.format_dimensions(facts.width, facts.height),
        "size": formatting.format_size(photo.size),
        "raw": "\n".join(formatting.display_name(raw_file) for raw_file in photo.raw_files),
    }
