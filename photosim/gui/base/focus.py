"""What keys do wherever the keyboard is: Tab leads to all that can be used, Enter presses, Shift+F10 opens menus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QWidget

_ONE_LINE = 12  # logical pixels: what lies in one line differs less in height


def focus_next(regions: Sequence[QWidget], forward: bool, fallback: QWidget | None = None) -> bool:
    """Give the keyboard to the next control of these parts, from the last to the first; whether there is one.

    When what had it was hidden or switched off, it goes to the list in `home`.

    What comes and goes while the program runs, such as chips and the buttons of an empty view, stands in the order where
    it is seen: Qt's own order has it behind all else.
    """
    here = QApplication.focusWidget()
    gone = here is None or not here.isVisible() or not here.isEnabled()
    stops = [] if gone else _all_stops(regions)
    if here in stops:
        following = stops[(stops.index(here) + (1 if forward else -1)) % len(stops)]
    else:
        stops = (_stops(fallback) if fallback is not None else []) or _all_stops(regions)
        if not stops:
            return False
        following = next((stop for stop in stops if isinstance(stop, QAbstractItemView)), stops[0])
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    following.setFocus(reason)
    return True


def click_focused_button(event: QKeyEvent) -> bool:
    """Press the button that has the keyboard when Enter is; Qt knows the space bar only. Whether it was pressed."""
    here = QApplication.focusWidget()
    if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or not isinstance(here, QAbstractButton):
        return False
    here.click()
    return True


def open_focused_menu(event: QKeyEvent) -> bool:
    """Ask what has the keyboard for its menu when Shift+F10 is pressed, for keyboards without a key for that.

    On Windows Qt does it by itself. Whether it was pressed.
    """
    here = QApplication.focusWidget()
    shift = event.modifiers() == Qt.KeyboardModifier.ShiftModifier
    if event.key() != Qt.Key.Key_F10 or not shift or here is None:
        return False
    at = here.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle).center()  # as Qt does for the key
    reason = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(here, QContextMenuEvent(reason, at, here.mapToGlobal(at)))
    return True


def _all_stops(parts: Sequence[QWidget]) -> list[QWidget]:
    return [widget for part in parts if part.isVisible() for widget in _stops(part)]


def _stops(part: QWidget) -> list[QWidget]:
    """What Tab stops at in a part: itself, then line by line."""
    wanted = Qt.FocusPolicy.TabFocus.value
    if QGuiApplication.styleHints().tabFocusBehavior() != Qt.TabFocusBehavior.TabFocusAllControls:
        wanted = Qt.FocusPolicy.StrongFocus.value  # macOS without keyboard navigation: texts and lists
    window = part.window()
    found = [
        widget
        for widget in part.findChildren(QWidget)
        if _is_stop(widget, wanted) and widget.window() is window
    ]
    return [*([part] if _is_stop(part, wanted) else []), *_as_read(found, part)]


def _is_stop(widget: QWidget, wanted: int) -> bool:
    """Whether Tab stops here; there are hundreds of widgets, and the first question answers for most."""
    return (
        widget.isVisible()
        and widget.focusPolicy().value & wanted == wanted
        and widget.focusProxy() is None
        and widget.isEnabled()
    )


def _as_read(widgets: Sequence[QWidget], part: QWidget) -> Iterator[QWidget]:
    places = {widget: widget.mapTo(part, widget.rect().center()) for widget in widgets}
    lines: list[list[QWidget]] = []
    top = 0
    for widget in sorted(widgets, key=lambda one: places[one].y()):
        if not lines or places[widget].y() - top > _ONE_LINE:
            lines.append([])
            top = places[widget].y()
        lines[-1].append(widget)
    against = -1 if part.isRightToLeft() else 1
    for line in lines:
        yield from sorted(line, key=lambda one: against * places[one].x())
