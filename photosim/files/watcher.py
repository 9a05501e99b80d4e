"""Watch the folders of an open library and report which of them to scan again."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

from photosim.files.exclusions import ExcludedFolders
from photosim.files.fspaths import file_identity, is_inside
from photosim.files.scan import folder_to_rescan
from photosim.records import FolderStatus

_log = logging.getLogger(__name__)

DEBOUNCE_S = 2.0
"""Changes are reported when none has come for this long: writing a file causes several in a row."""

MAX_DELAY_S = 30.0
"""Longest delay of a report while changes keep coming."""

POLL_S = 5.0
"""Interval of checking which folders are online."""

RESCAN_S = 600.0
"""Interval of scanning a folder whose changes the system does not report."""

MAX_FOLDERS, MAX_EVENTS = 40, 2000
"""Above these the whole source is scanned: that is faster, and the system may have dropped events."""

# Without opening and reading, which indexing itself does to every photo.
_EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileClosedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]


@dataclass
class ChangeDebouncer:
    """Collects changed folders until no change has come for a while; times in seconds of a monotonic clock."""

    debounce_s: float = DEBOUNCE_S
    max_delay_s: float = MAX_DELAY_S
    _folders: dict[str, set[str]] = field(default_factory=dict)
    _events: int = 0
    _first: float = 0.0
    _last: float = 0.0

    def add(self, source: str, folder: str, now: float) -> None:
        """Record a change in `folder`, which is the library's folder `source` or lies in it."""
        if not self._folders:
            self._first, self._events = now, 0
        self._last = now
        self._events += 1
        folders = self._folders.setdefault(source, set())
        folders.add(folder)
        if self._events > MAX_EVENTS or len(folders) > MAX_FOLDERS:
            self._folders[source] = {source}

    def due_time(self) -> float | None:
        """Return when the changes are to be reported, None while there are none."""
        if not self._folders:
            return None
        return min(self._last + self.debounce_s, self._first + self.max_delay_s)

    def pop(self) -> tuple[str, ...]:
        """Return the changed folders, none inside another, and forget them."""
        folders = sorted(set().union(*self._folders.values()))
        self._folders.clear()
        outermost: list[str] = []
        for folder in folders:
            if not any(is_inside(folder, other) for other in outermost):
                outermost.append(folder)
        return tuple(outermost)


class FolderWatcher:
    """Watches folders in threads of its own, from `start` to `close`.

    `statuses` returns the states of the library's folders and is called every few seconds, `excluded` the folders that
    the user excluded, in which changes are ignored. `changed` is called with the folders to scan, `statuses_changed`
    after folders went online, offline or elsewhere; both in a thread of the watcher. Every folder is reported once when
    its watch begins, since it may have changed before.
    """

    def __init__(
        self,
        statuses: Callable[[], Sequence[FolderStatus]],
        changed: Callable[[tuple[str, ...]], None],
        statuses_changed: Callable[[], None],
        *,
        excluded: Callable[[], ExcludedFolders] = ExcludedFolders,
        debouncer: ChangeDebouncer | None = None,
        poll_s: float = POLL_S,
        rescan_s: float = RESCAN_S,
    ) -> None:
        self._statuses, self._changed, self._statuses_changed = statuses, changed, statuses_changed
        self._excluded = excluded
        self._poll_s, self._rescan_s = poll_s, rescan_s
        self._debouncer = debouncer or ChangeDebouncer()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self._polled_at = -float("inf")
        self._last_statuses: tuple[FolderStatus, ...] | None = None
        self._watches: dict[str, ObservedWatch] = {}
        self._identities: dict[str, object] = {}
        self._rescanned_at: dict[str, float] = {}  # folders without events from the system
        self._observer: BaseObserver | None = None
        self._thread = threading.Thread(target=self._run, name="watching", daemon=True)

    def start(self) -> None:
        """Start watching."""
        self._thread.start()

    def rescan_now(self) -> None:
        """Check the folders' states now: some were added, removed, or are no longer to be watched."""
        self._polled_at = -float("inf")
        self._wake.set()

    def close(self, wait_s: float = 2.0) -> None:
        """Stop watching and reporting."""
        self._closed = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(wait_s)

    def _run(self) -> None:
        self._observer = Observer()
        self._observer.start()
        try:
            while not self._closed:
                self._wake.wait(self._timeout())
                self._wake.clear()
                if self._closed:
                    break
                with _log_errors():  # a drive may vanish at any moment
                    self._work()
        finally:
            self._observer.stop()
            self._observer.join()

    def _timeout(self) -> float:
        now = time.monotonic()
        with self._lock:
            due = self._debouncer.due_time()
        return max(0.0, min(self._polled_at + self._poll_s, float("inf") if due is None else due) - now)

    def _work(self) -> None:
        now = time.monotonic()
        if now >= self._polled_at + self._poll_s:
            self._polled_at = now
            self._poll(now)
        with self._lock:
            due = self._debouncer.due_time()
            folders = self._debouncer.pop() if due is not None and now >= due else ()
        if folders and not self._closed:
            self._changed(folders)

    def _poll(self, now: float) -> None:
        """Start and stop watches as folders go online and offline, and report folders that are due for a scan."""
        statuses = tuple(self._statuses())
        if self._last_statuses is not None and statuses != self._last_statuses:
            self._statuses_changed()
        self._last_statuses = statuses
        wanted = {status.path: status for status in statuses if status.online and status.watched}
        for path in [path for path in (*self._watches, *self._rescanned_at) if path not in wanted]:
            self._unwatch(path)
        for path in [path for path in self._watches if self._identities.get(path) != _identity(path)]:
            self._unwatch(path)  # another folder has its name now, while the watch follows the old one
        for path, status in wanted.items():
            if path in self._rescanned_at:
                if now >= self._rescanned_at[path] + self._rescan_s:
                    self._rescanned_at[path] = now
                    self._add_change(path, path)
            elif path not in self._watches:
                self._watch(status, now)
                self._add_change(path, path)

    def _watch(self, status: FolderStatus, now: float) -> None:
        path = status.path
        if status.remote:
            _log.info("%s is on a network drive: it is scanned every %d s", path, self._rescan_s)
            self._rescanned_at[path] = now
            return
        assert self._observer is not None
        self._identities[path] = _identity(path)
        try:
            self._watches[path] = self._observer.schedule(
                _Handler(path, self._excluded, self._add_change, self._forget_identity),
                path,
                recursive=True,
                event_filter=_EVENTS,
            )
        except Exception as error:
            if _identity(path) is None:
                return  # it vanished just now; the next poll sees whether it comes back
            # Each system has its own errors here: too many folders to watch, no such service, no permission.
            _log.warning("%s can't be watched (%s): it is scanned every %d s", path, error, self._rescan_s)
            self._rescanned_at[path] = now

    def _unwatch(self, path: str) -> None:
        self._rescanned_at.pop(path, None)
        watch = self._watches.pop(path, None)
        if watch is not None and self._observer is not None:
            with _log_errors():
                self._observer.unschedule(watch)

    def _forget_identity(self, path: str) -> None:
        """Have a deleted folder watched anew: the next one of that name may get the same identity."""
        self._identities[path] = None
        self.rescan_now()

    def _add_change(self, source: str, folder: str) -> None:
        with self._lock:
            is_first = self._debouncer.due_time() is None
            self._debouncer.add(source, folder, time.monotonic())
        if is_first:
            self._wake.set()


class _Handler(FileSystemEventHandler):
    """Turns the events of one folder of the library into folders to scan."""

    def __init__(
        self,
        source: str,
        excluded: Callable[[], ExcludedFolders],
        add_change: Callable[[str, str], None],
        on_deleted: Callable[[str], None],
    ) -> None:
        self._source, self._excluded = source, excluded
        self._add_change, self._on_deleted = add_change, on_deleted

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Report the folders of an event that concern photos, and that the folder itself is gone."""
        if isinstance(event, DirDeletedEvent) and os.fsdecode(event.src_path) == self._source:
            self._on_deleted(self._source)
        for path in (event.src_path, event.dest_path):
            if path:
                folder = folder_to_rescan(
                    self._source,
                    os.fsdecode(path),
                    is_folder=event.is_directory,
                    excluded=self._excluded(),
                )
                if folder is not None:
                    self._add_change(self._source, folder)


def _identity(path: str) -> object:
    """Return what tells the folder at a path from any other, None where there is none."""
    try:
        return file_identity(path, os.stat(path))  # noqa: PTH116 - a path as text
    except (OSError, ValueError):
        return None


@contextmanager
def _log_errors() -> Iterator[None]:
    """Write errors to the log and suppress them."""
    try:
        yield
    except Exception as error:
        _log.warning("Watching folders: %s", error, exc_info=error)
