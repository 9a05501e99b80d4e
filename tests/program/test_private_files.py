"""What the program writes about photos is for its user alone."""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from photosim import logs, paths, settings
from photosim.cli.main import main
from photosim.library import Library
from photosim.search.index import NeighbourIndex
from tests.support.photo_folders import make_photos
from tests.support.vectors import make_graph_index, make_vectors

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")


@pytest.fixture(autouse=True)
def permissive_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def shared(folder: Path) -> list[str]:
    """The files and folders in and below a folder that others than their owner can use."""
    entries = [folder, *folder.rglob("*")]
    return [str(path) for path in entries if stat.S_IMODE(path.lstat().st_mode) & 0o077]


def test_a_library_is_for_its_owner_alone(tmp_path: Path, isolated_home: Path) -> None:
    make_photos(tmp_path / "photos", 2)
    library = tmp_path / "library"
    assert main(["--library", str(library), "index", str(tmp_path / "photos")]) == 0
    opened = Library.open(library)
    settings.update(library, labels=False)
    opened.clusters()
    opened.close()
    assert {"library.db", "thumbnails.db", "settings.json"} <= {path.name for path in library.iterdir()}
    assert shared(library) == []
    assert stat.S_IMODE((tmp_path / "photos").stat().st_mode) == 0o755
    node = hashlib.sha256(str(uuid.getnode()).encode()).hexdigest().encode()
    for path in (*library.rglob("*"), *isolated_home.rglob("*")):
        assert not path.is_file() or node not in path.read_bytes()


def test_the_files_of_an_older_library_become_private(tmp_path: Path) -> None:
    library = tmp_path / "library"
    Library.open(library).close()
    for path in library.iterdir():
        path.chmod(0o644)
    library.chmod(0o755)
    Library.open(library).close()
    assert {Path(path).name for path in shared(library)} <= {"library", "opening.lock"}
    assert stat.S_IMODE(library.stat().st_mode) == 0o755  # others may use the folder for something else


def test_a_folder_with_other_files_stays_as_it_is(tmp_path: Path) -> None:
    make_photos(tmp_path / "photos", 1)
    Library.open(tmp_path / "photos").close()
    assert shared(tmp_path / "photos") == [
        str(tmp_path / "photos"),
        str(tmp_path / "photos" / "photo-000.jpg"),
    ]


def test_a_search_index_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "library" / "neighbours" / "model"
    make_graph_index(make_vectors(500)).save(folder)
    assert shared(tmp_path / "library") == []
    assert len(NeighbourIndex.load(folder, "model", make_vectors(1).shape[1])) == 500


def test_a_log_is_private(tmp_path: Path) -> None:
    (tmp_path / logs.FILE_NAME).write_text("older\n")
    logger = logging.getLogger("photosim")
    before = list(logger.handlers)
    logs.log_to_folder(tmp_path)
    [handler] = [handler for handler in logger.handlers if handler not in before]
    assert isinstance(handler, logging.handlers.RotatingFileHandler)
    handler.doRollover()
    logger.warning("hello")
    logger.removeHandler(handler)
    handler.close()
    assert "hello" in (tmp_path / logs.FILE_NAME).read_text()
    assert [path for path in shared(tmp_path) if path.endswith((".log", ".1"))] == []


def test_a_file_written_at_once_is_private(tmp_path: Path) -> None:
    paths.make_private_folder(tmp_path / "a" / "b")
    paths.write_atomic(tmp_path / "a" / "b" / "file", "text")
    assert (tmp_path / "a" / "b" / "file").read_text() == "text"
    assert shared(tmp_path / "a") == []
