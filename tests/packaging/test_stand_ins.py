"""Small libraries in place of large ones, in the package for Linux."""

from __future__ import annotations

import ctypes
import itertools
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
FOLDER = "pillow.libs"

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("cc") is None or shutil.which("nm") is None,
    reason="needs a compiler on Linux",
)


@pytest.fixture
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(PACKAGING))
    from linux import stand_ins

    return stand_ins


def compile_library(path: Path, code: str, *options: str | Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    source = path.with_name(f"{path.name}.c")
    source.write_text(code)
    words = ["cc", "-shared", "-fPIC", "-o", path, source, f"-Wl,-soname,{path.name}", *options]
    subprocess.run(words, check=True)
    return path


def packaged(
    stand_ins: ModuleType,
    folder: Path,
    library: str,
    code: str,
    user: str,
    *options: str,
    place: str = FOLDER,
) -> Path:
    """Compile a library and its user, and return the user beside the stand-in of the library."""
    real = compile_library(folder / place / library, code, *options)
    caller = compile_library(
        folder / "user.so", user, real, f"-Wl,-rpath,$ORIGIN/package/{place}", "-Wl,--allow-shlib-undefined"
    )
    entries = [(f"{place}/{library}", str(real), "BINARY"), ("user.so", str(caller), "EXTENSION")]
    made = stand_ins.with_stand_ins(entries, folder)
    assert made[1] == entries[1]
    (folder / "package" / place).mkdir(parents=True)
    shutil.copy(made[0][1], folder / "package" / place / library)
    return caller


def run(caller: Path, call: str) -> subprocess.CompletedProcess[str]:
    script = f"import ctypes; print(ctypes.CDLL({str(caller)!r}).{call})"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


def test_a_library_loads_with_the_versions_it_asks_for_and_a_function_left_out_says_so(
    stand_ins: ModuleType, tmp_path: Path
) -> None:
    versions = tmp_path / "versions"
    versions.write_text("XCB_1 { global: *; };")
    code = "int xcb_one(void) { return 1; } int xcb_two(void) { return 2; }"
    user = "int xcb_one(void); int plain(void) { return 7; } int decode(void) { return xcb_one(); }"
    option = f"-Wl,--version-script={versions}"
    caller = packaged(stand_ins, tmp_path, "libxcb-1.so.1", code, user, option)
    plain = run(caller, "plain()")
    assert (plain.stdout, plain.stderr) == ("7\n", "")
    decoded = run(caller, "decode()")
    assert decoded.returncode != 0
    assert decoded.stderr == "xcb_one: the packaged PhotoSim comes without it.\n"


def test_a_library_that_holds_data_is_not_replaced_silently(stand_ins: ModuleType, tmp_path: Path) -> None:
    user = "extern int xcb_table[]; int first(void) { return xcb_table[0]; }"
    with pytest.raises(SystemExit, match="xcb_table"):
        packaged(stand_ins, tmp_path, "libxcb-1.so.1", "int xcb_table[2] = {3, 4};", user)


def test_a_pointer_that_is_only_read_after_a_call_is_null(stand_ins: ModuleType, tmp_path: Path) -> None:
    versions = tmp_path / "versions"
    versions.write_text("LIBXML2_2.4.30 { global: *; };")
    code = "void (*xmlFree)(void *) = (void (*)(void *))1; void xmlInitParser(void) {}"
    user = "extern void *xmlFree; void xmlInitParser(void); long plain(void) { return (long)xmlFree; }"
    user += " void parse(void) { xmlInitParser(); }"
    option = f"-Wl,--version-script={versions}"
    caller = packaged(stand_ins, tmp_path, "libxml2-1.so.2", code, user, option, place="igraph.libs")
    assert run(caller, "plain()").stdout == "0\n"
    assert run(caller, "parse()").stderr == "xmlInitParser: the packaged PhotoSim comes without it.\n"


def test_the_functions_of_fortran_answer_as_those_of_its_library(
    stand_ins: ModuleType, tmp_path: Path
) -> None:
    names = ("_gfortran_concat_string", "_gfortran_pow_r8_i8", "_gfortran_pow_r4_i8", "_gfortran_etime")
    code = " ".join(f"void {name}(void) {{}}" for name in names)
    user = " ".join(f"void {name}(void);" for name in names)
    user += f" void all(void) {{ {' '.join(f'{name}();' for name in names)} }}"
    packaged(stand_ins, tmp_path, "libgfortran-0.so.5", code, user, place="numpy.libs")
    made = ctypes.CDLL(str(tmp_path / "package" / "numpy.libs" / "libgfortran-0.so.5"))
    concat = made._gfortran_concat_string
    concat.argtypes = [ctypes.c_size_t, ctypes.c_char_p, *(ctypes.c_size_t, ctypes.c_char_p) * 2]
    for first, second, length in itertools.product(
        (b"", b"L", b"NoTrans"), (b"", b"T", b"Upper"), (0, 1, 4, 20)
    ):
        to = ctypes.create_string_buffer(b"#" * 30)
        concat(length, to, len(first), first, len(second), second)
        assert to.raw[:30] == (first + second).ljust(length)[:length].ljust(30, b"#")
    for name, number in (("_gfortran_pow_r8_i8", ctypes.c_double), ("_gfortran_pow_r4_i8", ctypes.c_float)):
        power = getattr(made, name)
        power.argtypes, power.restype = [number, ctypes.c_int64], number
        for base, exponent in itertools.product((-1.5, 0.5, 2.0), (-7, -1, 0, 1, 2, 31)):
            assert power(base, exponent) == pytest.approx(base**exponent, rel=1e-6)


def test_other_libraries_stay_as_they_are(stand_ins: ModuleType, tmp_path: Path) -> None:
    entries = [
        ("pillow.libs/libavif-1.so", "/a", "BINARY"),
        ("libxcb.so.1", "/b", "BINARY"),
        ("libxcb-1.so", f"{FOLDER}/libxcb-1.so", "SYMLINK"),
    ]
    assert stand_ins.with_stand_ins(entries, tmp_path) == entries


def test_one_copy_of_openmp_serves_two(stand_ins: ModuleType, tmp_path: Path) -> None:
    entries = [
        ("rawpy.libs/libgomp-1.so", "/padded", "BINARY"),
        ("torch/lib/libgomp.so.1", "/small", "BINARY"),
        ("libgomp-1.so", "rawpy.libs/libgomp-1.so", "SYMLINK"),
    ]
    made = stand_ins.with_stand_ins(entries, tmp_path)
    assert [source for _, source, _ in made] == ["/small", "/small", "rawpy.libs/libgomp-1.so"]
    assert stand_ins.with_stand_ins(entries[:1], tmp_path) == entries[:1]
