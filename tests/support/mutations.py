"""Reproducible damage to the bytes of a file, as drives, programs and attackers cause it."""

from __future__ import annotations

import random

_EXTREMES = (b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\x01", b"\x01\0\0\0")


def mutate(content: bytes, rng: random.Random) -> bytes:
    """Return the content with 1 to 30 changes, more of them in the headers than in the pixels."""
    damaged = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 3, 8, 30))):
        if not damaged:
            break
        at = int(len(damaged) * rng.random() ** rng.choice((1, 3)))
        match rng.randrange(7):
            case 0 | 1:
                damaged[at : at + 1] = bytes([rng.choice((0, 127, 128, 255, rng.randrange(256)))])
            case 2:
                del damaged[at : at + rng.randrange(1, 40)]
            case 3:
                damaged[at:at] = rng.randbytes(rng.randrange(1, 20))
            case 4:
                damaged[at : at + 4] = rng.choice(_EXTREMES)
            case 5:
                start = rng.randrange(len(damaged))
                part = damaged[start : start + rng.randrange(1, 64)]
                damaged[at : at + len(part)] = part
            case _:
                damaged[at : at + 1] = bytes([damaged[at] ^ (1 << rng.randrange(8))])
    return bytes(damaged)
