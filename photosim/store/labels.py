"""What a model names in the photos: the tables `labels`, `photo_labels` and `labelled_photos`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from sqlite_utils import Database

from photosim.records import Label, LabelCount
from photosim.store.database import LibraryDatabase

_SHOWN = "files.id NOT IN (SELECT id FROM files WHERE primary_id IS NOT NULL)"
"""As `pairs.NOT_HIDDEN`, answered from indexes alone: no row of a file is read for it."""


def save_labels(db: Database, model: str, photo_id: int, labels: Iterable[Label]) -> None:
    """Keep what a model names in a photo in the place of what it named before, inside a transaction."""
    known = "(SELECT id FROM labels WHERE model = ?)"
    db.execute(f"DELETE FROM photo_labels WHERE photo_id = ? AND label_id IN {known}", (photo_id, model))  # noqa: S608
    db.execute("INSERT OR IGNORE INTO labelled_photos VALUES (?, ?)", (model, photo_id))
    for label in labels:
        db.execute("INSERT OR IGNORE INTO labels (model, name) VALUES (?, ?)", (model, label.name))
        db.execute(
            "INSERT INTO photo_labels SELECT id, ?, ? FROM labels WHERE model = ? AND name = ?",
            (photo_id, label.score, model, label.name),
        )


class LabelTable:
    """The labels of one model; photos are contents (`photo_id`)."""

    def __init__(self, store: LibraryDatabase, model: str) -> None:
        self._store = store
        self._model = model

    def labels_of(self, photo_id: int) -> tuple[Label, ...]:
        """The labels of a photo, best first."""
        rows = self._store.rows(
            """
            SELECT name, score FROM photo_labels JOIN labels ON labels.id = label_id
            WHERE photo_id = ? AND model = ? ORDER BY score DESC, name
            """,
            (photo_id, self._model),
        )
        return tuple(Label(name, score) for name, score in rows)

    def counts(self) -> list[LabelCount]:
        """The labels that photos bear, each with how many files that are shown do, most first."""
        # Nearly every photo has one file: counting the labels, what other files add and what hidden ones take away
        # is much faster than joining the two tables.
        rows = self._store.rows(
            """
            WITH counted(label_id, photos) AS (
                SELECT label_id, COUNT(*) FROM photo_labels GROUP BY label_id
                UNION ALL
                SELECT label_id, SUM(more) FROM (
                    SELECT photo_id, COUNT(*) - 1 AS more FROM files
                    WHERE photo_id IS NOT NULL GROUP BY photo_id HAVING more > 0
                ) AS twice CROSS JOIN photo_labels ON photo_labels.photo_id = twice.photo_id GROUP BY label_id
                UNION ALL
                SELECT label_id, -COUNT(*) FROM files
                CROSS JOIN photo_labels ON photo_labels.photo_id = files.photo_id
                WHERE primary_id IS NOT NULL GROUP BY label_id
            )
            SELECT name, SUM(photos) FROM counted JOIN labels ON id = label_id
            WHERE model = ? GROUP BY id HAVING SUM(photos) > 0 ORDER BY 2 DESC, name
            """,
            (self._model,),
        )
        return [LabelCount(name, photos) for name, photos in rows]

    def names(self) -> list[str]:
        """The labels that were ever found, by name."""
        rows = self._store.rows("SELECT name FROM labels WHERE model = ? ORDER BY name", (self._model,))
        return [name for (name,) in rows]

    def files_with(self, names: Sequence[str]) -> list[tuple[int, float]]:
        """The ids of the shown files that bear all these labels, each with the lowest of their scores, best first."""
        if not names:
            return []
        marks = ",".join("?" * len(names))
        rows = self._store.rows(
            f"""
            SELECT files.id, found.score FROM (
                SELECT photo_id, MIN(score) AS score FROM photo_labels
                WHERE label_id IN (SELECT id FROM labels WHERE model = ? AND name IN ({marks}))
                GROUP BY photo_id HAVING COUNT(*) = ?
            ) AS found CROSS JOIN files ON files.photo_id = found.photo_id
            WHERE {_SHOWN}
            ORDER BY found.score DESC, files.id
            """,  # noqa: S608 - question marks only
            (self._model, *names, len(names)),
        )
        return [(file_id, score) for file_id, score in rows]

    def assignments(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], list[str]]:
        """All labels of all shown files: file ids (N,), places in the list of names (N,), and that list."""
        rows = self._store.rows(
            f"""
            SELECT files.id, label_id FROM labels
            CROSS JOIN photo_labels ON photo_labels.label_id = labels.id
            CROSS JOIN files ON files.photo_id = photo_labels.photo_id WHERE model = ? AND {_SHOWN}
            """,  # noqa: S608
            (self._model,),
        )
        found = np.array(rows, np.int64).reshape(-1, 2)
        ids, places = np.unique(found[:, 1], return_inverse=True)
        sql = "SELECT id, name FROM labels WHERE model = ?"
        names: Mapping[int, str] = dict(self._store.rows(sql, (self._model,)))
        return found[:, 0], places, [names[label_id] for label_id in ids.tolist()]

    def labelled_file_ids(self) -> npt.NDArray[np.int64]:
        """The shown files of whose photos the model was asked, (N,)."""
        rows = self._store.rows(
            f"""
            SELECT files.id FROM labelled_photos CROSS JOIN files ON files.photo_id = labelled_photos.photo_id
            WHERE model = ? AND {_SHOWN}
            """,  # noqa: S608
            (self._model,),
        )
        return np.fromiter((file_id for (file_id,) in rows), np.int64, len(rows))

    def unlabelled_photo_ids(self) -> list[int]:
        """The photos that the model has embedded and was not asked about."""
        rows = self._store.rows(
            """
            SELECT photo_id FROM embeddings WHERE model = ? AND NOT EXISTS (
                SELECT 1 FROM labelled_photos WHERE labelled_photos.model = embeddings.model
                AND labelled_photos.photo_id = embeddings.photo_id
            ) ORDER BY photo_id
            """,
            (self._model,),
        )
        return [photo_id for (photo_id,) in rows]

    def save(self, found: Mapping[int, Iterable[Label]]) -> None:
        """Keep the labels of these photos, in one transaction; those that are gone by now are left out."""
        with self._store.transaction() as db:
            for photo_id, labels in found.items():
                if db.execute("SELECT 1 FROM photos WHERE id = ?", (photo_id,)).fetchone():
                    save_labels(db, self._model, photo_id, labels)
