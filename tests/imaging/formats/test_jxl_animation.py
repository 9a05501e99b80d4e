"""Of an animated JPEG XL the first picture is shown, not the last one."""

from __future__ import annotations

import base64
import contextlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosim.errors import UnreadablePhotoError
from photosim.imaging.decode import DecodedPhoto, LoadedFile, decode
from photosim.imaging.formats import jxl_animation
from photosim.imaging.formats.jxl_animation import UnsupportedAnimationError, first_picture
from tests.support.images import make_scene

# Three frames of 64 x 48 pixels, encoded by libjxl: red, green and blue, each with a white rectangle further right.
ANIMATIONS = {
    "lossless": (
        "/wrLBE0AICYIBAEAmABLGIsVANTz8zHG/79ACACAVAoAgCP+HSDtKGAYeCAwttUhBMQAAAgEAQCUAEsYixUA1PMT48cY5wIhAAgS"
        "SJf4A0pVC9KDAUBYKynKpBmuTgAIBAUApABLOGiYwoP3FRQEQD0/MX6McS4QAoAgXQLAIIV/+Uk6DQRCim0hLiWKCA=="
    ),
    "lossless with alpha, in boxes": (
        "AAAADEpYTCANCocKAAAAFGZ0eXBqeGwgAAAAAGp4bCAAAABCanhscAAAAAD/CssETQBgTQgQEAAAnABLGIsVANTz8zHG/7+ACACB"
        "BBxS/t6EbQDBKBiovoFALtvqEAJiAAAAAAA6anhscAAAAAEIEBAAAJwASygkxhUKEgKgzp8Yg/ICIgAYEiQK+B8YVYdMA10MhLpy"
        "uyeTItEDAAAAOmp4bHCAAAACCBBQAACcAEsYixUA1PMT43+McwERAAAJJBX8AYXTAwVwBMmlyKWKrgwKNWjlAA=="
    ),
    "lossy": (
        "/wrLBE0AICcAEwgoAHQGtZ8gAAAVKqOMG7yc6/nyQ4fFtI3rDG21bWEJY7O9MEgIgItrS6qqawSLKRixAXmmWQS0GkCqnocTQAj2"
        "XHbgCzuiGR4WPWQBZS7mC0JKGJwlfE8uLDPAgziGQ2D9bQSspRBdvbtfm1n5AXTTH6IDGkkwAYBrWfaGYFiPTyj6hT1LkX0U/iuA"
        "6KiQAsltybySx7xLKY/iURfnbkAaSiCiwW6fBHy4+ClrZ6U3lonbdL29aPeIAE17OU28RETy1w3HM/JsQhMkaWSuIxOzLMN70LCa"
        "CAoLCwd4PuSfZHfy/8k8lWbcSxj9KbVNZ96P4sUVSf5J2LDjjJzxlqIdsTv09EOtWpYIbwfJM4m6rT3eu4hxjMIOe6bAxY6FaxWo"
        "5P5Kskt0gxoh6pAtuGVQ2jx6Ne+xgtDPB1cMfnACTQrEflWZBYMd6sMpNa3bvu0iO5OtIhPqTUfW0BDbK7oFvpMdSOctrl04m7+h"
        "AgWiFtIBdMomOvR3R6aWWypTTTTgeRJ/hRYUGWXIL2ezAMjwz+HenZtIZSKRdN+v6v5RtOMAEwgoAEAGtZ8gAAAVKqOMG7yc6/ny"
        "Q4fFtI3rDG21bWEJY7O9MEiYAFChLhiJC1zbgEU2kEWWS4AxIVSQ54Yfo+sa/QMKPV+BFH/kutOJuzImGVk8C0fV3Cq9PUDZi+wF"
        "FP0zFvHQtze+t5FiLqMGYCg9Ji7xoOURoPhEWwf0jjsNWWtobpxvxhktwQQZ/o8BMJrmS2WU02Oi/wrQSzMcpkcRakFIzIEgjwQs"
        "ArhEhRRIb0WSOh7nMnlHJcnMmRhj1lcNaSYJv/OBObI5+Hh0sZPEIBZ0Gk+dBSo7WUccoISvBEQmJB5ZkF8XLzzzfHsECU0CHwwm"
        "e656mFlxZFvX4XC4r1EwDFmnlwa7Dd93tG5ZbM6zHv1rP93KHq7qjUZQmfxUIERgSDdo8YLQCxhzuIQkqFQ1Etxo1nNXEkJU0tlq"
        "FgTs/IMqabrgbYB11myvlhsr7rSEA7Gl9q+32AYmEM76ynhlW6AkVHkWeKO5CH08aEKNJVXXz+D0D12SMAK6fzIKJH+mUIIU8iCo"
        "wAGo7EiVVxB8BAATKAoAsAW1nyAAABUqo4wbvJzr+fJDh8W0jesMbbVtYQljs70wSAiAi1u3dKtrMqoKazjxPwQBOhMOTjFXKgkZ"
        "gMaoxpyg/JSnW4+H/5uw4vl7eCqDY4BwzAYvBpYMn1KQP+QnAFjpA3JFYObwOBvqPAOgZGYAN4No7Cahbi4Ssn7Arn4Yr0Vq0wXc"
        "gRAFER8kQDYKblYhBRa4dUkm42WMJzLvKFG6i5GXgrmaB5zNHKwrWY0FDn7FyXNwpdJMe45Vr/8R/S1e3T9oTzf74gbyBcdfy050"
        "N8sILAqMLN8RyXAH1CUhB6CSevZVm64I1Hf7QLfO/YORpr8Ne5ZJvMHq01TDuXds3LYrS/cy+3cLbL8k4m6CNxePcG/slB3r9Xxx"
        "fd7B6Mp2VbcNRC8c+prNeFjBwf1MUEoPjRQ8G/LxPxXy18groBYCAuQr8RlN04QHIZ1ihKPmz7+0ugh5olRT3pEI1qSFlgAJbqSY"
        "FrDJDxEH"
    ),
}


def animation(name: str) -> bytes:
    return base64.b64decode(ANIMATIONS[name])


def read(data: bytes) -> DecodedPhoto:
    return decode(LoadedFile("photo", bytes(16), len(data), data))


@pytest.mark.parametrize("name", ANIMATIONS)
def test_the_first_picture_of_an_animation_is_decoded(name: str) -> None:
    picture = read(animation(name)).picture
    assert picture.shape == (48, 64, 3)
    assert picture[-1, -1].tolist() == pytest.approx([200, 30, 40], abs=3)
    assert picture[10, 10].tolist() == pytest.approx([255] * 3, abs=3)
    assert picture[10, 40].tolist() == pytest.approx([200, 30, 40], abs=8)


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 90}, {"use_container": True}])
def test_still_pictures_are_left_as_they_are(options: dict[str, object]) -> None:
    import pillow_jxl  # noqa: F401

    file = io.BytesIO()
    make_scene(1, (64, 48)).save(file, "JXL", **options)
    assert first_picture(file.getvalue()) == file.getvalue()


def test_an_animation_that_cannot_be_cut_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jxl_animation, "_MAX_ENTRIES", 0)
    with pytest.raises(UnsupportedAnimationError):
        first_picture(animation("lossless"))
    with pytest.raises(UnreadablePhotoError, match=r"^JPEG XL animations of this kind aren't supported\.$"):
        read(animation("lossless"))


@settings(max_examples=200)
@given(st.data())
def test_damaged_headers_end_in_a_cut_or_an_error(data: st.DataObject) -> None:
    damaged = bytearray(animation(data.draw(st.sampled_from(sorted(ANIMATIONS)))))
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UnsupportedAnimationError):
        first_picture(bytes(damaged))
