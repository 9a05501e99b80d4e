"""The index that the searches of a library use."""

from __future__ import annotations

from pathlib import Path

import hnswlib
import numpy as np
import pytest

from photosim.indexing.index_updater import IndexUpdater
from photosim.library.models.current_index import CurrentIndex
from tests.support.vectors import D, make_graph_index, make_vectors

COUNT = 400


def test_searches_load_no_graph_with_hnswlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # It would keep Python's lock meanwhile, and the window would stand still.
    vectors = make_vectors(COUNT)
    make_graph_index(vectors).save(tmp_path)
    monkeypatch.setattr(hnswlib, "Index", None)
    updater = IndexUpdater(tmp_path, "model", D, lambda ids: vectors[ids], D)
    current = CurrentIndex(updater, lambda: 1, lambda: np.arange(COUNT))
    index = current.get()
    assert not index.is_exact
    assert (index.search(vectors[:10], 1)[0][:, 0] == np.arange(10)).all()


def test_a_graph_that_was_saved_meanwhile_is_used(tmp_path: Path) -> None:
    vectors = make_vectors(2 * COUNT)
    updater = IndexUpdater(tmp_path, "model", D, lambda ids: vectors[ids], D)
    count = COUNT
    current = CurrentIndex(updater, lambda: count, lambda: np.arange(count))
    make_graph_index(vectors[:count]).save(tmp_path)
    before = current.get()
    count = 2 * COUNT
    make_graph_index(vectors[:count]).save(tmp_path)
    index = current.get()
    assert index is not before
    assert len(index) == count
    assert (index.search(vectors[-10:], 1)[0][:, 0] == np.arange(count - 10, count)).all()
    assert current.get() is index
