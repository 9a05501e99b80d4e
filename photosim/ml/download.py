"""Download a file: resumed after an interruption, verified, and moved into place as a whole."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

from photosim.errors import PhotoSimError
from photosim.runtime.control import JobControl

_CHUNK_SIZE = 16 * 1024  # bytes; what an interrupted connection loses at most
_TIMEOUT_S = (10, 30)  # to connect, and between two chunks
_MAX_ATTEMPTS = 4
_RETRY_DELAY_S = 1.0  # before the second attempt; doubled for each further one
_PARTIAL_CONTENT, _RANGE_NOT_SATISFIABLE = 206, 416  # HTTP status codes


class DownloadError(PhotoSimError):
    """A download failed; the message says why."""


@dataclass(frozen=True, slots=True)
class Download:
    """A file to download, and its destination; `bytes` and `sha256` (hex) are verified if known."""

    url: str
    destination: Path
    bytes: int | None = None
    sha256: str | None = None
    retry_delay_s: float = _RETRY_DELAY_S

    @property
    def partial(self) -> Path:
        """The incomplete file."""
        return self.destination.with_name(self.destination.name + ".part")

    def run(self, control: JobControl) -> Iterator[tuple[int, int]]:
        """Download the file, yielding (bytes received, total bytes or 0); if cancelled, keep the incomplete file.

        Raises DownloadError if there is no connection, the file is not the expected one or the disk is full.
        """
        try:
            self.destination.parent.mkdir(parents=True, exist_ok=True)
            for attempt in range(_MAX_ATTEMPTS):
                try:
                    yield from self._fetch(control)
                    break
                except requests.RequestException as error:
                    is_refused = isinstance(error, requests.HTTPError)
                    if is_refused or attempt == _MAX_ATTEMPTS - 1:
                        raise DownloadError(f"{self.url} can't be downloaded: {_describe(error)}.") from error
                    time.sleep(self.retry_delay_s * 2**attempt)
            if not control.cancelled:
                self._verify()
                os.replace(self.partial, self.destination)  # noqa: PTH105
        except OSError as error:
            if error.errno == errno.ENOSPC:
                self.partial.unlink(missing_ok=True)
                raise DownloadError(f"The disk is too full for {self.destination}.") from error
            raise DownloadError(f"{self.destination} can't be written: {error.strerror or error}.") from error

    def _fetch(self, control: JobControl) -> Iterator[tuple[int, int]]:
        """Download over one connection, continuing the incomplete file."""
        received = self.partial.stat().st_size if self.partial.exists() else 0
        if self.bytes is not None and received >= self.bytes:
            return  # complete or wrong, which `_verify` decides
        headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={received}-"} if received else {})}
        with requests.get(self.url, headers=headers, stream=True, timeout=_TIMEOUT_S) as response:
            if response.status_code == _RANGE_NOT_SATISFIABLE:
                self.partial.unlink()
                raise requests.ConnectionError("the file on the server has changed")
            response.raise_for_status()
            is_resumed = response.status_code == _PARTIAL_CONTENT
            received = received if is_resumed else 0
            length = int(response.headers.get("Content-Length", 0))
            total = self.bytes or (received + length if length else 0)
            with self.partial.open("ab" if is_resumed else "wb") as file:
                for chunk in response.iter_content(_CHUNK_SIZE):
                    if not control.wait_while_paused():
                        return
                    file.write(chunk)
                    received += len(chunk)
                    if self.bytes is not None and received > self.bytes:
                        break  # not the expected file; don't fill the disk with it
                    yield received, total
            if total and received < total:
                raise requests.ConnectionError("the connection was interrupted")

    def _verify(self) -> None:
        """Verify size and checksum; delete a wrong file."""
        size = self.partial.stat().st_size
        with self.partial.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if (self.bytes is not None and size != self.bytes) or (
            self.sha256 is not None and digest != self.sha256
        ):
            self.partial.unlink()
            raise DownloadError(
                f"{self.url} isn't the expected file ({size} bytes, SHA-256 {digest}), so it was deleted."
            )


def _describe(error: requests.RequestException) -> str:
    if isinstance(error, requests.HTTPError):
        return f"the server answered {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return "the server did not answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection was interrupted several times; try again to continue"
    if isinstance(error, requests.ConnectionError):
        return "can't connect to the server"
    return str(error)
