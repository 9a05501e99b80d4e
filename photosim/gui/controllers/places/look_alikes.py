"""Ways along photos that look alike: over the years, and from one photo to another."""

from __future__ import annotations

from PySide6.QtCore import QObject

from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.menus import Menus, MenuSection
from photosim.gui.controllers.targets import ActionTargets
from photosim.gui.state.navigator import Navigator


class LookAlikeController(QObject):
    """Connects the actions with the places that they lead to."""

    def __init__(
        self, targets: ActionTargets, *, actions: Actions, navigator: Navigator, menus: Menus
    ) -> None:
        super().__init__(navigator)
        self._targets, self._navigator = targets, navigator
        menus.contribute(
            MenuSection.VIEW,
            lambda context: (
                (actions.then_and_now,) if len(context.photos) == len(context.queries) == 1 else ()
            ),
        )
        menus.contribute(
            MenuSection.VIEW, lambda context: (actions.walk,) if len(context.photos) == 2 else ()
        )
        connect(((actions.then_and_now, self.show_over_time), (actions.walk, self.show_walk)))

    def show_over_time(self) -> None:
        """Show the photos most like the target from other times."""
        query = self._targets.query()
        if query is not None and query.photo is not None:
            self._navigator.open_over_time(query.photo)

    def show_walk(self) -> None:
        """Show photos that lead from one selected photo to the other."""
        photos = self._targets.selection()
        if len(photos) == 1:
            photos = self._targets.with_current(photos[0])
        if len(photos) == 2:
            self._navigator.open_walk(*photos)
