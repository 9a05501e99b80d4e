"""Pickles that are built to take much memory or time, or are damaged: they are refused."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.errors import ModelError
from photosim.ml.models import checkpoint, pickle_reader
from photosim.ml.models.checkpoint import load_model
from photosim.ml.stored_objects import PickleError
from tests.support.checkpoints import read_checkpoint, write_archive


def named(module: str, name: str) -> bytes:
    return b"c%s\n%s\n" % (module.encode(), name.encode())


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def number(value: int) -> bytes:
    content = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(content)]) + content


def numbers(values: tuple[int, ...]) -> bytes:
    return b"(" + b"".join(map(number, values)) + b"t"


def tensor(
    count: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    offset: int = 0,
    storage: str = "FloatStorage",
) -> bytes:
    stored = (
        b"(" + text("storage") + named("torch", storage) + text("0") + text("cpu") + number(count) + b"tQ"
    )
    return (
        named("torch._utils", "_rebuild_tensor_v2")
        + b"("
        + stored
        + number(offset)
        + numbers(shape)
        + numbers(strides)
        + b"\x89"
        + named("collections", "OrderedDict")
        + b")RtR"
    )


PICKLES = {
    "much memory": named("builtins", "bytearray") + number(6 * 10**9) + b"\x85R",
    "a large storage": named("torch.storage", "UntypedStorage") + number(6 * 10**9) + b"\x85R",
    "a large tensor": named("torch", "FloatTensor") + number(10**12) + b"\x85R",
    "a slow codec": named("_codecs", "encode") + text("\u4e00" * 60_000) + text("punycode") + b"\x86R",
    "a copy of a container": b"]" + named("collections", "OrderedDict") + b"]\x85R",
    "a long number": b"\x8b" + struct.pack("<I", 10**6) + b"\x7f" * 10**6,
    "a deep key": b"}" + b")" + b"\x85" * 100_000 + b"Ns",
    "an unusual key": b"}]Ns",
    "a tensor beyond its storage": tensor(4, (5,), (1,)),
    "a tensor behind its storage": tensor(4, (4,), (1,), 10**9),
    "a tensor before its storage": tensor(4, (4,), (1,), -1),
    "a negative stride": tensor(4, (4,), (-1,), 3),
    "a large stride": tensor(4, (4,), (10**9,)),
    "more strides": tensor(4, (4,), (1, 1)),
    "many dimensions": tensor(4, (1,) * 100, (1,) * 100),
    "an unknown storage": tensor(4, (4,), (1,), storage="QInt8Storage"),
    "a look-up": named("__builtin__", "getattr") + text("x") + text("y") + b"\x86R",
    "a large memo": b"Nr\xff\xff\xff\xff" + b"h\x07",
    "no value": b"0",
    "no mark": b"t",
    "a tuple of a mark": b"(\x85",
    "a wrong length": b"X\xff\xff\xff\x7fabc",
}


@pytest.mark.parametrize("name", PICKLES)
def test_a_pickle_that_asks_for_more_than_it_holds_is_refused(
    tmp_path: Path, config: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "_take_weights", lambda *_: pytest.fail("weights were read"))
    data = b"\x80\x02}" + text("model") + PICKLES[name] + b"s."
    path = write_archive(tmp_path / "hostile.pt", data, {"0": bytes(16)})
    with pytest.raises(ModelError, match=r"hostile\.pt (is damaged|contains)"):
        load_model(path, config)


def test_a_pickle_of_too_many_operations_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickle_reader, "MAX_OPERATIONS", 1000)
    path = write_archive(tmp_path / "long.pt", b"N" + b"0N" * 600 + b".")
    with pytest.raises(ModelError, match="is damaged or isn't a YOLO11 model"):
        read_checkpoint(path)


@given(st.binary(max_size=60))
def test_no_pickle_raises_anything_else(data: bytes) -> None:
    for start in (b"", b"\x80\x02}" + text("model")):
        with suppress(PickleError):
            pickle_reader.read_pickle(start + data + b".", lambda _: True)
