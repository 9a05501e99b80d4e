"""The data of several models: kept apart, and deleted."""

from __future__ import annotations

import pytest

from photosim.errors import ModelError
from photosim.library import Library
from photosim.ml.models import catalog
from photosim.ml.models.catalog import DEFAULT
from photosim.search import index_files
from tests.library.models.steps import answers, change_to
from tests.support.indexing import index


@pytest.mark.usefixtures("graphs")
def test_each_model_keeps_its_index(
    library: Library, other: catalog.ModelSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(library)
    before = answers(Library.open(library.folder))
    change_to(library, other)
    with_other = answers(Library.open(library.folder))
    monkeypatch.setattr("photosim.search.hnsw.HnswGraph.add", pytest.fail)
    for entry, expected in ((DEFAULT, before), (other, with_other)):
        library.use_model(entry.id)
        again = Library.open(library.folder)
        assert answers(again) == expected
        assert index(again).unchanged == 6
        assert (index_files.index_folder(library.folder, entry.id) / index_files.GRAPH_FILE).exists()


@pytest.mark.usefixtures("graphs")
def test_a_models_data_is_deleted_with_its_index_and_clusters(
    library: Library, other: catalog.ModelSpec
) -> None:
    library.clusters()
    change_to(library, other)
    before = answers(library)
    assert library.models.delete_data(DEFAULT.id) == 6
    states = {state.id: state for state in library.models.states()}
    assert (states[DEFAULT.id].embedded, states[other.id].embedded) == (0, 6)
    assert not index_files.index_folder(library.folder, DEFAULT.id).exists()
    assert answers(library) == before
    library.use_model(DEFAULT.id)
    assert (library.model, library.status().next_embedded) == (other, 0)


def test_deleting_data_frees_disk_space(library: Library, other: catalog.ModelSpec) -> None:
    change_to(library, other)
    with library._catalog.database.transaction() as db:
        db.execute("UPDATE embeddings SET vector = zeroblob(200000) WHERE model = ?", (DEFAULT.id,))
    library.close()
    library = Library.open(library.folder)
    size = (library.folder / "library.db").stat().st_size
    library.models.delete_data(DEFAULT.id)
    library.close()
    assert (library.folder / "library.db").stat().st_size < size - 1_000_000


def test_the_active_and_the_next_model_are_neither_deleted_nor_removed(
    library: Library, other: catalog.ModelSpec
) -> None:
    with pytest.raises(ModelError, match="Choose another model first"):
        library.models.delete_data(DEFAULT.name)
    library.use_model(other.name)
    for refused in (library.models.delete_data, library.models.remove_file):
        with pytest.raises(ModelError, match="is switching to"):
            refused(other.name)
    index(library)
    with pytest.raises(ModelError, match="Choose another model first"):
        library.models.remove_file(other.name)
    library.use_model(DEFAULT.name)
    library.models.remove_file(other.name)
    with pytest.raises(ModelError, match="no model"):
        library.use_model(other.name)


def test_data_of_a_model_without_file_can_be_deleted(library: Library, other: catalog.ModelSpec) -> None:
    change_to(library, other)
    library.use_model(DEFAULT.name)
    library.models.remove_file(other.name)
    left = library.models.states()[-1]
    assert (left.id, left.embedded, left.is_orphaned) == (other.id, 6, True)
    assert library.models.delete_data(other.id) == 6
    assert not any(state.is_orphaned for state in library.models.states())
    with pytest.raises(ModelError, match="no model"):
        library.models.delete_data(other.id)
