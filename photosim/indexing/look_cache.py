"""The looks of the photos that are compared, made from their thumbnails."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from photosim.duplicates.looks import Box, Floats, PhotoLook, look_at, sharpness
from photosim.imaging.turbojpeg import GreyPicture, decode_grey_thumbnail
from photosim.runtime.control import JobControl

_MAX_LOOKS = 700
"""Looks kept; 0.1 MB each with keypoints."""

_MAX_SQUARES = 40_000
"""Squares kept; 2 KB each."""

_READ_THUMBNAILS = 512
"""Thumbnails read at once: 8 MB."""

_MAPPED = 8
"""Values for which work is handed to a thread at once: it takes less than a millisecond each."""

_Value = TypeVar("_Value")
_Result = TypeVar("_Result")


class SupportsDigests(Protocol):
    """What is needed of a catalog."""

    def digests(self, photo_ids: Sequence[int]) -> Mapping[int, bytes]:
        """Return the digests of these photos by photo id, leaving out those that are gone."""


class SupportsThumbnails(Protocol):
    """What is needed of a cache of thumbnails."""

    def get_many(self, digests: Iterable[bytes]) -> Mapping[bytes, bytes]:
        """Return the JPEG bytes of the thumbnails of these photos by digest, of those that have one."""


class LookCache:
    """Reads thumbnails in batches and decodes them in parallel; keeps what was used last.

    Photos without a thumbnail, or with a damaged one, have no look.
    """

    def __init__(
        self,
        catalog: SupportsDigests,
        thumbnails: SupportsThumbnails,
        control: JobControl,
        pool: ThreadPoolExecutor,
    ) -> None:
        self._catalog, self._thumbnails = catalog, thumbnails
        self._control, self._pool = control, pool
        self._looks: OrderedDict[int, PhotoLook] = OrderedDict()
        self._squares: OrderedDict[int, npt.NDArray[np.float16]] = OrderedDict()
        self._unmeasured: set[int] = set()
        self._sharpness: dict[int, float] = {}

    def expect_sharpness(self, photo_ids: Iterable[int]) -> None:
        """Measure the sharpness of these photos when their squares are read, for which they are decoded anyway."""
        self._unmeasured.update(photo_ids)

    def looks(self, photo_ids: Iterable[int]) -> dict[int, PhotoLook]:
        """Return the looks of photos by their ids."""
        wanted = dict.fromkeys(photo_ids)
        found = {photo_id: self._looks[photo_id] for photo_id in wanted if photo_id in self._looks}
        found |= self._read([photo_id for photo_id in wanted if photo_id not in found], _look)
        _keep(self._looks, found, _MAX_LOOKS)
        return found

    def squares(self, photo_ids: Iterable[int]) -> dict[int, Floats]:
        """Return the squares of photos, see `PhotoLook.square`, by their ids; much smaller than looks."""
        wanted = dict.fromkeys(photo_ids)
        found = {photo_id: self._squares[photo_id] for photo_id in wanted if photo_id in self._squares}
        missing = [photo_id for photo_id in wanted if photo_id not in found]
        for start in range(0, len(missing), _READ_THUMBNAILS):
            new = self._read(missing[start : start + _READ_THUMBNAILS], self._look_and_square)
            # Pairs of these photos are compared next.
            _keep(self._looks, {photo_id: look for photo_id, (look, _, _) in new.items()}, _MAX_LOOKS)
            found |= {photo_id: square for photo_id, (_, square, _) in new.items()}
            measured = {photo_id: value for photo_id, (_, _, value) in new.items() if value is not None}
            self._sharpness |= measured
            self._unmeasured -= measured.keys()
        _keep(self._squares, found, _MAX_SQUARES)
        return {photo_id: square.astype(np.float32) for photo_id, square in found.items()}

    def sharpness(
        self, photo_ids: Sequence[int], boxes: Mapping[int, Box] = MappingProxyType({})
    ) -> dict[int, float]:
        """Return the sharpness of photos, or of boxes in them, see `looks.sharpness`, by their ids."""
        known = (
            {}
            if boxes
            else {photo: self._sharpness.pop(photo) for photo in photo_ids if photo in self._sharpness}
        )
        missing = [photo_id for photo_id in photo_ids if photo_id not in known]
        return known | self._read(missing, lambda picture, photo_id: sharpness(picture, boxes.get(photo_id)))

    def map(self, work: Callable[[_Value], _Result], values: Iterable[_Value]) -> list[_Result]:
        """Apply a function to values in parallel, as much as the control's throttle allows."""
        listed = list(values)
        parts = [listed[start : start + _MAPPED] for start in range(0, len(listed), _MAPPED)]
        return list(chain.from_iterable(self._pool.map(partial(self._in_slot, work), parts)))

    def _look_and_square(
        self, picture: GreyPicture, photo_id: int
    ) -> tuple[PhotoLook, npt.NDArray[np.float16], float | None]:
        look = look_at(picture)
        value = sharpness(picture) if photo_id in self._unmeasured else None
        return look, look.square.astype(np.float16), value

    def _in_slot(self, work: Callable[[_Value], _Result], values: Sequence[_Value]) -> list[_Result]:
        with self._control.throttle.slot():
            return [work(value) for value in values]

    def _read(
        self, photo_ids: Sequence[int], look: Callable[[GreyPicture, int], _Result]
    ) -> dict[int, _Result]:
        """Return what `look` makes of the thumbnails of photos, by their ids, which it is given too."""
        found: dict[int, _Result] = {}
        for start in range(0, len(photo_ids), _READ_THUMBNAILS):
            digests = self._catalog.digests(photo_ids[start : start + _READ_THUMBNAILS])
            jpegs = self._thumbnails.get_many(digests.values())
            new = [(photo_id, jpegs[digest]) for photo_id, digest in digests.items() if digest in jpegs]
            results = self.map(partial(_decoded, look), new)
            found |= {
                photo: result for (photo, _), result in zip(new, results, strict=True) if result is not None
            }
        return found


def _decoded(
    look: Callable[[GreyPicture, int], _Result], photo_and_jpeg: tuple[int, bytes]
) -> _Result | None:
    photo_id, jpeg = photo_and_jpeg
    picture = decode_grey_thumbnail(jpeg)
    return None if picture is None else look(picture, photo_id)


def _look(picture: GreyPicture, _: int) -> PhotoLook:
    return look_at(picture)


def _keep(kept: OrderedDict[int, _Value], used: dict[int, _Value], limit: int) -> None:
    """Put what was used at the end, and forget what was not used for longest."""
    kept.update(used)
    for key in used:
        kept.move_to_end(key)
    while len(kept) > limit:
        kept.popitem(last=False)
