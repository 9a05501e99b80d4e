"""Changes in folders are collected until no more come, and reported once."""

from __future__ import annotations

import errno
import math
import os
import queue
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from watchdog.observers.api import BaseObserver

from photosim.files.watcher import MAX_EVENTS, MAX_FOLDERS, ChangeDebouncer, FolderWatcher
from photosim.records import FolderStatus
from tests.support.timeouts import TIMEOUT_S


def test_changes_are_told_when_it_has_been_quiet() -> None:
    changes = ChangeDebouncer(debounce_s=2, max_delay_s=30)
    assert changes.due_time() is None
    changes.add("/photos", "/photos/a", 100)
    assert changes.due_time() == 102
    changes.add("/photos", "/photos/a", 101)
    assert changes.due_time() == 103
    assert changes.pop() == ("/photos/a",)
    assert changes.due_time() is None


def test_changes_that_never_end_are_told_all_the_same() -> None:
    changes = ChangeDebouncer(debounce_s=2, max_delay_s=30)
    for second in range(200):
        changes.add("/photos", "/photos/a", 100 + second)
    assert changes.due_time() == 130


def test_folders_inside_others_are_told_with_these() -> None:
    changes = ChangeDebouncer()
    for folder in ("/photos/a/deep", "/photos/a", "/photos/ab", "/photos/a/deep/er"):
        changes.add("/photos", folder.replace("/", os.sep), 0)
    assert changes.pop() == tuple(path.replace("/", os.sep) for path in ("/photos/a", "/photos/ab"))


@pytest.mark.parametrize(("count", "folders"), [(MAX_FOLDERS + 1, MAX_FOLDERS + 1), (MAX_EVENTS + 1, 3)])
def test_a_storm_is_told_as_one_folder(count: int, folders: int) -> None:
    changes = ChangeDebouncer()
    for number in range(count):
        changes.add("/photos", f"/photos/{number % folders}", 0)
    assert changes.pop() == ("/photos",)


class RecordingDebouncer(ChangeDebouncer):
    """Collects changes until the test ends the delay, and shows the test each of them."""

    def __init__(self) -> None:
        super().__init__(debounce_s=math.inf, max_delay_s=math.inf)
        self._added: queue.Queue[str] = queue.Queue()

    def add(self, source: str, folder: str, now: float) -> None:
        super().add(source, folder, now)
        self._added.put(folder)

    def wait_for(self, folder: Path) -> None:
        while self._added.get(timeout=TIMEOUT_S) != str(folder):
            pass


class WatcherDriver:
    """A watcher of folders, the last of which is watched from the beginning, and its reports."""

    def __init__(self, folders: Sequence[FolderStatus], *, is_quiet: bool = False) -> None:
        self.folders = list(folders)
        self.changes: queue.Queue[tuple[str, ...]] = queue.Queue()
        self.status_changes: queue.Queue[bool] = queue.Queue()
        self._root = Path(folders[-1].path)
        self._marks = iter(sorted((self._root / "marks").iterdir()))
        self._debouncer = RecordingDebouncer()
        self._debouncer.debounce_s = 0 if is_quiet else math.inf
        self.watcher = FolderWatcher(
            lambda: self.folders,
            self.changes.put,
            lambda: self.status_changes.put(True),
            debouncer=self._debouncer,
            poll_s=0.01,
            rescan_s=0.1,
        )

    def next(self) -> tuple[str, ...]:
        return self.changes.get(timeout=TIMEOUT_S)

    def begin(self) -> tuple[str, ...]:
        """Start watching; return the first report."""
        self.watcher.start()
        self.wait_for(self._root)
        return self._report_with(self._root)

    def changed_folders(self) -> tuple[str, ...]:
        """Return the folders of all changes until now; changes come in order, so a change made now is the last."""
        mark = next(self._marks)
        (mark / "mark.jpg").write_bytes(b"")
        self.wait_for(mark)
        report = self._report_with(mark)
        return tuple(path for path in report if not Path(path).is_relative_to(self._root / "marks"))

    def wait_for(self, folder: Path) -> None:
        """Wait until a change in the folder has been noticed."""
        self._debouncer.wait_for(folder)

    def _report_with(self, folder: Path) -> tuple[str, ...]:
        self._debouncer.debounce_s = 0
        report = self.next()
        while not any(folder.is_relative_to(path) for path in report):
            # The remaining changes of the previous mark, which came after its report.
            assert all(Path(path).is_relative_to(self._root / "marks") for path in report)
            report = self.next()
        self._debouncer.debounce_s = math.inf
        return report

    def set_statuses(self, *folders: FolderStatus) -> None:
        self.folders = list(folders)
        self.watcher.rescan_now()


Watch = Callable[..., WatcherDriver]


@pytest.fixture
def watch() -> Iterator[Watch]:
    drivers: list[WatcherDriver] = []

    def begin(*folders: FolderStatus, is_quiet: bool = False) -> WatcherDriver:
        driver = WatcherDriver(folders, is_quiet=is_quiet)
        drivers.append(driver)
        return driver

    yield begin
    for driver in drivers:
        driver.watcher.close(TIMEOUT_S)
        assert not driver.watcher._thread.is_alive()


def make_folder(path: Path) -> Path:
    """Make a folder with a subfolder, and folders for the marks."""
    (path / "sub").mkdir(parents=True)
    for mark in "123456":
        (path / "marks" / mark).mkdir(parents=True)
    return path


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "photos")


def status_of(
    folder: Path, *, online: bool = True, watched: bool = True, remote: bool = False
) -> FolderStatus:
    return FolderStatus(str(folder), online, watched, remote)


def test_a_folder_is_looked_through_when_its_watch_begins(watch: Watch, photos: Path) -> None:
    assert watch(status_of(photos)).begin() == (str(photos),)


@pytest.mark.skipif(sys.platform == "darwin", reason="events of macOS may come late and of a folder above")
def test_new_changed_moved_and_deleted_photos_are_told_by_their_folder(watch: Watch, photos: Path) -> None:
    watcher = watch(status_of(photos))
    watcher.begin()
    photo = photos / "sub" / "a.jpg"
    photo.write_bytes(b"new")
    assert watcher.changed_folders() == (str(photos / "sub"),)
    photo.write_bytes(b"changed")
    assert watcher.changed_folders() == (str(photos / "sub"),)
    photo.rename(photos / "b.jpg")
    assert watcher.changed_folders() == (str(photos),)
    (photos / "b.jpg").unlink()
    assert watcher.changed_folders() == (str(photos),)
    assert watcher.changed_folders() == ()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there are no such names")
def test_a_folder_whose_name_is_no_unicode_is_watched(watch: Watch, tmp_path: Path) -> None:
    photos = make_folder(tmp_path / os.fsdecode(b"caf\xe9"))
    watcher = watch(status_of(photos))
    watcher.begin()
    (photos / "sub" / os.fsdecode(b"\xff.jpg")).write_bytes(b"new")
    assert watcher.changed_folders() == (str(photos / "sub"),)


def test_a_storm_of_changes_costs_one_scan(watch: Watch, photos: Path) -> None:
    watcher = watch(status_of(photos))
    watcher.begin()
    for number in range(MAX_EVENTS + 1):
        (photos / "sub" / f"{number}.jpg").write_bytes(b"")
    assert watcher.changed_folders() == (str(photos),)
    assert watcher.changed_folders() == ()


def test_a_new_folder_is_watched_too(watch: Watch, photos: Path) -> None:
    watcher = watch(status_of(photos))
    watcher.begin()
    (photos / "new").mkdir()
    assert watcher.changed_folders() == (str(photos),)
    (photos / "new" / "a.jpg").write_bytes(b"new")
    assert watcher.changed_folders()[0].startswith(str(photos))


def test_hidden_and_temporary_files_and_reading_are_no_changes(watch: Watch, photos: Path) -> None:
    (photos / "old.jpg").write_bytes(b"old")
    (photos / ".cache").mkdir()
    watcher = watch(status_of(photos))
    watcher.begin()
    for name in (".hidden.jpg", "a.jpg.part", "notes.txt", ".cache/a.jpg"):
        (photos / name).write_bytes(b"")
    (photos / "old.jpg").read_bytes()
    assert watcher.changed_folders() == ()


def test_a_folder_that_is_not_to_be_watched_is_left_alone(watch: Watch, photos: Path, tmp_path: Path) -> None:
    other = status_of(make_folder(tmp_path / "watched"))
    watcher = watch(status_of(photos, watched=False), other)
    assert watcher.begin() == (other.path,)
    (photos / "a.jpg").write_bytes(b"new")
    assert watcher.changed_folders() == ()
    watcher.set_statuses(other, status_of(photos))
    watcher.wait_for(photos)
    assert watcher.changed_folders() == (str(photos),)


def test_a_folder_that_comes_back_is_told_and_looked_through(watch: Watch, photos: Path) -> None:
    watcher = watch(status_of(photos), is_quiet=True)
    watcher.watcher.start()
    watcher.next()
    shutil.rmtree(photos)
    watcher.set_statuses(status_of(photos, online=False))
    assert watcher.status_changes.get(timeout=TIMEOUT_S)
    (photos / "sub").mkdir(parents=True)
    watcher.set_statuses(status_of(photos))
    assert watcher.status_changes.get(timeout=TIMEOUT_S)
    while not watcher.changes.empty():
        watcher.changes.get()
    (photos / "sub" / "a.jpg").write_bytes(b"new")
    assert watcher.next()[0].startswith(str(photos))


def test_a_network_drive_is_looked_through_from_time_to_time(watch: Watch, photos: Path) -> None:
    watcher = watch(status_of(photos, remote=True), is_quiet=True)
    watcher.watcher.start()
    assert [watcher.next() for _ in range(3)] == [(str(photos),)] * 3


def test_where_the_system_watches_no_more_folders_they_are_looked_through(
    watch: Watch, photos: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "inotify watch limit reached")

    monkeypatch.setattr(BaseObserver, "schedule", full)
    watcher = watch(status_of(photos), is_quiet=True)
    watcher.watcher.start()
    assert [watcher.next() for _ in range(3)] == [(str(photos),)] * 3
    assert "can't be watched" in caplog.text


def test_an_error_does_not_end_the_watching(watch: Watch, photos: Path) -> None:
    watcher = watch(status_of(photos))
    failures = iter([True])

    def failing() -> Sequence[FolderStatus]:
        if next(failures, False):
            raise OSError("the drive has just gone")
        return watcher.folders

    watcher.watcher._statuses = failing
    assert watcher.begin() == (str(photos),)


def test_closing_ends_the_threads_however_long_they_would_rest(photos: Path) -> None:
    reports: queue.Queue[tuple[str, ...]] = queue.Queue()
    changes = ChangeDebouncer(debounce_s=0)
    watcher = FolderWatcher(
        lambda: [status_of(photos)], reports.put, lambda: None, debouncer=changes, poll_s=3600
    )
    watcher.start()
    reports.get(timeout=TIMEOUT_S)
    watcher.close(TIMEOUT_S)
    assert not watcher._thread.is_alive()


def is_settled(watcher: FolderWatcher, folder: Path) -> bool:
    """Handle all events until now; return whether the watch stays: a late one of a deleted folder has it begun anew."""
    assert watcher._observer is not None
    watcher._observer.event_queue.join()
    return watcher._identities[str(folder)] is not None


@pytest.mark.skipif(
    sys.platform != "linux", reason="a watched folder can be replaced, and its inode used again"
)
@pytest.mark.parametrize("how", ["renamed", "deleted", "link"])
def test_a_folder_in_the_place_of_another_is_looked_through_and_watched(
    how: str, watch: Watch, photos: Path, tmp_path: Path
) -> None:
    other = make_folder(tmp_path / "other")
    driver = watch(status_of(photos))
    driver.begin()
    watcher, begun = driver.watcher, queue.Queue[bool]()
    begin_watch = watcher._watch

    def begin(status: FolderStatus, now: float) -> None:
        begin_watch(status, now)
        begun.put(str(photos) in watcher._watches and photos.samefile(other_now))

    watcher._watch = begin  # type: ignore[method-assign]
    other_now = other if how == "link" else photos
    if how == "deleted":
        shutil.rmtree(photos)
    else:
        photos.rename(tmp_path / "old")
    if how == "link":
        photos.symlink_to(other)
    else:
        other.rename(photos)
    while not begun.get(timeout=TIMEOUT_S) or not is_settled(watcher, photos):
        pass
    driver.wait_for(photos)
    (photos / "sub" / "a.jpg").write_bytes(b"new")
    driver.wait_for(photos / "sub")
