"""Kill the moving of a basket of duplicates to the trash, or its undo, recover it, and look for what is wrong then.

    python -m tests.kill_baskets --times 100 --seed 1

The whole library takes part: files, trash, journal and database. After the recovery each photo must be, with all its
files, either in its folder and in the library, or in the trash and known no more; the photo to keep must have the date,
the side file and the cluster of those that are in the trash and of no other. The exit status is 1 otherwise.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.results import Basket, BasketGroup
from photosim.files.operations.copying import TransferProgress
from photosim.files.operations.trash import move_to_trash
from photosim.library import Library
from photosim.library.files.operations import OperationResult
from photosim.records import METADATA_DATES, Photo
from tests.kill_operations import Failure, count_down, run_and_exit, run_in_child
from tests.support.images import make_exif, make_photo
from tests.support.indexing import index, use_fake_embedder
from tests.support.raw_files import make_dng

KINDS = ("trash", "undo")

_DATE = "2021-05-04T10:20:30"
_GONE = ("small.jpg", "tiny.jpg")
"""The photos of each group that give way to `large.jpg`: one with a date, edits and a cluster, one with a RAW file."""


class BasketTrial:
    """A library with groups of duplicates, on which one operation is killed; made once and copied for each kill."""

    def __init__(self, folder: Path, groups: int) -> None:
        self._groups = groups
        self._template, self._place = folder / "template", folder / "place"
        self._photos, self._library = self._place / "photos", self._place / "library"
        self._trash = self._place / "home" / "Trash"
        os.environ["XDG_DATA_HOME"] = str(self._place / "home")
        run_in_child(self._create)
        shutil.copytree(self._place, self._template)
        self._before = self._files()

    def reset(self) -> None:
        """Put everything back as it was at first."""
        shutil.rmtree(self._place)
        shutil.copytree(self._template, self._place)

    def run(self, kind: str, ready: Callable[[], object] = lambda: None) -> None:
        """Run the operation; `ready` is called before what is to be killed."""
        with closing(Library.open(self._library)) as library:
            if kind == "trash":
                basket = self._basket(library)
                ready()
                self._move(library, basket)
                return
            result = self._move(library, self._basket(library))
            ready()
            library.file_moves.undo(result.operation, result.report.done, move_to_trash, TransferProgress())

    def recover(self) -> None:
        """Recover what was killed, as the window does at its start."""
        with closing(Library.open(self._library)) as library:
            library.file_moves.recover()

    def check(self) -> None:
        """Raise Failure when a file is lost, torn from the others of its photo, or not as the library knows it."""
        with closing(Library.open(self._library)) as library:
            library.file_moves.recover()
            if left := list(self._library.glob("operations/*")):
                raise Failure(f"left over: {left}")
            files = self._files()
            for number in range(self._groups):
                self._check_group(library, f"{number:02}", files)
            if unknown := sorted(path for path in files if Path(path).name.startswith(".")):
                raise Failure(f"left over: {unknown}")
            known = library.photos()
            progress = index(library)
            if progress.indexed or progress.removed or progress.missing or library.photos() != known:
                raise Failure(f"the library was not up to date: {progress}")

    def _check_group(self, library: Library, group: str, files: dict[str, bytes]) -> None:
        mine = {path: content for path, content in files.items() if path.startswith(f"photos/{group}/")}
        here = {name: self._check_photo(library, group, name, mine) for name in _GONE}
        large = f"photos/{group}/large.jpg"
        copy = f"photos/{group}/large.xmp"
        if files.get(large) != self._before[large]:
            raise Failure(f"{large} is lost")
        is_copied = files.get(copy)
        if is_copied != (None if here["small.jpg"] else self._before[f"photos/{group}/small.xmp"]):
            raise Failure(
                f"{copy}: {is_copied!r}, small.jpg is {'here' if here['small.jpg'] else 'in the trash'}"
            )
        kept = _find(library, self._place / large)
        assert kept is not None
        has_date = kept.facts.taken_from in METADATA_DATES
        if has_date == here["small.jpg"] or (has_date and kept.facts.taken_at != _DATE):
            raise Failure(f"{large} has the date {kept.facts.taken_at} from {kept.facts.taken_from}")
        is_member = any(kept.photo_id in cluster.members for cluster in library.cluster_edits.snapshot())
        if is_member == here["small.jpg"]:
            raise Failure(f"{large} is {'' if is_member else 'not '}in the cluster")

    def _check_photo(self, library: Library, group: str, name: str, files: dict[str, bytes]) -> bool:
        """Return whether a photo is in its folder; raise Failure unless all of its files are there, or in the trash."""
        stem = f"photos/{group}/{name.removesuffix('jpg')}"
        own = {path: content for path, content in self._before.items() if path.startswith(stem)}
        here = {path: content for path, content in files.items() if path.startswith(stem)}
        if here and here != own:
            raise Failure(f"torn: {sorted(here)}")
        if not here:
            trashed = [path.read_bytes() for path in self._trash.glob("files/*")]
            if any(content not in trashed for content in own.values()):
                raise Failure(f"{stem} is lost")
        if (_find(library, self._photos / group / name) is not None) != bool(here):
            raise Failure(f"{stem} is not as the library knows it")
        return bool(here)

    def _create(self) -> None:
        for number in range(self._groups):
            folder, seed = self._photos / f"{number:02}", number + 1
            make_photo(folder / "large.jpg", seed, (480, 360))
            make_photo(folder / "small.jpg", seed, exif=make_exif(taken_at="2021:05:04 10:20:30"))
            (folder / "small.xmp").write_text(f"edits {number}")
            make_photo(folder / "tiny.jpg", seed, (160, 120))
            if number % 2:
                make_dng(folder / "tiny.dng")
                (folder / "tiny.dng.xmp").write_text(f"raw edits {number}")
        with closing(Library.open(self._library)) as library:
            index(library, self._photos)
            small = [photo.photo_id for photo in library.photos() if photo.path.endswith("small.jpg")]
            table = library.cluster_edits._table
            table.rename(table.assign(small), "Kyoto")

    def _basket(self, library: Library) -> Basket:
        groups = []
        for number in range(self._groups):
            folder = self._photos / f"{number:02}"
            gone = tuple(photo for name in _GONE if (photo := _find(library, folder / name)) is not None)
            kept = _find(library, folder / "large.jpg")
            assert kept is not None
            groups.append(BasketGroup(folder.name, DuplicateKind.SAME, gone, (kept,)))
        return Basket(tuple(groups))

    def _move(self, library: Library, basket: Basket) -> OperationResult:
        result = library.duplicate_trash.run(basket, move_to_trash, TransferProgress(), inherit=True)
        if result.report.failed:
            raise Failure(result.report.failed[0].reason)
        return result

    def _files(self) -> dict[str, bytes]:
        return {
            path.relative_to(self._place).as_posix(): path.read_bytes()
            for path in self._photos.rglob("*")
            if path.is_file()
        }


def _find(library: Library, path: Path) -> Photo | None:
    return library.find(path)


def kill_at_random(trial: BasketTrial, kind: str, seconds: float, rng: random.Random) -> None:
    """Kill the operation, and in half of all cases its recovery; then recover and check."""
    _kill_after(lambda ready: trial.run(kind, ready), rng.random() * seconds)
    if rng.random() < 0.5:
        _kill_after(lambda ready: (ready(), trial.recover()), rng.random() * 0.1)
    run_in_child(trial.check)


def kill_at_step(trial: BasketTrial, kind: str, step: int) -> bool:
    """Kill the operation before a step; returns False when it has fewer steps."""
    was_killed = run_in_child(lambda: trial.run(kind, lambda: count_down(step)))
    run_in_child(trial.check)
    return was_killed


def count_steps(folder: Path, kind: str, *, groups: int = 1, stride: int = 1) -> int:
    """Kill an operation at each `stride`-th step; returns the number of kills."""
    with pytest.MonkeyPatch.context() as patch:
        use_fake_embedder(patch)
        trial = BasketTrial(folder, groups)
        for kills, step in enumerate(range(0, sys.maxsize, stride)):
            trial.reset()
            try:
                if not kill_at_step(trial, kind, step):
                    return kills
            except Failure as failure:
                raise Failure(f"{kind}, step {step}: {failure}") from failure
    raise AssertionError("unreachable")


def _kill_after(run: Callable[[Callable[[], object]], object], seconds: float) -> None:
    """Run something in a child, which is killed so many seconds after it is ready."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        run_and_exit(lambda: run(lambda: os.close(writer)))
    os.close(writer)
    os.read(reader, 1)  # ends when the child closes its side
    os.close(reader)
    time.sleep(seconds)
    os.kill(child, 9)
    os.waitpid(child, 0)


def _duration(trial: BasketTrial, kind: str) -> float:
    """Return the seconds that the operation takes."""
    reader, writer = os.pipe()

    def run() -> None:
        started = 0.0

        def ready() -> None:
            nonlocal started
            started = time.monotonic()

        trial.run(kind, ready)
        os.write(writer, str(time.monotonic() - started).encode())

    run_in_child(run)
    seconds = float(os.read(reader, 100))
    os.close(reader)
    os.close(writer)
    return seconds


def run_random(times: int, seed: int, groups: int) -> int:
    """Kill baskets and their undo at random moments; returns the number of failures."""
    rng = random.Random(seed)
    failures = 0
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        use_fake_embedder(patch)
        trial = BasketTrial(Path(folder), groups)
        seconds = {}
        for kind in KINDS:
            trial.reset()
            seconds[kind] = _duration(trial, kind)
        for number in range(times):
            kind = KINDS[number % len(KINDS)]
            trial.reset()
            try:
                kill_at_random(trial, kind, seconds[kind], rng)
            except Failure as failure:
                failures += 1
                print(f"{number}: {kind}: FAILED: {failure}", flush=True)
            else:
                print(f"{number}: {kind}: whole again", flush=True)
    print(f"{times - failures} of {times} passed.")
    return failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--groups", type=int, default=6)
    options = parser.parse_args()
    return 1 if run_random(options.times, options.seed, options.groups) else 0


if __name__ == "__main__":
    sys.exit(main())
