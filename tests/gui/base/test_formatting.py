"""Days as people of different countries write them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QDate, QLocale
from pytestqt.qtbot import QtBot

from photosim.gui.base import formatting
from photosim.gui.state.text import filters as filter_text
from photosim.records import Cluster, Label, SimilarityBand
from photosim.search.filters.criteria import Facet

DAY = QDate(2022, 8, 6)


@pytest.fixture
def speak(qtbot: QtBot) -> Iterator[Callable[[str], None]]:
    """Takes the language of a country for the test."""
    before = QLocale()
    yield lambda name: QLocale.setDefault(QLocale(name))
    QLocale.setDefault(before)


@pytest.mark.parametrize(
    ("country", "written", "short"),
    [
        ("C", "6 August 2022", "2022-08-06"),
        ("en_GB", "6 August 2022", "06/08/2022"),
        ("en_US", "August 6, 2022", "8/6/2022"),
        ("de_DE", "6. August 2022", "06.08.2022"),
        ("ja_JP", "2022年8月6日", "2022/08/06"),
        ("es_ES", "6 de agosto de 2022", "6/8/2022"),
    ],
)
def test_a_day_is_written_as_in_the_person_s_country_with_the_whole_year(
    speak: Callable[[str], None], country: str, written: str, short: str
) -> None:
    speak(country)
    assert (formatting.format_long_date(DAY), formatting.format_short_date(DAY)) == (written, short)


def test_no_country_s_days_lack_the_whole_year_or_keep_a_weekday(speak: Callable[[str], None]) -> None:
    for locale in QLocale.matchingLocales(
        QLocale.Language.AnyLanguage, QLocale.Script.AnyScript, QLocale.Country.AnyCountry
    ):
        speak(locale.name())
        assert "yyyy" in formatting.short_date_format(), locale.name()
        assert locale.toString(DAY, "dddd") not in formatting.format_long_date(DAY), locale.name()


def test_a_range_of_days_needs_no_country(speak: Callable[[str], None]) -> None:
    speak("C")
    assert filter_text.format_day_range(20220806, 20220901) == "2022-08-06 – 2022-09-01"


def test_one_is_not_many(qtbot: QtBot) -> None:
    assert (formatting.count_photos(1), formatting.count_photos(2), formatting.count_photos(0)) == (
        "1 photo",
        "2 photos",
        "0 photos",
    )
    assert (formatting.count_files(1), formatting.count_clusters(1)) == ("1 file", "1 cluster")
    assert formatting.format_time_left(5) == "less than a minute left"
    assert formatting.format_time_left(60) == "about 1 minute left"
    assert formatting.format_time_left(3600 * 2.1) == "about 2 hours left"


def test_a_date_is_written_out_and_what_is_no_date_stays(qtbot: QtBot) -> None:
    assert formatting.format_timestamp("2024-07-01T18:03:11").startswith("1 July 2024, 18:03")
    assert formatting.format_timestamp("2024-07-01T18:03:11", with_seconds=True) == "1 July 2024, 18:03:11"
    assert formatting.format_timestamp("yesterday") == "yesterday"


@pytest.mark.skipif(sys.platform == "win32", reason="there people write no ~")
def test_a_folder_is_written_from_home_where_it_lies_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada/")
    assert formatting.display_folder("/home/ada/Pictures/2024/a.jpg") == "~/Pictures/2024"
    assert formatting.display_folder("/home/ada/a.jpg") == "~"
    assert formatting.display_folder("/home/adam/a.jpg") == "/home/adam"
    assert formatting.display_folder("/mnt/photos/a.jpg") == "/mnt/photos"
    monkeypatch.setenv("HOME", "/")
    assert formatting.display_folder("/mnt/photos/a.jpg") == "/mnt/photos"


def test_dimensions_tell_megapixels(qtbot: QtBot) -> None:
    assert formatting.format_dimensions(4000, 3000) == "4000 × 3000 (12 MP)"
    assert formatting.format_dimensions(320, 240) == "320 × 240"


def test_names_of_any_bytes_can_be_shown(qtbot: QtBot) -> None:
    assert formatting.display_name("/photos/caf\udce9.jpg") == "caf\ufffd.jpg"
    assert formatting.display_name("/photos/") == "photos"
    assert formatting.display_name("/photos/a\x1b[31m\n\u202egpj.exe") == r"a\x1b[31m\n\u202egpj.exe"


def test_every_band_has_a_name_of_its_own(qtbot: QtBot) -> None:
    assert len({formatting.band_name(band) for band in SimilarityBand}) == len(SimilarityBand)


def test_names_of_any_model_are_shown_without_what_reorders_or_controls_text() -> None:
    name = "dog\u202egod\x07"
    shown = "dog\\u202egod\\x07"
    assert formatting.format_labels([Label(name, 0.5)]) == f"{shown} 50%"
    assert filter_text.choice_name(Facet.LABELS, name) == shown
    assert filter_text.choice_name(Facet.CAMERAS, name) == shown
    cluster = Cluster(1, (1, 2), ("/a.jpg", "/b.jpg"), name=name)
    title = formatting.cluster_title(cluster)
    assert title == shown
    assert formatting.describe_cluster(cluster).startswith(title)
