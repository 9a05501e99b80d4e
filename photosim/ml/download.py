"""Download one file, only when asked: resumed after a cut, checked, and put in place all at once."""

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

_CHUNK_SIZE = 16 * 1024  # what a cut connection loses at most
_TIMEOUT_S = (10, 30)  # to connect, and between two pieces
_MAX_ATTEMPTS = 4  # a connection that is cut is taken up again so often before the person is asked
_RETRY_DELAY_S = 1.0  # before the second try; doubled for each further one
_PARTIAL_CONTENT, _RANGE_NOT_SATISFIABLE = 206, 416


class DownloadError(PhotoSimError):
    """A download failed; the message says why."""


@dataclass(frozen=True, slots=True)
class Download:
    """What to fetch and where to put it; `bytes` and `sha256` are checked where they are known."""

    url: str
    destination: Path
    bytes: int | None = None
    sha256: str | None = None
    retry_delay_s: float = _RETRY_DELAY_S

    @property
    def partial(self) -> Path:
        """Where the file grows until it is whole."""
        return self.destination.with_name(self.destination.name + ".part")

    def run(self, control: JobControl) -> Iterator[tuple[int, int]]:
        """Fetch the file, yielding (bytes so far, bytes in all or 0); cancelled, it keeps what it has.

        Raises DownloadError: no connection, a file that is not the expected one, no room on the disk.
        """
        try:
            self.destination.parent.mkdir(parents=True, exist_ok=True)
            for left in reversed(range(_MAX_ATTEMPTS)):
                try:
                    yield from self._fetch(control)
                    break
                except requests.RequestException as error:
                    refused = isinstance(error, requests.HTTPError)
                    if refused or not left:
                        raise DownloadError(
                            f"{self.url} could not be downloaded: {_describe(error)}."
                        ) from error
                    time.sleep(self.retry_delay_s * 2 ** (_MAX_ATTEMPTS - 1 - left))
            if not control.cancelled:
                self._verify()
                os.replace(self.partial, self.destination)  # noqa: PTH105 - replaces on every system
        except OSError as error:
            if error.errno == errno.ENOSPC:
                self.partial.unlink(missing_ok=True)
                raise DownloadError(f"There is no room for {self.destination} on its disk.") from error
            raise DownloadError(
                f"{self.destination} cannot be written: {error.strerror or error}."
            ) from error

    def _fetch(self, control: JobControl) -> Iterator[tuple[int, int]]:
        """One connection: go on after what is there."""
        have = self.partial.stat().st_size if self.partial.exists() else 0
        if self.bytes is not None and have >= self.bytes:
            return  # whole, or wrong: the check tells
        headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have else {})}
        with requests.get(self.url, headers=headers, stream=True, timeout=_TIMEOUT_S) as response:
            if response.status_code == _RANGE_NOT_SATISFIABLE:
                self.partial.unlink()
                raise requests.ConnectionError("the server has another file than before")
            response.raise_for_status()
            resumed = response.status_code == _PARTIAL_CONTENT
            have = have if resumed else 0
            length = int(response.headers.get("Content-Length", 0))
            total = self.bytes or (have + length if length else 0)
            with self.partial.open("ab" if resumed else "wb") as file:
                for piece in response.iter_content(_CHUNK_SIZE):
                    if not control.wait_while_paused():
                        return
                    file.write(piece)
                    have += len(piece)
                    if self.bytes is not None and have > self.bytes:
                        break  # not the expected file: no need to fill the disk with it
                    yield have, total
            if total and have < total:
                raise requests.ConnectionError("the connection was cut")

    def _verify(self) -> None:
        """Compare with what is expected; a wrong file is thrown away."""
        size = self.partial.stat().st_size
        with self.partial.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if (self.bytes is not None and size != self.bytes) or (
            self.sha256 is not None and digest != self.sha256
        ):
            self.partial.unlink()
            raise DownloadError(
                f"{self.url} gave another file than expected ({size} bytes, SHA-256 {digest}); it was thrown away."
            )


def _describe(error: requests.RequestException) -> str:
    if isinstance(error, requests.HTTPError):
        return f"the server answered {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return "the server did not answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection was cut again and again; the next attempt goes on from there"
    if isinstance(error, requests.ConnectionError):
        return "there is no connection to the server"
    return str(error)
