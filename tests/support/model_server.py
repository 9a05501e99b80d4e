"""A local server of model files that misbehaves on request, and a catalog that refers to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from photosim.ml.models import catalog
from tests.support.timeouts import TIMEOUT_S


class ModelServer(ThreadingHTTPServer):
    """Serves `files` by name, and at `moved/NAME` a redirect to NAME.

    It closes the connection after `cut_after` bytes, `cuts` times; after `wait_after` bytes it waits for `proceed`.
    Without `ranges` it ignores range requests, without `sends_size` it sends no Content-Length. `headers` are sent in
    addition; `range_start` is what it states instead of the start of a range.
    """

    cut_after = 0
    cuts = 0
    ranges = True
    sends_size = True
    wait_after: int | None = None
    range_start: int | None = None

    @cached_property
    def headers(self) -> dict[str, str]:
        return {}

    @cached_property
    def files(self) -> dict[str, bytes]:
        return {}

    @cached_property
    def proceed(self) -> threading.Event:
        return threading.Event()

    @cached_property
    def starts(self) -> list[int]:
        """The first byte of each request."""
        return []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    server: ModelServer

    def do_GET(self) -> None:
        server, name = self.server, self.path.removeprefix("/")
        if name.startswith("moved/"):
            self.send_response(302)
            target = name.removeprefix("moved/")
            self.send_header("Location", target if ":" in target else f"/{target}")
            self.end_headers()
            return
        content = server.files.get(name)
        if content is None:
            self.send_error(404)
            return
        asked = self.headers.get("Range")
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        server.starts.append(start)
        if not server.ranges:
            asked, start = None, 0
        body = content[start:]
        if asked and not body:
            self.send_error(416)
            return
        self.send_response(206 if asked else 200)
        if asked:
            first = start if server.range_start is None else server.range_start
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        for header, value in server.headers.items():
            self.send_header(header, value)
        if server.sends_size:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if server.cuts:
            server.cuts -= 1
            body = body[: server.cut_after]
        try:
            if server.wait_after is not None:
                self.wfile.write(body[: server.wait_after])
                server.proceed.wait(TIMEOUT_S)
                body = body[server.wait_after :]
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the client has closed the connection

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


@contextmanager
def run_server() -> Iterator[ModelServer]:
    server = ModelServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.proceed.set()
        server.shutdown()
        server.server_close()
        thread.join()


def patch_catalog(
    monkeypatch: pytest.MonkeyPatch, address: str, name: str, sha256: str | None, size: int | None
) -> catalog.ModelSpec:
    """Offer the catalog model of this name at `address`, with another checksum and size."""
    entry = catalog.find_model(name)
    offered = replace(entry, url=address + entry.file, sha256=sha256, bytes=size)
    catalogue = tuple(offered if one == entry else one for one in catalog.CATALOG)
    monkeypatch.setattr(catalog, "CATALOG", catalogue)
    monkeypatch.setattr("photosim.ml.models.download.time.sleep", lambda _: None)
    return offered
