"""Info panel beside the photo in the viewer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
from photosim.gui.state.photo_facts import Fact, fact_title, photo_facts
from photosim.gui.widgets.elided_label import ElidedLabel
from photosim.records import Cluster, Photo

_WIDTH = 300  # logical pixels
_MARGIN, _SECTION_SPACING = 18, 22  # logical pixels


class InfoPanel(QScrollArea):
    """Shows the facts of one photo in sections; labels, duplicates and cluster are set once they are loaded."""

    cluster_requested = Signal(Cluster)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("viewer-info")
        self.setAccessibleName(tr("Photo info"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFixedWidth(_WIDTH)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._map_url = QUrl()
        self._cluster: Cluster | None = None
        self.rows: dict[str, tuple[QLabel, QWidget]] = {}
        self._sections: list[tuple[QWidget, Sequence[Fact]]] = []
        self.place_link = self._link(tr("Show on OpenStreetMap in the browser (M)"), self.open_map)
        self.cluster_link = self._link(tr("Show cluster (G)"), self.open_cluster)
        self._build()
        self.show_photo(None)

    def show_photo(self, photo: Photo | None) -> None:
        """Show the facts in a photo's record, and clear the duplicates and the cluster."""
        facts = {} if photo is None else photo_facts(photo)
        for fact in Fact:
            if fact not in (Fact.LABELS, Fact.CLUSTER):
                self._set_value(fact, facts.get(fact, ""))
        self._map_url = QUrl()
        if photo is not None and photo.facts.latitude is not None and photo.facts.longitude is not None:
            self._map_url = open_street_map_url(photo.facts.latitude, photo.facts.longitude)
        self.show_cluster(None)

    def show_labels(self, text: str) -> None:
        """Show the labels of the photo."""
        self._set_value(Fact.LABELS, text)
        self._update_sections()

    def show_duplicates(self, paths: Sequence[str]) -> None:
        """Show the other files with the same content."""
        self._set_value(Fact.DUPLICATES, "\n".join(formatting.display_path(path) for path in paths))
        self._update_sections()

    def show_cluster(self, cluster: Cluster | None, name: str = "") -> None:
        """Show the name of the photo's cluster, as a link unless `cluster` is None."""
        self._cluster = cluster
        self._set_value(Fact.CLUSTER, name)
        self.cluster_link.setEnabled(cluster is not None)
        self._update_sections()

    def value(self, fact: str) -> str:
        """Return the text of a fact, empty if it is not shown."""
        title, value = self.rows[fact]
        if title.isHidden() or not isinstance(value, QLabel | ElidedLabel | QPushButton):
            return ""
        return value.text()

    @property
    def map_url(self) -> QUrl:
        """The page of the map; invalid if the location is unknown."""
        return self._map_url

    def open_map(self) -> None:
        """Open the map in the browser. Nothing is fetched before."""
        if self._map_url.isValid():
            QDesktopServices.openUrl(self._map_url)

    def open_cluster(self) -> None:
        """Request to show the photo's cluster."""
        if self._cluster is not None:
            self.cluster_requested.emit(self._cluster)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, 400)

    def _build(self) -> None:
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(_MARGIN, 10, _MARGIN, _MARGIN)
        column.setSpacing(_SECTION_SPACING)
        for title, facts in (
            (tr("Photo"), (Fact.TAKEN, Fact.CAMERA, Fact.LENS, Fact.EXPOSURE, Fact.LOCATION)),
            (
                tr("File"),
                (
                    Fact.NAME,
                    Fact.FOLDER,
                    Fact.FORMAT,
                    Fact.DIMENSIONS,
                    Fact.SIZE,
                    Fact.RAW_FILE,
                    Fact.DUPLICATES,
                ),
            ),
            (tr("Library"), (Fact.LABELS, Fact.CLUSTER)),
        ):
            column.addWidget(self._section(title, facts))
        column.addStretch(1)
        self.setWidget(content)

    def _section(self, title: str, facts: Sequence[Fact]) -> QWidget:
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
        for row, fact in enumerate(facts, 1):
            label, value = QLabel(fact_title(fact), section), self._value_widget(fact)
            label.setObjectName("viewer-quiet")
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            side = Qt.AlignmentFlag.AlignLeft if isinstance(value, QPushButton) else Qt.AlignmentFlag(0)
            grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignTop | side)
            self.rows[fact] = (label, value)
        self._sections.append((section, facts))
        return section

    def _value_widget(self, fact: Fact) -> QWidget:
        if fact is Fact.LOCATION:
            return self.place_link
        if fact is Fact.CLUSTER:
            return self.cluster_link
        if fact in (Fact.NAME, Fact.FOLDER):
            return ElidedLabel(color=theme.VIEWER_TEXT)
        label = QLabel()
        label.setObjectName("viewer-text")
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return label

    def _link(self, text: str, callback: Callable[[], object]) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName("viewer-link")
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the arrow keys to the viewer
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(callback)
        return button

    def _set_value(self, fact: Fact, text: str) -> None:
        title, value = self.rows[fact]
        if isinstance(value, ElidedLabel):
            value.set_text(text)
        elif isinstance(value, QLabel | QPushButton):
            value.setText(text)
        for widget in (title, value):
            widget.setVisible(bool(text))

    def _update_sections(self) -> None:
        """Hide the sections without any value."""
        for section, facts in self._sections:
            section.setVisible(any(not self.rows[fact][0].isHidden() for fact in facts))


def open_street_map_url(latitude: float, longitude: float) -> QUrl:
    """Return the URL of OpenStreetMap with a marker; degrees, north and east positive."""
    lat, lon = f"{latitude:.5f}", f"{longitude:.5f}"
    return QUrl(
        f"https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=15/{lat}/{lon}",
        QUrl.ParsingMode.StrictMode,
    )
