"""The façade: indexing, and indexing again after changes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from photosim.errors import FolderError, LibraryError, LibraryLockedError
from photosim.imaging import decode
from photosim.indexing.reader import BATCH, WORKERS
from photosim.library import Library
from photosim.records import Phase, Progress
from photosim.runtime.control import JobControl
from photosim.runtime.lazy_property import lazy_property
from photosim.search.index import NeighbourIndex
from photosim.search.index_files import HEADER_FILE, index_folder
from tests.support.images import make_scene
from tests.support.indexing import use_fake_embedder
from tests.support.photo_folders import make_photos
from tests.support.program_script import WAIT_BEFORE_SAVING, write_program


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    make_photos(tmp_path / "photos", 8)
    return tmp_path / "photos"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library.open(tmp_path / "library")


def index(library: Library, *folders: Path, control: JobControl | None = None) -> Progress:
    *_, last = library.index(folders, control)
    assert last.phase is Phase.DONE
    return last


class Decodes:
    """Counts the photos that were decoded."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths: list[str] = []
        real = decode.decode

        def counted(loaded: decode.LoadedFile, **options: int) -> decode.DecodedPhoto:
            self.paths.append(Path(loaded.path).name)
            return real(loaded, **options)

        monkeypatch.setattr(decode, "decode", counted)


@pytest.fixture
def decodes(monkeypatch: pytest.MonkeyPatch) -> Decodes:
    return Decodes(monkeypatch)


def names(library: Library) -> list[str]:
    return [Path(photo.path).name for photo in library.photos()]


def test_a_damaged_embedding_counts_as_none_until_the_next_indexing(library: Library, photos: Path) -> None:
    index(library, photos)
    first, second, *_ = library.photos()
    with library._catalog.database.transaction() as db:
        db.execute("UPDATE embeddings SET checksum = checksum + 1 WHERE photo_id = ?", (first.photo_id,))
    with pytest.raises(LibraryError, match="has not analyzed this photo yet"):
        library.similar(first.file_id)
    assert (library.status().photos, library.status().embedded) == (8, 7)
    assert first.path not in [match.path for match in library.similar(second.file_id)]
    index(library, photos)
    assert library.status().embedded == 8
    assert len(library.similar(first.file_id)) == 7


def test_every_photo_gets_facts_a_thumbnail_and_an_embedding(library: Library, photos: Path) -> None:
    assert index(library, photos).indexed == 8
    status = library.status()
    assert (status.photos, status.embedded, status.unreadable) == (8, 8, ())
    for photo in library.photos():
        assert photo.facts.format == "JPEG"
        thumbnail = library.thumbnail(photo.photo_id)
        assert thumbnail is not None
        assert thumbnail.startswith(b"\xff\xd8")


def test_a_file_from_the_far_future_is_a_photo_like_others(library: Library, photos: Path) -> None:
    first, *_ = sorted(photos.iterdir())
    os.utime(first, ns=(0, 13_569_465_600 * 10**9))  # in the year 2400, more nanoseconds than SQLite stores
    assert index(library, photos).indexed == 8
    assert index(library).unchanged == 8
    library.similar(library.photos()[0].file_id)


def test_a_second_run_on_an_unchanged_folder_decodes_nothing(
    library: Library, photos: Path, decodes: Decodes
) -> None:
    index(library, photos)
    assert len(decodes.paths) == 8
    last = index(library, photos)
    assert len(decodes.paths) == 8
    assert (last.indexed, last.unchanged) == (0, 8)


def test_new_changed_and_deleted_files_are_noticed(library: Library, photos: Path, decodes: Decodes) -> None:
    index(library, photos)
    decodes.paths.clear()
    make_scene(100).save(photos / "new.jpg")
    first, second = sorted(photos.glob("photo*.jpg"))[:2]
    make_scene(101).save(first)
    second.unlink()
    last = index(library)
    assert sorted(decodes.paths) == sorted(["new.jpg", first.name])
    assert (last.indexed, last.removed, last.unchanged) == (2, 1, 6)
    assert second.name not in names(library)
    assert library.status().embedded == 8


def test_a_moved_photo_keeps_its_embedding_without_being_decoded(
    library: Library, photos: Path, decodes: Decodes
) -> None:
    index(library, photos)
    moved = sorted(photos.glob("*.jpg"))[0]
    before = library.find(moved)
    assert before is not None
    decodes.paths.clear()
    (photos / "album").mkdir()
    moved.rename(photos / "album" / "other name.jpg")
    index(library)
    assert decodes.paths == []
    after = library.find(photos / "album" / "other name.jpg")
    assert after is not None
    assert after.photo_id == before.photo_id
    assert library.find(moved) is None


def test_an_unreadable_file_is_listed_once_and_retried_only_when_it_changes(
    library: Library, photos: Path, decodes: Decodes
) -> None:
    bad = photos / "bad.jpg"
    bad.write_bytes(b"")
    assert index(library, photos).unreadable == 1
    [unreadable] = library.unreadable()
    assert unreadable.path == str(bad)
    decodes.paths.clear()
    assert index(library).unchanged == 9
    assert decodes.paths == []
    make_scene(300).save(bad)
    assert index(library).indexed == 1
    assert library.unreadable() == []
    assert decodes.paths == [bad.name]


def test_interrupted_after_any_batch_it_goes_on_where_it_was(
    library: Library, tmp_path: Path, decodes: Decodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.indexing.reader.BATCH", 2)
    count = 2 * (WORKERS + 3)  # more than are being read when the first two are kept
    make_photos(tmp_path / "many", count)
    control = JobControl()
    for progress in library.index([tmp_path / "many"], control):
        if progress.added:
            control.cancel()
    assert progress.cancelled
    kept = len(library.photos())
    assert 0 < kept < count
    decodes.paths.clear()
    assert index(library).unchanged == kept
    assert len(decodes.paths) == count - kept
    assert library.status().embedded == count


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_killed_while_indexing_it_goes_on_and_blames_no_photo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_photos(tmp_path / "many", 40)
    use_fake_embedder(monkeypatch)
    program = write_program(tmp_path / "program.py", WAIT_BEFORE_SAVING)
    command = [sys.executable, str(program), "worker", "--library", str(tmp_path / "library")]
    process = subprocess.Popen(
        [*command, str(tmp_path / "many")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if '"added": [' in line and '"added": []' not in line:
            process.kill()
            break
    process.communicate()
    library = Library.open(tmp_path / "library")
    assert 0 < len(library.photos()) <= BATCH
    last = index(library)
    assert last.unreadable == 0
    assert library.status().embedded == 40
    assert library._catalog.database.value("PRAGMA integrity_check") == "ok"


def test_a_long_indexing_saves_its_search_index_on_the_way(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_photos(tmp_path / "photos", 20)  # more than one batch
    monkeypatch.setattr("photosim.indexing.pipeline.SAVE_INDEX_EVERY", 4)
    defaults = NeighbourIndex.load.__func__.__kwdefaults__  # type: ignore[attr-defined]
    monkeypatch.setitem(defaults, "exact_below", 2)
    stamp = index_folder(library.folder, library.model.id) / HEADER_FILE
    saved = [progress.phase for progress in library.index([tmp_path / "photos"]) if stamp.exists()]
    assert Phase.ANALYZING in saved
    assert library.similar(library.photos()[0].file_id, 3)


def test_a_folder_that_is_away_keeps_its_photos(library: Library, photos: Path) -> None:
    index(library, photos)
    photos.rename(photos.parent / "elsewhere")
    index(library)
    assert len(library.photos()) == 8
    assert [source.online for source in library.sources()] == [False]
    assert len(library.similar(library.photos()[0].file_id)) == 7
    photos.mkdir()  # a mount point without its drive
    index(library)
    assert len(library.photos()) == 8


def test_a_folder_that_does_not_exist_is_refused_with_a_sentence(library: Library, tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="does not exist"):
        index(library, tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderError, match="is not a folder"):
        index(library, tmp_path / "file")


def test_a_library_that_another_photosim_writes_is_refused_and_can_be_read(
    library: Library, photos: Path
) -> None:
    index(library, photos)
    lock = FileLock(library.folder / "lock", is_singleton=False)
    with lock:
        other = Library.open(library.folder)
        with pytest.raises(LibraryLockedError, match="Another PhotoSim"):
            index(other)
        assert len(other.similar(other.photos()[0].file_id)) == 7
        assert sum(cluster.size for cluster in other.clusters().clusters) + other.clusters().unclustered == 8


def test_a_library_place_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(LibraryError):
        Library.open(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_the_library_inside_a_photo_folder_is_never_indexed(photos: Path) -> None:
    library = Library.open(photos / "library")
    index(library, photos)
    make_scene(1).save(library.folder / "ours.jpg")
    assert index(library).indexed == 0


def test_the_caches_can_be_deleted_at_any_time(library: Library, photos: Path) -> None:
    index(library, photos)
    library.close()
    for name in (
        "thumbnails.db",
        "thumbnails.db-wal",
        "thumbnails.db-shm",
    ):
        (library.folder / name).unlink(missing_ok=True)
    shutil.rmtree(library.folder / "neighbours", ignore_errors=True)
    again = Library.open(library.folder)
    photo = again.photos()[0]
    assert again.thumbnail(photo.photo_id) is None
    assert len(again.similar(photo.file_id)) == 7
    index(again)
    assert len(again._thumbnails.digests()) == 8


def test_forgetting_a_folder_leaves_its_files_alone(library: Library, photos: Path) -> None:
    index(library, photos)
    library.remove_source(str(photos.resolve()))
    assert library.photos() == []
    assert library.sources() == []
    assert len(list(photos.glob("*.jpg"))) == 8


def test_a_folder_inside_an_added_folder_is_not_added_twice(library: Library, photos: Path) -> None:
    make_photos(photos / "inner", 2)
    index(library, photos)
    index(library, photos / "inner")
    assert len(library.sources()) == 1
    assert len(library.photos()) == 10


def test_importing_the_library_loads_neither_qt_nor_torch() -> None:
    program = (
        "import sys, photosim.library.library; "
        "print([name for name in ('PySide6', 'torch', 'ultralytics', 'igraph', 'hnswlib', 'cv2') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_opening_a_library_loads_none_of_its_services(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from photosim.library import Library
Library.open(Path(sys.argv[1])).close()
print(sorted(name for name in sys.modules if name.startswith("photosim.library.")))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "library"], capture_output=True, text=True, check=True
    )
    own = ("library", "locks", "services")
    assert done.stdout.strip() == str([f"photosim.library.{name}" for name in own])


def test_every_service_can_be_made(library: Library) -> None:
    lazy = {
        name: owner
        for owner in (library, library._active_services())
        for base in type(owner).__mro__
        for name, value in vars(base).items()
        if isinstance(value, lazy_property)
    }
    assert {"models", "exports", "comparisons", "labels", "walks"} <= lazy.keys()
    assert all(getattr(owner, name) is getattr(owner, name) for name, owner in lazy.items())


def test_indexing_needs_no_network_and_no_home(tmp_path: Path) -> None:
    """The home folder is a file, so nothing can be written there; every socket is an error."""
    make_photos(tmp_path / "photos", 3)
    (tmp_path / "home").write_text("")
    program = """
import socket, sys
def refuse(*_, **__):
    raise AssertionError("network")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
from photosim.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
    names_of_home = ("HOME", "USERPROFILE", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "APPDATA")
    environment = {**os.environ, **dict.fromkeys(names_of_home, str(tmp_path / "home"))}
    words = ["worker", str(tmp_path / "photos"), "--library", str(tmp_path / "library")]
    process = subprocess.Popen(
        [sys.executable, "-c", program, *words],
        env=environment,
        stdin=subprocess.PIPE,  # open: its end would mean that the parent is gone
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    *_, last = process.stdout
    errors = process.stderr.read()
    assert process.wait() == 0, errors
    process.stdin.close()
    assert errors == ""
    assert json.loads(last)["indexed"] == 3
