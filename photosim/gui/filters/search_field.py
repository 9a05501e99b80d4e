"""The search field of the window, with suggestions while one types."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAction,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMoveEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr
from photosim.gui.filters.suggestion_popup import SuggestionPopup
from photosim.gui.filters.suggestions import describe
from photosim.gui.state.places import DroppedItems
from photosim.gui.state.text import filters as filter_text
from photosim.gui.widgets.field_buttons import set_button_names
from photosim.library.search.words import UnderstoodSearch
from photosim.search.words.terms import Suggestion

_MIN_WIDTH, _MAX_WIDTH = 190, 440  # logical pixels

_WAITING_MS = 300
"""Suggestions that take longer than this are announced: the first ones in a large library."""


class SearchField(QLineEdit):
    """Takes words, a suggestion, or an image that is pasted or dropped."""

    focused = Signal()
    """The user is about to type."""

    suggestions_requested = Signal(str)
    """The user typed; the text is not empty."""

    suggestion_chosen = Signal(object)
    """The user chose this Suggestion; its words are taken out of the field."""

    submitted = Signal(str)
    """The user pressed Enter to search all these words."""

    image_pasted = Signal()
    """The user pasted, and the clipboard holds an image or files."""

    dropped = Signal(object)
    """The user dropped these DroppedItems on the field."""

    exited = Signal()
    """The focus should return to the photos."""

    def __init__(self, search_image: QAction, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("search")
        self._window = window
        self._popup: SuggestionPopup | None = None
        self.setPlaceholderText(tr("Search objects, folders, dates, names"))
        self.setAccessibleName(tr("Search"))
        self.setAccessibleDescription(tr("Arrow keys choose a suggestion, Enter searches all words."))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(_MIN_WIDTH)
        self.setMaximumWidth(_MAX_WIDTH)
        self.setClearButtonEnabled(True)
        set_button_names(self, tr("Clear search"))
        self._icon_action = self.addAction(
            theme.icon("search-image"), QLineEdit.ActionPosition.LeadingPosition
        )
        set_button_names(self, tr("Search"))
        self._image_action = QAction(tr("Search by image"), self)
        self._image_action.triggered.connect(search_image.trigger)
        self._image_action.setToolTip(tr("Search by an image: choose a file, or paste or drop one here"))
        self.addAction(self._image_action, QLineEdit.ActionPosition.TrailingPosition)
        set_button_names(self, tr("Search by image"))
        self._waiting_timer = QTimer(self, interval=_WAITING_MS, singleShot=True)
        self._waiting_timer.timeout.connect(self._show_waiting)
        self.textEdited.connect(self._on_edited)
        self.textChanged.connect(lambda text: None if text.strip() else self.hide_suggestions())
        self.update_icons()

    @property
    def popup(self) -> SuggestionPopup:
        """The list of suggestions, created when it is first needed."""
        if self._popup is None:
            self._popup = SuggestionPopup(self._window)
            self._popup.chosen.connect(self._choose)
        return self._popup

    def focus(self) -> None:
        """Move the focus here and select the text."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def show_suggestions(self, search: UnderstoodSearch, place: str = "") -> None:
        """Show what the words may mean, and what Enter finds; `place` is the name of the place that is searched."""
        self._waiting_timer.stop()
        if not self.hasFocus() or not self.text().strip():
            return
        self.popup.model.show(search.suggestions)
        self.popup.hint.setText(_hint(search, place))
        self.popup.open_below(self)

    def hide_suggestions(self) -> None:
        """Close the list of suggestions."""
        self._waiting_timer.stop()
        if self._popup is not None:
            self._popup.hide()
            self._popup.list.setCurrentIndex(self._popup.model.index(-1, 0))

    @property
    def is_open(self) -> bool:
        """Whether suggestions are shown."""
        return self._popup is not None and self._popup.isVisible()

    def update_icons(self) -> None:
        self._icon_action.setIcon(theme.icon("search-image"))
        self._image_action.setIcon(theme.icon("photos"))

    def sizeHint(self) -> QSize:
        return QSize(_MIN_WIDTH, super().sizeHint().height())  # does not change while one types

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._move(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._accept()
        elif key == Qt.Key.Key_Escape:
            self._escape()
        elif event.matches(QKeySequence.StandardKey.Paste) and _clipboard_has_image():
            self.image_pasted.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if _clipboard_has_image():
            menu.addSeparator()
            menu.addAction(tr("Search by the copied image")).triggered.connect(self.image_pasted)
        menu.popup(event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.hide_suggestions()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._follow()

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self._follow()

    def event(self, event: QEvent) -> bool:
        # Escape would otherwise trigger the window's own use of it.
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._accept_drag(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._accept_drag(event)

    def dropEvent(self, event: QDropEvent) -> None:
        dropped = DroppedItems.from_mime(event.mimeData())
        if dropped.is_empty:
            super().dropEvent(event)
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.dropped.emit(dropped)

    def _accept_drag(self, event: QDragMoveEvent) -> None:
        if DroppedItems.preview(event.mimeData()) is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        elif event.mimeData().hasText():
            event.acceptProposedAction()
        else:
            event.ignore()

    def _on_edited(self, text: str) -> None:
        if text.strip():
            if not self.is_open:
                self._waiting_timer.start()
            self.suggestions_requested.emit(text)

    def _show_waiting(self) -> None:
        if self.hasFocus() and self.text().strip():
            self.popup.model.show(())
            self.popup.hint.setText(tr("Searching…"))
            self.popup.open_below(self)

    def _move(self, step: int) -> None:
        if self.is_open:
            self.popup.move_highlight(step)
            highlighted = self.popup.highlighted
            if highlighted is not None:
                announcement = QAccessibleAnnouncementEvent(self, describe(highlighted))
                QAccessible.updateAccessibility(announcement)
        elif self.text().strip():
            self.suggestions_requested.emit(self.text())
        elif step > 0:
            self.exited.emit()

    def _accept(self) -> None:
        highlighted = self.popup.highlighted if self.is_open else None
        if highlighted is not None:
            self._choose(highlighted)
        elif self.text().strip():
            self.hide_suggestions()
            self.submitted.emit(self.text())
        else:
            self.exited.emit()

    def _escape(self) -> None:
        if self.is_open:
            self.hide_suggestions()
        elif self.text():
            self.clear()
        else:
            self.exited.emit()

    def _choose(self, suggestion: Suggestion) -> None:
        self.hide_suggestions()
        self.setText(suggestion.rest)
        self.suggestion_chosen.emit(suggestion)

    def _follow(self) -> None:
        if self.is_open:
            self.popup.open_below(self)


def _hint(search: UnderstoodSearch, place: str) -> str:
    """What Enter does: the words as they are understood, with the number of photos, or that there are none."""
    words = " · ".join(filter_text.term_name(term) for term in search.terms)
    if not search.photos:
        if len(search.terms) > 1 and search.suggestions:
            return tr("No photo has all of: {words}").format(words=words)
        return tr("Nothing found for {words}").format(words=words)
    photos = formatting.count_photos(search.photos)
    if place:
        return tr("Enter: {words} in {place}, {photos}").format(words=words, place=place, photos=photos)
    return tr("Enter: {words}, {photos}").format(words=words, photos=photos)


def _clipboard_has_image() -> bool:
    data = QGuiApplication.clipboard().mimeData()
    return data is not None and DroppedItems.preview(data) is not None
