"""The user's changes to collections: each runs in a job and can be undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from photosim.gui.base.jobs import CancelToken, Jobs, Work
from photosim.gui.base.translation import tr
from photosim.gui.services.undo import UndoHistory
from photosim.gui.services.undoable_changes import UndoableChange, UndoableChanges
from photosim.gui.state.kept_queries import kept_search
from photosim.gui.state.places import Place
from photosim.library.collections import Collection, CollectionChange, CollectionService

if TYPE_CHECKING:
    from photosim.library import Library
    from photosim.records import Photo
    from photosim.search.filters.criteria import PhotoFilter

_Change = Callable[[CollectionService], CollectionChange]


class CollectionOperations:
    """Changes collections in jobs, one after the other, and records how to undo it."""

    def __init__(
        self,
        library: Library,
        jobs: Jobs,
        undo: UndoHistory,
        *,
        check_writable: Callable[[], bool],
        show: Callable[[CollectionChange | None, Exception | None], object],
        tell: Callable[[str, int | None], object],
    ) -> None:
        """No change is made where `check_writable` returns False; see `UndoableChanges` for `show` and `tell`."""
        self._library, self._check_writable = library, check_writable
        self._changes = UndoableChanges[CollectionChange](jobs, undo, show=show, tell=tell)

    def create(self, name: str, photos: Sequence[Photo]) -> None:
        """Create a collection of these photos."""

        def message(change: CollectionChange) -> str:
            if not change.added:
                return tr("Collection “{name}” created.").format(name=name)
            return tr("%Ln photo(s) added to “{name}”.", "", len(change.added)).format(name=name)

        self._run(
            tr("New collection"),
            lambda service: service.create(name, [photo.photo_id for photo in photos]),
            message,
        )

    def add(self, collection: Collection, photos: Sequence[Photo]) -> None:
        """Add photos to a collection."""
        self._add(collection, lambda: [photo.photo_id for photo in photos])

    def add_files(self, collection: Collection, paths: Sequence[str]) -> None:
        """Add the photos of these files, as far as they are in the library."""
        library = self._library

        def photo_ids() -> list[int]:
            photos = [library.find(path) for path in paths]
            return [photo.photo_id for photo in photos if photo is not None and photo.primary_id is None]

        self._add(collection, photo_ids)

    def remove(
        self,
        collection: Collection,
        photos: Sequence[Photo],
        *,
        after: Callable[[], object],
        after_undo: Callable[[], object],
    ) -> None:
        """Remove photos from a collection; the callbacks are called each time it was done or undone."""
        self._run(
            tr("Remove from collection"),
            lambda service: service.remove(collection.id, [photo.photo_id for photo in photos]),
            lambda change: tr("%Ln photo(s) removed from “{name}”.", "", len(change.removed)).format(
                name=collection.name
            ),
            after=after,
            after_undo=after_undo,
        )

    def keep_search(self, name: str, place: Place, photo_filter: PhotoFilter, level: int) -> None:
        """Keep the search of a place and its filter, at a level of clusters, as a collection."""
        self._run(
            tr("Keep search"),
            lambda service: service.keep(name, kept_search(self._library, place, photo_filter, level)),
            lambda _: tr("Search kept as “{name}”.").format(name=name),
        )

    def rename(self, collection: Collection, name: str) -> None:
        """Give a collection another name."""
        if name != collection.name:
            self._run(
                tr("Rename"),
                lambda service: service.rename(collection.id, name),
                lambda _: tr("“{old}” renamed to “{new}”.").format(old=collection.name, new=name),
            )

    def delete(self, collection: Collection) -> None:
        """Delete a collection; its photos stay."""
        self._run(
            tr("Delete collection"),
            lambda service: service.delete(collection.id),
            lambda _: tr("“{name}” deleted. Its photos stay where they are.").format(name=collection.name),
        )

    def _add(self, collection: Collection, photo_ids: Callable[[], Sequence[int]]) -> None:
        """Add photos whose ids are found in the job."""

        def message(change: CollectionChange) -> str:
            if not change.added:
                return tr("Already in “{name}”.").format(name=collection.name)
            return tr("%Ln photo(s) added to “{name}”.", "", len(change.added)).format(name=collection.name)

        self._run(tr("Add to collection"), lambda service: service.add(collection.id, photo_ids()), message)

    def _run(
        self,
        name: str,
        change: _Change,
        message: Callable[[CollectionChange], str],
        *,
        after: Callable[[], object] = lambda: None,
        after_undo: Callable[[], object] = lambda: None,
    ) -> None:
        if not self._check_writable():
            return

        def prepare(change: _Change) -> Callable[[], Work]:
            return lambda: partial(_make, self._library, change)

        self._changes.make(
            UndoableChange(
                name,
                prepare(change),
                undo=lambda done: prepare(lambda service: service.apply(done.inverse)),
                redo=lambda done: prepare(lambda service: service.apply(done)),
                message=message,
                has_changed=lambda done: bool(done.before != done.after or done.added or done.removed),
                after=after,
                after_undo=after_undo,
            )
        )


def _make(library: Library, change: _Change, cancel: CancelToken) -> CollectionChange:
    cancel.check()
    return change(library.collections)
