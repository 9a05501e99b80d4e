"""Paths of any length for Windows, which otherwise stops at 260 characters."""

from __future__ import annotations

import os

_LONGEST = 247
"""Characters: a folder's path may not be longer there without the prefix, so that a short name fits in it."""

_PREFIX, _NETWORK = "\\\\?\\", "\\\\?\\UNC\\"


def long_path(path: str, *, windows: bool = os.name == "nt") -> str:
    """An absolute path as the system's functions take it, however long it is."""
    if not windows or len(path) <= _LONGEST or path.startswith(_PREFIX):
        return path
    path = path.replace("/", "\\")  # nothing is translated behind the prefix
    return _NETWORK + path[2:] if path.startswith("\\\\") else _PREFIX + path


def plain_path(path: str, *, windows: bool = os.name == "nt") -> str:
    """The path as a person knows it, without what `long_path` put before it."""
    if not windows or not path.startswith(_PREFIX):
        return path
    return "\\\\" + path[len(_NETWORK) :] if path.startswith(_NETWORK) else path[len(_PREFIX) :]
