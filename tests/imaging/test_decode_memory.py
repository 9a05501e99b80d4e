"""What decoding takes, measured in processes of their own, in bytes for each pixel of a photo of some megapixels."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.support.images import make_exif, make_scene, save
from tests.support.timeouts import TIMEOUT_S

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory in files is Linux's")

SIZE = (4640, 3472)
CODE = """
import sys
from pathlib import Path
from photosim.imaging.decode import read_photo

def peak():
    status = Path("/proc/self/status").read_text()  # "ru_maxrss" may be the parent's
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])

small, large, edge = sys.argv[1:]
read_photo(small, edge=int(edge))
before = peak()
read_photo(large, edge=int(edge))
print(peak() - before)
"""


def rise_of_peak(tmp_path: Path, large: Path, edge: int) -> float:
    """Return by how much reading this photo raises the peak, in bytes for each of its pixels."""
    small = save(make_scene(1, (64, 48)), tmp_path / f"small{large.suffix}")
    command = [sys.executable, "-c", CODE, str(small), str(large), str(edge)]
    result = subprocess.run(command, check=True, capture_output=True, text=True, timeout=TIMEOUT_S)
    return int(result.stdout) / (SIZE[0] * SIZE[1])


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_large_jpeg_is_viewed_without_a_second_copy_of_it(
    tmp_path: Path, progressive: bool, orientation: int
) -> None:
    scene = make_scene(1, (580, 434)).resize(SIZE, Image.Resampling.NEAREST)
    path = save(scene, tmp_path / "a.jpg", progressive=progressive, exif=make_exif(orientation=orientation))
    # The coefficients of a progressive photo take three; turning a photo takes its pixels and the turned ones, six.
    assert rise_of_peak(tmp_path, path, 2**14) < (4.5 if orientation == 1 else 8.5)


def test_a_large_png_is_never_whole_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    image = Image.new("RGBA", (8_000, 8_100))
    image.save(path, compress_level=1)
    assert rise_of_peak(tmp_path, path, 320) * (SIZE[0] * SIZE[1]) / (image.width * image.height) < 1.5
