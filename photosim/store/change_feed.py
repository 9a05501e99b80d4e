"""Changes that other processes make to the library while this one has it open."""

from __future__ import annotations

from dataclasses import dataclass

from photosim.store.database import LibraryDatabase


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Result of a poll: whether anything `changed` since the last one, and the ids of `added` files."""

    changed: bool
    added: tuple[int, ...] = ()


class ExternalChanges:
    """Polls for commits of other processes. Not thread-safe."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database
        self._data_version: int | None = None
        self._newest_id = 0

    def reset(self) -> None:
        """Ignore all changes until the next poll."""
        self._data_version = None

    def poll(self) -> ChangeSet:
        """Return what other processes changed since the last poll; fast if nothing was changed."""
        before, self._data_version = self._data_version, self._database.data_version()
        if before == self._data_version:
            return ChangeSet(changed=False)
        rows = (
            []
            if before is None
            else self._database.rows("SELECT id FROM files WHERE id > ?", [self._newest_id])
        )
        self._newest_id = self._database.value("SELECT MAX(id) FROM files") or 0
        return ChangeSet(changed=before is not None, added=tuple(file_id for (file_id,) in rows))
