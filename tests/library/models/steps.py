"""Steps shared by the tests of switching models."""

from __future__ import annotations

from photosim.library import Library
from photosim.ml.models import catalog
from tests.support.indexing import index


def change_to(library: Library, entry: catalog.ModelSpec) -> None:
    library.use_model(entry.id)
    index(library)
    assert library.model == entry


def answers(library: Library) -> list[list[tuple[str, float]]]:
    return [
        [(match.path, round(match.similarity, 5)) for match in library.similar(photo.file_id)]
        for photo in library.photos()
    ]
