"""Build what people install: `python packaging/build.py` on Linux, Windows or macOS.

The results lie in `dist`: the folder `photosim` that PyInstaller made, the installers of this system, the source
that belongs to them, and `sizes.md`, what in the folder weighs what.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from identity import APP_NAME, HOMEPAGE, ROOT, __version__, epoch, machine
from sizes import LARGEST_DEB, LARGEST_FOLDER, check_size, table
from source import build_source

HERE = Path(__file__).resolve().parent
DIST, WORK = ROOT / "dist", ROOT / "build"


def main() -> None:
    """Build the folder and, unless told otherwise, the installers."""
    parser = argparse.ArgumentParser(description="Build what people install.")
    parser.add_argument("--folder-only", action="store_true", help="no installers, only the program's folder")
    parser.add_argument("--quick", action="store_true", help="compress little: to try the installers")
    arguments = parser.parse_args()
    program = build_folder()
    (DIST / "sizes.md").write_text(table(program), encoding="utf-8")
    if sys.platform == "linux":
        check_size(program, LARGEST_FOLDER)
    made = (
        []
        if arguments.folder_only
        else [*build_installers(program, quick=arguments.quick), build_source(DIST)]
    )
    for path in (program, *made):
        if path is not None:
            print(path.relative_to(ROOT))


def build_folder() -> Path:
    """Run PyInstaller; gives the folder of the program."""
    shutil.rmtree(DIST, ignore_errors=True)
    words = [
        "--noconfirm",
        "--clean",
        "--log-level=WARN",
        f"--distpath={DIST}",
        f"--workpath={WORK / 'pyinstaller'}",
    ]
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(epoch()), "PYTHONHASHSEED": "0"}
    spec = str(HERE / "photosim.spec")
    subprocess.run([sys.executable, "-m", "PyInstaller", *words, spec], cwd=ROOT, env=environment, check=True)
    program = DIST / "photosim"
    if sys.platform == "linux":
        from linux.strip import strip
        from linux.trim import TRIMMED, trim, unused_code

        inside = program / "_internal"
        # Before the symbols are gone.
        unused = [(inside / name, unused_code(inside / name, names)) for name, names in TRIMMED.items()]
        strip(inside)
        for library, ranges in unused:
            trim(library, ranges)
    return program


def build_installers(program: Path, *, quick: bool = False) -> list[Path]:
    """What this system installs from."""
    if sys.platform == "win32":
        return [_setup_program()]
    if sys.platform == "darwin":
        return [_disk_image()]
    from linux.deb import build_deb
    from linux.tarball import build_tarball

    made = [build_deb(program, WORK, DIST, quick=quick)] if shutil.which("dpkg-deb") else []
    for package in () if quick else made:
        check_size(package, LARGEST_DEB)
    return [*made, build_tarball(program, DIST, quick=quick)]


def _setup_program() -> Path:
    name = f"{APP_NAME}-{__version__}-windows-{machine()}-setup"
    words = [
        f"/DVersion={__version__}",
        f"/DOutput={name}",
        *([f"/DHomepage={HOMEPAGE}"] if HOMEPAGE else []),
    ]
    words.append(str(HERE / "windows" / "photosim.iss"))
    subprocess.run([shutil.which("iscc") or "ISCC.exe", "/Qp", *words], cwd=ROOT, check=True)
    return DIST / f"{name}.exe"


def _disk_image() -> Path:
    image = DIST / f"{APP_NAME}-{__version__}-macos-{machine()}.dmg"
    subprocess.run(
        ["sh", str(HERE / "macos" / "dmg.sh"), str(DIST / f"{APP_NAME}.app"), str(image)], check=True
    )
    return image


if __name__ == "__main__":
    main()
