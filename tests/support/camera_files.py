"""JPEGs as many cameras write them: a large preview behind the photo, and an index of it in front."""

from __future__ import annotations

import struct

VGA, FULL_HD = 0x010001, 0x010002
"""Types of previews, as CIPA DC-007 (Multi-Picture Format) names them."""

_PRIMARY = 0x030000


def camera_file(photo: bytes, *behind: tuple[int, bytes], order: str = "<", padding: int = 0) -> bytes:
    """A photo with other pictures behind it, and the index of them as CIPA DC-007 has it."""
    count = len(behind) + 1
    names = {"<": b"II*\0", ">": b"MM\0*"}
    ifd = struct.pack(f"{order}H", 3)
    ifd += struct.pack(f"{order}HHI4s", 0xB000, 7, 4, b"0100")
    ifd += struct.pack(f"{order}HHII", 0xB001, 4, 1, count)
    ifd += struct.pack(f"{order}HHII", 0xB002, 7, 16 * count, 8 + 2 + 36 + 4)
    ifd += struct.pack(f"{order}I", 0)
    length = 2 + 4 + 8 + len(ifd) + 16 * count
    start = 2 + 2 + 2 + 4  # behind SOI, marker, length and name: where the index begins
    end = len(photo) + 2 + length + padding
    rows = [struct.pack(f"{order}IIIHH", _PRIMARY, end - padding, 0, 0, 0)]
    for kind, picture in behind:
        rows.append(struct.pack(f"{order}IIIHH", kind, len(picture), end - start, 0, 0))
        end += len(picture)
    block = b"MPF\0" + names[order] + struct.pack(f"{order}I", 8) + ifd + b"".join(rows)
    segment = b"\xff\xe2" + struct.pack(">H", length) + block
    assert len(segment) == 2 + length
    pictures = b"".join(picture for _, picture in behind)
    return photo[:2] + segment + photo[2:] + b"\0" * padding + pictures
