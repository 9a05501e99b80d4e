"""The dates of photos in the library, where one gets that of another."""

from __future__ import annotations

from dataclasses import dataclass

from photosim.store.database import LibraryDatabase


@dataclass(frozen=True, slots=True)
class PhotoDate:
    """When a photo was taken, and where that was found; see `PhotoFacts`."""

    taken_at: str | None
    taken_from: str | None


class PhotoDates:
    """The columns `taken_at` and `taken_from` of the table `photos`."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def get(self, photo_id: int) -> PhotoDate:
        """Return the date of a photo; an empty one if the photo is gone."""
        rows = self._database.rows("SELECT taken_at, taken_from FROM photos WHERE id = ?", (photo_id,))
        return PhotoDate(*rows[0]) if rows else PhotoDate(None, None)

    def replace(self, photo_id: int, old: PhotoDate, new: PhotoDate) -> None:
        """Set the date of a photo, unless it has another one than `old` by now."""
        with self._database.transaction() as db:
            db.execute(
                """
                UPDATE photos SET taken_at = ?, taken_from = ?
                WHERE id = ? AND taken_at IS ? AND taken_from IS ?
                """,
                (new.taken_at, new.taken_from, photo_id, old.taken_at, old.taken_from),
            )
