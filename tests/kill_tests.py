"""Kill the worker and the window at random moments, let them continue, and compare with an undisturbed library.

    python -m tests.kill_tests --times 50 --seed 1
    python -m tests.kill_tests --operations --times 200

Every kill has a library of its own. After each kill the files must be intact; in the end no photo may be lost or
duplicated, all results must equal those of the undisturbed library, and no process or temporary file may be left. The
exit status is 1 otherwise. With `--operations`, file operations are killed instead: see `tests/kill_operations.py`.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image

from tests import kill_operations
from tests.support.photo_folders import make_photos
from tests.support.stop_signs import make_signs

TIMEOUT_S = 240.0
"""For any event, on a busy machine."""

ORPHAN_TIMEOUT_S = 120.0
"""For the worker of a killed window to end."""

TOLERANCE = 5e-4
"""Half a unit of float16, the type of stored embeddings: other batches give such differences."""

IDLE_S = 1.0
"""A window has finished when it has indexed nothing for this long: it scans a new folder once more."""

MAX_WINDOWS = 5
"""Windows to open one after the other until one has nothing left to do."""

VICTIMS = ("worker", "window")
_TICK_S = 0.02


class Failure(Exception):  # noqa: N818 - a test result
    """A finding."""


@dataclass(frozen=True)
class Kill:
    """A kill: the victim, the moment as a share of an undisturbed run, and the photos embedded by then."""

    victim: str
    share: float
    embedded: int
    seconds: float


class KillTrials:
    """A folder of photos, and the results of an undisturbed library of it."""

    def __init__(self, folder: Path, photos: int) -> None:
        self.folder = folder
        self.photos = folder / "photos"
        paths = make_photos(self.photos, photos)
        (self.photos / "more").mkdir()
        shutil.copy(paths[0], self.photos / "more" / "the same again.jpg")
        with Image.open(paths[1]) as photo:
            photo.resize((240, 180)).save(self.photos / "more" / "smaller.jpg")
        make_signs(self.photos / "signs", 2)
        (self.photos / "more" / "broken.jpg").write_bytes(b"this is no photo")
        home = str(folder / "home")
        names = ("HOME", "USERPROFILE", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA")
        more = {"QT_QPA_PLATFORM": "offscreen", "PHOTOSIM_DEVICE": "cpu"}
        self.environment = {**os.environ, **dict.fromkeys(names, home), **more}
        Path(home).mkdir()
        self.times: dict[str, float] = {}
        self.undisturbed = library = folder / "undisturbed"
        self._run_undisturbed("worker", library)
        self.expected = results(library)

    def trial(self, number: int, victim: str, share: float) -> Kill:
        """Build a library with one kill. Raises Failure when it differs from the undisturbed one."""
        if victim not in self.times:
            self._run_undisturbed(victim, self.folder / f"undisturbed {victim}")
        library = self.folder / f"library {number}"
        started = time.monotonic()
        kill = self._kill_worker if victim == "worker" else self._kill_window
        embedded = kill(library, share * self.times[victim])
        actual = results(library)
        for name, expected in self.expected.items():
            if not is_same(expected, actual[name]):
                raise Failure(f"{name}: {_difference(expected, actual[name])}")
        leftovers = {path.name for path in library.iterdir()} & {
            "reading.json",
            "unfinished.json",
            "crash.log",
        }
        leftovers |= {path.name for path in library.rglob("*.new")}
        if leftovers:
            raise Failure(f"left behind: {', '.join(sorted(leftovers))}")
        shutil.rmtree(library)
        return Kill(victim, share, embedded, time.monotonic() - started)

    def start(self, *arguments: str | Path) -> psutil.Popen:
        command = [sys.executable, "-m", "photosim", *map(str, arguments)]
        log = (self.folder / "output.txt").open("ab")
        with log:
            return psutil.Popen(command, env=self.environment, stdout=log, stderr=log)

    def _run_undisturbed(self, victim: str, library: Path) -> None:
        started = time.monotonic()
        if victim == "worker":
            process = self.start("index", self.photos, "--library", library)
            if process.wait(TIMEOUT_S) != 0:
                raise Failure(f"the undisturbed run failed: see {self.folder / 'output.txt'}")
        else:
            self._let_window_finish(self.start("gui", self.photos, "--library", library), library)
        self.times[victim] = time.monotonic() - started

    def _kill_worker(self, library: Path, delay: float) -> int:
        """Kill the child of the command; the command starts another, which continues."""
        process = self.start("index", self.photos, "--library", library)
        until = time.monotonic() + delay
        worker = wait_for(lambda: child_of(process) or (not process.is_running() and "ended"))
        time.sleep(max(until - time.monotonic(), 0))
        if isinstance(worker, psutil.Process):
            with suppress(psutil.NoSuchProcess):
                worker.kill()
        embedded = check_files(library)
        if (status := process.wait(TIMEOUT_S)) != 0:
            raise Failure(f"the command ended with {status}")
        return embedded

    def _kill_window(self, library: Path, delay: float) -> int:
        """Kill the window; its worker must end, and the next window must continue by itself."""
        window = self.start("gui", self.photos, "--library", library)
        time.sleep(delay)
        children = _children(window)
        window.kill()
        window.wait(TIMEOUT_S)
        _, alive = psutil.wait_procs(children, ORPHAN_TIMEOUT_S)
        if alive:
            raise Failure(f"still running after the window was killed: {alive}")
        embedded = check_files(library)
        known = (library / "unfinished.json").exists() or _embedded(library) > 0
        again = self.start("gui", *([] if known else [self.photos]), "--library", library)
        self._let_window_finish(again, library)
        for _ in range(MAX_WINDOWS):
            if not (library / "unfinished.json").exists():
                break
            # It was scanning the folder again when it was closed; the next window continues.
            self._let_window_finish(self.start("gui", "--library", library), library)
        return embedded

    def _let_window_finish(self, window: psutil.Popen, library: Path) -> None:
        queue_file = library / "unfinished.json"
        expected = len(list(self.photos.rglob("*.jpg")))
        wait_for(lambda: queue_file.exists() or _files(library) == expected or not window.is_running())
        idle_since = time.monotonic()

        def is_idle() -> bool:
            nonlocal idle_since
            if queue_file.exists() or any(not _is_photo_worker(child) for child in _children(window)):
                idle_since = time.monotonic()
            return time.monotonic() - idle_since > IDLE_S

        wait_for(is_idle)
        if not window.is_running() or window.status() == psutil.STATUS_ZOMBIE:
            raise Failure(f"the window ended by itself: see {self.folder / 'output.txt'}")
        window.terminate()
        window.wait(TIMEOUT_S)


def check_files(library: Path) -> int:
    """Return the number of embedded photos. Raises Failure when a database is damaged."""
    for file in (library / "library.db", library / "thumbnails.db"):
        if not file.exists() or not file.stat().st_size:
            continue
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as db:
            for check, expected in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
                if (found := db.execute(f"PRAGMA {check}").fetchall()) != expected:
                    raise Failure(f"{file.name}: {check}: {found}")
    return _embedded(library)


def results(library: Path) -> dict[str, Any]:
    """Return everything that a library knows of its photos, by path."""
    from photosim.library import Library
    from photosim.store.duplicates import DuplicateTable

    check_files(library)
    opened = Library.open(library)
    try:
        photos = opened.photos()
        paths = [photo.path for photo in photos]
        opened.exports.embeddings(library / "all.npz")
        with np.load(library / "all.npz") as file:
            vectors = dict(zip(file["paths"].tolist(), file["embeddings"], strict=True))
        (library / "all.npz").unlink()
        clusters = opened.clusters().clusters
        path_of = {photo.photo_id: photo.path for photo in sorted(photos, key=lambda photo: photo.path)}
        return {
            "photos": sorted(paths),
            "unreadable": [(file.path, file.reason) for file in opened.unreadable()],
            "embeddings": vectors,
            "thumbnails": {
                photo.path: opened._thumbnails.get(_digest(opened, photo.photo_id)) for photo in photos
            },
            "similar": {
                photo.path: {
                    match.path: match.similarity for match in opened.similar(photo.file_id, len(photos))
                }
                for photo in photos
            },
            "clusters": sorted(sorted(cluster.paths) for cluster in clusters),
            "duplicates": {
                tuple(sorted((path_of[pair.first], path_of[pair.second]))): pair.confidence
                for pair in DuplicateTable(opened._catalog.database).pairs()
            },
            "compared": sorted(
                path_of[photo_id]
                for photo_id in DuplicateTable(opened._catalog.database).sharpness(list(path_of))
            ),
            "objects": {
                path_of[photo_id]: {
                    f"{place} {one.object.label}": np.array(one.object.box)
                    for place, one in enumerate(objects)
                }
                for photo_id, objects in opened.objects.of_photos(list(path_of)).items()
            },
            "searched for objects": _count(library, "detected_photos"),
            "status": opened.status(),
        }
    finally:
        opened.close()


def is_same(expected: Any, actual: Any) -> bool:
    if isinstance(expected, dict):
        return expected.keys() == actual.keys() and all(
            is_same(expected[key], actual[key]) for key in expected
        )
    if isinstance(expected, float | np.ndarray):
        return bool(np.all(np.abs(expected - actual) <= TOLERANCE))
    return bool(expected == actual)


def _digest(library: Any, photo_id: int) -> bytes:
    digest: bytes = library._catalog.digest(photo_id)
    return digest


def _count(library: Path, table: str) -> int:
    with (
        suppress(sqlite3.Error),
        closing(
            sqlite3.connect(f"{(library / 'library.db').resolve().as_uri()}?mode=ro", uri=True, timeout=30)
        ) as db,
    ):
        return int(db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608
    return 0


def _embedded(library: Path) -> int:
    return _count(library, "embeddings")


def _files(library: Path) -> int:
    return _count(library, "files")


def _children(process: psutil.Popen) -> list[psutil.Process]:
    try:
        return [child for child in process.children(recursive=True) if child.status() != psutil.STATUS_ZOMBIE]
    except psutil.NoSuchProcess:
        return []


def _is_photo_worker(process: psutil.Process) -> bool:
    """Return whether this is the process that decodes photos for the window, which keeps it ready for a while."""
    try:
        return "photo-worker" in process.cmdline()
    except psutil.Error:
        return False


def child_of(process: psutil.Popen) -> psutil.Process | None:
    return next(iter(_children(process)), None)


def wait_for(condition: Callable[[], Any]) -> Any:
    until = time.monotonic() + TIMEOUT_S
    while time.monotonic() < until:
        if result := condition():
            return result
        time.sleep(_TICK_S)
    raise Failure("timed out")


def _difference(expected: Any, actual: Any) -> str:
    if isinstance(expected, dict):
        keys = [
            key
            for key in {**expected, **actual}
            if key not in actual or key not in expected or not is_same(expected[key], actual[key])
        ]
        return f"{len(keys)} of {len(expected)} differ, the first: {keys[0]}: {expected.get(keys[0])!s:.300} against {actual.get(keys[0])!s:.300}"
    return f"{expected!s:.300} against {actual!s:.300}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="skip the kills before this one")
    parser.add_argument("--photos", type=int)
    parser.add_argument("--operations", action="store_true", help="kill file operations instead")
    arguments = parser.parse_args()
    if arguments.operations:
        return 1 if kill_operations.run_random(arguments.times, arguments.seed, arguments.photos or 12) else 0
    rng = random.Random(arguments.seed)
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        trials = KillTrials(Path(folder), arguments.photos or 60)
        for number in range(arguments.times):
            victim, share = VICTIMS[number % len(VICTIMS)], rng.random()
            if number < arguments.first:
                continue
            try:
                kill = trials.trial(number, victim, share)
            except Failure as failure:
                failures += 1
                print(f"{number}: {victim} at {share:.2f}: FAILED: {failure}", flush=True)
            else:
                print(
                    f"{number}: {victim} killed at {share:.2f}, {kill.embedded} embedded by then: intact and equal "
                    f"({kill.seconds:.0f} s)",
                    flush=True,
                )
        if failures:
            print((Path(folder) / "output.txt").read_text(errors="replace")[-4000:])
    tried = arguments.times - arguments.first
    print(f"{tried - failures} of {tried} passed.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
