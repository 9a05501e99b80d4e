"""A server on this computer that has model files, and official models that come from it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from photosim.core import models


class ModelServer(ThreadingHTTPServer):
    """Serves `files` by name; hangs up after `cut_after` bytes, `cuts` times."""

    cut_after = 0
    cuts = 0

    @cached_property
    def files(self) -> dict[str, bytes]:
        return {}

    @cached_property
    def starts(self) -> list[int]:
        """The byte that each request began at."""
        return []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    server: ModelServer

    def do_GET(self) -> None:
        content = self.server.files.get(self.path.removeprefix("/"))
        if content is None:
            self.send_error(404)
            return
        start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").rstrip("-"))
        self.server.starts.append(start)
        body = content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.cuts:
            self.server.cuts -= 1
            body = body[: self.server.cut_after]
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[ModelServer]:
    server = ModelServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def offer(
    monkeypatch: pytest.MonkeyPatch, address: str, name: str, sha256: str | None, size: int | None
) -> models.ModelEntry:
    """Let the catalogue's model of this name come from `address`, with another checksum and size."""
    entry = models.find(name)
    offered = replace(entry, url=address + entry.file, sha256=sha256, bytes=size)
    catalogue = tuple(offered if one == entry else one for one in models.CATALOGUE)
    monkeypatch.setattr(models, "CATALOGUE", catalogue)
    monkeypatch.setattr("photosim.downloads.time.sleep", lambda _: None)
    return offered
