"""The thumbnail cache."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from photosim.store.thumbnails import ThumbnailCache

PAGE = 4096


def test_thumbnails_are_saved_replaced_and_removed(tmp_path: Path) -> None:
    thumbnails = ThumbnailCache(tmp_path)
    thumbnails.add({b"a" * 16: b"one", b"b" * 16: b"two"})
    thumbnails.add({b"a" * 16: b"three"})
    assert thumbnails.get(b"a" * 16) == b"three"
    assert thumbnails.digests() == {b"a" * 16, b"b" * 16}
    thumbnails.remove([b"a" * 16])
    assert thumbnails.get(b"a" * 16) is None
    assert thumbnails.get(b"b" * 16) == b"two"


def test_thumbnails_survive_being_closed(tmp_path: Path) -> None:
    first = ThumbnailCache(tmp_path)
    first.add({b"a" * 16: b"one"})
    first.close()
    assert ThumbnailCache(tmp_path).get(b"a" * 16) == b"one"


def filled(folder: Path) -> Path:
    """The file of a cache with 50 thumbnails."""
    thumbnails = ThumbnailCache(folder)
    thumbnails.add({bytes([n]) * 16: bytes(5000) for n in range(50)})
    thumbnails._database.value("PRAGMA wal_checkpoint(TRUNCATE)")
    thumbnails.close()
    return folder / "thumbnails.db"


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: PAGE * 3],
        lambda content: content[:5000],
        lambda content: bytes(len(content)),
        lambda content: bytes(100) + content[100:],
        lambda content: b"\xee" * 100 + content[100:],
        lambda content: content[:68] + b"\x01" + content[69:],
        lambda content: content.replace(b"CREATE TABLE thumbnails", b"CREATE TABLE thumbn\xedils", 1),
        lambda content: content[:PAGE] + b"\xee" * (len(content) - PAGE),
        lambda _: b"hello\n",
        lambda _: b"",
    ],
    ids=[
        "cut",
        "cut short",
        "zeros",
        "no header",
        "damaged header",
        "other id",
        "schema",
        "rows",
        "text",
        "empty",
    ],
)
def test_a_damaged_cache_is_created_again(tmp_path: Path, damage: object) -> None:
    assert callable(damage)
    file = filled(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    thumbnails = ThumbnailCache(tmp_path)
    assert thumbnails.get(b"\x07" * 16) in {None, bytes(5000)}
    thumbnails.has(b"\x07" * 16)
    thumbnails.joined_digests()
    thumbnails.remove([b"\x07" * 16])
    thumbnails.digests()
    thumbnails.add({b"x" * 16: b"jpeg"})
    assert thumbnails.get(b"x" * 16) == b"jpeg"
    thumbnails.close()
    thumbnails = ThumbnailCache(tmp_path)
    assert thumbnails.get(b"x" * 16) == b"jpeg"
    thumbnails.close()


@pytest.mark.parametrize(
    "change", [lambda cache: cache.add({b"x" * 16: b"jpeg"}), lambda cache: cache.remove([b"\1" * 16])]
)
def test_writing_to_a_damaged_cache_creates_it_again(tmp_path: Path, change: object) -> None:
    assert callable(change)
    file = filled(tmp_path)
    content = file.read_bytes()
    file.write_bytes(content[:PAGE] + b"\xee" * (len(content) - PAGE))
    thumbnails = ThumbnailCache(tmp_path)
    change(thumbnails)
    thumbnails.add({b"y" * 16: b"jpeg"})
    assert thumbnails.get(b"y" * 16) == b"jpeg"
    thumbnails.close()


def test_a_damaged_thumbnail_is_not_shown_and_is_made_again(tmp_path: Path) -> None:
    thumbnails = ThumbnailCache(tmp_path)
    thumbnails.add({b"a" * 16: b"one" * 500, b"b" * 16: b"two"})
    thumbnails._database.value("PRAGMA wal_checkpoint(TRUNCATE)")
    thumbnails.close()
    file = tmp_path / "thumbnails.db"
    file.write_bytes(file.read_bytes().replace(b"oneone", b"oneOne", 1))
    thumbnails = ThumbnailCache(tmp_path)
    assert thumbnails.get_many([b"a" * 16, b"b" * 16]) == {b"b" * 16: b"two"}
    assert thumbnails.digests() == {b"b" * 16}, "the next indexing makes it again"
    thumbnails.close()


def test_the_database_of_another_program_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "thumbnails.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
        connection.commit()
    before = file.read_bytes()
    thumbnails = ThumbnailCache(tmp_path)
    thumbnails.add({b"x" * 16: b"jpeg"})
    assert thumbnails.get(b"x" * 16) == b"jpeg"
    thumbnails.close()
    assert file.read_bytes() == before


def test_thumbnails_are_kept_for_the_session_where_their_file_cannot_be_created(tmp_path: Path) -> None:
    (tmp_path / "thumbnails.db").mkdir()
    thumbnails = ThumbnailCache(tmp_path)
    thumbnails.add({b"x" * 16: b"jpeg"})
    assert thumbnails.get(b"x" * 16) == b"jpeg"
    thumbnails.close()
