"""Searches by images on the clipboard and by dropped images; they never join the library."""

from __future__ import annotations

import tempfile
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QIODevice, QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage

from photosim.gui.base import qt_paths
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.state.places import DroppedItems, Query, QueryImage
from photosim.paths import is_file

_PNG_QUALITY = 90  # little compression, since the file is temporary
_MAX_TEXT_LENGTH = 65536  # characters of a text that may hold paths


class ClipboardSearch(QObject):
    """Saves pasted images in a temporary folder while the window is open."""

    pasted = Signal(object)
    """The Query for an image without a file."""

    files_pasted = Signal(object)
    """The paths of pasted files."""

    failed = Signal(str)
    """Why there is nothing to search by, as a sentence."""

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._numbers = count(1)

    def paste(self) -> None:
        """Search by the clipboard."""
        self.search_by_data(QGuiApplication.clipboard().mimeData())

    def search_by_data(self, data: QMimeData | None) -> None:
        """Search by files, by an image, or by a text that consists of paths."""
        files = DroppedItems.from_mime(data).files if data is not None else ()
        image = QImage(data.imageData()) if data is not None and not files and data.hasImage() else QImage()
        if files:
            self.files_pasted.emit(files)
        elif not image.isNull():
            self.search_by_image(image)
        elif data is not None and (paths := _paths(data.text())):
            self.files_pasted.emit(paths)
        else:
            self.failed.emit(
                tr(
                    "The clipboard contains no image. Copy a photo or a part of the screen, then paste it here."
                )
            )

    def search_by_image(self, image: QImage) -> None:
        """Search by an image."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="photosim-")
        path = Path(self._folder.name, f"{next(self._numbers)}.png")
        self._jobs.start(partial(_save, image, path), self._saved, Priority.HIGH)

    def close(self) -> None:
        """Delete the saved images."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _saved(self, path: str | None, error: Exception | None) -> None:  # noqa: ARG002 - None as the path says it
        if path is None:
            self.failed.emit(tr("Couldn't save the pasted image. The disk may be full."))
        else:
            self.pasted.emit(Query((QueryImage(path, pasted=True),)))


def _save(image: QImage, path: Path, cancel: CancelToken) -> str | None:
    cancel.check()
    png: Any = "PNG"  # PySide declares bytes and accepts str only
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, png, quality=_PNG_QUALITY):
        return None
    try:
        path.write_bytes(
            bytes(buffer.data().data())
        )  # by Python: the path of the temporary folder may be any bytes
    except OSError:
        return None
    return str(path)


def _paths(text: str) -> tuple[str, ...]:
    """The existing files that a text lists, one in each line, as PhotoSim, file managers and terminals copy them."""
    if len(text) > _MAX_TEXT_LENGTH:
        return ()
    paths = [qt_paths.path_of_text(line) for line in text.splitlines() if line.strip()]
    files = tuple(path for path in paths if path is not None and is_file(path))
    return files if len(files) == len(paths) else ()
