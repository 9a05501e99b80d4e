"""A saved graph whose checksum is right and whose content is hostile is rebuilt and never loaded."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

import hnswlib
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photosim.search.exact import NO_ID
from photosim.search.hnsw import M
from photosim.search.index import NeighbourIndex
from photosim.search.index_files import BASIS_FILE, GRAPH_FILE, HEADER_FILE, _checksum
from tests.support.vectors import D, load_index, make_graph_index, make_vectors

COUNT = 400
HEADER_BYTES = 96
ENTRY_BYTES = 4 + 8 * M + 4 * D + 8
LIST_BYTES = 4 + 4 * M
LEVELS_START = HEADER_BYTES + COUNT * ENTRY_BYTES


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a saved index of which some photos were removed."""
    folder = tmp_path_factory.mktemp("saved")
    index = make_graph_index(make_vectors(COUNT))
    index.remove(np.arange(0, 40, 4))
    index.save(folder)
    return folder


def save_changed(folder: Path, graph: bytes | bytearray, **changes: object) -> None:
    """Write a graph with a header whose checksum is right."""
    header = json.loads((folder / HEADER_FILE).read_text())
    (folder / GRAPH_FILE).write_bytes(graph)
    header |= {"checksum": _checksum(folder / GRAPH_FILE)} | changes
    (folder / HEADER_FILE).write_text(json.dumps(header))


def copy_of(saved: Path, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for path in saved.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def pack(offset: int, format: str, *values: object) -> Callable[[bytearray], None]:
    def change(graph: bytearray) -> None:
        struct.pack_into(format, graph, offset, *values)

    return change


def in_each_entry(offset: int, format: str, value: object) -> Callable[[bytearray], None]:
    def change(graph: bytearray) -> None:
        for entry in range(COUNT):
            struct.pack_into(format, graph, HEADER_BYTES + entry * ENTRY_BYTES + offset, value)

    return change


def first_list(graph: bytes | bytearray) -> int:
    """The offset of the first list of links above level 0."""
    words = np.frombuffer(graph, np.uint32, offset=LEVELS_START)
    return LEVELS_START + 4 * (int(np.flatnonzero(words)[0]) + 1)


def link_below_its_level(graph: bytearray) -> None:
    offset = first_list(graph)
    words = np.frombuffer(graph[LEVELS_START:], np.uint32)
    assert words[0] == 0  # the first element is on level 0 only
    struct.pack_into("<HHI", graph, offset, 1, 0, 0)


CHANGES: dict[str, Callable[[bytearray], None]] = {
    "links to elements beyond the end": in_each_entry(4, "<I", 0x7FFFFF00),
    "links to elements slightly beyond the end": in_each_entry(8, "<I", COUNT),
    "a single wrong link": pack(HEADER_BYTES + 4, "<I", COUNT + 200),
    "counts of links": in_each_entry(0, "<H", 65000),
    "a count of links of one too many": pack(HEADER_BYTES, "<H", 2 * M + 1),
    "the entry point": pack(52, "<I", 0x7FFFFFFF),
    "the entry point on level 0": pack(52, "<I", 0),
    "no entry point": pack(52, "<I", 0xFFFFFFFF),
    "the top level": pack(48, "<i", 30),
    "a negative top level": pack(48, "<i", -1),
    "the capacity": pack(8, "<Q", 0),
    "the count": pack(16, "<Q", 1 << 40),
    "a smaller count": pack(16, "<Q", COUNT - 1),
    "the size of an entry": pack(24, "<Q", ENTRY_BYTES - 4),
    "the offset of the labels": pack(32, "<Q", 1 << 33),
    "the offset of the vectors": pack(40, "<Q", 0),
    "M": pack(56, "<QQQ", 1 << 20, 1 << 21, 1 << 20),
    "the multiplier of levels": pack(80, "<d", 1e9),
    "ef of the construction": pack(88, "<Q", 1 << 40),
    "the size of a list": lambda graph: struct.pack_into("<I", graph, first_list(graph) - 4, 0x7FFFFFFC),
    "an odd size of a list": lambda graph: struct.pack_into(
        "<I", graph, first_list(graph) - 4, LIST_BYTES + 4
    ),
    "a missing list": lambda graph: struct.pack_into("<I", graph, first_list(graph) - 4, 0),
    "a count of a list": lambda graph: struct.pack_into("<H", graph, first_list(graph), M + 1),
    "a link of a list": lambda graph: struct.pack_into("<HHI", graph, first_list(graph), 1, 0, COUNT),
    "a link below its level": link_below_its_level,
    "equal labels": in_each_entry(ENTRY_BYTES - 8, "<Q", 7),
    "a label that is no id": pack(HEADER_BYTES + ENTRY_BYTES - 8, "<Q", 1 << 63),
    "all marked as removed": in_each_entry(2, "<B", 1),
    "none marked as removed": in_each_entry(2, "<B", 0),
    "unknown marks": in_each_entry(2, "<B", 2),
    "not a number": pack(HEADER_BYTES + 4 + 8 * M, "<f", float("nan")),
    "infinity": pack(HEADER_BYTES + 4 + 8 * M, "<f", float("inf")),
    "a large vector": pack(HEADER_BYTES + 4 + 8 * M, "<f", 1e30),
    "too short": lambda graph: graph.__delitem__(slice(-4, None)),
    "cut in a word": lambda graph: graph.__delitem__(slice(-1, None)),
    "cut in the header": lambda graph: graph.__delitem__(slice(50, None)),
    "empty": lambda graph: graph.clear(),
    "too long": lambda graph: graph.extend(bytes(4)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_hostile_graph_is_never_loaded(
    saved: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_of(saved, tmp_path / "index")
    graph = bytearray((saved / GRAPH_FILE).read_bytes())
    CHANGES[name](graph)
    assert graph != (saved / GRAPH_FILE).read_bytes()
    save_changed(folder, graph)
    assert_refused(folder, monkeypatch)


@pytest.mark.parametrize(
    "changes",
    [
        {"removed": [1 << 70]},
        {"removed": [0.5]},
        {"removed": {"0": 1}},
        {"removed": [[0], [4]]},
        {"removed": 5},
        {"removed": [True]},
        {"count": "390"},
        {"count": 1e300},
        {"dimensions": [D]},
        {"basis": 5},
        {"model": None},
        {"unknown": 1},
    ],
)
def test_a_header_of_other_types_is_refused(
    saved: Path, tmp_path: Path, changes: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_of(saved, tmp_path / "index")
    save_changed(folder, (saved / GRAPH_FILE).read_bytes(), **changes)
    assert_refused(folder, monkeypatch)


def test_a_header_that_nests_without_end_is_refused(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_of(saved, tmp_path / "index")
    (folder / HEADER_FILE).write_text("[" * 200_000)
    assert_refused(folder, monkeypatch)


def assert_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class NeverLoaded(hnswlib.Index):  # type: ignore[misc]
        def load_index(self, *_arguments: object, **_named: object) -> None:
            pytest.fail("hnswlib loaded a hostile graph")

    with monkeypatch.context() as patch:
        patch.setattr(hnswlib, "Index", NeverLoaded)
        loaded = [load_index(folder, for_searches=for_searches) for for_searches in (False, True)]
    for index in loaded:
        assert len(index) == 0
        assert index.load_error is not None
        assert "rebuilt" in index.load_error


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), for_searches=st.booleans())
def test_random_changes_are_refused_or_harmless(
    saved: Path, tmp_path: Path, data: st.DataObject, for_searches: bool
) -> None:
    graph = bytearray((saved / GRAPH_FILE).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        area = data.draw(
            st.sampled_from([(0, HEADER_BYTES), (HEADER_BYTES, LEVELS_START), (LEVELS_START, len(graph))])
        )
        offset = data.draw(st.integers(area[0], area[1] - 4))
        graph[offset : offset + 4] = data.draw(st.binary(min_size=4, max_size=4))
    folder = copy_of(saved, tmp_path / "index")
    save_changed(folder, graph)
    index = load_index(folder, for_searches=for_searches)
    ids, _ = index.search(make_vectors(20, seed=3), 10)
    assert np.isin(ids, [NO_ID, *range(COUNT)]).all()
    assert index.load_error is not None or len(index) == COUNT - 10


def test_the_capacity_of_the_file_is_not_allocated(saved: Path, tmp_path: Path) -> None:
    folder = copy_of(saved, tmp_path / "index")
    graph = bytearray((saved / GRAPH_FILE).read_bytes())
    struct.pack_into("<Q", graph, 8, 1 << 50)
    save_changed(folder, graph)
    index = load_index(folder)
    assert index.load_error is None
    assert len(index) == COUNT - 10


def basis_with(value: float) -> np.ndarray:
    basis = np.zeros((256, 128), np.float32)
    basis[3, 3] = value
    return basis


@pytest.mark.parametrize(
    "basis",
    [
        basis_with(np.nan),
        basis_with(1e30),
        np.zeros((256, 100)),
        np.zeros((256, 64), np.float32),
        np.zeros(7),
    ],
    ids=["nan", "large", "float64", "other shape", "flat"],
)
def test_a_hostile_basis_is_refused(tmp_path: Path, basis: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(400, 256)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = NeighbourIndex("model", 256, lambda ids: vectors[ids], exact_below=300)
    index.add(np.arange(400), vectors)
    index.merge_pending()
    index.save(tmp_path)
    assert NeighbourIndex.load(tmp_path, "model", 256, lambda ids: vectors[ids]).load_error is None
    np.save(tmp_path / BASIS_FILE, basis)
    save_changed(tmp_path, (tmp_path / GRAPH_FILE).read_bytes(), basis=_checksum(tmp_path / BASIS_FILE))
    loaded = NeighbourIndex.load(tmp_path, "model", 256, lambda ids: vectors[ids])
    assert len(loaded) == 0
    assert loaded.load_error is not None
