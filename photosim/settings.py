"""What a person chose for one library, kept as a small JSON file in its folder."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from photosim.errors import LibraryError

_log = logging.getLogger(__name__)

FILE_NAME = "settings.json"

DEVICES = ("auto", "cpu", "cuda", "mps")
"""The fastest that gives the right vectors; or the processor in plain float32, an NVIDIA card, an Apple one."""

_DEVICE_VARIABLE = "PHOTOSIM_DEVICE"
"""In the environment: one of DEVICES, before whatever the library says."""


@dataclass(frozen=True, slots=True)
class LibrarySettings:
    """The choices.

    `model` is the id of the model that says what looks alike, empty while nobody chose: then the best in the box
    does. `next_model` is the id of the one that is to, as soon as it has looked at the photos; else empty.
    `quiet` keeps the computer quiet while indexing: "auto" (on battery), "on" or "off", see `photosim.runtime.throttle`.
    `labels`: the model also says what photos show; switched off, new photos get none, and those there are rest.
    `device` is one of DEVICES: what the model runs on.
    """

    model: str = ""
    next_model: str = ""
    quiet: str = "auto"
    labels: bool = True
    device: str = DEVICES[0]


def load(folder: Path) -> LibrarySettings:
    """The settings of the library in `folder`; what is missing or damaged is as it is in the beginning."""
    kept = _read(folder)
    known = {}
    for name, default in asdict(LibrarySettings()).items():
        value = kept.get(name, default)
        if type(value) is type(default):
            known[name] = value
        else:
            _log.warning("%s in %s is not usable and was left out: %r", name, folder / FILE_NAME, value)
    return LibrarySettings(**known)


def save(folder: Path, settings: LibrarySettings) -> None:
    """Keep the settings, replacing the file at once; what a newer program wrote there stays in it.

    Raises LibraryError when the folder cannot be written.
    """
    text = json.dumps(_read(folder) | asdict(settings), indent=2) + "\n"
    new = folder / f"{FILE_NAME}.new"
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(folder / FILE_NAME)
    except OSError as error:
        raise LibraryError(
            f"The settings of the library {folder} cannot be written: {error.strerror}."
        ) from error


def update(folder: Path, **changes: Any) -> LibrarySettings:
    """Keep these choices and leave the others as they are; returns all. Raises LibraryError as `save` does."""
    settings = replace(load(folder), **changes)
    save(folder, settings)
    return settings


def effective_device(folder: Path) -> str:
    """What the model runs on in the library in `folder`: what the environment says, else what was chosen."""
    chosen = os.environ.get(_DEVICE_VARIABLE) or load(folder).device
    if chosen in DEVICES:
        return chosen
    _log.warning("There is no device “%s”, so PhotoSim chooses; known are %s", chosen, ", ".join(DEVICES))
    return DEVICES[0]


def _read(folder: Path) -> dict[str, Any]:
    path = folder / FILE_NAME
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        _log.warning("%s cannot be read, so the settings are as they were in the beginning: %s", path, error)
        return {}
    if not isinstance(kept, dict):
        _log.warning("%s holds no settings, so they are as they were in the beginning", path)
        return {}
    return kept
