"""What was read of folders that are compared: files, and photos with embeddings and thumbnails."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from photosim.files.fspaths import is_inside
from photosim.records import FileEntry, Photo, PhotoFacts
from photosim.store.comparisons.comparison_file import ComparisonFile
from photosim.store.database import in_chunks, placeholders
from photosim.store.files.known_files import path_range
from photosim.store.thumbnails import packed, unpacked

FIRST_ID = 1 << 40
"""First id of the photos of a result, above all of the library."""

OTHER_ID = FIRST_ID - 1
"""Id of the photo that one of them is compared with."""

_STORED_DTYPE = np.dtype("<f2")
FACT_COLUMNS = (
    "width, height, format, taken_at, camera, lens, latitude, longitude, iso, aperture, exposure, focal_length, "
    "taken_from"
)
_INSIDE = "path >= CAST(? AS TEXT) AND path < CAST(? AS TEXT)"

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ComparedFile:
    """A file that was read: the digest of its photo, or the reason why it can't be read."""

    entry: FileEntry
    digest: bytes | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ComparedContent:
    """What was read of a photo; the thumbnail (JPEG bytes) and the embedding (D,) are None if the library has them."""

    digest: bytes
    facts: PhotoFacts
    thumbnail: bytes | None = None
    vector: Vector | None = None


class ComparisonStore:
    """What was read of compared folders.

    Any thread may use it. Methods that write raise LibraryError where the library cannot be changed.
    """

    def __init__(self, folder: Path) -> None:
        self.file = ComparisonFile(folder)

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def files(self, folder: str) -> dict[str, ComparedFile]:
        """Return the files in and below a folder that were read, by path."""
        sql = f"SELECT path, size, mtime_ns, digest, reason FROM compared_files WHERE {_INSIDE}"  # noqa: S608
        return {
            path: ComparedFile(FileEntry(path, size, mtime_ns), digest, reason)
            for path, size, mtime_ns, digest, reason in self.file.rows(sql, path_range(folder))
        }

    def photo(self, path: str) -> Photo | None:
        """Return a photo that was read, None if it was not; its ids are those of no other photo."""
        sql = f"""
            SELECT size, mtime_ns, {FACT_COLUMNS} FROM compared_files JOIN compared_photos USING (digest)
            WHERE path = CAST(? AS TEXT)
        """  # noqa: S608
        for size, mtime_ns, *facts in self.file.rows(sql, (os.fsencode(path),)):
            return Photo(OTHER_ID, OTHER_ID, path, size, mtime_ns, PhotoFacts(*facts))
        return None

    def save(self, files: Iterable[ComparedFile], contents: Iterable[ComparedContent], model: str) -> None:
        """Save what was read, in one transaction."""
        new = list(contents)
        self.file.write(
            [
                (
                    "INSERT OR REPLACE INTO compared_files VALUES (CAST(? AS TEXT), ?, ?, ?, ?)",
                    [
                        (
                            os.fsencode(file.entry.path),
                            file.entry.size,
                            file.entry.mtime_ns,
                            file.digest,
                            file.reason,
                        )
                        for file in files
                    ],
                ),
                (
                    f"INSERT INTO compared_photos (digest, {FACT_COLUMNS}, thumbnail) "  # noqa: S608
                    f"VALUES ({placeholders(range(15))}) ON CONFLICT (digest) DO UPDATE SET "
                    "thumbnail = IFNULL(excluded.thumbnail, thumbnail)",
                    [
                        (
                            content.digest,
                            *astuple(content.facts),
                            None if content.thumbnail is None else packed(content.digest, content.thumbnail),
                        )
                        for content in new
                    ],
                ),
                (
                    "INSERT OR REPLACE INTO compared_vectors VALUES (?, ?, ?)",
                    [
                        (
                            content.digest,
                            model,
                            packed(content.digest, content.vector.astype(_STORED_DTYPE).tobytes()),
                        )
                        for content in new
                        if content.vector is not None
                    ],
                ),
            ]
        )

    def has(self, digest: bytes, model: str) -> bool:
        """Check whether a photo need not be decoded again: its thumbnail and its embedding are here."""
        sql = """
            SELECT 1 FROM compared_photos JOIN compared_vectors USING (digest)
            WHERE digest = ? AND model = ? AND thumbnail IS NOT NULL
        """
        return bool(self.file.rows(sql, (digest, model)))

    def complete(self, model: str) -> set[bytes]:
        """Return the digests of all photos for which `has` is true."""
        sql = """
            SELECT digest FROM compared_photos JOIN compared_vectors USING (digest)
            WHERE model = ? AND thumbnail IS NOT NULL
        """
        return {digest for (digest,) in self.file.rows(sql, (model,))}

    def facts(self, digests: Sequence[bytes]) -> dict[bytes, PhotoFacts]:
        """Return what is known of these photos, by digest."""
        sql = f"SELECT digest, {FACT_COLUMNS} FROM compared_photos WHERE digest IN"  # noqa: S608
        return {digest: PhotoFacts(*facts) for digest, *facts in self._of(sql, digests)}

    def get_many(self, digests: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the thumbnails of these photos as JPEG bytes, of those that have one here."""
        sql = "SELECT digest, thumbnail FROM compared_photos WHERE thumbnail IS NOT NULL AND digest IN"
        found = {digest: unpacked(digest, stored) for digest, stored in self._of(sql, list(digests))}
        return {digest: jpeg for digest, jpeg in found.items() if jpeg is not None}

    def vectors(self, digests: Sequence[bytes], model: str, dimensions: int) -> dict[bytes, Vector]:
        """Return the embeddings (D,) of these photos, unit length, by digest; damaged ones are left out."""
        sql = "SELECT digest, vector FROM compared_vectors WHERE model = ? AND digest IN"
        found: dict[bytes, Vector] = {}
        for digest, stored in self._of(sql, digests, model):
            content = unpacked(digest, stored)
            if content is None or len(content) != dimensions * _STORED_DTYPE.itemsize:
                continue
            vector = np.frombuffer(content, _STORED_DTYPE).astype(np.float32)
            length = float(np.linalg.norm(vector))
            if 0 < length < np.inf:
                found[digest] = vector / np.float32(length)
        return found

    def remove_files(self, paths: Iterable[str]) -> None:
        """Remove files that are gone."""
        sql = "DELETE FROM compared_files WHERE path = CAST(? AS TEXT)"
        self.file.write([(sql, [(os.fsencode(path),) for path in paths])])

    def remove_unused(self, folders: Collection[str]) -> None:
        """Remove files in none of these folders, then what was read of photos that no file holds."""
        paths = (path for (path,) in self.file.rows("SELECT path FROM compared_files"))
        self.remove_files(path for path in paths if not any(is_inside(path, folder) for folder in folders))
        held = "SELECT digest FROM compared_files WHERE digest IS NOT NULL UNION SELECT digest FROM comparison_results"
        self.file.write(
            [
                (f"DELETE FROM compared_photos WHERE digest NOT IN ({held})", [()]),  # noqa: S608
                (f"DELETE FROM compared_vectors WHERE digest NOT IN ({held})", [()]),  # noqa: S608
            ]
        )

    def _of(self, sql: str, digests: Sequence[bytes], *first: Any) -> list[tuple[Any, ...]]:
        return [
            row
            for chunk in in_chunks(digests)
            for row in self.file.rows(f"{sql} ({placeholders(chunk)})", (*first, *chunk))
        ]
