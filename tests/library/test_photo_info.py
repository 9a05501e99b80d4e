"""What is known of single files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photosim.errors import PhotoSimError, UnreadablePhotoError
from photosim.imaging import decode
from photosim.imaging.color import Picture
from photosim.library import Library
from tests.support.images import make_exif, make_jpeg, make_photo
from tests.support.indexing import make_library, use_fake_embedder


def read(path: Path, edge: int) -> Picture:
    """Return the pixels of a photo, as a photo worker does."""
    return decode.read_photo(path, edge=edge or 16_384).picture


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fake_embedder(monkeypatch)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    exif = make_exif(
        orientation=6, taken_at="2024:07:01 18:03:11", make="Canon", model="EOS R6", gps=(10.5, -20.25)
    )
    return make_jpeg(tmp_path / "photos" / "a.jpg", (640, 480), exif=exif)


@pytest.fixture
def library(tmp_path: Path, photo: Path) -> Library:
    (photo.parent / "broken.jpg").write_bytes(b"no photo")
    return make_library(tmp_path / "library", photo.parent)


def pixels(file: Path) -> np.ndarray:
    return np.asarray(Image.open(file).convert("RGB"), np.int16)


def test_a_photo_of_the_library_is_described(library: Library, photo: Path) -> None:
    info = library.inspector.info(photo)
    assert (info.path, info.in_library, info.unreadable) == (str(photo), True, None)
    assert info.facts is not None
    assert (info.facts.width, info.facts.height, info.orientation) == (480, 640, 6)
    assert (info.facts.taken_at, info.facts.camera) == ("2024-07-01T18:03:11", "Canon EOS R6")
    assert info.facts.latitude == pytest.approx(10.5)
    assert info.digest is not None
    assert len(bytes.fromhex(info.digest)) == 16
    assert info.labels == ()


def test_a_file_outside_the_library_is_described_alike(library: Library, photo: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(photo.read_bytes())
    inside, outside = library.inspector.info(photo), library.inspector.info(copy)
    assert (outside.facts, outside.digest) == (inside.facts, inside.digest)
    assert (outside.in_library, outside.labels) == (False, None)


def test_a_file_that_cannot_be_read_has_a_reason(library: Library, photo: Path, tmp_path: Path) -> None:
    broken = library.inspector.info(photo.parent / "broken.jpg")
    assert (broken.in_library, broken.facts) == (True, None)
    assert broken.unreadable == "Not a supported photo format."
    nowhere = library.inspector.info(tmp_path / "nowhere.jpg")
    assert (nowhere.in_library, nowhere.unreadable) == (False, "The file is unavailable.")


def test_of_a_photo_out_of_reach_the_library_knows_the_facts(library: Library, photo: Path) -> None:
    before = library.inspector.info(photo)
    photo.unlink()
    info = library.inspector.info(photo)
    assert (info.unreadable, info.in_library) == ("The file is unavailable.", True)
    assert (info.facts, info.digest) == (before.facts, before.digest)


def test_a_changed_photo_has_no_labels_of_the_old_one(library: Library, photo: Path) -> None:
    make_photo(photo, 7)
    info = library.inspector.info(photo)
    assert (info.in_library, info.labels) == (True, None)


def test_thumbnail_and_view_are_upright_and_alike(library: Library, photo: Path, tmp_path: Path) -> None:
    library.inspector.write_thumbnail(photo, tmp_path / "thumbnail.png", read)
    library.inspector.write_view(photo, tmp_path / "view.png", read)
    thumbnail, view = pixels(tmp_path / "thumbnail.png"), pixels(tmp_path / "view.png")
    assert (thumbnail.shape, view.shape) == ((320, 240, 3), (640, 480, 3))
    small = np.asarray(Image.fromarray(view.astype(np.uint8)).resize((240, 320)), np.int16)
    assert np.abs(small - thumbnail).mean() < 6


def test_the_thumbnail_is_the_cached_one(library: Library, photo: Path, tmp_path: Path) -> None:
    entry = library.find(photo)
    assert entry is not None
    digest = bytes.fromhex(library.inspector.info(photo).digest or "")
    grey = Image.new("RGB", (32, 24), (90, 90, 90))
    grey.save(tmp_path / "grey.jpg")
    library._thumbnails.remove([digest])
    library._thumbnails.add({digest: (tmp_path / "grey.jpg").read_bytes()})
    library.inspector.write_thumbnail(photo, tmp_path / "thumbnail.png", read)
    assert pixels(tmp_path / "thumbnail.png").shape == (24, 32, 3)


def test_only_pictures_written_here_are_replaced(library: Library, photo: Path, tmp_path: Path) -> None:
    target = tmp_path / "view.png"
    for _ in range(2):
        library.inspector.write_view(photo, target, read)
    make_photo(target, 5)
    before = target.read_bytes()
    with pytest.raises(PhotoSimError, match="--force"):
        library.inspector.write_view(photo, target, read)
    assert target.read_bytes() == before
    library.inspector.write_view(photo, target, read, force=True)
    assert pixels(target).shape == (640, 480, 3)


def test_of_an_unreadable_file_no_picture_is_written(library: Library, photo: Path, tmp_path: Path) -> None:
    for write in (library.inspector.write_thumbnail, library.inspector.write_view):
        with pytest.raises(UnreadablePhotoError):
            write(photo.parent / "broken.jpg", tmp_path / "new.png", read)
    assert not (tmp_path / "new.png").exists()
