"""Libraries with duplicates whose files were never read: rows as an indexing would save them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from photosim.duplicates.results import DuplicateGroup, JudgedPair
from photosim.library import Library
from photosim.records import FileEntry, Photo, PhotoFacts
from photosim.store.catalog import FileRecord
from photosim.store.duplicates import DuplicateTable

DATE = "2024-05-04T10:00:00"


def digest_of(content: int) -> bytes:
    """Return the digest of a content that tests give a number."""
    return content.to_bytes(16, "big")


class DuplicateLibrary:
    """A library with one source; contents are numbers, and files are named by their path in the source."""

    def __init__(self, library: Library, photos: Path) -> None:
        self.library, self.photos = library, photos
        self.table = DuplicateTable(library._catalog.database)

    def add(self, path: str, content: int, *, width: int = 400, size: int = 1000, date: str = DATE) -> Photo:
        """Add a file with this content, or change it; `width` and `date` belong to the content."""
        file = self.photos / path
        file.parent.mkdir(parents=True, exist_ok=True)
        facts = PhotoFacts(width, 300, "JPEG", date, "Canon", taken_from="exif")
        record = FileRecord(FileEntry(str(file), size, size), digest_of(content), facts)
        self.library._catalog.save(str(self.photos), [record], "model")
        self.library._catalog.delete_orphans()
        return self.photo(path)

    def remove(self, path: str) -> None:
        """Remove a file, and its content if no other file has it."""
        with self.library._catalog.database.transaction() as db:
            db.execute("DELETE FROM files WHERE id = ?", (self.photo(path).file_id,))
        self.library._catalog.delete_orphans()

    def photo(self, path: str) -> Photo:
        """Return a file of the library."""
        found = self.library.find(self.photos / path)
        assert found is not None
        return found

    def tie(self, *pairs: tuple[int, int] | tuple[int, int, float]) -> None:
        """Save pairs of contents that are the same photo, by default with a confidence of 0.9."""
        self.table.save({}, 1, [self._judged(one, other, *rest) for one, other, *rest in pairs])

    def link(self, *runs: Iterable[int]) -> None:
        """Replace all bursts by these runs of contents."""
        photos = [[self._photo_id(content) for content in run] for run in runs]
        self.table.replace_burst_links(link for run in photos for link in itertools.pairwise(run))

    def names(self, file_ids: Iterable[int]) -> list[str]:
        """Return the paths of files in the source, in order."""
        photos = self.library.photos_by_id(list(file_ids))
        return [Path(photo.path).relative_to(self.photos).as_posix() for photo in photos]

    def listed(self, **options: object) -> list[list[str]]:
        """Return the names of the files of each group, the one to keep first."""
        groups = self.library.duplicates.groups(**options)  # type: ignore[arg-type]
        return [self.names(group.file_ids) for group in groups]

    def group(self) -> DuplicateGroup:
        """Return the only group that there is to review."""
        [group] = self.library.duplicates.groups()
        return group

    def _judged(self, one: int, other: int, confidence: float = 0.9) -> JudgedPair:
        first, second = sorted((self._photo_id(one), self._photo_id(other)))
        return JudgedPair(first, second, confidence)

    def _photo_id(self, content: int) -> int:
        sql = "SELECT id FROM photos WHERE digest = ?"
        return int(self.library._catalog.database.value(sql, (digest_of(content),)))


@contextmanager
def duplicate_library(folder: Path) -> Iterator[DuplicateLibrary]:
    """Open a library in `folder` whose source is a folder beside it."""
    photos = folder / "photos"
    photos.mkdir(parents=True, exist_ok=True)
    library = Library.open(folder / "library")
    library._catalog.add_source(str(photos))
    yield DuplicateLibrary(library, photos)
    library.close()
