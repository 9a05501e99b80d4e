"""The zip archive of a PyTorch checkpoint, checked before anything in it is read."""

from __future__ import annotations

import stat
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from photosim.errors import ModelError

_MAX_BYTES = 2 << 30
"""Of a model file; the largest YOLO11 has 125 MB."""

_MAX_MEMBERS = 20_000
"""Of an archive; the largest YOLO11 has about 1,100."""

_MAX_PICKLE_BYTES = 32 << 20
"""Of the pickle; that of a YOLO11 has up to 1 MB."""

_LOCAL_HEADER = struct.Struct("<4s22xHH")
"""Signature, and the lengths of the name and of the extra field that follow."""

_LOCAL_SIGNATURE = b"PK\x03\x04"
_IS_ENCRYPTED = 0x1
_ZIP_ERRORS = (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, EOFError, struct.error)


class TorchArchive:
    """An open checkpoint: a pickle, and the bytes of its tensors by key.

    Every member is stored without compression at a place of its own, so reading them all takes no more memory than the
    file has bytes.
    """

    def __init__(self, path: Path, archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> None:
        self._path, self._archive, self._members = path, archive, members

    @property
    def data_bytes(self) -> int:
        """The bytes of all tensors."""
        return sum(info.file_size for name, info in self._members.items() if name.startswith("data/"))

    def pickle(self) -> bytes:
        """Return the pickle. Raises ModelError if it is damaged."""
        return self._read(self._members["data.pkl"])

    def size(self, key: str) -> int | None:
        """Return the number of bytes of a storage, None if there is none of this key."""
        info = self._members.get(f"data/{key}")
        return None if info is None else info.file_size

    def storage(self, key: str) -> bytes:
        """Return the bytes of a storage. Raises ModelError if it is damaged."""
        return self._read(self._members[f"data/{key}"])

    def _read(self, info: zipfile.ZipInfo) -> bytes:
        try:
            return self._archive.read(info)
        except _ZIP_ERRORS as error:
            raise _damaged(self._path) from error
        except OSError as error:
            raise _unreadable(self._path, error) from error


@contextmanager
def open_archive(path: Path) -> Iterator[TorchArchive]:
    """Open a checkpoint. Raises ModelError if it is not one, or if it is built to take more than its size."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ModelError(f"The model file {path} is not a file.")
        file = path.open("rb")
    except FileNotFoundError as error:
        raise ModelError(f"The model file {path} is missing.") from error
    except OSError as error:
        raise _unreadable(path, error) from error
    except ValueError as error:  # a null character
        raise ModelError(f"The model file {path} is missing.") from error
    with file:
        try:
            if file.seek(0, 2) > _MAX_BYTES:
                raise ModelError(f"The model file {path} is larger than any YOLO11 model.")
            with zipfile.ZipFile(file) as archive:
                members = _members(path, file, archive)
                yield TorchArchive(path, archive, members)
        except _ZIP_ERRORS as error:
            raise _damaged(path) from error
        except OSError as error:
            raise _unreadable(path, error) from error


def _members(path: Path, file: IO[bytes], archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the members by their names inside the top folder. Raises ModelError."""
    infos = archive.infolist()
    members: dict[str, zipfile.ZipInfo] = {}
    folders = set()
    for info in infos:
        folder, _, name = info.filename.partition("/")
        folders.add(folder)
        members[name] = info
    if "constants.pkl" in members:
        raise ModelError(f"The model file {path} is a TorchScript export. Use the original .pt file.")
    pickle = members.get("data.pkl")
    if (
        pickle is None
        or len(folders) > 1
        or len(members) < len(infos)
        or len(infos) > _MAX_MEMBERS
        or pickle.file_size > _MAX_PICKLE_BYTES
        or not all(map(_is_plain, infos))
        or not _are_separate(file, infos, archive.start_dir)
    ):
        raise ModelError(f"The model file {path} is not a PyTorch checkpoint.")
    byte_order = members.get("byteorder")
    if byte_order is not None and (
        byte_order.file_size != len(b"little") or archive.read(byte_order) != b"little"
    ):
        raise ModelError(f"The model file {path} was written on a computer of another kind.")
    return members


def _is_plain(info: zipfile.ZipInfo) -> bool:
    return (
        info.compress_type == zipfile.ZIP_STORED
        and info.compress_size == info.file_size
        and not info.flag_bits & _IS_ENCRYPTED
    )


def _are_separate(file: IO[bytes], infos: list[zipfile.ZipInfo], directory: int) -> bool:
    """Whether the members lie one behind the other from the start of the file, before its directory."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end or (end == 0 and info.header_offset != 0):
            return False
        file.seek(info.header_offset)
        header = file.read(_LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size:
            return False
        signature, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        if signature != _LOCAL_SIGNATURE:
            return False
        end = info.header_offset + _LOCAL_HEADER.size + name_length + extra_length + info.file_size
    return end <= directory


def _damaged(path: Path) -> ModelError:
    return ModelError(f"The model file {path} is damaged or is not a PyTorch checkpoint.")


def _unreadable(path: Path, error: OSError) -> ModelError:
    return ModelError(f"The model file {path} cannot be read: {error.strerror or error}.")
