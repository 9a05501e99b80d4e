"""The files of a saved index: graph, basis, and a header that tells whether the two can be trusted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import xxhash
from numpy.typing import NDArray

GRAPH_FILE = "neighbours.hnsw"
HEADER_FILE = "neighbours.json"
BASIS_FILE = "neighbours.basis.npy"
_INDEXES_FOLDER = "neighbours"
"""Folder of a library with a subfolder for each model, so that switching back to a model finds its index."""

_READ_BYTES = 1 << 20


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
    return library / _INDEXES_FOLDER / model


def write_index(
    folder: Path,
    header: IndexHeader,
    write_graph: Callable[[Path], None],
    basis: NDArray[np.float32] | None = None,
) -> None:
    """Replace graph, basis and header; the header last, so that a crash in between leaves files that do not match.

    `write_graph` writes the graph to the given path. Raises OSError, and what `write_graph` raises.
    """
    folder.mkdir(parents=True, exist_ok=True)
    new_graph, new_basis, new_header = (
        folder / f"{name}.new" for name in (GRAPH_FILE, BASIS_FILE, HEADER_FILE)
    )
    try:
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

    Its files are byte for byte what was written, which hnswlib does not check itself. Raises OSError, ValueError or
    TypeError if one is damaged or cannot be read.
    """
    if not (folder / HEADER_FILE).exists():
        return None
    header = IndexHeader(**json.loads((folder / HEADER_FILE).read_text(encoding="utf-8")))
    if header.checksum != _checksum(folder / GRAPH_FILE):
        raise ValueError("the graph file is damaged")
    basis = None
    if header.basis:
        if header.basis != _checksum(folder / BASIS_FILE):
            raise ValueError("the basis file is damaged")
        basis = np.load(folder / BASIS_FILE, allow_pickle=False)
    return SavedIndex(header, folder / GRAPH_FILE, basis)


def delete_index(folder: Path) -> None:
    """Delete header, graph and basis, if they exist."""
    for name in (HEADER_FILE, GRAPH_FILE, BASIS_FILE):
        (folder / name).unlink(missing_ok=True)


def fingerprint(sorted_ids: NDArray[np.int64]) -> str:
    """Return a hash of the ids."""
    return xxhash.xxh3_128_hexdigest(sorted_ids.astype("<i8").tobytes())


def _checksum(path: Path) -> str:
    digest = xxhash.xxh3_128()
    with path.open("rb") as file:
        while chunk := file.read(_READ_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
