"""A photo and ten typical edits of it."""

from __future__ import annotations

import io
from collections.abc import Iterator

from PIL import Image, ImageDraw, ImageEnhance, ImageOps

EDITS = 10


def edited(photo: Image.Image) -> Iterator[Image.Image]:
    """Yield the photo itself, and EDITS edited copies."""
    width, height = photo.size
    yield photo
    small = io.BytesIO()
    photo.save(small, "JPEG", quality=30)
    yield Image.open(small).convert("RGB")
    yield photo.resize((width // 2, height // 2))
    yield photo.resize((width // 4, height // 4))
    for share in (0.9, 0.75):
        left, top = width * (1 - share) / 2, height * (1 - share) / 2
        yield photo.crop((int(left), int(top), int(width - left), int(height - top)))
    yield ImageEnhance.Contrast(ImageEnhance.Brightness(photo).enhance(1.2)).enhance(1.15)
    marked = photo.copy()
    ImageDraw.Draw(marked).rectangle((width * 0.55, height * 0.85, width * 0.95, height * 0.95), fill="white")
    yield marked
    yield photo.rotate(5, resample=Image.Resampling.BICUBIC)
    yield ImageOps.mirror(photo)
    yield photo.convert("L").convert("RGB")
