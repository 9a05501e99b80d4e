"""Download a file: resumed after an interruption, verified, and moved into place as a whole."""

from __future__ import annotations

import errno
import hashlib
import http.client
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests
import urllib3

from photosim.errors import PhotoSimError
from photosim.paths import read_regular
from photosim.runtime.control import JobControl

_CHUNK_SIZE = 16 * 1024  # bytes; what an interrupted connection loses at most
_TIMEOUT_S = (10, 30)  # to connect, and between two chunks
_MAX_ATTEMPTS = 4
_RETRY_DELAY_S = 1.0  # before the second attempt; doubled for each further one
_OK, _PARTIAL_CONTENT, _RANGE_NOT_SATISFIABLE = 200, 206, 416  # HTTP status codes
_MAX_BYTES = 2 << 30  # of a file whose size is not known; the largest YOLO11 has 115 MB
_MAX_DIGITS = 19
_MAX_ETAG_LENGTH = 256
_SLOW_AFTER_S, _MIN_BYTES_PER_S = 60, 500
"""A connection that is slower on average is closed after that time."""


class DownloadError(PhotoSimError):
    """A download failed; the message says why."""


class _InvalidAnswerError(Exception):
    """The server sent what must not be accepted."""


_NETWORK_ERRORS = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    _InvalidAnswerError,
    ValueError,  # an address or a header that cannot be parsed
)


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

    @property
    def _etag_file(self) -> Path:
        """The ETag of the incomplete file."""
        return self.partial.with_name(f"{self.partial.name}.etag")

    def run(self, control: JobControl) -> Iterator[tuple[int, int]]:
        """Download the file, yielding (bytes received, total bytes or 0); if cancelled, keep the incomplete file.

        Raises DownloadError if there is no connection, the server's answer is not valid, the file is not the expected
        one or the disk is full.
        """
        try:
            self.destination.parent.mkdir(parents=True, exist_ok=True)
            for attempt in range(_MAX_ATTEMPTS):
                try:
                    yield from self._fetch(control)
                    break
                except _NETWORK_ERRORS as error:
                    if not _is_temporary(error) or attempt == _MAX_ATTEMPTS - 1:
                        raise DownloadError(f"{self.url} can't be downloaded: {_describe(error)}.") from error
                    time.sleep(self.retry_delay_s * 2**attempt)
            if not control.cancelled:
                self._verify()
                os.replace(self.partial, self.destination)  # noqa: PTH105
                self._save_etag("")
        except OSError as error:
            if error.errno == errno.ENOSPC:
                self._discard()
                raise DownloadError(f"The disk is too full for {self.destination}.") from error
            raise DownloadError(f"{self.destination} can't be written: {error.strerror or error}.") from error

    def _fetch(self, control: JobControl) -> Iterator[tuple[int, int]]:
        """Download over one connection, continuing the incomplete file."""
        etag = self._saved_etag()
        if self.sha256 is None and not etag:
            # Nothing would tell that two halves belong to different files.
            self._discard()
        received = self.partial.stat().st_size if self.partial.exists() else 0
        if self.bytes is not None and received >= self.bytes:
            return  # complete or wrong, which `_verify` decides
        headers = {"Accept-Encoding": "identity"}
        if received:
            headers["Range"] = f"bytes={received}-"
            if etag:
                headers["If-Range"] = etag
        with requests.get(self.url, headers=headers, stream=True, timeout=_TIMEOUT_S) as response:
            if response.status_code == _RANGE_NOT_SATISFIABLE:
                self._discard()
                raise requests.ConnectionError("the file on the server has changed")
            response.raise_for_status()
            start = self._check_answer(response, received)
            total = self._total(response, start)
            self._save_etag(_strong_etag(response))
            with self.partial.open("ab" if start else "wb") as file:
                received = start
                for chunk in _chunks(response):
                    if not control.wait_while_paused():
                        return
                    file.write(chunk)
                    received += len(chunk)
                    if received > (_MAX_BYTES if self.bytes is None else self.bytes):
                        break  # not the expected file; don't fill the disk with it
                    yield received, total
            if total and received < total:
                raise requests.exceptions.ChunkedEncodingError("the connection was interrupted")

    def _check_answer(self, response: requests.Response, received: int) -> int:
        """Return the position at which an answer starts, 0 or `received`. Raises _InvalidAnswerError."""
        if self.url.startswith("https:") and not response.url.startswith("https:"):
            raise _InvalidAnswerError("the server redirected to an address without encryption")
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise _InvalidAnswerError("the server sent a compressed file")
        if response.status_code == _OK:
            return 0
        content_range = response.headers.get("Content-Range", "")
        if response.status_code != _PARTIAL_CONTENT or not content_range.startswith(f"bytes {received}-"):
            self._discard()
            raise _InvalidAnswerError("the server sent another part of the file than requested")
        return received

    def _total(self, response: requests.Response, start: int) -> int:
        """Return the size of the file, 0 if not known. Raises _InvalidAnswerError if it is not the expected one."""
        length = response.headers.get("Content-Length", "")
        if not length:
            return self.bytes or 0
        if not (length.isascii() and length.isdecimal() and len(length) < _MAX_DIGITS):
            raise _InvalidAnswerError("the server stated an invalid size")
        total = start + int(length)
        if total > _MAX_BYTES:
            raise _InvalidAnswerError("the file on the server is too large")
        return self.bytes or total

    def _saved_etag(self) -> str:
        """Return the version of the incomplete file; "" if it is not known or a checksum makes it needless."""
        if self.sha256 is not None or not self._etag_file.exists():
            return ""
        return _checked_etag(read_regular(self._etag_file).decode("latin-1"))

    def _discard(self) -> None:
        """Delete the incomplete file."""
        self.partial.unlink(missing_ok=True)
        self._etag_file.unlink(missing_ok=True)

    def _save_etag(self, etag: str) -> None:
        if etag and self.sha256 is None:
            self._etag_file.write_text(etag, encoding="latin-1")
        else:
            self._etag_file.unlink(missing_ok=True)

    def _verify(self) -> None:
        """Verify size and checksum; delete a wrong file."""
        size = self.partial.stat().st_size
        if self.bytes is None and size > _MAX_BYTES:
            self._discard()
            raise DownloadError(f"{self.url} can't be downloaded: the file on the server is too large.")
        with self.partial.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if (self.bytes is not None and size != self.bytes) or (
            self.sha256 is not None and digest != self.sha256
        ):
            self._discard()
            raise DownloadError(
                f"{self.url} isn't the expected file ({size} bytes, SHA-256 {digest}), so it was deleted."
            )


def _chunks(response: requests.Response) -> Iterator[bytes]:
    """Yield what arrives, as it arrives. Raises requests.ConnectionError if that is too slow."""
    start, received = time.monotonic(), 0
    while chunk := response.raw.read1(_CHUNK_SIZE, decode_content=False):
        received += len(chunk)
        elapsed = time.monotonic() - start
        if elapsed > _SLOW_AFTER_S and received < elapsed * _MIN_BYTES_PER_S:
            raise requests.Timeout("the server is too slow")
        yield chunk


def _strong_etag(response: requests.Response) -> str:
    return _checked_etag(response.headers.get("ETag", ""))


def _checked_etag(etag: str) -> str:
    """Return an ETag that stands for the same bytes, "" for any other text."""
    is_strong = etag.startswith('"') and etag.endswith('"') and etag.isascii() and etag.isprintable()
    return etag if is_strong and len(etag) <= _MAX_ETAG_LENGTH else ""


def _is_temporary(error: Exception) -> bool:
    """Whether another attempt may succeed."""
    is_interruption = isinstance(error, requests.ConnectionError | requests.Timeout)
    return (
        is_interruption
        or isinstance(error, requests.exceptions.ChunkedEncodingError | urllib3.exceptions.HTTPError)
    ) and not isinstance(error, requests.HTTPError | ValueError)


def _describe(error: Exception) -> str:
    if isinstance(error, requests.HTTPError):
        return f"the server answered {error.response.status_code}"
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return "the server did not answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError | urllib3.exceptions.ProtocolError):
        return "the connection was interrupted several times; try again to continue"
    if isinstance(error, requests.TooManyRedirects):
        return "the server redirects without end"
    if isinstance(error, requests.exceptions.InvalidSchema | requests.exceptions.InvalidURL):
        return "the server redirected to an address that can't be opened"
    if isinstance(error, _InvalidAnswerError):
        return str(error)
    if isinstance(error, requests.ConnectionError):
        return "can't connect to the server"
    return "the server sent an answer that isn't valid"
