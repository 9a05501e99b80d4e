"""JSON files that one command writes and another reads: collections and verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from photosim.errors import PhotoSimError
from photosim.paths import read_json

if TYPE_CHECKING:
    from pathlib import Path


def read_import(file: Path) -> object:
    """Return what a JSON file holds. Raises PhotoSimError for a file that cannot be read or is none."""
    try:
        return read_json(file)
    except OSError as error:
        raise PhotoSimError(f"{file} can't be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise PhotoSimError(f"{file} can't be imported: it is not a JSON file.") from error


def is_export(key: str, file: Path) -> bool:
    """Return whether a file is an earlier export, which holds this key alone."""
    try:
        data = read_import(file)
    except PhotoSimError:
        return False
    return isinstance(data, dict) and data.keys() == {key}
