"""Collections, as they are stored."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from photosim.errors import LibraryError
from photosim.records import FileEntry, PhotoFacts
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.collections import CollectionTable

DIGESTS = [bytes([n]) * 16 for n in range(1, 9)]
IN_LIBRARY = 4
"""The first of them are of photos in the library, of which the very first has two files."""


def fill(catalog: Catalog) -> None:
    catalog.add_source("/photos")
    for number, digest in enumerate([*DIGESTS[:IN_LIBRARY], DIGESTS[0]]):
        entry = FileEntry(f"/photos/{number}.jpg", 1, 1)
        catalog.save("/photos", [FileRecord(entry, digest, PhotoFacts(1, 1, "JPEG"))], "model")


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """A catalog with four photos in five files."""
    catalog = Catalog(tmp_path)
    fill(catalog)
    yield catalog
    catalog.close()


class CollectionsAgainstDict(RuleBasedStateMachine):
    """The table beside a plain dict of names and digests."""

    digests = st.lists(st.sampled_from(DIGESTS), max_size=5)
    which = st.integers(0, 5)

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._catalog = Catalog(Path(self._folder.name))
        fill(self._catalog)
        self._table = CollectionTable(self._catalog.database)
        self._expected: dict[int, tuple[str, list[bytes]]] = {}
        self._count = 0

    def teardown(self) -> None:
        self._catalog.close()
        self._folder.cleanup()

    def _pick(self, which: int) -> int | None:
        return list(self._expected)[which % len(self._expected)] if self._expected else None

    @rule(digests=digests)
    def create(self, digests: list[bytes]) -> None:
        self._count += 1
        row = self._table.create(f"Name {self._count}", digests=digests)
        assert row.id not in self._expected
        self._expected[row.id] = (row.name, list(dict.fromkeys(digests)))

    @rule(which=which, digests=digests)
    def add(self, which: int, digests: list[bytes]) -> None:
        if (collection := self._pick(which)) is not None:
            known = self._expected[collection][1]
            new = [digest for digest in dict.fromkeys(digests) if digest not in known]
            assert self._table.add(collection, digests) == new
            known += new

    @rule(which=which, digests=digests)
    def remove(self, which: int, digests: list[bytes]) -> None:
        if (collection := self._pick(which)) is not None:
            known = self._expected[collection][1]
            gone = [digest for digest in dict.fromkeys(digests) if digest in known]
            assert self._table.remove(collection, digests) == gone
            known[:] = [digest for digest in known if digest not in gone]

    @rule(which=which)
    def rename(self, which: int) -> None:
        if (collection := self._pick(which)) is not None:
            self._count += 1
            self._table.rename(collection, f"Name {self._count}")
            self._expected[collection] = (f"Name {self._count}", self._expected[collection][1])

    @rule(which=which)
    def delete_and_restore(self, which: int) -> None:
        if (collection := self._pick(which)) is not None:
            row = next(row for row in self._table.all() if row.id == collection)
            digests = self._table.digests(collection)
            self._table.delete(collection)
            assert collection not in [row.id for row in self._table.all()]
            self._table.restore(row, digests)

    @rule(which=which)
    def delete(self, which: int) -> None:
        if (collection := self._pick(which)) is not None:
            self._table.delete(collection)
            del self._expected[collection]

    @invariant()
    def holds_the_same(self) -> None:
        rows = {row.id: (row.name, self._table.digests(row.id)) for row in self._table.all()}
        assert rows == self._expected
        files = {
            collection: sum(
                1 + (digest == DIGESTS[0]) for digest in digests if digest in DIGESTS[:IN_LIBRARY]
            )
            for collection, (_, digests) in self._expected.items()
        }
        assert self._table.counts() == {collection: count for collection, count in files.items() if count}
        for collection, count in files.items():
            ids = self._table.file_ids(collection)
            assert len(ids) == len(set(ids)) == count


def test_collections_hold_what_a_plain_dict_would() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        CollectionsAgainstDict, settings=settings(max_examples=15, stateful_step_count=20)
    )


@settings(max_examples=10)
@given(order=st.permutations(DIGESTS[1:IN_LIBRARY]))
def test_photos_come_back_in_the_order_they_were_added(order: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        catalog = Catalog(Path(folder))
        fill(catalog)
        table = CollectionTable(catalog.database)
        row = table.create("Trip", digests=order)
        paths = catalog.paths_of(table.file_ids(row.id))
        assert [paths[file_id] for file_id in table.file_ids(row.id)] == [
            f"/photos/{DIGESTS.index(digest)}.jpg" for digest in order
        ]
        catalog.close()


def test_a_photo_that_leaves_the_library_and_comes_back_is_in_its_collection_again(catalog: Catalog) -> None:
    table = CollectionTable(catalog.database)
    row = table.create("Trip", digests=DIGESTS[:2])
    catalog.remove_source("/photos")
    catalog.delete_orphans()
    assert table.file_ids(row.id) == []
    assert table.digests(row.id) == DIGESTS[:2]
    catalog.add_source("/elsewhere")
    entry = FileEntry("/elsewhere/moved and renamed.jpg", 1, 1)
    [file_id] = catalog.save(
        "/elsewhere", [FileRecord(entry, DIGESTS[1], PhotoFacts(1, 1, "JPEG"))], "another model"
    )
    assert table.file_ids(row.id) == [file_id]


def test_two_collections_have_different_names(catalog: Catalog) -> None:
    table = CollectionTable(catalog.database)
    table.create("Trip")
    with pytest.raises(LibraryError):
        table.create("Trip")


def test_a_change_leaves_the_revision_as_it_is(catalog: Catalog) -> None:
    before = catalog.database.revision()
    table = CollectionTable(catalog.database)
    table.add(table.create("Trip").id, DIGESTS)
    assert catalog.database.revision() == before
