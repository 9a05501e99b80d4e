"""Messages of the photo worker: round trips, and what is refused on reading."""

from __future__ import annotations

import json

import numpy as np
import pytest

from photosim.records import PhotoObject
from photosim.search.query import Example, Region
from photosim.workers.photo_protocol import (
    MAX_DIMENSIONS,
    EmbedRequest,
    ExplainRequest,
    Explanation,
    ObjectsRequest,
    PhotoResponse,
    View,
    ViewRequest,
    parse_photo_request,
)
from photosim.workers.protocol import ProtocolError


def test_embed_messages_survive_a_round_trip() -> None:
    for region in (None, Region(0.25, 0.5, 0.25, 0.5)):
        for is_object in (False, True):
            request = EmbedRequest(7, "model", Example("/photos/\udce4.jpg", region, is_object))
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


def test_explain_messages_survive_a_round_trip() -> None:
    request = ExplainRequest(5, "model", "/photos/\udce4.jpg", "/photos/2.jpg")
    assert parse_photo_request(request.encode()) == request
    maps = np.array([[0.25, -0.125], [0.5, 0]], np.float32), np.array([[1, 2, 3]], np.float32)
    sent = Explanation(0.75, maps, (0.9, 0.5), ("blue", "green"))
    received = PhotoResponse.parse(PhotoResponse(5, explanation=sent).encode()).explanation
    assert received is not None
    assert (received.similarity, received.told, received.colors) == (0.75, (0.9, 0.5), ("blue", "green"))
    for one, other in zip(received.maps, maps, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "fields",
    [
        {"similarity": "high"},
        {"told": [1]},
        {"told": 1},
        {"maps": [[[1.0]]]},
        {"maps": [[[1.0]], [[1.0], [1.0, 2.0]]]},
        {"maps": [[[1.0]], []]},
        {"maps": [[[1.0]], [["a"]]]},
        {"maps": [[[1.0]], [[0.0] * 1000]]},
        {"colors": "blue"},
        {"colors": [1]},
    ],
)
def test_explanations_with_wrong_fields_are_refused(fields: dict[str, object]) -> None:
    explanation = {"similarity": 0.5, "told": [1.0, 1.0], "maps": [[[1.0]], [[1.0]]], "colors": []}
    PhotoResponse.parse(json.dumps({"id": 1, "explanation": explanation}))
    with pytest.raises(ProtocolError):
        PhotoResponse.parse(json.dumps({"id": 1, "explanation": {**explanation, **fields}}))


def test_objects_messages_survive_a_round_trip() -> None:
    for unnamed in (False, True):
        request = ObjectsRequest(5, "model", "/photos/\udce4.jpg", unnamed)
        assert parse_photo_request(request.encode()) == request
    for objects in ((), (PhotoObject("dog", 0.9, (0.25, 0, 0.5, 1)), PhotoObject("cat", 0.5, (0, 0, 1, 1)))):
        assert PhotoResponse.parse(PhotoResponse(5, objects=objects).encode()).objects == objects


@pytest.mark.parametrize(
    "objects",
    [
        {},
        [1],
        [{"label": 1, "score": 0.5, "box": [0, 0, 1, 1]}],
        [{"label": "dog", "score": "high", "box": [0, 0, 1, 1]}],
        [{"label": "dog", "score": 0.5, "box": [0, 0, 1]}],
        [{"label": "dog", "score": 0.5, "box": [0.5, 0, 0.6, 1]}],
        [{"label": "dog", "score": 0.5, "box": [-0.1, 0, 0.6, 1]}],
        [{"label": "dog", "score": 0.5, "box": [0, 0, 0, 1]}],
    ],
)
def test_objects_with_wrong_fields_are_refused(objects: object) -> None:
    with pytest.raises(ProtocolError):
        PhotoResponse.parse(json.dumps({"id": 1, "objects": objects}))


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
        {"as": None},
        {"as": "thing"},
    ],
)
def test_embed_requests_with_wrong_fields_are_refused(fields: dict[str, object]) -> None:
    request = {"do": "embed", "id": 1, "model": "model", "path": "/1.jpg", "region": None, "as": "photo"}
    assert parse_photo_request(json.dumps(request))
    with pytest.raises(ProtocolError):
        parse_photo_request(json.dumps({**request, **fields}))


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
