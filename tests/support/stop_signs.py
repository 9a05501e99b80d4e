"""Drawn stop signs, which YOLO11n (COCO) recognizes with certainty."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

from tests.support.images import make_scene, save

SIGN = "stop sign"


def make_sign(seed: int) -> Image.Image:
    """Draw a stop sign; the seed determines its position and the color of the sky."""
    sky = (150 - seed % 5 * 12, 190 - seed % 7 * 6, 230)
    picture = Image.new("RGB", (320, 320), sky)
    draw = ImageDraw.Draw(picture)
    x, y = 150 + seed % 4 * 6, 130 + seed % 3 * 8
    draw.rectangle((x - 5, y + 70, x + 5, 320), fill=(120, 120, 120))
    draw.regular_polygon((x, y, 90), 8, 22, fill=(255, 255, 255))
    draw.regular_polygon((x, y, 82), 8, 22, fill=(190, 20, 30))
    draw.text((x, y), "STOP", fill=(255, 255, 255), anchor="mm", font_size=56)
    return picture


def make_signs(folder: Path, count: int, others: int = 0) -> list[Path]:
    """Save stop signs as sign-000.jpg and so on, and other photos as other-000.jpg; returns the signs."""
    for number in range(others):
        save(make_scene(number), folder / f"other-{number:03}.jpg")
    return [save(make_sign(number), folder / f"sign-{number:03}.jpg") for number in range(count)]
