"""Everything in the package that others wrote, with its licence: one text, collected from what is packaged."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

_TEXTS = Path(__file__).resolve().parent / "licences"

_WITHOUT_TEXT = {
    "PySide6_Essentials": ("LGPL-3.0", "GPL-3.0"),
    "shiboken6": ("LGPL-3.0", "GPL-3.0"),
    "igraph": ("GPL-2.0",),
}
"""Distributions under a licence whose text they do not, or not wholly, bring; the names of ours."""

_LICENCE_FILE = re.compile(r"(^|/)(licen[cs]e|copying|notice|copyright)[^/]*$", re.IGNORECASE)
_RULE = "=" * 100

_INTRODUCTION = """\
PhotoSim is free software under the GNU Affero General Public License, version 3 or later (see LICENSE).
This package also holds the works of others listed here, each under its own licence.

Source: the source of PhotoSim, and where the source of each of these works is found, lies where this package was
published, for the same version. Qt, PySide and igraph are used unchanged; their libraries lie as separate files
in the program's folder and can be replaced.
"""


@dataclass(frozen=True, slots=True)
class Work:
    """Something in the package that has an author and a licence."""

    name: str
    version: str
    licence: str
    home: str
    texts: tuple[str, ...]


def third_party(modules: Iterable[str], files: Iterable[str]) -> str:
    """The whole text, for the modules (dotted names) and the files (where they come from) that are packaged."""
    works = [_python(), *_distributions(modules), *_system_libraries(files)]
    parts = [_INTRODUCTION, *(f"  {work.name} {work.version}: {work.licence}" for work in works), ""]
    seen: dict[str, str] = {}
    for work in works:
        parts += [_RULE, f"{work.name} {work.version}", f"Licence: {work.licence}"]
        parts += [f"Home: {work.home}"] if work.home else []
        parts += [_RULE, ""]
        for text in work.texts:
            before = seen.setdefault(" ".join(text.split()), work.name)
            parts += [text.strip() if before == work.name else f"The same text as of {before}.", ""]
    return "\n".join(parts)


def _python() -> Work:
    places = (Path(sysconfig.get_path("stdlib"), "LICENSE.txt"), Path(sys.base_prefix, "LICENSE.txt"))
    system = Path("/usr/share/doc", f"python{sys.version_info[0]}.{sys.version_info[1]}", "copyright")
    texts = [_read(path) for path in (*places, system) if path.is_file()]
    if not texts:
        raise SystemExit("The licence of this Python is not where Python puts it.")
    return Work("Python", sys.version.split()[0], "PSF-2.0", "https://www.python.org", tuple(texts[:1]))


def _distributions(modules: Iterable[str]) -> list[Work]:
    known = metadata.packages_distributions()
    tops = {module.partition(".")[0] for module in modules}
    names = {name for top in tops for name in known.get(top, ()) if name.lower() != "photosim"}
    works = [_work(metadata.distribution(name)) for name in sorted(names | {"pyinstaller"}, key=str.lower)]
    if silent := [work.name for work in works if not work.texts]:
        raise SystemExit(f"No licence text is known for: {', '.join(silent)}.")
    return works


def _work(distribution: metadata.Distribution) -> Work:
    facts = distribution.metadata
    name = facts["Name"]
    paths = [str(file) for file in distribution.files or ()]
    texts = [
        _read(Path(str(distribution.locate_file(path))))
        for path in sorted(paths)
        if ".dist-info/" in path and _LICENCE_FILE.search(path)
    ]
    texts += [_read(_TEXTS / f"{text}.txt") for text in _WITHOUT_TEXT.get(name, ())]
    home = facts["Home-page"] or next(
        (url.partition(", ")[2] for url in facts.get_all("Project-URL") or ()), ""
    )
    return Work(name, distribution.version, _licence(facts), home, tuple(texts))


def _licence(facts: metadata.PackageMetadata) -> str:
    stated = facts["License-Expression"] or facts["License"] or ""
    if stated and "\n" not in stated.strip():
        return str(stated).strip()
    classes = [line for line in facts.get_all("Classifier") or () if line.startswith("License ::")]
    return ", ".join(line.rpartition(" :: ")[2] for line in classes) or "see the text"


def _system_libraries(files: Iterable[str]) -> list[Work]:
    """The libraries that a Debian system lent to the package; on other systems there are none."""
    if shutil.which("dpkg-query") is None:
        return []
    paths = {
        path
        for file in files
        for path in (file, str(Path(file).resolve()))
        if path.startswith(("/usr/lib/", "/lib/"))
    }
    packages = set()
    for path in sorted(paths):
        found = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True, check=False).stdout
        packages |= {
            line.partition(":")[0] for line in found.splitlines() if not line.startswith("diversion")
        }
    works = []
    for package in sorted(packages):
        query = ["dpkg-query", "-W", "-f", "${Version}\n${Homepage}", package]
        version, _, home = subprocess.run(query, capture_output=True, text=True, check=True).stdout.partition(
            "\n"
        )
        copyright_file = Path("/usr/share/doc", package, "copyright")
        if copyright_file.is_file():
            works.append(
                Work(
                    f"{package} (Debian)",
                    version.strip(),
                    "see the text",
                    home.strip(),
                    (_read(copyright_file),),
                )
            )
    return works


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
