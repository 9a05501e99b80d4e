"""Draw photos for tests: every seed gives another scene, every variant a similar photo of it."""

from __future__ import annotations

import colorsys
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageDraw, ImageFilter

Size = tuple[int, int]


def make_scene(seed: int, size: Size = (320, 240), *, variant: int = 0) -> Image.Image:
    """Draw a colorful RGB scene: a gradient, large shapes, stripes and dots.

    Two seeds differ in colors, shapes and positions. Another `variant` of a seed is the same scene shifted by a few
    percent and slightly brighter or darker.
    """
    rng = random.Random(f"scene {seed}")
    shift = random.Random(f"variant {seed} {variant}") if variant else None
    dx, dy = (shift.uniform(-0.04, 0.04), shift.uniform(-0.04, 0.04)) if shift else (0.0, 0.0)
    light = shift.uniform(0.85, 1.15) if shift else 1.0
    width, height = size
    hue = rng.random()

    def color(offset: float) -> tuple[int, int, int]:
        tone = ((hue + offset) % 1, rng.uniform(0.4, 1), rng.uniform(0.35, 1))
        red, green, blue = (min(255, round(255 * light * part)) for part in colorsys.hsv_to_rgb(*tone))
        return red, green, blue

    def place(x: float, y: float) -> tuple[float, float]:
        return (x + dx) * width, (y + dy) * height

    upper, lower = Image.new("RGB", size, color(0)), Image.new("RGB", size, color(rng.uniform(0.1, 0.3)))
    ramp = Image.linear_gradient("L").resize(size)
    if rng.random() < 0.5:
        ramp = ramp.transpose(Image.Transpose.ROTATE_90).resize(size)
    image = Image.composite(upper, lower, ramp)
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randint(3, 7)):
        _draw_shape(draw, rng, place, min(size) * rng.uniform(0.12, 0.35), color(rng.random()))
    if rng.random() < 0.5:
        tint, step = color(0.5), rng.uniform(0.05, 0.12)
        for line in range(int(0.4 / step)):
            draw.line([place(0, 0.6 + line * step), place(1, 0.5 + line * step)], tint, max(1, height // 60))
    for _ in range(rng.randint(0, 40)):
        x, y = place(rng.random(), rng.random())
        radius = max(1, min(size) * 0.012)
        draw.ellipse([x - radius, y - radius, x + radius, y + radius], color(rng.random()))
    return image


def make_detailed_scene(seed: int) -> Image.Image:
    """Draw a scene of 320 x 240 pixels with detail everywhere, as photos have it."""
    picture = make_scene(seed)
    draw, rng = ImageDraw.Draw(picture), np.random.default_rng(seed)
    for _ in range(60):
        x, y, size = rng.integers(0, 320), rng.integers(0, 240), rng.integers(4, 30)
        color = tuple(int(value) for value in rng.integers(0, 256, 3))
        draw.polygon([(x, y), (x + size, y + size // 3), (x + size // 4, y + size)], fill=color)
    return picture


def make_photo(
    path: Path, seed: int = 0, size: Size = (320, 240), *, variant: int = 0, **options: Any
) -> Path:
    """Save a scene in the format of the path's suffix; `options` go to the encoder. Returns the path."""
    return save(make_scene(seed, size, variant=variant), path, **options)


def make_jpeg(
    path: Path, size: Size = (320, 240), seed: int = 0, *, exif: bytes | None = None, **options: Any
) -> Path:
    """Save a scene as a JPEG, whatever the path's suffix. Returns the path."""
    if exif is not None:
        options["exif"] = exif
    path.parent.mkdir(parents=True, exist_ok=True)
    make_scene(seed, size).save(path, "JPEG", **{"quality": 88, **options})
    return path


def make_camera_jpeg(path: Path, seed: int = 0, size: Size = (4000, 3000), *, quality: int = 90) -> Path:
    """Save a scene with noise and EXIF like a camera's: 3 to 4 MB at 12 megapixels."""
    scene = make_scene(seed, size).filter(ImageFilter.GaussianBlur(1))
    grain = np.random.default_rng(seed).normal(0, 6.3, (size[1], size[0], 1))
    image = Image.fromarray((np.asarray(scene) + grain).clip(0, 255).astype(np.uint8))
    exif = make_exif(taken_at=f"2024:07:{seed % 28 + 1:02} 18:03:11", make="Canon", model="Canon EOS R6")
    return save(image, path, quality=quality, exif=exif)


def save(image: Image.Image, path: Path, **options: Any) -> Path:
    """Save any image in the format of the path's suffix, HEIC included; creates the folder. Returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() in {".heic", ".heif"}:
        import pillow_heif  # registers nothing with Pillow, which would change our own decoder

        pillow_heif.from_pillow(image).save(path, **{"quality": 80, **options})
        return path
    if path.suffix.lower() == ".jxl":
        import pillow_jxl  # noqa: F401 - registers its encoder with Pillow

        options = {"quality": 90, "use_container": True, **options}
    if path.suffix.lower() in {".jpg", ".jpeg"}:
        options.setdefault("quality", 88)
    image.save(path, **options)
    return path


def make_exif(
    *,
    orientation: int | None = None,
    taken_at: str | None = None,
    make: str | None = None,
    model: str | None = None,
    lens: str | None = None,
    gps: tuple[float, float] | None = None,
) -> bytes:
    """Build an EXIF block; `taken_at` as EXIF writes it ("2024:07:01 18:03:11"), `gps` in signed degrees."""
    exif = Image.Exif()
    plain = {
        ExifTags.Base.Orientation: orientation,
        ExifTags.Base.Make: make,
        ExifTags.Base.Model: model,
    }
    exif.update({tag: value for tag, value in plain.items() if value is not None})
    detail = {ExifTags.Base.DateTimeOriginal: taken_at, ExifTags.Base.LensModel: lens}
    exif.get_ifd(ExifTags.IFD.Exif).update({tag: value for tag, value in detail.items() if value is not None})
    if gps is not None:
        latitude, longitude = gps
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(
            {
                ExifTags.GPS.GPSLatitudeRef: "N" if latitude >= 0 else "S",
                ExifTags.GPS.GPSLatitude: _sexagesimal(latitude),
                ExifTags.GPS.GPSLongitudeRef: "E" if longitude >= 0 else "W",
                ExifTags.GPS.GPSLongitude: _sexagesimal(longitude),
            }
        )
    return exif.tobytes()


def _sexagesimal(degrees: float) -> tuple[Fraction, Fraction, Fraction]:
    seconds = Fraction(abs(degrees)).limit_denominator(1_000_000) * 3600
    minutes, rest = divmod(seconds, 60)
    return Fraction(minutes // 60), Fraction(minutes % 60), rest.limit_denominator(10_000)


def _draw_shape(
    draw: ImageDraw.ImageDraw, rng: random.Random, place: Any, radius: float, tint: tuple[int, int, int]
) -> None:
    x, y = place(rng.random(), rng.random())
    box = [x - radius, y - radius * rng.uniform(0.5, 1), x + radius, y + radius * rng.uniform(0.5, 1)]
    match rng.randrange(4):
        case 0:
            draw.ellipse(box, tint)
        case 1:
            draw.rectangle(box, tint)
        case 2:
            draw.regular_polygon((x, y, radius), rng.randint(3, 6), rng.randint(0, 89), tint)
        case _:
            draw.ellipse(box, outline=tint, width=max(2, round(radius / 4)))
