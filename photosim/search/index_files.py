"""The files of a saved neighbour graph: the graph, and beside it a stamp that tells whether it can be trusted."""

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
"""Folder of a library with one folder for each model: going back to a model finds its graph as it was."""

_READ_BYTES = 1 << 20
"""Bytes of the graph's file that are read at once."""


@dataclass(frozen=True, slots=True)
class IndexHeader:
    """What a saved graph holds.

    `count` vectors can be found, `fingerprint` is of their sorted ids; `dead` are ids in the file that were
    removed; `checksum` is of the graph's file, `basis` of that of its basis ("": it has none).
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
    """A saved graph that is as it was written: its stamp, its file, and its basis (D, R) where it has one."""

    header: IndexHeader
    graph_path: Path
    basis: NDArray[np.float32] | None


def index_folder(library: Path, model: str) -> Path:
    """Where the graph of one model's embeddings lies, or would lie."""
    return library / _INDEXES_FOLDER / model


def write_index(
    folder: Path,
    header: IndexHeader,
    write_graph: Callable[[Path], None],
    basis: NDArray[np.float32] | None = None,
) -> None:
    """Replace graph, basis and stamp, the stamp last: after a crash in between they do not fit each other.

    `write` writes the graph to the path it is given. Raises OSError, and what `write` raises.
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
    """What is saved, None when nothing is.

    The files are byte for byte what was written: what reads them next may trust them. Raises OSError, ValueError or
    TypeError when they are not, or when one of them cannot be read.
    """
    if not (folder / HEADER_FILE).exists():
        return None
    header = IndexHeader(**json.loads((folder / HEADER_FILE).read_text(encoding="utf-8")))
    if header.checksum != _checksum(folder / GRAPH_FILE):
        raise ValueError("its file is damaged")
    basis = None
    if header.basis:
        if header.basis != _checksum(folder / BASIS_FILE):
            raise ValueError("its basis is damaged")
        basis = np.load(folder / BASIS_FILE, allow_pickle=False)
    return SavedIndex(header, folder / GRAPH_FILE, basis)


def delete_index(folder: Path) -> None:
    """Remove graph, basis and stamp, where there are any."""
    for name in (HEADER_FILE, GRAPH_FILE, BASIS_FILE):
        (folder / name).unlink(missing_ok=True)


def fingerprint(sorted_ids: NDArray[np.int64]) -> str:
    """A short text that differs when the ids differ."""
    return xxhash.xxh3_128_hexdigest(sorted_ids.astype("<i8").tobytes())


def _checksum(path: Path) -> str:
    digest = xxhash.xxh3_128()
    with path.open("rb") as file:
        while chunk := file.read(_READ_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
