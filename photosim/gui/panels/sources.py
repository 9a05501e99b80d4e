"""The panel at the left: where the photos come from, and a button to add a folder."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.base import theme
from photosim.gui.base.translation import tr
from photosim.gui.panels.missing_prompt import MissingPrompt
from photosim.gui.panels.source_model import GLYPHS, Shown, SourceModel, SourceRole
from photosim.gui.state.places import Place
from photosim.records import Source

_LINE, _HEADING = 32, 36  # heights in logical pixels
_GLYPH = 18
_PAD = 8
_REMEMBERED = 256  # names that were measured
_SHOWN = int(SourceRole.SHOWN)
_SELECTED, _OVER = QStyle.StateFlag.State_Selected.value, QStyle.StateFlag.State_MouseOver.value
_QUIET, _ON, _OVER_ROLE = (
    QPalette.ColorRole.PlaceholderText,
    QPalette.ColorRole.HighlightedText,
    QPalette.ColorRole.Midlight,
)
_LEFT, _RIGHT, _BELOW = (
    (Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft).value,
    (Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight).value,
    (Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft).value,
)
"""Put together once: Python's flags take their time."""

Index = QModelIndex | QPersistentModelIndex


class SourcesPanel(QWidget):
    """The side list over a SourceModel."""

    chosen = Signal(Place)
    """The person wants to see this place."""

    add_folder = Signal()
    menu_wanted = Signal(Source, QPoint)
    """The person asked for the menu of a folder, at a point of the screen."""

    def __init__(self, model: SourceModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self.model = self._model = model
        self.list = QListView(self)
        self.list.setModel(model)
        self.list.setItemDelegate(SourceDelegate(self.list))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setAccessibleName(tr("Sources"))
        self.list.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.list.viewport().setAttribute(Qt.WidgetAttribute.WA_StaticContents)  # its lines stand at the top
        self.list.selectionModel().currentChanged.connect(self._tell)
        self.list.clicked.connect(self._tell)
        self.list.customContextMenuRequested.connect(self._ask_menu)
        self.question = MissingPrompt(self)
        self.button = QPushButton(tr("Add folder…"), self)
        self.button.setObjectName("quiet")
        self.button.setIconSize(QSize(_GLYPH, _GLYPH))
        self.button.clicked.connect(self.add_folder)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 10, 6, 8)
        layout.addWidget(self.list)
        layout.addWidget(self.question)
        layout.addWidget(self.button)
        self._following = False
        model.modelReset.connect(self._restore)
        self._place = Place()
        self.update_icons()

    def update_icons(self) -> None:
        """Take the icons of the present palette."""
        self.button.setIcon(theme.icon("add-folder"))
        for role in (QPalette.ColorRole.PlaceholderText, QPalette.ColorRole.HighlightedText):
            for glyph in GLYPHS:  # drawn here, so that the list need not be painted with drawing them
                theme.icon_pixmap(glyph, self.palette().color(role), _GLYPH, self.devicePixelRatioF())

    def follow(self, place: Place) -> None:
        """Mark the line of the place that the window is at."""
        self._place = place
        row = self._model.row_of(place)
        self._following = True
        if row is None:
            self.list.selectionModel().clear()
        else:
            self.list.setCurrentIndex(self._model.index(row))
        self._following = False

    def _restore(self) -> None:
        self.follow(self._place)

    def _tell(self, index: QModelIndex) -> None:
        place = index.data(SourceRole.PLACE)
        if place is not None and not self._following:
            self.chosen.emit(place)

    def _ask_menu(self, point: QPoint) -> None:
        source = self.list.indexAt(point).data(SourceRole.SOURCE)
        if source is not None:
            self.menu_wanted.emit(source, self.list.viewport().mapToGlobal(point))


class SourceDelegate(QStyledItemDelegate):
    """A line: icon, name, and the count at the right."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._measured_in = QFont()
        self._known: dict[tuple[str, str, int], tuple[str, int]] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """Headings have air above them."""
        return QSize(0, _HEADING if index.data(_SHOWN).is_heading else _LINE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one line; many of them, each time that the window is painted."""
        shown: Shown = index.data(_SHOWN)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if shown.is_heading:
            self._paint_heading(painter, option, shown.title)
        else:
            self._paint_line(painter, option, shown)
        painter.restore()

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, title: str) -> None:
        font = QFont(option.font)
        font.setPointSizeF(font.pointSizeF() * 0.88)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(option.palette.color(_QUIET))
        painter.drawText(option.rect.adjusted(_PAD + 2, 0, -_PAD, -5), _BELOW, title)

    def _paint_line(self, painter: QPainter, option: QStyleOptionViewItem, shown: Shown) -> None:
        palette, state, rect = option.palette, option.state.value, option.rect
        selected = bool(state & _SELECTED)
        if selected or state & _OVER:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.brush(QPalette.ColorRole.Highlight if selected else _OVER_ROLE))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 6, 6)
        quiet = palette.color(_ON if selected else _QUIET)
        ratio = painter.device().devicePixelRatioF()
        mark = theme.icon_pixmap(shown.glyph, quiet, _GLYPH, ratio)
        painter.drawPixmap(rect.left() + _PAD, rect.center().y() - _GLYPH // 2 + 1, mark)
        area = rect.adjusted(_PAD + _GLYPH + 8, 0, -_PAD, 0)
        painter.setFont(option.font)
        painter.setPen(quiet)
        painter.drawText(area, _RIGHT, shown.beside)
        name, room = self._fitted(shown, area.width(), option.font)
        area.setRight(area.left() + room)
        if shown.online and not selected:
            painter.setPen(palette.color(QPalette.ColorRole.Text))
        painter.drawText(area, _LEFT, name)

    def _fitted(self, shown: Shown, width: int, font: QFont) -> tuple[str, int]:
        """As much of the name as there is room for, and that room; measuring takes longer than painting."""
        if font != self._measured_in:
            self._known.clear()
            self._measured_in = QFont(font)
        key = shown.title, shown.beside, width
        if key not in self._known:
            if len(self._known) > _REMEMBERED:
                self._known.clear()
            metrics = QFontMetrics(font)
            room = width - metrics.horizontalAdvance(shown.beside) - 11
            name = metrics.elidedText(shown.title, Qt.TextElideMode.ElideMiddle, room + 1)
            self._known[key] = name, room
        return self._known[key]
