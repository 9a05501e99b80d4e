"""Collections: photos under a name, and searches that are kept under one."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection as AnyCollection
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from photosim.errors import LibraryError
from photosim.library.search.filters import NO_SOURCES, PhotoFinder
from photosim.library.search.words import SearchService
from photosim.paths import is_file
from photosim.records import Photo
from photosim.search import kept_search
from photosim.search.filters.criteria import PhotoFilter
from photosim.search.kept_search import KeptExample, KeptSearch
from photosim.search.query import Example, SimilarityQuery
from photosim.store.catalog import Catalog
from photosim.store.collections import CollectionRow, CollectionTable

MAX_NAME = 200
"""Characters of a collection's name; longer names are cut."""

_GONE = "This collection no longer exists."
_NO_EXAMPLES = "The photos that this search was kept for are no longer there."
_NO_PHOTOS = "These photos are no longer in the library."


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection of photos, or a kept search.

    `is_damaged`: a kept search that can't be read, or that a newer PhotoSim wrote; nothing matches it.
    """

    id: int
    name: str
    search: KeptSearch | None = None
    is_damaged: bool = False

    @property
    def holds_photos(self) -> bool:
        """Whether photos can be added and removed."""
        return self.search is None


@dataclass(frozen=True, slots=True)
class CollectionChange:
    """A change to one collection: None before it was created and after it was deleted, and digests of its photos."""

    before: CollectionRow | None
    after: CollectionRow | None
    added: tuple[bytes, ...] = ()
    removed: tuple[bytes, ...] = ()

    @property
    def inverse(self) -> CollectionChange:
        """The change that undoes this one."""
        return CollectionChange(self.after, self.before, self.removed, self.added)

    @property
    def collection(self) -> Collection | None:
        """The collection after the change."""
        return None if self.after is None else _collection(self.after)

    @property
    def collection_id(self) -> int:
        """The id of the collection."""
        row = self.after or self.before
        assert row is not None
        return row.id


@dataclass(frozen=True, slots=True)
class FoundExample:
    """An example of a kept search where it is now; `photo` is None for a file that is not in the library."""

    path: str
    photo: Photo | None
    kept: KeptExample


@dataclass(frozen=True, slots=True)
class FoundExamples:
    """The examples of a kept search that are still there."""

    like: tuple[FoundExample, ...]
    more: tuple[FoundExample, ...]
    less: tuple[FoundExample, ...]

    @property
    def query(self) -> SimilarityQuery:
        """The query for photos that are similar to them."""
        like, more, less = (
            tuple(Example(each.path, each.kept.region, each.kept.is_object) for each in group)
            for group in (self.like, self.more, self.less)
        )
        return SimilarityQuery(like, more, less).as_kind(is_object=like[0].is_object)


class CollectionService:
    """Lists and changes collections, from any thread; each change is one transaction and can be undone.

    Nothing here touches a file of the user.
    """

    def __init__(self, catalog: Catalog, finder: PhotoFinder, search: SearchService) -> None:
        self._catalog, self._finder, self._search = catalog, finder, search
        self._table = CollectionTable(catalog.database)

    def all(self) -> list[Collection]:
        """Return all collections by name."""
        collections = [_collection(row) for row in self._table.all()]
        return sorted(collections, key=lambda collection: (collection.name.casefold(), collection.id))

    def find(self, name: str) -> Collection:
        """Return the collection with a name, in any case. Raises LibraryError if there is none."""
        collections = self.all()
        wanted = _clean_name(name)
        for same in (lambda text: text, str.casefold):
            for collection in collections:
                if same(collection.name) == same(wanted):
                    return collection
        nearest = get_close_matches(wanted, [collection.name for collection in collections], n=1)
        guess = f" Did you mean “{nearest[0]}”?" if nearest else ""
        raise LibraryError(f"There is no collection “{wanted}”.{guess}")

    def photo_counts(self) -> dict[int, int]:
        """Return the number of shown photo files in each collection of photos that has any, by id."""
        return self._table.counts()

    def file_ids(self, collection: Collection, offline: AnyCollection[str] = NO_SOURCES) -> list[int]:
        """Return the ids of the shown photo files in a collection, or that match the criteria of a kept search.

        `offline` are the sources that can't be reached. Raises LibraryError if the kept search is damaged.
        """
        if collection.is_damaged:
            raise LibraryError(
                f"The kept search “{collection.name}” can't be read. Delete it and keep it again."
            )
        if collection.search is None:
            return self._table.file_ids(collection.id)
        if collection.search.like:
            raise LibraryError(_NO_EXAMPLES)  # who knows where they are searches by them
        return self._finder.files(self.criteria(collection.search), offline=offline)[0]

    def criteria(self, search: KeptSearch) -> PhotoFilter:
        """Return the criteria of a kept search, with what its words mean now."""
        if not search.words.split():
            return search.criteria
        understood = self._search.understand(search.words, search.criteria, suggest=False)
        return search.criteria.combined(understood.criteria)

    def examples(self, search: KeptSearch) -> FoundExamples:
        """Return where the examples of a kept search are now. Raises LibraryError if none to search by is left."""
        groups = (search.like, search.more, search.less)
        found = FoundExamples(
            *(tuple(each for each in map(self._find_example, group) if each is not None) for group in groups)
        )
        if not found.like:
            raise LibraryError(_NO_EXAMPLES)
        return found

    def kept_example(self, example: KeptExample, photo_id: int) -> KeptExample:
        """Return an example that is a photo of the library with its digest, by which it is found again."""
        return replace(example, digest=self._catalog.digest(photo_id))

    def create(self, name: str, photo_ids: Sequence[int] = ()) -> CollectionChange:
        """Create a collection of these photos. Raises LibraryError for a name that is taken or can't be used."""
        digests = self._digests(photo_ids) if photo_ids else ()
        with self._catalog.database.transaction(bump_revision=False):
            row = self._table.create(self._new_name(name), digests=digests)
        return CollectionChange(None, row, added=digests)

    def keep(self, name: str, search: KeptSearch) -> CollectionChange:
        """Keep a search under a name. Raises LibraryError for a name that is taken, and for an empty search."""
        if search.is_empty:
            raise LibraryError("A search that matches every photo can't be kept.")
        with self._catalog.database.transaction(bump_revision=False):
            row = self._table.create(self._new_name(name), kept_search.to_json(search))
        return CollectionChange(None, row)

    def add(self, collection_id: int, photo_ids: Sequence[int]) -> CollectionChange:
        """Add photos to a collection of photos. Raises LibraryError."""
        digests = self._digests(photo_ids)
        with self._catalog.database.transaction(bump_revision=False):
            row = self._row(collection_id, with_photos=True)
            return CollectionChange(row, row, added=tuple(self._table.add(collection_id, digests)))

    def remove(self, collection_id: int, photo_ids: Sequence[int]) -> CollectionChange:
        """Remove photos from a collection of photos. Raises LibraryError."""
        digests = self._digests(photo_ids)
        with self._catalog.database.transaction(bump_revision=False):
            row = self._row(collection_id, with_photos=True)
            return CollectionChange(row, row, removed=tuple(self._table.remove(collection_id, digests)))

    def rename(self, collection_id: int, name: str) -> CollectionChange:
        """Rename a collection. Raises LibraryError for a name that is taken or can't be used."""
        with self._catalog.database.transaction(bump_revision=False):
            row = self._row(collection_id)
            after = replace(row, name=self._new_name(name, collection_id))
            self._table.rename(collection_id, after.name)
        return CollectionChange(row, after)

    def delete(self, collection_id: int) -> CollectionChange:
        """Delete a collection; its photos stay in the library. Raises LibraryError."""
        with self._catalog.database.transaction(bump_revision=False):
            row, digests = self._row(collection_id), self._table.digests(collection_id)
            self._table.delete(collection_id)
        return CollectionChange(row, None, removed=tuple(digests))

    def apply(self, change: CollectionChange) -> CollectionChange:
        """Make a change again, or an inverse one; returns it. Raises LibraryError if the collection is gone."""
        with self._catalog.database.transaction(bump_revision=False):
            before, after = change.before, change.after
            if after is None:
                self._table.delete(change.collection_id)
            elif before is None:
                self._new_name(after.name)
                self._table.restore(after, change.added)
            else:
                self._row(after.id)
                if after.name != before.name:
                    self._table.rename(after.id, self._new_name(after.name, after.id))
                self._table.add(after.id, change.added)
                self._table.remove(after.id, change.removed)
        return change

    def digests(self, collection: Collection) -> list[bytes]:
        """Return the digests of the photos in a collection, in the library or not."""
        return self._table.digests(collection.id)

    def merge(
        self, name: str, search: KeptSearch | None, digests: Sequence[bytes]
    ) -> CollectionChange | None:
        """Add photos to the collection of a name, or create it; None where that changes nothing.

        What has the same name and is of the other kind, or another search, stays, and the new one gets a number.
        """
        with self._catalog.database.transaction(bump_revision=False):
            clean, text = _clean_name(name), None if search is None else kept_search.to_json(search)
            rows = self._table.all()
            same = next((row for row in rows if row.name == clean), None)
            if same is not None and same.search == text:
                added = self._table.add(same.id, digests) if search is None else []
                return CollectionChange(same, same, added=tuple(added)) if added else None
            row = self._table.create(_free_name(clean, [row.name for row in rows]), text, digests)
            return CollectionChange(None, row, added=tuple(digests))

    def _row(self, collection_id: int, *, with_photos: bool = False) -> CollectionRow:
        row = next((row for row in self._table.all() if row.id == collection_id), None)
        if row is None:
            raise LibraryError(_GONE)
        if with_photos and row.search is not None:
            raise LibraryError(f"“{row.name}” is a kept search: photos are in it when they match.")
        return row

    def _new_name(self, name: str, own_id: int | None = None) -> str:
        """Return a name as it is saved. Raises LibraryError where another collection has it."""
        clean = _clean_name(name)
        taken = next(
            (
                row.name
                for row in self._table.all()
                if row.id != own_id and row.name.casefold() == clean.casefold()
            ),
            None,
        )
        if taken is not None:
            raise LibraryError(f"There is a collection “{taken}” already.")
        return clean

    def _digests(self, photo_ids: Sequence[int]) -> tuple[bytes, ...]:
        unique = list(dict.fromkeys(photo_ids))
        found = self._catalog.digests(unique)
        if not found:
            raise LibraryError(_NO_PHOTOS)
        return tuple(found[photo_id] for photo_id in unique if photo_id in found)

    def _find_example(self, example: KeptExample) -> FoundExample | None:
        photo: Photo | None = None
        if example.digest is not None:
            photo_id = self._catalog.photo_id(example.digest)
            files = [] if photo_id is None else self._catalog.files_by_photo([photo_id]).get(photo_id, [])
            # The same file if it is among them: what the window calls the search should not change.
            photo = next((file for file in files if file.path == example.path), files[0] if files else None)
        if photo is not None:
            return FoundExample(photo.path, photo, example)
        return FoundExample(example.path, None, example) if is_file(example.path) else None


def _collection(row: CollectionRow) -> Collection:
    if row.search is None:
        return Collection(row.id, row.name)
    try:
        return Collection(row.id, row.name, kept_search.from_json(row.search))
    except ValueError:
        return Collection(row.id, row.name, KeptSearch(), is_damaged=True)


def _clean_name(name: str) -> str:
    """Return a name without spaces around it and control characters. Raises LibraryError if nothing is left."""
    words = " ".join(name.split())
    clean = "".join(char for char in words if unicodedata.category(char) not in ("Cc", "Cs"))[
        :MAX_NAME
    ].strip()
    if not clean:
        raise LibraryError("Give the collection a name.")
    return clean


def _free_name(name: str, taken: Iterable[str]) -> str:
    """Return a name that is not taken: with a number behind it if necessary."""
    known = {other.casefold() for other in taken}
    candidate, number = name, 2
    while candidate.casefold() in known:
        candidate, number = f"{name[: MAX_NAME - 8]} {number}", number + 1
    return candidate
