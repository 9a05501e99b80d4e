"""Which drive a folder lies on, by marks that stay when its mount point or drive letter changes."""

from __future__ import annotations

import logging
import os
import posixpath
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from photosim.files.fspaths import with_separator

_log = logging.getLogger(__name__)

_MOUNTS = "/proc/self/mountinfo"
_BY_UUID = "/dev/disk/by-uuid"
_NETWORK_TYPES = re.compile(
    r"nfs\d?|cifs|smb\w*|afpfs|webdav|davfs2?|9p|fuse\.(sshfs|rclone|davfs|s3fs|gvfsd-fuse)|ncpfs|ceph|glusterfs",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Volume:
    """A drive that is mounted at the folder `mount`.

    `identity` names the drive wherever it is mounted; None where nothing stays the same. `below` is the folder
    of the drive that is mounted there, with slashes. A change on a `remote` one is not told by the system.
    """

    mount: str
    identity: str | None
    root: str = "/"
    remote: bool = False


@dataclass(frozen=True, slots=True)
class VolumePath:
    """A folder on a drive, wherever that is mounted; `inside` starts at the drive's root, with slashes."""

    volume: str
    path: str


def mounted_volumes() -> list[Volume]:
    """The drives that are mounted now; what cannot be found out is left out."""
    try:
        if sys.platform == "linux":
            return _of_linux(Path(_MOUNTS).read_text(errors="surrogateescape"), _uuids(Path(_BY_UUID)))
        return _of_others()
    except OSError as error:
        _log.warning("The drives cannot be listed: %s", error)
        return []


def volume_of(path: str, volumes: Sequence[Volume]) -> Volume | None:
    """The drive that a path lies on, or None."""
    name = _comparable(path)
    holding = [volume for volume in volumes if name.startswith(_comparable(volume.mount))]
    # Of two at one place the later covers the earlier.
    return max(reversed(holding), key=lambda volume: len(volume.mount), default=None)


def volume_path_of(path: str, volumes: Sequence[Volume]) -> VolumePath | None:
    """Where a folder lies, in terms that stay when the drive is mounted elsewhere; None where nothing does."""
    volume = volume_of(path, volumes)
    if volume is None or volume.identity is None:
        return None
    relative = os.path.relpath(path, volume.mount).replace(os.sep, "/")
    return VolumePath(volume.identity, posixpath.normpath(posixpath.join(volume.root, relative)))


def paths_of(place: VolumePath, volumes: Sequence[Volume]) -> list[str]:
    """The paths that lead to a place now: none while its drive is away, several when it is mounted twice."""
    found = []
    for volume in volumes:
        if volume.identity == place.volume:
            relative = posixpath.relpath(place.path, volume.root)
            if relative != ".." and not relative.startswith("../"):
                found.append(os.path.normpath(os.path.join(volume.mount, relative)))  # noqa: PTH118 - as text
    return found


def is_remote(path: str, volumes: Sequence[Volume]) -> bool:
    """Whether a path lies on a network drive."""
    if path.startswith("\\\\") and not path.startswith("\\\\?\\"):
        return True
    volume = volume_of(path, volumes)
    return volume is not None and volume.remote


def _comparable(path: str) -> str:
    return with_separator(os.path.normcase(path))


# --- Linux ---------------------------------------------------------------------------------------------------


def _of_linux(table: str, uuids: dict[str, str]) -> list[Volume]:
    """The volumes of a `mountinfo` table (proc_pid_mountinfo(5)); `uuids` are those of devices."""
    volumes = []
    for line in table.splitlines():
        before, separator, after = line.partition(" - ")
        fields, kinds = before.split(" "), after.split(" ")
        if not separator or len(fields) < 5 or len(kinds) < 2:
            continue
        root, mount = _unescaped(fields[3]), _unescaped(fields[4])
        kind, device = kinds[0], _unescaped(kinds[1])
        remote = _NETWORK_TYPES.fullmatch(kind) is not None
        identity = None
        if remote:
            identity = f"{kind}:{device}"
        elif device.startswith("/dev/"):
            uuid = uuids.get(os.path.realpath(device))
            identity = None if uuid is None else f"uuid:{uuid}"
        volumes.append(Volume(mount, identity, root, remote))
    return volumes


def _uuids(folder: Path) -> dict[str, str]:
    """The file system UUIDs that udev knows, by the real path of the device."""
    try:
        return {str(link.resolve()): link.name for link in folder.iterdir()}
    except OSError:
        return {}


def _unescaped(text: str) -> str:
    raw = os.fsencode(text)
    return os.fsdecode(re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8)]), raw))


# --- Windows and macOS ---------------------------------------------------------------------------------------


def _of_others() -> list[Volume]:
    import psutil

    volumes = []
    for part in psutil.disk_partitions(all=True):
        remote = "remote" in part.opts.split(",") or _NETWORK_TYPES.fullmatch(part.fstype) is not None
        identity = _identity_of(part.mountpoint)
        if identity is None and remote and part.device:
            identity = f"{part.fstype}:{part.device}"
        volumes.append(Volume(part.mountpoint, identity, "/", remote))
    return volumes


if sys.platform == "win32":

    def _identity_of(mount: str) -> str | None:
        """The serial number that was given to the file system when it was made."""
        import ctypes

        serial = ctypes.c_ulong()
        root = ctypes.c_wchar_p(mount.rstrip("\\") + "\\")
        known = ctypes.windll.kernel32.GetVolumeInformationW(
            root, None, 0, ctypes.byref(serial), None, None, None, 0
        )
        return f"serial:{serial.value:08x}" if known and serial.value else None

elif sys.platform == "darwin":

    def _identity_of(mount: str) -> str | None:
        """The UUID of the file system, by getattrlist(2)."""
        import ctypes
        import struct
        import uuid

        wanted = struct.pack("=HHIIIII", 5, 0, 0, 0x80000000 | 0x00040000, 0, 0, 0)  # ATTR_VOL_INFO, _UUID
        answer = ctypes.create_string_buffer(4 + 16)
        libc = ctypes.CDLL(None, use_errno=True)
        failed = libc.getattrlist(
            os.fsencode(mount), wanted, answer, ctypes.c_size_t(len(answer)), ctypes.c_ulong(0)
        )
        if failed or struct.unpack_from("=I", answer.raw)[0] < len(answer):
            return None
        return f"uuid:{uuid.UUID(bytes=answer.raw[4:])}"

else:

    def _identity_of(_mount: str) -> str | None:
        return None
