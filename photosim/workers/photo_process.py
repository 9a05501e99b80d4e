"""Reads photos in a photo worker for a command: one that ends the worker costs only itself."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from photosim.errors import UnreadablePhotoError
from photosim.runtime.crash_journal import reason_in_report
from photosim.workers import pixels
from photosim.workers.photo_protocol import (
    MODEL_REQUESTS,
    EmbedRequest,
    FactsRequest,
    ObjectsRequest,
    PhotoRequest,
    PhotoResponse,
    ViewRequest,
)
from photosim.workers.pixels import PixelFolder
from photosim.workers.protocol import MAX_LINE_BYTES, ProtocolError, photo_command

if TYPE_CHECKING:
    import numpy.typing as npt

    from photosim.imaging.color import Picture
    from photosim.records import PhotoObject
    from photosim.search.query import Example
    from photosim.workers.photo_results import PhotoReading, View

_STOP_S = 4.0  # for a process to end by itself
_MAX_REPORT = 8000  # bytes of standard error that are read


class PhotoProcess:
    """A context manager that starts a photo worker at the first request, and another one when it has died.

    Methods raise UnreadablePhotoError with the reason, and nothing else.
    """

    def __init__(self, library: Path) -> None:
        self._library = library
        self._ids = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - open until the end
        self._folder: PixelFolder | None = None

    def __enter__(self) -> PhotoProcess:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop(kill=error is not None)
        self._errors.close()
        if self._folder is not None:
            self._folder.close()

    def embed(self, model: str, example: Example) -> npt.NDArray[np.float32]:
        """Return the embedding (D,) of an image or of a region of it."""
        vector = self._ask(EmbedRequest(next(self._ids), model, example)).vector
        if vector is None:
            raise UnreadablePhotoError(f"{example.path} cannot be read.")
        return vector

    def objects(self, model: str, path: Path, *, with_unnamed: bool = False) -> tuple[PhotoObject, ...]:
        """Return the objects in a photo, best first."""
        objects = self._ask(ObjectsRequest(next(self._ids), model, str(path), with_unnamed)).objects
        if objects is None:
            raise UnreadablePhotoError(f"{path} cannot be read.")
        return objects

    def read(self, path: Path) -> PhotoReading:
        """Return what a file holds besides its pixels."""
        reading = self._ask(FactsRequest(next(self._ids), str(path))).reading
        if reading is None:
            raise UnreadablePhotoError("The photo can't be read.")
        return reading

    def picture(self, path: Path, edge: int) -> Picture:
        """Return the pixels (H, W, 3) of a photo, its longest side at least `edge` (0: its own), as in a view."""
        return self.sized_picture(path, edge)[0]

    def sized_picture(self, path: Path, edge: int) -> tuple[Picture, tuple[int, int]]:
        """Return the pixels of a photo like `picture`, and the width and height of the photo itself."""
        try:
            self._folder = self._folder or PixelFolder()
        except OSError as error:
            raise UnreadablePhotoError(
                "There is not enough memory or disk space to show the photo."
            ) from error
        target = self._folder.new_file()
        view = self._ask(ViewRequest(next(self._ids), str(path), edge, str(target))).view
        picture = None if view is None else _read_picture(target, view)
        if view is None or picture is None:
            raise UnreadablePhotoError("The photo can't be read.")
        return picture, (view.photo_width, view.photo_height)

    def _ask(self, request: PhotoRequest) -> PhotoResponse:
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        line = b""
        with suppress(OSError):  # it has just died
            process.stdin.write(request.encode().encode())
            process.stdin.flush()
            line = process.stdout.readline(MAX_LINE_BYTES)
        try:
            response = PhotoResponse.parse(line) if line else PhotoResponse(request.id, error=self._reason())
        except ProtocolError:
            response = PhotoResponse(request.id, error="The background process returned an invalid result.")
            line = b""
        if not line or response.last:
            self._stop(kill=True)
        if response.error:
            is_told = bool(line) or not isinstance(request, MODEL_REQUESTS)
            raise UnreadablePhotoError(
                response.error if is_told else f"{request.path} cannot be read. {response.error}"
            )
        return response

    def _start(self) -> subprocess.Popen[bytes]:
        self._errors.truncate(0)
        options: dict[str, Any] = {
            "stdin": subprocess.PIPE,
            "stdout": subprocess.PIPE,
            "stderr": self._errors,
        }
        if sys.platform == "win32":
            options["creationflags"] = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        self._process = subprocess.Popen(photo_command(self._library), **options)
        return self._process

    def _reason(self) -> str:
        """Return why the process died, as a sentence."""
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_S)
        self._errors.seek(0)
        report = self._errors.read(_MAX_REPORT).decode("utf-8", "replace")
        return reason_in_report(report) or "The background process stopped unexpectedly."

    def _stop(self, *, kill: bool) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if kill:
            process.kill()
        with suppress(OSError, subprocess.TimeoutExpired):
            process.communicate(timeout=_STOP_S)  # closes its input, which ends it
        process.kill()
        process.wait()


def _read_picture(file: Path, view: View) -> Picture | None:
    stride = pixels.stride(view.width)
    buffer = bytearray(stride * view.height)
    with suppress(OSError):
        if pixels.read_pixels(file, memoryview(buffer)):
            rows = np.frombuffer(buffer, np.uint8).reshape(view.height, stride)
            return np.ascontiguousarray(rows[:, : 3 * view.width]).reshape(view.height, view.width, 3)
    return None
