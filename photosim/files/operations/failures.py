"""Why a file could not be copied, moved or trashed, as sentences."""

from __future__ import annotations

import errno

from photosim.errors import PhotoSimError

UNAVAILABLE = "The file is unavailable."
"""Why nothing was done with a file that was deleted, or whose drive is not connected."""

KEPT_UNAVAILABLE = "The photo to keep in its place is unavailable."
KEPT_CHANGED = "The photo to keep in its place was changed."

_NOT_PERMITTED = "You don't have permission to change it or its folder."


def describe_error(error: BaseException) -> str:
    """Why a file could not be copied, moved or trashed, as a sentence."""
    if isinstance(error, PhotoSimError):
        return str(error)
    code = getattr(error, "errno", None)
    return {
        errno.ENOENT: UNAVAILABLE,
        errno.EACCES: _NOT_PERMITTED,
        errno.EPERM: _NOT_PERMITTED,
        errno.EROFS: "The location is read-only.",
        errno.ENOSPC: "The disk is full.",
        getattr(errno, "EDQUOT", errno.ENOSPC): "The disk is full.",
        errno.ENAMETOOLONG: "The file name is too long.",
        errno.EIO: "Disk error.",
    }.get(code, f"{getattr(error, 'strerror', None) or error}.")
