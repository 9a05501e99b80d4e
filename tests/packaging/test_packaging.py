"""What the packages say of the program agrees with the program."""

from __future__ import annotations

import importlib.util
import platform
import plistlib
import re
import shutil
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as ET
from configparser import ConfigParser
from pathlib import Path
from types import ModuleType

import pytest

from photosim import APP_ID, APP_NAME, __version__
from photosim.cli import main
from photosim.files.suffixes import PHOTO_SUFFIXES

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGING = ROOT / "packaging"
LINUX = PACKAGING / "linux"


def load(name: str) -> ModuleType:
    """A script of the folder `packaging`, which is no package."""
    spec = importlib.util.spec_from_file_location(name.replace("/", "."), PACKAGING / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(PACKAGING))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    load("linux/deb").install_desktop_files(tmp_path / "share")
    return tmp_path / "share"


def desktop_entry(path: Path) -> ConfigParser:
    entry = ConfigParser(interpolation=None, strict=True)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read_string(path.read_text(encoding="utf-8"))
    return entry


def test_the_desktop_entry_names_this_program(share: Path) -> None:
    entry = desktop_entry(share / "applications" / f"{APP_ID}.desktop")["Desktop Entry"]
    assert entry["Name"] == APP_NAME
    assert entry["Icon"] == APP_ID
    assert entry["Exec"] == "photosim %F"
    assert entry["MimeType"].endswith(";")
    assert "inode/directory" in entry["MimeType"].split(";")


def test_every_kind_of_photo_that_the_desktop_knows_can_be_opened_with_it(share: Path) -> None:
    known = Path("/usr/share/mime/globs2")
    if not known.is_file():
        pytest.skip("needs shared-mime-info")
    rows = [line.split(":") for line in known.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    kinds = {kind for _, kind, pattern, *_ in rows if pattern.removeprefix("*") in PHOTO_SUFFIXES}
    offered = desktop_entry(share / "applications" / f"{APP_ID}.desktop")["Desktop Entry"]["MimeType"].split(
        ";"
    )
    assert "image/jpeg" in kinds
    assert kinds - set(offered) == set()


def test_the_desktop_entry_is_valid(share: Path) -> None:
    validator = shutil.which("desktop-file-validate")
    if validator is None:
        pytest.skip("needs desktop-file-validate")
    done = subprocess.run(
        [validator, share / "applications" / f"{APP_ID}.desktop"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_description_for_software_centres_names_this_version(share: Path) -> None:
    root = ET.parse(share / "metainfo" / f"{APP_ID}.metainfo.xml").getroot()  # noqa: S314 - our own file
    assert root.findtext("id") == APP_ID
    assert root.findtext("name") == APP_NAME
    assert root.findtext("launchable") == f"{APP_ID}.desktop"
    release = root.find("releases/release")
    assert release is not None
    assert release.attrib == {"version": __version__, "date": "2023-11-14"}


def test_the_description_for_software_centres_is_valid(share: Path) -> None:
    validator = shutil.which("appstreamcli")
    if validator is None:
        pytest.skip("needs appstreamcli")
    words: list[str | Path] = [
        validator,
        "validate",
        "--no-net",
        share / "metainfo" / f"{APP_ID}.metainfo.xml",
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_size_of_the_icon_is_installed_under_the_name_of_the_entry(share: Path) -> None:
    icons = {path.parent.parent.name: path.name for path in (share / "icons" / "hicolor").rglob("*.*")}
    assert icons["scalable"] == f"{APP_ID}.svg"
    assert {"48x48", "128x128", "256x256"} <= set(icons)
    assert {name for size, name in icons.items() if size != "scalable"} == {f"{APP_ID}.png"}


def test_the_manual_names_every_command() -> None:
    manual = (LINUX / "photosim.1").read_text(encoding="utf-8").replace("\\-", "-")
    commands = main._parser().get_default("command_names") - main.INTERNAL_COMMANDS
    missing = [name for name in commands if not re.search(rf'^\.B[IR]? "?{re.escape(name)}\b', manual, re.M)]
    assert missing == []


def test_windows_and_macos_name_this_program() -> None:
    script = (PACKAGING / "windows" / "photosim.iss").read_text(encoding="utf-8")
    assert f'#define Name "{APP_NAME}"' in script
    assert f'#define Id "{APP_ID}"' in script
    details = plistlib.loads((PACKAGING / "macos" / "Info.plist").read_bytes())
    assert "CFBundleShortVersionString" not in details  # the version is written once, in the package


def test_the_maker_and_the_home_page_are_those_of_whoever_builds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(PACKAGING))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    for address in ("", "https://photos.example.org"):
        monkeypatch.setenv("PHOTOSIM_HOMEPAGE", address)
        for name in ("identity", "linux.deb", "licences"):
            sys.modules.pop(name, None)
        load("identity")
        load("linux/deb").install_desktop_files(tmp_path / "share")
        text = (tmp_path / "share" / "metainfo" / f"{APP_ID}.metainfo.xml").read_text(encoding="utf-8")
        assert ET.fromstring(text).findtext("url") == (address or None)  # noqa: S314 - our own file
        offer = load("licences").source_offer()
        assert f"{APP_NAME}-{__version__}-source.tar.xz" in offer
        assert (address in offer) if address else ("beside this package" in offer)
    for name in ("identity", "linux.deb", "licences"):
        sys.modules.pop(name, None)


def test_the_source_beside_a_package_holds_what_builds_it(tmp_path: Path) -> None:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("needs the repository")
    script = (
        f"import lzma, sys; sys.path.insert(0, {str(PACKAGING)!r})\n"
        "compress = lzma.compress; lzma.compress = lambda data: compress(data, preset=0)  # in a tenth of the time\n"
        "from pathlib import Path\nfrom source import build_source\nprint(build_source(Path(sys.argv[1])))"
    )
    made = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        words = [sys.executable, "-c", script, str(tmp_path / name)]
        made.append(Path(subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()))
    assert made[0].read_bytes() == made[1].read_bytes()
    with tarfile.open(made[0]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "LICENSE",
        "packaging/photosim.spec",
        "packaging/constraints.txt",
        "photosim/library/library.py",
    } <= names


def test_no_packaging_file_repeats_the_version() -> None:
    files = [
        path
        for path in PACKAGING.rglob("*")
        if path.suffix in {".spec", ".py", ".iss", ".xml", ".plist", ".sh"}
    ]
    own = [path for path in files if path.parent.name != "model"]
    said = [
        path.name
        for path in own
        if re.search(rf'"{re.escape(__version__)}"', path.read_text(encoding="utf-8"))
    ]
    assert said == []


@pytest.mark.parametrize(
    ("version", "debian"), [("1.2.3", "1.2.3"), ("1.2.3rc1", "1.2.3~rc1"), ("0.1.0a2", "0.1.0~a2")]
)
def test_debian_sorts_a_candidate_before_its_release(
    version: str, debian: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(PACKAGING))
    assert load("linux/deb").debian_version(version) == debian


def test_what_a_program_needs_stays_and_the_rest_goes() -> None:
    kept = load("keep").kept
    for name in (
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/QtWidgets.abi3.so",
        "torch/lib/libtorch_cpu.so",
    ):
        assert kept(name), name
    for name in ("PySide6\\plugins\\platforms\\qwindows.dll", "PySide6\\Qt6Gui.dll", "libQt6Core.so.6"):
        assert kept(name), name
    for name in (
        "PySide6/Qt/plugins/platforms/libqvnc.so",
        "PySide6/Qt/lib/libQt6Qml.so.6",
        "PySide6\\Qt6Quick.dll",
    ):
        assert not kept(name), name
    assert not kept("PySide6/Qt/translations/qtbase_de.qm")


def test_a_package_larger_than_promised_is_refused(tmp_path: Path) -> None:
    sizes = load("sizes")
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "library").write_bytes(bytes(60))
    (tmp_path / "program").write_bytes(bytes(40))
    (tmp_path / "link").symlink_to("program")
    sizes.check_size(tmp_path, 100)
    sizes.check_size(tmp_path / "program", 40)
    with pytest.raises(SystemExit, match="promised"):
        sizes.check_size(tmp_path, 99)
    with pytest.raises(SystemExit, match="program has"):
        sizes.check_size(tmp_path / "program", 39)


def test_hnswlib_is_told_apart_that_needs_the_builders_processor(tmp_path: Path) -> None:
    if shutil.which("cc") is None or shutil.which("objdump") is None or platform.machine() != "x86_64":
        pytest.skip("needs a compiler and objdump on x86-64")
    source = tmp_path / "add.c"
    source.write_text("void add(float *a, float *b) { for (int i = 0; i < 64; i++) a[i] += b[i]; }")
    made = {}
    for kind, flags in {"plain": [], "wide": ["-mavx2"]}.items():
        made[kind] = tmp_path / f"{kind}.so"
        subprocess.run(["cc", "-O3", *flags, "-shared", "-fPIC", "-o", made[kind], source], check=True)
    portable = load("portable")
    assert portable.runs_everywhere(made["plain"]) is True
    assert portable.runs_everywhere(made["wide"]) is False


def test_nothing_that_is_left_out_is_imported_while_photos_are_read(tmp_path: Path) -> None:
    """The library does its work with every excluded module an ImportError."""
    script = f"""
import importlib
import pkgutil
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path
sys.path[:0] = [{str(PACKAGING)!r}, {str(ROOT)!r}]
from keep import EXCLUDED

class LeftOut(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if any(name == left or name.startswith(left + ".") for left in EXCLUDED):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, LeftOut())
import photosim
for module in pkgutil.walk_packages(photosim.__path__, "photosim."):
    if module.name != "photosim.__main__":
        importlib.import_module(module.name)
from photosim.library import Library
from tests.support.photo_folders import make_photos
photos = make_photos(Path({str(tmp_path)!r}, "photos"), 4)
library = Library.open(Path({str(tmp_path)!r}, "library"))
for progress in library.index([photos[0].parent]):
    pass
print(progress.indexed, len(library.similar(library.photos()[0].file_id, 3)), library.clusters().unclustered)
library.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[:2] == ["4", "3"]
