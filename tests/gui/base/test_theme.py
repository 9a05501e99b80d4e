"""How the window looks: light, dark, and as the system has it where it asks for high contrast."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from photosim.gui.base import theme
from photosim.gui.base.theme import ThemeChoice
from photosim.paths import resource_path

Role = QPalette.ColorRole


@pytest.fixture
def dressed_again(qapp: QApplication) -> Iterator[QApplication]:
    yield qapp
    theme.apply(qapp, dark=False)


def contrast(one: QColor, other: QColor) -> float:
    """The ratio of WCAG 2: 1 for none, 21 for black on white."""

    def light(color: QColor) -> float:
        parts = (color.redF(), color.greenF(), color.blueF())
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    brighter, darker = sorted((light(one), light(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_read_on_every_ground(dark: bool) -> None:
    palette = theme.palette(dark)
    texts = Role.Text, Role.WindowText, Role.ButtonText, Role.PlaceholderText, Role.Link
    grounds = Role.Window, Role.Base, Role.AlternateBase, Role.Button
    for text, ground in product(texts, grounds):
        assert contrast(palette.color(text), palette.color(ground)) >= 4.5, (text, ground)
    assert contrast(palette.color(Role.HighlightedText), palette.color(Role.Highlight)) >= 3.8


@pytest.mark.parametrize("dark", [False, True])
def test_what_has_the_focus_is_seen(dark: bool) -> None:
    palette = theme.palette(dark)
    for ground in (Role.Window, Role.Base, Role.Button):
        assert contrast(palette.color(Role.Highlight), palette.color(ground)) >= 3, ground


def test_the_viewer_s_words_can_be_read() -> None:
    assert contrast(theme.VIEWER_TEXT, theme.VIEWER_BACKGROUND) >= 7
    assert contrast(theme.VIEWER_MUTED_TEXT, theme.VIEWER_BACKGROUND) >= 4.5


def test_in_high_contrast_the_system_s_colors_stay_and_edges_are_drawn(
    dressed_again: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theme, "is_high_contrast", lambda: True)
    theme.apply(dressed_again, dark=True)
    assert dressed_again.palette().color(Role.Window) != theme.palette(True).color(Role.Window)
    assert "QToolButton:focus { border: 2px solid palette(highlight)" in dressed_again.styleSheet()
    for edge in (Role.Mid, Role.Dark, Role.Shadow):
        assert dressed_again.palette().color(edge) == dressed_again.palette().color(Role.WindowText)
    monkeypatch.undo()
    theme.apply(dressed_again, dark=True)
    assert dressed_again.palette().color(Role.Window) == theme.palette(True).color(Role.Window)
    assert "2px solid palette(highlight)" not in dressed_again.styleSheet()


@pytest.mark.parametrize("asked", [False, True])
def test_a_control_looks_different_when_it_has_the_focus(
    qtbot: QtBot, dressed_again: QApplication, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    monkeypatch.setattr(theme, "is_high_contrast", lambda: asked)
    theme.apply(dressed_again, dark=False)
    window = QWidget()
    qtbot.addWidget(window)
    row = QHBoxLayout(window)
    controls = [kind("Show", window) for kind in (QPushButton, QPushButton, QPushButton)]
    controls[1].setObjectName("primary")
    controls[2].setObjectName("link")
    for control in (*controls, tool := QToolButton(window)):
        row.addWidget(control)
    tool.setText("Show")
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    for control in (*controls, tool):
        (controls[0] if control is tool else tool).setFocus()
        before = control.grab().toImage()
        control.setFocus()
        assert control.hasFocus()
        assert control.grab().toImage() != before, control.objectName()


@pytest.mark.parametrize("dark", [False, True])
def test_texts_and_highlights_can_be_read_in_light_and_dark(dark: bool) -> None:
    roles, palette = QPalette.ColorRole, theme.palette(dark)
    for ink in (roles.Text, roles.PlaceholderText, roles.Link, roles.WindowText):
        for ground in (roles.Window, roles.Base, roles.Button):
            assert contrast(palette.color(ink), palette.color(ground)) >= 4.5
    assert contrast(palette.color(roles.HighlightedText), palette.color(roles.Highlight)) >= 3.9
    assert contrast(palette.color(roles.Highlight), palette.color(roles.Base)) >= 3


def test_light_and_dark_follow_the_system(qapp: QApplication) -> None:
    for scheme, dark in ((Qt.ColorScheme.Dark, True), (Qt.ColorScheme.Light, False)):
        qapp.styleHints().colorSchemeChanged.emit(scheme)
        window = qapp.palette().color(QPalette.ColorRole.Window)
        assert window == theme.palette(dark).color(QPalette.ColorRole.Window)


def test_every_icon_can_be_drawn(qtbot: QtBot) -> None:
    for path in resource_path("icons", "glyphs").glob("*.svg"):
        for ratio in (1.0, 2.0):
            image = theme.icon_pixmap(path.stem, QColor("red"), 20, ratio).toImage()
            assert any(
                image.pixelColor(x, y).red() for x in range(image.width()) for y in range(image.height())
            )
        assert not theme.icon(path.stem).isNull()


def test_a_chosen_theme_stays_whatever_the_system_does(dressed_again: QApplication) -> None:
    def is_dark() -> bool:
        return dressed_again.palette().color(Role.Window) == theme.palette(dark=True).color(Role.Window)

    system = dressed_again.styleHints().colorScheme()
    try:
        theme.choose(dressed_again, ThemeChoice.DARK)
        assert is_dark()
        dressed_again.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
        assert is_dark()
        theme.choose(dressed_again, ThemeChoice.LIGHT)
        assert not is_dark()
    finally:
        theme.choose(dressed_again, ThemeChoice.SYSTEM)
    assert is_dark() is (system is Qt.ColorScheme.Dark)
