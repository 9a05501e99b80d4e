"""Cost of decoding one photo by each method: `python -m tests.benchmarks.bench_decode`.

The result is the image for embedding and thumbnail, with a longer side of 320 to 639 pixels.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from photosim.imaging.decode import decode, load
from photosim.imaging.turbojpeg import encode_thumbnail
from tests.support.camera_files import FULL_HD, camera_file
from tests.support.images import make_camera_jpeg, make_exif, make_scene

EDGE = 320
ROUNDS = 5


def whole(data: bytes) -> Image.Image:
    """Decode with Pillow at full size."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image.reduce(8)


def draft(data: bytes) -> Image.Image:
    """Decode with Pillow at an eighth."""
    image = Image.open(io.BytesIO(data))
    image.draft("RGB", (EDGE, EDGE * 3 // 4))
    image.load()
    return image


def turbo(data: bytes) -> Image.Image:
    """Decode with simplejpeg's libjpeg-turbo at an eighth, like PhotoSim."""
    import simplejpeg

    return Image.fromarray(
        simplejpeg.decode_jpeg(data, min_height=EDGE * 3 // 4, min_width=EDGE, min_factor=8)
    )


def turbo_quick(data: bytes) -> Image.Image:
    """Decode like `turbo` with its fast options."""
    import simplejpeg

    quick = {"fastdct": True, "fastupsample": True}
    array = simplejpeg.decode_jpeg(data, min_height=EDGE * 3 // 4, min_width=EDGE, min_factor=8, **quick)
    return Image.fromarray(array)


def preview(data: bytes) -> Image.Image:
    """Decode the EXIF thumbnail of 160 pixels, which is too small for the embedding."""
    start = data.find(b"\xff\xd8", 2)
    thumbnail = Image.open(io.BytesIO(data[start:]))
    thumbnail.load()
    return thumbnail


METHODS: dict[str, Callable[[bytes], Image.Image]] = {
    "Pillow, all pixels": whole,
    "Pillow, draft scale": draft,
    "simplejpeg, draft scale": turbo,
    "simplejpeg, quick options": turbo_quick,
    "EXIF preview of 160 pixels": preview,
}


def heic(path: Path, seed: int, preview: int | None) -> Path:
    """Write a HEIC of 12 megapixels, optionally with a preview of 320 pixels like phones write."""
    import pillow_heif

    pillow_heif.from_pillow(make_scene(seed, (4000, 3000))).save(path, quality=70, thumbnails=[preview or -1])
    return path


def with_preview(path: Path, seed: int) -> Path:
    """Write a JPEG of 12 megapixels with the 160-pixel thumbnail that EXIF prescribes."""
    make_camera_jpeg(path, seed)
    with Image.open(path) as image:
        small = io.BytesIO()
        image.resize((160, 120)).save(small, "JPEG")
        block = make_exif(taken_at="2024:07:01 18:03:11", model="X") + small.getvalue()
        copy = io.BytesIO()
        image.save(copy, "JPEG", quality=90, exif=block)
    path.write_bytes(copy.getvalue())
    return path


def with_large_preview(path: Path, seed: int) -> Path:
    """Write a JPEG of 12 megapixels followed by a preview of 1,440 pixels, like many cameras do."""
    photo = make_camera_jpeg(path, seed).read_bytes()
    with Image.open(io.BytesIO(photo)) as image:
        small = io.BytesIO()
        image.resize((1440, 1080)).save(small, "JPEG", quality=85)
    path.write_bytes(camera_file(photo, (FULL_HD, small.getvalue())))
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=4)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = [with_preview(Path(folder, f"{number}.jpg"), number) for number in range(arguments.photos)]
        files = [path.read_bytes() for path in paths]
        others = {
            "PhotoSim: JPEG, large preview": with_large_preview(Path(folder, "c.jpg"), 1),
            "PhotoSim: HEIC": heic(Path(folder, "a.heic"), 1, None),
            "PhotoSim: HEIC with preview": heic(Path(folder, "b.heic"), 1, EDGE),
        }
        names = [*METHODS, "PhotoSim: read", "PhotoSim: thumbnail", *others]
        times: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(ROUNDS):
            for path, data in zip(paths, files, strict=True):
                for name, method in METHODS.items():
                    started = time.process_time()
                    method(data)
                    times[name].append(time.process_time() - started)
                started = time.process_time()
                decoded = decode(load(path))
                times["PhotoSim: read"].append(time.process_time() - started)
                started = time.process_time()
                encode_thumbnail(decoded.image)
                times["PhotoSim: thumbnail"].append(time.process_time() - started)
            for name, path in others.items():
                started = time.process_time()
                decode(load(path))
                times[name].append(time.process_time() - started)
    base = statistics.median(times["Pillow, draft scale"])
    for name, method_times in times.items():
        median = statistics.median(method_times)
        print(f"{name:30} {median * 1e3:7.1f} ms  {median / base:5.2f}")


if __name__ == "__main__":
    main()
