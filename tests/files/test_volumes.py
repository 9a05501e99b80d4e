"""Drives have an identity, wherever they are mounted."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from photosim.files import volumes
from photosim.files.volumes import (
    Volume,
    VolumePath,
    is_remote,
    mounted_paths,
    mounted_volumes,
    volume_of,
    volume_path_of,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the paths are those of POSIX")

ROOT = Volume("/", "uuid:root")
STICK = Volume("/media/stick", "uuid:stick")
TABLE = """\
27 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
40 27 8:17 / /media/my\\040stick rw,nosuid shared:5 - vfat /dev/sdb1 rw
41 27 0:50 / /mnt/nas rw - cifs //nas/photos rw
42 27 0:51 /@home /home rw - btrfs /dev/sda2 rw
43 27 0:52 / /scratch rw - tmpfs tmpfs rw
44 27 0:53 / /mnt/far rw - fuse.sshfs me@far:/photos rw
nonsense
"""


def test_a_folder_is_found_again_where_its_drive_is_mounted_now() -> None:
    path = volume_path_of("/media/stick/2024/May", [ROOT, STICK])
    assert path == VolumePath("uuid:stick", "/2024/May")
    assert mounted_paths(path, [ROOT, Volume("/mnt/other", "uuid:stick")]) == ["/mnt/other/2024/May"]
    assert mounted_paths(path, [ROOT]) == []


def test_the_root_of_a_drive_has_a_path_too() -> None:
    path = volume_path_of("/media/stick", [ROOT, STICK])
    assert path == VolumePath("uuid:stick", "/")
    assert mounted_paths(path, [Volume("/mnt", "uuid:stick")]) == ["/mnt"]


def test_a_name_that_only_begins_like_a_mount_point_is_not_below_it() -> None:
    assert volume_of("/media/stick2/a", [ROOT, STICK]) == ROOT


def test_of_two_drives_at_one_mount_point_the_later_counts() -> None:
    assert volume_of("/media/stick/a", [ROOT, STICK, Volume("/media/stick", "uuid:new")]) == Volume(
        "/media/stick", "uuid:new"
    )


def test_a_part_of_a_drive_that_is_mounted_by_itself_is_the_same_drive() -> None:
    part = Volume("/home", "uuid:disk", "/@home")
    path = volume_path_of("/home/me/photos", [ROOT, part])
    assert path == VolumePath("uuid:disk", "/@home/me/photos")
    assert mounted_paths(path, [Volume("/mnt", "uuid:disk"), part, Volume("/var", "uuid:disk", "/@var")]) == [
        "/mnt/@home/me/photos",
        "/home/me/photos",
    ]


def test_a_drive_without_an_identity_has_no_paths() -> None:
    assert volume_path_of("/scratch/photos", [ROOT, Volume("/scratch", None)]) is None


def test_the_table_of_linux_is_read(tmp_path: Path) -> None:
    found = volumes._linux_volumes(TABLE, {"/dev/sda1": "AA", "/dev/sdb1": "BB-BB", "/dev/sda2": "CC"})
    assert found == [
        Volume("/", "uuid:AA"),
        Volume("/media/my stick", "uuid:BB-BB"),
        Volume("/mnt/nas", "cifs://nas/photos", remote=True),
        Volume("/home", "uuid:CC", "/@home"),
        Volume("/scratch", None),
        Volume("/mnt/far", "fuse.sshfs:me@far:/photos", remote=True),
    ]
    assert is_remote("/mnt/nas/2024", found)
    assert not is_remote("/home/me", found)
    assert is_remote("\\\\nas\\photos", found)


def test_the_uuids_of_devices_are_those_that_udev_links(tmp_path: Path) -> None:
    (tmp_path / "sdb1").write_text("")
    (tmp_path / "by-uuid").mkdir()
    (tmp_path / "by-uuid" / "BB-BB").symlink_to("../sdb1")
    assert volumes._device_uuids(tmp_path / "by-uuid") == {str(tmp_path / "sdb1"): "BB-BB"}
    assert volumes._device_uuids(tmp_path / "none") == {}


def test_the_drives_of_this_computer_are_listed() -> None:
    assert volume_of("/", mounted_volumes()) is not None
