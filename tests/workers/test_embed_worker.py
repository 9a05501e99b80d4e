"""The embedding process: one response for each request, whatever is wrong with it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from photosim.library import Library
from photosim.search.query import Example, Region
from photosim.workers import embed_worker
from photosim.workers.protocol import EmbedRequest, EmbedResponse
from tests.support.images import make_photo


def test_images_are_embedded_as_the_library_does_and_errors_are_reported(tmp_path: Path) -> None:
    photo = Example(str(make_photo(tmp_path / "photos" / "1.jpg")))
    (tmp_path / "note.jpg").write_text("no photo")
    library = Library.open(tmp_path / "library")
    list(library.index([tmp_path / "photos"]))
    model = library.model.id
    requests = [
        EmbedRequest(1, model, photo).encode(),
        EmbedRequest(2, model, Example(photo.path, Region(0.5, 0.5, 0.5, 0.5))).encode(),
        EmbedRequest(3, model, Example(str(tmp_path / "note.jpg"))).encode(),
        EmbedRequest(4, "unknown", photo).encode(),
        "what?\n",
    ]
    output = io.StringIO()
    assert embed_worker.run(library.folder, io.StringIO("".join(requests)), output) == 0
    whole, part, *failures = map(EmbedResponse.parse, output.getvalue().splitlines())
    expected = library.similarity.known_vector(photo)
    library.close()
    assert (whole.id, part.id, [failure.id for failure in failures]) == (1, 2, [3, 4, None])
    assert expected is not None
    assert whole.vector is not None
    assert part.vector is not None
    assert float(np.dot(whole.vector, expected)) > 0.999
    assert float(np.dot(part.vector, expected)) < 0.999
    assert "note.jpg" in failures[0].error
    assert "unknown" in failures[1].error
    assert failures[2].error
