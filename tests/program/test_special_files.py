"""Pipes, sockets, devices, folders and links in the place of the library's own files: nothing hangs, all is a sentence."""

from __future__ import annotations

import faulthandler
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest

from photosim import logs, settings
from photosim.errors import PhotoSimError
from photosim.library import Library
from photosim.library.locks import WindowLock
from photosim.library.repair import repair
from photosim.workers import index_worker
from photosim.workers.protocol import IndexFailure, parse_index_event
from tests.support.indexing import make_library, use_fake_embedder
from tests.support.photo_folders import make_photos

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX has such files")

SECONDS = 120
"""Far more than anything here takes."""


def _socket(path: Path) -> None:
    folder = Path.cwd()
    os.chdir(path.parent)  # a name of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)
    finally:
        os.chdir(folder)


def _folder(path: Path) -> None:
    path.mkdir()
    (path / "file").touch()


def _link_out(path: Path) -> None:
    target = path.parent.parent / "elsewhere"
    target.write_bytes(b"of somebody else")
    path.symlink_to(target)


KINDS: dict[str, Callable[[Path], None]] = {
    "a pipe": os.mkfifo,
    "a socket": _socket,
    "a folder": _folder,
    "an endless device": lambda path: path.symlink_to("/dev/zero"),
    "an empty device": lambda path: path.symlink_to("/dev/null"),
    "a link to itself": lambda path: path.symlink_to(path),
    "a link to nothing": lambda path: path.symlink_to(path.parent.parent / "nothing"),
    "a link to a file elsewhere": _link_out,
}
NAMES = [
    *(
        f"{name}{suffix}"
        for name in ("library.db", "thumbnails.db")
        for suffix in ("", "-wal", "-shm", "-journal", ".new")
    ),
    "lock",
    "open.lock",
    "opening.lock",
    "settings.json",
    "settings.json.new",
    "reading.json",
    "crash.log",
    "photosim.log",
    "operations",
    "neighbours",
]


@contextmanager
def deadline() -> Iterator[None]:
    """End the whole run after a while: nothing else interrupts a system call that waits for a pipe."""
    faulthandler.dump_traceback_later(SECONDS, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library and its photos."""
    folder = tmp_path_factory.mktemp("special")
    make_photos(folder / "photos", 3)
    with pytest.MonkeyPatch.context() as patch:
        use_fake_embedder(patch)
        library = make_library(folder / "library", folder / "photos")
        library.clusters()
        library.close()
    return folder


def put(path: Path, kind: str) -> None:
    """Put something odd in the place of a file or folder."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    KINDS[kind](path)


def use(folder: Path, photos: Path) -> None:
    """Do what the window and the command line do with a library; what they can't do is a sentence."""

    def attempt(action: Callable[[], object]) -> None:
        try:
            action()
        except PhotoSimError as error:
            assert "Errno" not in str(error)

    def work() -> None:
        events = StringIO()
        index_worker.run(folder, [photos], StringIO(), events)
        for event in map(parse_index_event, events.getvalue().splitlines()):
            if isinstance(event, IndexFailure):
                assert "unexpectedly" not in event.message, event.details
                assert "Errno" not in event.message

    def ask() -> None:
        library = Library.open(folder)
        try:
            attempt(library.status)
            attempt(lambda: library.similar(library.photos()[0].file_id))
            attempt(library.clusters)
            attempt(lambda: library.thumbnail(library.photos()[0].photo_id))
            attempt(lambda: settings.update(folder, labels=True))
            attempt(lambda: library.exports.embeddings(folder.parent / "all.npz"))
        finally:
            library.close()

    def lock() -> None:
        window = WindowLock(folder)
        window.acquire()
        window.release()

    attempt(lambda: logs.log_to_folder(folder))
    for action in (ask, lock, work, lambda: repair(folder)):
        attempt(action)


CASES = [
    *(("library.db", kind) for kind in KINDS),
    *((name, list(KINDS)[number % len(KINDS)]) for number, name in enumerate(NAMES[1:])),
]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_what_is_no_file_of_ours_holds_nothing_up(
    name: str, kind: str, tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_fake_embedder(monkeypatch)
    shutil.copytree(template / "library", tmp_path / "library")
    put(tmp_path / "library" / name, kind)
    with deadline():
        use(tmp_path / "library", template / "photos")
    if kind == "a link to a file elsewhere":
        assert (tmp_path / "elsewhere").read_bytes() == b"of somebody else"
