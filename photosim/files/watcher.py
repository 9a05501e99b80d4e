"""Notice what changes in the folders of an open library, and tell which folders to look through again."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
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

from photosim.files.fspaths import is_inside
from photosim.files.scan import folder_to_rescan
from photosim.records import FolderStatus

_log = logging.getLogger(__name__)

DEBOUNCE_S = 2.0
"""Changes are told when none has come for this long: a file that is being written makes one after the other."""

MAX_DELAY_S = 30.0
"""While changes never end they are told this often."""

POLL_S = 5.0
"""How often it is looked whether folders came or went."""

RESCAN_S = 600.0
"""How often a folder is looked through whose changes the system does not tell."""

MANY_FOLDERS, MANY_EVENTS = 40, 2000
"""From so many changes on the whole folder is looked through: it is quicker, and the system drops some of a storm."""

# Not among them: opening and reading, which an indexing does to every photo.
_EVENTS: list[type[FileSystemEvent]] = [
    *(FileCreatedEvent, FileModifiedEvent, FileClosedEvent, FileMovedEvent, FileDeletedEvent),
    *(DirCreatedEvent, DirMovedEvent, DirDeletedEvent),
]


@dataclass
class ChangeDebouncer:
    """Gathers changes until it has been quiet; times in seconds of any clock that never goes back."""

    debounce_s: float = DEBOUNCE_S
    max_delay_s: float = MAX_DELAY_S
    _folders: dict[str, set[str]] = field(default_factory=dict)
    _events: int = 0
    _first: float = 0.0
    _last: float = 0.0

    def add(self, source: str, folder: str, now: float) -> None:
        """Something changed in `folder`, which is or lies in the folder `source` of the library."""
        if not self._folders:
            self._first, self._events = now, 0
        self._last = now
        self._events += 1
        folders = self._folders.setdefault(source, set())
        folders.add(folder)
        if self._events > MANY_EVENTS or len(folders) > MANY_FOLDERS:
            self._folders[source] = {source}

    def due_at(self) -> float | None:
        """When the changes are to be told; None while there are none."""
        if not self._folders:
            return None
        return min(self._last + self.debounce_s, self._first + self.max_delay_s)

    def pop(self) -> tuple[str, ...]:
        """The folders to look through, none inside another; then there are none."""
        folders = sorted(set().union(*self._folders.values()))
        self._folders.clear()
        outermost: list[str] = []
        for folder in folders:
            if not any(is_inside(folder, other) for other in outermost):
                outermost.append(folder)
        return tuple(outermost)


class FolderWatcher:
    """Watches folders in threads of its own, from `start` to `close`.

    `statuses` says how the folders of the library stand, and is asked every few seconds. `changed` is told the
    folders to look through, and `came_or_went` that folders came, went or lie elsewhere; both in a thread of
    the watcher. Every folder is looked through once when its watch begins: it may have changed unseen.
    """

    def __init__(
        self,
        statuses: Callable[[], Sequence[FolderStatus]],
        changed: Callable[[tuple[str, ...]], None],
        statuses_changed: Callable[[], None],
        *,
        debouncer: ChangeDebouncer | None = None,
        poll_s: float = POLL_S,
        rescan_s: float = RESCAN_S,
    ) -> None:
        self._standings, self._changed, self._came_or_went = statuses, changed, statuses_changed
        self._poll_s, self._rescan_s = poll_s, rescan_s
        self._changes = debouncer or ChangeDebouncer()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self._polled_at = -float("inf")
        self._before: tuple[FolderStatus, ...] | None = None
        self._watches: dict[str, ObservedWatch] = {}
        self._unwatchable: dict[str, float] = {}
        self._observer: BaseObserver | None = None
        self._thread = threading.Thread(target=self._run, name="watching", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def rescan_now(self) -> None:
        """Folders were added, removed or are to be watched no more: look how they stand."""
        self._polled_at = -float("inf")
        self._wake.set()

    def close(self, wait_s: float = 2.0) -> None:
        """Watch no more, and tell nothing any more."""
        self._closed = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(wait_s)

    # --- the thread --------------------------------------------------------------------------------------

    def _run(self) -> None:
        self._observer = Observer()
        self._observer.start()
        try:
            while not self._closed:
                self._wake.wait(self._rest())
                self._wake.clear()
                if self._closed:
                    break
                with _Logged(Exception):  # a drive that vanishes between two questions must not end it
                    self._work()
        finally:
            self._observer.stop()
            self._observer.join()

    def _rest(self) -> float:
        now = time.monotonic()
        with self._lock:
            due = self._changes.due_at()
        return max(0.0, min(self._polled_at + self._poll_s, float("inf") if due is None else due) - now)

    def _work(self) -> None:
        now = time.monotonic()
        if now >= self._polled_at + self._poll_s:
            self._polled_at = now
            self._look(now)
        with self._lock:
            due = self._changes.due_at()
            folders = self._changes.pop() if due is not None and now >= due else ()
        if folders and not self._closed:
            self._changed(folders)

    def _look(self, now: float) -> None:
        """Follow folders that came or went, and look through those whose changes nobody tells."""
        standings = tuple(self._standings())
        if self._before is not None and standings != self._before:
            self._came_or_went()
        self._before = standings
        wanted = {one.path: one for one in standings if one.online and one.watched}
        for path in [path for path in (*self._watches, *self._unwatchable) if path not in wanted]:
            self._unwatch(path)
        for path, standing in wanted.items():
            if path in self._unwatchable:
                if now >= self._unwatchable[path] + self._rescan_s:
                    self._unwatchable[path] = now
                    self._note(path, path)
            elif path not in self._watches:
                self._watch(standing, now)
                self._note(path, path)

    def _watch(self, standing: FolderStatus, now: float) -> None:
        path = standing.path
        if standing.remote:
            _log.info("%s is on a network drive: it is looked through every %d s", path, self._rescan_s)
            self._unwatchable[path] = now
            return
        assert self._observer is not None
        try:
            self._watches[path] = self._observer.schedule(
                _Handler(path, self._note), path, recursive=True, event_filter=_EVENTS
            )
        except Exception as error:
            # Each system has its own errors here: too many folders to watch, no such service, no permission.
            _log.warning(
                "%s cannot be watched (%s): it is looked through every %d s", path, error, self._rescan_s
            )
            self._unwatchable[path] = now

    def _unwatch(self, path: str) -> None:
        self._unwatchable.pop(path, None)
        watch = self._watches.pop(path, None)
        if watch is not None and self._observer is not None:
            with _Logged(Exception):
                self._observer.unschedule(watch)

    def _note(self, source: str, folder: str) -> None:
        with self._lock:
            first = self._changes.due_at() is None
            self._changes.add(source, folder, time.monotonic())
        if first:
            self._wake.set()


class _Handler(FileSystemEventHandler):
    """Turns the events of one folder of the library into folders to look through."""

    def __init__(self, source: str, note: Callable[[str, str], None]) -> None:
        self._source, self._note = source, note

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Note where something happened that can matter."""
        for path in (event.src_path, event.dest_path):
            if path:
                folder = folder_to_rescan(self._source, os.fsdecode(path), is_folder=event.is_directory)
                if folder is not None:
                    self._note(self._source, folder)


class _Logged(suppress):
    """Suppresses errors, and writes them to the log."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, Exception):
            _log.warning("Watching: %s", error, exc_info=error)
        return super().__exit__(kind, error, trace)  # type: ignore[arg-type]
