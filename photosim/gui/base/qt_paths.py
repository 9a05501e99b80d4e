"""The way of every path to Qt and back.

A path is bytes, and Python keeps those that are no valid UTF-8 as lone surrogates (PEP 383). A QString can hold none of
them: Qt drops them or replaces them by U+FFFD, also in signals and roles declared as text, and then acts on another
file. URLs carry any bytes, percent-encoded. What Qt takes as text only is checked by `is_faithful`, and done by Python
where that is False.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import PurePath
from urllib.parse import quote_from_bytes, unquote_to_bytes

from PySide6.QtCore import QFile, QMimeData, QUrl
from PySide6.QtWidgets import QFileDialog, QWidget

from photosim.errors import FolderError
from photosim.files.fspaths import same_file
from photosim.gui.base import formatting
from photosim.gui.base.translation import tr

_FILE_URL = re.compile(rb"file:(?://(?P<host>[^/]*))?(?P<path>/.*)", re.IGNORECASE | re.DOTALL)
_PLAIN = "/!$&'()*+,:=@~"
"""Characters besides letters and digits that need no encoding in the path of a URL (RFC 3986)."""

URI_LIST = "text/uri-list"
"""The MIME type of files."""

_REPLACEMENT = "\ufffd"
_REPLACED = re.compile(f"{_REPLACEMENT}+")


def is_faithful(path: str) -> bool:
    """Return whether Qt names the same file by the text of a path."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    named = os.fsdecode(bytes(QFile.encodeName(path).data()))
    # macOS treats names alike that differ in Unicode normalization only, but other drives there need not.
    return named == path or (sys.platform == "darwin" and same_file(named, path))


def file_url(path: str) -> QUrl:
    """The URL of an absolute path; an invalid one where no URL can name it (lone surrogates on Windows)."""
    if sys.platform == "win32":
        return QUrl.fromLocalFile(path) if is_faithful(path) else QUrl()
    encoded = quote_from_bytes(os.fsencode(os.path.abspath(path)), _PLAIN)  # noqa: PTH100
    return QUrl.fromEncoded(b"file://" + encoded.encode("ascii"), QUrl.ParsingMode.StrictMode)


def url_path(url: QUrl) -> str | None:
    """The path of a URL; None where it is not that of a local file."""
    return _decoded(bytes(url.toEncoded().data()))


def text_of(path: str) -> str:
    """A path as text for the clipboard: its URL where the text would name another file when it is pasted."""
    is_plain = path.isprintable() and path == path.strip().strip("\"'") and _REPLACEMENT not in path
    if is_plain and is_faithful(path):
        return path
    return bytes(file_url(path).toEncoded().data()).decode() or formatting.display_path(path)


def path_of_text(text: str) -> str | None:
    """The absolute path or URL that a text consists of; None where it is neither, or could mean several files."""
    for candidate in (text, text.strip(), text.strip().strip("\"'")):
        path = _decoded(candidate.encode(errors="surrogatepass"))
        if path is None and os.path.isabs(candidate) and "\0" not in candidate:  # noqa: PTH117
            path = candidate
        if path is not None and _REPLACEMENT in candidate:
            path = restore_bytes(path)
        if path is not None and os.path.lexists(path):
            return path
    return None


def to_mime(paths: Sequence[str]) -> QMimeData:
    """Files as MIME data for other programs."""
    data = QMimeData()
    data.setUrls([url for url in map(file_url, paths) if url.isValid()])
    return data


def from_mime(data: QMimeData) -> list[str]:
    """The paths of the local files in MIME data, whatever bytes they hold."""
    lines = bytes(data.data(URI_LIST).data()).splitlines()
    # Not by data.urls(): these replace bytes that another program did not percent-encode.
    paths = (_decoded(line.strip()) for line in lines if not line.startswith(b"#"))
    return [path for path in paths if path is not None]


def restore_bytes(path: str) -> str | None:
    """The path that is meant by a text in which Qt or another program has replaced bytes by U+FFFD.

    Returns the path itself where nothing else is meant, and None where several files could be.
    """
    if _REPLACEMENT not in path:
        return path
    parts = path.split(os.sep)  # noqa: PTH206 - a text, of which every part is kept
    found = parts[0]
    for part in parts[1:]:
        names = _names_shown_as(part, found or os.sep) if _REPLACEMENT in part else []
        if len(names) > 1:
            return None
        found += os.sep + (names[0] if names else part)
    return found


def choose_folder(parent: QWidget, title: str, start: str) -> str:
    """Ask for a folder; returns "" when the user cancels. Raises FolderError where the answer is ambiguous."""
    return _chosen(QFileDialog.getExistingDirectoryUrl(parent, title, _start_folder(start)))


def choose_file(parent: QWidget, title: str, start: str, patterns: str = "") -> str:
    """Ask for a file, by default of any name; returns "" when the user cancels.

    Raises FolderError where the answer is ambiguous.
    """
    url, _ = QFileDialog.getOpenFileUrl(parent, title, _start_folder(start), patterns or tr("All files (*)"))
    return _chosen(url)


def choose_new_file(parent: QWidget, title: str, start: str, patterns: str) -> str:
    """Ask for the file to write, asking before one is replaced; returns "" when the user cancels.

    The file has the suffix of the chosen pattern unless the user typed another one. Raises FolderError where the answer is
    ambiguous.
    """
    url, pattern = QFileDialog.getSaveFileUrl(parent, title, QUrl.fromLocalFile(start), patterns)
    path = _chosen(url)
    suffix = pattern[pattern.rfind("*") + 1 :].rstrip(")")
    if not path or PurePath(path).suffix or not suffix:
        return path
    return path + suffix


def _decoded(url: bytes) -> str | None:
    """The path of the URL of a local file. `?` and `#` are part of the name, as in URLs that were not encoded."""
    match = _FILE_URL.fullmatch(url)
    if match is None:
        return None
    if sys.platform == "win32":
        return QUrl.fromEncoded(url).toLocalFile() or None  # the host is part of the path
    if (match["host"] or b"").lower() not in (b"", b"localhost"):
        return None
    path = unquote_to_bytes(match["path"])
    return None if b"\0" in path else os.fsdecode(path)


def _names_shown_as(name: str, folder: str) -> list[str]:
    """The names in a folder that look like this one where bytes are replaced."""
    try:
        names = os.listdir(folder)  # noqa: PTH208
    except OSError:
        return []
    # Programs differ in the number of replacements for several bytes.
    shown = _REPLACED.sub(_REPLACEMENT, name)
    return [
        other
        for other in names
        if _REPLACED.sub(_REPLACEMENT, os.fsencode(other).decode("utf-8", "replace")) == shown
    ]


def _start_folder(path: str) -> QUrl:
    """The nearest folder above a path, or the path itself, that Qt can open in a dialog."""
    while path and not is_faithful(path):
        path = os.path.dirname(path)  # noqa: PTH120
    return QUrl.fromLocalFile(path) if path else QUrl()


def _chosen(url: QUrl) -> str:
    if url.isEmpty():
        return ""
    path = url_path(url)
    restored = None if path is None else restore_bytes(path)
    if restored is None:
        name = formatting.display_name(path or url.toString())
        text = tr("“{name}” can't be opened: several names look the same. Rename it, then try again.")
        raise FolderError(text.format(name=name))
    return restored
