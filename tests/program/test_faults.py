"""Real faults of the computer: full disks, folders that change during the scan, clocks that jump."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from photosim.errors import FolderError
from photosim.library import Library
from photosim.search.index import NeighbourIndex
from photosim.search.index_files import (
    BASIS_FILE,
    GRAPH_FILE,
    HEADER_FILE,
    NEIGHBOURS_FILE,
    index_folder,
)
from tests.support.images import make_photo
from tests.support.indexing import index, photo_names, use_fake_embedder
from tests.support.photo_folders import make_photos
from tests.support.timeouts import TIMEOUT_S


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    use_fake_embedder(monkeypatch)
    with closing(Library.open(tmp_path / "library")) as opened:
        yield opened


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    make_photos(tmp_path / "photos" / "a", 3)
    make_photos(tmp_path / "photos" / "b", 5)
    for number, path in enumerate((tmp_path / "photos" / "b").iterdir()):
        path.write_bytes(path.read_bytes() + bytes([number]))  # none has the content of a file in a
    return tmp_path / "photos"


@pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("unshare") is None, reason="needs mount namespaces"
)
def test_a_disk_that_is_full_at_any_point_is_reported_and_loses_nothing(tmp_path: Path) -> None:
    namespace = ["unshare", "--map-root-user", "--mount"]
    try_it = f"mount -t tmpfs none {tmp_path}"
    if subprocess.run([*namespace, "sh", "-c", try_it], capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    command = [sys.executable, "-m", "tests.support.full_disk", str(tmp_path)]
    done = subprocess.run(
        [*namespace, *command], capture_output=True, text=True, check=False, timeout=2 * TIMEOUT_S
    )
    assert done.returncode == 0, done.stderr
    outcomes = [line.split(": ", 1)[1] for line in done.stdout.splitlines()]
    assert [one for one in outcomes if not one.startswith(("full: The disk with the library", "done"))] == []
    assert outcomes[0].startswith("full")
    assert outcomes[-1] == "done"


def test_a_folder_replaced_by_a_file_keeps_its_photos_and_comes_back(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    index(library, photos)
    photos.rename(tmp_path / "elsewhere")
    photos.write_bytes(b"a file now")
    index(library)
    assert len(library.photos()) == 8
    assert [source.online for source in library.sources()] == [False]
    with pytest.raises(FolderError, match="is not a folder"):
        index(library, photos)
    assert photos.read_bytes() == b"a file now"
    photos.unlink()
    (tmp_path / "elsewhere").rename(photos)
    assert index(library).indexed == 0
    assert len(library.photos()) == 8


def test_a_folder_within_replaced_by_a_file_leaves_the_others_as_they_are(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    index(library, photos)
    (photos / "b").rename(tmp_path / "elsewhere")
    (photos / "b").write_bytes(b"a file now")
    index(library)
    assert len(photo_names(library, missing=False)) == 3
    (photos / "b").unlink()
    (tmp_path / "elsewhere").rename(photos / "b")
    index(library)
    assert len(photo_names(library, missing=False)) == 8


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of folders are of another kind there")
def test_permission_taken_away_in_the_middle_loses_no_photo(tmp_path: Path) -> None:
    make_photos(tmp_path / "photos" / "a", 3)
    make_photo(tmp_path / "photos" / "b" / "photo-000.jpg", 7)
    command = [sys.executable, "-m", "tests.support.lost_permission", str(tmp_path)]
    if os.geteuid() == 0:
        # In a user namespace root has only the permissions of an owner.
        if (
            shutil.which("unshare") is None
            or subprocess.run(["unshare", "--user", "true"], check=False).returncode
        ):
            pytest.skip("permissions do not concern this user")
        command = ["unshare", "--user", *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
    assert done.returncode == 0, done.stderr
    before, meanwhile, unreadable, removed, missing, closed, after, wrong = map(int, done.stdout.split())
    assert (before, removed, missing) == (4, 0, 0)
    assert (meanwhile, unreadable) == (4, 4), "what can no longer be read is listed with its reason"
    assert closed == 4
    assert (after, wrong) == (8, 0)


@pytest.mark.parametrize("year", [1971, 2000, 2090], ids=str)
def test_an_edited_photo_is_read_again_whatever_its_time_says(
    library: Library, photos: Path, year: int
) -> None:
    index(library, photos)
    path = make_photo(photos / "a" / "photo-000.jpg", 99)
    then = (year - 1970) * 365 * 86400
    os.utime(path, (then, then))
    before = library.find(path)
    assert index(library).indexed == 1
    after = library.find(path)
    assert before is not None
    assert after is not None
    assert after.photo_id != before.photo_id
    assert index(library).unchanged == 8


def test_a_clock_that_goes_backwards_changes_nothing(
    library: Library, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = time.time
    calls = 0

    def backwards() -> float:
        nonlocal calls
        calls += 1
        return real() - 1000.0 * calls

    monkeypatch.setattr("time.time", backwards)
    lefts = [progress.seconds_left for progress in library.index([photos])]
    assert all(left is None or left >= 0 for left in lefts)
    assert len(library.photos()) == 8
    assert index(library).unchanged == 8


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x40
    path.write_bytes(bytes(content))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("harm", [_flip, _cut, Path.unlink])
@pytest.mark.parametrize("name", [GRAPH_FILE, BASIS_FILE, HEADER_FILE])
def test_a_damaged_search_index_is_made_anew_without_a_word(
    library: Library,
    photos: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    harm: Callable[[Path], None],
) -> None:
    defaults = NeighbourIndex.load.__func__.__kwdefaults__  # type: ignore[attr-defined]
    monkeypatch.setitem(defaults, "exact_below", 2)
    index(library, photos)
    folder = index_folder(library.folder, library.model.id)
    assert {path.name for path in folder.iterdir()} == {
        GRAPH_FILE,
        BASIS_FILE,
        HEADER_FILE,
        NEIGHBOURS_FILE,
    }
    expected = [library.similar(photo.file_id) for photo in library.photos()]
    library.close()
    harm(folder / name)
    again = Library.open(library.folder)
    assert [again.similar(photo.file_id) for photo in again.photos()] == expected
    assert index(again).unchanged == 8
    seen = again.models.active
    loaded = NeighbourIndex.load(folder, again.model.id, again.model.dimensions, seen.embeddings.vectors_of)
    assert loaded.load_error is None
    assert len(loaded) == 8
    again.close()
