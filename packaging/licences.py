"""Everything in the package that others wrote, with its licence: one text, collected from what is packaged."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from identity import APP_NAME, HOMEPAGE, __version__, commit

from photosim import licences
from photosim.licences import ThirdPartyWork

_INTRODUCTION = """\
PhotoSim is free software under the GNU Affero General Public License, version 3 or later (see LICENSE).
This package also holds the works of others listed here, each under its own licence. Where the source is, is said in
SOURCE.txt.
"""

_OFFER = """\
{name} {version} is free software. Its complete source, with all that is needed to build this package from it, lies
{place}
as {name}-{version}-source.tar.xz{commit}.

The works of others in it are unchanged but for parts that are left out. THIRD-PARTY.txt names each with its version
and its home, where its source is published; packaging/constraints.txt in the source pins them. Whoever passes this
package on has to pass the source on with it, or offer it in one of the ways that section 6 of the licence names.

Qt, PySide and igraph are libraries of their own in the program's folder, and can be replaced there by a version that
you have changed.
"""


def source_offer() -> str:
    """Where the source of this package is."""
    place = f"at {HOMEPAGE}" if HOMEPAGE else "beside this package, where it was published,"
    mark = f" (commit {commit()})" if commit() else ""
    return _OFFER.format(name=APP_NAME, version=__version__, place=place, commit=mark)


def third_party(modules: Iterable[str], files: Iterable[str]) -> str:
    """The whole text, for the modules (dotted names) and the files (where they come from) that are packaged."""
    works = [
        licences.python_work(),
        licences.model_work(),
        *_distributions(modules),
        *_system_libraries(files),
    ]
    return licences.format_works(works, _INTRODUCTION)


def _distributions(modules: Iterable[str]) -> list[ThirdPartyWork]:
    known = metadata.packages_distributions()
    tops = {module.partition(".")[0] for module in modules}
    names = {name for top in tops for name in known.get(top, ()) if name.lower() != "photosim"}
    works = [licences.distribution_work(name) for name in sorted(names | {"pyinstaller"}, key=str.lower)]
    if silent := [work.name for work in works if not work.texts]:
        raise SystemExit(f"No licence text is known for: {', '.join(silent)}.")
    return works


def _system_libraries(files: Iterable[str]) -> list[ThirdPartyWork]:
    """The libraries that a Debian system lent to the package; on other systems there are none."""
    if shutil.which("dpkg-query") is None:
        return []
    paths = {
        path
        for file in files
        for path in (file, str(Path(file).resolve()))
        if path.startswith(("/usr/lib/", "/lib/"))
    }
    packages: set[str] = set()
    for path in sorted(paths):
        found = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True, check=False).stdout
        lines = (line for line in found.splitlines() if not line.startswith("diversion"))
        packages |= {line.partition(":")[0] for line in lines}
    return [work for package in sorted(packages) if (work := _system_library(package))]


def _system_library(package: str) -> ThirdPartyWork | None:
    text = Path("/usr/share/doc", package, "copyright")
    if not text.is_file():
        return None
    query = ["dpkg-query", "-W", "-f", "${Version}\n${Homepage}", package]
    said = subprocess.run(query, capture_output=True, text=True, check=True).stdout
    version, _, home = said.partition("\n")
    words = text.read_text(encoding="utf-8", errors="replace")
    return ThirdPartyWork(f"{package} (Debian)", version.strip(), "see the text", home.strip(), (words,))
