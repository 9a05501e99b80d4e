"""Stands in for OpenCV in the packaged program: Ultralytics imports it, and nothing that PhotoSim does calls it.

OpenCV and the video codecs it brings weigh 150 MB. What Ultralytics touches while it is being imported is here:
constants, whose values nobody uses, and names to patch. Anything else raises an AttributeError that says so.
"""

from typing import Any

__version__ = "0"


def setNumThreads(_count: int) -> None:  # noqa: N802 - OpenCV's name
    """There are no threads to count."""


def imshow(*_: Any) -> None:
    """Kept aside by Ultralytics, never called."""
    raise AttributeError(_missing("imshow"))


imread = imwrite = imshow


def __getattr__(name: str) -> Any:
    if name.isupper():
        return 0
    raise AttributeError(_missing(name))


def _missing(name: str) -> str:
    return f"cv2.{name}: the packaged PhotoSim comes without OpenCV."
