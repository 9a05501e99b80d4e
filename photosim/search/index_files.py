"""The files of a saved index: graph, basis, and a header that tells whether the two can be trusted."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import xxhash
from numpy.typing import NDArray

from photosim.paths import create_private, make_private_folder, read_regular, require_regular

GRAPH_FILE = "neighbours.hnsw"
HEADER_FILE = "neighbours.json"
BASIS_FILE = "neighbours.basis.npy"
NEIGHBOURS_FILE = "neighbours.found"
"""The neighbours of all photos, see `photosim.clustering.neighbour_graph`."""
INDEXES_FOLDER = "neighbours"
"""Folder of a library with a subfolder for each model, so that switching back to a model finds its index."""

_OBJECTS_SUFFIX = "-objects"
_READ_BYTES = 1 << 20
_MAX_HEADER_BYTES = 64 << 20  # the ids of some millions of removed photos
_MAX_BASIS_BYTES = 64 << 20
_MAX_DIRECTION = 1.01


@dataclass(frozen=True, slots=True)
class IndexHeader:
    """What a saved index holds.

    `count` is the number of live vectors and `fingerprint` is that of their sorted ids; `removed` are ids that the
    graph still holds. `checksum` is that of the graph file, `basis` that of the basis file ("" if there is none).
    """

    format: int
    model: str
    dimensions: int
    count: int
    fingerprint: str
    removed: tuple[int, ...]
    checksum: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class SavedIndex:
    """A saved index whose files match their checksums; `basis` is (D, R), None if the graph has none."""

    header: IndexHeader
    graph_path: Path
    basis: NDArray[np.float32] | None


def index_folder(library: Path, model: str) -> Path:
    """Return the folder of one model's index; it need not exist."""
    return library / INDEXES_FOLDER / model


def object_index_folder(library: Path, model: str) -> Path:
    """Return the folder of the index of a model's objects; it need not exist."""
    return library / INDEXES_FOLDER / f"{model}{_OBJECTS_SUFFIX}"


def write_index(
    folder: Path,
    header: IndexHeader,
    write_graph: Callable[[Path], None],
    basis: NDArray[np.float32] | None = None,
) -> None:
    """Replace graph, basis and header; the header last, so that a crash in between leaves files that do not match.

    `write_graph` writes the graph to the given path. Raises OSError, and what `write_graph` raises.
    """
    make_private_folder(folder)
    new_graph, new_basis, new_header = (
        folder / f"{name}.new" for name in (GRAPH_FILE, BASIS_FILE, HEADER_FILE)
    )
    try:
        for path in (new_graph, new_basis, new_header):
            path.unlink(missing_ok=True)
            create_private(path)
        write_graph(new_graph)
        header = replace(header, checksum=_checksum(new_graph))
        if basis is not None:
            with new_basis.open("wb") as file:
                np.save(file, basis, allow_pickle=False)
            header = replace(header, basis=_checksum(new_basis))
        new_header.write_text(json.dumps(asdict(header)), encoding="utf-8")
        new_graph.replace(folder / GRAPH_FILE)
        if basis is not None:
            new_basis.replace(folder / BASIS_FILE)
        new_header.replace(folder / HEADER_FILE)
    finally:
        for path in (new_graph, new_basis, new_header):
            path.unlink(missing_ok=True)


def read_index(folder: Path) -> SavedIndex | None:
    """Read the saved index, None if there is none.

    Its files are byte for byte what was written. That proves only that they are whole: see `graph_check` for what the
    graph holds. Raises OSError or ValueError if one is damaged or cannot be read.
    """
    if not (folder / HEADER_FILE).exists():
        return None
    header = _parse_header(read_regular(folder / HEADER_FILE, _MAX_HEADER_BYTES))
    if header.checksum != _checksum(folder / GRAPH_FILE):
        raise ValueError("the graph file is damaged")
    basis = None
    if header.basis:
        if header.basis != _checksum(folder / BASIS_FILE):
            raise ValueError("the basis file is damaged")
        basis = _parse_basis(read_regular(folder / BASIS_FILE, _MAX_BASIS_BYTES))
    return SavedIndex(header, folder / GRAPH_FILE, basis)


def holds_ids(folder: Path, sorted_ids: NDArray[np.int64]) -> bool:
    """Check whether the header of a saved index, if there is one, names exactly these ids. The graph is not read."""
    try:
        header = _parse_header(read_regular(folder / HEADER_FILE, _MAX_HEADER_BYTES))
    except (OSError, ValueError):
        return False
    return (header.count, header.fingerprint) == (len(sorted_ids), fingerprint(sorted_ids))


def delete_index(folder: Path) -> None:
    """Delete header, graph and basis, if they exist."""
    for name in (HEADER_FILE, GRAPH_FILE, BASIS_FILE):
        (folder / name).unlink(missing_ok=True)


def delete_model_files(folder: Path) -> None:
    """Delete all that is in the folder of a model's index, if it exists."""
    delete_index(folder)
    (folder / NEIGHBOURS_FILE).unlink(missing_ok=True)


def delete_all_indexes(library: Path) -> None:
    """Delete the saved indexes of all models. Raises OSError."""
    for folder in (library / INDEXES_FOLDER).glob("*"):
        delete_model_files(folder)


def fingerprint(sorted_ids: NDArray[np.int64]) -> str:
    """Return a hash of the ids."""
    return xxhash.xxh3_128_hexdigest(sorted_ids.astype("<i8").tobytes())


def _parse_header(content: bytes) -> IndexHeader:
    """Read a header and check its types. Raises ValueError."""
    try:
        values = json.loads(content)
        header = IndexHeader(**values)
        removed = np.array(header.removed or (), np.int64)
    except (TypeError, OverflowError, RecursionError) as error:
        raise ValueError("the header is damaged") from error
    numbers, texts = (
        (header.format, header.dimensions, header.count),
        (header.model, header.fingerprint, header.checksum, header.basis),
    )
    if (
        removed.ndim != 1
        or not all(type(item) is int for item in (*numbers, *header.removed))
        or not all(isinstance(text, str) for text in texts)
    ):
        raise ValueError("the header is damaged")
    return replace(header, removed=tuple(header.removed))


def _parse_basis(content: bytes) -> NDArray[np.float32]:
    """Read a basis as `np.save` wrote it: float32 (D, R), columns of unit length. Raises ValueError."""
    file = io.BytesIO(content)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("the basis file has another format")
    shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
    values = content[file.tell() :]
    if dtype != np.float32 or len(shape) != 2 or 4 * shape[0] * shape[1] != len(values):
        raise ValueError("the basis file is damaged")
    basis = np.frombuffer(values, np.float32).reshape(shape, order="F" if is_fortran else "C")
    if not (np.abs(basis) <= _MAX_DIRECTION).all():  # NaN compares false
        raise ValueError("the basis file has values out of range")
    return basis


def _checksum(path: Path) -> str:
    require_regular(path)
    digest = xxhash.xxh3_128()
    with path.open("rb") as file:
        while chunk := file.read(_READ_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
