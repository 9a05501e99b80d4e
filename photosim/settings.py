"""The settings of one library: a small JSON file in its folder."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from photosim.errors import LibraryError
from photosim.paths import read_json, write_atomic

_log = logging.getLogger(__name__)

FILE_NAME = "settings.json"

DEVICES = ("auto", "cpu", "cuda", "mps")
"""The fastest device that computes correct vectors; or the CPU in float32, an NVIDIA GPU, an Apple GPU."""

_DEVICE_VARIABLE = "PHOTOSIM_DEVICE"
"""Environment variable with one of DEVICES; overrides the setting of the library."""


@dataclass(frozen=True, slots=True)
class LibrarySettings:
    """The settings of one library.

    `model` is the id of the active model; empty means the default model. `next_model` is the id of the model to
    switch to once it has analyzed all photos, or empty. `quiet` saves CPU while indexing: "auto" (on battery), "on"
    or "off", see `photosim.runtime.throttle`. `labels` turns recognition of objects on; when it is off, new photos
    get no labels and existing labels are unused. With `look_closer`, indexing ends with a second, slower look for small
    objects at each photo. `device` is one of DEVICES. `excluded` are folders that are not
    scanned, as `photosim.files.exclusions.exclusion` returns them. `keep_rules` and `burst_rules` are names of rules
    that choose which duplicate to keep, empty for the default ones; `protected_folders`, `folder_order` and
    `across_folders`: see `photosim.duplicates.keep_rules.KeepRuleSet`.
    """

    model: str = ""
    next_model: str = ""
    quiet: str = "auto"
    labels: bool = True
    look_closer: bool = False
    device: str = DEVICES[0]
    excluded: tuple[str, ...] = ()
    keep_rules: tuple[str, ...] = ()
    burst_rules: tuple[str, ...] = ()
    protected_folders: tuple[str, ...] = ()
    folder_order: tuple[str, ...] = ()
    across_folders: bool = False


_Stamp = tuple[int, int, int]
"""Inode, size and modification time of a file: every save changes at least one of them."""

_cache: dict[Path, tuple[_Stamp | None, LibrarySettings]] = {}


def load(folder: Path) -> LibrarySettings:
    """Return the settings of the library in `folder`; missing or damaged values have their defaults.

    The file is read only after it has changed.
    """
    stamp = _stamp(folder)
    cached = _cache.get(folder)
    if cached is None or cached[0] != stamp:
        # The stamp was taken before reading: a change in between is seen by the next call.
        cached = _cache[folder] = stamp, _parse(folder)
    return cached[1]


def save(folder: Path, settings: LibrarySettings) -> None:
    """Write the settings; keep those that a newer version of the program wrote.

    Raises LibraryError when the folder cannot be written.
    """
    text = json.dumps(_read(folder) | asdict(settings), indent=2) + "\n"
    try:
        write_atomic(folder / FILE_NAME, text)
    except OSError as error:
        raise LibraryError(
            f"The settings of the library {folder} can't be saved: {error.strerror}."
        ) from error
    finally:
        _cache.pop(folder, None)


def update(folder: Path, **changes: Any) -> LibrarySettings:
    """Change some of the settings and return all of them. Raises LibraryError as `save` does."""
    settings = replace(load(folder), **changes)
    save(folder, settings)
    return settings


def effective_device(folder: Path) -> str:
    """Return the device that the model of this library runs on: that of the environment, else of the settings."""
    device = os.environ.get(_DEVICE_VARIABLE) or load(folder).device
    if device in DEVICES:
        return device
    _log.warning("Unknown device “%s”, using %s; known are %s", device, DEVICES[0], ", ".join(DEVICES))
    return DEVICES[0]


def _stamp(folder: Path) -> _Stamp | None:
    try:
        stat = (folder / FILE_NAME).stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _parse(folder: Path) -> LibrarySettings:
    stored = _read(folder)
    values = {}
    for name, default in asdict(LibrarySettings()).items():
        value = stored.get(name, default)
        if isinstance(default, tuple) and isinstance(value, list) and all(map(_is_text, value)):
            value = tuple(value)
        if type(value) is type(default):
            values[name] = value
        else:
            _log.warning("%s in %s is invalid and was ignored: %r", name, folder / FILE_NAME, value)
    return LibrarySettings(**values)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _read(folder: Path) -> dict[str, Any]:
    path = folder / FILE_NAME
    try:
        stored = read_json(path)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        _log.warning("%s cannot be read, using the default settings: %s", path, error)
        return {}
    if not isinstance(stored, dict):
        _log.warning("%s holds no settings, using the default settings", path)
        return {}
    return stored
