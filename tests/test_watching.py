"""Changes in folders are noticed, gathered until it is quiet, and told once."""

from __future__ import annotations

import errno
import os
import queue
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from watchdog.observers.api import BaseObserver

from photosim.folders import Standing
from photosim.watching import MANY_EVENTS, MANY_FOLDERS, Changes, Watcher

PATIENCE_S = 20


def test_changes_are_told_when_it_has_been_quiet() -> None:
    changes = Changes(quiet_s=2, longest_s=30)
    assert changes.due_at() is None
    changes.note("/photos", "/photos/a", 100)
    assert changes.due_at() == 102
    changes.note("/photos", "/photos/a", 101)
    assert changes.due_at() == 103
    assert changes.take() == ("/photos/a",)
    assert changes.due_at() is None


def test_changes_that_never_end_are_told_all_the_same() -> None:
    changes = Changes(quiet_s=2, longest_s=30)
    for second in range(200):
        changes.note("/photos", "/photos/a", 100 + second)
    assert changes.due_at() == 130


def test_folders_inside_others_are_told_with_these() -> None:
    changes = Changes()
    for folder in ("/photos/a/deep", "/photos/a", "/photos/ab", "/photos/a/deep/er"):
        changes.note("/photos", folder.replace("/", os.sep), 0)
    assert changes.take() == tuple(path.replace("/", os.sep) for path in ("/photos/a", "/photos/ab"))


@pytest.mark.parametrize(("count", "folders"), [(MANY_FOLDERS + 1, MANY_FOLDERS + 1), (MANY_EVENTS + 1, 3)])
def test_a_storm_is_told_as_one_folder(count: int, folders: int) -> None:
    changes = Changes()
    for number in range(count):
        changes.note("/photos", f"/photos/{number % folders}", 0)
    assert changes.take() == ("/photos",)


class Told:
    """A watcher on folders, and what it tells."""

    def __init__(self, folders: Sequence[Standing]) -> None:
        self.folders = list(folders)
        self.changes: queue.Queue[tuple[str, ...]] = queue.Queue()
        self.comings: queue.Queue[bool] = queue.Queue()
        self.watcher = Watcher(
            lambda: self.folders,
            self.changes.put,
            lambda: self.comings.put(True),
            changes=Changes(quiet_s=0.3, longest_s=5),
            poll_s=0.1,
            rescan_s=0.5,
        )

    def next(self) -> tuple[str, ...]:
        return self.changes.get(timeout=PATIENCE_S)

    def stand(self, *folders: Standing) -> None:
        self.folders = list(folders)
        self.watcher.look_now()


Watch = Callable[..., Told]


@pytest.fixture
def watch() -> Iterator[Watch]:
    begun: list[Told] = []

    def begin(*folders: Standing) -> Told:
        told = Told(folders)
        begun.append(told)
        told.watcher.start()
        return told

    yield begin
    for told in begun:
        told.watcher.close()
        assert not told.watcher._thread.is_alive()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    (tmp_path / "photos" / "sub").mkdir(parents=True)
    return tmp_path / "photos"


def here(folder: Path, *, online: bool = True, watched: bool = True, remote: bool = False) -> Standing:
    return Standing(str(folder), online, watched, remote)


def test_a_folder_is_looked_through_when_its_watch_begins(watch: Watch, photos: Path) -> None:
    assert watch(here(photos)).next() == (str(photos),)


@pytest.mark.skipif(sys.platform == "darwin", reason="events of macOS may come late and of a folder above")
def test_new_changed_moved_and_deleted_photos_are_told_by_their_folder(watch: Watch, photos: Path) -> None:
    told = watch(here(photos))
    told.next()
    photo = photos / "sub" / "a.jpg"
    photo.write_bytes(b"new")
    assert told.next() == (str(photos / "sub"),)
    photo.write_bytes(b"changed")
    assert told.next() == (str(photos / "sub"),)
    photo.rename(photos / "b.jpg")
    assert told.next() == (str(photos),)
    (photos / "b.jpg").unlink()
    assert told.next() == (str(photos),)


def test_a_storm_of_changes_costs_one_scan(watch: Watch, photos: Path) -> None:
    told = watch(here(photos))
    told.next()
    for number in range(3000):
        (photos / "sub" / f"{number}.jpg").write_bytes(b"")
    assert set(told.next()) <= {str(photos), str(photos / "sub")}
    with pytest.raises(queue.Empty):
        told.changes.get(timeout=1)


def test_a_new_folder_is_watched_too(watch: Watch, photos: Path) -> None:
    told = watch(here(photos))
    told.next()
    (photos / "new").mkdir()
    assert told.next() == (str(photos),)
    (photos / "new" / "a.jpg").write_bytes(b"new")
    assert told.next()[0].startswith(str(photos))


def test_hidden_and_temporary_files_and_reading_are_no_changes(watch: Watch, photos: Path) -> None:
    (photos / "old.jpg").write_bytes(b"old")
    (photos / ".cache").mkdir()
    told = watch(here(photos))
    told.next()
    for name in (".hidden.jpg", "a.jpg.part", "notes.txt", ".cache/a.jpg"):
        (photos / name).write_bytes(b"")
    (photos / "old.jpg").read_bytes()
    with pytest.raises(queue.Empty):
        told.changes.get(timeout=1)


def test_a_folder_that_is_not_to_be_watched_is_left_alone(watch: Watch, photos: Path) -> None:
    told = watch(here(photos, watched=False))
    (photos / "a.jpg").write_bytes(b"new")
    with pytest.raises(queue.Empty):
        told.changes.get(timeout=1)
    told.stand(here(photos))
    assert told.next() == (str(photos),)


def test_a_folder_that_comes_back_is_told_and_looked_through(watch: Watch, photos: Path) -> None:
    told = watch(here(photos))
    told.next()
    shutil.rmtree(photos)
    told.stand(here(photos, online=False))
    assert told.comings.get(timeout=PATIENCE_S)
    (photos / "sub").mkdir(parents=True)
    told.stand(here(photos))
    assert told.comings.get(timeout=PATIENCE_S)
    while not told.changes.empty():
        told.changes.get()
    (photos / "sub" / "a.jpg").write_bytes(b"new")
    assert told.next()[0].startswith(str(photos))


def test_a_network_drive_is_looked_through_from_time_to_time(watch: Watch, photos: Path) -> None:
    told = watch(here(photos, remote=True))
    assert [told.next() for _ in range(3)] == [(str(photos),)] * 3


def test_where_the_system_watches_no_more_folders_they_are_looked_through(
    watch: Watch, photos: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "inotify watch limit reached")

    monkeypatch.setattr(BaseObserver, "schedule", full)
    told = watch(here(photos))
    assert [told.next() for _ in range(3)] == [(str(photos),)] * 3
    assert "cannot be watched" in caplog.text


def test_an_error_does_not_end_the_watching(watch: Watch, photos: Path) -> None:
    told = Told([here(photos)])
    asked = iter([True])

    def failing() -> Sequence[Standing]:
        if next(asked, False):
            raise OSError("the drive has just gone")
        return told.folders

    told.watcher._standings = failing
    told.watcher.start()
    assert told.next() == (str(photos),)
    told.watcher.close()


def test_closing_ends_the_threads_soon(photos: Path) -> None:
    told = Told([here(photos)])
    told.watcher.start()
    told.next()
    began = time.monotonic()
    told.watcher.close(PATIENCE_S)
    assert not told.watcher._thread.is_alive()
    assert time.monotonic() - began < PATIENCE_S
