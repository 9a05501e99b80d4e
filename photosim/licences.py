"""The licences: PhotoSim's own, those of the works it is made with, and where the source is.

A package holds them as it was built; a run from the source reads them from the installed distributions.
"""

from __future__ import annotations

import re
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from photosim import APP_NAME, __version__
from photosim.paths import resource_path

THIRD_PARTY, SOURCE, OWN = "THIRD-PARTY.txt", "SOURCE.txt", "LICENSE"
"""The files of the packaged program's folder of licences."""

_WITHOUT_TEXT = {
    "PySide6_Essentials": ("LGPL-3.0", "GPL-3.0"),
    "shiboken6": ("LGPL-3.0", "GPL-3.0"),
    "igraph": ("GPL-2.0",),
}
"""Distributions under a licence whose text they do not, or not wholly, bring: the names of ours."""

_LICENCE_FILE = re.compile(r"(^|/)(licen[cs]e|copying|notice|copyright)[^/]*$", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_RULE = "=" * 100
_HEAD = re.compile(
    rf"^{_RULE}\n(?P<name>.+) (?P<version>\S+)\nLicence: (?P<licence>.*)\n(Home: (?P<home>.*)\n)?{_RULE}\n",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class ThirdPartyWork:
    """Something in the program that has an author and a licence."""

    name: str
    version: str
    licence: str
    home: str
    texts: tuple[str, ...]


def own_licence_text() -> str:
    """The GNU Affero General Public License, version 3."""
    packaged = resource_path("licences", OWN)
    return _read(packaged if packaged.is_file() else resource_path().parent / OWN)


def third_party_works() -> list[ThirdPartyWork]:
    """The works of others in this program, each with its licence."""
    packaged = resource_path("licences", THIRD_PARTY)
    return parse_works(_read(packaged)) if packaged.is_file() else [python_work(), *_required(APP_NAME)]


def source_offer() -> str:
    """Where the source of this program is."""
    packaged = resource_path("licences", SOURCE)
    if packaged.is_file():
        return _read(packaged)
    return f"{APP_NAME} {__version__} runs from its source, which lies in {resource_path().parent}."


def format_works(works: Iterable[ThirdPartyWork], introduction: str) -> str:
    """All works in one text; a text that many share stands there once."""
    works = list(works)
    parts = [introduction, *(f"  {work.name} {work.version}: {work.licence}" for work in works), ""]
    seen: dict[str, str] = {}
    for work in works:
        parts += [_RULE, f"{work.name} {work.version}", f"Licence: {work.licence}"]
        parts += [f"Home: {work.home}"] if work.home else []
        parts += [_RULE, ""]
        for text in work.texts:
            before = seen.setdefault(" ".join(text.split()), work.name)
            parts += [text.strip() if before == work.name else f"The same text as of {before}.", ""]
    return "\n".join(parts)


def parse_works(text: str) -> list[ThirdPartyWork]:
    """The works in such a text."""
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return [
        ThirdPartyWork(
            head["name"],
            head["version"],
            head["licence"],
            head["home"] or "",
            (text[head.end() : end].strip(),),
        )
        for head, end in zip(heads, ends, strict=True)
    ]


def python_work() -> ThirdPartyWork:
    """Python itself. Raises FileNotFoundError where its licence is not where Python puts it."""
    version = sys.version.split()[0]
    places = (
        Path(sysconfig.get_path("stdlib"), "LICENSE.txt"),
        Path(sys.base_prefix, "LICENSE.txt"),
        Path("/usr/share/doc", f"python{sys.version_info[0]}.{sys.version_info[1]}", "copyright"),
    )
    text = next((_read(path) for path in places if path.is_file()), None)
    if text is None:
        raise FileNotFoundError("The licence of this Python is not where Python puts it.")
    return ThirdPartyWork("Python", version, "PSF-2.0", "https://www.python.org", (text,))


def distribution_work(name: str) -> ThirdPartyWork:
    """An installed distribution. Raises metadata.PackageNotFoundError when it is not installed."""
    distribution = metadata.distribution(name)
    facts = distribution.metadata
    paths = sorted(str(file) for file in distribution.files or ())
    texts = [
        _read(Path(str(distribution.locate_file(path))))
        for path in paths
        if ".dist-info/" in path and _LICENCE_FILE.search(path)
    ]
    texts += [
        _read(resource_path("licences", f"{text}.txt")) for text in _WITHOUT_TEXT.get(facts["Name"], ())
    ]
    urls = (url.partition(", ")[2] for url in facts.get_all("Project-URL") or ())
    home = facts["Home-page"] or next(urls, "")
    return ThirdPartyWork(facts["Name"], distribution.version, _licence(facts), home, tuple(texts))


def _required(name: str) -> list[ThirdPartyWork]:
    """What an installed distribution needs, directly or not, and has; by name."""
    found: set[str] = set()
    wanted = [name]
    while wanted:
        for words in _requirements(wanted.pop()):
            match = _NAME.match(words)
            one = match[0].lower().replace("_", "-") if match and "extra ==" not in words else ""
            if one and one not in found and _is_installed(one):
                found.add(one)
                wanted.append(one)
    return [distribution_work(one) for one in sorted(found)]


def _requirements(name: str) -> list[str]:
    return (metadata.requires(name) or []) if _is_installed(name) else []


def _is_installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _licence(facts: metadata.PackageMetadata) -> str:
    stated = facts["License-Expression"] or facts["License"] or ""
    if stated and "\n" not in stated.strip():
        return str(stated).strip()
    classes = [line for line in facts.get_all("Classifier") or () if line.startswith("License ::")]
    return ", ".join(line.rpartition(" :: ")[2] for line in classes) or "see the text"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
