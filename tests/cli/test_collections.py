"""The command `collections`."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from photosim.cli.main import main
from photosim.library import Library
from photosim.records import FileEntry, Label, PhotoFacts
from photosim.search.kept_search import KeptExample, KeptSearch
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.embeddings import pack_vector

NAMES = ("a.jpg", "b.jpg", "c.jpg")


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Path]:
    """A library of three photos, of which a.jpg and b.jpg show dogs and are similar."""
    library = Library.open(tmp_path / "library")
    with closing(Catalog(library.folder)) as catalog:
        catalog.add_source(str(tmp_path))
        for name in NAMES:
            (tmp_path / name).write_bytes(b"x")
            os.utime(tmp_path / name, ns=(2, 2))  # as its stamp says: unchanged since it was indexed
            vector = np.eye(library.model.dimensions, dtype=np.float32)[int(name == "c.jpg")]
            record = FileRecord(
                FileEntry(str(tmp_path / name), 1, 2),
                name.encode().ljust(16),
                PhotoFacts(40, 30, "JPEG"),
                pack_vector(vector),
                (Label("cat" if name == "c.jpg" else "dog", 0.9),),
            )
            catalog.save(str(tmp_path), [record], library.model.id)
    library.close()
    yield tmp_path


def run(capsys: pytest.CaptureFixture[str], base: Path, *arguments: object) -> tuple[int, str, str]:
    status = main(["collections", *map(str, arguments), "--library", str(base / "library")])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def shown(capsys: pytest.CaptureFixture[str], base: Path, name: str) -> list[str]:
    status, out, err = run(capsys, base, "show", name)
    assert status == 0, err
    return [Path(line).name for line in out.splitlines()]


def test_a_collection_is_made_filled_renamed_and_deleted(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, base)[1] == ""
    status, _, err = run(capsys, base, "add", "Trip", base / "a.jpg", base / "c.jpg")
    assert (status, err) == (0, "Added 2 photos to “Trip”.\n")
    assert run(capsys, base, "add", "trip", base / "a.jpg", base / "b.jpg")[2] == "Added 1 photo to “Trip”.\n"
    assert shown(capsys, base, "TRIP") == ["a.jpg", "c.jpg", "b.jpg"]
    assert run(capsys, base, "remove", "Trip", base / "a.jpg")[2] == "Removed 1 photo from “Trip”.\n"
    assert run(capsys, base, "rename", "Trip", "Journey")[0] == 0
    assert shown(capsys, base, "Journey") == ["c.jpg", "b.jpg"]
    assert run(capsys, base, "delete", "Journey")[0] == 0
    assert run(capsys, base, "show", "Journey")[0] == 1


def test_a_kept_search_is_listed_with_what_it_finds(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run(capsys, base, "keep", "Dogs", "dogs")
    assert (status, err) == (0, "Kept as “Dogs”. It finds 2 photos now.\n")
    run(capsys, base, "add", "Trip", base / "c.jpg")
    _, out, _ = run(capsys, base, "--json")
    assert json.loads(out) == {
        "collections": [
            {"name": "Dogs", "kind": "search", "photos": 2},
            {"name": "Trip", "kind": "photos", "photos": 1},
        ]
    }
    _, out, _ = run(capsys, base, "show", "Dogs", "--json")
    paths = [{"path": str(base / name)} for name in ("a.jpg", "b.jpg")]
    assert json.loads(out) == {"name": "Dogs", "kind": "search", "photos": paths}
    status, _, err = run(capsys, base, "add", "Dogs", base / "c.jpg")
    assert status == 1
    assert "kept search" in err


def test_a_search_by_photos_shows_them_best_first(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(Library.open(base / "library")) as library:
        [photo, *_] = library.photos()
        example = library.collections.kept_example(KeptExample(photo.path), photo.photo_id)
        library.collections.keep("Like this", KeptSearch(like=(example,)))
    assert shown(capsys, base, "Like this") == ["b.jpg", "c.jpg"]
    assert run(capsys, base, "show", "Like this", "-k", 1)[1] == f"{base / 'b.jpg'}\n"


def test_a_photo_that_is_not_in_the_library_is_told(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run(capsys, base, "add", "Trip", base / "unknown.jpg", base / "a.jpg")
    assert status == 1
    assert "unknown.jpg is not in the library" in err
    assert shown(capsys, base, "Trip") == ["a.jpg"]
    assert run(capsys, base, "add", "Other", base / "unknown.jpg")[0] == 1
    assert run(capsys, base, "show", "Other")[0] == 1, "no empty collection is left"


def test_an_export_is_imported_and_replaces_nothing_else(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, base, "add", "Trip", base / "a.jpg")
    run(capsys, base, "keep", "Dogs", "dog")
    file = base / "collections.json"
    assert run(capsys, base, "export", file)[2] == f"Wrote 2 collections to {file}.\n"
    data = json.loads(file.read_text())
    assert data["collections"][1]["photos"] == [
        {"path": str(base / "a.jpg"), "digest": b"a.jpg".ljust(16).hex()}
    ]
    assert run(capsys, base, "export", file)[0] == 0, "an earlier export is replaced"
    other = base / "other.json"
    other.write_text("{}")
    assert run(capsys, base, "export", other)[0] == 1
    assert other.read_text() == "{}"
    shutil.copytree(base / "library", base / "second" / "library")
    run(capsys, base / "second", "delete", "Trip")
    assert run(capsys, base / "second", "import", file)[0] == 0
    assert shown(capsys, base / "second", "Trip") == ["a.jpg"]
    assert run(capsys, base / "second", "import", other)[0] == 1
    assert run(capsys, base / "second", "import", base / "missing.json")[0] == 1
