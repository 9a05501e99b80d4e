"""Days as people of different countries write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QDate, QLocale
from pytestqt.qtbot import QtBot

from photosim.gui.base import formatting
from photosim.gui.state import filter_text

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
