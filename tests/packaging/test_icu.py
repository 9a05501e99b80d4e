"""The data of ICU in the package for Linux: less of it, and every language sorts as before."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import PySide6
import pytest
from hypothesis import given
from hypothesis import strategies as st

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
sys.path.insert(0, str(PACKAGING))

from linux import icu  # noqa: E402

sys.path.remove(str(PACKAGING))

HEADER = struct.pack("<H", 32) + b"\xda\x27" + bytes(8) + b"CmnD" + bytes(16)
"""What comes before the table of contents."""

SORTED = """
import json
from PySide6.QtCore import QCollator, QLocale
any_language = (QLocale.Language.AnyLanguage, QLocale.Script.AnyScript, QLocale.Country.AnyCountry)
words = "Zebra ähnlich Apfel öl zoo llama luz lado ch cz č œuvre 中 国 가 i I ı İ img10 img2 ß ss".split()
answers = {}
for locale in QLocale.matchingLocales(*any_language):
    collator = QCollator(locale)
    collator.setNumericMode(True)
    answers[locale.name()] = [*sorted(words, key=collator.sortKey), locale.toUpper("iı"), locale.toLower("Iİ")]
print(json.dumps(answers))
"""


def packed(items: dict[str, bytes]) -> bytes:
    """Common data as ICU's own tools write it: sorted, each item at a multiple of 16 bytes."""
    return HEADER + icu._table([(name.encode(), items[name]) for name in sorted(items)])


def unpacked(data: bytes) -> dict[str, bytes]:
    """What ICU finds: each item to the start of the next."""
    (count,) = struct.unpack_from("<I", data, len(HEADER))
    rows = [struct.unpack_from("<II", data, len(HEADER) + 4 + 8 * row) for row in range(count)]
    found = {}
    for row, (name, place) in enumerate(rows):
        assert place % 16 == 0
        end = rows[row + 1][1] if row + 1 < count else len(data) - len(HEADER)
        start = len(HEADER) + name
        found[data[start : data.index(b"\0", start)].decode()] = data[len(HEADER) + place : len(HEADER) + end]
    return found


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "coll/de.res",
                "coll/ucadata.icu",
                "root.res",
                "cnvalias.icu",
                "de.res",
                "curr/de.res",
                "unames.icu",
            ]
        ),
        st.binary(min_size=1, max_size=50),
        min_size=1,
    )
)
def test_what_is_kept_is_found_as_it_was_and_nothing_else(items: dict[str, bytes]) -> None:
    found = unpacked(icu.selected(packed({f"icudt73l/{name}": item for name, item in items.items()})))
    kept = {"coll/de.res", "coll/ucadata.icu", "root.res", "cnvalias.icu"}
    expected = {name: item for name, item in items.items() if name in kept}
    assert list(found) == sorted(found)
    assert {name.removeprefix("icudt73l/") for name in found} == set(expected)
    for name, item in expected.items():
        padded = found[f"icudt73l/{name}"]
        assert padded[: len(item)] == item
        assert len(padded) < len(item) + 16
        assert not any(padded[len(item) :])


def test_other_data_is_refused() -> None:
    with pytest.raises(ValueError, match="no common data"):
        icu.selected(bytes(64))


def small_library(folder: Path) -> Path:
    libraries = sorted((Path(PySide6.__file__).parent / "Qt" / "lib").glob("libicudata.so.*"))
    if sys.platform != "linux" or not libraries or shutil.which("cc") is None or shutil.which("nm") is None:
        pytest.skip("needs a compiler, and Qt with ICU on Linux")
    name = f"PySide6/Qt/lib/{libraries[0].name}"
    entries = [(name, str(libraries[0]), "BINARY"), (libraries[0].name, name, "SYMLINK")]
    made = icu.with_small_icu(entries, folder)
    assert made[1] == entries[1]
    library = Path(made[0][1])
    assert library.stat().st_size < libraries[0].stat().st_size / 5
    return library


def test_every_language_sorts_and_changes_case_as_with_all_of_it(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    answers = []
    for environment in ({}, {"LD_PRELOAD": str(library)}):
        done = subprocess.run(
            [sys.executable, "-c", SORTED],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=True,
        )
        answers.append(json.loads(done.stdout))
    assert answers[0] == answers[1]
    assert answers[0]["sv_SE"] != answers[0]["de_DE"]
