"""Messages of the photo worker: round trips, and what is refused on reading."""

from __future__ import annotations

import json

import numpy as np
import pytest

from photosim.search.query import Example, Region
from photosim.workers.photo_protocol import (
    MAX_DIMENSIONS,
    EmbedRequest,
    PhotoResponse,
    View,
    ViewRequest,
    parse_photo_request,
)
from photosim.workers.protocol import ProtocolError


def test_embed_messages_survive_a_round_trip() -> None:
    for region in (None, Region(0.25, 0.5, 0.25, 0.5)):
        request = EmbedRequest(7, "model", Example("/photos/\udce4.jpg", region))
        assert parse_photo_request(request.encode()) == request
    vector = np.array([0.6, -0.8], np.float32)
    response = PhotoResponse.parse(PhotoResponse(7, vector).encode())
    assert response.id == 7
    assert response.vector is not None
    np.testing.assert_array_equal(response.vector, vector)
    failure = PhotoResponse.parse(PhotoResponse(None, error="Not a photo.").encode())
    assert (failure.id, failure.vector, failure.error) == (None, None, "Not a photo.")


def test_view_messages_survive_a_round_trip() -> None:
    request = ViewRequest(3, "/photos/\udce4.jpg", 1920, "/pixels/1")
    assert parse_photo_request(request.encode()) == request
    response = PhotoResponse.parse(PhotoResponse(3, view=View(1920, 1080, 3840, 2160)).encode())
    assert (response.id, response.view, response.last) == (3, View(1920, 1080, 3840, 2160), False)
    assert PhotoResponse.parse(PhotoResponse(3, error="Too slow.", last=True).encode()).last


@pytest.mark.parametrize(
    "fields", [{"edge": -1}, {"edge": "9"}, {"target": None}, {"path": 7}, {"id": 1.5}, {"do": "see"}]
)
def test_view_requests_with_wrong_fields_are_refused(fields: dict[str, object]) -> None:
    request = {"do": "view", "id": 1, "path": "/1.jpg", "edge": 9, "target": "/2", **fields}
    with pytest.raises(ProtocolError):
        parse_photo_request(json.dumps(request))


@pytest.mark.parametrize(
    "view",
    [
        None,
        [],
        {"width": 1},
        {"width": 0, "height": 1, "photo_width": 1, "photo_height": 1},
        {"width": "1", "height": 1, "photo_width": 1, "photo_height": 1},
        {"width": 40_000, "height": 1, "photo_width": 1, "photo_height": 1},
        {"width": 30_000, "height": 30_000, "photo_width": 1, "photo_height": 1},
    ],
)
def test_views_without_or_with_too_many_pixels_are_refused(view: object) -> None:
    with pytest.raises(ProtocolError):
        PhotoResponse.parse(json.dumps({"id": 1, "view": view}))


@pytest.mark.parametrize(
    "fields",
    [
        {"do": "dance"},
        {"do": None},
        {"id": None},
        {"id": "1"},
        {"path": None},
        {"model": 7},
        {"region": [0, 0, 1]},
        {"region": [0, 0, 2, 2]},
        {"region": [0, 0, 1, float("inf")]},
        {"region": "0011"},
    ],
)
def test_embed_requests_with_wrong_fields_are_refused(fields: dict[str, object]) -> None:
    request = {"do": "embed", "id": 1, "model": "model", "path": "/1.jpg", "region": None, **fields}
    with pytest.raises(ProtocolError):
        parse_photo_request(json.dumps(request))


@pytest.mark.parametrize(
    "vector",
    [[], [float("nan")], [1e39], ["1"], [True], [10**400], {}, None, [0.0] * (MAX_DIMENSIONS + 1)],
)
def test_embed_responses_with_wrong_vectors_are_refused(vector: object) -> None:
    with pytest.raises(ProtocolError):
        PhotoResponse.parse(json.dumps({"id": 1, "vector": vector}))


@pytest.mark.parametrize("line", ["", "hello", "[]", "7", "null", "[" * 100_000, b"\xff\xfe", "9" * 10_000])
def test_lines_that_are_no_messages_are_refused(line: str | bytes) -> None:
    for parse in (parse_photo_request, PhotoResponse.parse):
        with pytest.raises(ProtocolError):
            parse(line)
