"""How the window looks in light and in dark, and its line icons; it follows the system."""

from __future__ import annotations

import math
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

# Neutral greys, so that nothing beside a photo tints it; one blue for what is chosen.
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
VIEWER_BACKGROUND, VIEWER_TEXT, VIEWER_MUTED_TEXT = (
    QColor(16, 16, 18),
    QColor(235, 235, 238),
    QColor(160, 160, 166),
)
"""Where photos are looked at closely it is dark in every look, so that nothing outshines them."""

_DISABLED_ALPHA = 110
_GLYPH = 20  # logical pixels of an icon at the most


def follow_system(app: QApplication) -> None:
    """Dress the program as the system is dressed, now and whenever that changes."""
    app.setStyle("Fusion")
    hints = app.styleHints()
    hints.colorSchemeChanged.connect(lambda scheme: apply(app, scheme == Qt.ColorScheme.Dark))
    hints.accessibility().contrastPreferenceChanged.connect(
        lambda _: apply(app, hints.colorScheme() == Qt.ColorScheme.Dark)
    )
    apply(app, hints.colorScheme() == Qt.ColorScheme.Dark)


def apply(app: QApplication, dark: bool) -> None:
    """Give the program its light or its dark look; in high contrast the system's own colours stay."""
    contrast = is_high_contrast()
    app.setPalette(QPalette() if contrast else palette(dark))
    if contrast:
        app.setPalette(_edged(app.palette()))
    app.setStyleSheet(_style_sheet("window") + (_style_sheet("contrast") if contrast else ""))


def palette(dark: bool) -> QPalette:
    """The colours of the light or the dark look."""
    colours = dict(_DARK if dark else _LIGHT)
    made = QPalette()
    for role, value in colours.items():
        made.setColor(role, QColor(value))
    for role, like in (
        (_ROLE.WindowText, _ROLE.Text),
        (_ROLE.ButtonText, _ROLE.Text),
        (_ROLE.Accent, _ROLE.Highlight),
        (_ROLE.LinkVisited, _ROLE.Link),
    ):
        made.setColor(role, QColor(colours[like]))
    for role in (_ROLE.WindowText, _ROLE.Text, _ROLE.ButtonText):
        faded = QColor(colours[_ROLE.Text])
        faded.setAlpha(_DISABLED_ALPHA)
        made.setColor(QPalette.ColorGroup.Disabled, role, faded)
    return made


def _edged(system: QPalette) -> QPalette:
    """The system's colours, with edges in that of text: in high contrast its shades are hardly told from the ground."""
    for role in (_ROLE.Mid, _ROLE.Dark, _ROLE.Shadow):
        system.setColor(role, system.color(_ROLE.WindowText))
    return system


def set_font(widget: QWidget, scale: float = 1.0, *, bold: bool = False) -> None:
    """Set a widget in larger or smaller letters than the person's usual ones."""
    font = widget.font()
    if font.pointSizeF() > 0:
        font.setPointSizeF(font.pointSizeF() * scale)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    widget.setFont(font)


def polish_widgets(window: QWidget) -> None:
    """Work out how everything in a window looks before it is shown, which is then only laid out and painted."""
    window.ensurePolished()
    for widget in window.findChildren(QWidget):
        widget.ensurePolished()


def icon(name: str, colour: QColor | None = None) -> QIcon:
    """A line icon in the colour of text (or another), fainter when disabled."""
    colour = colour or QGuiApplication.palette().color(_ROLE.WindowText)
    faded = QColor(colour)
    faded.setAlpha(_DISABLED_ALPHA)
    icon = QIcon()
    for ratio in {1, 2, math.ceil(_highest_ratio())}:
        size = _GLYPH * ratio
        icon.addPixmap(_glyph_pixmap(name, colour, size))
        icon.addPixmap(_glyph_pixmap(name, faded, size), QIcon.Mode.Disabled)
    return icon


def icon_pixmap(name: str, colour: QColor, edge: int, ratio: float = 1.0) -> QPixmap:
    """A line icon of `edge` logical pixels for a screen with this device pixel ratio."""
    return _glyph_pixmap(name, colour, round(edge * ratio), ratio)


def _glyph_pixmap(name: str, colour: QColor, size: int, ratio: float = 1.0) -> QPixmap:
    """Kept by Qt, which lets its pixmaps go before the application goes."""
    key = f"glyph {name} {colour.rgba():x} {size} {ratio}"
    pixmap = QPixmap()
    if not QPixmapCache.find(key, pixmap):
        pixmap = QPixmap.fromImage(_drawn(name, colour.rgba(), size))
        pixmap.setDevicePixelRatio(ratio)
        QPixmapCache.insert(key, pixmap)
    return pixmap


def _highest_ratio() -> float:
    """Device pixels for a logical one on the densest screen."""
    screens = QGuiApplication.screens()
    return max((screen.devicePixelRatio() for screen in screens), default=1.0)


@lru_cache(maxsize=64)
def _svg(name: str) -> bytes:
    return resource_path("icons", "glyphs", f"{name}.svg").read_bytes()


@lru_cache(maxsize=512)
def _drawn(name: str, rgba: int, size: int) -> QImage:
    colour = QColor.fromRgba(rgba)
    renderer = QSvgRenderer(QByteArray(_svg(name).replace(b"currentColor", colour.name().encode())))
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setOpacity(colour.alphaF())
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return image


def is_high_contrast() -> bool:
    """Whether the system asks for high contrast."""
    hints = QGuiApplication.styleHints()  # what it gives is gone when this is
    return hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast


def _style_sheet(name: str) -> str:
    return resource_path("theme", f"{name}.qss").read_text(encoding="utf-8")
