"""Labels of photos: the tables `labels`, `photo_labels` and `labelled_photos`."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from sqlite_utils import Database

from photosim.records import Label, LabelCount
from photosim.store.database import LibraryDatabase

_IS_SHOWN = "files.id NOT IN (SELECT id FROM files WHERE primary_id IS NOT NULL)"
"""Condition as `raw_pairs.IS_SHOWN`, but answered from indexes alone, without reading rows of `files`."""


_HAS_NAME = "TYPEOF(labels.name) <> 'null'"
"""Condition for labels whose name is not lost; SQLite takes "IS NOT NULL" for granted in this column."""


def save_labels(db: Database, model: str, photo_id: int, labels: Iterable[Label]) -> None:
    """Replace the labels that a model gave a photo, inside a transaction."""
    of_model = "(SELECT id FROM labels WHERE model = ?)"
    db.execute(f"DELETE FROM photo_labels WHERE photo_id = ? AND label_id IN {of_model}", (photo_id, model))  # noqa: S608
    db.execute("INSERT OR IGNORE INTO labelled_photos VALUES (?, ?)", (model, photo_id))
    for label in labels:
        db.execute("INSERT OR IGNORE INTO labels (model, name) VALUES (?, ?)", (model, label.name))
        db.execute(
            "INSERT INTO photo_labels SELECT id, ?, ? FROM labels WHERE model = ? AND name = ?",
            (photo_id, label.score, model, label.name),
        )


class LabelTable:
    """The labels of one model."""

    def __init__(self, database: LibraryDatabase, model: str) -> None:
        self._database = database
        self._model = model

    def labels_of(self, photo_id: int) -> tuple[Label, ...]:
        """Return the labels of a photo, best first."""
        rows = self._database.rows(
            f"""
            SELECT name, score FROM photo_labels JOIN labels ON labels.id = label_id
            WHERE photo_id = ? AND model = ? AND {_HAS_NAME} ORDER BY score DESC, name
            """,  # noqa: S608
            (photo_id, self._model),
        )
        return tuple(Label(name, score) for name, score in rows)

    def counts(self) -> list[LabelCount]:
        """Return all labels of shown files with their numbers of files, most frequent first."""
        # Nearly every photo has one file, so counting labels, adding further files and subtracting hidden ones is much
        # faster than joining the two tables.
        rows = self._database.rows(
            f"""
            WITH counted(label_id, photos) AS (
                SELECT label_id, COUNT(*) FROM photo_labels GROUP BY label_id
                UNION ALL
                SELECT label_id, SUM(extra) FROM (
                    SELECT photo_id, COUNT(*) - 1 AS extra FROM files
                    WHERE photo_id IS NOT NULL GROUP BY photo_id HAVING extra > 0
                ) AS copied CROSS JOIN photo_labels ON photo_labels.photo_id = copied.photo_id GROUP BY label_id
                UNION ALL
                SELECT label_id, -COUNT(*) FROM files
                CROSS JOIN photo_labels ON photo_labels.photo_id = files.photo_id
                WHERE primary_id IS NOT NULL GROUP BY label_id
            )
            SELECT name, SUM(photos) FROM counted JOIN labels ON id = label_id
            WHERE model = ? AND {_HAS_NAME} GROUP BY id HAVING SUM(photos) > 0 ORDER BY 2 DESC, name
            """,  # noqa: S608
            (self._model,),
        )
        return [LabelCount(name, photos) for name, photos in rows]

    def assignments(
        self,
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], list[str], npt.NDArray[np.float32]]:
        """Return all labels of all shown files: file ids (N,), indices into the list of names (N,), that list, scores (N,)."""
        # Joined here: SQLite takes twice as long, and a large library has a million rows.
        labels = self._database.rows(
            f"""
            SELECT photo_id, label_id, score FROM labels
            CROSS JOIN photo_labels ON photo_labels.label_id = labels.id
            WHERE model = ? AND {_HAS_NAME} AND TYPEOF(score) = 'real'
            """,  # noqa: S608
            (self._model,),
        )
        photo_ids, label_ids, scores = _columns(labels, 3)
        rows, file_ids = expand_to_files(self._database, photo_ids.astype(np.int64))
        ids, indices = np.unique(label_ids[rows].astype(np.int64), return_inverse=True)
        sql = "SELECT id, name FROM labels WHERE model = ?"
        names: Mapping[int, str] = dict(self._database.rows(sql, (self._model,)))
        return (
            file_ids,
            indices,
            [names[label_id] for label_id in ids.tolist()],
            scores[rows].astype(np.float32),
        )

    def labelled_file_ids(self) -> npt.NDArray[np.int64]:
        """Return the ids of the shown files whose photos have been labelled, (N,)."""
        sql = f"""
            SELECT files.id FROM labelled_photos CROSS JOIN files ON files.photo_id = labelled_photos.photo_id
            WHERE model = ? AND {_IS_SHOWN}
        """  # noqa: S608
        [file_ids] = self._database.scan_ids(("id",), sql, (self._model,))
        return file_ids

    def unlabelled_photo_ids(self) -> list[int]:
        """Return the ids of the photos that are embedded but not labelled."""
        rows = self._database.rows(
            """
            SELECT photo_id FROM embeddings WHERE model = ? AND TYPEOF(photo_id) <> 'null' AND NOT EXISTS (
                SELECT 1 FROM labelled_photos WHERE labelled_photos.model = embeddings.model
                AND labelled_photos.photo_id = embeddings.photo_id
            ) ORDER BY photo_id
            """,
            (self._model,),
        )
        return [photo_id for (photo_id,) in rows]

    def save(self, found: Mapping[int, Iterable[Label]]) -> None:
        """Save the labels of these photos, in one transaction, leaving out photos that are gone."""
        with self._database.transaction() as db:
            for photo_id, labels in found.items():
                if db.execute("SELECT 1 FROM photos WHERE id = ?", (photo_id,)).fetchone():
                    save_labels(db, self._model, photo_id, labels)


def expand_to_files(
    database: LibraryDatabase, photo_ids: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int64]]:
    """Return each of these photos (N,) once for each of its shown files: the places of the photos, and the file ids."""
    file_photo_ids, file_ids = database.scan_ids(
        ("photo_id", "id"),
        f"SELECT photo_id, id FROM files WHERE photo_id IS NOT NULL AND {_IS_SHOWN}",  # noqa: S608
    )
    order = np.argsort(file_photo_ids, kind="stable")
    first = np.searchsorted(file_photo_ids, photo_ids, "left", order)
    counts = np.searchsorted(file_photo_ids, photo_ids, "right", order) - first
    places = np.repeat(np.arange(len(photo_ids)), counts)
    within = np.arange(len(places)) - np.repeat(counts.cumsum() - counts, counts)
    return places, file_ids[order[first[places] + within]]


def _columns(rows: Sequence[Iterable[float]], count: int) -> npt.NDArray[np.float64]:
    """Return the columns of rows of numbers, (count, N). With so many rows, np.array() takes much longer."""
    values = np.fromiter(itertools.chain.from_iterable(rows), np.float64, count * len(rows))
    return values.reshape(-1, count).T
