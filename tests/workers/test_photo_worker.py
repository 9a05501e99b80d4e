"""The photo worker: one response for each request, whatever is wrong with it."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photosim.imaging import decode
from photosim.library import Library
from photosim.ml.embedder import Embedder
from photosim.ml.model_spec import DETECTION_SIZE, ModelSpec
from photosim.ml.models.catalog import DEFAULT, FINE
from photosim.ml.models.registry import ModelRegistry
from photosim.runtime.limits import Limits
from photosim.search.query import Example, Region
from photosim.workers import photo_worker, pixels
from photosim.workers.photo_protocol import (
    EmbedRequest,
    ExplainRequest,
    ObjectsRequest,
    PhotoResponse,
    ViewRequest,
)
from photosim.workers.photo_results import View
from photosim.workers.pixels import PixelFolder
from photosim.workers.protocol import photo_command
from tests.support.images import make_exif, make_photo, make_scene, save
from tests.support.program_script import write_program
from tests.support.timeouts import TIMEOUT_S


class Responses(io.StringIO):
    """Records responses, and reads the pixels of each when it arrives, as the parent does."""

    def __init__(self, target: Path) -> None:
        super().__init__()
        self._target = target
        self.pictures: list[np.ndarray] = []

    def write(self, line: str) -> int:
        view = PhotoResponse.parse(line).view
        if view is not None:
            buffer = bytearray(pixels.stride(view.width) * view.height)
            assert pixels.read_pixels(self._target, memoryview(buffer))
            rows = np.frombuffer(buffer, np.uint8).reshape(view.height, -1)[:, : 3 * view.width]
            self.pictures.append(rows.reshape(view.height, view.width, 3))
        return super().write(line)


def respond(tmp_path: Path, *requests: str) -> tuple[list[PhotoResponse], list[np.ndarray]]:
    """Return the responses to these lines, and the pictures that were written to the file `pixels`."""
    output = Responses(tmp_path / "pixels")
    assert photo_worker.run(tmp_path / "library", io.StringIO("".join(requests)), output) == 0
    return [PhotoResponse.parse(line) for line in output.getvalue().splitlines()], output.pictures


def view(tmp_path: Path, path: Path, edge: int = 0) -> tuple[View, np.ndarray]:
    """Return the response for one photo, and its pixels."""
    request = ViewRequest(1, str(path), edge, str(tmp_path / "pixels"))
    [response], [picture] = respond(tmp_path, request.encode())
    assert response.view is not None, response.error
    return response.view, picture


@pytest.mark.parametrize("spec", [DEFAULT, FINE], ids=lambda spec: spec.name)
def test_images_are_embedded_as_the_library_does_and_errors_are_reported(
    tmp_path: Path, spec: ModelSpec
) -> None:
    photo = Example(str(make_photo(tmp_path / "photos" / "1.jpg")))
    (tmp_path / "note.jpg").write_text("no photo")
    library = Library.open(tmp_path / "library")
    library.use_model(spec.id)
    list(library.index([tmp_path / "photos"]))
    model = library.model.id
    assert model == spec.id
    requests = [
        EmbedRequest(1, model, photo).encode(),
        EmbedRequest(2, model, Example(photo.path, Region(0.5, 0.5, 0.5, 0.5))).encode(),
        EmbedRequest(3, model, Example(str(tmp_path / "note.jpg"))).encode(),
        EmbedRequest(4, "unknown", photo).encode(),
        "what?\n",
    ]
    output = io.StringIO()
    assert photo_worker.run(library.folder, io.StringIO("".join(requests)), output) == 0
    whole, part, *failures = map(PhotoResponse.parse, output.getvalue().splitlines())
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


def test_a_region_is_embedded_as_an_object(tmp_path: Path) -> None:
    path, region = make_photo(tmp_path / "1.jpg", 1, (320, 240)), Region(0.25, 0.5, 0.5, 0.25)
    (part, whole), _ = respond(
        tmp_path,
        EmbedRequest(1, DEFAULT.id, Example(str(path), region, is_object=True)).encode(),
        EmbedRequest(2, DEFAULT.id, Example(str(path), is_object=True)).encode(),
    )
    embedder = Embedder(DEFAULT, ModelRegistry().weights_path(DEFAULT), tmp_path)
    picture = decode.read_photo(path, edge=DETECTION_SIZE).picture
    for response, place in ((part, region), (whole, Region(0, 0, 1, 1))):
        assert response.vector is not None, response.error
        assert response.vector.shape == (DEFAULT.object_dimensions,)
        assert np.linalg.norm(response.vector) == pytest.approx(1, abs=1e-5)
        assert float(response.vector @ embedder.embed_region(picture, place)) > 0.999


def test_two_photos_are_explained_by_their_places_and_colors(tmp_path: Path) -> None:
    one, other = make_photo(tmp_path / "1.jpg", 1, (320, 240)), make_photo(tmp_path / "2.jpg", 1, (160, 120))
    broken = tmp_path / "3.jpg"
    broken.write_text("no photo")
    (explained, failed), _ = respond(
        tmp_path,
        ExplainRequest(1, DEFAULT.id, str(one), str(other)).encode(),
        ExplainRequest(2, DEFAULT.id, str(one), str(broken)).encode(),
    )
    explanation = explained.explanation
    assert explanation is not None, explained.error
    assert explanation.similarity > 0.9
    assert explanation.colors
    for cells, told in zip(explanation.maps, explanation.told, strict=True):
        assert cells.shape == (21, 28)
        assert float(cells.sum()) == pytest.approx(told * explanation.similarity, abs=1e-3)
    assert "3.jpg" in failed.error


def test_objects_are_found_whatever_model_the_library_uses(tmp_path: Path) -> None:
    photo, broken = make_photo(tmp_path / "1.jpg", 1, (320, 240)), tmp_path / "2.jpg"
    broken.write_text("no photo")
    (found, by_default, failed), _ = respond(
        tmp_path,
        ObjectsRequest(1, FINE.id, str(photo)).encode(),
        ObjectsRequest(2, DEFAULT.id, str(photo)).encode(),
        ObjectsRequest(3, DEFAULT.id, str(broken)).encode(),
    )
    assert found.objects is not None
    assert found.objects == by_default.objects
    assert "2.jpg" in failed.error


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_a_view_is_what_the_thumbnail_shows_turned_and_in_the_same_colors(
    tmp_path: Path, suffix: str
) -> None:
    path = save(make_scene(1, (640, 400)), tmp_path / f"a.{suffix}", exif=make_exif(orientation=6))
    found, shown = view(tmp_path, path)
    assert found == View(400, 640, 400, 640)
    np.testing.assert_array_equal(shown, decode.read_photo(path, edge=2**16).picture)


def test_a_view_has_the_pixels_that_were_requested_and_at_most_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_photo(tmp_path / "a.jpg", 1, (1600, 1200))
    assert view(tmp_path, path, 700)[0] == View(800, 600, 1600, 1200)
    assert view(tmp_path, path, 0)[0] == View(1600, 1200, 1600, 1200)
    monkeypatch.setattr(photo_worker, "MAX_VIEW_PIXELS", 1600 * 1200 // 4)
    assert view(tmp_path, path, 0)[0] == View(800, 600, 1600, 1200)
    monkeypatch.setattr(photo_worker, "MAX_VIEW_PIXELS", 1600 * 1200 // 4 - 1)
    assert view(tmp_path, path, 0)[0] == View(400, 300, 1600, 1200)
    long = save(Image.new("RGB", (40_000, 2), "red"), tmp_path / "long.png")
    assert view(tmp_path, long)[0] == View(20_000, 1, 40_000, 2)


def test_a_photo_that_cannot_be_viewed_is_an_error_and_the_next_one_is_viewed(tmp_path: Path) -> None:
    good, target = make_photo(tmp_path / "a.jpg"), tmp_path / "pixels"
    (tmp_path / "b.jpg").write_text("no photo")
    (broken, gone, in_the_way, shown), _ = respond(
        tmp_path,
        ViewRequest(1, str(tmp_path / "b.jpg"), 0, str(target)).encode(),
        ViewRequest(2, str(tmp_path / "gone.jpg"), 0, str(target)).encode(),
        ViewRequest(3, str(good), 0, str(tmp_path / "no folder" / "1")).encode(),
        ViewRequest(4, str(good), 0, str(target)).encode(),
    )
    assert broken.error
    assert "unavailable" in gone.error
    assert "disk space" in in_the_way.error
    assert shown.view is not None


HOSTILE = {
    "time": ("time.sleep(600)", Limits(0.4, 10**12), "took longer than 0 seconds"),
    "lock": ("re.match('(a+)+$', 'a' * 64 + 'b')", Limits(0.6, 10**12), ""),
    "memory": ("grow()", Limits(60, 200_000_000), "needed more than 0.19 GB"),
}


ONE_OF_TWO = {
    "time": "limits.faulthandler.dump_traceback_later = lambda *arguments, **options: None",
    "lock": "limits._Watchdog._abort = lambda *arguments: None",
}
"""Code that leaves the end of a process to its thread or to the alarm: on a busy computer the other might be first."""


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_photo_that_exceeds_the_limits_ends_the_process_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    body, limits, reason = HOSTILE[kind]
    program = write_program(
        tmp_path / "program.py",
        f"""
from photosim.imaging import decode
from photosim.runtime import limits
def grow():
    held = []
    while True:
        held.append(bytearray(4_000_000)); time.sleep(0.005)
def hostile(path, **options):
    {body}
decode.read_photo = hostile
{ONE_OF_TWO.get(kind, "")}
limits.Limits.default = classmethod(lambda cls: cls({limits.timeout_s}, {limits.memory_bytes}))
""",
    )
    monkeypatch.setattr("photosim.workers.protocol.program_command", lambda: [sys.executable, str(program)])
    request = ViewRequest(5, str(make_photo(tmp_path / "a.jpg")), 0, str(tmp_path / "pixels"))
    with subprocess.Popen(
        photo_command(tmp_path / "library"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(request.encode().encode())
        process.stdin.flush()
        assert process.wait(TIMEOUT_S) != 0
        lines, errors = process.stdout.read().splitlines(), process.stderr.read()
    if reason:
        [response] = map(PhotoResponse.parse, lines)
        assert (response.id, response.last) == (5, True)
        assert reason in response.error
    else:
        assert lines == []
        assert b"Timeout (" in errors, "only faulthandler can end it, and says so to the parent"


def test_the_process_ends_soon_after_its_parent_and_leaves_no_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = write_program(
        tmp_path / "program.py",
        """
from photosim.workers import photo_worker
photo_worker._ORPHAN_S = 0.1
real = photo_worker.decode.read_photo
def hang_at_the_second(path, **options):
    if path.endswith("b.jpg"):
        time.sleep(600)
    return real(path, **options)
photo_worker.decode.read_photo = hang_at_the_second
""",
    )
    monkeypatch.setattr("photosim.workers.protocol.program_command", lambda: [sys.executable, str(program)])
    folder = PixelFolder(tmp_path)
    requests = [
        ViewRequest(number, str(make_photo(tmp_path / name)), 0, str(folder.new_file())).encode()
        for number, name in enumerate(("a.jpg", "b.jpg"))
    ]
    with subprocess.Popen(
        photo_command(tmp_path / "library"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("".join(requests).encode())
        process.stdin.flush()
        assert PhotoResponse.parse(process.stdout.readline()).view is not None
        process.stdin.close()
        assert process.wait(TIMEOUT_S) == 1
    assert not folder.path.exists()
