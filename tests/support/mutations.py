"""Damage a photo file's bytes as drives, programs and attackers do: the same damage for the same chance."""

from __future__ import annotations

import random

_EXTREMES = (b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\x01", b"\x01\0\0\0")


def mutate(content: bytes, chance: random.Random) -> bytes:
    """The content with one to thirty changes, its headers more often than its pixels."""
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 3, 8, 30))):
        if not damaged:
            break
        at = int(len(damaged) * chance.random() ** chance.choice((1, 3)))
        match chance.randrange(7):
            case 0 | 1:
                damaged[at : at + 1] = bytes([chance.choice((0, 127, 128, 255, chance.randrange(256)))])
            case 2:
                del damaged[at : at + chance.randrange(1, 40)]
            case 3:
                damaged[at:at] = chance.randbytes(chance.randrange(1, 20))
            case 4:
                damaged[at : at + 4] = chance.choice(_EXTREMES)
            case 5:
                start = chance.randrange(len(damaged))
                part = damaged[start : start + chance.randrange(1, 64)]
                damaged[at : at + len(part)] = part
            case _:
                damaged[at : at + 1] = bytes([damaged[at] ^ (1 << chance.randrange(8))])
    return bytes(damaged)
