"""Saving the search index, and loading it only if it is intact."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from photosim.errors import LibraryError
from photosim.search.index_files import GRAPH_FILE, HEADER_FILE
from tests.support.vectors import (
    D,
    graph_of,
    load_index,
    make_graph_index,
    make_vectors,
)


def test_a_saved_index_answers_as_before(tmp_path: Path) -> None:
    vectors, queries = make_vectors(1000), make_vectors(50, seed=1)
    index = make_graph_index(vectors)
    index.remove(np.arange(0, 1000, 9))
    index.save(tmp_path / "library")
    reloaded = load_index(tmp_path / "library")
    assert reloaded.load_error is None
    assert reloaded.ids.tolist() == index.ids.tolist()
    for k in (10, 200):
        for actual, expected in zip(reloaded.search(queries, k), index.search(queries, k), strict=True):
            np.testing.assert_array_equal(actual, expected)
    assert {path.name for path in (tmp_path / "library").iterdir()} == {GRAPH_FILE, HEADER_FILE}


def test_a_loaded_index_can_grow(tmp_path: Path) -> None:
    vectors = make_vectors(3000)
    make_graph_index(vectors[:1000]).save(tmp_path)
    index = load_index(tmp_path)
    index.sync(np.arange(3000), lambda ids: vectors[ids])
    index.merge_pending()
    index.save(tmp_path)
    reloaded = load_index(tmp_path)
    assert len(graph_of(reloaded).live) == 3000
    assert (reloaded.search(vectors[::50], 1)[0][:, 0] == np.arange(0, 3000, 50)).all()


def test_saving_twice_writes_once(tmp_path: Path) -> None:
    index = make_graph_index(make_vectors(500))
    index.save(tmp_path)
    (tmp_path / HEADER_FILE).unlink()
    index.save(tmp_path)
    assert not (tmp_path / HEADER_FILE).exists()
    index.remove(np.array([3]))
    index.save(tmp_path)
    assert not np.isin(3, load_index(tmp_path).ids)


def test_a_folder_of_any_name_holds_an_index(tmp_path: Path) -> None:
    folder = tmp_path / "Fotos von Ümit 写真 'x'"
    make_graph_index(make_vectors(500)).save(folder)
    assert len(load_index(folder)) == 500


def test_without_saved_files_the_index_is_empty_without_an_error(tmp_path: Path) -> None:
    index = load_index(tmp_path / "nowhere")
    assert len(index) == 0
    assert index.load_error is None


@pytest.mark.parametrize(("model", "dimensions"), [("other", D), ("model", D * 2)])
def test_the_index_of_another_model_is_not_used(tmp_path: Path, model: str, dimensions: int) -> None:
    make_graph_index(make_vectors(500)).save(tmp_path)
    index = load_index(tmp_path, model, dimensions)
    assert len(index) == 0
    assert index.load_error is not None


def flip(path: Path, at: float) -> None:
    content = bytearray(path.read_bytes())
    content[int(at * len(content))] ^= 0x10
    path.write_bytes(content)


def cut(path: Path, at: float) -> None:
    path.write_bytes(path.read_bytes()[: int(at * path.stat().st_size)])


@pytest.mark.parametrize("damage", [flip, cut])
@pytest.mark.parametrize("at", [0.0, 0.001, 0.5, 0.999])
@pytest.mark.parametrize("name", [GRAPH_FILE, HEADER_FILE])
def test_a_damaged_index_file_is_rebuilt(
    tmp_path: Path, name: str, at: float, damage: Callable[[Path, float], None]
) -> None:
    vectors = make_vectors(500)
    make_graph_index(vectors).save(tmp_path)
    damage(tmp_path / name, at)
    index = load_index(tmp_path)
    assert len(index) == 0
    assert index.load_error is not None
    index.sync(np.arange(500), lambda ids: vectors[ids])
    index.merge_pending()
    index.save(tmp_path)
    assert load_index(tmp_path).load_error is None
    assert len(load_index(tmp_path)) == 500


@pytest.mark.parametrize("name", [GRAPH_FILE, HEADER_FILE])
def test_a_missing_index_file_is_an_empty_index(tmp_path: Path, name: str) -> None:
    make_graph_index(make_vectors(500)).save(tmp_path)
    (tmp_path / name).unlink()
    assert len(load_index(tmp_path)) == 0


@pytest.mark.parametrize("header", ["", "[]", "null", "{}", '{"format": 1}', "[1, 2]", '"x"'])
def test_an_invalid_header_is_an_empty_index(tmp_path: Path, header: str) -> None:
    make_graph_index(make_vectors(500)).save(tmp_path)
    (tmp_path / HEADER_FILE).write_text(header)
    assert len(load_index(tmp_path)) == 0
    assert load_index(tmp_path).load_error is not None


@pytest.mark.parametrize(
    ("key", "value"), [("format", 0), ("count", 499), ("fingerprint", "0"), ("removed", [1])]
)
def test_a_header_that_does_not_match_is_not_trusted(tmp_path: Path, key: str, value: object) -> None:
    make_graph_index(make_vectors(500)).save(tmp_path)
    header = json.loads((tmp_path / HEADER_FILE).read_text())
    (tmp_path / HEADER_FILE).write_text(json.dumps(header | {key: value}))
    assert len(load_index(tmp_path)) == 0


def test_an_index_that_cannot_be_saved_says_so_and_goes_on(tmp_path: Path) -> None:
    index = make_graph_index(make_vectors(500))
    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryError, match="can't be saved"):
        index.save(tmp_path / "file")
    assert len(index) == 500


def test_a_disk_that_fills_up_keeps_the_index_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = make_vectors(600)
    index = make_graph_index(vectors[:500])
    index.save(tmp_path)
    index.remove(np.arange(5))

    class TruncatingHnsw:
        def __init__(self, hnsw: object) -> None:
            self.hnsw = hnsw

        def __getattr__(self, name: str) -> object:
            return getattr(self.hnsw, name)

        def save_index(self, path: bytes) -> None:
            self.hnsw.save_index(path)  # type: ignore[attr-defined]
            cut(Path(path.decode()), 0.5)

    monkeypatch.setattr(graph_of(index), "_hnsw", TruncatingHnsw(graph_of(index)._hnsw))
    with pytest.raises(LibraryError, match="disk may be full"):
        index.save(tmp_path)
    assert len(load_index(tmp_path)) == 500
    assert {path.name for path in tmp_path.iterdir()} == {GRAPH_FILE, HEADER_FILE}
