"""Loads what is known of the photos that may be duplicates, from the database and from their folders."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from photosim.duplicates.facts import Content, DuplicateFacts
from photosim.files.bundles import EditedPhotos
from photosim.files.fspaths import with_separator
from photosim.records import Photo
from photosim.runtime.bulk_records import bulk_constructor
from photosim.store.catalog import Catalog
from photosim.store.duplicates import DuplicateTable
from photosim.store.verdicts import VerdictTable

_make_content = bulk_constructor(Content)


class FactsLoader:
    """Loads facts, for one thread at a time."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._found = DuplicateTable(catalog.database)
        self._verdicts = VerdictTable(catalog.database)
        self._edited = EditedPhotos()

    def load(
        self, min_confidence: float, reviewed: Collection[int], offline: Collection[str]
    ) -> DuplicateFacts:
        """Return the facts on pairs with at least this confidence, and on the files with the ids `reviewed`.

        `offline` are the sources that are not reachable: nothing is looked for in them.
        """
        pairs, links = self._found.pairs(min_confidence), self._found.burst_links()
        photo_ids = {photo_id for pair in pairs for photo_id in (pair.first, pair.second)}
        photo_ids.update(photo_id for link in links for photo_id in link)
        copies = self._catalog.file_moves.copy_counts()
        photo_ids.update(copies)
        photo_ids.update(self._verdicts.judged_photos())
        photo_ids.update(self._catalog.photo_ids_of(sorted(reviewed)))
        contents = self._contents(sorted(photo_ids), copies)
        files = [file for content in contents.values() for file in content.files]
        away = _files_in(files, offline)
        reachable = [file for file in files if file.file_id not in away and not file.missing]
        edited = self._edited.among(file.path for file in reachable)
        return DuplicateFacts(
            contents=contents,
            pairs={
                (pair.first, pair.second): pair
                for pair in pairs
                if pair.first in contents and pair.second in contents
            },
            links=[link for link in links if link[0] in contents and link[1] in contents],
            offline=away,
            edited=frozenset(file.file_id for file in reachable if file.path in edited)
            if edited
            else frozenset(),
        )

    def _contents(self, photo_ids: list[int], copies: Mapping[int, int]) -> dict[int, Content]:
        files = self._catalog.files_by_photo(photo_ids, copies)
        digests = self._catalog.digests(photo_ids)
        sharpness, of_subject = self._found.sharpness(photo_ids), self._found.subject_sharpness()
        return {
            photo_id: _make_content(
                photo_id,
                digest,
                tuple(files[photo_id]),
                sharpness.get(photo_id),
                of_subject.get(photo_id),
            )
            for photo_id, digest in digests.items()
            if photo_id in files
        }


def _files_in(files: Collection[Photo], folders: Collection[str]) -> frozenset[int]:
    if not folders:
        return frozenset()
    starts = tuple(with_separator(folder) for folder in folders)
    return frozenset(file.file_id for file in files if file.path.startswith(starts))
