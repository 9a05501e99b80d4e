"""Reading photo files."""

from __future__ import annotations

import io
import os
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from PIL.JpegImagePlugin import JpegImageFile
from xxhash import xxh3_128

from photosim.errors import UnreadablePhotoError
from photosim.imaging import color, file_types, photo_files, turbojpeg
from photosim.imaging import decode as decode_module
from photosim.imaging.decode import decode, digest_file, load, read_photo
from photosim.imaging.turbojpeg import THUMBNAIL_EDGE, encode_thumbnail
from tests.support.file_kinds import (
    EXIF,
    KINDS,
    SIZE,
    STORED_TRANSPOSE,
    display_p3,
    make_kind,
    mean_difference,
    write,
)
from tests.support.images import make_exif, make_jpeg, make_photo, make_scene, save


def four_corners() -> Image.Image:
    """A picture that every turn and mirroring changes, and that lossy encoders hardly do."""
    image = Image.new("RGB", (160, 96), (200, 40, 40))
    for fill, place in (((40, 180, 60), (96, 0)), ((40, 60, 200), (0, 48)), ((220, 210, 80), (96, 48))):
        image.paste(fill, (*place, 160 if place[0] else 96, 96 if place[1] else 48))
    return image


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_photo_is_read(tmp_path: Path, kind: str) -> None:
    path = make_kind(tmp_path, kind)
    decoded = read_photo(path)
    assert (decoded.facts.width, decoded.facts.height) == SIZE
    assert kind.startswith(decoded.facts.format)
    assert decoded.digest == xxh3_128(path.read_bytes()).digest()
    assert mean_difference(decoded.image, make_scene(4, SIZE).reduce(2)) <= KINDS[kind][3]
    assert decoded.image.info == {}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "TIFF", "AVIF", "HEIC", "JPEG XL"])
def test_facts_are_read_from_every_format_that_carries_them(tmp_path: Path, kind: str) -> None:
    facts = read_photo(make_kind(tmp_path, kind, exif=True)).facts
    assert facts.taken_at == "2024-07-01T18:03:11"
    assert facts.camera == "Canon EOS R6"
    assert (facts.latitude, facts.longitude) == (10.5, -20.25)


@pytest.mark.parametrize("orientation", STORED_TRANSPOSE)
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif", ".avif", ".heic"])
def test_photos_of_every_orientation_come_out_upright(tmp_path: Path, suffix: str, orientation: int) -> None:
    upright = four_corners()
    turn = STORED_TRANSPOSE[orientation]
    stored = upright if turn is None else upright.transpose(turn)
    path = save(stored, tmp_path / f"turned{suffix}", exif=make_exif(orientation=orientation, model="X"))
    decoded = read_photo(path)
    assert (decoded.facts.width, decoded.facts.height) == (160, 96)
    assert decoded.facts.camera == "X"
    assert mean_difference(decoded.image, upright) <= 3


def test_a_compressed_tiff_is_turned_once(tmp_path: Path) -> None:
    stored = make_scene(4, (160, 96)).transpose(Image.Transpose.ROTATE_90)
    path = save(stored, tmp_path / "a.tif", compression="tiff_lzw", tiffinfo={274: 6})
    decoded = read_photo(path, edge=40)
    assert (decoded.facts.width, decoded.facts.height) == (160, 96)
    assert mean_difference(decoded.image, make_scene(4, (160, 96)).reduce(4)) <= 1


def test_the_exif_of_a_png_counts_also_behind_the_pixels(tmp_path: Path) -> None:
    png = save(make_scene(4, (160, 96)), tmp_path / "a.png").read_bytes()
    block = make_exif(orientation=6).removeprefix(b"Exif\0\0")
    chunk = b"eXIf" + block
    chunk = struct.pack(">I", len(block)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    at = png.index(b"IEND") - 4
    decoded = read_photo(write(tmp_path / "b.png", png[:at] + chunk + png[at:]))
    assert (decoded.facts.width, decoded.facts.height) == decoded.image.size == (96, 160)


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png", ".tif", ".mpo", ".avif"])
def test_of_several_pictures_in_a_file_the_first_counts(tmp_path: Path, suffix: str) -> None:
    first, second = make_scene(1, (160, 96)), make_scene(2, (160, 96))
    path = tmp_path / f"several{suffix}"
    first.save(path, save_all=True, append_images=[second, second])
    assert mean_difference(read_photo(path).image, first) < mean_difference(first, second) / 4


def test_of_several_pictures_in_a_heic_the_primary_counts(tmp_path: Path) -> None:
    import pillow_heif

    first, second = make_scene(1, (160, 96)), make_scene(2, (160, 96))
    file = pillow_heif.from_pillow(first)
    file.add_from_pillow(second)
    file.save(tmp_path / "a.heic", primary_index=1)
    assert mean_difference(read_photo(tmp_path / "a.heic").image, second) <= 5


def test_a_16_bit_png_is_scaled_and_not_clipped(tmp_path: Path) -> None:
    grey = np.tile(np.linspace(0, 65535, 256).astype(np.uint16), (16, 1))
    decoded = read_photo(save(Image.fromarray(grey), tmp_path / "deep.png"))
    row = np.asarray(decoded.image)[0, :, 0].astype(int)
    assert np.abs(row - np.arange(256)).max() <= 1


def test_a_12_bit_tiff_uses_the_depth_that_it_states(tmp_path: Path) -> None:
    pixels_12_bits = b"\xff\xff\xff\x80\x08\x00"  # 4095, 4095, 2048, 2048
    tags = [(256, 4), (257, 1), (258, 12), (259, 1), (262, 1), (273, 8), (277, 1), (278, 1), (279, 6)]
    directory = struct.pack("<H", len(tags))
    directory += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags) + b"\0\0\0\0"
    tiff = b"II*\0" + struct.pack("<I", 14) + pixels_12_bits + directory
    image = read_photo(write(tmp_path / "a.tif", tiff)).image
    assert [image.getpixel((x, 0)) for x in range(4)] == [(255,) * 3] * 2 + [(128,) * 3] * 2


def test_the_bytes_decide_and_not_the_suffix(tmp_path: Path) -> None:
    path = make_photo(tmp_path / "a.png").rename(tmp_path / "a.jpg")
    assert read_photo(path).facts.format == "PNG"


def test_a_small_photo_keeps_its_size(tmp_path: Path) -> None:
    assert read_photo(make_jpeg(tmp_path / "a.jpg", (90, 1))).image.size == (90, 1)


@pytest.mark.parametrize(
    "size", [(2600, 1700), (1700, 2600), (9000, 130), (130, 9000), (5000, 3), (321, 320)]
)
@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_the_picture_is_reduced_whatever_its_shape(
    tmp_path: Path, size: tuple[int, int], suffix: str
) -> None:
    decoded = read_photo(make_photo(tmp_path / f"a{suffix}", 3, size))
    assert (decoded.facts.width, decoded.facts.height) == size
    assert THUMBNAIL_EDGE <= max(decoded.image.size) < 2 * THUMBNAIL_EDGE
    factor = color.shrink_factor(size, THUMBNAIL_EDGE)
    assert abs(min(decoded.image.size) - min(size) / factor) <= 1


@pytest.mark.parametrize(
    ("size", "edge", "loaded"),
    [((4000, 3000), 320, (500, 375)), ((9000, 130), 320, (1125, 17)), ((2600, 1700), 700, (1300, 850))],
)
def test_a_jpeg_is_reduced_while_it_is_decoded_panoramas_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], edge: int, loaded: tuple[int, int]
) -> None:
    seen = []
    real = turbojpeg.decode_pixels

    def spy(image: JpegImageFile, data: bytes) -> np.ndarray | None:
        found = real(image, data)
        seen.append(None if found is None else found.shape[1::-1])
        return found

    monkeypatch.setattr(turbojpeg, "decode_pixels", spy)
    decoded = read_photo(make_jpeg(tmp_path / "a.jpg", size, 3), edge=edge)
    assert seen == [loaded]
    assert edge <= max(decoded.image.size) < 2 * edge
    assert mean_difference(decoded.image, make_scene(3, size).resize(decoded.image.size)) < 6


def test_the_same_photo_gives_nearly_the_same_picture_as_jpeg_and_as_png(tmp_path: Path) -> None:
    one = read_photo(make_photo(tmp_path / "a.jpg", 3, (2000, 1500), quality=95)).image
    other = read_photo(make_photo(tmp_path / "a.png", 3, (2000, 1500))).image
    assert mean_difference(one, other) < 2


def test_colors_of_a_wide_gamut_are_converted(tmp_path: Path) -> None:
    red_in_p3 = Image.new("RGB", (64, 64), (234, 51, 35))
    options = {".jpg": {"quality": 98}, ".heic": {"quality": 95}}
    for suffix in (".jpg", ".png", ".webp", ".tif", ".avif", ".heic"):
        path = save(red_in_p3, tmp_path / f"red{suffix}", icc_profile=display_p3(), **options.get(suffix, {}))
        assert read_photo(path).image.getpixel((30, 30)) == pytest.approx((255, 0, 0), abs=8), suffix


def test_hashing_first_and_decoding_later_reads_the_file_once(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg")
    loaded = load(path)
    content = path.read_bytes()
    path.unlink()
    assert loaded.digest == xxh3_128(content).digest()
    assert (loaded.path, loaded.size, loaded.data) == (str(path), len(content), content)
    assert decode(loaded).digest == loaded.digest


def test_the_digest_is_the_same_however_the_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_jpeg(tmp_path / "a.jpg")
    expected = xxh3_128(path.read_bytes()).digest()
    assert len(expected) == 16
    monkeypatch.setattr(photo_files, "_BLOCK_BYTES", 1000)
    assert digest_file(path) == digest_file(str(path)) == load(path).digest == expected
    monkeypatch.setattr(decode_module, "_MAX_BUFFERED_BYTES", 1000)
    assert load(path).digest == expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_too_large_to_hold_is_decoded_from_its_drive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path = make_kind(tmp_path, kind)
    held = read_photo(path)
    monkeypatch.setattr(decode_module, "_MAX_BUFFERED_BYTES", 100)
    loaded = load(path)
    assert loaded.data is None
    streamed = decode(loaded)
    assert (streamed.digest, streamed.facts) == (held.digest, held.facts)
    assert streamed.image.tobytes() == held.image.tobytes()
    write(path, path.read_bytes() + b"more")
    with pytest.raises(UnreadablePhotoError, match=r"^The file changed while it was being read\.$"):
        decode(loaded)
    path.unlink()
    with pytest.raises(UnreadablePhotoError, match=r"^The file is unavailable\.$"):
        decode(loaded)


def test_very_large_photos_take_turns_and_a_failed_one_gives_its_turn_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_jpeg(tmp_path / "a.jpg")
    broken = write(tmp_path / "b.jpg", path.read_bytes()[:-500])
    monkeypatch.setattr(decode_module, "_LARGE_PIXELS", 100)
    with pytest.raises(UnreadablePhotoError):
        read_photo(broken)
    assert not decode_module._large_photo_lock.locked()
    assert read_photo(path).facts.width == 320
    with ThreadPoolExecutor(4) as pool:
        assert all(decoded.facts.width == 320 for decoded in pool.map(read_photo, [path] * 8))


def test_many_threads_may_read_at_once(tmp_path: Path) -> None:
    paths = [make_kind(tmp_path / kind, kind, (400, 300)) for kind in KINDS]
    file_types._heic_opener.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(read_photo, paths * 3))
    alone = [read_photo(path) for path in paths] * 3
    for one, other in zip(together, alone, strict=True):
        assert (one.digest, one.facts) == (other.digest, other.facts)
        assert one.image.tobytes() == other.image.tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_photo_with_junk_behind_it_is_read(tmp_path: Path, kind: str) -> None:
    path = make_kind(tmp_path, kind)
    path.write_bytes(path.read_bytes() + bytes(1000))
    assert read_photo(path).facts.width == SIZE[0]


def test_a_thumbnail_is_a_plain_jpeg_of_the_size_asked_for(tmp_path: Path) -> None:
    decoded = read_photo(make_jpeg(tmp_path / "a.jpg", (1600, 1200), 3, exif=EXIF, comment=b"private"))
    data = encode_thumbnail(decoded.image)
    with Image.open(io.BytesIO(data)) as thumbnail:
        assert thumbnail.format == "JPEG"
        assert thumbnail.size == (THUMBNAIL_EDGE, 240)
        assert not thumbnail.getexif()
        assert {"comment", "icc_profile", "exif"}.isdisjoint(thumbnail.info)
        assert mean_difference(thumbnail.convert("RGB"), make_scene(3, (1600, 1200)).resize((320, 240))) < 8
    assert len(encode_thumbnail(decoded.image, 100, 60)) < len(data)


@pytest.mark.parametrize(
    ("size", "expected"), [((100, 60), (100, 60)), ((640, 1), (320, 1)), ((639, 2), (320, 1))]
)
def test_a_thumbnail_is_never_enlarged_and_never_empty(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    with Image.open(io.BytesIO(encode_thumbnail(make_scene(1, size)))) as thumbnail:
        assert thumbnail.size == expected


def test_the_profile_of_the_photo_does_not_reach_the_thumbnail(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    decoded = read_photo(make_jpeg(tmp_path / "a.jpg", icc_profile=profile))
    assert profile not in encode_thumbnail(decoded.image)


def heic_with_preview(path: Path, size: tuple[int, int], preview: int) -> Path:
    import pillow_heif

    pillow_heif.from_pillow(make_scene(3, size)).save(path, quality=80, thumbnails=[preview])
    return path


def test_the_preview_of_a_heic_is_decoded_where_it_is_large_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    real = color.to_small_srgb

    def spy(image: Image.Image, factor: int, orientation: int) -> Image.Image:
        seen.append(image.size)
        return real(image, factor, orientation)

    monkeypatch.setattr(color, "to_small_srgb", spy)
    path = heic_with_preview(tmp_path / "a.heic", (1600, 1200), 320)
    decoded = read_photo(path)
    assert seen == [(320, 240)]
    assert (decoded.facts.width, decoded.facts.height) == (1600, 1200)
    assert mean_difference(decoded.image, make_scene(3, (1600, 1200)).resize((320, 240))) < 6
    read_photo(path, edge=500)
    read_photo(heic_with_preview(tmp_path / "b.heic", (1600, 1200), 256))
    assert seen[1:] == [(1600, 1200)] * 2


def test_a_heic_that_was_cut_off_says_so_though_its_preview_is_whole(tmp_path: Path) -> None:
    whole = heic_with_preview(tmp_path / "a.heic", (1600, 1200), 320).read_bytes()
    half = whole[: len(whole) // 2]
    without_end = whole + b"\0\0\xff\xffmdat"  # the preview is there, and more would follow
    for content in (half, without_end):
        with pytest.raises(UnreadablePhotoError, match=r"^The file is incomplete"):
            read_photo(write(tmp_path / "b.heic", content))


def test_an_undated_photo_takes_the_date_of_its_name_or_else_of_the_file(tmp_path: Path) -> None:
    named = make_photo(tmp_path / "Screenshot_20190102-030405.png")
    plain = make_photo(tmp_path / "plain.png")
    dated = make_photo(tmp_path / "IMG_20190102_030405.jpg", exif=make_exif(taken_at="2024:07:01 18:03:11"))
    changed = datetime(2015, 6, 7, 8, 9, 10)
    os.utime(plain, (changed.timestamp(), changed.timestamp()))
    found = [read_photo(path).facts for path in (named, plain, dated)]
    assert [(facts.taken_at, facts.taken_from) for facts in found] == [
        ("2019-01-02T03:04:05", "name"),
        ("2015-06-07T08:09:10", "file"),
        ("2024-07-01T18:03:11", "exif"),
    ]
