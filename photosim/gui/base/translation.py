"""Translates the texts of the window: extracted by pyside6-lupdate, with plurals by Qt's %n.

A plain function and not QObject.tr(), because PySide6 looks that up under the class of the object, while lupdate files
it under the class in which it is written: texts of a base class would not be found.
"""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from photosim.paths import resource_path

_ENDING = re.compile(r"\((e?s)\)")
_EITHER = re.compile(r"\(([^()|]*)\|([^()|]*)\)")


def tr(text: str, disambiguation: str = "", n: int = -1) -> str:
    """Translate a text into the language of the window.

    With a count `n`, `%Ln` becomes the number with the separators of the locale, and the source text holds both
    English forms: `tr("%Ln photo(s) (is|are) missing", "", n)`. Placeholders such as `{name}` are left for
    `str.format`. Pass the texts as literals, or lupdate does not see them.
    """
    translated = QCoreApplication.translate("", text, disambiguation, n)
    return _english(translated, singular=n == 1) if n >= 0 else translated


def install_translator(app: QCoreApplication) -> None:
    """Load the translation of the user's language from `resources/translations`, if there is one."""
    translator = QTranslator(app)
    if translator.load(QLocale(), "photosim", "_", str(resource_path("translations"))):
        app.installTranslator(translator)


def _english(text: str, *, singular: bool) -> str:
    """Choose among the forms in an untranslated text; a translated one has none."""
    text = _ENDING.sub("" if singular else r"\1", text)
    return _EITHER.sub(r"\1" if singular else r"\2", text)
