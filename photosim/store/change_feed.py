"""What other programs do to the library's file while this one has it open."""

from __future__ import annotations

from dataclasses import dataclass

from photosim.store.database import LibraryDatabase


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What one look found: whether anything was `changed` since the last one, and the ids of files that were `added`."""

    changed: bool
    added: tuple[int, ...] = ()


class ExternalChanges:
    """Looks, now and then, whether another process has changed the library. Not for two threads at once."""

    def __init__(self, store: LibraryDatabase) -> None:
        self._store = store
        self._version: int | None = None
        self._newest = 0

    def reset(self) -> None:
        """What happened until now is known: the next look only remembers where things stand."""
        self._version = None

    def poll(self) -> ChangeSet:
        """What another process has changed since the last look; this process's own changes do not count.

        Quick where nothing was changed: SQLite keeps a number for it (`PRAGMA data_version`).
        """
        before, self._version = self._version, self._store.data_version()
        if before == self._version:
            return ChangeSet(changed=False)
        rows = [] if before is None else self._store.rows("SELECT id FROM files WHERE id > ?", [self._newest])
        self._newest = self._store.value("SELECT MAX(id) FROM files") or 0
        return ChangeSet(changed=before is not None, added=tuple(file_id for (file_id,) in rows))
