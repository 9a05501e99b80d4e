"""Kill the worker and the window at random moments, let them go on, and compare with a library built at once.

    python -m tests.kill_tests --times 50 --seed 1

Every moment has a library of its own. After each kill the files must be sound; in the end no photo may be lost or be
there twice, all answers must be those of the library built at once, and no process and no note may be left. The
exit status is 1 when anything is not so.
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

from tests.support.photo_folders import make_photos

TIMEOUT_S = 240.0
"""For anything that must come, on a busy machine."""

ORPHAN_TIMEOUT_S = 120.0
"""For the worker of a killed window to be gone."""

TOLERANCE = 5e-4
"""Half a unit of float16, in which embeddings are kept: photos that meet others in a batch differ by as much."""

IDLE_S = 1.0
"""A window has finished when nothing was being indexed for this long: it looks once more at a folder that is new."""

MAX_WINDOWS = 5
"""Opened one after the other until one has nothing left to do."""

VICTIMS = ("worker", "window")
_TICK_S = 0.02


class Failure(Exception):  # noqa: N818 - a finding
    """Something that must not be."""


@dataclass(frozen=True)
class Kill:
    """One kill: of whom, how long after its start in shares of an undisturbed run, and what of it was done then."""

    victim: str
    share: float
    embedded: int
    seconds: float


class KillTrials:
    """A folder of photos, a library built of it at once, and what to compare with it."""

    def __init__(self, place: Path, photos: int) -> None:
        self.place = place
        self.photos = place / "photos"
        paths = make_photos(self.photos, photos)
        (self.photos / "more").mkdir()
        shutil.copy(paths[0], self.photos / "more" / "the same again.jpg")
        (self.photos / "more" / "broken.jpg").write_bytes(b"this is no photo")
        home = str(place / "home")
        names = ("HOME", "USERPROFILE", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA")
        more = {"QT_QPA_PLATFORM": "offscreen", "PHOTOSIM_DEVICE": "cpu"}
        self.environment = {**os.environ, **dict.fromkeys(names, home), **more}
        Path(home).mkdir()
        self.times: dict[str, float] = {}
        library = place / "at once"
        self._run_to_the_end("worker", library)
        self.expected = answers(library)

    def trial(self, number: int, victim: str, share: float) -> Kill:
        """Build a library with one kill in it. Raises Failure when it is not as the one built at once."""
        if victim not in self.times:
            self._run_to_the_end(victim, self.place / f"undisturbed {victim}")
        library = self.place / f"library {number}"
        started = time.monotonic()
        kill = self._kill_worker if victim == "worker" else self._kill_window
        embedded = kill(library, share * self.times[victim])
        told = answers(library)
        for name, expected in self.expected.items():
            if not is_same(expected, told[name]):
                raise Failure(f"{name}: {_difference(expected, told[name])}")
        left = {path.name for path in library.iterdir()} & {"reading.json", "unfinished.json", "crash.log"}
        left |= {path.name for path in library.rglob("*.new")}
        if left:
            raise Failure(f"left behind: {', '.join(sorted(left))}")
        shutil.rmtree(library)
        return Kill(victim, share, embedded, time.monotonic() - started)

    # --- helpers -----------------------------------------------------------------------------------------

    def _start(self, *words: str | Path) -> psutil.Popen:
        command = [sys.executable, "-m", "photosim", *map(str, words)]
        log = (self.place / "output.txt").open("ab")
        with log:
            return psutil.Popen(command, env=self.environment, stdout=log, stderr=log)

    def _run_to_the_end(self, victim: str, library: Path) -> None:
        started = time.monotonic()
        if victim == "worker":
            process = self._start("index", self.photos, "--library", library)
            if process.wait(TIMEOUT_S) != 0:
                raise Failure(f"the undisturbed run failed: see {self.place / 'output.txt'}")
        else:
            self._let_window_finish(self._start("gui", self.photos, "--library", library), library)
        self.times[victim] = time.monotonic() - started

    def _kill_worker(self, library: Path, delay: float) -> int:
        """Kill the child of the command; the command starts another, which goes on."""
        process = self._start("index", self.photos, "--library", library)
        until = time.monotonic() + delay
        worker = _wait_for(lambda: _child(process) or (not process.is_running() and "ended"))
        time.sleep(max(until - time.monotonic(), 0))
        if isinstance(worker, psutil.Process):
            with suppress(psutil.NoSuchProcess):
                worker.kill()
        embedded = check_files(library)
        if (status := process.wait(TIMEOUT_S)) != 0:
            raise Failure(f"the command ended with {status}")
        return embedded

    def _kill_window(self, library: Path, delay: float) -> int:
        """Kill the window; its worker must go, and the next window must go on by itself."""
        window = self._start("gui", self.photos, "--library", library)
        time.sleep(delay)
        children = _children(window)
        window.kill()
        window.wait(TIMEOUT_S)
        _, alive = psutil.wait_procs(children, ORPHAN_TIMEOUT_S)
        if alive:
            raise Failure(f"still running after the window was killed: {alive}")
        embedded = check_files(library)
        known = (library / "unfinished.json").exists() or _embedded(library) > 0
        again = self._start("gui", *([] if known else [self.photos]), "--library", library)
        self._let_window_finish(again, library)
        for _ in range(MAX_WINDOWS):
            if not (library / "unfinished.json").exists():
                break
            # It looked once more at the folder just when it was ended; that goes on with the next window.
            self._let_window_finish(self._start("gui", "--library", library), library)
        return embedded

    def _let_window_finish(self, window: psutil.Popen, library: Path) -> None:
        note = library / "unfinished.json"
        wanted = len(list(self.photos.rglob("*.jpg")))
        _wait_for(lambda: note.exists() or _files(library) == wanted or not window.is_running())
        rested = time.monotonic()

        def rests() -> bool:
            nonlocal rested
            if note.exists() or _children(window):
                rested = time.monotonic()
            return time.monotonic() - rested > IDLE_S

        _wait_for(rests)
        if not window.is_running() or window.status() == psutil.STATUS_ZOMBIE:
            raise Failure(f"the window ended by itself: see {self.place / 'output.txt'}")
        window.terminate()
        window.wait(TIMEOUT_S)


def check_files(library: Path) -> int:
    """How many photos are embedded. Raises Failure when a database is damaged or knows a file twice."""
    for file in (library / "library.db", library / "thumbnails.db"):
        if not file.exists() or not file.stat().st_size:
            continue
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as db:
            for question, good in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
                if (found := db.execute(f"PRAGMA {question}").fetchall()) != good:
                    raise Failure(f"{file.name}: {question}: {found}")
    return _embedded(library)


def answers(library: Path) -> dict[str, Any]:
    """All that a library says of its photos, by path."""
    from photosim.library import Library

    check_files(library)
    opened = Library.open(library)
    try:
        photos = opened.photos()
        paths = [photo.path for photo in photos]
        opened.export(library / "all.npz")
        with np.load(library / "all.npz") as file:
            vectors = dict(zip(file["paths"].tolist(), file["embeddings"], strict=True))
        (library / "all.npz").unlink()
        clusters = opened.clusters().clusters
        return {
            "photos": sorted(paths),
            "unreadable": [(one.path, one.reason) for one in opened.unreadable()],
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
            "status": opened.status(),
        }
    finally:
        opened.close()


def is_same(expected: Any, told: Any) -> bool:
    if isinstance(expected, dict):
        return expected.keys() == told.keys() and all(is_same(expected[key], told[key]) for key in expected)
    if isinstance(expected, float | np.ndarray):
        return bool(np.all(np.abs(expected - told) <= TOLERANCE))
    return bool(expected == told)


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


def _child(process: psutil.Popen) -> psutil.Process | None:
    return next(iter(_children(process)), None)


def _wait_for(thing: Callable[[], Any]) -> Any:
    until = time.monotonic() + TIMEOUT_S
    while time.monotonic() < until:
        if found := thing():
            return found
        time.sleep(_TICK_S)
    raise Failure("waited in vain")


def _difference(expected: Any, told: Any) -> str:
    if isinstance(expected, dict):
        keys = [
            key
            for key in {**expected, **told}
            if key not in told or key not in expected or not is_same(expected[key], told[key])
        ]
        return f"{len(keys)} of {len(expected)} differ, the first: {keys[0]}: {expected.get(keys[0])!s:.300} against {told.get(keys[0])!s:.300}"
    return f"{expected!s:.300} against {told!s:.300}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="leave out the moments before this one")
    parser.add_argument("--photos", type=int, default=60)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    failures = 0
    with tempfile.TemporaryDirectory() as place:
        stage = KillTrials(Path(place), arguments.photos)
        for number in range(arguments.times):
            victim, share = VICTIMS[number % len(VICTIMS)], chance.random()
            if number < arguments.first:
                continue
            try:
                kill = stage.trial(number, victim, share)
            except Failure as failure:
                failures += 1
                print(f"{number}: {victim} at {share:.2f}: FAILED: {failure}", flush=True)
            else:
                print(
                    f"{number}: {victim} killed at {share:.2f}, {kill.embedded} embedded by then: sound and equal "
                    f"({kill.seconds:.0f} s)",
                    flush=True,
                )
        if failures:
            print((Path(place) / "output.txt").read_text(errors="replace")[-4000:])
    tried = arguments.times - arguments.first
    print(f"{tried - failures} of {tried} went well.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
