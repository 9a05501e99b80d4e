"""Finds the photos of which no other copy would be left."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from photosim.files.bundles import PhotoFiles
from photosim.files.fspaths import file_identity, is_unchanged, long_path
from photosim.store.catalog import Catalog


class LastCopies:
    """Compares photos that are to go with the copies that the library knows and that are there, unchanged."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def of(self, photos: Sequence[PhotoFiles]) -> list[PhotoFiles]:
        """Those of the photos with a file of which no other unchanged copy would remain if all of them went."""
        removed = {path for photo in photos for path in photo.files}
        copies = self._catalog.file_moves.copies_of(sorted(removed))
        removed_identities = {_identity(path) for path in removed}
        unchanged = [copy for copy in copies if is_unchanged(copy.entry)]
        remaining = {
            copy.photo_id
            for copy in unchanged
            if copy.entry.path not in removed and _identity(copy.entry.path) not in removed_identities
        }
        content = {copy.entry.path: copy.photo_id for copy in copies}
        # A file that the library does not know, or that has changed since, may be the only one.
        known = {copy.entry.path for copy in unchanged}
        return [
            photo
            for photo in photos
            if photo.photo not in content
            or any(
                content[path] not in remaining or path not in known for path in photo.files if path in content
            )
        ]

    def of_several(self, photos: Sequence[PhotoFiles]) -> list[PhotoFiles]:
        """Those of the photos that are the last copies of which the library knows several, in the trash or missing."""
        last = self.of(photos)
        content = self._content_of(path for photo in last for path in photo.files)
        counts = self._catalog.file_moves.known_counts(set(content.values()))
        return [
            photo
            for photo in last
            if any(counts.get(content[path], 0) > 1 for path in photo.files if path in content)
        ]

    def one_of_each(self, photos: Sequence[PhotoFiles]) -> frozenset[PhotoFiles]:
        """Choose one of the photos with the same content: the first of those with the most files."""
        content = self._content_of(photo.photo for photo in photos)
        kept: dict[object, PhotoFiles] = {}
        for photo in photos:
            key = content.get(photo.photo, photo.photo)
            if key not in kept or len(photo.files) > len(kept[key].files):
                kept[key] = photo
        return frozenset(kept.values())

    def _content_of(self, paths: Iterable[str]) -> dict[str, int]:
        """Return the photo ids, by path, of the files that are in the library."""
        copies = self._catalog.file_moves.copies_of(sorted(set(paths)))
        return {copy.entry.path: copy.photo_id for copy in copies}


def _identity(path: str) -> object:
    """What all names of one file have in common; the path of a file that is unavailable."""
    try:
        return file_identity(path, os.stat(long_path(path)))  # noqa: PTH116 - a path as text
    except (OSError, ValueError):
        return path
