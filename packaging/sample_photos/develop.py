"""From a scene's light to the picture a camera would give: framing, bloom, tone curve, grain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from canvas import RNG, blur
from PIL import Image, ImageFilter

MARGIN = 1.2  # scenes are painted this much larger, so that the shots of a series can be framed apart
SCALE = 0.7  # scenes are painted at this part of the photo's size: lenses are softer than pixels


@dataclass(frozen=True)
class Shot:
    """One photo of a series: `t` runs from 0 to 1 over the series, `rng` is this photo's own chance."""

    t: float
    rng: RNG


def develop(
    picture: np.ndarray, rng: RNG, width: int, height: int, *, spread: float = 1, grain: float = 3
) -> Image.Image:
    """Takes the photo: `spread` is how far this shot's framing and light may differ from the next's."""
    light = np.maximum(picture.astype(np.float32), 0)
    light = light + 0.35 * blur(np.clip(light - 0.9, 0, 6), 0.012 * width)
    light *= 2 ** (rng.normal(0, 0.16) * spread)
    warmth = rng.normal(0, 0.035) * spread
    light *= np.array([1 + warmth, 1, 1 - warmth], np.float32)
    rows, columns = np.ogrid[-1 : 1 : light.shape[0] * 1j, -1 : 1 : light.shape[1] * 1j]
    light *= (1 - 0.13 * (rows**2 + columns**2))[..., None].astype(np.float32)
    grey = light @ np.array([0.3, 0.59, 0.11], np.float32)
    light += (grey[..., None] - light) * 0.16
    toned = light * (2.51 * light * 0.72 + 0.03) / (light * 0.72 * (2.43 * light + 0.59) + 0.14)
    image = Image.fromarray((np.clip(toned, 0, 1) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8))
    zoom = rng.uniform(1 / MARGIN, 0.995) if spread else 0.95
    w, h = image.width * zoom, image.height * zoom
    left, top = (image.width - w) * rng.random(), (image.height - h) * rng.random()
    image = image.resize((width, height), Image.Resampling.LANCZOS, (left, top, left + w, top + h))
    image = image.filter(ImageFilter.UnsharpMask(1.2, 60, 2))
    noise = rng.standard_normal((height, width), np.float32) * grain
    chroma = rng.standard_normal((height // 2, width // 2, 3), np.float32) * grain * 0.8
    chroma = chroma.repeat(2, 0).repeat(2, 1)
    pixels = np.asarray(image, np.float32)[: chroma.shape[0], : chroma.shape[1]]
    pixels = pixels + noise[: chroma.shape[0], : chroma.shape[1], None] + chroma
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
