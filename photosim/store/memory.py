"""What each model has seen of the library: how much, what not, and how to forget it."""

from __future__ import annotations

from photosim.records import FileEntry
from photosim.store.database import LibraryDatabase
from photosim.store.raw_pairs import IS_SHOWN


class EmbeddingTable:
    """The embeddings, and what was made from them, of all models."""

    def __init__(self, store: LibraryDatabase) -> None:
        self._store = store

    def counts(self) -> dict[str, int]:
        """How many photos that are shown each model has an embedding of, by the model's id; of none: it is left out."""
        rows = self._store.rows(
            f"""
            SELECT model, COUNT(*) FROM embeddings JOIN files ON files.photo_id = embeddings.photo_id
            WHERE {IS_SHOWN} GROUP BY model
            """  # noqa: S608
        )
        return dict(rows)

    def has_any(self, model: str) -> bool:
        """Whether a model has an embedding of any photo."""
        return self._store.value("SELECT 1 FROM embeddings WHERE model = ? LIMIT 1", (model,)) is not None

    def files_without(self, model: str) -> list[tuple[str, FileEntry]]:
        """The readable files, by path, that a model has no embedding of: (source, file) pairs."""
        rows = self._store.rows(
            """
            SELECT sources.path, files.path, size, mtime_ns
            FROM files JOIN sources ON sources.id = files.source_id
            LEFT JOIN embeddings ON embeddings.model = ? AND embeddings.photo_id = files.photo_id
            WHERE files.photo_id IS NOT NULL AND embeddings.photo_id IS NULL
            ORDER BY files.path
            """,
            (model,),
        )
        return [(source, FileEntry(path, size, mtime_ns)) for source, path, size, mtime_ns in rows]

    def delete(self, model: str) -> int:
        """Drop the embeddings and the clusters of a model, with their room on the disk; returns of how many photos."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM clusterings WHERE model = ?", (model,))
            db.execute("DELETE FROM labels WHERE model = ?", (model,))
            count = int(db.execute("DELETE FROM embeddings WHERE model = ?", (model,)).rowcount)
        self._store.vacuum()
        return count
