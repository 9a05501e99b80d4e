"""Filtering a library while it changes in this and in other processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from photosim.library import Library
from photosim.library.search.filters import FilterScope
from photosim.records import FileEntry, Label, PhotoFacts
from photosim.search.filters.criteria import Facet, Flag, PhotoFilter
from photosim.store.catalog import Catalog, FileRecord


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library.open(tmp_path / "library")
    yield opened
    opened.close()


@pytest.fixture
def other(library: Library) -> Iterator[Catalog]:
    """The same library as another process has it open: the one that indexes."""
    catalog = Catalog(library.folder)
    yield catalog
    catalog.close()


def put(
    catalog: Catalog,
    model: str,
    path: Path,
    *,
    camera: str | None = None,
    label: str = "",
    form: str = "JPEG",
) -> int:
    catalog.add_source(str(path.parent))
    facts = PhotoFacts(4000, 3000, form, "2024-07-01T18:03:11", camera)
    labels = (Label(label, 0.9),) if label else ()
    reading = FileRecord(FileEntry(str(path), 1, 2), path.name.encode().ljust(16), facts, labels=labels)
    return catalog.save(str(path.parent), [reading], model)[0]


def test_a_name_with_a_null_character_is_one_name(library: Library, other: Catalog, tmp_path: Path) -> None:
    damaged = put(other, library.model.id, tmp_path / "one" / "dog\0cat.jpg")
    beach = put(other, library.model.id, tmp_path / "one" / "beach.jpg")
    assert library.finder.files(PhotoFilter(text="beach")) == ([beach], 2)
    assert library.finder.files(PhotoFilter(text="dog")) == ([damaged], 2)


def test_photos_are_filtered_in_the_library_and_in_a_source(
    library: Library, other: Catalog, tmp_path: Path
) -> None:
    model = library.model.id
    beach = put(other, model, tmp_path / "one" / "beach.jpg", camera="Canon")
    dog = put(other, model, tmp_path / "two" / "dog.jpg", camera="Canon", label="dog")
    put(other, model, tmp_path / "two" / "cat.jpg", label="cat")
    finding, canon = library.finder, PhotoFilter(cameras=frozenset({"Canon"}))
    assert finding.files(canon) == ([beach, dog], 3)
    assert finding.files(canon, str(tmp_path / "two")) == ([dog], 2)
    assert finding.files(PhotoFilter(labels=frozenset({"dog"}))) == ([dog], 3)
    assert finding.matches([dog, 99, beach], PhotoFilter(text="beach")) == [False, False, True]
    away = {str(tmp_path / "one")}
    assert finding.files(PhotoFilter(flags=frozenset({Flag.OFFLINE})), offline=away) == ([beach], 3)
    facets = finding.facets(canon, FilterScope(groups=((dog,), (99,))))
    assert (facets.matching, facets.total) == (1, 1)
    assert [choice.value for choice in facets.values[Facet.LABELS]] == ["dog"]
    assert finding.facets(canon, FilterScope(folder=str(tmp_path / "two"))).total == 2


def test_photos_indexed_by_another_process_are_found_at_once(
    library: Library, other: Catalog, tmp_path: Path
) -> None:
    put(other, library.model.id, tmp_path / "one.jpg")
    assert library.finder.files(PhotoFilter(text="jpg"))[1] == 1
    put(other, library.model.id, tmp_path / "two.jpg")
    assert library.finder.files(PhotoFilter(text="jpg"))[1] == 2


def test_removed_photos_are_not_found_any_more(library: Library, other: Catalog, tmp_path: Path) -> None:
    put(other, library.model.id, tmp_path / "one" / "a.jpg")
    assert library.finder.files(PhotoFilter(text="a")) != ([], 0)
    library.remove_source(str(tmp_path / "one"))
    assert library.finder.files(PhotoFilter(text="a")) == ([], 0)


def test_disabled_labels_are_not_offered(library: Library, other: Catalog, tmp_path: Path) -> None:
    put(other, library.model.id, tmp_path / "a.jpg", label="dog")
    assert library.finder.facets(PhotoFilter(), FilterScope()).values[Facet.LABELS] != ()
    library.labels.set_enabled(False)
    assert library.finder.facets(PhotoFilter(), FilterScope()).values[Facet.LABELS] == ()


def test_a_photo_with_a_raw_file_beside_it_is_found_as_raw(
    library: Library, other: Catalog, tmp_path: Path
) -> None:
    jpeg = put(other, library.model.id, tmp_path / "a.jpg")
    put(other, library.model.id, tmp_path / "a.cr2", form="CR2")
    put(other, library.model.id, tmp_path / "b.jpg")
    other.raw_pairs.update()
    assert library.finder.files(PhotoFilter(flags=frozenset({Flag.RAW}))) == ([jpeg], 2)
