"""The environment of child processes whose memory a test measures."""

from __future__ import annotations

import os


def environment_of_plain_allocator() -> dict[str, str]:
    """Return the variables of this process without those that replace or tune the allocator."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("MALLOC_") and name not in ("GLIBC_TUNABLES", "LD_PRELOAD", "PYTHONMALLOC")
    }
