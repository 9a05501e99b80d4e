"""Changes that another process makes while the library is open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from photosim.records import FileEntry
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.change_feed import ChangeSet, ExternalChanges

NOTHING = ChangeSet(changed=False)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path)
    yield catalog
    catalog.close()


@pytest.fixture
def there(here: Catalog, tmp_path: Path) -> Iterator[Catalog]:
    """The same file, opened as another program does."""
    catalog = Catalog(tmp_path)
    yield catalog
    catalog.close()


def index(catalog: Catalog, *names: str) -> None:
    folder = catalog.database.path.parent
    catalog.add_source(str(folder))
    entries = [FileEntry(str(folder / name), 1, 2) for name in names]
    catalog.save(str(folder), [FileRecord(entry, reason="empty") for entry in entries], "model")


def test_what_was_there_at_the_first_look_is_no_change(here: Catalog, there: Catalog) -> None:
    index(there, "a.jpg")
    others = ExternalChanges(here.database)
    assert others.poll() == NOTHING
    assert others.poll() == NOTHING


def test_files_that_another_program_adds_are_reported_once(here: Catalog, there: Catalog) -> None:
    others = ExternalChanges(here.database)
    others.poll()
    index(there, "a.jpg", "b.jpg")
    ids = [file_id for (file_id,) in there.database.rows("SELECT id FROM files ORDER BY id")]
    assert others.poll() == ChangeSet(changed=True, added=tuple(ids))
    assert others.poll() == NOTHING


def test_a_change_that_adds_nothing_is_reported_too(here: Catalog, there: Catalog) -> None:
    index(there, "a.jpg")
    others = ExternalChanges(here.database)
    others.poll()
    with there.database.transaction() as db:
        db.execute("DELETE FROM files")
    assert others.poll() == ChangeSet(changed=True)


def test_own_changes_do_not_count(here: Catalog) -> None:
    others = ExternalChanges(here.database)
    others.poll()
    index(here, "a.jpg")
    assert others.poll() == NOTHING


def test_changes_before_a_reset_are_not_reported(here: Catalog, there: Catalog) -> None:
    others = ExternalChanges(here.database)
    others.poll()
    index(there, "a.jpg")
    others.reset()
    assert others.poll() == NOTHING
