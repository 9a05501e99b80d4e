"""The photos that an action applies to, and where the window goes when these have moved or gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QAbstractItemView, QApplication

from photosim.gui.browser.browser import Browser
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.panels.detail import DetailPanel
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Query, QueryImage, View
from photosim.gui.viewer.compare import CompareView
from photosim.gui.viewer.origin import OriginView
from photosim.gui.viewer.viewer import Viewer
from photosim.library.files.operations import PhotoChanges
from photosim.records import Photo


@dataclass(frozen=True, slots=True)
class MenuContext:
    """The photos or image files that a context menu was opened on."""

    queries: tuple[Query, ...]
    results_of: Query | None = None
    """The search that the photos are results of."""

    @property
    def photos(self) -> list[Photo]:
        """The photos of the library among them."""
        return [query.photo for query in self.queries if query.photo is not None]


class ActionTargets(QObject):
    """Resolves the targets of an action from the context menu, the grids, the viewer and the current place."""

    context_changed = Signal()
    """A context menu was opened or has closed."""

    selection_counted = Signal(int)
    """The number of tiles selected in the browser has changed."""

    def __init__(
        self,
        *,
        navigator: Navigator,
        browser: Browser,
        detail: DetailPanel,
        viewer: Viewer,
        compare: CompareView,
        origin: OriginView,
    ) -> None:
        super().__init__(browser)
        self._navigator, self._browser, self._detail = navigator, browser, detail
        self._viewer, self._compare, self._origin = viewer, compare, origin
        self.context: MenuContext | None = None
        browser.selection.changed.connect(self._count_selection)
        browser.currentChanged.connect(self._count_selection)

    def set_context(self, context: MenuContext) -> None:
        """Make the photos of a context menu the targets."""
        self.context = context
        self.context_changed.emit()

    def clear_context(self, context: MenuContext) -> None:
        """Return to the selection, unless another context menu was opened since."""
        if self.context is context:
            self.context = None
            self.context_changed.emit()

    def selection(self) -> list[Photo]:
        """Return the photos of the context menu, of the viewer, or the selection of the panel or the browser."""
        if self.context is not None:
            return self.context.photos
        if self._viewer.isVisible():
            return [self._viewer.photo] if self._viewer.photo is not None else []
        return self._panel_selection() or self._browser.selected_photos()

    def photos(self) -> list[Photo]:
        """Return the photos that file operations apply to.

        None while photos are compared or another list has the focus, where it would not be plain which are meant.
        """
        return self.selection() if self._is_plain() else []

    def has_files(self) -> bool:
        """Return whether file operations apply to any photo, without listing them."""
        return self._is_plain() and self.count() > 0

    def count(self, *, with_current: bool = False) -> int:
        """Return the number of photos in the selection, without listing them.

        With `with_current`, a single photo counts with the current one, as for a comparison.
        """
        in_panel = any(grid.hasFocus() for grid in self._detail.grids)
        if self.context is None and not self._viewer.isVisible() and not in_panel:
            shows_photos = self._browser.currentWidget() is self._browser.grid
            count = self._browser.selection.count() if shows_photos else 0
            if count != 1:
                return count
        photos = self.selection()
        return len(self.with_current(photos[0])) if with_current and len(photos) == 1 else len(photos)

    def stack(self) -> tuple[int, ...]:
        """Return the file ids of the stack that the only photo of the selection is on top of; none for any other."""
        if self.count() != 1:
            return ()
        lists = (self._browser.photo_model.photo_list, self._detail.similar.model.photo_list)
        [photo] = self.selection()
        return next((shown.stacks[photo.file_id] for shown in lists if photo.file_id in shown.stacks), ())

    def query(self) -> Query | None:
        """Return what to search for: several photos together, or one photo or image file."""
        if self.context is not None:
            first, *others = self.context.queries
            return Query((first.images[0], *(query.images[0] for query in others))) if others else first
        photos = self.selection()
        if photos and (self._viewer.isVisible() or self._panel_selection() or len(photos) > 1):
            return self._query_of(photos)
        return self._navigator.current.selected

    def paths(self) -> list[str]:
        """Return the paths of the selection, or of the current query where that is not among it."""
        if self.context is not None:
            return [query.path for query in self.context.queries]
        paths = [photo.path for photo in self.selection()]
        query = self._navigator.current.selected
        if self._viewer.isVisible() or self._panel_selection() or query is None or query.path in paths:
            return paths
        return [query.path]

    def files(self) -> list[str]:
        """Return the paths with those of the RAW files that belong to the photos."""
        raw_files = {photo.path: photo.raw_files for photo in self.selection()}
        return [file for path in self.paths() for file in (path, *raw_files.get(path, ()))]

    def with_current(self, photo: Photo) -> list[Photo]:
        """Return the current photo and this one; this one alone where it is the current photo.

        In the viewer the current photo is together with the one that follows there.
        """
        query = self._navigator.current.selected
        current = None if query is None else query.photo
        if current is not None and current.file_id != photo.file_id:
            return [current, photo]
        following = self._viewer.neighbours()[:1] if photo == self._viewer.photo else []
        return [photo, *following]

    def after_change(self, changes: PhotoChanges, *, select: bool = False) -> None:
        """Update the views after photos have changed; with `select`, select those that were changed or added."""
        replacements = {**dict.fromkeys(changes.removed), **changes.updated}
        self._viewer.update_photos(replacements, changes.added)
        self._compare.update_photos(replacements)
        self._origin.update_photos(replacements)
        query = self._navigator.current.selected
        if query is not None and query.photo is not None and query.photo.file_id in changes.removed:
            following = self._following(query.photo, changes.removed)
            if following is not None:
                self._navigator.select(following, self._browser.photo_model.found(following))
        self._navigator.update_queries(lambda query: _updated(query, replacements))
        photos = [*changes.updated.values(), *changes.added]
        if select and photos:
            self._navigator.select(photos[0])
            self._browser.select_together([photo.file_id for photo in photos])

    def _query_of(self, photos: Sequence[Photo]) -> Query:
        """Return the query for selected photos; for the objects that were found in them if there are in all."""
        models = (*self._detail.models, self._browser.photo_model)
        lists = (*self._detail.grids, self._browser.grid)
        model = next(
            (model for grid, model in zip(lists, models, strict=True) if grid.hasFocus()), models[-1]
        )
        found = [None if self._viewer.isVisible() else model.found(photo) for photo in photos]
        images = [QueryImage.of_photo(*each) for each in zip(photos, found, strict=True)]
        return Query(tuple(images if None not in found else [image.whole() for image in images]))

    def _panel_selection(self) -> list[Photo]:
        """Return the selection of the list in the detail panel that has the focus."""
        focused = next((grid for grid in self._detail.grids if grid.hasFocus()), None)
        return [] if focused is None else focused.selected_photos()

    def _following(self, photo: Photo, removed: Collection[int]) -> Photo | None:
        """Return the photo after those removed, or the last before them, in the order of the view."""
        if self._navigator.current.view in (View.CLUSTERS, View.EVENTS):
            return None
        return self._browser.photo_model.next_remaining(photo.file_id, removed)

    def _is_plain(self) -> bool:
        """Return whether it is plain which photos an operation on files is about."""
        if self.context is not None:
            return True
        if self._compare.isVisible() or self._origin.isVisible():
            return False
        if self._viewer.isVisible() or self._panel_selection():
            return True
        focused = QApplication.focusWidget()
        return not isinstance(focused, QAbstractItemView) or focused is self._browser.grid

    def _selected_grid(self) -> PhotoGrid | None:
        """Return the grid of the browser that is shown."""
        page = self._browser.currentWidget()
        grid = self._browser.cluster_grid if page is self._browser.cluster_page else page
        return grid if isinstance(grid, PhotoGrid) else None

    def _count_selection(self) -> None:
        grid = self._selected_grid()
        self.selection_counted.emit(0 if grid is None else sum(map(len, grid.selected_ranges())))


def _updated(query: Query, changes: Mapping[int, Photo | None]) -> Query | None:
    """Return a query with its changed photos replaced and the removed ones taken out; None where none is left."""
    for image in query.all_images:
        if image.photo is None or image.photo.file_id not in changes:
            continue
        photo = changes[image.photo.file_id]
        if photo is not None:
            query = _replaced(query, image, replace(image, path=photo.path, photo=photo))
            continue
        for part in (image, image.whole()):  # without its region a single image is the whole photo at first
            if part in query.all_images:
                rest = query.without(part)
                if rest is None or part in rest.all_images:
                    return None
                query = rest
    return query


def _replaced(query: Query, old: QueryImage, new: QueryImage) -> Query:
    parts, more, less = (
        tuple(new if image == old else image for image in images)
        for images in (query.images, query.more, query.less)
    )
    return replace(query, images=parts, more=more, less=less)
