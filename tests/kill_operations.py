"""Kill file operations at random moments or at each of their steps, recover them, and look for what is wrong then.

    python -m tests.kill_operations --times 200 --seed 1
    python -m tests.kill_operations --steps

After the recovery, which is killed too, each file must be there once with its content, all files of a photo in one
folder, and no part, empty file, note of the trash or journal be left over. A photo to keep must have copies of the side
files of a replaced photo that is in the trash, and of no other. The exit status is 1 otherwise.
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from photosim.files.bundles import PhotoFiles, collect_photo_files
from photosim.files.operations import renaming
from photosim.files.operations import trash as system_trash
from photosim.files.operations.copying import TransferProgress
from photosim.files.operations.journal import OperationJournal, recover_operations
from photosim.files.operations.operation_log import LogKind, MovedFile
from photosim.files.operations.transfer import TransferReport, restore, transfer
from photosim.files.operations.trashing import NO_REPLACEMENTS, Replacement, trash
from photosim.files.state import read_state

KINDS = ("move", "copy", "trash", "replace", "undo move", "undo trash", "undo copy", "undo replace")
"""To replace a photo is to trash it while another one stays, which gets copies of its side files."""

RENAMES = ("exclusive", "link", "placeholder")
"""How files are renamed: as today's drives, as older ones, and as FAT drives on older systems do it."""

_STEP_EVENTS = frozenset({"os.rename", "os.remove", "os.link", "os.mkdir", "os.utime", "os.chmod"})
_KILLED = 99


class Failure(Exception):  # noqa: N818 - a test result
    """A finding."""


class OperationTrial:
    """Folders with photos, on which one operation is killed."""

    def __init__(
        self, folder: Path, kind: str, other_drive: Path | None, photos: int, rng: random.Random
    ) -> None:
        """With `other_drive`, the target is in that folder."""
        self.kind = kind
        self.library = folder / "library"
        self.source = folder / "source"
        self.target = (other_drive or folder) / "target"
        self.kept = folder / "kept"
        self.home = folder / "home"
        self.trash = self.home / "Trash"
        for path in (self.library, self.source, self.target, self.kept, self.home):
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir()
        os.environ["XDG_DATA_HOME"] = str(self.home)
        self.contents: Counter[str] = Counter()
        for number in range(photos):
            for suffix in (
                ".jpg",
                *([".NEF"] if number % 2 == 0 else []),
                *([".xmp"] if number % 3 == 0 else []),
            ):
                content = rng.randbytes(rng.choice([1000, 50_000, 400_000] if photos > 2 else [1000]))
                (self.source / f"IMG_{number:03}{suffix}").write_bytes(content)
                self.contents[_digest(content)] += 1
            (self.kept / f"KEPT_{number:03}.jpg").write_bytes(rng.randbytes(1000))
        self.before: TransferReport | None = None
        if kind.startswith("undo"):
            self.before = self._operate(kind.removeprefix("undo "))

    def run(self) -> None:
        """Run the operation with its journal."""
        if self.before is None:
            self._operate(self.kind)
            return
        with OperationJournal(self.library) as log:
            if self.kind == "undo copy":
                copies = [PhotoFiles(tuple(file.entry.path for file in files)) for files in self.before.done]
                trash(copies, system_trash.move_to_trash, TransferProgress(), log=log)
            else:
                remove_copies = self.kind == "undo replace"
                restore(self.before.done, TransferProgress(), log, remove_copies=remove_copies)

    def _operate(self, kind: str) -> TransferReport:
        photos = _photos_in(self.source)
        with OperationJournal(self.library) as log:
            if kind in ("trash", "replace"):
                report = trash(
                    photos,
                    system_trash.move_to_trash,
                    TransferProgress(),
                    replacements=self._replacements(photos) if kind == "replace" else NO_REPLACEMENTS,
                    log=log,
                )
            else:
                report = transfer(photos, self.target, TransferProgress(), move=kind == "move", log=log)
        if report.failed:
            raise Failure(f"{kind}: {report.failed[0].reason}")
        return report

    def _replacements(self, photos: Sequence[PhotoFiles]) -> dict[str, Replacement]:
        kept = {photo.photo: self._kept_for(Path(photo.photo).stem) for photo in photos}
        return {
            photo: Replacement({str(path): read_state(str(path))}, PhotoFiles((str(path),)), "a note")
            for photo, path in kept.items()
        }

    def _kept_for(self, stem: str) -> Path:
        return self.kept / f"{stem.replace('IMG', 'KEPT')}.jpg"

    def recover(self) -> list[MovedFile]:
        """Recover what was killed; returns what would be recorded in the catalog."""
        recorded: list[MovedFile] = []

        def record(_kind: LogKind, files: Sequence[MovedFile]) -> None:
            recorded.extend(files)

        recover_operations(self.library, record)
        return recorded

    def check(self, recorded: Sequence[MovedFile]) -> None:
        """Raise Failure when a file is lost, doubled, torn from the others of its photo, or left over."""
        found: Counter[str] = Counter()
        folders: dict[str, set[Path]] = defaultdict(set)
        for folder in (self.source, self.target, self.trash / "files"):
            for file in sorted(folder.iterdir()) if folder.is_dir() else ():
                content = file.read_bytes()
                if file.name.startswith(".") or not content:
                    raise Failure(f"left over: {file} with {len(content)} bytes")
                found[_digest(content)] += 1
                folders[file.name.split(".")[0]].add(folder)
        is_copied = self.kind in ("copy", "undo copy")
        if lost := self.contents - found:
            raise Failure(f"{len(lost)} files are lost")
        if set(found) - set(self.contents) or (not is_copied and found != self.contents):
            raise Failure("there are more files than before")
        if not is_copied and (torn := [stem for stem, places in folders.items() if len(places) > 1]):
            raise Failure(f"torn: {torn}")
        if is_copied:
            self._check_copies()
        self._check_side_files(folders)
        notes = {note.name.removesuffix(".trashinfo") for note in _list(self.trash / "info")}
        if notes != {file.name for file in _list(self.trash / "files")}:
            raise Failure(f"notes of the trash: {notes}")
        if left := _list(self.library / "operations"):
            raise Failure(f"left over: {left}")
        if missing := [file.entry.path for file in recorded if not Path(file.entry.path).exists()]:
            raise Failure(f"recorded, but not there: {missing}")

    def _check_side_files(self, folders: Mapping[str, set[Path]]) -> None:
        """Raise Failure unless exactly the photos to keep of replaced photos have copies of their side files."""
        expected = {path.name for path in self.kept.glob("*.jpg")}
        for stem, places in folders.items():
            side_file = self.trash / "files" / f"{stem}.xmp"
            if self.kind.endswith("replace") and self.trash / "files" in places and side_file.exists():
                copy = self._kept_for(stem).with_suffix(".xmp")
                expected.add(copy.name)
                if not copy.exists() or copy.read_bytes() != side_file.read_bytes():
                    raise Failure(f"{copy} is no copy of the side file")
        if found := {path.name for path in self.kept.iterdir()} - expected:
            raise Failure(f"left over: {found}")

    def _check_copies(self) -> None:
        for folder in (self.target, self.trash / "files"):
            for stem in {file.name.split(".")[0] for file in _list(folder)}:
                copies = {file.name for file in _list(folder) if file.name.split(".")[0] == stem}
                if copies != {file.name for file in _list(self.source) if file.name.split(".")[0] == stem}:
                    raise Failure(f"a part of a copied photo: {copies}")


def kill_at_random(trial: OperationTrial, seconds: float, rng: random.Random) -> None:
    """Kill the operation, and in half of all cases its recovery; then recover and check."""
    _kill_after(trial.run, rng.random() * seconds)
    if rng.random() < 0.5:
        _kill_after(trial.recover, rng.random() * 0.01)
    trial.check(trial.recover())


def kill_at_step(trial: OperationTrial, step: int) -> bool:
    """Kill the operation before a step; returns False when it has fewer steps."""
    was_killed = _kill_before(trial.run, step)
    if was_killed:
        _kill_before(trial.recover, step % 7)
    trial.check(trial.recover())
    return was_killed


def count_steps(
    folder: Path, kind: str, *, two_drives: bool = False, renames: str = RENAMES[0], stride: int = 1
) -> int:
    """Kill an operation on two photos at each step, or at every `stride`-th; returns the number of kills.

    `two_drives` lets renaming fail as between two drives.
    """
    rng = random.Random(1)
    original = renaming.rename_new, renaming._rename_exclusively, renaming._rename_by_link
    if two_drives:
        renaming.rename_new = partial(_rename_on_one_drive, renaming.rename_new)
    if renames != "exclusive":
        renaming._rename_exclusively = lambda *_: False
    if renames == "placeholder":
        renaming._rename_by_link = lambda *_: False
    try:
        for kills, step in enumerate(range(0, sys.maxsize, stride)):
            try:
                if not kill_at_step(OperationTrial(folder, kind, None, 2, rng), step):
                    return kills
            except Failure as failure:
                raise Failure(f"{kind}, {renames}, step {step}: {failure}") from failure
    finally:
        renaming.rename_new, renaming._rename_exclusively, renaming._rename_by_link = original
    raise AssertionError("unreachable")


def _rename_on_one_drive(rename: Callable[[str, str], None], source: str, target: str) -> None:
    if Path(source).parent != Path(target).parent:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
    rename(source, target)


def _kill_before(run: Callable[[], object], step: int) -> bool:
    """Run something in a child that ends before a step; return whether there was such a step."""

    def count_and_run() -> None:
        count_down(step)
        run()

    return run_in_child(count_and_run)


def run_in_child(run: Callable[[], object]) -> bool:
    """Run something in a child; return whether `count_down` ended it. Raises Failure with what went wrong in it."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        run_and_exit(run, writer)
    os.close(writer)
    with os.fdopen(reader, errors="replace") as messages:
        message = messages.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code not in (0, _KILLED):
        raise Failure(message or f"the operation ended with {code}")
    return code == _KILLED


def count_down(step: int) -> None:
    """End this process before a step that changes the disk."""
    left = step

    def count() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os._exit(_KILLED)

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        writes = (
            event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        )
        if writes or event in _STEP_EVENTS:
            count()

    def around(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any) -> Any:
            count()
            result = call(*arguments)
            count()
            return result

        return counted

    renaming._rename_exclusively = around(renaming._rename_exclusively)
    os.fsync = around(os.fsync)
    sys.addaudithook(audit)


def _kill_after(run: Callable[[], object], seconds: float) -> None:
    child = os.fork()
    if not child:
        run_and_exit(run)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def run_and_exit(run: Callable[[], object], messages: int = 2) -> NoReturn:
    """Run something and end this process; what went wrong is written to the descriptor `messages`."""
    try:
        run()
    except BaseException as error:
        os.write(messages, f"{type(error).__name__}: {error}\n".encode(errors="replace"))
        os._exit(1)
    os._exit(0)


def _photos_in(folder: Path) -> list[PhotoFiles]:
    shots = []
    for photo in sorted(folder.glob("*.jpg")):
        raw = photo.with_suffix(".NEF")
        shots.append((str(photo), [str(raw)] if raw.exists() else []))
    return collect_photo_files(shots)


def _list(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _other_drive(folder: Path) -> Path | None:
    """Return a folder on another drive, None where there is none."""
    for shared in (Path("/dev/shm"), Path("/var/tmp")):  # noqa: S108
        if shared.is_dir() and shared.stat().st_dev != folder.stat().st_dev:
            return Path(tempfile.mkdtemp(prefix="photosim-", dir=shared))
    return None


def run_random(times: int, seed: int, photos: int) -> int:
    """Kill operations of all kinds at random moments; returns the number of failures."""
    rng = random.Random(seed)
    failures = 0
    seconds: dict[tuple[str, bool], float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        drive = _other_drive(folder)
        cases = [(kind, None) for kind in KINDS]
        if drive is not None:
            cases += [(kind, drive) for kind in ("move", "copy", "undo move")]
        try:
            for number in range(times):
                kind, other = cases[number % len(cases)]
                title = f"{number}: {kind}{' to another drive' if other else ''}"
                if (kind, bool(other)) not in seconds:
                    trial = OperationTrial(folder, kind, other, photos, rng)
                    started = time.monotonic()
                    trial.run()
                    seconds[kind, bool(other)] = time.monotonic() - started
                try:
                    kill_at_random(
                        OperationTrial(folder, kind, other, photos, rng), seconds[kind, bool(other)], rng
                    )
                except Failure as failure:
                    failures += 1
                    print(f"{title}: FAILED: {failure}", flush=True)
                else:
                    print(f"{title}: whole again", flush=True)
        finally:
            if drive is not None:
                shutil.rmtree(drive)
    print(f"{times - failures} of {times} passed, in {len(cases)} kinds of operations.")
    return failures


def run_steps() -> int:
    """Kill operations of all kinds at each of their steps; returns the number of failures."""
    failures = 0
    for kind in KINDS:
        for two_drives in (False, True) if kind in ("move", "copy", "undo move") else (False,):
            for renames in RENAMES:
                with tempfile.TemporaryDirectory() as folder:
                    try:
                        kills = count_steps(Path(folder), kind, two_drives=two_drives, renames=renames)
                    except Failure as failure:
                        failures += 1
                        print(f"FAILED: {failure}", flush=True)
                    else:
                        print(
                            f"{kind}, {renames}{', two drives' if two_drives else ''}: {kills} kills passed"
                        )
    return failures


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--photos", type=int, default=12)
    parser.add_argument("--steps", action="store_true", help="kill at each step instead of at random moments")
    options = parser.parse_args(arguments)
    failures = run_steps() if options.steps else run_random(options.times, options.seed, options.photos)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
