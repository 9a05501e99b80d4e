"""Property test: indexing again after any file changes gives the same library as indexing from scratch."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from photosim.library import Library
from tests.support.images import make_photo
from tests.support.indexing import index, use_fake_embedder

FOLDERS = ("a", "b", "a/deep", "Ärger", "A\u0308rger", "c d")
"""Among them the two Unicode forms of one name."""

NAMES = ("1.jpg", "2.jpg", "IMG.JPG", "img.jpg", "é.jpg", "e\u0301.jpg", ".hidden.jpg")
places = st.tuples(st.sampled_from(FOLDERS), st.sampled_from(NAMES))
contents = st.integers(0, 5)

Known = dict[str, tuple[bytes | None, bool]]


class Moves(RuleBasedStateMachine):
    """A folder of photos that somebody keeps rearranging, and the library that follows."""

    def __init__(self) -> None:
        super().__init__()
        self.base = Path(tempfile.mkdtemp())
        self.photos = self.base / "photos"
        for folder in FOLDERS:
            (self.photos / folder).mkdir(parents=True, exist_ok=True)
        self.library = Library.open(self.base / "library")
        self.clock = 1_700_000_000_000_000_000
        index(self.library, self.photos)

    def teardown(self) -> None:
        self.index_all()
        self.library.close()
        shutil.rmtree(self.base)

    def place(self, place: tuple[str, str]) -> Path:
        return self.photos / place[0] / place[1]

    def files(self) -> list[Path]:
        return sorted(path for path in self.photos.rglob("*") if path.is_file())

    def written(self, path: Path) -> None:
        """Every write has a time of its own, as on a disk whose clock is fine enough."""
        self.clock += 1_000_000_000
        os.utime(path, ns=(self.clock, self.clock))

    @rule(place=places, content=contents)
    def write(self, place: tuple[str, str], content: int) -> None:
        path = self.place(place)
        path.parent.mkdir(parents=True, exist_ok=True)
        make_photo(path, content, (24, 18))
        self.written(path)

    @rule(place=places)
    def damage(self, place: tuple[str, str]) -> None:
        path = self.place(place)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"no photo")
        self.written(path)

    @precondition(lambda self: self.files())
    @rule(data=st.data(), to=places)
    def move(self, data: st.DataObject, to: tuple[str, str]) -> None:
        path = data.draw(st.sampled_from(self.files()))
        self.place(to).parent.mkdir(parents=True, exist_ok=True)
        path.replace(self.place(to))

    @precondition(lambda self: self.files())
    @rule(data=st.data(), to=places)
    def copy(self, data: st.DataObject, to: tuple[str, str]) -> None:
        path, target = data.draw(st.sampled_from(self.files())), self.place(to)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not (target.exists() and target.samefile(path)):
            shutil.copy2(path, target)

    @precondition(lambda self: self.files())
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.files())).unlink()

    @rule(folder=st.sampled_from(FOLDERS), to=st.sampled_from(FOLDERS))
    def rename_folder(self, folder: str, to: str) -> None:
        source, target = self.photos / folder, self.photos / to / "moved"
        if source.is_dir() and not target.exists() and source not in target.parents:
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)

    @rule(folder=st.sampled_from(FOLDERS))
    def replace_folder_by_a_file(self, folder: str) -> None:
        path = self.photos / folder
        if path.is_dir():
            shutil.rmtree(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a file now")
        path.unlink()
        path.mkdir()

    @rule(link=st.sampled_from(("loop", "a/loop", "b/other")), to=st.sampled_from(("..", ".", "../a")))
    def link(self, link: str, to: str) -> None:
        path = self.photos / link
        if path.parent.is_dir() and not path.is_symlink() and sys.platform != "win32":
            path.symlink_to(to, target_is_directory=True)

    @rule(folder=st.sampled_from(FOLDERS))
    def index_a_part(self, folder: str) -> None:
        if (self.photos / folder).is_dir():
            index(self.library, self.photos / folder, ask=False)

    @rule()
    def index_all(self) -> None:
        index(self.library, self.photos, ask=False)
        fresh = Library.open(self.base / "fresh")
        try:
            index(fresh, self.photos, ask=False)
            assert known(self.library) == known(fresh)
            assert clusters(self.library) == clusters(fresh)
        finally:
            fresh.close()
            shutil.rmtree(self.base / "fresh")

    @invariant()
    def every_photo_has_its_embedding(self) -> None:
        status = self.library.status()
        assert status.embedded == status.photos


def known(library: Library) -> Known:
    photos: Known = {
        photo.path: (library._catalog.digest(photo.photo_id), photo.missing) for photo in library.photos()
    }
    return photos | {one.path: (None, False) for one in library.unreadable()}


def clusters(library: Library) -> set[frozenset[str]]:
    return {frozenset(cluster.paths) for cluster in library.clusters().clusters}


def test_after_any_moves_the_library_is_as_if_indexed_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fake_embedder(monkeypatch)
    Moves.TestCase.settings = settings(
        max_examples=5,
        stateful_step_count=15,
        suppress_health_check=list(HealthCheck),
    )
    Moves.TestCase("runTest").runTest()
