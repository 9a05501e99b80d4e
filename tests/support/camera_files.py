"""JPEGs as many cameras write them: with a large preview after the photo, and an index before it."""

from __future__ import annotations

import struct

VGA, FULL_HD = 0x010001, 0x010002
"""Types of previews in CIPA DC-007 (Multi-Picture Format)."""

_PRIMARY = 0x030000


def camera_file(photo: bytes, *appended: tuple[int, bytes], order: str = "<", padding: int = 0) -> bytes:
    """Return a photo with further images, given as (type, JPEG), after it and their CIPA DC-007 index."""
    count = len(appended) + 1
    names = {"<": b"II*\0", ">": b"MM\0*"}
    ifd = struct.pack(f"{order}H", 3)
    ifd += struct.pack(f"{order}HHI4s", 0xB000, 7, 4, b"0100")
    ifd += struct.pack(f"{order}HHII", 0xB001, 4, 1, count)
    ifd += struct.pack(f"{order}HHII", 0xB002, 7, 16 * count, 8 + 2 + 36 + 4)
    ifd += struct.pack(f"{order}I", 0)
    length = 2 + 4 + 8 + len(ifd) + 16 * count
    start = 2 + 2 + 2 + 4  # after SOI, marker, length and name, where the index begins
    end = len(photo) + 2 + length + padding
    rows = [struct.pack(f"{order}IIIHH", _PRIMARY, end - padding, 0, 0, 0)]
    for kind, picture in appended:
        rows.append(struct.pack(f"{order}IIIHH", kind, len(picture), end - start, 0, 0))
        end += len(picture)
    block = b"MPF\0" + names[order] + struct.pack(f"{order}I", 8) + ifd + b"".join(rows)
    segment = b"\xff\xe2" + struct.pack(">H", length) + block
    assert len(segment) == 2 + length
    pictures = b"".join(picture for _, picture in appended)
    return photo[:2] + segment + photo[2:] + b"\0" * padding + pictures
