"""The Debian package: the folder that PyInstaller built, with what makes it a program of the desktop."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from identity import APP_ID, APP_NAME, HOMEPAGE, MAINTAINER, ROOT, __version__, epoch, released
from linux.needed import linked_with
from linux.strip import elf_files

_HERE = Path(__file__).resolve().parent
_ICONS = ROOT / "resources" / "icons"

_LEVEL, _QUICK = 6, 0
"""Of xz, which makes PyTorch's operators a fifth smaller than zstd does at level 15, and takes ten times as long to unpack."""

_CONTROL = """\
Package: photosim
Version: {version}
Section: graphics
Priority: optional
Architecture: {architecture}
Maintainer: {maintainer}
Installed-Size: {kilobytes}
Depends: {depends}
Recommends: libgl1-mesa-dri
{homepage}Description: find the photos that look alike
 Drop a folder of photos on {name}. It reads every photo once and remembers
 what it looks like; from then on a click on a photo shows the photos that
 resemble it, best first, and the clusters show the library falling into groups.
 .
 Nothing in a folder of photos is written, and nothing leaves the computer.
"""

_URL = f"""
  <url type="homepage">{HOMEPAGE}</url>"""

_COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: {name}

Files: *
Copyright: the PhotoSim contributors
License: AGPL-3.0-or-later
 The full text lies in /usr/lib/photosim/_internal/resources/licences/LICENSE, and the licences of all that others
 wrote in THIRD-PARTY.txt beside it.
"""


def build_deb(program: Path, work: Path, out: Path, *, quick: bool = False) -> Path:
    """Make the package of the folder `program`; `work` is a folder to work in. Gives the file below `out`."""
    architecture = _run("dpkg", "--print-architecture").strip()
    tree = work / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(program, tree / "usr/lib/photosim", symlinks=True)
    _link(tree / "usr/bin/photosim", "../lib/photosim/photosim")
    install_desktop_files(tree / "usr/share")
    _document(tree / "usr/share")
    kilobytes = sum(path.lstat().st_size for path in tree.rglob("*") if path.is_file()) // 1024
    control = _CONTROL.format(
        version=debian_version(__version__),
        architecture=architecture,
        maintainer=MAINTAINER,
        homepage=f"Homepage: {HOMEPAGE}\n" if HOMEPAGE else "",
        kilobytes=kilobytes,
        depends=_depends(program, work),
        name=APP_NAME,
    )
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN/control").write_text(control, encoding="utf-8")
    (tree / "DEBIAN/md5sums").write_text(_md5sums(tree), encoding="utf-8")
    _settle(tree)
    file = out / f"photosim_{debian_version(__version__)}_{architecture}.deb"
    # One thread: what several write depends on their number.
    packing = ("-Zxz", f"-z{_QUICK if quick else _LEVEL}", "--threads-max=1")
    _run(*("dpkg-deb", "--root-owner-group", *packing, "--build", tree, file), SOURCE_DATE_EPOCH=str(epoch()))
    return file


def install_desktop_files(share: Path) -> None:
    """Put what makes the program a program of the desktop below `share`: entry, description, icons, manual."""
    fill = {"@VERSION@": __version__, "@DATE@": released().isoformat(), "@URL@": _URL if HOMEPAGE else ""}
    for source, place in (
        (f"{APP_ID}.desktop", "applications"),
        (f"{APP_ID}.metainfo.xml", "metainfo"),
    ):
        _write(share / place / source, _filled(_HERE / source, fill).encode())
    manual = _filled(_HERE / "photosim.1", fill).encode()
    _write(share / "man/man1/photosim.1.gz", gzip.compress(manual, mtime=0))
    for icon in sorted(_ICONS.glob("photosim-*.png")):
        size = icon.stem.removeprefix("photosim-")
        _write(share / f"icons/hicolor/{size}x{size}/apps/{APP_ID}.png", icon.read_bytes())
    _write(share / f"icons/hicolor/scalable/apps/{APP_ID}.svg", (_ICONS / "photosim.svg").read_bytes())


def debian_version(version: str) -> str:
    """1.0.0rc1 comes before 1.0.0: what Debian writes as 1.0.0~rc1."""
    return re.sub(r"(?<=\d)\.?(a|b|rc|dev)(?=\d)", r"~\1", version)


def _document(share: Path) -> None:
    _write(share / "doc/photosim/copyright", _COPYRIGHT.format(name=APP_NAME).encode())
    changes = (ROOT / "CHANGELOG.md").read_bytes()
    _write(share / "doc/photosim/changelog.gz", gzip.compress(changes, mtime=0))


def _depends(program: Path, work: Path) -> str:
    """The packages of the libraries that the program is linked with and does not bring."""
    (work / "debian").mkdir(parents=True, exist_ok=True)
    (work / "debian/control").write_text("Source: photosim\n\nPackage: photosim\nArchitecture: any\n")
    files = list(elf_files(program))
    folders = sorted({file.parent for file in files})
    words = ["dpkg-shlibdeps", "-O", "--ignore-missing-info", "--warnings=0"]
    words += [f"-l{folder}" for folder in folders] + [f"-e{file}" for file in files]
    found = subprocess.run(words, cwd=work, capture_output=True, text=True, check=False)
    if found.returncode:
        missing = "\n".join(line for line in found.stderr.splitlines() if ": error: " in line)
        raise SystemExit(f"A library is neither in the package nor on this system:\n{missing}")
    stated = found.stdout.strip().removeprefix("shlibs:Depends=").split(", ")
    brought = {path.name for path in program.rglob("*")}
    owners = _owners(frozenset[str]().union(*map(linked_with, files)) - brought)
    return ", ".join(package for package in stated if package.partition(" ")[0] in owners)


def _owners(libraries: Iterable[str]) -> frozenset[str]:
    """The packages of this system that hold these libraries: dpkg-shlibdeps also counts those that we bring."""
    words = ["dpkg-query", "-S", *(f"*/{library}" for library in sorted(libraries))]
    listing = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    return frozenset(line.partition(":")[0] for line in listing.splitlines())


def _md5sums(tree: Path) -> str:
    files = sorted(path for path in (tree / "usr").rglob("*") if path.is_file() and not path.is_symlink())
    listing = _run("md5sum", *(path.relative_to(tree) for path in files), cwd=tree)
    return str(listing)


def _settle(tree: Path) -> None:
    """The modes and times that do not depend on who builds and when."""
    for path in tree.rglob("*"):
        if path.is_symlink():
            continue
        runs = path.is_dir() or (path.name in ("photosim", "torch_shm_manager") and path.parent.name != "doc")
        path.chmod(0o755 if runs else 0o644)
        os.utime(path, (epoch(), epoch()))


def _filled(source: Path, words: dict[str, str]) -> str:
    text = source.read_text(encoding="utf-8")
    for mark, word in words.items():
        text = text.replace(mark, word)
    return text


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _link(path: Path, target: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def _run(*words: object, cwd: Path | None = None, **environment: str) -> str:
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env=os.environ | environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout
