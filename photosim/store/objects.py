"""Objects found in photos: the tables `objects` and `detected_photos`."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import xxhash
from sqlite_utils import Database

from photosim.records import EmbeddedObject, PhotoObject, StoredObject
from photosim.store.database import JSON_IDS, json_ids, placeholders
from photosim.store.embeddings import Ids, StoredVectors, pack_vector
from photosim.store.files.raw_pairs import HIDDEN_PHOTOS
from photosim.store.labels import expand_to_files

_BOX_DTYPE = np.dtype("<u2")
_BOX_STEPS = 10_000
"""Steps in which the sides of a box are stored, as many as `PhotoObject.box` has."""

BOX_BYTES = 4 * _BOX_DTYPE.itemsize
_READ_ROWS = 4096
_UINT32 = 0xFFFFFFFF
_ROW_START = struct.Struct("<qqd")

_OF_MODEL = "(SELECT id FROM labels WHERE model = ?)"


def save_objects(
    db: Database, model: str, photo_id: int, objects: Sequence[EmbeddedObject], *, closer: bool = False
) -> None:
    """Replace the objects that a model found in a photo, inside a transaction."""
    db.execute(f"DELETE FROM objects WHERE photo_id = ? AND label_id IN {_OF_MODEL}", (photo_id, model))  # noqa: S608
    db.execute(
        "INSERT OR REPLACE INTO detected_photos (photo_id, model, closer, objects) VALUES (?, ?, ?, ?)",
        (photo_id, model, int(closer), len(objects)),
    )
    for found in objects:
        db.execute("INSERT OR IGNORE INTO labels (model, name) VALUES (?, ?)", (model, found.object.label))
        sql = "SELECT id FROM labels WHERE model = ? AND name = ?"
        label_id = int(db.execute(sql, (model, found.object.label)).fetchone()[0])
        values = (
            photo_id,
            label_id,
            float(found.object.score),
            pack_box(found.object.box),
            pack_vector(found.vector),
        )
        db.execute(
            "INSERT INTO objects (photo_id, label_id, score, box, vector, checksum) VALUES (?, ?, ?, ?, ?, ?)",
            (*values, object_checksum(*values)),
        )


def object_checksum(photo_id: int, label_id: int, score: float, box: bytes, vector: bytes) -> int:
    """Return the checksum of a row of `objects`, 32 bits."""
    return xxhash.xxh3_64_intdigest(_ROW_START.pack(photo_id, label_id, score) + box + vector) & _UINT32


class ObjectTable(StoredVectors):
    """The objects of one model. Photos with damaged ones are searched for objects again."""

    what = "objects"

    def of_photos(
        self, photo_ids: Sequence[int], *, with_unnamed: bool = False
    ) -> dict[int, tuple[StoredObject, ...]]:
        """Return the objects in these photos by photo id, best first, leaving out photos without any."""
        found: dict[int, list[StoredObject]] = {}
        for start in range(0, len(photo_ids), _READ_ROWS):
            # CROSS JOIN keeps SQLite from starting with the labels, which have nearly all objects.
            rows = self._database.rows(
                f"""
                SELECT photo_id, objects.id, name, score, box FROM objects CROSS JOIN labels ON labels.id = label_id
                WHERE photo_id IN {JSON_IDS} AND model = ? AND TYPEOF(name) = 'text' AND (name <> '' OR ?)
                ORDER BY score DESC, objects.id
                """,  # noqa: S608
                (json_ids(photo_ids[start : start + _READ_ROWS]), self._model, with_unnamed),
            )
            for photo_id, object_id, name, score, packed in rows:
                if object_id not in self._damaged and (box := unpack_box(packed)) is not None:
                    found.setdefault(photo_id, []).append(
                        StoredObject(object_id, PhotoObject(name, score, box))
                    )
        return {photo_id: tuple(objects) for photo_id, objects in found.items()}

    def objects(self, object_ids: Sequence[int]) -> dict[int, PhotoObject]:
        """Return these objects by id, leaving out those that are gone."""
        rows = self._database.rows(
            f"SELECT objects.id, name, score, box FROM objects CROSS JOIN labels ON labels.id = label_id "  # noqa: S608
            f"WHERE objects.id IN {JSON_IDS} AND model = ? AND TYPEOF(name) = 'text'",
            (json_ids(object_ids), self._model),
        )
        return {
            object_id: PhotoObject(name, score, box)
            for object_id, name, score, packed in rows
            if (box := unpack_box(packed)) is not None
        }

    def object_and_photo_ids(self) -> tuple[Ids, Ids]:
        """Return the ids (N,) of all objects in shown photos, in any order, and those of their photos."""
        sql = f"""
            SELECT objects.id, photo_id FROM labels CROSS JOIN objects ON label_id = labels.id
            WHERE model = ? AND photo_id NOT IN ({HIDDEN_PHOTOS})
        """  # noqa: S608
        object_ids, photo_ids = self._database.scan_ids(("id", "photo_id"), sql, (self._model,))
        sound = self._are_sound(object_ids)
        return object_ids[sound], photo_ids[sound]

    def object_ids(self) -> Ids:
        """Return the ids (N,) of all objects in shown photos, ascending."""
        return np.sort(self.object_and_photo_ids()[0])

    def boxes(self) -> tuple[Ids, Ids, list[str], npt.NDArray[np.float32]]:
        """Return all named objects in all shown files: file ids (N,), indices into the list of names (N,), it, boxes (N, 4)."""
        sql = f"""
            SELECT photo_id, label_id, box FROM labels CROSS JOIN objects ON label_id = labels.id
            WHERE model = ? AND TYPEOF(name) = 'text' AND name <> ''
            AND TYPEOF(box) = 'blob' AND LENGTH(box) = {BOX_BYTES}
        """  # noqa: S608
        (photo_ids, label_ids), packed = self._database.scan_ids_and_blobs(
            ("photo_id", "label_id"), "box", sql, (self._model,)
        )
        boxes = np.frombuffer(packed, _BOX_DTYPE).reshape(-1, 4).astype(np.float32) / np.float32(_BOX_STEPS)
        places, file_ids = expand_to_files(self._database, photo_ids)
        ids, indices = np.unique(label_ids[places], return_inverse=True)
        names = dict(self._database.rows("SELECT id, name FROM labels WHERE model = ?", (self._model,)))
        return (
            file_ids,
            indices,
            [names[label_id] for label_id in ids.tolist()],
            boxes[places],
        )

    def counts(self) -> tuple[int, int]:
        """Return the number of photos that were searched for objects, and of those read at the larger input."""
        [counts] = self._database.rows(
            "SELECT COUNT(*), TOTAL(closer) FROM detected_photos WHERE model = ?", (self._model,)
        )
        return counts[0], int(counts[1])

    def undetected_photo_ids(self, *, closer: bool = False) -> list[int]:
        """Return the ids of the embedded photos not searched for objects yet, or not at the larger input."""
        rows = self._database.rows(
            """
            SELECT photo_id FROM embeddings WHERE model = ? AND TYPEOF(photo_id) <> 'null' AND NOT EXISTS (
                SELECT 1 FROM detected_photos WHERE detected_photos.model = embeddings.model
                AND detected_photos.photo_id = embeddings.photo_id AND closer >= ?
            ) ORDER BY photo_id
            """,
            (self._model, int(closer)),
        )
        return [photo_id for (photo_id,) in rows]

    def save(self, found: Mapping[int, Sequence[EmbeddedObject]], *, closer: bool = False) -> None:
        """Save the objects in these photos, in one transaction, leaving out photos that are gone."""
        with self._database.transaction() as db:
            for photo_id, objects in found.items():
                # The embedding too: objects are deleted with it.
                sql = "SELECT 1 FROM embeddings JOIN photos ON photos.id = photo_id WHERE model = ? AND photo_id = ?"
                if db.execute(sql, (self._model, photo_id)).fetchone():
                    save_objects(db, self._model, photo_id, objects, closer=closer)

    def _stored(self, ids: Sequence[int]) -> list[bytes | None]:
        columns = "id, photo_id, label_id, score, box, vector, checksum"
        sql = f"SELECT {columns} FROM objects WHERE id IN ({placeholders(ids)})"  # noqa: S608
        rows = self._database.rows(sql, ids, checked=False)
        found = {row[0]: row[5] if is_sound_object(*row[1:]) else None for row in rows}
        return [found[object_id] for object_id in ids]

    def _delete(self, db: Database, ids: Sequence[int]) -> None:
        sql = f"SELECT DISTINCT photo_id FROM objects WHERE id IN {JSON_IDS}"  # noqa: S608
        photos = [(photo_id, self._model) for (photo_id,) in db.execute(sql, (json_ids(ids),))]
        db.conn.executemany(f"DELETE FROM objects WHERE photo_id = ? AND label_id IN {_OF_MODEL}", photos)  # noqa: S608
        db.conn.executemany("DELETE FROM detected_photos WHERE photo_id = ? AND model = ?", photos)


def is_sound_object(
    photo_id: object, label_id: object, score: object, box: object, vector: object, expected: object
) -> bool:
    """Check the checksum of a row; SQLite stores any value in any column."""
    if not (isinstance(photo_id, int) and isinstance(label_id, int) and isinstance(score, float | int)):
        return False
    if not (isinstance(box, bytes) and isinstance(vector, bytes)):
        return False
    return object_checksum(photo_id, label_id, score, box, vector) == expected


def pack_box(box: tuple[float, float, float, float]) -> bytes:
    """Return a box as it is stored, inside the photo and not empty."""
    x, y, width, height = (round(side * _BOX_STEPS) for side in box)
    x, y = (min(max(start, 0), _BOX_STEPS - 1) for start in (x, y))
    width, height = (min(max(length, 1), _BOX_STEPS - start) for length, start in ((width, x), (height, y)))
    return np.array([x, y, width, height], _BOX_DTYPE).tobytes()


def unpack_box(packed: bytes) -> tuple[float, float, float, float] | None:
    """Return a box, None if it is no rectangle inside a photo."""
    if len(packed) != BOX_BYTES:
        return None
    x, y, width, height = np.frombuffer(packed, _BOX_DTYPE).tolist()
    if not (width and height and x + width <= _BOX_STEPS and y + height <= _BOX_STEPS):
        return None
    return x / _BOX_STEPS, y / _BOX_STEPS, width / _BOX_STEPS, height / _BOX_STEPS
