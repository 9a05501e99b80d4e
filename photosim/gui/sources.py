"""The panel at the left: where the photos come from, and a button to add a folder."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
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

from photosim.core.records import Source
from photosim.gui import theme
from photosim.gui.loss_question import LossQuestion
from photosim.gui.places import Place
from photosim.gui.source_model import GLYPHS, SourceModel, SourceRole

_LINE, _HEADING = 32, 36  # heights in logical pixels
_GLYPH = 18
_PAD = 8

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
        self.list.setAccessibleName(self.tr("Sources"))
        self.list.viewport().setAutoFillBackground(False)
        self.list.selectionModel().currentChanged.connect(self._tell)
        self.list.clicked.connect(self._tell)
        self.list.customContextMenuRequested.connect(self._ask_menu)
        self.question = LossQuestion(self)
        self.button = QPushButton(self.tr("Add folder…"), self)
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
        self.dress()

    def dress(self) -> None:
        """Take the icons of the present palette."""
        self.button.setIcon(theme.glyph("add-folder"))
        for role in (QPalette.ColorRole.PlaceholderText, QPalette.ColorRole.HighlightedText):
            for glyph in GLYPHS:  # drawn here, so that the list need not be painted with drawing them
                theme.glyph_pixmap(glyph, self.palette().color(role), _GLYPH, self.devicePixelRatioF())

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

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """Headings have air above them."""
        return QSize(0, _LINE if index.data(SourceRole.PLACE) is not None else _HEADING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one line."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(SourceRole.PLACE) is None:
            self._paint_heading(painter, option, index)
        else:
            self._paint_line(painter, option, index)
        painter.restore()

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        font = QFont(option.font)
        font.setPointSizeF(font.pointSizeF() * 0.88)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(option.palette.color(QPalette.ColorRole.PlaceholderText))
        area = option.rect.adjusted(_PAD + 2, 0, -_PAD, -5)
        align = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft
        painter.drawText(area, align, str(index.data(Qt.ItemDataRole.DisplayRole)))

    def _paint_line(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette, roles = option.palette, QPalette.ColorRole
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        over = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if selected or over:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.brush(roles.Highlight if selected else roles.Midlight))
            painter.drawRoundedRect(option.rect.adjusted(0, 1, 0, -1), 6, 6)
        quiet = roles.HighlightedText if selected else roles.PlaceholderText
        strong = roles.HighlightedText if selected else roles.Text
        online = bool(index.data(SourceRole.ONLINE))
        area = option.rect.adjusted(_PAD, 0, -_PAD, 0)
        ratio = painter.device().devicePixelRatioF()
        mark = theme.glyph_pixmap(str(index.data(SourceRole.GLYPH)), palette.color(quiet), _GLYPH, ratio)
        painter.drawPixmap(area.left(), area.center().y() - _GLYPH // 2 + 1, mark)
        area.setLeft(area.left() + _GLYPH + 8)
        count = str(index.data(SourceRole.COUNT) if online else self.tr("offline"))
        painter.setFont(option.font)
        metrics = QFontMetrics(option.font)
        painter.setPen(palette.color(quiet))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(area, middle | Qt.AlignmentFlag.AlignRight, count)
        room = QRect(area)
        room.setRight(area.right() - metrics.horizontalAdvance(count) - 10)
        painter.setPen(palette.color(strong if online else quiet))
        name = metrics.elidedText(
            str(index.data(Qt.ItemDataRole.DisplayRole)), Qt.TextElideMode.ElideMiddle, room.width()
        )
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignLeft, name)
