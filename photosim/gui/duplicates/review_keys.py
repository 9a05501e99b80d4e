"""The keys of the page of the duplicates."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from photosim.gui.duplicates.pair_view import PairMode

if TYPE_CHECKING:
    from photosim.gui.duplicates.page import DuplicatesPage

_Key = Qt.Key
_SHIFT, _NONE = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
_DIGITS = range(1, 10)

DECISION_KEYS = (_Key.Key_K, _Key.Key_A, _Key.Key_N, _Key.Key_U)
"""Keys that count once, however long they are held."""


def key_actions(page: DuplicatesPage) -> dict[tuple[int, Qt.KeyboardModifier], Callable[[], object]]:
    """Return the action of each key with its modifier."""
    view = page.group_view
    digits = {(_Key.Key_0 + digit, _NONE): lambda row=digit - 1: view.toggle(row) for digit in _DIGITS}
    return {
        **digits,
        (_Key.Key_Down, _NONE): lambda: page.step(1),
        (_Key.Key_J, _NONE): lambda: page.step(1),
        (_Key.Key_Up, _NONE): lambda: page.step(-1),
        (_Key.Key_J, _SHIFT): lambda: page.step(-1),
        (_Key.Key_K, _NONE): page.keep,
        (_Key.Key_A, _NONE): page.keep_all,
        (_Key.Key_N, _NONE): page.mark_different,
        (_Key.Key_N, _SHIFT): page.mark_one_different,
        (_Key.Key_U, _NONE): page.undo_requested.emit,
        (_Key.Key_Left, _NONE): lambda: view.step(-1),
        (_Key.Key_Right, _NONE): lambda: view.step(1),
        (_Key.Key_Space, _NONE): view.flick,
        (_Key.Key_S, _NONE): lambda: view.set_mode(PairMode.WIPE),
        (_Key.Key_D, _NONE): lambda: view.set_mode(PairMode.DIFFERENCE),
        (_Key.Key_L, _NONE): view.toggle_link,
        (_Key.Key_Plus, _NONE): lambda: view.active_canvas.zoom_by(1),
        (_Key.Key_Plus, _SHIFT): lambda: view.active_canvas.zoom_by(1),
        (_Key.Key_Equal, _NONE): lambda: view.active_canvas.zoom_by(1),
        (_Key.Key_Minus, _NONE): lambda: view.active_canvas.zoom_by(-1),
        (_Key.Key_0, _NONE): view.fit,
        (_Key.Key_Return, _NONE): view.open_comparison,
        (_Key.Key_Escape, _NONE): view.leave_mode,
    }
