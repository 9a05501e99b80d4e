"""Photo files that cannot be read: each gives a reason in plain words and nothing else."""

from __future__ import annotations

import io
import os
import random
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from photosim.errors import UnreadablePhotoError
from photosim.imaging import decode as decode_module
from photosim.imaging import file_types, photo_files
from photosim.imaging.decode import DecodedPhoto, decode, digest_file, load, read_photo
from photosim.imaging.turbojpeg import THUMBNAIL_EDGE
from tests.support.file_kinds import KINDS, encode_kind, make_kind, write
from tests.support.images import make_jpeg, make_photo
from tests.support.mutations import mutate

pytestmark = [  # Pillow's warnings, of the files damaged here
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning"),
]

EARLY = "The file is incomplete (interrupted copy or download?)."


def refusal(path: Path) -> str:
    with pytest.raises(UnreadablePhotoError) as error:
        read_photo(path)
    return str(error.value)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jpg", b"")
    assert refusal(path) == "The file is empty."
    with pytest.raises(UnreadablePhotoError, match=r"^The file is empty\.$"):
        digest_file(path)


def test_a_file_that_is_not_a_photo_is_refused(tmp_path: Path) -> None:
    assert refusal(write(tmp_path / "a.jpg", b"%PDF-1.4")) == (
        "Not a supported photo format: this is a PDF document."
    )


def test_a_vanished_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.jpg") == "The file is unavailable."
    file = write(tmp_path / "file", b"x")
    assert refusal(file / "a.jpg") == "The file is unavailable."


def test_what_is_not_a_file_is_refused_without_waiting(tmp_path: Path) -> None:
    reasons = [
        "This is a folder or a device, not a file.",
        "You don't have permission to read the file.",
    ]
    assert refusal(tmp_path) in reasons  # Windows denies to open a folder
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "pipe.jpg")
        assert refusal(tmp_path / "pipe.jpg") == reasons[0]
        assert refusal(Path("/dev/zero")) == reasons[0]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionError(13, "Permission denied"), "You don't have permission to read the file."),
        (OSError(5, "Input/output error"), "The file can't be read from its drive: Input/output error."),
        (ValueError("embedded null byte"), "The file can't be read from its drive: embedded null byte."),
        (MemoryError(), "Not enough memory to read the file."),
    ],
)
def test_what_the_system_refuses_is_told_in_plain_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    path = make_jpeg(tmp_path / "a.jpg")

    def refused(*_: object) -> int:
        raise error

    monkeypatch.setattr(os, "open", refused)
    for read in (read_photo, load, digest_file):
        with pytest.raises(UnreadablePhotoError) as refused:
            read(path)
        assert str(refused.value) == reason
        assert refused.value.__cause__ is error


def test_a_drive_that_fails_during_the_decode_is_not_a_damaged_photo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode_module, "_MAX_BUFFERED_BYTES", 100)
    loaded = load(make_kind(tmp_path, "TIFF"))
    real = io.FileIO.readinto

    class Failing(io.FileIO):
        def readinto(self, target: Any, /) -> int:
            if self.tell() > 0:
                raise OSError(5, "Input/output error")
            return real(self, target)

    monkeypatch.setattr(photo_files.io, "FileIO", Failing)
    with pytest.raises(UnreadablePhotoError, match=r"^The file can't be read from its drive: Input/output"):
        decode(loaded)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this user may read everything")
def test_a_file_that_this_user_may_not_read_is_refused(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg")
    path.chmod(0)
    assert refusal(path) == "You don't have permission to read the file."


def test_a_file_above_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "a.tif").open("wb") as sparse:
        sparse.truncate(photo_files.MAX_FILE_BYTES + 1)
    assert refusal(tmp_path / "a.tif") == "The file is too large. PhotoSim reads files of up to 2 GB."


def huge(kind: str, content: bytes) -> bytes:
    """The same file with a header that claims 60,000 pixels a side."""
    side = 60_000
    if kind == "PNG":
        header = b"IHDR" + struct.pack(">II", side, side) + content[24:29]
        return content[:12] + header + struct.pack(">I", zlib.crc32(header)) + content[33:]
    if kind == "JPEG":
        at = content.index(b"\xff\xc0") + 5
        return content[:at] + struct.pack(">HH", side, side) + content[at + 4 :]
    if kind == "BMP":
        return content[:18] + struct.pack("<II", side, side) + content[26:]
    if kind == "GIF":
        return content[:6] + struct.pack("<HH", side, side) + content[10:]
    if kind == "WebP":
        chunk = b"VP8X\x0a\0\0\0\0\0\0\0" + struct.pack("<I", side - 1)[:3] * 2
        return b"RIFF" + struct.pack("<I", len(content) - 8 + len(chunk)) + b"WEBP" + chunk + content[12:]
    width, height = (content.index(struct.pack("<HHI", tag, 4, 1)) for tag in (256, 257))
    wide = content[: width + 8] + struct.pack("<I", side) + content[width + 12 :]
    return wide[: height + 8] + struct.pack("<I", side) + wide[height + 12 :]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "BMP", "GIF", "TIFF"])
def test_a_photo_above_the_limit_of_pixels_is_refused_before_it_is_decoded(tmp_path: Path, kind: str) -> None:
    content = huge(kind, encode_kind(kind))
    message = refusal(write(tmp_path / "huge.jpg", content))
    assert message.startswith("The photo is too large")
    assert message.endswith("PhotoSim reads photos of up to 250 megapixels.")


def test_a_photo_just_below_the_limit_of_pixels_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_types, "MAX_PIXELS", 320 * 240)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 320 * 240 // 2)
    for suffix in (".jpg", ".png", ".webp", ".tif", ".gif", ".bmp", ".avif", ".heic"):
        assert read_photo(make_photo(tmp_path / f"a{suffix}")).facts.width == 320
        assert refusal(make_photo(tmp_path / f"b{suffix}", size=(320, 244))).startswith(
            "The photo is too large"
        )


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("kind", KINDS)
def test_a_truncated_photo_is_refused_with_the_reason(tmp_path: Path, kind: str, part: float) -> None:
    content = encode_kind(kind)
    cut = write(tmp_path / "cut", content[: int(len(content) * part)])
    assert refusal(cut) == EARLY


@pytest.mark.parametrize("progressive", [False, True])
def test_a_truncated_jpeg_is_noticed_also_at_an_eighth_of_its_size(tmp_path: Path, progressive: bool) -> None:
    content = make_jpeg(tmp_path / "a.jpg", (4000, 3000), 3, progressive=progressive).read_bytes()
    assert refusal(write(tmp_path / "b.jpg", content[:-2000])) == EARLY


def test_damaged_pixels_are_called_so_and_the_cause_is_kept(tmp_path: Path) -> None:
    content = bytearray(make_photo(tmp_path / "a.png").read_bytes())
    at = content.index(b"IDAT") + 40
    content[at : at + 40] = bytes(40)
    with pytest.raises(UnreadablePhotoError) as error:
        read_photo(write(tmp_path / "b.png", bytes(content)))
    assert (
        str(error.value) == "The PNG data can't be decoded. The file is damaged or uses unsupported features."
    )
    assert error.value.__cause__ is not None


@pytest.mark.parametrize(
    "error", [SyntaxError, ValueError, struct.error, KeyError, RecursionError, MemoryError]
)
def test_whatever_a_decoder_raises_is_an_unreadable_photo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(*_: object) -> None:
        raise error("from deep inside")

    monkeypatch.setitem(file_types._OPENERS, "JPEG", fail)
    message = refusal(make_jpeg(tmp_path / "a.jpg"))
    assert message.endswith(".")
    assert "deep inside" not in message


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_photo_gives_a_picture_or_a_reason_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(file_types, "MAX_PIXELS", 1_000_000)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 500_000)
    carries_exif = kind in {"JPEG", "PNG", "WebP", "TIFF", "AVIF", "HEIC"}  # Pillow fails for other TIFFs
    content = encode_kind(kind, (120, 90), carries_exif)
    chance = random.Random(kind)
    pictures = reasons = 0
    for _ in range(60):
        path = write(tmp_path / "damaged", mutate(content, chance))
        try:
            decoded = read_photo(path)
        except UnreadablePhotoError as error:
            assert str(error).endswith(".")
            reasons += 1
        else:
            assert isinstance(decoded, DecodedPhoto)
            assert decoded.image.mode == "RGB"
            assert max(decoded.image.size) < 2 * THUMBNAIL_EDGE
            pictures += 1
    assert reasons > 0
    assert pictures + reasons == 60
