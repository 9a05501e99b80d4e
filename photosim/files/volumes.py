"""Identify the drive of a folder, independently of its mount point or drive letter."""

from __future__ import annotations

import logging
import os
import posixpath
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from photosim.files.fspaths import is_inside

_log = logging.getLogger(__name__)

_MOUNTS = "/proc/self/mountinfo"
_UUID_FOLDER = "/dev/disk/by-uuid"
_NETWORK_TYPES = re.compile(
    r"nfs\d?|cifs|smb\w*|afpfs|webdav|davfs2?|9p|fuse\.(sshfs|rclone|davfs|s3fs|gvfsd-fuse)|ncpfs|ceph|glusterfs",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Volume:
    """A drive mounted at the folder `mount`.

    `identity` is the same wherever the drive is mounted, None where the system knows nothing permanent. `root` is the
    folder of the drive that is mounted, with slashes. The system reports no changes on a `remote` drive.
    """

    mount: str
    identity: str | None
    root: str = "/"
    remote: bool = False


@dataclass(frozen=True, slots=True)
class VolumePath:
    """A folder on a drive, wherever it is mounted; `path` is relative to the drive's root, with slashes."""

    volume: str
    path: str


def mounted_volumes() -> list[Volume]:
    """Return the drives that are mounted now, as far as the system tells them."""
    try:
        if sys.platform == "linux":
            return _linux_volumes(
                Path(_MOUNTS).read_text(errors="surrogateescape"), _device_uuids(Path(_UUID_FOLDER))
            )
        return _psutil_volumes()
    except OSError as error:
        _log.warning("Can't list the drives: %s", error)
        return []


def volume_of(path: str, volumes: Sequence[Volume]) -> Volume | None:
    """Return the drive of a path, or None."""
    path = os.path.normcase(path)
    candidates = [volume for volume in volumes if is_inside(path, os.path.normcase(volume.mount))]
    # Of two drives at one mount point the later one hides the earlier.
    return max(reversed(candidates), key=lambda volume: len(volume.mount), default=None)


def volume_path_of(path: str, volumes: Sequence[Volume]) -> VolumePath | None:
    """Return the path of a folder on its drive; None where the drive has no identity."""
    volume = volume_of(path, volumes)
    if volume is None or volume.identity is None:
        return None
    relative = os.path.relpath(path, volume.mount).replace(os.sep, "/")
    return VolumePath(volume.identity, posixpath.normpath(posixpath.join(volume.root, relative)))


def mounted_paths(volume_path: VolumePath, volumes: Sequence[Volume]) -> list[str]:
    """Return the present paths of a folder: none while its drive is offline, several when it is mounted twice."""
    found = []
    for volume in volumes:
        if volume.identity == volume_path.volume:
            relative = posixpath.relpath(volume_path.path, volume.root)
            if relative != ".." and not relative.startswith("../"):
                found.append(os.path.normpath(os.path.join(volume.mount, relative)))  # noqa: PTH118 - as text
    return found


def is_remote(path: str, volumes: Sequence[Volume]) -> bool:
    """Return whether a path is on a network drive."""
    if path.startswith("\\\\") and not path.startswith("\\\\?\\"):
        return True
    volume = volume_of(path, volumes)
    return volume is not None and volume.remote


def _linux_volumes(table: str, uuids: dict[str, str]) -> list[Volume]:
    """Parse a `mountinfo` table (proc_pid_mountinfo(5)); `uuids` are those of devices by their paths."""
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


def _device_uuids(folder: Path) -> dict[str, str]:
    """Return the UUIDs of file systems that udev knows, by the real paths of their devices."""
    try:
        return {str(link.resolve()): link.name for link in folder.iterdir()}
    except OSError:
        return {}


def _unescaped(text: str) -> str:
    raw = os.fsencode(text)
    return os.fsdecode(re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8)]), raw))


def _psutil_volumes() -> list[Volume]:
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
        """Return the serial number that the file system got when it was formatted."""
        import ctypes

        serial = ctypes.c_ulong()
        root = ctypes.c_wchar_p(mount.rstrip("\\") + "\\")
        known = ctypes.windll.kernel32.GetVolumeInformationW(
            root, None, 0, ctypes.byref(serial), None, None, None, 0
        )
        return f"serial:{serial.value:08x}" if known and serial.value else None

elif sys.platform == "darwin":

    def _identity_of(mount: str) -> str | None:
        """Return the UUID of the file system, by getattrlist(2)."""
        import ctypes
        import struct
        import uuid

        attributes = struct.pack(
            "=HHIIIII", 5, 0, 0, 0x80000000 | 0x00040000, 0, 0, 0
        )  # ATTR_VOL_INFO, _UUID
        buffer = ctypes.create_string_buffer(4 + 16)
        libc = ctypes.CDLL(None, use_errno=True)
        failed = libc.getattrlist(
            os.fsencode(mount), attributes, buffer, ctypes.c_size_t(len(buffer)), ctypes.c_ulong(0)
        )
        if failed or struct.unpack_from("=I", buffer.raw)[0] < len(buffer):
            return None
        return f"uuid:{uuid.UUID(bytes=buffer.raw[4:])}"

else:

    def _identity_of(_mount: str) -> str | None:
        return None
