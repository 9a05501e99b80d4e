"""Tiny pictures propose copies, upright, mirrored or turned."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageOps

from photosim.duplicates.looks import look_at
from photosim.duplicates.signatures import (
    PROPOSALS,
    SIGNATURE_BYTES,
    SignatureSearch,
    signature,
)
from tests.support.images import make_detailed_scene

EDITS = {
    "grey": ImageOps.grayscale,
    "small": lambda picture: picture.resize((32, 24)),
    "mirrored": ImageOps.mirror,
    "turned right": lambda picture: picture.rotate(-90, expand=True),
    "turned left": lambda picture: picture.rotate(90, expand=True),
}


def signature_of(picture: Image.Image) -> bytes:
    return signature(look_at(np.asarray(picture.convert("L"))).square)


def search(*signatures: bytes) -> SignatureSearch:
    return SignatureSearch(np.arange(1, len(signatures) + 1), list(signatures))


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_copy_is_proposed_and_no_other_photo(edit: str) -> None:
    originals = [make_detailed_scene(seed) for seed in range(6)]
    proposed = search(*map(signature_of, originals)).nearest([signature_of(EDITS[edit](originals[2]))])
    assert proposed == [[3]]


def test_photos_that_were_added_are_found_too_however_many() -> None:
    photos = [signature_of(make_detailed_scene(seed)) for seed in range(3)]
    found = search()
    for number in range(200):
        found.add(np.array([number + 10], np.int64), [photos[number % 3]])
    (proposed,) = found.nearest([photos[1]])
    assert proposed == [11, 14, 17, 20, 23][:PROPOSALS]


def test_plain_pictures_are_like_no_other() -> None:
    plain = signature_of(Image.new("L", (320, 240), 200))
    assert len(plain) == SIGNATURE_BYTES
    assert search(plain, plain).nearest([plain]) == [[]]


def test_nothing_to_search_for_is_no_error() -> None:
    assert search(bytes(SIGNATURE_BYTES)).nearest([]) == []
