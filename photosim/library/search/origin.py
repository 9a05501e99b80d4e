"""The family of an image: the photos of the library that it was made from, and those made from it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from photosim.duplicates.results import CopyRelation, Surround
from photosim.imaging.turbojpeg import decode_thumbnail
from photosim.library.models.view import ModelView, Vector
from photosim.library.search.objects import LibraryObjects
from photosim.library.search.similarity import Embed, SimilaritySearch
from photosim.records import Photo, PhotoObject
from photosim.search.query import Example, Region
from photosim.store.catalog import Catalog
from photosim.store.duplicates import DuplicateTable
from photosim.store.thumbnails import ThumbnailCache

if TYPE_CHECKING:
    from photosim.duplicates.looks import Box
    from photosim.duplicates.origin.image import OriginImage
    from photosim.duplicates.origin.placed import PlacedPhoto

Picture = npt.NDArray[np.uint8]

PICTURE_EDGE = 1024
"""Pixels of the longer edge that the picture of an image needs."""

_CANDIDATES = 100
"""Photos compared with the whole image: of crops to 30% of the edges, 89 in 100 originals are among as many of 949."""

_CANDIDATES_OF_PART = 40
"""Photos compared with each further part, which may be all of one."""

_CANDIDATES_OF_OBJECTS = 40
"""Photos with the nearest objects: with them the original is among the candidates for 84 in 100 crops to 30 to 40% of the
edges, without for 60, in a library of 4,000 photos."""

MAX_OBJECTS = 4
"""Objects of an image that are searched by."""

_LOOK_ALIKES = 12

_STEPS = 100
"""Photos agree equally well if their correlations are in the same of so many steps."""

_BRIGHTNESS_WEIGHT = 0.2
"""Of other shots of one scene, which correlate as well as the right one, the brightness differs more often."""


@dataclass(frozen=True, slots=True)
class Relative:
    """A photo of the library that an image was made from or that was made from it.

    `scale` is the number of pixels of the image for one of the photo, along an edge; `is_original` is whether the image
    was made from the photo, `is_identical` whether it is another file with the same bytes.
    """

    photo: Photo
    placed: PlacedPhoto
    surround: Surround
    scale: float
    is_original: bool
    is_identical: bool = False


@dataclass(frozen=True, slots=True)
class Family:
    """The relatives of an image, the most certain first; `look_alikes` are the most similar photos if there are none."""

    originals: tuple[Relative, ...] = ()
    versions: tuple[Relative, ...] = ()
    look_alikes: tuple[Photo, ...] = ()


Steps = Generator[tuple[Example, ...], Mapping[Example, Vector], Family]
"""Yields examples whose embeddings have to be sent, and returns the family."""


class OriginSearch:
    """Searches a library with one model."""

    def __init__(
        self,
        catalog: Catalog,
        thumbnails: ThumbnailCache,
        view: ModelView,
        similarity: SimilaritySearch,
        objects: LibraryObjects,
    ) -> None:
        self._catalog, self._thumbnails, self._view = catalog, thumbnails, view
        self._similarity, self._objects = similarity, objects

    def find(
        self,
        path: str,
        picture: Picture,
        size: tuple[int, int],
        embed: Embed,
        objects: Sequence[PhotoObject] = (),
    ) -> Family:
        """Return the family of an image; see `steps`. Raises UnreadablePhotoError and ModelError as `embed` does."""
        steps = self.steps(path, picture, size, objects)
        try:
            examples = next(steps)
            while True:
                examples = steps.send({example: embed(example) for example in examples})
        except StopIteration as ended:
            family: Family = ended.value
            return family

    def steps(
        self,
        path: str,
        picture: Picture,
        size: tuple[int, int],
        objects: Sequence[PhotoObject] = (),
        check: Callable[[], None] = lambda: None,
    ) -> Steps:
        """Search for the family of the image at `path`, of which `picture` (H, W, 3) is upright.

        `size` is its width and height in pixels, `objects` what it shows, best first, unnamed ones too. `check` is
        called every few milliseconds, and may raise to end the search. Pairs of photos that are known to be the same
        are not compared again.
        """
        # Imported late: it loads OpenCV, which neither the window nor most commands need.
        from photosim.duplicates.origin.image import OriginImage

        image = OriginImage(picture)
        own = self._similarity.photo_of(Example(path))
        own_id = None if own is None else own.photo_id
        found = {} if own is None else self._known(image, own.photo_id)
        similar: list[int] = []
        compared: dict[Box, list[int]] = {}
        for boxes, count in (
            (image.first_parts, _CANDIDATES),
            (image.further_parts, _CANDIDATES_OF_PART),
        ):
            if similar and image.is_explained_by(list(found.values())):
                break  # before its parts are embedded
            parts = [(box, Example(path, _region(box))) for box in boxes()]
            vectors = yield from self._embedded([example for _, example in parts])
            for box, example in parts:
                check()
                if image.is_explained_by(list(found.values())) and similar:
                    break
                nearest = self._view.nearest(vectors[example], count + 1)
                candidates = [photo_id for photo_id, _ in nearest if photo_id != own_id]
                similar = similar or candidates
                compared[box] = candidates
                self._compare(image, box, [each for each in candidates if each not in found], found, check)
        if not found:
            candidates = yield from self._with_same_objects(path, objects)
            for box in image.first_parts():
                known = {own_id, *compared.get(box, ()), *found}
                self._compare(image, box, [each for each in candidates if each not in known], found, check)
        return self._family(image, size, own, found, similar)

    def _with_same_objects(
        self, path: str, objects: Sequence[PhotoObject]
    ) -> Generator[tuple[Example, ...], Mapping[Example, Vector], list[int]]:
        """Return the photos with the objects nearest to those of an image, best first; yields as `steps` does."""
        if not self._objects.enabled or not objects:
            return []
        examples = [Example(path, Region(*one.box), is_object=True) for one in objects[:MAX_OBJECTS]]
        vectors = yield from self._embedded(examples)
        return self._objects.nearest_photos(np.stack(list(vectors.values())), _CANDIDATES_OF_OBJECTS)

    def _known(self, image: OriginImage, photo_id: int) -> dict[int, PlacedPhoto]:
        """Return the photos that the comparison of the library has found to be the same as a photo."""
        relations: dict[int, tuple[CopyRelation, float]] = {}
        for pair in DuplicateTable(self._catalog.database).pairs():
            if photo_id in (pair.first, pair.second) and pair.relation is not None:
                is_first = photo_id == pair.first
                other = pair.second if is_first else pair.first
                relations[other] = (pair.relation.inverse if is_first else pair.relation), pair.confidence
        found: dict[int, PlacedPhoto] = {}
        for other, thumbnail in self._pictures(list(relations)).items():
            relation, confidence = relations[other]
            if placed := image.place(relation, confidence, thumbnail):
                found[other] = placed
        return found

    def _embedded(
        self, examples: Sequence[Example]
    ) -> Generator[tuple[Example, ...], Mapping[Example, Vector], dict[Example, Vector]]:
        """Return the embeddings of an image and parts of it; yields those that have to be sent."""
        known = {example: self._similarity.known_vector(example) for example in examples}
        missing = tuple(example for example, vector in known.items() if vector is None)
        sent = (yield missing) if missing else {}
        return {example: sent[example] if vector is None else vector for example, vector in known.items()}

    def _compare(
        self,
        image: OriginImage,
        box: Box,
        candidates: Sequence[int],
        found: dict[int, PlacedPhoto],
        check: Callable[[], None],
    ) -> None:
        """Compare a part of an image with photos, the most similar first; adds those that are its relatives."""
        from photosim.duplicates.origin.search import find_places

        pictures = self._pictures(candidates)
        photo_ids = [photo_id for photo_id in candidates if photo_id in pictures]
        part = image.part(box)
        thumbnails = [pictures[photo_id] for photo_id in photo_ids]
        for result in find_places(part, thumbnails):
            check()
            if result is not None:
                number, relation, confidence = result
                placed = image.place(relation, confidence, thumbnails[number])
                if placed is not None:
                    found[photo_ids[number]] = placed

    def _pictures(self, photo_ids: Sequence[int]) -> dict[int, Picture]:
        """Return the pixels of thumbnails (H, W, 3) by photo id, without photos that have none or a damaged one."""
        digests = self._catalog.digests(photo_ids)
        jpegs = self._thumbnails.get_many(digests.values())
        decoded = {
            photo_id: decode_thumbnail(jpegs[digest])
            for photo_id, digest in digests.items()
            if digest in jpegs
        }
        return {photo_id: picture for photo_id, picture in decoded.items() if picture is not None}

    def _family(
        self,
        image: OriginImage,
        size: tuple[int, int],
        own: Photo | None,
        found: Mapping[int, PlacedPhoto],
        similar: Sequence[int],
    ) -> Family:
        from photosim.duplicates.image_parts import WHOLE
        from photosim.duplicates.origin.placed import PlacedPhoto

        own_ids = [] if own is None else [own.photo_id]
        files = self._catalog.files_by_photo([*found, *own_ids])
        relatives = []
        for photo_id, placed in found.items():
            for photo in files.get(photo_id, [])[:1]:
                if own is not None and _are_two_shots(photo, own):
                    continue
                others = [other for other in found.values() if other is not placed]
                surround = image.surround(placed, others)
                scale = placed.scale(size, (photo.facts.width, photo.facts.height))
                is_original = placed.is_made_from_photo(scale, surround)
                relatives.append(Relative(photo, placed, surround, scale, is_original=is_original))
        identical = PlacedPhoto(1.0, CopyRelation((1.0, 0.0, 0.0, 0.0, 1.0, 0.0), 1.0), WHOLE, WHOLE)
        if own is not None:
            relatives += [
                Relative(photo, identical, Surround.NONE, 1.0, is_original=False, is_identical=True)
                for photo in files.get(own.photo_id, [])
                if photo.file_id not in (own.file_id, own.primary_id)
            ]
        relatives.sort(key=_order)
        kept = _by_place(relatives)
        originals = tuple(relative for relative in kept if relative.is_original)
        versions = tuple(relative for relative in kept if not relative.is_original)
        return Family(originals, versions, () if relatives else self._look_alikes(similar))

    def _look_alikes(self, photo_ids: Sequence[int]) -> tuple[Photo, ...]:
        files = self._catalog.files_by_photo(photo_ids[:_LOOK_ALIKES])
        return tuple(photo for photo_id in photo_ids for photo in files.get(photo_id, [])[:1])


def _order(relative: Relative) -> tuple[bool, int, int]:
    """Order originals first, by how well they agree, roughly, and then larger photos first."""
    placed, facts = relative.placed, relative.photo.facts
    likeness = placed.correlation - _BRIGHTNESS_WEIGHT * abs(placed.relation.brighter)
    return not relative.is_original, -round(likeness * _STEPS), -facts.width * facts.height


def _by_place(relatives: Sequence[Relative]) -> tuple[Relative, ...]:
    """Return relatives in their order, but first the best one for each place of the image, as those of a collage.

    Without other shots of the same scene: the best one is from the shot that the image was made from.
    """
    from photosim.duplicates.image_parts import area, common_area

    first: list[Relative] = []
    others: list[Relative] = []
    for relative in relatives:
        box = relative.placed.box_in_image
        rivals = [
            other
            for other in first
            if common_area(box, other.placed.box_in_image)
            > 0.5 * min(area(box), area(other.placed.box_in_image))
        ]
        if not rivals:
            first.append(relative)
        elif not any(_are_two_shots(relative.photo, rival.photo) for rival in rivals):
            others.append(relative)
    return (*first, *others)


def _are_two_shots(one: Photo, other: Photo) -> bool:
    """Return whether a camera took two photos at different times, so that neither was made from the other."""
    first, second = one.facts, other.facts
    return (
        first.camera is not None
        and first.camera == second.camera
        and first.taken_from == second.taken_from == "exif"
        and first.taken_at != second.taken_at
    )


def _region(box: Box) -> Region | None:
    x, y, width, height = box
    is_whole = width >= 1 and height >= 1
    return None if is_whole else Region(x, y, min(width, 1 - x), min(height, 1 - y))
