"""Export photos with embeddings, labels and clusters to a Parquet file, which pyarrow writes in batches."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from photosim import __version__
from photosim.errors import PhotoSimError
from photosim.files.operations.operation_log import OperationLog
from photosim.files.operations.output import write_output
from photosim.library.labels import LibraryLabels
from photosim.library.map import MapPositions
from photosim.library.models.view import ModelView
from photosim.records import Cluster, Photo
from photosim.store.catalog import Catalog
from photosim.store.embeddings import DamagedEmbeddingsError, ModelEmbeddings

_MODEL_KEY = b"photosim.model"
_BATCH = 8192
"""Photos in a row group: at most some 40 MB of embeddings."""

_NO_PYARROW = (
    "Parquet files need pyarrow, which is not installed. To get it, run: pip install 'photosim[parquet]'. "
    "A file that ends in .npz needs nothing more."
)

_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class ExportSource:
    """What is exported: the photos that a model has embedded, its labels, clusters and places on the map."""

    catalog: Catalog
    view: ModelView
    labels: LibraryLabels
    clusters: Sequence[Cluster]
    positions: MapPositions


def write(file: Path, source: ExportSource, *, force: bool = False, log: OperationLog | None = None) -> int:
    """Write a row for each shown photo file that is embedded, by path; returns their number.

    An earlier export is replaced once the new one is complete. Raises PhotoSimError without pyarrow, for a file that
    can't be written, and for any other file that exists unless `force` is set.
    """
    arrow = _pyarrow()
    count = 0

    def save(stream: IO[bytes]) -> None:
        nonlocal count
        import pyarrow.parquet

        schema = _schema(arrow, source)
        options = {"compression": "zstd", "use_dictionary": ["format", "camera", "cluster_name"]}
        with pyarrow.parquet.ParquetWriter(stream, schema, **options) as writer:
            for columns in _batches(source):
                batch = arrow.record_batch(_arrays(arrow, columns, schema), schema=schema)
                writer.write_batch(batch)
                count += batch.num_rows

    write_output(file, save, is_replaceable=_is_export, force=force, log=log)
    return count


def check_available() -> None:
    """Raise PhotoSimError without pyarrow."""
    _pyarrow()


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise PhotoSimError(_NO_PYARROW) from error
    return pyarrow


def _schema(arrow: Any, source: ExportSource) -> Any:
    """Return the columns; those of the map only where there is one."""
    model = source.view.model
    on_map = [("map_x", arrow.float32()), ("map_y", arrow.float32())] if len(source.positions.xy) else []
    fields = [
        ("path", arrow.string()),
        ("digest", arrow.string()),
        ("taken_at", arrow.timestamp("s")),
        ("width", arrow.int32()),
        ("height", arrow.int32()),
        ("format", arrow.string()),
        ("camera", arrow.string()),
        ("labels", arrow.list_(arrow.string())),
        ("label_scores", arrow.list_(arrow.float32())),
        ("cluster", arrow.int32()),
        ("cluster_name", arrow.string()),
        *on_map,
        ("embedding", arrow.list_(arrow.float32(), model.dimensions)),
    ]
    return arrow.schema(
        fields, metadata={_MODEL_KEY: model.id.encode(), b"photosim.version": __version__.encode()}
    )


def _arrays(arrow: Any, columns: Mapping[str, Any], schema: Any) -> list[Any]:
    vectors = columns["embedding"]
    flat = arrow.array(vectors.reshape(-1), type=arrow.float32())
    return [
        arrow.FixedSizeListArray.from_arrays(flat, vectors.shape[1])
        if field.name == "embedding"
        else arrow.array(columns[field.name], type=field.type)
        for field in schema
    ]


def _batches(source: ExportSource) -> Iterator[dict[str, Any]]:
    """Yield the columns of some photos at a time."""
    embeddings = source.view.embeddings
    embedded = embeddings.photo_ids_unordered()
    rows = source.catalog.photo_and_file_ids()
    rows = rows[np.isin(rows[:, 0], embedded)]
    labels_of = _labels_by_file(source.labels)
    cluster_of = {file_id: cluster for cluster in source.clusters for file_id in cluster.file_ids}
    places = source.positions
    place_of = {file_id: row for row, file_id in enumerate(places.file_ids.tolist())}
    for start in range(0, len(rows), _BATCH):
        chunk = rows[start : start + _BATCH]
        photos, vectors = _sound(source.catalog.photos_by_id(chunk[:, 1].tolist()), embeddings)
        digests = source.catalog.digests([photo.photo_id for photo in photos])
        clusters = [cluster_of.get(photo.file_id) for photo in photos]
        labels = [labels_of(photo.file_id) for photo in photos]
        on_map = [place_of.get(photo.file_id) for photo in photos]
        yield {
            "map_x": [None if row is None else places.xy[row, 0] for row in on_map],
            "map_y": [None if row is None else places.xy[row, 1] for row in on_map],
            "path": [_text(photo.path) for photo in photos],
            "digest": [
                digests[photo.photo_id].hex() if photo.photo_id in digests else None for photo in photos
            ],
            "taken_at": [_date(photo.facts.taken_at) for photo in photos],
            "width": [photo.facts.width for photo in photos],
            "height": [photo.facts.height for photo in photos],
            "format": [_text(photo.facts.format) for photo in photos],
            "camera": [None if photo.facts.camera is None else _text(photo.facts.camera) for photo in photos],
            "labels": [names for names, _ in labels],
            "label_scores": [scores for _, scores in labels],
            "cluster": [None if cluster is None else cluster.id for cluster in clusters],
            "cluster_name": [
                _text(cluster.title) if cluster is not None and cluster.title else None
                for cluster in clusters
            ],
            "embedding": vectors,
        }


def _sound(
    photos: Sequence[Photo], embeddings: ModelEmbeddings
) -> tuple[Sequence[Photo], npt.NDArray[np.float32]]:
    """Return photos with their embeddings (N, D), without those whose embedding is damaged or gone."""
    while True:
        try:
            return photos, embeddings.vectors_of([photo.photo_id for photo in photos])
        except (DamagedEmbeddingsError, KeyError):
            sound = set(embeddings.photo_ids_unordered().tolist())
            photos = [photo for photo in photos if photo.photo_id in sound]


def _labels_by_file(labels: LibraryLabels) -> Callable[[int], tuple[list[str], list[float]]]:
    """Return a function for the labels of a file and their scores, best first."""
    files, codes, names, scores = labels.assignments_by_file()
    order = np.lexsort((-scores, files))
    files, codes, scores = files[order], codes[order], scores[order]

    def labels_of(file_id: int) -> tuple[list[str], list[float]]:
        first, last = np.searchsorted(files, [file_id, file_id + 1])
        return [_text(names[code]) for code in codes[first:last]], scores[first:last].tolist()

    return labels_of


def _text(text: str) -> str:
    """Return a path or name as valid Unicode: bytes and halves of characters that are none are escaped."""
    if not _SURROGATES.search(text):
        return text
    return _SURROGATES.sub(lambda match: _escaped(ord(match[0])), text)


def _escaped(code: int) -> str:
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"


def _date(taken_at: str | None) -> datetime | None:
    """Return when a photo was taken, without a time zone; None where that is not known or no date."""
    if taken_at is None:
        return None
    try:
        return datetime.fromisoformat(taken_at).replace(tzinfo=None)
    except ValueError:
        return None


def _is_export(file: Path) -> bool:
    """Return whether a file is an earlier export."""
    import pyarrow
    import pyarrow.parquet

    try:
        metadata = pyarrow.parquet.read_schema(file).metadata
    except (OSError, pyarrow.ArrowException):
        return False
    return _MODEL_KEY in (metadata or {})
