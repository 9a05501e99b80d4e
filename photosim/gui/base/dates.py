"""Days in the order and the language of the person, always with the whole year."""

from __future__ import annotations

import re

from PySide6.QtCore import QDate, QLocale

_PLAIN, _ISO = "d MMMM yyyy", "yyyy-MM-dd"
_WEEKDAY = re.compile(r"[\s,،]*dddd(?:'[^']*')?[\s,،]*")
_YEAR = re.compile(r"(?<!y)yy(?!y)")


def written_out(day: QDate) -> str:
    """A day with the name of its month: 16 August 2022."""
    locale = QLocale()
    text = _WEEKDAY.sub(" ", locale.dateFormat(QLocale.FormatType.LongFormat)).strip()
    return locale.toString(day, text if all(part in text for part in "dMy") else _PLAIN)


def short(day: QDate) -> str:
    """A day in numbers."""
    return QLocale().toString(day, short_format())


def short_format() -> str:
    """How the person's country writes a day in numbers; where no country is known, as ISO 8601 does."""
    locale = QLocale()
    if locale.language() == QLocale.Language.C:
        return _ISO
    return _YEAR.sub("yyyy", locale.dateFormat(QLocale.FormatType.ShortFormat))
