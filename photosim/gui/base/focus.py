"""Keyboard use everywhere in a window: Tab reaches all controls, Enter clicks buttons, Shift+F10 opens menus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QWidget

_LINE_TOLERANCE = 12  # logical pixels of vertical distance within one line of controls


def focus_next_control(regions: Sequence[QWidget], forward: bool, fallback: QWidget | None = None) -> bool:
    """Move the focus to the next control of these regions, and from the last to the first; False if there is none.

    When the focused widget is hidden or disabled, the focus moves to the list in `fallback`.

    The controls are in the order in which they are seen: Qt's own order has those that were created later, such as
    chips and the buttons of an empty view, behind all others.
    """
    focused = QApplication.focusWidget()
    is_lost = focused is None or not focused.isVisible() or not focused.isEnabled()
    controls = [] if is_lost else _visible_controls(regions)
    if focused in controls:
        target = controls[(controls.index(focused) + (1 if forward else -1)) % len(controls)]
    else:
        controls = (_controls(fallback) if fallback is not None else []) or _visible_controls(regions)
        if not controls:
            return False
        target = next((widget for widget in controls if isinstance(widget, QAbstractItemView)), controls[0])
    target.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    return True


def click_focused_button(event: QKeyEvent) -> bool:
    """Click the focused button when Enter is pressed, as Qt does for the space bar; returns whether it was."""
    focused = QApplication.focusWidget()
    if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or not isinstance(focused, QAbstractButton):
        return False
    focused.click()
    return True


def open_focused_menu(event: QKeyEvent) -> bool:
    """Open the context menu of the focused widget when Shift+F10 is pressed; returns whether it was.

    On Windows Qt does that itself.
    """
    focused = QApplication.focusWidget()
    has_shift = event.modifiers() == Qt.KeyboardModifier.ShiftModifier
    if event.key() != Qt.Key.Key_F10 or not has_shift or focused is None:
        return False
    position = focused.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle).center()  # as for the menu key
    reason = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(focused, QContextMenuEvent(reason, position, focused.mapToGlobal(position)))
    return True


def _visible_controls(regions: Sequence[QWidget]) -> list[QWidget]:
    return [widget for region in regions if region.isVisible() for widget in _controls(region)]


def _controls(region: QWidget) -> list[QWidget]:
    """The widgets of a region that Tab reaches: the region itself, then line by line."""
    policy = Qt.FocusPolicy.TabFocus.value
    if QGuiApplication.styleHints().tabFocusBehavior() != Qt.TabFocusBehavior.TabFocusAllControls:
        policy = Qt.FocusPolicy.StrongFocus.value  # macOS without keyboard navigation: texts and lists
    window = region.window()
    controls = [
        widget
        for widget in region.findChildren(QWidget)
        if _is_reached(widget, policy) and widget.window() is window
    ]
    return [*([region] if _is_reached(region, policy) else []), *_in_reading_order(controls, region)]


def _is_reached(widget: QWidget, policy: int) -> bool:
    """Whether Tab reaches a widget; of hundreds of widgets most fail the first condition."""
    return (
        widget.isVisible()
        and widget.focusPolicy().value & policy == policy
        and widget.focusProxy() is None
        and widget.isEnabled()
    )


def _in_reading_order(widgets: Sequence[QWidget], region: QWidget) -> Iterator[QWidget]:
    centers = {widget: widget.mapTo(region, widget.rect().center()) for widget in widgets}
    lines: list[list[QWidget]] = []
    line_y = 0
    for widget in sorted(widgets, key=lambda widget: centers[widget].y()):
        if not lines or centers[widget].y() - line_y > _LINE_TOLERANCE:
            lines.append([])
            line_y = centers[widget].y()
        lines[-1].append(widget)
    direction = -1 if region.isRightToLeft() else 1
    for line in lines:
        yield from sorted(line, key=lambda widget: direction * centers[widget].x())
