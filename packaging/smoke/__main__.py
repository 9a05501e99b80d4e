"""Drive the packaged program, not the source: `python packaging/smoke dist/photosim/photosim`.

Run it with the Python of the development set-up, whose PhotoSim is the measure. On Linux the window is looked at,
clicked and dragged to on a virtual screen; `--artifacts FOLDER` keeps what was seen.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from PIL import ImageOps  # noqa: E402
from program import Program, SmokeError, check, source  # noqa: E402

from photosim import APP_NAME, __version__  # noqa: E402
from tests.support.file_kinds import KINDS, make_kind  # noqa: E402
from tests.support.images import make_detailed_scene, make_photo, save  # noqa: E402

_SCENES, _VARIANTS = 25, 2
_PHOTOS = _SCENES * _VARIANTS
_COPIED = 4
"""Photos of which there are edited copies."""

_NOBODY = 65534
_FIRST_WINDOW = 2.0
"""Seconds from the second start to the window, on a machine that has nothing else to do."""


def main() -> None:
    """Check one promise after the other; ends with status 1 at the first that is not kept."""
    parser = argparse.ArgumentParser(description="Drive the packaged program.")
    parser.add_argument("program", type=Path, help="the executable")
    parser.add_argument("--window", type=Path, help="the executable of the window, where it is another one")
    parser.add_argument(
        "--previous", type=Path, help="the executable of the version before, whose library must open"
    )
    parser.add_argument("--artifacts", type=Path, help="a folder for the pictures and figures")
    parser.add_argument(
        "--patient", action="store_true", help="a busy machine: only say how long the window takes"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="photosim-smoke-") as folder:
        test = SmokeTest(arguments, Path(folder).resolve())
        checks: list[Callable[[], None]] = [
            test.it_says_its_version,
            test.it_indexes_without_a_network,
            test.it_answers_as_the_source_does,
            test.it_reads_what_the_source_reads,
            test.it_finds_copies_by_their_pixels,
            test.its_licences_are_there,
            test.it_opens_the_library_of_the_version_before,
            test.it_works_for_anybody_anywhere,
            test.its_window_works,
        ]
        for each in checks:
            started = time.monotonic()
            try:
                each()
            except (SmokeError, RuntimeError, subprocess.SubprocessError) as error:
                raise SystemExit(f"NOT KEPT: {each.__name__.replace('_', ' ')}\n{error}") from error
            print(f"kept: {each.__name__.replace('_', ' ')} ({time.monotonic() - started:.1f} s)", flush=True)


class SmokeTest:
    """The promises, in the order in which they are checked."""

    def __init__(self, arguments: argparse.Namespace, folder: Path) -> None:
        self._path = arguments.program.resolve()
        self._window_path = (arguments.window or arguments.program).resolve()
        self._previous: Path | None = arguments.previous
        self._artifacts: Path | None = arguments.artifacts
        self._patient: bool = arguments.patient
        self._folder = folder
        self._program = Program((str(self._path),))
        self._library = folder / "library"
        self._photos = folder / "photos"
        for scene in range(_SCENES):
            for variant in range(_VARIANTS):
                make_photo(
                    self._photos / f"photo-{scene:02}-{variant}.jpg", scene, (640, 480), variant=variant
                )
        if self._artifacts is not None:
            self._artifacts.mkdir(parents=True, exist_ok=True)

    def it_says_its_version(self) -> None:
        """`--version` is that of the source."""
        said = self._program.run("--version").strip()
        check(said == f"{APP_NAME} {__version__}", f"--version says {said!r}.")

    def it_indexes_without_a_network(self) -> None:
        """All photos are read; where the system lets us, with no network at all."""
        alone = (
            ("unshare", "--net")
            if os.name == "posix" and os.geteuid() == 0 and shutil.which("unshare")
            else ()
        )
        Program((*alone, str(self._path))).run("--library", self._library, "index", self._photos)
        status = self._program.ask("--library", self._library, "status")
        check(status["embedded"] == _PHOTOS and not status["unreadable"], f"The status is {status}.")

    def it_answers_as_the_source_does(self) -> None:
        """`similar` and `clusters` of both are the same."""
        own, ours = self._library, self._folder / "library of the source"
        measure = source(ROOT)
        measure.run("--library", ours, "index", self._photos)
        for photo in sorted(self._photos.iterdir())[:: _PHOTOS // 5]:
            answers = [
                who.ask("--library", where, "similar", photo)
                for who, where in ((self._program, own), (measure, ours))
            ]
            check(
                _rounded(answers[0]) == _rounded(answers[1]),
                f"For {photo.name} it answers {answers[0]}, the source {answers[1]}.",
            )
            check(bool(answers[0]["matches"]), f"Nothing is similar to {photo.name}.")
        groups = [
            who.ask("--library", where, "clusters") for who, where in ((self._program, own), (measure, ours))
        ]
        check(groups[0] == groups[1], f"Its clusters are {groups[0]}, those of the source {groups[1]}.")

    def it_reads_what_the_source_reads(self) -> None:
        """Every kind of photo is read by both, and what is none is listed by both for the same reason."""
        folder = self._folder / "kinds"
        folder.mkdir()
        for kind in KINDS:
            make_kind(folder / kind, kind)
        (folder / "none.jpg").write_bytes(b"no photo")
        statuses = []
        for who, name in ((self._program, "kinds read"), (source(ROOT), "kinds read by the source")):
            who.run("--library", self._folder / name, "index", folder)
            statuses.append(who.ask("--library", self._folder / name, "status"))
        check(statuses[0] == statuses[1], f"The status is {statuses[0]}, that of the source {statuses[1]}.")
        check(statuses[0]["embedded"] == len(KINDS), f"Not every kind of photo is read: {statuses[0]}.")

    def it_finds_copies_by_their_pixels(self) -> None:
        """Edited copies are one group each: the packaged OpenCV, part of which is left out, compares thumbnails."""
        folder = self._folder / "copies"
        expected = []
        for seed in range(_COPIED):
            picture = make_detailed_scene(seed)
            edits = {
                "original": picture,
                "cropped": picture.crop((32, 24, 288, 216)),
                "mirrored": ImageOps.mirror(picture),
                "turned": picture.rotate(90, expand=True).resize((150, 200)),
            }
            paths = [save(copy, folder / f"{seed} {name}.jpg") for name, copy in edits.items()]
            expected.append(sorted(str(path) for path in paths))
        found = []
        for who, name in ((self._program, "copies"), (source(ROOT), "copies of the source")):
            library = self._folder / f"library of {name}"
            who.run("--library", library, "index", folder)
            groups = who.ask("--library", library, "duplicates", "--kind", "same")["groups"]
            found.append(sorted(sorted(photo["path"] for photo in group["photos"]) for group in groups))
        check(found[0] == expected, f"It finds these copies: {found[0]}.")
        check(found[0] == found[1], f"It finds these copies: {found[0]}, the source {found[1]}.")

    def its_licences_are_there(self) -> None:
        """The package holds its own licence and those of its parts."""
        folders = [path for path in self._program_folder().rglob("licences") if path.is_dir()]
        check(len(folders) == 1, f"There are {len(folders)} folders of licences.")
        texts = {path.name: path.read_text(encoding="utf-8") for path in folders[0].iterdir()}
        check("GNU AFFERO GENERAL PUBLIC LICENSE" in texts["LICENSE"], "The AGPL is missing.")
        for name in ("torch", "ultralytics", "PySide6", "numpy", "Pillow", "igraph", "hnswlib", "opencv"):
            check(name.lower() in texts["THIRD-PARTY.txt"].lower(), f"The licence of {name} is missing.")

    def it_opens_the_library_of_the_version_before(self) -> None:
        """An update keeps the library: nothing is read again, and the answers are there."""
        if self._previous is None:
            return
        library = self._folder / "library of before"
        before = Program((str(self._previous.resolve()),))
        before.run("--library", library, "index", self._photos)
        status = self._program.ask("--library", library, "status")
        check(status["embedded"] == _PHOTOS, f"Of the library of before this is left: {status}.")
        photo = min(self._photos.iterdir())
        check(
            bool(self._program.ask("--library", library, "similar", photo)["matches"]),
            "It finds nothing there.",
        )

    def it_works_for_anybody_anywhere(self) -> None:
        """From a read-only folder with an odd name, with an empty home folder, as another user where we may."""
        place = self._folder / "Ein Ort mit Leerzeichen, ümläut 写真"
        place.mkdir()
        there = place / self._program_folder().name
        shutil.copytree(self._program_folder(), there, symlinks=True)
        photos = place / "Fotos Ñandú 海"
        for scene in range(3):
            make_photo(photos / f"bild {scene} é.jpg", scene)
        home = self._folder / "home"
        home.mkdir()
        user = _NOBODY if os.name == "posix" and os.geteuid() == 0 else None
        if user is not None:
            self._folder.chmod(0o755)
            os.chown(home, user, user)
        _make_read_only(there)
        before = _fingerprint(there)
        homes = {name: str(home) for name in ("HOME", "USERPROFILE", "LOCALAPPDATA", "APPDATA")}
        plain = {name: word for name, word in os.environ.items() if not name.startswith("XDG_")}
        program = Program((str(there / self._path.relative_to(self._program_folder())),), plain | homes, user)
        program.run("index", photos)
        status = program.ask("status")
        check(status["embedded"] == 3, f"The status is {status}.")
        check(
            len(program.ask("similar", photos / "bild 0 é.jpg")["matches"]) == 2,
            "It does not find its photos.",
        )
        check(_fingerprint(there) == before, "It wrote into its own folder.")
        _make_read_only(there, undo=True)

    def its_window_works(self) -> None:
        """It opens on a folder, takes another by drop, shows neighbours after a click, and closes."""
        if sys.platform == "linux":
            from window import drive

            report = drive(self._window_path, self._folder, self._photos, self._artifacts)
            seconds = report["first_window_seconds"]
            print(f"      the first window came after {seconds:.2f} s", flush=True)
            check(self._patient or seconds <= _FIRST_WINDOW, "That is too long.")
        else:
            self._open_window()

    def _open_window(self) -> None:
        """Where there is no virtual screen: the window indexes a folder, and then is told to go."""
        library = self._folder / "library of the window"
        process = Program((str(self._window_path),)).start("--library", library, self._photos)
        until = time.monotonic() + 300
        while time.monotonic() < until:
            time.sleep(3)
            check(
                process.poll() is None,
                f"The window is gone: {process.communicate() if process.poll() else ''}",
            )
            if (library / "library.db").exists():
                status = self._program.ask("--library", library, "status")
                if status["embedded"] == _PHOTOS:
                    break
        else:
            raise SmokeError("The window did not index its folder.")
        if self._artifacts is not None:
            from PIL import ImageGrab

            ImageGrab.grab().save(self._artifacts / "window.png")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)

    def _program_folder(self) -> Path:
        """What is installed: the folder of the executable, or on macOS the whole .app."""
        apps = [folder for folder in self._path.parents if folder.suffix == ".app"]
        return apps[0] if apps else self._path.parent


def _rounded(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer of `similar` with four digits: the batches of a busy computer change embeddings by up to 0.00001."""
    numbers = ("similarity", "score")
    matches = [{**match, **{name: round(match[name], 4) for name in numbers}} for match in answer["matches"]]
    return answer | {"matches": matches}


def _make_read_only(folder: Path, *, undo: bool = False) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            writing = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
            path.chmod(mode | stat.S_IWUSR if undo else mode & ~writing)


def _fingerprint(folder: Path) -> str:
    facts = [
        (str(path), path.lstat().st_size, path.lstat().st_mtime_ns) for path in sorted(folder.rglob("*"))
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


if __name__ == "__main__":
    main()
