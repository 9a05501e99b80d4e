"""The thumbnail cache."""

from pathlib import Path

from photosim.store.thumbnails import ThumbnailCache


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
