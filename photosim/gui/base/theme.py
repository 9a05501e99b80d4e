"""The light and dark theme of the window, and its line icons."""

from __future__ import annotations

import math
from enum import StrEnum
from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QIcon,
    QImage,
    QPainter,
    QPalette,
    QPixmap,
    QPixmapCache,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from photosim.paths import resource_path

_ROLE = QPalette.ColorRole

# Neutral grays, so that nothing beside a photo tints it; one blue for selections.
_LIGHT = {
    _ROLE.Window: "#f4f4f3",
    _ROLE.Base: "#ffffff",
    _ROLE.AlternateBase: "#ececea",
    _ROLE.Button: "#ffffff",
    _ROLE.Text: "#1c1c1e",
    _ROLE.PlaceholderText: "#68686d",
    _ROLE.Mid: "#d9d9d6",
    _ROLE.Midlight: "#e4e4e1",
    _ROLE.Light: "#ffffff",
    _ROLE.Dark: "#b4b4b0",
    _ROLE.Shadow: "#8a8a86",
    _ROLE.Highlight: "#1f66e5",
    _ROLE.HighlightedText: "#ffffff",
    _ROLE.Link: "#1a5ad0",
    _ROLE.ToolTipBase: "#ffffff",
    _ROLE.ToolTipText: "#1c1c1e",
    _ROLE.BrightText: "#c2332b",
}
_DARK = {
    _ROLE.Window: "#242427",
    _ROLE.Base: "#1b1b1d",
    _ROLE.AlternateBase: "#2b2b2f",
    _ROLE.Button: "#343438",
    _ROLE.Text: "#ededf0",
    _ROLE.PlaceholderText: "#a2a2a9",
    _ROLE.Mid: "#3b3b40",
    _ROLE.Midlight: "#323237",
    _ROLE.Light: "#4a4a50",
    _ROLE.Dark: "#56565d",
    _ROLE.Shadow: "#7c7c85",
    _ROLE.Highlight: "#3b7bf2",
    _ROLE.HighlightedText: "#ffffff",
    _ROLE.Link: "#7fabff",
    _ROLE.ToolTipBase: "#343438",
    _ROLE.ToolTipText: "#ededf0",
    _ROLE.BrightText: "#ff7b72",
}

# The viewer is dark in every theme, so that nothing outshines the photo.
VIEWER_BACKGROUND = QColor(16, 16, 18)
VIEWER_TEXT = QColor(235, 235, 238)
VIEWER_MUTED_TEXT = QColor(160, 160, 166)

_CHOICE = "theme-choice"
"""Property of the application: the ThemeChoice."""

_DISABLED_ALPHA = 110
_ICON_SIZE = 20  # the largest icon, logical pixels


class ThemeChoice(StrEnum):
    """Which theme the user chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


def follow_system(app: QApplication) -> None:
    """Apply the light or dark theme of the system, now and whenever it changes, until one is chosen."""
    app.setStyle("Fusion")
    hints = app.styleHints()
    hints.colorSchemeChanged.connect(lambda scheme: apply(app, _is_dark(app, scheme)))
    hints.accessibility().contrastPreferenceChanged.connect(
        lambda _: apply(app, _is_dark(app, hints.colorScheme()))
    )
    apply(app, _is_dark(app, hints.colorScheme()))


def choose(app: QApplication, choice: ThemeChoice) -> None:
    """Apply the theme that the user chose, now and whenever that of the system changes."""
    app.setProperty(_CHOICE, str(choice))
    schemes = {ThemeChoice.LIGHT: Qt.ColorScheme.Light, ThemeChoice.DARK: Qt.ColorScheme.Dark}
    # Also what the system draws, such as the title bar.
    app.styleHints().setColorScheme(schemes.get(choice, Qt.ColorScheme.Unknown))
    apply(app, _is_dark(app, app.styleHints().colorScheme()))


def _is_dark(app: QApplication, system: Qt.ColorScheme) -> bool:
    choice = app.property(_CHOICE) or ThemeChoice.SYSTEM
    if choice == ThemeChoice.SYSTEM:
        return system == Qt.ColorScheme.Dark
    return bool(choice == ThemeChoice.DARK)


def apply(app: QApplication, dark: bool) -> None:
    """Apply the light or dark theme; in high contrast the system's own colors stay."""
    high_contrast = is_high_contrast()
    app.setPalette(QPalette() if high_contrast else palette(dark))
    if high_contrast:
        app.setPalette(_with_strong_edges(app.palette()))
    app.setStyleSheet(_style_sheet("window") + (_style_sheet("contrast") if high_contrast else ""))


def palette(dark: bool) -> QPalette:
    """The colors of the light or dark theme."""
    colors = dict(_DARK if dark else _LIGHT)
    result = QPalette()
    for role, value in colors.items():
        result.setColor(role, QColor(value))
    for role, source in (
        (_ROLE.WindowText, _ROLE.Text),
        (_ROLE.ButtonText, _ROLE.Text),
        (_ROLE.Accent, _ROLE.Highlight),
        (_ROLE.LinkVisited, _ROLE.Link),
    ):
        result.setColor(role, QColor(colors[source]))
    for role in (_ROLE.WindowText, _ROLE.Text, _ROLE.ButtonText):
        faded = QColor(colors[_ROLE.Text])
        faded.setAlpha(_DISABLED_ALPHA)
        result.setColor(QPalette.ColorGroup.Disabled, role, faded)
    return result


def _with_strong_edges(system_palette: QPalette) -> QPalette:
    """Color edges like text: in high contrast the shades of the system can hardly be told from the background."""
    for role in (_ROLE.Mid, _ROLE.Dark, _ROLE.Shadow):
        system_palette.setColor(role, system_palette.color(_ROLE.WindowText))
    return system_palette


def set_font(widget: QWidget, scale: float = 1.0, *, bold: bool = False) -> None:
    """Scale the font of a widget relative to the default size."""
    font = widget.font()
    if font.pointSizeF() > 0:
        font.setPointSizeF(font.pointSizeF() * scale)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    widget.setFont(font)


def polish_widgets(window: QWidget) -> None:
    """Compute the styles of all widgets before the window is shown, so that it only has to be laid out and painted."""
    window.ensurePolished()
    for widget in window.findChildren(QWidget):
        widget.ensurePolished()


def icon(name: str, color: QColor | None = None) -> QIcon:
    """A line icon in the color of text, or another, fainter when disabled."""
    color = color or QGuiApplication.palette().color(_ROLE.WindowText)
    faded = QColor(color)
    faded.setAlpha(_DISABLED_ALPHA)
    icon = QIcon()
    for ratio in {1, 2, math.ceil(_highest_ratio())}:
        size = _ICON_SIZE * ratio
        icon.addPixmap(_cached_pixmap(name, color, size))
        icon.addPixmap(_cached_pixmap(name, faded, size), QIcon.Mode.Disabled)
    return icon


def icon_pixmap(name: str, color: QColor, edge: int, ratio: float = 1.0) -> QPixmap:
    """A line icon of `edge` logical pixels for a screen with this device pixel ratio."""
    return _cached_pixmap(name, color, round(edge * ratio), ratio)


def _cached_pixmap(name: str, color: QColor, size: int, ratio: float = 1.0) -> QPixmap:
    """From the cache of Qt, which frees its pixmaps before the application ends."""
    key = f"icon {name} {color.rgba():x} {size} {ratio}"
    pixmap = QPixmap()
    if not QPixmapCache.find(key, pixmap):
        pixmap = QPixmap.fromImage(_render(name, color.rgba(), size))
        pixmap.setDevicePixelRatio(ratio)
        QPixmapCache.insert(key, pixmap)
    return pixmap


def _highest_ratio() -> float:
    """The highest device pixel ratio of all screens."""
    screens = QGuiApplication.screens()
    return max((screen.devicePixelRatio() for screen in screens), default=1.0)


@lru_cache(maxsize=64)
def _svg(name: str) -> bytes:
    return resource_path("icons", "glyphs", f"{name}.svg").read_bytes()


@lru_cache(maxsize=512)
def _render(name: str, rgba: int, size: int) -> QImage:
    color = QColor.fromRgba(rgba)
    renderer = QSvgRenderer(QByteArray(_svg(name).replace(b"currentColor", color.name().encode())))
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setOpacity(color.alphaF())
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return image


def is_high_contrast() -> bool:
    """Whether the system uses high contrast."""
    hints = QGuiApplication.styleHints()  # keep it referenced: accessibility() belongs to it
    return hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast


def _style_sheet(name: str) -> str:
    return resource_path("theme", f"{name}.qss").read_text(encoding="utf-8")
