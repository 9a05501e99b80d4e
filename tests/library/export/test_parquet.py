"""Exporting photos to Parquet."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photosim.cli.main import main
from photosim.errors import PhotoSimError
from photosim.library import Library
from photosim.library.export import parquet
from photosim.records import FileEntry, Label, PhotoFacts
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.embeddings import pack_vector

PHOTOS = 25

needs_pyarrow = pytest.mark.skipif(
    importlib.util.find_spec("pyarrow") is None, reason="pyarrow is an optional extra"
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Photos with random embeddings, the last one with a name that is not valid UTF-8."""
    opened = Library.open(tmp_path / "library")
    random = np.random.default_rng(0)
    with closing(Catalog(opened.folder)) as catalog:
        catalog.add_source("/photos")
        for number in range(PHOTOS):
            vector = random.standard_normal(opened.model.dimensions).astype(np.float32)
            name = f"{number:03}.jpg" if number < PHOTOS - 1 else os.fsdecode(b"caf\xe9.jpg")
            record = FileRecord(
                FileEntry(f"/photos/{name}", 1, 2),
                bytes([number]) * 16,
                PhotoFacts(4000, 3000, "JPEG", f"2024-05-{number + 1:02}T10:00:00", "Canon EOS R6"),
                pack_vector(vector / np.linalg.norm(vector)),
                (Label("dog", 0.75), Label("ball", 0.5)) if number % 2 else (),
            )
            catalog.save("/photos", [record], opened.model.id)
    yield opened
    opened.close()


def read(file: Path) -> Any:
    import pyarrow.parquet

    return pyarrow.parquet.read_table(file)


@needs_pyarrow
def test_a_row_has_what_the_library_knows_of_a_photo(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "all.parquet"
    assert library.exports.parquet(file) == PHOTOS
    table = read(file)
    assert table.schema.metadata[b"photosim.model"] == library.model.id.encode()
    row = table.slice(1, 1).to_pylist()[0]
    embedding = row.pop("embedding")
    assert row == {
        "path": "/photos/001.jpg",
        "digest": "01" * 16,
        "taken_at": datetime(2024, 5, 2, 10),
        "width": 4000,
        "height": 3000,
        "format": "JPEG",
        "camera": "Canon EOS R6",
        "labels": ["dog", "ball"],
        "label_scores": [0.75, 0.5],
        "cluster": None,
        "cluster_name": None,
    }
    photo = library.photos()[1]
    assert np.array_equal(np.float32(embedding), library.models.active.vector_of(photo.photo_id))
    assert table.column("path").to_pylist()[-1] == r"/photos/caf\xe9.jpg"


@needs_pyarrow
def test_places_on_the_map_are_told_once_there_is_one(library: Library, tmp_path: Path) -> None:
    library.exports.parquet(tmp_path / "before.parquet")
    assert "map_x" not in read(tmp_path / "before.parquet").column_names
    for _ in library.map.update():
        pass
    library.exports.parquet(tmp_path / "after.parquet")
    rows = read(tmp_path / "after.parquet").to_pylist()
    positions = library.map.positions()
    expected = dict(zip(positions.file_ids.tolist(), positions.xy.tolist(), strict=True))
    for photo, row in zip(library.photos(), rows, strict=True):
        assert [row["map_x"], row["map_y"]] == expected[photo.file_id]


@needs_pyarrow
def test_batches_make_the_same_table(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow.parquet

    library.exports.parquet(tmp_path / "one.parquet")
    monkeypatch.setattr(parquet, "_BATCH", 7)
    library.exports.parquet(tmp_path / "several.parquet")
    assert read(tmp_path / "several.parquet").equals(read(tmp_path / "one.parquet"))
    assert pyarrow.parquet.ParquetFile(tmp_path / "several.parquet").num_row_groups == 4


@needs_pyarrow
def test_a_damaged_embedding_costs_only_its_own_row(library: Library, tmp_path: Path) -> None:
    with library._catalog.database.transaction() as db:
        db.execute("UPDATE embeddings SET checksum = checksum + 1 WHERE photo_id = 3")
    assert library.exports.parquet(tmp_path / "all.parquet") == PHOTOS - 1
    assert "/photos/002.jpg" not in read(tmp_path / "all.parquet").column("path").to_pylist()


@needs_pyarrow
def test_an_empty_library_makes_a_file_without_rows(tmp_path: Path) -> None:
    with closing(Library.open(tmp_path / "empty")) as empty:
        assert empty.exports.parquet(tmp_path / "none.parquet") == 0
        assert empty.exports.parquet(tmp_path / "none.parquet") == 0, "an earlier export is replaced"
    assert read(tmp_path / "none.parquet").num_rows == 0


@needs_pyarrow
def test_only_an_earlier_export_is_replaced(library: Library, tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    other = tmp_path / "other.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"a": [1]}), other)
    (tmp_path / "text.parquet").write_text("mine")
    for file in (other, tmp_path / "text.parquet"):
        before = file.read_bytes()
        with pytest.raises(PhotoSimError, match="--force"):
            library.exports.parquet(file)
        assert file.read_bytes() == before
    assert library.exports.parquet(other, force=True) == PHOTOS
    with pytest.raises(PhotoSimError, match="keeps its own files"):
        library.exports.parquet(library.folder / "library.db", force=True)


def test_without_pyarrow_it_is_said_how_to_get_it(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    file = tmp_path / "all.PARQUET"
    assert main(["export", str(file), "--library", str(library.folder)]) == 1
    assert "pip install 'photosim[parquet]'" in capsys.readouterr().err
    assert not file.exists()
