"""Words, empty places, drops, looks, remembered settings, and moving between places."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt, QUrl
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QMainWindow, QSplitter
from pytestqt.qtbot import QtBot

from photosim.gui.base import formatting, theme
from photosim.gui.services import external
from photosim.gui.services.window_state import FILE_NAME, WindowState
from photosim.gui.state.empty_text import EmptyAction, LibrarySummary, empty_message
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.ordering import DEFAULT_TILE_EDGE, MAX_TILE_EDGE, SortOrder
from photosim.gui.state.places import Overview, Place, Query, View
from photosim.ml.closeness import BAND_THRESHOLDS, SimilarityBand
from photosim.records import Source
from tests.support.photo_records import make_cluster, make_photo_record, make_photo_records

# --- words ---------------------------------------------------------------------------------------------------


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
    assert formatting.format_dimensions(4000, 3000) == "4000 × 3000 (12 megapixels)"
    assert formatting.format_dimensions(320, 240) == "320 × 240"


def test_names_of_any_bytes_can_be_shown(qtbot: QtBot) -> None:
    assert formatting.display_name("/photos/caf\udce9.jpg") == "caf\ufffd.jpg"
    assert formatting.display_name("/photos/") == "photos"


@pytest.mark.parametrize("closest", list(SimilarityBand))
def test_the_slider_s_reach_is_told_in_words(qtbot: QtBot, closest: SimilarityBand) -> None:
    assert formatting.threshold_name(BAND_THRESHOLDS[closest])
    assert formatting.band_name(closest)


# --- empty places --------------------------------------------------------------------------------------------

_JUST_TOLD = (View.UNREADABLE, View.HIDDEN, View.UNGROUPED)
FULL = Overview((Source("/photos", 0, True),), unreadable=2)


@pytest.mark.parametrize("view", list(View))
@pytest.mark.parametrize(
    "situation", [LibrarySummary(), LibrarySummary(FULL), LibrarySummary(FULL, indexing=True)]
)
def test_every_empty_place_says_what_it_is_and_what_to_do(view: View, situation: LibrarySummary) -> None:
    state = empty_message(view, situation)
    assert state.title
    assert state.text
    told_or_offered = bool(state.buttons) or situation.indexing or view in _JUST_TOLD
    assert told_or_offered


def test_only_an_empty_library_is_a_drop_zone() -> None:
    assert empty_message(View.ALL, LibrarySummary()).is_drop_area
    assert not empty_message(View.ALL, LibrarySummary(FULL)).is_drop_area
    assert (empty_message(View.ALL, LibrarySummary(FULL)).buttons[0])[1] is EmptyAction.SHOW_UNREADABLE


# --- looks ---------------------------------------------------------------------------------------------------


def contrast(one: QColor, other: QColor) -> float:
    """The contrast ratio of two colours as WCAG 2 defines it."""

    def luminance(colour: QColor) -> float:
        parts = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.getRgbF()
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_read_on_every_ground(dark: bool) -> None:
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
    from photosim.paths import resource_path

    for path in resource_path("icons", "glyphs").glob("*.svg"):
        for ratio in (1.0, 2.0):
            image = theme.icon_pixmap(path.stem, QColor("red"), 20, ratio).toImage()
            assert any(
                image.pixelColor(x, y).red() for x in range(image.width()) for y in range(image.height())
            )
        assert not theme.icon(path.stem).isNull()


# --- remembered settings -------------------------------------------------------------------------------------


def test_settings_come_back_and_damaged_ones_take_their_usual_value(qtbot: QtBot, tmp_path: Path) -> None:
    state, window = WindowState(tmp_path), QMainWindow()
    qtbot.addWidget(window)
    splitter = QSplitter(window)
    assert (state.tile_edge, state.order, state.square) == (DEFAULT_TILE_EDGE, SortOrder.DATE, True)
    assert not state.restore_window(window)
    state.tile_edge, state.order, state.threshold, state.square, state.detail_panel = (
        200,
        SortOrder.NAME,
        0.8,
        False,
        False,
    )
    state.save_window(window, panels=splitter)
    again = WindowState(tmp_path)
    assert (again.tile_edge, again.order, again.threshold) == (200, SortOrder.NAME, 0.8)
    assert (again.square, again.detail_panel) == (False, False)
    assert again.restore_window(window)
    assert again.restore_splitter("panels", splitter)
    settings = QSettings(str(tmp_path / FILE_NAME), QSettings.Format.IniFormat)
    for key in ("view/thumbnail", "view/order", "view/threshold", "window/geometry"):
        settings.setValue(key, "rubbish")
    settings.sync()
    damaged = WindowState(tmp_path)
    assert (damaged.tile_edge, damaged.order) == (DEFAULT_TILE_EDGE, SortOrder.DATE)
    assert damaged.threshold == BAND_THRESHOLDS[SimilarityBand.SIMILAR]
    assert not damaged.restore_window(window)
    settings.setValue("view/thumbnail", 99999)
    settings.sync()
    assert WindowState(tmp_path).tile_edge == MAX_TILE_EDGE


# --- places --------------------------------------------------------------------------------------------------


def test_titles_tell_where_one_is(qtbot: QtBot) -> None:
    navigator = Navigator()
    photo = make_photo_record(1, "sea.jpg")
    cluster = make_cluster(4, make_photo_records(3))
    seen = []
    for place in (
        Place(),
        Place(View.FOLDER, folder="/photos/summer"),
        Place(View.CLUSTERS),
        Place(View.CLUSTER, cluster=cluster),
        Place(View.SIMILAR, search=Query.of_photos(photo)),
        Place(View.UNREADABLE),
    ):
        navigator.go(place)
        seen.append(navigator.title())
    assert seen == [
        ("All photos", ""),
        ("summer", ""),
        ("Clusters", ""),
        ("Cluster 4", "Clusters"),
        ("Like sea.jpg", ""),
        ("Unreadable files", ""),
    ]


def test_the_photo_in_question_stays_from_view_to_view(qtbot: QtBot) -> None:
    navigator, photo = Navigator(), make_photo_record(1)
    navigator.select(photo, by_keyboard=False)
    navigator.go(Place(View.CLUSTERS))
    assert navigator.current.selected == Query.of_photos(photo)
    navigator.clear_selection()
    assert navigator.current == Place(View.CLUSTERS)


# --- files ---------------------------------------------------------------------------------------------------


def test_copied_files_are_files_and_their_paths_text(qtbot: QtBot, tmp_path: Path) -> None:
    paths = [str(tmp_path / "a.jpg"), str(tmp_path / "b c.jpg")]
    external.copy_files(paths)
    data = QApplication.clipboard().mimeData()
    assert data.text().splitlines() == paths
    assert [url.toLocalFile() for url in data.urls()] == paths


def test_a_folder_opens_and_a_file_is_shown_in_it(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    class Desktop:
        @staticmethod
        def openUrl(  # noqa: N802
            url: QUrl,
        ) -> bool:
            opened.append(url.toLocalFile())
            return True

    monkeypatch.setattr(external, "QDesktopServices", Desktop)
    monkeypatch.setattr(external, "_show_over_dbus", lambda _: False)
    monkeypatch.setattr(external.sys, "platform", "linux")
    (tmp_path / "a.jpg").write_bytes(b"")
    assert external.show_in_folder(str(tmp_path / "a.jpg"))
    assert external.show_in_folder(str(tmp_path))
    assert opened == [str(tmp_path), str(tmp_path)]
