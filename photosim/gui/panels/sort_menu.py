"""The menu to sort and group photos; the top bar and the menu bar show the same actions."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from photosim.gui.base.translation import tr
from photosim.gui.state.grouping import GroupBy
from photosim.gui.state.ordering import SortOrder


class SortMenu(QMenu):
    """Checks the order, direction and grouping in use."""

    order_changed = Signal(object)
    direction_changed = Signal(bool)
    """The user sorts from the last or largest to the first or smallest, or the other way round."""

    group_by_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.order_actions = {
            order: self._add(label)
            for order, label in (
                (SortOrder.NAME, tr("&Name")),
                (SortOrder.DATE, tr("&Date taken")),
                (SortOrder.ADDED, tr("D&ate added")),
                (SortOrder.SIZE, tr("Si&ze")),
                (SortOrder.TYPE, tr("Ty&pe")),
                (SortOrder.UNIQUENESS, tr("&Uniqueness")),
                (SortOrder.SIMILARITY, tr("&Similarity")),
                (SortOrder.BEST_MATCH, tr("&Best match")),
            )
        }
        self.order_actions[SortOrder.SIMILARITY].setToolTip(tr("Most similar to the selected photo first"))
        self.order_actions[SortOrder.UNIQUENESS].setToolTip(
            tr("Photos that are unlike all others first, or the most typical ones")
        )
        best_match = self.order_actions[SortOrder.BEST_MATCH]
        best_match.setToolTip(tr("Photos that show it most certainly first"))
        best_match.setVisible(False)  # until objects are searched
        self.addSeparator()
        self.direction_actions = {False: self._add(""), True: self._add("")}
        self.addSeparator()
        self.group_by_actions = {
            group_by: self._add(label)
            for group_by, label in (
                (GroupBy.NONE, tr("Don't &group")),
                (GroupBy.DAY, tr("Group by da&y")),
                (GroupBy.FOLDER, tr("Group by &folder")),
                (GroupBy.CLUSTER, tr("Group by &cluster")),
            )
        }
        self.setToolTipsVisible(True)
        for order, action in self.order_actions.items():
            action.triggered.connect(lambda _=False, order=order: self.order_changed.emit(order))
        for descending, action in self.direction_actions.items():
            action.triggered.connect(
                lambda _=False, descending=descending: self.direction_changed.emit(descending)
            )
        for group_by, action in self.group_by_actions.items():
            action.triggered.connect(lambda _=False, group_by=group_by: self.group_by_changed.emit(group_by))
        for actions in (self.order_actions, self.direction_actions, self.group_by_actions):
            self._make_exclusive(actions.values())
        self.show_order(SortOrder.DATE)
        self.group_by_actions[GroupBy.NONE].setChecked(True)

    @property
    def sort_actions(self) -> list[QAction]:
        """The orders, a separator and the directions."""
        actions = self.actions()
        return actions[: actions.index(self.direction_actions[True]) + 1]

    @property
    def direction_name(self) -> str:
        """The name of the checked direction."""
        return next(action.text() for action in self.direction_actions.values() if action.isChecked())

    def show_order(self, order: SortOrder, *, descending: bool | None = None, enabled: bool = True) -> None:
        """Check the order and its direction, by default the usual one."""
        descending = order.is_descending if descending is None else descending
        self.order_actions[order].setChecked(True)
        is_ranked = order.is_ranked  # has its own sections or none, the highest first
        for value, text in zip((False, True), direction_texts(order), strict=True):
            action = self.direction_actions[value]
            action.setText(text)
            action.setChecked(value is descending)
            action.setVisible(bool(text))
            action.setEnabled(enabled and not is_ranked)
        for action in self.group_by_actions.values():
            action.setEnabled(enabled and not is_ranked)

    def _add(self, label: str) -> QAction:
        action = self.addAction(label)
        action.setCheckable(True)
        return action

    def _make_exclusive(self, actions: Iterable[QAction]) -> None:
        group = QActionGroup(self)
        for action in actions:
            group.addAction(action)


def direction_texts(order: SortOrder) -> tuple[str, str]:
    """The names of the ascending and the descending direction of an order; the first is empty where there is one only."""
    if order in (SortOrder.DATE, SortOrder.ADDED):
        return tr("&Oldest first"), tr("N&ewest first")
    if order is SortOrder.SIZE:
        return tr("S&mallest first"), tr("&Largest first")
    if order is SortOrder.UNIQUENESS:
        return tr("Most &typical first"), tr("&Most unusual first")
    if order is SortOrder.SIMILARITY:
        return "", tr("&Most similar first")
    if order is SortOrder.BEST_MATCH:
        return "", tr("Most certain first")
    return tr("A &to Z"), tr("Z t&o A")
