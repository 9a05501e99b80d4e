"""What the window says of the family of an image."""

from __future__ import annotations

from photosim.duplicates.results import Surround
from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.state.text.duplicates import relation_texts
from photosim.library.search.origin import Relative

_SMALLER, _LARGER = 0.87, 1.15
"""Ratios of sizes that are worth mentioning."""


def kind_text(relative: Relative) -> str:
    """What a photo is to the image, in a word."""
    if relative.is_identical:
        return tr("Identical")
    return tr("Original") if relative.is_original else tr("Version")


def relative_text(relative: Relative) -> str:
    """How the image was made from a photo, or a photo from the image, as a sentence."""
    if relative.is_identical:
        return tr("This file is identical.")
    parts = edit_texts(relative)
    if not parts:
        return tr("Both show the same.")
    how = ", ".join(parts)
    if relative.is_original:
        return tr("The image was made from this photo: {how}.").format(how=how)
    return tr("This photo was made from the image: {how}.").format(how=how)


def edit_texts(relative: Relative) -> list[str]:
    """What was done to the original: "cropped to 40%", "with a frame around it"."""
    placed, is_original = relative.placed, relative.is_original
    parts = relation_texts(placed.relation if is_original else placed.relation.inverse)
    if is_original:
        surrounds = {
            Surround.FRAME: tr("with a frame around it"),
            Surround.BARS: tr("with bars beside it"),
            Surround.COLLAGE: tr("part of a collage"),
            Surround.OTHER: tr("part of a larger image"),
        }
        if relative.surround in surrounds:
            parts.append(surrounds[relative.surround])
    if placed.is_grey if is_original else placed.is_photo_grey:
        parts.append(tr("black and white"))
    scale = relative.scale if is_original else 1 / relative.scale
    if scale < _SMALLER:
        parts.append(tr("smaller"))
    elif scale > _LARGER:
        parts.append(tr("enlarged"))
    return parts


def size_text(relative: Relative) -> str:
    """The size of a photo, and whether it or the image is the better one."""
    facts = relative.photo.facts
    size = formatting.format_dimensions(facts.width, facts.height)
    if relative.is_identical or _SMALLER <= relative.scale <= _LARGER:
        return size
    better = tr("more detail than the image") if relative.scale < 1 else tr("less detail than the image")
    return tr("{size}, {better}").format(size=size, better=better)
